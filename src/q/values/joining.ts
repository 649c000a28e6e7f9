// x,y as a new value, and the records that a table takes: what Join, `,:`, insert and upsert have in common.
// Joining never changes its arguments; growing.ts and appending.ts do that for a variable that owns its value.

import { T } from "./datatypes.ts";
import { isEnumType, unenumerate } from "./enumeration.ts";
import { checkItems } from "./growing.ts";
import { copyElements, pick, pickColumn, positions } from "./picking.ts";
import { isKeyed, type KeyedTable, recordsFor } from "./records.ts";
import { classesOf, positionsIn, rowPositions } from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import { I32 } from "./storage.ts";
import type { Dict, Table, Value, Vector } from "./values.ts";
import {
  columnAt,
  countOf,
  dict,
  gather,
  itemAt,
  itemsOf,
  list,
  newVector,
  rowCount,
  setElement,
  symbolTexts,
  table,
} from "./vectors.ts";

/** x,y of lists and atoms: a vector when both are of one type, else a general list. */
export function joinLists(session: Session, x: Value, y: Value): Value {
  const joined = joinVectors(x, y);
  if (joined !== undefined) return joined;
  // Enumerations of different domains, or with symbols, lose their domain, unless both are atoms.
  if (x.kind === "vector" || y.kind === "vector") {
    const symbolic = (v: Value) => Math.abs(v.type) === T.symbol || isEnumType(v.type);
    if (symbolic(x) && symbolic(y)) return joinLists(session, unenumerate(session, x), unenumerate(session, y));
  }
  if (x.kind === "list" && x.items.length === 0 && y.kind === "vector") return y;
  if (y.kind === "list" && y.items.length === 0 && x.kind === "vector") return x;
  return gather([...(isItem(x) ? [x] : itemsOf(x)), ...(isItem(y) ? [y] : itemsOf(y))]);
}
const isItem = (v: Value): boolean => v.kind !== "vector" && v.kind !== "list" && v.kind !== "table";

function joinVectors(x: Value, y: Value): Vector | undefined {
  if ((x.kind !== "vector" && x.kind !== "atom") || (y.kind !== "vector" && y.kind !== "atom")) return undefined;
  const type = Math.abs(x.type);
  if (type !== Math.abs(y.type) || x.domain !== y.domain) return undefined;
  const nx = countOf(x);
  const ny = countOf(y);
  const r = newVector(type, nx + ny, x.domain);
  if (x.kind === "vector") copyElements(r, 0, x, 0, nx);
  else setElement(r, 0, x.value);
  if (y.kind === "vector") copyElements(r, nx, y, 0, ny);
  else setElement(r, nx, y.value);
  return r;
}

/** Several lists end to end, as `raze` of vectors does: one pass when all are vectors or atoms of one type. */
export function joinAll(session: Session, parts: readonly Value[]): Value {
  const first = parts[0];
  if (first === undefined) return list([]);
  const type = Math.abs(first.type);
  const simple =
    (first.kind === "vector" || first.kind === "atom") &&
    parts.every(
      (p) => (p.kind === "vector" || p.kind === "atom") && Math.abs(p.type) === type && p.domain === first.domain,
    );
  if (!simple) {
    if (
      parts.every((p) => p.kind === "list" || p.kind === "vector" || p.kind === "atom") &&
      parts.some((p) => p.kind === "list")
    ) {
      return gather(parts.flatMap((p) => (isItem(p) ? [p] : itemsOf(p))));
    }
    return parts.reduce((x, y) => join(session, x, y));
  }
  let count = 0;
  for (const p of parts) count += countOf(p);
  const r = newVector(type, count, (first as Vector).domain);
  let at = 0;
  for (const p of parts) {
    if (p.kind === "vector") copyElements(r, at, p, 0, p.count);
    else if (p.kind === "atom") setElement(r, at, p.value);
    at += countOf(p);
  }
  return r;
}

/** x,y. Dictionaries and keyed tables are upserted, tables get rows. */
export function join(session: Session, x: Value, y: Value): Value {
  if (x.kind === "dict" && y.kind === "dict") return joinDicts(session, x, y);
  if (isKeyed(x) && (y.kind === "table" || y.kind === "list" || y.kind === "vector")) return joinKeyed(session, x, y);
  if (x.kind === "table" && y.kind === "table") return joinTables(session, x, y);
  if (x.kind === "table" && y.kind === "dict" && !isKeyed(y)) return joinTables(session, x, rowTable(y));
  if (y.kind === "table" && x.kind === "dict" && !isKeyed(x)) return joinTables(session, rowTable(x), y);
  if (isEmptyList(x) && y.kind === "table") return y;
  if (isEmptyList(y) && x.kind === "table") return x;
  // A record is no item of a vector, and an atom none of a dictionary.
  if ((isDict(x) && isPlain(y)) || (isDict(y) && isPlain(x))) throw signal("type", "a dictionary joins no vector");
  return joinLists(session, x, y);
}
const isDict = (v: Value): boolean => v.kind === "dict";
const isPlain = (v: Value): boolean => v.kind === "atom" || v.kind === "vector";
const isEmptyList = (v: Value): boolean => v.kind === "list" && v.items.length === 0;
/** A record as a table of one row. */
export function rowTable(d: Dict): Table {
  const names = symbolTexts(d.keys);
  return table(
    names,
    names.map((_, k) => gather([itemAt(d.values, k)])),
  );
}

function joinTables(session: Session, x: Table, y: Table): Value {
  if (x.names.length !== y.names.length) throw signal("mismatch", "the tables have different columns");
  return table(
    x.names,
    x.names.map((name, c) => {
      const k = y.names.indexOf(name);
      if (k < 0) throw signal("mismatch", `no column ${name}`);
      return joinLists(session, columnAt(x, c), columnAt(y, k));
    }),
  );
}

function joinDicts(session: Session, x: Dict, y: Dict): Value {
  if (isKeyed(x) || isKeyed(y)) {
    if (!isKeyed(x)) throw signal("mismatch", "a keyed table joins a keyed table");
    if (
      isKeyed(y) &&
      (x.keys.names.length !== y.keys.names.length || x.values.names.length !== y.values.names.length)
    ) {
      throw signal("mismatch", "the keyed tables have different columns");
    }
    return joinKeyed(session, x, y);
  }
  return mergeDicts(session, x, y);
}
/**
 * x,y of dictionaries as positions into the values of x and then y: for every key of x what stands there now, then for
 * every new key its last value. `fresh`: where the new keys first stand in y.
 */
function merge(session: Session, xKeys: Value, yKeys: Value): { from: number[]; fresh: number[] } {
  const sameKind = xKeys.kind !== "vector" || yKeys.kind !== "vector" || xKeys.type === yKeys.type || yKeys.count === 0;
  const [x, y] = sameKind ? [xKeys, yKeys] : [list(itemsOf(xKeys)), list(itemsOf(yKeys))];
  const ny = countOf(y);
  const nx = countOf(x);
  if (ny === 0) return { from: Array.from({ length: nx }, (_, i) => i), fresh: [] };
  const find = (a: Value, b: Value) =>
    a.kind === "table" && b.kind === "table" ? rowPositions(session, a, b) : positionsIn(session, a, b);
  const found = find(x, y);
  const classes = y.kind === "table" ? rowPositions(session, y, y) : classesOf(session, y);
  const from: number[] = Array.from({ length: nx }, (_, i) => i);
  const fresh: number[] = [];
  const place = new Map<number, number>();
  for (let j = 0; j < ny; j++) {
    const at = I32[found.at / 4 + j]!;
    if (at >= 0) {
      from[at] = nx + j;
      continue;
    }
    const first = I32[classes.at / 4 + j]!;
    const known = place.get(first);
    if (known !== undefined) from[known] = nx + j;
    else {
      place.set(first, from.length);
      from.push(nx + j);
      fresh.push(j);
    }
  }
  return { from, fresh };
}

function mergeDicts(session: Session, x: Dict, y: Dict): Value {
  if (countOf(x) === 0 && x.keys.kind === "list") return y;
  const { from, fresh } = merge(session, x.keys, y.keys);
  const values = joinLists(session, listed(x.values), listed(y.values));
  return dict(joinLists(session, x.keys, pick(y.keys, positions(fresh))), pick(values, positions(from)));
}
const listed = (v: Value): Value => (v.kind === "dict" ? list(itemsOf(v)) : v);

/** A keyed table with records upserted: strict in types, columns that y lacks keep what they have. */
function joinKeyed(session: Session, x: KeyedTable, y: Value): Value {
  const names = [...x.keys.names, ...x.values.names];
  const columns = names.map((_, c) => keyedColumn(x, c));
  const records = recordsFor(names, columns, y);
  const width = x.keys.names.length;
  for (let c = 0; c < names.length; c++) {
    const added = records.columns[c];
    if (added !== undefined) checkItems(session, columns[c]!, added);
    else if (c < width) throw signal("mismatch", `no key column ${names[c]}`);
  }
  const yKeys = table(x.keys.names, records.columns.slice(0, width) as Value[]);
  const { from, fresh } = merge(session, x.keys, yKeys);
  const nx = rowCount(x.keys);
  const result = columns.map((column, c) => {
    const added = records.columns[c];
    if (c < width) return joinLists(session, column, pickColumn(added!, positions(fresh)));
    if (added === undefined) return pickColumn(column, positions(from.map((p, i) => (i < nx ? i : p < nx ? p : -1))));
    return pickColumn(joinLists(session, column, added), positions(from));
  });
  return dict(table(x.keys.names, result.slice(0, width)), table(x.values.names, result.slice(width)));
}
const keyedColumn = (x: KeyedTable, c: number): Value =>
  c < x.keys.names.length ? columnAt(x.keys, c) : columnAt(x.values, c - x.keys.names.length);
