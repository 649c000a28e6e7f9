// x$y with an integer and strings: y filled with spaces, or cut, to a length (ref/pad.md).

import { T } from "#values/datatypes.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import { eachLeaf } from "./walking.ts";

/** A negative length puts the text to the right. */
export function pad(length: number, y: Value): Value {
  const width = Math.abs(length);
  return eachLeaf(y, (leaf) => {
    if (leaf.kind === "atom" && leaf.type === -T.char)
      return width === 1 ? leaf : padded(length, [leaf.value as number]);
    if (leaf.kind !== "vector" || leaf.type !== T.char) throw signal("type", "only strings are padded");
    if (leaf.count === width) return leaf;
    return padded(length, U8.subarray(leaf.at, leaf.at + leaf.count));
  });
}
function padded(length: number, text: ArrayLike<number>): Value {
  const width = Math.abs(length);
  const v = newVector(T.char, width);
  const kept = Math.min(width, text.length);
  const at = length < 0 ? v.at + width - kept : v.at;
  U8.fill(32, v.at, v.at + width);
  // Cut from the end that the text does not stand at.
  const from = length < 0 ? text.length - kept : 0;
  for (let i = 0; i < kept; i++) U8[at + i] = text[from + i]!;
  return v;
}
