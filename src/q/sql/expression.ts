// Evaluates the parse tree of a subphrase with a table's columns in scope. Names bound by an enclosing lambda are
// constants in the tree by now (eval sees to that); aggregation by groups is grouped.ts's.

import { T } from "#values/datatypes.ts";
import { own, retain } from "#values/ownership.ts";
import { assert } from "#values/signals.ts";
import { Derived, type List, Projection, type Value } from "#values/values.ts";
import { gather, itemsOf, long } from "#values/vectors.ts";
import { fastFby } from "./fby.ts";
import { lookUp, type Scope } from "./scope.ts";

export function evaluate(scope: Scope, tree: Value): Value {
  if (tree.kind === "atom") return tree.type === -T.symbol ? lookUp(scope, tree.value as string) : tree;
  if (tree.kind === "vector") {
    // An enlisted symbol is the symbol; several symbols are a node: the first one applied to the others.
    if (tree.type !== T.symbol || tree.count === 0) return tree;
    const names = itemsOf(tree);
    if (names.length === 1) return names[0]!;
    return applyTo(scope, evaluate(scope, names[0]!), names.slice(1));
  }
  if (tree.kind !== "list") return tree;
  return node(scope, tree);
}

function node(scope: Scope, tree: List): Value {
  const { items } = tree;
  if (items.length === 0) return tree;
  const head = items[0]!;
  if (items.length === 1) return head;
  if (head.kind === "iterator") {
    const f = evaluate(scope, items[1]!);
    retain(f);
    return own(new Derived(head.code, f));
  }
  if (isStatements(head)) {
    let last: Value = head;
    for (let k = 1; k < items.length; k++) last = evaluate(scope, items[k]!);
    return last;
  }
  if (head.kind === "primitive") {
    if (head.row.name === "count" && items.length === 2 && isColumn(scope, items[1]!)) return long(scope.count);
    if (head.row.name === "fby" && items.length === 3) {
      const by = evaluate(scope, items[2]!);
      const pair = evaluate(scope, items[1]!);
      if (pair.kind !== "list" || pair.items.length !== 2) return apply(scope, head, [pair, by]);
      return fastFby(scope.session, pair.items[0]!, pair.items[1]!, by) ?? apply(scope, head, [pair, by]);
    }
    return applyTo(scope, head, items.slice(1));
  }
  return applyTo(scope, evaluate(scope, head), items.slice(1));
}

/** A bare column, or the row number: counting one needs no column. */
export function isColumn(scope: Scope, tree: Value): boolean {
  if (tree.kind !== "atom" || tree.type !== -T.symbol) return false;
  return scope.columns.names.includes(tree.value as string) || tree.value === "i";
}

/** (";";a;b): the statements of a block. */
const isStatements = (head: Value): boolean => head.kind === "atom" && head.type === -T.char && head.value === 59;

/** Arguments are evaluated from the right, as in q. An elided one makes a projection. */
function applyTo(scope: Scope, f: Value, trees: readonly Value[]): Value {
  const args: (Value | undefined)[] = new Array(trees.length);
  let holes = 0;
  for (let k = trees.length - 1; k >= 0; k--) {
    const tree = trees[k]!;
    if (isElided(tree)) holes++;
    else args[k] = evaluate(scope, tree);
  }
  if (holes > 0) {
    retain(f);
    for (const a of args) if (a !== undefined) retain(a);
    return own(new Projection(f, args, holes));
  }
  return apply(scope, f, args as Value[]);
}

export function apply(scope: Scope, f: Value, args: Value[]): Value {
  const { session } = scope;
  assert(args.length > 0, "an application has arguments");
  if (isEnlist(f)) return gather(args);
  if (args.length === 1) return session.apply1(f, args[0]!);
  if (args.length === 2) return session.apply2(f, args[0]!, args[1]!);
  return session.apply(f, args);
}

/** The hole in `f[;x]`: eval's own value, or the `::` that stands for it in a tree made by hand. */
export const isElided = (tree: Value): boolean => tree.kind === "primitive" && tree.row.name === "Elided";

/** (a;b;c) is the node (enlist;a;b;c). */
export const isEnlist = (f: Value): boolean => f.kind === "primitive" && f.row.name === "enlist";

/** What a function is called on the reference card (`sum`, `Add`); undefined for what is no primitive. */
export const nameOf = (f: Value): string | undefined => (f.kind === "primitive" ? f.row.name : undefined);
export const glyphOf = (f: Value): string | undefined => (f.kind === "primitive" ? f.row.glyph : undefined);

/** Every name in a tree that may be a column, without the fields behind a dot. */
export function namesIn(tree: Value, found = new Set<string>()): Set<string> {
  if (tree.kind === "atom" && tree.type === -T.symbol) {
    const name = tree.value as string;
    found.add(name);
    const dot = name.indexOf(".");
    if (dot > 0) found.add(name.slice(0, dot));
  } else if (tree.kind === "vector" && tree.type === T.symbol && tree.count > 1) {
    for (const item of itemsOf(tree)) namesIn(item, found);
  } else if (tree.kind === "list" && tree.items.length > 1) {
    for (const item of tree.items) namesIn(item, found);
  }
  return found;
}
