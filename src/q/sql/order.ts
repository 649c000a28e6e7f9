// select[n;>price]: the rows in an order, of which only a few are wanted. Sorting them all would be the usual cost;
// for a handful out of many the best are kept in a heap instead.

import { T } from "#values/datatypes.ts";
import { positionsFrom } from "#values/picking.ts";
import { F64, I32 } from "#values/storage.ts";
import { signal } from "#values/signals.ts";
import type { Value, Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import { evaluate, nameOf } from "./expression.ts";
import type { Rows } from "./rows.ts";
import type { Scope } from "./scope.ts";

/** Fewer rows than this, of at least ROWS_MINIMUM, are picked out by a heap. */
const HEAP_MAXIMUM = 1000;
const ROWS_MINIMUM = 2000;

/** Positions of the scope's rows in the order that (g;column) says; at least as far as `window` reaches. */
export function firstInOrder(scope: Scope, order: Value, window: Rows): Vector {
  const wanted = window.start + window.count;
  if (order.kind === "list" && order.items.length === 2 && wanted <= HEAP_MAXIMUM && scope.count >= ROWS_MINIMUM) {
    const name = nameOf(order.items[0]!);
    if (name === "iasc" || name === "idesc") {
      const column = evaluate(scope, order.items[1]!);
      if (column.kind === "vector" && column.count === scope.count) {
        const best = bestOf(column, wanted, name === "idesc");
        if (best !== undefined) return best;
      }
    }
  }
  const permutation = evaluate(scope, order);
  if (permutation.kind !== "vector") throw signal("type", "an order is a list of positions");
  return positionsFrom(permutation, scope.count);
}

/** The first `wanted` positions of a stable sort; undefined for types that are not compared as plain numbers here. */
function bestOf(v: Vector, wanted: number, descending: boolean): Vector | undefined {
  const read = reader(v);
  if (read === undefined) return undefined;
  const n = v.count;
  const size = Math.min(wanted, n);
  const heapKeys = new Float64Array(size);
  const heapRows = new Int32Array(size);
  let held = 0;
  // The worst of those held is on top. Keys are such that smaller is better; of equal keys the earlier row is better.
  const worse = (a: number, b: number): boolean =>
    heapKeys[a]! > heapKeys[b]! || (heapKeys[a] === heapKeys[b] && heapRows[a]! > heapRows[b]!);
  const swap = (a: number, b: number): void => {
    const key = heapKeys[a]!;
    const row = heapRows[a]!;
    heapKeys[a] = heapKeys[b]!;
    heapRows[a] = heapRows[b]!;
    heapKeys[b] = key;
    heapRows[b] = row;
  };
  const sink = (): void => {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      if (left >= held) return;
      const child = left + 1 < held && worse(left + 1, left) ? left + 1 : left;
      if (!worse(child, i)) return;
      swap(child, i);
      i = child;
    }
  };
  const keys = read;
  for (let i = 0; i < n; i++) {
    const key = descending ? -keys(i) : keys(i);
    if (held < size) {
      heapKeys[held] = key;
      heapRows[held] = i;
      for (let k = held++; k > 0; ) {
        const parent = (k - 1) >> 1;
        if (!worse(k, parent)) break;
        swap(k, parent);
        k = parent;
      }
    } else if (size > 0 && key < heapKeys[0]!) {
      heapKeys[0] = key;
      heapRows[0] = i;
      sink();
    }
  }
  // 0n and -0w look alike here and are not: a full sort tells them apart.
  for (let k = 0; k < held; k++) if (Math.abs(heapKeys[k]!) === Number.POSITIVE_INFINITY) return undefined;
  const order = Array.from({ length: held }, (_, k) => k).sort((a, b) => (worse(a, b) ? 1 : -1));
  const out = newVector(T.int, held);
  for (let k = 0; k < held; k++) I32[out.at / 4 + k] = heapRows[order[k]!]!;
  return out;
}

/** Elements as numbers whose order is q's: nulls are least. */
function reader(v: Vector): ((i: number) => number) | undefined {
  if (v.type === T.float) {
    const from = v.at / 8;
    return (i) => {
      const x = F64[from + i]!;
      return Number.isNaN(x) ? Number.NEGATIVE_INFINITY : x;
    };
  }
  if (v.type === T.int || v.type === T.date || v.type === T.time || v.type === T.minute || v.type === T.second) {
    const from = v.at / 4;
    return (i) => I32[from + i]!;
  }
  return undefined;
}
