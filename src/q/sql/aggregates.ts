// Aggregates of every group at once, for the functions and types that queries mostly use. Groups that stand in runs go
// to the reduction kernels, a run at a time; scattered ones are added up by group number. Whatever has no fast way here
// says undefined and is applied to each group by grouped.ts.

import { datatypeOf, INT_NULL, T } from "#values/datatypes.ts";
import { kernelLetter } from "#values/iterate.ts";
import { pick, positions } from "#values/picking.ts";
import { F64, I32, I64, kernels, U8, U32 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { newVector, setElement } from "#values/vectors.ts";
import type { Groups, Runs } from "./groups.ts";

/** Functions that give one value for a list: what select enlists, and what lifts over groups (basics/qsql.md). */
export const AGGREGATES = new Set([
  "count",
  "first",
  "last",
  "sum",
  "prd",
  "min",
  "max",
  "avg",
  "wavg",
  "wsum",
  "med",
  "var",
  "dev",
  "svar",
  "sdev",
  "cov",
  "scov",
  "cor",
  "all",
  "any",
]);

type Grouped = (x: Vector, groups: Groups, y: Vector) => Value | undefined;

/** The aggregate of each group as a list, or undefined. `args` have as many items as there are rows. */
export function aggregateGroups(name: string, args: readonly Value[], groups: Groups): Value | undefined {
  const x = args[0]!;
  switch (name) {
    case "count":
      return groupSizes(groups);
    case "first":
      return pick(x, positions(groups.firsts));
    case "last":
      return pick(x, positions(lastRows(groups)));
  }
  const y = args[args.length - 1]!;
  if (x.kind !== "vector" || y.kind !== "vector") return undefined;
  return grouped[name]?.(x, groups, y);
}

/** How many rows each group has, as longs. */
export function groupSizes(groups: Groups): Vector {
  const v = newVector(T.long, groups.count);
  const at = v.at / 4;
  const { runs } = groups.inOrder();
  for (let g = 0; g < groups.count; g++) {
    I32[at + 2 * g] = runs.to[g]! - runs.from[g]!;
    I32[at + 2 * g + 1] = 0;
  }
  return v;
}

/** The last row of each group. */
export function lastRows(groups: Groups): Int32Array {
  const last = new Int32Array(groups.count);
  if (groups.runs !== undefined) {
    for (let g = 0; g < groups.count; g++) last[g] = groups.runs.to[g]! - 1;
    return last;
  }
  const ids = groups.ids;
  const at = ids.at / 4;
  for (let i = 0; i < ids.count; i++) last[I32[at + i]!] = i;
  return last;
}

const grouped: Record<string, Grouped | undefined> = {
  sum: (x, groups) => {
    const letter = kernelLetter(x.type);
    if (!(letter in SUM_TYPES)) return undefined;
    const type = x.type <= T.short ? T.int : x.type;
    if (groups.runs !== undefined) return runSums(x, letter, type, groups.runs);
    return scatteredSums(x, letter, type, groups);
  },
  min: (x, groups) => extremes("min", x, groups),
  max: (x, groups) => extremes("max", x, groups),
  avg: (x, groups) => averages(x, groups),
  wavg: (x, groups, y) => weighted(x, y, groups, true),
  wsum: (x, groups, y) => weighted(x, y, groups, false),
};

/** Raw letters that sums are known for. Symbols, guids and chars have none. */
const SUM_TYPES: Record<string, true> = { h: true, i: true, j: true, e: true, f: true, x: true };

// ---- sums ----------------------------------------------------------------------------------------------------------
function summable(x: Vector): boolean {
  return x.type !== T.char && x.type !== T.symbol && x.type !== T.guid && x.type < T.enum && x.type !== T.real;
}

function runSums(x: Vector, letter: string, type: number, runs: Runs): Vector | undefined {
  if (!summable(x)) return undefined;
  const sum = kernels.get(`sum_${letter}`);
  const count = runs.from.length;
  const width = widthOfLetter(letter);
  const out = newVector(type, count);
  if (letter === "f" || letter === "j") {
    for (let g = 0; g < count; g++) sum(x.at + runs.from[g]! * width, runs.to[g]! - runs.from[g]!, out.at + 8 * g);
    return out;
  }
  // The kernel sums small integers to a long; q keeps the int, which is its low word.
  const scratch = newVector(T.long, 1);
  for (let g = 0; g < count; g++) {
    sum(x.at + runs.from[g]! * width, runs.to[g]! - runs.from[g]!, scratch.at);
    I32[out.at / 4 + g] = I32[scratch.at / 4]!;
  }
  return out;
}

const widthOfLetter = (letter: string): number =>
  letter === "f" || letter === "j" ? 8 : letter === "i" || letter === "e" ? 4 : letter === "h" ? 2 : 1;

/** Above this many rows the halves of a sum of longs could leave the exact integers of a double. */
const EXACT_ROWS = 1 << 20;

function scatteredSums(x: Vector, letter: string, type: number, groups: Groups): Vector | undefined {
  if (!summable(x)) return undefined;
  const { ids, count } = groups;
  const n = x.count;
  const at = ids.at / 4;
  if (letter === "f") {
    const sums = new Float64Array(count);
    const from = x.at / 8;
    for (let i = 0; i < n; i++) {
      const v = F64[from + i]!;
      if (!Number.isNaN(v)) sums[I32[at + i]!]! += v;
    }
    const out = newVector(type, count);
    F64.set(sums, out.at / 8);
    return out;
  }
  if (letter === "j") {
    if (n > EXACT_ROWS) return undefined;
    const high = new Float64Array(count);
    const low = new Float64Array(count);
    const from = x.at / 4;
    for (let i = 0; i < n; i++) {
      const hi = I32[from + 2 * i + 1]!;
      const lo = U32[from + 2 * i]!;
      if (hi === INT_NULL && lo === 0) continue;
      const g = I32[at + i]!;
      high[g]! += hi;
      low[g]! += lo;
    }
    const out = newVector(type, count);
    for (let g = 0; g < count; g++) {
      const whole = high[g]! * 4294967296 + low[g]!;
      const exact = Math.abs(whole) < 9007199254740992;
      setElement(out, g, exact ? whole : BigInt.asIntN(64, BigInt(high[g]!) * 4294967296n + BigInt(low[g]!)));
    }
    return out;
  }
  if (letter !== "i") return undefined;
  const sums = new Float64Array(count);
  const from = x.at / 4;
  for (let i = 0; i < n; i++) {
    const v = I32[from + i]!;
    if (v !== INT_NULL) sums[I32[at + i]!]! += v;
  }
  const out = newVector(type, count);
  for (let g = 0; g < count; g++) I32[out.at / 4 + g] = sums[g]! % 4294967296;
  return out;
}

// ---- least and greatest --------------------------------------------------------------------------------------------
function extremes(name: "min" | "max", x: Vector, groups: Groups): Vector | undefined {
  const letter = kernelLetter(x.type);
  if (x.type === T.symbol || x.type === T.guid || x.type === T.char || x.type >= T.enum) return undefined;
  if (!kernels.has(`${name}_${letter}`)) return undefined;
  const { runs } = groups;
  if (runs !== undefined) {
    const width = widthOfLetter(letter);
    const out = newVector(x.type, groups.count);
    const kernel = kernels.get(`${name}_${letter}`);
    for (let g = 0; g < groups.count; g++) {
      kernel(x.at + runs.from[g]! * width, runs.to[g]! - runs.from[g]!, out.at + g * width);
    }
    return out;
  }
  if (letter === "f") return scatteredFloatExtremes(name, x, groups);
  if (letter === "i") return scatteredIntExtremes(name, x, groups);
  return undefined;
}

function scatteredFloatExtremes(name: "min" | "max", x: Vector, groups: Groups): Vector {
  const { ids, count } = groups;
  const out = newVector(x.type, count);
  const from = x.at / 8;
  const to = out.at / 8;
  const at = ids.at / 4;
  F64.fill(name === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, to, to + count);
  if (name === "min") {
    for (let i = 0; i < x.count; i++) {
      const g = to + I32[at + i]!;
      const v = F64[from + i]!;
      if (v < F64[g]!) F64[g] = v;
    }
  } else {
    for (let i = 0; i < x.count; i++) {
      const g = to + I32[at + i]!;
      const v = F64[from + i]!;
      if (v > F64[g]!) F64[g] = v;
    }
  }
  return out;
}

function scatteredIntExtremes(name: "min" | "max", x: Vector, groups: Groups): Vector {
  const { ids, count } = groups;
  const out = newVector(x.type, count);
  const from = x.at / 4;
  const to = out.at / 4;
  const at = ids.at / 4;
  I32.fill(name === "min" ? 2147483647 : -2147483647, to, to + count);
  if (name === "min") {
    for (let i = 0; i < x.count; i++) {
      const g = to + I32[at + i]!;
      const v = I32[from + i]!;
      if (v < I32[g]! && v !== INT_NULL) I32[g] = v;
    }
  } else {
    for (let i = 0; i < x.count; i++) {
      const g = to + I32[at + i]!;
      const v = I32[from + i]!;
      if (v > I32[g]!) I32[g] = v;
    }
  }
  return out;
}

// ---- averages ------------------------------------------------------------------------------------------------------
function averages(x: Vector, groups: Groups): Vector | undefined {
  const letter = kernelLetter(x.type);
  if (!summable(x) || (letter !== "f" && letter !== "j" && letter !== "i")) return undefined;
  const { count, runs } = groups;
  const out = newVector(T.float, count);
  const to = out.at / 8;
  if (runs !== undefined) {
    const width = widthOfLetter(letter);
    if (letter === "i") {
      const sum = kernels.get("sum_i");
      const scratch = newVector(T.long, 1);
      for (let g = 0; g < count; g++) {
        const some = sum(x.at + runs.from[g]! * width, runs.to[g]! - runs.from[g]!, scratch.at);
        F64[to + g] = (I32[scratch.at / 4 + 1]! * 4294967296 + U32[scratch.at / 4]!) / some;
      }
      return out;
    }
    const sum = kernels.get(letter === "f" ? "sum_f" : "fsum_j");
    for (let g = 0; g < count; g++) {
      const some = sum(x.at + runs.from[g]! * width, runs.to[g]! - runs.from[g]!, out.at + 8 * g);
      F64[to + g]! /= some;
    }
    return out;
  }
  const { ids } = groups;
  const at = ids.at / 4;
  const some = new Int32Array(count);
  const n = x.count;
  F64.fill(0, to, to + count);
  if (letter === "f") {
    const from = x.at / 8;
    for (let i = 0; i < n; i++) {
      const v = F64[from + i]!;
      if (Number.isNaN(v)) continue;
      const g = I32[at + i]!;
      F64[to + g]! += v;
      some[g]!++;
    }
  } else {
    const wide = letter === "j";
    const from = x.at / 4;
    for (let i = 0; i < n; i++) {
      let v: number;
      if (wide) {
        const hi = I32[from + 2 * i + 1]!;
        v = hi * 4294967296 + U32[from + 2 * i]!;
        if (hi === INT_NULL && U32[from + 2 * i] === 0) continue;
      } else {
        v = I32[from + i]!;
        if (v === INT_NULL) continue;
      }
      const g = I32[at + i]!;
      F64[to + g]! += v;
      some[g]!++;
    }
  }
  for (let g = 0; g < count; g++) F64[to + g]! /= some[g]!;
  return out;
}

/** wavg: sum of w*x over sum of w; wsum: the former alone. Pairs with a null in either are left out. */
function weighted(w: Vector, x: Vector, groups: Groups, divided: boolean): Vector | undefined {
  const letters = kernelLetter(w.type) + kernelLetter(x.type);
  if (w.type !== T.long && w.type !== T.int && w.type !== T.float) return undefined;
  if (x.type !== T.long && x.type !== T.int && x.type !== T.float) return undefined;
  if (!kernels.has(`dot_${letters}`)) return undefined;
  // A sum of products of integers is an integer: not the dot kernel's business.
  if (!divided && !letters.includes("f")) return undefined;
  const { order, runs } = groups.inOrder();
  const weights = order === undefined ? w : (pick(w, order) as Vector);
  const values = order === undefined ? x : (pick(x, order) as Vector);
  const dot = kernels.get(`dot_${letters}`);
  const count = groups.count;
  const out = newVector(T.float, count);
  const scratch = newVector(T.float, 3);
  const s = scratch.at / 8;
  const weightWidth = widthOfLetter(letters[0]!);
  const valueWidth = widthOfLetter(letters[1]!);
  for (let g = 0; g < count; g++) {
    const from = runs.from[g]!;
    dot(weights.at + from * weightWidth, values.at + from * valueWidth, runs.to[g]! - from, scratch.at);
    F64[out.at / 8 + g] = divided ? F64[s]! / F64[s + 1]! : F64[s]!;
  }
  return out;
}

// ---- parts of averages ---------------------------------------------------------------------------------------------
/**
 * What adds up over partitions: for avg the sum and how many there are, for wavg the sum of products and that of the
 * weights. Floats, one of each for every group. undefined: not for these types.
 */
export function averageParts(args: readonly Value[], groups: Groups): [Vector, Vector] | undefined {
  const x = args[0]!;
  const y = args[args.length - 1]!;
  if (x.kind !== "vector" || y.kind !== "vector") return undefined;
  const { order, runs } = groups.inOrder();
  const inOrder = (v: Vector): Vector => (order === undefined ? v : (pick(v, order) as Vector));
  const top = newVector(T.float, groups.count);
  const bottom = newVector(T.float, groups.count);
  const letters = args.map((v) => kernelLetter(v.type)).join("");
  if (args.length === 2) {
    if (!isPlainNumber(x) || !isPlainNumber(y) || !kernels.has(`dot_${letters}`)) return undefined;
    const weights = inOrder(x);
    const values = inOrder(y);
    const dot = kernels.get(`dot_${letters}`);
    const s = newVector(T.float, 3).at;
    for (let g = 0; g < groups.count; g++) {
      const from = runs.from[g]!;
      dot(
        weights.at + from * widthOfLetter(letters[0]!),
        values.at + from * widthOfLetter(letters[1]!),
        runs.to[g]! - from,
        s,
      );
      F64[top.at / 8 + g] = F64[s / 8]!;
      F64[bottom.at / 8 + g] = F64[s / 8 + 1]!;
    }
    return [top, bottom];
  }
  if (!isPlainNumber(x)) return undefined;
  const values = inOrder(x);
  const width = widthOfLetter(letters);
  const sum = kernels.get(letters === "f" ? "sum_f" : letters === "j" ? "fsum_j" : "sum_i");
  for (let g = 0; g < groups.count; g++) {
    const from = runs.from[g]!;
    const at = top.at + 8 * g;
    F64[bottom.at / 8 + g] = sum(values.at + from * width, runs.to[g]! - from, at);
    // The sum of ints is a long: read as such.
    if (letters === "i") F64[at / 8] = I32[at / 4 + 1]! * 4294967296 + U32[at / 4]!;
  }
  return [top, bottom];
}

const isPlainNumber = (v: Vector): boolean => v.type === T.long || v.type === T.int || v.type === T.float;

// ---- back to rows ---------------------------------------------------------------------------------------------------
/** Each group's value at all its rows. */
export function expand(values: Vector, groups: Groups): Value {
  const { runs } = groups;
  if (runs === undefined) return pick(values, groups.ids);
  if (values.type === T.guid) return pick(values, groups.ids);
  const v = newVector(values.type, groups.rowCount, values.domain);
  for (let g = 0; g < groups.count; g++) {
    const from = runs.from[g]!;
    const to = runs.to[g]!;
    fillRange(v, from, to, values, g);
  }
  return v;
}

function fillRange(v: Vector, from: number, to: number, values: Vector, g: number): void {
  switch (datatypeOf(v.type)!.shift) {
    case 0:
      U8.fill(U8[values.at + g]!, v.at + from, v.at + to);
      return;
    case 2:
      I32.fill(I32[values.at / 4 + g]!, v.at / 4 + from, v.at / 4 + to);
      return;
    case 3:
      I64.fill(I64[values.at / 8 + g]!, v.at / 8 + from, v.at / 8 + to);
      return;
    default:
      for (let i = from; i < to; i++) {
        U8[v.at + 2 * i] = U8[values.at + 2 * g]!;
        U8[v.at + 2 * i + 1] = U8[values.at + 2 * g + 1]!;
      }
  }
}
