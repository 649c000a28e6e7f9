// x sv y: scalars from vectors (ref/sv.md) — texts, bytes, symbols and paths joined, and digits, bytes or bits made into
// one number.

import { datatypeOf, T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8, U32 } from "#values/storage.ts";
import type { Atom, Value, Vector } from "#values/values.ts";
import {
  atom,
  canonicalLong,
  countOf,
  elementAt,
  isList,
  itemAt,
  itemsOf,
  newVector,
  symbol,
  symbolTexts,
  textOf,
} from "#values/vectors.ts";

type Overload = readonly [fits: (x: Value, y: Value) => boolean, run: (session: Session, x: Value, y: Value) => Value];

const isText = (v: Value): boolean => v.type === T.char || v.type === -T.char;
const isByteText = (v: Value): boolean => v.type === T.byte || v.type === -T.byte;
const isListOf = (y: Value, item: (v: Value) => boolean): boolean => y.kind === "list" && y.items.every(item);
const isTexts = (y: Value): boolean =>
  isText(y) || (y.kind === "list" && y.packed !== undefined) || isListOf(y, isText);

const overloads: readonly Overload[] = [
  [(x) => x.type === -T.symbol, byNull],
  [(x, y) => isText(x) && isTexts(y), (_, x, y) => joinTexts(textOf(x), y, false)],
  [
    (x, y) => isByteText(x) && y.kind === "list" && y.items.length > 0 && isListOf(y, isByteText),
    (_, x, y) => joinBytes(x, y),
  ],
  [(x, y) => x.type === -T.byte && (x as Atom).value === 0 && y.type === T.byte, (_, _x, y) => fromBytes(y as Vector)],
  [(x, y) => x.type === -T.boolean && y.type === T.boolean, (_, _x, y) => fromBits(y as Vector)],
  [(x, y) => isNumeric(x) && isList(y), decode],
];
const isNumeric = (v: Value): boolean => datatypeOf(v.type)?.numeric === true;

export const sv = binary({
  name: "sv",
  category: "text",
  infix: true,
  run: (session, x, y) => {
    for (const [fits, run] of overloads) if (fits(x, y)) return run(session, x, y);
    throw signal("type", "sv joins texts, symbols and bytes, and decodes digits");
  },
});

/** ` sv y: lines into a text, symbols into a dotted name, or into a path when the first is a file handle. */
function byNull(session: Session, x: Value, y: Value): Value {
  if ((x as Atom).value !== "") throw signal("type", "a symbol to join with is the null symbol");
  if (isEnumType(y.type)) return byNull(session, x, unenumerate(session, y));
  if (y.type === -T.symbol) return y;
  if (y.type === T.symbol) {
    const texts = symbolTexts(y);
    return symbol(texts.join(texts[0]!.startsWith(":") ? "/" : "."));
  }
  if (isTexts(y)) return joinTexts("\n", y, true);
  throw signal("type", "the null symbol joins strings or symbols");
}

/** Texts with a delimiter between them, or behind each. Bytes are copied from where they stand. */
function joinTexts(delimiter: string, y: Value, behind: boolean): Value {
  const count = countOf(y);
  const packed = y.kind === "list" ? y.packed : undefined;
  const items = packed === undefined ? itemsOf(y) : [];
  const length =
    packed === undefined
      ? items.reduce((sum, item) => sum + (item.kind === "vector" ? item.count : 1), 0)
      : packed.bytes.count;
  const delimiters = behind ? count : Math.max(0, count - 1);
  const result = newVector(T.char, length + delimiters * delimiter.length);
  let at = result.at;
  const copy = (from: number, bytes: number): void => {
    if (bytes < 128) for (let i = 0; i < bytes; i++) U8[at + i] = U8[from + i]!;
    else U8.copyWithin(at, from, from + bytes);
    at += bytes;
  };
  for (let i = 0; i < count; i++) {
    if (packed !== undefined) {
      const ends = packed.offsets.at / 4 + i;
      copy(packed.bytes.at + U32[ends]!, U32[ends + 1]! - U32[ends]!);
    } else {
      const item = items[i]!;
      if (item.kind === "vector") copy(item.at, item.count);
      else U8[at++] = (item as Atom).value as number;
    }
    if (behind || i < count - 1) for (let k = 0; k < delimiter.length; k++) U8[at++] = delimiter.charCodeAt(k);
  }
  return result;
}

const bytesIn = (v: Value): number[] =>
  v.kind === "atom"
    ? [v.value as number]
    : Array.from({ length: (v as Vector).count }, (_, i) => U8[(v as Vector).at + i]!);
function joinBytes(x: Value, y: Value): Value {
  const delimiter = bytesIn(x);
  const bytes = itemsOf(y).flatMap((item, i) => (i === 0 ? bytesIn(item) : [...delimiter, ...bytesIn(item)]));
  const result = newVector(T.byte, bytes.length);
  U8.set(bytes, result.at);
  return result;
}

// ---- numbers -----------------------------------------------------------------------------------------------------------
const BY_WIDTH: Record<number, number> = { 1: T.byte, 2: T.short, 4: T.int, 8: T.long, 16: T.guid };
/** Bytes, most significant first. */
function fromBytes(y: Vector): Value {
  const type = BY_WIDTH[y.count];
  if (type === undefined) throw signal("length", "2, 4, 8 or 16 bytes make a value");
  const v = newVector(type, 1);
  for (let i = 0; i < y.count; i++) U8[v.at + i] = U8[y.at + (type === T.guid ? i : y.count - 1 - i)]!;
  return itemAt(v, 0);
}
function fromBits(y: Vector): Value {
  if (y.count % 8 !== 0 || BY_WIDTH[y.count / 8] === undefined)
    throw signal("length", "8, 16, 32, 64 or 128 bits make a value");
  const bytes = newVector(T.byte, y.count / 8);
  for (let i = 0; i < bytes.count; i++) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte = byte * 2 + U8[y.at + i * 8 + bit]!;
    U8[bytes.at + i] = byte;
  }
  return fromBytes(bytes);
}

/** Digits to a number, most significant first; a list of bases gives each place its own, the first of which is not used. */
function decode(session: Session, x: Value, y: Value): Value {
  const count = countOf(y);
  if (x.kind !== "atom" && countOf(x) !== count) throw signal("length", `${countOf(x)} bases for ${count} digits`);
  if (isInteger(x) && isInteger(y) && y.kind === "vector") return decodeIntegers(x, y);
  if (count === 0) return atom(T.long, 0);
  const times = session.primitive("*");
  const plus = session.primitive("+");
  let total = itemAt(y, 0);
  for (let i = 1; i < count; i++) {
    total = session.apply2(plus, session.apply2(times, total, x.kind === "atom" ? x : itemAt(x, i)), itemAt(y, i));
  }
  return total;
}
const isInteger = (v: Value): boolean =>
  Math.abs(v.type) <= T.long && Math.abs(v.type) >= T.boolean && Math.abs(v.type) !== T.guid;

function decodeIntegers(x: Value, y: Vector): Value {
  let total = 0n;
  for (let i = 0; i < y.count; i++) {
    const base = x.kind === "atom" ? x.value : elementAt(x as Vector, i);
    total = (i === 0 ? 0n : total * BigInt(base as number)) + BigInt(elementAt(y, i) as number);
  }
  const isInt = Math.max(Math.abs(x.type), y.type) < T.long && Math.abs(x.type) !== T.byte;
  return isInt ? atom(T.int, Number(BigInt.asIntN(32, total))) : atom(T.long, canonicalLong(total));
}
