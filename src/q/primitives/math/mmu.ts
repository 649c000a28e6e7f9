/** x mmu y, x$y of floats: matrix product, matrix times vector, dot product of two vectors. */

import { T } from "#values/datatypes.ts";
import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { F64 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { float, list, newVector } from "#values/vectors.ts";

/** Rows of a float matrix, all of one width; undefined when it is none. */
export function matrixRows(x: Value): Vector[] | undefined {
  if (x.kind !== "list" || x.items.length === 0) return undefined;
  const rows = x.items as Vector[];
  const width = rows[0].count;
  return rows.every((row) => row.kind === "vector" && row.type === T.float && row.count === width) ? rows : undefined;
}
const isFloats = (x: Value): x is Vector => x.kind === "vector" && x.type === T.float;

/** A float vector times the rows of a matrix. */
function vectorTimes(x: Vector, rows: Vector[]): Vector {
  if (x.count !== rows.length) throw signal("length", `${x.count} items times ${rows.length} rows`);
  const width = rows[0].count;
  const result = newVector(T.float, width);
  const out = result.at / 8;
  F64.fill(0, out, out + width);
  for (let k = 0; k < x.count; k++) {
    const factor = F64[x.at / 8 + k];
    const row = rows[k].at / 8;
    for (let j = 0; j < width; j++) F64[out + j] += factor * F64[row + j];
  }
  return result;
}
function dot(x: Vector, y: Vector): number {
  if (x.count !== y.count) throw signal("length", `${x.count} items times ${y.count}`);
  const a = x.at / 8;
  const b = y.at / 8;
  let total = 0;
  for (let i = 0; i < x.count; i++) total += F64[a + i] * F64[b + i];
  return total;
}

export function matrixMultiply(x: Value, y: Value): Value {
  const rows = matrixRows(y);
  if (isFloats(x)) {
    if (isFloats(y)) return float(dot(x, y));
    if (rows !== undefined) return vectorTimes(x, rows);
  }
  const left = matrixRows(x);
  if (left !== undefined) {
    if (isFloats(y)) {
      const result = newVector(T.float, left.length);
      left.forEach((row, i) => {
        F64[result.at / 8 + i] = dot(row, y);
      });
      return result;
    }
    if (rows !== undefined) return list(left.map((row) => vectorTimes(row, rows)));
  }
  throw signal("type", "float vectors and matrices are multiplied");
}
export const mmu = binary({
  name: "mmu",
  category: "math",
  infix: true,
  wire: [102, 11],
  shown: "$",
  run: (_session, x, y) => matrixMultiply(x, y),
});
