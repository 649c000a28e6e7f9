/**
 * What xinetd.conf(5) promises and superserver-cases.md does not ask: one statement after the other, as tables. A row
 * of a table is a line in a block of its own; all blocks of a table run in one daemon, each on its own port. Every
 * answer here was given by Debian's xinetd first, and perqd must give the same; what only one of the two does says so.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as sys from "#platform/sys.ts";
import type { Case } from "./cases.ts";
import { Client, type Fixture, Report } from "./fixture.ts";

export const xinetdCases: Case[] = [];

function x(id: string, title: string, run: Case["run"], more: Partial<Case> = {}): void {
  xinetdCases.push({ id, title, kind: "xinetd", run, ...more });
}

function equal(actual: unknown, expected: unknown, what = ""): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what === "" ? "" : `${what}: `}expected ${e}, got ${a}`);
}

interface Way {
  from?: string;
  host?: string;
}

/** What a client meets at a port: the probe's report, or how it ended. */
function meet(port: number, way: Way = {}): Report | string {
  const client = Client.errno(port, way);
  if (typeof client === "number") return client === -111 ? "refused" : `errno ${-client}`;
  try {
    return new Report(client.until("END\n", 4000));
  } catch {
    return client.end(300);
  } finally {
    client.close();
  }
}

const door = (port: number, way: Way = {}) => {
  const met = meet(port, way);
  return typeof met === "string" ? met : "served";
};

const FIRST_PORT = 21000;

/** One service for each row: BASE, and the row's lines in place of BASE's lines of that name. */
function start(t: Fixture, rows: string[], options: { without?: string[]; before?: string } = {}): number[] {
  const blocks = rows.map((row, index) => {
    const named = row.split("\n").map((line) => line.split(/[\s=+-]/)[0]);
    const port = FIRST_PORT + index;
    return t.baseWithout(
      [...named, ...(options.without ?? [])],
      `type = UNLISTED\nport = ${port}\n${row}`,
      `s${index}`,
    );
  });
  t.start((options.before ?? "") + blocks.join(""));
  return rows.map((_, index) => FIRST_PORT + index);
}

/** Rows of lines and what comes of them. */
function table(
  t: Fixture,
  rows: [lines: string, answer: unknown][],
  look: (port: number, id: string) => unknown,
  options: { without?: string[]; before?: string } = {},
): void {
  const ports = start(
    t,
    rows.map((row) => row[0]),
    options,
  );
  for (const [index, [lines, answer]] of rows.entries()) equal(look(ports[index], `s${index}`), answer, lines);
}

const ask = (port: number, ...keys: string[]) => {
  const met = meet(port);
  return typeof met === "string" ? met : keys.map((key) => met.one(key)).join(" | ");
};

/** The service's lines so far, without time stamp and with N for a child's pid. */
function lines(t: Fixture, id: string): string[] {
  return t.svcLog
    .split("\n")
    .map((line) => line.replace(/^\S+: (?=[A-Z]+: )/, "").replace(/pid=[1-9]\d*/, "pid=N"))
    .filter((line) => new RegExp(`^[A-Z]+: ${id}( |$)`).test(line));
}

/** The same once so many have come; what xinetd's two processes write in either order is sorted. */
function linesOf(t: Fixture, id: string, count: number): string[] {
  t.until(() => lines(t, id).length >= count, `${count} lines of ${id}`);
  return lines(t, id);
}

// ---------------------------------------------------------------------------------------- the child process

x("XA01", "env: empty values, =, +=, what is no list of NAME=value", (t) => {
  const env = (port: number) => {
    const met = meet(port);
    return typeof met === "string" ? met : met.env.filter((one) => /^([AB]?=|A|B)/.test(one));
  };
  table(
    t,
    [
      ["env = A=", ["A="]],
      ["env = A=1\nenv = B=2", ["B=2"]],
      ["env = A=1\nenv += B=2", ["A=1", "B=2"]],
      ["env = A=1 A=2", ["A=2"]],
      ["env = A=1\nenv =", []],
      ["env = A=x=y=z", ["A=x=y=z"]],
      ["env = A=héllo", ["A=héllo"]],
      ["env = =x", ["=x"]],
      ["env -= A=1", "refused"],
      ["env = A=1 B", "refused"],
      ["env = A = 1", "refused"],
    ],
    env,
  );
});

x("XA02", "passenv: operators, case, together with env", (t) => {
  const env = (port: number) => {
    const met = meet(port);
    return typeof met === "string" ? met : met.env.map((one) => one.split("=")[0]).join(" ");
  };
  table(
    t,
    [
      ["passenv = PATH HOME\npassenv -= HOME", "PATH REMOTE_HOST"],
      ["passenv = path", "REMOTE_HOST"],
      ["passenv += FOO", "FOO REMOTE_HOST"],
      ["passenv = FOO\npassenv = LANG", "LANG REMOTE_HOST"],
      ["passenv = REMOTE_HOST", "REMOTE_HOST"],
      ["passenv = FOO\nenv = FOO=2", "FOO REMOTE_HOST"],
    ],
    env,
  );
});

x("XA03", "nice takes what is nearest, and a number only", (t) => {
  table(
    t,
    [
      ["nice = 19", "19"],
      ["nice = 20", "19"],
      ["nice = 40", "19"],
      ["nice = +3", "3"],
      ["nice =", "0"],
      ["nice = 3 4", "0"],
      ["nice = 3x", "refused"],
      ['nice = "3"', "refused"],
    ],
    (port) => ask(port, "nice"),
  );
});

x("XA04", "umask is octal, with as many zeros as one likes", (t) => {
  table(
    t,
    [
      ["umask = 0", "0000"],
      ["umask = 22", "0022"],
      ["umask = 00027", "0027"],
      ["umask = 777", "0777"],
      ["umask = 1000", "refused"],
      ["umask = 8", "refused"],
      ["umask = 0x1f", "refused"],
      ["umask = -1", "refused"],
    ],
    (port) => ask(port, "umask"),
  );
});

x("XA05", "limits: suffixes, UNLIMITED, 0 and -1 are none", (t) => {
  const limits = (port: number) => ask(port, "rlimit_nofile", "rlimit_cpu", "rlimit_as", "rlimit_stack");
  const rows = [
    "rlimit_files = 1K",
    "rlimit_files = 0",
    "rlimit_cpu = 20K",
    "rlimit_cpu = 0",
    "rlimit_as = unlimited",
    "rlimit_as = -1",
    "rlimit_stack = 1m",
    "rlimit_as = 512 M",
    "rlimit_as = 1G",
    "rlimit_data = 0",
  ];
  const ports = start(t, ["", ...rows]);
  const plain = limits(ports[0]) as string;
  const [, ...others] = plain.split(" | ");
  equal(limits(ports[1]), ["1024 1024", ...others].join(" | "), rows[0]);
  equal(limits(ports[2]), plain, rows[1]);
  equal(limits(ports[3]), "refused", rows[2]);
  for (const index of [4, 5, 6, 8, 10]) equal(limits(ports[index]), plain, rows[index - 1]);
  equal((limits(ports[7]) as string).split(" | ")[3], "1048576 1048576", rows[6]);
  equal(limits(ports[9]), "refused", rows[8]);
});

x("XA06", "user and group as numbers, and the groups of a numbered user", (t) => {
  table(
    t,
    [
      ["user = root", "0 0 0 | 0 0 0 | "],
      ["user = 0", "0 0 0 | 0 0 0 | "],
      ["user = 4002\ngroups = yes", "4002 4002 4002 | 4002 4002 4002 | 4001 4003"],
      ["user = kdbuser\ngroup = 4004", "4002 4002 4002 | 4004 4004 4004 | "],
      ["user = kdbuser\ngroup = 99999\ngroups = YES", "4002 4002 4002 | 99999 99999 99999 | 4001 4003"],
      ["user = -1", "refused"],
      ["user = KDBUSER", "refused"],
    ],
    (port) => ask(port, "uid", "gid", "groups"),
  );
});

x("XA07", "server_args: blanks and tabs separate, nothing quotes, the first line counts", (t) => {
  const argv = (port: number) => {
    const met = meet(port);
    return typeof met === "string" ? met : met.argv.slice(1);
  };
  table(
    t,
    [
      ["server_args = hold a\tb  c", ["hold", "a", "b", "c"]],
      ["server_args = hold 'a b'", ["hold", "'a", "b'"]],
      ["server_args = hold $HOME \\n a\\", ["hold", "$HOME", "\\n", "a\\"]],
      ["server_args = hold 1\nserver_args = hold 2", ["hold", "1"]],
      ["server_args += hold 3", []],
      [
        `server_args = hold ${Array.from({ length: 300 }, (_, n) => `a${n}`).join(" ")}`,
        ["hold", ...Array.from({ length: 300 }, (_, n) => `a${n}`)],
      ],
      ["server_args =", "refused"],
      ["flags = NAMEINARGS\nserver_args = /x/y/zz hold", ["hold"]],
    ],
    argv,
  );
});

x("XA09", "an internal service's name is in any letters; a user that is none costs it", (t) => {
  const block = (name: string, port: number, more = "") =>
    `service ${name}\n{\ntype = INTERNAL UNLISTED\nid = i${port}\nsocket_type = stream\nwait = no\nport = ${port}\nbind = 127.0.0.1\n${more}\n}\n`;
  t.start(
    block("DayTime", 20161) +
      block("daytime", 20162, "user = nosuch") +
      block("daytime", 20163, "server = /nonexistent") +
      block("daytime", 20164, "flags = NAMEINARGS") +
      block("daytime", 20165, "user = root"),
  );
  equal(
    [20161, 20162, 20163, 20164, 20165].map((port) => door(port).slice(0, 9)),
    ["eof after", "refused", "refused", "refused", "eof after"],
  );
});

x("XA08", "NAMEINARGS without server_args; flags are given once", (t) => {
  table(
    t,
    [
      ["flags = NAMEINARGS", "refused"],
      ["flags = NODELAY\nflags = KEEPALIVE", "1 | 0"],
      ["flags += NODELAY", "0 | 0"],
      ["flags = nodelay KeepAlive", "1 | 1"],
      ["flags =", "refused"],
    ],
    (port) => ask(port, "nodelay", "keepalive"),
    { without: ["server_args"] },
  );
  t.logs(/Must specify server args if using NAMEINARGS/);
});

// -------------------------------------------------------------------------------------------------- logging

x("XB01", "log_on_success: each word, operators, words of the other list", (t) => {
  const after = (id: string, count: number) => (port: number) => {
    const client = Client.errno(port);
    if (typeof client === "number") return "refused";
    client.until("END\n");
    client.send("q3").end();
    client.close();
    return count === 0 ? [] : linesOf(t, id, count);
  };
  const rows: [string, string[] | "refused"][] = [
    ["log_on_success = HOST", ["START: s0 from=127.0.0.1"]],
    ["log_on_success = EXIT", ["START: s1", "EXIT: s1 status=3"]],
    ["log_on_success = pid host", ["START: s2 pid=N from=127.0.0.1"]],
    ["log_on_success = PID\nlog_on_success += HOST\nlog_on_success -= PID", ["START: s3 from=127.0.0.1"]],
    ["log_on_success =", []],
    ["log_on_success = USERID", ["START: s5"]],
    ["log_on_success = PID NOPE", "refused"],
    ["log_on_success = ATTEMPT", "refused"],
    ["log_on_success = PID,HOST", "refused"],
    ["log_on_success = TRAFFIC", "refused"],
  ];
  const ports = start(
    t,
    rows.map(([row]) => row),
  );
  rows.forEach(([row, answer], index) => {
    equal(after(`s${index}`, answer.length)(ports[index]), answer, row);
  });
  t.sleep(100);
  equal(lines(t, "s4"), [], "an empty list");
});

x("XB02", "log_on_failure: each word, nothing, words of the other list", (t) => {
  const rows: [string, string][] = [
    ["log_on_failure =", ""],
    ["log_on_failure = ATTEMPT", "FAIL: s1 service_limit"],
    ["log_on_failure = HOST", "FAIL: s2 service_limit from=127.0.0.1"],
    ["log_on_failure = HOST ATTEMPT\nlog_on_failure -= HOST", "FAIL: s3 service_limit"],
    ["log_on_failure = PID", "refused"],
  ];
  const ports = start(
    t,
    rows.map(([row]) => `${row}\ninstances = 0`),
  );
  rows.forEach(([row, answer], index) => {
    equal(door(ports[index]), answer === "refused" ? "refused" : "eof", row);
    if (answer.startsWith("FAIL")) equal(linesOf(t, `s${index}`, 1), [answer], row);
  });
  t.sleep(100);
  equal(lines(t, "s0"), [], "an empty list");
});

x("XB03", "log_type SYSLOG: facility and level, name and pid; what is not one", (t) => {
  const rows: [string, string][] = [
    ["log_type = SYSLOG daemon", "30"],
    ["log_type = SYSLOG local3 debug", "159"],
    ["log_type = syslog AUTHPRIV Alert", "81"],
    ["log_type = SYSLOG", "refused"],
    ["log_type = SYSLOG nosuch", "refused"],
    ["log_type = SYSLOG daemon warn", "refused"],
    ["log_type = FILE", "refused"],
    ["log_type = NONE", "refused"],
    ["log_type =", "refused"],
    [`log_type = FILE ${t.svc} 10 5`, "refused"],
    [`log_type = FILE ${t.svc} x`, "refused"],
    [`log_type = FILE ${t.svc} 1K`, "served"],
  ];
  const ports = start(
    t,
    rows.map(([row]) => row),
  );
  rows.forEach(([row, answer], index) => {
    equal(door(ports[index]), answer === "refused" ? "refused" : "served", row);
    if (/^\d+$/.test(answer))
      t.logs(new RegExp(`<${answer}>.*(xinetd|perqd)\\[\\d+\\]: START: s${index} pid=\\d+ from=127\\.0\\.0\\.1`));
  });
});

x("XB04", "a duration counts the clock's seconds", (t) => {
  t.start(t.base());
  const now = Date.now();
  t.sleep(1000 - (now % 1000) + 700);
  const { client } = t.served();
  t.sleep(500);
  client.send("q0").end();
  const exit = linesOf(t, "kdbtaq", 2)[1];
  // 0.5 s across a full second, unless the machine was slow
  if (!/duration=[12]\(sec\)$/.test(exit)) throw new Error(exit);
});

x("XB05", "signals and statuses at the end", (t) => {
  t.start(t.base());
  for (const [word, how] of [
    ["k15", "signal=15"],
    ["k11", "signal=11"],
    ["q255", "status=255"],
    ["q256", "status=0"],
  ]) {
    t.served().client.send(word).end();
    t.svcLogs(new RegExp(`EXIT: kdbtaq ${how} pid=\\d+ duration=\\d\\(sec\\)\\n$`));
  }
});

x("XB06", "two services in one log; modes of the files", (t) => {
  t.start(t.base() + t.base("umask = 077", "kdbtwo"));
  t.served();
  t.served(20151);
  equal(linesOf(t, "kdbtaq", 1).concat(linesOf(t, "kdbtwo", 1)), [
    "START: kdbtaq pid=N from=127.0.0.1",
    "START: kdbtwo pid=N from=127.0.0.1",
  ]);
  const modes = Bun.spawnSync(["stat", "-c", "%a", t.svc, t.mainLog, t.pidFile]).stdout.toString();
  equal(modes, "644\n644\n644\n");
  equal(readFileSync(t.pidFile, "utf8"), `${t.pid}\n`);
});

x("XB07", "IDENT: what is logged of an answer, and what IDONLY makes of it", (t) => {
  const script = t.file(
    "ident.ts",
    `Bun.listen({ hostname: "127.0.0.1", port: 113, socket: { data(s, d) {
  const port = Number(d.toString().split(",")[1]);
  const answers = { 21000: "USERID : UNIX : stjohns", 21001: "USERID : UNIX : stjohns", 21002: "ERROR : NO-USER",
    21003: "ERROR : HIDDEN-USER", 21004: "USERID : UNIX : stjohns" };
  s.end(d.toString().trim() + " : " + answers[port] + "\\r\\n");
} } });`,
  );
  const ident = Bun.spawn([process.execPath, script], { stdio: ["ignore", "ignore", "ignore"] });
  try {
    t.until(() => t.listening(113), "the ident server listens", 20_000);
    const ports = start(t, [
      "log_on_success = PID HOST EXIT USERID",
      "flags = IDONLY\nlog_on_success = PID HOST EXIT USERID",
      "log_on_success = PID HOST EXIT USERID",
      "flags = IDONLY\nlog_on_success = PID HOST EXIT USERID",
      "instances = 0\nlog_on_failure = HOST USERID",
      "flags = IDONLY",
    ]);
    equal(
      ports.map((port) => door(port)),
      ["served", "served", "served", "eof", "eof", "served"],
    );
    for (const id of ["s0", "s1"])
      equal(linesOf(t, id, 3).sort(), [
        `EXIT: ${id} status=0 pid=N`,
        `START: ${id} pid=N from=127.0.0.1`,
        `USERID: ${id} UNIX : stjohns`,
      ]);
    equal(linesOf(t, "s2", 2), ["START: s2 pid=N from=127.0.0.1", "EXIT: s2 status=0 pid=N"]);
    equal(
      linesOf(t, "s3", 3)
        .sort()
        .map((line) => line.replace(/ pid=\S+/, "")),
      ["EXIT: s3 status=0", "NOID: s3 127.0.0.1 bad response", "START: s3 from=127.0.0.1"],
    );
    equal(linesOf(t, "s4", 2).sort(), ["FAIL: s4 service_limit from=127.0.0.1", "USERID: s4 UNIX : stjohns"]);
  } finally {
    ident.kill();
  }
});

// --------------------------------------------------------------------------------------------------- limits

x("XC01", "instances and per_source: words, numbers, what is none", (t) => {
  const rows: [string, string][] = [
    ["instances = unlimited", "served served"],
    ["instances = 1", "served eof"],
    ["instances = +1", "served eof"],
    ["instances = 010", "served served"],
    ["instances = 1.5", "refused refused"],
    ["per_source = 0", "eof eof"],
    ["per_source = 1", "served eof"],
    ["per_source = UNLIMITED", "served served"],
    ["per_source = -1", "refused refused"],
    ["per_source = x", "refused refused"],
  ];
  const ports = start(
    t,
    rows.map(([row]) => row),
  );
  rows.forEach(([row, answer], index) => {
    const held = Client.errno(ports[index]);
    let first = "refused";
    if (typeof held !== "number") {
      try {
        held.until("END\n");
        first = "served";
      } catch {
        first = held.end(300);
      }
    }
    equal(`${first} ${door(ports[index])}`, answer, row);
    if (typeof held !== "number") held.close();
  });
});

x("XC02", "defaults give limits, a service has its own", (t) => {
  const rows = ["", "instances = UNLIMITED", "instances = 2"];
  const ports = start(t, rows, { before: "defaults\n{\ninstances = 1\nper_source = 5\n}\n" });
  const met = ports.map((port) =>
    [1, 2, 3].map(() => {
      const client = t.connect(port);
      try {
        client.until("END\n");
        return "served";
      } catch {
        return client.end(300);
      }
    }),
  );
  equal(met, [
    ["served", "eof", "eof"],
    ["served", "served", "served"],
    ["served", "served", "eof"],
  ]);
});

x("XC03", "access_times: digits, several intervals, what is none", (t) => {
  table(
    t,
    [
      ["access_times = 0:00-23:59", "served"],
      ["access_times = 00:0-23:59", "served"],
      ["access_times = 000:00-23:059", "served"],
      ["access_times = 0:00-0:01 0:01-23:59", "served"],
      ["access_times = 0:00-0:00", "refused"],
      ["access_times = 0-23", "refused"],
      ["access_times = 9:00", "refused"],
      ["access_times = 23:59-0:00", "refused"],
      ["access_times = 0:00-23:60", "refused"],
      ["access_times = 0:00-23:59x", "refused"],
      ["access_times = 0:00 - 23:59", "refused"],
      ["access_times =", "refused"],
    ],
    (port) => door(port),
  );
});

x("XC04", "max_load is what stands before the first strange letter", (t) => {
  table(
    t,
    [
      ["max_load = 1e9", "served"],
      ["max_load = 2000x", "served"],
      ["max_load = 1000.", "served"],
      ["max_load = 0.0", "refused"],
      ["max_load = x", "refused"],
    ],
    (port) => door(port),
  );
});

x("XC05", "cps: one value is none, 0 as the first is no limit; the default is 50 a second", (t) => {
  table(
    t,
    [
      ["cps = 1", "served served served"],
      ["cps = 0 5", "served served served"],
      ["cps = 5 x", "refused refused refused"],
      ["cps = x 5", "refused refused refused"],
    ],
    (port) => [door(port), door(port), door(port)].join(" "),
  );
  t.start(t.baseWithout(["server_args"]));
  const second = Math.floor(Date.now() / 1000);
  t.until(() => Math.floor(Date.now() / 1000) !== second, "a fresh second begins");
  for (let index = 0; index < 120; index++) {
    const client = Client.errno(20150);
    if (typeof client === "number") break;
    client.close();
  }
  t.logs(/Deactivating service kdbtaq due to excessive incoming connections\. {2}Restarting in 10 seconds\./);
  t.refused();
});

x("XC06", "a limit's refusal shows banner_fail", (t) => {
  const banner = t.file("no", "not now\n");
  t.start(t.base(`instances = 0\nbanner_fail = ${banner}\nbanner_success = ${banner}`));
  equal(t.connect().end(), 'eof after "not now\\n"');
});

// ------------------------------------------------------------------------------------------------ addresses

const sources = ["127.0.0.1", "127.0.0.5", "127.0.1.5", "127.1.0.1", "127.0.0.21"];
const whoMay = (port: number) => sources.map((from) => (door(port, { from }) === "served" ? "s" : ".")).join("");

x("XD01", "only_from: every form of an address", (t) => {
  table(
    t,
    [
      ["only_from = 127.0.{0,1}", "sss.s"],
      ["only_from = 127.0.0.{1,21}", "s...s"],
      ["only_from = 127.{1}", "...s."],
      ["only_from = {127}", "sssss"],
      ["only_from = 127.0.0.4/30", ".s..."],
      ["only_from = 127.0.0.5/24", "ss..s"],
      ["only_from = 127.0.0.5/32", ".s..."],
      ["only_from = 0.0.0.0/0", "sssss"],
      ["only_from = 127.0.0.0/0", "sssss"],
      ["only_from = 0.0.0.0", "sssss"],
      ["only_from = 127.0.0.01", "s...."],
      ["only_from = 0x7f.0.0.1", "s...."],
      ["only_from = 127.1", "s...."],
      ["only_from = 127.0.256", "..s.."],
      ["only_from = 127", "....."],
      ["only_from = 127.0", "sssss"],
      ["only_from = 0", "sssss"],
      ["only_from = ::1", "....."],
      ["only_from = ::", "....."],
      ["only_from = ::/0", "....."],
      ["only_from = localhost", "s...."],
      ["only_from = LOCALHOST", "s...."],
      ["only_from = .test", "....s"],
      ["only_from = taq.example.test", "....s"],
      ["only_from = ALL", "....."],
      ["only_from = *", "....."],
      ["only_from = 127.0.0.*", "....."],
      ["only_from = 127.0.0.300", "....."],
      ["only_from = 127.0.0.1-127.0.0.5", "....."],
      ["only_from = nosuch.invalid 127.0.0.5", ".s..."],
    ],
    whoMay,
  );
  t.logs(/failed to parse ALL/i);
});

x("XD02", "an address that is malformed around its braces or commas costs the service", (t) => {
  table(
    t,
    [
      ["only_from = 127.{1}.0.1", "refused"],
      ["only_from = 127.0.0.{1,}", "refused"],
      ["only_from = 127.0.0.{}", "refused"],
      ["only_from = 127.0.0.{1", "refused"],
      ["only_from = .1", "refused"],
      ["only_from = 127.0.0.1,127.0.0.5", "refused"],
      ["no_access = 127.0.0.{1,}", "refused"],
    ],
    (port) => door(port),
  );
});

x("XD03", "both lists and their operators", (t) => {
  table(
    t,
    [
      ["only_from = 127.0.0.{1,5}\nonly_from -= 127.0.0.5", "s...."],
      ["only_from = 127.0.0.0\nonly_from -= 127.0.0.5", "sssss"],
      ["only_from = 127.0.0.1 127.0.0.1\nonly_from -= 127.0.0.1", "....."],
      ["only_from -= 127.0.0.1", "....."],
      ["only_from += 127.0.0.5", ".s..."],
      ["only_from = localhost 127.0.0.5\nonly_from -= localhost", ".s..."],
      ["no_access = 127.0.0.1\nno_access += 127.0.0.5", "..sss"],
      ["no_access = 127.0.0.1 127.0.0.5\nno_access -= 127.0.0.1", "s.sss"],
      ["no_access = 127.0.0.1\nno_access = 127.0.0.5", "s.sss"],
      ["no_access =", "sssss"],
      ["no_access = 0.0.0.0", "....."],
    ],
    whoMay,
  );
});

x("XD04", "lists of defaults", (t) => {
  table(
    t,
    [
      ["", "s...."],
      ["only_from = 127.0.0.5", ".s..."],
      ["only_from += 127.0.0.5", "ss..."],
      ["only_from -= 127.0.0.1", "....."],
      ["no_access = 127.0.0.5", "s...."],
      ["only_from += 127.0.0.21", "s...."],
    ],
    whoMay,
    { before: "defaults\n{\nonly_from = 127.0.0.1\nno_access = 127.0.0.21\n}\n" },
  );
});

x("XD05", "a dual-stack service: v6 words fit v4 clients in their long form", (t) => {
  table(
    t,
    [
      ["only_from = ::1", "served eof"],
      ["only_from = ::/64", "served served"],
      ["only_from = ::", "eof eof"],
      ["only_from = 0.0.0.0", "eof served"],
      ["only_from = 127.0.0.1", "eof served"],
      ["only_from = ::ffff:127.0.0.1", "eof served"],
      ["only_from = fe80::/10", "eof eof"],
    ],
    (port) => `${door(port, { host: "::1" })} ${door(port)}`,
    { without: ["bind"] },
  );
});

x("XD06", "an internal service that does not fork leaves only FAIL", (t) => {
  const block = (name: string, port: number) => `service ${name}
{
  type = INTERNAL UNLISTED
  socket_type = stream
  wait = no
  port = ${port}
  bind = 127.0.0.1
  only_from = 127.0.0.5
  log_type = FILE ${t.svc}
  log_on_success = HOST EXIT
  log_on_failure = HOST
}
`;
  t.start(block("daytime", 20161) + block("echo", 20162));
  equal([door(20161), door(20162)], ["eof", "eof"]);
  equal(linesOf(t, "echo", 3).sort(), [
    "EXIT: echo status=0",
    "FAIL: echo address from=127.0.0.1",
    "START: echo from=127.0.0.1",
  ]);
  equal(linesOf(t, "daytime", 1), ["FAIL: daytime address from=127.0.0.1"]);
});

x("XD07", "libwrap's name: argv[0], an internal service's name, a relay's name, libwrap", (t) => {
  if (!existsSync("/etc/hosts.deny")) return; // no libwrap on this machine
  const rules = "myname: 127.0.0.7\nzz: 127.0.0.7\nfoo: 127.0.0.7\ns3: 127.0.0.7\ndaytime: 127.0.0.7\ndt: 127.0.0.8\n";
  writeFileSync("/etc/hosts.deny", rules);
  try {
    const internal = `service daytime\n{\ntype = INTERNAL UNLISTED\nid = dt\nsocket_type = stream\nwait = no\nport = 20161\nbind = 127.0.0.1\n}\n`;
    const ports = start(
      t,
      [
        "flags = NAMEINARGS\nserver_args = myname hold",
        "flags = NAMEINARGS\nserver_args = /x/zz hold",
        "libwrap = foo",
        "redirect = 127.0.0.1 21004",
        "server_args = hold",
      ],
      { before: internal },
    );
    const from = { from: "127.0.0.7" };
    equal(
      ports.map((port) => door(port, from)),
      ["eof", "eof", "eof", "eof", "served"],
    );
    equal(ports.map((port) => door(port)).join(" "), "served served served served served");
    equal(door(20161, from), "eof");
    equal(door(20161, { from: "127.0.0.8" }).startsWith("eof after"), true);
    equal(
      linesOf(t, "s2", 3).filter((line) => line.startsWith("FAIL")),
      ["FAIL: s2 libwrap from=127.0.0.7"],
    );
  } finally {
    writeFileSync("/etc/hosts.deny", "");
  }
});

x("XD08", "SENSOR: any name, only FAIL, the address said once, deny_time", (t) => {
  const sensor = (more: string) => t.base(`flags = SENSOR\n${more}`) + t.base("", "kdbtwo");
  for (const [more, barred] of [
    ["deny_time = 2", true],
    ["deny_time = FOREVER", true],
    ["deny_time = -1", true],
    ["deny_time = NEVER", false],
    ["deny_time = 0", false],
    ["", false],
  ] as const) {
    t.start(sensor(more));
    equal(door(20150), "eof", more);
    equal(door(20151), barred ? "eof" : "served", more);
    equal(door(20150), "eof", more);
    equal(door(20151, { from: "127.0.0.5" }), "served", more);
    t.until(() => lines(t, "kdbtaq").length === 2, "two lines");
    equal(lines(t, "kdbtaq"), ["FAIL: kdbtaq address from=127.0.0.1", "FAIL: kdbtaq address from=127.0.0.1"], more);
    equal((t.log.match(/Adding 127\.0\.0\.1 to the global_no_access list/g) ?? []).length, barred ? 1 : 0, more);
  }
  t.start(
    `service trap\n{\ntype = INTERNAL UNLISTED\nflags = SENSOR\ndeny_time = 5\nsocket_type = stream\nwait = no\nport = 20161\nbind = 127.0.0.1\n}\n${t.base()}`,
  );
  equal([door(20161), door(20150)], ["eof", "eof"]);
});

x("XD09", "banners: from defaults, too large for one read, not to be read", (t) => {
  const banner = t.file("own", "own\n");
  t.start(`defaults\n{\nbanner = ${banner}\nbanner_success = ${banner}\n}\n${t.base("banner_success = /dev/null")}`);
  equal(t.connect().until("argv").startsWith("own\nargv"), true);
  t.start(t.base(`banner = ${t.file("large", "x".repeat(300_000))}\ninstances = 0`));
  const client = t.connect();
  client.end();
  equal(client.text.length, 300_000);
  t.start(t.base("banner = /tmp\nbanner_success = /nonexistent"));
  t.served();
  t.logs(/banner \/tmp/);
  t.logs(/banner \/nonexistent/);
});

// ------------------------------------------------------------------------------------ names, ports, addresses

const families = (port: number) => `${door(port)} ${door(port, { host: "::1" })}`;

x("XE01", "bind: names, families, interface", (t) => {
  table(
    t,
    [
      ["bind = localhost", "refused served"],
      ["bind = localhost\nflags = IPv4", "served refused"],
      ["bind = localhost\nflags = IPv6", "refused served"],
      ["bind = ::", "served served"],
      ["bind = ::1", "refused served"],
      ["bind = 0.0.0.0", "served refused"],
      ["bind = 0", "served refused"],
      ["bind = ::ffff:127.0.0.1", "served refused"],
      ["interface = 127.0.0.1", "served refused"],
      ["interface = 127.0.0.2\nbind = 127.0.0.1", "refused refused"],
      ["flags = IPv4", "served refused"],
      ["flags = IPv6", "served served"],
      ["flags = IPv4 IPv6", "served served"],
      ["v6only = yes", "refused served"],
      ["v6only = maybe", "refused refused"],
      ["bind = nosuch.invalid", "refused refused"],
      ["bind = 127.0.0.300", "refused refused"],
      ["bind = *", "refused refused"],
      ["bind = [::1]", "refused refused"],
      ["bind = lo", "refused refused"],
    ],
    families,
    { without: ["bind"] },
  );
});

x("XE02", "port and type", (t) => {
  for (const [row, answer] of [
    ["port = 20150", "served refused"],
    ["port = 020150", "served refused"],
    ["port = 20160", "refused refused"],
    ["port = kdbtaq", "refused refused"],
    ["port = -1", "refused refused"],
    ["type = UNLISTED\nport = 20150", "served refused"],
    ["type = unlisted unlisted\nport = 20160", "refused served"],
    ["type = UNLISTED\ntype = INTERNAL\nport = 20160", "refused served"],
    ["type = UNLISTED\nport = 65536", "refused refused"],
    ["type = UNLISTED", "refused refused"],
    ["type = NOSUCH", "refused refused"],
    ["type =", "refused refused"],
  ]) {
    t.start(t.base(row) + t.base("", "kdbtwo"));
    equal(`${door(20150)} ${door(20160)}`, answer, row);
  }
});

x("XE03", "socket_type and protocol must go together", (t) => {
  table(
    t,
    [
      ["socket_type = Stream", "served"],
      ["socket_type = rdm", "refused"],
      ["socket_type =", "refused"],
      ["socket_type = raw", "refused"],
      ["protocol = nosuch", "refused"],
      ["protocol = 6", "refused"],
      ["protocol = tcp", "served"],
      ["protocol = tcp\nsocket_type = stream", "served"],
    ],
    (port) => door(port),
  );
});

x("XE04", "an id for two ports, for two addresses; in other letters it is the same", (t) => {
  t.start(t.base("id = same") + t.base("id = same", "kdbtwo"));
  equal([door(20150), door(20151)], ["served", "served"]);
  t.reload(t.base("id = same") + t.base("id = same", "kdbtwo"));
  equal([door(20150), door(20151)], ["served", "served"], "after HUP");
  t.start(t.base("id = A") + t.base("id = a\nnice = 4"));
  equal(ask(20150, "nice"), "0");
  t.logs(/not unique or is a duplicate/);
  t.start(t.base("disable = yes") + t.base("nice = 4"));
  equal(ask(20150, "nice"), "4", "a disabled twin");
});

x("XE05", "one name over stream and dgram, without ids", (t) => {
  const block = (type: string, protocol: string) =>
    `service daytime\n{\ntype = INTERNAL UNLISTED\nsocket_type = ${type}\nprotocol = ${protocol}\nwait = no\nport = 20161\nbind = 127.0.0.1\n}\n`;
  const both = block("stream", "tcp") + block("dgram", "udp");
  t.start(both);
  const look = () => {
    equal(door(20161).startsWith("eof after"), true, "stream");
    equal(datagram(20161, "x").endsWith("\r\n"), true, "dgram");
  };
  look();
  t.reload(both);
  look();
});

x("XE06", "the address is not this machine's: the others start", (t) => {
  t.start(t.baseWithout(["bind"], "bind = 192.0.2.7") + t.base("", "kdbtwo"));
  t.served(20151);
  t.logs(/bind failed \(Cannot assign requested address \(errno = 99\)\)\. service = kdbtaq/);
});

x("XE07", "Debian's own files of the internal services, all of them on", (t) => {
  const both = (name: string) => {
    const block = (type: string, protocol: string) =>
      `service ${name}\n{\n\tdisable\t\t= no\n\ttype\t\t= INTERNAL\n\tid\t\t= ${name}-${type}\n\tsocket_type\t= ${type}\n\tprotocol\t= ${protocol}\n\tuser\t\t= root\n\twait\t\t= ${protocol === "udp" ? "yes" : "no"}\n}\n`;
    return `# default: off\n# description: ${name}\n\n${block("stream", "tcp")}\n# This is the udp version.\n${block("dgram", "udp")}`;
  };
  const names: [string, number][] = [["echo", 7], ["discard", 9], ["daytime", 13], ["chargen", 19], ["time", 37]]; // biome-ignore format: a table
  const text = names.map(([name]) => both(name)).join("");
  t.start(`defaults\n{\n\n}\n${text}`);
  for (const [name, port] of names) {
    equal(t.listening(port), true, name);
    if (name !== "discard") equal(datagram(port, "hello").length > 3, true, name);
  }
  t.reload(`defaults\n{\n\n}\n${text}`);
  t.logs(/Reconfigured: new=0 old=10 dropped=0 \(services\)/);
});

// -------------------------------------------------------------------------------------------------- grammar

x("XF01", "the head of a block: what else is on its line does not count", (t) => {
  const base = t.base();
  for (const [text, answer] of [
    [base.replace("service kdbtaq", "service kdbtaq # my service"), "served"],
    [base.replace("service kdbtaq", "service kdbtaq and more"), "served"],
    [`defaults # x\n{\ninstances = 0\n}\n${base}`, "eof"],
    [base.replace("{", "\n# c\n\n  {  "), "served"],
    [base.replaceAll("\n", "\n\t\t"), "served"],
    [`service\n{\nwait = no\n}\n${base}`, "served"],
    [`service\n${base}`, "refused"],
    [`service x\n{\n}\n${base}`, "served"],
    [`}\n${base}`, "refused"],
    [base.replace("service kdbtaq\n{\n", "service kdbtaq {\n}\nservice kdbtaq\n{\n"), "refused"],
    [base.replace("{\n  socket_type", "{ socket_type"), "refused"],
    [base.replace(/\n\}\n$/, " }\n"), "refused"],
    [t.base("service kdbtwo"), "refused"],
  ]) {
    t.start(`${text}\n${t.base("", "kdbtwo")}`);
    equal(door(20150), answer, text.slice(0, 60));
  }
});

x("XF02", "include: words after the path, a missing path, letters, inside a block", (t) => {
  const base = t.base();
  const file = t.file("included", t.base("", "kdbtwo"));
  for (const [text, answer] of [
    [`include ${file} # two\n${base}`, "served served"],
    [`INCLUDE ${file}\n${base}`, "served served"],
    [`include\n${base}include ${file}\n`, "refused served"],
    [`includedir /nonexistent\n${base}`, "served refused"],
    [`includedir ${file}\n${base}`, "served refused"],
    [t.base(`include ${file}`), "refused refused"],
  ]) {
    t.start(text);
    equal(`${door(20150)} ${door(20151)}`, answer, text.slice(0, 60));
  }
});

x("XF03", "white space, line ends, odd letters", (t) => {
  const block = (index: number, more = "nice = 3") =>
    t.base(`type = UNLISTED\nport = ${FIRST_PORT + index}\n${more}`, `s${index}`);
  // The first is lost with the mark before it, the last ends without a line feed.
  const rows: [change: (index: number) => string, answer: string][] = [
    [(index) => `\ufeff${block(index)}`, "refused"],
    [(index) => block(index).replace("{\n", "{\n\r\n \r\n\f\v\n"), "3"],
    [(index) => block(index).replace("{\n", "{\r\n").replace(/\}\n$/, "}\r\n"), "3"],
    [(index) => block(index).replace("nice = 3", "nice = 3\r"), "3"],
    [(index) => block(index).replaceAll(" = ", "\t=\t"), "3"],
    [(index) => block(index, "   # c = d\n#}\n# {\nnice = 3"), "3"],
    [(index) => `${block(index)}\n\n   \n\t\n`, "3"],
    [(index) => block(index, `nice = 3\nenv = A=${"x".repeat(3000)}`), "3"],
    [(index) => block(index, "nice = 3\n; c"), "refused"],
    [(index) => block(index, "nice = 3\n// c"), "refused"],
    [(index) => block(index, "nice = \\\n3"), "refused"],
    [(index) => block(index, "nice\u00a0= 3"), "refused"],
    [(index) => `${block(index)}junk\n{\n}\n`, "3"],
    [(index) => block(index).trimEnd(), "3"],
  ];
  t.start(rows.map(([change], index) => change(index)).join(""));
  for (const [index, [change, answer]] of rows.entries())
    equal(ask(FIRST_PORT + index, "nice"), answer, JSON.stringify(change(index).slice(-60)));
});

x("XF04", "operators", (t) => {
  table(
    t,
    [
      ["NICE = 3", "3"],
      ["nice == 3", "0"],
      ["nice =+ 3", "0"],
      ["log-type = x", "0"],
      ["*nice = 3", "0"],
      ["nice + = 3", "refused"],
      ["nice 3", "refused"],
      ["nice", "refused"],
      ["nice : 3", "refused"],
      ["= 3", "refused"],
      ["nice+=3", "refused"],
    ],
    (port) => ask(port, "nice"),
  );
  t.logs(/Bad operator for attribute: nice/);
});

x("XF05", "disable: words, once, only =", (t) => {
  table(
    t,
    [
      ["disable = yes", "refused"],
      ["disable = YES", "refused"],
      ["disable = no", "served"],
      ["disable = no\ndisable = yes", "served"],
      ["disable += yes", "served"],
      ["disable = true", "refused"],
    ],
    (port) => door(port),
  );
});

x("XF06", "defaults: which attributes, how often", (t) => {
  const banner = t.file("banner", "hi\n");
  for (const [rows, answer] of [
    ["umask = 077", "0077 | "],
    ["groups = yes", "0022 | 4001 4003"],
    ["bind = 127.0.0.2", "0022 | "],
    ["instances = 1\ninstances = 0", "0022 | "],
    ["instances = 0 2", "0022 | "],
    ["instances += 0", "0022 | "],
    ["colour = blue", "0022 | "],
    ["nice = 4\naccess_times = 0:00-0:01\ndeny_time = 3", "0022 | "],
    ["cps = 1", "0022 | "],
    [`banner = ${banner}`, "0022 | "],
    ["", "0022 | "],
    ["disabled =", "0022 | "],
    ["enabled =", "refused"],
    ["enabled = nosuch", "refused"],
    ["disabled = KDBTAQ", "refused"],
    ["disabled = kdbtwo\ndisabled = kdbtaq", "refused"],
  ]) {
    t.start(`defaults\n{\n${rows}\n}\n${t.base()}`);
    equal(ask(20150, "umask", "groups"), answer, rows);
  }
  t.start(`${t.base()}defaults\n{\ngroups = yes\numask = 077\n}\n`);
  equal(ask(20150, "umask", "groups"), "0077 | 4001 4003", "defaults that come later");
  t.logs(/started with|tarted working/);
});

x("XF08", "defaults behind a service: lists it speaks of itself, and banners, are not taken from there", (t) => {
  const banner = t.file("later", "later\n");
  const defaults = (text: string) => `defaults\n{\n${text}\n}\n`;
  const plain = t.baseWithout(["log_on_success"], "");
  for (const [text, answer] of [
    [t.baseWithout(["log_on_success"], "log_on_success += PID") + defaults("log_on_success = HOST"), "pid=N"],
    [plain + defaults(`log_on_success = HOST\nbanner = ${banner}`), "from=127.0.0.1"],
    [
      defaults("log_on_success = HOST PID") + t.baseWithout(["log_on_success"], "log_on_success -= PID"),
      "from=127.0.0.1",
    ],
    [defaults("log_on_success = HOST\nlog_on_success = PID") + plain, "pid=N from=127.0.0.1"],
    [defaults("log_on_success = HOST PID\nlog_on_success -= PID") + plain, "from=127.0.0.1"],
    [defaults("log_on_success = HOST") + t.baseWithout(["log_on_success"], "log_on_success = PID"), "pid=N"],
  ]) {
    t.start(text);
    equal(t.connect().until("argv"), "argv", text.slice(-60));
    equal(linesOf(t, "kdbtaq", 1), [`START: kdbtaq ${answer}`], text.slice(-60));
  }
});

x("XF07", "includedir: strcmp order, duplicates, links, defaults in each file", (t) => {
  const directory = t.path("included.d");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/sub`, { recursive: true });
  const put = (name: string, text: string) => writeFileSync(`${directory}/${name}`, text);
  const block = (name: string, port: number, more = "") => t.base(`type = UNLISTED\nport = ${port}\n${more}`, name);
  put("b", block("two", 20161, "nice = 2"));
  put("a", block("one", 20161, "nice = 1"));
  put("Z", block("zed", 20161, "nice = 7"));
  put("10", block("ten", 20164));
  put("x.rpmsave", block("save", 20165));
  put("y~", block("tilde", 20166));
  put("#z#", block("hash", 20167));
  put("d", block("off", 20168, "disable = yes"));
  put("e", "defaults\n{\nper_source = 1\n}\n");
  put("f", "defaults\n{\nper_source = 5\n}\n");
  symlinkSync("/nonexistent", `${directory}/dangling`);
  symlinkSync(`${directory}/sub`, `${directory}/link`);
  t.start(`includedir ${directory}/\n`);
  equal(
    [20164, 20165, 20166, 20167, 20168].map((port) => door(port)),
    ["served", "refused", "refused", "served", "refused"],
  );
  equal(ask(20161, "nice"), "7", "capitals come first");
  t.svcLogs(/EXIT: zed/);
  t.served(20161);
  equal(door(20161), "eof", "the first defaults count");
  t.logs(/Unable to stat includedir file/);
  t.logs(/link is not a regular file\. It is being skipped/);
});

// --------------------------------------------------------------------------------------- reload and signals

x("XG01", "HUP: what a running service takes over", (t) => {
  const base = t.base();
  const cases: [string, string, string][] = [
    ["a comment", `# c\n${base}`, "served new=0 old=1 dropped=0"],
    ["user", t.baseWithout(["user"], "user = root"), "served new=0 old=1 dropped=0"],
    ["flags", t.base("flags = NODELAY"), "served new=0 old=1 dropped=0"],
    ["no log", t.baseWithout(["log_type"]), "served new=0 old=1 dropped=0"],
    ["instances", t.base("instances = 0"), "eof new=0 old=1 dropped=0"],
    ["only_from", t.base("only_from = 127.0.0.9"), "eof new=0 old=1 dropped=0"],
    ["defaults", `defaults\n{\ninstances = 0\n}\n${base}`, "eof new=0 old=1 dropped=0"],
    ["another first", t.base("", "kdbtwo") + base, "served new=1 old=1 dropped=0"],
  ];
  for (const [what, text, answer] of cases) {
    t.start(base);
    const { client } = t.served();
    t.reload(text);
    equal(client.echoes(), true, what);
    const counted = /Reconfigured: (new=\d+ old=\d+ dropped=\d+)/.exec(t.log)?.[1];
    equal(`${door(20150)} ${counted}`, answer, what);
  }
});

x("XG02", "HUP: nice, umask, limits, group for the next", (t) => {
  const now = () => ask(20150, "nice", "umask", "rlimit_cpu", "gid");
  t.start(t.base("nice = 3\numask = 077\nrlimit_cpu = 10\ngroup = kdbother"));
  equal(now(), "3 | 0077 | 10 10 | 4004 4004 4004");
  t.reload(t.base("nice = 5\numask = 007\nrlimit_cpu = 20"));
  equal(now(), "5 | 0007 | 20 20 | 4001 4001 4001");
});

x("XG03", "USR2 is HUP; signals that mean nothing", (t) => {
  t.start(t.base());
  const { client } = t.served();
  t.signal(sys.SIG.USR2);
  t.logs(/Reconfigured: new=0 old=1 dropped=0/);
  for (const signal of [sys.SIG.ALRM, sys.SIG.PIPE, sys.SIG.IO, sys.SIG.TSTP, sys.SIG.TTIN, sys.SIG.WINCH, 26, 27])
    t.signal(signal);
  t.sleep(100);
  t.served();
  equal(client.echoes(), true, "the session echoes");
  t.signal(sys.SIG.ABRT);
  t.logs(/Consistency check passed/);
  t.served();
});

x("XG04", "QUIT says so, and the pid file goes", async (t) => {
  t.start(t.base());
  t.signal(sys.SIG.QUIT);
  equal(await t.exitStatus(), 0);
  equal(existsSync(t.pidFile), false, "pid file");
  t.logs(/Exiting\.\.\./);
});

x("XG05", "the dump has xinetd's lines", (t) => {
  const dump = "/var/run/xinetd.dump";
  rmSync(dump, { force: true });
  t.start(t.base("only_from = 127.0.0.0\nenv = A=1\ninstances = 7\nnice = 2\ncps = 20 5"));
  const { report } = t.served();
  t.signal(sys.SIG.USR1);
  const text = () => (existsSync(dump) ? readFileSync(dump, "utf8") : "");
  t.until(() => /remote_address/.test(text()), "the dump is there");
  t.sleep(50);
  for (const line of [
    "Services + defaults:",
    "Service = kdbtaq",
    "\tState = Active",
    "\tService configuration: kdbtaq",
    "\t\tid = kdbtaq",
    "\t\tsocket_type = stream",
    "\t\tProtocol (name,number) = (tcp,6)",
    "\t\tport = 20150",
    "\t\tInstances = 7",
    "\t\twait = no",
    "\t\tuser = 4002",
    "\t\tNice = 2",
    "\t\tCPS = max conn:20 wait:5",
    `\t\tServer = ${t.probe}`,
    "\t\tServer argv = probe hold",
    `\t\tLogging to file: ${t.svc} (no limits)`,
    "\t\tLog_on_success flags = HOST DURATION EXIT PID",
    "\t\tLog_on_failure flags = HOST ATTEMPT",
    "\t\t\tA=1",
    "\trunning servers = 1",
    "Server table dump:",
    "kdbtaq server",
    `pid = ${report.one("pid")}`,
    "\tservice = kdbtaq",
  ]) {
    if (!text().split("\n").includes(line)) throw new Error(`no line ${JSON.stringify(line)} in\n${text()}`);
  }
  if (!/^\tremote_address = 127\.0\.0\.1,\d+$/m.test(text())) throw new Error(text());
  rmSync(dump, { force: true });
});

// -------------------------------------------------------------------------------------- other kinds of service

/** The first answer to a datagram, "" when none comes. */
function datagram(port: number, text: string): string {
  const script = `exec 3<>/dev/udp/127.0.0.1/${port}; printf '${text}' >&3; timeout 0.7 dd bs=2000 count=1 <&3 2>/dev/null`;
  return Bun.spawnSync(["bash", "-c", script]).stdout.toString("latin1");
}

const internalDatagram = (t: Fixture, name: string, port: number, more = "") => `service ${name}
{
  type = INTERNAL UNLISTED
  id = ${name}-dgram
  socket_type = dgram
  wait = no
  port = ${port}
  bind = 127.0.0.1
  log_type = FILE ${t.svc}
  log_on_success = PID HOST EXIT DURATION
  log_on_failure = HOST
  ${more}
}
`;

x("XH01", "internal services over dgram: answers, and START with pid 0", (t) => {
  const names = ["echo", "time", "daytime", "chargen", "discard"];
  t.start(names.map((name, index) => internalDatagram(t, name, 20161 + index)).join(""));
  const answers = names.map((_, index) => datagram(20161 + index, "hello"));
  equal(answers[0], "hello");
  equal(answers[1].length, 4);
  if (!/^\d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d [A-Z]+\r\n$/.test(answers[2])) throw new Error(answers[2]);
  equal(answers[3].length > 10, true);
  equal(answers[4], "");
  for (const name of names) equal(linesOf(t, `${name}-dgram`, 1), [`START: ${name}-dgram pid=0 from=127.0.0.1`]);
});

x("XH02", "internal services over dgram obey the lists and limits", (t) => {
  t.start(
    internalDatagram(t, "echo", 20161, "only_from = 127.0.0.9") +
      internalDatagram(t, "time", 20162, "no_access = 127.0.0.1") +
      internalDatagram(t, "daytime", 20163, "max_load = 0.0000001") +
      internalDatagram(t, "discard", 20164, "instances = 0"),
  );
  equal(
    [20161, 20162, 20163, 20164].map((port) => datagram(port, "x")),
    ["", "", "", ""],
  );
  const reasons = { echo: "address", time: "address", daytime: "load", discard: "service_limit" };
  for (const [name, reason] of Object.entries(reasons))
    equal(linesOf(t, `${name}-dgram`, 1)[0], `FAIL: ${name}-dgram ${reason} from=127.0.0.1`);
});

x("XH03", "a dgram service: who may not gets no server", (t) => {
  const block = (more: string) =>
    t.baseWithout(
      ["socket_type", "wait", "server_args", "server"],
      `socket_type = dgram\nwait = yes\nserver = /usr/bin/head\nserver_args = -c 3\n${more}`,
      "kdbudp",
    );
  for (const [more, reason] of [
    ["only_from = 127.0.0.9", "address"],
    ["no_access = 127.0.0.1", "address"],
    ["instances = 0", "service_limit"],
    ["per_source = 0", "per_source_limit"],
    ["max_load = 0.0000001", "load"],
  ]) {
    t.start(block(more));
    datagram(20152, "abcdef");
    t.svcLogs(new RegExp(`FAIL: kdbudp ${reason} from=127\\.0\\.0\\.1`));
  }
  t.start(block(""));
  datagram(20152, "abcdef");
  t.svcLogs(/START: kdbudp pid=\d+ from=127\.0\.0\.1/);
});

x("XH04", "wait = yes over stream: no address, so only_from lets nobody in", (t) => {
  t.start(t.baseWithout(["wait", "server_args"], "wait = yes\nserver_args = waiter"));
  const report = new Report(t.connect().until("END\n"));
  equal(report.env.at(-1), "REMOTE_HOST=<no address>");
  t.start(t.baseWithout(["wait", "server_args"], "wait = yes\nserver_args = waiter\nonly_from = 127.0.0.1\ncps = 5 3"));
  const client = t.connect();
  t.svcLogs(/FAIL: kdbtaq address from=<no address>/);
  equal(client.end(500).includes("argv"), false);
});

x("XH05", "internal services with wait = yes", (t) => {
  const block = (name: string, port: number) =>
    `service ${name}\n{\ntype = INTERNAL UNLISTED\nsocket_type = stream\nwait = yes\nport = ${port}\nbind = 127.0.0.1\n}\n`;
  t.start(block("daytime", 20161) + block("echo", 20162));
  equal(door(20161).startsWith("eof after"), true);
  equal(t.connect(20162).send("ping").until("ping"), "ping");
});

x("XH06", "tcpmux: the line must end in CR LF; blanks count; whose name is none of its services", (t) => {
  const mux = `service tcpmux\n{\ntype = INTERNAL UNLISTED\nsocket_type = stream\nprotocol = tcp\nwait = no\nport = 20180\nbind = 127.0.0.1\nlog_type = FILE ${t.svc}\nlog_on_success = HOST\n}\n`;
  const muxed = t.baseWithout(["bind", "server_args"], "type = TCPMUX UNLISTED\nprotocol = tcp", "muxa");
  t.start(mux + muxed + t.base());
  for (const [line, answer] of [
    ["MuxA\r\n", "served"],
    ["muxa\n", "eof"],
    ["\r\n", "eof"],
    [" muxa\r\n", "-Service name not found"],
    ["muxa \r\n", "-Service name not found"],
    ["kdbtaq\r\n", "-Service name not found"],
    ["tcpmux\r\n", "-Service name not found"],
  ]) {
    const client = t.connect(20180).send(line);
    let got: string;
    try {
      client.until("END\n");
      got = "served";
    } catch {
      got = client.end();
    }
    if (!got.includes(answer)) throw new Error(`${JSON.stringify(line)}: expected ${answer}, got ${got}`);
  }
  equal(linesOf(t, "tcpmux", 1)[0], "START: tcpmux from=127.0.0.1");
});

x("XH07", "redirect: names, ports, what it does not go with", (t) => {
  const script = 'Bun.listen({hostname:"127.0.0.1",port:20170,socket:{data(s,d){s.write(d)}}})';
  const upstream = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "ignore"] });
  try {
    t.until(() => t.listening(20170), "the echo server listens", 20_000);
    const through = (port: number) => {
      const client = Client.errno(port);
      if (typeof client === "number") return "refused";
      try {
        return client.send("ping").until("ping");
      } catch {
        return "ended";
      } finally {
        client.close();
      }
    };
    const none = { without: ["server", "server_args"] };
    table(
      t,
      [
        ["redirect = 127.0.0.1 20170", "ping"],
        ["redirect = localhost 20170", "ping"],
        ["redirect = ::1 20170", "ended"],
        ["redirect = 127.0.0.1 20170\ninstances = 0", "ended"],
        ["redirect = 127.0.0.1 nosuchport", "refused"],
        ["redirect = 127.0.0.1 70000", "refused"],
        ["redirect = 127.0.0.1 0", "refused"],
        ["redirect = 127.0.0.1", "refused"],
        ["redirect = no.such.invalid 20170", "refused"],
        ["redirect = 127.0.0.1 20170\nwait = yes", "refused"],
        ["redirect = 127.0.0.1 20170\nflags = NAMEINARGS\nserver_args = x", "refused"],
        ["redirect = 127.0.0.1 20170\nlog_on_success = TRAFFIC EXIT", "ping"],
      ],
      through,
      none,
    );
    const traffic = linesOf(t, "s11", 3);
    equal(traffic, ["START: s11", "TRAFFIC: s11 in=4(bytes) out=4(bytes)", "EXIT: s11 status=0"]);
  } finally {
    upstream.kill();
  }
});

x("XH08", "chargen and time to the byte", (t) => {
  const block = (name: string, port: number) =>
    `service ${name}\n{\ntype = INTERNAL UNLISTED\nsocket_type = stream\nwait = no\nport = ${port}\nbind = 127.0.0.1\n}\n`;
  t.start(block("chargen", 20161) + block("time", 20162));
  const client = t.connect(20161);
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
  equal(client.until("\r\n"), `${printable.slice(0, 72)}\r\n`);
  equal(client.until("\r\n"), `${printable.slice(1, 73)}\r\n`);
  const clock = t.connect(20162);
  t.sleep(200);
  const bytes = new Uint8Array(16);
  equal(sys.recv(clock.fd, bytes), 4);
  const seconds = new DataView(bytes.buffer).getUint32(0) - 2_208_988_800;
  equal(Math.abs(seconds - Date.now() / 1000) < 30, true, "seconds since 1900");
});

// -------------------------------------------------------------------------------------------- command line

x("XK01", "the command line: what is wrong ends with 1", (t) => {
  const file = t.file("line.conf", t.base());
  for (const words of [
    ["-f"],
    ["-limit"],
    ["-limit", "x"],
    ["-cc", "x"],
    ["-pidfile"],
    ["-syslog"],
    ["-filelog"],
    ["-"],
    ["-f", "/nonexistent", "-dontfork"],
    ["-f", file, "-dontfork", "-filelog", "/nonexistent/x/y"],
    ["-f", file, "-dontfork", "-filelog", t.mainLog, "-syslog", "daemon"],
  ])
    equal(t.command(words).status, 1, words.join(" "));
  const version = t.command(["-version"]);
  equal([version.status, /\d+\.\d+\.\d+/.test(version.text)], [0, true], "-version");
});

x("XK02", "-limit 0 is no limit; -cc, -reuse and -logprocs are read", (t) => {
  t.start(t.base(), { args: ["-limit", "0", "-cc", "1", "-reuse", "-logprocs", "5"] });
  t.served();
  t.sleep(1100);
  t.served();
});

x("XK03", "three hundred services, a relative include, the same file twice", (t) => {
  const many = Array.from({ length: 300 }, (_, n) => t.base(`type = UNLISTED\nport = ${22000 + n}`, `h${n}`)).join("");
  t.file("relative", t.base("", "kdbtwo"));
  t.start(`include relative\ninclude relative\n${many}${t.base()}`);
  equal(
    [20150, 20151, 22000, 22299].map((port) => door(port)),
    ["served", "served", "served", "served"],
  );
  t.logs(/kdbtwo id: kdbtwo not unique or is a duplicate/);
});

x("XH09", "a server behind tcpmux is as any other: ids, nice, descriptors, variables", (t) => {
  const mux =
    "service tcpmux\n{\ntype = INTERNAL UNLISTED\nsocket_type = stream\nwait = no\nport = 20180\nbind = 127.0.0.1\n}\n";
  t.start(mux + t.baseWithout(["bind"], "type = TCPMUX UNLISTED\nprotocol = tcp\nenv = Z=1\nnice = 4", "muxa"));
  const client = t.connect(20180).send("muxa\r\n");
  const report = new Report(client.until("END\n"));
  equal([report.one("uid"), report.one("nice"), report.one("session")], ["4002 4002 4002", "4", "own"]);
  equal(report.env.includes("Z=1") && report.env.includes("REMOTE_HOST=127.0.0.1"), true, "variables");
  equal(
    report.all("fd").map((fd) => fd.replace(/socket:\[\d+\]/, "socket")),
    [0, 1, 2].map((fd) => `${fd} socket flags=2 cloexec=0 nonblock=0`),
  );
  equal(client.echoes(), true, "echo");
});

x("XH10", "a dgram service over both families", (t) => {
  const block = t.baseWithout(
    ["socket_type", "wait", "server_args", "server", "bind"],
    "socket_type = dgram\nwait = yes\nserver = /usr/bin/head\nserver_args = -c 1\nonly_from = ::1",
    "kdbudp",
  );
  t.start(block);
  const send = (host: string) => Bun.spawnSync(["bash", "-c", `printf a > /dev/udp/${host}/20152`]);
  send("::1");
  t.svcLogs(/START: kdbudp pid=\d+ from=::1\n/);
  t.svcLogs(/EXIT: kdbudp/);
  send("127.0.0.1");
  t.svcLogs(/FAIL: kdbudp address from=::ffff:127\.0\.0\.1/);
});

x("XH11", "a wait = yes server that ends without accepting is started until cps shuts the port", (t) => {
  t.start(t.baseWithout(["wait", "server_args", "server"], "wait = yes\nserver = /bin/false\ncps = 5 30"));
  const client = t.connect();
  t.logs(/Deactivating service kdbtaq due to excessive incoming connections/);
  t.until(() => !t.listening(20150), "the port is shut");
  equal(client.end(1000), "rst");
  equal(lines(t, "kdbtaq").length >= 5, true, "it was tried");
});

x("XH12", "a relay is under limits, lists and banners", (t) => {
  const banner = t.file("relay", "RB\n");
  const relayed = ["redirect = 127.0.0.1 20151", "per_source = 1", "no_access = 127.0.0.2", `banner = ${banner}`];
  t.start(
    t.base("", "kdbtwo") +
      t.baseWithout(["server", "server_args"], [...relayed, `banner_success = ${banner}`].join("\n")),
  );
  const held = t.connect();
  equal(held.until("argv"), "RB\nRB\nargv");
  equal(t.connect().end(), 'eof after "RB\\n"');
  equal(t.connect(20150, { from: "127.0.0.2" }).end(), 'eof after "RB\\n"');
  equal(
    linesOf(t, "kdbtaq", 3)
      .filter((line) => line.startsWith("FAIL"))
      .sort(),
    ["FAIL: kdbtaq address from=127.0.0.2", "FAIL: kdbtaq per_source_limit from=127.0.0.1"],
  );
});
