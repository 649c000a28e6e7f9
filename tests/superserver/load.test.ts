/**
 * Many clients: 500 that stay while thousands come and go, and reloads every 50 ms meanwhile. What must not grow is looked
 * up in the kernel's account of perqd. PERQ_LOAD=full opens 20,000 connections instead of 4,000.
 */
import { beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connectTo, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { block, freePort, hear, open, say, user, workshop } from "./perqd.ts";

const isFull = process.env["PERQ_LOAD"] === "full";
const CONNECTIONS = isFull ? 20_000 : 4_000;
const HELD = 500;
const HANGUPS = isFull ? 200 : 60;

const { directory, start } = workshop("load");
beforeAll(() => {
  const limit = new BigUint64Array(2);
  sys.prlimit(0, sys.RLIMIT.NOFILE, null, limit);
  sys.prlimit(0, sys.RLIMIT.NOFILE, new BigUint64Array([limit[1], limit[1]]), null);
}, 120_000);

const descriptors = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const children = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).length;
const memoryKb = (pid: number, what: "Pss" | "Rss" | "Pss_Anon") =>
  Number(new RegExp(`^${what}:\\s*(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1]);

/** One conversation, ended by the client; its echo, or what happened instead. */
function echo(port: number, word: string): string {
  const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port }, 20_000);
  if (fd < 0) return `connect: errno ${-fd}`;
  sys.send(fd, new TextEncoder().encode(word));
  const answer = heardOf(fd, word.length);
  sys.close(fd);
  return answer;
}

const bytes = new Uint8Array(new ArrayBuffer(4096));
function heardOf(fd: number, length: number): string {
  let text = "";
  while (text.length < length) {
    if (waitFor(fd, sys.POLLIN, 20_000) < 0) return `${text} and no more`;
    const got = sys.recv(fd, bytes);
    if (got <= 0) return `${text} and the end (${got})`;
    text += Buffer.from(bytes.subarray(0, got)).toString("latin1");
  }
  return text;
}

function allEcho(fds: number[], word: string): void {
  for (const [index, fd] of fds.entries()) say(fd, `${word} ${index}\n`);
  for (const [index, fd] of fds.entries()) expect(hear(fd, "\n")).toBe(`${word} ${index}\n`);
}

test(`${HELD} held and ${CONNECTIONS} opened and closed: no descriptor, process or memory is left`, async () => {
  const port = freePort();
  const log = `${directory}/service.log`;
  const config = block("cat", port, [
    `user = ${user}`,
    "server = /bin/cat",
    "cps = 0 0",
    `log_type = FILE ${log}`,
    "log_on_success = PID HOST EXIT DURATION",
  ]);
  const perqd = await start(config);
  const { pid } = perqd.process;
  expect(echo(port, "first\n")).toBe("first\n");
  await perqd.until("the first is gone", () => children(pid) === 0);
  const before = descriptors(pid);

  const held = Array.from({ length: HELD }, () => open(port));
  allEcho(held, "held");
  expect(children(pid)).toBe(HELD);
  expect(descriptors(pid)).toBe(before); // a session costs perqd no descriptor

  const memory: number[] = [];
  const started = performance.now();
  const failures: string[] = [];
  for (let index = 1; index <= CONNECTIONS; index++) {
    const answer = echo(port, `word ${index}\n`);
    if (answer !== `word ${index}\n`) failures.push(`${index}: ${JSON.stringify(answer)}`);
    if (index % (CONNECTIONS / 4) === 0) memory.push(memoryKb(pid, "Pss"));
  }
  const seconds = (performance.now() - started) / 1000;
  expect(failures).toEqual([]);
  await perqd.until("only those held are left", () => children(pid) === HELD);
  expect(descriptors(pid)).toBe(before);
  allEcho(held, "still");

  for (const fd of held) sys.close(fd);
  await perqd.until("all are gone", () => children(pid) === 0);
  expect(descriptors(pid)).toBe(before);
  expect(perqd.status().sessions).toBe(0);
  const counted = (word: string) => readFileSync(log, "latin1").split(`: ${word}: cat`).length - 1;
  const all = 1 + HELD + CONNECTIONS;
  expect([counted("START"), counted("EXIT")]).toEqual([all, all]);
  console.log(
    `${HELD} held, ${CONNECTIONS} opened and closed in ${seconds.toFixed(1)} s: PSS of perqd after each quarter ` +
      `${memory.map((kb) => `${(kb / 1024).toFixed(1)}`).join(", ")} MB, RSS ${(memoryKb(pid, "Rss") / 1024).toFixed(1)} MB, ` +
      `${before} descriptors`,
  );
  // The heap breathes; what leaked 1 kB a connection would add 10 MB between the half and the end of a full run.
  expect(memory[3] - memory[1]).toBeLessThan(isFull ? 8 * 1024 : 16 * 1024);
  expect(await perqd.stop()).toBe(0);
}, 300_000);

test(`${HANGUPS} reloads, one every 50 ms, good, other and broken ones, under load: every client has his echo`, async () => {
  const [port, sometimes, quiet] = [freePort(), freePort(), freePort()];
  const cat = [`user = ${user}`, "server = /bin/cat", "cps = 0 0"];
  const good = block("cat", port, cat) + block("sometimes", sometimes, cat) + block("quiet", quiet, cat);
  const other =
    block("cat", port, [...cat, "nice = 1", "flags = NODELAY KEEPALIVE", "queue_limit = 256", "stderr = log"]) +
    block("quiet", quiet, cat);
  const broken = `${good}service broken\n{\n\tsocket_type = nonsense\n\tnothing\n`;
  const perqd = await start(good);
  const { pid } = perqd.process;
  const before = descriptors(pid);
  const put = (text: string) => {
    // as an editor saves: there is never half a file
    writeFileSync(`${perqd.config}.new`, text);
    renameSync(`${perqd.config}.new`, perqd.config);
  };
  const held = Array.from({ length: 20 }, (_, index) => open(index % 2 === 0 ? port : quiet));

  let hangups = 0;
  let due = 0;
  let connections = 0;
  const failures: string[] = [];
  const texts = [other, broken, good, broken];
  while (hangups < HANGUPS) {
    const batch: number[] = [];
    for (let index = 0; index < 10; index++) {
      if (performance.now() >= due) {
        put(texts[hangups++ % texts.length]);
        sys.kill(pid, sys.SIG.HUP);
        due = performance.now() + 50;
      }
      const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port: index % 5 === 4 ? quiet : port }, 20_000);
      if (fd < 0) failures.push(`connect: errno ${-fd}`);
      else batch.push(fd);
    }
    for (const fd of batch) {
      say(fd, `word ${++connections}\n`);
      const answer = heardOf(fd, `word ${connections}\n`.length);
      if (answer !== `word ${connections}\n`) failures.push(JSON.stringify(answer));
      sys.close(fd);
    }
  }
  expect(failures).toEqual([]);
  for (const [index, fd] of held.entries()) {
    say(fd, `held ${index}\n`);
    expect(hear(fd, "\n")).toBe(`held ${index}\n`);
    sys.close(fd);
  }
  put(good);
  const reconfigured = () => perqd.text.split("Reconfigured: new=").length - 1;
  const soFar = reconfigured();
  sys.kill(pid, sys.SIG.HUP);
  await perqd.until("a last reload", () => reconfigured() > soFar);
  for (const one of [port, sometimes, quiet]) expect(echo(one, "after\n")).toBe("after\n");
  await perqd.until("all are gone", () => children(pid) === 0);
  expect(descriptors(pid) - before).toBeLessThanOrEqual(2); // the pair of stderr = log
  const failed = perqd.text.split("reconfiguration failed").length - 1;
  console.log(`${hangups} HUPs, ${reconfigured()} reloads and ${failed} refused, ${connections} connections`);
  expect(reconfigured()).toBeGreaterThan(HANGUPS / 4);
  expect(failed).toBeGreaterThan(HANGUPS / 4);
  expect(perqd.text).not.toContain("a bug in perqd");
  expect(await perqd.stop()).toBe(0);
}, 120_000);
