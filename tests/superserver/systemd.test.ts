/**
 * perqd beside Debian's systemd: sockets opened by systemd-socket-activate, words for the service manager, units that
 * systemd-analyze accepts, a real journald that holds the fields. Only what is not here is skipped, with a word.
 */
import { describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { listenOn } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { systemdTools } from "./oracles.ts";
import { ask, block, freePort, hear, isRoot, open, type Perqd, put, root, say, user, workshop } from "./perqd.ts";

const tools = systemdTools();
if (tools === undefined) console.warn("SKIPPED: perqd beside systemd: its programs are not here");

const { directory, make, program } = workshop("systemd");

const cat = [`user = ${user}`, "server = /bin/cat"];

/** perqd as systemd-socket-activate starts it: when the first client comes. */
function activated(config: string, listen: string[], names: string[], more: string[] = []): Perqd {
  const flags = [...listen.map((one) => `--listen=${one}`), ...more];
  if (names.length > 0) flags.push(`--fdname=${names.join(":")}`);
  return make(config, { before: [tools!["systemd-socket-activate"], ...flags] });
}

/** What the manager hears. */
class Manager {
  readonly path = `${directory}/notify-${Math.random().toString(36).slice(2)}`;
  readonly fd = listenOn({ family: "unix", path: this.path }, { type: sys.SOCK_DGRAM | sys.SOCK_NONBLOCK });
  readonly words: string[] = [];

  hear(): string[] {
    const bytes = new Uint8Array(4096);
    for (let got = sys.recv(this.fd, bytes); got > 0; got = sys.recv(this.fd, bytes))
      this.words.push(Buffer.from(bytes.subarray(0, got)).toString());
    return this.words;
  }

  close(): void {
    sys.close(this.fd);
  }
}

async function activate(port: number): Promise<number> {
  for (const deadline = Date.now() + 30_000; ; await Bun.sleep(20)) {
    try {
      return open(port); // until systemd-socket-activate listens
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

describe.skipIf(tools === undefined)("sockets that systemd opened", () => {
  test("are served by address, and by name wherever they listen: all of a name", async () => {
    const [byAddress, one, two] = [freePort(), freePort(), freePort()];
    const config =
      block("addressed", byAddress, cat) + block("named", freePort(), [...cat, "server_args = /proc/self/environ -"]);
    const listen = [byAddress, one, two].map((port) => `127.0.0.1:${port}`);
    const perqd = activated(config, listen, ["whatever", "named", "named"]);
    const first = await activate(byAddress);
    say(first, "hello\n");
    expect(hear(first, "hello\n")).toBe("hello\n");
    await perqd.started();
    for (const port of [one, two]) expect(ask(port)).not.toMatch(/LISTEN_|NOTIFY_/);
    expect(perqd.text).not.toMatch(/bind failed|LISTEN_FDS/);
    const status = perqd.status();
    expect(status.services.map((service) => [service.id, service.accepted])).toEqual([
      ["addressed", 1],
      ["named", 2],
    ]);
    expect(status.services[1].listens).toEqual([`127.0.0.1:${one}`, `127.0.0.1:${two}`]);
    // a reload keeps them, and one that drops the service and brings it back does, too
    for (const next of [config, block("addressed", byAddress, cat), config])
      expect(await perqd.reload(next)).toBe(true);
    expect(ask(two)).toContain("REMOTE_HOST");
    say(first, "still\n");
    expect(hear(first, "still\n")).toBe("still\n");
    sys.close(first);
  }, 60_000);

  test("nobody's are named in the log; a datagram socket is not a stream service's", async () => {
    const [stream, other] = [freePort(), freePort()];
    const perqd = activated(block("cat", stream, cat), [`127.0.0.1:${stream}`, `127.0.0.1:${other}`], ["a", "stray"]);
    sys.close(await activate(stream));
    await perqd.logs(/LISTEN_FDS: no service for stray stream socket at 127\.0\.0\.1:\d+/);
  }, 60_000);

  test("inetd.conf: a dual-stack socket stands for the pair of IPv4 and IPv6", async () => {
    const port = freePort();
    const account = isRoot ? "nobody" : (process.env["USER"] ?? "root");
    const file = put(directory, "pair.conf", `${port} stream tcp nowait ${account} /bin/cat cat\n`);
    const flags = [`--listen=[::]:${port}`];
    const perqd = make("", {
      before: [tools!["systemd-socket-activate"], ...flags],
      words: ["-i", file],
    });
    const fd = await activate(port);
    say(fd, "four\n");
    expect(hear(fd, "four\n")).toBe("four\n");
    await perqd.started();
    const six = open(port, "::1");
    say(six, "six\n");
    expect(hear(six, "six\n")).toBe("six\n");
    expect(perqd.text).not.toContain("bind failed");
    for (const one of [fd, six]) sys.close(one);
  }, 60_000);

  test("a socket for another process (LISTEN_PID) is nobody's", async () => {
    const port = freePort();
    const fd = listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
    const perqd = make(block("cat", port, cat), {
      env: { LISTEN_FDS: "1", LISTEN_PID: "1", LISTEN_FDNAMES: "cat" },
      descriptors: [fd],
    });
    await perqd.started();
    expect(perqd.status().services[0].listens).toEqual([`127.0.0.1:${port}`]);
    sys.close(fd);
  });
});

describe("words for the service manager", () => {
  test("ready, reloading, ready again, the watchdog's, stopping: in this order, also where a reload fails", async () => {
    const manager = new Manager();
    const port = freePort();
    const perqd = make(block("cat", port, cat), {
      env: { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: "200000" },
      args: ["--drain", "60"],
    });
    await perqd.until("READY", () => manager.hear().some((one) => one.startsWith("READY=1")));
    expect(manager.words[0]).toBe(`READY=1\nMAINPID=${perqd.process.pid}\nSTATUS=1 services`);
    await perqd.until(
      "two words for the watchdog",
      () => manager.hear().filter((one) => one === "WATCHDOG=1").length >= 2,
    );
    const told = () => manager.hear().filter((one) => one !== "WATCHDOG=1");
    const before = sys.monotonicTime() / 1000n;
    expect(await perqd.reload(block("cat", port, [...cat, "nice = 3"]))).toBe(true);
    await perqd.until("three words", () => told().length === 3);
    const [, microseconds] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(told()[1]) ?? [];
    expect(BigInt(microseconds) >= before && BigInt(microseconds) <= sys.monotonicTime() / 1000n).toBe(true);
    expect(told()[2]).toMatch(/^READY=1\n[\s\S]*STATUS=1 services$/);
    expect(await perqd.reload("service nonsense\n{\n}\n")).toBe(false);
    await perqd.until("five words", () => told().length === 5);
    expect([told()[3].slice(0, 12), told()[4].split("\n")[0]]).toEqual(["RELOADING=1\n", "READY=1"]);
    expect(told()[4]).toContain("the last reload failed");
    const fd = open(port);
    say(fd, "hello\n");
    hear(fd, "hello\n");
    sys.kill(perqd.process.pid, sys.SIG.TERM);
    await perqd.until("STOPPING", () => told().length === 6);
    expect(told()[5]).toBe("STOPPING=1\nSTATUS=1 sessions may finish\nEXTEND_TIMEOUT_USEC=65000000");
    sys.close(fd);
    expect(await perqd.process.exited).toBe(0);
    manager.close();
  }, 60_000);

  test("an abstract socket is one; a child hears of none", async () => {
    const name = `perq-${process.pid}-${Date.now()}`;
    const fd = listenOn({ family: "unix", path: `\0${name}` }, { type: sys.SOCK_DGRAM | sys.SOCK_NONBLOCK });
    const port = freePort();
    const perqd = make(block("cat", port, [...cat, "server_args = /proc/self/environ"]), {
      env: { NOTIFY_SOCKET: `@${name}` },
    });
    const bytes = new Uint8Array(1000);
    await perqd.until("READY", () => sys.recv(fd, bytes) > 0);
    expect(Buffer.from(bytes).toString()).toStartWith("READY=1\n");
    expect(ask(port)).not.toContain("NOTIFY");
    sys.close(fd);
  });
});

describe.skipIf(tools === undefined)("units", () => {
  /** What systemd-analyze says of these, but for programs and users that are not on this machine, and keys of newer versions. */
  function verify(from: string): string[] {
    const units = readdirSync(from).map((name) => (name.includes("@.") ? name.replace("@.", "@1.") : name));
    for (const [index, name] of readdirSync(from).entries()) {
      const text = readFileSync(`${from}/${name}`, "utf8").replaceAll(
        "/usr/local/bin/",
        "/usr/bin/env /usr/local/bin/",
      );
      if (units[index] !== name) writeFileSync(`${from}/${units[index]}`, text);
      writeFileSync(`${from}/${name}`, text);
    }
    const done = Bun.spawnSync(
      [tools!["systemd-analyze"], "verify", "--man=no", ...units.map((name) => `${from}/${name}`)],
      {
        stdout: "pipe",
        stderr: "pipe",
        timeout: 60_000,
      },
    );
    const newer = /Unknown key '(PollLimit\w+|MemoryZSwapMax)'|Failed to parse service type, ignoring: notify-reload/;
    return (done.stdout.toString() + done.stderr.toString())
      .split("\n")
      .filter((line) => line.includes(from) || /Failed|rror/.test(line))
      .filter((line) => !newer.test(line) && !/Special user nobody|Unit configured to use KillMode/.test(line));
  }

  test("the examples are good", () => {
    const place = `${directory}/examples`;
    mkdirSync(place);
    for (const name of readdirSync(`${root}/examples/systemd`))
      copyFileSync(`${root}/examples/systemd/${name}`, `${place}/${name}`);
    expect(verify(place)).toEqual([]);
  }, 90_000);

  test("the unit in docs/perqd.md is the example's", () => {
    const documented = readFileSync(`${root}/docs/perqd.md`, "utf8");
    const lines = readFileSync(`${root}/examples/systemd/perqd.service`, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of lines) expect(documented).toContain(`    ${line}\n`);
  });

  test("what perq convert writes is good, whatever the service", () => {
    const place = `${directory}/converted`;
    rmSync(place, { recursive: true, force: true });
    const everything = [
      ...["user = root", "group = daemon", "groups = yes", "server = /bin/cat"],
      "server_args = -u %n $HOME \"quoted\" 'single' \\back ; # @{x} ~ *",
      'env = A=1 B=x=y C=$HOME D=%n E="q',
      "flags = NODELAY KEEPALIVE",
      ...[
        "nice = -3",
        "umask = 027",
        "rlimit_as = 512M",
        "rlimit_cpu = 20",
        "rlimit_files = UNLIMITED",
        "rlimit_core = 0",
      ],
      ...[
        "instances = 10",
        "per_source = 2",
        "cps = 20 5",
        "only_from = 10.0.0.0/8 2001:db8::/32 localhost",
        "no_access = 10.1.0.0",
      ],
      ...[
        "max_session = 1h",
        "memory_max = 2G",
        "pids_max = 20",
        "cpu_max = 0.5",
        "private_tmp = yes",
        "no_new_privs = yes",
      ],
      "stderr = /var/log/%s-%c-%h",
    ];
    const file = put(
      directory,
      "convert.conf",
      block("every.thing", 2015, everything) +
        block("plain", 2016, ["user = root", "server = /bin/cat"]).replace("\tbind = 127.0.0.1\n", "") +
        block("six", 2017, ["user = root", "server = /bin/cat"]).replace("127.0.0.1", "::1") +
        block("waits", 2018, ["user = root", "server = /bin/cat"]).replace("wait = no", "wait = yes") +
        block("datagram", 2019, ["user = root", "server = /bin/cat"])
          .replace("wait = no", "wait = yes")
          .replace("stream", "dgram") +
        block("relay", 2020, ["user = root", "redirect = 127.0.0.1 80"]),
    );
    const inetd = put(
      directory,
      "convert.inetd",
      "2021 stream tcp nowait root /bin/cat cat\n/run/x.sock stream unix nowait root /bin/cat cat\n2022 dgram udp wait root /bin/cat cat\n2023 stream tcp6 nowait.9 root:daemon /bin/cat odd name\n",
    );
    for (const from of [file, inetd]) {
      const words = [process.execPath, `${root}/src/cli/perq.ts`, "convert", "--to", "systemd", "--out", place, from];
      const done = Bun.spawnSync(words, { stdout: "pipe", stderr: "pipe" });
      expect([done.exitCode, done.stderr.toString().includes("error")]).toEqual([0, false]);
    }
    expect(readdirSync(place).length).toBe(20);
    expect(verify(place)).toEqual([]);
  }, 90_000);
});

const mayMount = isRoot && Bun.which("unshare") !== null && Bun.spawnSync(["unshare", "-m", "true"]).exitCode === 0;
if (tools !== undefined && !mayMount) console.warn("SKIPPED: a real journald: mount namespaces are not allowed here");

test.skipIf(tools === undefined || !mayMount)(
  "a real journald keeps START, EXIT and FAIL with their fields, and a client's words in one of them",
  async () => {
    const [port, limited] = [freePort(), freePort()];
    const logged = [
      "log_type = SYSLOG local3 info",
      "log_on_success = PID HOST EXIT DURATION",
      "log_on_failure = HOST",
    ];
    const config = put(
      directory,
      "journal.conf",
      block("cat", port, [...cat, ...logged]) + block("none", limited, [...cat, ...logged, "instances = 0"]),
    );
    const script = put(
      directory,
      "journal.sh",
      `mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal
[ -s /etc/machine-id ] || { echo 0123456789abcdef0123456789abcdef > /run/id; touch /etc/machine-id; mount --bind /run/id /etc/machine-id; }
${tools?.["systemd-journald"]} &
journald=$!
while ! [ -S /run/systemd/journal/stdout ]; do kill -0 $journald || exit 9; sleep 0.05; done
${tools?.["systemd-cat"]} -t perqd sh -c 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec ${program()} -f ${config} -dontfork -pidfile ${directory}/journal.pid' &
perqd=$!
cat > /dev/null # until the test has what it wants
kill $perqd; wait $perqd
${tools?.journalctl} --sync
${tools?.journalctl} --file "/run/log/journal/*/system.journal" -o json SYSLOG_IDENTIFIER=perqd
kill $journald
`,
    );
    const shell = Bun.spawn(["unshare", "-m", "sh", script], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    const first = await activate(port);
    say(first, "hello\n");
    hear(first, "hello\n");
    sys.close(first);
    expect(ask(limited)).toBe("");
    // the session's end has been seen
    const pid = Number(readFileSync(`${directory}/journal.pid`, "utf8"));
    const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    for (const deadline = Date.now() + 20_000; children() !== "" && Date.now() < deadline; ) await Bun.sleep(20);
    await shell.stdin.end();
    const output = await new Response(shell.stdout).text();
    await shell.exited;
    const entries = output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, string>);
    const event = (name: string) =>
      entries.find((one) => one["PERQ_EVENT"] === name) ?? entries.map((one) => one["MESSAGE"]);
    expect(event("START")).toMatchObject({
      MESSAGE: expect.stringMatching(/^START: cat pid=\d+ from=127\.0\.0\.1$/),
      PERQ_SERVICE: "cat",
      PERQ_PEER: "127.0.0.1",
      SYSLOG_FACILITY: "19",
      PRIORITY: "6",
      _PID: `${pid}`,
      _TRANSPORT: "journal",
    });
    expect(event("EXIT")).toMatchObject({ PERQ_SERVICE: "cat", PERQ_STATUS: "0", OBJECT_PID: expect.any(String) });
    expect(event("FAIL")).toMatchObject({ PERQ_SERVICE: "none", PERQ_REASON: "service_limit", PERQ_PEER: "127.0.0.1" });
    expect(entries.some((one) => one["MESSAGE"]?.startsWith("Started working") && one["PRIORITY"] === "5")).toBe(true);
  },
  60_000,
);
