// Who frees (docs/decisions/memory.md). Every heap value counts its owners: variables, containers, and the pool.
//
//   * A fresh value is owned by the pool: `own(v)` puts it there. So whatever a primitive drops dies later by itself.
//   * A container counts its items when it is made (the constructors in vectors.ts and tables.ts do), a variable counts
//     what it holds. Primitives never count anything.
//   * The evaluator takes a `mark` of the pool when a statement, a lambda or an iteration starts, and `sweep`s down to
//     it at the end, keeping the result: everything made in between and owned by nobody else is freed there and then.
//   * Values on the JS stack are borrowed. Whoever holds one while other q code runs (an argument of a lambda, a list
//     walked by `each`) knows that its caller's pool or variable still owns it; eval protects the few others.
//
// Therefore refs === 1 on a variable's value, after its statement's sweep, means: nobody else holds it, amend in place.

import { allowance, collect } from "./garbage.ts";
import { free } from "./storage.ts";
import type { Value, Vector } from "./values.ts";
import { unreachable } from "./signals.ts";

const pool: Exclude<Value, { kind: "atom" }>[] = [];

/** Hands a fresh (or protected) value to the pool. Returns it. */
export function own<V extends Value>(v: V): V {
  if (v.kind !== "atom") {
    // A handle is as large as a few atoms.
    if ((allowance.left -= 3) < 0) collect();
    v.refs++;
    pool.push(v);
  }
  return v;
}

export function retain(v: Value): void {
  if (v.kind !== "atom") v.refs++;
}

export function release(v: Value): void {
  if (v.kind !== "atom" && --v.refs === 0) dispose(v);
}

export const mark = (): number => pool.length;
export { mark as poolLength };

/** Frees all that the pool got since `from`, except `result` and what it contains; `result` stays in the pool. */
export function sweep(from: number, result?: Value): void {
  if (pool.length === from) return;
  if (result === undefined || result.kind === "atom") {
    while (pool.length > from) {
      const v = pool.pop()!;
      if (v.refs > 0 && --v.refs === 0) dispose(v);
    }
    return;
  }
  result.refs++;
  while (pool.length > from) {
    const v = pool.pop()!;
    if (v.refs > 0 && --v.refs === 0) dispose(v);
  }
  pool.push(result);
}

/** True when only the pool holds it: a temporary whose bytes the next primitive may overwrite or free. */
export const isTemporary = (v: Value): boolean => v.kind !== "atom" && v.refs === 1;

/** After an application: frees its arguments and intermediates at once if nobody else owns them, keeps the result. */
export function settle(from: number, result: Value): Value {
  if (pool.length > from) sweep(from, result);
  return result;
}

function dispose(v: Exclude<Value, { kind: "atom" }>): void {
  switch (v.kind) {
    case "vector":
      disposeVector(v);
      return;
    case "list":
      if (v.packed !== undefined) {
        release(v.packed.bytes);
        release(v.packed.offsets);
        return;
      }
      for (const item of v.items) release(item);
      return;
    case "dict":
      release(v.keys);
      release(v.values);
      return;
    case "table":
      for (const column of v.columns) if (column !== undefined) release(column);
      return;
    case "projection":
      release(v.f);
      for (const argument of v.given) if (argument !== undefined) release(argument);
      return;
    case "composition":
      for (const f of v.functions) release(f);
      return;
    case "derived":
      release(v.f);
      return;
    case "lambda":
      if (v.body !== undefined) release(v.body);
      return;
    case "primitive":
    case "iterator":
      return;
    default:
      unreachable(v);
  }
}

function disposeVector(v: Vector): void {
  if (v.capacity > 0) free(v.at, v.capacity);
  else v.backing?.release();
  v.index = undefined;
  v.at = 0;
}

/** Leaves a lambda: its locals go, what it made goes, its result goes to the caller's pool. */
export function leave(from: number, result: Value, locals: readonly (Value | undefined)[]): void {
  if (result.kind === "atom") {
    for (let i = 0; i < locals.length; i++) {
      const v = locals[i];
      if (v !== undefined && v.kind !== "atom" && --v.refs === 0) dispose(v);
    }
    if (pool.length > from) sweep(from);
    return;
  }
  result.refs++;
  for (let i = 0; i < locals.length; i++) {
    const v = locals[i];
    if (v !== undefined && v.kind !== "atom" && --v.refs === 0) dispose(v);
  }
  if (pool.length > from) sweep(from);
  pool.push(result);
}

/**
 * The pool gives up its count of the value it got last, if it is `v`: whoever is handed it next may be its only owner.
 * Only for values that a lambda's parameter takes over at once, and whoever let go does not look at again.
 */
export function letGo(v: Value, from: number): void {
  if (v.kind !== "atom" && pool.length > from && pool[pool.length - 1] === v) {
    pool.pop();
    v.refs--;
  }
}

/** A counted owner (a local of a frame that an error leaves) passes its count on to the pool. */
export function surrender(v: Value): void {
  if (v.kind !== "atom") pool.push(v);
}
