/** group x: each distinct item with the indices where it stands; of a dictionary, each value with its keys. */

import { T } from "#values/datatypes.ts";
import { copyElements, pick, positionsFrom } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import { groupMembers, groupsOf } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Dict, Value, Vector } from "#values/values.ts";
import { countOf, dict, list, newVector, slice } from "#values/vectors.ts";

export function grouped(session: Session, x: Value): Dict {
  if (x.kind === "dict") {
    const groups = grouped(session, x.values);
    return dict(
      groups.keys,
      list(
        (groups.values.kind === "list" ? groups.values.items : []).map((at) =>
          pick(x.keys, positionsFrom(at as Vector, countOf(x.keys))),
        ),
      ),
    );
  }
  if (x.kind !== "vector" && x.kind !== "list" && x.kind !== "table") throw signal("type", "an atom has no groups");
  const groups = groupsOf(session, x);
  const { members, starts } = groupMembers(groups);
  const count = groups.firsts.count;
  // Large groups share the bytes of one vector; many small ones get bytes of their own.
  const share = members.count > SHARED_SIZE * count;
  const lists: Value[] = new Array(count);
  for (let g = 0; g < count; g++) {
    const size = starts[g + 1]! - starts[g]!;
    if (share) lists[g] = slice(members, starts[g]!, size);
    else {
      const own = newVector(T.long, size);
      copyElements(own, 0, members, starts[g]!, size);
      lists[g] = own;
    }
  }
  return dict(pick(x, groups.firsts), list(lists));
}
const SHARED_SIZE = 64;
export const group = unary({ name: "group", category: "list", wire: [101, 8], shown: "=:", run: grouped });
