// (f;x) fby g inside a subphrase: for an aggregate known by name all groups are done at once. Any other f is the
// keyword's own business.

import { signal } from "#values/signals.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { AGGREGATES, aggregateGroups, expand } from "./aggregates.ts";
import { groupRows } from "./groups.ts";

/** undefined: not one that can be done here. */
export function fastFby(session: Session, f: Value, x: Value, by: Value): Value | undefined {
  if (f.kind !== "primitive" || !AGGREGATES.has(f.row.name) || x.kind !== "vector" || by.kind !== "vector") {
    return undefined;
  }
  if (by.count !== x.count) throw signal("length", "fby groups as many items as it aggregates");
  const groups = groupRows(session, [by], by.count);
  const values = aggregateGroups(f.row.name, [x], groups);
  return values?.kind === "vector" ? expand(values, groups) : undefined;
}
