// Grading: the stable order that sorts a list, a vector by keys of one or two 32-bit words and a radix sort, anything
// else by comparison. Nulls come first, symbols go by their texts, enumerations as their symbols, a mixed list by type
// and then within. Order here is exact, without tolerance (basics/precision.md). What asc and xasc make of a grade is
// theirs.

import { compareElements } from "./keys.ts";
import { T } from "./datatypes.ts";
import { unenumerate } from "./enumeration.ts";
import { pick, positionRange, positions } from "./picking.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import { I16, I32, U8, U32 } from "./storage.ts";
import { compareText, symbolText } from "./symbols.ts";
import type { Dict, Value, Vector } from "./values.ts";
import { columnAt, countOf, elementAt, itemAt, itemsOf, rowCount } from "./vectors.ts";

/** Order-keeping unsigned keys: `high` weighs more, absent where one word is enough. */
interface Keys {
  low: Uint32Array;
  high: Uint32Array | undefined;
}

const SIGN = 0x80000000;

/** Distinct symbols of a vector are ranked by text once; their ranks are the keys. */
function symbolKeys(v: Vector): Uint32Array {
  const n = v.count;
  const from = v.at / 4;
  const ranks = new Map<number, number>();
  for (let i = 0; i < n; i++) ranks.set(U32[from + i], 0);
  const ids = [...ranks.keys()].sort((a, b) => compareText(symbolText(a), symbolText(b)));
  for (let k = 0; k < ids.length; k++) ranks.set(ids[k], k);
  const low = new Uint32Array(n);
  for (let i = 0; i < n; i++) low[i] = ranks.get(U32[from + i])!;
  return low;
}

function keysOf(v: Vector): Keys | undefined {
  const n = v.count;
  const low = new Uint32Array(n);
  switch (v.type) {
    case T.boolean:
    case T.byte:
    case T.char:
      for (let i = 0; i < n; i++) low[i] = U8[v.at + i];
      return { low, high: undefined };
    case T.short:
      for (let i = 0; i < n; i++) low[i] = I16[v.at / 2 + i] + 32768;
      return { low, high: undefined };
    case T.int:
    case T.month:
    case T.date:
    case T.minute:
    case T.second:
    case T.time:
      for (let i = 0; i < n; i++) low[i] = I32[v.at / 4 + i] ^ SIGN;
      return { low, high: undefined };
    case T.symbol:
      return { low: symbolKeys(v), high: undefined };
    case T.real: {
      for (let i = 0; i < n; i++) {
        const bits = U32[v.at / 4 + i];
        const magnitude = bits & 0x7fffffff;
        low[i] = magnitude > 0x7f800000 ? 0 : magnitude === 0 ? SIGN : bits >= SIGN ? ~bits : bits | SIGN;
      }
      return { low, high: undefined };
    }
    case T.float:
    case T.datetime: {
      const high = new Uint32Array(n);
      const from = v.at / 4;
      for (let i = 0; i < n; i++) {
        const l = U32[from + 2 * i];
        const h = U32[from + 2 * i + 1];
        const magnitude = h & 0x7fffffff;
        if (magnitude > 0x7ff00000 || (magnitude === 0x7ff00000 && l !== 0)) continue;
        if (magnitude === 0 && l === 0) high[i] = SIGN;
        else {
          high[i] = h >= SIGN ? ~h : h | SIGN;
          low[i] = h >= SIGN ? ~l : l;
        }
      }
      return { low, high };
    }
    case T.long:
    case T.timestamp:
    case T.timespan: {
      const high = new Uint32Array(n);
      const from = v.at / 4;
      for (let i = 0; i < n; i++) {
        low[i] = U32[from + 2 * i];
        high[i] = U32[from + 2 * i + 1] ^ SIGN;
      }
      return { low, high };
    }
    default:
      return undefined;
  }
}

/** Positions are ordered by 16 bits at a time, least first; digits that all items share cost only their count. */
function radixGrade(keys: Keys, n: number, descending: boolean): Uint32Array {
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let other = new Uint32Array(n);
  const counts = new Uint32Array(65536);
  const flip = descending ? 0xffff : 0;
  for (const word of keys.high === undefined ? [keys.low] : [keys.low, keys.high]) {
    for (let shift = 0; shift < 32; shift += 16) {
      counts.fill(0);
      for (let i = 0; i < n; i++) counts[((word[i] >>> shift) & 0xffff) ^ flip]++;
      if (counts[((word[0] >>> shift) & 0xffff) ^ flip] === n) continue;
      let total = 0;
      for (let d = 0; d < 65536; d++) {
        const count = counts[d];
        counts[d] = total;
        total += count;
      }
      for (let k = 0; k < n; k++) {
        const i = order[k];
        other[counts[((word[i] >>> shift) & 0xffff) ^ flip]++] = i;
      }
      [order, other] = [other, order];
    }
  }
  return order;
}

function smallGrade(keys: Keys, n: number, descending: boolean): number[] {
  const { low, high } = keys;
  const order = Array.from({ length: n }, (_, i) => i);
  const compare =
    high === undefined
      ? (a: number, b: number) => low[a] - low[b]
      : (a: number, b: number) => (high[a] !== high[b] ? high[a] - high[b] : low[a] - low[b]);
  return order.sort(descending ? (a, b) => compare(b, a) : compare);
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

const isAscending = (keys: Keys, n: number, descending: boolean): boolean => {
  const { low, high } = keys;
  for (let i = 1; i < n; i++) {
    const c = high !== undefined && high[i - 1] !== high[i] ? high[i - 1] - high[i] : low[i - 1] - low[i];
    if (descending ? c < 0 : c > 0) return false;
  }
  return true;
};

/** Positions (an int vector) that put the items of a list, or the rows of a table, in order. Stable. */
export function grade(session: Session, x: Value, descending = false): Vector {
  switch (x.kind) {
    case "vector": {
      const v = unenumerate(session, x);
      if (v.kind !== "vector") return grade(session, v, descending);
      const n = v.count;
      if (n < 2 || (v.attribute === 1 && !descending)) return positionRange(0, n);
      const keys = keysOf(v);
      if (keys === undefined)
        return gradeBy(n, (a, b) => compareElements(elementAt(v, a), elementAt(v, b)), descending);
      if (isAscending(keys, n, descending)) return positionRange(0, n);
      return positions(n < 4096 ? smallGrade(keys, n, descending) : radixGrade(keys, n, descending));
    }
    case "list": {
      const items = x.items.map((item) => unenumerate(session, item));
      return gradeBy(items.length, (a, b) => compareValues(items[a], items[b]), descending);
    }
    case "table":
      return gradeColumns(
        session,
        x.names.map((_, c) => columnAt(x, c)),
        rowCount(x),
        descending,
      );
    case "dict":
      return grade(session, x.values, descending);
    default:
      throw signal("type", "only lists and dictionaries are sorted");
  }
}
function gradeBy(n: number, compare: (a: number, b: number) => number, descending: boolean): Vector {
  const order = Array.from({ length: n }, (_, i) => i);
  return positions(order.sort(descending ? (a, b) => compare(b, a) : compare));
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

/** True when the items never descend. */
export function isSorted(session: Session, x: Value): boolean {
  if (x.kind === "vector") {
    const v = unenumerate(session, x);
    const keys = v.kind === "vector" ? keysOf(v) : undefined;
    if (keys !== undefined) return isAscending(keys, x.count, false);
  }
  const items = itemsOf(x.kind === "dict" ? (x as Dict).values : x);
  for (let i = 1; i < items.length; i++) if (compareValues(items[i - 1], items[i]) > 0) return false;
  return true;
}
