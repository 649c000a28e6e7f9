/** x%y: the ratio of the underlying values, always a float. Atomic. */

import { applyBinary, arithmetic, rangeTable } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import { assert } from "#values/signals.ts";
import { Atom } from "#values/values.ts";

const everyNumber = "b x h i j e f c p m d z n u v t";
const toFloat = everyNumber.replace(/[a-z]/g, "f");

export const divideOp = arithmetic({
  name: "Divide",
  range: rangeTable([everyNumber, ...everyNumber.split(" ").map((row) => `${row} ${toFloat}`)].join("\n")),
  item: (x, y) => x / y,
  big: () => assert(false, "Divide computes in floats") as never,
  kernel: "divide",
});

export const divide = primitive({
  name: "Divide",
  glyph: "%",
  rank: 2,
  category: "math",
  wire: [102, 4],
  run: (session, x, y) => {
    if (
      x.kind === "atom" &&
      y.kind === "atom" &&
      (x.type === -7 || x.type === -9) &&
      (y.type === -7 || y.type === -9)
    ) {
      const a = x.value;
      const b = y.value;
      // 0N and the other longs that need a bigint take the long way.
      if (typeof a === "number" && typeof b === "number") return new Atom(-9, a / b);
    }
    return applyBinary(divideOp, session, x, y);
  },
});
