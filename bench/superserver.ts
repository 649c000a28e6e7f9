/**
 * perqd beside xinetd: what a connection costs. By default one run of a few minutes prints every row of design.md §6
 * that is about connections, with its target:
 *
 *   bun bench/superserver.ts [--short] [--rounds 40] [--bursts 5] [--connections 200] [--held 1,10,100,500]
 *                            [--perqd dist/perqd] [--q dist/q]
 *
 * Four services stand side by side the whole time: xinetd starting /bin/cat, perqd starting /bin/cat, perqd starting a
 * q over a database of 1,000 partitions (cold), perqd handing over to a q that waits (warm). A round is one connection
 * to each, by the same client code over a raw socket: to cat one byte and its echo; to q what a kdb+ client does, its
 * greeting, the byte that answers it, a query, the whole of its answer. Before each the pool is full again, the child of
 * the one before is gone, and the machine is calm or a second has passed. `bursts` are connections without any pause.
 *
 * Programs are those in dist/ (bun scripts/build.ts). Run as root (xinetd wants it); all traffic is on loopback.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { connectTo, listenOn, localAddress, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { DaemonStatus } from "#superserver/control.ts";
import { askControl } from "#superserver/status.ts";
import { oracles } from "../tests/superserver/oracles.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    bursts: { type: "string" },
    connections: { type: "string" },
    held: { type: "string" },
    user: { type: "string", default: "nobody" },
    perqd: { type: "string", default: resolve(import.meta.dir, "../dist/perqd") },
    q: { type: "string", default: resolve(import.meta.dir, "../dist/q") },
  },
});
const rounds = Number(values.rounds ?? (values.short ? 10 : 40));
const bursts = Number(values.bursts ?? (values.short ? 2 : 5));
const connections = Number(values.connections ?? (values.short ? 40 : 200));
const heldCounts = (values.held ?? (values.short ? "1,10" : "1,10,100,500")).split(",").filter(Boolean).map(Number);
const isRoot = process.getuid?.() === 0;
/** Connections of a burst to warm servers: the pool has some more, so that none comes to a cold one. */
const BURST = 8;
const POOL = 12;
/** A cold q takes as long as all the others together. */
const ROUNDS_OF_ONE_COLD = 4;

const directory = mkdtempSync("/tmp/perq-bench-");
chmodSync(directory, 0o755);
for (const program of [values.perqd, values.q])
  if (!existsSync(program)) throw new Error(`${program} is not there: bun scripts/build.ts`);

// ---- the services ---------------------------------------------------------------------------------------------------
interface Service {
  name: string;
  daemon: Bun.Subprocess;
  port: number;
  control: string;
  isQ: boolean;
  isWarm: boolean;
  /** Of each round: to the whole answer; of q also to the answer to the greeting. */
  ms: number[];
  greetedMs: number[];
  burstMs: number[];
  cpuMs: number[];
  perSecond: number[];
}

function freePort(): number {
  const fd = listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
  const address = localAddress(fd);
  sys.close(fd);
  if (typeof address === "number" || address.family !== "ipv4") throw new Error("no free port");
  return address.port;
}

const database = `${directory}/hdb`;
function makeDatabase(): void {
  const script = `${directory}/make.q`;
  const lines = [
    `root:\`:${database}`,
    "t:([]sym:`a`b`c`d;time:09:30:00.000+til 4;price:1 2 3 4f;size:til 4)",
    "{(` sv root,(`$string x),`trade`)set .Q.en[root;t]}each 2020.01.01+til 1000",
    "\\\\\n",
  ];
  writeFileSync(script, lines.join("\n"));
  const made = Bun.spawnSync([values.q, script, "-q"], { stdout: "ignore", stderr: "pipe" });
  if (made.exitCode !== 0) throw new Error(`no database: ${made.stderr}`);
}

function start(name: string, daemon: string, command: string[], attributes: string[] = []): Service {
  const port = freePort();
  const path = (suffix: string) => `${directory}/${name.replaceAll(" ", "-")}.${suffix}`;
  const lines = [
    "type = UNLISTED",
    `port = ${port}`,
    "socket_type = stream",
    "wait = no",
    `user = ${isRoot ? values.user : process.getuid?.()}`,
    `server = ${command[0]}`,
    ...(command.length > 1 ? [`server_args = ${command.slice(1).join(" ")}`] : []),
    "bind = 127.0.0.1",
    "cps = 0 0",
    `log_type = FILE ${path("svc")}`,
    "log_on_success = PID HOST EXIT DURATION",
    ...attributes,
  ];
  writeFileSync(path("conf"), `service bench\n{\n${lines.map((line) => `  ${line}\n`).join("")}}\n`);
  const words = ["-f", path("conf"), "-dontfork", "-filelog", path("log"), "-pidfile", path("pid")];
  const isPerqd = daemon === values.perqd;
  const process_ = Bun.spawn([daemon, ...words, ...(isPerqd ? ["--control", path("control")] : [])], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: "/usr/bin:/bin" },
  });
  return {
    name,
    daemon: process_,
    port,
    control: isPerqd ? path("control") : "",
    isQ: command[0] === values.q,
    isWarm: attributes.length > 0,
    ms: [],
    greetedMs: [],
    burstMs: [],
    cpuMs: [],
    perSecond: [],
  };
}

async function listens(service: Service): Promise<void> {
  for (let tries = 0; ; tries++) {
    const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port: service.port }, 1000);
    if (fd >= 0) {
      sys.close(fd);
      return;
    }
    if (tries > 500) throw new Error(`${service.name} does not listen; its files are in ${directory}`);
    await Bun.sleep(20);
  }
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);

/** No session's child is left, and the pool is full. */
async function settled(service: Service): Promise<void> {
  const wanted = service.isWarm ? POOL : 0;
  const ready = () => {
    if (childrenOf(service.daemon.pid).length !== wanted) return false;
    if (wanted === 0) return true;
    const asked = askControl(service.control, "status");
    return !("failure" in asked) && (JSON.parse(asked.answer) as DaemonStatus).services[0].warm?.ready === wanted;
  };
  for (let tries = 0; !ready(); tries++) {
    if (tries > 3000) throw new Error(`${service.name} does not settle; its files are in ${directory}`);
    await Bun.sleep(20);
  }
}

let asked = 0;
let calm = 0;
/** Until the processors were idle for most of 50 ms, at most a second: other work than ours is not to be measured. */
async function calmMachine(): Promise<void> {
  const ticks = () => {
    const line = readFileSync("/proc/stat", "latin1").split("\n")[0];
    const counts = line.trim().split(/\s+/).slice(1, 9).map(Number);
    return { idle: counts[3] + counts[4], all: counts.reduce((sum, one) => sum + one, 0) };
  };
  asked++;
  for (let tries = 0; tries < 20; tries++) {
    const before = ticks();
    await Bun.sleep(50);
    const after = ticks();
    if (after.idle - before.idle < 0.85 * (after.all - before.all)) continue;
    calm++;
    return;
  }
}

// ---- the client -----------------------------------------------------------------------------------------------------
const greeting = Buffer.from("u:p\x03\0", "latin1");
const query = Buffer.from("\x01\x01\0\0\x11\0\0\0\x0a\0\x03\0\0\x001+1", "latin1");
const ANSWER_BYTES = 17; // a long
const buffer = new Uint8Array(new ArrayBuffer(4096));

function open(port: number): number {
  const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port }, 5000);
  if (fd < 0) throw new Error(`port ${port}: errno ${-fd}`);
  return fd;
}

function exchange(fd: number, bytes: Uint8Array, answerBytes: number): void {
  sys.send(fd, bytes);
  receive(fd, answerBytes);
}

function receive(fd: number, answerBytes: number): void {
  for (let got = 0; got < answerBytes; ) {
    if (waitFor(fd, sys.POLLIN, 60_000) < 0) throw new Error("no answer within a minute");
    const more = sys.recv(fd, buffer);
    if (more <= 0) throw new Error("the connection ended without an answer");
    got += more;
  }
}

/** The first exchange on a connection, the second where there is one. */
function converse(service: Service, fd: number): void {
  exchange(fd, service.isQ ? greeting : greeting.subarray(0, 1), 1);
  if (service.isQ) exchange(fd, query, ANSWER_BYTES);
}

function oneConnection(service: Service, greeted: number[], answered: number[]): void {
  const started = Bun.nanoseconds();
  const fd = open(service.port);
  exchange(fd, service.isQ ? greeting : greeting.subarray(0, 1), 1);
  const between = Bun.nanoseconds();
  if (service.isQ) exchange(fd, query, ANSWER_BYTES);
  answered.push((Bun.nanoseconds() - started) / 1e6);
  greeted.push((between - started) / 1e6);
  sys.close(fd);
}

/** `width` clients at a time: how many are served in a second. */
function throughput(service: Service, count: number, width: number): number {
  const started = Bun.nanoseconds();
  for (let done = 0; done < count; done += width) {
    const fds = Array.from({ length: width }, () => {
      const fd = open(service.port);
      sys.send(fd, service.isQ ? Buffer.concat([greeting, query]) : greeting.subarray(0, 1));
      return fd;
    });
    for (const fd of fds) {
      receive(fd, service.isQ ? 1 + ANSWER_BYTES : 1);
      sys.close(fd);
    }
  }
  return count / ((Bun.nanoseconds() - started) / 1e9);
}

// ---- what is measured -----------------------------------------------------------------------------------------------
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
    return 0; // it has ended
  }
}

/** Whether a q lives that is no child of this daemon: the pool of a perqd that has ended, on its way out. */
function othersRun(parent: number): boolean {
  return readdirSync("/proc").some((name) => {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "latin1").split("\0");
      if (words[0] !== values.q || words[1] !== database) return false;
      return !readFileSync(`/proc/${name}/status`, "latin1").includes(`\nPPid:\t${parent}\n`);
    } catch {
      return false; // no process, or one that has just ended
    }
  });
}

async function latencies(services: Service[]): Promise<void> {
  for (const service of services) {
    await settled(service);
    oneConnection(service, [], []); // files are in the page cache from here on
  }
  for (let round = 0; round < rounds; round++) {
    for (const service of services) {
      if (service.isQ && !service.isWarm && round % ROUNDS_OF_ONE_COLD !== 0) continue;
      await settled(service);
      await calmMachine();
      oneConnection(service, service.greetedMs, service.ms);
    }
  }
}

/** Connections without a pause between them: the child of the one before is still ending. */
async function withoutPause(services: Service[]): Promise<void> {
  for (let burst = 0; burst < bursts; burst++) {
    for (const service of services) {
      if (service.isQ && !service.isWarm) continue;
      await settled(service);
      await calmMachine();
      for (let index = 0; index < BURST; index++) oneConnection(service, [], service.burstMs);
    }
  }
}

async function loads(services: Service[]): Promise<void> {
  for (let burst = 0; burst < bursts; burst++) {
    for (const service of services) {
      const count = service.isWarm ? BURST : service.isQ ? 16 : connections;
      await settled(service);
      await calmMachine();
      const before = cpuMs(service.daemon.pid);
      service.perSecond.push(throughput(service, count, 8));
      await settled(service);
      service.cpuMs.push((cpuMs(service.daemon.pid) - before) / count);
    }
  }
}

/** MB for each of so many sessions held at a time, idle after their first answer. */
async function memories(service: Service): Promise<number[]> {
  const fds: number[] = [];
  const figures: number[] = [];
  for (const held of heldCounts) {
    while (fds.length < held) {
      const fd = open(service.port);
      converse(service, fd);
      fds.push(fd);
    }
    await Bun.sleep(2000); // what a q gives back when it is idle
    const children = childrenOf(service.daemon.pid);
    if (children.length !== held) throw new Error(`${service.name}: ${children.length} children for ${held} sessions`);
    figures.push(children.reduce((sum, child) => sum + pssMb(child), 0) / held);
  }
  for (const fd of fds) sys.close(fd);
  await settled(service);
  return figures;
}

// ---- the table ------------------------------------------------------------------------------------------------------
const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const rows: string[][] = [["", "perqd", "xinetd's cat", "ratio", "target", ""]];

function row(
  what: string,
  ours: number,
  theirs: number | undefined,
  digits: number,
  target?: ["≤" | "≥", number],
): void {
  const ratio = theirs === undefined ? undefined : ours / theirs;
  let verdict = "";
  if (target !== undefined && ratio !== undefined)
    verdict = (target[0] === "≤" ? ratio <= target[1] : ratio >= target[1]) ? "met" : "missed";
  const text = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(digits));
  const wanted = target === undefined ? "" : `${target[0]} ${target[1]}`;
  rows.push([what, text(ours), text(theirs), ratio?.toFixed(2) ?? "–", wanted, verdict]);
}

function latencyRow(what: string, ours: Service, theirs: Service | undefined, target: ["≤" | "≥", number]): void {
  row(`${what}, p50 ms`, median(ours.ms), theirs && median(theirs.ms), 2, target);
  row("    its best, ms", Math.min(...ours.ms), theirs && Math.min(...theirs.ms), 2);
}

makeDatabase();
const xinetdPath = oracles().xinetd;
const xinetd = xinetdPath === undefined || !isRoot ? undefined : start("xinetd cat", xinetdPath, ["/bin/cat"]);
if (xinetd === undefined) console.warn("xinetd is not here, or this is not root: nothing to compare with");
const cat = start("perqd cat", values.perqd, ["/bin/cat"]);
const cold = start("cold q", values.perqd, [values.q, database, "-q"]);
const warm = start("warm q", values.perqd, [values.q, database, "-q"], [`warm = ${POOL}`]);
const services = [xinetd, cat, cold, warm].filter((one) => one !== undefined);
try {
  for (const service of services) await listens(service);
  await latencies(services);
  await withoutPause(services);
  await loads(services);

  latencyRow("cat: connect → first byte", cat, xinetd, ["≤", 1]);
  row("cat: CPU of daemon and child, ms", median(cat.cpuMs), xinetd && median(xinetd.cpuMs), 2, ["≤", 1]);
  row("cat: connections/s, 8 at a time", median(cat.perSecond), xinetd && median(xinetd.perSecond), 0, ["≥", 1]);
  latencyRow("warm q: connect → first answer", warm, xinetd, ["≤", 0.75]);
  row("    to the greeting's answer, ms", median(warm.greetedMs), xinetd && median(xinetd.ms), 2);
  row("    without a pause, p50 ms", median(warm.burstMs), xinetd && median(xinetd.burstMs), 2);
  row(`    connections/s, ${BURST} at once`, median(warm.perSecond), xinetd && median(xinetd.perSecond), 0);
  latencyRow("cold q: connect → first answer", cold, xinetd, ["≤", 12]);
  row("    CPU of daemon and child, ms", median(cold.cpuMs), xinetd && median(xinetd.cpuMs), 1);
  row("    connections/s, 8 at a time", median(cold.perSecond), xinetd && median(xinetd.perSecond), 0);
  const ofCat = await memories(xinetd ?? cat);
  for (const { daemon } of [warm, cat]) {
    daemon.kill("SIGTERM"); // what shares its pages with the one that is measured would make it look small
    await daemon.exited;
  }
  for (let tries = 0; othersRun(cold.daemon.pid) && tries < 500; tries++) await Bun.sleep(20);
  const ofQ = await memories(cold);
  heldCounts.forEach((held, index) => {
    const target = held === 500 ? "≤ 5" : "";
    const verdict = held !== 500 ? "" : ofQ[index] <= 5 ? "met" : "missed";
    const what = `q: idle PSS at ${held} held, MB each`;
    rows.push([what, ofQ[index].toFixed(2), ofCat[index].toFixed(2), "–", target, verdict]);
  });
  const daemons = [cold, xinetd].map((one) => (one === undefined ? "–" : pssMb(one.daemon.pid).toFixed(1)));
  rows.push(["PSS of the daemon, MB", ...daemons, "–", "", ""]);

  console.log(
    `${rounds} rounds (cold: ${cold.ms.length}), ${bursts} bursts; ${calm} of ${asked} began on a calm machine. ` +
      `load average ${readFileSync("/proc/loadavg", "latin1").split(" ").slice(0, 3).join(" ")}`,
  );
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  for (const cells of rows)
    console.log(
      cells
        .map((cell, column) =>
          column === 0 || column === 5 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join("  ")
        .trimEnd(),
    );
} finally {
  for (const { daemon } of services) daemon.kill("SIGTERM");
  await Promise.all(services.map(({ daemon }) => daemon.exited)); // they write to their logs until the end
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
