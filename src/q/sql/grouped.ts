// Evaluates a subphrase for every group. The meaning is plain: the expression sees one group's rows at a time. Most
// expressions need no loop over groups, though: an atomic function is applied to all rows at once, an aggregate gives a
// list with an item for each group, and what is left (lambdas, sums, mavg …) is applied to each group's slice.

import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { pick, pickColumn, positions } from "#values/picking.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { List, Value, Vector } from "#values/values.ts";
import { countOf, gather, isList, list, newVector, slice } from "#values/vectors.ts";
import { AGGREGATES, aggregateGroups, expand, groupSizes } from "./aggregates.ts";
import { apply, evaluate, glyphOf, isColumn, isElided, nameOf, namesIn } from "./expression.ts";
import type { Groups } from "./groups.ts";
import { concatenate, range, repeat, scatter } from "./rows.ts";
import { type Columns, Scope } from "./scope.ts";

/** Atomic over rows: f of all rows cut into groups is f of each group. */
const ATOMIC_GLYPHS = new Set(["+", "-", "*", "%", "&", "|", "^", "=", "<", ">", "<=", ">=", "<>"]);
const ATOMIC = new Set([
  "neg",
  "abs",
  "sqrt",
  "exp",
  "log",
  "not",
  "null",
  "signum",
  "floor",
  "ceiling",
  "reciprocal",
  "xbar",
  "mod",
  "div",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "xexp",
  "xlog",
  "and",
  "or",
]);
/** Atomic in the left argument, while the right one is taken whole. */
const LEFT_ATOMIC = new Set(["in", "within", "like"]);

export const isAtomic = (f: Value): boolean =>
  f.kind === "primitive" && (f.row.glyph === undefined ? ATOMIC.has(f.row.name) : ATOMIC_GLYPHS.has(f.row.glyph));

/** What a subtree is worth: the same for all groups, an item for each row, or an item for each group. */
interface Lifted {
  readonly per: "all" | "row" | "group";
  readonly value: Value;
}

/** One item for each group. */
export function evaluateGroups(scope: Scope, groups: Groups, tree: Value): Value {
  const lifted = lift(scope, groups, tree);
  if (lifted === undefined) return applyToGroups(scope, groups, tree);
  switch (lifted.per) {
    case "group":
      return lifted.value;
    case "row":
      return cut(lifted.value, groups);
    case "all":
      return repeat(lifted.value, groups.count);
  }
}

/** One item for each row, as update by has it: an aggregate is the same throughout its group. */
export function evaluateAlong(scope: Scope, groups: Groups, tree: Value): Value {
  const lifted = lift(scope, groups, tree);
  switch (lifted?.per) {
    case "row":
      return lifted.value;
    case "group":
      if (lifted.value.kind === "vector") return expand(lifted.value, groups);
      break;
    case "all":
      if (lifted.value.kind === "atom") return repeat(lifted.value, groups.rowCount);
  }
  const { sizes } = groups;
  const pieces = eachGroup(scope, groups, tree).map((value, g) => {
    const size = sizes[g]!;
    if (!isList(value) || (value.kind === "list" && countOf(value) !== size)) return repeat(value, size);
    if (countOf(value) !== size) throw signal("length", `${countOf(value)} values for a group of ${size} rows`);
    return value;
  });
  if (pieces.length === 0) return list([]);
  const flat = concatenate(pieces);
  return groups.inPlace ? flat : backInPlace(flat, groups);
}

/** Values in the order of groups, put back where their rows stand. */
function backInPlace(values: Value, groups: Groups): Value {
  const order = rowOrder(groups);
  if (values.kind === "vector") {
    const v = newVector(values.type, values.count, values.domain);
    scatter(v, order, values);
    return v;
  }
  const items: Value[] = new Array(groups.rowCount);
  for (let k = 0; k < items.length; k++) items[I32[order.at / 4 + k]!] = (values as List).items[k]!;
  return list(items);
}

function rowOrder(groups: Groups): Vector {
  const { order, runs } = groups.inOrder();
  if (order !== undefined) return order;
  const rows = new Int32Array(groups.rowCount);
  for (let g = 0, k = 0; g < groups.count; g++) for (let i = runs.from[g]!; i < runs.to[g]!; i++) rows[k++] = i;
  return positions(rows);
}

/** A column cut into the groups' lists. */
function cut(value: Value, groups: Groups): Value {
  const { order, runs } = groups.inOrder();
  const ordered = order === undefined ? value : pickColumn(value, order);
  const items: Value[] = new Array(groups.count);
  for (let g = 0; g < groups.count; g++) {
    const from = runs.from[g]!;
    const size = runs.to[g]! - from;
    if (ordered.kind === "vector") items[g] = slice(ordered, from, size);
    else if (ordered.kind === "list") items[g] = gather(ordered.items.slice(from, from + size));
    else items[g] = pick(ordered, positions(Array.from({ length: size }, (_, k) => from + k)));
  }
  return list(items);
}

// ---- without a loop ------------------------------------------------------------------------------------------------
function lift(scope: Scope, groups: Groups, tree: Value): Lifted | undefined {
  if (tree.kind === "atom") {
    if (tree.type !== -T.symbol) return { per: "all", value: tree };
    const name = tree.value as string;
    const base = name.indexOf(".") > 0 ? name.slice(0, name.indexOf(".")) : name;
    const isRow = scope.columns.names.includes(base) || name === "i";
    return { per: isRow ? "row" : "all", value: evaluate(scope, tree) };
  }
  if (tree.kind === "vector") {
    if (tree.type === T.symbol && tree.count > 1) return undefined;
    return { per: "all", value: evaluate(scope, tree) };
  }
  if (tree.kind !== "list") return { per: "all", value: tree };
  const { items } = tree;
  if (items.length < 2) return { per: "all", value: evaluate(scope, tree) };
  const f = items[0]!;
  if (f.kind !== "primitive" || items.some(isElided)) return undefined;
  const name = f.row.name;
  if (AGGREGATES.has(name)) return liftAggregate(scope, groups, name, items);
  if (items.length > 3) return undefined;
  if (glyphOf(f) === "$") return liftCast(scope, groups, f, items);
  const atomic = isAtomic(f);
  if (!atomic && !LEFT_ATOMIC.has(name)) return undefined;
  const args = items.slice(1).map((item) => lift(scope, groups, item));
  if (args.some((a) => a === undefined)) return undefined;
  const [x, y] = args as Lifted[];
  if (y === undefined) {
    if (x!.per === "all") return undefined;
    return { per: x!.per, value: apply(scope, f, [x!.value]) };
  }
  if (!atomic) {
    if (x!.per === "all" || y.per !== "all") return undefined;
    return { per: x!.per, value: apply(scope, f, [x!.value, y.value]) };
  }
  // A constant list meets each group's items one by one, which is not what it does with all rows.
  if ((x!.per === "all" && x!.value.kind !== "atom") || (y.per === "all" && y.value.kind !== "atom")) return undefined;
  if (x!.per === y.per || x!.per === "all" || y.per === "all") {
    const per = x!.per === "all" ? y.per : x!.per;
    return { per, value: apply(scope, f, [x!.value, y.value]) };
  }
  const spread = (l: Lifted): Value | undefined =>
    l.per === "row" ? l.value : l.value.kind === "vector" ? expand(l.value, groups) : undefined;
  const left = spread(x!);
  const right = spread(y);
  if (left === undefined || right === undefined) return undefined;
  return { per: "row", value: apply(scope, f, [left, right]) };
}

function liftAggregate(scope: Scope, groups: Groups, name: string, items: readonly Value[]): Lifted | undefined {
  if (name === "count" && items.length === 2 && isColumn(scope, items[1]!)) {
    return { per: "group", value: groupSizes(groups) };
  }
  const args = items.slice(1).map((item) => lift(scope, groups, item));
  if (args.some((a) => a?.per !== "row")) return undefined;
  const value = aggregateGroups(
    name,
    args.map((a) => a!.value),
    groups,
  );
  return value === undefined ? undefined : { per: "group", value };
}

/** `minute$time, "j"$price: atomic unless it parses text. */
function liftCast(scope: Scope, groups: Groups, f: Value, items: readonly Value[]): Lifted | undefined {
  if (items.length !== 3) return undefined;
  const to = lift(scope, groups, items[1]!);
  const x = lift(scope, groups, items[2]!);
  if (to?.per !== "all" || to.value.kind !== "atom" || x === undefined || x.per === "all") return undefined;
  if (x.value.kind !== "vector" || x.value.type === T.char) return undefined;
  return { per: x.per, value: apply(scope, f, [to.value, x.value]) };
}

// ---- group by group ------------------------------------------------------------------------------------------------
function applyToGroups(scope: Scope, groups: Groups, tree: Value): Value {
  if (groups.count > 0) return gather(eachGroup(scope, groups, tree));
  // No group at all: the type that an aggregate of nothing would have.
  if (tree.kind !== "list" || !AGGREGATES.has(nameOf(tree.items[0]!) ?? "")) return list([]);
  const value = evaluate(scope, tree);
  return value.kind === "atom" ? newVector(-value.type, 0, value.domain) : list([]);
}

function eachGroup(scope: Scope, groups: Groups, tree: Value): Value[] {
  const { order, runs } = groups.inOrder();
  const cache = new Map<string, Value | undefined>();
  const columns: Columns = {
    names: scope.columns.names,
    rowCount: groups.rowCount,
    column: (name) => cache.get(name),
  };
  // All of it now: what is made inside the loop is swept away there.
  for (const name of namesIn(tree)) {
    const column = scope.column(name) ?? (name === "i" ? scope.rowNumbers() : undefined);
    if (column !== undefined) cache.set(name, order === undefined ? column : pickColumn(column, order));
  }
  const values: Value[] = new Array(groups.count);
  for (let g = 0; g < groups.count; g++) {
    scope.session.checkpoint();
    const from = mark();
    const value = evaluate(new Scope(scope.session, columns, range(runs.from[g]!, runs.to[g]! - runs.from[g]!)), tree);
    sweep(from, value);
    values[g] = value;
  }
  return values;
}
