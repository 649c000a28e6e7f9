/** x xbar y: y rounded down to a multiple of x. Atomic; the bars of time series. */

import { applyBinary, arithmetic, rangeTable } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom } from "#values/values.ts";
import { long } from "#values/vectors.ts";

export const xbarOp = arithmetic({
  name: "xbar",
  range: rangeTable(`
      b x h i j e f c p m d z n u v t
    b i i i i j f f i p m d z n u v t
    x i i i i j f f i p m d z n u v t
    h i i i i j f f i p m d z n u v t
    i i i i i j f f i p m d z n u v t
    j j j j j j f f j p m d z n u v t
    e e e e e e f f e p m d z n u v t
    f f f f f f f f f f f z z f f f f
    c . . . . . f f . p m d z n u v t
    p p p p p p f f p . . . . . . . .
    m m m m m m f f m . . . . . . . .
    d d d d d d z z d . . . . . . . .
    z z z z z z z z z . . . . . . . .
    n j j j j j f f j p m d z n u v t
    u u u u u u f f u . . . . . . . .
    v v v v v v f f v . . . . . . . .
    t t t t t t f f t . . . . . . . .`),
  item: (x, y) => {
    if (x === 0) return Number.NaN;
    const rest = y % x;
    return rest !== 0 && rest < 0 !== x < 0 ? y - rest - x : y - rest;
  },
  float: (x, y) => x * Math.floor(y / x),
  big: (x, y) => {
    if (x === 0n) return -(2n ** 63n);
    const rest = y % x;
    return rest !== 0n && rest < 0n !== x < 0n ? y - rest - x : y - rest;
  },
  kernel: "xbar",
});
export const xbar = primitive({
  name: "xbar",
  rank: 2,
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    if (x.type === -7 && y.type === -7) {
      const a = (x as Atom).value;
      const b = (y as Atom).value;
      if (typeof a === "number" && typeof b === "number" && a !== 0) {
        const r = a * Math.floor(b / a);
        if (r > -9007199254740992) return long(r + 0);
      }
    }
    return applyBinary(xbarOp, session, x, y);
  },
});
