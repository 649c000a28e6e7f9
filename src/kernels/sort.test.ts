// The sort family against a stable sort of pairs.
import { describe, expect, test } from "bun:test";
import { Arena, isNull, type Letter, lengths, Random, type Value, widthOf } from "./arena.testing.ts";

const arena = new Arena();
const all: Letter[] = ["x", "h", "i", "j", "e", "f"];
const SCRATCH = 49152;

const compare = (letter: Letter, a: Value, b: Value): number => {
  const none = Number(isNull(letter, b)) - Number(isNull(letter, a));
  return none !== 0 ? none : a < b ? -1 : a > b ? 1 : 0;
};
const plain = (values: Value[]): Value[] => values.map((a) => (Object.is(a, -0) ? 0 : a));

/** Vectors of many spreads: few values, one value, wide values, sorted either way. */
function* vectors(letter: Letter): Generator<Value[]> {
  const random = new Random(41);
  for (const n of [...lengths, 2999, 3500]) {
    yield random.values(letter, n, 3);
    yield random.values(letter, n, 1000);
    const x = random.values(letter, n, 100);
    yield x.sort((a, b) => compare(letter, a, b));
    yield [...x].reverse();
    const one = random.value(letter);
    yield Array.from({ length: n }, () => one);
    if (letter === "j") yield Array.from({ length: n }, () => 7n * 10n ** 17n + BigInt(random.below(2 ** 20)));
    if (letter === "f") yield Array.from({ length: n }, () => (1000 + random.below(49000)) / 100);
    if (letter === "i") yield Array.from({ length: n }, () => random.below(2 ** 20) * 1024);
  }
}

describe("sorting", () => {
  for (const letter of all) {
    test(`iasc_${letter}, idesc_${letter}, asc_${letter} and desc_${letter} are stable sorts`, () => {
      const { get } = arena.kernels;
      for (const values of vectors(letter)) {
        arena.reset();
        const n = values.length;
        const at = arena.place(letter, values);
        const x = arena.read(letter, at, n);
        const up = [...x.keys()].sort((a, b) => compare(letter, x[a]!, x[b]!) || a - b);
        const down = [...x.keys()].sort((a, b) => compare(letter, x[b]!, x[a]!) || a - b);
        const r = arena.room(n * 8);
        const scratch = arena.room(n * 16 + SCRATCH);
        get(`iasc_${letter}`)(at, n, r, scratch);
        expect(arena.read("j", r, n)).toEqual(up.map(BigInt));
        get(`idesc_${letter}`)(at, n, r, scratch);
        expect(arena.read("j", r, n)).toEqual(down.map(BigInt));
        const v = arena.room(n * widthOf[letter]);
        get(`asc_${letter}`)(at, n, v, scratch);
        expect(plain(arena.read(letter, v, n))).toEqual(plain(up.map((i) => x[i]!)));
        expect(get(`issorted_${letter}`)(v, n)).toBe(1);
        get(`desc_${letter}`)(at, n, v, scratch);
        expect(plain(arena.read(letter, v, n))).toEqual(plain(down.map((i) => x[i]!)));
        const sorted = x.every((a, i) => i === 0 || compare(letter, x[i - 1]!, a) <= 0);
        expect(get(`issorted_${letter}`)(at, n)).toBe(Number(sorted));
        expect(arena.strays()).toEqual([]);
      }
    });
    test(`bin_${letter} gives the last at or before, binr_${letter} the first at or after`, () => {
      const random = new Random(42);
      for (const nx of [0, 1, 2, 3, 7, 8, 33, 100]) {
        for (const n of [0, 1, 7, 8, 9, 40]) {
          arena.reset();
          const atX = arena.place(
            letter,
            random.values(letter, nx).sort((a, b) => compare(letter, a, b)),
          );
          const atY = arena.place(letter, random.values(letter, n));
          const x = arena.read(letter, atX, nx);
          const y = arena.read(letter, atY, n);
          const r = arena.room(n * 8);
          arena.kernels.get(`bin_${letter}`)(atX, nx, atY, n, r);
          expect(arena.read("j", r, n)).toEqual(
            y.map((b) => BigInt(x.filter((a) => compare(letter, a, b) <= 0).length - 1)),
          );
          arena.kernels.get(`binr_${letter}`)(atX, nx, atY, n, r);
          expect(arena.read("j", r, n)).toEqual(
            y.map((b) => BigInt(x.filter((a) => compare(letter, a, b) < 0).length)),
          );
          expect(arena.strays()).toEqual([]);
        }
      }
    });
  }
  test("guids are graded, and a grade inverts to ranks", () => {
    const random = new Random(43);
    for (const n of lengths) {
      arena.reset();
      const guids = Array.from({ length: n }, () =>
        Array.from({ length: 16 }, (_, i) => (i % 8 === 0 ? random.below(3) : 0)),
      );
      const at = arena.place("x", guids.flat());
      const r = arena.room(n * 8);
      const ranks = arena.room(n * 8);
      const scratch = arena.room(n * 8);
      const key = (i: number): string => guids[i]!.map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const up = [...guids.keys()].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
      const down = [...guids.keys()].sort((a, b) => (key(a) > key(b) ? -1 : key(a) < key(b) ? 1 : a - b));
      arena.kernels.get("idesc_g")(at, n, r, scratch);
      expect(arena.read("j", r, n)).toEqual(down.map(BigInt));
      arena.kernels.get("iasc_g")(at, n, r, scratch);
      expect(arena.read("j", r, n)).toEqual(up.map(BigInt));
      arena.kernels.get("invert_j")(r, n, ranks);
      const rank = arena.read("j", ranks, n).map(Number);
      expect(up.map((i) => rank[i])).toEqual([...guids.keys()]);
      expect(arena.strays()).toEqual([]);
    }
  });
});
