/** x div y: the greatest whole number that does not exceed x%y. Keeps the type of x, but short widths become int. */

import { floorDivide, roundToLong } from "#values/convert.ts";
import { datatypeOf, INT_NULL, LONG_NULL, T } from "#values/datatypes.ts";
import {
  type BinaryOp,
  type BinaryPlan,
  applyBinary,
  kernelLetter,
  kernelNamed,
  rangeTable,
  underlying,
} from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom, AtomValue } from "#values/values.ts";
import { canonicalLong, long } from "#values/vectors.ts";

const everyNumber = "b x h i j e f c p m d z n u v t";
const range = rangeTable(
  [
    everyNumber,
    ...everyNumber.split(" ").map((x) => {
      const result = "bxhc".includes(x) ? "i" : x === "e" ? "f" : x;
      return `${x} ${everyNumber.replace(/[a-z]/g, result)}`;
    }),
  ].join("\n"),
);

const floatItem = (x: AtomValue, y: AtomValue): number => Math.floor((x as number) / (y as number));
function intItem(x: AtomValue, y: AtomValue): number {
  if (x === INT_NULL || y === INT_NULL || y === 0) return INT_NULL;
  return Math.floor((x as number) / (y as number)) | 0;
}
function longItem(x: AtomValue, y: AtomValue): number | bigint {
  if (x === LONG_NULL || y === LONG_NULL || y === 0) return LONG_NULL;
  if (typeof y === "number") return canonicalLong(floorDivide(x as number | bigint, y) as bigint | number);
  const a = BigInt(x);
  const b = y as bigint;
  const q = a / b;
  return canonicalLong(a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q);
}

/** Floats on either side make it a division of floats; else the wider of the two integer widths. */
function computeType(x: number, y: number): number {
  if (datatypeOf(x)!.holding === "float" || datatypeOf(y)!.holding === "float") return T.float;
  return datatypeOf(x)!.holding === "long" || datatypeOf(y)!.holding === "long" ? T.long : T.int;
}

/** A float quotient becomes an integer as Cast would, and it is whole already. */
const floatToLong = (x: AtomValue, y: AtomValue): number | bigint => roundToLong(floatItem(x, y));

function makePlan(x: number, y: number): BinaryPlan | undefined {
  const result = range.at(x * 20 + y);
  if (result === 0) return undefined;
  const type = computeType(x, y);
  const final = underlying(result);
  if (type === T.float && final === T.long) return { result, x: type, y: type, item: floatToLong, kernel: undefined };
  return {
    result,
    x: type,
    y: type,
    item: type === T.float ? floatItem : type === T.long ? longItem : intItem,
    kernel: kernelNamed(`div_${kernelLetter(type)}`),
    via: type === final ? undefined : type,
  };
}

const plans = new Map<number, BinaryPlan | undefined>();
export const divOp: BinaryOp = {
  name: "div",
  missing: "keep",
  plan: (x, y) => {
    const i = x * 20 + y;
    if (!plans.has(i)) plans.set(i, makePlan(x, y));
    return plans.get(i);
  },
};
export const div = primitive({
  name: "div",
  rank: 2,
  category: "math",
  infix: true,
  wire: [102, 31],
  run: (session, x, y) => {
    if (x.type === -7 && y.type === -7) {
      const a = (x as Atom).value;
      const b = (y as Atom).value;
      if (typeof a === "number" && typeof b === "number" && b !== 0) return long(Math.floor(a / b) + 0);
    }
    return applyBinary(divOp, session, x, y);
  },
});
