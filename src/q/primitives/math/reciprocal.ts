/** reciprocal x: 1%x as a float. Atomic. */

import { roundToLong } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { rangeRow, unaryOp, unaryRow } from "#values/iterate.ts";

const reciprocalOp = unaryOp({
  name: "reciprocal",
  // A timestamp stays one, as a datetime does: the reference says so.
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    f f f f f f f f p f f z f f f f`),
  item: (v, type) => (type === T.long ? roundToLong(1 / Number(v)) : 1 / (v as number)),
});
export const reciprocal = unaryRow({ name: "reciprocal", category: "math", wire: [101, 4], shown: "%:" }, reciprocalOp);
