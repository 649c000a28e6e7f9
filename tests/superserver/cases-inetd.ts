/**
 * More of inetd.conf than superserver-cases.md has: the statements of its chapters and of the two manual pages, one by
 * one. Each was first run against the real daemons; what they were seen to do is what is expected here of all three.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { encodeAddress, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { Case } from "./cases.ts";
import { Client, type Fixture, Report } from "./fixture.ts";

type Dialect = "openbsd" | "gnu";
const both: Dialect[] = ["openbsd", "gnu"];
export const inetdCases: Case[] = [];

function inetd(id: string, title: string, kinds: Dialect[], run: Case["run"], more: Partial<Case> = {}): void {
  for (const kind of kinds) inetdCases.push({ id, title, kind, run, ...more });
}

function equal(actual: unknown, expected: unknown, what = ""): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what === "" ? "" : `${what}: `}expected ${e}, got ${a}`);
}

/** Starts it, and waits for the port of kdbtwo, which is in the file after what is looked at. */
function start(t: Fixture, config: string, more: Parameters<Fixture["start"]>[1] = {}): void {
  t.start(config + t.line({ service: "kdbtwo", protocol: "tcp4" }), { listens: 20151, ...more });
}

/** The probe's report, or how the connection went: "eof", "refused", "rst". */
function report(port = 20150, options: { from?: string; host?: string } = {}): Report | string {
  const client = Client.errno(port, options);
  if (typeof client === "number") return client === -111 ? "refused" : `errno ${-client}`;
  try {
    return new Report(client.until("END\n"));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return /ended \(0\)/.test(words) ? "eof" : /ended \(-104\)/.test(words) ? "rst" : words;
  } finally {
    client.close();
  }
}

function outcome(port = 20150, options: { from?: string; host?: string } = {}): string {
  const got = report(port, options);
  return typeof got === "string" ? got : "served";
}

function argv(port = 20150, options: { from?: string; host?: string } = {}): string[] | string {
  const got = report(port, options);
  return typeof got === "string" ? got : got.argv;
}

const bothFamilies = () => [outcome(), outcome(20150, { host: "::1" })];

// ---------------------------------------------------------------------------------------------------- J: the fields

inetd("J01", "user, user.group, user:group: ids and supplementary groups", both, (t) => {
  const of = (user: string) => {
    start(t, t.line({ user }));
    const got = report();
    return typeof got === "string"
      ? got
      : [got.one("uid")?.split(" ")[0], got.one("gid")?.split(" ")[0], got.one("groups")?.trim()];
  };
  equal(of("kdbuser"), ["4002", "4001", "4001 4003"]);
  equal(of("nobody:kdbother"), ["65534", "4004", "4004"], "the user's own group is not among them");
  equal(of("nobody.kdbother"), ["65534", "4004", "4004"]);
  equal(of("root:kdbother"), of("root"), "root keeps his own");
  equal(of("kdbuser:nosuch"), t.kind === "gnu" ? "refused" : "eof");
  equal(of("kdbuser:4003"), t.kind === "gnu" ? "refused" : "eof", "a number is no group");
  equal(of(":kdb"), t.kind === "gnu" ? "refused" : "eof");
  if (t.kind === "gnu") equal(of("kdbuser:"), ["4002", "4001", "4001 4003"], "no group after the colon");
  else equal(of("kdbuser:"), "eof");
});

inetd("J02", "the wait field's number", both, (t) => {
  const of = (wait: string) => {
    start(t, t.line({ wait, protocol: "tcp4" }));
    return [outcome(), outcome(), outcome()];
  };
  const all = ["served", "served", "served"];
  for (const wait of ["nowait.0", "nowait.-1", "nowait.", "nowait.3x", "nowaitx", "nowait:3"])
    equal(of(wait), all, wait);
  equal(of("nowait.1"), ["served", "eof", t.kind === "gnu" ? "refused" : "eof"], "nowait.1");
  equal(of("nowait.2"), t.kind === "gnu" ? ["served", "served", "eof"] : ["served", "eof", "eof"], "nowait.2");
  equal(of("nowait.1.2"), t.kind === "gnu" ? ["served", "eof", "refused"] : all, "nowait.1.2");
});

inetd("J03", "only wait itself is wait, whatever the case", both, (t) => {
  for (const wait of ["WAIT", "waitx"]) {
    start(t, t.line({ wait, protocol: "tcp4", args: "probe waiter" }));
    equal(outcome(), "eof", wait); // the server finds no listener on descriptor 0
  }
  start(t, t.line({ wait: "wait.5", protocol: "tcp4", args: "probe waiter" }));
  equal(outcome(), "served");
});

inetd("J04", "socket types and protocols that are none lose their line only", both, (t) => {
  for (const type of ["STREAM", "raw", "rdm", "seqpacket", "nosuch", "dgram"]) {
    start(t, t.line({ type }));
    equal([outcome(), outcome(20151)], ["refused", "served"], type);
  }
  for (const protocol of ["udp", "sctp", "unix", "icmp", "udp4"]) {
    start(t, t.line({ protocol }));
    equal([outcome(), outcome(20151)], ["refused", "served"], protocol);
  }
});

inetd("J05", "tcp, tcp4, tcp6, tcp46, tcp6only with a number for a name", both, (t) => {
  const of = (protocol: string) => {
    start(t, t.line({ service: "20150", protocol }));
    return bothFamilies();
  };
  equal(of("tcp"), t.kind === "gnu" ? ["served", "refused"] : ["served", "served"], "tcp");
  equal(of("tcp4"), ["served", "refused"], "tcp4");
  equal(of("tcp6"), t.kind === "gnu" ? ["served", "served"] : ["refused", "served"], "tcp6");
  if (t.kind === "gnu") equal(of("tcp6only"), ["refused", "served"], "tcp6only");
  else equal(of("tcp46"), ["served", "served"], "tcp46");
});

inetd("J06", "socket buffers: sizes, and words that are none", ["openbsd"], (t) => {
  for (const protocol of ["tcp,sndbuf=64k", "tcp4,rcvbuf=1m,sndbuf=64k", "tcp,rcvbuf=16384"]) {
    start(t, t.line({ protocol }));
    equal(outcome(), "served", protocol);
  }
  for (const protocol of ["tcp4,rcvbuf=bad", "tcp4,foo=1", "tcp4,"]) {
    start(t, t.line({ protocol }));
    equal([outcome(), outcome(20151)], ["refused", "served"], protocol);
    t.logs(/malformed buffer size option/);
  }
});

inetd("J07", "names and numbers of services", both, (t) => {
  for (const [service, port] of [
    ["kdbalias", 20150],
    ["020160", 20160],
    ["65535", 65535],
  ] as const) {
    start(t, t.line({ service }));
    equal(outcome(port), "served", service);
  }
  for (const service of ["65536", "-1", "20150x", "KDBTAQ", "20150/tcp"]) {
    start(t, t.line({ service }));
    equal([outcome(), outcome(20151)], ["refused", "served"], service);
  }
});

inetd("J08", "host prefixes: numbers, names, lists, *", both, (t) => {
  const at = () => ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map((host) => outcome(20150, { host }));
  const of = (service: string) => {
    start(t, t.line({ service, protocol: "tcp4" }));
    return at();
  };
  equal(of("127.0.0.2:kdbtaq"), ["refused", "served", "refused"]);
  equal(of("127.0.0.2,127.0.0.3:kdbtaq"), ["refused", "served", "served"]);
  equal(of("localhost:kdbtaq"), ["served", "refused", "refused"]);
  equal(of("*:kdbtaq"), ["served", "served", "served"]);
  equal(of("127.0.0.2:20150"), ["refused", "served", "refused"]);
  equal(of("nosuch.test:kdbtaq"), ["refused", "refused", "refused"], "a name that is none");
  equal(outcome(20151), "served");
  equal(of("10.9.8.7:kdbtaq"), ["refused", "refused", "refused"], "an address of another machine");
  equal(outcome(20151), "served");
  if (t.kind === "openbsd") equal(of(":kdbtaq"), ["served", "served", "served"], "an empty host is any");
});

inetd("J09", "a v6 literal in brackets", ["openbsd"], (t) => {
  start(t, t.line({ service: "[::1]:kdbtaq", protocol: "tcp" }));
  equal(bothFamilies(), ["refused", "served"]);
  start(t, t.line({ service: "[::1]:kdbtaq", protocol: "tcp6" }));
  equal(bothFamilies(), ["refused", "served"]);
});

inetd("J10", "default hosts: for lines without a prefix, until the next", both, (t) => {
  start(t, `127.0.0.2:\n${t.line({ protocol: "tcp4" })}`, { listens: 20150 });
  equal([outcome(), outcome(20150, { host: "127.0.0.2" })], ["refused", "served"]);
  equal([outcome(20151), outcome(20151, { host: "127.0.0.2" })], ["refused", "served"], "for all that follow");
  start(t, `127.0.0.2:\n${t.line({ service: "127.0.0.3:kdbtaq", protocol: "tcp4" })}127.0.0.1:\n`);
  equal(
    ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map((host) => outcome(20150, { host })),
    ["refused", "refused", "served"],
  );
  equal(outcome(20151), "served");
});

inetd("J11", "the same service on two hosts is two services", both, (t) => {
  const line = (host: string, word: string) =>
    t.line({ service: `${host}:kdbtaq`, protocol: "tcp4", args: `probe hold ${word}` });
  start(t, line("127.0.0.2", "two") + line("127.0.0.3", "three"));
  equal(argv(20150, { host: "127.0.0.2" }), ["probe", "hold", "two"]);
  equal(argv(20150, { host: "127.0.0.3" }), ["probe", "hold", "three"]);
});

inetd("J12", "two names for one port: the first has it", both, (t) => {
  for (const service of ["kdbalias", "20150"]) {
    start(
      t,
      t.line({ protocol: "tcp4", args: "probe hold one" }) +
        t.line({ service, protocol: "tcp4", args: "probe hold two" }),
    );
    equal(argv(), ["probe", "hold", "one"], service);
    t.logs(/bind: Address already in use/);
  }
});

inetd("J13", "tcp and then tcp4: the first has the port", both, (t) => {
  start(t, t.line({ args: "probe hold both" }) + t.line({ protocol: "tcp4", args: "probe hold four" }));
  equal(argv(), ["probe", "hold", "both"]);
});

// --------------------------------------------------------------------------------------------------- K: the grammar

inetd("K01", "GNU's quotes: at the beginning of a word, to the next like it", ["gnu"], (t) => {
  const words: Record<string, string[]> = {
    "'a b' \"c d\"": ["a b", "c d"],
    "'a\"b' \"a'b\"": ['a"b', "a'b"],
    "a'b c'd": ["a'b", "c'd"],
    'a"b c"d': ["a", "b c", "d"],
    "'a' 'b'c": ["a", "b", "c"],
    '"" x': ["", "x"],
    'a=" b"': ["a=", " b"],
    "a\\ b \\\\": ["a\\", "b", "\\\\"],
    '"a\\"b"': ["a\\", "b", '"'],
    '"a b': ['"a b'],
    "'a b": ["'a b"],
    "& a|b;c >x $HOME": ["&", "a|b;c", ">x", "$HOME"],
  };
  for (const [text, expected] of Object.entries(words)) {
    start(t, t.line({ protocol: "tcp4", args: `probe hold ${text}` }));
    equal(argv().slice(2), expected, text);
  }
});

inetd("K02", "for openbsd-inetd quotes, backslashes and a shell's words are letters", ["openbsd"], (t) => {
  const text = `'a b' "c\\ $HOME | > x;y`;
  start(t, t.line({ protocol: "tcp4", args: `probe hold ${text}` }));
  equal(argv().slice(2), text.split(" "));
});

inetd("K03", "GNU quotes any field; blanks are tabs, too", ["gnu"], (t) => {
  start(t, `"kdbtaq"\t'stream'\t tcp4 nowait\tkdbuser ${t.probe}\tprobe hold\n`);
  equal(argv(), ["probe", "hold"]);
});

inetd("K04", "lines too short, a #, CR LF, no newline at the end, bytes beyond ASCII", both, (t) => {
  for (const text of ["kdbtaq stream tcp nowait kdbuser\n", "kdbtaq\n", "#kdbtaq stream\n", "\n\n# c\n"]) {
    start(t, text);
    equal([outcome(), outcome(20151)], ["refused", "served"], JSON.stringify(text));
  }
  t.start(t.line({ protocol: "tcp4" }).trimEnd());
  equal(outcome(), "served", "no newline");
  start(t, t.line({ protocol: "tcp4", args: "probe hold ä€" }));
  equal(argv(), ["probe", "hold", "ä€"]);
  start(t, `${t.line({ protocol: "tcp4", args: "probe hold x" }).trimEnd()}\r\n`);
  const got = report();
  const words = t.kind === "gnu" ? "argv[2]: x\n" : "argv[2]: x\r\n";
  equal(typeof got === "string" ? got : got.text.includes(words), true, "CR LF");
});

inetd("K05", "continuation lines: only openbsd-inetd's, only right behind, not after a comment", ["openbsd"], (t) => {
  start(t, `kdbtaq stream tcp4\n  nowait kdbuser ${t.probe} probe hold\n\tmore\n`);
  equal(argv(), ["probe", "hold", "more"]);
  const line = t.line({ protocol: "tcp4", args: "probe hold" });
  for (const between of ["# c\n", "\n"]) {
    start(t, `${line}${between}  more\n`);
    equal([argv(), outcome(20151)], [["probe", "hold"], "served"], JSON.stringify(between));
  }
});

inetd("K06", "GNU: a line that begins with blanks is a line", ["gnu"], (t) => {
  start(t, `  ${t.line({ protocol: "tcp4" })}`);
  equal(outcome(), "served");
});

inetd("K07", "a NUL ends its line", both, (t) => {
  start(t, t.line({ protocol: "tcp4", args: "probe hold a\0b" }));
  equal(argv(), ["probe", "hold", "a"]);
});

// -------------------------------------------------------------------------------------------- L: internal services

const internal = (name: string, more = "stream tcp nowait root") => `${name} ${more} internal\n`;

inetd("L01", "echo keeps a half-closed connection until all is back; discard says nothing", both, (t) => {
  start(t, internal("echo") + internal("discard") + internal("chargen"));
  equal(t.connect(7).send("one\ntwo").shut().end(), 'eof after "one\\ntwo"');
  equal(t.connect(9).send("one").shut().end(), "eof");
  const chargen = t.connect(19);
  const lines = [chargen.until("\r\n"), chargen.until("\r\n")];
  equal(
    lines.map((line) => line.length),
    [74, 74],
  );
  equal(lines[1].slice(0, 71), lines[0].slice(1, 72), "each line begins one further");
});

inetd("L02", "the wait field means nothing to an internal stream service", both, (t) => {
  start(t, internal("echo", "stream tcp4 wait root"));
  equal(t.connect(7).send("hi").shut().end(), 'eof after "hi"');
});

inetd("L03", "an internal service that is none, by alias or number: its line is lost", both, (t) => {
  for (const name of ["kdbtaq", "sink", "7"]) {
    start(t, internal(name));
    equal([outcome(), outcome(20151)], ["refused", "served"], name);
    equal(Client.errno(name === "sink" ? 9 : 7), -111, name);
  }
});

inetd("L04", "an internal service's user: GNU looks, openbsd-inetd does not", both, (t) => {
  start(t, internal("echo", "stream tcp nowait nosuch"));
  if (t.kind === "gnu") equal(Client.errno(7), -111);
  else equal(t.connect(7).send("hi").shut().end(), 'eof after "hi"');
});

/** One datagram, and the answer's length. */
function datagram(port: number, words: string, fromPort = 0): number | "none" {
  const fd = sys.socket(sys.AF_INET, sys.SOCK_DGRAM);
  sys.bind(fd, encodeAddress({ family: "ipv4", host: "127.0.0.1", port: fromPort }));
  sys.connect(fd, encodeAddress({ family: "ipv4", host: "127.0.0.1", port }));
  sys.send(fd, new TextEncoder().encode(words));
  const bytes = new Uint8Array(2000);
  const got = waitFor(fd, sys.POLLIN, 500) < 0 ? "none" : sys.recv(fd, bytes);
  sys.close(fd);
  return got;
}

inetd("L05", "datagram services: GNU answers loopback, openbsd-inetd drops it as it drops low ports", both, (t) => {
  const line = (name: string) => internal(name, "dgram udp wait root");
  start(t, ["echo", "daytime", "discard"].map(line).join(""));
  equal(
    [datagram(7, "hi"), datagram(13, "x"), datagram(9, "x")],
    t.kind === "gnu" ? [2, 26, "none"] : ["none", "none", "none"],
  );
});

// ------------------------------------------------------------------------------------------- M: programs, signals

inetd("M01", "programs: a directory, a name in PATH, a script without #!, argv[0] that is another", both, (t) => {
  for (const program of ["/", "/etc", "cat"]) {
    start(t, t.line({ program, protocol: "tcp4" }), { cwd: "/" });
    equal(outcome(), "eof", program);
  }
  const script = t.file("noshebang", "echo END\n");
  chmodSync(script, 0o755);
  start(t, t.line({ program: script, protocol: "tcp4" }));
  equal(outcome(), "eof", "no shell is asked");
  start(t, t.line({ protocol: "tcp4", args: "another hold" }));
  equal(argv(), ["another", "hold"]);
});

inetd("M02", "a program that comes later is found then", both, (t) => {
  const link = t.path("later");
  rmSync(link, { force: true });
  start(t, t.line({ program: link, protocol: "tcp4" }));
  equal(outcome(), "eof");
  symlinkSync(t.probe, link);
  equal(outcome(), "served");
});

inetd("M03", "ALRM, PIPE and a flood of CHLD end nothing", both, (t) => {
  start(t, t.line({ protocol: "tcp4" }));
  const { client } = t.served();
  for (const signal of [sys.SIG.ALRM, sys.SIG.PIPE, sys.SIG.CHLD, sys.SIG.CHLD]) t.signal(signal);
  equal([outcome(), client.echoes()], ["served", true]);
});

inetd("M04", "HUP takes another program, other words, another user for new connections", both, (t) => {
  const at = (more: Parameters<Fixture["line"]>[0]) =>
    t.line({ protocol: "tcp4", ...more }) + t.line({ service: "kdbtwo", protocol: "tcp4" });
  t.start(at({ args: "probe hold one" }));
  const { client } = t.served();
  t.reload(at({ args: "probe hold two" }));
  equal(argv(), ["probe", "hold", "two"]);
  t.reload(at({ user: "nobody", args: "probe hold three" }));
  const got = report();
  equal(typeof got === "string" ? got : [got.one("uid"), ...got.argv], ["65534 65534 65534", "probe", "hold", "three"]);
  equal(client.echoes(), true);
});

inetd("M05", "HUP: openbsd-inetd goes on counting under the new max", ["openbsd"], (t) => {
  const at = (wait: string) => t.line({ protocol: "tcp4", wait, args: "probe report" });
  t.start(at("nowait"));
  equal(outcome(), "served");
  t.reload(at("nowait.3"));
  equal([outcome(), outcome(), outcome()], ["served", "eof", "eof"]);
});

inetd("M06", "the laundry, by beginnings of names", ["openbsd"], (t) => {
  const kept = [
    "BASH_ENV",
    "ENV",
    "PYTHONPATH",
    "OLDPWD",
    "LC_ALL",
    "TZ",
    "HOSTNAME",
    "PS1",
    "EDITORS",
    "USERX",
    "MAILER",
    "FOO",
  ];
  const gone =
    "CVSROOT DISPLAY EDITOR GROUP HOME IFS LOGNAME MAIL PATH PRINTER PWD SHELL SHLVL SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION TERM TERMCAP TERMINFO TMP TMPDIR USER VISUAL".split(
      " ",
    );
  const environment = Object.fromEntries([...kept, ...gone].map((name) => [name, "x"]));
  start(t, t.line({ protocol: "tcp4" }), { environment });
  const got = report();
  const names = typeof got === "string" ? [got] : got.env.map((one) => one.split("=")[0]);
  equal(
    kept.filter((name) => !names.includes(name)),
    [],
    "kept",
  );
  equal(
    gone.filter((name) => names.includes(name)),
    [],
    "gone",
  );
});

inetd("M07", "options as getopt reads them", both, (t) => {
  const line = t.line({ protocol: "tcp4", args: "probe hold" });
  const of = (...args: string[]) => {
    start(t, line, { args });
    return [outcome(), outcome()];
  };
  // openbsd-inetd and inetutils both count -R itself as too many
  equal(of("-R2"), ["served", "eof"]);
  equal(of("-R", "60"), ["served", "served"]);
  if (t.kind === "openbsd") {
    equal(of("-q5"), ["served", "served"]);
    start(t, line, { args: ["-dE"] });
    const got = report();
    equal(typeof got === "string" ? got : got.env.includes("PATH=/usr/bin:/bin"), true, "-dE");
  } else {
    equal(of("--rate=2"), ["served", "eof"]);
    start(t, line, { args: ["--env"] });
    const got = report();
    equal(typeof got === "string" ? got : got.env.includes("PROTO=TCP"), true, "--env");
  }
});

inetd("M08", "a client from port 20 is dropped without a word", ["openbsd"], (t) => {
  start(t, t.line({ protocol: "tcp4" }));
  const fd = sys.socket(sys.AF_INET, sys.SOCK_STREAM);
  sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, 1);
  equal(sys.bind(fd, encodeAddress({ family: "ipv4", host: "127.0.0.1", port: 20 })), 0);
  equal(sys.connect(fd, encodeAddress({ family: "ipv4", host: "127.0.0.1", port: 20150 })), 0);
  const client = new Client(fd);
  equal(client.end(), "eof");
  client.close();
});

inetd("M09", "a unix service replaces what is at its path", ["openbsd"], (t) => {
  const path = t.path("taken");
  rmSync(path, { force: true });
  writeFileSync(path, "a file");
  start(t, t.line({ service: path, protocol: "unix" }));
  t.until(
    () => Bun.spawnSync(["stat", "-c", "%F %a", path]).stdout.toString() === "socket 666\n",
    "a socket with mode 666 is at the path",
  );
});

inetd(
  "M10",
  "FreeBSD's fields: nowait/max-child queues, user/class is the user",
  both,
  (t) => {
    start(t, t.line({ wait: "nowait/1", user: "kdbuser/daemon", protocol: "tcp4" }));
    const { client, report: first } = t.served();
    equal(first.one("uid"), "4002 4002 4002");
    const second = t.connect();
    t.sleep(150);
    client.send("q0").end();
    second.until("END\n");
  },
  { ours: true },
);

inetd(
  "M11",
  "a user whose name has a dot",
  both,
  (t) => {
    start(t, t.line({ user: "first.last", protocol: "tcp4" }));
    t.served();
    start(t, t.line({ user: "first.last:kdbother", protocol: "tcp4" }));
    equal(t.served().report.one("gid"), "4004 4004 4004");
  },
  { ours: true },
);

// ------------------------------------------------------------------------------------ N: files, tcpmux, limits, -l

inetd("N01", "several files are one: the later entry wins, a default host lasts", ["gnu"], (t) => {
  const first = t.file("first", `127.0.0.2:\n${t.line({ protocol: "tcp4", args: "probe hold first" })}`);
  t.start(t.line({ protocol: "tcp4", args: "probe hold second" }), { args: [first], listens: 20150 });
  equal(argv(20150, { host: "127.0.0.2" }), ["probe", "hold", "second"]);
  equal(outcome(), "refused");
});

inetd("N02", "a directory stands for its files; a file that is missing costs the others nothing", ["gnu"], (t) => {
  const directory = t.path("inetd.d");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  writeFileSync(`${directory}/one`, t.line({ protocol: "tcp4" }));
  writeFileSync(`${directory}/two.conf`, t.line({ service: "20160", protocol: "tcp4" }));
  start(t, "", { args: [directory, "/nonexist"] });
  equal([outcome(), outcome(20160), outcome(20151)], ["served", "served", "served"]);
  t.logs(/\/nonexist.*No such file/);
});

inetd("N03", "tcpmux: any case, + answers, help, what is none; it listens without a line of its own", ["gnu"], (t) => {
  const named = (service: string) => t.line({ service, args: "probe report" });
  for (const line of ["tcpmux stream tcp nowait root internal\n", ""]) {
    start(t, line + named("tcpmux/plain") + named("tcpmux/+plus") + named("tcpmux/Upper"));
    const ask = (words: string) => {
      const end = t.connect(1).send(words).end();
      return end.replace(/^eof after "/, "").replace(/argv\[0\][\s\S]*/, "served");
    };
    equal(["plain\r\n", "PLAIN\n", "upper\r\n"].map(ask), ["served", "served", "served"]);
    equal(ask("plus\r\n"), "+Go\\r\\nserved");
    equal(ask("help\r\n"), 'Upper\\r\\nplus\\r\\nplain\\r\\n"');
    for (const none of ["nosuch\r\n", "+plus\r\n", "\r\n"]) equal(ask(none), '-Service not available\\r\\n"', none);
  }
});

inetd("N04", "a rate beyond the limit on a low or a v6 port closes it until HUP", both, (t) => {
  for (const [service, protocol, host] of [
    ["201", "tcp4", "127.0.0.1"],
    ["20160", "tcp6", "::1"],
  ]) {
    const port = Number(service);
    const line = t.line({ service, protocol, wait: "nowait.3", args: "probe report" });
    start(t, line);
    const within = t.kind === "gnu" ? ["served", "served", "served"] : ["served", "served"];
    const seen = [...within, "eof"].map(() => outcome(port, { host }));
    equal(seen, [...within, "eof"], service);
    t.logs(new RegExp(`${service}/${protocol} server failing \\(looping\\), service terminated`));
    t.until(() => !t.listening(port), "the port is closed"); // a client before that may be reset
    equal(outcome(port, { host }), "refused", service);
    t.signal(sys.SIG.HUP);
    t.until(() => t.listening(port), "HUP enables it again");
    equal(outcome(port, { host }), "served");
  }
});

inetd("N05", "the two sockets of tcp are counted each by itself", ["openbsd"], (t) => {
  start(t, t.line({ protocol: "tcp", wait: "nowait.3", args: "probe report" }));
  equal(
    [1, 2, 3].map(() => outcome()),
    ["served", "served", "eof"],
  );
  equal(
    [1, 2, 3].map(() => outcome(20150, { host: "::1" })),
    ["served", "served", "eof"],
  );
});

inetd(
  "N06",
  "-l asks hosts.deny by argv[0], not for internal services, and runs what is behind tcpd",
  ["openbsd"],
  (t) => {
    if (!existsSync("/etc/hosts.deny")) return; // libwrap is not installed; the runner lays nothing over it
    const denied = (text: string, run: () => void) => {
      writeFileSync("/etc/hosts.deny", text);
      try {
        run();
      } finally {
        writeFileSync("/etc/hosts.deny", "");
      }
    };
    denied("probe: 127.0.0.7\nzzz: ALL\nALL: 127.0.0.8\n", () => {
      start(t, t.line({ protocol: "tcp4" }) + internal("echo", "stream tcp4 nowait root"), { args: ["-l"] });
      equal([outcome(), outcome(20150, { from: "127.0.0.7" })], ["served", "eof"]);
      equal(t.connect(7, { from: "127.0.0.8" }).send("hi").shut().end(), 'eof after "hi"');
      start(t, t.line({ protocol: "tcp4", args: "zzz hold" }), { args: ["-l"] });
      equal(outcome(), "eof");
      start(t, t.line({ protocol: "tcp4" }));
      equal(outcome(20150, { from: "127.0.0.7" }), "served", "without -l");
    });
    start(t, t.line({ protocol: "tcp4", program: "/usr/sbin/tcpd", args: `${t.probe} hold` }), { args: ["-l"] });
    equal(argv(), ["probe", "hold"]);
  },
);

inetd("N07", "HUP: a service that goes and comes back; a waiting server keeps its socket", both, (t) => {
  const two = t.line({ service: "kdbtwo", protocol: "tcp4" });
  const wait = t.line({ wait: "wait", args: "probe waiter", protocol: "tcp4" });
  t.start(wait + two);
  const pid = () => {
    const got = report();
    return typeof got === "string" ? got : got.one("pid");
  };
  const first = pid();
  t.reload(wait + two);
  equal(pid(), first);
  t.reload(two);
  t.reload(t.line({ protocol: "tcp4" }) + two);
  t.until(() => outcome() === "served", "it is back");
});

inetd("N08", "the client's addresses, in the words of the socket that he came to", ["gnu"], (t) => {
  const environment = { TCPREMOTEIP: "6.6.6.6", TCPREMOTEHOST: "evil.test", PROTO: "none" };
  start(t, t.line({ protocol: "tcp6" }), { args: ["--environment"], environment });
  for (const [host, ip] of [
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["::1", "::1"],
  ]) {
    const got = report(20150, { host });
    if (typeof got === "string") throw new Error(got);
    for (const entry of ["PROTO=TCP", `TCPLOCALIP=${ip}`, "TCPLOCALPORT=20150", `TCPREMOTEIP=${ip}`])
      equal(
        got.env.filter((one) => one.startsWith(`${entry.split("=")[0]}=`)),
        [entry],
      );
  }
  start(t, t.line({ protocol: "tcp4" }), { args: ["--resolve"] });
  const got = report();
  if (typeof got === "string") throw new Error(got);
  equal([got.env.includes("TCPLOCALHOST=localhost"), got.env.includes("TCPREMOTEHOST=localhost")], [true, true]);
});
