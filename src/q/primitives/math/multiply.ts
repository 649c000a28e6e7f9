/** x*y. Atomic, on underlying values: a temporal times a number keeps its type. */

import { applyBinary, arithmetic, rangeTable } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import { Atom } from "#values/values.ts";
import { long } from "#values/vectors.ts";

export const multiplyOp = arithmetic({
  name: "Multiply",
  range: rangeTable(`
      b x h i j e f c p m d z n u v t
    b i i i i j e f . p m d z n u v t
    x i i i i j e f . p m d z n u v t
    h i i i i j e f . p m d z n u v t
    i i i i i j e f . p m d z n u v t
    j j j j j j e f . p m d z n u v t
    e e e e e e e f . p m d z n u v t
    f f f f f f f f f f f z z f f f f
    c . . . . . . f . p m d z n u v t
    p p p p p p p f p . . . . . . . .
    m m m m m m m f m . . . . . . . .
    d d d d d d d z d . . . . . . . .
    z z z z z z z z z . . . . . . . .
    n n n n n n n f n . . . . . . . .
    u u u u u u u f u . . . . . . . .
    v v v v v v v f v . . . . . . . .
    t t t t t t t f t . . . . . . . .`),
  item: (x, y) => x * y,
  big: (x, y) => x * y,
  kernel: "mul",
});

export const multiply = primitive({
  name: "Multiply",
  glyph: "*",
  rank: 2,
  category: "math",
  wire: [102, 3],
  run: (session, x, y) => {
    if (x.type === -7 && y.type === -7) {
      const a = (x as Atom).value;
      const b = (y as Atom).value;
      if (typeof a === "number" && typeof b === "number") {
        const r = a * b;
        // +0: a long has no negative zero.
        if (r < 9007199254740992 && r > -9007199254740992) return long(r + 0);
      }
    } else if (x.type === -9 && y.type === -9) {
      return new Atom(-9, ((x as Atom).value as number) * ((y as Atom).value as number));
    }
    return applyBinary(multiplyOp, session, x, y);
  },
});
