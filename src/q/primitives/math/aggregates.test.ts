// Aggregates, running and moving functions of vectors, beside their definitions written out over items: every numeric and
// temporal type, lengths around the kernels' blocks, nulls and infinities among them.

import { expect, test } from "bun:test";
import { datatypeOf, INT_NULL, LONG_NULL, T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { Session } from "#values/session.ts";
import type { Atom, AtomValue, PrimitiveRow, Value, Vector } from "#values/values.ts";
import { elementAt, itemAt, long, vectorOf } from "#values/vectors.ts";
import { fills } from "../logic/fill.ts";
import { nullTest } from "../logic/null.ts";
import { asc, iasc } from "../sort/asc.ts";
import { bin, binr } from "../sort/bin.ts";
import { desc, idesc } from "../sort/desc.ts";
import { rank } from "../sort/rank.ts";
import { avg, avgs, mavg } from "./avg.ts";
import { deltas } from "./deltas.ts";
import { max, maxs } from "./max.ts";
import { mcount } from "./mcount.ts";
import { min, mins, mmin } from "./min.ts";
import { msum, sum, sums } from "./sum.ts";
import { subtract } from "./subtract.ts";

const session = {} as Session;
const run = (row: PrimitiveRow, ...args: Value[]): Value => row.run(session, ...args);

let seed = 99;
const random = (limit: number): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return Math.floor((seed / 4294967296) * limit);
};
const types = [T.boolean, T.byte, T.short, T.int, T.long, T.real, T.float, T.date, T.timestamp, T.timespan, T.time];

function sample(type: number, count: number): Vector {
  const d = datatypeOf(type)!;
  const one = (): AtomValue => {
    if (type === T.boolean) return random(2);
    if (type !== T.byte && random(6) === 0) return d.nullValue;
    const v = random(200) - (type === T.byte ? 0 : 100);
    if (d.holding === "float") return v / 4;
    return type === T.timestamp ? 755555555123456789n + BigInt(v) : type === T.byte ? Math.abs(v) : v;
  };
  return vectorOf(type, Array.from({ length: count }, one));
}
const items = (v: Value): AtomValue[] =>
  Array.from({ length: (v as Vector).count }, (_, i) => elementAt(v as Vector, i));
/** Compares as the values that printing would show: a float's last bits depend on the order of adding. */
const near = (a: AtomValue, b: AtomValue): boolean => {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a === "bigint" || typeof b === "bigint") return BigInt(a) === BigInt(b);
  return (
    typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b))
  );
};
const add = (a: AtomValue, b: AtomValue): AtomValue =>
  typeof a === "bigint" || typeof b === "bigint"
    ? BigInt.asIntN(64, BigInt(a) + BigInt(b))
    : (a as number) + (b as number);
const least = (a: AtomValue, b: AtomValue): AtomValue => (b < a ? b : a);
const most = (a: AtomValue, b: AtomValue): AtomValue => (b > a ? b : a);

const start = mark();
function forEverySample(
  check: (
    v: Vector,
    values: AtomValue[],
    present: AtomValue[],
    isNull: (v: AtomValue) => boolean,
  ) => string | undefined,
): string[] {
  const wrong: string[] = [];
  for (const type of types) {
    for (const count of [0, 1, 2, 7, 16, 33, 100]) {
      const v = sample(type, count);
      const values = items(v);
      const isNull = nullTest(type);
      const message = check(
        v,
        values,
        values.filter((x) => !isNull(x)),
        isNull,
      );
      if (message !== undefined) wrong.push(`${datatypeOf(type)!.name}, ${count} items: ${message}`);
      sweep(start);
    }
  }
  return wrong;
}
const same = (got: Value, want: AtomValue[], what: string): string | undefined => {
  const have = got.kind === "atom" ? [got.value] : items(got);
  const at = want.findIndex((w, i) => !near(have[i], w));
  if (have.length === want.length && at < 0) return undefined;
  return `${what}: item ${at} is ${String(have[at])}, should be ${String(want[at])}`;
};

test("sum, avg, min and max pass over nulls", () => {
  expect(
    forEverySample((v, _values, present) => {
      const total = present.reduce(add, 0);
      const infinity = datatypeOf(v.type)!.infinity ?? (v.type === T.byte ? 255 : 1);
      const lowest = datatypeOf(v.type)!.negativeInfinity ?? 0;
      return (
        same(run(sum, v), [total], "sum") ??
        same(
          run(avg, v),
          [present.length === 0 ? Number.NaN : present.reduce((a: number, b) => a + Number(b), 0) / present.length],
          "avg",
        ) ??
        same(run(min, v), [present.reduce(least, infinity)], "min") ??
        same(run(max, v), [present.reduce(most, lowest)], "max")
      );
    }),
  ).toEqual([]);
});

test("sums, avgs, mins, maxs and fills say the same of each prefix", () => {
  expect(
    forEverySample((v, values, _present, isNull) => {
      const prefix = (i: number): AtomValue[] => values.slice(0, i + 1).filter((x) => !isNull(x));
      const infinity = datatypeOf(v.type)!.infinity ?? (v.type === T.byte ? 255 : 1);
      const lowest = datatypeOf(v.type)!.negativeInfinity ?? 0;
      return (
        same(
          run(sums, v),
          values.map((_, i) => prefix(i).reduce(add, 0)),
          "sums",
        ) ??
        same(
          run(mins, v),
          values.map((_, i) => prefix(i).reduce(least, infinity)),
          "mins",
        ) ??
        same(
          run(maxs, v),
          values.map((_, i) => prefix(i).reduce(most, lowest)),
          "maxs",
        ) ??
        same(
          run(avgs, v),
          values.map((_, i) => prefix(i).reduce((a: number, b) => a + Number(b), 0) / prefix(i).length),
          "avgs",
        ) ??
        same(
          run(fills, v),
          values.map((x, i) => prefix(i)[prefix(i).length - 1] ?? x),
          "fills",
        )
      );
    }),
  ).toEqual([]);
});

test("moving functions look at the last items only", () => {
  expect(
    forEverySample((v, values, _present, isNull) => {
      // Sums of timestamps are timespans, and so large that their wrapping hides nothing.
      for (const w of [1, 3, 8]) {
        const last = (i: number): AtomValue[] => values.slice(Math.max(0, i + 1 - w), i + 1).filter((x) => !isNull(x));
        const message =
          same(
            run(msum, long(w), v),
            values.map((_, i) => last(i).reduce(add, 0)),
            `${w} msum`,
          ) ??
          same(
            run(mcount, long(w), v),
            values.map((_, i) => last(i).length),
            `${w} mcount`,
          ) ??
          (v.type === T.timestamp
            ? undefined
            : same(
                run(mavg, long(w), v),
                values.map((_, i) => last(i).reduce((a: number, b) => a + Number(b), 0) / last(i).length),
                `${w} mavg`,
              )) ??
          same(
            run(mmin, long(w), v),
            values.map((_, i) =>
              values
                .slice(Math.max(0, i + 1 - w), i + 1)
                .reduce((a, b) => (isNull(a) || isNull(b) ? (isNull(a) ? a : b) : least(a, b))),
            ),
            `${w} mmin`,
          );
        if (message !== undefined) return message;
      }
      return undefined;
    }),
  ).toEqual([]);
});

test("deltas are differences of neighbours", () => {
  expect(
    forEverySample((v, values) => {
      const got = run(deltas, v);
      const want = values.map((x, i) => (i === 0 ? x : (run(subtract, itemAt(v, i), itemAt(v, i - 1)) as Atom).value));
      // A boolean, byte or short keeps its value but not its null's when it widens.
      if (values.length > 0 && v.type === T.short && values[0] === -32768) want[0] = INT_NULL;
      return same(got, want, "deltas");
    }),
  ).toEqual([]);
});

test("asc, iasc, desc, idesc, rank and bin agree with a stable sort, nulls first", () => {
  expect(
    forEverySample((v, values, _present, isNull) => {
      const compare = (a: AtomValue, b: AtomValue): number =>
        isNull(a) ? (isNull(b) ? 0 : -1) : isNull(b) ? 1 : a < b ? -1 : a > b ? 1 : 0;
      const order = values.map((_, i) => i).sort((i, j) => compare(values[i], values[j]));
      const down = values.map((_, i) => i).sort((i, j) => compare(values[j], values[i]));
      const sorted = order.map((i) => values[i]);
      const places: number[] = [];
      order.forEach((i, place) => {
        places[i] = place;
      });
      const ascending = run(asc, v);
      return (
        same(ascending, sorted, "asc") ??
        same(run(iasc, v), order, "iasc") ??
        same(
          run(desc, v),
          down.map((i) => values[i]),
          "desc",
        ) ??
        same(run(idesc, v), down, "idesc") ??
        same(run(rank, v), places, "rank") ??
        same(
          run(bin, ascending, v),
          values.map((x) => sorted.findLastIndex((y) => compare(y, x) <= 0)),
          "bin",
        ) ??
        same(
          run(binr, ascending, v),
          values.map((x) => sorted.findIndex((y) => compare(y, x) >= 0)),
          "binr",
        )
      );
    }),
  ).toEqual([]);
});

test("sums of longs wrap at 2 to the 64 and a null is no number of them", () => {
  expect((run(sum, vectorOf(T.long, [9223372036854775807n, 1])) as Atom).value).toBe(LONG_NULL);
  expect((run(sum, vectorOf(T.long, [4611686018427387904n, 4611686018427387904n, 5, LONG_NULL])) as Atom).value).toBe(
    -9223372036854775803n,
  );
});
