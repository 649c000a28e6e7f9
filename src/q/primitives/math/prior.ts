// deltas and ratios: an operator between each item and the one before, with the first item measured from a seed.
// (differ is of that kind too, but has no numbers in it: sort/differ.ts.)

import { convertVector } from "#values/convert.ts";
import { datatypeOf } from "#values/datatypes.ts";
import { applyBinary, type BinaryOp, kernelLetter, type Range, underlying } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import type { List, PrimitiveRow, Value, Vector } from "#values/values.ts";
import { columnAt, dict, elementAt, gather, itemsOf, newVector, setElement, table } from "#values/vectors.ts";

export interface PriorSpec {
  name: string;
  glyph: string;
  op: BinaryOp;
  /** Result type of a vector by its own. */
  range: Range;
  /** Kernel of the operator; its result letter is the computed type's. */
  kernel: string;
}

function priorVector(spec: PriorSpec, session: Session, x: Vector, seed: Value | undefined): Value {
  const type = spec.range.at(x.type);
  if (type === undefined || type === 0) throw signal("type", `${spec.name} of ${datatypeOf(x.type)!.name}`);
  const n = x.count;
  if (seed !== undefined) return gatherSeeded(spec, session, x, seed);
  const result = newVector(type, n);
  if (n === 0) return result;
  const compute = underlying(type);
  const v = convertVector(x, compute);
  const width = datatypeOf(compute)!.width;
  setElement(result, 0, elementAt(v, 0));
  if (n > 1) kernels.get(`${spec.kernel}_${kernelLetter(compute)}`)(v.at + width, v.at, result.at + width, n - 1, 0);
  return result;
}
function gatherSeeded(spec: PriorSpec, session: Session, x: Vector, seed: Value): Value {
  const items: Value[] = [];
  let before = seed;
  for (const item of itemsOf(x)) {
    items.push(applyBinary(spec.op, session, item, before));
    before = item;
  }
  return gather(items);
}
function priorList(spec: PriorSpec, session: Session, x: List, seed: Value | undefined): Value {
  return gather(
    x.items.map((item, i) => {
      const before = i === 0 ? seed : x.items[i - 1];
      return before === undefined ? item : applyBinary(spec.op, session, item, before);
    }),
  );
}

function prior(spec: PriorSpec, session: Session, x: Value, seed: Value | undefined): Value {
  switch (x.kind) {
    case "vector":
      return priorVector(spec, session, x, seed);
    case "list":
      return priorList(spec, session, x, seed);
    case "dict":
      return dict(x.keys, prior(spec, session, x.values, seed));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => prior(spec, session, columnAt(x, c), seed)),
      );
    default:
      return x;
  }
}

/** The second form, deltas[10;x], is deprecated in q but works. */
export function priorRow(spec: PriorSpec): PrimitiveRow {
  return primitive({
    name: spec.name,
    rank: [1, 2],
    category: "math",
    shownType: 109,
    shown: `${spec.glyph}':`,
    run: (session, x, y) => (y === undefined ? prior(spec, session, x, undefined) : prior(spec, session, y, x)),
  });
}
