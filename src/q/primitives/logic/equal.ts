/** x=y: 1b where the items are equal. Atomic; tolerant of the last bits of floats. */

import { equalOp, tolerantlyEqual } from "#values/comparing.ts";
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
    if (x.type === -9 && y.type === -9) {
      return tolerantlyEqual((x as Atom).value as number, (y as Atom).value as number) ? TRUE : FALSE;
    }
    // Chars and symbols.
    if (x.type === y.type && (x.type === -10 || x.type === -11))
      return (x as Atom).value === (y as Atom).value ? TRUE : FALSE;
    return applyBinary(equalOp, session, x, y);
  },
});
