// The table expression of a query: a table, a keyed table, a dictionary, or the name of one, in memory or on disk.

import { T } from "#values/datatypes.ts";
import { isKeyed } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Dict, Table, Value } from "#values/values.ts";
import { itemAt, symbolTexts } from "#values/vectors.ts";
import { type Columns, keyedColumns, tableColumns } from "./scope.ts";
import { countOf, isList } from "#values/vectors.ts";

export interface Source {
  readonly value: Table | Dict;
  /** Set when the query names a global: update and delete assign it. */
  readonly name: string | undefined;
}

export function sourceOf(session: Session, t: Value): Source {
  if (t.kind === "table" || t.kind === "dict") return { value: t, name: undefined };
  if (t.kind !== "atom" || t.type !== -T.symbol) throw signal("type", "a query wants a table");
  const name = t.value as string;
  const value = name.startsWith(":") ? session.host.database.get(name.slice(1)) : session.read(name);
  if (value === undefined) throw userSignal(name, "no such table");
  if (value.kind !== "table" && value.kind !== "dict") throw signal("type", `${name} is no table`);
  return { value, name };
}

/** Columns of whatever a query may be from, partitioned tables aside. */
export function columnsOf(value: Table | Dict): Columns {
  if (value.kind === "table") return tableColumns(value);
  return isKeyed(value) ? keyedColumns(value) : dictColumns(value);
}

/** A dictionary from symbols: its entries stand for columns. */
function dictColumns(d: Dict): Columns {
  if (d.keys.type !== T.symbol && countOf(d.keys) > 0) throw signal("type", "a query wants symbols for columns");
  const names = symbolTexts(d.keys);
  let rowCount = 0;
  const column = (name: string): Value | undefined => {
    const c = names.indexOf(name);
    return c < 0 ? undefined : itemAt(d.values, c);
  };
  for (let c = 0; c < names.length; c++) {
    const value = itemAt(d.values, c);
    rowCount = Math.max(rowCount, isList(value) ? countOf(value) : 1);
  }
  return { names, rowCount, column };
}
