/** avg x, x wavg y: means that skip nulls. avgs x, x mavg y: running and moving means. Always floats. */

import { convertValue, convertVector } from "#values/convert.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { applyBinary, kernelLetter, kernelsByType } from "#values/iterate.ts";
import { binary, unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { F64, kernels } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { float, long, newVector } from "#values/vectors.ts";
import {
  type Aggregate,
  aggregate,
  byColumnsAndBack,
  foldItems,
  isNested,
  longAt,
  resultPlace,
  simplest,
  type Uniform,
  uniform,
} from "./aggregation.ts";
import { addOp } from "./add.ts";
import { divideOp } from "./divide.ts";
import { multiplyOp } from "./multiply.ts";
import { moving, movingKernel, spreadWeights, sumValue, weightedSums, windowOf } from "./sum.ts";

/** Signals 'type for what has no arithmetic. */
export function numbersOnly(name: string, type: number): void {
  if (type === T.symbol || type === T.guid || type >= T.enum)
    throw signal("type", `${name} of ${datatypeOf(type)!.name}`);
}

const sums = kernelsByType("sum");
const floatSums = kernelsByType("fsum");
/** The mean of a vector without its nulls; 0n when nothing is left. */
export function vectorMean(x: Vector): number {
  const letter = kernelLetter(x.type);
  const at = resultPlace();
  // A sum of longs may pass 2^63 and its mean must not: fsum adds in floats.
  const count = (letter === "j" ? floatSums : sums)(x.type)(x.at, x.count, at);
  const total = letter === "j" || letter === "f" || letter === "e" ? F64[at / 8] : Number(longAt(at));
  return total / count;
}

export const avgOf: Aggregate = {
  name: "avg",
  atom: (x) => {
    numbersOnly("avg", -x.type);
    return float(convertValue(x.value, -x.type, T.float) as number);
  },
  vector: (_session, x) => {
    numbersOnly("avg", x.type);
    return float(vectorMean(x));
  },
  list: (session, x) => {
    if (x.items.length === 0) return float(Number.NaN);
    return applyBinary(divideOp, session, foldItems(session, addOp, x, long(0)), long(x.items.length));
  },
};
export const avg = unary({
  name: "avg",
  category: "math",
  wire: [101, 23],
  run: (session, x) => aggregate(session, avgOf, x),
});

const avgsOf: Uniform = {
  name: "avgs",
  atom: (x) => avgOf.atom(x),
  vector: (_session, x) => {
    numbersOnly("avgs", x.type);
    const v = convertVector(x, T.float);
    const result = newVector(T.float, x.count);
    kernels.get("avgs_f")(v.at, x.count, result.at);
    return result;
  },
  list: (session, x) => {
    if (isNested(x)) return byColumnsAndBack(x, (column) => uniform(session, avgsOf, column));
    const simple = simplest(x);
    if (simple.kind !== "vector") throw signal("type", "avgs of a mixed list");
    return avgsOf.vector(session, simple);
  },
};
export const avgs = unary({
  name: "avgs",
  category: "math",
  shownType: 100,
  run: (session, x) => uniform(session, avgsOf, x),
});

function vectorMavg(window: number, y: Vector): Vector {
  numbersOnly("mavg", y.type);
  if (window > 0) return movingKernel("mavg", window, y, T.float, T.float);
  const result = newVector(T.float, y.count);
  F64.fill(Number.NaN, result.at / 8, result.at / 8 + y.count);
  return result;
}
export const mavg = binary({
  name: "mavg",
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    const window = windowOf("mavg", x);
    return moving(session, "mavg", y, (v) => vectorMavg(window, v));
  },
});

function wavgValue(session: Session, x: Value, y: Value): Value {
  if (x.kind === "dict") return wavgValue(session, x.values, y);
  if (y.kind === "dict") return wavgValue(session, x, y.values);
  const weights = spreadWeights(x, y);
  const values = x.kind === "atom" ? y : spreadWeights(y, x);
  const weighted = weightedSums(weights, values);
  if (weighted !== undefined) return float(weighted.products / weighted.weights);
  const total = sumValue(session, applyBinary(multiplyOp, session, weights, values));
  return applyBinary(divideOp, session, total, sumValue(session, weights));
}
export const wavg = binary({ name: "wavg", category: "math", infix: true, wire: [102, 30], run: wavgValue });
