// What by and select make of the rows in scope: a table, a keyed table, a list or a dictionary (basics/funsql.md has the
// table of forms). Where the rows come from is select.ts's and partitioned.ts's business.

import { T } from "#values/datatypes.ts";
import { positions } from "#values/picking.ts";
import { signal } from "#values/signals.ts";
import type { Table, Value } from "#values/values.ts";
import { countOf, dict, gather, isList, list, symbol, symbols, table } from "#values/vectors.ts";
import { evaluate } from "./expression.ts";
import { evaluateGroups } from "./grouped.ts";
import { type Groups, groupRows, oneGroup } from "./groups.ts";
import { type By, isAggregate, type Named, type Phrase } from "./phrases.ts";
import { chosen, compose, range, repeat, type Rows, takeRows } from "./rows.ts";
import type { Scope } from "./scope.ts";

/** by and select over the rows in scope. */
export function answer(scope: Scope, by: By, phrase: Phrase): Value {
  switch (by.kind) {
    case "none":
      return phrase.kind === "expression" ? evaluate(scope, phrase.tree) : selectColumns(scope, phrase);
    case "distinct": {
      const rows = phrase.kind === "expression" ? evaluate(scope, phrase.tree) : selectColumns(scope, phrase);
      return scope.session.apply1(scope.session.primitive("distinct"), rows);
    }
    case "exec":
      return exec(scope, phrase);
    case "named": {
      const groups = groupBy(scope, by.trees);
      const keys = keyTable(by.names, groups.keys);
      if (phrase.kind === "expression") return dict(keys, evaluateGroups(scope, groups, phrase.tree));
      return dict(keys, groupedTable(scope, groups, phrase, by.names));
    }
    case "expression": {
      const groups = groupBy(scope, [by.tree]);
      if (phrase.kind === "expression") {
        return dict(sorted(groups.keys[0]!), evaluateGroups(scope, groups, phrase.tree));
      }
      if (phrase.kind === "all") return dict(sorted(groups.keys[0]!), groupedTable(scope, groups, phrase, []));
      return dict(keyTable([""], groups.keys), groupedTable(scope, groups, phrase, []));
    }
  }
}

function exec(scope: Scope, phrase: Phrase): Value {
  switch (phrase.kind) {
    case "all": {
      const names = scope.columns.names;
      const at = compose(scope.rows, range(Math.max(0, scope.count - 1), Math.min(1, scope.count)));
      return dict(symbols(names), gather(names.map((name) => lastItem(scope, name, at))));
    }
    case "expression":
      return evaluate(scope, phrase.tree);
    case "named":
      return entries(scope, phrase);
  }
}

/** The one row that is left, or the null of the column. */
function lastItem(scope: Scope, name: string, at: Rows): Value {
  const one = takeRows(scope.columns.column(name)!, at);
  return scope.session.apply1(scope.session.primitive("first"), one);
}

/** Values by name, as exec of several columns and select from a dictionary give them. */
export function entries(scope: Scope, { names, trees }: Named): Value {
  const values = trees.map((tree) => evaluate(scope, tree));
  return dict(symbols(names), gather(values));
}

export const allOf = (scope: Scope): Named => ({
  names: scope.columns.names,
  trees: scope.columns.names.map(symbol),
});

// ---- without by ----------------------------------------------------------------------------------------------------
export function selectColumns(scope: Scope, phrase: Phrase): Table {
  if (phrase.kind === "named") return columnTable(scope, phrase);
  return tableOf(scope, scope.columns.names);
}

export function tableOf(scope: Scope, names: readonly string[]): Table {
  return table(
    names,
    names.map((name) => scope.column(name)!),
  );
}

/** Columns of one length out of expressions. When each gives a single value the table has one row. */
function columnTable(scope: Scope, { names, trees }: Named): Table {
  const values = trees.map((tree) => evaluate(scope, tree));
  const single = values.every((v, c) => !isColumn(v) || isAggregate(trees[c]!));
  if (single) return table(names, values.map(enlist));
  return table(names, conform(values));
}

/** True for what can stand as a column of several rows. */
const isColumn = (v: Value): boolean => isList(v) || v.kind === "table";
const enlist = (v: Value): Value => (v.kind === "atom" ? gather([v]) : list([v]));

/** Atoms are stretched to the length of the lists, which is one and the same. */
export function conform(values: readonly Value[]): Value[] {
  let count = -1;
  for (const v of values) {
    if (!isColumn(v)) continue;
    if (count >= 0 && countOf(v) !== count) throw signal("length", `columns of ${count} and ${countOf(v)} rows`);
    count = countOf(v);
  }
  return values.map((v) => (isColumn(v) ? v : repeat(v, Math.max(0, count))));
}

// ---- by ------------------------------------------------------------------------------------------------------------
export function groupBy(scope: Scope, trees: readonly Value[]): Groups {
  const constants = trees.map((tree) => constantKey(scope, tree));
  const keys: Value[] = [];
  trees.forEach((tree, k) => {
    if (constants[k] === undefined) keys.push(keyOf(scope, tree));
  });
  if (keys.length === trees.length) return groupRows(scope.session, keys, scope.count);
  const groups = keys.length === 0 ? oneGroup(scope.count) : groupRows(scope.session, keys, scope.count);
  let next = 0;
  const all = constants.map((value) => (value === undefined ? groups.keys[next++]! : repeat(value, groups.count)));
  return groups.withKeys(all);
}

/** The partition field as a key: one value for all rows in scope. */
function constantKey(scope: Scope, tree: Value): Value | undefined {
  return tree.kind === "atom" && tree.type === -T.symbol ? scope.columns.constant?.(tree.value as string) : undefined;
}

function keyOf(scope: Scope, tree: Value): Value {
  const key = evaluate(scope, tree);
  if (!isColumn(key)) return repeat(key, scope.count);
  if (countOf(key) !== scope.count) throw signal("length", `a key of ${countOf(key)} items for ${scope.count} rows`);
  return key;
}

/** The key of a result: sorted by its columns, and marked so as kdb+ marks it. */
export function keyTable(names: readonly string[], keys: readonly Value[]): Table {
  const first = keys[0]!;
  if (first.kind === "vector" && first.capacity > 0) first.attribute = keys.length === 1 ? 1 : 3;
  const t = table(names, keys);
  t.attribute = 1;
  return t;
}
function sorted(keys: Value): Value {
  if (keys.kind === "vector" && keys.capacity > 0) keys.attribute = 1;
  return keys;
}

/** The value table of a result: without a select phrase the last row of each group. */
export function groupedTable(scope: Scope, groups: Groups, phrase: Phrase, without: readonly string[]): Table {
  if (phrase.kind === "named") {
    return table(
      phrase.names,
      phrase.trees.map((tree) => evaluateGroups(scope, groups, tree)),
    );
  }
  const names = scope.columns.names.filter((name) => !without.includes(name));
  const rows = compose(scope.rows, chosen(positions(groups.lasts)));
  return table(
    names,
    names.map((name) => takeRows(scope.columns.column(name)!, rows)),
  );
}
