/** cols x: the column names of a table, key columns first. */

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { symbols, symbolTexts } from "#values/vectors.ts";
import { columnNames, named } from "./tables-by-name.ts";

export const cols = unary({
  name: "cols",
  category: "meta",
  run: (session, x) => {
    const v = named(session, x);
    // A dictionary of columns, as a splayed table before flip, has its names for keys.
    if (v.kind === "dict" && v.keys.kind === "vector" && v.keys.type === T.symbol) return symbols(symbolTexts(v.keys));
    return symbols(columnNames(v));
  },
});
