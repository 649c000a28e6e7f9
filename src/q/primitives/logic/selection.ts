// Lesser, Greater and Fill have one shape: each result is one of the two items, both brought to the type that the
// range table names (the wider number, the coarser of two temporals).

import { datatypeOf, T } from "#values/datatypes.ts";
import {
  type BinaryOp,
  type BinaryPlan,
  kernelLetter,
  kernelNamed,
  Range,
  rangeTable,
  readTable,
  underlying,
} from "#values/iterate.ts";
import type { AtomValue } from "#values/values.ts";

const widening = `
      b x h i j e f c p m d z n u v t
    b b x h i j e f c p m d z n u v t
    x x x h i j e f c p m d z n u v t
    h h h h i j e f c p m d z n u v t
    i i i i i j e f c p m d z n u v t
    j j j j j j e f c p m d z n u v t
    e e e e e e e f c p m d z n u v t
    f f f f f f f f c p m d z n u v t
    c c c c c c c c c p m d z n u v t
    p p p p p p p p p p p p p n u v t
    m m m m m m m m m p m d . . . . .
    d d d d d d d d d p d d z . . . .
    z z z z z z z z z p . z z n u v t
    n n n n n n n n n n . . n n n n n
    u u u u u u u u u u . . u n u v t
    v v v v v v v v v v . . v n v v t
    t t t t t t t t t t . . t n t t t`;

export const selectionRange = rangeTable(widening);
/** Fill also takes symbols and guids. */
export const fillRange = new Range(widening, (text) => {
  const cells = readTable(text);
  cells[T.symbol * 20 + T.symbol] = T.symbol;
  cells[T.guid * 20 + T.guid] = T.guid;
  return cells;
});

type Choose = (x: AtomValue, y: AtomValue) => AtomValue;

/** `choose` by the result's type; kernel name without its letter. */
export function selection(name: string, range: Range, chooseFor: (type: number) => Choose, kernel: string): BinaryOp {
  const plans = new Map<number, BinaryPlan | undefined>();
  const makePlan = (x: number, y: number): BinaryPlan | undefined => {
    const result = range.at(x * 20 + y);
    if (result === 0) return undefined;
    const both = x !== y && datatypeOf(x)!.temporal && datatypeOf(y)!.temporal;
    const to = both ? result : underlying(result);
    const letter = datatypeOf(to)!.raw;
    return {
      result,
      x: to,
      y: to,
      item: chooseFor(to),
      // A char's null is a space: its fill has a kernel of its own, the bytes' would not know.
      kernel: kernelNamed(`${kernel}_${kernel === "fill" ? letter : kernelLetter(to)}`),
    };
  };
  return {
    name,
    missing: "keep",
    plan: (x, y) => {
      const i = x * 20 + y;
      if (!plans.has(i)) plans.set(i, makePlan(x, y));
      return plans.get(i);
    },
  };
}
