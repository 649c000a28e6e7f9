/** ratios x: each item over the one before; the first is over 1. `%':` */

import { rangeRow } from "#values/iterate.ts";
import { divideOp } from "./divide.ts";
import { priorRow } from "./prior.ts";

export const ratios = priorRow({
  name: "ratios",
  glyph: "%",
  op: divideOp,
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    f f f f f f f f f f f f f f f f`),
  kernel: "divide",
});
