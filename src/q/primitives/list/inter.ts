/** x inter y: the items of x that are in y, as often and in the order that x has them. */

import { index } from "#values/indexing.ts";
import { binary } from "#values/primitive.ts";
import { gather } from "#values/vectors.ts";
import { isIn } from "./in.ts";
import { whereIndices } from "./where.ts";

export const inter = binary({
  name: "inter",
  category: "list",
  infix: true,
  run: (session, x, y) => {
    const items = x.kind === "atom" ? gather([x]) : x.kind === "dict" ? x.values : x;
    return index(session, items, whereIndices(isIn(session, items, y)));
  },
});
