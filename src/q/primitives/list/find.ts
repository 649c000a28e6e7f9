/**
 * x?y. Find: where the items of y first stand in x. A number on the left rolls or deals, a name extends an enumeration.
 * With three arguments Vector Conditional; with more (or a table first) the functional forms of qSQL, which the sql room
 * provides under the name below.
 */

import { T } from "#values/datatypes.ts";
import { find as findItems } from "#values/find.ts";
import { index } from "#values/indexing.ts";
import { isIndexType } from "#values/picking.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { random } from "../math/deal.ts";
import { extendEnumeration } from "./enum-extend.ts";
import { vectorConditional } from "./vector-conditional.ts";

/** What eval registers for the forms that the sql room owns: no name that q text can spell. */
export const FUNCTIONAL_SELECT = "functional select";

/** d?v: the first key whose value is v. */
function findIn(session: Session, x: Value, y: Value): Value {
  if (x.kind === "dict") return index(session, x.keys, findItems(session, x.values, y));
  return findItems(session, x, y);
}

export const query = primitive({
  name: "Find",
  glyph: "?",
  rank: [2, 3, 4, 5, 6],
  category: "list",
  wire: [102, 17],
  run: (session, x, y, ...rest) => {
    if (rest.length > 1) return session.apply(session.primitive(FUNCTIONAL_SELECT), [x!, y!, ...(rest as Value[])]);
    if (rest.length === 1) {
      const isTable = x!.kind === "table" || x!.kind === "dict" || x!.type === -T.symbol;
      if (isTable) return session.apply(session.primitive(FUNCTIONAL_SELECT), [x!, y!, rest[0]!]);
      return vectorConditional(x!, y!, rest[0]!);
    }
    if (x!.kind === "atom") {
      if (x!.type === -T.symbol) return extendEnumeration(session, x!.value as string, y!);
      if (isIndexType(x!.type)) return random(session, x!, y!);
      throw signal("type", "a list, a number or a name is wanted on the left");
    }
    return findIn(session, x!, y!);
  },
});
