/**
 * x bin y: the position of the last item of sorted x that is not above y, -1 if there is none.
 * x binr y: of the first that is not below y. Tables match on all columns but the last, which is searched.
 */

import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import { kernelLetter, kernelNamed, bound } from "#values/iterate.ts";
import { compareElements, recordOf } from "#values/keys.ts";
import { pick, positions } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { columnsPositions, depthOf } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { compareValues } from "#values/sorting.ts";
import { I32 } from "#values/storage.ts";
import type { Atom, Dict, List, Table, Value, Vector } from "#values/values.ts";
import {
  columnAt,
  countOf,
  elementAt,
  gather,
  itemAt,
  list,
  long,
  longs,
  newVector,
  rowCount,
} from "#values/vectors.ts";

interface Side {
  name: "bin" | "binr";
  /** 0: the last not above; 1: the first not below. */
  right: 0 | 1;
}

/** Binary search by a comparison of item i with the value sought. */
function search(side: Side, count: number, compare: (i: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const c = compare(middle);
    if (side.right ? c < 0 : c <= 0) low = middle + 1;
    else high = middle;
  }
  return side.right ? low : low - 1;
}

/** Same type, or both symbols in one way or another. */
function sameKind(session: Session, side: Side, x: Vector, y: Value): Value {
  const type = Math.abs(y.type);
  if (type === x.type && (y as Atom | Vector).domain === x.domain && !isEnumType(type)) return y;
  const plain = unenumerate(session, y);
  if (Math.abs(plain.type) !== x.type)
    throw signal("type", `${side.name}: ${y.type}h is not looked for among ${x.type}h`);
  return plain;
}

function inVector(session: Session, side: Side, source: Vector, wanted: Value): Value {
  const x = unenumerate(session, source) as Vector;
  if (wanted.kind === "list") return gather(wanted.items.map((item) => inVector(session, side, x, item)));
  if (wanted.kind === "dict") throw signal("type", `${side.name} of a dictionary`);
  const y = sameKind(session, side, x, wanted);
  if (y.kind === "atom") {
    const { value } = y;
    return long(search(side, x.count, (i) => compareElements(elementAt(x, i), value)));
  }
  const v = y as Vector;
  const result = newVector(T.long, v.count);
  const letter = kernelLetter(x.type);
  const kernel = letter === "s" || letter === "g" ? undefined : kernelNamed(`${side.name}_${letter}`);
  if (kernel !== undefined) {
    bound(kernel)(x.at, x.count, v.at, v.count, result.at);
    return result;
  }
  const out = result.at / 4;
  for (let k = 0; k < v.count; k++) {
    const value = elementAt(v, k);
    const at = search(side, x.count, (i) => compareElements(elementAt(x, i), value));
    I32[out + 2 * k] = at;
    I32[out + 2 * k + 1] = at < 0 ? -1 : 0;
  }
  return result;
}

function inList(side: Side, x: List, y: Value): Value {
  const one = (key: Value): Value => long(search(side, x.items.length, (i) => compareValues(x.items[i], key)));
  // A list of strings is searched for one string, or for each of a list of them.
  if (y.kind !== "list" || depthOf(y) < depthOf(x)) return one(y);
  return gather(y.items.map(one));
}

/** Rows that match on all columns but the last; within them the last column is in order. */
function inTable(session: Session, side: Side, x: Table, y: Value): Value {
  const rows = y.kind === "table" ? y : undefined;
  const columns = x.names.map((_, c) => columnAt(x, c));
  let wanted: Value[];
  if (rows !== undefined) {
    wanted = x.names.map((name) => {
      const c = rows.names.indexOf(name);
      if (c < 0) throw signal("mismatch", `no column ${name}`);
      return columnAt(rows, c);
    });
  } else {
    const record = recordOf(x, y);
    if (record === undefined) throw signal("length", "a row of the table is wanted");
    wanted = record.map((item, c) => (columns[c].kind === "list" ? list([item]) : gather([item])));
  }
  const last = columns.length - 1;
  const n = rows === undefined ? 1 : rowCount(rows);
  const results: (number | bigint)[] = new Array(n);
  const members = last === 0 ? undefined : membersByClass(session, columns.slice(0, last));
  const classes = last === 0 ? undefined : columnsPositions(session, columns.slice(0, last), wanted.slice(0, last));
  for (let k = 0; k < n; k++) {
    const key = itemAt(wanted[last], k);
    const inClass = classes === undefined ? undefined : members!.get(I32[classes.at / 4 + k]);
    if (classes !== undefined && inClass === undefined) {
      results[k] = NONE;
      continue;
    }
    const count = inClass === undefined ? rowCount(x) : inClass.length;
    const at = search(side, count, (i) =>
      compareValues(itemAt(columns[last], inClass === undefined ? i : inClass[i]), key),
    );
    results[k] = at < 0 || at >= count ? NONE : inClass === undefined ? at : inClass[at];
  }
  return rows === undefined ? long(results[0]) : longs(results);
}
const NONE = -(2n ** 63n);

function membersByClass(session: Session, columns: Value[]): Map<number, number[]> {
  const classes = columnsPositions(session, columns, columns);
  const members = new Map<number, number[]>();
  for (let i = 0; i < classes.count; i++) {
    const first = I32[classes.at / 4 + i];
    const known = members.get(first);
    if (known === undefined) members.set(first, [i]);
    else known.push(i);
  }
  return members;
}

function inDict(session: Session, side: Side, x: Dict, y: Value): Value {
  const found = searched(session, side, x.values, y);
  const at = found.kind === "atom" ? [found] : undefined;
  const numbers = at ?? Array.from({ length: countOf(found) }, (_, i) => itemAt(found, i) as Atom);
  const picked = pick(x.keys, positions(numbers.map((a) => (typeof a.value === "number" ? a.value : -1))));
  return at === undefined ? picked : itemAt(picked, 0);
}

function searched(session: Session, side: Side, x: Value, y: Value): Value {
  switch (x.kind) {
    case "vector":
      return inVector(session, side, x, y);
    case "list":
      return inList(side, x, y);
    case "table":
      return inTable(session, side, x, y);
    case "dict":
      return inDict(session, side, x, y);
    default:
      throw signal("type", `${side.name} looks in a list`);
  }
}

export const bin = binary({
  name: "bin",
  category: "sort",
  infix: true,
  wire: [102, 26],
  run: (session, x, y) => searched(session, { name: "bin", right: 0 }, x, y),
});
export const binr = binary({
  name: "binr",
  category: "sort",
  infix: true,
  wire: [102, 34],
  run: (session, x, y) => searched(session, { name: "binr", right: 1 }, x, y),
});
