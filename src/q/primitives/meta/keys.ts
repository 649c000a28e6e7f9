/** keys x: the names of the key columns of a table, empty when it has none. */

import { unary } from "#values/primitive.ts";
import { symbols } from "#values/vectors.ts";
import { tableOf } from "./tables-by-name.ts";

export const keys = unary({
  name: "keys",
  category: "meta",
  run: (session, x) => {
    const t = tableOf(session, x);
    return symbols(t.kind === "table" ? [] : t.keys.names);
  },
});
