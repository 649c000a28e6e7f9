// Text → values of a datatype: the meaning of Tok ("D"$x) and of the columns that `0:` loads. A reader takes bytes from
// a place to a place and gives an atom's value, the type's null when it cannot. Readers know nothing of strings and
// lists: tok.ts and file-text.ts walk those.

import { dateOfMonth } from "#values/convert.ts";
import { INT_INFINITY, INT_NULL, LONG_INFINITY, LONG_NULL, SHORT_INFINITY, SHORT_NULL, T } from "#values/datatypes.ts";
import { symbolId, symbolText } from "#values/symbols.ts";
import type { AtomValue } from "#values/values.ts";
import { canonicalLong } from "#values/vectors.ts";

export type Bytes = Uint8Array;
/** `from` ≤ `to`; blanks around the value are the reader's to skip. */
export type Reader = (bytes: Bytes, from: number, to: number) => AtomValue;

const SPACE = 32;
const ZERO = 48;
const NINE = 57;
const POINT = 46;
const DASH = 45;
const COLON = 58;
const isDigit = (c: number): boolean => c >= ZERO && c <= NINE;

export function skipSpaces(bytes: Bytes, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === SPACE) at++;
  return at;
}
export function dropSpaces(bytes: Bytes, from: number, to: number): number {
  let end = to;
  while (end > from && bytes[end - 1] === SPACE) end--;
  return end;
}
export function textBetween(bytes: Bytes, from: number, to: number): string {
  let text = "";
  if (to - from <= 32) {
    for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }
  for (let i = from; i < to; i += 8192) text += String.fromCharCode(...bytes.subarray(i, Math.min(to, i + 8192)));
  return text;
}

/**
 * Symbols by their bytes: what has been seen before is found without making a string of it. One for a column or a call.
 */
export class SymbolReader {
  private readonly ids = new Int32Array(4096).fill(-1);
  id(bytes: Bytes, from: number, to: number): number {
    const start = skipSpaces(bytes, from, to);
    const end = dropSpaces(bytes, start, to);
    let hash = 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash, 31) + bytes[i]!;
    const slot = (hash ^ (hash >>> 12)) & 4095;
    const known = this.ids[slot]!;
    if (known >= 0 && isText(symbolText(known), bytes, start, end)) return known;
    const id = symbolId(textBetween(bytes, start, end));
    this.ids[slot] = id;
    return id;
  }
}
function isText(text: string, bytes: Bytes, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}

// ---- integers ----------------------------------------------------------------------------------------------------------
/** 0N, 0W and -0W are read by every integer type. undefined: not an integer at all. */
function readWhole(
  bytes: Bytes,
  from: number,
  to: number,
): number | bigint | "null" | "infinity" | "-infinity" | undefined {
  let at = skipSpaces(bytes, from, to);
  const end = dropSpaces(bytes, at, to);
  const negative = bytes[at] === DASH;
  if (at < end && (negative || bytes[at] === 43)) at++;
  if (at === end) return undefined;
  if (end - at === 2 && bytes[at] === ZERO) {
    if (bytes[at + 1] === 78 && !negative) return "null";
    if (bytes[at + 1] === 87) return negative ? "-infinity" : "infinity";
  }
  let v = 0;
  const start = at;
  for (; at < end; at++) {
    const c = bytes[at]!;
    if (c < ZERO || c > NINE) return undefined;
    v = v * 10 + (c - ZERO);
  }
  if (end - start <= 15) return negative ? 0 - v : v;
  if (end - start > 40) return undefined;
  const big = BigInt(textBetween(bytes, start, end));
  return negative ? -big : big;
}
function wholeReader(nullValue: AtomValue, infinity: number | bigint, otherwise?: Reader): Reader {
  return (bytes, from, to) => {
    const v = readWhole(bytes, from, to);
    if (typeof v === "number" || typeof v === "bigint") {
      return v > infinity || v < -infinity ? nullValue : canonicalLong(v);
    }
    if (v === undefined) return otherwise === undefined ? nullValue : otherwise(bytes, from, to);
    return v === "null" ? nullValue : v === "infinity" ? infinity : -infinity;
  };
}

/** Four numbers with dots between them. */
function readDotted(bytes: Bytes, from: number, to: number): number | undefined {
  const parts = textBetween(bytes, from, to).trim().split(".");
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** The low byte of hexadecimal digits. */
function readByte(bytes: Bytes, from: number, to: number): number {
  let v = 0;
  const end = dropSpaces(bytes, from, to);
  let at = skipSpaces(bytes, from, end);
  if (end - at > 2 && bytes[at] === ZERO && bytes[at + 1] === 120) at += 2;
  for (; at < end; at++) {
    const digit = hexDigit(bytes[at]!);
    if (digit < 0) return 0;
    v = ((v << 4) | digit) & 255;
  }
  return v;
}
function hexDigit(c: number): number {
  if (isDigit(c)) return c - ZERO;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** t, x, y and 1 begin a true value. */
function readBoolean(bytes: Bytes, from: number, to: number): number {
  const at = skipSpaces(bytes, from, to);
  if (at === to) return 0;
  const c = bytes[at]!;
  const lower = c | 32;
  return c === 49 || lower === 116 || lower === 120 || lower === 121 ? 1 : 0;
}

// ---- floats ------------------------------------------------------------------------------------------------------------
const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Digits with a point and an exponent. Up to 15 digits and small powers are exact in doubles; the rest is JavaScript's. */
function readFloat(bytes: Bytes, from: number, to: number): number {
  let at = skipSpaces(bytes, from, to);
  const end = dropSpaces(bytes, at, to);
  const start = at;
  const negative = bytes[at] === DASH;
  if (at < end && (negative || bytes[at] === 43)) at++;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let seen = false;
  for (; at < end && isDigit(bytes[at]!); at++) {
    mantissa = mantissa * 10 + (bytes[at]! - ZERO);
    if (mantissa > 0) digits++;
    seen = true;
  }
  if (at < end && bytes[at] === POINT) {
    for (at++; at < end && isDigit(bytes[at]!); at++) {
      mantissa = mantissa * 10 + (bytes[at]! - ZERO);
      if (mantissa > 0) digits++;
      scale++;
      seen = true;
    }
  }
  if (at === end) {
    if (!seen) return Number.NaN;
    if (digits <= 15 && scale <= 22) return (negative ? -mantissa : mantissa) / POWERS[scale]!;
  }
  return readLongFloat(textBetween(bytes, start, end));
}
function readLongFloat(text: string): number {
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  const infinite = /^(-?)(0[wW]|inf|Inf|INF|infinity)$/.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number.NaN;
}

// ---- guids ---------------------------------------------------------------------------------------------------------------
const NULL_GUID = "\0".repeat(16);
function readGuid(bytes: Bytes, from: number, to: number): string {
  const text = textBetween(bytes, from, to).trim();
  const plain = /^([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})$/.exec(text);
  if (plain !== null) return fromHex(plain.slice(1).join(""));
  if (/^[0-9a-fA-F]{32}$/.test(text)) return fromHex(text);
  return readAddress(text) ?? NULL_GUID;
}
const fromHex = (digits: string): string =>
  digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));

/** An IP address as 16 bytes; IPv4 as IPv6 maps it. */
function readAddress(text: string): string | undefined {
  const dotted = /^(.*?)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let hex = text;
  if (dotted !== null) {
    const parts = dotted[2]!.split(".").map(Number);
    if (parts.some((p) => p > 255)) return undefined;
    const tail = parts.map((p) => p.toString(16).padStart(2, "0")).join("");
    hex = `${dotted[1] === "" ? "::ffff:" : dotted[1]}${tail.slice(0, 4)}:${tail.slice(4)}`;
  }
  if (!/^[0-9a-fA-F:]*$/.test(hex) || !hex.includes(":")) return undefined;
  const halves = hex.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - groups.reduce((sum, g) => sum + g.length, 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all =
    halves.length === 2 ? [...groups[0]!, ...new Array<string>(missing).fill("0"), ...groups[1]!] : groups[0]!;
  if (all.some((g) => g.length === 0 || g.length > 4)) return undefined;
  return fromHex(all.map((g) => g.padStart(4, "0")).join(""));
}

// ---- dates -----------------------------------------------------------------------------------------------------------------
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Days since 2000.01.01, or null when there is no such day. */
export function dayNumber(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1) return INT_NULL;
  const first = (year - 2000) * 12 + month - 1;
  const date = dateOfMonth(first) + day - 1;
  return day <= 28 || date < dateOfMonth(first + 1) ? date : INT_NULL;
}
/** Two digits are of 1951 to 2050. */
const fullYear = (year: number, digits: number): number => (digits > 2 ? year : year > 50 ? 1900 + year : 2000 + year);

interface Read {
  value: number;
  /** Where reading stopped. */
  at: number;
}
const FAILED: Read = { value: INT_NULL, at: -1 };

const digitsFrom = (bytes: Bytes, from: number, to: number): number => {
  let at = from;
  while (at < to && isDigit(bytes[at]!)) at++;
  return at;
};
function numberOf(bytes: Bytes, from: number, to: number): number {
  let v = 0;
  for (let i = from; i < to; i++) v = v * 10 + (bytes[i]! - ZERO);
  return v;
}
const isDateMark = (c: number): boolean => c === POINT || c === DASH || c === 47 || c === SPACE;

/** A date in any of the forms that "D"$ takes; `dayFirst` is \z 1. Stops after the date. */
export function readDatePart(bytes: Bytes, from: number, to: number, dayFirst: boolean): Read {
  const end1 = digitsFrom(bytes, from, to);
  const n1 = end1 - from;
  // 2000.01.02 and its like, by far the commonest, straight away.
  if (n1 === 4 && to - from >= 10 && isDateMark(bytes[end1]!) && bytes[from + 7] === bytes[end1]) {
    if (digitsFrom(bytes, from + 5, from + 7) === from + 7 && digitsFrom(bytes, from + 8, from + 10) === from + 10) {
      const value = dayNumber(
        numberOf(bytes, from, end1),
        numberOf(bytes, from + 5, from + 7),
        numberOf(bytes, from + 8, from + 10),
      );
      return { value, at: from + 10 };
    }
  }
  if (n1 >= 8) {
    // Digits on end are a date and then a time, or the date alone.
    return n1 === 8 || (bytes[from + 8] !== undefined && n1 >= 14)
      ? {
          value: dayNumber(
            numberOf(bytes, from, from + 4),
            numberOf(bytes, from + 4, from + 6),
            numberOf(bytes, from + 6, from + 8),
          ),
          at: from + 8,
        }
      : FAILED;
  }
  if (n1 === 6) {
    const year = fullYear(numberOf(bytes, from, from + 2), 2);
    return {
      value: dayNumber(year, numberOf(bytes, from + 2, from + 4), numberOf(bytes, from + 4, from + 6)),
      at: from + 6,
    };
  }
  const parts: { value: number; digits: number; isName: boolean }[] = [];
  let at = from;
  while (parts.length < 3 && at < to) {
    const stop = digitsFrom(bytes, at, to);
    if (stop > at) {
      if (stop - at > 4) return FAILED;
      parts.push({ value: numberOf(bytes, at, stop), digits: stop - at, isName: false });
      at = stop;
    } else {
      const name = MONTHS.indexOf(textBetween(bytes, at, Math.min(to, at + 3)).toLowerCase());
      if (name < 0) return FAILED;
      parts.push({ value: name + 1, digits: 0, isName: true });
      at += 3;
    }
    if (parts.length < 3 && at < to && isDateMark(bytes[at]!)) at++;
  }
  if (parts.length < 3) return FAILED;
  const [a, b, c] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]];
  if (c.isName) return FAILED;
  if (a.digits > 2) return { value: dayNumber(a.value, b.value, c.value), at };
  if (a.isName) return { value: dayNumber(fullYear(c.value, c.digits), a.value, b.value), at };
  if (b.isName) return { value: dayNumber(fullYear(c.value, c.digits), b.value, a.value), at };
  // Two digits everywhere: yy.mm.dd with points or dashes, else by \z.
  const mark = bytes[from + a.digits];
  if (c.digits <= 2 && mark !== 47) return { value: dayNumber(fullYear(a.value, a.digits), b.value, c.value), at };
  const [month, day] = dayFirst ? [b.value, a.value] : [a.value, b.value];
  return { value: dayNumber(fullYear(c.value, c.digits), month, day), at };
}

/** What stands between a date and a time. */
const isTimeMark = (c: number): boolean =>
  c === 68 || c === 84 || c === 116 || c === SPACE || c === DASH || c === COLON;

function dateReader(dayFirst: boolean): Reader {
  return (bytes, from, to) => {
    const start = skipSpaces(bytes, from, to);
    const end = dropSpaces(bytes, start, to);
    if (start === end) return INT_NULL;
    const { value, at } = readDatePart(bytes, start, end, dayFirst);
    if (at < 0) return INT_NULL;
    // A timestamp's day is its date.
    return at === end || isTimeMark(bytes[at]!) ? value : INT_NULL;
  };
}

function readMonth(bytes: Bytes, from: number, to: number): number {
  const match = /^(\d{4}|\d{2})[-./]?(\d{2})(?:m|[-./]\d{2})?$/.exec(textBetween(bytes, from, to).trim());
  if (match === null) return INT_NULL;
  const month = Number(match[2]);
  if (month < 1 || month > 12) return INT_NULL;
  return (fullYear(Number(match[1]), match[1]!.length) - 2000) * 12 + month - 1;
}

// ---- times -------------------------------------------------------------------------------------------------------------------
/** Days, seconds and nanoseconds of hh[:mm[:ss[.fff]]], of digits on end, of 1D02:03. undefined: none of these. */
interface Clock {
  negative: boolean;
  seconds: number;
  ns: number;
  at: number;
}
function readClock(bytes: Bytes, from: number, to: number): Clock | undefined {
  let at = from;
  const negative = bytes[at] === DASH;
  if (negative || bytes[at] === 43) at++;
  let days = 0;
  let stop = digitsFrom(bytes, at, to);
  if (stop === at) return undefined;
  if (stop < to && bytes[stop] === 68) {
    days = numberOf(bytes, at, stop);
    at = stop + 1;
    if (at === to) return { negative, seconds: days * 86400, ns: 0, at };
    stop = digitsFrom(bytes, at, to);
    if (stop === at) return undefined;
  }
  let seconds: number;
  if (stop < to && bytes[stop] === COLON) {
    const h = numberOf(bytes, at, stop);
    const mAt = stop + 1;
    let end = digitsFrom(bytes, mAt, to);
    if (end === mAt || end > mAt + 2) return undefined;
    const m = numberOf(bytes, mAt, end);
    let s = 0;
    if (end < to && bytes[end] === COLON) {
      const sAt = end + 1;
      end = digitsFrom(bytes, sAt, to);
      if (end === sAt || end > sAt + 2) return undefined;
      s = numberOf(bytes, sAt, end);
    }
    if (m > 59 || s > 59) return undefined;
    seconds = h * 3600 + m * 60 + s;
    at = end;
  } else {
    const n = stop - at;
    const pair = (i: number): number => (n >= i + 2 ? numberOf(bytes, at + i, at + i + 2) : 0);
    const h = n === 1 ? numberOf(bytes, at, stop) : pair(0);
    const m = pair(2);
    const s = pair(4);
    if (m > 59 || s > 59 || (n !== 1 && n < 6 && n % 2 === 1)) return undefined;
    seconds = h * 3600 + m * 60 + s;
    if (n > 6) return { negative, seconds: days * 86400 + seconds, ns: fraction(bytes, at + 6, stop), at: stop };
    at = stop;
  }
  let ns = 0;
  if (at < to && (bytes[at] === POINT || bytes[at] === 44)) {
    const end = digitsFrom(bytes, at + 1, to);
    ns = fraction(bytes, at + 1, end);
    at = end;
  }
  return { negative, seconds: days * 86400 + seconds, ns, at };
}
/** Digits after the point as nanoseconds; what comes after the ninth is dropped. */
function fraction(bytes: Bytes, from: number, to: number): number {
  let ns = 0;
  for (let i = 0; i < 9; i++) ns = ns * 10 + (from + i < to ? bytes[from + i]! - ZERO : 0);
  return ns;
}

/** A time of day in units of `unitsPerSecond` to the second, or whole minutes for 0. */
function clockReader(convert: (clock: Clock) => AtomValue, nullValue: AtomValue): Reader {
  return (bytes, from, to) => {
    const start = skipSpaces(bytes, from, to);
    const end = dropSpaces(bytes, start, to);
    const read = start < end ? readClock(bytes, start, end) : undefined;
    if (read === undefined || read.at !== end) return nullValue;
    const v = convert(read);
    return read.negative ? canonicalLong(-v) : v;
  };
}
const nanoseconds = (seconds: number, ns: number): number | bigint =>
  seconds < 9_000_000 ? seconds * 1e9 + ns : canonicalLong(BigInt(seconds) * 1_000_000_000n + BigInt(ns));

/** Seconds that a trailing Z, +0900 or -05:00 says local time is ahead of UTC; undefined: something else stands there. */
function readZone(bytes: Bytes, from: number, to: number): number | undefined {
  const at = skipSpaces(bytes, from, to);
  if (at === to) return 0;
  const text = textBetween(bytes, at, to);
  if (text === "Z" || text === "z") return 0;
  const match = /^([-+])(\d{2}):?(\d{2})?$/.exec(text);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60;
  return match[1] === "-" ? -seconds : seconds;
}

const UNIX_EPOCH_DAYS = -10957;
/** A point in time: day number, seconds into the day, nanoseconds; `undefined` for what cannot be read. */
export function readInstant(
  bytes: Bytes,
  from: number,
  to: number,
  dayFirst: boolean,
): [number, number, number] | undefined {
  const start = skipSpaces(bytes, from, to);
  const end = dropSpaces(bytes, start, to);
  if (start === end) return undefined;
  const digits = digitsFrom(bytes, start, end) - start;
  if (digits >= 9 && digits <= 11 && (start + digits === end || bytes[start + digits] === POINT)) {
    const point = start + digits;
    const seconds = numberOf(bytes, start, point);
    const ns = point === end ? 0 : fraction(bytes, point + 1, end);
    if (point !== end && digitsFrom(bytes, point + 1, end) !== end) return undefined;
    return [UNIX_EPOCH_DAYS + Math.floor(seconds / 86400), seconds % 86400, ns];
  }
  const { value, at } = readDatePart(bytes, start, end, dayFirst);
  if (at < 0 || value === INT_NULL) return undefined;
  if (at === end) return [value, 0, 0];
  let clockAt = at;
  if (isTimeMark(bytes[at]!)) clockAt++;
  else if (!isDigit(bytes[at]!)) return undefined;
  if (clockAt === end) return [value, 0, 0];
  const read = readClock(bytes, clockAt, end);
  if (read === undefined || read.negative) return undefined;
  const zone = readZone(bytes, read.at, end);
  if (zone === undefined) return undefined;
  const seconds = read.seconds - zone;
  const days = Math.floor(seconds / 86400);
  return [value + days, seconds - days * 86400, read.ns];
}

function timestampReader(dayFirst: boolean): Reader {
  return (bytes, from, to) => {
    const instant = readInstant(bytes, from, to, dayFirst);
    if (instant === undefined) return LONG_NULL;
    const [day, seconds, ns] = instant;
    return canonicalLong(BigInt(day) * 86_400_000_000_000n + BigInt(seconds * 1e9 + ns));
  };
}
function datetimeReader(dayFirst: boolean): Reader {
  return (bytes, from, to) => {
    const instant = readInstant(bytes, from, to, dayFirst);
    if (instant === undefined) return Number.NaN;
    return instant[0] + (instant[1] + instant[2] / 1e9) / 86400;
  };
}

// ---- by type -----------------------------------------------------------------------------------------------------------------
const readInt = wholeReader(INT_NULL, INT_INFINITY, (bytes, from, to) => {
  const address = readDotted(bytes, from, to);
  return address === undefined ? INT_NULL : address | 0;
});
const readers: (Reader | undefined)[] = [];
readers[T.boolean] = readBoolean;
readers[T.guid] = readGuid;
readers[T.byte] = readByte;
readers[T.short] = wholeReader(SHORT_NULL, SHORT_INFINITY);
readers[T.int] = readInt;
readers[T.long] = wholeReader(LONG_NULL, LONG_INFINITY);
readers[T.real] = (bytes, from, to) => Math.fround(readFloat(bytes, from, to));
readers[T.float] = readFloat;
readers[T.char] = (bytes, from, to) => (from < to ? bytes[from]! : SPACE);
readers[T.symbol] = (bytes, from, to) => {
  const start = skipSpaces(bytes, from, to);
  return textBetween(bytes, start, dropSpaces(bytes, start, to));
};
readers[T.timestamp] = timestampReader(false);
readers[T.month] = readMonth;
readers[T.date] = dateReader(false);
readers[T.datetime] = datetimeReader(false);
readers[T.timespan] = clockReader(({ seconds, ns }) => nanoseconds(seconds, ns), LONG_NULL);
readers[T.minute] = clockReader(({ seconds }) => Math.floor(seconds / 60), INT_NULL);
readers[T.second] = clockReader(({ seconds }) => seconds, INT_NULL);
readers[T.time] = clockReader(({ seconds, ns }) => seconds * 1000 + Math.floor(ns / 1e6), INT_NULL);
const dayFirstReaders: (Reader | undefined)[] = [...readers];
dayFirstReaders[T.timestamp] = timestampReader(true);
dayFirstReaders[T.date] = dateReader(true);
dayFirstReaders[T.datetime] = datetimeReader(true);

/** The reader of a (positive) type; `dateFormat` is \z. */
export function readerOf(type: number, dateFormat: 0 | 1): Reader {
  return (dateFormat === 1 ? dayFirstReaders : readers)[type]!;
}
