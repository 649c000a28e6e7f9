/** type x: the type number, negative for an atom. */

import { unary } from "#values/primitive.ts";
import { Atom } from "#values/values.ts";
import { T } from "#values/datatypes.ts";

export const type = unary({
  name: "type",
  category: "meta",
  wire: [101, 18],
  shown: "@:",
  run: (_, x) => new Atom(-T.short, x.type),
});
