/** x cov y, x scov y: population and sample covariance over the pairs without a null. */

import { convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { F64, kernels } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { float, gather, vectorOf } from "#values/vectors.ts";
import { columnsOf, isNested, resultPlace, simplest } from "./aggregation.ts";
import { numbersOnly } from "./avg.ts";
import { asFloats } from "./var.ts";

/** Sums about the means of two float vectors, over the pairs where neither is null. */
export interface PairSums {
  count: number;
  xy: number;
  /** Sums of squares, which only a correlation asks for. */
  squares(): { xx: number; yy: number };
}
export function pairSums(x: Vector, y: Vector): PairSums {
  const at = resultPlace();
  const count = kernels.get("dot_ff")(x.at, y.at, x.count, at);
  const meanX = F64[at / 8 + 1] / count;
  const meanY = F64[at / 8 + 2] / count;
  F64[at / 8 + 4] = meanX;
  F64[at / 8 + 5] = meanY;
  kernels.get("codev_f")(x.at, y.at, x.count, at + 32, at);
  const xy = F64[at / 8];
  const squaresAbout = (v: Vector, mean: number): number => {
    F64[at / 8 + 4] = mean;
    kernels.get("sqdev_f")(v.at, v.count, at + 32, at);
    return F64[at / 8];
  };
  return {
    count,
    xy,
    squares: () => {
      const [a, b] = count === x.count ? [x, y] : withoutNulls(x, y);
      return { xx: squaresAbout(a, meanX), yy: squaresAbout(b, meanY) };
    },
  };
}
function withoutNulls(x: Vector, y: Vector): [Vector, Vector] {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < x.count; i++) {
    const a = F64[x.at / 8 + i];
    const b = F64[y.at / 8 + i];
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    xs.push(a);
    ys.push(b);
  }
  return [vectorOf(T.float, xs), vectorOf(T.float, ys)];
}

function floats(name: string, x: Value): Vector {
  if (x.kind === "vector") {
    numbersOnly(name, x.type);
    return convertVector(x, T.float);
  }
  if (x.kind === "list" && !isNested(x)) {
    const simple = simplest(x);
    return simple.kind === "vector" ? floats(name, simple) : asFloats(name, x.items);
  }
  throw signal("type", `${name} wants two lists of numbers`);
}

/** A statistic of two lists; two matrices go column by column, dictionaries by their values. */
export function pairStatistic(
  session: Session,
  name: string,
  x: Value,
  y: Value,
  of: (sums: PairSums) => number,
): Value {
  if (x.kind === "dict") return pairStatistic(session, name, x.values, y, of);
  if (y.kind === "dict") return pairStatistic(session, name, x, y.values, of);
  if (x.kind === "atom" && y.kind === "atom") return pairStatistic(session, name, gather([x]), gather([y]), of);
  if (x.kind === "list" && y.kind === "list" && isNested(x) && isNested(y)) {
    const xs = columnsOf(x);
    const ys = columnsOf(y);
    if (xs.length !== ys.length) throw signal("length", `${name}: matrices of two widths`);
    return gather(xs.map((column, c) => pairStatistic(session, name, column, ys[c], of)));
  }
  const a = floats(name, x);
  const b = floats(name, y);
  if (a.count !== b.count) throw signal("length", `${name}: ${a.count} and ${b.count} items`);
  return float(of(pairSums(a, b)));
}

export const cov = binary({
  name: "cov",
  category: "math",
  infix: true,
  wire: [102, 35],
  run: (session, x, y) => pairStatistic(session, "cov", x, y, (sums) => sums.xy / sums.count),
});
export const scov = binary({
  name: "scov",
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) =>
    pairStatistic(session, "scov", x, y, (sums) => (sums.count < 2 ? Number.NaN : sums.xy / (sums.count - 1))),
});
