/** x~y: whether two values are identical in type, shape and items, floats tolerantly. Never an error. */

import { matches } from "#values/matching.ts";
import { binary } from "#values/primitive.ts";
import { boolean } from "#values/vectors.ts";

export const match = binary({
  name: "Match",
  glyph: "~",
  category: "logic",
  wire: [102, 15],
  run: (_session, x, y) => boolean(matches(x, y)),
});
