// Aggregates of every group at once, for the functions and types that queries mostly use. Groups that stand in runs go
// to the reduction kernels, a run at a time; scattered ones to the kernels that add up by group number. Whatever has no
// fast way here says undefined and is applied to each group by grouped.ts.

import { datatypeOf, T } from "#values/datatypes.ts";
import { kernelLetter } from "#values/iterate.ts";
import { pick, positions, positionsToLongs } from "#values/picking.ts";
import { F64, I32, I64, kernels, U32 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import type { Groups } from "./groups.ts";

/** Functions that give one value for a list: what select enlists, and what lifts over groups (basics/qsql.md). */
export const AGGREGATES = new Set([
  "count", "first", "last", "sum", "prd", "min", "max", "avg", "wavg", "wsum", "med", "var", "dev", "svar", "sdev", "cov",
  "scov", "cor", "all", "any",
]); // biome-ignore format: names

/** The aggregate of each group as a list, or undefined. `args` have as many items as there are rows. */
export function aggregateGroups(name: string, args: readonly Value[], groups: Groups): Value | undefined {
  const x = args[0]!;
  switch (name) {
    case "count":
      return groupSizes(groups);
    case "first":
      return pick(x, positions(groups.firsts));
    case "last":
      return pick(x, positions(groups.lasts));
  }
  const y = args[args.length - 1]!;
  if (x.kind !== "vector" || y.kind !== "vector") return undefined;
  switch (name) {
    case "sum":
      return sums(x, groups);
    case "min":
    case "max":
      return extremes(name, x, groups);
    case "avg":
    case "wavg": {
      const parts = averageParts(args, groups);
      return parts === undefined ? undefined : quotient(parts[0], parts[1]);
    }
    case "wsum":
      // A sum of products of integers is an integer: not what the kernel gives.
      return x.type === T.float || y.type === T.float ? averageParts(args, groups)?.[0] : undefined;
    default:
      return undefined;
  }
}

/** How many rows each group has, as longs. */
export const groupSizes = (groups: Groups): Vector => positionsToLongs(positions(groups.sizes), 0);

// ---- sums and extremes ---------------------------------------------------------------------------------------------
const widthOf = (v: Vector): number => 2 ** datatypeOf(v.type)!.shift;

/** Types whose elements add up: numbers and times, but neither text nor enumerations nor guids. */
const isSummable = (v: Vector): boolean =>
  v.type !== T.char && v.type !== T.symbol && v.type !== T.guid && v.type < T.enum && v.type !== T.real;

/** `kernel` over each run, its answers `step` bytes apart from `out` on. */
function overRuns(kernel: string, x: Vector, groups: Groups, out: number, step: number): void {
  const run = kernels.get(kernel);
  const { from, to } = groups.runs!;
  const width = widthOf(x);
  for (let g = 0; g < groups.count; g++) run(x.at + from[g]! * width, to[g]! - from[g]!, out + g * step);
}

function sums(x: Vector, groups: Groups): Vector | undefined {
  const letter = kernelLetter(x.type);
  if (!isSummable(x) || !kernels.has(`sum_${letter}`) || !kernels.has(`gsum_${letter}`)) return undefined;
  const { count } = groups;
  const wide = newVector(letter === "f" ? x.type : T.long, count);
  if (groups.runs !== undefined) overRuns(`sum_${letter}`, x, groups, wide.at, 8);
  else {
    const scratch = newVector(T.long, 3 * count);
    kernels.get(`gsum_${letter}`)(groups.ids.at, x.at, x.count, count, wide.at, scratch.at);
  }
  if (letter === "f" || x.type === T.long) return wide;
  const out = newVector(x.type <= T.short ? T.int : x.type, count);
  if (letter === "j") I64.copyWithin(out.at / 8, wide.at / 8, wide.at / 8 + count);
  // Small integers were summed to longs; q keeps the int, which is the low word.
  else for (let g = 0; g < count; g++) I32[out.at / 4 + g] = I32[wide.at / 4 + 2 * g]!;
  return out;
}

function extremes(name: "min" | "max", x: Vector, groups: Groups): Vector | undefined {
  const letter = kernelLetter(x.type);
  if (!isSummable(x) || !kernels.has(`${name}_${letter}`) || !kernels.has(`g${name}_${letter}`)) return undefined;
  const out = newVector(x.type, groups.count);
  if (groups.runs !== undefined) overRuns(`${name}_${letter}`, x, groups, out.at, widthOf(x));
  else kernels.get(`g${name}_${letter}`)(groups.ids.at, x.at, x.count, groups.count, out.at);
  return out;
}

// ---- averages ------------------------------------------------------------------------------------------------------
function quotient(top: Vector, bottom: Vector): Vector {
  const out = newVector(T.float, top.count);
  for (let g = 0; g < top.count; g++) F64[out.at / 8 + g] = F64[top.at / 8 + g]! / F64[bottom.at / 8 + g]!;
  return out;
}

const isPlainNumber = (v: Vector): boolean => v.type === T.long || v.type === T.int || v.type === T.float;

/**
 * What adds up over groups and partitions: for avg the sum and how many there are, for wavg and wsum the sum of products
 * and that of the weights. Nulls are left out. Floats, one of each for every group; undefined: not for these types.
 */
export function averageParts(args: readonly Value[], groups: Groups): [Vector, Vector] | undefined {
  const [x, y] = args;
  if (x?.kind !== "vector" || !isPlainNumber(x)) return undefined;
  if (y === undefined) return sumAndCount(x, groups);
  if (y.kind !== "vector" || !isPlainNumber(y)) return undefined;
  return products(x, y, groups);
}

function products(weights: Vector, values: Vector, groups: Groups): [Vector, Vector] | undefined {
  const letters = kernelLetter(weights.type) + kernelLetter(values.type);
  if (!kernels.has(`dot_${letters}`) || !kernels.has(`gdot_${letters}`)) return undefined;
  const { count, runs } = groups;
  const top = newVector(T.float, count);
  const bottom = newVector(T.float, count);
  if (runs !== undefined) {
    const dot = kernels.get(`dot_${letters}`);
    const s = newVector(T.float, 3).at;
    const weightWidth = widthOf(weights);
    const valueWidth = widthOf(values);
    for (let g = 0; g < count; g++) {
      const from = runs.from[g]!;
      dot(weights.at + from * weightWidth, values.at + from * valueWidth, runs.to[g]! - from, s);
      F64[top.at / 8 + g] = F64[s / 8]!;
      F64[bottom.at / 8 + g] = F64[s / 8 + 1]!;
    }
    return [top, bottom];
  }
  const pairs = newVector(T.float, 2 * count);
  const scratch = newVector(T.float, 6 * count);
  kernels.get(`gdot_${letters}`)(groups.ids.at, weights.at, values.at, weights.count, count, pairs.at, scratch.at);
  for (let g = 0; g < count; g++) {
    F64[top.at / 8 + g] = F64[pairs.at / 8 + 2 * g]!;
    F64[bottom.at / 8 + g] = F64[pairs.at / 8 + 2 * g + 1]!;
  }
  return [top, bottom];
}

/** The sum as a float, which does not wrap, and the number of items that are not null. */
function sumAndCount(x: Vector, groups: Groups): [Vector, Vector] {
  const letter = kernelLetter(x.type);
  const { count, runs } = groups;
  const sum = newVector(T.float, count);
  const some = newVector(T.float, count);
  if (runs !== undefined) {
    const kernel = kernels.get(letter === "f" ? "sum_f" : letter === "j" ? "fsum_j" : "sum_i");
    const width = widthOf(x);
    for (let g = 0; g < count; g++) {
      const at = sum.at + 8 * g;
      F64[some.at / 8 + g] = kernel(x.at + runs.from[g]! * width, runs.to[g]! - runs.from[g]!, at);
    }
  } else {
    const scratch = newVector(T.long, 3 * count);
    const kernel = kernels.get(letter === "f" ? "gsum_f" : letter === "j" ? "gfsum_j" : "gsum_i");
    kernel(groups.ids.at, x.at, x.count, count, sum.at, scratch.at);
    const counts = newVector(T.long, count);
    kernels.get(`gcount_${letter}`)(groups.ids.at, x.at, x.count, count, counts.at, scratch.at);
    for (let g = 0; g < count; g++) F64[some.at / 8 + g] = I32[counts.at / 4 + 2 * g]!;
  }
  // The sum of ints is a long: read as such.
  if (letter === "i") {
    for (let k = sum.at / 4; k < sum.at / 4 + 2 * count; k += 2) F64[k / 2] = I32[k + 1]! * 4294967296 + U32[k]!;
  }
  return [sum, some];
}

// ---- back to rows --------------------------------------------------------------------------------------------------
/** Each group's value at all its rows. */
export function expand(values: Vector, groups: Groups): Value {
  const { runs } = groups;
  if (runs === undefined) return pick(values, groups.ids);
  const v = newVector(values.type, groups.rowCount, values.domain);
  const width = widthOf(v);
  const spread = kernels.get(`spread_${width}`);
  for (let g = 0; g < groups.count; g++) {
    spread(v.at + width * runs.from[g]!, runs.to[g]! - runs.from[g]!, values.at + width * g);
  }
  return v;
}
