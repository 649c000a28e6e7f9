// What the wire must be told about functions: which value stands behind a code, and how a projection is made. `eval`
// hands in the real one; functions received are only named here, never run.

import { own } from "#values/ownership.ts";
import type { Session } from "#values/session.ts";
import { Iterator, type List, type Value } from "#values/values.ts";
import { BINARY_NAMES, UNARY_NAMES } from "./codes.ts";

export interface Vocabulary {
  /** The value of type 101 under this code (codes.ts names them); undefined: no such function here. */
  unary(code: number): Value | undefined;
  /** The value of type 102 under this code. */
  binary(code: number): Value | undefined;
  /** The value of type 103 under this code, 0 to 5. */
  iterator(code: number): Value | undefined;
  /** A projection; `given` has undefined where an argument is missing. Only eval knows the function's rank. */
  project(f: Value, given: readonly (Value | undefined)[]): Value;
}

/** The variable behind an enumeration's domain, when there is one: a symbol vector, or a keyed table. */
export type DomainOf = (name: string) => Value | undefined;

/** The vocabulary of a session: its own words under their codes, and its own way to make projections. */
export function vocabularyOf(session: Session): Vocabulary {
  const named =
    (names: readonly string[]) =>
    (code: number): Value | undefined => {
      const name = names[code];
      return name === undefined ? undefined : session.primitive(name);
    };
  let elided: Value | undefined;
  return {
    unary: named(UNARY_NAMES),
    binary: named(BINARY_NAMES),
    iterator: (code) => (code > 5 ? undefined : own(new Iterator(code as 0 | 1 | 2 | 3 | 4 | 5))),
    project: (f, given) => {
      // The value that stands for a missing argument is eval's own; the parser hands one out.
      elided ??= (session.parse("f[;0]") as List).items[1]!;
      return session.apply(
        f,
        given.map((argument) => argument ?? elided!),
      );
    },
  };
}
