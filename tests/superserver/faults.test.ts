/**
 * What goes wrong around perqd: no descriptor, no process, no disk, servers that fall over, clients that do not behave, its
 * own death. No service dies of it, nobody who was accepted is forgotten, and nothing spins. And where a server's
 * standard error goes, which is the same question: what a client gets to see when something goes wrong.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connectTo, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { TlsConnection, TlsContext } from "#platform/tls.ts";
import { ask, block, freePort, hear, isRoot, open, put, say, user, workshop } from "./perqd.ts";

setDefaultTimeout(120_000);
const { directory, make, start } = workshop("faults");

const descriptors = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const children = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);
/** Of the process alone: user and system time in milliseconds. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
const pssKb = (pid: number) =>
  Number(/^Pss:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1]);
const count = (text: string, words: string | RegExp) => text.split(words).length - 1;
const cat = [`user = ${user}`, "server = /bin/cat", "cps = 0 0"];
const script = (name: string, text: string) => [
  `user = ${user}`,
  "server = /bin/sh",
  `server_args = ${put(directory, name, text)}`,
  "cps = 0 0",
];
const internal = (name: string, port: number) =>
  block(name, port, ["cps = 0 0"]).replace("type = UNLISTED", "type = INTERNAL UNLISTED");

function limit(pid: number, resource: number, soft: number): void {
  const hard = new BigUint64Array(2);
  sys.prlimit(pid, resource, null, hard);
  expect(sys.prlimit(pid, resource, new BigUint64Array([BigInt(soft), hard[1]]), null)).toBe(0);
}

/** Closes with a reset. */
function slam(fd: number): void {
  sys.setSocketOptionBytes(fd, sys.SOL_SOCKET, sys.SO_LINGER, new Int32Array([1, 0]));
  sys.close(fd);
}

/** How much of its processor perqd used while a while passed: a part of 1. */
async function busy(pid: number, ms = 1500): Promise<number> {
  const [before, at] = [cpuMs(pid), performance.now()];
  await Bun.sleep(ms);
  return (cpuMs(pid) - before) / (performance.now() - at);
}

const certificate = `${directory}/cert.pem`;
const hasOpenssl = Bun.which("openssl") !== null;
function makeCertificate(): string[] {
  if (!existsSync(certificate)) {
    const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(
      " ",
    );
    const files = ["-keyout", `${certificate}.key`, "-out", certificate];
    const made = Bun.spawnSync(["openssl", ...words, ...files], { stdout: "pipe", stderr: "pipe" });
    if (made.exitCode !== 0) throw new Error(`${made.stderr}`);
  }
  return ["tls = yes", `tls_certificate = ${certificate}`, `tls_key = ${certificate}.key`];
}

/** A TLS client that has shaken hands. */
function openTls(port: number): { connection: TlsConnection; fd: number } {
  const fd = open(port);
  const connection = new TlsConnection(new TlsContext({ role: "client", verify: "no" }), fd);
  for (let step = connection.handshake(); step !== "done"; step = connection.handshake()) {
    if (typeof step === "object") throw new Error(step.failure);
    if (waitFor(fd, step === "read" ? sys.POLLIN : sys.POLLOUT, 20_000) < 0) throw new Error("no handshake");
  }
  return { connection, fd };
}

function hearTls({ connection, fd }: { connection: TlsConnection; fd: number }): string {
  const bytes = new Uint8Array(new ArrayBuffer(4096));
  let text = "";
  for (;;) {
    const got = connection.read(bytes);
    if (typeof got === "object") throw new Error(got.failure);
    if (got === 0) return text;
    if (typeof got === "number") text += Buffer.from(bytes.subarray(0, got)).toString();
    else if (waitFor(fd, got === "read" ? sys.POLLIN : sys.POLLOUT, 20_000) < 0) throw new Error(`only ${text}`);
  }
}

describe("standard error", () => {
  const both = () => script("both", "echo to the log >&2\necho to the client\n");

  test("is the client's in a file that xinetd could read, and the log's beside what only perqd has", async () => {
    const [plain, ours, asked] = [freePort(), freePort(), freePort()];
    const log = `${directory}/ours.log`;
    const perqd = await start(
      block("plain", plain, both()) +
        block("ours", ours, [...both(), "max_session = 1h", `log_type = FILE ${log}`, "log_on_success = PID EXIT"]) +
        block("asked", asked, [...both(), "max_session = 1h", "stderr = client"]),
    );
    expect(ask(plain)).toBe("to the log\nto the client\n");
    expect(ask(asked)).toBe("to the log\nto the client\n");
    expect(ask(ours)).toBe("to the client\n");
    await perqd.until("its line", () => readFileSync(log, "utf8").includes("EXIT"));
    const lines = readFileSync(log, "utf8").trim().split("\n");
    const pid = /START: ours pid=(\d+)/.exec(lines[0])?.[1];
    expect(lines.map((line) => line.replace(/^[\d/@:]+: /, ""))).toEqual([
      `START: ours pid=${pid}`,
      `STDERR: ours pid=${pid} to the log`,
      `EXIT: ours status=0 pid=${pid}`,
    ]);
  });

  test("defaults { stderr = log } is for all; without a log_type it is the main log", async () => {
    const port = freePort();
    const perqd = await start(`defaults\n{\n\tstderr = log\n}\n${block("plain", port, both())}`);
    expect(ask(port)).toBe("to the client\n");
    await perqd.logs(/NOTICE: plain\[\d+\]: to the log\n/);
  });

  test("is one JSON object a line where the logs are", async () => {
    const port = freePort();
    const perqd = await start(block("both", port, [...both(), "stderr = log"]), { args: ["--log-format", "json"] });
    expect(ask(port)).toBe("to the client\n");
    await perqd.logs(/to the log/);
    const line = JSON.parse(perqd.text.split("\n").find((one) => one.includes("to the log"))!);
    expect(line).toMatchObject({ program: "perqd", pid: perqd.process.pid, service: "both", event: "STDERR" });
    expect(line.text).toBe(`both[${line.serverPid}]: to the log`);
  });

  test("cannot forge a line, tear one apart or fill the disk", async () => {
    const [words, flood] = [freePort(), freePort()];
    const forge = "printf 'half '>&2; printf 'a line\\n1/1/1@1:1:1: START: x pid=1\\n\\033[2J\\001beep\\nno end'>&2";
    const perqd = await start(
      block("words", words, [...script("forge", `${forge}\n`), "stderr = log"]) +
        block("flood", flood, [
          ...script("flood", "i=0; while [ $i -lt 5000 ]; do echo $i >&2; i=$((i+1)); done\n"),
          "stderr = log",
        ]),
    );
    expect(ask(words)).toBe("");
    await perqd.logs(/no end/);
    const said = perqd.text.split("\n").filter((line) => line.includes("words["));
    expect(said.map((line) => line.replace(/^.*words\[\d+\]: /, ""))).toEqual([
      "half a line",
      "1/1/1@1:1:1: START: x pid=1",
      "?[2J?beep",
      "no end",
    ]);
    expect(said.every((line) => / perqd\[\d+\]: NOTICE: words\[/.test(line))).toBe(true);
    expect(ask(flood)).toBe("");
    await Bun.sleep(50); // a later line says how many were lost
    expect(ask(words)).toBe("");
    expect(ask(flood)).toBe("");
    await perqd.logs(/flood: stderr: \d+ lines were too many and are lost/);
    const written = count(perqd.text, "flood[");
    expect(written).toBeGreaterThanOrEqual(1000);
    expect(written).toBeLessThan(8000);
  });

  test.skipIf(!hasOpenssl)("never breaks into TLS: it is logged, or encrypted like the rest", async () => {
    const [logged, encrypted] = [freePort(), freePort()];
    const perqd = await start(
      block("logged", logged, [...both(), ...makeCertificate()]) +
        block("encrypted", encrypted, [...both(), ...makeCertificate(), "stderr = client"]),
    );
    expect(hearTls(openTls(logged))).toBe("to the client\n");
    expect(hearTls(openTls(encrypted))).toBe("to the log\nto the client\n");
    await perqd.logs(/logged\[\d+\]: to the log\n/);
  });

  test("of a server that outlives perqd is lost, and the server lives", async () => {
    const port = freePort();
    const lines = "while read word; do echo heard $word >&2; echo $word; done\n";
    const perqd = await start(block("loop", port, [...script("loop", lines), "stderr = log"]));
    const fd = open(port);
    say(fd, "one\n");
    expect(hear(fd, "\n")).toBe("one\n");
    await perqd.logs(/heard one/);
    sys.kill(perqd.process.pid, sys.SIG.KILL);
    await perqd.process.exited;
    for (const word of ["two\n", "three\n"]) {
      say(fd, word);
      expect(hear(fd, "\n")).toBe(word);
    }
    sys.close(fd);
  });
});

describe("no process to be had", () => {
  // Root has no such limit: perqd is somebody who has no other process.
  const uid = isRoot ? 54_321 : process.getuid!();
  const before = isRoot ? ["setpriv", `--reuid=${uid}`, "--clear-groups", "--regid=54321"] : [];

  /** As that user: in a container root may not be allowed to. */
  const processes = (pid: number, most: number) => {
    const done = Bun.spawnSync([...before, "prlimit", `--pid=${pid}`, `--nproc=${most}:`], { stderr: "pipe" });
    expect(done.stderr.toString()).toBe("");
  };
  const possible = Bun.which("prlimit") !== null && (!isRoot || Bun.which("setpriv") !== null);

  test.skipIf(!possible)("clients are turned away, and served when there is", async () => {
    const [port, waiting, warm] = [freePort(), freePort(), freePort()];
    const mine = [`user = ${uid}`, "server = /bin/cat", "cps = 0 0"];
    const log = `${directory}/nproc.log`;
    const perqd = await start(
      block("cat", port, [...mine, `log_type = FILE ${log}`, "log_on_failure = HOST"]) +
        block("waiting", waiting, ["user = x", "server = /bin/true"])
          .replace("wait = no", "wait = yes")
          .replace("user = x", `user = ${uid}`)
          .replace("server = /bin/true", `server = /bin/sh\n\tserver_args = ${put(directory, "waits", "exit 0\n")}`) +
        block("warm", warm, [...mine, "warm = 2"]),
      { before },
    );
    const { pid } = perqd.process;
    const held = open(port);
    say(held, "one\n");
    expect(hear(held, "\n")).toBe("one\n");
    processes(pid, 1);
    for (let index = 0; index < 20; index++) expect(ask(port)).toBe("");
    const queued = open(waiting);
    await perqd.logs(/fork failed: Resource temporarily unavailable .*service = waiting/);
    expect(count(perqd.text, "service = cat")).toBe(20);
    expect(count(readFileSync(log, "utf8"), "FAIL: cat fork from=127.0.0.1")).toBe(20);
    expect(await busy(pid)).toBeLessThan(0.3);
    say(held, "two\n");
    expect(hear(held, "\n")).toBe("two\n");
    expect(perqd.status().services.map((one) => one.state)).not.toContain("suspended");
    processes(pid, 10_000);
    expect(ask(port, "again")).toBe("again");
    const served = () => perqd.status().services.find((one) => one.id === "waiting")!.accepted;
    await perqd.until("the one in the backlog of the wait service has a server", () => served() > 0);
    for (const fd of [held, queued]) sys.close(fd);
  });
});

describe("no descriptor to be had", () => {
  test("clients wait in the backlog; a reload changes nothing; nothing spins; then all are served", async () => {
    const [full, other] = [freePort(), freePort()];
    const config = internal("discard", full) + block("cat", other, cat);
    const perqd = await start(config);
    const { pid } = perqd.process;
    expect(ask(other, "first")).toBe("first");
    limit(pid, sys.RLIMIT.NOFILE, descriptors(pid) + 20);
    const takers = Array.from({ length: 60 }, () => open(full));
    await perqd.logs(/no available descriptors/);
    const waiting = Array.from({ length: 5 }, () => open(other));
    for (const fd of waiting) say(fd, "late\n");
    const status = connectTo({ family: "unix", path: perqd.control }, 5000);
    say(status, "status\n");
    const [idle, lines] = [await busy(pid, 2500), count(perqd.text, "\n")];
    expect(idle).toBeLessThan(0.2);
    expect(lines).toBeLessThan(40);
    sys.kill(pid, sys.SIG.HUP);
    await perqd.logs(/Reconfigured: |reconfiguration failed/);
    for (const fd of takers) sys.close(fd);
    for (const fd of waiting) {
      expect(hear(fd, "\n")).toBe("late\n");
      sys.close(fd);
    }
    expect(hear(status, "\n")).toContain('"id":"cat"');
    sys.close(status);
    expect(ask(other, "after")).toBe("after");
    await perqd.until("nothing is left", () => perqd.status().sessions === 0);
    expect(perqd.text).not.toContain("a bug in perqd");
  });

  test("the last one goes to a client whose server needs more: he is turned away, and loses no protection", async () => {
    const [full, late] = [freePort(), freePort()];
    const lines = [...cat, "max_load = 1000", `writable = ${directory}`, "stderr = log", "libwrap = x"];
    const perqd = await start(internal("discard", full) + block("late", late, lines));
    const { pid } = perqd.process;
    limit(pid, sys.RLIMIT.NOFILE, descriptors(pid) + 10);
    const opened = () => perqd.status().services[0].running;
    expect(opened()).toBe(0);
    // until perqd says so: as many as it takes
    const takers: number[] = [];
    while (!perqd.text.includes("no available descriptors")) {
      takers.push(open(full));
      await Bun.sleep(5);
    }
    for (const fd of takers) sys.close(fd);
    await perqd.until("they are gone", () => opened() === 0);
    // The status connection needed one itself; fewer and fewer are left free, down to none.
    for (let free = 4; free >= 0; free--) {
      const some = Array.from({ length: takers.length - 1 - free }, () => open(full));
      await perqd.until("they are in", () => descriptors(pid) >= some.length);
      const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port: late }, 5000);
      say(fd, "x\n");
      await Bun.sleep(20);
      for (const one of some) sys.close(one);
      const bytes = new Uint8Array(16);
      expect(waitFor(fd, sys.POLLIN, 20_000)).toBeGreaterThan(0);
      const got = sys.recv(fd, bytes);
      // served, or turned away (with his word unread: a reset)
      expect([2, 0, -104]).toContain(got);
      sys.close(fd);
      await perqd.until("they are gone", () => opened() === 0);
    }
    expect(ask(late, "after")).toBe("after");
    expect(perqd.text).not.toContain("a bug in perqd");
    expect(perqd.text).not.toMatch(/writable has no effect: .*Too many/);
  });
});

describe("no disk", () => {
  const possible =
    isRoot &&
    Bun.which("unshare") !== null &&
    Bun.spawnSync(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", directory]).exitCode === 0;

  test.skipIf(!possible)("serving goes on, it is said once, and lines come again when there is room", async () => {
    const port = freePort();
    const disk = `${directory}/disk`;
    mkdirSync(disk);
    const mount = `mount -t tmpfs -o size=64k,mode=777 tmpfs ${disk} && exec "$@"`;
    const lines = [...script("noisy", "read word; echo said $word >&2; echo $word\n")];
    const config = put(
      directory,
      "disk.conf",
      block("cat", port, [
        ...lines,
        `log_type = FILE ${disk}/service`,
        "log_on_success = PID",
        `stderr = ${disk}/errors`,
      ]),
    );
    const control = `${directory}/disk.control`;
    const perqd = make("", {
      before: ["unshare", "-m", "sh", "-c", mount, "sh"],
      words: ["-f", config, "-dontfork", "-filelog", `${disk}/main`, "--control", control],
    });
    const inside = (name: string) => `/proc/${perqd.process.pid}/root${disk}/${name}`;
    const text = (name: string) => (existsSync(inside(name)) ? readFileSync(inside(name), "utf8") : "");
    await perqd.until("it started", () => text("main").includes("Started working"));
    expect(ask(port, "one\n")).toBe("one\n");
    await perqd.until("its START line", () => text("service").includes("START"));
    writeFileSync(inside("filler"), ""); // as large as the disk has room for
    const filler = sys.open(inside("filler"), sys.O_WRONLY | sys.O_APPEND);
    while (sys.writeBytes(filler, new Uint8Array(new ArrayBuffer(512))) > 0);
    sys.close(filler);
    const words = "x".repeat(60);
    // the last blocks of the logs have room for some lines yet
    for (let index = 0; index < 150; index++) expect(ask(port, `${words}\n`)).toBe(`${words}\n`);
    sys.kill(perqd.process.pid, sys.SIG.HUP); // the main log is full too
    for (let index = 0; index < 50; index++) {
      expect(ask(port, `${words}\n`)).toBe(`${words}\n`);
      if (index % 10 === 0) sys.kill(perqd.process.pid, sys.SIG.USR2);
    }
    const said = text("main") + perqd.text;
    expect(count(said, "cat log: No space left on device")).toBe(1);
    expect(count(text("service"), "START")).toBeLessThan(200);
    rmSync(inside("filler"));
    expect(ask(port, "two\n")).toBe("two\n");
    await perqd.until("lines again", () =>
      /\d+ lines were lost here\n[^\n]*START: cat pid=\d+\n$/.test(text("service")),
    );
    // every line is whole, whatever the disk cut off
    for (const line of text("service").trim().split("\n"))
      if (!/^[\d/@:]+: (START: cat pid=\d+|\d+ lines were lost here)$/.test(line)) expect(line.length).toBeLessThan(60); // the one that was cut
    expect(await perqd.stop()).toBe(0);
  });

  test("a log on /dev/full, a log that is a FIFO without a reader: the service is served", async () => {
    const [full, fifo] = [freePort(), freePort()];
    const path = `${directory}/fifo`;
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    const logged = (name: string) => [`log_type = FILE ${name}`, "log_on_success = PID EXIT"];
    const perqd = await start(
      block("full", full, [...cat, ...logged("/dev/full")]) + block("errors", fifo, [...cat, `stderr = ${path}`]),
      { args: ["-stayalive"] },
    );
    for (let index = 0; index < 10; index++) expect(ask(full, "x")).toBe("x");
    expect(count(perqd.text, "full log: No space left on device")).toBe(1);
    for (let index = 0; index < 3; index++) expect(ask(fifo, "x")).toBe("x");
    expect(count(perqd.text, "its words are lost")).toBe(1);
  });
});

describe("servers that fall over", () => {
  test("at once, not there any more, not executable, killed: each costs its client only", async () => {
    const [falls, gone, strange, good] = [freePort(), freePort(), freePort(), freePort()];
    const missing = put(directory, "missing", "#!/bin/sh\nexit 0\n", 0o755);
    const noFormat = put(directory, "noformat", "\u0001\u0002 no program\n", 0o755);
    const server = (path: string) => [`user = ${user}`, `server = ${path}`, "cps = 0 0"];
    const log = `${directory}/falls.log`;
    const perqd = await start(
      block("falls", falls, [
        ...script("falls", "kill -9 $$\n"),
        `log_type = FILE ${log}`,
        "log_on_success = PID EXIT",
      ]) +
        block("gone", gone, server(missing)) +
        block("strange", strange, server(noFormat)) +
        block("good", good, cat),
    );
    rmSync(missing);
    const before = descriptors(perqd.process.pid);
    for (let index = 0; index < 40; index++) {
      expect(ask(falls)).toBe("");
      if (index < 5) expect(ask(gone) + ask(strange)).toBe("");
    }
    expect(ask(good, "well")).toBe("well");
    await perqd.logs(/execv\( .*missing \) failed: No such file or directory \(errno = 2\)/);
    await perqd.logs(/execv\( .*noformat \) failed: Exec format error \(errno = 8\)/);
    await perqd.until("all are reaped", () => children(perqd.process.pid).length === 0);
    await perqd.until("all are logged", () => count(readFileSync(log, "utf8"), "EXIT: falls signal=9") === 40);
    expect(descriptors(perqd.process.pid)).toBe(before);
    expect(await busy(perqd.process.pid, 500)).toBeLessThan(0.2);
  });

  test("started ahead and dead at once, or never ready: longer and longer pauses, and cold ones serve", async () => {
    const [dies, idles] = [freePort(), freePort()];
    const perqd = await start(
      block("dies", dies, [...script("dies", '[ "$PERQ_WARM" ] && exit 3; cat\n'), "warm = 4"]) +
        block("idles", idles, [...script("idles", '[ "$PERQ_WARM" ] && exec sleep 60; cat\n'), "warm = 1"]),
    );
    const { pid } = perqd.process;
    await perqd.logs(/warm server \d+ ended with status 3/);
    for (const port of [dies, idles]) expect(ask(port, "cold")).toBe("cold");
    expect(await busy(pid, 3000)).toBeLessThan(0.2);
    expect(count(perqd.text, "ended with status 3")).toBeLessThan(16);
    for (const port of [dies, idles]) expect(ask(port, "cold")).toBe("cold");
  });

  test("of a wait service, without a look at the socket: the port pauses, others do not", async () => {
    const [waits, good] = [freePort(), freePort()];
    const perqd = await start(
      block("waits", waits, [`user = ${user}`, "server = /bin/true"]).replace("wait = no", "wait = yes") +
        block("good", good, cat),
    );
    const fd = open(waits);
    await perqd.logs(/Deactivating service waits/);
    expect(ask(good, "well")).toBe("well");
    expect(await busy(perqd.process.pid, 1000)).toBeLessThan(0.2);
    sys.close(fd);
  });
});

describe("clients that do not behave", () => {
  test.skipIf(!hasOpenssl)("who never reads keeps nobody waiting, and costs no more than his buffers", async () => {
    const [chargen, echo, redirect, tls, banner, good] = [0, 0, 0, 0, 0, 0].map(() => freePort());
    const perqd = await start(
      internal("chargen", chargen) +
        internal("echo", echo) +
        block("redirect", redirect, [`user = ${user}`, `redirect = 127.0.0.1 ${chargen}`]) +
        block("tls", tls, [...script("yes", "exec yes\n"), ...makeCertificate()]) +
        block("banner", banner, [...cat, `banner = ${put(directory, "banner", "b".repeat(60_000))}`]) +
        block("good", good, cat),
    );
    const { pid } = perqd.process;
    const deaf: number[] = [];
    for (let index = 0; index < 10; index++) {
      for (const port of [chargen, redirect, banner]) deaf.push(open(port));
      deaf.push(openTls(tls).fd);
      const fd = open(echo);
      const words = new Uint8Array(new ArrayBuffer(65536));
      for (let sent = 0, tries = 0; tries < 20 && sent >= 0; tries++) {
        sent = sys.send(fd, words);
        if (sent === -11) sent = waitFor(fd, sys.POLLOUT, 20);
      }
      deaf.push(fd);
    }
    // until the buffers are full and all is quiet
    let rest = 1;
    for (let tries = 0; rest > 0.1 && tries < 20; tries++) rest = await busy(pid, 300);
    expect(rest).toBeLessThan(0.1);
    const before = pssKb(pid);
    for (let index = 0; index < 20; index++) expect(ask(good, "well")).toBe("well");
    expect(perqd.status().sessions).toBeGreaterThanOrEqual(50);
    await Bun.sleep(500);
    expect(pssKb(pid) - before).toBeLessThan(8 * 1024);
    expect(pssKb(pid)).toBeLessThan(160 * 1024);
    for (const fd of deaf) slam(fd);
    await perqd.until("all are gone", () => perqd.status().sessions === 0);
    await perqd.until("servers too", () => children(pid).length === 0);
  });

  test.skipIf(!hasOpenssl)(
    "who says nothing, or a byte at a time, is sent away in time and spins nothing",
    async () => {
      const [tls, proxy, mux, good] = [freePort(), freePort(), freePort(), freePort()];
      const perqd = await start(
        block("tls", tls, [...cat, ...makeCertificate()]) +
          block("proxy", proxy, [...cat, "proxy_protocol = yes"]) +
          internal("tcpmux", mux) +
          block("good", good, cat),
      );
      const { pid } = perqd.process;
      const before = descriptors(pid);
      const silent = [tls, proxy].flatMap((port) => Array.from({ length: 20 }, () => open(port)));
      const halves = [open(tls), open(proxy), open(mux)];
      say(halves[0], "\x16\x03\x01\x02\x00\x01"); // the begin of a hello
      say(halves[1], "PROXY TCP4 1");
      say(halves[2], "na");
      const muxes = Array.from({ length: 20 }, () => open(mux));
      expect(await busy(pid, 1000)).toBeLessThan(0.2);
      say(halves[1], "27.0.0.1");
      expect(ask(good, "well")).toBe("well");
      for (const fd of [...silent, halves[0], halves[1]]) {
        expect(hear(fd)).toBe(""); // within its time: 10 s for TLS, 5 s for a header
        sys.close(fd);
      }
      for (const fd of [...muxes, halves[2]]) sys.close(fd);
      await perqd.until("nothing is left", () => descriptors(pid) === before && children(pid).length === 0);
      await perqd.logs(/PROXY header from 127\.0\.0\.1:\d+: no header within 5 s/);
      await perqd.logs(/TLS with 127\.0\.0\.1: no handshake within 10 s/);
    },
    60_000,
  );

  test.skipIf(!hasOpenssl)("who resets at once, at every kind of door, leaves nothing behind", async () => {
    const ports = Array.from({ length: 8 }, () => freePort());
    const [plain, echo, redirect, tls, proxy, mux, banner, ident] = ports;
    const perqd = await start(
      block("plain", plain, [...cat, "max_idle = 1h", "peer_env = yes"]) +
        internal("echo", echo) +
        block("redirect", redirect, [`user = ${user}`, `redirect = 127.0.0.1 ${echo}`]) +
        block("tls", tls, [...cat, ...makeCertificate()]) +
        block("proxy", proxy, [...cat, "proxy_protocol = yes"]) +
        internal("tcpmux", mux) +
        block("banner", banner, [...cat, `banner = ${put(directory, "hello", "hello\n")}`, "only_from = 127.0.0.1"]) +
        block("ident", ident, [...cat, "log_on_success = USERID"]),
    );
    const { pid } = perqd.process;
    expect(ask(plain, "x")).toBe("x");
    await perqd.until("it is gone", () => children(pid).length === 0);
    const before = descriptors(pid);
    for (let round = 0; round < 30; round++) {
      for (const port of ports) {
        const fd = open(port);
        if (round % 3 === 1) say(fd, "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nx");
        if (round % 3 === 2) await Bun.sleep(1);
        slam(fd);
      }
    }
    await perqd.until("nothing is left", () => children(pid).length === 0 && descriptors(pid) <= before + 2);
    expect(perqd.status().services.map((one) => one.running)).toEqual(ports.map(() => 0));
    for (const port of [plain, echo, redirect]) expect(ask(port, "after")).toBe("after");
    expect(perqd.text).not.toContain("a bug in perqd");
  });

  test("who closes his half gets the rest of the other", async () => {
    const [plain, echo, redirect] = [freePort(), freePort(), freePort()];
    await start(
      block("plain", plain, script("late", "cat >/dev/null; sleep 0.2; echo all of it\n")) +
        internal("echo", echo) +
        block("redirect", redirect, [`user = ${user}`, `redirect = 127.0.0.1 ${plain}`]),
    );
    expect(ask(plain, "x")).toBe("all of it\n");
    expect(ask(redirect, "x")).toBe("all of it\n");
    expect(ask(echo, "half")).toBe("half");
  });
});

describe("perqd's own death", () => {
  test("kill -9: sessions live on, and the next perqd has ports, pid file and sockets at once", async () => {
    const [port, second] = [freePort(), freePort()];
    const config = block("cat", port, cat) + block("second", second, cat);
    const pidFile = `${directory}/perqd.pid`;
    const one = await start(config, { args: ["-pidfile", pidFile] });
    const fd = open(port);
    say(fd, "one\n");
    expect(hear(fd, "\n")).toBe("one\n");
    sys.kill(one.process.pid, sys.SIG.KILL);
    await one.process.exited;
    expect(readFileSync(pidFile, "utf8")).toBe(`${one.process.pid}\n`); // stale
    say(fd, "two\n");
    expect(hear(fd, "\n")).toBe("two\n");
    expect(existsSync(one.control)).toBe(true); // stale too
    const two = await start(config, { args: ["-pidfile", pidFile, "--control", one.control] });
    expect(two.text).not.toContain("bind failed");
    expect(readFileSync(pidFile, "utf8")).toBe(`${two.process.pid}\n`);
    expect([ask(port, "new"), ask(second, "new")]).toEqual(["new", "new"]);
    say(fd, "three\n");
    expect(hear(fd, "\n")).toBe("three\n");
    sys.close(fd);
    expect(await two.stop()).toBe(0);
    expect(existsSync(pidFile)).toBe(false);
  });

  test("TERM: who is in the backlog has connected and is served, like who came before", async () => {
    const port = freePort();
    const perqd = await start(block("cat", port, cat));
    const { pid } = perqd.process;
    sys.kill(pid, sys.SIG.STOP);
    const waiting = Array.from({ length: 5 }, () => open(port));
    sys.kill(pid, sys.SIG.TERM);
    sys.kill(pid, sys.SIG.CONT);
    expect(await perqd.process.exited).toBe(0);
    for (const fd of waiting) {
      say(fd, "served\n");
      expect(hear(fd, "\n")).toBe("served\n");
      sys.close(fd);
    }
  });

  test("HUP: who is in the backlog of a service that goes, moves or changes is served", async () => {
    const [goes, moves, changes] = [freePort(), freePort(), freePort()];
    const perqd = await start(block("goes", goes, cat) + block("moves", moves, cat) + block("changes", changes, cat));
    const { pid } = perqd.process;
    sys.kill(pid, sys.SIG.STOP);
    const waiting = [goes, moves, changes].flatMap((port) => [open(port), open(port)]);
    const elsewhere = freePort();
    const flags = [...cat, "flags = NODELAY KEEPALIVE", "queue_limit = 500"];
    put(
      perqd.config.replace(/\/[^/]*$/, ""),
      perqd.config.replace(/^.*\//, ""),
      block("moves", elsewhere, cat) + block("changes", changes, flags),
    );
    sys.kill(pid, sys.SIG.HUP);
    sys.kill(pid, sys.SIG.CONT);
    await perqd.logs(/Reconfigured: new=0 old=2 dropped=1/);
    for (const fd of waiting) {
      say(fd, "served\n");
      expect(hear(fd, "\n")).toBe("served\n");
      sys.close(fd);
    }
    expect([ask(elsewhere, "x"), ask(changes, "x")]).toEqual(["x", "x"]);
  });

  test("a reload that fails on its last socket leaves every old one listening", async () => {
    const [port, other] = [freePort(), freePort()];
    const perqd = await start(block("cat", port, cat).replace("bind = 127.0.0.1", "bind = 0.0.0.0"));
    const taken = await start(block("taken", other, cat));
    // the first makes way for its narrower self, the second cannot be had
    expect(await perqd.reload(block("cat", port, cat) + block("other", other, cat))).toBe(false);
    expect(ask(port, "x")).toBe("x");
    expect(ask(other, "x")).toBe("x");
    await taken.stop();
    expect(await perqd.reload(block("cat", port, cat) + block("other", other, cat))).toBe(true);
    expect([ask(port, "x"), ask(other, "x")]).toEqual(["x", "x"]);
  });
});
