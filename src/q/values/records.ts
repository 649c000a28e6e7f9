// The rows that a table is given, in the many ways q writes them, as columns: a record (list or dictionary), a list of
// records, a table, a keyed table. Who stores them where is growing.ts's and joining.ts's business.

import { T } from "./datatypes.ts";
import { isEnumType } from "./enumeration.ts";
import { signal } from "./signals.ts";
import type { Dict, Table, Value } from "./values.ts";
import { columnAt, countOf, gather, isList, itemAt, itemsOf, list, rowCount, symbolTexts } from "./vectors.ts";

export type KeyedTable = Dict & { keys: Table; values: Table };
export const isKeyed = (v: Value): v is KeyedTable =>
  v.kind === "dict" && v.keys.kind === "table" && v.values.kind === "table";

/** A keyed table's columns, key first, or a table's: names and lists. */
export function namedColumns(v: Table | KeyedTable): { names: string[]; columns: Value[] } {
  if (v.kind === "table") return { names: v.names, columns: v.names.map((_, c) => columnAt(v, c)) };
  const keys = namedColumns(v.keys);
  const values = namedColumns(v.values);
  return { names: [...keys.names, ...values.names], columns: [...keys.columns, ...values.columns] };
}

/** Columns to add, one for each of the table's; undefined where the records say nothing. */
export interface Records {
  readonly columns: (Value | undefined)[];
  readonly count: number;
  /** A single record's items as they are; then `columns` is made only if asked for. */
  readonly row?: readonly (Value | undefined)[];
}
class OneRecord implements Records {
  readonly count = 1;
  private made: (Value | undefined)[] | undefined;
  constructor(readonly row: readonly (Value | undefined)[]) {}
  get columns(): (Value | undefined)[] {
    this.made ??= this.row.map((item) => (item === undefined ? undefined : oneItem(item)));
    return this.made;
  }
}
/** The r-th record's item for column c; undefined where nothing is said. */
export function recordItem(records: Records, c: number, r: number): Value | undefined {
  if (records.row !== undefined) return records.row[c];
  const column = records.columns[c];
  return column === undefined ? undefined : itemAt(column, r);
}

/** Could this be one item of that column? An empty general list takes anything. */
export function fits(column: Value, item: Value): boolean {
  if (column.kind !== "vector") return true;
  if (item.kind !== "atom") return false;
  if (item.type === -column.type || isEnumType(column.type)) return true;
  const symbolic = (type: number) => Math.abs(type) === T.symbol || isEnumType(type);
  return symbolic(column.type) && symbolic(item.type);
}

/** The records y for a table with these columns. */
export function recordsFor(names: readonly string[], columns: readonly Value[], y: Value): Records {
  if (y.kind === "table" || isKeyed(y))
    return byName(names, namedColumns(y), y.kind === "table" ? rowCount(y) : rowCount(y.keys));
  if (y.kind === "dict") {
    const given = symbolTexts(y.keys);
    const items = given.map((_, k) => itemAt(y.values, k));
    const columnOf = (name: string) => columns[names.indexOf(name)];
    // A dictionary of lists is a table not yet flipped, unless the columns hold lists.
    const lists = items.length > 0 && items.every((item, k) => isList(item) && columnOf(given[k]!)?.kind === "vector");
    if (lists) return byName(names, { names: given, columns: items }, countOf(items[0]!));
    checkNames(names, given);
    return new OneRecord(names.map((name) => items[given.indexOf(name)]));
  }
  if (!isList(y)) {
    if (names.length === 1 && fits(columns[0]!, y)) return new OneRecord([y]);
    throw signal("type", "a record is a list or a dictionary");
  }
  const items = itemsOf(y);
  if (items.length === 0) return { columns: columns.map(() => list([])), count: 0 };
  if (items.length === names.length && items.every((item, c) => fits(columns[c]!, item))) {
    return new OneRecord(items);
  }
  const width = names.length;
  const rowwise = items.every((item) => isList(item) && countOf(item) === width);
  if (rowwise && items.every((row) => columns.every((column, c) => fits(column, itemAt(row, c))))) {
    return { columns: columns.map((_, c) => gather(items.map((row) => itemAt(row, c)))), count: items.length };
  }
  if (items.length !== width) throw signal("length", "a record has an item for every column");
  return columnwise(items);
}

/** A list of columns, as insert takes it; atoms stand for all rows. */
export function columnwise(items: readonly Value[]): Records {
  let count = -1;
  for (const item of items) {
    if (!isList(item)) continue;
    if (count >= 0 && countOf(item) !== count) throw signal("length", "the columns are of different lengths");
    count = countOf(item);
  }
  if (count < 0) count = 1;
  return { columns: items.map((item) => (isList(item) ? item : gather(new Array<Value>(count).fill(item)))), count };
}

const oneItem = (item: Value): Value => gather([item]);
function byName(
  names: readonly string[],
  given: { names: readonly string[]; columns: readonly Value[] },
  count: number,
): Records {
  for (const name of given.names)
    if (!names.includes(name)) throw signal("mismatch", `the table has no column ${name}`);
  return { columns: names.map((name) => given.columns[given.names.indexOf(name)]), count };
}
function checkNames(names: readonly string[], given: readonly string[]): void {
  for (const name of given) if (!names.includes(name)) throw signal("mismatch", `the table has no column ${name}`);
}
