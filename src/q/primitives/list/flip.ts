/** flip x: rows become columns; a dictionary of columns becomes a table, and back. Atoms stand for a whole column. */

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Dict, Value } from "#values/values.ts";
import {
  columnAt,
  countOf,
  dict,
  gather,
  isList,
  itemAt,
  itemsOf,
  list,
  symbols,
  symbolTexts,
  table,
} from "#values/vectors.ts";

/** Lists made equally long by repeating atoms. */
function conformed(columns: readonly Value[]): { columns: Value[]; count: number } {
  let count = -1;
  for (const column of columns) {
    if (!isList(column) && column.kind !== "table" && column.kind !== "dict") continue;
    if (column.kind === "dict") continue;
    if (count >= 0 && countOf(column) !== count) throw signal("length", "the columns are of different lengths");
    count = countOf(column);
  }
  if (count < 0) throw signal("rank", "one of the items must be a list");
  return {
    count,
    columns: columns.map((column) =>
      isList(column) || column.kind === "table" ? column : gather(new Array<Value>(count).fill(column)),
    ),
  };
}

export function flipped(session: Session, x: Value): Value {
  switch (x.kind) {
    case "table":
      return dict(symbols(x.names), list(x.names.map((_, c) => columnAt(x, c))));
    case "dict":
      return flippedDict(session, x);
    case "list": {
      if (x.items.length === 0) return x;
      const { columns, count } = conformed(x.items);
      return list(Array.from({ length: count }, (_, i) => gather(columns.map((column) => itemAt(column, i)))));
    }
    case "vector":
      throw signal("rank", "a vector has no rows");
    default:
      throw signal("rank", "only lists flip");
  }
}
function flippedDict(session: Session, d: Dict): Value {
  // names!`:path/ stands for a splayed table: the file says what its rows are.
  if (d.values.kind === "atom" && d.values.type === -T.symbol) {
    const name = d.values.value as string;
    if (name.startsWith(":")) return session.host.database.get(name.slice(1));
    const named = session.read(name);
    if (named === undefined || named.kind !== "table") throw signal("type", `${name} is no table`);
    return named;
  }
  if (d.keys.kind !== "vector" || d.keys.type !== T.symbol) throw signal("type", "column names are symbols");
  const { columns } = conformed(itemsOf(d.values));
  return table(symbolTexts(d.keys), columns);
}

export const flip = unary({ name: "flip", category: "list", wire: [101, 1], shown: "+:", run: flipped });
