/** first x and last x: an item of a list, a row of a table, a value of a dictionary. An atom is its own first item. */

import { missingItem } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import type { Value } from "#values/values.ts";
import { countOf, itemAt } from "#values/vectors.ts";

export function firstItem(x: Value): Value {
  const n = countOf(x);
  return n === 0 ? missingItem(x) : itemAt(x, 0);
}
export function lastItem(x: Value): Value {
  const n = countOf(x);
  return n === 0 ? missingItem(x) : itemAt(x, n - 1);
}

export const first = unary({
  name: "first",
  category: "list",
  wire: [101, 3],
  shown: "*:",
  run: (_, x) => firstItem(x),
});
export const last = unary({ name: "last", category: "list", wire: [101, 24], run: (_, x) => lastItem(x) });
