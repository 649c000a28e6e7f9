/**
 * wj[w;c;t;(q;(f;c1);…)]: every row of t with f of the items of q's column c1 whose time lies in the row's window.
 * wj starts with the item that prevails when the window opens, wj1 with the first inside it.
 */

import { letterOf, T } from "#values/datatypes.ts";
import { mark, settle } from "#values/ownership.ts";
import { placeAt } from "#values/picking.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import {
  countOf,
  gather,
  isList,
  itemAt,
  itemsOf,
  newVector,
  rowCount,
  setLongElement,
  slice,
  symbolTexts,
  table,
} from "#values/vectors.ts";
import { columnsOf, required, simple, throughKeys } from "./combine.ts";
import { firstRowsFrom, lastRowsBefore, timelineOf, together } from "./intervals.ts";

/** Windows as ranges of rows, both ends included (longs); empty when `to` is null or before `from`. */
interface Windows {
  readonly from: Vector;
  readonly to: Vector;
}

function windowJoin(session: Session, w: Value, c: Value, x: Value, spec: Value, prevailing: boolean): Value {
  const names = symbolTexts(c);
  if (countOf(w) !== 2) throw signal("length", "a window has a beginning and an end");
  const [begins, ends] = [itemAt(w, 0), itemAt(w, 1)];
  const [given, ...aggregations] = itemsOf(spec);
  const q = simple(given!);
  return throughKeys(session, x, (t) => {
    const n = rowCount(t);
    if (countOf(begins) !== n || countOf(ends) !== n) throw signal("length", "there is a window for every row");
    const keys = names.slice(0, -1);
    const { line, arrange } = together(
      timelineOf(
        session,
        keys.map((name) => required(q, name)),
        required(q, names[names.length - 1]!),
        keys.map((name) => required(t, name)),
        n,
      ),
    );
    const from = firstRowsFrom(line, begins);
    if (prevailing) takePrevailing(from, lastRowsBefore(line, begins));
    const windows = { from, to: lastRowsBefore(line, ends) };
    const result = columnsOf(t);
    for (const aggregation of aggregations) {
      const [f, ...named] = itemsOf(aggregation);
      const sources = named.map((name) => symbolTexts(name)[0]!);
      if (sources.length === 0) throw signal("length", "a function and a column are wanted");
      const columns = sources.map((name) => arrange(required(q, name)));
      const values = byKernel(f!, columns, windows) ?? byWindow(session, f!, columns, windows);
      const name = sources[sources.length - 1]!;
      const at = result.names.indexOf(name);
      if (at < 0) {
        result.names.push(name);
        result.columns.push(values);
      } else result.columns[at] = values;
    }
    return table(result.names, result.columns);
  });
}
/** Where something prevails at a window's beginning, the window starts there. */
function takePrevailing(from: Vector, before: Vector): void {
  for (let i = 0; i < from.count; i++) {
    const p = placeAt(before, i);
    if (p >= 0) setLongElement(from.at, i, p);
  }
}

/** max, min and sum of a column of numbers, every window by one kernel. */
function byKernel(f: Value, columns: readonly Value[], { from, to }: Windows): Value | undefined {
  const [column] = columns;
  if (f.kind !== "primitive" || columns.length !== 1 || column?.kind !== "vector") return undefined;
  const letter = letterOf(column.type);
  const n = from.count;
  if (f.row.name === "max" || f.row.name === "min") {
    if (!"hijefpmdznuvt".includes(letter) || column.type >= T.enum) return undefined;
    const r = newVector(column.type, n);
    kernels.get(`win${f.row.name}_${letter}`)(from.at, to.at, column.at, n, r.at);
    return r;
  }
  if (f.row.name === "sum" && "jf".includes(letter)) {
    const r = newVector(column.type, n);
    const counts = newVector(T.long, n);
    kernels.get(`winsum_${letter}`)(from.at, to.at, column.at, n, r.at, counts.at);
    return r;
  }
  return undefined;
}

/** Any function: applied to the items of each window. */
function byWindow(session: Session, f: Value, columns: readonly Value[], { from, to }: Windows): Value {
  const results: Value[] = new Array(from.count);
  for (let i = 0; i < from.count; i++) {
    const start = Math.max(placeAt(from, i), 0);
    const count = Math.max(placeAt(to, i) + 1 - start, 0);
    const before = mark();
    const parts = columns.map((column) => part(column, count === 0 ? 0 : start, count));
    results[i] = settle(before, parts.length === 1 ? session.apply1(f, parts[0]!) : session.apply(f, parts));
  }
  return gather(results);
}
function part(column: Value, start: number, count: number): Value {
  if (column.kind === "vector") return slice(column, start, count);
  return gather((isList(column) ? itemsOf(column) : []).slice(start, start + count));
}

const row = (name: string, prevailing: boolean) =>
  primitive({
    name,
    category: "join",
    rank: 4,
    shownType: 100,
    run: (session, w, c, x, spec) => windowJoin(session, w!, c!, x!, spec!, prevailing),
  });
export const wj = row("wj", true);
export const wj1 = row("wj1", false);
