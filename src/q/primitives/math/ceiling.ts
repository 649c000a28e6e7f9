/** ceiling x: the least whole number not below x, a long for floats. Atomic. */

import { T } from "#values/datatypes.ts";
import { rangeRow, unaryOp, unaryRow } from "#values/iterate.ts";
import { wholeToLong } from "./floor.ts";

const ceilingOp = unaryOp({
  name: "ceiling",
  range: rangeRow(`
    b x h i j e f c p m d z n u v t
    i . h i j j j i . . . . . . . .`),
  compute: (x, result) => (x === T.float || x === T.real ? x : result),
  item: (v, type) => (type === T.float || type === T.real ? wholeToLong(Math.ceil(v as number)) : v),
  kernel: "ceiling",
  special: (_session, x) => (x.type === T.short || x.type === T.int || x.type === T.long ? x : undefined),
});
export const ceiling = unaryRow({ name: "ceiling", category: "math", shownType: 100 }, ceilingOp);
