/** sum x, x wsum y: totals that skip nulls. sums x, x msum y: running and moving totals. */

import { convertVector } from "#values/convert.ts";
import { datatypeOf, LONG_NULL, T } from "#values/datatypes.ts";
import { applyBinary, kernelLetter, kernelsByType, rangeRow, underlying } from "#values/iterate.ts";
import { binary, unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { F64, I32, kernels, U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { atom, countOf, float, gather, long, newVector } from "#values/vectors.ts";
import { addOp } from "./add.ts";
import {
  type Aggregate,
  aggregate,
  byColumnsAndBack,
  foldItems,
  isNested,
  longAt,
  resultPlace,
  scanItems,
  simplest,
  type Uniform,
  uniform,
} from "./aggregation.ts";
import { multiplyOp } from "./multiply.ts";

/** Booleans, bytes and shorts add up to an int; all others keep their type. */
export const sumRange = rangeRow(`
  b x h i j e f p m d z n u v t
  i i i i j e f p m d z n u v t`);
export function sumType(name: string, type: number): number {
  const result = sumRange.at(type);
  if (result === 0) throw signal("type", `${name} of ${datatypeOf(type)!.name}`);
  return result;
}

const sumKernels = kernelsByType("sum");
/** The sum of a vector without its nulls, as the value that an atom of `type` holds. */
export function vectorSum(x: Vector, type: number): number | bigint {
  const letter = kernelLetter(x.type);
  const at = resultPlace();
  sumKernels(x.type)(x.at, x.count, at);
  if (letter === "f") return F64[at / 8];
  if (letter === "e") return Math.fround(F64[at / 8]);
  return kernelLetter(type) === "i" ? I32[at / 4] : longAt(at);
}

const sumOf: Aggregate = {
  name: "sum",
  atom: (x) => {
    sumType("sum", -x.type);
    return x;
  },
  vector: (_session, x) => {
    const type = sumType("sum", x.type);
    return atom(type, vectorSum(x, type));
  },
  list: (session, x) => {
    const total = foldItems(session, addOp, x, long(0));
    if (total.kind === "atom" && total.type > -20 && total.type !== -T.symbol) {
      sumType("sum", -total.type);
      const datatype = datatypeOf(total.type)!;
      // Only nulls: they count as zero here too.
      if (total.value === datatype.nullValue || Number.isNaN(total.value)) return atom(-total.type, 0);
    }
    return total;
  },
};
export const sumValue = (session: Session, x: Value): Value => aggregate(session, sumOf, x);
export const sum = unary({ name: "sum", category: "math", wire: [101, 25], run: sumValue });

// ---- running -------------------------------------------------------------------------------------------------------
/** A running kernel (x n r) over a vector seen as `type`. */
export function running(kernel: string, x: Vector, type: number): Vector {
  const v = convertVector(x, underlying(type));
  const result = newVector(type, x.count);
  kernels.get(`${kernel}_${kernelLetter(type)}`)(v.at, x.count, result.at);
  return result;
}
const sumsOf: Uniform = {
  name: "sums",
  vector: (_session, x) => running("sums", x, sumType("sums", x.type)),
  list: (session, x) => scanItems(session, addOp, x),
};
export const sums = unary({
  name: "sums",
  category: "math",
  shownType: 108,
  shown: "+\\",
  run: (session, x) => uniform(session, sumsOf, x),
});

// ---- moving --------------------------------------------------------------------------------------------------------
/** The window of a moving function: a whole number; 0N and 0W have their meaning in Number. */
export function windowOf(name: string, x: Value): number {
  if (x.kind !== "atom" || x.type > -T.boolean || x.type < -T.long || x.type === -T.guid)
    throw signal("type", `${name}: the window is a whole number`);
  if (typeof x.value === "bigint") return x.value === LONG_NULL ? 0 : x.value > 0n ? Number.POSITIVE_INFINITY : 0;
  return x.value as number;
}
/** A moving function of one vector over whatever y is. */
export function moving(session: Session, name: string, y: Value, vector: (v: Vector) => Value): Value {
  const f: Uniform = {
    name,
    atom: () => {
      throw signal("type", `${name} wants a list`);
    },
    vector: (_session, v) => vector(v),
    list: (_session, v) => {
      if (isNested(v)) return byColumnsAndBack(v, (column) => moving(session, name, column, vector));
      const simple = simplest(v);
      if (simple.kind !== "vector") throw signal("type", `${name} of a mixed list`);
      return vector(simple);
    },
  };
  return uniform(session, f, y);
}

const msumRange = rangeRow(`
  b x h i j e f p m d z n u v t
  i i i i j e f n i i f n u v t`);

/** A moving kernel (x n w r) over a vector seen as `type`; the window is at least 1. */
export function movingKernel(kernel: string, window: number, x: Vector, type: number, result: number): Vector {
  const v = convertVector(x, type);
  const r = newVector(result, x.count);
  kernels.get(`${kernel}_${kernelLetter(type)}`)(v.at, x.count, Math.min(window, Math.max(1, x.count)), r.at);
  return r;
}

function vectorMsum(window: number, y: Vector): Vector {
  const type = msumRange.at(y.type);
  if (type === 0) throw signal("type", `msum of ${datatypeOf(y.type)!.name}`);
  if (window > 0) return movingKernel("msum", window, y, underlying(type), type);
  const result = newVector(type, y.count);
  U8.fill(0, result.at, result.at + y.count * datatypeOf(type)!.width);
  return result;
}
export const msum = binary({
  name: "msum",
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    const window = windowOf("msum", x);
    return moving(session, "msum", y, (v) => vectorMsum(window, v));
  },
});

// ---- weighted ------------------------------------------------------------------------------------------------------
const DOTS = new Set(["ff", "jf", "fj", "jj", "if", "fi", "ii", "ij", "ji"]);
/** sum x*y, sum x and sum y over the pairs without a null, for two vectors of numbers; undefined: not of that kind. */
export function weightedSums(x: Value, y: Value): { products: number; weights: number; count: number } | undefined {
  if (x.kind !== "vector" || y.kind !== "vector" || x.type >= T.enum || y.type >= T.enum) return undefined;
  const simple = (v: Vector): Vector => {
    const letter = kernelLetter(v.type);
    return letter === "x" || letter === "h" ? convertVector(v, T.int) : letter === "e" ? convertVector(v, T.float) : v;
  };
  if (x.type === T.symbol || y.type === T.symbol || x.type === T.guid || y.type === T.guid)
    throw signal("type", "weights are numbers");
  if (x.count !== y.count) throw signal("length", `weights of ${x.count}, values of ${y.count}`);
  const a = simple(x);
  const b = simple(y);
  const letters = kernelLetter(a.type) + kernelLetter(b.type);
  if (!DOTS.has(letters)) return undefined;
  const at = resultPlace();
  const count = kernels.get(`dot_${letters}`)(a.at, b.at, a.count, at);
  return { products: F64[at / 8], weights: F64[at / 8 + 1], count };
}
const isInteger = (v: Vector): boolean => !datatypeOf(v.type)!.temporal && datatypeOf(v.type)!.holding !== "float";
const isNumber = (v: Vector): boolean => datatypeOf(v.type)?.numeric === true;

function wsumValue(session: Session, x: Value, y: Value): Value {
  if (x.kind === "dict") return wsumValue(session, x.values, y);
  if (y.kind === "dict") return wsumValue(session, x, y.values);
  if (
    x.kind === "vector" &&
    y.kind === "vector" &&
    isNumber(x) &&
    isNumber(y) &&
    (isInteger(x) === isInteger(y) || x.type === T.float || y.type === T.float)
  ) {
    const sums = x.type === T.real && y.type === T.real ? undefined : weightedSums(x, y);
    if (sums !== undefined) return float(sums.products);
  }
  return sumValue(session, applyBinary(multiplyOp, session, x, y));
}
export const wsum = binary({ name: "wsum", category: "math", infix: true, wire: [102, 29], run: wsumValue });

// Used by wavg: x repeated for each item of a list y when it is an atom.
export function spreadWeights(x: Value, y: Value): Value {
  if (x.kind !== "atom" || y.kind === "atom") return x;
  const n = countOf(y);
  return gather(new Array<Value>(n).fill(x));
}
