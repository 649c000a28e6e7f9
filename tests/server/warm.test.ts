// A q that is started ahead of its client (docs/warm-protocol.md), seen from the other side of the protocol.

import { afterAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { receiveDescriptors, sendDescriptors } from "#platform/passing.ts";
import { acceptFrom, listenOn, localAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { TestClient } from "./client.ts";
import { endAll, q, scratch, track, until } from "./harness.ts";

afterAll(endAll);

/** Starts a warm q and waits for its word; returns our end of the pair. */
async function warmQ(args: string[], environment: Record<string, string> = {}) {
  const pair = sys.socketPair(sys.AF_UNIX, sys.SOCK_SEQPACKET);
  if (typeof pair === "number") throw new Error(`no pair: ${pair}`);
  const [ours, theirs] = pair;
  const child = track(
    Bun.spawn([...q, ...args], {
      stdio: [theirs, "ignore", "ignore"],
      env: { ...process.env, PERQ_WARM: "1", ...environment },
    }),
  );
  sys.close(theirs);
  const ready = await until("ready", () => {
    const got = receiveDescriptors(ours, 4096, sys.MSG_DONTWAIT);
    return typeof got === "number" ? undefined : (got ?? { bytes: new Uint8Array(0) });
  });
  return { ours, child, said: new TextDecoder().decode(ready.bytes) };
}

/** A connected pair over TCP: a client for the test, and the descriptor a super-server would have accepted. */
async function accepted(): Promise<{ client: Promise<TestClient>; fd: number }> {
  const listener = listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
  const { port } = localAddress(listener) as { port: number };
  const client = TestClient.connect(port);
  client.catch(() => {}); // told by whoever awaits it
  const fd = await until("the connection", () => {
    sys.setNonBlocking(listener, true);
    const got = acceptFrom(listener);
    return typeof got === "number" ? undefined : got.fd;
  });
  sys.close(listener);
  return { client, fd };
}

test("it loads, says ready, serves the client it is handed and ends with it", async () => {
  const script = join(scratch(), "s.q");
  writeFileSync(script, "loaded:42\n");
  const { ours, child, said } = await warmQ([script, "-q"]);
  expect(said).toBe("PERQ/1 ready\n");
  const { client, fd } = await accepted();
  const message = new TextEncoder().encode("PERQ/1 connection\nREMOTE_HOST=192.0.2.7\nA=x=y\n");
  expect(sendDescriptors(ours, message, [fd])).toBe(message.length);
  sys.close(fd);
  sys.close(ours);
  const c = await client;
  expect(await c.query("loaded")).toBe(42);
  expect(await c.query("getenv`REMOTE_HOST")).toBe("192.0.2.7");
  expect(await c.query("getenv`A")).toBe("x=y");
  expect(await c.query("getenv`PERQ_WARM")).toBe("");
  expect(await c.query(".z.a")).toBe(0x7f000001);
  expect(await c.query(".z.i")).toBe(child.pid);
  await c.close();
  expect(await child.exited).toBe(0);
});

test("without a client it ends when perqd wants it no more", async () => {
  const { ours, child } = await warmQ(["-q"]);
  sys.close(ours);
  expect(await child.exited).toBe(0);
});

test("what a warm q prints while it loads goes to its log", async () => {
  const directory = scratch();
  const script = join(directory, "s.q");
  writeFileSync(script, '-1"loading";\n');
  const { ours, child } = await warmQ([script, "-q"], { PERQ_LOG: join(directory, "log") });
  expect(readFileSync(join(directory, "log"), "latin1")).toBe("loading\n");
  sys.close(ours);
  await child.exited;
});
