// What the parser must be told about the words of the language: it knows the grammar, eval knows the vocabulary.

import type { Value } from "#values/values.ts";

export interface Vocabulary {
  /** `+` `::` `0:` … as a value. */
  operator(glyph: string): Value | undefined;
  /** The k unary form of a glyph, `#:` (count) for `#`: what `(#)x` and `#:x` mean. */
  unaryForm(glyph: string): Value | undefined;
  /** A keyword's value; undefined for ordinary names. */
  keyword(name: string): Value | undefined;
  isInfix(name: string): boolean;
  iterator(code: number): Value;
  /** The general null `::`. */
  readonly nil: Value;
  /** The hole in `f[;x]`. */
  readonly elided: Value;
}
