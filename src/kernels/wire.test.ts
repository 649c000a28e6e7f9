// The wire family: texts to ids and ids to texts. What a message makes of it is tested with ipc.
import { expect, test } from "bun:test";
import { Arena } from "./arena.testing.ts";

const arena = new Arena();
const { get } = arena.kernels;
const texts = ["", "a", "abc", "seven77"];
const codes = (text: string): number[] => [...Buffer.from(text, "latin1")];

/** A table for getsymbols: open addressing over the text as a 64-bit word. */
function slotsOf(known: readonly string[], mask: number): number {
  const slots = new BigInt64Array((mask + 1) * 2);
  known.forEach((text, id) => {
    let key = 0n;
    for (const code of codes(text).reverse()) key = (key << 8n) | BigInt(code);
    let slot = Number(BigInt.asUintN(64, key * 0x9e3779b97f4a7c15n) >> 40n) & mask;
    while (slots[slot * 2 + 1] !== 0n) slot = (slot + 1) & mask;
    slots[slot * 2] = key;
    slots[slot * 2 + 1] = BigInt(id + 1);
  });
  return arena.place("x", [...new Uint8Array(slots.buffer)]);
}

test("getsymbols finds texts until one is unknown, too long, or too near the end", () => {
  arena.reset();
  const line = ["a", "", "abc", "seven77", "a", "unknown", "a"];
  const bytes = line.flatMap((text) => [...codes(text), 0]);
  const at = arena.place("x", [...bytes, ...new Array(8).fill(0)]);
  const slots = slotsOf(texts, 7);
  const ids = arena.place("i", new Array(line.length).fill(-1));
  const end = at + bytes.length + 8;
  expect(get("getsymbols_s")(at, end, line.length, ids, slots, 7)).toBe(5);
  expect(arena.read("i", ids, 5)).toEqual([1, 0, 2, 3, 1]);
  expect(new Uint32Array(arena.bytes.buffer)[256]! - at).toBe(17);
  expect(get("getsymbols_s")(at, at + 7, 5, ids, slots, 7)).toBe(0);
  expect(get("getsymbols_s")(at, end, 2, ids, slots, 7)).toBe(2);
});

test("putsymbols writes texts of ids, of indices into a domain, and the empty text for what is out of range", () => {
  arena.reset();
  const all = [...texts, "longer than eight"];
  const pool = arena.place(
    "x",
    all.flatMap((text) => [...codes(text), 0]),
  );
  const table = new Uint8Array(all.length * 16);
  const view = new DataView(table.buffer);
  let offset = 0;
  all.forEach((text, id) => {
    table.set(codes(text).slice(0, 8), id * 16);
    view.setUint32(id * 16 + 8, text.length + 1, true);
    view.setUint32(id * 16 + 12, pool + offset, true);
    offset += text.length + 1;
  });
  const at = arena.place("x", [...table]);
  const out = arena.place("x", new Array(200).fill(0xee));
  const textBetween = (end: number): string => Buffer.from(arena.bytes.subarray(out, end)).toString("latin1");
  const ids = arena.place("i", [4, 0, 3, 1]);
  expect(textBetween(get("putsymbols_s")(ids, 4, 4, 0, 0, at, out))).toBe("longer than eight\0\0seven77\0a\0");
  const domain = arena.place("i", [3, 2]);
  const indices = arena.place("i", [1, 0, 0, 0, 2, 0, 0, -2147483648]);
  expect(textBetween(get("putsymbols_s")(indices, 4, 8, domain, 2, at, out))).toBe("abc\0seven77\0\0\0");
});
