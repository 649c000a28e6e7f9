/** x xrank y: each item's bucket when the sorted list is cut into x buckets of even size. */

import { applyBinary } from "#values/iterate.ts";
import { binary } from "#values/primitive.ts";
import { countOf, long } from "#values/vectors.ts";
import { divOp } from "../math/div.ts";
import { multiplyOp } from "../math/multiply.ts";
import { rankOf } from "./rank.ts";

export const xrank = binary({
  name: "xrank",
  category: "sort",
  infix: true,
  shownType: 100,
  run: (session, x, y) =>
    applyBinary(divOp, session, applyBinary(multiplyOp, session, x, rankOf(session, y)), long(countOf(y))),
});
