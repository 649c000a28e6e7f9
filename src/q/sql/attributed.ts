// Constraints that an attribute answers: col=x and col in x on a column with any, and col<x … col within x on a sorted
// one. A few reads instead of a column, and the rows come out as a range where they stand together.
// Only exact comparisons: floats compare with tolerance and are left to the primitives.

import { INT_NULL, T } from "#values/datatypes.ts";
import { type EqualRows, rowsEqual } from "#values/attributes.ts";
import { isEnumType } from "#values/enumeration.ts";
import { positions } from "#values/picking.ts";
import type { Session } from "#values/session.ts";
import { I32 } from "#values/storage.ts";
import type { Atom, AtomValue, Value, Vector } from "#values/values.ts";
import { elementAt, itemsOf, newVector } from "#values/vectors.ts";
import { evaluate, glyphOf, nameOf, namesIn } from "./expression.ts";
import { chosen, range, type Rows } from "./rows.ts";
import type { Scope } from "./scope.ts";

type Span = readonly [from: number, to: number];

const MIRRORED: Record<string, string> = { "=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

/** The rows of the scope where a constraint holds, counted in the scope; undefined: it has to be tried row by row. */
export function lookUpRows(scope: Scope, tree: Value): Rows | undefined {
  if (scope.rows.mask !== undefined || tree.kind !== "list" || tree.items.length !== 3) return undefined;
  const [f, x, y] = tree.items as [Value, Value, Value];
  const name = glyphOf(f) ?? nameOf(f);
  if (name === undefined) return undefined;
  let column = attributedColumn(scope, x);
  let operator = name;
  let operand = y;
  const isMirrored = column === undefined && !isRowNumber(scope, x) && MIRRORED[name] !== undefined;
  if (isMirrored) {
    column = attributedColumn(scope, y);
    operator = MIRRORED[name]!;
    operand = x;
  }
  if (column === undefined && isRowNumber(scope, isMirrored ? y : x)) return rowsNumbered(scope, operator, operand);
  if (column === undefined || !(operator in MIRRORED || operator === "in" || operator === "within")) return undefined;
  const byValue = operator === "=" || operator === "in";
  // What only a sorted column tells, and among chosen rows only that.
  if (column.attribute !== 1 && !(byValue && scope.rows.isRange)) return undefined;
  for (const mentioned of namesIn(operand))
    if (mentioned === "i" || scope.columns.names.includes(mentioned)) return undefined;
  const value = evaluate(scope, operand);
  if (byValue) {
    if (value.kind !== "atom" && (operator === "=" || value.kind !== "vector")) return undefined;
    const found = equalRows(scope.session, column, value.kind === "atom" ? [value] : itemsOf(value));
    return found === undefined ? undefined : rowsTogether(found, scope.rows);
  }
  const spans = spansOf(column, operator, value);
  return spans === undefined ? undefined : rowsOfSpans(spans, scope.rows);
}

/** The virtual column i: row numbers are as good as a sorted column that nobody has to make. */
const isRowNumber = (scope: Scope, tree: Value): boolean =>
  tree.kind === "atom" && tree.value === "i" && tree.type === -T.symbol && !scope.columns.names.includes("i");

/** i=3, i<10, i within 20 29, i in 1 5 7 with whole numbers; anything else is tried. */
function rowsNumbered(scope: Scope, operator: string, operand: Value): Rows | undefined {
  if (operand.kind !== "atom" && operand.kind !== "vector") return undefined;
  if (Math.abs(operand.type) !== T.long && Math.abs(operand.type) !== T.int) return undefined;
  const numbers = (operand.kind === "atom" ? [operand] : (itemsOf(operand) as Atom[])).map((a) => a.value);
  const [first, second] = numbers as number[];
  if (numbers.some((n) => typeof n !== "number" || n === INT_NULL) || first === undefined) return undefined;
  const end = Number.MAX_SAFE_INTEGER;
  const isOne = operand.kind === "atom";
  const span = (from: number, to: number): Rows | undefined => rowsOfSpans([[from, Math.max(from, to)]], scope.rows);
  switch (operator) {
    case "=":
      return isOne ? span(first, first + 1) : undefined;
    case "<":
      return isOne ? span(0, first) : undefined;
    case "<=":
      return isOne ? span(0, first + 1) : undefined;
    case ">":
      return isOne ? span(first + 1, end) : undefined;
    case ">=":
      return isOne ? span(first, end) : undefined;
    case "within":
      return numbers.length === 2 ? span(first, second! + 1) : undefined;
    case "in":
      return rowsOfSpans(
        (numbers as number[]).map((n): Span => [n, n + 1]),
        scope.rows,
      );
    default:
      return undefined;
  }
}

/** The part of ascending positions that lies in a span. */
function withinSpan(at: Vector, [from, to]: Span): Rows {
  const first = firstNotBelow(at, from);
  return range(first, Math.max(first, firstNotBelow(at, to)) - first);
}
function firstNotBelow(at: Vector, row: number): number {
  let low = 0;
  let high = at.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (I32[at.at / 4 + middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

function attributedColumn(scope: Scope, tree: Value): Vector | undefined {
  if (tree.kind !== "atom" || tree.type !== -T.symbol) return undefined;
  const column = scope.columns.column(tree.value as string);
  if (column?.kind !== "vector" || column.attribute === 0) return undefined;
  return column.type === T.float || column.type === T.real || column.type === T.datetime ? undefined : column;
}

/** The rows of the whole column that have one of the values; undefined when the attribute does not tell. */
function equalRows(session: Session, column: Vector, values: readonly Value[]): EqualRows[] | undefined {
  const found: EqualRows[] = [];
  const seen = new Set<AtomValue>();
  for (const value of values) {
    if (value.kind !== "atom" || !comparesExactly(column, value)) return undefined;
    if (seen.has(value.value)) continue;
    seen.add(value.value);
    const rows = rowsEqual(session, column, value);
    if (rows === undefined) return undefined;
    found.push(rows);
  }
  return found;
}

/** Spans of rows of a sorted column; undefined when it does not tell. */
function spansOf(column: Vector, operator: string, operand: Value): Span[] | undefined {
  if (column.attribute !== 1 || isEnumType(column.type)) return undefined;
  if (operator === "within") {
    const bounds = operand.kind === "vector" || operand.kind === "list" ? itemsOf(operand) : [];
    const [low, high] = bounds;
    if (bounds.length !== 2 || low?.kind !== "atom" || high?.kind !== "atom") return undefined;
    if (low.type !== -column.type || high.type !== -column.type) return undefined;
    const from = lowerBound(column, low.value);
    return [[from, Math.max(from, upperBound(column, high.value))]];
  }
  if (operand.kind !== "atom" || operand.type !== -column.type) return undefined;
  const { value } = operand;
  switch (operator) {
    case "<":
      return [[0, lowerBound(column, value)]];
    case "<=":
      return [[0, upperBound(column, value)]];
    case ">":
      return [[upperBound(column, value), column.count]];
    default:
      return [[lowerBound(column, value), column.count]];
  }
}

/** One type, or a symbol looked for in an enumeration. */
const comparesExactly = (column: Vector, a: Atom): boolean =>
  a.type === -column.type || (isEnumType(column.type) && (a.type === -T.symbol || isEnumType(a.type)));

// ---- sorted --------------------------------------------------------------------------------------------------------
function lowerBound(v: Vector, value: AtomValue): number {
  let low = 0;
  let high = v.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (elementAt(v, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
function upperBound(v: Vector, value: AtomValue): number {
  let low = 0;
  let high = v.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (elementAt(v, middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// ---- positions → rows ----------------------------------------------------------------------------------------------
/** Rows found for several values, in the order of the table and counted in the scope. */
function rowsTogether(found: readonly EqualRows[], within: Rows): Rows | undefined {
  const spans: Span[] = [];
  const scattered: Vector[] = [];
  for (const rows of found) {
    if (isVector(rows)) scattered.push(rows);
    else if (rows.count > 0) spans.push([rows.start, rows.start + rows.count]);
  }
  if (scattered.length === 0) return rowsOfSpans(spans, within);
  if (!within.isRange) return undefined;
  const stop = within.start + within.count;
  let total = 0;
  for (const v of scattered) total += v.count;
  const rows = new Int32Array(total);
  let k = 0;
  for (const v of scattered) {
    for (let i = 0; i < v.count; i++) {
      const row = I32[v.at / 4 + i]!;
      if (row >= within.start && row < stop) rows[k++] = row - within.start;
    }
  }
  const kept = rows.subarray(0, k);
  if (scattered.length > 1) kept.sort();
  return chosen(positions(kept));
}
const isVector = (rows: EqualRows): rows is Vector => "kind" in rows;

// ---- spans → rows --------------------------------------------------------------------------------------------------
function rowsOfSpans(spans: readonly Span[], within: Rows): Rows | undefined {
  const scattered = within.positions;
  if (scattered !== undefined) return spans.length === 1 ? withinSpan(scattered, spans[0]!) : undefined;
  const stop = within.start + within.count;
  const sorted = spans
    .map(([from, to]): Span => [Math.max(from, within.start) - within.start, Math.min(to, stop) - within.start])
    .filter(([from, to]) => to > from)
    .sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  if (merged.length === 0) return range(0, 0);
  if (merged.length === 1) return range(merged[0]![0], merged[0]![1] - merged[0]![0]);
  let total = 0;
  for (const [from, to] of merged) total += to - from;
  const at = newVector(T.int, total);
  let k = at.at / 4;
  for (const [from, to] of merged) for (let i = from; i < to; i++) I32[k++] = i;
  return chosen(at);
}
