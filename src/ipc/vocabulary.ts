// What the wire must be told about functions: which value stands behind a code, and how a projection is made. `eval`
// hands in the real one; functions received are only named here, never run.

import type { Value } from "#values/values.ts";

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
