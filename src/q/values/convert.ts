// Conversion between datatypes: what Cast does to one value or one vector, also used before arithmetic, comparison and
// joins bring two types together. Null goes to null; an integer too large for its new type becomes an infinity; floats
// round to the nearest (halves up); a temporal value going to a coarser unit is floored, since days and hours are
// half-open intervals (ref/cast.md). Text is not read here: that is Tok.

import {
  datatypeOf,
  INT_INFINITY,
  INT_NULL,
  LONG_INFINITY,
  LONG_NULL,
  SHORT_INFINITY,
  SHORT_NULL,
  T,
} from "./datatypes.ts";
import { own, release, retain } from "./ownership.ts";
import { signal } from "./signals.ts";
import { F32, F64, I16, I32, kernels, U8 } from "./storage.ts";
import { type Atom, type AtomValue, Vector } from "./values.ts";
import {
  atom,
  canonicalLong,
  elementAt,
  longElement,
  newVector,
  setElement,
  setLongElement,
  vectorOf,
} from "./vectors.ts";

export type Converter = (value: AtomValue) => AtomValue;

const NS_PER_DAY = 86_400_000_000_000;
/** Nanoseconds of one unit of a type that counts time of day. */
const unitNs: Record<number, number> = { [T.timespan]: 1, [T.minute]: 60e9, [T.second]: 1e9, [T.time]: 1e6 };
const INT_RAW = new Set<number>([T.int, T.month, T.date, T.minute, T.second, T.time]);
const LONG_RAW = new Set<number>([T.long, T.timestamp, T.timespan]);

// ---- 64-bit helpers: numbers while exact, bigints beyond -------------------------------------------------------------
/** floor v%d for a whole d of at most 2^53; the quotient of exact operands rounds to the right side of a whole number. */
export function floorDivide(v: number | bigint, d: number): number | bigint {
  if (typeof v === "number") return Math.floor(v / d);
  const b = BigInt(d);
  const q = v / b;
  const rest = v % b;
  return canonicalLong(rest !== 0n && rest < 0n !== b < 0n ? q - 1n : q);
}
function floorModulo(v: number | bigint, d: number): number {
  if (typeof v === "number") return v - d * Math.floor(v / d);
  const b = BigInt(d);
  return Number(((v % b) + b) % b);
}
function saturateLong(v: bigint): number | bigint {
  if (v > LONG_INFINITY) return LONG_INFINITY;
  return v < -LONG_INFINITY ? -LONG_INFINITY : canonicalLong(v);
}
/** v*by as a long; beyond the range an infinity. */
function multiplySaturated(v: number | bigint, by: number): number | bigint {
  if (typeof v === "number") {
    const r = v * by;
    if (Number.isSafeInteger(r)) return r;
  }
  return saturateLong(BigInt(v) * BigInt(by));
}
const saturateInt = (v: number | bigint): number =>
  v > INT_INFINITY ? INT_INFINITY : v < -INT_INFINITY ? -INT_INFINITY : Number(v);
const saturateShort = (v: number): number => (v > SHORT_INFINITY ? SHORT_INFINITY : Math.max(v, -SHORT_INFINITY));

/** A float to a long: nearest, halves up; 0n to 0N, beyond the range to an infinity. */
export function roundToLong(x: number): number | bigint {
  if (Number.isNaN(x)) return LONG_NULL;
  const whole = Math.abs(x) < 4503599627370496 ? Math.floor(x + 0.5) : x;
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (whole >= 2 ** 63) return LONG_INFINITY;
  if (whole <= -(2 ** 63)) return -LONG_INFINITY;
  return BigInt(whole);
}
function roundToInt(x: number): number {
  return Number.isNaN(x) ? INT_NULL : saturateInt(Math.floor(x + 0.5)) + 0;
}

// ---- the calendar (proleptic Gregorian), day 0 = 2000.01.01 ----------------------------------------------------------
/** Months since 2000.01 of a day number. */
export function monthOfDate(date: number): number {
  // Days since 0000.03.01, so that a leap day ends its year.
  const z = date + 730425;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return (era * 400 + yearOfEra - 2000) * 12 + monthFromMarch + 2;
}
/** First day of a month, which counts from 2000.01. */
export function dateOfMonth(month: number): number {
  const monthsFromMarch = month - 2;
  const year = Math.floor(monthsFromMarch / 12) + 2000;
  const monthFromMarch = monthsFromMarch - (year - 2000) * 12;
  return (
    365 * year +
    Math.floor(year / 4) -
    Math.floor(year / 100) +
    Math.floor(year / 400) +
    Math.floor((153 * monthFromMarch + 2) / 5) -
    730425
  );
}

// ---- one value -------------------------------------------------------------------------------------------------------
/** Nanoseconds of a datetime, which is exact to the millisecond only: its float is not trusted beyond that. */
function datetimeNs(z: number): number | bigint {
  if (!Number.isFinite(z)) return Number.isNaN(z) ? LONG_NULL : z > 0 ? LONG_INFINITY : -LONG_INFINITY;
  return multiplySaturated(Math.round(z * 86_400_000), 1_000_000);
}

/** From a temporal type to nanoseconds since 2000 (or since midnight); never called with a null. */
function toNs(from: number): (v: AtomValue) => number | bigint {
  switch (from) {
    case T.timestamp:
    case T.timespan:
      return (v) => v as number | bigint;
    case T.date:
      return (v) => multiplySaturated(v as number, NS_PER_DAY);
    case T.month:
      return (v) => multiplySaturated(dateOfMonth(v as number), NS_PER_DAY);
    case T.datetime:
      return (v) => datetimeNs(v as number);
    default: {
      const ns = unitNs[from]!;
      return (v) => multiplySaturated(v as number, ns);
    }
  }
}

const isDay = (type: number): boolean => type === T.date || type === T.month;

/** Time of day of a datetime, to the millisecond; its infinities, being floats, are kept. */
function timeOfDatetime(z: number): number {
  if (!Number.isFinite(z)) return z > 0 ? INT_INFINITY : -INT_INFINITY;
  const ms = Math.round(z * 86_400_000);
  return ms - Math.floor(ms / 86_400_000) * 86_400_000;
}
/** The infinite dates have infinite months, as the calendar's kernel says too. */
const monthOf = (date: number): number => (Math.abs(date) === INT_INFINITY ? date : monthOfDate(date));
function dateAsDatetime(date: number): number {
  if (date === INT_INFINITY) return Number.POSITIVE_INFINITY;
  return date === -INT_INFINITY ? Number.NEGATIVE_INFINITY : date;
}
function timestampAsDatetime(p: number | bigint): number {
  if (p === LONG_INFINITY) return Number.POSITIVE_INFINITY;
  return p === -LONG_INFINITY ? Number.NEGATIVE_INFINITY : Number(p) / NS_PER_DAY;
}

/** From one temporal type to another, nulls aside. */
function temporalConverter(from: number, to: number): Converter {
  if (from === T.date && to === T.month) return (v) => monthOf(v as number);
  if (from === T.month && to === T.date) return (v) => saturateInt(dateOfMonth(v as number));
  const ns = toNs(from);
  if (to === T.datetime) {
    if (from === T.date) return (v) => dateAsDatetime(v as number);
    if (from === T.month) return (v) => dateAsDatetime(saturateInt(dateOfMonth(v as number)));
    if (from === T.timestamp) return (v) => timestampAsDatetime(v as number | bigint);
    return (v) => Number(ns(v)) / NS_PER_DAY;
  }
  if (from === T.datetime && to !== T.timestamp) {
    const date = (v: AtomValue): number => saturateInt(Math.floor(v as number));
    if (to === T.date) return date;
    if (to === T.month) return (v) => monthOf(date(v));
    if (to === T.time) return (v) => timeOfDatetime(v as number);
    const ofTime = temporalConverter(T.time, to);
    return (v) => ofTime(timeOfDatetime(v as number));
  }
  if (to === T.timestamp) return ns;
  if (!isDay(from) && isDay(to)) {
    const perDay = from === T.timestamp ? NS_PER_DAY : NS_PER_DAY / unitNs[from]!;
    const date = (v: AtomValue): number => saturateInt(floorDivide(v as number | bigint, perDay));
    return to === T.date ? date : (v) => monthOf(date(v));
  }
  const unit = unitNs[to]!;
  // A point in time has a time of day; an amount of time keeps its whole length.
  if (from === T.timestamp) return (v) => Math.floor(floorModulo(ns(v), NS_PER_DAY) / unit);
  if (to === T.timespan) return ns;
  return (v) => saturateInt(floorDivide(ns(v), unit));
}

/** To a type held as a number, from the underlying number of `from` (null: 0N or 0n as that type has it). */
function numericConverter(from: number, to: number): Converter {
  const source = datatypeOf(from)!;
  const hasNull = from !== T.boolean && from !== T.byte && from !== T.char;
  const isFloat = source.holding === "float";
  const nullValue = hasNull && !isFloat ? source.nullValue : undefined;
  if (to === T.boolean) return (v) => (v ? 1 : Number.isNaN(v) ? 1 : 0);
  if (to === T.byte || to === T.char) {
    if (isFloat) return (v) => (Number.isNaN(v) ? 0 : roundToInt(v as number) & 255);
    return (v) => (v === nullValue ? 0 : saturateInt(v as number | bigint) & 255);
  }
  if (to === T.short) {
    if (isFloat) return (v) => (Number.isNaN(v) ? SHORT_NULL : saturateShort(roundToInt(v as number)));
    return (v) => (v === nullValue ? SHORT_NULL : saturateShort(saturateInt(v as number | bigint)));
  }
  if (INT_RAW.has(to)) {
    if (isFloat) return (v) => roundToInt(v as number);
    if (source.holding === "long") return (v) => (v === nullValue ? INT_NULL : saturateInt(v as number | bigint));
    return nullValue === undefined ? (v) => v : (v) => (v === nullValue ? INT_NULL : v);
  }
  if (LONG_RAW.has(to)) {
    if (isFloat) return (v) => roundToLong(v as number);
    if (source.holding === "long" || nullValue === undefined) return (v) => v;
    return (v) => (v === nullValue ? LONG_NULL : v);
  }
  if (to === T.real) {
    if (isFloat) return from === T.real ? (v) => v : (v) => Math.fround(v as number);
    return (v) => (v === nullValue ? Number.NaN : Math.fround(Number(v)));
  }
  if (isFloat) return (v) => v;
  return (v) => (v === nullValue ? Number.NaN : Number(v));
}

function makeConverter(from: number, to: number): Converter | undefined {
  const a = datatypeOf(from);
  const b = datatypeOf(to);
  if (a === undefined || b === undefined) return undefined;
  if (from === to) return (v) => v;
  const whole = (type: number): boolean => type === T.symbol || type === T.guid || type >= T.enum;
  if (whole(from) || whole(to)) return undefined;
  if (!a.temporal || !b.temporal) return numericConverter(from, to);
  // A date has no time of day in it: `minute$2024.01.01 is an error, as comparing the two is.
  if (isDay(from) && unitNs[to] !== undefined) return undefined;
  const convert = temporalConverter(from, to);
  const { nullValue } = a;
  const nullResult = b.nullValue;
  if (a.holding === "float") return (v) => (Number.isNaN(v) ? nullResult : convert(v));
  return (v) => (v === nullValue ? nullResult : convert(v));
}

const converters: (Converter | null | undefined)[] = new Array(20 * 20);
/** How a value of type number `from` becomes one of `to`; undefined when it cannot (symbols, guids). */
export function converter(from: number, to: number): Converter | undefined {
  const i = from * 20 + to;
  if (from >= 20 || to >= 20) return from === to ? (v) => v : undefined;
  let known = converters[i];
  if (known === undefined) {
    known = makeConverter(from, to) ?? null;
    converters[i] = known;
  }
  return known ?? undefined;
}

/** One atom's value from type number `from` to `to` (both positive); signals 'type when there is no way. */
export function convertValue(value: AtomValue, from: number, to: number): AtomValue {
  const convert = converter(from, to);
  if (convert === undefined) throw signal("type", `no conversion from ${from}h to ${to}h`);
  return convert(value);
}

export function convertAtom(a: Atom, to: number): Atom {
  if (a.type === -to) return a;
  return atom(to, convertValue(a.value, -a.type, to));
}

// ---- vectors ---------------------------------------------------------------------------------------------------------
/** The same bytes seen as another type of the same width: date as int, timestamp as long. Shares them. */
export function retype(v: Vector, type: number): Vector {
  if (v.type === type) return v;
  retain(v);
  return own(new Vector(type, 0, v.count, v.at, 0, { release: () => release(v) }));
}

/** True when converting is only another name for the same bytes. */
function sameBytes(from: number, to: number): boolean {
  const a = datatypeOf(from)!;
  const b = datatypeOf(to)!;
  if (a.temporal && b.temporal) return from === T.timespan && to === T.timestamp;
  if (to === T.boolean) return false;
  const raw = (d: typeof a): string => (d.raw === "b" || d.raw === "c" ? "x" : d.raw);
  return raw(a) === raw(b);
}

/** Elements of `v` as type number `to`; v itself when it has that type. Signals 'type when there is no way. */
export function convertVector(v: Vector, to: number): Vector {
  const from = v.type;
  if (from === to) return v;
  const convert = converter(from, to);
  if (convert === undefined) throw signal("type", `no conversion from ${from}h to ${to}h`);
  if (sameBytes(from, to)) return retype(v, to);
  if (v.count >= 8) {
    const fast = convertByKernel(v, to);
    if (fast !== undefined) return fast;
  }
  const result = newVector(to, v.count);
  const source = v.at;
  const target = result.at;
  const n = v.count;
  switch (datatypeOf(from)!.raw) {
    case "b":
    case "x":
    case "c":
      for (let i = 0; i < n; i++) setElement(result, i, convert(U8[source + i]!));
      break;
    case "h":
      for (let i = 0; i < n; i++) setElement(result, i, convert(I16[source / 2 + i]!));
      break;
    case "i":
      if (LONG_RAW.has(to))
        for (let i = 0; i < n; i++) setLongElement(target, i, convert(I32[source / 4 + i]!) as number);
      else for (let i = 0; i < n; i++) setElement(result, i, convert(I32[source / 4 + i]!));
      break;
    case "j":
      for (let i = 0; i < n; i++) setElement(result, i, convert(longElement(source, i)));
      break;
    case "e":
      for (let i = 0; i < n; i++) setElement(result, i, convert(F32[source / 4 + i]!));
      break;
    case "f":
      for (let i = 0; i < n; i++) setElement(result, i, convert(F64[source / 8 + i]!));
      break;
    default:
      for (let i = 0; i < n; i++) setElement(result, i, convert(elementAt(v, i)));
  }
  return result;
}

/** Kernels by the two types: plain changes of width, then the units of time. */
function convertByKernel(v: Vector, to: number): Vector | undefined {
  const from = v.type;
  const a = datatypeOf(from)!;
  const b = datatypeOf(to)!;
  if (!a.temporal || !b.temporal) return castBy(`cast_${a.raw}${b.raw}`, v, to);
  if (to === T.month) return from === T.date ? castBy("month_d", v, to) : throughType(v, T.date, to);
  if (from === T.month) return to === T.date ? castBy("date_m", v, to) : throughType(v, T.date, to);
  if (from === T.datetime && unitNs[to] !== undefined && to !== T.time) return throughType(v, T.time, to);
  if (to === T.datetime && from !== T.date && from !== T.timestamp) return undefined;
  if (from === T.datetime || to === T.datetime) return castBy(`cast_${a.letter}${b.letter}`, v, to);
  const unitOf = (type: number): number => (type === T.date ? NS_PER_DAY : type === T.timestamp ? 1 : unitNs[type]!);
  const x = unitOf(from);
  const y = unitOf(to);
  const letters = a.raw + b.raw;
  if (from === T.timestamp && unitNs[to] !== undefined) return castBy(`part_${letters}`, v, to, [NS_PER_DAY, y]);
  return x < y ? castBy(`quotient_${letters}`, v, to, [y / x]) : castBy(`scale_${letters}`, v, to, [x / y]);
}

function throughType(v: Vector, by: number, to: number): Vector {
  return convertVector(convertVector(v, by), to);
}

/** Runs an x r n kernel that may want one or two 64-bit units between; undefined when there is none of that name. */
function castBy(name: string, v: Vector, to: number, units: readonly number[] = []): Vector | undefined {
  if (!kernels.has(name)) return undefined;
  const result = newVector(to, v.count);
  const parameters = units.map((unit) => vectorOf(T.long, [unit]).at);
  kernels.get(name)(v.at, ...parameters, result.at, v.count);
  return result;
}
