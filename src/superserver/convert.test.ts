import { expect, test } from "bun:test";
import { loadConfiguration } from "./config/load.ts";
import { testWorld } from "./config/testworld.ts";
import { fromUnits, parseUnit, toInetd, toSystemd, toXinetd } from "./convert.ts";

const inetd = {
  dialect: "openbsd",
  ratePerMinute: 256,
  keepEnvironment: false,
  tcpEnvironment: false,
  resolveNames: false,
  libwrap: false,
  directory: "/",
} as const;
const xinetd = (text: string) =>
  loadConfiguration({ xinetdFiles: ["f"], inetdFiles: [], inetd }, testWorld({ f: text })).services;
const lines = (text: string) =>
  loadConfiguration({ xinetdFiles: [], inetdFiles: ["f"], inetd }, testWorld({ f: text })).services;

const block = `service kdbtaq
{
  type = UNLISTED
  port = 2015
  id = taq
  flags = NAMEINARGS
  socket_type = stream
  wait = no
  user = kdbuser
  group = kdbextra
  server = /opt/q
  server_args = myq /data -s 4
  env = QHOME=/opt A=1
  nice = 3
  umask = 027
  rlimit_as = 512M
  instances = 10
  per_source = 2
  cps = 20 5
  only_from = 10.0.0.0 192.168.16.0/20
  access_times = 8:00-18:30
  log_type = FILE /var/log/taq
  log_on_success = PID HOST
}
`;

test("xinetd to xinetd is the same service", () => {
  const first = xinetd(block);
  const again = xinetd(toXinetd(first).files["xinetd.conf"]);
  expect(again.map((one) => ({ ...one, place: null }))).toEqual(first.map((one) => ({ ...one, place: null })));
});

const ours = `service taqs
{
  type = UNLISTED
  port = 2016
  socket_type = stream
  wait = no
  user = kdbuser
  server = /opt/q
  warm = 3
  at_limit = queue
  queue_limit = 10
  rate = 5 20
  max_session = 1h
  max_idle = 10m
  stderr = /var/log/%s-%c-%h
  peer_env = yes
  no_new_privs = yes
  private_tmp = yes
  writable = /data/tmp
  memory_max = 2G
  pids_max = 20
  cpu_max = 1.5
  tls = yes
  tls_certificate = /etc/a.pem /etc/b.pem
  tls_key = /etc/a.key /etc/b.key
  tls_ca = /etc/ca.pem
  tls_client = required
}
`;

test("what only perqd has is kept in xinetd's form, and named where another form loses it", () => {
  const first = xinetd(ours);
  const again = xinetd(toXinetd(first).files["xinetd.conf"]);
  expect(again.map((one) => ({ ...one, place: null }))).toEqual(first.map((one) => ({ ...one, place: null })));
  expect(toInetd(first).notes[0]).toContain("memory_max, pids_max, cpu_max, tls");
  const { files, notes } = toSystemd(first);
  expect(notes[0]).toContain("tls, writable, max_idle");
  const unit = files["taqs@.service"];
  for (const line of ["MemoryMax=2147483648", "TasksMax=20", "CPUQuota=150%", "append:/var/log/taqs-%i"])
    expect(unit).toContain(`${line}\n`);
  const [back] = xinetd(fromUnits("taqs", files["taqs.socket"], unit).text);
  expect(back).toMatchObject({ cgroupLimits: first[0].cgroupLimits, standardError: "/var/log/taqs-%c-%h" });
});

test("inetd to inetd is the same line", () => {
  const text = "127.0.0.1:kdbtaq\tstream\ttcp4\tnowait.5\tkdbuser:kdbextra\t/opt/q\tq\t/data\n";
  expect(toInetd(lines(text)).files["inetd.conf"]).toBe(text);
});

test("what a format cannot say is said", () => {
  expect(toInetd(xinetd(block)).notes[0]).toContain("env, nice, umask, rlimit_*, instances, per_source, only_from");
  expect(toSystemd(xinetd(block)).notes[0]).toContain("access_times, log_type");
});

test("xinetd to systemd and back keeps port, program, words, user and limits", () => {
  const { files } = toSystemd(xinetd(block));
  expect(Object.keys(files)).toEqual(["taq.socket", "taq@.service"]);
  expect(files["taq.socket"]).toContain("IPAddressAllow=10.0.0.0/8 192.168.16.0/20\n");
  const [back] = xinetd(fromUnits("taq", files["taq.socket"], files["taq@.service"]).text);
  expect(back).toMatchObject({
    port: 2015,
    program: "/opt/q",
    argv: ["myq", "/data", "-s", "4"],
    nice: 3,
    umask: 0o27,
    instances: 10,
    perSource: 2,
    ownEnvironment: ["QHOME=/opt", "A=1"],
  });
  expect(back.credentials).toMatchObject({ uid: 4002, gid: 4003 });
});

test("a unit's lines: continuation, comments, an empty value clears", () => {
  const unit = parseUnit("[Service]\n# c\nExecStart=/a \\\n  b\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\n");
  expect([unit.get("Service.ExecStart"), unit.get("Service.Environment")]).toEqual([["/a  b"], ["B=2"]]);
});
