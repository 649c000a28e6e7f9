// What an enumeration's indices stand for: its domain is looked up by name when it is shown, never before. Unlike
// values/search.ts, nothing here signals: what cannot be resolved is still printed, as `name!indices.

import type { Session } from "#values/session.ts";
import type { Atom, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, elementAt, gather, itemAt, nullOf } from "#values/vectors.ts";

export type Names = Pick<Session, "read" | "context">;

/** The list that an enumeration's indices point into: a symbol list, or the first key column of a keyed table. */
function domainOf(session: Names, name: string): Value | undefined {
  const variable = session.read(name.startsWith(".") || session.context === "" ? name : `..${name}`);
  if (variable === undefined) return undefined;
  if (variable.kind === "dict" && variable.keys.kind === "table")
    return variable.keys.names.length === 1 ? columnAt(variable.keys, 0) : undefined;
  // A link (t!indices) stands for rows: it is shown as it is.
  return variable.kind === "vector" || variable.kind === "list" ? variable : undefined;
}

/** The first `count` values of an enumeration, or the value of an atom; undefined when the domain is not there. */
export function enumerationValues(session: Names, v: Atom | Vector, count = 1): Value | undefined {
  const domain = domainOf(session, v.domain ?? "");
  if (domain === undefined) return undefined;
  const size = countOf(domain);
  const pick = (i: number | bigint): Value =>
    typeof i === "number" && i >= 0 && i < size
      ? itemAt(domain, i)
      : nullOf(domain.type, domain.kind === "vector" ? domain.domain : undefined);
  if (v.kind === "atom") return pick(v.value as number | bigint);
  const items: Value[] = [];
  for (let i = 0; i < v.count && i < count; i++) items.push(pick(elementAt(v, i) as number | bigint));
  return gather(items);
}
