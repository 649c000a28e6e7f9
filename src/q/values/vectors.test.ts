import { expect, test } from "bun:test";
import { atom, char, long } from "./vectors.ts";

test("the zero that is kept has no sign, whoever asks first", () => {
  expect(Object.is(long(-0).value, 0)).toBe(true);
  expect(Object.is(atom(7, -0).value, 0)).toBe(true);
  expect(Object.is(long(0).value, 0)).toBe(true);
});

test("small longs and chars are one value each", () => {
  for (const v of [-128, -1, 0, 1023]) expect(long(v)).toBe(long(v));
  expect(long(1024).value).toBe(1024);
  expect(long(-129).value).toBe(-129);
  for (let byte = 0; byte < 256; byte++) expect(char(byte)).toMatchObject({ type: -10, value: byte });
});
