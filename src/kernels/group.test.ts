// The group family against maps keyed by text.
import { describe, expect, test } from "bun:test";
import { Arena, infinities, isNull, type Letter, lengths, Random, type Value } from "./arena.testing.ts";
import { hashBytes } from "./table.ts";

const arena = new Arena();
const { get } = arena.kernels;
const all: Letter[] = ["x", "h", "i", "j", "e", "f"];
const key = (a: Value): string => (typeof a === "bigint" ? String(a) : String(a + 0));

const least = (values: Value[], most: Value): Value => [...values, most].sort((a, b) => (a < b ? -1 : 1))[0]!;
const greatest = (values: Value[], most: Value): Value => [...values, most].sort((a, b) => (a > b ? -1 : 1))[0]!;

/** Few values, a small range, wide ones, all different. */
function* vectors(letter: Letter, random: Random): Generator<Value[]> {
  for (const n of [...lengths, 5000]) {
    yield random.values(letter, n, 3);
    yield random.values(letter, n, 1000);
    if (letter === "j") yield Array.from({ length: n }, (_, i) => BigInt(i) * 1_000_003n * 4096n);
    if (letter === "i") yield Array.from({ length: n }, () => 100 + random.below(2000));
    if (letter === "f") yield Array.from({ length: n }, (_, i) => (i % 2 === 0 ? i / 8 : [-0, 0, Number.NaN][i % 3]!));
  }
}

function groups(x: Value[]): { ids: number[]; first: number[] } {
  const seen = new Map<string, number>();
  const first: number[] = [];
  const ids = x.map((a, i) => {
    const k = key(a);
    let g = seen.get(k);
    if (g === undefined) {
      g = first.length;
      seen.set(k, g);
      first.push(i);
    }
    return g;
  });
  return { ids, first };
}

describe("equality in bulk", () => {
  for (const letter of all) {
    test(`ids_${letter} numbers the distinct in order of appearance`, () => {
      for (const values of vectors(letter, new Random(51))) {
        arena.reset();
        const n = values.length;
        const at = arena.place(letter, values);
        const want = groups(arena.read(letter, at, n));
        const ids = arena.room(n * 4);
        const first = arena.room(n * 8);
        const bytes = hashBytes(n);
        const scratch = arena.room(bytes);
        expect(get(`ids_${letter}`)(at, n, ids, first, scratch, bytes)).toBe(want.first.length);
        expect(arena.read("i", ids, n)).toEqual(want.ids);
        expect(arena.read("j", first, want.first.length)).toEqual(want.first.map(BigInt));
        expect(get(`ids_${letter}`)(at, n, 0, first, scratch, bytes)).toBe(want.first.length);
        expect(arena.read("j", first, want.first.length)).toEqual(want.first.map(BigInt));
        expect(arena.strays()).toEqual([]);
      }
    });
    test(`find_${letter}, in_${letter} and findone_${letter} look values up exactly`, () => {
      const random = new Random(52);
      for (const values of vectors(letter, new Random(53))) {
        for (const n of [0, 1, 3, 40]) {
          if (values.length > 300 && n !== 40) continue;
          arena.reset();
          const atX = arena.place(letter, values);
          const nx = values.length;
          const asked = Array.from({ length: n }, (_, i) =>
            i % 2 === 0 && nx > 0 ? values[random.below(nx)]! : random.value(letter),
          );
          const atY = arena.place(letter, asked);
          const x = arena.read(letter, atX, nx).map(key);
          const y = arena.read(letter, atY, n).map(key);
          const bytes = hashBytes(nx);
          const scratch = arena.room(bytes);
          const r = arena.room(n * 8);
          const want = y.map((b) => (x.includes(b) ? x.indexOf(b) : nx));
          get(`find_${letter}`)(atX, nx, atY, n, r, scratch, bytes);
          expect(arena.read("j", r, n)).toEqual(want.map(BigInt));
          const flags = arena.room(n);
          get(`in_${letter}`)(atX, nx, atY, n, flags, scratch, bytes);
          expect(arena.read("x", flags, n)).toEqual(want.map((i) => Number(i < nx)));
          if (n > 0) expect(get(`findone_${letter}`)(atX, nx, atY)).toBe(want[0]!);
          expect(arena.strays()).toEqual([]);
        }
      }
    });
  }
  test("guids are numbered and found", () => {
    const random = new Random(54);
    for (const n of lengths) {
      arena.reset();
      const guids = Array.from({ length: n }, () =>
        Array.from({ length: 16 }, (_, i) => (i % 9 === 2 ? random.below(3) : 7)),
      );
      const at = arena.place("x", guids.flat());
      const names = guids.map((g) => g.join("."));
      const first = [...names.keys()].filter((i) => names.indexOf(names[i]!) === i);
      const ids = arena.room(n * 4);
      const positions = arena.room(n * 8);
      const bytes = hashBytes(n);
      const scratch = arena.room(bytes);
      expect(get("ids_g")(at, n, ids, positions, scratch, bytes)).toBe(first.length);
      expect(arena.read("i", ids, n)).toEqual(names.map((name) => first.indexOf(names.indexOf(name))));
      const half = n >> 1;
      const r = arena.room(n * 8);
      get("find_g")(at, half, at, n, r, scratch, bytes);
      const want = names.map((name) => (names.slice(0, half).includes(name) ? names.indexOf(name) : half));
      expect(arena.read("j", r, n)).toEqual(want.map(BigInt));
      const flags = arena.room(n);
      get("in_g")(at, half, at, n, flags, scratch, bytes);
      expect(arena.read("x", flags, n)).toEqual(want.map((i) => Number(i < half)));
      if (n > 0) expect(get("findone_g")(at, half, at + 16 * (n - 1))).toBe(want[n - 1]!);
      expect(arena.strays()).toEqual([]);
    }
  });
});

describe("by group", () => {
  const random = new Random(55);
  /** Random numbers, and a run of each. */
  const idsOf = (n: number, count: number): number[][] => [
    Array.from({ length: n }, (_, i) => (i < count ? i : random.below(count))),
    Array.from({ length: n }, (_, i) => Math.floor((i * count) / n)),
  ];
  const split = (ids: number[], count: number): number[][] => {
    const lists: number[][] = Array.from({ length: count }, () => []);
    for (const [i, g] of ids.entries()) lists[g]!.push(i);
    return lists;
  };
  test("counts and positions list each group's items in order", () => {
    for (const n of [1, 2, 3, 4, 5, 40, 257]) {
      for (const count of [1, 2, 7, 40]) {
        if (count > n) continue;
        for (const ids of idsOf(n, count)) {
          arena.reset();
          const lists = split(ids, count);
          const at = arena.place("i", ids);
          const counts = arena.room(count * 8);
          const positions = arena.room(n * 8);
          get("counts_i")(at, n, count, counts, arena.room(count * 16));
          expect(arena.read("j", counts, count)).toEqual(lists.map((list) => BigInt(list.length)));
          get("positions_i")(at, n, count, counts, positions, arena.room(count * 4));
          expect(arena.read("j", positions, n)).toEqual(lists.flat().map(BigInt));
          const r = arena.room(count * 8);
          get("gfirst_i")(at, n, r);
          expect(arena.read("j", r, count)).toEqual(lists.map((list) => BigInt(list[0]!)));
          get("glast_i")(at, n, r);
          expect(arena.read("j", r, count)).toEqual(lists.map((list) => BigInt(list.at(-1)!)));
          expect(arena.strays()).toEqual([]);
        }
      }
    }
  });
  test("two group numbers combine to one", () => {
    arena.reset();
    const a = arena.place("i", [0, 1, 2, 3, 4, 70000]);
    const b = arena.place("i", [5, 4, 3, 2, 1, 0]);
    const r = arena.room(48);
    get("combine_j")(a, b, 100000, 6, r);
    expect(arena.read("j", r, 6)).toEqual([5n, 100004n, 200003n, 300002n, 400001n, 7000000000n]);
    get("combine_i")(a, b, 6, 6, r);
    expect(arena.read("i", r, 6)).toEqual([5, 10, 15, 20, 25, 420000]);
  });
  for (const letter of all) {
    test(`gsum_${letter}, gmin, gmax${letter === "x" ? "" : ", gcount"} and gprd skip nulls`, () => {
      for (const n of [0, 1, 2, 3, 5, 40, 257]) {
        for (const count of [1, 3, 9000]) {
          for (const ids of idsOf(n, Math.min(count, Math.max(n, 1)))) {
            arena.reset();
            const isFloat = letter === "e" || letter === "f";
            const at = arena.place(
              letter,
              random
                .values(letter, n)
                .map((a) => (isFloat && Number.isFinite(a as number) ? Math.round((a as number) % 1000) : a)),
            );
            const x = arena.read(letter, at, n);
            const atIds = arena.place("i", ids);
            const lists = split(ids, count).map((list) => list.map((i) => x[i]!).filter((a) => !isNull(letter, a)));
            const r = arena.room(count * 8);
            const scratch = arena.room(count * 24);
            const plain = (values: Value[]): Value[] => values.map((a) => (Object.is(a, -0) ? 0 : a));
            get(`gsum_${letter}`)(atIds, at, n, count, r, scratch);
            if (isFloat)
              expect(plain(arena.read("f", r, count))).toEqual(
                plain(lists.map((list) => (list as number[]).reduce((a, b) => a + b, 0))),
              );
            else
              expect(arena.read("j", r, count)).toEqual(
                lists.map((list) =>
                  BigInt.asIntN(
                    64,
                    list.reduce<bigint>((a, b) => a + BigInt(b), 0n),
                  ),
                ),
              );
            get(`gprd_${letter}`)(atIds, at, n, count, r);
            if (isFloat)
              expect(plain(arena.read("f", r, count))).toEqual(
                plain(lists.map((list) => (list as number[]).reduce((a, b) => a * b, 1))),
              );
            else
              expect(arena.read("j", r, count)).toEqual(
                lists.map((list) => list.reduce<bigint>((a, b) => BigInt.asIntN(64, a * BigInt(b)), 1n)),
              );
            const [high, low] = infinities[letter];
            get(`gmin_${letter}`)(atIds, at, n, count, r);
            expect(plain(arena.read(letter, r, count))).toEqual(plain(lists.map((list) => least(list, high))));
            get(`gmax_${letter}`)(atIds, at, n, count, r);
            expect(plain(arena.read(letter, r, count))).toEqual(plain(lists.map((list) => greatest(list, low))));
            if (letter !== "x") {
              get(`gcount_${letter}`)(atIds, at, n, count, r, scratch);
              expect(arena.read("j", r, count)).toEqual(lists.map((list) => BigInt(list.length)));
            }
            expect(arena.strays()).toEqual([]);
          }
        }
      }
    });
  }
  test("gdot, gfsum and gsqdev", () => {
    for (const [left, right] of ["ff", "jf", "fj", "jj", "if", "fi", "ii"].map((s) => [...s] as [Letter, Letter])) {
      for (const n of [0, 1, 3, 4, 40, 101]) {
        for (const ids of idsOf(n, Math.max(1, Math.min(n, 5)))) {
          arena.reset();
          const some = (letter: Letter): Value[] =>
            Array.from({ length: n }, () =>
              random.below(8) === 0
                ? random.value(letter, 1)
                : letter === "j"
                  ? BigInt(random.below(90))
                  : random.below(90),
            ).map((a) =>
              Number.isFinite(Number(a)) && Math.abs(Number(a)) < 1e6
                ? a
                : isNull(letter, a)
                  ? a
                  : letter === "j"
                    ? 3n
                    : 3,
            );
          const x = some(left);
          const y = some(right);
          const atIds = arena.place("i", ids);
          const atX = arena.place(left, x);
          const r = arena.room(5 * 16);
          get(`gdot_${left}${right}`)(atIds, atX, arena.place(right, y), n, 5, r, arena.room(5 * 48));
          const lists = split(ids, 5).map((list) => list.filter((i) => !isNull(left, x[i]!) && !isNull(right, y[i]!)));
          const want = lists.flatMap((list) => [
            list.reduce((s, i) => s + Number(x[i]) * Number(y[i]), 0),
            list.reduce((s, i) => s + Number(x[i]), 0),
          ]);
          (arena.read("f", r, 10) as number[]).forEach((got, i) => {
            expect(Math.abs(got - want[i]!)).toBeLessThan(1e-6);
          });
          const means = arena.place("f", [1, 2, 3, 4, 5]);
          get(`gsqdev_${left}`)(atIds, atX, n, 5, means, r, arena.room(5 * 24));
          const squares = split(ids, 5).map((list, g) =>
            list.filter((i) => !isNull(left, x[i]!)).reduce((s, i) => s + (Number(x[i]) - g - 1) ** 2, 0),
          );
          (arena.read("f", r, 5) as number[]).forEach((got, i) => {
            expect(Math.abs(got - squares[i]!)).toBeLessThan(1e-6);
          });
          if (left === "j") {
            get("gfsum_j")(atIds, atX, n, 5, r, arena.room(5 * 24));
            expect(arena.read("f", r, 5)).toEqual(
              split(ids, 5).map((list) =>
                list.filter((i) => !isNull("j", x[i]!)).reduce((s, i) => s + Number(x[i]), 0),
              ),
            );
          }
          expect(arena.strays()).toEqual([]);
        }
      }
    }
  });
});
