/** rand x: one random item of a list, or a random value up to an atom; first 1?x. */

import { unary } from "#values/primitive.ts";
import { itemAt, long } from "#values/vectors.ts";
import { random } from "./deal.ts";

export const rand = unary({
  name: "rand",
  category: "math",
  shownType: 100,
  run: (session, x) => itemAt(random(session, long(1), x), 0),
});
