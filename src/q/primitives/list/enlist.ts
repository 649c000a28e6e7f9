/** enlist x: a list of one item; with more arguments a list of them all. */

import { primitive } from "#values/primitive.ts";
import type { Value } from "#values/values.ts";
import { gather } from "#values/vectors.ts";

export const enlist = primitive({
  name: "enlist",
  category: "list",
  rank: [1, 2, 3, 4, 5, 6, 7, 8],
  wire: [101, 41],
  shownType: 101,
  run: (_, ...items: Value[]) => gather(items),
});
