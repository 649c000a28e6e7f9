/** neg x: the negative of the underlying value. Atomic. */

import { applyUnary, rangeRow, unaryOp } from "#values/iterate.ts";
import { LONG_NULL, T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { Atom } from "#values/values.ts";
import { canonicalLong, long } from "#values/vectors.ts";

export const negOp = unaryOp({
  name: "neg",
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    i . h i j e f i p m d z n u v t`),
  // The null is its own negative when it wraps: 2^15, 2^31 and 2^63 have no positive in their widths.
  item: (v, type) => {
    if (type === T.long) return v === LONG_NULL ? v : canonicalLong(typeof v === "bigint" ? -v : 0 - (v as number));
    if (type === T.float || type === T.real) return -(v as number);
    const wrapped = 0 - (v as number);
    return type === T.short ? (wrapped << 16) >> 16 : wrapped | 0;
  },
  kernel: "neg",
});
export const neg = unary({
  name: "neg",
  category: "math",
  wire: [101, 2],
  shown: "-:",
  run: (session, x) => {
    if (x.type === -7 && typeof (x as Atom).value === "number") return long(0 - ((x as Atom).value as number));
    if (x.type === -9) return new Atom(-9, -((x as Atom).value as number));
    return applyUnary(negOp, session, x);
  },
});
