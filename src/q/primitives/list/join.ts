/** x,y: one list of the items of both; dictionaries and keyed tables are upserted, tables get rows. */

import { join as joined } from "#values/joining.ts";
import { primitive } from "#values/primitive.ts";

export const join = primitive({
  name: "Join",
  glyph: ",",
  rank: 2,
  category: "list",
  wire: [102, 12],
  run: (session, x, y) => joined(session, x!, y!),
});
