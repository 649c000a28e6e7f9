/** x union y: distinct x,y. */

import { join } from "#values/joining.ts";
import { binary } from "#values/primitive.ts";
import { distinctItems } from "./distinct.ts";

export const union = binary({
  name: "union",
  category: "list",
  infix: true,
  run: (session, x, y) => distinctItems(session, join(session, x, y)),
});
