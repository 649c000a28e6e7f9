/** x except y: the items of x that are not in y. */

import { index } from "#values/indexing.ts";
import { binary } from "#values/primitive.ts";
import { gather } from "#values/vectors.ts";
import { isIn } from "./in.ts";
import { whereIndices } from "./where.ts";

export const except = binary({
  name: "except",
  category: "list",
  infix: true,
  run: (session, x, y) => {
    const items = x.kind === "atom" ? gather([x]) : x.kind === "dict" ? x.values : x;
    const absent = session.apply1(session.primitive("not"), isIn(session, items, y));
    return index(session, items, whereIndices(absent));
  },
});
