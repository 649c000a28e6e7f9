/**
 * perqd beside xinetd, in interleaved rounds on the same machine: connect → first byte, CPU of daemon and children
 * per connection, connections a second, PSS held. Servers are given by command, so that any program can stand in for
 * /bin/cat:
 *
 *   bun bench/superserver.ts [--rounds 5] [--connections 200] [--only perqd] [-- /bin/cat]
 *   bun bench/superserver.ts --hello 'u:p\x03\0' -- dist/q /data/hdb -q        a private q: what to send first
 *   bun bench/superserver.ts --q 1+1      dist/q with a database of 1,000 partitions, from connect to the query's
 *                                         whole answer (a long), beside xinetd's cat
 *   … --attributes 'warm = 12' --connections 8 --rounds 15 --pause 2000        the same, warm: the pool may fill between
 *
 * --beside /bin/cat lets xinetd start another program than perqd: a warm q against xinetd's cat, say.
 *
 * perqd is compiled as it ships before it is measured. Run as root (xinetd wants it); all traffic is on loopback.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { connectTo, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { oracles } from "../tests/superserver/oracles.ts";

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    connections: { type: "string", default: "200" },
    held: { type: "string", default: "1,10,100,500" },
    hello: { type: "string", default: "x" },
    user: { type: "string", default: "nobody" },
    attributes: { type: "string", default: "" },
    beside: { type: "string" },
    only: { type: "string" },
    q: { type: "string" },
    pause: { type: "string", default: "50" },
  },
  allowPositionals: true,
});
const directory = mkdtempSync("/tmp/perq-bench-");
chmodSync(directory, 0o755);
const q = resolve(import.meta.dir, "../dist/q");
const database = `${directory}/hdb`;
const command = values.q !== undefined ? [q, database, "-q"] : positionals.length > 0 ? positionals : ["/bin/cat"];
const beside = values.beside ?? (values.q === undefined ? undefined : "/bin/cat");
const rounds = Number(values.rounds);
const connections = Number(values.connections);
const pause = Number(values.pause);
const heldCounts = values.held.split(",").map(Number);
/** A handshake and a synchronous query; one byte and a message of 17, a long, answer it. */
const queried = (text: string): Buffer => {
  const hello = Buffer.from(`u:p\x03\0\x01\x01\0\0    \x0a\0    ${text}`, "latin1");
  hello.writeInt32LE(hello.length - 5, 9);
  hello.writeInt32LE(text.length, 15);
  return hello;
};
const hello =
  values.q !== undefined
    ? queried(values.q)
    : new TextEncoder().encode(
        values.hello.replace(/\\x([0-9a-f]{2})|\\0/g, (_, hex) =>
          String.fromCharCode(hex ? Number.parseInt(hex, 16) : 0),
        ),
      );
if (values.q !== undefined) {
  const script = `${directory}/make.q`;
  writeFileSync(
    script,
    [
      `root:\`:${database}`,
      "t:([]sym:`a`b`c`d;time:09:30:00.000+til 4;price:1 2 3 4f;size:til 4)",
      "{(` sv root,(`$string x),`trade`)set .Q.en[root;t]}each 2020.01.01+til 1000",
      "\\\\\n",
    ].join("\n"),
  );
  const made = Bun.spawnSync([q, script, "-q"], { stdout: "ignore", stderr: "pipe" });
  if (made.exitCode !== 0) throw new Error(`no database: ${made.stderr}`);
}

interface Contender {
  name: string;
  port: number;
  words: (config: string, directory: string) => string[];
  process?: Bun.Subprocess;
  firstByteMs: number[];
  perSecond: number[];
  cpuMs: number[];
}

function compilePerqd(): string {
  const out = `${directory}/perqd`;
  const flags = [
    "--compile",
    "--minify",
    "--bytecode",
    "--format=esm",
    "--compile-jit-policy",
    "50",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
  ];
  const built = Bun.spawnSync(
    [process.execPath, "build", `${import.meta.dir}/../src/cli/perqd.ts`, ...flags, "--outfile", out],
    { stdout: "pipe", stderr: "pipe", cwd: `${import.meta.dir}/..` },
  );
  if (built.exitCode !== 0) throw new Error(`perqd was not built: ${built.stderr}`);
  return out;
}

const commandOf = (one: Contender) => (one.name === "xinetd" && beside !== undefined ? beside.split(" ") : command);
/** Bytes that end the wait: the whole of a query's answer, else the first. */
const awaited = (one: Contender) => (values.q !== undefined && commandOf(one) === command ? 18 : 1);

const contenders: Contender[] = [];
const add = (name: string, port: number, words: Contender["words"]) => {
  if (values.only === undefined || values.only === name)
    contenders.push({ name, port, words, firstByteMs: [], perSecond: [], cpuMs: [] });
};
const xinetd = oracles().xinetd;
const foreground = (config: string, name: string) => [
  "-f",
  config,
  "-dontfork",
  "-filelog",
  `${directory}/${name}.log`,
  "-pidfile",
  `${directory}/${name}.pid`,
];
if (xinetd !== undefined) add("xinetd", 20901, (config) => [xinetd, ...foreground(config, "xinetd")]);
else console.warn("xinetd is not here: nothing to compare with");
const perqd = compilePerqd();
add("perqd", 20902, (config) => [perqd, ...foreground(config, "perqd")]);

function configFor(one: Contender): string {
  const command = commandOf(one);
  const path = `${directory}/${one.name}.conf`;
  const extra = one.name === "perqd" ? values.attributes.split(";").filter(Boolean) : [];
  const lines = [
    "type = UNLISTED",
    `port = ${one.port}`,
    "socket_type = stream",
    "wait = no",
    `user = ${process.getuid?.() === 0 ? values.user : process.getuid?.()}`,
    `server = ${command[0]}`,
    ...(command.length > 1 ? [`server_args = ${command.slice(1).join(" ")}`] : []),
    "bind = 127.0.0.1",
    "cps = 0 0",
    `log_type = FILE ${directory}/${one.name}.svc`,
    "log_on_success = PID HOST EXIT DURATION",
    ...extra,
  ];
  writeFileSync(path, `service bench\n{\n${lines.map((line) => `  ${line}\n`).join("")}}\n`);
  return path;
}

/** CPU of a process and of its reaped children, in ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return (fields[11] + fields[12] + fields[13] + fields[14]) * 10; // clock ticks of 10 ms
}

/** PSS of a process, in MB. */
function pssMb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);

const buffer = new Uint8Array(new ArrayBuffer(4096));

function open(port: number): number {
  const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port }, 5000);
  if (fd < 0) throw new Error(`port ${port}: errno ${-fd}`);
  return fd;
}

function answered(fd: number, bytes: number): void {
  for (let got = 0; got < bytes; ) {
    if (waitFor(fd, sys.POLLIN, 10_000) < 0) throw new Error("no answer within 10 s");
    const more = sys.recv(fd, buffer);
    if (more <= 0) throw new Error("the connection ended without an answer");
    got += more;
  }
}

function oneConnection(one: Contender): number {
  const started = Bun.nanoseconds();
  const fd = open(one.port);
  sys.send(fd, hello);
  answered(fd, awaited(one));
  const took = (Bun.nanoseconds() - started) / 1e6;
  sys.close(fd);
  return took;
}

/** Eight clients at a time: how many are served in a second. */
function throughput(one: Contender, count: number): number {
  const started = Bun.nanoseconds();
  for (let done = 0; done < count; done += 8) {
    const fds = Array.from({ length: 8 }, () => {
      const fd = open(one.port);
      sys.send(fd, hello);
      return fd;
    });
    for (const fd of fds) {
      answered(fd, awaited(one));
      sys.close(fd);
    }
  }
  return count / ((Bun.nanoseconds() - started) / 1e9);
}

const quantile = (list: number[], at: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * at))];
const median = (list: number[]) => quantile(list, 0.5);

for (const one of contenders) {
  const config = configFor(one);
  one.process = Bun.spawn(one.words(config, directory), {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: "/usr/bin:/bin", PERQ_CONTROL: "none" },
  });
  for (let tries = 0; ; tries++) {
    const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port: one.port }, 1000);
    if (fd >= 0) {
      sys.close(fd);
      break;
    }
    if (tries > 200)
      throw new Error(
        `${one.name} does not listen:\n${existsSync(`${directory}/${one.name}.log`) ? readFileSync(`${directory}/${one.name}.log`, "utf8") : ""}`,
      );
    await Bun.sleep(20);
  }
  for (let warm = 0; warm < 50; warm++) oneConnection(one);
}

for (let round = 0; round < rounds; round++) {
  for (const one of contenders) {
    const pid = one.process!.pid;
    await Bun.sleep(pause); // the last round's children are reaped
    const before = cpuMs(pid);
    const times: number[] = [];
    for (let index = 0; index < connections; index++) times.push(oneConnection(one));
    await Bun.sleep(pause);
    one.perSecond.push(throughput(one, connections));
    await Bun.sleep(100);
    one.cpuMs.push((cpuMs(pid) - before) / (connections * 2));
    one.firstByteMs.push(median(times));
  }
}

const rows = [
  [
    "server",
    "p50 ms",
    "best p50",
    "conn/s (8 at a time)",
    "CPU ms/conn",
    `daemon PSS MB`,
    `PSS MB/conn at ${heldCounts.join(" / ")} held`,
  ],
];
for (const one of contenders) {
  const pid = one.process!.pid;
  const fds: number[] = [];
  const pss: string[] = [];
  for (const held of heldCounts) {
    while (fds.length < held) {
      const fd = open(one.port);
      sys.send(fd, hello);
      answered(fd, awaited(one));
      fds.push(fd);
    }
    const children = childrenOf(pid).slice(-held); // the youngest: warm servers that wait are not counted twice
    pss.push((children.reduce((sum, child) => sum + pssMb(child), 0) / Math.max(1, children.length)).toFixed(2));
  }
  rows.push([
    `${one.name} ${commandOf(one)[0].replace(/.*\//, "")}`,
    median(one.firstByteMs).toFixed(3),
    Math.min(...one.firstByteMs).toFixed(3),
    median(one.perSecond).toFixed(0),
    median(one.cpuMs).toFixed(3),
    pssMb(pid).toFixed(1),
    pss.join(" / "),
  ]);
  for (const fd of fds) sys.close(fd);
}
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
console.log(
  `${command.join(" ")}: ${rounds} interleaved rounds of ${connections} connections and ${connections} at eight a time`,
);
for (const row of rows)
  console.log(
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  "),
  );
const [a, b] = [contenders.find((one) => one.name === "perqd"), contenders.find((one) => one.name === "xinetd")];
if (a && b) {
  const ratio = (of: (one: Contender) => number) => (of(a) / of(b)).toFixed(2);
  console.log(
    `perqd / xinetd: p50 ${ratio((one) => median(one.firstByteMs))}, CPU ${ratio((one) => median(one.cpuMs))}, connections/s ${ratio((one) => median(one.perSecond))}`,
  );
}
for (const one of contenders) sys.kill(one.process!.pid, sys.SIG.TERM);
// Both write to their logs until the end.
await Promise.all(contenders.map((one) => one.process!.exited));
rmSync(directory, { recursive: true, force: true });
process.exit(0);
