/** dev x, sdev x: population and sample standard deviation. x mdev y: moving deviation. */

import { T } from "#values/datatypes.ts";
import { binary } from "#values/primitive.ts";
import { F64 } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import { numbersOnly } from "./avg.ts";
import { moving, movingKernel, windowOf } from "./sum.ts";
import { aggregateRow, deviation, sampleVariance, variance } from "./var.ts";

export const dev = aggregateRow(
  deviation("dev", (sum, count) => Math.sqrt(variance(sum, count))),
  [101, 43],
);
export const sdev = aggregateRow(deviation("sdev", (sum, count) => Math.sqrt(sampleVariance(sum, count))));

function vectorMdev(window: number, y: Vector): Vector {
  numbersOnly("mdev", y.type);
  if (window > 0) return movingKernel("mdev", window, y, T.float, T.float);
  const result = newVector(T.float, y.count);
  F64.fill(Number.NaN, result.at / 8, result.at / 8 + y.count);
  return result;
}
export const mdev = binary({
  name: "mdev",
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    const window = windowOf("mdev", x);
    return moving(session, "mdev", y, (v) => vectorMdev(window, v));
  },
});
