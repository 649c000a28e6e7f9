/** reverse x: the items of a list, the rows of a table or the entries of a dictionary, last first. */

import { datatypeOf } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { kernels } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { columnAt, dict, list, newVector, table } from "#values/vectors.ts";

export function reversed(x: Value): Value {
  switch (x.kind) {
    case "vector": {
      const r = newVector(x.type, x.count, x.domain);
      if (x.count > 0) kernels.get(`reverse_${datatypeOf(x.type)!.width}`)(x.at, x.count, r.at);
      return r;
    }
    case "list":
      return list([...x.items].reverse());
    case "dict":
      return dict(reversed(x.keys), reversed(x.values));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => reversed(columnAt(x, c))),
      );
    default:
      return x;
  }
}
export const reverse = unary({
  name: "reverse",
  category: "list",
  wire: [101, 6],
  shown: "|:",
  run: (_, x) => reversed(x),
});
