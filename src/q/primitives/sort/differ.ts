/** differ x: 1b where an item is not the one before; always for the first. Floats compare tolerantly. */

import { T, widthOf } from "#values/datatypes.ts";
import { applyBinary, kernelLetter } from "#values/iterate.ts";
import { matches } from "#values/matching.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { kernels, U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { booleans, columnAt, dict, itemAt, newVector } from "#values/vectors.ts";
import { greaterOp } from "../logic/greater.ts";

function differVector(x: Vector): Vector {
  const result = newVector(T.boolean, x.count);
  if (x.count === 0) return result;
  U8[result.at] = 1;
  const next = x.at + widthOf(x.type);
  // An enumeration is told apart by its indices, a symbol by its id.
  const letter = x.type === T.symbol ? "i" : kernelLetter(x.type);
  if (x.count > 1) kernels.get(`ne_${letter}`)(next, x.at, result.at + 1, x.count - 1, 0);
  return result;
}

function differs(session: Session, x: Value): Value {
  switch (x.kind) {
    case "vector":
      return differVector(x);
    case "list":
      return booleans(x.items.map((item, i) => i === 0 || !matches(item, x.items[i - 1])));
    case "dict":
      return dict(x.keys, differs(session, x.values));
    case "table": {
      // A row differs when any of its columns does.
      let result: Value | undefined;
      x.names.forEach((_, c) => {
        const column = differs(session, columnAt(x, c));
        result = result === undefined ? column : applyBinary(greaterOp, session, result, column);
      });
      return result ?? newVector(T.boolean, 0);
    }
    default:
      return x;
  }
}

export const differ = primitive({
  name: "differ",
  rank: [1, 2],
  category: "sort",
  shownType: 105,
  shown: "~~':",
  run: (session, x, y) => {
    if (y === undefined) return differs(session, x);
    const flags = differs(session, y);
    if (flags.kind !== "vector" || flags.count === 0) return flags;
    // differ[seed;y], deprecated: the first item is compared with the seed.
    const first = y.kind === "vector" || y.kind === "list" ? itemAt(y, 0) : undefined;
    if (first !== undefined) U8[flags.at] = matches(first, x) ? 0 : 1;
    return flags;
  },
});
