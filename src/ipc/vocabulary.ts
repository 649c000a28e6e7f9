// What the wire must be told from outside: which values stand behind the codes of functions (the session's own words),
// and what the domains of enumerations hold.

import type { WireWords } from "#values/session.ts";
import type { Value } from "#values/values.ts";

export type Vocabulary = WireWords;

/** The variable behind an enumeration's domain, when there is one: a symbol vector, or a keyed table. */
export type DomainOf = (name: string) => Value | undefined;
