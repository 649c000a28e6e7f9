/** ungroup x: a table whose cells are lists, with one row for each of their items. */

import { joinAll } from "#values/joining.ts";
import { pickColumn, positions } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import { isKeyed, namedColumns } from "#values/records.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { countOf, isList, table } from "#values/vectors.ts";

/** Cells that are lists, in a column that holds nothing else. */
const isNested = (column: Value): boolean =>
  column.kind === "list" && column.items.length > 0 && column.items.every(isList);

export const ungroup = unary({
  name: "ungroup",
  category: "table",
  run: (session, x) => {
    if (x.kind !== "table" && !isKeyed(x)) throw signal("type", "a table is wanted");
    const { names, columns } = namedColumns(x);
    const nested = columns.filter(isNested);
    if (nested.length === 0) return table(names, columns);
    const lengths = (nested[0] as { items: readonly Value[] }).items.map(countOf);
    for (const column of nested) {
      (column as { items: readonly Value[] }).items.forEach((cell, r) => {
        if (countOf(cell) !== lengths[r]) throw signal("length", "the lists of a row are of different lengths");
      });
    }
    const rows = positions(lengths.flatMap((n, r) => new Array<number>(n).fill(r)));
    return table(
      names,
      columns.map((column) =>
        isNested(column) ? joinAll(session, (column as { items: Value[] }).items) : pickColumn(column, rows),
      ),
    );
  },
});
