/** where x: the indices of the ones of a boolean list; each index as often as an integer list says; of a dictionary, keys. */

import { index } from "#values/indexing.ts";
import { T } from "#values/datatypes.ts";
import { isIndexType } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { integerOf, itemsOf, longs, newVector } from "#values/vectors.ts";

/** Indices as longs. */
export function whereIndices(x: Value): Vector {
  if (x.kind === "vector" && x.type === T.boolean) {
    const count = kernels.get("count_b")(x.at, x.count) as number;
    const r = newVector(T.long, count);
    if (count > 0) kernels.get("where_b")(x.at, x.count, r.at, count);
    return r;
  }
  if (x.kind === "vector" && isIndexType(x.type)) {
    let total = 0;
    const counts = itemsOf(x).map((item) => {
      const n = integerOf(item);
      if (n < 0) throw signal("domain", "a count is not negative");
      total += n;
      return n;
    });
    if (Number.isNaN(total)) throw signal("domain", "a null is no count");
    const r = newVector(T.long, total);
    const wide = x.type === T.long ? x : longs(counts);
    if (total > 0) kernels.get("where_j")(wide.at, wide.count, r.at);
    return r;
  }
  if (x.kind === "list" && x.items.length === 0) return longs([]);
  throw signal("type", "where is for booleans and integers");
}

export const where = unary({
  name: "where",
  category: "list",
  wire: [101, 5],
  shown: "&:",
  run: (session, x) => {
    if (x.kind === "dict") return index(session, x.keys, whereIndices(x.values));
    return whereIndices(x);
  },
});
