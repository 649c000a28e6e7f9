/** med x: the middle item, or the mean of the two middle ones. Of lists or rows, those in the middle of the sort. */

import { convertValue, convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { pick, positions } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { grade } from "#values/sorting.ts";
import { F64, kernels } from "#values/storage.ts";
import type { List, Table, Value, Vector } from "#values/values.ts";
import { countOf, elementAt, float, newVector } from "#values/vectors.ts";
import { type Aggregate, aggregate, isNested, simplest } from "./aggregation.ts";
import { avgOf, numbersOnly } from "./avg.ts";
import { asFloats } from "./var.ts";

/** Nulls are the smallest items, as in a sort; a null among the middle two is left out of their mean. */
export function median(v: Vector): number {
  const n = v.count;
  if (n === 0) return Number.NaN;
  const from = mark();
  const scratch = newVector(T.byte, 16 * n + 49152);
  const sorted = newVector(T.float, n);
  // TRIED Hoare's selection in JS: 73 ns an item at 10M, the whole radix sort takes 15.
  kernels.get("asc_f")(v.at, n, sorted.at, scratch.at);
  const low = F64[sorted.at / 8 + Math.floor((n - 1) / 2)];
  const high = F64[sorted.at / 8 + Math.floor(n / 2)];
  sweep(from);
  return Number.isNaN(low) ? high : (low + high) / 2;
}

const medOf: Aggregate = {
  name: "med",
  atom: (x) => {
    numbersOnly("med", -x.type);
    return float(convertValue(x.value, -x.type, T.float) as number);
  },
  vector: (_session, x) => {
    numbersOnly("med", x.type);
    return float(median(convertVector(x, T.float)));
  },
  list: (session, x) => {
    if (x.items.length === 0) return float(Number.NaN);
    if (isNested(x)) return middleItems(session, x);
    const simple = simplest(x);
    return simple.kind === "vector" ? medOf.vector(session, simple) : float(median(asFloats("med", x.items)));
  },
};

/** Of lists, or of a table's rows, the middle ones in sort order are averaged: the reference's definition, taken literally. */
function middleItems(session: Session, x: List | Table): Value {
  const n = countOf(x);
  if (n === 0) return aggregate(session, avgOf, x);
  const order = grade(session, x);
  const middle = [Math.floor((n - 1) / 2), Math.floor(n / 2)].map((i) => elementAt(order, i) as number);
  return aggregate(session, avgOf, pick(x, positions(middle)));
}
export const med = unary({
  name: "med",
  category: "math",
  shownType: 100,
  run: (session, x) => {
    const table = x.kind === "table" ? x : x.kind === "dict" && x.values.kind === "table" ? x.values : undefined;
    return table === undefined ? aggregate(session, medOf, x) : middleItems(session, table);
  },
});
