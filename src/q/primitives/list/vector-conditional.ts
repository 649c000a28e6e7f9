/** ?[x;y;z]: the items of y where x is true, those of z elsewhere; atoms stand for every item. A form of the glyph `?`. */

import { T } from "#values/datatypes.ts";
import { joinLists } from "#values/joining.ts";
import { pick, positions } from "#values/picking.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { countOf, gather, isList, itemsOf } from "#values/vectors.ts";

export function vectorConditional(session: Session, x: Value, y: Value, z: Value): Value {
  const count = [x, y, z].reduce((n, v) => (isSpread(v) ? sameCount(n, countOf(v)) : n), -1);
  if (x.kind === "atom" && x.type === -T.boolean) {
    if (count < 0) return x.value ? y : z;
    return spread(x.value ? y : z, count);
  }
  if (x.kind !== "vector" || x.type !== T.boolean) throw signal("type", "the condition is boolean");
  const yAtom = !isSpread(y);
  const zAtom = !isSpread(z);
  if (Math.abs(y.type) !== Math.abs(z.type) && y.kind !== "list" && z.kind !== "list")
    throw signal("type", "both choices are of one type");
  // y and z end to end, and for every item where in that it stands.
  const ny = yAtom ? 1 : countOf(y);
  const from = new Int32Array(count);
  for (let i = 0; i < count; i++) from[i] = U8[x.at + i] !== 0 ? (yAtom ? 0 : i) : ny + (zAtom ? 0 : i);
  if ((y.kind === "vector" || y.kind === "atom") && (z.kind === "vector" || z.kind === "atom")) {
    return pick(joinLists(session, y, z), positions(from));
  }
  const items = [...(yAtom ? [y] : itemsOf(y)), ...(zAtom ? [z] : itemsOf(z))];
  return gather(Array.from(from, (p) => items[p]!));
}
const isSpread = (v: Value): boolean => isList(v) || v.kind === "table";
function sameCount(n: number, m: number): number {
  if (n >= 0 && n !== m) throw signal("length", "condition and choices are of different lengths");
  return m;
}
const spread = (v: Value, count: number): Value => (isSpread(v) ? v : gather(new Array<Value>(count).fill(v)));
