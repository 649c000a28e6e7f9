// The ways a value becomes text, for whoever is not in this room: the console, -3! and 0N!, .Q.s and .Q.s1, string.

import { T } from "#values/datatypes.ts";
import type { Atom, Value } from "#values/values.ts";
import { enumerationValues } from "./domains.ts";
import { blankTextOf } from "./elements.ts";
import { formatLines } from "./console.ts";
import { type FormatSession, sourceText } from "./source.ts";

export { formatConsole, formatLines, isIdentity } from "./console.ts";
export { blankTextOf, blankTextsOf, elementTextOf, floatText } from "./elements.ts";
export { escaped, type FormatSession, sourceText } from "./source.ts";

/** -3!x and .Q.s1 x. */
export const format1 = (session: FormatSession, v: Value): string => sourceText(session, v);

/** .Q.s x: the console's lines as one text. */
export const formatText = (session: FormatSession, v: Value): string =>
  formatLines(session, v)
    .map((line) => `${line}\n`)
    .join("");

/** An atom as `string` gives it: no suffix, no quotes, nulls blank. */
export function atomText(session: FormatSession, v: Atom): string {
  if (-v.type >= T.enum) {
    const value = enumerationValues(session, v);
    return value !== undefined && value.kind === "atom" ? atomText(session, value) : String(v.value);
  }
  return blankTextOf(-v.type)(v.value, session.settings.precision);
}
