/** deltas x: each item less the one before; the first is measured from 0. `-':` */

import { rangeRow } from "#values/iterate.ts";
import { priorRow } from "./prior.ts";
import { subtractOp } from "./subtract.ts";

export const deltas = priorRow({
  name: "deltas",
  glyph: "-",
  op: subtractOp,
  // Points in time are apart by amounts of time.
  range: rangeRow(`
    b x h i j e f p m d z n u v t
    i i i i j e f n i i f n u v t`),
  kernel: "sub",
});
