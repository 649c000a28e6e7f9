// The where phrase: each constraint is tried on the rows that the ones before it left (basics/qsql.md). A constraint on
// a column with an attribute is looked up instead of tried, and rows that stand together stay a range: later columns
// are then slices, not copies.

import { T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { kernels } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { isList, itemsOf, newVector } from "#values/vectors.ts";
import { signal } from "#values/signals.ts";
import { evaluate, glyphOf, namesIn } from "./expression.ts";
import { lookUpRows } from "./attributed.ts";
import { range, type Rows, rowsWhere } from "./rows.ts";
import type { Columns, Scope } from "./scope.ts";

/** The constraints of a where phrase. */
export function constraintsOf(c: Value): Value[] {
  if (!isList(c)) throw signal("type", "the constraints are a list");
  return itemsOf(c);
}

export function filter(scope: Scope, constraints: readonly Value[]): Scope {
  let current = scope;
  for (let k = 0; k < constraints.length && current.count > 0; ) {
    // Comparisons with constants of all rows in a row: their masks are cheaper to join than columns are to narrow.
    let together = k;
    while (together < constraints.length && isComparison(current.columns, constraints[together]!)) together++;
    const indexed = lookUpRows(current, constraints[k]!);
    if (indexed !== undefined) {
      current = current.narrow(indexed);
      k++;
    } else if (together > k + 1 && current.rows.isRange) {
      const first = k++;
      const masks: Value[] = [evaluate(current, constraints[first]!)];
      for (; k < together; k++) masks.push(evaluate(current, constraints[k]!));
      current = current.narrow(allOf(current.session, masks, current.count));
    } else {
      current = current.narrow(rowsWhere(current.session, evaluate(current, constraints[k]!), current.count));
      k++;
    }
  }
  return current;
}

const COMPARISONS = new Set(["=", "<", ">", "<=", ">=", "<>"]);

/** (>;`size;1500): a column against an atom, which can neither fail on other rows nor change anything. */
function isComparison(columns: Columns, tree: Value): boolean {
  if (tree.kind !== "list" || tree.items.length !== 3) return false;
  const [f, x, y] = tree.items as [Value, Value, Value];
  const glyph = glyphOf(f);
  if (glyph === undefined || !COMPARISONS.has(glyph)) return false;
  return isNumericColumn(columns, x) && y.kind === "atom" && y.type !== -T.symbol;
}

function isNumericColumn(columns: Columns, tree: Value): boolean {
  if (tree.kind !== "atom" || tree.type !== -T.symbol) return false;
  const column = columns.column(tree.value as string);
  return column?.kind === "vector" && column.type !== T.guid && column.type !== T.symbol && column.type < T.enum;
}

function allOf(session: Session, masks: readonly Value[], count: number): Rows {
  let joined: Vector | undefined;
  for (const mask of masks) {
    if (mask.kind !== "vector" || mask.type !== T.boolean || mask.count !== count)
      return rowsWhere(session, mask, count);
    if (joined === undefined) joined = mask;
    else {
      const both = newVector(T.boolean, count);
      kernels.get("lesser_x")(joined.at, mask.at, both.at, count, 0);
      joined = both;
    }
  }
  return joined === undefined ? range(0, count) : rowsWhere(session, joined, count);
}

/** True when a constraint speaks of the partition field and of no other column. */
export function isAbout(field: string, columns: readonly string[], constraint: Value): boolean {
  let mentioned = false;
  for (const name of namesIn(constraint)) {
    if (name === field) mentioned = true;
    else if (name === "i" || columns.includes(name)) return false;
  }
  return mentioned;
}
