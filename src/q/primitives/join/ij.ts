/** x ij y: the rows of x that have a partner in the keyed table y, with its columns. ijf keeps x's item for a null of y. */

import { pickRows } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { rowCount } from "#values/vectors.ts";
import { beside, columnsOf, keyedTable, matched, partners, throughKeys } from "./combine.ts";

function innerJoin(session: Session, x: Value, y: Value, fills: boolean): Value {
  const right = keyedTable(y);
  return throughKeys(session, x, (t) => {
    const found = matched(partners(session, t, right), rowCount(right.keys));
    return beside(session, pickRows(t, found.rows), columnsOf(right.values), found.partners, fills);
  });
}

export const ij = binary({
  name: "ij",
  category: "join",
  infix: true,
  run: (session, x, y) => innerJoin(session, x, y, false),
});
export const ijf = binary({
  name: "ijf",
  category: "join",
  infix: true,
  run: (session, x, y) => innerJoin(session, x, y, true),
});
