/** x ema y: exponential moving average; each result is x of the item and 1-x of the result before. */

import { convertAtom, convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { poke, scratchAt } from "#values/iterate.ts";
import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import { numbersOnly } from "./avg.ts";
import { moving } from "./sum.ts";

export const ema = binary({
  name: "ema",
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) =>
    moving(session, "ema", y, (v: Vector) => {
      numbersOnly("ema", v.type);
      if (x.kind !== "atom" && x.kind !== "vector")
        throw signal("type", "ema's smoothing is a number, or one for each item");
      if (x.kind === "vector" && x.count !== v.count)
        throw signal("length", `ema: ${x.count} smoothings, ${v.count} items`);
      const values = convertVector(v, T.float);
      const result = newVector(T.float, v.count);
      let at = scratchAt(0);
      if (x.kind === "vector") at = convertVector(x, T.float).at;
      else poke(T.float, at, convertAtom(x, T.float).value);
      kernels.get("ema_f")(at, x.kind === "atom" ? 1 : 0, values.at, v.count, result.at);
      return result;
    }),
});
