/** inv x: the inverse of a square float matrix, by LU decomposition with pivoting. */

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { F64 } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import { list, newVector } from "#values/vectors.ts";
import { matrixRows } from "./mmu.ts";

/** A matrix as rows of JS numbers. */
export const numbersOf = (rows: readonly Vector[]): Float64Array[] =>
  rows.map((row) => F64.slice(row.at / 8, row.at / 8 + row.count));
export function matrixOf(rows: readonly Float64Array[]): ReturnType<typeof list> {
  return list(
    rows.map((row) => {
      const v = newVector(T.float, row.length);
      F64.set(row, v.at / 8);
      return v;
    }),
  );
}

/** Gauss-Jordan on [a|identity] with row pivoting; a singular matrix comes out as nulls and infinities. */
function inverse(a: Float64Array[]): Float64Array[] {
  const n = a.length;
  const result = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(a[r][c]) > Math.abs(a[pivot][c])) pivot = r;
    [a[c], a[pivot]] = [a[pivot], a[c]];
    [result[c], result[pivot]] = [result[pivot], result[c]];
    for (let r = c + 1; r < n; r++) {
      const factor = a[r][c] / a[c][c];
      if (factor === 0) continue;
      for (let k = c; k < n; k++) a[r][k] -= factor * a[c][k];
      for (let k = 0; k < n; k++) result[r][k] -= factor * result[c][k];
    }
  }
  for (let c = n - 1; c >= 0; c--) {
    for (let k = 0; k < n; k++) result[c][k] /= a[c][c];
    for (let r = 0; r < c; r++) {
      const factor = a[r][c];
      for (let k = 0; k < n; k++) result[r][k] -= factor * result[c][k];
    }
  }
  return result;
}

export const inv = unary({
  name: "inv",
  category: "math",
  run: (_session, x) => {
    const rows = matrixRows(x);
    if (rows === undefined) throw signal("type", "a float matrix is inverted");
    if (rows.length !== rows[0].count) throw signal("length", "a square matrix is inverted");
    return matrixOf(inverse(numbersOf(rows)));
  },
});
