// What an enumeration's indices stand for. The domain is a global: a list of symbols, a keyed table whose key column
// the enumeration points into (a foreign key), or a table whose rows it numbers (a link). Making enumerations is `$`
// and `?`; this only looks through them.

import { T } from "./datatypes.ts";
import { pick, positions, positionsFrom } from "./picking.ts";
import type { Session } from "./session.ts";
import { userSignal } from "./signals.ts";
import { type Value, Vector } from "./values.ts";
import { columnAt, countOf, itemAt, newVector, rowCount, setLongElement } from "./vectors.ts";

export const isEnumType = (type: number): boolean => {
  const t = type < 0 ? -type : type;
  return t >= T.enum && t < T.anymap;
};

/** The list that an enumeration of this domain indexes: a symbol list, or the key column of a keyed table. */
export function enumDomain(session: Session, domain: string): Value {
  const d = session.read(domain);
  if (d === undefined) throw userSignal(domain, "the domain of an enumeration is gone");
  if (d.kind === "dict" && d.keys.kind === "table")
    return d.keys.names.length === 1 ? columnAt(d.keys, 0) : rowNumbers(rowCount(d.keys));
  // A link points at rows of a table, as a foreign key of several columns does, and its values are their numbers.
  if (d.kind === "table") return rowNumbers(rowCount(d));
  return d;
}

function rowNumbers(count: number): Vector {
  const v = newVector(T.long, count);
  for (let i = 0; i < count; i++) setLongElement(v.at, i, i);
  return v;
}

/** An enumeration's indices as longs that share its bytes; borrowed for as long as the enumeration lives. */
export const enumIndices = (v: Vector): Vector => new Vector(T.long, 0, v.count, v.at, 0);

/** An enumeration's symbols (or key values); anything else as it is. */
export function unenumerate(session: Session, v: Value): Value {
  if (!isEnumType(v.type)) return v;
  if (v.kind === "vector") {
    const domain = enumDomain(session, v.domain!);
    return unenumerate(session, pick(domain, positionsFrom(enumIndices(v), countOf(domain))));
  }
  if (v.kind !== "atom") return v;
  const domain = enumDomain(session, v.domain!);
  const i = typeof v.value === "number" ? v.value : -1;
  return unenumerate(session, itemAt(pick(domain, positions([i])), 0));
}
