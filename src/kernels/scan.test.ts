// The scan family against a plain function of each prefix or window.
import { describe, expect, test } from "bun:test";
import { Arena, infinities, isNull, type Letter, lengths, nulls, Random, type Value } from "./arena.testing.ts";

const arena = new Arena();
const all: Letter[] = ["x", "h", "i", "j", "e", "f"];
const numbers: Letter[] = ["i", "j", "e", "f"];
const isFloat = (letter: string): boolean => letter === "e" || letter === "f";
const wrap = (letter: Letter, a: bigint): Value =>
  letter === "j" ? BigInt.asIntN(64, a) : Number(BigInt.asIntN(32, a));
const less = (a: Value, b: Value): boolean => a < b;

/** Whole small floats, so that sums are exact in any order. */
function exact(random: Random, letter: Letter, n: number): Value[] {
  return random
    .values(letter, n)
    .map((a) => (isFloat(letter) && Number.isFinite(a as number) ? Math.round((a as number) % 1000) + 0 : a));
}

function run(name: string, letter: Letter, result: Letter, x: Value[], ...rest: number[]): Value[] {
  const at = arena.place(letter, x);
  const stored = arena.read(letter, at, x.length);
  x.splice(0, x.length, ...stored);
  const r = arena.room(x.length * 8);
  const scratch = arena.room(x.length * 8 + 8);
  const takes = arena.kernels.row(name)!.args.endsWith("scratch");
  arena.kernels.get(name)(at, x.length, ...rest, r, ...(takes ? [scratch] : []));
  expect(arena.strays()).toEqual([]);
  return arena.read(result, r, x.length).map((a) => (Object.is(a, -0) ? 0 : a));
}

describe("running", () => {
  for (const letter of numbers) {
    test(`sums_${letter} and prds_${letter} take nulls as 0 and 1`, () => {
      const random = new Random(31);
      for (const n of lengths) {
        arena.reset();
        const x = exact(random, letter, n);
        const sums = run(`sums_${letter}`, letter, letter, x);
        const prds = run(`prds_${letter}`, letter, letter, x);
        if (isFloat(letter)) {
          const round = letter === "e" ? Math.fround : (a: number): number => a;
          let s = 0;
          let p = 1;
          const want = x.map((a) => {
            if (!isNull(letter, a)) {
              s = round(s + (a as number));
              p = round(p * (a as number));
            }
            return [s, p];
          });
          expect(sums).toEqual(want.map(([a]) => a! + 0));
          expect(prds).toEqual(want.map(([, a]) => a! + 0));
        } else {
          let s = 0n;
          let p = 1n;
          const want = x.map((a) => {
            if (!isNull(letter, a)) {
              s += BigInt(a);
              p = BigInt(wrap(letter, p * BigInt(a)));
            }
            return [wrap(letter, s), wrap(letter, p)];
          });
          expect(sums).toEqual(want.map(([a]) => a!));
          expect(prds).toEqual(want.map(([, a]) => a!));
        }
      }
    });
  }
  for (const letter of all) {
    test(`mins_${letter} and maxs_${letter} skip nulls`, () => {
      const random = new Random(32);
      for (const n of lengths) {
        arena.reset();
        const x = exact(random, letter, n);
        const [high, low] = infinities[letter];
        let least = high;
        let most = low;
        const mins = run(`mins_${letter}`, letter, letter, x);
        const maxs = run(`maxs_${letter}`, letter, letter, x);
        const want = x.map((a) => {
          if (!isNull(letter, a) && less(a, least)) least = a;
          if (!isNull(letter, a) && less(most, a)) most = a;
          return [least, most];
        });
        expect(mins).toEqual(want.map(([a]) => a!));
        expect(maxs).toEqual(want.map(([, a]) => a!));
      }
    });
  }
  test("avgs skips nulls", () => {
    arena.reset();
    expect(run("avgs_f", "f", "f", [1, 2, 3, Number.NaN, 4, -Infinity, Infinity])).toEqual([
      1,
      1.5,
      2,
      2,
      2.5,
      -Infinity,
      Number.NaN,
    ]);
  });
  test("ema weighs the new item by a, one for all or one for each", () => {
    arena.reset();
    const y = arena.place("f", [1, 0, 0, 5]);
    const r = arena.room(32);
    arena.kernels.get("ema_f")(arena.place("f", [0.25]), 1, y, 4, r);
    expect(arena.read("f", r, 4)).toEqual([1, 0.75, 0.5625, 0.5625 * 0.75 + 1.25]);
    arena.kernels.get("ema_f")(arena.place("f", [0.5, 0.5, 1, 0]), 0, y, 4, r);
    expect(arena.read("f", r, 4)).toEqual([1, 0.5, 0, 0]);
    arena.kernels.get("ema_f")(y, 1, y, 0, r);
    expect(arena.strays()).toEqual([]);
  });
  test("fills carries the last value over nulls", () => {
    const random = new Random(33);
    for (const letter of ["h", "i", "j", "e", "f"] as Letter[]) {
      for (const n of lengths) {
        arena.reset();
        const x = random.values(letter, n);
        const got = run(`fills_${letter}`, letter, letter, x);
        let last: Value = nulls[letter]!;
        expect(got).toEqual(x.map((a) => ((last = isNull(letter, a) ? last : a) === 0 ? 0 : last)));
      }
    }
    arena.reset();
    expect(run("fills_c", "x", "x", [32, 65, 32, 66])).toEqual([32, 65, 65, 66]);
    expect(run("fills_s", "i", "i", [0, 7, 0, 9])).toEqual([0, 7, 7, 9]);
    const g = arena.place("j", [0n, 0n, 1n, 0n, 0n, 0n]);
    arena.kernels.get("fills_g")(g, 3, g);
    expect(arena.read("j", g, 6)).toEqual([0n, 0n, 1n, 0n, 1n, 0n]);
  });
});

describe("moving", () => {
  const widths = [0, 1, 2, 3, 5, 20, 300];
  const windows = (x: Value[], w: number): Value[][] => x.map((_, i) => x.slice(Math.max(0, i - w + 1), i + 1));
  for (const letter of numbers) {
    test(`msum_${letter} takes nulls as 0`, () => {
      const random = new Random(34);
      for (const n of [...lengths, 1100]) {
        for (const w of widths) {
          arena.reset();
          const x = exact(random, letter, n);
          if (n === 1100 && w % 2 === 1) for (let i = 10; i < 1090; i++) x[i] = letter === "j" ? BigInt(i) : i;
          const got = run(`msum_${letter}`, letter, letter, x, w);
          const want = windows(x, w).map((part) => {
            const some = part.filter((a) => !isNull(letter, a));
            if (isFloat(letter)) return (some as number[]).reduce((a, b) => a + b, 0);
            return wrap(
              letter,
              some.reduce<bigint>((a, b) => a + BigInt(b), 0n),
            );
          });
          expect({ w, n, got }).toEqual({ w, n, got: want.map((a) => (Object.is(a, -0) ? 0 : a)) });
        }
      }
    });
  }
  test("mavg and mdev skip nulls; infinities leave with their window", () => {
    const random = new Random(35);
    for (const n of [...lengths, 3000]) {
      for (const w of widths) {
        for (const clean of [true, false]) {
          arena.reset();
          const x = exact(random, "f", n).map((a, i) =>
            clean && !Number.isFinite(a as number) ? i % 7 : a,
          ) as number[];
          if (!clean && n === 3000) for (let i = 0; i < n; i++) if (i % 900 > 5) x[i] = i % 11;
          const avg = run("mavg_f", "f", "f", x, w);
          const dev = run("mdev_f", "f", "f", x, w) as number[];
          windows(x, w).forEach((part, i) => {
            const some = (part as number[]).filter((a) => !Number.isNaN(a));
            const mean = some.reduce((a, b) => a + b, 0) / some.length;
            if (avg[i] !== mean && !(Number.isNaN(avg[i]) && Number.isNaN(mean)))
              expect(avg[i] as number).toBeCloseTo(mean, 9);
            const variance = some.reduce((a, b) => a + (b - mean) ** 2, 0) / some.length;
            if (Number.isNaN(variance)) expect(dev[i]).toBeNaN();
            else expect(Math.abs(dev[i]! ** 2 - variance)).toBeLessThan(1e-6);
          });
        }
      }
    }
  });
  test("the reference's examples", () => {
    const N = Number.NaN;
    arena.reset();
    expect(run("mavg_f", "f", "f", [1, 2, 3, 5, 7, 10], 2)).toEqual([1, 1.5, 2.5, 4, 6, 8.5]);
    expect(run("mavg_f", "f", "f", [N, 2, N, 5, 7, N], 5)).toEqual([N, 2, 2, 3.5, 14 / 3, 14 / 3]);
    expect(run("mdev_f", "f", "f", [1, 2, 3, 5, 7, 10], 2)).toEqual([0, 0.5, 0.5, 1, 1, 1.5]);
    const n = nulls.j as bigint;
    const w = infinities.j[1] as bigint;
    expect(run("mmax_j", "j", "j", [n, -3n, -2n, n, 1n, 0n], 3)).toEqual([w, -3n, -2n, -2n, 1n, 1n]);
    expect(run("mmin_j", "j", "j", [n, -3n, -2n, 1n, w, 0n], 3)).toEqual([n, n, n, -3n, w, w]);
    expect(run("mcount_j", "j", "i", [n, 1n, 2n, 3n, n, 5n], 3)).toEqual([0, 1, 2, 3, 2, 2]);
  });
  for (const letter of all) {
    test(`mmin_${letter}, mmax_${letter}${letter === "x" ? "" : ` and mcount_${letter}`} look at each window`, () => {
      const random = new Random(36);
      for (const n of lengths) {
        for (const w of widths.slice(1)) {
          arena.reset();
          const x = exact(random, letter, n);
          const [high, low] = infinities[letter];
          const least = (part: Value[]): Value =>
            part.some((a) => isNull(letter, a)) ? nulls[letter]! : part.reduce((a, b) => (less(b, a) ? b : a), high);
          const most = (part: Value[]): Value =>
            part.filter((a) => !isNull(letter, a)).reduce((a, b) => (less(a, b) ? b : a), low);
          const parts = windows(arena.read(letter, arena.place(letter, x), n), w);
          expect(run(`mmin_${letter}`, letter, letter, x, w)).toEqual(parts.map(least));
          expect(run(`mmax_${letter}`, letter, letter, x, w)).toEqual(parts.map(most));
          if (letter !== "x") {
            expect(run(`mcount_${letter}`, letter, "i", x, w)).toEqual(
              parts.map((part) => part.filter((a) => !isNull(letter, a)).length),
            );
          }
        }
      }
    });
  }
});
