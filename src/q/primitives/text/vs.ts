// x vs y: vectors from scalars (ref/vs.md) — texts and bytes cut at a delimiter, symbols at their dots, and numbers
// written in bits, in bytes or in digits of any base.

import { Pack, WORTH_PACKING } from "#format/packing.ts";
import { datatypeOf, LONG_NULL, T } from "#values/datatypes.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Atom, AtomValue, Value, Vector } from "#values/values.ts";
import {
  booleans,
  gather,
  isList,
  itemAt,
  itemsOf,
  list,
  newVector,
  setElement,
  string,
  symbols,
  textOf,
  vectorOf,
} from "#values/vectors.ts";
import { listOf } from "./walking.ts";

type Overload = readonly [fits: (x: Value, y: Value) => boolean, run: (session: Session, x: Value, y: Value) => Value];

const isText = (v: Value): boolean => v.type === T.char || v.type === -T.char;
const isBytes = (v: Value): v is Vector => v.type === T.byte;
const isByteAtom = (v: Value): v is Atom => v.type === -T.byte;
const INTEGERS = [T.byte, T.short, T.int, T.long, T.boolean] as number[];
const isInteger = (v: Value): boolean => INTEGERS.includes(Math.abs(v.type));

const overloads: readonly Overload[] = [
  [(x) => x.type === -T.symbol, (_, x, y) => byNull((x as Atom).value as string, y)],
  [(x, y) => isText(x) && (y.type === T.char || y.type === -T.char || isBytes(y)), (_, x, y) => cutText(textOf(x), y)],
  [(x, y) => (isBytes(x) || isByteAtom(x)) && isBytes(y), (_, x, y) => cutBytes(bytesOf(x), y as Vector)],
  [(x, y) => x.type === -T.boolean && y.kind === "atom", (_, _x, y) => bitsOf(y as Atom)],
  [(x, y) => isByteAtom(x) && x.value === 0 && y.kind === "atom", (_, _x, y) => bytesOfAtom(y as Atom)],
  [(x, y) => (isByteAtom(x) || x.type === -T.boolean) && isList(y) && datatypeOf(y.type) !== undefined, eachColumn],
  [(x, y) => isInteger(x) && isNumbers(y), (_, x, y) => encode(x, y)],
];
const isNumbers = (v: Value): boolean => isInteger(v) || (v.kind === "list" && v.items.every(isNumbers));

export const vs = binary({
  name: "vs",
  category: "text",
  infix: true,
  run: (session, x, y) => {
    for (const [fits, run] of overloads) if (fits(x, y)) return run(session, x, y);
    throw signal("type", "vs cuts texts, symbols and bytes, and encodes numbers");
  },
});

// ---- cutting -----------------------------------------------------------------------------------------------------------
/** ` vs y: lines of a text or of bytes, the parts of a symbol or of a path. */
function byNull(name: string, y: Value): Value {
  if (name !== "") throw signal("type", "a symbol to cut at is the null symbol");
  if (y.type === T.char || y.type === -T.char || isBytes(y)) return lines(y as Vector);
  if (y.type !== -T.symbol) throw signal("type", "the null symbol cuts texts and symbols");
  const text = (y as Atom).value as string;
  if (text.startsWith(":")) {
    const slash = text.lastIndexOf("/");
    return slash < 0 ? symbols([":", text.slice(1)]) : symbols([text.slice(0, slash), text.slice(slash + 1)]);
  }
  return symbols(text.split("."));
}

/** At \n or \r\n; a last line end ends a line and does not begin one. */
function lines(y: Vector | Atom): Value {
  if (y.kind === "atom") return list([string(textOf(y))]);
  const cuts: number[] = [];
  const end = y.at + y.count;
  let start = y.at;
  for (let at = start; at <= end; at++) {
    if (at < end ? U8[at] !== 10 : start === end) continue;
    cuts.push(start, at > start && at < end && U8[at - 1] === 13 ? at - 1 : at);
    start = at + 1;
  }
  return pieces(cuts, T.char);
}

/** A list of what stands between pairs of addresses. */
function pieces(cuts: readonly number[], type: number): Value {
  const count = cuts.length / 2;
  if (count >= WORTH_PACKING && type === T.char) {
    const pack = new Pack(count, cuts[cuts.length - 1]! - cuts[0]!);
    for (let i = 0; i < cuts.length; i += 2) {
      pack.copy(cuts[i]!, cuts[i + 1]! - cuts[i]!);
      pack.end();
    }
    return pack.finish();
  }
  return listOf(count, (i) => {
    const from = cuts[2 * i]!;
    const v = newVector(type, cuts[2 * i + 1]! - from);
    U8.copyWithin(v.at, from, from + v.count);
    return v;
  });
}

function cutText(delimiter: string, y: Value): Value {
  const source = y.kind === "atom" ? (string(textOf(y)) as Vector) : (y as Vector);
  return cut(
    source,
    [...delimiter].map((c) => c.charCodeAt(0)),
    T.char,
  );
}
const bytesOf = (x: Value): number[] =>
  x.kind === "atom"
    ? [x.value as number]
    : Array.from({ length: (x as Vector).count }, (_, i) => U8[(x as Vector).at + i]!);
const cutBytes = (delimiter: number[], y: Vector): Value => cut(y, delimiter, T.byte);

function cut(y: Vector, delimiter: readonly number[], type: number): Value {
  const first = delimiter[0];
  if (first === undefined) throw signal("length", "a delimiter has a character");
  const cuts: number[] = [];
  const end = y.at + y.count;
  const width = delimiter.length;
  let start = y.at;
  for (let at = start; at + width <= end; ) {
    if (U8[at] !== first || !standsAt(delimiter, at)) {
      at++;
      continue;
    }
    cuts.push(start, at);
    at += width;
    start = at;
  }
  cuts.push(start, end);
  return pieces(cuts, type);
}
function standsAt(delimiter: readonly number[], at: number): boolean {
  for (let k = 1; k < delimiter.length; k++) if (U8[at + k] !== delimiter[k]) return false;
  return true;
}

// ---- bits and bytes ------------------------------------------------------------------------------------------------------
/** The bytes of an atom as memory holds them, most significant first. */
export function bytesOfAtomValue(a: Atom): number[] {
  if (a.type === -T.symbol) throw signal("type", "a symbol has no bytes of its own");
  if (a.type === -T.guid) return [...(a.value as string)].map((c) => c.charCodeAt(0));
  const v = newVector(-a.type, 1, a.domain);
  setElement(v, 0, a.value);
  const width = datatypeOf(a.type)!.width;
  return Array.from({ length: width }, (_, i) => U8[v.at + width - 1 - i]!);
}
const bytesOfAtom = (a: Atom): Value => vectorOf(T.byte, bytesOfAtomValue(a));
function bitsOf(a: Atom): Value {
  if (a.type === -T.boolean) return booleans([a.value as number]);
  return booleans(bytesOfAtomValue(a).flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1)));
}
/** Of a vector: a matrix with a column for each item. */
function eachColumn(session: Session, x: Value, y: Value): Value {
  const columns = itemsOf(y).map((item) => itemsOf(vs.run(session, x, item)));
  return list(
    columns[0] === undefined ? [] : columns[0].map((_, row) => gather(columns.map((column) => column[row]!))),
  );
}

// ---- digits --------------------------------------------------------------------------------------------------------------
/** A base in bytes writes as many digits as the whole range of a type needs: 10 of base 64 for a long. */
function fixedDigits(base: number, y: Value): number {
  const bits = (datatypeOf(y.type)?.width ?? 8) * 8 - 1;
  return Math.floor(bits / Math.log2(base));
}

function encode(x: Value, y: Value): Value {
  const resultType =
    Math.abs(x.type) === T.byte
      ? T.byte
      : Math.max(Math.abs(x.type), deepType(y)) === T.long
        ? T.long
        : Math.max(T.int, Math.abs(x.type), deepType(y));
  if (x.kind === "atom") {
    const base = x.value as number;
    if (typeof base !== "number" || base < 2) throw signal("domain", "a base is at least 2");
    const count = x.type === -T.byte ? fixedDigits(base, y) : digitsNeeded(base, y);
    return digits(new Array<number>(count).fill(base), y, resultType);
  }
  return digits(
    itemsOf(x).map((item) => Number((item as Atom).value)),
    y,
    resultType,
  );
}
function deepType(y: Value): number {
  if (y.kind === "list") return Math.max(T.int, ...y.items.map(deepType));
  return Math.abs(y.type);
}
function digitsNeeded(base: number, y: Value): number {
  if (y.kind === "list") return Math.max(1, ...y.items.map((item) => digitsNeeded(base, item)));
  if (y.kind === "vector") {
    let most = 1;
    for (let i = 0; i < y.count; i++) most = Math.max(most, digitsNeeded(base, itemAt(y, i)));
    return most;
  }
  let count = 0;
  let v = (y as Atom).value as number | bigint;
  if (v === LONG_NULL) return 1;
  if (typeof v === "bigint") {
    for (v = v < 0n ? -v : v; v > 0n; v /= BigInt(base)) count++;
  } else for (v = Math.abs(v); v > 0; v = Math.floor(v / base)) count++;
  return Math.max(1, count);
}

/** One list of digits, or for a list of numbers one row for each place. */
function digits(bases: readonly number[], y: Value, type: number): Value {
  if (y.kind === "atom") return vectorOf(type, digitsOf(bases, y.value as number | bigint));
  const items = itemsOf(y).map((item) => digits(bases, item, type));
  return list(bases.map((_, row) => gather(items.map((item) => itemAt(item, row)))));
}
function digitsOf(bases: readonly number[], value: number | bigint): AtomValue[] {
  const result: AtomValue[] = new Array(bases.length);
  let rest = BigInt(value);
  for (let i = bases.length - 1; i >= 0; i--) {
    const base = BigInt(bases[i]!);
    if (base === 0n) {
      result[i] = Number(rest);
      rest = 0n;
      continue;
    }
    let digit = rest % base;
    if (digit < 0n) digit += base;
    result[i] = Number(digit);
    rest = (rest - digit) / base;
  }
  return result;
}
