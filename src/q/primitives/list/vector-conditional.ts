/** ?[x;y;z]: the items of y where x is true, those of z elsewhere; atoms stand for every item. A form of the glyph `?`. */

import { T, widthOf } from "#values/datatypes.ts";
import { signal } from "#values/signals.ts";
import { kernels, U8 } from "#values/storage.ts";
import type { Atom, Value, Vector } from "#values/values.ts";
import { countOf, gather, isList, itemsOf, newVector, vectorOf } from "#values/vectors.ts";

export function vectorConditional(x: Value, y: Value, z: Value): Value {
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
  if (isSimple(y) && isSimple(z) && y.domain === z.domain) {
    const r = newVector(Math.abs(y.type), count, y.domain);
    const shape = (yAtom ? 1 : 0) + (zAtom ? 2 : 0);
    if (count > 0)
      kernels.get(`choose_${widthOf(r.type)}`)(x.at, vectorFrom(y).at, vectorFrom(z).at, r.at, count, shape);
    return r;
  }
  const ys = yAtom ? [y] : itemsOf(y);
  const zs = zAtom ? [z] : itemsOf(z);
  return gather(
    Array.from({ length: count }, (_, i) => (U8[x.at + i] !== 0 ? ys[yAtom ? 0 : i]! : zs[zAtom ? 0 : i]!)),
  );
}
const isSimple = (v: Value): v is Atom | Vector => v.kind === "atom" || v.kind === "vector";
const vectorFrom = (v: Atom | Vector): Vector => (v.kind === "vector" ? v : vectorOf(-v.type, [v.value], v.domain));
const isSpread = (v: Value): boolean => isList(v) || v.kind === "table";
function sameCount(n: number, m: number): number {
  if (n >= 0 && n !== m) throw signal("length", "condition and choices are of different lengths");
  return m;
}
const spread = (v: Value, count: number): Value => (isSpread(v) ? v : gather(new Array<Value>(count).fill(v)));
