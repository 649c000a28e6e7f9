// Aggregates over partitions from aggregates of each. An expression is taken apart into partial aggregates (evaluated in
// every partition, by groups), how they combine, and what is done with them in the end: (avg;`price) becomes the sums of
// two partial columns, divided. What cannot be taken apart so (med, lambdas, lists by group) is not answered here.

import { T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import type { List, Value } from "#values/values.ts";
import { countOf, dict, list, symbol, table } from "#values/vectors.ts";
import { averageParts } from "./aggregates.ts";
import { evaluate, glyphOf, nameOf, namesIn } from "./expression.ts";
import { evaluateGroups, isAtomic } from "./grouped.ts";
import { groupRows, oneGroup } from "./groups.ts";
import type { Named } from "./phrases.ts";
import { concatenate, repeat } from "./rows.ts";
import { type Columns, type Scope, wholeScope } from "./scope.ts";
import { groupBy, keyTable } from "./select.ts";

/** How partial results combine, by the aggregate that made them. */
const COMBINED_BY: Record<string, string> = {
  count: "sum",
  sum: "sum",
  wsum: "sum",
  min: "min",
  max: "max",
  prd: "prd",
  first: "first",
  last: "last",
  all: "all",
  any: "any",
};

interface Partial {
  /** Placeholders of the partial columns: one, or two for an average's sums. */
  readonly names: readonly string[];
  readonly tree: List;
  readonly combiner: string;
}
/** Gives each part's rows to a function, in the order of partitions; undefined as soon as that gives nothing. */
export type Visit = (f: (scope: Scope) => List | undefined) => readonly List[] | undefined;

/** undefined: some expression cannot be made from parts. `by` undefined: one row. */
export function mapReduce(
  session: Session,
  columnNames: readonly string[],
  visit: Visit,
  by: Named | undefined,
  columns: Named,
): Value | undefined {
  const names = new Set(columnNames);
  const partials: Partial[] = [];
  const finals: Value[] = [];
  for (const tree of columns.trees) {
    const final = decompose(session, tree, names, partials);
    if (final === undefined) return undefined;
    finals.push(final);
  }
  if (partials.length === 0) return undefined;
  const parts = visit((scope) => {
    // No rows anywhere: there is nothing to combine, and the plain way knows the types.
    if (scope.count === 0) return undefined;
    const groups = by === undefined ? oneGroup(scope.count) : groupBy(scope, by.trees);
    const values: Value[] = [...groups.keys];
    for (const partial of partials) {
      if (partial.names.length === 1) {
        values.push(evaluateGroups(scope, groups, partial.tree));
        continue;
      }
      const both = averageParts(
        partial.tree.items.slice(1).map((arg) => evaluate(scope, arg)),
        groups,
      );
      if (both === undefined) return undefined;
      values.push(...both);
    }
    return list(values);
  });
  if (parts === undefined) return undefined;
  const keyCount = by?.trees.length ?? 0;
  const joined = parts[0]!.items.map((_, c) => concatenate(parts.map((part) => part.items[c]!)));
  const placeholders = partials.flatMap((partial) => partial.names);
  const total = countOf(joined[0]!);
  const groups = by === undefined ? oneGroup(total) : groupRows(session, joined.slice(0, keyCount), total);
  const partScope = wholeScope(session, columnsNamed(placeholders, joined.slice(keyCount), total));
  const combined = partials.flatMap(({ names: outs, combiner }) =>
    outs.map((out) => evaluateGroups(partScope, groups, list([session.primitive(combiner), symbol(out)]))),
  );
  const finalScope = wholeScope(session, columnsNamed(placeholders, combined, groups.count));
  const results = finals.map((final) => {
    const value = evaluate(finalScope, final);
    return value.kind === "atom" ? repeat(value, groups.count) : value;
  });
  const rows = table(columns.names, results);
  return by === undefined ? rows : dict(keyTable(by.names, groups.keys), rows);
}

function columnsNamed(names: readonly string[], columns: readonly Value[], rowCount: number): Columns {
  return {
    names,
    rowCount,
    column: (name) => {
      const c = names.indexOf(name);
      return c < 0 ? undefined : columns[c];
    },
  };
}

/** The expression over combined partials; undefined when it needs more than those. */
function decompose(session: Session, tree: Value, names: ReadonlySet<string>, partials: Partial[]): Value | undefined {
  if (!mentions(tree, names)) return tree;
  if (tree.kind !== "list" || tree.items.length < 2) return undefined;
  const f = tree.items[0]!;
  const name = nameOf(f);
  if (name === undefined) return undefined;
  const aggregated = COMBINED_BY[name];
  const isAverage = (name === "avg" && tree.items.length === 2) || (name === "wavg" && tree.items.length === 3);
  if (aggregated !== undefined || isAverage) {
    if (tree.items.slice(1).some((arg) => !mentions(arg, names) || !isRowwise(arg, names))) return undefined;
    const outs = isAverage
      ? [placeholder(partials.length, "s"), placeholder(partials.length, "n")]
      : [placeholder(partials.length, "v")];
    partials.push({ names: outs, tree, combiner: aggregated ?? "sum" });
    return isAverage ? list([session.primitive("%"), symbol(outs[0]!), symbol(outs[1]!)]) : symbol(outs[0]!);
  }
  if (!isAtomic(f) && glyphOf(f) !== "$") return undefined;
  const args: Value[] = [];
  for (const arg of tree.items.slice(1)) {
    const part = decompose(session, arg, names, partials);
    // A constant list beside an aggregate is no item for each group.
    if (part === undefined || (part === arg && part.kind !== "atom" && !isEnlistedSymbol(part))) return undefined;
    args.push(part);
  }
  return list([f, ...args]);
}

const isEnlistedSymbol = (tree: Value): boolean => tree.kind === "vector" && tree.type === T.symbol && tree.count === 1;

/** No q name looks like this. */
const placeholder = (k: number, part: string): string => `\u0000${part}${k}`;

const mentions = (tree: Value, names: ReadonlySet<string>): boolean => {
  for (const name of namesIn(tree)) if (names.has(name)) return true;
  return false;
};

/** An expression whose items belong to rows: columns under atomic functions. Only such may be aggregated in parts. */
function isRowwise(tree: Value, names: ReadonlySet<string>): boolean {
  if (tree.kind !== "list" || tree.items.length < 2) return true;
  const f = tree.items[0]!;
  if (!isAtomic(f) && glyphOf(f) !== "$") return false;
  return tree.items.slice(1).every((arg) => isRowwise(arg, names));
}
