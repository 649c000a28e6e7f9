// Every atomic primitive says the same of a vector as of its items one by one: kernels against meanings, on every pair of
// types, every length around a block edge, with nulls, infinities and values at the edges of their widths.

import { expect, test } from "bun:test";
import { datatypes } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { Session } from "#values/session.ts";
import { QSignal } from "#values/signals.ts";
import type { Atom, AtomValue, PrimitiveRow, Value, Vector } from "#values/values.ts";
import { atom, elementAt, itemAt, vectorOf } from "#values/vectors.ts";
import { logicRows } from "../logic/rows.ts";
import { mathRows } from "./rows.ts";

/** Nothing atomic asks the session for anything but enumerations, and there are none here. */
const session = {} as Session;

let seed = 12345;
const random = (): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return seed / 4294967296;
};
const pickOf = <V>(values: readonly V[]): V => values[Math.floor(random() * values.length)];

function valuesOf(number: number, count: number): AtomValue[] {
  const d = datatypes.find((type) => type.number === number)!;
  const special: AtomValue[] = [d.nullValue];
  if (d.infinity !== undefined) special.push(d.infinity, d.negativeInfinity!);
  const one = (): AtomValue => {
    if (random() < 0.15) return pickOf(special);
    switch (d.raw) {
      case "b":
        return Math.floor(random() * 2);
      case "x":
      case "c":
        return Math.floor(random() * 256);
      case "s":
        return pickOf(["", "a", "b", "ab", "B"]);
      case "g":
        return String.fromCharCode(Math.floor(random() * 3)).repeat(16);
      case "e":
        return Math.fround(pickOf([0, 1, -1, 2.5, 1e6 * random(), -3 * random()]));
      case "f":
        return pickOf([0, 1, -1, 2.5, -2.5, 1e12 * random(), -3 * random(), 1 + 1e-14]);
      case "j":
        return pickOf([
          0,
          1,
          -1,
          7,
          12345678901,
          -98765432109,
          9007199254740991,
          4611686018427387905n,
          Math.floor(random() * 100),
        ]);
      default:
        return pickOf([0, 1, -1, 7, 100, -100, 12345, -32767, Math.floor(random() * 60)]);
    }
  };
  return Array.from({ length: count }, one);
}

const same = (a: AtomValue, b: AtomValue): boolean => {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  // The elementary functions may differ in the last bits.
  return (
    typeof a === "number" && typeof b === "number" && !Number.isInteger(a) && Math.abs(a - b) <= 4e-16 * Math.abs(a) * 8
  );
};

function answer(row: PrimitiveRow, args: Value[]): Value | string {
  try {
    return row.run(session, ...args);
  } catch (error) {
    if (error instanceof QSignal) return error.text;
    throw error;
  }
}
const show = (v: Value | string | AtomValue): string =>
  typeof v === "object" ? `${(v as Atom).type}:${String((v as Atom).value)}` : String(v);

function check(row: PrimitiveRow, args: (Vector | Atom)[], wrong: string[]): void {
  const whole = answer(row, args);
  const count = (args.find((a) => a.kind === "vector") as Vector).count;
  for (let i = 0; i < count; i++) {
    const items = args.map((a) => (a.kind === "vector" ? itemAt(a, i) : a));
    const single = answer(row, items);
    const where = `${row.name} ${items.map(show).join(" ")} of ${count}`;
    if (typeof whole === "string" || typeof single === "string") {
      if (whole !== single)
        wrong.push(`${where}: vector ${typeof whole === "string" ? whole : "ok"}, item ${show(single)}`);
    } else if (
      whole.kind !== "vector" ||
      whole.type !== -single.type ||
      !same((single as Atom).value, elementAt(whole, i))
    ) {
      wrong.push(
        `${where}: vector ${whole.type}:${whole.kind === "vector" ? String(elementAt(whole, i)) : whole.kind}, item ${show(single)}`,
      );
    }
  }
}

const notAtomic = new Set(["Match", "within", "all", "any", "fills"]);
const aggregates =
  /^(avg|cor|cov|dev|inv|lsq|ema|max|min|med|mmu|prd|rand|ratios|deltas|scov|sdev|svar|sum|var|wavg|wsum|m[a-z]{3,5})s?$/;
const rows = [...mathRows, ...logicRows].filter(
  (row) => !notAtomic.has(row.name) && (row.name === "mod" || !aggregates.test(row.name)),
);

for (const row of rows) {
  test(`${row.name} of a vector is ${row.name} of its items`, () => {
    const wrong: string[] = [];
    const start = mark();
    for (const x of datatypes) {
      for (const count of row.ranks[0] === 1 ? [3, 33] : [17]) {
        if (row.ranks[0] === 1) {
          check(row, [vectorOf(x.number, valuesOf(x.number, count))], wrong);
          continue;
        }
        for (const y of datatypes) {
          const a = vectorOf(x.number, valuesOf(x.number, count));
          const b = vectorOf(y.number, valuesOf(y.number, count));
          check(row, [a, b], wrong);
          check(row, [a, atom(y.number, valuesOf(y.number, 1)[0])], wrong);
          check(row, [atom(x.number, valuesOf(x.number, 1)[0]), b], wrong);
          sweep(start);
        }
      }
    }
    sweep(start);
    if (wrong.length > 0) wrong.unshift(`${wrong.length} differences`);
    expect(wrong.slice(0, 12)).toEqual([]);
  });
}
