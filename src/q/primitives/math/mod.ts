/** x mod y: what is left of x after taking out whole y's; it has the sign of y. Atomic. */

import { applyBinary, arithmetic, rangeTable } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom } from "#values/values.ts";
import { long } from "#values/vectors.ts";

const remainder = (x: number, y: number): number => {
  if (y === 0) return Number.NaN;
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
};

export const modOp = arithmetic({
  name: "mod",
  range: rangeTable(`
      b x h i j e f c p m d z n u v t
    b i i i i j e f . p m d z n u v t
    x i i i i j e f . p m d z n u v t
    h i i i i j e f . p m d z n u v t
    i i i i i j e f . p m d z n u v t
    j j j j j j e f . p m d z n u v t
    e f f f f f f f f f f z z f f f f
    f f f f f f f f f f f z z f f f f
    c . . . . . . f . p m d z n u v t
    p n n n n n n f n . . . . . . . .
    m i i i i i i f i . . . . . . . .
    d i i i i i i . i . . . . . . . .
    z f f f f f f f f . . . . . . . .
    n n n n n n n f n . . . . . . . .
    u u u u u u u f u . . . . . . . .
    v v v v v v v f v . . . . . . . .
    t t t t t t t f t . . . . . . . .`),
  item: remainder,
  float: (x, y) => x - y * Math.floor(x / y),
  big: (x, y) => {
    if (y === 0n) return -(2n ** 63n);
    const r = x % y;
    return r !== 0n && r < 0n !== y < 0n ? r + y : r;
  },
  kernel: "mod",
});

export const mod = primitive({
  name: "mod",
  rank: 2,
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    if (x.type === -7 && y.type === -7) {
      const a = (x as Atom).value;
      const b = (y as Atom).value;
      if (typeof a === "number" && typeof b === "number" && b !== 0) return long(remainder(a, b) + 0);
    }
    return applyBinary(modOp, session, x, y);
  },
});
