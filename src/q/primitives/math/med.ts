/** med x: the middle item, or the mean of the two middle ones. Of lists or rows, those in the middle of the sort. */

import { convertValue, convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { pick, positions } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { grade } from "#values/sorting.ts";
import { F64 } from "#values/storage.ts";
import type { List, Table, Value, Vector } from "#values/values.ts";
import { countOf, elementAt, float } from "#values/vectors.ts";
import { type Aggregate, aggregate, isNested, simplest } from "./aggregation.ts";
import { avgOf, numbersOnly } from "./avg.ts";
import { asFloats } from "./var.ts";

/** The k-th smallest of numbers without NaN; reorders them (Hoare's selection). */
export function select(numbers: Float64Array, k: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const a = numbers[low];
    const b = numbers[middle];
    const c = numbers[high];
    const pivot = a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
    let i = low;
    let j = high;
    while (i <= j) {
      while (numbers[i] < pivot) i++;
      while (numbers[j] > pivot) j--;
      if (i <= j) {
        const t = numbers[i];
        numbers[i++] = numbers[j];
        numbers[j--] = t;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return numbers[k];
  }
  return numbers[k];
}

/** Nulls are the smallest items, as in a sort; a null among the middle two is left out of their mean. */
export function median(v: Vector): number {
  const n = v.count;
  if (n === 0) return Number.NaN;
  const numbers = F64.slice(v.at / 8, v.at / 8 + n).filter((a) => !Number.isNaN(a));
  const nulls = n - numbers.length;
  const low = Math.floor((n - 1) / 2) - nulls;
  const high = Math.floor(n / 2) - nulls;
  if (high < 0) return Number.NaN;
  const upper = select(numbers, high);
  if (low < 0 || low === high) return upper;
  // select left everything below `high` no greater than it.
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < high; i++) if (numbers[i] > lower) lower = numbers[i];
  return (lower + upper) / 2;
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
