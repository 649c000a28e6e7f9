/** x rotate y: the items of y moved x places to the front, those that fall off appended. */

import { copyElements, pick, positions } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { countOf, integerOf, newVector } from "#values/vectors.ts";

export const rotate = binary({
  name: "rotate",
  category: "list",
  infix: true,
  run: (_, x, y) => {
    if (y.kind !== "vector" && y.kind !== "list" && y.kind !== "table") throw signal("type", "only lists rotate");
    const n = countOf(y);
    const by = integerOf(x);
    if (n === 0) return y;
    const shift = ((by % n) + n) % n;
    if (shift === 0) return y;
    if (y.kind !== "vector") return pick(y, positions(Array.from({ length: n }, (_, i) => (i + shift) % n)));
    const r = newVector(y.type, n, y.domain);
    copyElements(r, 0, y, shift, n - shift);
    copyElements(r, n - shift, y, 0, shift);
    return r;
  },
});
