/**
 * x^y: y with its nulls replaced by items of x (Fill); keyed tables and dictionaries merge so (Coalesce).
 * fills x: each null replaced by the item before it; `^\`.
 */

import { datatypeOf, T } from "#values/datatypes.ts";
import { applyBinary, binaryRow, bound, kernelNamed } from "#values/iterate.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value, Vector } from "#values/values.ts";
import { columnAt, dict, gather, newVector, table } from "#values/vectors.ts";
import { fillRange, selection } from "./selection.ts";
import { nullTest } from "./null.ts";

export const fillOp = selection(
  "Fill",
  fillRange,
  (type) => {
    const test = nullTest(type);
    return (x, y) => (test(y) ? x : y);
  },
  "fill",
);
export const fill = binaryRow({ name: "Fill", glyph: "^", category: "logic", wire: [102, 7] }, fillOp);

function fillsVector(x: Vector): Vector {
  const { raw } = datatypeOf(x.type)!;
  const kernel = kernelNamed(`fills_${raw}`);
  // Booleans and bytes have no nulls, an enumeration's null index is not one.
  if (kernel === undefined || x.type >= T.enum || x.count === 0) return x;
  const result = newVector(x.type, x.count);
  bound(kernel)(x.at, x.count, result.at);
  return result;
}

function runFills(session: Session, x: Value): Value {
  switch (x.kind) {
    case "vector":
      return fillsVector(x);
    case "list": {
      const items: Value[] = [];
      for (const item of x.items)
        items.push(items.length === 0 ? item : applyBinary(fillOp, session, items[items.length - 1], item));
      return gather(items);
    }
    case "dict":
      return dict(x.keys, runFills(session, x.values));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => runFills(session, columnAt(x, c))),
      );
    default:
      return x;
  }
}
export const fills = unary({ name: "fills", category: "logic", shownType: 108, shown: "^\\", run: runFills });
