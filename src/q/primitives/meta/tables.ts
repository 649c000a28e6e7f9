/** tables x: the names of the tables in a namespace, sorted; in the root for the general null. */

import { isNil } from "#values/indexing.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { isName } from "./tables-by-name.ts";

export const tables = unary({
  name: "tables",
  category: "meta",
  run: (session, x) => {
    if (!isNil(x) && !isName(x)) throw signal("type", "a namespace is named by a symbol");
    const context = x.kind === "atom" ? (x.value as string) : "";
    return session.system(context === "" ? "a ." : `a ${context}`);
  },
});
