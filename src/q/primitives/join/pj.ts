/** x pj y: the values of the keyed table y added to the columns of x; where there is no partner, zero is added. */

import { pickColumn } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { columnAt, long, table } from "#values/vectors.ts";
import { columnsOf, keyedTable, partners, throughKeys } from "./combine.ts";

export const pj = binary({
  name: "pj",
  category: "join",
  infix: true,
  run: (session, x, y) => {
    const right = keyedTable(y);
    return throughKeys(session, x, (t) => {
      const p = partners(session, t, right);
      const { names, columns } = columnsOf(t);
      right.values.names.forEach((name, c) => {
        const other = columnAt(right.values, c);
        if (other.kind !== "vector") throw signal("type", `column ${name} cannot be added`);
        const added = session.apply2(session.primitive("^"), long(0), pickColumn(other, p));
        const at = names.indexOf(name);
        if (at >= 0) columns[at] = session.apply2(session.primitive("+"), columns[at]!, added);
        else {
          names.push(name);
          columns.push(added);
        }
      });
      return table(names, columns);
    });
  },
});
