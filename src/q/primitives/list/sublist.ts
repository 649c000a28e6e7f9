/** x sublist y: up to x items from the front (or, negative, the end); two numbers are a start and a count. */

import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { countOf, integerOf, itemAt } from "#values/vectors.ts";
import { span } from "./take.ts";

export function sublistOf(x: Value, y: Value): Value {
  const n = countOf(y);
  if (x.kind === "atom") {
    const wanted = integerOf(x);
    const count = Math.min(Math.abs(wanted), n);
    return span(y, wanted < 0 ? n - count : 0, count);
  }
  if (x.kind !== "vector" || x.count !== 2) throw signal("type", "sublist takes a count, or a start and a count");
  const start = Math.max(0, integerOf(itemAt(x, 0)));
  const from = Math.min(start, n);
  return span(y, from, Math.max(0, Math.min(integerOf(itemAt(x, 1)), n - from)));
}

export const sublist = binary({ name: "sublist", category: "list", infix: true, run: (_, x, y) => sublistOf(x, y) });
