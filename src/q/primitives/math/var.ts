/** var x, svar x: population and sample variance without nulls. Lists of lists go column by column. */

import { convertAtom, convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { F64, kernels } from "#values/storage.ts";
import type { PrimitiveRow, Value, Vector } from "#values/values.ts";
import { float, vectorOf } from "#values/vectors.ts";
import { type Aggregate, aggregate, byColumns, isNested, resultPlace, simplest } from "./aggregation.ts";
import { numbersOnly, vectorMean } from "./avg.ts";

/** Sum of squares about the mean, and how many items there were. */
export function squares(x: Vector): { sum: number; count: number } {
  const v = convertVector(x, T.float);
  const at = resultPlace();
  const mean = vectorMean(v);
  F64[at / 8 + 1] = mean;
  const count = kernels.get("sqdev_f")(v.at, v.count, at + 8, at);
  return { sum: F64[at / 8], count };
}

/** An aggregate that makes a float of the squares. */
export function deviation(name: string, of: (sum: number, count: number) => number): Aggregate {
  const f: Aggregate = {
    name,
    atom: (x) => {
      numbersOnly(name, -x.type);
      return float(of(0, 1));
    },
    vector: (_session, x) => {
      numbersOnly(name, x.type);
      const { sum, count } = squares(x);
      return float(of(sum, count));
    },
    list: (session: Session, x): Value => {
      if (x.items.length === 0) return float(Number.NaN);
      if (isNested(x)) return byColumns(x, (column) => aggregate(session, f, column));
      const simple = simplest(x);
      return simple.kind === "vector" ? f.vector(session, simple) : f.vector(session, asFloats(name, x.items));
    },
  };
  return f;
}

/** Atoms of several number types as one float vector. */
export function asFloats(name: string, items: Value[]): Vector {
  return vectorOf(
    T.float,
    items.map((item) => {
      if (item.kind !== "atom") throw signal("type", `${name} of a mixed list`);
      return convertAtom(item, T.float).value;
    }),
  );
}

export const aggregateRow = (f: Aggregate, wire?: readonly [number, number]): PrimitiveRow =>
  unary({
    name: f.name,
    category: "math",
    ...(wire === undefined ? { shownType: 100 } : { wire }),
    run: (session, x) => aggregate(session, f, x),
  });

export const variance = (sum: number, count: number): number => sum / count;
export const sampleVariance = (sum: number, count: number): number => (count < 2 ? Number.NaN : sum / (count - 1));
const var_ = aggregateRow(deviation("var", variance), [101, 42]);
export { var_ as var };
export const svar = aggregateRow(deviation("svar", sampleVariance));
