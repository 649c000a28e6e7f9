// Match: whether two values are the same in type, shape and items. Floats compare tolerantly, attributes do not count.
// Exact sameness (hash keys, Find, distinct) is search.ts's.

import { tolerantlyEqual } from "./comparing.ts";
import { T, widthOf } from "./datatypes.ts";
import { kernels } from "./storage.ts";
import { unreachable } from "./signals.ts";
import type { Value, Vector } from "./values.ts";
import { columnAt, elementAt, rowCount } from "./vectors.ts";

export function matches(x: Value, y: Value): boolean {
  if (x === y) return true;
  if (x.type !== y.type) return false;
  switch (x.kind) {
    case "atom":
      if (y.kind !== "atom" || x.domain !== y.domain) return false;
      if (x.type === -T.float || x.type === -T.datetime) return tolerantlyEqual(x.value as number, y.value as number);
      return x.value === y.value || (Number.isNaN(x.value) && Number.isNaN(y.value));
    case "vector":
      return y.kind === "vector" && vectorsMatch(x, y);
    case "list":
      return y.kind === "list" && allMatch(x.items, y.items);
    case "dict":
      return y.kind === "dict" && matches(x.keys, y.keys) && matches(x.values, y.values);
    case "table": {
      if (y.kind !== "table" || x.names.length !== y.names.length || rowCount(x) !== rowCount(y)) return false;
      if (!x.names.every((name, c) => name === y.names[c])) return false;
      for (let c = 0; c < x.names.length; c++) if (!matches(columnAt(x, c), columnAt(y, c))) return false;
      return true;
    }
    case "lambda":
      return y.kind === "lambda" && x.source === y.source && x.context === y.context;
    case "primitive":
      return y.kind === "primitive" && x.row === y.row && x.text === y.text;
    case "iterator":
      return y.kind === "iterator" && x.code === y.code;
    case "projection":
      return y.kind === "projection" && matches(x.f, y.f) && allMatch(x.given, y.given);
    case "composition":
      return y.kind === "composition" && allMatch(x.functions, y.functions);
    case "derived":
      return y.kind === "derived" && x.code === y.code && matches(x.f, y.f);
    default:
      return unreachable(x);
  }
}

function allMatch(x: readonly (Value | undefined)[], y: readonly (Value | undefined)[]): boolean {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) {
    const a = x[i];
    const b = y[i];
    if (a === undefined || b === undefined ? a !== b : !matches(a, b)) return false;
  }
  return true;
}

function vectorsMatch(x: Vector, y: Vector): boolean {
  const n = x.count;
  if (n !== y.count || x.domain !== y.domain) return false;
  const float = x.type === T.float || x.type === T.datetime;
  if (n < 8) {
    for (let i = 0; i < n; i++) {
      const a = elementAt(x, i);
      const b = elementAt(y, i);
      if (float ? !tolerantlyEqual(a as number, b as number) : a !== b && (!Number.isNaN(a) || !Number.isNaN(b)))
        return false;
    }
    return true;
  }
  if (float) return kernels.get("match_f")(x.at, y.at, n) === 1;
  if (x.type === T.real) return kernels.get("match_e")(x.at, y.at, n) === 1;
  return kernels.get("match_x")(x.at, y.at, n * widthOf(x.type)) === 1;
}
