/** all x, any x: whether every item, or at least one, is not zero. Aggregates; not of symbols or guids. */

import { convertAtom, convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { applyBinary, type BinaryOp } from "#values/iterate.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels, U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { boolean, columnAt, dict, FALSE, gather, symbols, TRUE } from "#values/vectors.ts";
import { greaterOp } from "./greater.ts";
import { lesserOp } from "./lesser.ts";

interface Quantifier {
  name: string;
  empty: 0 | 1;
  fold: BinaryOp;
  kernel: string;
}

/** Every atom inside as a boolean. */
function flags(x: Value): Value {
  if (x.kind === "atom" || x.kind === "vector") {
    if (Math.abs(x.type) === T.symbol || Math.abs(x.type) === T.guid || Math.abs(x.type) >= T.enum)
      throw signal("type", "flags are wanted");
    return x.kind === "atom" ? convertAtom(x, T.boolean) : convertVector(x, T.boolean);
  }
  if (x.kind === "list") return gather(x.items.map(flags));
  if (x.kind === "dict") return dict(x.keys, flags(x.values));
  throw signal("type", "flags are wanted");
}

function vectorQuantified(q: Quantifier, x: Vector): Value {
  const v = flags(x) as Vector;
  if (v.count >= 32) return boolean(kernels.get(q.kernel)(v.at, v.count));
  for (let i = 0; i < v.count; i++) if (U8[v.at + i] !== q.empty) return boolean(1 - q.empty);
  return boolean(q.empty);
}

function quantified(session: Session, q: Quantifier, x: Value): Value {
  switch (x.kind) {
    case "atom":
      return flags(x);
    case "vector":
      return vectorQuantified(q, x);
    case "list": {
      let result: Value = q.empty ? TRUE : FALSE;
      x.items.forEach((item, i) => {
        result = i === 0 ? flags(item) : applyBinary(q.fold, session, result, flags(item));
      });
      return result;
    }
    case "dict":
      return quantified(session, q, x.values);
    case "table":
      return dict(symbols(x.names), gather(x.names.map((_, c) => quantified(session, q, columnAt(x, c)))));
    default:
      throw signal("type", `${q.name} of a function`);
  }
}

const everyItem: Quantifier = { name: "all", empty: 1, fold: lesserOp, kernel: "all_b" };
const someItem: Quantifier = { name: "any", empty: 0, fold: greaterOp, kernel: "any_b" };
export const all = unary({
  name: "all",
  category: "logic",
  shownType: 105,
  run: (session, x) => quantified(session, everyItem, x),
});
export const any = unary({
  name: "any",
  category: "logic",
  shownType: 105,
  run: (session, x) => quantified(session, someItem, x),
});
