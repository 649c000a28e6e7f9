/** asc x: x in ascending order, marked sorted. iasc x: the positions that do it. Stable. */

import { own, release, retain } from "#values/ownership.ts";
import { pick } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { grade, gradeLongs, isSorted, sortedVector } from "#values/sorting.ts";
import { type Dict, List, type Value, Vector } from "#values/values.ts";
import { columnAt, dict, table } from "#values/vectors.ts";

/** The same items with an attribute, sharing the bytes: the argument itself stays as it was. */
function marked(x: Value, attribute: 1 | 3): Value {
  if (x.kind === "vector") {
    if (x.attribute === attribute) return x;
    retain(x);
    return own(new Vector(x.type, attribute, x.count, x.at, 0, { release: () => release(x) }, x.domain));
  }
  if (x.kind !== "list" || attribute !== 1) return x;
  for (const item of x.items) retain(item);
  const result = own(new List([...x.items]));
  result.attribute = attribute;
  return result;
}

/** Grade of what may be sorted: a keyed table goes by its value columns, any dictionary by its values. */
export const gradeOf = (session: Session, x: Value, descending: boolean): Vector => {
  if (x.kind === "atom") throw signal("rank", "an atom has no order");
  return grade(session, x, descending);
};

export const sortedBy = (x: Value, order: Vector): Value =>
  x.kind === "dict" ? dict(pick(x.keys, order), pick(x.values, order)) : pick(x, order);

function ascending(session: Session, x: Value): Value {
  if (x.kind === "vector" || x.kind === "list") {
    if (x.attribute === 1) return x;
    if (isSorted(session, x)) {
      // The reference: a list that is in order already is itself marked, and whoever else holds it sees that.
      x.attribute = 1;
      return x;
    }
  }
  if (x.kind === "vector") {
    const quick = sortedVector(x, false);
    if (quick !== undefined) {
      quick.attribute = 1;
      return quick;
    }
  }
  const sorted = sortedBy(x, gradeOf(session, x, false));
  if (sorted.kind === "dict" && sorted.values.kind === "table") return dict(sorted.keys, markFirst(sorted.values));
  if (sorted.kind === "table") return markFirst(sorted);
  return sorted.kind === "dict" ? sorted : marked(sorted, 1);
}
/** A table's first column is sorted; with others behind it, it is marked parted. */
function markFirst(t: Value): Value {
  if (t.kind !== "table" || t.names.length === 0) return t;
  return table(
    t.names,
    t.names.map((_, c) => (c === 0 ? marked(columnAt(t, 0), t.names.length === 1 ? 1 : 3) : columnAt(t, c))),
  );
}

export const asc = unary({ name: "asc", category: "sort", shownType: 100, run: ascending });

/** Positions as q shows them; a dictionary is graded to its keys. */
export function graded(session: Session, x: Value, descending: boolean): Value {
  if (x.kind === "dict") return pick((x as Dict).keys, gradeOf(session, x, descending));
  if (x.kind === "atom") throw signal("rank", "an atom has no order");
  return gradeLongs(session, x, descending);
}
export const iasc = unary({
  name: "iasc",
  category: "sort",
  wire: [101, 9],
  shown: "<:",
  run: (session, x) => graded(session, x, false),
});
