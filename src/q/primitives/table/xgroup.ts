/** x xgroup y: the table y keyed by the distinct rows of columns x, every other column a list for each of them. */

import { requiredColumn } from "#values/indexing.ts";
import { pickColumn, pickRows } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { isKeyed, namedColumns } from "#values/records.ts";
import { groupMembers, groupsOf } from "#values/search.ts";
import { signal } from "#values/signals.ts";
import { T } from "#values/datatypes.ts";
import { Vector } from "#values/values.ts";
import { columnAt, dict, list, symbolTexts, table } from "#values/vectors.ts";

export const xgroup = binary({
  name: "xgroup",
  category: "table",
  infix: true,
  run: (session, x, y) => {
    if (y.kind !== "table" && !isKeyed(y)) throw signal("type", "a table is wanted");
    const whole = namedColumns(y);
    const t = table(whole.names, whole.columns);
    const names = symbolTexts(x);
    const keys = table(
      names,
      names.map((name) => requiredColumn(t, name)),
    );
    const rest = t.names.filter((name) => !names.includes(name));
    const groups = groupsOf(session, keys);
    const { members, starts } = groupMembers(groups);
    const lists = rest.map((name) => {
      const column = columnAt(t, t.names.indexOf(name));
      const parts = [];
      for (let g = 0; g + 1 < starts.length; g++) {
        // A borrowed part of the members: positions only while they are picked.
        const at = new Vector(T.long, 0, starts[g + 1]! - starts[g]!, members.at + 8 * starts[g]!, 0);
        parts.push(pickColumn(column, at));
      }
      return list(parts);
    });
    return dict(pickRows(keys, groups.firsts), table(rest, lists));
  },
});
