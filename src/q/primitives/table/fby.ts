/** (f;d) fby g: f of the items of d for each group of g, spread over the group's members. */

import { T } from "#values/datatypes.ts";
import { pick, pickColumn } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import { groupMembers, groupsOf } from "#values/search.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import { type Value, Vector } from "#values/values.ts";
import { countOf, gather, isList, itemAt, newVector } from "#values/vectors.ts";

export const fby = binary({
  name: "fby",
  category: "table",
  infix: true,
  run: (session, x, y) => {
    if (x.kind !== "list" || x.items.length !== 2)
      throw signal("length", "a function and its data are wanted on the left");
    const [f, data] = x.items as [Value, Value];
    const n = countOf(y);
    if (countOf(data) !== n) throw signal("length", "data and groups are of different lengths");
    const groups = groupsOf(session, y);
    const { members, starts } = groupMembers(groups);
    const results: Value[] = [];
    for (let g = 0; g + 1 < starts.length; g++) {
      const at = new Vector(T.long, 0, starts[g + 1]! - starts[g]!, members.at + 8 * starts[g]!, 0);
      results.push(session.apply1(f, pickColumn(data, at)));
    }
    // One result for a group, or one for every member of it.
    if (
      !results.every((r, g) => isList(r) && countOf(r) === starts[g + 1]! - starts[g]!) ||
      results.every((r) => !isList(r))
    ) {
      return pick(gather(results), groups.numbers);
    }
    const rank = newVector(T.int, n);
    for (let k = 0; k < n; k++) I32[rank.at / 4 + I32[members.at / 4 + 2 * k]!] = k;
    return pick(gather(results.flatMap((r) => Array.from({ length: countOf(r) }, (_, k) => itemAt(r, k)))), rank);
  },
});
