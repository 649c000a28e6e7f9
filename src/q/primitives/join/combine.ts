// What the joins share: finding partner rows, and putting the columns of two tables side by side. A table may be given
// keyed, and then its result is keyed again; or by name, and then it is changed where it stands.

import { T } from "#values/datatypes.ts";
import { joinLists } from "#values/joining.ts";
import { pickColumn, placeAt, positions } from "#values/picking.ts";
import { isKeyed, type KeyedTable, namedColumns } from "#values/records.ts";
import { columnsPositions, foundIn } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { Table, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, dict, newVector, rowCount, table } from "#values/vectors.ts";
import { byNameOrValue } from "../meta/tables-by-name.ts";

export type Columns = { names: string[]; columns: Value[] };

export const columnsOf = (t: Table): Columns => ({
  names: [...t.names],
  columns: t.names.map((_, c) => columnAt(t, c)),
});
export const simple = (t: Value): Table => {
  if (t.kind === "table") return t;
  if (!isKeyed(t)) throw signal("type", "a table is wanted");
  const { names, columns } = namedColumns(t);
  return table(names, columns);
};
export function keyedTable(y: Value): KeyedTable {
  if (!isKeyed(y)) throw signal("type", "a keyed table is wanted on the right");
  return y;
}

/** f of the table x as a simple one, keyed again as x was; x may be a name. */
export function throughKeys(session: Session, x: Value, f: (t: Table) => Table): Value {
  return byNameOrValue(session, x, (v) => {
    if (!isKeyed(v)) return f(simple(v));
    const width = v.keys.names.length;
    const { names, columns } = columnsOf(f(simple(v)));
    return dict(table(names.slice(0, width), columns.slice(0, width)), table(names.slice(width), columns.slice(width)));
  });
}

/** For every row of x the row of the keyed table y with its key, none outside 0 … count-1. */
export function partners(session: Session, x: Table, y: KeyedTable): Vector {
  const [only, ...others] = y.keys.names;
  if (only !== undefined && others.length === 0) return foundIn(session, columnAt(y.keys, 0), required(x, only));
  return columnsPositions(
    session,
    columnsOf(y.keys).columns,
    y.keys.names.map((name) => required(x, name)),
  );
}
export function required(t: Table, name: string): Value {
  const c = t.names.indexOf(name);
  if (c < 0) throw signal("type", `no column ${name}`);
  return columnAt(t, c);
}

/**
 * x with the columns of `right` at the rows `p` (one for each row of x). A column of both is right's where there is a
 * partner; with `fills`, only where right's item is not null.
 */
export function beside(session: Session, x: Table, right: Columns, p: Vector, fills = false): Table {
  const { names, columns } = columnsOf(x);
  const nx = rowCount(x);
  let from: Vector | undefined;
  right.names.forEach((name, c) => {
    const other = right.columns[c]!;
    const at = names.indexOf(name);
    if (at < 0) {
      names.push(name);
      columns.push(pickColumn(other, p));
      return;
    }
    if (fills) {
      columns[at] = session.apply2(session.primitive("^"), columns[at]!, pickColumn(other, p));
      return;
    }
    from ??= ownOrPartner(p, nx, countOf(other));
    columns[at] = pickColumn(joinLists(session, columns[at]!, other), from);
  });
  return table(names, columns);
}
/** Positions in x,right: the row itself where there is no partner. */
function ownOrPartner(p: Vector, nx: number, count: number): Vector {
  const from = newVector(T.int, p.count);
  for (let i = 0; i < p.count; i++) {
    const q = placeAt(p, i);
    I32[from.at / 4 + i] = q < 0 || q >= count ? i : nx + q;
  }
  return from;
}

/** Rows of x that have a partner, and those partners. */
export function matched(p: Vector, count: number): { rows: Vector; partners: Vector } {
  const rows: number[] = [];
  const found: number[] = [];
  for (let i = 0; i < p.count; i++) {
    const q = placeAt(p, i);
    if (q < 0 || q >= count) continue;
    rows.push(i);
    found.push(q);
  }
  return { rows: positions(rows), partners: positions(found) };
}

/** `count` nulls like the items of a column. */
export function nulls(column: Value, count: number): Value {
  return pickColumn(column, positions(new Array<number>(count).fill(-1)));
}
