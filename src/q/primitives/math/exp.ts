/** exp x: e to the x. x xexp y: x to the y as a float, null for a negative or null x. Atomic. */

import { arithmetic, binaryRow, rangeTable } from "#values/iterate.ts";
import { assert } from "#values/signals.ts";
import { elementary } from "./elementary.ts";

export const exp = elementary("exp", 34, Math.exp);

/** As exp y*log x, which is what the reference says: 2 xexp 3 is a little less than 8. */
function power(x: number, y: number): number {
  if (x < 0 || Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (y === 0 || x === 1) return 1;
  return Math.exp(y * Math.log(x));
}

const numbers = "b x h i j e f";
export const xexpOp = arithmetic({
  name: "xexp",
  range: rangeTable([numbers, ...numbers.split(" ").map((row) => `${row} f f f f f f f`)].join("\n")),
  item: power,
  big: () => assert(false, "xexp computes in floats") as never,
});
export const xexp = binaryRow({ name: "xexp", category: "math", infix: true, wire: [102, 32] }, xexpOp);
