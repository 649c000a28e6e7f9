/** null x: 1b where x is null. Atomic; never for enumerations, whose null means "not in the domain". */

import { datatypeOf, T } from "#values/datatypes.ts";
import { isEnumType } from "#values/enumeration.ts";
import { applyUnary, rangeRow, unaryOp } from "#values/iterate.ts";
import { unary } from "#values/primitive.ts";
import { U8 } from "#values/storage.ts";
import type { AtomValue } from "#values/values.ts";
import { FALSE, boolean, newVector } from "#values/vectors.ts";

/** Whether an element of a vector of this type is null. */
export function nullTest(type: number): (v: AtomValue) => boolean {
  if (type === T.boolean || type === T.byte) return () => false;
  const { holding, nullValue } = datatypeOf(type)!;
  return holding === "float" ? (v) => Number.isNaN(v) : (v) => v === nullValue;
}

export const nullOp = unaryOp({
  name: "null",
  range: rangeRow(`
    b g x h i j e f c s p m d z n u v t
    b b b b b b b b b b b b b b b b b b`),
  compute: (x) => x,
  item: (v, type) => (nullTest(type)(v) ? 1 : 0),
  kernel: "null",
  special: (_session, x) => {
    const type = Math.abs(x.type);
    if (!isEnumType(type) && type !== T.boolean && type !== T.byte) return undefined;
    if (x.kind === "atom") return FALSE;
    const result = newVector(T.boolean, x.count);
    U8.fill(0, result.at, result.at + x.count);
    return result;
  },
  // The identity :: is what a missing value looks like.
  other: (x) => boolean(x.kind === "primitive" && x.text === "::"),
});
export const nullRow = unary({
  name: "null",
  category: "logic",
  wire: [101, 7],
  shown: "^:",
  run: (session, x) => applyUnary(nullOp, session, x),
});
