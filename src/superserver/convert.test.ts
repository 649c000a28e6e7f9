import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { loadConfiguration } from "./config/load.ts";
import { attributes as attributeTable } from "./config/attributes.ts";
import type { Service } from "./config/service.ts";
import { testWorld } from "./config/testworld.ts";
import { toInetd, toSystemd, toXinetd } from "./convert.ts";
import { fromUnits, parseUnit } from "./units.ts";

const inetd = {
  dialect: "openbsd",
  ratePerMinute: 256,
  keepEnvironment: false,
  peerVariables: "none",
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
  for (const word of ["env (", "nice, umask, rlimit_*", "instances, per_source", "only_from", "cps", "access_times"])
    expect(toInetd(xinetd(block)).notes[0]).toContain(word);
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

// ------------------------------------------------------------------------------------- over many services

const bare = (services: Service[]) => services.map((one) => ({ ...one, place: null }));

/** Each attribute in a few of its forms; the services are made of any of them. */
const attributes: Record<string, fc.Arbitrary<string>> = {
  bind: fc.constantFrom("127.0.0.1", "10.0.0.1", "::1"),
  v6only: fc.constantFrom("yes", "no"),
  group: fc.constantFrom("kdbextra", "4003"),
  groups: fc.constantFrom("yes", "no"),
  server_args: fc
    .array(
      fc.constantFrom("/data", "-s", "4", "%n", "$HOME", '"q"', "'", "\\back", ";", "~", "*", "#x", "@y", "ä", "-"),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((words) => words.join(" ")),
  env: fc
    .array(fc.constantFrom("QHOME=/opt", "A=", "B=x=y", "C=$HOME", "D=%n", 'E="q', "F=a\\b", "G='"), {
      minLength: 1,
      maxLength: 4,
    })
    .map((words) => words.join(" ")),
  passenv: fc.constantFrom("PATH", "PATH TZ"),
  nice: fc.integer({ min: -20, max: 19 }).map(String),
  umask: fc.constantFrom("0", "022", "077", "777"),
  rlimit_as: fc.constantFrom("512M", "1000", "UNLIMITED"),
  rlimit_cpu: fc.constantFrom("20", "UNLIMITED"),
  rlimit_files: fc.constantFrom("99", "UNLIMITED"),
  rlimit_stack: fc.constantFrom("4M", "100K"),
  rlimit_core: fc.constantFrom("0", "UNLIMITED"),
  instances: fc.constantFrom("1", "10", "UNLIMITED", "0"),
  per_source: fc.constantFrom("2", "UNLIMITED"),
  cps: fc.constantFrom("0 0", "20 5", "50 10"),
  max_load: fc.constantFrom("2.5", "0.000001", "10"),
  only_from: fc.constantFrom(
    "",
    "10.0.0.0",
    "10.1.{2,3}",
    "192.168.16.0/20 127.0.0.1",
    "2001:db8::/32 ::1",
    "localhost",
    ".example.test",
  ),
  no_access: fc.constantFrom("10.1.0.0", "0.0.0.0", "2001:db8::/48"),
  access_times: fc.constantFrom("8:00-18:30", "0:00-8:05 20:00-23:59"),
  banner: fc.constant("/etc/banner"),
  banner_fail: fc.constant("/etc/denied"),
  log_type: fc.constantFrom(
    "SYSLOG daemon",
    "SYSLOG local3 err",
    "FILE /var/log/a",
    "FILE /var/log/a 0",
    "FILE /var/log/a 100K 200K",
  ),
  log_on_success: fc.constantFrom("PID", "PID HOST USERID EXIT DURATION"),
  log_on_failure: fc.constantFrom("HOST", "HOST USERID ATTEMPT"),
  libwrap: fc.constantFrom("probe", "q"),
  deny_time: fc.constantFrom("5", "FOREVER", "NEVER"),
  flags: fc
    .uniqueArray(fc.constantFrom("NORETRY", "IDONLY", "NODELAY", "KEEPALIVE", "NOLIBWRAP", "SENSOR", "IPv4", "REUSE"), {
      minLength: 1,
      maxLength: 4,
    })
    .map((words) => words.join(" ")),
  warm: fc.constantFrom("0", "3"),
  at_limit: fc.constantFrom("queue", "refuse"),
  queue_limit: fc.constantFrom("10", "64"),
  rate: fc.constantFrom("5 20", "0.5", "100"),
  max_session: fc.constantFrom("1h", "30", "0"),
  max_idle: fc.constantFrom("10m", "0"),
  stderr: fc.constantFrom("client", "log", "/var/log/e", "/var/log/%s-%c-%h", "/var/log/100%%"),
  peer_env: fc.constantFrom("yes", "no"),
  directory: fc.constantFrom("/", "/data"),
  no_new_privs: fc.constantFrom("yes", "no"),
  private_tmp: fc.constantFrom("yes", "no"),
  writable: fc.constantFrom("", "/data/tmp /var/spool"),
  proxy_protocol: fc.constantFrom("yes", "no"),
  memory_max: fc.constantFrom("2G", "1000000"),
  pids_max: fc.constant("20"),
  cpu_max: fc.constantFrom("1.5", "0.25", "2"),
};

/** One block: what must be there, some of the rest, over TLS or not. */
const anyBlock = fc
  .record({
    some: fc.uniqueArray(fc.constantFrom(...Object.keys(attributes)), { maxLength: 14 }),
    words: fc.record(attributes),
    kind: fc.constantFrom("listed", "unlisted", "waits", "datagram", "redirect", "internal", "tls", "mux"),
    user: fc.constantFrom("kdbuser", "root", "4002"),
    named: fc.boolean(),
  })
  .map(({ some, words, kind, user, named }) => {
    const inside = kind === "internal" || kind === "redirect";
    const lines = some
      .filter((name) => !(kind === "internal" && /^(group|env)/.test(name)) && !(inside && name === "server_args"))
      .filter((name) => !(words.bind === "::1" && name === "flags"))
      .map((name) => `${name} = ${words[name as keyof typeof words]}`);
    const own: Record<string, string[]> = {
      listed: ["socket_type = stream", "wait = no"],
      unlisted: ["type = UNLISTED", "port = 2015", "id = taq", "socket_type = stream", "wait = no"],
      waits: ["type = UNLISTED", "port = 2015", "socket_type = stream", "wait = yes"],
      datagram: ["type = UNLISTED", "port = 2015", "socket_type = dgram", "wait = yes"],
      redirect: ["type = UNLISTED", "port = 2015", "socket_type = stream", "wait = no", "redirect = 127.0.0.1 80"],
      internal: ["type = INTERNAL UNLISTED", "port = 2015", "socket_type = stream", "wait = no"],
      tls: [
        "socket_type = stream",
        "wait = no",
        "tls = yes",
        "tls_certificate = /a.pem /b.pem",
        "tls_key = /a.key /b.key",
      ],
      mux: ["type = TCPMUXPLUS UNLISTED", "socket_type = stream", "wait = no"],
    };
    const server = inside ? [] : ["server = /opt/q", ...(named ? ["flags = NAMEINARGS", "server_args = name x"] : [])];
    const lineUp = [...own[kind], ...(kind === "internal" ? [] : [`user = ${user}`]), ...server, ...lines];
    return `service ${kind === "internal" ? "echo" : "kdbtaq"}\n{\n${lineUp.map((line) => `  ${line}\n`).join("")}}\n`;
  });

describe("over many services", () => {
  test("every attribute is among what is tried here, or is in each block, or makes no service", () => {
    const inBlocks =
      "id type socket_type protocol wait user server port redirect tls tls_certificate tls_key tls_ca tls_client rlimit_data rlimit_rss rlimit_nproc banner_success".split(
        " ",
      );
    const noService = "disable enabled disabled rpc_version rpc_number mdns interface".split(" ");
    const tried = [...Object.keys(attributes), ...inBlocks, ...noService];
    expect(Object.keys(attributeTable).filter((name) => !tried.includes(name))).toEqual([]);
  });

  test("xinetd to xinetd is the same service, every attribute of it", () => {
    let seen = 0;
    fc.assert(
      fc.property(anyBlock, (text) => {
        const first = xinetd(text);
        seen += first.length;
        expect(bare(xinetd(toXinetd(first).files["xinetd.conf"]))).toEqual(bare(first));
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(100); // most of them are services
  });

  /** Fields of a service whose loss on the way through a unit is said by these words. */
  const said: Record<string, RegExp> = {
    rate: /pause of cps|\brate\b/,
    maxLoad: /max_load/,
    accessTimes: /access_times/,
    onlyFrom: /domain names/,
    noAccess: /no_access within|domain names/,
    banner: /banner/,
    bannerFail: /banner/,
    log: /log_type/,
    logOnSuccess: /log_type|USERID/,
    logOnFailure: /log_type|USERID/,
    identRequired: /IDONLY/,
    sensor: /SENSOR/,
    warm: /warm/,
    tls: /\btls\b/,
    writable: /writable/,
    maxIdleSeconds: /max_idle/,
    proxyProtocol: /proxy_protocol/,
    libwrap: /libwrap/,
    atLimit: /at_limit/,
    queueLimit: /queue_limit/,
    peerDetails: /peer_env/,
    retryFork: /NORETRY/,
    instances: /instances with wait/,
    perSource: /per_source/,
    environment: /whole environment/,
  };
  /** What a unit has no part in, or has in its own form. */
  const own = new Set([
    "id",
    "name",
    "place",
    "unlisted",
    "credentials",
    "endpoints",
    "standardError",
    "environment",
    "onlyFrom",
    "noAccess",
    "logOnSuccess",
    "logOnFailure",
    "protocol",
  ]);

  test("xinetd to systemd and back: what is not the same was said", () => {
    fc.assert(
      fc.property(anyBlock, (text) => {
        for (const first of xinetd(text)) {
          if (first.builtin !== undefined || first.mux !== undefined || first.redirect !== undefined) continue;
          const { files, notes } = toSystemd([first]);
          const [socket, service] = Object.values(files);
          const back = fromUnits(first.id, socket, service);
          expect(back.notes).toEqual([]);
          const [second] = xinetd(back.text);
          if (second === undefined) throw new Error(`not a service: ${back.text}`);
          for (const key of Object.keys(first) as (keyof Service)[]) {
            if (own.has(key) || JSON.stringify(first[key]) === JSON.stringify(second[key])) continue;
            const differs = `${key}: ${JSON.stringify(first[key])} ${JSON.stringify(second[key])}`;
            expect({ differs, notes: said[key]?.test(notes.join(" ")) ?? notes }).toEqual({ differs, notes: true });
          }
          expect([second.credentials.uid, second.credentials.gid]).toEqual([
            first.credentials.uid,
            first.credentials.gid,
          ]);
          expect(second.endpoints.map((one) => [one.address, one.v6only])).toEqual(
            first.endpoints.map((one) => [one.address, one.v6only]),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  const line = fc
    .record({
      name: fc.constantFrom("kdbtaq", "2015", "127.0.0.1:kdbtaq", "10.0.0.1,10.0.0.2:2015", "[::1]:kdbtaq"),
      protocol: fc.constantFrom("tcp", "tcp4", "tcp6", "tcp46", "tcp,sndbuf=65536", "tcp4,rcvbuf=1m"),
      wait: fc.constantFrom("wait", "nowait", "nowait.5", "wait.60", "nowait/3"),
      user: fc.constantFrom("kdbuser", "kdbuser:kdbextra", "kdbuser.kdb", "root"),
      program: fc.constantFrom("/opt/q q /data -s 4", "/opt/q other", "/opt/q q $x %y ; 'z'", "internal"),
    })
    .map((row) => {
      const name = row.program === "internal" ? row.name.replace(/[^:]*$/, "kdbecho") : row.name;
      return [name, "stream", row.protocol, row.wait, row.user, row.program].join("\t");
    });

  /** What makes a service of inetd what it is. */
  const essence = (services: Service[]) =>
    services.map((one) => ({
      argv: one.argv,
      program: one.program,
      uid: one.credentials.uid,
      gid: one.credentials.gid,
      groups: one.credentials.groups,
      wait: one.wait,
      builtin: one.builtin,
      places: one.endpoints.map(({ address, v6only, sendBufferBytes, receiveBufferBytes }) => [
        address,
        v6only,
        sendBufferBytes,
        receiveBufferBytes,
      ]),
      rate: one.rate,
      instances: one.instances,
    }));

  test("inetd to inetd is the same, line by line", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (rows) => {
        const first = lines(rows.map((one) => `${one}\n`).join(""));
        expect(essence(lines(toInetd(first).files["inetd.conf"]))).toEqual(essence(first));
      }),
      { numRuns: 300 },
    );
  });

  const gnu = (text: string) =>
    loadConfiguration(
      { xinetdFiles: [], inetdFiles: ["f"], inetd: { ...inetd, dialect: "gnu", ratePerMinute: 0 } },
      testWorld({ f: text }),
    ).services;

  test("openbsd-inetd's file to inetutils' listens and runs the same, or says why not", () => {
    fc.assert(
      fc.property(line, (row) => {
        const first = lines(`${row}\n`);
        const { files, notes } = toInetd(first, "gnu");
        const second = gnu(files["inetd.conf"]);
        const words = (services: Service[]) => [
          ...new Set(services.map((one) => JSON.stringify([one.program, one.argv, one.wait]))),
        ];
        const hosts = (services: Service[]) =>
          services.flatMap((one) => one.endpoints.map((end) => ("host" in end.address ? end.address.host : "")));
        if (second.length === 0) return void (first.length > 0 && expect(notes.join()).toMatch(/left out/));
        expect(words(second)).toEqual(words(first));
        for (const host of hosts(first))
          expect(
            host === "0.0.0.0" && !hosts(second).includes(host)
              ? hosts(second).includes("::")
              : hosts(second).includes(host) || notes.length > 0,
          ).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("gnu's quoted words come back", () => {
    const word = fc.constantFrom("a b", "", "it's", 'say "x"', "c\td", "plain", "\\", "'", "e'f");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (list) => {
        const [first] = gnu(`kdbtaq stream tcp nowait kdbuser /opt/q q\n`);
        const { files } = toInetd([{ ...first, argv: ["q", ...list] }], "gnu");
        expect(gnu(files["inetd.conf"])[0].argv).toEqual(["q", ...list]);
      }),
    );
  });

  test("inetd to xinetd: the same program, words, ids and addresses", () => {
    fc.assert(
      fc.property(line, (row) => {
        const first = lines(`${row}\n`);
        const { files } = toXinetd(first);
        const second = xinetd(files["xinetd.conf"]);
        const hosts = (services: Service[]) =>
          services.flatMap((one) =>
            one.endpoints.flatMap(({ address, v6only }) =>
              !("host" in address) ? [] : address.host === "::" && !v6only ? ["::", "0.0.0.0"] : [address.host],
            ),
          );
        expect([...new Set(hosts(second))].sort()).toEqual([...new Set(hosts(first))].sort());
        for (const one of second) {
          expect([one.program, one.builtin ? undefined : one.argv, one.wait, one.port]).toEqual([
            first[0].program === "internal" ? "" : first[0].program,
            one.builtin ? undefined : first[0].argv,
            first[0].wait,
            first[0].port,
          ]);
          if (one.builtin === undefined && first[0].credentials.uid !== undefined)
            expect([one.credentials.uid, one.credentials.gid]).toEqual([
              first[0].credentials.uid,
              first[0].credentials.gid,
            ]);
          expect(one.libwrap).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });
});

test("units of others: times, limits, addresses and what is not understood", () => {
  const socket = `[Socket]
ListenStream=[::]:22
Accept=yes
BindIPv6Only=ipv6-only
IPAddressDeny=10.0.0.0/8 link-local
MaxConnectionsPerSource=3
Backlog=5
`;
  const service = `[Service]
ExecStart=-@/usr/sbin/sshd "the name" -i -o x\\x20y $OPTS
Environment="A=1 2" B=3
EnvironmentFile=/etc/default/ssh
RuntimeMaxSec=1h 30min
LimitNOFILE=10:20K
MemoryMax=50%
User=kdbuser
`;
  const { text, notes } = fromUnits("ssh", socket, service);
  for (const word of [
    "v6only          = yes",
    "no_access       = 10.0.0.0/8 169.254.0.0/16 fe80::/64",
    "instances       = 64",
    "max_session     = 5400",
    "rlimit_files    = 20480",
    "env             = B=3",
    "disable         = yes",
  ])
    expect(text).toContain(`\t${word}\n`);
  for (const word of [
    "[Socket]/Backlog",
    "[Service]/EnvironmentFile",
    "MemoryMax=50%",
    "$OPTS: a variable",
    "blanks in env",
    "only the hard limit",
    "an argument with blanks",
  ])
    expect(notes.join("\n")).toContain(word);
});
