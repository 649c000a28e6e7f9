/** `t insert y: records appended to the table of that name; the numbers of the new rows. A key that is there signals. */

import { appendAtoms, appendRecords, upsertKeyed } from "#values/appending.ts";
import { T } from "#values/datatypes.ts";
import { binary } from "#values/primitive.ts";
import { columnwise, fits, isKeyed, namedColumns, type Records, recordsFor } from "#values/records.ts";
import { rowPositions } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { countOf, isList, itemsOf, newVector, rowCount, setLongElement, table } from "#values/vectors.ts";
import { join } from "#values/joining.ts";
import { isTable } from "../meta/tables-by-name.ts";

/** A list is one record if its items fit the columns, else a list of columns. */
function insertable(names: readonly string[], columns: readonly Value[], y: Value): Records {
  if (!isList(y)) return recordsFor(names, columns, y);
  const items = itemsOf(y);
  if (items.length !== names.length) throw signal("length", "a record has an item for every column");
  if (
    items.every(
      (item, c) =>
        fits(columns[c]!, item) && !(isList(item) && columns[c]!.kind === "list" && countOf(columns[c]!) === 0),
    )
  ) {
    return recordsFor(names, columns, y);
  }
  return columnwise(items);
}

function insertInto(session: Session, name: string, y: Value): Value {
  const t = session.readToAmend(name);
  if (t === undefined) {
    if (!isTable(y)) throw signal("type", `no table ${name}, and nothing that could be one`);
    session.assign(name, y);
    return rowNumbers(0, countOf(y));
  }
  const owned = t.kind !== "atom" && t.refs === 1;
  if (t.kind === "table") {
    const before = rowCount(t);
    if (appendAtoms(t, y, owned) !== undefined) {
      session.amended(name, t, t);
      return rowNumbers(before, 1);
    }
    const records = insertable(t.names, namedColumns(t).columns, y);
    session.amended(name, t, appendRecords(session, t, records, owned));
    return rowNumbers(before, records.count);
  }
  if (isKeyed(t)) {
    const { names, columns } = namedColumns(t);
    const records = insertable(names, columns, y);
    const width = t.keys.names.length;
    const keys = records.columns.slice(0, width);
    if (keys.includes(undefined)) throw signal("mismatch", "a key column is missing");
    const keyTable = table(t.keys.names, keys as Value[]);
    const before = rowCount(t.keys);
    const known = before === 0 ? undefined : rowPositions(session, t.keys, keyTable);
    const own = rowPositions(session, keyTable, keyTable);
    for (let r = 0; r < records.count; r++) {
      const there = known !== undefined && I32[known.at / 4 + r]! >= 0;
      if (there || I32[own.at / 4 + r] !== r) throw signal("insert", "a key is there already");
    }
    const given = records.columns.flatMap((column, c) => (column === undefined ? [] : [c]));
    const rows = table(
      given.map((c) => names[c]!),
      given.map((c) => records.columns[c]!),
    );
    session.amended(name, t, upsertKeyed(session, t, rows, owned));
    return rowNumbers(before, records.count);
  }
  if (isList(t)) {
    const before = countOf(t);
    const next = join(session, t, y);
    session.amended(name, t, next);
    return rowNumbers(before, countOf(next) - before);
  }
  throw signal("type", `${name} is no table`);
}
function rowNumbers(first: number, count: number): Value {
  const numbers = newVector(T.long, count);
  for (let k = 0; k < count; k++) setLongElement(numbers.at, k, first + k);
  return numbers;
}

export const insert = binary({
  name: "insert",
  category: "table",
  infix: true,
  wire: [102, 28],
  run: (session, x, y) => {
    if (x.kind !== "atom" || x.type !== -T.symbol) throw signal("type", "a table is named on the left");
    return insertInto(session, x.value as string, y);
  },
});
