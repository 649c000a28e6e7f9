// The elementary functions share a shape: atomic, float in and float out, on every underlying number (a datetime stays
// one). Each keeps its own file, named after its page.

import { T } from "#values/datatypes.ts";
import { rangeRow, type UnaryOp, unaryOp, unaryRow } from "#values/iterate.ts";
import type { PrimitiveRow } from "#values/values.ts";

export function elementaryOp(name: string, item: (x: number) => number): UnaryOp {
  return unaryOp({
    name,
    range: rangeRow(`
      b x h i j e f c p m d z n u v t
      f f f f f f f f f f f z f f f f`),
    compute: () => T.float,
    item: (v) => item(v as number),
    kernel: name,
  });
}
export const elementary = (name: string, code: number, item: (x: number) => number): PrimitiveRow =>
  unaryRow({ name, category: "math", wire: [101, code] }, elementaryOp(name, item));
