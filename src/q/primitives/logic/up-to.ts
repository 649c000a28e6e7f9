/** x<=y: not greater, so tolerantly equal floats count. Atomic. */

import { upToOp, tolerantlyLess } from "#values/comparing.ts";
import { applyBinary } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom } from "#values/values.ts";
import { FALSE, TRUE } from "#values/vectors.ts";

export const upTo = primitive({
  name: "Up To",
  glyph: "<=",
  rank: 2,
  category: "logic",
  shownType: 105,
  shown: "~>",
  run: (session, x, y) => {
    // Two longs, the commonest case of all: a bigint compares with a number as it should.
    if (x.type === -7 && y.type === -7) return (x as Atom).value <= (y as Atom).value ? TRUE : FALSE;
    if (x.type === -9 && y.type === -9) {
      return !tolerantlyLess((y as Atom).value as number, (x as Atom).value as number) ? TRUE : FALSE;
    }
    return applyBinary(upToOp, session, x, y);
  },
});
