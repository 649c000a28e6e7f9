/** x+y. Atomic; a date plus a timespan is a timestamp. */

import { applyBinary, arithmetic, rangeTable } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import { Atom } from "#values/values.ts";
import { long } from "#values/vectors.ts";

export const addOp = arithmetic({
  name: "Add",
  // b+b is an int, not a long; chars add to floats and temporals only.
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
    p p p p p p p f p n . . . p p p p
    m m m m m m m f m . i . . p p p p
    d d d d d d d z d . . i . p p p p
    z z z z z z z z z . . . f p z z z
    n n n n n n n f n p p p p n n n n
    u u u u u u u f u p p p z n u v t
    v v v v v v v f v p p p z n v v t
    t t t t t t t f t p p p z n t t t`),
  item: (x, y) => x + y,
  big: (x, y) => x + y,
  kernel: "add",
});

export const add = primitive({
  name: "Add",
  glyph: "+",
  rank: 2,
  category: "math",
  wire: [102, 1],
  run: (session, x, y) => {
    if (x.type === -7 && y.type === -7) {
      const a = (x as Atom).value;
      const b = (y as Atom).value;
      if (typeof a === "number" && typeof b === "number") {
        const r = a + b;
        if (r < 9007199254740992 && r > -9007199254740992) return long(r);
      }
    } else if (x.type === -9 && y.type === -9) {
      return new Atom(-9, ((x as Atom).value as number) + ((y as Atom).value as number));
    }
    return applyBinary(addOp, session, x, y);
  },
});
