import { expect, test } from "bun:test";
import fc from "fast-check";
import * as sys from "#platform/sys.ts";
import { TlsConnection, TlsContext } from "#platform/tls.ts";
import { helloServerName, MOST_HELLO_BYTES } from "./hello.ts";

/** What OpenSSL's own client says first. */
function realHello(serverName?: string): Uint8Array {
  const [ours, theirs] = sys.socketPair() as [number, number];
  sys.setNonBlocking(ours, true);
  const context = new TlsContext({ role: "client", verify: "no" });
  const connection = new TlsConnection(context, ours, serverName);
  connection.handshake();
  const bytes = new Uint8Array(new ArrayBuffer(MOST_HELLO_BYTES));
  const length = sys.recv(theirs, bytes);
  connection.close();
  context.close();
  sys.close(ours);
  sys.close(theirs);
  return bytes.slice(0, length);
}

/** The same message in records of so many bytes. */
function inRecords(hello: Uint8Array, size: number): Uint8Array {
  const message = hello.subarray(5);
  const out: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    out.push(22, 3, 1, part.length >> 8, part.length & 255, ...part);
  }
  return Uint8Array.from(out);
}

const hello = realHello("taq.example.test");

test("the name is found in OpenSSL's hello, whole, in pieces and over several records", () => {
  for (let cut = 0; cut < hello.length; cut++)
    expect(helloServerName(hello.subarray(0, cut))).toEqual({ state: "more" });
  expect(helloServerName(hello)).toEqual({ state: "done", name: "taq.example.test" });
  for (const size of [1, 3, 50]) {
    const records = inRecords(hello, size);
    expect(helloServerName(records)).toEqual({ state: "done", name: "taq.example.test" });
    expect(helloServerName(records.subarray(0, -1))).toEqual({ state: "more" });
  }
});

test("who asks for no name, or says no hello, is not waited for", () => {
  expect(helloServerName(realHello())).toEqual({ state: "done" });
  for (const text of ["GET / HTTP/1.0", "\u0016\u0003\u0001\u0000\u0000", "\u0016\u0003\u0001\u0000\u0005\u0002"])
    expect(helloServerName(Buffer.from(text, "latin1"))).toEqual({ state: "done" });
  const endless = inRecords(Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 255, 255, ...new Uint8Array(20_000)]), 16_000);
  expect(helloServerName(endless)).toEqual({ state: "done" });
});

test("no bytes make it throw, and only a host name is a name", () => {
  const noisy = fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const copy = hello.slice();
    for (const [at, byte] of changes) copy[at] = byte;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), noisy), (bytes) => {
      const found = helloServerName(bytes);
      return found.state === "more" || found.name === undefined || /^[\w.-]{1,255}$/.test(found.name);
    }),
    { numRuns: 2000 },
  );
});
