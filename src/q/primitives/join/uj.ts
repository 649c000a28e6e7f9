/** x uj y: the rows of both tables under the columns of both; keyed ones are upserted. ujf lets nulls of y change nothing. */

import { joinLists } from "#values/joining.ts";
import { pickRows, positions } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { isKeyed, type KeyedTable } from "#values/records.ts";
import { rowPositions } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { Table, Value } from "#values/values.ts";
import { columnAt, dict, rowCount, table } from "#values/vectors.ts";
import { nulls, simple } from "./combine.ts";
import { leftJoin } from "./lj.ts";

function stacked(session: Session, x: Table, y: Table): Table {
  const names = [...x.names, ...y.names.filter((name) => !x.names.includes(name))];
  return table(
    names,
    names.map((name) => {
      const a = x.names.indexOf(name);
      const b = y.names.indexOf(name);
      const top = a < 0 ? nulls(columnAt(y, b), rowCount(x)) : columnAt(x, a);
      const bottom = b < 0 ? nulls(columnAt(x, a), rowCount(y)) : columnAt(y, b);
      return joinLists(session, top, bottom);
    }),
  );
}

function unionKeyed(session: Session, x: KeyedTable, y: KeyedTable, fills: boolean): Value {
  const updated = leftJoin(session, x, y, fills) as KeyedTable;
  const known = rowPositions(session, x.keys, y.keys);
  const fresh: number[] = [];
  for (let k = 0; k < known.count; k++) if (I32[known.at / 4 + k]! < 0) fresh.push(k);
  const at = positions(fresh);
  return dict(
    stacked(session, updated.keys, pickRows(y.keys, at)),
    stacked(session, updated.values, pickRows(y.values, at)),
  );
}

function unionJoin(session: Session, x: Value, y: Value, fills: boolean): Value {
  if (x.kind === "list" && x.items.length === 0) return y;
  if (y.kind === "list" && y.items.length === 0) return x;
  if (isKeyed(x) && isKeyed(y)) return unionKeyed(session, x, y, fills);
  if (isKeyed(x) || isKeyed(y)) throw signal("type", "both tables are keyed, or neither is");
  return stacked(session, simple(x), simple(y));
}

export const uj = binary({
  name: "uj",
  category: "join",
  infix: true,
  run: (session, x, y) => unionJoin(session, x, y, false),
});
export const ujf = binary({
  name: "ujf",
  category: "join",
  infix: true,
  run: (session, x, y) => unionJoin(session, x, y, true),
});
