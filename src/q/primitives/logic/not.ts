/** not x: 1b where x is zero. Atomic, on every type but symbol and guid. */

import { applyUnary, rangeRow, unaryOp, underlying } from "#values/iterate.ts";
import { unary } from "#values/primitive.ts";
import type { Atom } from "#values/values.ts";
import { FALSE, TRUE } from "#values/vectors.ts";

export const notOp = unaryOp({
  name: "not",
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    b b b b b b b b b b b b b b b b`),
  compute: underlying,
  item: (v) => (v === 0 ? 1 : 0),
  kernel: "not",
});
export const not = unary({
  name: "not",
  category: "logic",
  wire: [101, 15],
  shown: "~:",
  run: (session, x) => {
    if (x.type === -1) return (x as Atom).value ? FALSE : TRUE;
    return applyUnary(notOp, session, x);
  },
});
