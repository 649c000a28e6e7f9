/** fkeys x: the foreign-key columns of a table and the keyed tables that they point into. */

import { unary } from "#values/primitive.ts";
import { namedColumns } from "#values/records.ts";
import { dict, symbols } from "#values/vectors.ts";
import { foreignKey } from "./meta.ts";
import { tableOf } from "./tables-by-name.ts";

export const fkeys = unary({
  name: "fkeys",
  category: "meta",
  run: (session, x) => {
    const { names, columns } = namedColumns(tableOf(session, x));
    const targets = columns.map((column) => foreignKey(session, column));
    const found = names.flatMap((name, c) => (targets[c] === "" ? [] : [[name, targets[c]!] as const]));
    return dict(symbols(found.map(([name]) => name)), symbols(found.map(([, target]) => target)));
  },
});
