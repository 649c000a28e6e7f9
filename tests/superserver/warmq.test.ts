/** A warm q under perqd, whole: started ahead, given one client, gone with it; nobody sees another's variables. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connectTo, listenOn, localAddress, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { DaemonStatus } from "#superserver/control.ts";
import { askControl } from "#superserver/status.ts";

const root = `${import.meta.dir}/../..`;
const directory = mkdtempSync("/tmp/perq-warmq-");
const user = String(process.getuid?.() ?? 0);

function freePort(): number {
  const fd = listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
  const address = localAddress(fd);
  sys.close(fd);
  if (typeof address === "number" || address.family !== "ipv4") throw new Error("no free port");
  return address.port;
}

const port = freePort();
writeFileSync(
  `${directory}/conf`,
  `service q
{
  type = UNLISTED
  port = ${port}
  bind = 127.0.0.1
  socket_type = stream
  wait = no
  user = ${user}
  server = ${process.execPath}
  server_args = --no-env-file --config=/dev/null ${root}/src/cli/q.ts -q
  warm = 2
}
`,
);
const perqd = Bun.spawn(
  [
    process.execPath,
    `${root}/src/cli/perqd.ts`,
    "-f",
    `${directory}/conf`,
    "-dontfork",
    "--control",
    `${directory}/control`,
  ],
  {
    stdio: ["ignore", "ignore", Bun.file(`${directory}/log`)],
  },
);

afterAll(() => {
  sys.kill(perqd.pid, sys.SIG.TERM);
  rmSync(directory, { recursive: true, force: true });
});

function warm(): { ready: number; given: number } {
  const asked = askControl(`${directory}/control`, "status");
  if ("failure" in asked) return { ready: 0, given: 0 };
  return (JSON.parse(asked.answer) as DaemonStatus).services[0].warm!;
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1000) throw new Error(`not within 50 s; log: ${await Bun.file(`${directory}/log`).text()}`);
    await Bun.sleep(50);
  }
}

/** A connection that has shaken hands. */
function open(): number {
  const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port }, 5000);
  sys.send(fd, new TextEncoder().encode("user:password\x03\0"));
  const byte = new Uint8Array(1);
  if (waitFor(fd, sys.POLLIN, 20_000) < 0 || sys.recv(fd, byte) !== 1) throw new Error("no handshake");
  return fd;
}

/** A synchronous query whose answer is one long, or the error it signals. */
function ask(fd: number, query: string): number | string {
  const text = new TextEncoder().encode(query);
  const message = new Uint8Array(14 + text.length);
  const view = new DataView(message.buffer);
  message.set([1, 1, 0, 0]);
  view.setUint32(4, message.length, true);
  message.set([10, 0], 8);
  view.setUint32(10, text.length, true);
  message.set(text, 14);
  sys.send(fd, message);
  const answer = new Uint8Array(4096);
  let length = 0;
  while (length < 8 || length < new DataView(answer.buffer).getUint32(4, true)) {
    if (waitFor(fd, sys.POLLIN, 20_000) < 0) throw new Error("no answer");
    const got = sys.recv(fd, answer, length);
    if (got <= 0) throw new Error("the connection ended");
    length += got;
  }
  const type = new DataView(answer.buffer).getInt8(8);
  if (type === -7) return Number(new DataView(answer.buffer).getBigInt64(9, true));
  return new TextDecoder().decode(answer.subarray(9, length - 1));
}

test("each client has a q of its own that was loaded before it came", async () => {
  await until(() => warm().ready === 2);
  const [a, b] = [open(), open()];
  expect(ask(a, "x:41")).not.toBe("x");
  expect(ask(a, "x+1")).toBe(42);
  expect(ask(b, "x+1")).toBe("x");
  expect(warm().given).toBe(2);
  sys.close(a);
  sys.close(b);
  await until(() => warm().ready === 2);
  const c = open();
  expect(ask(c, "x+1")).toBe("x");
  sys.close(c);
}, 120_000);
