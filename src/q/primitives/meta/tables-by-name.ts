// Tables given by value, by name or as a splayed folder: what cols, keys, meta and xasc have in common.

import { T } from "#values/datatypes.ts";
import { isKeyed, type KeyedTable } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Table, Value } from "#values/values.ts";

export type AnyTable = Table | KeyedTable;
export const isTable = (v: Value): v is AnyTable => v.kind === "table" || isKeyed(v);
export const isName = (v: Value): boolean => v.kind === "atom" && v.type === -T.symbol;

/** The table that x is, names, or holds as a file. */
export function tableOf(session: Session, x: Value): AnyTable {
  const v = named(session, x);
  if (!isTable(v)) throw signal("type", "a table is wanted");
  return v;
}
/** The value behind a name or a file; anything else as it is. */
export function named(session: Session, x: Value): Value {
  if (x.kind !== "atom" || x.type !== -T.symbol) return x;
  const name = x.value as string;
  if (name.startsWith(":")) return session.host.database.get(name.slice(1));
  const v = session.read(name);
  if (v === undefined) throw userSignal(name, "no such variable");
  return v;
}
/** f of a table: of a value the result, of a name or a file the name, with the result stored there. */
export function byNameOrValue(session: Session, x: Value, f: (t: Value) => Value): Value {
  if (x.kind !== "atom" || x.type !== -T.symbol) return f(x);
  const name = x.value as string;
  const result = f(named(session, x));
  if (name.startsWith(":")) session.host.database.set(name.slice(1), result);
  else session.assign(name, result);
  return x;
}

/** Column names, key first; a partitioned table's virtual column comes first too. */
export function columnNames(v: Value): string[] {
  if (v.kind === "table") return v.partitioned === undefined ? v.names : [v.partitioned.field, ...v.partitioned.names];
  if (isKeyed(v)) return [...v.keys.names, ...v.values.names];
  throw signal("type", "a table is wanted");
}
