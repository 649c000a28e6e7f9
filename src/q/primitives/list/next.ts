/** next, prev and x xprev y: each item's neighbour, the null where there is none. */

import { pick, positionRange } from "#values/picking.ts";
import { binary, unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { countOf, dict, integerOf } from "#values/vectors.ts";

/** The items `by` places before each item. */
export function shifted(x: Value, by: number): Value {
  switch (x.kind) {
    case "vector":
    case "list":
    case "table":
      return pick(x, positionRange(-by, countOf(x)));
    case "dict":
      return dict(x.keys, shifted(x.values, by));
    default:
      throw signal("type", "an atom has no neighbours");
  }
}

export const next = unary({ name: "next", category: "list", run: (_, x) => shifted(x, -1) });
export const prev = unary({
  name: "prev",
  category: "list",
  shownType: 109,
  shown: ":':",
  run: (_, x) => shifted(x, 1),
});
export const xprev = binary({
  name: "xprev",
  category: "list",
  infix: true,
  run: (_, x, y) => shifted(y, integerOf(x)),
});
