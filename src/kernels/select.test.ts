// The select family against plain array methods.
import { describe, expect, test } from "bun:test";
import { Arena, isNull, type Letter, lengths, nulls, Random, type Value } from "./arena.testing.ts";

const arena = new Arena();
const letterOfWidth: [number, Letter][] = [
  [1, "x"],
  [2, "h"],
  [4, "i"],
  [8, "j"],
];
const densities = [0, 1, 5, 9, 10];

function booleans(random: Random, n: number, tenths: number): number[] {
  return Array.from({ length: n }, () => Number(random.below(10) < tenths));
}
const ones = (b: number[]): number[] => b.flatMap((bit, i) => (bit ? [i] : []));
/** Sixteen-byte items as pairs of longs. */
const pairs = (n: number): bigint[] => Array.from({ length: 2 * n }, (_, i) => BigInt(i * 77 - 5));

describe("select", () => {
  test("where gives the indices of the ones, compress the items there", () => {
    const random = new Random(1);
    for (const tenths of densities) {
      for (const n of [...lengths, 1000]) {
        arena.reset();
        const b = booleans(random, n, tenths);
        const at = ones(b);
        const atB = arena.place("x", b);
        const r = arena.room(at.length * 8);
        arena.kernels.get("where_b")(atB, n, r, at.length);
        expect(arena.read("j", r, at.length)).toEqual(at.map(BigInt));
        for (const [width, letter] of letterOfWidth) {
          const x = random.values(letter, n);
          const to = arena.room(at.length * width);
          arena.kernels.get(`compress_${width}`)(arena.place(letter, x), atB, to, at.length);
          expect(arena.read(letter, to, at.length)).toEqual(at.map((i) => x[i]!));
        }
        const wide = pairs(n);
        const to = arena.room(at.length * 16);
        arena.kernels.get("compress_16")(arena.place("j", wide), atB, to, at.length);
        expect(arena.read("j", to, at.length * 2)).toEqual(at.flatMap((i) => wide.slice(2 * i, 2 * i + 2)));
        expect(arena.strays()).toEqual([]);
      }
    }
  });
  test("any byte that is not zero counts as true, so that a damaged column cannot lead astray", () => {
    arena.reset();
    const b = Array.from({ length: 67 }, (_, i) => [0, 1, 2, 128, 255, 0][i % 6]!);
    const at = ones(b);
    const atB = arena.place("x", b);
    expect(arena.kernels.get("count_b")(atB, 67)).toBe(at.length);
    const r = arena.room(at.length * 8);
    arena.kernels.get("where_b")(atB, 67, r, at.length);
    expect(arena.read("j", r, at.length)).toEqual(at.map(BigInt));
    const x = Array.from({ length: 67 }, (_, i) => BigInt(i));
    arena.kernels.get("compress_8")(arena.place("j", x), atB, r, at.length);
    expect(arena.read("j", r, at.length)).toEqual(at.map(BigInt));
    expect(arena.strays()).toEqual([]);
  });
  test("where of counts repeats each index", () => {
    arena.reset();
    const r = arena.room(48);
    arena.kernels.get("where_j")(arena.place("j", [2n, 3n, 0n, 1n]), 4, r);
    expect(arena.read("j", r, 6)).toEqual([0n, 0n, 1n, 1n, 1n, 3n]);
    expect(arena.strays()).toEqual([]);
  });
  test("an index out of range gives the missing item, in every width, by long and by int", () => {
    const random = new Random(2);
    for (const kind of ["j", "i"] as Letter[]) {
      for (const n of lengths) {
        for (const spread of [7, 9]) {
          arena.reset();
          const at = Array.from({ length: n }, () => random.below(spread) - (spread === 9 ? 1 : 0));
          if (n > 5 && spread === 9) at[3] = kind === "i" ? -2147483648 : -(2 ** 53);
          const atAt = arena.place(kind, kind === "j" ? at.map(BigInt) : at);
          for (const [width, letter] of letterOfWidth) {
            const x = random.values(letter, 7);
            const missing = nulls[letter] ?? 32;
            const r = arena.room(n * width);
            arena.kernels.get(`index_${kind}${width}`)(
              arena.place(letter, x),
              7,
              atAt,
              n,
              r,
              arena.place(letter, [missing]),
            );
            expect(arena.read(letter, r, n)).toEqual(at.map((i) => x[i] ?? missing));
          }
          const wide = pairs(7);
          const r = arena.room(n * 16);
          arena.kernels.get(`index_${kind}16`)(arena.place("j", wide), 7, atAt, n, r, arena.place("j", [0n, 0n]));
          expect(arena.read("j", r, 2 * n)).toEqual(at.flatMap((i) => [wide[2 * i] ?? 0n, wide[2 * i + 1] ?? 0n]));
          const good = at.every((i) => i >= 0 && i < 7);
          expect(arena.kernels.get(`inrange_${kind}`)(atAt, n, 7)).toBe(Number(good));
          expect(arena.strays()).toEqual([]);
        }
      }
    }
  });
  test("put assigns in order, so the last of equal indices stays", () => {
    const random = new Random(3);
    for (const [width, letter] of letterOfWidth) {
      for (const one of [0, 1]) {
        arena.reset();
        const x = random.values(letter, 10);
        const v = random.values(letter, 20);
        const at = Array.from({ length: 20 }, () => random.below(10));
        const atX = arena.place(letter, x);
        arena.kernels.get(`put_${width}`)(atX, arena.place("j", at.map(BigInt)), 20, arena.place(letter, v), one);
        const expected = [...x];
        at.forEach((to, k) => {
          expected[to] = v[one ? 0 : k]!;
        });
        expect(arena.read(letter, atX, 10)).toEqual(expected);
      }
    }
    arena.reset();
    const x = arena.place("j", [1n, 2n, 3n, 4n]);
    arena.kernels.get("put_16")(x, arena.place("j", [1n]), 1, arena.place("j", [8n, 9n]), 1);
    expect(arena.read("j", x, 4)).toEqual([1n, 2n, 8n, 9n]);
    expect(arena.strays()).toEqual([]);
  });
  test("amending with an operator accumulates over equal indices and keeps nulls", () => {
    const random = new Random(4);
    const operators: Record<string, (a: number, b: number) => number> = {
      add: (a, b) => a + b,
      sub: (a, b) => a - b,
      mul: (a, b) => a * b,
    };
    for (const letter of ["i", "j", "f"] as Letter[]) {
      for (const [name, operator] of Object.entries(operators)) {
        arena.reset();
        const make = (n: number): Value[] =>
          Array.from({ length: n }, () =>
            random.below(9) === 0 ? nulls[letter]! : letter === "j" ? BigInt(random.below(9)) : random.below(9),
          );
        const x = make(40);
        const v = make(60);
        const at = Array.from({ length: 60 }, () => random.below(40));
        const atX = arena.place(letter, x);
        arena.kernels.get(`${name}at_${letter}`)(atX, arena.place("j", at.map(BigInt)), 60, arena.place(letter, v), 0);
        const expected = [...x];
        at.forEach((to, k) => {
          const a = expected[to]!;
          const b = v[k]!;
          if (isNull(letter, a) || isNull(letter, b)) expected[to] = nulls[letter]!;
          else expected[to] = letter === "j" ? BigInt(operator(Number(a), Number(b))) : operator(Number(a), Number(b));
        });
        expect(arena.read(letter, atX, 40)).toEqual(expected);
      }
      arena.reset();
      const number = (a: number): Value => (letter === "j" ? BigInt(a) : a);
      const x = arena.place(letter, [number(5), nulls[letter]!, number(2)]);
      const at = arena.place("j", [0n, 1n, 2n, 0n]);
      const v = arena.place(letter, [number(7), number(1), nulls[letter]!, number(6)]);
      arena.kernels.get(`greaterat_${letter}`)(x, at, 4, v, 0);
      expect(arena.read(letter, x, 3)).toEqual([number(7), number(1), number(2)]);
      arena.kernels.get(`lesserat_${letter}`)(x, at, 4, v, 0);
      expect(arena.read(letter, x, 3)).toEqual([number(6), number(1), nulls[letter]!]);
    }
  });
  test("spread, zero, copy, reverse and til", () => {
    for (const n of lengths) {
      for (const [width, letter] of letterOfWidth) {
        arena.reset();
        const x = new Random(n + width).values(letter, n + 1);
        const atX = arena.place(letter, x);
        const r = arena.room(n * width);
        arena.kernels.get(`spread_${width}`)(r, n, atX);
        expect(arena.read(letter, r, n)).toEqual(Array(n).fill(x[0]));
        arena.kernels.get(`reverse_${width}`)(atX, n, r);
        expect(arena.read(letter, r, n)).toEqual(x.slice(0, n).reverse());
        arena.kernels.get("copy")(r, atX, n * width);
        expect(arena.read(letter, r, n)).toEqual(x.slice(0, n));
        arena.kernels.get("zero")(r, n * width);
        expect(arena.read(letter, r, n).every((a) => Number(a) === 0)).toBe(true);
        expect(arena.strays()).toEqual([]);
      }
      arena.reset();
      const wide = pairs(n + 1);
      const x = arena.place("j", wide);
      const r = arena.room(n * 16);
      arena.kernels.get("reverse_16")(x, n, r);
      expect(arena.read("j", r, 2 * n)).toEqual(
        Array.from({ length: n }, (_, i) => wide.slice(2 * (n - 1 - i), 2 * (n - i))).flat(),
      );
      arena.kernels.get("spread_16")(r, n, x);
      expect(arena.read("j", r, 2 * n)).toEqual(Array.from({ length: n }, () => wide.slice(0, 2)).flat());
      const t = arena.room(n * 8);
      arena.kernels.get("til_j")(t, n);
      expect(arena.read("j", t, n)).toEqual(Array.from({ length: n }, (_, i) => BigInt(i)));
      arena.kernels.get("iota_j")(t, n, arena.place("j", [-5n]), arena.place("j", [3n]));
      expect(arena.read("j", t, n)).toEqual(Array.from({ length: n }, (_, i) => BigInt(3 * i - 5)));
      const u = arena.room(n * 4);
      arena.kernels.get("til_i")(u, n);
      expect(arena.read("i", u, n)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(arena.strays()).toEqual([]);
    }
  });
  test("cycle repeats a vector from where it is told", () => {
    for (const size of [1, 2, 3, 7, 16]) {
      for (const start of [0, 1, size - 1]) {
        for (const n of [0, 1, 2, 5, 16, 17, 40, 100]) {
          if (start >= size) continue;
          arena.reset();
          const x = Array.from({ length: size }, (_, i) => i + 1);
          const r = arena.room(n);
          arena.kernels.get("cycle")(arena.place("x", x), size, start, r, n);
          expect(arena.read("x", r, n)).toEqual(Array.from({ length: n }, (_, i) => x[(start + i) % size]!));
          expect(arena.strays()).toEqual([]);
        }
      }
    }
  });
});
