/** x lsq y: the matrix r for which r mmu y comes nearest to x, by the normal equations and Cholesky decomposition. */

import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { matrixOf, numbersOf } from "./inv.ts";
import { matrixRows } from "./mmu.ts";

const dot = (x: Float64Array, y: Float64Array): number => {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * y[i];
  return total;
};

/** The lower triangle l with l times its transpose = a. */
function cholesky(a: Float64Array[]): Float64Array[] {
  const l = a.map((row) => new Float64Array(row.length));
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      if (i !== j) l[i][j] = sum / l[j][j];
      else if (sum > 0) l[i][i] = Math.sqrt(sum);
      else throw signal("domain", "the rows of y depend on each other");
    }
  }
  return l;
}
function solve(l: Float64Array[], b: Float64Array): Float64Array {
  const n = l.length;
  const r = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) r[i] -= l[i][k] * r[k];
    r[i] /= l[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) r[i] -= l[k][i] * r[k];
    r[i] /= l[i][i];
  }
  return r;
}

export const lsq = binary({
  name: "lsq",
  category: "math",
  infix: true,
  shown: "!",
  run: (_session, x, y) => {
    const xs = matrixRows(x);
    const ys = matrixRows(y);
    if (xs === undefined || ys === undefined) throw signal("type", "lsq wants float matrices");
    if (xs[0].count !== ys[0].count) throw signal("length", "lsq wants matrices of one width");
    const a = numbersOf(ys);
    const l = cholesky(a.map((row) => Float64Array.from(a, (other) => dot(row, other))));
    return matrixOf(
      numbersOf(xs).map((row) =>
        solve(
          l,
          Float64Array.from(a, (other) => dot(row, other)),
        ),
      ),
    );
  },
});
