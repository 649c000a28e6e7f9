// .j.k: JSON text as a value (ref/dotj.md). Numbers are floats, strings char vectors, objects dictionaries with symbol
// keys, and a list of objects with the same keys is a table.

import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { signal } from "#values/signals.ts";
import { F64, U8 } from "#values/storage.ts";
import type { Atom, Dict, Value, Vector } from "#values/values.ts";
import {
  booleans,
  dict,
  FALSE,
  float,
  gather,
  itemAt,
  list,
  newVector,
  string,
  symbols,
  symbolTexts,
  table,
  TRUE,
} from "#values/vectors.ts";

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
      return readText(r);
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

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const startsNumber = (c: number): boolean => c === 45 || isDigit(c);
const isNumberByte = (c: number): boolean => isDigit(c) || c === 45 || c === 46 || c === 43 || c === 101 || c === 69;
const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Up to 15 digits with a point are exact: the quotient of two exact floats is the nearest one. The rest is JavaScript's. */
function readNumber(r: Reader): number {
  const from = r.at;
  const end = r.end;
  let at = from;
  const negative = U8[at] === 45;
  if (negative) at++;
  const digits = at;
  let mantissa = 0;
  let c = U8[at]!;
  while (at < end && isDigit(c)) {
    mantissa = mantissa * 10 + (c - 48);
    c = U8[++at]!;
  }
  let scale = 0;
  if (at < end && c === 46 && at > digits) {
    const point = at;
    c = U8[++at]!;
    while (at < end && isDigit(c)) {
      mantissa = mantissa * 10 + (c - 48);
      c = U8[++at]!;
    }
    scale = at - point - 1;
    if (scale === 0) r.fail();
  }
  if (at > digits && at - digits <= 16 && (at === end || !isNumberByte(c))) {
    r.at = at;
    const v = scale === 0 ? mantissa : mantissa / POWERS[scale]!;
    return negative ? -v : v;
  }
  return readLongNumber(r);
}
function readLongNumber(r: Reader): number {
  let at = r.at;
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
/** A string as a char vector; without escapes, its bytes are copied as they are. */
function readText(r: Reader): Value {
  const from = r.at + 1;
  let at = from;
  const { end } = r;
  let c = 0;
  while (at < end && (c = U8[at]!) !== 34 && c !== 92) at++;
  if (c !== 34 || at >= end) return string(readString(r));
  const v = newVector(T.char, at - from);
  if (at - from < 64) for (let i = v.at; from + (i - v.at) < at; i++) U8[i] = U8[from + (i - v.at)]!;
  else U8.copyWithin(v.at, from, at);
  r.at = at + 1;
  return v;
}
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
  const c = r.peek();
  let v: Value;
  if (c === 93) {
    r.at++;
    v = list([]);
  } else if (startsNumber(c)) v = readNumbers(r);
  else if (c === 123) v = readObjects(r);
  else v = readItems(r, []);
  r.depth--;
  return v;
}
/** Numbers straight into a vector, as long as nothing else turns up. */
function readNumbers(r: Reader): Value {
  const numbers: number[] = [];
  for (;;) {
    const c = r.peek();
    if (startsNumber(c)) numbers.push(readNumber(r));
    else if (c === 110) {
      word(r, "null", FALSE);
      numbers.push(Number.NaN);
    } else {
      return readItems(
        r,
        numbers.map((n) => float(n)),
      );
    }
    if (r.peek() === 93) {
      r.at++;
      return floatVector(numbers);
    }
    r.expect(44);
  }
}
function floatVector(numbers: readonly number[]): Value {
  const v = newVector(T.float, numbers.length);
  F64.set(numbers, v.at / 8);
  return v;
}

// ---- objects with the same keys, one after the other ---------------------------------------------------------------
/** A column of the table that they will be: plain numbers or flags while there is nothing else, else values. */
interface Column {
  readonly key: string;
  numbers: number[] | undefined;
  flags: number[] | undefined;
  values: Value[] | undefined;
}
function columnFor(key: string, first: Value): Column {
  if (first.type === -T.float)
    return { key, numbers: [(first as Atom).value as number], flags: undefined, values: undefined };
  if (first.type === -T.boolean)
    return { key, numbers: undefined, flags: [(first as Atom).value as number], values: undefined };
  return { key, numbers: undefined, flags: undefined, values: [first] };
}
/** Something else turned up: all that was there so far as values. */
function asValues(column: Column): Value[] {
  column.values ??=
    column.numbers !== undefined ? column.numbers.map((n) => float(n)) : column.flags!.map((f) => (f ? TRUE : FALSE));
  column.numbers = undefined;
  column.flags = undefined;
  return column.values;
}
function readInto(r: Reader, column: Column): void {
  const c = r.peek();
  if (column.numbers !== undefined) {
    if (startsNumber(c)) {
      column.numbers.push(readNumber(r));
      return;
    }
    if (c === 110) {
      word(r, "null", FALSE);
      column.numbers.push(Number.NaN);
      return;
    }
  } else if (column.flags !== undefined && (c === 116 || c === 102)) {
    column.flags.push((readValue(r) as Atom).value as number);
    return;
  }
  asValues(column).push(readValue(r));
}
function columnValue(column: Column): Value {
  if (column.numbers !== undefined) return floatVector(column.numbers);
  if (column.flags !== undefined) return booleans(column.flags);
  return gather(column.values!);
}

/** Whether the key that is expected stands here, quotes and colon included; if so it is passed. */
function passKey(r: Reader, key: string): boolean {
  r.skipBlanks();
  const at = r.at;
  if (U8[at] !== 34 || U8[at + key.length + 1] !== 34 || at + key.length + 1 >= r.end) return false;
  for (let i = 0; i < key.length; i++) if (U8[at + 1 + i] !== key.charCodeAt(i)) return false;
  r.at = at + key.length + 2;
  r.expect(58);
  return true;
}

function readObjects(r: Reader): Value {
  const first = readObject(r) as Dict;
  const keys = symbolTexts(first.keys);
  // Keys that need escapes, or come twice, are not for the fast way.
  const isPlain = keys.length > 0 && new Set(keys).size === keys.length && !keys.some((key) => /["\\]/.test(key));
  if (r.peek() === 93) {
    r.at++;
    return gather([first]);
  }
  r.expect(44);
  if (!isPlain || r.peek() !== 123) return readItems(r, [first]);
  const columns = keys.map((key, i) => columnFor(key, itemAt(first.values, i)));
  let rows = 1;
  for (;;) {
    const start = r.at;
    r.expect(123);
    for (let c = 0; c < columns.length; c++) {
      if (c > 0 && r.peek() === 44) r.at++;
      else if (c > 0) return withoutColumns(r, columns, rows, start);
      if (!passKey(r, columns[c]!.key)) return withoutColumns(r, columns, rows, start);
      readInto(r, columns[c]!);
    }
    if (r.peek() !== 125) return withoutColumns(r, columns, rows, start);
    r.at++;
    rows++;
    if (r.peek() === 93) {
      r.at++;
      return table(keys, columns.map(columnValue));
    }
    r.expect(44);
    if (r.peek() !== 123) return withoutColumns(r, columns, rows, r.at);
  }
}
/** One that is different: the rows so far as dictionaries, and on from where the odd one begins. */
function withoutColumns(r: Reader, columns: readonly Column[], rows: number, start: number): Value {
  r.at = start;
  const names = symbols(columns.map((column) => column.key));
  const values = columns.map((column) => asValues(column));
  return readItems(
    r,
    Array.from({ length: rows }, (_, row) => dict(names, gather(values.map((column) => column[row]!)))),
  );
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
