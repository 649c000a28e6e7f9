/**
 * TLS at the door as a scanner sees it (what testssl.sh asks, asked with openssl s_client): versions, ciphers, order,
 * renegotiation, compression, tickets, names, client certificates; and certificates that are wrong, at perq check, at
 * start and at reload.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, readFileSync } from "node:fs";
import { block, ellipticKey, freePort, hear, open, put, root, say, user, workshop } from "./perqd.ts";
import * as sys from "#platform/sys.ts";

const hasOpenssl = Bun.which("openssl") !== null;
if (!hasOpenssl) console.warn("SKIPPED: TLS at the door: openssl is not here");

const { directory, start } = workshop("tls");
const at = (name: string) => `${directory}/${name}`;

function openssl(words: string[], input = ""): { text: string; status: number } {
  const done = Bun.spawnSync(["openssl", ...words], {
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    timeout: 20_000,
  });
  return { text: done.stdout.toString("latin1") + done.stderr.toString("latin1"), status: done.exitCode ?? -1 };
}

function must(words: string[]): void {
  const { text, status } = openssl(words);
  if (status !== 0) throw new Error(`openssl ${words.join(" ")}: ${text}`);
}

/** A certificate of the authority, under that subject. */
function issue(name: string, subject: string, more: string[] = [], key: string[] = ellipticKey): void {
  must(["req", ...key, "-utf8", "-subj", subject, "-keyout", at(`${name}.key`), "-out", at(`${name}.csr`)]);
  const ca = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"];
  must([
    "x509",
    "-req",
    "-in",
    at(`${name}.csr`),
    ...ca,
    ...(more.length > 0 ? more : ["-days", "30"]),
    "-out",
    at(`${name}.pem`),
  ]);
}

/** One of its own name: the liar calls itself as the true one does. */
function authority(name: string): void {
  const subject = ["-days", "30", "-subj", "/CN=perq test CA"];
  must(["req", "-x509", ...ellipticKey, ...subject, "-keyout", at(`${name}.key`), "-out", at(`${name}.pem`)]);
}

beforeAll(() => {
  if (!hasOpenssl) return;
  authority("ca");
  authority("liar");
  issue("server", "/CN=localhost");
  issue("rsa", "/CN=localhost", [], ["-newkey", "rsa:2048", "-nodes"]);
  issue("weak", "/CN=localhost", [], ["-newkey", "rsa:1024", "-nodes"]);
  issue("client", "/CN=the client/O=Traders");
  issue("slash", "/CN=eve\\/O=Admins,CN=root\n\u001b[31m/O=Visitors");
  issue(
    "long",
    `/CN=${"n".repeat(60)}${Array.from({ length: 12 }, (_, index) => `/OU=${index}${"x".repeat(60)}`).join("")}`,
  );
  issue("expired", "/CN=localhost", ["-days", "-1"]);
  must([
    "req",
    ...ellipticKey.slice(0, 4),
    "-passout",
    "pass:secret",
    "-subj",
    "/CN=x",
    "-keyout",
    at("locked.key"),
    "-out",
    at("locked.csr"),
  ]);
  must([
    "req",
    "-x509",
    ...ellipticKey,
    "-days",
    "30",
    "-subj",
    "/CN=client",
    "-keyout",
    at("stranger.key"),
    "-out",
    at("stranger.pem"),
  ]);
}, 120_000);

const tls = (name = "server", more: string[] = []) => [
  `user = ${user}`,
  "server = /bin/cat",
  "tls = yes",
  `tls_certificate = ${at(`${name}.pem`)}`,
  `tls_key = ${at(`${name}.key`)}`,
  ...more,
];

/** openssl s_client's account of a handshake, ended at once. */
const client = (port: number, words: string[] = [], input = "Q\n") =>
  openssl(["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", at("ca.pem"), ...words], input).text;
const succeeded = (text: string) => /New, TLSv|Reused, TLSv/.test(text);
const cipherOf = (text: string) => /Cipher is (\S+)/.exec(text)?.[1];

/** What one service's server says to a client with these words. */
async function environmentSeen(port: number, words: string[]): Promise<string> {
  const done = Bun.spawn(["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet", "-no_ign_eof", ...words], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const text = await new Response(done.stdout).text(); // until the server ends
  done.kill();
  return text;
}

describe.skipIf(!hasOpenssl)("what is spoken", () => {
  test("TLS 1.2 and 1.3, and nothing older", async () => {
    const port = freePort();
    await start(block("tls", port, tls()));
    for (const version of ["-tls1_2", "-tls1_3"])
      expect([version, succeeded(client(port, [version]))]).toEqual([version, true]);
    for (const version of ["-tls1", "-tls1_1", "-ssl3"]) {
      const text = client(port, [version, "-cipher", "ALL:@SECLEVEL=0"]);
      expect([version, succeeded(text)]).toEqual([version, false]);
    }
  });

  for (const kind of ["server", "rsa"]) {
    test(`of TLS 1.2 only forward secrecy with authenticated encryption (${kind === "rsa" ? "RSA" : "EC"} key)`, async () => {
      const port = freePort();
      await start(block("tls", port, tls(kind)));
      const all = openssl(["ciphers", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]).text.trim().split(":");
      const spoken = all.filter((one) => succeeded(client(port, ["-tls1_2", "-cipher", `${one}:@SECLEVEL=0`])));
      expect(spoken.length).toBeGreaterThan(2);
      expect(
        spoken.filter((one) => !/^ECDHE-(RSA|ECDSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)$/.test(one)),
      ).toEqual([]);
      expect(/^ECDHE-RSA/.test(spoken[0])).toBe(kind === "rsa");
    }, 120_000);
  }

  test("the server's order counts, but ChaCha for whom it is first; the key exchange is an elliptic curve's", async () => {
    const port = freePort();
    await start(block("tls", port, tls()));
    const pick = (list: string) => cipherOf(client(port, ["-tls1_2", "-cipher", list]));
    const [strong, fast] = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"];
    expect(pick(`${strong}:${fast}`)).toBe(pick(`${fast}:${strong}`));
    expect(pick(`ECDHE-ECDSA-CHACHA20-POLY1305:${strong}`)).toBe("ECDHE-ECDSA-CHACHA20-POLY1305");
    expect(client(port, ["-tls1_3"])).toMatch(/Server Temp Key: X25519|Negotiated TLS1.3 group: X25519/);
    expect(client(port, ["-tls1_2"])).toMatch(/Server Temp Key: (X25519|ECDH)/);
  });

  test("no compression, secure renegotiation only in name, no ALPN, no SHA-1 or 1024-bit key", async () => {
    const port = freePort();
    const perqd = await start(block("tls", port, tls()));
    const text = client(port, ["-tls1_2", "-comp", "-alpn", "h2,http/1.1"]);
    expect(text).toContain("Compression: NONE");
    expect(text).toContain("Secure Renegotiation IS supported");
    expect(text).toContain("No ALPN negotiated");
    // "R" asks for a renegotiation: the server says no, and nothing is served after it
    const asked = client(port, ["-tls1_2"], "R\nhello\n");
    expect(asked).toMatch(/no renegotiation|RENEGOTIATING/i);
    expect(asked).not.toMatch(/^hello$/m);
    expect(succeeded(client(port, ["-tls1_2", "-sigalgs", "RSA+SHA1:ECDSA+SHA1", "-cipher", "ALL:@SECLEVEL=0"]))).toBe(
      false,
    );
    expect(await perqd.reload(block("tls", port, tls("weak")))).toBe(false);
    await perqd.logs(/key too small/);
  });

  test("noise, floods and half handshakes end, and cost no process", async () => {
    const port = freePort();
    const perqd = await start(
      block("tls", port, tls("server", [`log_type = FILE ${at("noise.log")}`, "log_on_failure = HOST"])),
    );
    for (const words of [
      "GET / HTTP/1.0\r\n\r\n",
      "\x16\x03\x01\xff\xff",
      "\x80\x2e\x01\x03\x01",
      "\0".repeat(70_000),
    ]) {
      const fd = open(port);
      say(fd, Buffer.from(words, "latin1"));
      sys.shutdown(fd, sys.SHUT_WR);
      hear(fd);
      sys.close(fd);
    }
    await perqd.until(
      "four failures",
      () => (readFileSync(at("noise.log"), "utf8").match(/FAIL: tls tls from=127.0.0.1/g) ?? []).length === 4,
    );
    expect(perqd.status().services[0].refused).toEqual({ tls: 4 });
    expect(succeeded(client(port))).toBe(true);
  });
});

describe.skipIf(!hasOpenssl)("who the client is", () => {
  const shows = (name: string) => ["-cert", at(`${name}.pem`), "-key", at(`${name}.key`)];
  const seen = [`user = ${user}`, "server = /bin/cat", "server_args = /proc/self/environ", "tls = yes"];
  const config = (port: number, verify: string) =>
    block("tls", port, [
      ...seen,
      `tls_certificate = ${at("server.pem")}`,
      `tls_key = ${at("server.key")}`,
      `tls_ca = ${at("ca.pem")}`,
      `tls_client = ${verify}`,
    ]);

  test("no, optional, required: none, a good one, a stranger's, an expired one, a namesake authority's", async () => {
    const port = freePort();
    const perqd = await start(config(port, "no"));
    issue2();
    const outcome = async (words: string[]) => {
      const text = await environmentSeen(port, words);
      return /SSL_CLIENT_VERIFY=(\w+)/.exec(text)?.[1] ?? "refused";
    };
    const table: Record<string, string[]> = {
      no: ["NONE", "NONE", "NONE", "NONE"],
      optional: ["NONE", "SUCCESS", "refused", "refused"],
      required: ["refused", "SUCCESS", "refused", "refused"],
    };
    for (const [verify, expected] of Object.entries(table)) {
      expect(await perqd.reload(config(port, verify))).toBe(true);
      const got = [];
      for (const words of [[], shows("client"), shows("stranger"), shows("forged")]) got.push(await outcome(words));
      expect([verify, got]).toEqual([verify, expected]);
    }
    expect(await outcome(shows("expired"))).toBe("refused");
  }, 60_000);

  /** By an authority of the same name as ours. */
  function issue2(): void {
    const ca = ["-CA", at("liar.pem"), "-CAkey", at("liar.key"), "-CAcreateserial"];
    must(["x509", "-req", "-in", at("client.csr"), ...ca, "-days", "3", "-out", at("forged.pem")]);
    copyFileSync(at("client.key"), at("forged.key"));
  }

  test("the subject reaches the server unambiguously: no name can look like another, a long one is refused", async () => {
    const port = freePort();
    const perqd = await start(config(port, "optional"));
    const subject = async (name: string) =>
      /SSL_CLIENT_S_DN=([^\0]*)/.exec(await environmentSeen(port, shows(name)))?.[1];
    expect(await subject("client")).toBe("O=Traders,CN=the client");
    expect(await subject("slash")).toBe("O=Visitors,CN=eve/O=Admins\\,CN=root\\0A\\1B[31m");
    expect(await subject("long")).toBeUndefined();
    await perqd.logs(/the subject of the client's certificate is too long/);
    expect(await environmentSeen(port, ["-servername", `x${"y".repeat(60)}\u001b[31m.test`])).not.toContain("\u001b");
  });
});

describe.skipIf(!hasOpenssl)("certificates that change", () => {
  /** Reads the certificate file that a client is shown. */
  const shownSerial = (port: number) => {
    const pem = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(client(port))?.[0] ?? "";
    return openssl(["x509", "-noout", "-serial"], pem).text.trim();
  };
  const serialOf = (name: string) => openssl(["x509", "-noout", "-serial", "-in", at(`${name}.pem`)]).text.trim();

  test("HUP takes a new one; one that is broken, does not fit or has expired leaves the old one at work", async () => {
    const port = freePort();
    const install = (certificate: string, key = certificate) => {
      copyFileSync(at(`${certificate}.pem`), at("live.pem"));
      copyFileSync(at(`${key}.key`), at("live.key"));
    };
    install("server");
    const perqd = await start(block("tls", port, tls("live")));
    // before anybody has come, and without HUP: what was read at start counts
    install("rsa", "client");
    expect(shownSerial(port)).toBe(serialOf("server"));
    const again = () => perqd.reload(readFileSync(perqd.config, "utf8"));
    expect(await again()).toBe(false);
    await perqd.logs(/key \S+ does not fit|mismatch/i);
    put(directory, "live.pem", "no certificate\n");
    expect(await again()).toBe(false);
    install("expired");
    expect(await again()).toBe(false);
    await perqd.logs(/the new certificate has expired, the old one has not/);
    copyFileSync(at("locked.key"), at("live.key"));
    expect(await again()).toBe(false); // and nobody is asked for a passphrase
    expect(shownSerial(port)).toBe(serialOf("server"));
    install("rsa");
    expect(await again()).toBe(true);
    expect(shownSerial(port)).toBe(serialOf("rsa"));
  }, 60_000);

  test("tickets: sessions are resumed, and after a reload by a new handshake", async () => {
    const port = freePort();
    const perqd = await start(block("tls", port, tls()));
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const ticket = at(`ticket${version}`);
      const first = await conversation(port, [version, "-sess_out", ticket]);
      expect(first).toMatch(/New, TLSv/);
      expect(await conversation(port, [version, "-sess_in", ticket])).toMatch(/Reused, TLSv/);
      expect(await perqd.reload(block("tls", port, tls()))).toBe(true);
      expect(await conversation(port, [version, "-sess_in", ticket])).toMatch(/New, TLSv/);
    }
  });

  test("a session survives the reload that takes its certificate away", async () => {
    const port = freePort();
    const perqd = await start(block("tls", port, tls()));
    const words = ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet", "-no_ign_eof"];
    const session = Bun.spawn(words, { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
    const reader = session.stdout.getReader();
    const echo = async (word: string) => {
      session.stdin.write(`${word}\n`);
      await session.stdin.flush();
      return Buffer.from((await reader.read()).value ?? []).toString();
    };
    expect(await echo("one")).toBe("one\n");
    expect(await perqd.reload(block("tls", port, tls("rsa")))).toBe(true);
    expect(await echo("two")).toBe("two\n");
    session.kill();
    await session.exited;
  });

  /** A TLS 1.3 ticket comes after the handshake: the client stays until the server has answered. */
  async function conversation(port: number, words: string[]): Promise<string> {
    const all = ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-no_ign_eof", ...words];
    const done = Bun.spawn(all, { stdin: "pipe", stdout: "pipe", stderr: "ignore" });
    done.stdin.write("hello there\n");
    await done.stdin.flush();
    let text = "";
    for await (const chunk of done.stdout) {
      text += Buffer.from(chunk).toString("latin1");
      if (text.includes("hello there")) {
        done.stdin.write("Q\n");
        await done.stdin.end();
      }
    }
    await done.exited;
    return text;
  }
});

describe.skipIf(!hasOpenssl)("perq check", () => {
  function check(lines: string[]): { status: number; text: string } {
    const file = put(directory, "check.conf", block("tls", 20199, lines));
    const done = Bun.spawnSync([process.execPath, `${root}/src/cli/perq.ts`, "check", file], {
      stdout: "pipe",
      stderr: "pipe",
      timeout: 30_000,
    });
    return { status: done.exitCode ?? -1, text: done.stdout.toString() + done.stderr.toString() };
  }

  test("a key that does not fit, is locked, or is not there is an error with its place", () => {
    for (const [key, words] of [
      ["client", /mismatch/i],
      ["locked", /locked\.key: /],
      ["absent", /No such file/i],
    ] as const) {
      const { status, text } = check([...tls().slice(0, 4), `tls_key = ${at(`${key}.key`)}`]);
      expect([key, status]).toEqual([key, 1]);
      expect(text).toMatch(/check\.conf:1\d:\d+: error: tls: .*DISABLING/);
      expect(text).toMatch(words);
    }
  });

  test("a certificate that has expired, a key that others may read or write, and one of the service's user are warned of", () => {
    chmodSync(at("server.key"), 0o600);
    const good = check(tls());
    expect(good.text).not.toMatch(/warning: tls|tls_key/);
    expect(good.status).toBe(0);
    expect(check(tls("expired")).text).toMatch(/warning: tls_certificate \S+ has expired/);
    for (const [mode, words] of [
      [0o644, "can be read by everybody"],
      [0o620, "can be written by others"],
      [0o666, "can be written by others"],
    ] as const) {
      chmodSync(at("server.key"), mode);
      const { status, text } = check(tls());
      expect([status, text]).toEqual([0, expect.stringContaining(words)]);
      expect(text).toContain(`chmod 600 ${at("server.key")}`);
    }
    chmodSync(at("server.key"), 0o600);
    expect(check([...tls(), "env = LD_PRELOAD=/x.so"]).text).toContain("env: LD_PRELOAD changes what the server runs");
  });
});
