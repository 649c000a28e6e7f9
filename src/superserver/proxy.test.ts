import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseProxyHeader } from "./proxy.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("version 1 names the client, in any pieces", () => {
  const header = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";
  for (let cut = 0; cut < header.length; cut++)
    expect(parseProxyHeader(bytes(header.slice(0, cut)))).toEqual({ state: "more" });
  expect(parseProxyHeader(bytes(`${header}after`))).toEqual({
    state: "done",
    length: header.length,
    peer: { family: "ipv4", host: "192.0.2.1", port: 56324 },
  });
  expect(parseProxyHeader(bytes("PROXY UNKNOWN\r\n"))).toEqual({ state: "done", length: 15 });
});

test("version 2 names the client", () => {
  const signature = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
  const header = Uint8Array.from([...signature, 0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 1, 187]);
  expect(parseProxyHeader(header)).toEqual({
    state: "done",
    length: 28,
    peer: { family: "ipv4", host: "192.0.2.1", port: 56324 },
  });
  expect(parseProxyHeader(header.subarray(0, 20))).toEqual({ state: "more" });
});

test("anything else is bad, and nothing makes it throw", () => {
  for (const text of [
    "GET / HTTP/1.0",
    "PROXY TCP4 x y 1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 99999 1\r\n",
    "PROXY \n",
  ]) {
    expect(parseProxyHeader(bytes(text))).toEqual({ state: "bad" });
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => typeof parseProxyHeader(noise).state === "string"),
  );
});
