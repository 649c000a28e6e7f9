// The keys of dictionaries and keyed tables: one key, many keys, records, steps; with an index that lookups build.

import { T } from "./datatypes.ts";
import { ItemIndex, sameValue } from "./hashing.ts";
import { mark, sweep } from "./ownership.ts";
import { positions } from "./picking.ts";
import {
  columnsPositions,
  depthOf,
  positionInList,
  positionInVector,
  positionsIn,
  rowPositions,
  valueAs,
} from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import type { Atom, Dict, List, Table, Value, Vector } from "./values.ts";
import { atom, columnAt, countOf, elementAt, gather, itemAt, itemsOf, rowCount, symbolTexts } from "./vectors.ts";

/** The items of one record for the columns of `x`: from a dictionary by name, from a list by position. */
export function recordOf(x: Table, y: Value): Value[] | undefined {
  const width = x.names.length;
  if (y.kind === "dict") {
    if (y.keys.kind !== "vector" || y.keys.type !== T.symbol) throw signal("type", "a record has column names");
    const names = symbolTexts(y.keys);
    return x.names.map((name) => {
      const k = names.indexOf(name);
      if (k < 0) throw signal("mismatch", `no column ${name}`);
      return itemAt(y.values, k);
    });
  }
  if (y.kind === "atom") {
    if (width !== 1) throw signal("length", "a record has an item for every column");
    return [y];
  }
  if (y.kind === "vector") {
    if (y.type === T.char && width === 1 && columnAt(x, 0).kind === "list") return [y];
    if (y.count !== width) throw signal("length", "a record has an item for every column");
    return itemsOf(y);
  }
  if (y.kind === "list") {
    if (y.items.length > 0 && y.items.every((item) => item.kind === "list" || item.kind === "vector")) {
      const stringy = x.names.every((_, c) => columnAt(x, c).kind === "list");
      if (!stringy) return undefined;
    }
    if (y.items.length !== width) throw signal("length", "a record has an item for every column");
    return y.items;
  }
  throw signal("type", "a record is a list or a dictionary");
}
/** Rows given one by one. */
export function listOfRecords(session: Session, x: Table, y: Value): Vector {
  const rows = itemsOf(y);
  const columns = x.names.map((_, c) =>
    gather(
      rows.map((row) => {
        if (countOf(row) !== x.names.length) throw signal("length", "a record has an item for every column");
        return itemAt(row, c);
      }),
    ),
  );
  return columnsPositions(
    session,
    x.names.map((_, c) => columnAt(x, c)),
    columns,
  );
}

/** The first row whose columns equal the record's items; one key column is one lookup. */
export function rowPosition(session: Session, x: Table, record: readonly Value[], cached = false): number {
  const first = columnAt(x, 0);
  if (x.names.length === 1) return itemPosition(session, first, record[0]!, cached);
  const n = rowCount(x);
  // A column that tells rows apart well goes first; scanning one column and checking the others needs no index.
  const columns = x.names.map((_, c) => columnAt(x, c));
  const wanted = record.map((item, c) => lookFor(session, columns[c]!, item));
  if (wanted.includes(undefined)) return -1;
  for (let i = 0; i < n; i++) {
    let c = 0;
    while (c < columns.length && equalsAt(columns[c]!, i, wanted[c]!)) c++;
    if (c === columns.length) return i;
  }
  return -1;
}
function lookFor(session: Session, column: Value, item: Value): Value | undefined {
  if (column.kind === "vector" && item.kind === "atom") {
    const value = valueAs(session, column, item);
    return value === undefined ? undefined : atom(column.type, value, column.domain);
  }
  return item;
}
function equalsAt(column: Value, i: number, wanted: Value): boolean {
  if (column.kind === "vector") {
    if (wanted.kind !== "atom") return false;
    const e = elementAt(column, i);
    return e === wanted.value || (Number.isNaN(e) && Number.isNaN(wanted.value));
  }
  return sameValue(itemAt(column, i), wanted);
}
/** First position of one item in a list, vector or table, -1 for none. The item is taken whole. */
export function itemPosition(session: Session, x: Value, key: Value, cached = false): number {
  switch (x.kind) {
    case "vector":
      return key.kind === "atom" ? positionInVector(session, x, key, cached || x.attribute >= 2) : -1;
    case "list":
      return positionInList(x, key);
    case "table": {
      const record = recordOf(x, key);
      return record === undefined ? -1 : rowPosition(session, x, record, cached);
    }
    default:
      return -1;
  }
}

/** What a dictionary with list keys or a keyed table knows; kept on Dict.index, cleared when its keys change. */
interface DictIndex {
  work: number;
  items?: ItemIndex;
  rows?: Map<string, number>;
  covered: number;
}
function dictIndex(d: Dict): DictIndex {
  const known = d.index as DictIndex | undefined;
  if (known !== undefined) return known;
  const fresh: DictIndex = { work: 0, covered: 0 };
  d.index = fresh;
  return fresh;
}

/** Position of one whole key, -1 for none; in a step dictionary the last key not after it. */
export function keyPosition(session: Session, d: Dict, key: Value): number {
  const keys = d.keys;
  if (d.attribute === 1) return stepPosition(session, keys, key);
  switch (keys.kind) {
    case "vector":
      if (key.kind !== "atom") throw signal("type", "the keys are atoms");
      return positionInVector(session, keys, key, true);
    case "list": {
      if (keys.items.length <= 8) return positionInList(keys, key);
      const index = dictIndex(d);
      index.items ??= new ItemIndex(keys.items);
      return index.items.position(key);
    }
    case "table": {
      const record = recordOf(keys, key);
      if (record === undefined) throw signal("length", "one record is wanted here");
      return recordPosition(session, d, keys, record);
    }
    default:
      throw signal("type", "no dictionary has such keys");
  }
}
/** A record's row in the key of a keyed table; many lookups build a map over all key columns. */
export function recordPosition(session: Session, d: Dict, keys: Table, record: readonly Value[]): number {
  if (keys.names.length === 1) return itemPosition(session, columnAt(keys, 0), record[0]!, true);
  const n = rowCount(keys);
  const index = dictIndex(d);
  if (index.rows === undefined && (n <= 16 || index.work <= 4 * n)) {
    const i = rowPosition(session, keys, record);
    index.work += i < 0 ? n : i + 1;
    return i;
  }
  const columns = keys.names.map((_, c) => columnAt(keys, c));
  index.rows ??= new Map();
  for (let i = index.covered; i < n; i++) {
    const text = rowText(columns.map((column) => itemAt(column, i)));
    if (!index.rows.has(text)) index.rows.set(text, i);
  }
  index.covered = n;
  const wanted = record.map((item, c) => lookFor(session, columns[c]!, item));
  if (wanted.includes(undefined)) return -1;
  return index.rows.get(rowText(wanted as Value[])) ?? -1;
}
/** A text that equal rows share and unequal ones do not. */
function rowText(items: readonly Value[]): string {
  let text = "";
  for (const item of items) text += `${valueText(item)}\u{100}`;
  return text;
}
function valueText(v: Value): string {
  if (v.kind === "atom") return `${v.type}:${v.value === 0 ? "0" : String(v.value)}`;
  const m = mark();
  const text = `${v.type}(${itemsOf(v).map(valueText).join("\u{101}")})`;
  sweep(m);
  return text;
}

/** Orders two elements of one vector type: numbers by value (null first), symbols and guids by text. */
export function compareElements(a: Atom["value"], b: Atom["value"]): number {
  if (typeof a === "number" && Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
/** Orders atoms, then lists item by item. Mixed types go by type number. */
export function compareItems(a: Value, b: Value): number {
  if (a.kind === "atom" && b.kind === "atom") {
    if (a.type !== b.type) return b.type - a.type;
    return compareElements(a.value, b.value);
  }
  if (a.kind === "atom") return -1;
  if (b.kind === "atom") return 1;
  const n = Math.min(countOf(a), countOf(b));
  for (let i = 0; i < n; i++) {
    const c = compareItems(itemAt(a, i), itemAt(b, i));
    if (c !== 0) return c;
  }
  return countOf(a) - countOf(b);
}
/** Last position in an ascending list whose item is not after the key; -1 when all are. */
export function lastNotAfter(list: Value, key: Value): number {
  let lo = 0;
  let hi = countOf(list);
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (compareItems(itemAt(list, mid), key) <= 0) lo = mid + 1;
    else hi = mid;
  }
  return lo - 1;
}
function stepPosition(session: Session, keys: Value, key: Value): number {
  if (keys.kind === "vector") {
    if (key.kind !== "atom") throw signal("type", "the keys are atoms");
    const value = valueAs(session, keys, key);
    return value === undefined ? -1 : lastNotAfter(keys, atom(keys.type, value, keys.domain));
  }
  if (keys.kind === "table") {
    const record = recordOf(keys, key);
    if (record === undefined) throw signal("length", "one record is wanted here");
    // All key columns but the last must be equal; the last is searched as steps.
    const columns = keys.names.map((_, c) => columnAt(keys, c));
    let best = -1;
    const last = columns.length - 1;
    for (let i = 0; i < rowCount(keys); i++) {
      let c = 0;
      while (c < last && equalsAt(columns[c]!, i, record[c]!)) c++;
      if (c === last && compareItems(itemAt(columns[last]!, i), record[last]!) <= 0) best = i;
    }
    return best;
  }
  return lastNotAfter(keys, key);
}

/** Where the keys asked for stand: one position, or a vector of positions when `key` names several. */
export function lookup(session: Session, d: Dict, key: Value): number | Vector | undefined {
  const keys = d.keys;
  if (keys.kind === "vector") {
    if (key.kind === "atom") return keyPosition(session, d, key);
    if (key.kind === "vector") {
      if (d.attribute === 1) return positions(itemsOf(key).map((k) => stepPosition(session, keys, k)));
      return positionsIn(session, keys, key);
    }
    // Nested keys keep their shape: the caller goes through them item by item.
    return undefined;
  }
  if (keys.kind === "table") {
    if (key.kind === "table") {
      if (d.attribute === 1) return positions(itemsOf(key).map((k) => stepPosition(session, keys, k)));
      return rowPositions(session, keys, key);
    }
    const record = recordOf(keys, key);
    if (record !== undefined) {
      return d.attribute === 1 ? stepPosition(session, keys, key) : recordPosition(session, d, keys, record);
    }
    return listOfRecords(session, keys, key);
  }
  const list = keys as List;
  const depth = list.items.length === 0 ? 0 : depthOf(list.items[0]!);
  const isList = key.kind === "vector" || key.kind === "list";
  if (!isList || (depth > 0 && depthOf(key) <= depth)) return keyPosition(session, d, key);
  if (
    list.items.some((item) => item.kind !== "atom") &&
    key.kind === "vector" &&
    list.items.some((i) => sameValue(i, key))
  ) {
    return keyPosition(session, d, key);
  }
  return positionsIn(session, keys, key);
}
