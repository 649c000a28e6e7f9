/** rank x: for each item its place in the sorted list; iasc of iasc. */

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { inverted } from "#values/sorting.ts";
import type { Value } from "#values/values.ts";
import { graded } from "./asc.ts";

export function rankOf(session: Session, x: Value): Value {
  const order = graded(session, x, false);
  // A dictionary is graded to its keys, whose grade is another one.
  if (x.kind === "dict" || order.kind !== "vector" || order.type !== T.long) return graded(session, order, false);
  return inverted(order);
}
export const rank = unary({ name: "rank", category: "sort", shownType: 105, shown: "<:<:", run: rankOf });
