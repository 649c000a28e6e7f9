/** t asof d: the other columns of the last row of t that agrees with d, whose last item is a time that may be earlier. */

import { pickRows } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { rowTable } from "#values/joining.ts";
import { itemAt, table } from "#values/vectors.ts";
import { asofRows } from "./aj.ts";
import { columnsOf, simple } from "./combine.ts";

export const asof = binary({
  name: "asof",
  category: "join",
  infix: true,
  run: (session, x, y) => {
    const t = simple(x);
    if (y.kind !== "table" && y.kind !== "dict") throw signal("type", "a record or a table is wanted on the right");
    const asked = y.kind === "table" ? y : rowTable(y);
    const { names, columns } = columnsOf(t);
    const kept = names.flatMap((name, c) => (asked.names.includes(name) ? [] : [c]));
    const rest = table(
      kept.map((c) => names[c]!),
      kept.map((c) => columns[c]!),
    );
    const rows = pickRows(rest, asofRows(session, asked.names, asked, t));
    return y.kind === "table" ? rows : itemAt(rows, 0);
  },
});
