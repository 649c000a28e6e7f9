// How the names that perq brings along (.Q.s, .h.hy, .j.k …) are declared: functions as primitive rows, functions
// written in q, and constants. A value is made when its name is first read, for every connection pays for its start.

import { retain } from "#values/ownership.ts";
import { primitive, primitiveValue } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { PrimitiveRow, Run, Value } from "#values/values.ts";

export type Entry =
  | { readonly row: PrimitiveRow }
  | { readonly q: string }
  | { readonly value: (session: Session) => Value };
/** Entries by their names, without the namespace's. */
export type Namespace = Readonly<Record<string, Entry>>;

/** A function of one rank, or of several. */
export function native(name: string, rank: number | readonly number[], run: Run): Entry {
  return { row: primitive({ name, rank, category: "interpret", shownType: 100, shown: name, run }) };
}

/** Reads `.Q.s` and its like from namespaces by prefix; what has been read once is kept. */
export function namespaceReader(
  session: () => Session,
  namespaces: Readonly<Record<string, Namespace>>,
): (name: string) => Value | undefined {
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const dot = name.lastIndexOf(".");
    if (dot <= 0) return undefined;
    const namespace = namespaces[name.slice(0, dot)];
    const key = name.slice(dot + 1);
    if (namespace === undefined || !Object.hasOwn(namespace, key)) return undefined;
    const value = make(session(), namespace[key]!);
    retain(value);
    made.set(name, value);
    return value;
  };
}

function make(session: Session, entry: Entry): Value {
  if ("row" in entry) return primitiveValue(entry.row);
  if ("value" in entry) return entry.value(session);
  // Its own names are absolute, so it means the same wherever it is first used; but lambdas remember where they were made.
  const context = session.context;
  session.context = "";
  try {
    return session.execute(entry.q);
  } finally {
    session.context = context;
  }
}
