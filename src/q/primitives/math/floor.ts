/** floor x: the greatest whole number not above x, a long for floats; of text it is lower case. Atomic. */

import { T } from "#values/datatypes.ts";
import { rangeRow, unaryOp, unaryRow } from "#values/iterate.ts";
import { LONG_INFINITY, LONG_NULL } from "#values/datatypes.ts";
import type { AtomValue } from "#values/values.ts";

/** A float that is whole already, as a long: beyond the range an infinity, 0n null. */
export function wholeToLong(whole: number): number | bigint {
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (Number.isNaN(whole)) return LONG_NULL;
  if (whole >= 2 ** 63) return LONG_INFINITY;
  return whole <= -(2 ** 63) ? -LONG_INFINITY : BigInt(whole);
}
const lowerCode = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
const lowerText = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const floorOp = unaryOp({
  name: "floor",
  range: rangeRow(`
    b x h i j e f c s p m d z n u v t
    . . h i j j j c s . . . . . . . .`),
  compute: (x) => x,
  item: (v: AtomValue, type: number): AtomValue => {
    if (type === T.float || type === T.real) return wholeToLong(Math.floor(v as number));
    if (type === T.char) return lowerCode(v as number);
    return type === T.symbol ? lowerText(v as string) : v;
  },
  kernel: "floor",
  special: (_session, x) => (x.type === T.short || x.type === T.int || x.type === T.long ? x : undefined),
});
export const floor = unaryRow({ name: "floor", category: "math", wire: [101, 14], shown: "_:" }, floorOp);
