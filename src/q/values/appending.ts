// x,:y and its relatives (insert, upsert by name): appending in place, and upserting into dictionaries and keyed tables.
// Stricter than Join: a vector keeps its type, and a list of lists takes a list as one item. Everything is checked
// before anything changes. `owned` says that the caller's variable alone holds the value; otherwise it is copied first.

import {
  checkItem,
  checkItems,
  extend,
  isMine,
  mutable,
  push,
  putColumn,
  putKeys,
  putValues,
  reserve,
  setAt,
} from "./growing.ts";
import { join } from "./joining.ts";
import { keyPosition, recordPosition } from "./keys.ts";
import { missingItem, pickColumn, positions } from "./picking.ts";
import { isKeyed, type KeyedTable, namedColumns, recordItem, type Records, recordsFor } from "./records.ts";
import { depthOf } from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import type { Atom, Dict, Table, Value, Vector } from "./values.ts";
import { columnAt, countOf, itemAt, itemsOf, rowCount, setElement, table } from "./vectors.ts";

/** v,:y — returns the value to store, `v` itself when it could grow where it is. */
export function appendInPlace(session: Session, v: Value, y: Value, owned = true): Value {
  switch (v.kind) {
    case "vector":
      if (y.kind === "atom") return push(session, v, y, owned);
      if (y.kind === "vector" || y.kind === "list") return extend(session, v, y, owned);
      throw signal("type", "a vector takes atoms and lists");
    case "list": {
      if (v.items.length === 0) return join(session, v, y);
      const isItem = y.kind !== "vector" && y.kind !== "list" && y.kind !== "table";
      if (isItem || depthOf(v) === depthOf(y) + 1) return push(session, v, y, owned);
      return extend(session, v, y, owned);
    }
    case "table":
      return (
        appendAtoms(v, y, owned) ?? appendRecords(session, v, recordsFor(v.names, namedColumns(v).columns, y), owned)
      );
    case "dict":
      if (isKeyed(v)) return upsertKeyed(session, v, y, owned);
      if (y.kind !== "dict") throw signal("type", "a dictionary takes dictionaries");
      return upsertDict(session, v, y, owned);
    default:
      return join(session, v, y);
  }
}

/** Rows appended to a table. */
export function appendRecords(session: Session, t: Table, records: Records, owned: boolean): Table {
  if (records.count === 0) return t;
  if (records.row !== undefined) return appendRow(session, t, records.row, owned);
  const nothing = missingRows(records.count);
  const added = records.columns.map((column, c) => column ?? pickColumn(columnAt(t, c), nothing));
  for (let c = 0; c < added.length; c++) checkItems(session, columnAt(t, c), added[c]!);
  const m = mutable(t, owned);
  const mine = m === t;
  for (let c = 0; c < added.length; c++) {
    putColumn(m, c, extend(session, columnAt(m, c), added[c]!, mine));
  }
  m.attribute = 0;
  return m;
}
/**
 * A record of atoms that are just what the columns hold, onto a table that is ours down to its columns: the row of a feed,
 * with nothing made on the way. undefined when anything is otherwise; then nothing was done.
 */
export function appendAtoms(t: Table, y: Value, owned: boolean): Table | undefined {
  if (!owned || y.kind !== "list" || !isMine(t)) return undefined;
  const { columns } = t;
  const { items } = y;
  if (items.length !== columns.length) return undefined;
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c]!;
    const item = items[c]!;
    if (column.kind !== "vector" || item.kind !== "atom" || item.type !== -column.type || item.domain !== column.domain)
      return undefined;
    if ((column.attribute !== 0 && column.attribute !== 4) || !isMine(column)) return undefined;
  }
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c] as Vector;
    const at = column.count;
    reserve(column, at + 1);
    column.count = at + 1;
    setElement(column, at, (items[c] as Atom).value);
  }
  t.attribute = 0;
  return t;
}
/** One row, without a list for every item. */
function appendRow(session: Session, t: Table, row: readonly (Value | undefined)[], owned: boolean): Table {
  for (let c = 0; c < row.length; c++) if (row[c] !== undefined) checkItem(session, columnAt(t, c), row[c]!);
  const m = mutable(t, owned);
  const mine = m === t;
  for (let c = 0; c < row.length; c++) {
    const column = columnAt(m, c);
    putColumn(m, c, push(session, column, row[c] ?? missingItem(column), mine));
  }
  m.attribute = 0;
  return m;
}
const missingRows = (count: number) => positions(new Array<number>(count).fill(-1));

/** d,:y key by key: what is there is replaced, what is new is appended. */
export function upsertDict(session: Session, d: Dict, y: Dict, owned: boolean): Dict {
  const keys = itemsOf(y.keys);
  let result = d;
  checkItems(session, d.keys, y.keys);
  checkItems(session, d.values, y.values);
  // Several keys into general values, or into nothing, may stop half-way when the values take a type: on a copy, then.
  const isTyped = countOf(d.keys) > 0 && d.values.kind === "vector";
  let mine = owned && (keys.length === 1 || isTyped);
  keys.forEach((key, k) => {
    result = setKey(session, result, key, itemAt(y.values, k), mine);
    mine ||= result !== d;
  });
  return result;
}

/** d[key]:value. A new key is appended. */
export function setKey(session: Session, d: Dict, key: Value, value: Value, owned: boolean): Dict {
  if (d.attribute === 1) throw signal("step", "a step dictionary is not amended");
  const p = keyPosition(session, d, key);
  if (p >= 0) return setValueAt(session, d, p, value, owned);
  if (d.keys.kind === "table" || d.values.kind === "table") {
    if (isKeyed(d)) return upsertKeyed(session, d, joinRecord(d, key, value), owned);
    throw signal("type", "such a dictionary takes no new key");
  }
  checkItem(session, d.keys, key);
  checkItem(session, d.values, value);
  const m = mutable(d, owned);
  const mine = m === d;
  const { index } = m;
  const keys = push(session, m.keys, key, mine);
  putKeys(m, keys);
  // Appending leaves every known position where it was; the index takes the new key in when it is next asked.
  if (mine) m.index = index;
  putValues(m, push(session, m.values, value, mine));
  return m;
}
/** The value at a known position replaced. */
export function setValueAt(session: Session, d: Dict, p: number, value: Value, owned: boolean): Dict {
  const m = mutable(d, owned);
  const mine = m === d;
  putValues(m, setItem(session, m.values, p, value, mine));
  return m;
}
/** x[p]:item for a list or a table's row. */
export function setItem(session: Session, v: Value, p: number, item: Value, owned: boolean): Value {
  if (v.kind !== "table") return setAt(session, v, p, item, owned);
  const { columns, count } = recordsFor(v.names, namedColumns(v).columns, item);
  if (count !== 1) throw signal("length", "a row is one record");
  columns.forEach((column, c) => {
    if (column !== undefined) checkItems(session, columnAt(v, c), column);
  });
  const m = mutable(v, owned);
  const mine = m === v;
  columns.forEach((column, c) => {
    if (column === undefined) return;
    putColumn(m, c, setAt(session, columnAt(m, c), p, itemAt(column, 0), mine));
  });
  return m;
}
/** A key and a value record as one list for the columns of a keyed table. */
function joinRecord(d: KeyedTable, key: Value, value: Value): Value {
  const part = (t: Table, y: Value) => recordsFor(t.names, namedColumns(t).columns, y);
  const k = part(d.keys, key);
  const v = part(d.values, value);
  if (k.count !== v.count) throw signal("length", "as many keys as records are wanted");
  const given = [...k.columns, ...v.columns];
  const names = [...d.keys.names, ...d.values.names];
  const kept = given.flatMap((column, c) => (column === undefined ? [] : [c]));
  return table(
    kept.map((c) => names[c]!),
    kept.map((c) => given[c]!),
  );
}

/** Records into a keyed table: known keys get the new values, others are appended. */
export function upsertKeyed(session: Session, d: KeyedTable, y: Value, owned: boolean): KeyedTable {
  if (d.attribute === 1) throw signal("step", "a step dictionary is not amended");
  const { names, columns } = namedColumns(d);
  const records = recordsFor(names, columns, y);
  const width = d.keys.names.length;
  for (let c = 0; c < names.length; c++) {
    const item = records.row === undefined ? undefined : records.row[c];
    if (item !== undefined) checkItem(session, columns[c]!, item);
    else if (records.row === undefined && records.columns[c] !== undefined)
      checkItems(session, columns[c]!, records.columns[c]!);
    else if (c < width) throw signal("mismatch", `no key column ${names[c]}`);
  }
  // Many records at once are found and placed column by column; that writes every column anew, without attributes.
  if (records.count > 64 && records.count * 4 > rowCount(d.keys) && columns.every((column) => attributeless(column))) {
    const given = names.flatMap((_, c) => (records.columns[c] === undefined ? [] : [c]));
    const rows = table(
      given.map((c) => names[c]!),
      given.map((c) => records.columns[c]!),
    );
    return join(session, d, rows) as KeyedTable;
  }
  let m = d;
  let mine = owned;
  for (let r = 0; r < records.count; r++) {
    m = upsertRecord(session, m, records, r, mine);
    mine ||= m !== d;
  }
  return m;
}
const attributeless = (column: Value): boolean =>
  (column.kind === "vector" || column.kind === "list") && column.attribute === 0;
function upsertRecord(session: Session, d: KeyedTable, records: Records, r: number, owned: boolean): KeyedTable {
  const width = d.keys.names.length;
  const all = width + d.values.names.length;
  const key: Value[] = [];
  for (let c = 0; c < width; c++) key.push(recordItem(records, c, r)!);
  const p = rowCount(d.keys) === 0 ? -1 : recordPosition(session, d, d.keys, key);
  const m = mutable(d, owned);
  const mine = m === d;
  const values = mutable(m.values, mine);
  const valuesMine = values === m.values;
  if (p >= 0) {
    for (let c = width; c < all; c++) {
      const item = recordItem(records, c, r);
      if (item !== undefined)
        putColumn(values, c - width, setAt(session, columnAt(values, c - width), p, item, valuesMine));
    }
  } else {
    const { index } = m;
    const keys = mutable(m.keys, mine);
    const keysMine = keys === m.keys;
    key.forEach((item, c) => {
      putColumn(keys, c, push(session, columnAt(keys, c), item, keysMine));
    });
    for (let c = width; c < all; c++) {
      const column = columnAt(values, c - width);
      putColumn(values, c - width, push(session, column, recordItem(records, c, r) ?? missingItem(column), valuesMine));
    }
    putKeys(m, keys);
    if (mine) m.index = index;
  }
  putValues(m, values);
  return m;
}
