// .j.k: JSON text as a value (ref/dotj.md). Numbers are floats, strings char vectors, objects dictionaries with symbol
// keys, and a list of objects with the same keys is a table.

import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { signal } from "#values/signals.ts";
import { F64, U8 } from "#values/storage.ts";
import type { Atom, Value, Vector } from "#values/values.ts";
import { dict, FALSE, float, gather, list, newVector, string, symbols, TRUE } from "#values/vectors.ts";

/** Arrays and objects inside one another. */
const DEEPEST = 500;

class Reader {
  at: number;
  readonly end: number;
  depth = 0;
  constructor(v: Vector) {
    this.at = v.at;
    this.end = v.at + v.count;
  }
  fail(): never {
    throw signal("type", "this is no JSON");
  }
  skipBlanks(): void {
    for (; this.at < this.end; this.at++) {
      const c = U8[this.at]!;
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
    }
  }
  /** The next byte that is no blank, 0 at the end. */
  peek(): number {
    this.skipBlanks();
    return this.at < this.end ? U8[this.at]! : 0;
  }
  expect(c: number): void {
    if (this.peek() !== c) this.fail();
    this.at++;
  }
}

export function jsonValue(text: Vector): Value {
  const reader = new Reader(text);
  const v = readValue(reader);
  if (reader.peek() !== 0) reader.fail();
  return v;
}

function readValue(r: Reader): Value {
  const c = r.peek();
  switch (c) {
    case 123:
      return readObject(r);
    case 91:
      return readArray(r);
    case 34:
      return string(readString(r));
    case 116:
      return word(r, "true", TRUE);
    case 102:
      return word(r, "false", FALSE);
    case 110:
      return word(r, "null", float(Number.NaN));
    default:
      return float(readNumber(r));
  }
}
function word(r: Reader, text: string, value: Atom): Value {
  for (let i = 0; i < text.length; i++) if (U8[r.at + i] !== text.charCodeAt(i)) r.fail();
  r.at += text.length;
  return value;
}

const isNumberByte = (c: number): boolean =>
  (c >= 48 && c <= 57) || c === 45 || c === 46 || c === 43 || c === 101 || c === 69;
function readNumber(r: Reader): number {
  const from = r.at;
  let whole = 0;
  let at = from;
  for (; at < r.end && U8[at]! >= 48 && U8[at]! <= 57; at++) whole = whole * 10 + (U8[at]! - 48);
  if (at > from && at - from <= 15 && (at === r.end || !isNumberByte(U8[at]!))) {
    r.at = at;
    return whole;
  }
  at = from;
  let text = "";
  while (at < r.end && isNumberByte(U8[at]!)) text += String.fromCharCode(U8[at++]!);
  // inf and -inf are what .j.j writes for 0w.
  if (at + 3 <= r.end && (text === "" || text === "-") && U8[at] === 105 && U8[at + 1] === 110 && U8[at + 2] === 102) {
    r.at = at + 3;
    return text === "" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }
  const v = Number(text);
  if (text === "" || Number.isNaN(v)) r.fail();
  r.at = at;
  return v;
}

const ESCAPED: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };
/** The bytes between quotes, escapes undone. */
function readString(r: Reader): string {
  r.expect(34);
  let text = "";
  let from = r.at;
  for (;;) {
    if (r.at >= r.end) r.fail();
    const c = U8[r.at]!;
    if (c === 34) break;
    if (c !== 92) {
      r.at++;
      continue;
    }
    text += bytes(from, r.at);
    const letter = String.fromCharCode(U8[r.at + 1]!);
    r.at += 2;
    text += letter === "u" ? readUnicode(r) : (ESCAPED[letter] ?? letter);
    from = r.at;
  }
  text += bytes(from, r.at);
  r.at++;
  return text;
}
function bytes(from: number, to: number): string {
  let text = "";
  if (to - from > 64) {
    for (let i = from; i < to; i += 8192) text += String.fromCharCode(...U8.subarray(i, Math.min(to, i + 8192)));
    return text;
  }
  for (let i = from; i < to; i++) text += String.fromCharCode(U8[i]!);
  return text;
}
function readHex(r: Reader): number {
  const code = Number.parseInt(bytes(r.at, Math.min(r.end, r.at + 4)), 16);
  if (Number.isNaN(code)) r.fail();
  r.at += 4;
  return code;
}
/** \u1234 as UTF-8 bytes; two halves of a pair are one character. */
function readUnicode(r: Reader): string {
  let code = readHex(r);
  if (code >= 0xd800 && code < 0xdc00 && U8[r.at] === 92 && U8[r.at + 1] === 117) {
    r.at += 2;
    code = 0x10000 + ((code - 0xd800) << 10) + (readHex(r) - 0xdc00);
  }
  return Buffer.from(String.fromCodePoint(code), "utf8").toString("latin1");
}

function readArray(r: Reader): Value {
  r.expect(91);
  if (++r.depth > DEEPEST) throw signal("limit", "JSON nested too deeply");
  if (r.peek() === 93) {
    r.at++;
    r.depth--;
    return list([]);
  }
  const c = r.peek();
  const v = c === 45 || (c >= 48 && c <= 57) ? readNumbers(r) : readItems(r, []);
  r.depth--;
  return v;
}
/** Numbers straight into a vector, as long as nothing else turns up. */
function readNumbers(r: Reader): Value {
  const numbers: number[] = [];
  for (;;) {
    const c = r.peek();
    if (c === 110) {
      word(r, "null", FALSE);
      numbers.push(Number.NaN);
    } else if (c === 45 || (c >= 48 && c <= 57)) numbers.push(readNumber(r));
    else {
      return readItems(
        r,
        numbers.map((n) => float(n)),
      );
    }
    if (r.peek() === 93) {
      r.at++;
      const v = newVector(T.float, numbers.length);
      F64.set(numbers, v.at / 8);
      return v;
    }
    r.expect(44);
  }
}
function readItems(r: Reader, items: Value[]): Value {
  for (;;) {
    const from = mark();
    const item = readValue(r);
    sweep(from, item);
    items.push(item);
    if (r.peek() === 93) {
      r.at++;
      return gather(items);
    }
    r.expect(44);
  }
}

function readObject(r: Reader): Value {
  r.expect(123);
  if (++r.depth > DEEPEST) throw signal("limit", "JSON nested too deeply");
  const keys: string[] = [];
  const values: Value[] = [];
  if (r.peek() === 125) r.at++;
  else {
    for (;;) {
      r.skipBlanks();
      keys.push(readString(r));
      r.expect(58);
      values.push(readValue(r));
      if (r.peek() === 125) {
        r.at++;
        break;
      }
      r.expect(44);
    }
  }
  r.depth--;
  return dict(symbols(keys), gather(values));
}
