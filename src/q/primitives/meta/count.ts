/** count x: items of a list, rows of a table, entries of a dictionary; 1 of anything else. */

import { unary } from "#values/primitive.ts";
import { countOf, long } from "#values/vectors.ts";

export const count = unary({
  name: "count",
  category: "meta",
  wire: [101, 13],
  shown: "#:",
  run: (_, x) => long(countOf(x)),
});
