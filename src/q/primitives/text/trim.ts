// trim, ltrim, rtrim: lists without the nulls (of strings: the spaces) at their ends (ref/trim.md).

import { copyElements } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { Value, Vector } from "#values/values.ts";
import { atom, elementAt, isNull, newVector, slice } from "#values/vectors.ts";
import { T } from "#values/datatypes.ts";
import { U8 } from "#values/storage.ts";
import { eachLeaf } from "./walking.ts";

export const trim = unary({ name: "trim", category: "text", shownType: 100, run: (_, x) => trimmed(x, true, true) });
export const ltrim = unary({ name: "ltrim", category: "text", shownType: 100, run: (_, x) => trimmed(x, true, false) });
export const rtrim = unary({ name: "rtrim", category: "text", shownType: 100, run: (_, x) => trimmed(x, false, true) });

function trimmed(x: Value, left: boolean, right: boolean): Value {
  return eachLeaf(x, (leaf) => {
    if (leaf.kind === "atom" || leaf.kind === "list") return leaf;
    if (leaf.kind !== "vector") throw signal("type", "only lists are trimmed");
    const blank = blankOf(leaf);
    let from = 0;
    let to = leaf.count;
    if (left) while (from < to && blank(from)) from++;
    if (right) while (to > from && blank(to - 1)) to--;
    if (to - from === leaf.count) return leaf;
    // A slice keeps its whole parent alive: worth it for long vectors only.
    if (to - from > LONG_ENOUGH) return slice(leaf, from, to - from);
    const result = newVector(leaf.type, to - from, leaf.domain);
    copyElements(result, 0, leaf, from, to - from);
    return result;
  });
}
const LONG_ENOUGH = 4096;

function blankOf(v: Vector): (i: number) => boolean {
  if (v.type === T.char) return (i) => U8[v.at + i] === 32;
  return (i) => isNull(atom(v.type, elementAt(v, i), v.domain));
}
