/** x in y: whether x, or each item of x, is an item of y. The right argument decides what an item is, as in Find. */

import { T } from "#values/datatypes.ts";
import { find } from "#values/find.ts";
import { binary } from "#values/primitive.ts";
import { membersOf } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { I32, U8 } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { boolean, countOf, dict, gather, itemAt, itemsOf, newVector } from "#values/vectors.ts";

export function isIn(session: Session, x: Value, y: Value): Value {
  // Unlike Equal it knows no tolerance (basics/precision.md).
  if (y.kind === "atom" && (y.type === -T.float || y.type === -T.real) && (x.type === y.type || x.type === -y.type))
    return isIn(session, x, gather([y]));
  if (y.kind === "atom") return session.apply2(session.primitive("="), x, y);
  if (y.kind === "dict" && y.keys.kind !== "table") return isIn(session, x, y.values);
  if (y.kind === "vector") {
    if (x.kind === "vector") {
      // One item to compare with: Equal takes more types than Find.
      if (y.count === 1 && x.type !== y.type) return session.apply2(session.primitive("="), x, itemAt(y, 0));
      return membersOf(session, y, x);
    }
    if (x.kind === "list") return gather(x.items.map((item) => isIn(session, item, y)));
  }
  if (x.kind === "dict" && y.kind !== "table") return dict(x.keys, isIn(session, x.values, y));
  const count = countOf(y);
  const found = find(session, y, x);
  return found.kind === "atom" ? boolean(Number(found.value) < count) : belowCount(found, count);
}
function belowCount(found: Value, count: number): Value {
  if (found.kind === "atom") return boolean(Number(found.value) < count);
  if (found.kind === "vector") {
    const b = newVector(T.boolean, found.count);
    for (let i = 0; i < found.count; i++) U8[b.at + i] = I32[found.at / 4 + 2 * i]! < count ? 1 : 0;
    return b;
  }
  return gather(itemsOf(found).map((item) => belowCount(item, count)));
}

export const inKeyword = binary({ name: "in", category: "list", infix: true, wire: [102, 23], run: isIn });
