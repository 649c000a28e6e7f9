/**
 * x^y: y with its nulls replaced by items of x (Fill); keyed tables and dictionaries merge so (Coalesce).
 * fills x: each null replaced by the item before it; `^\`.
 */

import { datatypeOf } from "#values/datatypes.ts";
import { applyBinary, binaryRow } from "#values/iterate.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { U8 } from "#values/storage.ts";
import type { AtomValue, Value, Vector } from "#values/values.ts";
import { columnAt, dict, elementAt, gather, newVector, table } from "#values/vectors.ts";
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
  const test = nullTest(x.type);
  let i = 0;
  while (i < x.count && !test(elementAt(x, i))) i++;
  if (i === x.count) return x;
  const result = newVector(x.type, x.count, x.domain);
  const { width } = datatypeOf(x.type)!;
  U8.copyWithin(result.at, x.at, x.at + x.count * width);
  let last: AtomValue | undefined;
  for (let k = 0; k < x.count; k++) {
    const value = elementAt(x, k);
    if (!test(value)) last = value;
    else if (last !== undefined) {
      const from = result.at + (k - 1) * width;
      U8.copyWithin(result.at + k * width, from, from + width);
    }
  }
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
