/**
 * wj[w;c;t;(q;(f;c1);…)]: every row of t with f of the items of q's column c1 whose time lies in the row's window.
 * wj starts with the item that prevails when the window opens, wj1 with the first inside it.
 */

import { mark, settle } from "#values/ownership.ts";
import { pick } from "#values/picking.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { countOf, gather, isList, itemAt, itemsOf, rowCount, slice, symbolTexts, table } from "#values/vectors.ts";
import { columnsOf, required, simple, throughKeys } from "./combine.ts";
import { firstAfter, timelineOf } from "./intervals.ts";

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
    const line = timelineOf(
      session,
      keys.map((name) => required(q, name)),
      required(q, names[names.length - 1]!),
      keys.map((name) => required(t, name)),
      n,
    );
    // Where a window starts and ends in the timeline. The prevailing item is the last not after the beginning.
    const from = firstAfter(line, begins, !prevailing);
    const to = firstAfter(line, ends, false);
    for (let i = 0; i < n; i++) {
      const g = I32[line.keyOf.at / 4 + i]!;
      if (g < 0) from[i] = to[i] = 0;
      else if (prevailing && from[i]! > line.starts[g]!) from[i]!--;
    }
    const result = columnsOf(t);
    for (const aggregation of aggregations) {
      const parts = itemsOf(aggregation);
      const sources = parts.slice(1).map((name) => symbolTexts(name)[0]!);
      if (sources.length === 0) throw signal("length", "a function and a column are wanted");
      const columns = sources.map((name) => {
        const column = required(q, name);
        return line.rows === undefined ? column : pick(column, line.rows);
      });
      const values = gather(
        Array.from({ length: n }, (_, i) => applied(session, parts[0]!, columns, from[i]!, Math.max(from[i]!, to[i]!))),
      );
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
function applied(session: Session, f: Value, columns: readonly Value[], start: number, end: number): Value {
  const from = mark();
  const parts = columns.map((column) => part(column, start, end - start));
  return settle(from, parts.length === 1 ? session.apply1(f, parts[0]!) : session.apply(f, parts));
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
