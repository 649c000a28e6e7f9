/** til n: the first n whole numbers. */

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import { countOf, integerOf, newVector } from "#values/vectors.ts";
import type { Value, Vector } from "#values/values.ts";

export function firstNumbers(count: number): Vector {
  const v = newVector(T.long, count);
  if (count > 0) kernels.get("til_j")(v.at, count);
  return v;
}

export const til = unary({
  name: "til",
  category: "list",
  run: (_, x): Value => {
    // Of a list, its indices: til count x, as kdb+ has it.
    if (x.kind !== "atom") return x.kind === "dict" ? x.keys : firstNumbers(countOf(x));
    const n = integerOf(x);
    if (Number.isNaN(n)) throw signal("type", "til of a null");
    if (n < 0) throw signal("domain", "til of a negative number");
    return firstNumbers(n);
  },
});
