/** x=y: 1b where the items are equal. Atomic; tolerant of the last bits of floats. */

import { equalOp } from "#values/comparing.ts";
import { applyBinary } from "#values/iterate.ts";
import { primitive } from "#values/primitive.ts";
import type { Atom } from "#values/values.ts";
import { FALSE, TRUE } from "#values/vectors.ts";

export const equal = primitive({
  name: "Equal",
  glyph: "=",
  rank: 2,
  category: "logic",
  wire: [102, 8],
  run: (session, x, y) => {
    // Two longs, the commonest case of all: a bigint compares with a number as it should.
    if (x.type === -7 && y.type === -7) return (x as Atom).value === (y as Atom).value ? TRUE : FALSE;
    return applyBinary(equalOp, session, x, y);
  },
});
