/** group x: each distinct item with the indices where it stands; of a dictionary, each value with its keys. */

import { T } from "#values/datatypes.ts";
import { pick } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import { classesOf, groupMembers, groupsFrom } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { Dict, Value } from "#values/values.ts";
import { dict, list, newVector } from "#values/vectors.ts";

export function grouped(session: Session, x: Value): Dict {
  if (x.kind === "dict") {
    const groups = grouped(session, x.values);
    return dict(
      groups.keys,
      list((groups.values.kind === "list" ? groups.values.items : []).map((at) => pick(x.keys, asPositions(at)))),
    );
  }
  if (x.kind !== "vector" && x.kind !== "list" && x.kind !== "table") throw signal("type", "an atom has no groups");
  const groups = groupsFrom(classesOf(session, x));
  const { members, starts } = groupMembers(groups);
  const lists: Value[] = [];
  for (let g = 0; g + 1 < starts.length; g++) {
    const count = starts[g + 1]! - starts[g]!;
    const v = newVector(T.long, count);
    const from = members.at / 4 + starts[g]!;
    const to = v.at / 4;
    for (let k = 0; k < count; k++) {
      I32[to + 2 * k] = I32[from + k]!;
      I32[to + 2 * k + 1] = 0;
    }
    lists.push(v);
  }
  return dict(pick(x, groups.firsts), list(lists));
}
function asPositions(at: Value) {
  if (at.kind !== "vector") throw signal("type", "groups are vectors of indices");
  return at;
}
export const group = unary({ name: "group", category: "list", wire: [101, 8], shown: "=:", run: grouped });
