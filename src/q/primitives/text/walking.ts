// The walk of string-atomic functions: through lists, dictionaries and tables down to strings and atoms.

import type { Value } from "#values/values.ts";
import { columnAt, dict, gather, list, table } from "#values/vectors.ts";

/** f of every leaf (an atom or a vector) of x; items of general lists may come together as a vector. */
export function eachLeaf(x: Value, f: (leaf: Value) => Value): Value {
  switch (x.kind) {
    case "list": {
      const items: Value[] = new Array(x.items.length);
      for (let i = 0; i < items.length; i++) items[i] = eachLeaf(x.items[i]!, f);
      return gather(items);
    }
    case "dict":
      return dict(x.keys, eachLeaf(x.values, f));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => eachLeaf(columnAt(x, c), f)),
      );
    default:
      return f(x);
  }
}

/** A list of `count` items made one by one. */
export function listOf(count: number, item: (i: number) => Value): Value {
  const items: Value[] = new Array(count);
  for (let i = 0; i < count; i++) items[i] = item(i);
  return list(items);
}
