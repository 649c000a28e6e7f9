// The join family against filters.
import { describe, expect, test } from "bun:test";
import { Arena, infinities, isNull, type Letter, nulls, Random, type Value } from "./arena.testing.ts";

const arena = new Arena();
const { get } = arena.kernels;
const rank = (letter: Letter, a: Value): number => (isNull(letter, a) ? Number.NEGATIVE_INFINITY : Number(a));
const NONE = nulls.j as bigint;

describe("as-of", () => {
  for (const letter of ["i", "j", "f"] as Letter[]) {
    test(`asof_${letter} finds the last row at or before, asofr_${letter} the first at or after, in any order of the left`, () => {
      const random = new Random(61);
      for (const spread of [5, 60, 3000]) {
        for (const n of [0, 1, 7, 200]) {
          for (const order of ["random", "time", "group"]) {
            arena.reset();
            const time = (): Value =>
              random.below(40) === 0
                ? nulls[letter]!
                : letter === "j"
                  ? BigInt(random.below(spread))
                  : random.below(spread);
            const byTime = (a: Value, b: Value): number => rank(letter, a) - rank(letter, b) || 0;
            const groups = 4;
            const segments = Array.from({ length: groups }, (_, g) =>
              Array.from({ length: [0, 1, 30, 300][g]! }, time).sort(byTime),
            );
            const starts: number[] = [];
            for (let g = 0, at = 0; g < groups; at += segments[g++]!.length) starts.push(at);
            const ends = starts.map((start, g) => start + segments[g]!.length);
            const times = segments.flat();
            const rows = Array.from({ length: n }, () => ({ g: random.below(groups + 1), t: time() }));
            if (order !== "random") rows.sort((a, b) => (order === "group" ? a.g - b.g : 0) || byTime(a.t, b.t));
            const atIds = arena.place(
              "j",
              rows.map(({ g }) => (g === groups && random.below(2) ? NONE : BigInt(g))),
            );
            const atT = arena.place(
              letter,
              rows.map(({ t }) => t),
            );
            const atStarts = arena.place("j", starts.map(BigInt));
            const atEnds = arena.place("j", ends.map(BigInt));
            const atTimes = arena.place(letter, times);
            const r = arena.room(n * 8);
            const cursors = arena.room(groups * 4);
            get(`asof_${letter}`)(atIds, atT, n, atStarts, atEnds, groups, atTimes, r, cursors);
            const upTo = rows.map(({ g, t }) =>
              g === groups ? 0 : segments[g]!.filter((a) => rank(letter, a) <= rank(letter, t)).length,
            );
            expect(arena.read("j", r, n)).toEqual(
              rows.map(({ g }, i) => (upTo[i] === 0 ? NONE : BigInt(starts[g]! + upTo[i]! - 1))),
            );
            get(`asofr_${letter}`)(atIds, atT, n, atStarts, atEnds, groups, atTimes, r, cursors);
            const below = rows.map(({ g, t }) =>
              g === groups ? 0 : starts[g]! + segments[g]!.filter((a) => rank(letter, a) < rank(letter, t)).length,
            );
            expect(arena.read("j", r, n)).toEqual(below.map(BigInt));
            // the same rows shuffled, reached through positions
            const shuffled = [...times.keys()].sort((a, b) => ((a * 7919) % 331) - ((b * 7919) % 331) || a - b);
            const place = new Map(shuffled.map((row, at) => [row, at]));
            const at = arena.place(
              "j",
              times.map((_, row) => BigInt(place.get(row)!)),
            );
            const mixed = arena.place(
              letter,
              shuffled.map((row) => times[row]!),
            );
            get(`asofg_${letter}`)(atIds, atT, n, atStarts, atEnds, groups, mixed, at, r, cursors);
            expect(arena.read("j", r, n)).toEqual(
              rows.map(({ g }, i) => (upTo[i] === 0 ? NONE : BigInt(place.get(starts[g]! + upTo[i]! - 1)!))),
            );
            expect(arena.strays()).toEqual([]);
          }
        }
      }
    });
  }
});

describe("windows", () => {
  for (const letter of ["x", "h", "i", "j", "e", "f"] as Letter[]) {
    test(`winsum_${letter}, winmin_${letter} and winmax_${letter} look at the rows from..to`, () => {
      const random = new Random(62);
      arena.reset();
      const isFloat = letter === "e" || letter === "f";
      const at = arena.place(
        letter,
        random
          .values(letter, 50)
          .map((a) => (isFloat && Number.isFinite(a as number) ? Math.round((a as number) % 1000) : a)),
      );
      const x = arena.read(letter, at, 50);
      const windows = Array.from({ length: 60 }, (_, i) =>
        i < 30 ? ([random.below(50), random.below(50)] as const) : ([(i - 30) >> 1, Math.min(49, i - 10)] as const),
      );
      const from = arena.place(
        "j",
        windows.map(([a]) => BigInt(a)),
      );
      const to = arena.place(
        "j",
        windows.map(([, b], i) => (i % 9 === 0 ? NONE : BigInt(b))),
      );
      const parts = windows.map(([a, b], i) =>
        (i % 9 === 0 ? [] : x.slice(a, b + 1)).filter((v) => !isNull(letter, v)),
      );
      const r = arena.room(480);
      const counts = arena.room(480);
      const plain = (values: Value[]): Value[] => values.map((a) => (Object.is(a, -0) ? 0 : a));
      get(`winsum_${letter}`)(from, to, at, 60, r, counts);
      if (isFloat)
        expect(plain(arena.read("f", r, 60))).toEqual(
          plain(parts.map((part) => (part as number[]).reduce((a, b) => a + b, 0))),
        );
      else
        expect(arena.read("j", r, 60)).toEqual(
          parts.map((part) =>
            BigInt.asIntN(
              64,
              part.reduce<bigint>((a, b) => a + BigInt(b), 0n),
            ),
          ),
        );
      expect(arena.read("j", counts, 60)).toEqual(parts.map((part) => BigInt(part.length)));
      const [high, low] = infinities[letter];
      const sorted = parts.map((part) => [...part].sort((a, b) => (a < b ? -1 : 1)));
      get(`winmin_${letter}`)(from, to, at, 60, r);
      expect(plain(arena.read(letter, r, 60))).toEqual(plain(sorted.map((part) => part[0] ?? high)));
      get(`winmax_${letter}`)(from, to, at, 60, r);
      expect(plain(arena.read(letter, r, 60))).toEqual(plain(sorted.map((part) => part.at(-1) ?? low)));
      expect(arena.strays()).toEqual([]);
    });
  }
});
