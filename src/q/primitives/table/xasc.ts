/** x xasc y and x xdesc y: the table y, given or named, sorted by the columns x, the first of them deciding. */

import { setAttribute } from "#values/attributes.ts";
import { index, requiredColumn } from "#values/indexing.ts";
import { pickColumn, positionsFrom } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { isKeyed, namedColumns } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Table, Value, Vector } from "#values/values.ts";
import { dict, symbolTexts, table } from "#values/vectors.ts";
import { byNameOrValue } from "../meta/tables-by-name.ts";

/** The order of rows by several columns: a stable grade of each, the least important first. */
export function gradeBy(session: Session, columns: readonly Value[], grade: "iasc" | "idesc"): Vector {
  const f = session.primitive(grade);
  let order: Vector | undefined;
  for (const column of [...columns].reverse()) {
    const items = order === undefined ? column : pickColumn(column, positionsFrom(order, order.count));
    const next = session.apply1(f, items) as Vector;
    order = order === undefined ? next : (index(session, order, next) as Vector);
  }
  return order!;
}

function sortedTable(session: Session, names: readonly string[], t: Value, grade: "iasc" | "idesc"): Value {
  if (isKeyed(t)) {
    const whole = namedColumns(t);
    const sorted = sortedTable(session, names, table(whole.names, whole.columns), grade) as Table;
    const width = t.keys.names.length;
    const part = (from: number, to: number) =>
      table(sorted.names.slice(from, to), sorted.columns.slice(from, to) as Value[]);
    return dict(part(0, width), part(width, sorted.names.length));
  }
  if (t.kind !== "table") throw signal("type", "a table is wanted");
  if (names.length === 0) return t;
  const keys = names.map((name) => requiredColumn(t, name));
  const order = gradeBy(session, keys, grade);
  const p = positionsFrom(order, order.count);
  const columns = t.names.map((name) => {
    const column = pickColumn(requiredColumn(t, name), p);
    // The first sort column is sorted, and says so.
    return name === names[0] && grade === "iasc" && column.kind === "vector"
      ? setAttribute(session, 1, column)
      : column;
  });
  return table(t.names, columns);
}

const sorter = (name: "xasc" | "xdesc", grade: "iasc" | "idesc") =>
  binary({
    name,
    category: "table",
    infix: true,
    run: (session, x, y) => byNameOrValue(session, y, (t) => sortedTable(session, symbolTexts(x), t, grade)),
  });
export const xasc = sorter("xasc", "iasc");
export const xdesc = sorter("xdesc", "idesc");
