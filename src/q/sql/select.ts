// Functional select and exec: ?[t;c;b;a], with n and (g;c) for select's limit expression (basics/funsql.md).
// The order of things: where, limit, by, select. Partitioned tables go through partitioned.ts, which comes back here
// with the rows of one partition or with what all of them gave.

import { T } from "#values/datatypes.ts";
import { pick, positions, positionsFrom } from "#values/picking.ts";
import { isKeyed } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Atom, Table, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, dict, gather, isList, itemsOf, list, symbol, symbols, table } from "#values/vectors.ts";
import { evaluate } from "./expression.ts";
import { evaluateGroups } from "./grouped.ts";
import { type Groups, groupRows, oneGroup } from "./groups.ts";
import { selectPartitioned } from "./partitioned.ts";
import { type By, byOf, isAggregate, type Named, type Phrase, phraseOf } from "./phrases.ts";
import { chosen, compose, range, repeat, type Rows, takeRows } from "./rows.ts";
import { type Scope, wholeScope } from "./scope.ts";
import { columnsOf, sourceOf } from "./source.ts";
import { firstInOrder } from "./order.ts";
import { constraintsOf, filter } from "./where.ts";

/** ? of rank 4, 5 or 6. */
export function select(session: Session, args: readonly Value[]): Value {
  const [t, c, b, a, limit, order] = args as [Value, Value, Value, Value, Value | undefined, Value | undefined];
  const { value } = sourceOf(session, t);
  const constraints = constraintsOf(c);
  const by = byOf(b);
  const phrase = phraseOf(a);
  if (value.kind === "table" && value.partitioned !== undefined) {
    if (limit !== undefined) throw signal("nyi", "a limit expression on a partitioned table");
    return selectPartitioned(session, value, constraints, by, phrase);
  }
  const whole = wholeScope(session, columnsOf(value));
  let scope = filter(whole, constraints);
  const grouped = by.kind === "named" || by.kind === "expression";
  if (limit !== undefined && !grouped && by.kind !== "distinct") scope = scope.narrow(limited(scope, limit, order));
  if (value.kind === "dict" && !isKeyed(value) && !grouped && by.kind !== "exec") {
    if (phrase.kind === "all") return constraints.length === 0 ? value : entries(scope, allOf(scope));
    return entries(scope, phrase.kind === "named" ? phrase : { names: [""], trees: [phrase.tree] });
  }
  if (by.kind === "none" && phrase.kind === "all") {
    if (isKeyed(value)) {
      if (scope === whole) return value;
      const keys = tableOf(scope, (value.keys as Table).names);
      return dict(keys, tableOf(scope, (value.values as Table).names));
    }
    if (scope === whole && value.kind === "table" && value.source === undefined) return value;
  }
  const result = answer(scope, by, phrase);
  if (limit === undefined || (!grouped && by.kind !== "distinct")) return result;
  return limitResult(session, result, limit, order);
}

/** ?[t;i;p]: an expression over the rows that i names. */
export function simpleExec(session: Session, t: Value, i: Value, p: Value): Value {
  const { value } = sourceOf(session, t);
  if (value.kind === "table" && value.partitioned !== undefined)
    throw signal("par", "exec by index on a partitioned table");
  if (i.kind !== "vector") throw signal("type", "row numbers are a list");
  const whole = wholeScope(session, columnsOf(value));
  return evaluate(whole.narrow(chosen(positionsFrom(i, whole.count))), p);
}

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
function entries(scope: Scope, { names, trees }: Named): Value {
  const values = trees.map((tree) => evaluate(scope, tree));
  return dict(symbols(names), gather(values));
}

const allOf = (scope: Scope): Named => ({
  names: scope.columns.names,
  trees: scope.columns.names.map(symbol),
});

// ---- without by ----------------------------------------------------------------------------------------------------
export function selectColumns(scope: Scope, phrase: Phrase): Table {
  if (phrase.kind === "named") return columnTable(scope, phrase);
  return tableOf(scope, scope.columns.names);
}

function tableOf(scope: Scope, names: readonly string[]): Table {
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

// ---- limit expressions ---------------------------------------------------------------------------------------------
/** Rows that n, or a pair (from;n), and an order (g;column) leave. */
function limited(scope: Scope, limit: Value, order: Value | undefined): Rows {
  const window = windowOf(limit, scope.count);
  if (order === undefined) return window;
  return takeWindow(firstInOrder(scope, order, window), window);
}

function takeWindow(inOrder: Vector, window: Rows): Rows {
  return chosen(takeRows(inOrder, window) as Vector);
}

/** The part of `count` rows that a limit names. */
export function windowOf(limit: Value, count: number): Rows {
  const numbers = (isList(limit) ? itemsOf(limit) : [limit]).map((n) => wholeNumber(n));
  if (numbers.length === 2) {
    const start = Math.min(numbers[0]!, count);
    if (start < 0) throw signal("domain", "a first row is not negative");
    return range(start, Math.max(0, Math.min(numbers[1]!, count - start)));
  }
  if (numbers.length !== 1) throw signal("length", "a limit is a number or two");
  const n = numbers[0]!;
  if (n >= 0) return range(0, Math.min(n, count));
  const kept = Math.min(-n, count);
  return range(count - kept, kept);
}

function wholeNumber(v: Value): number {
  if (v.kind !== "atom" || v.type > -T.boolean || v.type < -T.long || v.type === -T.guid) {
    throw signal("type", "a limit is an integer");
  }
  return Number((v as Atom).value);
}

/** select[n;order] … by: the limit is put on the groups. */
function limitResult(session: Session, result: Value, limit: Value, order: Value | undefined): Value {
  const scope = wholeScope(session, columnsOf(result as Table));
  const rows = limited(scope, limit, order);
  const part = (t: Table): Table =>
    table(
      t.names,
      t.names.map((_, c) => takeRows(columnAt(t, c), rows)),
    );
  if (result.kind === "table") return part(result);
  if (result.kind === "dict" && result.keys.kind === "table" && result.values.kind === "table") {
    return dict(part(result.keys), part(result.values));
  }
  if (result.kind === "dict") return dict(takeRows(result.keys, rows), takeRows(result.values, rows));
  return rows.positions === undefined ? takeRows(result, rows) : pick(result, rows.positions);
}
