/** x mcount y: how many of the last x items are not null. */

import { convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { applyUnary, kernelLetter } from "#values/iterate.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { I32 } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import { notOp } from "../logic/not.ts";
import { nullOp } from "../logic/null.ts";
import { moving, movingKernel, windowOf } from "./sum.ts";

function vectorMcount(session: Session, window: number, y: Vector): Vector {
  if (window <= 0) {
    const result = newVector(T.int, y.count);
    I32.fill(0, result.at / 4, result.at / 4 + y.count);
    return result;
  }
  const letter = kernelLetter(y.type);
  if (letter !== "x" && letter !== "s" && letter !== "g") return movingKernel("mcount", window, y, y.type, T.int);
  // Where null is no number of its own (chars, symbols, guids) the flags are added up.
  const present = applyUnary(notOp, session, applyUnary(nullOp, session, y)) as Vector;
  return movingKernel("msum", window, convertVector(present, T.int), T.int, T.int);
}
export const mcount = binary({
  name: "mcount",
  category: "math",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    const window = windowOf("mcount", x);
    return moving(session, "mcount", y, (v) => vectorMcount(session, window, v));
  },
});
