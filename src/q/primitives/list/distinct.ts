/** distinct x: the items of x, or the rows of a table, each as it first occurs. */

import { partedStarts } from "#values/attributes.ts";
import { pick, positions } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import { firstOccurrences } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";

export function distinctItems(session: Session, x: Value): Value {
  switch (x.kind) {
    case "vector": {
      // A parted list has each item once at the start of its run.
      const starts = partedStarts(x);
      return pick(x, starts === undefined ? firstOccurrences(session, x) : positions(starts.slice(0, -1)));
    }
    case "list":
    case "table":
      return pick(x, firstOccurrences(session, x));
    case "dict":
      return distinctItems(session, x.values);
    default:
      throw signal("type", "an atom has no items");
  }
}
export const distinct = unary({ name: "distinct", category: "list", wire: [101, 17], shown: "?:", run: distinctItems });
