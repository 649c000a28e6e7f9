/** abs x: the magnitude of the underlying value. Atomic. */

import { LONG_NULL, T } from "#values/datatypes.ts";
import { rangeRow, unaryOp, unaryRow } from "#values/iterate.ts";
import { canonicalLong } from "#values/vectors.ts";

const absOp = unaryOp({
  name: "abs",
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    i . h i j e f i p m d z n u v t`),
  // A null stays: its magnitude would not fit.
  item: (v, type) => {
    if (type === T.long)
      return v === LONG_NULL ? v : canonicalLong(typeof v === "bigint" ? (v < 0n ? -v : v) : Math.abs(v as number));
    if (type === T.float || type === T.real) return Math.abs(v as number);
    const magnitude = Math.abs(v as number);
    return type === T.short ? (magnitude << 16) >> 16 : magnitude | 0;
  },
  kernel: "abs",
});
export const abs = unaryRow({ name: "abs", category: "math", wire: [101, 31] }, absOp);
