/** x&y, x and y: the lesser of two items, which on booleans is AND. Atomic; null is the smallest. */

import { applyBinary } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom, AtomValue, PrimitiveRow, Run } from "#values/values.ts";
import { FALSE, TRUE } from "#values/vectors.ts";
import { selection, selectionRange } from "./selection.ts";

const least = (x: AtomValue, y: AtomValue): AtomValue => (Number.isNaN(y) || y < x ? y : x);
export const lesserOp = selection("Lesser", selectionRange, () => least, "lesser");

const run: Run = (session, x, y) => {
  if (x.type === -1 && y.type === -1) return (x as Atom).value && (y as Atom).value ? TRUE : FALSE;
  if (x.type === -7 && y.type === -7) return (y as Atom).value < (x as Atom).value ? y : x;
  return applyBinary(lesserOp, session, x, y);
};
export const lesser: PrimitiveRow = primitive({
  name: "Lesser",
  glyph: "&",
  rank: 2,
  category: "logic",
  wire: [102, 5],
  run,
});
export const and: PrimitiveRow = primitive({
  name: "and",
  rank: 2,
  category: "logic",
  infix: true,
  wire: [102, 5],
  shown: "&",
  shownType: 102,
  run,
});
