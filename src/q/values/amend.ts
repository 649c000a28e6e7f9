// @[d;i;f;y] and .[d;path;f;y] on values, v[i]:y and v[i;j]:y, and their in-place forms. What an index selects is
// indexing.ts's to say; here the selection is replaced by f of itself (and the matching part of y), one path after
// another, so that repeated indices accumulate. A vector keeps its type; a dictionary gets new keys; a table new columns.
//
// `owned`: the caller's variable alone holds d, so d is changed where it stands. Otherwise d is copied, and only as deep
// as the path goes. The same holds for every level below: an item that only its container holds is ours to change.

import { datatypeOf, T } from "./datatypes.ts";
import { isEnumType } from "./enumeration.ts";
import { appendInPlace, setItem, setKey, setValueAt } from "./appending.ts";
import {
  addColumn,
  collapsed,
  elementFor,
  elementsChanged,
  elementsFor,
  isMine,
  mutable,
  putColumn,
  putItem,
  putValues,
} from "./growing.ts";
import { isNil } from "./indexing.ts";
import { keyPosition } from "./keys.ts";
import { mark, sweep } from "./ownership.ts";
import { isIndexType, itemOrNull, positionOf, positionsFrom, positionsToLongs } from "./picking.ts";
import { isKeyed } from "./records.ts";
import { depthOf } from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import { F64, I32, kernels } from "./storage.ts";
import type { Atom, Dict, List, Table, Value, Vector } from "./values.ts";
import {
  atom,
  columnAt,
  countOf,
  FALSE,
  gather,
  isList,
  itemAt,
  itemsOf,
  long,
  longElement,
  rowCount,
  setElement,
  setLongElement,
  symbolTexts,
  TRUE,
  vectorOf,
} from "./vectors.ts";

/** What happens to a selection: f[it] or f[it;y]; Assign replaces it by y. */
interface Change {
  readonly f: Value | undefined;
  readonly assigns: boolean;
  readonly binary: boolean;
}
const ASSIGN: Change = { f: undefined, assigns: true, binary: true };
function changeBy(f: Value, y: Value | undefined): Change {
  return { f, assigns: y !== undefined && f.kind === "primitive" && f.row.glyph === ":", binary: y !== undefined };
}
const glyphOf = (change: Change): string =>
  change.f?.kind === "primitive" && change.f.text === change.f.row.glyph ? change.f.row.glyph : "";

/** @[d;i;f] and @[d;i;f;y] as a new value. */
export function amendAt(session: Session, d: Value, i: Value, f: Value, y?: Value): Value {
  return at(session, d, false, i, changeBy(f, y), y);
}
/** .[d;path;f] and .[d;path;f;y] as a new value; an undefined item of the path is elided. */
export function amendDeep(
  session: Session,
  d: Value,
  path: readonly (Value | undefined)[],
  f: Value,
  y?: Value,
): Value {
  return deep(session, d, false, path, changeBy(f, y), y);
}
/** The same in place, for a variable that alone holds d. Returns the value to store. */
export function amendAtInPlace(session: Session, d: Value, i: Value, f: Value, y?: Value): Value {
  return at(session, d, true, i, changeBy(f, y), y);
}
export function amendDeepInPlace(
  session: Session,
  d: Value,
  path: readonly (Value | undefined)[],
  f: Value,
  y?: Value,
): Value {
  return deep(session, d, true, path, changeBy(f, y), y);
}
/** d[i]:y in place; d[i;j…]:y with more indices. Returns the value to store. */
export function assignAtInPlace(session: Session, d: Value, i: Value, y: Value, owned = true): Value {
  return at(session, d, owned, i, ASSIGN, y);
}
export function assignDeepInPlace(
  session: Session,
  d: Value,
  path: readonly (Value | undefined)[],
  y: Value,
  owned = true,
): Value {
  return deep(session, d, owned, path, ASSIGN, y);
}

/** The new value of a selected item. An item that only its container holds may be appended to where it stands. */
function changed(session: Session, old: Value, mine: boolean, change: Change, y: Value | undefined): Value {
  if (change.assigns) return y!;
  if (!change.binary) return session.apply1(change.f!, old);
  if (mine && glyphOf(change) === "," && isMine(old) && appendable(old, y!))
    return appendInPlace(session, old, y!, true);
  return session.apply2(change.f!, old, y!);
}
/** Whether Append does to `old` just what Join would, so that it may grow where it stands. */
function appendable(old: Value, y: Value): boolean {
  switch (old.kind) {
    case "vector":
      return (y.kind === "vector" || y.kind === "atom") && Math.abs(y.type) === old.type && old.type < T.enum;
    case "table":
      return y.kind === "table" && y.names.length === old.names.length;
    case "dict":
      return isKeyed(old) && isKeyed(y);
    case "list":
      return old.items.length > 0 && y.kind === "list" && y.items.length > 0 && depthOf(y) >= depthOf(old);
    default:
      return false;
  }
}

/**
 * v[p]+:y and v[p]-:y of one long or float where both are plain numbers and v is ours: what counters do, without a call
 * of the operator. False: nothing was done.
 */
function counted(v: Vector, p: number, change: Change, y: Value | undefined): boolean {
  if (y === undefined || y.kind !== "atom" || y.type !== -v.type || change.assigns || !isMine(v)) return false;
  const glyph = glyphOf(change);
  if (glyph !== "+" && glyph !== "-") return false;
  const by = y.value;
  if (typeof by !== "number") return false;
  if (v.type === T.float) {
    elementsChanged(v);
    F64[v.at / 8 + p]! += glyph === "+" ? by : -by;
    return true;
  }
  if (v.type !== T.long) return false;
  const old = longElement(v.at, p);
  if (typeof old !== "number") return false;
  const sum = glyph === "+" ? old + by : old - by;
  if (!Number.isSafeInteger(sum)) return false;
  elementsChanged(v);
  setLongElement(v.at, p, sum);
  return true;
}

/**
 * A change of several items that may stop half-way on an error is made on a copy, so that the variable then has either
 * all of it or nothing. Joining one level down does not fail, and lists that grow by several keys at once are not copied.
 */
const neverFails = (change: Change): boolean => glyphOf(change) === ",";

/** The part of y for the k-th of n selected items: an atom is for all of them, a list has one for each. */
function partOf(y: Value | undefined, k: number): Value | undefined {
  if (y === undefined || !isSpread(y)) return y;
  return itemAt(y, k);
}
const isSpread = (y: Value): boolean => y.kind === "vector" || y.kind === "list" || y.kind === "table";
function conform(y: Value | undefined, count: number): void {
  if (y !== undefined && isSpread(y) && countOf(y) !== count)
    throw signal("length", `${countOf(y)} items for ${count} indices`);
}

// ---- one index -----------------------------------------------------------------------------------------------------
function at(session: Session, d: Value, owned: boolean, i: Value, change: Change, y: Value | undefined): Value {
  switch (d.kind) {
    case "vector":
      return atVector(session, d, owned, i, change, y);
    case "list":
      return atList(session, d, owned, i, change, y);
    case "dict":
      return atDict(session, d, owned, i, change, y);
    case "table":
      return atTable(session, d, owned, i, change, y);
    case "atom":
      if (isNil(i)) return changed(session, d, false, change, y);
      throw signal("type", "an atom has no items to amend");
    default:
      throw signal("type", "a function has no items to amend");
  }
}

function placeOf(i: Atom, count: number): number {
  const p = positionOf(i);
  if (p < 0 || p >= count) throw signal("length", `there is no item ${i.value}`);
  return p;
}

function atVector(session: Session, d: Vector, owned: boolean, i: Value, change: Change, y: Value | undefined): Value {
  if (i.kind === "atom") {
    const p = placeOf(i, d.count);
    if (change.assigns) {
      const value = elementFor(session, d, y!);
      const m = mutable(d, owned);
      elementsChanged(m);
      setElement(m, p, value);
      return m;
    }
    if (owned && counted(d, p, change, y)) return d;
    const value = elementFor(session, d, changed(session, itemAt(d, p), false, change, y));
    const m = mutable(d, owned);
    elementsChanged(m);
    setElement(m, p, value);
    return m;
  }
  if (isNil(i)) {
    // @[d;::;f] is f'[d]; operators, and arithmetic, go through items by themselves.
    const { f } = change;
    const isItemwise =
      change.assigns || (f?.kind === "primitive" && (f.row.glyph !== undefined || ITEMWISE.has(f.row.name)));
    const all = isItemwise ? changed(session, d, false, change, y) : eachChanged(session, d, change, y);
    if (change.assigns) return allReplaced(session, d, all, owned);
    if (!isList(all) || countOf(all) !== d.count) throw signal("type", "every item needs a new one");
    return all;
  }
  if (i.kind === "vector") {
    conform(y, i.count);
    return atPositions(session, d, owned, longPositions(i, d.count), change, y);
  }
  return overIndices(session, d, i, change, y);
}
const ITEMWISE = new Set([
  "neg",
  "not",
  "abs",
  "floor",
  "ceiling",
  "sqrt",
  "exp",
  "log",
  "signum",
  "null",
  "reciprocal",
]);
function eachChanged(session: Session, d: Vector, change: Change, y: Value | undefined): Value {
  conform(y, d.count);
  const items: Value[] = [];
  for (let k = 0; k < d.count; k++) items.push(changed(session, itemAt(d, k), false, change, partOf(y, k)));
  if (items.some((item) => item.kind !== "atom")) throw signal("type", "an item is no atom");
  return items.length === 0 ? d : gather(items);
}
function allReplaced(session: Session, d: Vector, y: Value, owned: boolean): Value {
  if (y.kind === "atom") {
    const value = elementFor(session, d, y);
    const m = mutable(d, owned);
    elementsChanged(m);
    for (let k = 0; k < m.count; k++) setElement(m, k, value);
    return m;
  }
  if (countOf(y) !== d.count) throw signal("length", "every item needs a new one");
  return y;
}

/** Indices as longs, all of them in range. */
function longPositions(i: Vector, count: number): Vector {
  if (!isIndexType(i.type)) throw signal("type", "an index is an integer");
  const p = i.type === T.long ? i : positionsToLongs(positionsFrom(i, count), count);
  if (p.count > 0 && kernels.get("inrange_j")(p.at, p.count, count) === 0)
    throw signal("length", "an index is out of range");
  return p;
}

/** Many elements of a vector, in order, so that repeated positions accumulate. `p`: longs in range. */
function atPositions(
  session: Session,
  d: Vector,
  owned: boolean,
  p: Vector,
  change: Change,
  y: Value | undefined,
): Value {
  const n = p.count;
  if (n === 0) return d;
  const width = datatypeOf(d.type)!.width;
  if (change.assigns) {
    const elements = newElements(session, d, y!);
    const m = mutable(d, owned);
    elementsChanged(m);
    kernels.get(`put_${width}`)(m.at, p.at, n, elements.at, isSpread(y!) ? 0 : 1);
    return m;
  }
  const name = AT_KERNELS[glyphOf(change)];
  const letter = AT_LETTERS[d.type];
  if (name !== undefined && letter !== undefined && y !== undefined && Math.abs(y.type) === d.type) {
    const elements = newElements(session, d, y);
    const m = mutable(d, owned);
    elementsChanged(m);
    kernels.get(`${name}_${letter}`)(m.at, p.at, n, elements.at, isSpread(y) ? 0 : 1);
    return m;
  }
  // Written when all are known: an error leaves the vector as it was.
  const made = new Map<number, Atom["value"]>();
  for (let k = 0; k < n; k++) {
    const from = mark();
    const q = I32[p.at / 4 + 2 * k]!;
    const known = made.get(q);
    const old = known === undefined ? itemAt(d, q) : atom(d.type, known, d.domain);
    made.set(q, elementFor(session, d, changed(session, old, false, change, partOf(y, k))));
    sweep(from);
  }
  const m = mutable(d, owned);
  elementsChanged(m);
  for (const [q, value] of made) setElement(m, q, value);
  return m;
}
/** Amends that a kernel does, when both sides are of one of these types. */
const AT_KERNELS: Record<string, string> = {
  "+": "addat",
  "-": "subat",
  "*": "mulat",
  "&": "lesserat",
  "|": "greaterat",
};
const AT_LETTERS: Record<number, string> = { [T.int]: "i", [T.long]: "j", [T.float]: "f" };

/** y as elements of d's type, one for all if it is an atom. */
function newElements(session: Session, d: Vector, y: Value): Vector {
  if (!isSpread(y)) return vectorOf(d.type, [elementFor(session, d, y)], d.domain);
  const elements = y.kind === "vector" ? elementsFor(session, d, y) : undefined;
  if (elements !== undefined) return elements;
  return vectorOf(
    d.type,
    itemsOf(y).map((item) => elementFor(session, d, item)),
    d.domain,
  );
}

function atList(session: Session, d: List, owned: boolean, i: Value, change: Change, y: Value | undefined): Value {
  if (i.kind === "atom") {
    const p = placeOf(i, d.items.length);
    const m = mutable(d, owned);
    const item = changed(session, m.items[p]!, m === d, change, y);
    putItem(m, p, item);
    m.attribute = 0;
    return collapsed(m, item);
  }
  if (isNil(i)) {
    if (change.assigns) {
      if (isSpread(y!) && countOf(y!) !== d.items.length) throw signal("length", "every item needs a new one");
      return isSpread(y!) ? y! : gather(d.items.map(() => y!));
    }
    conform(y, d.items.length);
    return gather(d.items.map((item, k) => changed(session, item, false, change, partOf(y, k))));
  }
  if (i.kind === "vector") {
    conform(y, i.count);
    const p = positionsFrom(i, d.items.length);
    for (let k = 0; k < p.count; k++) if (I32[p.at / 4 + k]! < 0) throw signal("length", "an index is out of range");
    const m = mutable(d, owned && neverFails(change));
    m.attribute = 0;
    let last: Value | undefined;
    for (let k = 0; k < p.count; k++) {
      const q = I32[p.at / 4 + k]!;
      last = changed(session, m.items[q]!, m === d, change, partOf(y, k));
      putItem(m, q, last);
    }
    return last === undefined ? m : collapsed(m, last);
  }
  return overIndices(session, d, i, change, y);
}

/** A general list of indices: one after the other, each with its part of y. */
function overIndices(session: Session, d: Value, i: Value, change: Change, y: Value | undefined): Value {
  if (!isList(i)) throw signal("type", "not an index");
  const indices = itemsOf(i);
  conform(y, indices.length);
  let result = d;
  let mine = false;
  indices.forEach((index, k) => {
    result = at(session, result, mine, index, change, partOf(y, k));
    mine ||= result !== d;
  });
  return result;
}

/** Does this index name one key of the dictionary, or several? */
function namesOneKey(d: Dict, i: Value): boolean {
  if (d.keys.kind === "vector") return i.kind === "atom";
  if (d.keys.kind === "table")
    return i.kind !== "table" && !(i.kind === "list" && i.items.every((k) => isList(k) || k.kind === "dict"));
  const depth = countOf(d.keys) === 0 ? 0 : depthOf(itemAt(d.keys, 0));
  return !isList(i) || (depth > 0 && depthOf(i) <= depth);
}

function atDict(session: Session, d: Dict, owned: boolean, i: Value, change: Change, y: Value | undefined): Value {
  if (isNil(i)) {
    const m = mutable(d, owned);
    putValues(m, at(session, m.values, m === d, i, change, y));
    return m;
  }
  if (namesOneKey(d, i)) return atKey(session, d, owned, i, change, y);
  const keys = itemsOf(i);
  conform(y, keys.length);
  let result: Value = d;
  let mine = owned && neverFails(change);
  keys.forEach((key, k) => {
    result = atKey(session, result as Dict, mine, key, change, partOf(y, k));
    mine ||= result !== d;
  });
  return result;
}
function atKey(session: Session, d: Dict, owned: boolean, key: Value, change: Change, y: Value | undefined): Value {
  if (change.assigns) return setKey(session, d, key, y!, owned);
  const p = keyPosition(session, d, key);
  if (p < 0) return setKey(session, d, key, started(session, d, change, y), owned);
  if (owned && d.values.kind === "vector" && isMine(d) && counted(d.values, p, change, y)) return d;
  if (d.values.kind === "list") {
    const m = mutable(d, owned);
    const values = mutable(d.values, m === d);
    const item = changed(session, values.items[p]!, values === d.values && m === d, change, y);
    putItem(values, p, item);
    values.attribute = 0;
    putValues(m, collapsed(values, item));
    return m;
  }
  return setValueAt(session, d, p, changed(session, itemAt(d.values, p), false, change, y), owned);
}

/**
 * The first value of a new key: d[k]+:1 counts from 1, as x+:1 does for a name that has no value yet. Operators without
 * an identity element meet the null that d[k] would give.
 */
function started(session: Session, d: Dict, change: Change, y: Value | undefined): Value {
  const glyph = glyphOf(change);
  if (y !== undefined) {
    if (glyph === "+" || glyph === "-") return session.apply2(change.f!, FALSE, y);
    if (glyph === "*" || glyph === "%") return session.apply2(change.f!, TRUE, y);
    if (glyph === "&" || glyph === "|") return y;
  }
  return changed(session, itemOrNull(d.values, -1), false, change, y);
}

function atTable(session: Session, d: Table, owned: boolean, i: Value, change: Change, y: Value | undefined): Value {
  if (i.kind === "atom" && (i.type === -T.symbol || isEnumType(i.type))) {
    return atColumn(session, d, owned, symbolTexts(i)[0]!, change, y);
  }
  if (i.kind === "atom") {
    const p = placeOf(i, rowCount(d));
    const row = change.assigns ? y! : changed(session, itemAt(d, p), false, change, y);
    return setItem(session, d, p, row, owned);
  }
  if (i.kind === "vector" && i.type === T.symbol) {
    conform(y, i.count);
    let result = d;
    let mine = owned && neverFails(change);
    symbolTexts(i).forEach((name, k) => {
      result = atColumn(session, result, mine, name, change, partOf(y, k));
      mine ||= result !== d;
    });
    return result;
  }
  if (isNil(i)) {
    const all = changed(session, d, false, change, y);
    if (all.kind !== "table") throw signal("type", "a table stays a table");
    return all;
  }
  return overIndices(session, d, i, change, y);
}
/** A whole column as one item. A name that is not there is a new column. */
function atColumn(
  session: Session,
  d: Table,
  owned: boolean,
  name: string,
  change: Change,
  y: Value | undefined,
): Table {
  const c = d.names.indexOf(name);
  const old = c < 0 ? gather([]) : columnAt(d, c);
  const column = changed(session, old, false, change, y);
  const rows = d.names.length === 0 ? countOf(column) : rowCount(d);
  const whole = isList(column) ? column : gather(new Array<Value>(rows).fill(column));
  if (countOf(whole) !== rows) throw signal("length", "a column has an item for every row");
  const m = mutable(d, owned);
  if (c < 0) addColumn(m, name, whole);
  else putColumn(m, c, whole);
  return m;
}

// ---- a path --------------------------------------------------------------------------------------------------------
function deep(
  session: Session,
  d: Value,
  owned: boolean,
  path: readonly (Value | undefined)[],
  change: Change,
  y: Value | undefined,
): Value {
  if (path.length === 0) return changed(session, d, owned, change, y);
  const i = path[0];
  const below = path.slice(1);
  const elided = i === undefined || isNil(i);
  if (below.length === 0) return at(session, d, owned, i ?? session.primitive("::"), change, y);
  if (below.every((b) => b === undefined || isNil(b)) && !elided) return at(session, d, owned, i, change, y);
  if (d.kind === "table") return deepTable(session, d, owned, elided ? undefined : i, below, change, y);
  if (d.kind === "dict") return deepDict(session, d, owned, elided ? undefined : i, below, change, y);
  if (d.kind !== "list") throw signal("type", "the path is deeper than the value");
  if (elided)
    return deepPlaces(
      session,
      d,
      owned,
      d.items.map((_, k) => k),
      below,
      change,
      y,
    );
  if (i.kind === "atom") {
    const p = placeOf(i, d.items.length);
    const m = mutable(d, owned);
    const child = m.items[p]!;
    putItem(m, p, deep(session, child, m === d && isMine(child), below, change, y));
    m.attribute = 0;
    return m;
  }
  if (!isList(i)) throw signal("type", "not an index");
  conform(y, countOf(i));
  let result: Value = d;
  let mine = false;
  itemsOf(i).forEach((index, k) => {
    result = deep(session, result, mine, [index, ...below], change, partOf(y, k));
    mine ||= result !== d;
  });
  return result;
}
function deepPlaces(
  session: Session,
  d: List,
  owned: boolean,
  places: number[],
  below: readonly (Value | undefined)[],
  change: Change,
  y: Value | undefined,
): Value {
  conform(y, places.length);
  const m = mutable(d, owned && places.length === 1);
  places.forEach((p, k) => {
    const child = m.items[p]!;
    putItem(m, p, deep(session, child, m === d && isMine(child), below, change, partOf(y, k)));
  });
  m.attribute = 0;
  return m;
}

function deepDict(
  session: Session,
  d: Dict,
  owned: boolean,
  i: Value | undefined,
  below: readonly (Value | undefined)[],
  change: Change,
  y: Value | undefined,
): Value {
  if (i === undefined) {
    const m = mutable(d, owned);
    putValues(m, deep(session, m.values, m === d && isMine(m.values), [undefined, ...below], change, y));
    return m;
  }
  if (!namesOneKey(d, i)) {
    const keys = itemsOf(i);
    conform(y, keys.length);
    let result: Value = d;
    let mine = false;
    keys.forEach((key, k) => {
      result = deep(session, result, mine, [key, ...below], change, partOf(y, k));
      mine ||= result !== d;
    });
    return result;
  }
  const p = keyPosition(session, d, i);
  if (p < 0) return setKey(session, d, i, deep(session, itemOrNull(d.values, -1), false, below, change, y), owned);
  if (d.values.kind === "list") {
    const m = mutable(d, owned);
    const values = mutable(d.values, m === d);
    const child = values.items[p]!;
    putItem(values, p, deep(session, child, m === d && values === d.values && isMine(child), below, change, y));
    values.attribute = 0;
    putValues(m, values);
    return m;
  }
  if (isKeyed(d)) {
    const m = mutable(d, owned);
    const row = long(p);
    putValues(m, deepTable(session, d.values, m === d && isMine(d.values), row, below, change, y));
    return m;
  }
  throw signal("type", "the path is deeper than the dictionary");
}

/** Rows and a column: the column is amended at the rows; a column first: the rest of the path goes on in it. */
function deepTable(
  session: Session,
  d: Table,
  owned: boolean,
  i: Value | undefined,
  below: readonly (Value | undefined)[],
  change: Change,
  y: Value | undefined,
): Value {
  const byName = (v: Value | undefined): boolean => v !== undefined && Math.abs(v.type) === T.symbol;
  if (i !== undefined && byName(i)) return overColumns(session, d, owned, i, below, change, y);
  const j = below[0];
  if (j !== undefined && byName(j)) {
    if (j.kind === "atom") return overColumns(session, d, owned, j, [i, ...below.slice(1)], change, y);
    // Row by row as the items of y come; columns share the work.
    const oneRow = i !== undefined && i.kind === "atom";
    if (oneRow) return overColumns(session, d, owned, j, [i, ...below.slice(1)], change, y);
    const columnwise = y !== undefined && isSpread(y) ? flipped(y, countOf(j)) : y;
    return overColumns(session, d, owned, j, [i, ...below.slice(1)], change, columnwise);
  }
  throw signal("type", "a table is amended by rows and column names");
}
function flipped(rows: Value, width: number): Value {
  const items = itemsOf(rows);
  return gather(
    Array.from({ length: width }, (_, c) => gather(items.map((row) => (isSpread(row) ? itemAt(row, c) : row)))),
  );
}
function overColumns(
  session: Session,
  d: Table,
  owned: boolean,
  names: Value,
  rest: readonly (Value | undefined)[],
  change: Change,
  y: Value | undefined,
): Table {
  const several = names.kind !== "atom";
  const texts = symbolTexts(names);
  if (several) conform(y, texts.length);
  const m = mutable(d, owned && !several);
  texts.forEach((name, k) => {
    const c = m.names.indexOf(name);
    if (c < 0) throw signal("index", `no column ${name}`);
    const column = columnAt(m, c);
    putColumn(m, c, deep(session, column, m === d && isMine(column), rest, change, several ? partOf(y, k) : y));
  });
  return m;
}

export { appendInPlace } from "./appending.ts";
