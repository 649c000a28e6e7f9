/** desc x: x in descending order. idesc x: the positions that do it. Stable: equals keep their order. */

import { unary } from "#values/primitive.ts";
import { graded, gradeOf, sortedBy } from "./asc.ts";

export const desc = unary({
  name: "desc",
  category: "sort",
  shownType: 100,
  run: (session, x) => sortedBy(x, gradeOf(session, x, true)),
});
export const idesc = unary({
  name: "idesc",
  category: "sort",
  wire: [101, 10],
  shown: ">:",
  run: (session, x) => graded(session, x, true),
});
