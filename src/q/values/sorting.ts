// Grading: the stable order that sorts a list. Vectors are sorted by kernels (symbols by the rank of their texts, which
// no kernel sees), anything else by comparison. Nulls come first, enumerations go as their symbols, a mixed list by type
// and then within. Order here is exact, without tolerance (basics/precision.md). What asc and xasc make of a grade is
// theirs.

import { convertVector } from "./convert.ts";
import { T } from "./datatypes.ts";
import { unenumerate } from "./enumeration.ts";
import { kernelLetter } from "./iterate.ts";
import { compareElements } from "./keys.ts";
import { mark, sweep } from "./ownership.ts";
import { pick, positionRange, positions, positionsToLongs } from "./picking.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import { I32, kernels, U32 } from "./storage.ts";
import { compareText, symbolCount, symbolText } from "./symbols.ts";
import type { AtomValue, Value, Vector } from "./values.ts";
import { columnAt, countOf, elementAt, itemAt, itemsOf, newVector, rowCount } from "./vectors.ts";

/** Below this many items comparing beats setting up a kernel's working memory. */
const SMALL = 48;
/** Working memory of the sort kernels, as their table says. */
const scratchFor = (n: number): number => newVector(T.byte, 16 * n + 49152).at;

/** Each symbol's rank by text among the symbols of the vector, as ints. */
function symbolRanks(v: Vector): Vector {
  const n = v.count;
  const from = v.at / 4;
  const ranks = newVector(T.int, n);
  const out = ranks.at / 4;
  const ids: number[] = [];
  const byText = (a: number, b: number): number => compareText(symbolText(a), symbolText(b));
  if (symbolCount() <= 8 * n + 1024) {
    const rankOf = newVector(T.int, symbolCount());
    const table = rankOf.at / 4;
    I32.fill(-1, table, table + rankOf.count);
    for (let i = 0; i < n; i++) {
      const id = U32[from + i];
      if (I32[table + id] < 0) {
        I32[table + id] = 0;
        ids.push(id);
      }
    }
    ids.sort(byText);
    for (let k = 0; k < ids.length; k++) I32[table + ids[k]] = k;
    kernels.get("index_i4")(rankOf.at, rankOf.count, v.at, n, ranks.at, rankOf.at);
    return ranks;
  }
  const rankOf = new Map<number, number>();
  for (let i = 0; i < n; i++) rankOf.set(U32[from + i], 0);
  ids.push(...rankOf.keys());
  ids.sort(byText);
  for (let k = 0; k < ids.length; k++) rankOf.set(ids[k], k);
  for (let i = 0; i < n; i++) I32[out + i] = rankOf.get(U32[from + i])!;
  return ranks;
}

/** Sort order of any two values: atoms by type and value, before lists, which go item by item. */
export function compareValues(a: Value, b: Value): number {
  if (a.kind === "atom" && b.kind === "atom")
    return a.type === b.type ? compareElements(a.value, b.value) : b.type - a.type;
  if (a.kind === "atom") return -1;
  if (b.kind === "atom") return 1;
  if (a.kind === "dict" && b.kind === "dict") return compareValues(a.values, b.values);
  const vectors = a.kind === "vector" && b.kind === "vector" && a.type === b.type;
  const na = countOf(a);
  const nb = countOf(b);
  for (let i = 0; i < na && i < nb; i++) {
    const c = vectors ? compareElements(elementAt(a, i), elementAt(b, i)) : compareValues(itemAt(a, i), itemAt(b, i));
    if (c !== 0) return c;
  }
  return na - nb;
}

function gradeBy(n: number, compare: (a: number, b: number) => number, descending: boolean): Vector {
  const order = Array.from({ length: n }, (_, i) => i);
  return positionsToLongs(positions(order.sort(descending ? (a, b) => compare(b, a) : compare)), -1);
}

function gradeVector(v: Vector, descending: boolean): Vector {
  const n = v.count;
  if (n < SMALL) {
    const values: AtomValue[] = Array.from({ length: n }, (_, i) => elementAt(v, i));
    return gradeBy(n, (a, b) => compareElements(values[a], values[b]), descending);
  }
  const result = newVector(T.long, n);
  const from = mark();
  const keys = v.type === T.symbol ? symbolRanks(v) : v;
  kernels.get(`${descending ? "idesc" : "iasc"}_${kernelLetter(keys.type)}`)(keys.at, n, result.at, scratchFor(n));
  sweep(from);
  return result;
}

const identity = (n: number): Vector => positionsToLongs(positionRange(0, n), -1);

/** Positions, as longs, that put the items of a list, or the rows of a table, in order. Stable. */
export function gradeLongs(session: Session, x: Value, descending = false): Vector {
  switch (x.kind) {
    case "vector": {
      const v = unenumerate(session, x);
      if (v.kind !== "vector") return gradeLongs(session, v, descending);
      if (v.count < 2 || (x.attribute === 1 && !descending && v === x)) return identity(v.count);
      return gradeVector(v, descending);
    }
    case "list": {
      const items = x.items.map((item) => unenumerate(session, item));
      return gradeBy(items.length, (a, b) => compareValues(items[a], items[b]), descending);
    }
    case "table": {
      const columns = x.names.map((_, c) => columnAt(x, c));
      return positionsToLongs(gradeColumns(session, columns, rowCount(x), descending), -1);
    }
    case "dict":
      return gradeLongs(session, x.values, descending);
    default:
      throw signal("type", "only lists and dictionaries are sorted");
  }
}

/** The same as an int vector, which `pick` takes for every kind of list. */
export function grade(session: Session, x: Value, descending = false): Vector {
  return convertVector(gradeLongs(session, x, descending), T.int);
}

/** Rows by their first column, equals by the next, and so on: sorted from the last column to the first, stably. */
export function gradeColumns(session: Session, columns: readonly Value[], count: number, descending = false): Vector {
  let order: Vector | undefined;
  for (let c = columns.length - 1; c >= 0; c--) {
    if (order === undefined) order = grade(session, columns[c], descending);
    else order = pick(order, grade(session, pick(columns[c], order), descending)) as Vector;
  }
  return order ?? positionRange(0, count);
}

/** Symbols in order: how often each occurs, then so many of each. */
function sortedSymbols(x: Vector, descending: boolean): Vector | undefined {
  const n = x.count;
  if (symbolCount() > 8 * n) return undefined;
  const from = x.at / 4;
  const counts = new Int32Array(symbolCount());
  const ids: number[] = [];
  for (let i = 0; i < n; i++) if (counts[U32[from + i]]++ === 0) ids.push(U32[from + i]);
  ids.sort((a, b) => compareText(symbolText(a), symbolText(b)));
  if (descending) ids.reverse();
  const result = newVector(T.symbol, n);
  let out = result.at / 4;
  for (const id of ids) {
    U32.fill(id, out, out + counts[id]);
    out += counts[id];
  }
  return result;
}

/** A vector's items in order, without going by positions where that can be; undefined: pick by a grade. */
export function sortedVector(x: Vector, descending: boolean): Vector | undefined {
  if (x.count < SMALL || x.type >= T.enum || x.type === T.guid) return undefined;
  if (x.type === T.symbol) return sortedSymbols(x, descending);
  const result = newVector(x.type, x.count);
  const from = mark();
  kernels.get(`${descending ? "desc" : "asc"}_${kernelLetter(x.type)}`)(x.at, x.count, result.at, scratchFor(x.count));
  sweep(from);
  return result;
}

/** True when no item is less than the one before it. */
export function isSorted(session: Session, x: Value): boolean {
  if (x.kind === "vector") {
    const v = unenumerate(session, x);
    if (v.kind === "vector") {
      if (v.attribute === 1) return true;
      if (v.type !== T.symbol && v.type !== T.guid && v.count >= 8) {
        return kernels.get(`issorted_${kernelLetter(v.type)}`)(v.at, v.count) === 1;
      }
      let before: AtomValue | undefined;
      for (let i = 0; i < v.count; i++) {
        const value = elementAt(v, i);
        if (before !== undefined && value !== before && compareElements(before, value) > 0) return false;
        before = value;
      }
      return true;
    }
  }
  const items = itemsOf(x.kind === "dict" ? x.values : x);
  for (let i = 1; i < items.length; i++) if (compareValues(items[i - 1], items[i]) > 0) return false;
  return true;
}

/** The inverse of a permutation of longs: where each position went. */
export function inverted(order: Vector): Vector {
  const result = newVector(T.long, order.count);
  kernels.get("invert_j")(order.at, order.count, result.at);
  return result;
}
