// The glyph $ with two arguments: Cast, Tok, Pad, Enumerate, matrix multiply. The first row of the table that fits wins.
// (With three and more arguments it is Cond, which the parser knows.)

import { datatypeByLetter, datatypeByName, T } from "#values/datatypes.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Atom, Value } from "#values/values.ts";
import { countOf, gather, integerOf, isList, itemAt } from "#values/vectors.ts";
import { cast, isPartName, partOf } from "./cast.ts";
import { enumerate } from "./enumerate.ts";
import { pad } from "./pad.ts";
import { tok } from "./tok.ts";

type Overload = readonly [fits: (x: Value, y: Value) => boolean, run: (session: Session, x: Value, y: Value) => Value];

const isFloats = (v: Value): boolean =>
  v.type === T.float ||
  (v.kind === "list" && v.packed === undefined && v.items.length > 0 && v.items.every((row) => row.type === T.float));
/** Something padding can reach: strings, however deep. */
function isTextual(y: Value): boolean {
  switch (y.kind) {
    case "list":
      return y.packed !== undefined || y.items.every(isTextual);
    case "dict":
      return isTextual(y.values);
    case "table":
      return true;
    default:
      return y.type === T.char || y.type === -T.char;
  }
}

const overloads: readonly Overload[] = [
  [(x, y) => isFloats(x) && isFloats(y), (session, x, y) => session.apply2(session.primitive("mmu"), x, y)],
  [(x) => x.type === -T.symbol, (session, x, y) => bySymbol(session, (x as Atom).value as string, y)],
  [
    (x) => x.type === -T.char,
    (session, x, y) => byLetter(session, String.fromCharCode((x as Atom).value as number), y),
  ],
  [(x) => x.type === -T.short, (session, x, y) => byNumber(session, (x as Atom).value as number, y)],
  [(x, y) => (x.type === -T.long || x.type === -T.int) && isTextual(y), (_, x, y) => pad(integerOf(x), y)],
  [(x) => isList(x), eachType],
];

export const dollar = primitive({
  name: "Cast",
  glyph: "$",
  rank: 2,
  category: "text",
  wire: [102, 11],
  run: (session, x, y) => {
    for (const [fits, run] of overloads) if (fits(x, y)) return run(session, x, y);
    throw signal("type", "$ has no meaning for these");
  },
});

function bySymbol(session: Session, name: string, y: Value): Value {
  if (name === "") return toSymbols(session, y);
  const datatype = datatypeByName(name);
  if (datatype !== undefined) return cast(session, datatype.number, y);
  if (isPartName(name)) return partOf(session, name, y);
  return enumerate(session, name, y);
}
/** `$y: strings to symbols; an enumeration back to symbols. */
function toSymbols(session: Session, y: Value): Value {
  return y.type >= T.enum || y.type <= -T.enum ? cast(session, T.symbol, y) : tok(session, T.symbol, y);
}

function byLetter(session: Session, letter: string, y: Value): Value {
  if (letter === "*") return y;
  const datatype = datatypeByLetter(letter.toLowerCase());
  if (datatype === undefined) throw signal("type", `no type has the letter ${letter}`);
  return letter < "a" ? tok(session, datatype.number, y) : cast(session, datatype.number, y);
}

function byNumber(session: Session, number: number, y: Value): Value {
  if (number === 0) return y;
  const type = Math.abs(number);
  if (type > T.time || type === 3) throw signal("type", `no type has the number ${number}`);
  return number < 0 ? tok(session, type, y) : cast(session, type, y);
}

/** A list of types meets y item by item; an atom or a string on the right meets them all. */
function eachType(session: Session, x: Value, y: Value): Value {
  const count = countOf(x);
  const whole = !isList(y) || y.type === T.char;
  if (!whole && countOf(y) !== count) throw signal("length", `${count} types for ${countOf(y)} values`);
  if (y.type === T.char && countOf(y) !== count && x.type === T.char)
    throw signal("length", `${count} letters for one string`);
  const items: Value[] = [];
  for (let i = 0; i < count; i++) items.push(dollar.run(session, itemAt(x, i), whole ? y : itemAt(y, i)));
  return gather(items);
}
