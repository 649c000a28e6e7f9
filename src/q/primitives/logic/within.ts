/** x within y: 1b where x lies between the two items of y, both included. Takes the shape of x. */

import { atLeastOp, comparedAs, upToOp } from "#values/comparing.ts";
import { convertVector } from "#values/convert.ts";
import { T } from "#values/datatypes.ts";
import { applyBinary, KERNEL_MINIMUM, kernelLetter, kernelNamed, bound } from "#values/iterate.ts";
import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { countOf, itemAt, newVector } from "#values/vectors.ts";
import { lesserOp } from "./lesser.ts";

export function isWithin(session: Session, x: Value, y: Value): Value {
  if (y.kind === "atom" || countOf(y) !== 2) throw signal("length", "within wants a pair of bounds");
  if (x.kind === "vector" && y.kind === "vector" && x.count >= KERNEL_MINIMUM && x.type < T.enum && y.type < T.enum) {
    const type = comparedAs(x.type, y.type);
    const kernel = type === undefined || type === T.symbol ? undefined : kernelNamed(`within_${kernelLetter(type)}`);
    if (kernel !== undefined) {
      const result = newVector(T.boolean, x.count);
      bound(kernel)(convertVector(x, type!).at, x.count, convertVector(y, type!).at, result.at);
      return result;
    }
  }
  const low = applyBinary(atLeastOp, session, x, itemAt(y, 0));
  const high = applyBinary(upToOp, session, x, itemAt(y, 1));
  return applyBinary(lesserOp, session, low, high);
}
export const within = binary({ name: "within", category: "logic", infix: true, wire: [102, 24], run: isWithin });
