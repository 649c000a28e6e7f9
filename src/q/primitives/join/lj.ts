/** x lj y: the table x with the columns of the keyed table y beside every row. ljf keeps x's item where y's is null. */

import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { beside, columnsOf, keyedTable, partners, throughKeys } from "./combine.ts";

export function leftJoin(session: Session, x: Value, y: Value, fills: boolean): Value {
  if (y.kind === "list" && y.items.length === 0) return x;
  const right = keyedTable(y);
  return throughKeys(session, x, (t) =>
    beside(session, t, columnsOf(right.values), partners(session, t, right), fills),
  );
}

export const lj = binary({
  name: "lj",
  category: "join",
  infix: true,
  run: (session, x, y) => leftJoin(session, x, y, false),
});
export const ljf = binary({
  name: "ljf",
  category: "join",
  infix: true,
  run: (session, x, y) => leftJoin(session, x, y, true),
});
