// Snappy and LZ4 against bytes of the formats' descriptions, against themselves, and against broken blocks.

import { expect, test } from "bun:test";
import { packLz4, packSnappy, unpackLz4, unpackSnappy } from "./codecs.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : part)));
const text = (block: Uint8Array): string => Buffer.from(block).toString("latin1");

test("a snappy block of every kind of tag is unpacked", () => {
  // length 15; literal "abcd"; copy of 4 from 4 back (1-byte offset); literal "xyz"; copy of 4 from 7 back (2 bytes)
  expect(text(unpackSnappy(bytes([15, 3 << 2], "abcd", [1, 4], [2 << 2], "xyz", [(3 << 2) | 2, 7, 0]), 15))).toBe(
    "abcdabcdxyzabcd",
  );
  // a literal with a length byte of its own; a 4-byte offset
  const long = "q".repeat(100);
  expect(text(unpackSnappy(bytes([104, 60 << 2, 99], long, [(3 << 2) | 3, 1, 0, 0, 0]), 104))).toBe(`${long}qqqq`);
});

test("an lz4 block is unpacked: literals, overlapping match, long lengths", () => {
  expect(text(unpackLz4(bytes([0x14], "a", [1, 0], [0x10], "b"), 10))).toBe("aaaaaaaaab");
  expect(text(unpackLz4(bytes([0x1f], "a", [1, 0, 5], [0x00]), 25))).toBe("a".repeat(25));
  expect(text(unpackLz4(bytes([0xf0, 5], "x".repeat(20)), 20))).toBe("x".repeat(20));
});

test("what is packed comes back, of every length and repetition", () => {
  let state = 99;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  for (let round = 0; round < 60; round++) {
    const block = new Uint8Array(Math.floor(next() ** 3 * 70_000));
    const period = 1 + Math.floor(next() * 1000);
    const noise = next() ** 3;
    for (let i = 0; i < block.length; i++) block[i] = i >= period && next() > noise ? block[i - period]! : next() * 256;
    for (const [pack, unpack] of [
      [packSnappy, unpackSnappy],
      [packLz4, unpackLz4],
    ] as const) {
      expect([round, Buffer.compare(unpack(pack(block), block.length), block)]).toEqual([round, 0]);
    }
  }
});

test("a broken block throws and does not run away", () => {
  let state = 7;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const block = Buffer.from("hello, hello, hello, world! ".repeat(40));
  for (const [pack, unpack] of [
    [packSnappy, unpackSnappy],
    [packLz4, unpackLz4],
  ] as const) {
    const good = pack(block);
    let refused = 0;
    for (let round = 0; round < 500; round++) {
      const bad = good.slice(0, next() < 0.3 ? Math.floor(next() * good.length) : good.length);
      for (let i = 0; i < 3; i++) bad[Math.floor(next() * bad.length)] = next() * 256;
      try {
        unpack(bad, block.length);
      } catch {
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  }
});
