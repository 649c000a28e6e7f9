/** desc x: x in descending order. idesc x: the positions that do it. Stable: equals keep their order. */

import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { sortedVector } from "#values/sorting.ts";
import type { Value } from "#values/values.ts";
import { graded, gradeOf, sortedBy } from "./asc.ts";

function descending(session: Session, x: Value): Value {
  const quick = x.kind === "vector" ? sortedVector(x, true) : undefined;
  return quick ?? sortedBy(x, gradeOf(session, x, true));
}
export const desc = unary({ name: "desc", category: "sort", shownType: 100, run: descending });
export const idesc = unary({
  name: "idesc",
  category: "sort",
  wire: [101, 10],
  shown: ">:",
  run: (session, x) => graded(session, x, true),
});
