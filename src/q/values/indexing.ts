// v[i] and v[i;j;…]: what stands at an index of a list, dictionary or table. Out of range gives a null, never a signal.
// search.ts finds keys, picking.ts moves elements; amending what an index selects is amend.ts's.

import { T } from "./datatypes.ts";
import { isEnumType, unenumerate } from "./enumeration.ts";
import {
  itemOrNull,
  missingItem,
  nullRow,
  pick,
  pickColumn,
  pickRows,
  positionOf,
  positions,
  positionsFrom,
} from "./picking.ts";
import { lookup } from "./keys.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import type { Dict, List, Table, Value, Vector } from "./values.ts";
import { columnAt, countOf, dict, gather, itemAt, itemsOf, list, rowCount, symbolTexts, table } from "./vectors.ts";

/** The general null `::`, which as an index selects everything. */
export const isNil = (v: Value): boolean => v.kind === "primitive" && v.text === "::";

/** v[i]: one index, which may be a list of them. Functions are applied. */
export function index(session: Session, v: Value, i: Value): Value {
  switch (v.kind) {
    case "vector":
    case "list":
      return indexList(session, v, i);
    case "dict":
      return indexDict(session, v, i);
    case "table":
      return indexTable(session, v, i);
    case "atom":
      throw signal("type", "an atom has no items");
    default:
      return session.apply1(v, i);
  }
}

function indexList(session: Session, v: Vector | List, i: Value): Value {
  switch (i.kind) {
    case "atom": {
      const p = positionOf(i);
      return p >= 0 && p < countOf(v) ? itemAt(v, p) : missingItem(v);
    }
    case "vector":
      return pick(v, positionsFrom(i, countOf(v)));
    case "list":
      return gather(i.items.map((item) => indexList(session, v, item)));
    case "dict":
      return dict(i.keys, indexList(session, v, i.values));
    case "table":
      return table(
        i.names,
        i.names.map((_, c) => indexList(session, v, columnAt(i, c))),
      );
    default:
      if (isNil(i)) return v;
      throw signal("type", "a function is no index");
  }
}

function indexDict(session: Session, d: Dict, key: Value): Value {
  if (isNil(key)) return d;
  const found = lookup(session, d, key);
  if (typeof found === "number") return valueAt(d, found);
  if (found !== undefined) return pick(d.values, found);
  switch (key.kind) {
    case "list":
      return gather(key.items.map((item) => indexDict(session, d, item)));
    case "dict":
      return dict(key.keys, indexDict(session, d, key.values));
    case "table":
      return table(
        key.names,
        key.names.map((_, c) => indexDict(session, d, columnAt(key, c))),
      );
    default:
      throw signal("type", "a function is no key");
  }
}
/** The value at a position of a dictionary, the null for -1. */
const valueAt = (d: Dict, p: number): Value => itemOrNull(d.values, p);

function indexTable(session: Session, t: Table, i: Value): Value {
  switch (i.kind) {
    case "atom": {
      if (i.type === -T.symbol || isEnumType(i.type)) return columnNamed(session, t, i);
      const p = positionOf(i);
      return p >= 0 && p < rowCount(t) ? itemAt(t, p) : nullRow(t);
    }
    case "vector":
      if (i.type === T.symbol || isEnumType(i.type)) {
        const names = symbolTexts(unenumerate(session, i));
        return gather(names.map((name) => columnByName(t, name)));
      }
      return pickRows(t, positionsFrom(i, rowCount(t)));
    case "list":
      return i.items.length === 0
        ? pickRows(t, positions([]))
        : gather(i.items.map((item) => indexTable(session, t, item)));
    case "dict":
      return dict(i.keys, indexTable(session, t, i.values));
    default:
      if (isNil(i)) return t;
      throw signal("type", "a table is indexed by rows or column names");
  }
}
const columnNamed = (session: Session, t: Table, name: Value): Value =>
  columnByName(t, symbolTexts(unenumerate(session, name))[0]!);

/** A table's column by name; one that it does not have is an empty list, as kdb+ has it. */
export function columnByName(t: Table, name: string): Value {
  const c = t.names.indexOf(name);
  return c < 0 ? list([]) : columnAt(t, c);
}
/** A table's column by name, or a signal. */
export function requiredColumn(t: Table, name: string): Value {
  const c = t.names.indexOf(name);
  if (c < 0) throw signal("type", `no column ${name}`);
  return columnAt(t, c);
}

/**
 * v[i;j;…]: each index selects from what the one before selected; a list of indices makes a dimension of the result.
 * An elided index (undefined or ::) selects everything. A function met on the way gets the remaining ones as arguments.
 */
export function indexDeep(session: Session, v: Value, args: readonly (Value | undefined)[]): Value {
  if (args.length === 0) return v;
  const i = args[0];
  const elided = i === undefined || isNil(i);
  if (args.length === 1) return elided ? v : index(session, v, i);
  const rest = args.slice(1);
  switch (v.kind) {
    case "vector":
      throw signal("rank", "a vector has one dimension");
    case "atom":
      throw signal("rank", "an atom has no items");
    case "list":
    case "dict":
    case "table":
      break;
    default:
      return session.apply(
        v,
        args.map((a) => a ?? session.primitive("::")),
      );
  }
  if (elided) return overAll(session, v, rest);
  // Columns first: reading a table's row only to take one item of it would make a dictionary of everything else.
  if (v.kind === "table" && rest.length === 1) {
    const cell = cells(session, v, i, rest[0]);
    if (cell !== undefined) return cell;
  }
  if (v.kind === "dict") {
    const found = lookup(session, v, i);
    if (typeof found === "number") return indexDeep(session, valueAt(v, found), rest);
    if (found !== undefined) return overSelected(session, pick(v.values, found), rest);
    return gather(itemsOf(i).map((item) => indexDeep(session, v, [item, ...rest])));
  }
  switch (i.kind) {
    case "atom":
      return indexDeep(session, index(session, v, i), rest);
    case "dict":
      return dict(i.keys, indexDeep(session, v, [i.values, ...rest]));
    case "vector":
    case "list":
      if (v.kind === "list" && i.kind === "vector") return overItems(session, v, i, rest);
      return gather(itemsOf(i).map((item) => indexDeep(session, v, [item, ...rest])));
    default:
      throw signal("type", "a function is no index");
  }
}

/** v[;j;…]: the rest applied to every item. */
function overAll(session: Session, v: List | Dict | Table, rest: readonly (Value | undefined)[]): Value {
  if (v.kind === "dict") return dict(v.keys, overSelected(session, v.values, rest));
  return overSelected(session, v, rest);
}
function overSelected(session: Session, v: Value, rest: readonly (Value | undefined)[]): Value {
  if (v.kind === "table") {
    const j = rest[0];
    if (rest.length === 1 && j !== undefined && j.kind === "atom" && j.type === -T.symbol) {
      return columnNamed(session, v, j);
    }
    if (rest.every((r) => r === undefined || isNil(r))) return v;
    return gather(itemsOf(v).map((row) => indexDeep(session, row, rest)));
  }
  if (v.kind === "dict") return overAll(session, v, rest);
  if (v.kind === "vector" && rest.every((r) => r === undefined || isNil(r))) return v;
  return gather(itemsOf(v).map((item) => indexDeep(session, item, rest)));
}
function overItems(session: Session, v: List, i: Vector, rest: readonly (Value | undefined)[]): Value {
  return overSelected(session, pick(v, positionsFrom(i, countOf(v))), rest);
}

/** t[rows;column]; undefined when the indices are of another kind. */
function cells(session: Session, t: Table, rows: Value, column: Value | undefined): Value | undefined {
  if (column === undefined || column.kind !== "atom" || column.type !== -T.symbol) return undefined;
  const name = column.value as string;
  if (!t.names.includes(name)) return undefined;
  const items = columnNamed(session, t, column);
  if (rows.kind === "atom" && rows.type < 0 && rows.type >= -T.long) return itemOrNull(items, positionOf(rows));
  if (rows.kind === "vector" && rows.type <= T.long) return pickColumn(items, positionsFrom(rows, countOf(items)));
  return undefined;
}
