// One activation of a lambda, or of a statement at the top level.

import type { Lambda, Value } from "#values/values.ts";

export class Frame {
  /** Offset of the verb being applied, in the source of the lambda or statement: for the caret of an error. */
  position = 0;
  /** Set by `:x`; the statements around it stop. */
  result: Value | undefined = undefined;
  constructor(
    readonly locals: (Value | undefined)[],
    readonly lambda: Lambda | undefined,
    /** Whose code called: the q stack. */
    readonly parent: Frame | undefined = undefined,
    /** What was typed or sent, at the top level. */
    readonly text = "",
  ) {}
}

/** A piece of compiled q. Values it returns are borrowed from a variable, a constant or the pool. */
export type Code = (frame: Frame) => Value;

/** Thrown by a `:x` that stands inside an expression; the usual ones travel as Frame.result. */
export const RETURN = { return: true };
