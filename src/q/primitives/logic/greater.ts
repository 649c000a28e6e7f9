/** x|y, x or y: the greater of two items, which on booleans is OR. Atomic; null is the smallest. */

import { applyBinary } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom, AtomValue, PrimitiveRow, Run } from "#values/values.ts";
import { FALSE, TRUE } from "#values/vectors.ts";
import { selection, selectionRange } from "./selection.ts";

const greatest = (x: AtomValue, y: AtomValue): AtomValue => (Number.isNaN(x) || x < y ? y : x);
export const greaterOp = selection("Greater", selectionRange, () => greatest, "greater");

const run: Run = (session, x, y) => {
  if (x.type === -1 && y.type === -1) return (x as Atom).value || (y as Atom).value ? TRUE : FALSE;
  if (x.type === -7 && y.type === -7) return (x as Atom).value < (y as Atom).value ? y : x;
  return applyBinary(greaterOp, session, x, y);
};
export const greater: PrimitiveRow = primitive({
  name: "Greater",
  glyph: "|",
  rank: 2,
  category: "logic",
  wire: [102, 6],
  run,
});
export const or: PrimitiveRow = primitive({
  name: "or",
  rank: 2,
  category: "logic",
  infix: true,
  wire: [102, 6],
  shown: "|",
  shownType: 102,
  run,
});
