// The closed tables of the wire: which code a unary, operator or iterator travels under (formats.md §11). Names are
// those q itself uses, so that a vocabulary can be asked for them. Knows no bytes and no values.

import type { PrimitiveRow } from "#values/values.ts";

/** Type 101 by code. Glyph names are given as the keyword that is the same function; 41 is enlist a second time. */
export const UNARY_NAMES: readonly string[] = [
  "::", "flip", "neg", "first", "reciprocal", "where", "reverse", "null", "group", "iasc", "idesc", "string", "enlist", "count",
  "floor", "not", "key", "distinct", "type", "value", "read0", "read1", "2::", "avg", "last", "sum", "prd", "min", "max", "exit",
  "getenv", "abs", "sqrt", "log", "exp", "sin", "asin", "cos", "acos", "tan", "atan", "enlist", "var", "dev", "hopen",
]; // biome-ignore format: a table

/** Type 102 by code. */
export const BINARY_NAMES: readonly string[] = [
  ":", "+", "-", "*", "%", "&", "|", "^", "=", "<", ">", "$", ",", "#", "_", "~", "!", "?", "@", ".", "0:", "1:", "2:", "in",
  "within", "like", "bin", "ss", "insert", "wsum", "wavg", "div", "xexp", "setenv", "binr", "cov", "cor",
]; // biome-ignore format: a table

/** Keywords that are another name of an operator. */
const SAME_AS: Readonly<Record<string, string>> = { and: "&", or: "|" };

const unaryCodes = new Map(UNARY_NAMES.map((name, code) => [name, code] as const).reverse());
const binaryCodes = new Map(BINARY_NAMES.map((name, code) => [name, code] as const));

/** [type byte, code] of a vocabulary row; undefined: it has none and travels as text. */
export function codeOf(row: PrimitiveRow): readonly [number, number] | undefined {
  if (row.wire !== undefined) return row.wire;
  const name = SAME_AS[row.name] ?? row.name;
  const binary = (row.glyph === undefined ? undefined : binaryCodes.get(row.glyph)) ?? binaryCodes.get(name);
  if (binary !== undefined) return [102, binary];
  const unary = unaryCodes.get(name);
  return unary === undefined ? undefined : [101, unary];
}

/** The operator code of a glyph (`,` is 12); undefined when it is none. */
export const codeOfGlyph = (glyph: string): number | undefined => binaryCodes.get(glyph);
