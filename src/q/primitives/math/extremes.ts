// What min and max, mins and maxs, mmin and mmax share: one is the other turned round.

import type { Kernel } from "#kernels/loader.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { type BinaryOp, kernelLetter, kernelsByType } from "#values/iterate.ts";
import { binary, unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import { type PrimitiveRow, type Value, Vector } from "#values/values.ts";
import { atom, elementAt, newVector } from "#values/vectors.ts";
import { type Aggregate, aggregate, foldItems, resultPlace, scanItems, type Uniform, uniform } from "./aggregation.ts";
import { moving, windowOf } from "./sum.ts";

interface Extreme {
  name: "min" | "max";
  op: BinaryOp;
  code: number;
  glyph: string;
  /** What no items at all give: an infinity. */
  none: Value;
  /** And for booleans, which have none. */
  noBoolean: 0 | 1;
}

function sortable(name: string, type: number): void {
  if (type === T.symbol || type === T.guid || type >= T.enum)
    throw signal("type", `${name} of ${datatypeOf(type)!.name}`);
}

/** The extreme of a vector's items that are not null; an infinity when there are none. */
function vectorExtreme(e: Extreme, kernel: (type: number) => Kernel, x: Vector): Value {
  sortable(e.name, x.type);
  if (x.type === T.boolean && x.count === 0) return atom(T.boolean, e.noBoolean);
  const at = resultPlace();
  kernel(x.type)(x.at, x.count, at);
  return atom(x.type, elementAt(new Vector(x.type, 0, 1, at, 0), 0));
}

export function extremeRows(e: Extreme): {
  aggregateRow: PrimitiveRow;
  runningRow: PrimitiveRow;
  movingRow: PrimitiveRow;
} {
  const kernel = kernelsByType(e.name);
  const extremeOf: Aggregate = {
    name: e.name,
    atom: (x) => {
      sortable(e.name, -x.type);
      return x;
    },
    vector: (_session, x) => vectorExtreme(e, kernel, x),
    list: (session, x) => foldItems(session, e.op, x, e.none),
  };
  const runningOf: Uniform = {
    name: `${e.name}s`,
    vector: (_session, x) => {
      sortable(`${e.name}s`, x.type);
      const result = newVector(x.type, x.count);
      kernels.get(`${e.name}s_${kernelLetter(x.type)}`)(x.at, x.count, result.at);
      return result;
    },
    list: (session, x) => scanItems(session, e.op, x),
  };
  const movingVector = (window: number, y: Vector): Vector => {
    sortable(`m${e.name}`, y.type);
    if (window <= 1) return y;
    const w = Math.min(window, Math.max(1, y.count));
    const result = newVector(y.type, y.count);
    const scratch = newVector(T.float, w);
    kernels.get(`m${e.name}_${kernelLetter(y.type)}`)(y.at, y.count, w, result.at, scratch.at);
    return result;
  };
  return {
    aggregateRow: unary({
      name: e.name,
      category: "math",
      wire: [101, e.code],
      run: (session, x) => aggregate(session, extremeOf, x),
    }),
    runningRow: unary({
      name: `${e.name}s`,
      category: "math",
      shownType: 108,
      shown: `${e.glyph}\\`,
      run: (session, x) => uniform(session, runningOf, x),
    }),
    movingRow: binary({
      name: `m${e.name}`,
      category: "math",
      infix: true,
      shownType: 100,
      run: (session: Session, x: Value, y: Value) => {
        const window = windowOf(`m${e.name}`, x);
        return moving(session, `m${e.name}`, y, (v) => movingVector(window, v));
      },
    }),
  };
}
