/** log x: the natural logarithm. x xlog y: the logarithm of y to the base x. Atomic. */

import { arithmetic, binaryRow, rangeTable } from "#values/iterate.ts";
import { assert } from "#values/signals.ts";
import { elementary } from "./elementary.ts";

export const log = elementary("log", 33, Math.log);

const numbers = "b x h i j e f c p m d n u v t";
export const xlogOp = arithmetic({
  name: "xlog",
  range: rangeTable(
    [numbers, ...numbers.split(" ").map((row) => `${row} ${numbers.replace(/[a-z]/g, "f")}`)].join("\n"),
  ),
  item: (x, y) => Math.log(y) / Math.log(x),
  big: () => assert(false, "xlog computes in floats") as never,
});
export const xlog = binaryRow({ name: "xlog", category: "math", infix: true, shownType: 100 }, xlogOp);
