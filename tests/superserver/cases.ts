/**
 * superserver-cases.md as code: one row per case, written against a Fixture and run under the real daemon and under
 * perqd. Where perqd differs on purpose, the row says so in `differs` and asks t.isPerqd; docs/differences.md has the
 * reason.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connectTo, listenOn, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { TlsConnection, TlsContext, type TlsSettings } from "#platform/tls.ts";
import type { DaemonStatus } from "#superserver/control.ts";
import { askControl } from "#superserver/status.ts";
import { inetdCases } from "./cases-inetd.ts";
import { xinetdCases } from "./cases-xinetd.ts";
import type { Fixture, Kind } from "./fixture.ts";

export interface Case {
  id: string;
  title: string;
  kind: Kind;
  /** Needs a minute: run beside the others. */
  slow?: boolean;
  differs?: string;
  /** Only perqd can do it. */
  ours?: boolean;
  run(t: Fixture): void | Promise<void>;
}

function equal(actual: unknown, expected: unknown, what = ""): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what === "" ? "" : `${what}: `}expected ${e}, got ${a}`);
}

function truth(holds: boolean, what: string): void {
  if (!holds) throw new Error(`it should be so: ${what}`);
}

const sorted = (list: string[]) => [...list].sort();
const cases: Case[] = [];

function x(id: string, title: string, run: Case["run"], more: Partial<Case> = {}): void {
  cases.push({ id, title, kind: "xinetd", run, ...more });
}

function inetd(
  id: string,
  title: string,
  kinds: ("openbsd" | "gnu")[],
  run: Case["run"],
  more: Partial<Case> = {},
): void {
  for (const kind of kinds) cases.push({ id, title, kind, run, ...more });
}

// ---------------------------------------------------------------------------------------- A: the child process

x("A01", "the document's block: words, ids, descriptors, signals, environment", (t) => {
  t.start(`service kdbtaq
{
  flags = REUSE
  socket_type = stream
  wait = no
  user = kdbuser
  env = QHOME=/home/kdb/q QLIC=/home/kdb/lic
  server = ${t.probe}
  server_args = hold /home/kdb/taq -s 4 -q -g 1
}
`);
  const { report } = t.served();
  equal(report.argv, ["probe", "hold", "/home/kdb/taq", "-s", "4", "-q", "-g", "1"]);
  equal([report.one("uid"), report.one("gid"), report.one("groups")], ["4002 4002 4002", "4001 4001 4001", ""]);
  equal(
    [report.one("cwd"), report.one("umask"), report.one("session"), report.one("group")],
    ["/", "0022", "own", "own"],
  );
  const fds = report.all("fd");
  equal(
    fds.map((fd) => fd.split(" ")[0]),
    ["0", "1", "2"],
  );
  equal(new Set(fds.map((fd) => fd.split(" ")[1])).size, 1, "one socket");
  truth(
    fds.every((fd) => fd.includes("socket:") && fd.endsWith("cloexec=0 nonblock=0")),
    `blocking, kept on exec: ${fds}`,
  );
  equal([report.one("SigIgn"), report.one("SigBlk")], ["0000000000000000", "0000000000000000"]);
  const host = "REMOTE_HOST=::ffff:127.0.0.1"; // no bind: dual stack
  equal(
    sorted(report.env),
    sorted([
      "PATH=/usr/bin:/bin",
      "FOO=bar",
      "HOME=/root",
      "TERM=dumb",
      "LANG=C",
      "QHOME=/home/kdb/q",
      "QLIC=/home/kdb/lic",
      host,
    ]),
  );
  equal(report.env.at(-1), host);
  equal(report.one("nofile")?.split(" ")[0], report.one("nofile")?.split(" ")[1]);
});

x("A02", "descriptors, memory and processes do not pile up over 100 connections", (t) => {
  t.start(t.base("cps = 1000 1"));
  const descriptors = () =>
    Bun.spawnSync(["ls", `/proc/${t.pid}/fd`])
      .stdout.toString()
      .trim()
      .split("\n").length;
  t.served().client.close();
  t.sleep(50);
  const before = descriptors();
  for (let index = 0; index < 100; index++) t.served().client.close();
  t.until(() => (t.svcLog.match(/EXIT:/g) ?? []).length === 101, "101 exits");
  equal(descriptors(), before);
});

x("A03", "digits as user: uid and gid are that number", (t) => {
  t.start(t.baseWithout(["user"], "user = 4002"));
  const { report } = t.served();
  equal([report.one("uid"), report.one("gid"), report.one("groups")], ["4002 4002 4002", "4002 4002 4002", ""]);
});

x("A04", "group and groups", (t) => {
  t.start(t.base("groups = yes"));
  let { report } = t.served();
  equal([report.one("gid"), report.one("groups")?.trim()], ["4001 4001 4001", "4001 4003"]);
  t.start(t.base("groups = yes\ngroup = kdbother"));
  ({ report } = t.served());
  equal(report.one("gid"), "4004 4004 4004");
  t.start(t.base("group = kdbother"));
  ({ report } = t.served());
  equal([report.one("gid"), report.one("groups")], ["4004 4004 4004", ""]);
});

x("A05", "env replaces in place, and REMOTE_HOST stands last", (t) => {
  t.start(t.base("env = A=1 B=x=y PATH=/over"));
  const { report } = t.served();
  truth(
    report.env.includes("PATH=/over") && report.env.includes("A=1") && report.env.includes("B=x=y"),
    `${report.env}`,
  );
  equal(report.env.indexOf("PATH=/over"), 0);
  equal(report.env.at(-1), "REMOTE_HOST=127.0.0.1");
});

x("A06", "env cannot override REMOTE_HOST; += adds, the last one wins", (t) => {
  t.start(t.base("env = REMOTE_HOST=me A=1\nenv += A=2"));
  const { report } = t.served();
  equal(report.env.filter((one) => one.startsWith("REMOTE_HOST")).at(-1), "REMOTE_HOST=127.0.0.1");
  truth(report.env.includes("A=2"), `${report.env}`);
});

x("A07", "passenv: named, empty, empty with env", (t) => {
  t.start(t.base("passenv = PATH NOPE"));
  equal(t.served().report.env, ["PATH=/usr/bin:/bin", "REMOTE_HOST=127.0.0.1"]);
  t.logs(/NOPE/);
  t.start(t.base("passenv ="));
  equal(t.served().report.env, ["REMOTE_HOST=127.0.0.1"]);
  t.start(t.base("passenv =\nenv = A=1"));
  equal(sorted(t.served().report.env), ["A=1", "REMOTE_HOST=127.0.0.1"]);
});

x(
  "A08",
  "Bun's and the loader's variables do not reach a child",
  (t) => {
    t.start(t.base(), { environment: { BUN_OPTIONS: "--smol", LD_DEBUG_OUTPUT: "/nonexistent", KEEP: "me" } });
    const { report } = t.served();
    equal(
      report.env.filter((one) => /^(BUN_|LD_)/.test(one)),
      [],
    );
    truth(report.env.includes("KEEP=me"), "others are kept");
  },
  { ours: true },
);

x("A09", "nice and the rlimits, soft and hard", (t) => {
  t.start(
    t.base("nice = 5\nrlimit_as = 512M\nrlimit_cpu = 20\nrlimit_data = 100000K\nrlimit_stack = 4M\nrlimit_files = 99"),
  );
  const { report } = t.served();
  equal(report.one("nice"), "5");
  equal(report.one("rlimit_as"), "536870912 536870912");
  equal(report.one("rlimit_cpu"), "20 20");
  equal(report.one("rlimit_data"), "102400000 102400000");
  equal(report.one("rlimit_stack"), "4194304 4194304");
  equal(report.one("rlimit_nofile"), "99 99");
});

x("A10", "umask; a limit without bound", (t) => {
  t.start(t.base("umask = 027\nrlimit_cpu = UNLIMITED"));
  const { report } = t.served();
  equal([report.one("umask"), report.one("rlimit_cpu")], ["0027", "-1 -1"]);
});

x("A11", "NAMEINARGS: the first word is argv[0]", (t) => {
  t.start(t.baseWithout(["server_args"], "flags = NAMEINARGS\nserver_args = myname hold x"));
  const { report } = t.served();
  equal(report.argv, ["myname", "hold", "x"]);
  equal(report.one("exe"), t.probe);
});

x("A13", "no server_args: argv is the program's name", (t) => {
  t.start(t.baseWithout(["server_args"]));
  equal(t.served().report.argv, ["probe"]);
});

x("A15", "NODELAY and KEEPALIVE are set on the child's socket", (t) => {
  t.start(t.base("flags = NODELAY KEEPALIVE"));
  const { report } = t.served();
  equal([report.one("nodelay"), report.one("keepalive")], ["1", "1"]);
  t.start(t.base());
  const plain = t.served().report;
  equal([plain.one("nodelay"), plain.one("keepalive")], ["0", "0"]);
});

// ------------------------------------------------------------------------------------------------- B: logging

const stampPattern = "\\d{2}/\\d{1,2}/\\d{1,2}@\\d{2}:\\d{2}:\\d{2}: ";

x("B01", "START and EXIT with status, pid and duration", (t) => {
  t.start(t.base());
  const { client } = t.served();
  client.send("q3");
  t.svcLogs(/EXIT/);
  const pattern = `^${stampPattern}START: kdbtaq pid=(\\d+) from=127\\.0\\.0\\.1\\n${stampPattern}EXIT: kdbtaq status=3 pid=\\1 duration=\\d\\(sec\\)\\n$`;
  truth(new RegExp(pattern).test(t.svcLog), t.svcLog);
  const now = new Date();
  truth(
    t.svcLog.startsWith(`${now.getFullYear() % 100}/${now.getMonth() + 1}/${now.getDate()}@`),
    "month and day are not padded",
  );
});

x("B02", "EXIT by a signal", (t) => {
  t.start(t.base());
  t.served().client.send("k9");
  t.svcLogs(/EXIT: kdbtaq signal=9 pid=\d+ duration=\d\(sec\)/);
});

x("B03", "the id is what is logged", (t) => {
  t.start(t.base("id = myid"));
  t.served();
  t.svcLogs(/START: myid pid=\d+ from=127\.0\.0\.1/);
});

x("B04", "only the words asked for appear", (t) => {
  t.start(t.baseWithout(["log_on_success"], "log_on_success = EXIT"));
  t.served().client.send("q4");
  t.svcLogs(/EXIT: kdbtaq status=4\n/);
  t.start(t.baseWithout(["log_on_success"], "log_on_success = DURATION PID"));
  t.served().client.send("q4");
  t.svcLogs(/EXIT: kdbtaq pid=\d+ duration=\d\(sec\)\n/);
  truth(/START: kdbtaq pid=\d+\n/.test(t.svcLog), t.svcLog);
  t.start(t.baseWithout(["log_on_success"], "log_on_success = PID HOST"));
  t.served().client.send("q4").end();
  t.sleep(200);
  truth(!/EXIT/.test(t.svcLog), t.svcLog);
});

x("B05", "defaults: += adds, = replaces", (t) => {
  const kdbtaq = t.baseWithout(
    ["log_type", "log_on_success", "log_on_failure"],
    "log_on_success += HOST\ninstances = 1",
  );
  const kdbtwo = t.baseWithout(["log_type", "log_on_success", "log_on_failure"], "log_on_success = DURATION", "kdbtwo");
  t.start(`defaults
{
  log_type = FILE ${t.svc}
  log_on_success = PID
  log_on_failure = ATTEMPT
}
${kdbtaq}${kdbtwo}`);
  t.served();
  t.svcLogs(/START: kdbtaq pid=\d+ from=127\.0\.0\.1\n/);
  t.eof();
  t.svcLogs(/FAIL: kdbtaq service_limit\n/);
  t.served(20151).client.send("q0");
  t.svcLogs(/EXIT: kdbtwo/);
  truth(!/START: kdbtwo.*(pid|from)/.test(t.svcLog), t.svcLog);
});

x("B06", "log_on_failure = HOST alone", (t) => {
  t.start(t.baseWithout(["log_on_failure"], "log_on_failure = HOST\ninstances = 0"));
  t.eof();
  t.svcLogs(/FAIL: kdbtaq service_limit from=127\.0\.0\.1/);
});

x("B07", "HUP creates a log that was moved away", (t) => {
  t.start(t.base());
  t.served();
  t.svcLogs(/START/);
  renameSync(t.svc, t.path("svc.old"));
  t.reload(t.base());
  t.served();
  t.svcLogs(/START: kdbtaq/);
});

x("B09", "without log_type nothing is logged of connections", (t) => {
  t.start(t.baseWithout(["log_type"]));
  t.served().client.send("q0");
  t.sleep(100);
  equal(t.svcLog, "");
  truth(!/START/.test(t.log), t.log);
});

x("B11", "a log that cannot be opened: the service does not start", (t) => {
  t.start(t.baseWithout(["log_type"], "log_type = FILE /nonexistent/dir/log") + t.base("", "kdbtwo"));
  t.refused();
  t.served(20151);
  t.logs(/creation of kdbtaq log failed/);
});

x("B13", "a log at its hard limit stops, the service goes on", (t) => {
  t.start(t.baseWithout(["log_type"], `log_type = FILE ${t.svc} 100 120`));
  for (let index = 0; index < 4; index++) {
    t.served().client.send("q0").end();
    t.sleep(30);
  }
  t.logs(/exceeded hard limit/);
  truth(t.svcLog.length < 400, `${t.svcLog.length} bytes`);
});

// -------------------------------------------------------------------------------------------------- C: limits

x("C01", "instances: the third is refused, and served once one has gone", (t) => {
  t.start(t.base("instances = 2"));
  const first = t.served().client;
  t.served();
  t.eof();
  t.svcLogs(/FAIL: kdbtaq service_limit from=127\.0\.0\.1/);
  first.send("q0").end();
  t.svcLogs(/EXIT/);
  t.served();
});

x("C02", "instances = 0 refuses all; a negative one disables", (t) => {
  t.start(t.base("instances = 0"));
  t.eof();
  t.start(t.base("instances = -1") + t.base("", "kdbtwo"));
  t.refused();
  t.served(20151);
});

x("C03", "per_source counts each address by itself", (t) => {
  t.start(t.base("per_source = 2"));
  for (const from of ["127.0.0.1", "127.0.0.2"]) {
    t.served(20150, { from });
    t.served(20150, { from });
    t.eof(20150, { from });
    t.svcLogs(new RegExp(`FAIL: kdbtaq per_source_limit from=${from}`));
  }
});

x("C05", "cps: a burst shuts the port, which comes back", (t) => {
  t.start(t.base("cps = 3 2"));
  const second = Math.floor(Date.now() / 1000);
  t.until(() => Math.floor(Date.now() / 1000) !== second, "a fresh second begins");
  t.served();
  t.served();
  t.served();
  t.eof();
  t.svcLogs(/FAIL: kdbtaq connections per second from=127\.0\.0\.1/);
  t.logs(/Deactivating service kdbtaq due to excessive incoming connections\. {2}Restarting in 2 seconds\./);
  t.refused();
  t.logs(/Activating service kdbtaq/);
  t.served();
});

x("C07", "cps leaves the sessions alone", (t) => {
  t.start(t.base("cps = 2 2"));
  const { client } = t.served();
  for (let index = 0; index < 6; index++) {
    try {
      t.connect();
    } catch {
      break; // the port is down
    }
  }
  t.logs(/Deactivating service kdbtaq/);
  truth(client.echoes(), "the held session echoes");
});

x("C09", "max_load", (t) => {
  t.start(t.base("max_load = 0.000001"));
  t.eof();
  t.svcLogs(/FAIL: kdbtaq load from=127\.0\.0\.1/);
  t.logs(/refused connect from 127\.0\.0\.1 due to excessive load/);
  t.start(t.base("max_load = 1000"));
  t.served();
  t.start(t.base("max_load = 0") + t.base("", "kdbtwo"));
  t.refused();
});

x("C11", "access_times", (t) => {
  const minutes = new Date().getHours() * 60 + new Date().getMinutes();
  const clock = (at: number) => `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`;
  const away = minutes < 12 * 60 ? minutes + 180 : minutes - 180;
  t.start(t.base(`access_times = ${clock(away)}-${clock(away + 1)}`));
  t.eof();
  t.svcLogs(/FAIL: kdbtaq time from=127\.0\.0\.1/);
  t.start(t.base(`access_times = ${clock(Math.max(0, minutes - 5))}-${clock(Math.min(1439, minutes + 5))}`));
  t.served();
});

x("C13", "-limit counts the children of all services", (t) => {
  t.start(t.base() + t.base("", "kdbtwo"), { args: ["-limit", "2"] });
  t.served();
  t.served(20151);
  t.eof();
  t.svcLogs(/FAIL: kdbtaq process_limit from=127\.0\.0\.1/);
});

x("C15", "cps = 0 0 switches the limit off; without cps it is 50 10", (t) => {
  t.start(t.baseWithout(["server_args"], "cps = 0 0"));
  for (let index = 0; index < 80; index++) t.connect().close();
  t.sleep(100);
  truth(!/Deactivating/.test(t.log), t.log);
});

// ----------------------------------------------------------------------------------------------- D: addresses

x("D01", "only_from one host", (t) => {
  t.start(t.base("only_from = 127.0.0.5"));
  t.eof(20150, { from: "127.0.0.1" });
  t.svcLogs(/FAIL: kdbtaq address from=127\.0\.0\.1/);
  t.svcLogs(/START: kdbtaq pid=\d+ from=127\.0\.0\.1/);
  t.svcLogs(/EXIT: kdbtaq status=0 pid=\d+ duration=\d\(sec\)/);
  t.served(20150, { from: "127.0.0.5" });
});

x("D02", "forms of addresses", (t) => {
  for (const [list, yes, no] of [
    ["127.0.1.0", "127.0.1.9", "127.0.0.1"],
    ["127.0.0.{2,4}", "127.0.0.4", "127.0.0.3"],
    ["127.0.{1,2}", "127.0.2.77", "127.0.0.1"],
    ["127.0.0.4/31", "127.0.0.5", "127.0.0.6"],
    ["0.0.0.0", "127.9.9.9", ""],
    ["localhost", "127.0.0.1", "127.0.0.2"],
  ]) {
    t.start(t.base(`only_from = ${list}`));
    t.served(20150, { from: yes });
    if (no !== "") t.eof(20150, { from: no });
  }
});

x("D03", "only_from empty is nobody; no_access empty is no one barred", (t) => {
  t.start(t.base("only_from ="));
  t.eof();
  t.start(t.base("no_access ="));
  t.served();
});

x("D04", "a name that does not resolve leaves the list standing", (t) => {
  t.start(t.base("only_from = no-such-host.invalid"));
  t.eof();
  t.logs(/failed to parse no-such-host\.invalid/i);
});

x("D05", "both lists: refused, whichever is narrower", (t) => {
  t.start(t.base("only_from = 127.0.0.0\nno_access = 127.0.0.5"));
  t.eof(20150, { from: "127.0.0.5" });
  t.logs(/only_from list and no_access list match equally the address 127\.0\.0\.5/);
  t.served(20150, { from: "127.0.0.6" });
  t.start(t.base("only_from = 127.0.0.5\nno_access = 127.0.0.0"));
  t.eof(20150, { from: "127.0.0.5" });
});

x("D06", "no_access alone", (t) => {
  t.start(t.base("no_access = 127.0.0.5"));
  t.eof(20150, { from: "127.0.0.5" });
  t.served(20150, { from: "127.0.0.6" });
});

x("D07", "list operators", (t) => {
  const from = (host: string) => ({ from: host });
  t.start(t.base("only_from = 127.0.0.1\nonly_from += 127.0.1.5"));
  t.served(20150, from("127.0.0.1"));
  t.served(20150, from("127.0.1.5"));
  t.start(t.base("only_from = 127.0.0.1 127.0.1.5\nonly_from -= 127.0.1.5"));
  t.served(20150, from("127.0.0.1"));
  t.eof(20150, from("127.0.1.5"));
  t.start(t.base("only_from = 127.0.0.1\nonly_from = 127.0.1.5"));
  t.served(20150, from("127.0.1.5"));
  t.eof(20150, from("127.0.0.1"));
});

x("D09", "a comma disables the service and is named", (t) => {
  t.start(t.base("only_from = 127.0.0.5, 127.0.1.5") + t.base("", "kdbtwo"));
  t.refused();
  t.logs(/comma|,/i);
});

x("D11", "banners", (t) => {
  const text = (name: string) => t.file(name, `${name}\n`);
  const all = `banner = ${text("BANNER")}\nbanner_fail = ${text("DENIED")}\nbanner_success = ${text("WELCOME")}`;
  t.start(t.base(`only_from = 127.0.0.9\n${all}`));
  equal(t.connect(20150, { from: "127.0.0.1" }).end(), 'eof after "BANNER\\nDENIED\\n"');
  const { report } = t.served(20150, { from: "127.0.0.9" });
  truth(report.text.startsWith("BANNER\nWELCOME\nargv[0]"), report.text.slice(0, 60));
});

x("D12", "a banner that is missing is said, and the service goes on", (t) => {
  t.start(t.base("banner = /nonexistent/banner"));
  t.served();
  t.logs(/nonexistent\/banner/);
});

x("D13", "SENSOR with deny_time bars the address from every service", (t) => {
  t.start(t.base("flags = SENSOR\ndeny_time = 1") + t.base("", "kdbtwo"));
  t.served(20151, { from: "127.0.0.8" });
  t.eof(20150, { from: "127.0.0.8" });
  t.logs(/Adding 127\.0\.0\.8 to the global_no_access list for 1 minutes/);
  t.eof(20151, { from: "127.0.0.8" });
  t.served(20151, { from: "127.0.0.9" });
});

x("D14", "libwrap: hosts.deny, and NOLIBWRAP", (t) => {
  if (!existsSync("/etc/hosts.deny")) return; // no libwrap on this machine
  writeFileSync("/etc/hosts.deny", "probe: 127.0.0.7\n");
  try {
    t.start(t.base());
    t.eof(20150, { from: "127.0.0.7" });
    t.svcLogs(/FAIL: kdbtaq libwrap from=127\.0\.0\.7/);
    t.logs(/libwrap refused connection to kdbtaq \(libwrap=probe\) from 127\.0\.0\.7/);
    t.served();
    t.start(t.base("flags = NOLIBWRAP"));
    t.served(20150, { from: "127.0.0.7" });
    t.start(t.base("libwrap = other"));
    t.served(20150, { from: "127.0.0.7" });
  } finally {
    writeFileSync("/etc/hosts.deny", "");
  }
});

x("D16", ".domain asks for the client's name", (t) => {
  t.start(t.base("only_from = .example.test"));
  t.served(20150, { from: "127.0.0.21" });
  t.eof(20150, { from: "127.0.0.22" });
  t.served(20150, { from: "127.0.0.21" });
  t.svcLogs(/FAIL: kdbtaq address from=127\.0\.0\.22/);
});

x("D15", "IDONLY without an ident server", (t) => {
  t.start(t.base("flags = IDONLY\nlog_on_success += USERID"));
  t.eof();
  t.svcLogs(/NOID: kdbtaq 127\.0\.0\.1 no server/);
  t.start(t.base("log_on_success += USERID"));
  t.served();
});

// ----------------------------------------------------------------------- E: names, ports, addresses to listen on

x("E01", "an alias of the services file", (t) => {
  t.start(t.base("", "kdbalias"));
  t.served();
});

x("E02", "a port that is not the listed one; a name that is not listed", (t) => {
  t.start(t.base("port = 20160") + t.base("", "kdbtwo"));
  t.refused(20160);
  t.refused();
  t.logs(/Service kdbtaq expects port 20150, not 20160/);
  t.start(t.base("", "nosuchsvc") + t.base("", "kdbtwo"));
  t.logs(/nosuchsvc/);
  t.served(20151);
  t.start(t.base("", "20160") + t.base("", "kdbtwo"));
  t.logs(/can't find service: 20160/);
  t.refused(20160);
});

x("E03", "UNLISTED", (t) => {
  t.start(t.base("type = UNLISTED\nprotocol = tcp\nport = 20160", "nosuchsvc"));
  t.served(20160);
  t.start(t.base("type = UNLISTED\nport = 20160", "nosuchsvc"));
  t.served(20160);
  t.start(t.base("type = UNLISTED\nport = 20160"));
  t.served(20160);
  t.refused();
});

x("E04", "UNLISTED without a port is not started", (t) => {
  t.start(t.base("type = UNLISTED\nprotocol = tcp", "nosuchsvc") + t.base("", "kdbtwo"));
  t.logs(/nosuchsvc must have a port/);
  t.served(20151);
});

x("E05", "no bind: both families, and IPv4 clients are IPv4", (t) => {
  t.start(t.baseWithout(["bind"]));
  const six = t.served(20150, { host: "::1" }).report;
  equal([six.env.at(-1), six.one("peername")], ["REMOTE_HOST=::1", "10 ::1"]);
  const four = t.served().report;
  equal(four.env.at(-1), "REMOTE_HOST=::ffff:127.0.0.1");
  equal([four.one("peername"), four.one("sockname")?.split(" ")[0]], ["2 127.0.0.1", "2"]);
  t.svcLogs(/START: kdbtaq pid=\d+ from=::ffff:127\.0\.0\.1/);
});

x("E06", "flags IPv4 and IPv6", (t) => {
  t.start(t.baseWithout(["bind"], "flags = IPv4"));
  equal(t.served().report.env.at(-1), "REMOTE_HOST=127.0.0.1");
  t.refused(20150, { host: "::1" });
  t.start(t.baseWithout(["bind"], "bind = ::1"));
  t.served(20150, { host: "::1" });
  t.refused();
});

x("E07", "the same port twice", (t) => {
  t.start(t.base() + t.base());
  t.served();
  t.logs(/not unique or is a duplicate/);
  t.start(t.base() + t.base("id = other"));
  t.served();
  t.logs(/is unique but its identical to service/);
  t.start(t.base() + t.baseWithout(["bind"], "bind = 127.0.0.2\nid = other"));
  t.served();
  t.served(20150, { host: "127.0.0.2" });
});

x("E08", "a busy port: the others start", (t) => {
  const busy = Bun.listen({ hostname: "127.0.0.1", port: 20150, socket: { data() {} } });
  t.start(t.base() + t.base("", "kdbtwo"));
  t.served(20151);
  t.logs(/bind failed \(Address already in use \(errno = 98\)\)\. service = kdbtaq/);
  busy.stop(true);
});

// ----------------------------------------------------------------------------------------------- F: grammar

x("F01", "case does not matter", (t) => {
  t.start(
    t
      .base()
      .replace("service kdbtaq", "SERVICE kdbtaq")
      .replace("socket_type = stream", "Socket_Type = STREAM")
      .replace("wait = no", "Wait = NO"),
  );
  t.served();
});

x("F02", "a blank before the operator, none needed after", (t) => {
  t.start(t.base("nice=3") + t.base("", "kdbtwo"));
  t.refused();
  t.logs(/nice needs a space before operator/);
  t.start(t.base("nice =3"));
  equal(t.served().report.one("nice"), "3");
});

x("F03", "a brace on the service line loses the service", (t) => {
  t.start(t.base().replace("service kdbtaq\n{", "service kdbtaq {") + t.base("", "kdbtwo"));
  t.refused();
  t.served(20151);
  t.logs(/kdbtaq: missing '\{'/);
});

x("F04", "junk at top level loses what follows up to the next }", (t) => {
  t.start(`junk here\n${t.base()}${t.base("", "kdbtwo")}`);
  t.refused();
  t.served(20151);
  t.logs(/missing service keyword/);
});

x("F05", "trailing comments are values", (t) => {
  t.start(t.base("nice = 3 # comment"));
  equal(t.served().report.one("nice"), "0");
  t.logs(/nice expects 1 values and 3 values were specified/);
  t.start(t.base("only_from = 127.0.0.1 # comment"));
  t.served();
  t.eof(20150, { from: "127.0.0.2" });
  t.until(() => (t.log.match(/failed to parse/gi) ?? []).length >= 2, "two parse errors");
});

x("F06", "bad values disable, an unknown flag too", (t) => {
  for (const line of [
    "nice = x",
    "flags = NOSUCH",
    "rlimit_as = 1G",
    "env = NOEQUALS",
    "cps = a b",
    "umask = 9",
    "groups = maybe",
  ]) {
    t.start(t.base(line) + t.base("", "kdbtwo"));
    t.refused();
    t.served(20151);
    t.logs(/Error parsing attribute|parsing|bad|Bad|operator|expects/i);
  }
});

x("F07", "an unknown attribute is named", (t) => {
  t.start(t.base("colour = blue"));
  t.served();
  t.logs(/bad service attribute: colour/);
});

x("F08", "an attribute given twice: the first counts; += on a scalar is ignored", (t) => {
  t.start(t.base("nice = 2\nnice = 4"));
  equal(t.served().report.one("nice"), "2");
  t.logs(/attribute already set: nice/);
  t.start(t.base("nice += 4"));
  equal(t.served().report.one("nice"), "0");
  t.logs(/operator '\+=' cannot be used for attribute 'nice'/);
});

x("F09", "missing attributes are named", (t) => {
  for (const [without, named] of [
    [["user"], /missing attribute user/],
    [["wait"], /missing attribute wait/],
    [["server", "server_args"], /missing attribute server|Must specify a server/],
    [["socket_type"], /missing attribute (socket_type|protocol)|socket_type|protocol/],
  ] as const) {
    t.start(t.baseWithout([...without]) + t.base("", "kdbtwo"));
    t.refused();
    t.logs(named);
  }
  t.start(t.baseWithout(["socket_type"], "protocol = tcp"));
  t.served();
});

x("F10", "CR LF files fail, EOF inside a block loses the block", (t) => {
  t.start(t.base().replaceAll("\n", "\r\n") + t.base("", "kdbtwo"));
  t.refused();
  t.start(t.base("", "kdbtwo") + t.base().replace(/\}\n$/, ""));
  t.refused();
  t.served(20151);
  t.logs(/incomplete entry/i);
});

x("F11", "after disable = yes the block is not looked at", (t) => {
  t.start(t.base("disable = yes\njunk junk") + t.base("", "kdbtwo"));
  t.refused();
  t.served(20151);
  truth(!/junk/.test(t.log), t.log);
});

x("F13", "includedir: which files count", (t) => {
  const directory = t.path("d");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/sub`, { recursive: true });
  const service = (name: string, port: number) => t.base(`type = UNLISTED\nport = ${port}`, name);
  const files: [string, number][] = [
    ["aaa", 20161],
    ["D", 20162],
    ["e,f", 20163],
    ["b.conf", 20164],
    ["c~", 20165],
    [".hid", 20166],
    ["sub/z", 20167],
  ];
  for (const [name, port] of files) writeFileSync(`${directory}/${name}`, service(`svc${port}`, port));
  symlinkSync(`${directory}/b.conf`, `${directory}/link`);
  t.start(`includedir ${directory}\n`);
  for (const port of [20161, 20162, 20163, 20164]) t.served(port);
  for (const port of [20165, 20166, 20167]) t.refused(port);
});

x("F14", "include: a missing file is said, the rest is read", (t) => {
  const file = t.file("extra", t.base("", "kdbtwo"));
  t.start(`include /nonexistent/file\ninclude ${file}\n${t.base()}`);
  t.served();
  t.served(20151);
  t.logs(/nonexistent\/file/);
});

x("F15", "defaults and only_from", (t) => {
  const defaults = (lines: string) => `defaults\n{\n${lines}\n}\n`;
  t.start(defaults("only_from = 127.0.0.9") + t.base("only_from += 127.0.0.1"));
  t.served(20150, { from: "127.0.0.9" });
  t.served(20150, { from: "127.0.0.1" });
  t.eof(20150, { from: "127.0.0.2" });
  t.start(defaults("only_from = 127.0.0.9") + t.base("only_from = 127.0.0.1"));
  t.eof(20150, { from: "127.0.0.9" });
  t.served(20150, { from: "127.0.0.1" });
  t.start(defaults("only_from = 127.0.0.9\nonly_from = 127.0.0.1") + t.base());
  t.served(20150, { from: "127.0.0.9" });
  t.served(20150, { from: "127.0.0.1" });
});

x(
  "F16",
  "what defaults may not hold; a bad value there ends the start",
  async (t) => {
    t.start(`defaults\n{\nenv = A=1\n}\n${t.base()}`);
    t.served();
    t.logs(/env should not be in default section/);
    t.start(`defaults\n{\ninstances = many\n}\n${t.base()}`);
    t.logs(/fatal error/i);
    const status = await t.exitStatus();
    equal(status, t.isPerqd ? 1 : 0);
  },
  { differs: "a start that failed has status 1, not 0" },
);

x("F17", "a second defaults in a file is ignored", (t) => {
  t.start(`defaults\n{\ninstances = 0\n}\ndefaults\n{\ninstances = 5\n}\n${t.base()}`);
  t.eof();
  t.logs(/only 1 defaults entry is allowed/);
});

x("F18", "a later defaults gives instances to earlier services, but not only_from", (t) => {
  t.start(`${t.base()}defaults\n{\ninstances = 1\nonly_from = 127.0.0.9\n}\n`);
  t.served();
  t.eof();
  t.svcLogs(/FAIL: kdbtaq service_limit/);
});

x("F20", "enabled and disabled", (t) => {
  const both = t.base() + t.base("", "kdbtwo");
  t.start(`defaults\n{\ndisabled = kdbtaq\n}\n${both}`);
  t.refused();
  t.served(20151);
  t.start(`defaults\n{\nenabled = kdbtwo\n}\n${both}`);
  t.refused();
  t.served(20151);
  t.start(`defaults\n{\nenabled = kdbtwo kdbtaq\ndisabled = kdbtwo\n}\n${both}`);
  t.served();
  t.refused(20151);
});

x("F21", "a server that is not there or may not run is found at load", (t) => {
  for (const server of ["/nonexistent/server", "/etc/passwd"]) {
    t.start(t.baseWithout(["server", "server_args"], `server = ${server}`) + t.base("", "kdbtwo"));
    t.refused();
    t.served(20151);
    t.logs(/is not executable/);
  }
});

x("F22", "an unknown user or group", (t) => {
  t.start(t.baseWithout(["user"], "user = nosuch") + t.base("", "kdbtwo"));
  t.refused();
  t.logs(/nosuch/);
  t.start(t.base("group = nosuch") + t.base("", "kdbtwo"));
  t.refused();
  t.served(20151);
});

// ------------------------------------------------------------------------------------- G: reload and signals

x("G01", "HUP with nothing changed", (t) => {
  t.start(t.base());
  const { client } = t.served();
  t.reload(t.base());
  truth(client.echoes(), "the session echoes");
  t.logs(/Reconfigured: new=0 old=1 dropped=0 \(services\)/);
  t.served();
});

x("G02", "HUP brings a new service", (t) => {
  t.start(t.base());
  t.reload(t.base() + t.base("", "kdbtwo"));
  t.served();
  t.served(20151);
  t.logs(/Reconfigured: new=1 old=1 dropped=0 \(services\)/);
});

x("G03", "HUP with new values: for new connections", (t) => {
  t.start(t.base("env = V=1"));
  const { client } = t.served();
  t.reload(t.base("env = V=2"));
  truth(client.echoes(), "the old session lives");
  truth(t.served().report.env.includes("V=2"), "V=2");
});

x(
  "G04",
  "HUP with a typo",
  (t) => {
    t.start(t.base());
    const { client } = t.served();
    t.reload(t.base("nice=3"));
    if (t.isPerqd) {
      truth(client.echoes(), "the session lives");
      t.served();
      t.logs(/conf:\d+:\d+: error: Attribute nice needs a space before operator/);
      t.logs(/reconfiguration failed: 1 error; nothing was changed/);
    } else {
      truth(client.end() !== "still open", "the session is killed");
      t.refused();
    }
  },
  { differs: "a file with an error changes nothing, and no session dies of it" },
);

x(
  "G05",
  "HUP removes a service",
  (t) => {
    t.start(t.base());
    const { client } = t.served();
    t.reload(t.base("", "kdbtwo"));
    t.refused();
    t.served(20151);
    t.logs(/dropped=1/);
    if (t.isPerqd) truth(client.echoes(), "the session goes on");
    else truth(client.end() !== "still open", "the session is closed");
  },
  { differs: "sessions of a service that a reload drops go on" },
);

x("G06", "HUP changes the address: a new listener", (t) => {
  t.start(t.base());
  t.served();
  t.reload(t.baseWithout(["bind"], "bind = 127.0.0.2"));
  t.served(20150, { host: "127.0.0.2" });
  t.refused();
});

x("G07", "HUP: old sessions count against a new limit", (t) => {
  t.start(t.base());
  const { client } = t.served();
  t.reload(t.base("instances = 1"));
  t.eof();
  client.send("q0").end();
  t.svcLogs(/EXIT/);
  t.served();
});

x("G08", "HUP when the file has gone", (t) => {
  t.start(t.base());
  const { client } = t.served();
  renameSync(t.config, `${t.config}.away`);
  t.signal(sys.SIG.HUP);
  t.logs(/reconfiguration failed/);
  truth(client.echoes(), "the session lives");
  t.served();
});

x("G09", "TERM: status 0, pid file gone, the session lives", async (t) => {
  t.start(t.base());
  const { client } = t.served();
  equal(readFileSync(t.pidFile, "utf8").trim(), String(t.pid));
  t.signal(sys.SIG.TERM);
  equal(await t.exitStatus(), 0);
  truth(!existsSync(t.pidFile), "the pid file is gone");
  truth(client.echoes(), "the session echoes");
  t.refused();
});

x("G10", "QUIT, and signals that are ignored", async (t) => {
  t.start(t.base());
  const { client } = t.served();
  for (const signal of [sys.SIG.ALRM, sys.SIG.PIPE]) t.signal(signal);
  t.sleep(50);
  t.served();
  t.signal(sys.SIG.QUIT);
  equal(await t.exitStatus(), 0);
  truth(client.echoes(), "the session echoes");
});

x(
  "G11",
  "start errors",
  (t) => {
    const missing = t.path("missing.conf");
    equal(t.command(["-f", missing, "-dontfork", "-filelog", t.mainLog]).status, 1, "foreground");
    equal(t.command(["-f", missing, "-filelog", t.mainLog]).status, t.isPerqd ? 1 : 0, "daemon mode");
  },
  { differs: "the parent knows how the start went" },
);

x("G12", "daemon mode: the parent returns 0 when the service is there, TERM ends it", (t) => {
  rmSync(t.pidFile, { force: true });
  t.write(t.base());
  equal(t.command(["-f", t.config, "-filelog", t.mainLog, "-pidfile", t.pidFile]).status, 0);
  t.until(() => existsSync(t.pidFile) && t.listening(20150), "the daemon is there");
  t.served();
  sys.kill(Number(readFileSync(t.pidFile, "utf8")), sys.SIG.TERM);
  t.until(() => !existsSync(t.pidFile), "the pid file is gone");
});

x("G13", "USR1 dumps the state", (t) => {
  rmSync("/var/run/xinetd.dump", { force: true });
  t.start(t.base());
  t.served();
  t.signal(sys.SIG.USR1);
  t.until(
    () => existsSync("/var/run/xinetd.dump") && /kdbtaq/.test(readFileSync("/var/run/xinetd.dump", "utf8")),
    "the dump is there",
  );
  rmSync("/var/run/xinetd.dump", { force: true });
});

// ---------------------------------------------------------------------------------- H: other kinds of service

x("H01", "wait = yes", (t) => {
  t.start(t.baseWithout(["wait", "server_args"], "wait = yes\nserver_args = waiter"));
  const pid = () => /^pid: (\d+)$/m.exec(t.connect().until("END\n"))?.[1];
  const first = pid();
  equal(pid(), first);
  t.svcLogs(/EXIT/);
  truth(pid() !== first, "a new server");
  t.svcLogs(/START: kdbtaq pid=\d+ from=<no address>/);
});

x("H02", "internal services over stream", (t) => {
  const service = (name: string, port: number) => `service ${name}
{
  type = INTERNAL UNLISTED
  id = ${name}-stream
  socket_type = stream
  protocol = tcp
  wait = no
  port = ${port}
}
`;
  t.start(
    service("echo", 20161) +
      service("discard", 20162) +
      service("daytime", 20163) +
      service("time", 20164) +
      service("chargen", 20165),
  );
  truth(t.connect(20161).echoes(), "echo");
  const silent = t.connect(20162).send("hello");
  t.sleep(50);
  equal(silent.shut().end(), "eof");
  truth(/^eof after "\d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d [A-Z]+\\r\\n"$/.test(t.connect(20163).end()), "daytime");
  truth(t.connect(20164).end().startsWith("eof after"), "time");
  const line = t.connect(20165).until("\r\n");
  equal(line.length, 74);
});

x("H03", "redirect with TRAFFIC", (t) => {
  const echo = Bun.spawn(
    [process.execPath, "-e", 'Bun.listen({hostname:"127.0.0.1",port:20170,socket:{data(s,d){s.write(d)}}})'],
    { stdio: ["ignore", "ignore", "ignore"] },
  );
  t.until(() => t.listening(20170), "the echo server listens");
  const block = t.baseWithout(
    ["server", "server_args", "log_on_success"],
    "redirect = 127.0.0.1 20170\nlog_on_success = PID TRAFFIC EXIT DURATION",
    "kdbtwo",
  );
  t.start(block);
  const client = t.connect(20151).send("hello");
  equal(client.until("hello"), "hello");
  client.shut().end();
  t.svcLogs(/TRAFFIC: kdbtwo in=5\(bytes\) out=5\(bytes\)/);
  t.svcLogs(/EXIT: kdbtwo/);
  echo.kill();
});

x("H04", "redirect to a port where nobody listens", (t) => {
  t.start(t.baseWithout(["server", "server_args"], "redirect = 127.0.0.1 20171", "kdbtwo"));
  truth(["rst", "eof"].includes(t.connect(20151).end()), "the client is let go");
  t.logs(/can't connect to remote host 127\.0\.0\.1: Connection refused \(errno = 111\)/);
});

x("H05", "tcpmux", (t) => {
  const mux = `service tcpmux
{
  type = INTERNAL UNLISTED
  socket_type = stream
  protocol = tcp
  wait = no
  port = 20180
}
`;
  const muxed = (name: string, type: string) =>
    t.baseWithout(["bind", "server_args"], `type = ${type} UNLISTED\nprotocol = tcp\nserver_args = report`, name);
  t.start(mux + muxed("muxa", "TCPMUX") + muxed("muxb", "TCPMUXPLUS"));
  truth(t.connect(20180).send("muxa\r\n").until("END\n").startsWith("argv[0]"), "muxa");
  const plus = t.connect(20180).send("MUXB\r\n").until("END\n");
  // the real one sends the NUL of its own string too
  truth(plus.replace("\0", "").startsWith("+Go\r\nargv[0]"), plus.slice(0, 40));
  truth(t.connect(20180).send("nosuch\r\n").end().startsWith('eof after "-Service name not found\\r\\n'), "unknown");
});

x(
  "H06",
  "what is refused: RPC, dgram with wait = no, an unknown internal",
  (t) => {
    const dgram = t.baseWithout(["socket_type", "wait"], "socket_type = dgram\nwait = no", "kdbudp");
    const rpc = t.base("type = RPC UNLISTED\nrpc_version = 1\nrpc_number = 100999", "rpcsvc");
    const internal = t.base("type = INTERNAL UNLISTED\nport = 20161", "nosuch");
    t.start(dgram + rpc + internal + t.base());
    t.served();
    t.logs(/No such internal service: nosuch\/stream/);
    t.logs(/dgram service needs wait = yes/);
    t.logs(/RPC is not supported/);
  },
  { ours: true },
);

x("H07", "exec failures", (t) => {
  const script = t.file("script", "#!/nonexist\n");
  const bare = t.file("bare", "no interpreter line\n");
  const secret = t.file("secret", "#!/bin/sh\n");
  for (const [path, mode] of [
    [script, "755"],
    [bare, "755"],
    [secret, "700"],
  ])
    Bun.spawnSync(["chmod", mode, path]);
  for (const [path, why] of [
    [script, "No such file"],
    [bare, "Exec format error"],
    [secret, "Permission denied"],
  ]) {
    t.start(t.baseWithout(["server", "server_args"], `server = ${path}`));
    t.eof();
    t.svcLogs(/EXIT: kdbtaq status=0 pid=\d+/);
    t.logs(new RegExp(`execv\\( ${path} \\) failed: ${why}.*\\(errno = \\d+\\)`));
  }
});

x("H09", "a dgram service waits with the socket", (t) => {
  t.start(
    t.baseWithout(
      ["socket_type", "wait", "server", "server_args"],
      "socket_type = dgram\nwait = yes\nserver = /bin/cat",
      "kdbudp",
    ),
  );
  const sender = Bun.spawnSync(["bash", "-c", "echo hello > /dev/udp/127.0.0.1/20152"]);
  equal(sender.exitCode, 0);
  t.svcLogs(/START: kdbudp pid=\d+ from=127\.0\.0\.1/);
});

// ----------------------------------------------------------------------------------------------------- I: inetd

const laundry = ["PATH", "HOME", "USER", "SHELL", "TERM", "LD_LIBRARY_PATH"];

inetd("I01", "the seed line", ["openbsd", "gnu"], (t) => {
  t.start(t.line(), { environment: { QHOME: "/home/kdb/q", USER: "root", SHELL: "/bin/sh" } });
  const { report } = t.served();
  equal(report.argv, ["probe", "hold", "/home/kdb/taq", "-s", "4"]);
  equal(
    [report.one("uid"), report.one("gid"), report.one("groups")?.trim()],
    ["4002 4002 4002", "4001 4001 4001", "4001 4003"],
  );
  equal([report.one("session"), report.one("group")], ["own", "own"]);
  equal(
    report.all("fd").map((fd) => fd.split(" ")[0]),
    ["0", "1", "2"],
  );
  const names = report.env.map((one) => one.split("=")[0]);
  truth(names.includes("FOO") && names.includes("QHOME"), `${names}`);
  if (t.kind === "openbsd")
    equal(
      names.filter((name) => laundry.includes(name)),
      [],
    );
  else
    truth(
      ["PATH", "HOME", "USER", "SHELL", "TERM"].every((name) => names.includes(name)),
      `${names}`,
    );
  equal(report.one("SigIgn"), t.kind === "gnu" ? "0000000000001000" : "0000000000000000");
  equal(report.one("SigBlk"), "0000000000000000");
});

inetd("I02", "-E keeps the environment, but not the loader's variables", ["openbsd"], (t) => {
  t.start(t.line(), { args: ["-E"] });
  const { report } = t.served();
  truth(
    ["PATH=/usr/bin:/bin", "HOME=/root", "TERM=dumb"].every((one) => report.env.includes(one)),
    `${report.env}`,
  );
});

inetd("I03", "names: alias, port number, unknown, listed for another protocol", ["openbsd", "gnu"], (t) => {
  t.start(t.line({ service: "kdbalias" }));
  t.served();
  t.start(t.line({ service: "20160" }) + t.line({ service: "nosuch" }) + t.line({ service: "kdbnoproto" }) + t.line());
  t.served(20160);
  t.served();
  t.logs(/nosuch\/tcp.*(nknown service|Servname not supported)/);
  t.logs(/kdbnoproto\/tcp.*(nknown service|Servname not supported)/);
});

inetd("I05", "an unknown user, and a number", ["openbsd", "gnu"], (t) => {
  for (const user of ["nosuch", "4002"]) {
    t.start(t.line({ user }) + t.line({ service: "kdbtwo" }), { listens: 20151 });
    if (t.kind === "openbsd") {
      t.eof();
      t.logs(new RegExp(`getpwnam: ${user}: No such user`));
    } else {
      t.refused();
      t.logs(new RegExp(`No such user '?${user}.*service ignored`));
    }
    t.served(20151);
  }
});

inetd("I06", "user.group and user:group", ["openbsd", "gnu"], (t) => {
  for (const user of ["kdbuser.kdbother", "kdbuser:kdbother"]) {
    t.start(t.line({ user }));
    const { report } = t.served();
    equal([report.one("uid"), report.one("gid")], ["4002 4002 4002", "4004 4004 4004"]);
    truth(report.one("groups")!.includes("4003") && report.one("groups")!.includes("4004"), `${report.one("groups")}`);
  }
});

inetd("I07", "tcp, tcp4, tcp6", ["openbsd", "gnu"], (t) => {
  t.start(t.line({ protocol: "tcp4" }));
  t.served();
  t.refused(20150, { host: "::1" });
  t.start(t.line({ protocol: "tcp" }));
  t.served();
  if (t.kind === "openbsd") t.served(20150, { host: "::1" });
  else t.refused(20150, { host: "::1" });
  t.start(t.line({ protocol: "tcp6" }));
  t.served(20150, { host: "::1" });
  if (t.kind === "openbsd") t.refused();
  else equal(t.served().report.one("peername"), "10 ::ffff:127.0.0.1");
});

inetd("I08", "a host before the name, and a default host", ["openbsd"], (t) => {
  t.start(`${t.line({ service: "127.0.0.2:kdbtaq" })}127.0.0.3:\n${t.line({ service: "kdbtwo" })}`);
  t.served(20150, { host: "127.0.0.2" });
  t.refused();
  t.served(20151, { host: "127.0.0.3" });
  t.refused(20151);
});

inetd(
  "I09",
  "nowait.5 on a high port serves 4 a minute, without a word",
  ["openbsd"],
  (t) => {
    t.start(t.line({ protocol: "tcp4", wait: "nowait.5", args: "probe report" }));
    for (let index = 0; index < 4; index++) t.served();
    for (let index = 0; index < 5; index++) t.eof();
    truth(t.listening(20150), "the port still listens");
    truth(!/failing|looping/.test(t.log), t.log);
    t.sleep(62_000);
    t.served();
  },
  { slow: true },
);

inetd("I11", "nowait.5: the sixth ends the service until HUP", ["gnu"], (t) => {
  const line = t.line({ protocol: "tcp4", wait: "nowait.5", args: "probe report" });
  t.start(line);
  for (let index = 0; index < 5; index++) t.served();
  t.eof();
  t.logs(/kdbtaq\/tcp4 server failing \(looping\), service terminated/);
  t.refused();
  t.reload(line);
  t.until(() => t.listening(20150), "HUP enables it again");
  t.served();
});

inetd("I13", "odd words in the wait field mean nowait", ["openbsd", "gnu"], (t) => {
  for (const wait of ["nowait/3", "NOWAIT", "maybe", "nowait.x"]) {
    t.start(t.line({ wait }));
    t.served();
    t.served();
    if (wait === "nowait.x") t.logs(t.kind === "openbsd" ? /illegal max field "x"/ : /invalid number \(x\)/);
    else if (t.kind === "gnu" && wait !== "nowait/3") t.logs(/bad wait type/);
  }
});

inetd("I15", "quotes and comments", ["openbsd", "gnu"], (t) => {
  t.start(t.line({ args: 'probe hold "a b"' }));
  equal(t.served().report.argv, t.kind === "openbsd" ? ["probe", "hold", '"a', 'b"'] : ["probe", "hold", "a b"]);
  t.start(t.line({ args: "probe hold # x" }));
  equal(t.served().report.argv, ["probe", "hold", "#", "x"]);
  t.start(`  # c\n${t.line()}`);
  t.served();
  t.logs(/syntax error|not enough fields/);
});

inetd("I16", "continuation lines; argv0 missing; the later of two entries", ["openbsd"], (t) => {
  t.start(`${t.line({ args: "probe hold" }).trimEnd()}\n\t more words\n`);
  equal(t.served().report.argv, ["probe", "hold", "more", "words"]);
  t.start(t.line({ args: "probe hold one" }) + t.line({ args: "probe hold two" }));
  equal(t.served().report.argv, ["probe", "hold", "two"]);
  t.start(t.line({ args: "" }));
  equal(/argv\[0\]: probe/.test(t.served().report.text), true);
});

inetd("I17", "HUP: sessions live through everything", ["openbsd", "gnu"], (t) => {
  t.start(t.line());
  const { client } = t.served();
  t.reload(t.line());
  truth(client.echoes(), "unchanged");
  t.reload(t.line({ user: "nobody" }));
  truth(client.echoes(), "another user");
  equal(t.served().report.one("uid"), "65534 65534 65534");
  t.reload(t.line({ service: "kdbtwo" }));
  t.until(() => t.listening(20151) && !t.listening(20150), "kdbtwo instead of kdbtaq");
  truth(client.echoes(), "its entry is gone");
  t.refused();
  t.served(20151);
});

inetd("I19", "a program that is not there", ["openbsd", "gnu"], (t) => {
  for (const program of ["/nonexist", "/etc/passwd"]) {
    t.start(t.line({ program }));
    t.eof();
    // inetutils in debug mode has closed its log by then
    if (t.kind !== "gnu" || t.isPerqd) t.logs(new RegExp(`(execv|cannot execute) ${program}`));
  }
  t.start(t.line({ program: "probe" }), { cwd: t.probe.replace(/\/probe$/, "") });
  t.served();
});

inetd("I21", "TERM: the session lives", ["openbsd", "gnu"], async (t) => {
  t.start(t.line());
  const { client } = t.served();
  t.signal(sys.SIG.TERM);
  const status = await t.exitStatus();
  if (t.kind === "openbsd" || t.isPerqd) equal(status, 0);
  truth(client.echoes(), "the session echoes");
  t.refused();
});

inetd("I23", "internal services", ["openbsd", "gnu"], (t) => {
  const internal = (name: string) => `${name} stream tcp nowait root internal\n`;
  t.start(internal("echo") + internal("daytime") + internal("time"), { listens: 13 });
  truth(
    /^eof after "[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\\r\\n"$/.test(t.connect(13).end()),
    "daytime",
  );
  truth(t.connect(7).echoes(), "echo");
  truth(t.connect(37).end().startsWith("eof after"), "time");
});

inetd("I25", "unix sockets: mode 0666, gone at the end", ["openbsd"], async (t) => {
  const path = t.path("sock");
  t.start(t.line({ service: path, protocol: "unix" }), { listens: null });
  t.until(() => existsSync(path), "the socket is there");
  equal(Bun.spawnSync(["stat", "-c", "%a", path]).stdout.toString().trim(), "666");
  t.signal(sys.SIG.TERM);
  await t.exitStatus();
  truth(!existsSync(path), "the socket is gone");
});

inetd("I27", "wait services keep the socket to themselves", ["openbsd", "gnu"], (t) => {
  t.start(t.line({ wait: "wait", args: "probe waiter", protocol: "tcp4" }));
  const pid = () => /^pid: (\d+)$/m.exec(t.connect().until("END\n"))?.[1];
  const first = pid();
  equal(pid(), first);
  t.sleep(1500);
  truth(pid() !== first, "a new server");
});

inetd(
  "I29",
  "HUP with a bad line",
  ["openbsd", "gnu"],
  (t) => {
    t.start(t.line());
    const { client } = t.served();
    t.reload(`${t.line()}${t.line({ service: "kdbtwo" })}bad line\n`);
    truth(client.echoes(), "the session lives");
    t.served();
    if (t.isPerqd) {
      t.refused(20151);
      t.logs(/conf:3:1: error: .*(syntax error|not enough fields)/);
    } else t.served(20151);
  },
  { differs: "a file with an error changes nothing" },
);

inetd("I31", "tcpmux and its names", ["gnu"], (t) => {
  const mux = "tcpmux stream tcp nowait root internal\n";
  t.start(
    `${mux}tcpmux/plain stream tcp nowait kdbuser ${t.probe} probe report\ntcpmux/+plus stream tcp nowait kdbuser ${t.probe} probe report\n`,
    { listens: 1 },
  );
  const help = t.connect(1).send("help\r\n").end();
  truth(help.includes("plain") && help.includes("plus"), help);
  truth(t.connect(1).send("plus\r\n").until("END\n").startsWith("+Go\r\nargv[0]"), "plus");
  truth(t.connect(1).send("plain\r\n").until("END\n").startsWith("argv[0]"), "plain");
  const unknown = t.connect(1).send("nosuch\r\n").end();
  truth(unknown.includes("-"), unknown);
});

inetd("I33", "the child learns of its client", ["gnu"], (t) => {
  t.start(t.line({ protocol: "tcp4" }), { args: ["--environment"] });
  const { report } = t.served();
  for (const entry of ["PROTO=TCP", "TCPLOCALIP=127.0.0.1", "TCPLOCALPORT=20150", "TCPREMOTEIP=127.0.0.1"])
    truth(report.env.includes(entry), `${entry}: ${report.env}`);
  truth(
    report.env.some((one) => /^TCPREMOTEPORT=\d+$/.test(one)),
    `${report.env}`,
  );
});

inetd(
  "I35",
  "an empty file, and a file that has gone",
  ["openbsd", "gnu"],
  async (t) => {
    t.start("", { listens: null });
    t.refused();
    t.reload(t.line());
    t.until(() => t.listening(20150), "HUP brings the service");
    const { client } = t.served();
    renameSync(t.config, `${t.config}.away`);
    t.signal(sys.SIG.HUP);
    t.sleep(400);
    truth(client.echoes(), "the session lives");
    if (t.kind === "openbsd" && !t.isPerqd) equal(await t.exitStatus(), 1);
    else t.served();
  },
  { differs: "openbsd-inetd exits when its file is missing at HUP; perqd keeps what runs" },
);

// ------------------------------------------------------------------------------------- W: what only perqd has

const statusOf = (t: Fixture) => {
  const asked = askControl(t.path("control"), "status");
  if ("failure" in asked) throw new Error(asked.failure);
  return JSON.parse(asked.answer) as DaemonStatus;
};
const control = (t: Fixture) => ({ args: ["--control", t.path("control")] });

x(
  "W01",
  "warm: an idle server takes the connection, with the client's variables, and none is used twice",
  (t) => {
    t.start(t.base("warm = 2\npeer_env = yes"), control(t));
    const ready = () => statusOf(t).services[0].warm!.ready;
    t.until(() => ready() === 2, "two servers wait");
    const pids = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const { report, client } = t.served();
      truth(report.env.includes("PERQ_WARM=1") && report.env.includes("REMOTE_HOST=127.0.0.1"), `${report.env}`);
      truth(
        report.env.some((one) => one.startsWith("REMOTE_PORT=")),
        `${report.env}`,
      );
      equal([report.one("uid"), report.one("cwd"), report.one("session")], ["4002 4002 4002", "/", "own"]);
      equal(
        report.all("fd").map((fd) => fd.split(" ")[0]),
        ["0", "1", "2"],
      );
      equal(report.one("peername"), "2 127.0.0.1");
      pids.add(report.one("pid")!);
      client.send("q3").end();
      t.svcLogs(new RegExp(`START: kdbtaq pid=${report.one("pid")} from=127.0.0.1`));
      t.svcLogs(new RegExp(`EXIT: kdbtaq status=3 pid=${report.one("pid")}`));
      t.until(() => ready() === 2, "the pool is full again");
    }
    equal(pids.size, 3);
    equal(statusOf(t).services[0].warm!.given, 3);
  },
  { ours: true },
);

x(
  "W02",
  "warm: empty pool, cold server; a warm one that dies is replaced, with longer and longer pauses",
  (t) => {
    t.start(t.baseWithout(["server_args"], "warm = 1\nserver_args = dies hold"), control(t));
    const { report } = t.served();
    equal(report.env.includes("PERQ_WARM=1"), false);
    t.logs(/warm server \d+ ended with status 7 before a client came; the next in 500 ms/);
    t.logs(/the next in 1000 ms/);
    equal(statusOf(t).services[0].warm!.missed, 1);
  },
  { ours: true },
);

x(
  "W03",
  "warm: HUP resizes the pool, TERM ends the waiting servers",
  async (t) => {
    t.start(t.base("warm = 1"), control(t));
    const ready = () => statusOf(t).services[0].warm?.ready ?? 0;
    t.until(() => ready() === 1, "one waits");
    t.reload(t.base("warm = 3"));
    t.until(() => ready() === 3, "three wait");
    t.reload(t.base());
    t.until(() => statusOf(t).services[0].warm === undefined, "no pool");
    t.reload(t.base("warm = 2"));
    t.until(() => ready() === 2, "two wait");
    const children = () =>
      Bun.spawnSync(["pgrep", "-P", String(t.pid)])
        .stdout.toString()
        .trim()
        .split("\n")
        .filter(Boolean);
    t.until(() => children().length === 2, "two children");
    const [one] = children();
    t.signal(sys.SIG.TERM);
    await t.exitStatus();
    t.until(() => !existsSync(`/proc/${one}/fd/0`), "the waiting server has ended");
  },
  { ours: true },
);

x(
  "W05",
  "status: services, sessions, refusals; another user is refused",
  (t) => {
    t.start(t.base("instances = 1") + t.base("", "kdbtwo"), control(t));
    const { report } = t.served();
    t.eof();
    const answer = statusOf(t);
    equal(
      answer.services.map((one) => [one.id, one.state, one.running, one.accepted, one.refused]),
      [
        ["kdbtaq", "listening", 1, 2, { service_limit: 1 }],
        ["kdbtwo", "listening", 0, 0, {}],
      ],
    );
    const [session] = answer.services[0].sessions;
    equal([String(session.pid), session.from, session.user], [report.one("pid"), "127.0.0.1", "kdbuser"]);
    truth((session.rssKb ?? 0) > 0 && (session.privateKb ?? -1) >= 0, "memory is known");
    truth((session.outBytes ?? 0) > 0, "bytes to the client are known, though only its server has the socket");
    equal(
      Bun.spawnSync(["stat", "-c", "%a", t.path("control")])
        .stdout.toString()
        .trim(),
      "600",
    );
    Bun.spawnSync(["chmod", "666", t.path("control")]);
    const other = Bun.spawnSync([
      "perl",
      "-MSocket",
      "-e",
      `socket S,1,1,0; ($<,$>)=(4002,4002); connect(S,pack_sockaddr_un("${t.path("control")}")) or die; syswrite S,"status\\n"; print <S>`,
    ]);
    equal(other.stdout.toString(), "");
    t.logs(/control socket: refused uid 4002/);
    const asked = askControl(t.path("control"), "reload");
    truth("answer" in asked && JSON.parse(asked.answer).ok === true, JSON.stringify(asked));
  },
  { ours: true },
);

x(
  "W07",
  "metrics and health over HTTP",
  (t) => {
    t.start(t.base(), { args: ["--metrics", "127.0.0.1:20190"] });
    t.served();
    const get = (path: string) => t.connect(20190).send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).end();
    truth(get("/metrics").includes("200 OK"), "metrics");
    const text = t
      .connect(20190)
      .send("GET /metrics HTTP/1.1\r\n\r\n")
      .until('perqd_accepted_total{service="kdbtaq"} 1\n');
    truth(text.includes("# TYPE perqd_accepted_total counter"), text);
    truth(get("/health").includes("200 OK"), "health");
    truth(get("/nosuch").includes("404"), "404");
  },
  { ours: true },
);

x(
  "W09",
  "at_limit = queue: the client waits for its turn",
  (t) => {
    t.start(t.base("instances = 1\nat_limit = queue"));
    const { client } = t.served();
    const second = t.connect();
    t.sleep(150);
    client.send("q0").end();
    second.until("END\n");
    truth(!/FAIL/.test(t.svcLog), t.svcLog);
  },
  { ours: true },
);

x(
  "W10",
  "rate: a bucket refuses what is beyond and recovers by itself",
  (t) => {
    t.start(t.base("rate = 5 2"));
    t.served();
    t.served();
    t.eof();
    t.svcLogs(/FAIL: kdbtaq rate from=127\.0\.0\.1/);
    t.sleep(450);
    t.served();
  },
  { ours: true },
);

x(
  "W11",
  "max_session, max_idle, no_new_privs, private_tmp, stderr",
  (t) => {
    t.start(t.base("max_session = 1") + t.base("max_idle = 1", "kdbtwo"));
    t.served();
    t.svcLogs(/EXIT: kdbtaq signal=15/);
    const idle = t.served(20151).client;
    for (let round = 0; round < 4; round++) {
      t.sleep(400);
      truth(idle.echoes(), "a busy session lives on");
    }
    t.svcLogs(/EXIT: kdbtwo signal=15/);
    const log = t.path("stderr.log");
    rmSync(log, { force: true });
    // not below /tmp, which the session has to itself
    const script = `/run/perq-case-${process.pid}`;
    writeFileSync(
      script,
      "echo to the log >&2; echo out; touch /tmp/private-$$; grep NoNewPrivs /proc/self/status; ls /tmp\n",
    );
    const own = [
      "server = /bin/sh",
      `server_args = ${script}`,
      "no_new_privs = yes",
      "private_tmp = yes",
      `stderr = ${log}`,
    ];
    t.start(t.baseWithout(["server", "server_args"], own.join("\n")));
    const text = t.connect().end();
    rmSync(script);
    equal(text.replace(/private-\d+/, "private-N"), 'eof after "out\\nNoNewPrivs:\\t1\\nprivate-N\\n"');
    equal(readFileSync(log, "utf8"), "to the log\n");
  },
  { ours: true },
);

x(
  "W12",
  "stderr: a file for each connection, cold or warm; what nobody wrote to goes away",
  (t) => {
    const logs = t.path("errors");
    rmSync(logs, { force: true, recursive: true });
    mkdirSync(logs);
    const script = `/run/perq-stderr-${process.pid}`;
    writeFileSync(script, 'read word; [ -n "$word" ] && echo $$ $word >&2; echo out\n');
    const own = ["server = /bin/sh", `server_args = ${script}`];
    const pattern = (name: string) => [...own, `stderr = ${logs}/${name}`].join("\n");
    t.start(
      t.baseWithout(["server", "server_args"], pattern("%s-%c-%h.%p")) +
        t.baseWithout(["server", "server_args"], pattern("none/%p"), "kdbtwo"),
    );
    for (const word of ["one\n", "\n", "two\n"]) equal(t.connect().send(word).end(), 'eof after "out\\n"');
    equal(t.connect(20151).send("three\n").end(), 'eof after "out\\n"', "never to the client");
    equal(t.connect(20151).send("three\n").end(), 'eof after "out\\n"', "never to the client");
    t.until(() => readdirSync(logs).length === 2, `two files: ${readdirSync(logs)}`);
    const named = readdirSync(logs).sort();
    named.forEach((name, index) => {
      const [, connection, pid] = /^kdbtaq-(\d)-127\.0\.0\.1\.(\d+)$/.exec(name) ?? [];
      equal(connection, ["1", "3"][index]);
      equal(readFileSync(`${logs}/${name}`, "utf8"), `${pid} ${["one", "two"][index]}\n`);
    });
    equal((t.log.match(/stderr .*none.*its words are lost/g) ?? []).length, 1);
    t.reload(t.base("stderr = relative.log"));
    t.logs(/relative\.log is neither an absolute path nor client or log/);
    t.reload(t.base(`stderr = ${logs}/%x`));
    t.logs(/%x in .*%s, %h, %c, %p and %% are known/);
    t.start(t.base(`warm = 1\nstderr = ${logs}/warm-%p-%h`), control(t));
    t.until(() => statusOf(t).services[0].warm!.ready === 1, "one waits");
    const { report, client } = t.served();
    const path = `${logs}/warm-${report.one("pid")}-127.0.0.1`;
    t.until(() => readlinkSync(`/proc/${report.one("pid")}/fd/2`) === path, "the file has its name");
    client.send("q0").end();
    t.until(() => !existsSync(path), "the empty file is removed");
    rmSync(script);
  },
  { ours: true },
);

x(
  "W13",
  "--drain: TERM lets sessions finish, and no new ones begin",
  async (t) => {
    t.start(t.base(), { args: ["--drain", "5"] });
    const { client } = t.served();
    t.signal(sys.SIG.TERM);
    t.logs(/draining: 1 sessions may finish within 5 s/);
    t.refused();
    truth(client.echoes(), "the session lives");
    client.send("q0").end();
    equal(await t.exitStatus(), 0);
  },
  { ours: true },
);

x(
  "W14",
  "--drain waits for relays and encrypted sessions too; a second TERM does not",
  async (t) => {
    const files = certificates(t);
    const chargen =
      "service chargen\n{\n  type = INTERNAL UNLISTED\n  port = 20161\n  socket_type = stream\n  wait = no\n}\n";
    const tls = t.base(`tls = yes\ntls_certificate = ${files.server}.pem\ntls_key = ${files.server}.key`);
    t.start(chargen + tls, { args: ["--drain", "60"] });
    const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port: 20150 }, 2000);
    const context = new TlsContext({ role: "client", verify: "no" });
    const connection = new TlsConnection(context, fd);
    for (let step = connection.handshake(); step !== "done"; step = connection.handshake()) {
      if (typeof step === "object") throw new Error(step.failure);
      waitFor(fd, step === "read" ? sys.POLLIN : sys.POLLOUT, 2000);
    }
    const client = t.connect(20161);
    client.until("\r\n");
    t.signal(sys.SIG.TERM);
    t.logs(/draining: \d sessions/);
    client.until("\r\n");
    client.until("\r\n");
    t.signal(sys.SIG.TERM);
    equal(await t.exitStatus(), 0);
    connection.close();
    context.close();
    sys.close(fd);
  },
  { ours: true },
);

x(
  "W15",
  "a flood of HUPs under load loses no client",
  (t) => {
    t.start(t.base("cps = 0 0"));
    let next = 0;
    for (let index = 0; index < 100; index++) {
      if (Date.now() > next) {
        t.signal(sys.SIG.HUP);
        next = Date.now() + 50;
      }
      t.served().client.close();
    }
    t.until(() => (t.svcLog.match(/EXIT/g) ?? []).length === 100, "100 exits");
  },
  { ours: true },
);

x(
  "W16",
  "writable: below these paths and nowhere else (Landlock)",
  (t) => {
    const script = `/run/perq-case-${process.pid}`;
    const open = t.path("open");
    const shut = t.path("shut");
    for (const path of [open, shut]) {
      mkdirSync(path, { recursive: true });
      Bun.spawnSync(["chmod", "777", path]);
    }
    writeFileSync(
      script,
      `echo x > ${open}/a && echo wrote; (echo x > ${shut}/a) 2>/dev/null || echo refused; echo x > /dev/null && cat ${shut}/b\n`,
    );
    writeFileSync(`${shut}/b`, "read\n");
    t.start(t.baseWithout(["server", "server_args"], `server = /bin/sh\nserver_args = ${script}\nwritable = ${open}`));
    const text = t.connect().end();
    rmSync(script);
    if (/writable has no effect/.test(t.log)) return; // an older kernel
    equal(text, 'eof after "wrote\\nrefused\\nread\\n"');
  },
  { ours: true },
);

/** A cgroup in which children may be given pids.max: v2 with that controller, or v1's own hierarchy. */
function cgroupWithPids(name: string): string | undefined {
  const all = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  for (const [, mount, type, options] of all) {
    try {
      if (type === "cgroup2" && /\bpids\b/.test(readFileSync(`${mount}/cgroup.subtree_control`, "utf8"))) {
      } else if (type !== "cgroup" || !/\bpids\b/.test(options)) continue;
      mkdirSync(`${mount}/${name}`, { recursive: true });
      return `${mount}/${name}`;
    } catch {}
  }
  return undefined;
}

x(
  "W24",
  "pids_max: each server in a cgroup of its own, removed after it; what is not to be had is said once",
  async (t) => {
    const script = `/run/perq-cgroup-${process.pid}`;
    writeFileSync(
      script,
      "echo $(grep -o 'kdbtaq.*' /proc/self/cgroup)\n(sleep 1 & sleep 1 & sleep 1 & sleep 1) 2>&1\nread x\n",
    );
    const own = (more: string) =>
      t.baseWithout(["server", "server_args"], `server = /bin/sh\nserver_args = ${script}\n${more}`);
    t.start(own("pids_max = 4"), { args: ["--cgroup", "/nowhere"] });
    t.connect().send("\n").end();
    t.connect().send("\n").end();
    equal((t.log.match(/pids_max and cpu_max have no effect: \/nowhere is no cgroup/g) ?? []).length, 1);
    const base = cgroupWithPids(`perq-case-${process.pid}`);
    if (base !== undefined) {
      t.start(own("pids_max = 4\ncpu_max = 0.5\nwarm = 1"), { args: ["--cgroup", base] });
      const made = () => readdirSync(base).filter((name) => name.startsWith("kdbtaq."));
      for (let round = 0; round < 2; round++) {
        const client = t.connect();
        const place = client.until("\n").trim();
        truth(made().includes(place), `${place} of ${made()}`);
        equal(readFileSync(`${base}/${place}/pids.max`, "utf8"), "4\n");
        client.until("fork");
        client.send("\n");
        t.until(() => !made().includes(place), `${place} is removed`);
        client.close();
      }
      if (!existsSync(`${base}/cgroup.controllers`)) equal((t.log.match(/cpu_max has no effect/g) ?? []).length, 1);
      t.reload(own("pids_max = 4"));
      t.until(() => made().length === 0, "nothing is left");
      rmdirSync(base);
    }
    t.reload(own("memory_max = 12X\ncpu_max = 0\npids_max = 0"));
    for (const words of [/12X is not a size/, /0 is not a number of processors/, /0 is not between 1/]) t.logs(words);
    rmSync(script);
  },
  { ours: true },
);

const openssl = (...words: string[]) => {
  const done = Bun.spawnSync(["openssl", ...words], { stdout: "pipe", stderr: "pipe" });
  if (done.exitCode !== 0) throw new Error(`openssl ${words[0]}: ${done.stderr}`);
};

/** An authority, and certificates of it for a server and a client. */
function certificates(t: Fixture): { ca: string; server: string; client: string } {
  const at = (name: string) => t.path(name);
  openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=perq test CA",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  for (const [name, subject] of [
    ["server", "/CN=localhost"],
    ["client", "/CN=the client"],
  ]) {
    openssl(
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      subject,
      "-keyout",
      at(`${name}.key`),
      "-out",
      at(`${name}.csr`),
    );
    openssl(
      "x509",
      "-req",
      "-days",
      "2",
      "-in",
      at(`${name}.csr`),
      "-CA",
      at("ca.pem"),
      "-CAkey",
      at("ca.key"),
      "-CAcreateserial",
      "-out",
      at(`${name}.pem`),
    );
  }
  return { ca: at("ca.pem"), server: at("server"), client: at("client") };
}

/** The conversation of a TLS client that says a word and hears until the mark. */
function overTls(
  settings: Partial<TlsSettings>,
  word: string,
  mark: string,
  host = "localhost",
): { text: string; end: string } {
  const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port: 20150 }, 2000);
  const context = new TlsContext({ role: "client", verify: "required", ...settings });
  const connection = new TlsConnection(context, fd, host);
  const bytes = new Uint8Array(new ArrayBuffer(65536));
  let text = "";
  let end = "";
  const wait = (what: string) => {
    if (waitFor(fd, what === "read" ? sys.POLLIN : sys.POLLOUT, 4000) < 0) throw new Error("TLS: nothing within 4 s");
  };
  for (let step = connection.handshake(); step !== "done"; step = connection.handshake()) {
    if (typeof step === "object") return { text, end: step.failure };
    wait(step);
  }
  if (word !== "") connection.write(new TextEncoder().encode(word));
  while (!text.includes(mark)) {
    const got = connection.read(bytes);
    if (typeof got === "string") wait(got);
    else if (typeof got === "object" || got === 0) {
      end = typeof got === "object" ? got.failure : "eof";
      break;
    } else text += Buffer.from(bytes.subarray(0, got)).toString();
  }
  connection.goodbye();
  connection.close();
  context.close();
  sys.close(fd);
  return { text, end };
}

x(
  "W21",
  "tls: any program behind it, the client's certificate in its environment, reload takes new files",
  (t) => {
    const files = certificates(t);
    const tls = `tls = yes\ntls_certificate = ${files.server}.pem\ntls_key = ${files.server}.key`;
    const mutual = `${tls}\ntls_ca = ${files.ca}\ntls_client = required`;
    t.start(t.base(`${tls}\npeer_env = yes`), control(t));
    const { text } = overTls({ authorities: files.ca }, "", "END\n");
    for (const entry of ["SSL_PROTOCOL=TLSv1.3", "SSL_TLS_SNI=localhost", "REMOTE_HOST=127.0.0.1", "SERVER_PORT=20150"])
      truth(text.includes(`env: ${entry}\n`), `${entry}: ${text}`);
    t.svcLogs(/EXIT: kdbtaq status=0/);
    const long = "x".repeat(300_000);
    truth(
      overTls({ authorities: files.ca }, `${long.slice(0, 16000)}\n`, "x\n").text.includes("x".repeat(16000)),
      "16 KB there and back",
    );
    t.reload(t.base(mutual));
    truth(overTls({ authorities: files.ca }, "hello\n", "END\n").end !== "", "without a certificate: refused");
    t.svcLogs(/FAIL: kdbtaq tls from=127\.0\.0\.1/);
    const shown = overTls(
      { authorities: files.ca, certificate: `${files.client}.pem`, key: `${files.client}.key` },
      "",
      "END\n",
    );
    truth(shown.text.includes("env: SSL_CLIENT_S_DN=CN=the client\n"), shown.text + shown.end);
    const plain = t.connect().send("no TLS at all\n").end();
    truth(plain !== "still open", plain);
    t.logs(/TLS with 127\.0\.0\.1: /);
    t.reload(t.base(tls.replace("server.key", "client.key")));
    t.logs(/error: tls: key .*: .*mismatch.* - DISABLING/);
    truth(
      overTls(
        { authorities: files.ca, certificate: `${files.client}.pem`, key: `${files.client}.key` },
        "",
        "END\n",
      ).text.includes("END"),
      "the old one goes on",
    );
    t.until(() => statusOf(t).sessions === 0, "all sessions have ended");
  },
  { ours: true },
);

x(
  "W22",
  "tls: openssl's own client agrees, and nothing older than TLS 1.2 is spoken",
  (t) => {
    const files = certificates(t);
    t.start(
      t.baseWithout(
        ["server", "server_args"],
        `server = /bin/cat\ntls = yes\ntls_certificate = ${files.server}.pem\ntls_key = ${files.server}.key`,
      ),
      control(t),
    );
    // its standard input ends only after the answer is there
    const client = (...words: string[]) => {
      const command = [
        "openssl",
        "s_client",
        "-connect",
        "127.0.0.1:20150",
        "-CAfile",
        files.ca,
        "-quiet",
        "-no_ign_eof",
        ...words,
      ].join(" ");
      return Bun.spawnSync(["/bin/sh", "-c", `(echo hello; sleep 0.5) | timeout 4 ${command}`], {
        stdout: "pipe",
        stderr: "pipe",
      });
    };
    for (const version of ["-tls1_3", "-tls1_2"])
      equal(client(version, "-verify_return_error").stdout.toString(), "hello\n", version);
    equal(client("-tls1_1", "-cipher", "ALL:@SECLEVEL=0").stdout.toString(), "", "TLS 1.1 is refused");
    t.until(() => statusOf(t).sessions === 0, "all sessions have ended");
  },
  { ours: true },
);

x(
  "W23",
  "tls: of several certificates the client's server name chooses, wildcards too; the first is for all others",
  (t) => {
    const files = ["DNS:one.example.test", "DNS:two.example.test,DNS:*.wild.example.test"].map(
      (alternatives, index) => {
        const [certificate, key] = [t.path(`sni${index}.pem`), t.path(`sni${index}.key`)];
        const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        const names = ["-subj", `/CN=sni ${index}`, "-addext", `subjectAltName=${alternatives}`];
        openssl("req", "-x509", ...curve, ...names, "-keyout", key, "-out", certificate);
        return { certificate, key };
      },
    );
    const list = (of: "certificate" | "key") => files.map((one) => one[of]).join(" ");
    t.start(t.base(`tls = yes\ntls_certificate = ${list("certificate")}\ntls_key = ${list("key")}`));
    const asks = (host: string, believed: number) =>
      overTls({ authorities: files[believed].certificate }, "", "END\n", host);
    for (const [host, index] of [
      ["one.example.test", 0],
      ["TWO.example.test", 1],
      ["a.wild.example.test", 1],
    ] as const) {
      truth(asks(host, index).text.includes(`SSL_TLS_SNI=${host}`), `${host}: ${JSON.stringify(asks(host, index))}`);
    }
    truth(/certificate verify failed/.test(asks("other.test", 1).end), "the first, for a name that none of them has");
    truth(
      overTls({ authorities: files[0].certificate, verify: "no" }, "", "END\n", "other.test").text !== "",
      "served",
    );
    // a hello that is cut off
    truth(t.connect().send("\u0016\u0003\u0001").shut().end().startsWith("eof"), "it is not waited for");
    t.reload(t.base(`tls = yes\ntls_certificate = ${list("certificate")}\ntls_key = ${files[0].key}`));
    t.logs(/tls_key names as many files as tls_certificate/);
  },
  { ours: true },
);

x(
  "W17",
  "proxy_protocol: the client is whom the header names, and the header is not the server's",
  (t) => {
    t.start(t.base("proxy_protocol = yes\npeer_env = yes\nno_access = 192.0.2.66"));
    const client = t.connect().send("PROXY TCP4 192.0.2.7 127.0.0.1 4000 20150\r\nhello\n");
    const text = client.until("END\n");
    truth(text.includes("env: REMOTE_HOST=192.0.2.7\n") && text.includes("env: REMOTE_PORT=4000\n"), text);
    equal(client.until("\n"), "hello\n");
    t.svcLogs(/START: kdbtaq pid=\d+ from=192\.0\.2\.7/);
    equal(t.connect().send("PROXY TCP4 192.0.2.66 127.0.0.1 4000 20150\r\n").end(), "eof");
    t.svcLogs(/FAIL: kdbtaq address from=192\.0\.2\.66/);
    equal(t.connect().send("GET / HTTP/1.0\r\n\r\n").end(), "rst");
    t.logs(/PROXY header from 127\.0\.0\.1:\d+: not a PROXY header/);
    const slow = t.connect().send("PROXY TC");
    t.sleep(50);
    slow.send("P6 2001:db8::9 ::1 4001 20150\r\n");
    truth(slow.until("END\n").includes("REMOTE_HOST=2001:db8::9"), "IPv6, in two pieces");
  },
  { ours: true },
);

x(
  "W19",
  "systemd: a socket it opened is served, READY and STOPPING are told",
  async (t) => {
    const path = t.path("notify");
    rmSync(path, { force: true });
    const words = listenOn({ family: "unix", path }, { type: sys.SOCK_DGRAM | sys.SOCK_NONBLOCK });
    const heard = () => {
      const bytes = new Uint8Array(1000);
      const got = sys.recv(words, bytes);
      return got < 0 ? "" : Buffer.from(bytes.subarray(0, got)).toString();
    };
    const started = t.startWithSocket(t.base(), 20150, path);
    let said = "";
    t.until(() => (said += heard()).includes("READY=1"), "READY=1");
    t.served();
    t.signal(sys.SIG.HUP);
    t.until(
      () => /RELOADING=1\nMONOTONIC_USEC=\d+[\s\S]*READY=1/.test((said += heard())),
      "RELOADING=1 and READY=1 again",
    );
    t.signal(sys.SIG.TERM);
    await t.exitStatus();
    t.until(() => (said += heard()).includes("STOPPING=1"), "STOPPING=1");
    sys.close(words);
    sys.close(started);
  },
  { ours: true },
);

// --------------------------------------------------------------------------------------- S: under load and faults

const descriptorsOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

x(
  "S01",
  "200 held and 600 opened and closed: no descriptor, child or zombie is left",
  (t) => {
    t.start(t.base("cps = 0 0"), control(t));
    t.served().client.close();
    t.until(() => statusOf(t).sessions === 0, "the first has gone");
    const before = descriptorsOf(t.pid);
    const held = Array.from({ length: 200 }, () => t.served().client);
    equal(descriptorsOf(t.pid), before, "a session costs the daemon no descriptor");
    for (let index = 0; index < 600; index++) t.served().client.close();
    truth(
      held.every((client) => client.echoes()),
      "all of them echo",
    );
    for (const client of held) client.send("q0");
    t.until(() => statusOf(t).sessions === 0, "all have gone", 20_000);
    equal(descriptorsOf(t.pid), before);
    equal(readFileSync(`/proc/${t.pid}/task/${t.pid}/children`, "utf8").trim(), "");
    const counted = (word: string) => (t.svcLog.match(new RegExp(`${word}: kdbtaq`, "g")) ?? []).length;
    equal([counted("START"), counted("EXIT")], [801, 801]);
  },
  { ours: true },
);

x(
  "S02",
  "no descriptor to be had: clients wait in the backlog and are served later",
  (t) => {
    // The daemon keeps a descriptor for each session here, and none for their words.
    t.start(t.base("max_idle = 1h\nstderr = client\ncps = 0 0"));
    const limit = new BigUint64Array([BigInt(descriptorsOf(t.pid) + 3), 4096n]);
    equal(sys.prlimit(t.pid, sys.RLIMIT.NOFILE, limit, null), 0);
    const first = [t.served().client, t.served().client, t.served().client];
    const waiting = t.connect();
    t.logs(/no available descriptors/);
    truth(
      first.every((client) => client.echoes()),
      "sessions go on",
    );
    first[0].send("q0").end();
    waiting.until("END\n");
  },
  { ours: true },
);

x(
  "S03",
  "a log on a full disk: the service goes on, and it is said once",
  (t) => {
    t.start(t.baseWithout(["log_type"], "log_type = FILE /dev/full"));
    for (let index = 0; index < 3; index++) t.served().client.send("q0").end();
    t.logs(/kdbtaq log: No space left on device/);
    equal((t.log.match(/No space left/g) ?? []).length, 1);
  },
  { ours: true },
);

x(
  "S04",
  "a wait service whose server ends without accepting is stopped, not spun",
  (t) => {
    t.start(
      t.baseWithout(["wait", "server", "server_args"], "wait = yes\nserver = /bin/true\ncps = 5 1") +
        t.base("", "kdbtwo"),
    );
    t.connect();
    t.logs(/Deactivating service kdbtaq/);
    t.served(20151);
  },
  { ours: true },
);

x(
  "S05",
  "a client that never reads keeps nobody waiting",
  (t) => {
    t.start(
      `service chargen\n{\n  type = INTERNAL UNLISTED\n  port = 20161\n  socket_type = stream\n  wait = no\n}\n${t.base()}`,
      control(t),
    );
    for (let index = 0; index < 5; index++) t.connect(20161);
    t.sleep(100);
    t.served();
    equal(statusOf(t).sessions, 6);
  },
  { ours: true },
);

cases.push(...inetdCases, ...xinetdCases);

export { cases };
