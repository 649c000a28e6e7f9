// Finding and grouping, by hash, by kernel and by scan, beside the plain definition: the first item that is equal.

import { expect, test } from "bun:test";
import { isAscending, setAttribute } from "./attributes.ts";
import { datatypes, LONG_NULL, T } from "./datatypes.ts";
import { HashIndex, hashValue, sameValue } from "./hashing.ts";
import { mark, sweep } from "./ownership.ts";
import { pick, placeAt } from "./picking.ts";
import {
  columnsPositions,
  firstOccurrences,
  foundIn,
  groupMembers,
  groupsOf,
  membersOf,
  positionInVector,
  positionsIn,
} from "./search.ts";
import type { Session } from "./session.ts";
import { QSignal } from "./signals.ts";
import { I32 } from "./storage.ts";
import type { Atom, AtomValue, Vector } from "./values.ts";
import { elementAt, itemAt, list, longs, newVector, string, symbols, vectorOf } from "./vectors.ts";

// None of this asks the session for anything: no enumerations here.
const session = {} as Session;

/** Numbers that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
/** A vector of few distinct values of a type, its null and extremes among them. */
function sample(type: number, count: number, next: () => number): Vector {
  const d = datatypes.find((row) => row.number === type)!;
  const pool: AtomValue[] = [d.nullValue];
  if (d.infinity !== undefined) pool.push(d.infinity, d.negativeInfinity!);
  for (let k = 0; k < 40; k++) {
    switch (d.holding) {
      case "symbol":
        pool.push(`s${k}`);
        break;
      case "guid":
        pool.push(String.fromCharCode(...Array.from({ length: 16 }, () => Math.floor(next() * 256))));
        break;
      case "float":
        pool.push(k === 0 ? -0 : k === 1 ? 0 : (k - 20) / 4);
        break;
      case "long":
        pool.push(k % 3 === 0 ? k : k % 3 === 1 ? -k : BigInt(k) * 1234567890123456n);
        break;
      default:
        pool.push(type === T.boolean ? k % 2 : type === T.byte || type === T.char ? k * 6 : k * 7 - 100);
    }
  }
  return vectorOf(
    type,
    Array.from({ length: count }, () => pool[Math.floor(next() * pool.length)]!),
  );
}
const equal = (a: AtomValue, b: AtomValue): boolean =>
  a === b || (Number.isNaN(a as number) && Number.isNaN(b as number));
function plainPositions(x: Vector, y: Vector): number[] {
  const xs = Array.from({ length: x.count }, (_, i) => elementAt(x, i));
  return Array.from({ length: y.count }, (_, i) => xs.findIndex((e) => equal(e, elementAt(y, i))));
}

test("every type is found where a plain search finds it, whatever the length", () => {
  const next = random(7);
  for (const { number: type } of datatypes) {
    for (const [nx, ny] of [
      [0, 3],
      [1, 1],
      [5, 9],
      [40, 2],
      [100, 120],
      [150, 200],
      [3, 300],
    ] as const) {
      const from = mark();
      const x = sample(type, nx, next);
      const y = sample(type, ny, next);
      const want = plainPositions(x, y);
      const found = positionsIn(session, x, y);
      expect([type, nx, ny, want.map((_, i) => placeAt(found, i))]).toEqual([type, nx, ny, want]);
      const shown = foundIn(session, x, y);
      expect(want.map((_, i) => elementAt(shown, i))).toEqual(want.map((p) => (p < 0 ? nx : p)));
      const members = membersOf(session, x, y);
      expect(want.map((_, i) => elementAt(members, i))).toEqual(want.map((p) => (p < 0 ? 0 : 1)));
      if (ny > 0) expect(positionInVector(session, x, itemAt(y, 0) as Atom)).toBe(want[0]!);
      const hash = new HashIndex(x);
      expect(want.map((_, i) => hash.position(x, elementAt(y, i)))).toEqual(want);
      sweep(from);
    }
  }
});

test("groups are numbered by first appearance, and their members are in order", () => {
  const next = random(11);
  for (const { number: type } of datatypes) {
    for (const count of [0, 1, 20, 300]) {
      const from = mark();
      const x = sample(type, count, next);
      const firsts = plainPositions(x, x);
      const distinct = [...new Set(firsts)];
      const groups = groupsOf(session, x);
      expect(distinct.map((_, g) => placeAt(groups.firsts, g))).toEqual(distinct);
      expect(firsts.map((_, i) => I32[groups.numbers.at / 4 + i])).toEqual(firsts.map((p) => distinct.indexOf(p)));
      expect(distinct.map((_, g) => placeAt(firstOccurrences(session, x), g))).toEqual(distinct);
      const { members, starts } = groupMembers(groups);
      const got = distinct.map((_, g) =>
        Array.from({ length: starts[g + 1]! - starts[g]! }, (_, k) => placeAt(members, starts[g]! + k)),
      );
      expect(got).toEqual(distinct.map((p) => firsts.flatMap((q, i) => (q === p ? [i] : []))));
      sweep(from);
    }
  }
});

test("rows of several columns are found as a whole", () => {
  const next = random(3);
  for (const [nx, ny] of [
    [10, 12],
    [400, 500],
  ] as const) {
    const from = mark();
    const kinds = [T.symbol, T.long, T.float];
    const xs = kinds.map((type) => sample(type, nx, next));
    const ys = kinds.map((type, c) =>
      pick(
        xs[c]!,
        vectorOf(
          T.int,
          Array.from({ length: ny }, (_, i) => (i * 7 + (type === T.float ? i % 3 : 0)) % nx),
        ),
      ),
    );
    const row = (columns: readonly unknown[], i: number) =>
      columns.map((v) => String(elementAt(v as Vector, i))).join();
    const want = Array.from({ length: ny }, (_, i) =>
      Array.from({ length: nx }, (_, k) => row(xs, k)).indexOf(row(ys, i)),
    );
    const found = columnsPositions(session, xs, ys);
    expect(want.map((_, i) => placeAt(found, i))).toEqual(want);
    sweep(from);
  }
});

test("a hash takes in what is appended, and knows when an element came twice", () => {
  const from = mark();
  const v = longs([5, 6, 7, LONG_NULL]);
  const hash = new HashIndex(v);
  expect(hash.position(v, 7)).toBe(2);
  expect(hash.position(v, LONG_NULL)).toBe(3);
  expect(hash.unique).toBe(true);
  const grown = longs([5, 6, 7, LONG_NULL, ...Array.from({ length: 100 }, (_, i) => 1000 + i)]);
  expect(hash.position(grown, 1099)).toBe(103);
  expect(hash.unique).toBe(true);
  const twice = longs([...Array.from({ length: grown.count }, (_, i) => elementAt(grown, i) as number), 6]);
  hash.extend(twice);
  expect(hash.unique).toBe(false);
  sweep(from);
});

test("equal values are the same and hash alike; different ones differ", () => {
  const from = mark();
  const make = () => list([longs([1, 2]), string("ab"), symbols(["x"]), list([vectorOf(T.float, [0, Number.NaN])])]);
  expect(sameValue(make(), make())).toBe(true);
  expect(hashValue(make())).toBe(hashValue(make()));
  expect(sameValue(vectorOf(T.float, [0]), vectorOf(T.float, [-0]))).toBe(true);
  expect(hashValue(vectorOf(T.float, [0]))).toBe(hashValue(vectorOf(T.float, [-0])));
  expect(sameValue(longs([1]), vectorOf(T.int, [1]))).toBe(false);
  expect(sameValue(longs([1, 2]), longs([1, 3]))).toBe(false);
  sweep(from);
});

test("symbols among numbers signal 'type", () => {
  expect(() => positionsIn(session, longs([1, 2]), symbols(["a", "b", "c"]))).toThrow(QSignal);
});

test("ascending is seen in every type, and s# refuses what is not", () => {
  const next = random(5);
  for (const { number: type, holding } of datatypes) {
    if (holding === "guid") continue;
    for (const count of [0, 1, 5, 100]) {
      const from = mark();
      const x = sample(type, count, next);
      const items = Array.from({ length: count }, (_, i) => elementAt(x, i));
      // Nulls come first, floats' too, before minus infinity.
      const nan = (v: AtomValue) => Number.isNaN(v as number);
      const order = (p: AtomValue, q: AtomValue) =>
        nan(p) ? (nan(q) ? 0 : -1) : nan(q) ? 1 : p < q ? -1 : p > q ? 1 : 0;
      const sorted = [...items].sort(order);
      expect(isAscending(vectorOf(type, sorted))).toBe(true);
      const isSame = items.every((v, i) => i === 0 || order(items[i - 1]!, v) <= 0);
      expect([type, isAscending(x)]).toEqual([type, isSame]);
      if (!isSame) expect(() => setAttribute(session, 1, x)).toThrow("s-fail");
      sweep(from);
    }
  }
});

test("a vector of nothing has no groups", () => {
  const groups = groupsOf(session, newVector(T.symbol, 0));
  expect(groups.firsts.count).toBe(0);
  expect(groupMembers(groups).members.count).toBe(0);
});
