// Conversion of vectors, by kernels, beside conversion of each item; and the rules that a cast has from the reference.

import { expect, test } from "bun:test";
import { convertValue, convertVector, converter, dateOfMonth, monthOfDate } from "./convert.ts";
import { datatypes, LONG_INFINITY, LONG_NULL, T } from "./datatypes.ts";
import { mark, sweep } from "./ownership.ts";
import type { AtomValue } from "./values.ts";
import { elementAt, vectorOf } from "./vectors.ts";

const samples: Record<string, AtomValue[]> = {
  j: [
    0,
    1,
    -1,
    5,
    -7,
    123456789012345,
    -123456789012345,
    755555555123456789n,
    -755555555123456789n,
    86399999999999,
    86400000000000,
    -86400000000001,
    3000000000,
    -3000000000,
    255,
    256,
    70000,
    4611686018427387905n,
  ],
  i: [0, 1, -1, 5, -7, 123456, -123456, 8000, -8000, 255, 256, 70000, -70000, 86399999, -86400000, 1439, 59],
  h: [0, 1, -1, 5, -7, 12345, -12345, 255, 256, 300, -300],
  f: [0, 1, -1, 0.5, -0.5, 1.5, 2.5, -1.5, -2.5, 255.5, 256, 8000.25, -8000.75, 9999.125, 1e5, -1e5],
  x: [0, 1, 2, 65, 200, 255, 0, 1, 2, 3],
  b: [0, 1, 0, 0, 1, 1, 0, 1, 1, 1],
};

test("a vector converts as its items do, in every pair of types", () => {
  const wrong: string[] = [];
  const start = mark();
  for (const a of datatypes) {
    const values = samples[a.raw === "e" ? "f" : a.raw === "c" ? "x" : a.raw];
    if (values === undefined) continue;
    const limits = a.infinity === undefined ? [] : [a.nullValue, a.infinity, a.negativeInfinity!];
    for (const b of datatypes) {
      const convert = converter(a.number, b.number);
      if (convert === undefined) continue;
      const v = vectorOf(a.number, [...values, ...limits]);
      const r = convertVector(v, b.number);
      for (let i = 0; i < v.count; i++) {
        const x = elementAt(v, i);
        const want = convert(x);
        const got = elementAt(r, i);
        const near =
          typeof want === "number" && typeof got === "number" && Math.abs(want - got) <= 1e-12 * Math.abs(want);
        if (!Object.is(want, got) && want !== got && !near)
          wrong.push(`${a.name} ${x} to ${b.name}: item ${want}, vector ${got}`);
      }
      sweep(start);
    }
  }
  expect(wrong).toEqual([]);
});

test("a null converts to the null of the other type", () => {
  expect(convertValue(LONG_NULL, T.long, T.int)).toBe(-2147483648);
  expect(convertValue(-32768, T.short, T.long)).toBe(LONG_NULL);
  expect(convertValue(Number.NaN, T.float, T.date)).toBe(-2147483648);
});

test("an integer too large for its new type becomes an infinity, and an infinity going wider a plain number", () => {
  expect(convertValue(3000000000, T.long, T.int)).toBe(2147483647);
  expect(convertValue(-70000, T.int, T.short)).toBe(-32767);
  expect(convertValue(32767, T.short, T.long)).toBe(32767);
  expect(convertValue(1e300, T.float, T.long)).toBe(LONG_INFINITY);
});

test("floats round halves up, times are floored", () => {
  expect([0.5, 1.5, -0.5, -1.5].map((x) => convertValue(x, T.float, T.long))).toEqual([1, 2, 0, -1]);
  expect(convertValue(-1, T.time, T.second)).toBe(-1);
  expect(convertValue(59, T.second, T.minute)).toBe(0);
});

test("months and dates go to and fro over leap years and centuries", () => {
  for (let month = -24000; month < 96000; month += 7) expect(monthOfDate(dateOfMonth(month))).toBe(month);
  expect(dateOfMonth(0)).toBe(0);
  expect(dateOfMonth(290)).toBe(8826);
  expect(monthOfDate(dateOfMonth(290) - 1)).toBe(289);
});
