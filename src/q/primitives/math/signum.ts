/** signum x: -1i, 0i or 1i by the sign of the underlying value; a null counts as negative. Atomic. */

import { rangeRow, underlying, unaryOp, unaryRow } from "#values/iterate.ts";

const signumOp = unaryOp({
  name: "signum",
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    i i i i i i i i i i i i i i i i`),
  compute: underlying,
  item: (v) => ((v as number) > 0 ? 1 : v === 0 ? 0 : -1),
  kernel: "signum",
});
export const signum = unaryRow({ name: "signum", category: "math", shownType: 100 }, signumOp);
