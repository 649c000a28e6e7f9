// Functional select and exec: ?[t;c;b;a], with n and (g;c) for select's limit expression (basics/funsql.md).
// The order of things: where (where.ts), limit, then by and select (answer.ts). Tables over partitions are partitioned.ts's.

import { T } from "#values/datatypes.ts";
import { pick, positionsFrom } from "#values/picking.ts";
import { isKeyed } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Atom, Table, Value, Vector } from "#values/values.ts";
import { columnAt, dict, isList, itemsOf, table } from "#values/vectors.ts";
import { allOf, answer, entries, tableOf } from "./answer.ts";
import { evaluate } from "./expression.ts";
import { firstInOrder } from "./order.ts";
import { selectPartitioned } from "./partitioned.ts";
import { byOf, phraseOf } from "./phrases.ts";
import { chosen, range, type Rows, takeRows } from "./rows.ts";
import { type Scope, wholeScope } from "./scope.ts";
import { columnsOf, sourceOf } from "./source.ts";
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
