// Functional update and delete: ![t;c;b;a]. A dictionary for `a` updates, symbols delete columns, nothing deletes rows.
// The result shares the columns that stay, and is assigned when the query named a global. Only rows of columns that the
// global alone holds are overwritten where they stand.

import { assignAtInPlace } from "#values/amend.ts";
import { T } from "#values/datatypes.ts";
import { isEnumType } from "#values/enumeration.ts";
import { isMine, putColumn } from "#values/growing.ts";
import { isKeyed } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { assert, signal } from "#values/signals.ts";
import { I32, U8 } from "#values/storage.ts";
import type { Dict, Table, Value } from "#values/values.ts";
import {
  columnAt,
  countOf,
  dict,
  gather,
  isList,
  itemAt,
  itemsOf,
  newVector,
  symbol,
  symbols,
  symbolTexts,
  table,
} from "#values/vectors.ts";
import { evaluate } from "./expression.ts";
import { evaluateAlong } from "./grouped.ts";
import { type By, byOf, type Named, phraseOf } from "./phrases.ts";
import { amendRows, nulls, range, repeat, rowNumbers, type Rows, takeRows, trueRows } from "./rows.ts";
import { type Scope, wholeScope } from "./scope.ts";
import { groupBy } from "./answer.ts";
import { columnsOf, type Source, sourceOf } from "./source.ts";
import { constraintsOf, filter } from "./where.ts";

/** ! of rank 4. */
export function update(session: Session, args: readonly Value[]): Value {
  const [t, c, b, a] = args as [Value, Value, Value, Value];
  const constraints = constraintsOf(c);
  if (a.kind !== "dict" && t.kind === "atom" && isNamespace(session, t)) {
    return deleteGlobals(session, t, constraints, symbolTexts(a));
  }
  const source = sourceOf(session, t);
  if (source.value.kind === "table" && source.value.partitioned !== undefined) {
    throw signal("par", "a partitioned table is changed by its partitions");
  }
  // Columns may be overwritten where they stand, before anything is assigned.
  if (source.name !== undefined && !source.name.startsWith(":")) session.readToAmend(source.name);
  if (a.kind !== "dict") {
    const names = isList(a) && countOf(a) === 0 ? [] : symbolTexts(a);
    return finish(session, source, t, deleteFrom(session, source.value, constraints, names));
  }
  const phrase = phraseOf(a);
  if (phrase.kind !== "named") return source.name === undefined ? source.value : t;
  return finish(session, source, t, updated(session, source, constraints, byOf(b), phrase));
}

function finish(session: Session, source: Source, t: Value, result: Value): Value {
  if (source.name === undefined) return result;
  // A splayed table is written anew; its files are replaced, so that what is mapped of the old ones stays as it is.
  if (source.name.startsWith(":")) session.host.database.set(`${source.name.slice(1).replace(/\/+$/, "")}/`, result);
  else session.assign(source.name, result);
  return t;
}

// ---- update --------------------------------------------------------------------------------------------------------
function updated(session: Session, source: Source, constraints: readonly Value[], by: By, columns: Named): Value {
  const { value } = source;
  const whole = wholeScope(session, columnsOf(value));
  const scope = filter(whole, constraints);
  const grouped = by.kind === "named" || by.kind === "expression";
  if (value.kind === "dict" && !isKeyed(value)) {
    if (grouped) throw signal("type", "a dictionary is not updated by groups");
    return entriesUpdated(
      value,
      columns,
      columns.trees.map((tree) => evaluate(scope, tree)),
    );
  }
  const groups = grouped ? groupBy(scope, by.kind === "named" ? by.trees : [by.tree]) : undefined;
  // All from the columns as they were, whatever the order of assignment.
  const values = columns.trees.map((tree) => {
    const result = groups === undefined ? evaluate(scope, tree) : evaluateAlong(scope, groups, tree);
    return perRow(result, scope.count);
  });
  if (scope !== whole && source.name !== undefined && amendedInPlace(session, value, columns.names, values, scope)) {
    return value;
  }
  const replaced = new Map<string, Value>();
  columns.names.forEach((name, k) => {
    const old = replaced.get(name) ?? whole.columns.column(name);
    replaced.set(name, scope === whole ? values[k]! : placed(session, old, scope, values[k]!, whole.count));
  });
  if (isKeyed(value)) {
    const keys = value.keys as Table;
    const isKey = (name: string) => keys.names.includes(name);
    return dict(
      withColumns(keys, replaced, isKey),
      withColumns(value.values as Table, replaced, (name) => !isKey(name)),
    );
  }
  assert(value.kind === "table", "an update is of a table or a dictionary");
  return withColumns(value, replaced, () => true);
}

/**
 * Some rows of columns that the named variable alone holds, overwritten where they stand: what a few rows of a large
 * table cost then is those rows. False, and nothing done, when anything is otherwise.
 */
function amendedInPlace(
  session: Session,
  value: Table | Dict,
  names: readonly string[],
  values: readonly Value[],
  scope: Scope,
): boolean {
  if (value.refs !== 1) return false;
  const t = value.kind === "table" ? value : (value.values as Table);
  if (!isMine(t) || new Set(names).size !== names.length) return false;
  const places = names.map((name) => t.names.indexOf(name));
  const fits = places.every((c, k) => {
    const column = c < 0 ? undefined : t.columns[c];
    const given = values[k]!;
    if (column?.kind !== "vector" || !isMine(column) || given.kind !== "vector") return false;
    return column.type === given.type && column.domain === given.domain;
  });
  if (!fits) return false;
  const rows = rowNumbers(scope.rows);
  places.forEach((c, k) => {
    putColumn(t, c, assignAtInPlace(session, columnAt(t, c), rows, values[k]!));
  });
  t.attribute = 0;
  return true;
}

/** A value for each row: an atom stands in all of them. */
function perRow(value: Value, count: number): Value {
  if (!isList(value) && value.kind !== "table") return repeat(value, count);
  if (countOf(value) !== count) throw signal("length", `${countOf(value)} values for ${count} rows`);
  return value;
}

/** Values at the rows of the scope; a new column has nulls elsewhere. */
function placed(session: Session, old: Value | undefined, scope: Scope, values: Value, count: number): Value {
  if (old === undefined) return amendRows(nulls(values, count), scope.rows, values);
  if (scope.count === 0) return old;
  const fitting =
    old.kind === "vector" && isEnumType(old.type) && values.type === T.symbol
      ? session.apply2(session.primitive("$"), symbol(old.domain!), values)
      : values;
  return amendRows(old, scope.rows, fitting);
}

function withColumns(t: Table, replaced: ReadonlyMap<string, Value>, belongs: (name: string) => boolean): Table {
  const names = [...t.names];
  const columns = names.map((name, c) => replaced.get(name) ?? columnAt(t, c));
  for (const [name, column] of replaced) {
    if (names.includes(name) || !belongs(name)) continue;
    names.push(name);
    columns.push(column);
  }
  return table(names, columns);
}

function entriesUpdated(d: Dict, { names }: Named, values: readonly Value[]): Dict {
  const keys = symbolTexts(d.keys);
  const items = itemsOf(d.values).slice();
  names.forEach((name, k) => {
    const at = keys.indexOf(name);
    if (at >= 0) items[at] = values[k]!;
    else {
      keys.push(name);
      items.push(values[k]!);
    }
  });
  return dict(symbols(keys), gather(items));
}

// ---- delete --------------------------------------------------------------------------------------------------------
function deleteFrom(
  session: Session,
  value: Table | Dict,
  constraints: readonly Value[],
  names: readonly string[],
): Value {
  if (names.length > 0) {
    if (constraints.length > 0) throw signal("nyi", "columns are deleted from all rows");
    return withoutNames(value, names);
  }
  if (value.kind === "dict" && !isKeyed(value)) {
    if (constraints.length > 0) throw signal("type", "entries of a dictionary are deleted by name");
    return dict(takeRows(value.keys, range(0, 0)), takeRows(value.values, range(0, 0)));
  }
  const scope = filter(wholeScope(session, columnsOf(value)), constraints);
  const kept = others(scope.rows, scope.columns.rowCount);
  const part = (t: Table): Table =>
    table(
      t.names,
      t.names.map((_, c) => takeRows(columnAt(t, c), kept)),
    );
  if (value.kind === "table") return part(value);
  return dict(part(value.keys as Table), part(value.values as Table));
}

function withoutNames(value: Table | Dict, names: readonly string[]): Value {
  if (value.kind === "table") return withoutColumns(value, names);
  if (isKeyed(value)) {
    return dict(withoutColumns(value.keys as Table, names), withoutColumns(value.values as Table, names));
  }
  const keys = symbolTexts(value.keys);
  const kept = keys.map((_, k) => k).filter((k) => !names.includes(keys[k]!));
  return dict(symbols(kept.map((k) => keys[k]!)), gather(kept.map((k) => itemAt(value.values, k))));
}

function withoutColumns(t: Table, names: readonly string[]): Table {
  const kept = t.names.map((_, c) => c).filter((c) => !names.includes(t.names[c]!));
  return table(
    kept.map((c) => t.names[c]!),
    kept.map((c) => columnAt(t, c)),
  );
}

/** The rows, of `count`, that are not among these. */
function others(rows: Rows, count: number): Rows {
  if (rows.count === 0) return range(0, count);
  if (rows.isRange && rows.start === 0) return range(rows.count, count - rows.count);
  const mask = newVector(T.boolean, count);
  U8.fill(1, mask.at, mask.at + count);
  if (rows.isRange) U8.fill(0, mask.at + rows.start, mask.at + rows.start + rows.count);
  else {
    const at = rows.positions!;
    for (let k = 0; k < at.count; k++) U8[mask.at + I32[at.at / 4 + k]!] = 0;
  }
  return trueRows(mask);
}

// ---- namespaces ----------------------------------------------------------------------------------------------------
function isNamespace(session: Session, t: Value): boolean {
  if (t.kind !== "atom" || t.type !== -T.symbol) return false;
  const name = t.value as string;
  return name === "." || (name.startsWith(".") && session.contexts().includes(name.slice(1)));
}

/** delete a from `. removes globals. */
function deleteGlobals(session: Session, t: Value, constraints: readonly Value[], names: readonly string[]): Value {
  if (constraints.length > 0) throw signal("type", "variables are deleted by name");
  assert(t.kind === "atom", "a namespace is named");
  const context = t.value === "." ? "" : (t.value as string);
  const wanted = names.length > 0 ? names : session.namesIn(context);
  for (const name of wanted) session.erase(context === "" ? name : `${context}.${name}`);
  return t;
}
