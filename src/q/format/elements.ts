// The text of one element, without what marks its type (no suffix, no quotes, no backtick): `string` shows it as it is,
// source.ts adds the marks of q's own notation, console.ts lines it up in columns.

import { dateOfMonth, monthOfDate } from "#values/convert.ts";
import { INT_INFINITY, INT_NULL, LONG_INFINITY, LONG_NULL, SHORT_NULL, T } from "#values/datatypes.ts";
import { I32, U32 } from "#values/storage.ts";
import type { AtomValue, Vector } from "#values/values.ts";
import { elementAt } from "#values/vectors.ts";

/** Significant digits that round-trip a double and a real: what \P 0 stands for. */
const ALL_DIGITS = 17;
const REAL_DIGITS = 9;

// ---- floats --------------------------------------------------------------------------------------------------------
/** C's %.{digits}g, which is what kdb+ prints; never called with nulls or infinities. */
export function significant(v: number, digits: number): string {
  const magnitude = v < 0 ? -v : v;
  if (magnitude >= 1e-4 && magnitude < 10 ** digits && digits <= 15) {
    // A float with few bits after the point may lie halfway between two decimals, and is often shorter than `digits`.
    if (Number.isInteger(magnitude * 2 ** (digits + 5))) {
      const shortest = String(v);
      if (shortest.length <= digits + (v < 0 ? 1 : 0)) return shortest;
    } else {
      const text = v.toPrecision(digits);
      if (text.charCodeAt(text.length - 1) !== ZERO && !text.includes("e")) return text;
      return text.includes("e") ? exactly(v, digits) : withoutZeros(text);
    }
  }
  return exactly(v, digits);
}
const ZERO = 48;
/** Zeros at the end go, and a point they leave bare. */
function withoutZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  return text.slice(0, text.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

function exactly(v: number, digits: number): string {
  if (v === 0) return Object.is(v, -0) ? "-0" : "0";
  let [mantissa, exponent] = mantissaOf(v, digits);
  const sign = v < 0 ? "-" : "";
  let end = mantissa.length;
  while (end > 1 && mantissa.charCodeAt(end - 1) === ZERO) end--;
  mantissa = mantissa.slice(0, end);
  if (exponent < -4 || exponent >= digits) {
    const fraction = mantissa.length > 1 ? `.${mantissa.slice(1)}` : "";
    const power = Math.abs(exponent);
    return `${sign}${mantissa[0]}${fraction}e${exponent < 0 ? "-" : "+"}${power < 10 ? "0" : ""}${power}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${mantissa}`;
  if (mantissa.length <= exponent + 1) return sign + mantissa + "0".repeat(exponent + 1 - mantissa.length);
  return `${sign}${mantissa.slice(0, exponent + 1)}.${mantissa.slice(exponent + 1)}`;
}

/** Decimal digits and the power of ten of the first of them. */
function mantissaOf(v: number, digits: number): [string, number] {
  const magnitude = Math.abs(v);
  const text = magnitude.toExponential(digits - 1);
  const at = text.indexOf("e");
  const mantissa = text[0]! + text.slice(2, at);
  const exponent = Number(text.slice(at + 1));
  if ((mantissa.charCodeAt(mantissa.length - 1) & 1) === 0) return [mantissa, exponent];
  // JavaScript rounds an exact tie up, C to the even digit. Odd last digit: was it a tie?
  const exact = magnitude.toExponential(Math.min(100, digits + 40));
  const rest = exact.slice(digits + 1, exact.indexOf("e"));
  if (!/^50*$/.test(rest)) return [mantissa, exponent];
  const below = (exact[0]! + exact.slice(2, digits + 1)).slice(0, digits);
  return [below, Number(exact.slice(exact.indexOf("e") + 1))];
}

export function floatText(v: number, precision: number): string {
  if (Number.isNaN(v)) return "0n";
  if (v === Number.POSITIVE_INFINITY) return "0w";
  if (v === Number.NEGATIVE_INFINITY) return "-0w";
  if (Number.isInteger(v) && v < 1000000 && v > -1000000 && (precision === 0 || precision > 6) && v !== 0)
    return String(v);
  return significant(v, precision === 0 || precision > ALL_DIGITS ? ALL_DIGITS : precision);
}

/** A real's null is 0N…e, its infinity 0w. */
function realText(v: number, precision: number): string {
  if (Number.isNaN(v)) return "0N";
  return floatText(v, precision === 0 || precision > REAL_DIGITS ? REAL_DIGITS : precision);
}

// ---- calendar and clock --------------------------------------------------------------------------------------------
/** Numbers below `count` as text of a width, made when first wanted: a private server may never show a time. */
function padded(count: number, width: number, radix = 10): (n: number) => string | undefined {
  let texts: string[] | undefined;
  return (n) => {
    texts ??= Array.from({ length: count }, (_, i) => i.toString(radix).padStart(width, "0"));
    return texts[n];
  };
}
const twoDigits = padded(100, 2);
const three = padded(1000, 3);
const two = (n: number): string => twoDigits(n) ?? String(n);

function yearAndMonth(month: number): string {
  const year = 2000 + Math.floor(month / 12);
  if (year < 1 || year > 9999) return "0000.00";
  return `${String(year).padStart(4, "0")}.${two(month - (year - 2000) * 12 + 1)}`;
}
/** Days since 2000.01.01; outside years 1 to 9999 kdb+ prints zeros. */
export function dateText(days: number): string {
  const month = monthOfDate(days);
  const year = 2000 + Math.floor(month / 12);
  if (year < 1 || year > 9999) return "0000.00.00";
  return `${yearAndMonth(month)}.${two(days - dateOfMonth(month) + 1)}`;
}
/** hh:mm:ss of whole seconds; hours may pass 99. */
function clock(seconds: number): string {
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  return `${two(h)}:${two(m)}:${two(seconds % 60)}`;
}
export function timeText(ms: number): string {
  if (ms < 0) return `-${timeText(-ms)}`;
  const seconds = Math.floor(ms / 1000);
  return `${clock(seconds)}.${three(ms - seconds * 1000)}`;
}

const DAY_NS = 86_400_000_000_000;
/** Days (floored), and nanoseconds into that day. */
function splitDays(ns: number | bigint): [number, number] {
  if (typeof ns === "number") {
    const days = Math.floor(ns / DAY_NS);
    return [days, ns - days * DAY_NS];
  }
  let days = Number(ns / 86_400_000_000_000n);
  let rest = Number(ns - BigInt(days) * 86_400_000_000_000n);
  if (rest < 0) {
    days--;
    rest += DAY_NS;
  }
  return [days, rest];
}
function nanosecondClock(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  const rest = ns - seconds * 1e9;
  const ms = Math.floor(rest / 1e6);
  const us = Math.floor(rest / 1e3) - ms * 1e3;
  return `${clock(seconds)}.${three(ms)}${three(us)}${three(rest - ms * 1e6 - us * 1e3)}`;
}
function timestampText(ns: number | bigint): string {
  const [days, rest] = splitDays(ns);
  return `${dateText(days)}D${nanosecondClock(rest)}`;
}
function timespanText(ns: number | bigint): string {
  if (ns < 0) return `-${timespanText(-ns)}`;
  const [days, rest] = splitDays(ns);
  return `${days}D${nanosecondClock(rest)}`;
}
/** A datetime is good to the millisecond, to which it is rounded. */
function datetimeText(days: number): string {
  const ms = Math.floor(days * 86_400_000 + 0.5);
  const day = Math.floor(ms / 86_400_000);
  if (day < dateOfMonth(-1999 * 12) || day >= dateOfMonth(8000 * 12)) return "0000.00.00T00:00:00.000";
  return `${dateText(day)}T${timeText(ms - day * 86_400_000)}`;
}

// ---- by type ---------------------------------------------------------------------------------------------------------
type ElementText = (value: AtomValue, precision: number) => string;
const hex = padded(256, 2, 16);

function int32(shown: (v: number) => string): ElementText {
  return (v) => {
    if (v === INT_NULL) return "0N";
    if (v === INT_INFINITY) return "0W";
    return v === -INT_INFINITY ? "-0W" : shown(v as number);
  };
}
function int64(shown: (v: number | bigint) => string): ElementText {
  return (v) => {
    if (typeof v === "bigint") {
      if (v === LONG_NULL) return "0N";
      if (v === LONG_INFINITY) return "0W";
      if (v === -LONG_INFINITY) return "-0W";
    }
    return shown(v as number | bigint);
  };
}

export function guidText(bytes: string): string {
  let text = "";
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += hex(bytes.charCodeAt(i))!;
  }
  return text;
}

const byType: (ElementText | undefined)[] = [];
byType[T.boolean] = (v) => (v ? "1" : "0");
byType[T.guid] = (v) => guidText(v as string);
byType[T.byte] = (v) => hex(v as number)!;
// A short's infinities have no sign of their own: kdb+ shows 32767h.
byType[T.short] = (v) => (v === SHORT_NULL ? "0N" : String(v));
byType[T.int] = int32(String);
byType[T.long] = int64(String);
byType[T.real] = (v, precision) => realText(v as number, precision);
byType[T.float] = (v, precision) => floatText(v as number, precision);
byType[T.char] = (v) => String.fromCharCode(v as number);
byType[T.symbol] = (v) => v as string;
byType[T.timestamp] = int64(timestampText);
byType[T.month] = int32(yearAndMonth);
byType[T.date] = int32(dateText);
byType[T.datetime] = (v) => {
  const days = v as number;
  if (Number.isNaN(days)) return "0N";
  if (!Number.isFinite(days)) return days > 0 ? "0w" : "-0w";
  return datetimeText(days);
};
byType[T.timespan] = int64(timespanText);
byType[T.minute] = int32((v) => {
  const m = Math.abs(v);
  return `${v < 0 ? "-" : ""}${two(Math.floor(m / 60))}:${two(m % 60)}`;
});
byType[T.second] = int32((v) => (v < 0 ? `-${clock(-v)}` : clock(v)));
byType[T.time] = int32(timeText);
for (let n = T.enum; n < T.anymap; n++) byType[n] = int64(String);

/** How elements of a (positive) type are written inside a vector: nulls are 0N or 0n, infinities 0W or 0w. */
export const elementTextOf = (type: number): ElementText => byType[type]!;

/** As `string` and columns show an element: nulls are blank. (Boolean, byte, char and guid have no blank.) */
export function blankTextOf(type: number): ElementText {
  const shown = byType[type]!;
  if (type === T.boolean || type === T.guid || type === T.byte || type === T.char || type === T.symbol) return shown;
  return (v, precision) => {
    const text = shown(v, precision);
    return text === "0N" || text === "0n" ? "" : text;
  };
}

// ---- by vector -------------------------------------------------------------------------------------------------------
/** 2^32 into a day's nanoseconds: how often, and what is left. */
const DAY_HIGH = Math.floor(DAY_NS / 4294967296);
const DAY_LOW = DAY_NS - DAY_HIGH * 4294967296;

/**
 * The blank text of a vector's i-th element. Times of 64 bits are taken apart as two words, for BigInts cost more than
 * all the rest; days, which come in runs, are remembered.
 */
export function blankTextsOf(v: Vector, precision: number): (i: number) => string {
  const textOf = blankTextOf(v.type);
  if (v.type !== T.timestamp && v.type !== T.timespan) return (i) => textOf(elementAt(v, i), precision);
  const words = v.at / 4;
  let knownDay = Number.NaN;
  let knownText = "";
  return (i) => {
    const low = U32[words + 2 * i]!;
    const high = I32[words + 2 * i + 1]!;
    if (v.type === T.timespan && high < 0) return textOf(elementAt(v, i), precision);
    // The null and the infinities.
    if ((high === -2147483648 && low < 2) || (high === 2147483647 && low === 4294967295))
      return textOf(elementAt(v, i), precision);
    let day = Math.floor((high * 4294967296 + low) / DAY_NS);
    let rest = (high - day * DAY_HIGH) * 4294967296 + (low - day * DAY_LOW);
    if (rest < 0) {
      day--;
      rest += DAY_NS;
    } else if (rest >= DAY_NS) {
      day++;
      rest -= DAY_NS;
    }
    if (day !== knownDay) {
      knownDay = day;
      knownText = v.type === T.timestamp ? dateText(day) : String(day);
    }
    return `${knownText}D${nanosecondClock(rest)}`;
  };
}
