// The arguments of a functional query taken apart (basics/funsql.md): what `b` and `a` ask for.

import { T } from "#values/datatypes.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { itemsOf, symbolTexts } from "#values/vectors.ts";
import { nameOf } from "./expression.ts";
import { AGGREGATES } from "./aggregates.ts";

/** Names with an expression for each. */
export interface Named {
  readonly names: readonly string[];
  readonly trees: readonly Value[];
}

export type By =
  | { readonly kind: "none" | "distinct" | "exec" }
  /** by with names: a keyed table comes out. */
  | ({ readonly kind: "named" } & Named)
  /** exec by one expression: a dictionary comes out. */
  | { readonly kind: "expression"; readonly tree: Value };

export type Phrase =
  | { readonly kind: "all" }
  | ({ readonly kind: "named" } & Named)
  | { readonly kind: "expression"; readonly tree: Value };

export function byOf(b: Value): By {
  if (b.kind === "dict") {
    const named = namedOf(b);
    return named.names.length === 0 ? { kind: "none" } : { kind: "named", ...named };
  }
  if (b.kind === "atom" && b.type === -T.boolean) return { kind: b.value ? "distinct" : "none" };
  if (isEmpty(b)) return { kind: "exec" };
  return { kind: "expression", tree: b };
}

export function phraseOf(a: Value): Phrase {
  if (a.kind === "dict") {
    const named = namedOf(a);
    return named.names.length === 0 ? { kind: "all" } : { kind: "named", ...named };
  }
  return isEmpty(a) ? { kind: "all" } : { kind: "expression", tree: a };
}

function namedOf(d: { keys: Value; values: Value }): Named {
  const names = symbolTexts(d.keys);
  const trees = itemsOf(d.values);
  if (trees.length !== names.length) throw signal("length", "a name for each expression");
  return { names, trees };
}

const isEmpty = (v: Value): boolean =>
  (v.kind === "list" && v.items.length === 0) || (v.kind === "vector" && v.count === 0);

/** True when the outermost function of an expression gives one value for a list. */
export function isAggregate(tree: Value): boolean {
  if (tree.kind !== "list" || tree.items.length < 2) return false;
  return AGGREGATES.has(nameOf(tree.items[0]!) ?? "");
}
