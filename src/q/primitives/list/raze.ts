/** raze x: the items of x joined end to end, one level of nesting gone. */

import { joinAll } from "#values/joining.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { gather, itemsOf } from "#values/vectors.ts";

export function razed(session: Session, x: Value): Value {
  switch (x.kind) {
    case "list": {
      if (x.items.length === 0) return x;
      const [only] = x.items;
      return x.items.length === 1 ? (only!.kind === "atom" ? x : only!) : joinAll(session, x.items);
    }
    case "dict":
      return razed(session, x.values);
    case "table":
      return joinAll(session, itemsOf(x));
    case "atom":
      return gather([x]);
    default:
      return x;
  }
}
export const raze = unary({ name: "raze", category: "list", shownType: 107, shown: ",/", run: razed });
