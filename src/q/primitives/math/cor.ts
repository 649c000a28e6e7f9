/** x cor y: Pearson's correlation, over the pairs without a null. */

import { binary } from "#values/primitive.ts";
import { pairStatistic } from "./cov.ts";

export const cor = binary({
  name: "cor",
  category: "math",
  infix: true,
  wire: [102, 36],
  run: (session, x, y) =>
    pairStatistic(session, "cor", x, y, ({ xy, squares }) => {
      const { xx, yy } = squares();
      const r = xy / Math.sqrt(xx * yy);
      // Rounding must not carry it past 1.
      return r > 1 ? 1 : Math.max(r, -1);
    }),
});
