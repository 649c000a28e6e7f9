// WebSockets on a q port: Bun's own client, and raw frames where a browser would never send them.

import { afterAll, expect, test } from "bun:test";
import { TestClient } from "./client.ts";
import { endAll, listeningQ, until } from "./harness.ts";

afterAll(endAll);

/** A WebSocket with what came over it. */
async function socketTo(port: number): Promise<{ socket: WebSocket; came: (string | Buffer)[] }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.binaryType = "nodebuffer";
  const came: (string | Buffer)[] = [];
  socket.addEventListener("message", (event) => void came.push(event.data as string | Buffer));
  await new Promise((open, fail) => {
    socket.addEventListener("open", open);
    socket.addEventListener("error", fail);
  });
  return { socket, came };
}

test("without .z.ws a message comes back, text as text and bytes as bytes", async () => {
  const { port } = await listeningQ();
  const { socket, came } = await socketTo(port);
  socket.send("4+til 3 é");
  socket.send(new Uint8Array([1, 2, 255]));
  await until("both are back", () => came.length === 2 || undefined);
  expect(came[0]).toBe("4+til 3 é");
  expect([...(came[1] as Buffer)]).toEqual([1, 2, 255]);
  socket.close();
}, 30000);

test(".z.wo, .z.ws and .z.wc know the handle; q pushes to it; a sync message is 'nyi", async () => {
  const { port } = await listeningQ(
    [],
    ".z.wo:{opened::x}\n.z.wc:{closed::x}\n.z.pc:{wrong::x}\n.z.ws:{h::.z.w;neg[.z.w].Q.s value x}",
  );
  const { socket, came } = await socketTo(port);
  socket.send("4+til 3");
  await until("the answer", () => came.length === 1 || undefined);
  expect(came[0]).toBe("4 5 6\n");
  const q = await TestClient.connect(port);
  expect(await q.query("opened=h")).toBe(true);
  expect(await q.query('"w"=(-38!h)`p')).toBe(true);
  q.tell('neg[h]"pushed"');
  await until("the push", () => came.length === 2 || undefined);
  expect(came[1]).toBe("pushed");
  await expect(q.query('h"1+1"')).rejects.toThrow("nyi");
  await expect(q.query("neg[h]1 2 3")).rejects.toThrow("type");
  socket.close();
  await until("closed", () => q.query("closed=h").catch(() => undefined));
  await expect(q.query("wrong")).rejects.toThrow("wrong");
  await q.close();
}, 30000);

test("a large message, an error in .z.ws and hclose", async () => {
  const { port } = await listeningQ([], '.z.ws:{$[x~"bye";hclose .z.w;x~"fail";\'oops;neg[.z.w]string count x]}');
  const { socket, came } = await socketTo(port);
  socket.send("x".repeat(3_000_000));
  await until("its length", () => came.length === 1 || undefined);
  expect(came[0]).toBe("3000000");
  socket.send("fail");
  socket.send("y".repeat(70000));
  await until("the next", () => came.length === 2 || undefined);
  expect(came[1]).toBe("70000");
  const gone = new Promise((closed) => socket.addEventListener("close", closed));
  socket.send("bye");
  await gone;
}, 30000);

/** Asks for an upgrade by hand; gives what came until the condition holds or the server closes. */
async function raw(port: number, bytes: (string | Uint8Array)[], enough: (seen: string) => boolean): Promise<string> {
  let seen = "";
  let closed = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_, chunk) => {
        seen += chunk.toString("latin1");
      },
      close: () => {
        closed = true;
      },
    },
  });
  for (const part of bytes) socket.write(part as Uint8Array);
  await until("an end", () => closed || enough(seen) || undefined);
  socket.end();
  return seen + (closed ? "<closed>" : "");
}
const UPGRADE =
  "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

test("the key of the RFC's example, a message in pieces with a ping between", async () => {
  const { port } = await listeningQ();
  const seen = await raw(
    port,
    [
      UPGRADE,
      Uint8Array.from([0x01, 0x83, 0, 0, 0, 0, 97, 98, 99]),
      Uint8Array.from([0x89, 0x81, 0, 0, 0, 0, 33]),
      Uint8Array.from([0x80, 0x82, 1, 2, 3, 4, 100 ^ 1, 101 ^ 2]),
    ],
    (text) => text.includes("\x81\x05abcde"),
  );
  expect(seen).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
  expect(seen).toContain("\x8a\x01!");
  expect(seen).toContain("\x81\x05abcde");
}, 30000);

test("frames that no client may send close the connection and disturb nobody", async () => {
  const { port } = await listeningQ();
  const bad = [
    [0x81, 0x01, 97], // not masked
    [0xc1, 0x80, 0, 0, 0, 0], // a reserved bit
    [0x80, 0x80, 0, 0, 0, 0], // continues nothing
    [0x83, 0x80, 0, 0, 0, 0], // no such opcode
    [0x09, 0x80, 0, 0, 0, 0], // a ping in pieces
    [0x82, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // 9 million million million bytes
  ];
  for (const frame of bad)
    expect(await raw(port, [UPGRADE, Uint8Array.from(frame)], () => false)).toEndWith("<closed>");
  expect(await raw(port, [UPGRADE.replace("13", "8")], () => false)).toStartWith("HTTP/1.1 426");
  expect(await raw(port, [UPGRADE.replace(/Key: .*\r\n/, "Key: short\r\n")], () => false)).toStartWith("HTTP/1.1 400");
  const q = await TestClient.connect(port);
  expect(await q.query("1+1")).toBe(2);
  expect(await until("only we are left", async () => (await q.query("count .z.H")) === 1 || undefined)).toBe(true);
  await q.close();
}, 30000);
