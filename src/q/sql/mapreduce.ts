// Aggregates over partitions from aggregates of each. An expression is taken apart into partial aggregates (evaluated in
// every partition, by groups), how they combine, and what is done with them in the end: (avg;`price) becomes the sums of
// two partial columns, divided. What cannot be taken apart so (med, lambdas, lists by group) is not answered here.

import { T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { F64, I32 } from "#values/storage.ts";
import type { List, Value, Vector } from "#values/values.ts";
import { countOf, dict, itemsOf, list, longs, newVector, symbol, table } from "#values/vectors.ts";
import { averageParts } from "./aggregates.ts";
import { evaluate, glyphOf, nameOf, namesIn } from "./expression.ts";
import { evaluateGroups, isAtomic } from "./grouped.ts";
import { type Groups, groupRows, oneGroup } from "./groups.ts";
import type { Named } from "./phrases.ts";
import { concatenate, repeat } from "./rows.ts";
import { type Columns, type Scope, wholeScope } from "./scope.ts";
import { groupBy, keyTable } from "./answer.ts";

/** Aggregates that combine by an aggregate of themselves: which. */
const COMBINED_BY: Record<string, string> = {
  count: "sum", sum: "sum", wsum: "sum", min: "min", max: "max", prd: "prd", first: "first", last: "last", all: "all", any: "any",
}; // biome-ignore format: pairs

/** One aggregate of a query: what each part computes by groups, and what the parts' columns come to. */
interface Partial {
  /** Stands for the answer in the final expression. */
  readonly placeholder: string;
  readonly width: number;
  /** `width` columns with an item for each group; undefined: not for values of this type. */
  compute(scope: Scope, groups: Groups): readonly Value[] | undefined;
  /** `rows` groups the parts' groups. */
  combine(session: Session, columns: readonly Value[], rows: Groups): Value;
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
      const columns = partial.compute(scope, groups);
      if (columns === undefined) return undefined;
      values.push(...columns);
    }
    return list(values);
  });
  if (parts === undefined) return undefined;
  const keyCount = by?.trees.length ?? 0;
  const joined = parts[0]!.items.map((_, c) => concatenate(parts.map((part) => part.items[c]!)));
  const total = countOf(joined[0]!);
  const groups = by === undefined ? oneGroup(total) : groupRows(session, joined.slice(0, keyCount), total);
  let next = keyCount;
  const combined = partials.map((partial) => {
    const columns = joined.slice(next, (next += partial.width));
    return partial.combine(session, columns, groups);
  });
  const finalScope = wholeScope(
    session,
    columnsNamed(
      partials.map((p) => p.placeholder),
      combined,
      groups.count,
    ),
  );
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
  const args = tree.items.slice(1);
  const partial = partialOf(name, tree, `\u0000${partials.length}`);
  if (partial !== undefined) {
    const values = name === "count" && isDistinct(args[0]!) ? (args[0] as List).items.slice(1) : args;
    if (values.some((arg) => !mentions(arg, names) || !isRowwise(arg))) return undefined;
    partials.push(partial);
    return symbol(partial.placeholder);
  }
  if (!isAtomic(f) && glyphOf(f) !== "$") return undefined;
  const finalArgs: Value[] = [];
  for (const arg of args) {
    const part = decompose(session, arg, names, partials);
    // A constant list beside an aggregate is no item for each group.
    if (part === undefined || (part === arg && part.kind !== "atom" && !isEnlistedSymbol(part))) return undefined;
    finalArgs.push(part);
  }
  return list([f, ...finalArgs]);
}

const isEnlistedSymbol = (tree: Value): boolean => tree.kind === "vector" && tree.type === T.symbol && tree.count === 1;

const mentions = (tree: Value, names: ReadonlySet<string>): boolean => {
  for (const name of namesIn(tree)) if (names.has(name)) return true;
  return false;
};

/** An expression whose items belong to rows: columns under atomic functions. Only such may be aggregated in parts. */
function isRowwise(tree: Value): boolean {
  if (tree.kind !== "list" || tree.items.length < 2) return true;
  const f = tree.items[0]!;
  if (!isAtomic(f) && glyphOf(f) !== "$") return false;
  return tree.items.slice(1).every(isRowwise);
}

// ---- the aggregates ------------------------------------------------------------------------------------------------
/** undefined: no aggregate that parts can be put together to. */
function partialOf(name: string, tree: List, placeholder: string): Partial | undefined {
  const args = tree.items.slice(1);
  if (name === "count" && args.length === 1 && isDistinct(args[0]!)) return countDistinct(args[0]!, placeholder);
  const combiner = COMBINED_BY[name];
  if (combiner !== undefined) return simple(tree, combiner, placeholder);
  if ((name === "avg" && args.length === 1) || (name === "wavg" && args.length === 2))
    return average(args, placeholder);
  if (args.length === 1 && DEVIATIONS.has(name)) return deviation(name, args[0]!, placeholder);
  return undefined;
}

const isDistinct = (tree: Value): boolean =>
  tree.kind === "list" && tree.items.length === 2 && nameOf(tree.items[0]!) === "distinct";

/** sum of sums, first of firsts … */
function simple(tree: List, combiner: string, placeholder: string): Partial {
  return {
    placeholder,
    width: 1,
    compute: (scope, groups) => [evaluateGroups(scope, groups, tree)],
    combine: (session, columns, rows) => combineBy(session, combiner, columns[0]!, rows),
  };
}

function combineBy(session: Session, combiner: string, column: Value, rows: Groups): Value {
  const scope = wholeScope(session, columnsNamed(["x"], [column], rows.rowCount));
  return evaluateGroups(scope, rows, list([session.primitive(combiner), symbol("x")]));
}

/** Sums of the values and of what they are divided by. */
function average(args: readonly Value[], placeholder: string): Partial {
  return {
    placeholder,
    width: 2,
    compute: (scope, groups) =>
      averageParts(
        args.map((arg) => evaluate(scope, arg)),
        groups,
      ),
    combine: (session, columns, rows) => {
      const [top, bottom] = columns.map((column) => combineBy(session, "sum", column, rows));
      return session.apply2(session.primitive("%"), top!, bottom!);
    },
  };
}

const DEVIATIONS = new Set(["var", "dev", "svar", "sdev"]);

/** Each part's count, mean and variance; together the variances within the parts and that of the parts' means. */
function deviation(name: string, arg: Value, placeholder: string): Partial {
  return {
    placeholder,
    width: 3,
    compute: (scope, groups) => {
      const sums = averageParts([evaluate(scope, arg)], groups);
      if (sums === undefined) return undefined;
      const variances = evaluateGroups(scope, groups, list([scope.session.primitive("var"), arg]));
      return variances.type === T.float ? [...sums, variances] : undefined;
    },
    combine: (_, columns, rows) => {
      const [sums, counts, variances] = (columns as Vector[]).map((v) => F64.subarray(v.at / 8, v.at / 8 + v.count));
      const out = newVector(T.float, rows.count);
      const ids = I32.subarray(rows.ids.at / 4, rows.ids.at / 4 + rows.rowCount);
      const n = new Float64Array(rows.count);
      const mean = new Float64Array(rows.count);
      const squares = new Float64Array(rows.count);
      ids.forEach((g, k) => {
        n[g]! += counts![k]!;
        mean[g]! += sums![k]!;
      });
      for (let g = 0; g < rows.count; g++) mean[g]! /= n[g]!;
      ids.forEach((g, k) => {
        if (counts![k] === 0) return;
        const apart = sums![k]! / counts![k]! - mean[g]!;
        squares[g]! += counts![k]! * (variances![k]! + apart * apart);
      });
      const isSample = name.startsWith("s");
      for (let g = 0; g < rows.count; g++) {
        const variance = squares[g]! / (isSample ? n[g]! - 1 : n[g]!);
        F64[out.at / 8 + g] = name.endsWith("dev") ? Math.sqrt(variance) : variance;
      }
      return out;
    },
  };
}

/** Each part's distinct values; together the number of those that differ. */
function countDistinct(tree: Value, placeholder: string): Partial {
  return {
    placeholder,
    width: 1,
    compute: (scope, groups) => [evaluateGroups(scope, groups, tree)],
    combine: (session, columns, rows) => {
      const lists = itemsOf(columns[0]!);
      const distinct = session.primitive("distinct");
      const pieces: Value[][] = Array.from({ length: rows.count }, () => []);
      for (let k = 0; k < rows.rowCount; k++) pieces[I32[rows.ids.at / 4 + k]!]!.push(lists[k]!);
      return longs(pieces.map((parts) => countOf(session.apply1(distinct, concatenate(parts)))));
    },
  };
}
