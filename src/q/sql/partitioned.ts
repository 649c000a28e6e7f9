// select from a table spread over partitions. First the constraints that speak of the partition field choose partitions;
// then each partition is a table of its own, whose columns are asked for by name only; then the parts are put together:
//
//   * rows are joined;
//   * groups by the partition field never meet, so any expression will do;
//   * aggregates that can be made from aggregates of the parts are (map-reduce, mapreduce.ts);
//   * for everything else the columns it names are gathered first, as if the table had been in memory.

import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { pick, positions } from "#values/picking.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { List, PartitionSource, Table, Value } from "#values/values.ts";
import { dict, itemAt, list, symbol, table } from "#values/vectors.ts";
import { answer, groupBy, keyTable, selectColumns } from "./answer.ts";
import { evaluate, namesIn } from "./expression.ts";
import { evaluateGroups, isAtomic } from "./grouped.ts";
import { groupRows } from "./groups.ts";
import { mapReduce } from "./mapreduce.ts";
import { type By, isAggregate, type Named, type Phrase } from "./phrases.ts";
import { concatenate, range, rowAt, rowsWhere } from "./rows.ts";
import { type Columns, type Scope, wholeScope } from "./scope.ts";
import { filter, isAbout } from "./where.ts";

/** The chosen partitions of a table, and the constraints left to try in each. */
interface Plan {
  readonly session: Session;
  readonly source: PartitionSource;
  readonly parts: readonly number[];
  readonly constraints: readonly Value[];
}

export function selectPartitioned(
  session: Session,
  t: Table,
  constraints: readonly Value[],
  by: By,
  phrase: Phrase,
): Value {
  const source = t.partitioned!;
  const plan = planOf(session, source, constraints);
  if (plan.parts.length === 1) return answer(partScope(plan, plan.parts[0]!), by, phrase);
  const names = [source.field, ...source.names, "i"];
  const reduce = (keys: Named | undefined, columns: Named): Value | undefined =>
    mapReduce(session, names, (f) => visit(plan, f), keys, columns);
  if (by.kind === "none" && phrase.kind !== "expression") {
    const reduced = phrase.kind === "named" ? reduce(undefined, phrase) : undefined;
    if (reduced !== undefined) return reduced;
    // Aggregates that do not add up are of all rows; anything else is of each partition's, as in kdb+.
    const aggregated = phrase.kind === "named" && phrase.trees.every((tree) => isReduced(tree));
    return aggregated ? answer(gathered(plan, by, phrase), by, phrase) : joinRows(plan, phrase);
  }
  if (by.kind === "distinct" && phrase.kind !== "expression") {
    const rows = joinRows(plan, phrase, (part) => session.apply1(session.primitive("distinct"), part) as Table);
    return session.apply1(session.primitive("distinct"), rows);
  }
  if (by.kind === "named" && phrase.kind !== "expression") {
    const columns: Named = phrase.kind === "named" ? phrase : lastOfEach(session, source, by.names);
    const byField = by.trees.findIndex((tree) => isField(source, tree));
    if (byField >= 0 && hasDistinctValues(plan)) return groupsApart(plan, by, columns, byField);
    const reduced = reduce(by, columns);
    if (reduced !== undefined) return reduced;
  }
  return answer(gathered(plan, by, phrase), by, phrase);
}

// ---- which partitions ----------------------------------------------------------------------------------------------
function planOf(session: Session, source: PartitionSource, constraints: readonly Value[]): Plan {
  let leading = 0;
  while (leading < constraints.length && isAbout(source.field, source.names, constraints[leading]!)) leading++;
  const field: Columns = {
    names: [source.field],
    rowCount: source.values.count,
    column: (name) => (name === source.field ? source.values : undefined),
  };
  const { rows } = filter(wholeScope(session, field), constraints.slice(0, leading));
  const parts = Array.from({ length: rows.count }, (_, k) => rowAt(rows, k));
  return { session, source, parts, constraints: constraints.slice(leading) };
}

const isField = (source: PartitionSource, tree: Value): boolean =>
  tree.kind === "atom" && tree.type === -T.symbol && tree.value === source.field;

/** A partition value may stand for several folders (segments): then groups by it do meet. */
function hasDistinctValues({ source, parts }: Plan): boolean {
  const seen = new Set(parts.map((p) => partitionValue(source, p)));
  return seen.size === parts.length;
}
const partitionValue = (source: PartitionSource, p: number): unknown => {
  const value = itemAt(source.values, p);
  return value.kind === "atom" ? value.value : undefined;
};

/** An aggregate, or atomic functions of aggregates. */
function isReduced(tree: Value): boolean {
  if (isAggregate(tree)) return true;
  if (tree.kind !== "list" || tree.items.length < 2 || !isAtomic(tree.items[0]!)) return false;
  const args = tree.items.slice(1);
  return args.some(isReduced) && args.every((arg) => isReduced(arg) || (arg.kind === "atom" && arg.type !== -T.symbol));
}

// ---- one partition -------------------------------------------------------------------------------------------------
function partColumns(source: PartitionSource, p: number): Columns {
  const value = itemAt(source.values, p);
  const names = [source.field, ...source.names];
  return {
    names,
    rowCount: source.rowCount(p),
    column: (name) => (source.names.includes(name) ? source.column(p, name) : undefined),
    constant: (name) => (name === source.field ? value : undefined),
  };
}

/** The rows of one partition that the constraints leave. */
function partScope(plan: Plan, p: number): Scope {
  const { session, source, constraints } = plan;
  let scope = wholeScope(session, partColumns(source, p));
  for (const constraint of constraints) {
    if (scope.count === 0) break;
    if (isAbout(source.field, source.names, constraint)) {
      // The same for every row: one is enough to know.
      const one = scope.narrow(range(0, 1));
      const holds = rowsWhere(session, evaluate(one, constraint), 1).count > 0;
      if (!holds) scope = scope.narrow(range(0, 0));
    }
  }
  return filter(
    scope,
    constraints.filter((c) => !isAbout(source.field, source.names, c)),
  );
}

/**
 * What `f` makes of the rows of each part that has some; of no rows when none has, for the types' sake. What a part
 * took on the way is given back before the next one. Stops when f gives nothing.
 */
function visit(plan: Plan, f: (scope: Scope) => List | undefined): List[] | undefined {
  const answers: List[] = [];
  for (const p of plan.parts) {
    plan.session.checkpoint();
    const from = mark();
    const scope = partScope(plan, p);
    if (scope.count > 0) {
      const answered = f(scope);
      if (answered === undefined) return undefined;
      sweep(from, answered);
      answers.push(answered);
    } else sweep(from);
  }
  if (answers.length > 0) return answers;
  const answered = f(emptyScope(plan));
  return answered === undefined ? undefined : [answered];
}

function emptyScope({ session, source }: Plan): Scope {
  const last = source.values.count - 1;
  if (last < 0) throw signal("part", `${source.name} has no partitions`);
  return wholeScope(session, partColumns(source, last)).narrow(range(0, 0));
}

// ---- rows ----------------------------------------------------------------------------------------------------------
function joinRows(plan: Plan, phrase: Phrase, each: (part: Table) => Table = (part) => part): Table {
  let names: readonly string[] = [];
  const parts = visit(plan, (scope) => {
    const part = each(selectColumns(scope, phrase));
    names = part.names;
    return list(part.columns as Value[]);
  })!;
  return table(names, joinColumns(parts));
}
const joinColumns = (parts: readonly List[]): Value[] =>
  parts[0]!.items.map((_, c) => concatenate(parts.map((part) => part.items[c]!)));

// ---- groups by the partition field ---------------------------------------------------------------------------------
function groupsApart(plan: Plan, by: Named, columns: Named, byField: number): Value {
  const parts = visit(plan, (scope) => {
    const groups = groupBy(scope, by.trees);
    return list([...groups.keys, ...columns.trees.map((tree) => evaluateGroups(scope, groups, tree))]);
  })!;
  const joined = joinColumns(parts);
  const keyCount = by.names.length;
  let result = joined;
  if (byField > 0) {
    const order = positions(groupRows(plan.session, joined.slice(0, keyCount), rowsOf(joined)).firsts);
    result = joined.map((column) => pick(column, order));
  }
  return dict(keyTable(by.names, result.slice(0, keyCount)), table(columns.names, result.slice(keyCount)));
}
const rowsOf = (columns: readonly Value[]): number =>
  columns[0]!.kind === "vector" ? columns[0]!.count : (columns[0] as List).items.length;

/** select by …: the last of every column that is no key. */
function lastOfEach(session: Session, source: PartitionSource, without: readonly string[]): Named {
  const names = [source.field, ...source.names].filter((name) => !without.includes(name));
  const last = session.primitive("last");
  return { names, trees: names.map((name) => list([last, symbol(name)])) };
}

// ---- everything else -----------------------------------------------------------------------------------------------
/** The columns that a query names, of all its rows, in memory. */
function gathered(plan: Plan, by: By, phrase: Phrase): Scope {
  const { session, source } = plan;
  const all = [source.field, ...source.names];
  const mentioned = new Set<string>();
  const trees = [
    ...(by.kind === "named" ? by.trees : by.kind === "expression" ? [by.tree] : []),
    ...(phrase.kind === "named" ? phrase.trees : phrase.kind === "expression" ? [phrase.tree] : all.map(symbol)),
  ];
  for (const tree of trees) namesIn(tree, mentioned);
  const names = [...all, "i"].filter((name) => mentioned.has(name));
  let counted = 0;
  const parts = visit(plan, (scope) => {
    counted += scope.count;
    return list(names.map((name) => scope.column(name) ?? scope.rowNumbers()));
  })!;
  const columns = joinColumns(parts);
  return wholeScope(session, {
    names: names.filter((name) => name !== "i" || source.names.includes("i")),
    rowCount: counted,
    column: (name) => columns[names.indexOf(name)],
  });
}
