// The text of a literal → its value: numbers of every type, temporal values, strings, symbols.

import {
  datatypeByLetter,
  INT_INFINITY,
  INT_NULL,
  LONG_INFINITY,
  LONG_NULL,
  SHORT_INFINITY,
  SHORT_NULL,
  T,
} from "#values/datatypes.ts";
import type { Atom, AtomValue, Value } from "#values/values.ts";
import { atom, char, newVector, setElement, string, symbol, symbols, vectorOf } from "#values/vectors.ts";
import { SyntaxSignal } from "./tokens.ts";

interface Scalar {
  type: number;
  value: AtomValue;
  /** No suffix and no point: may still become whatever its neighbours are. */
  open: boolean;
}

const DAY = 86_400_000_000_000n;
const LIMITS: Record<string, [AtomValue, AtomValue]> = {
  h: [SHORT_NULL, SHORT_INFINITY],
  i: [INT_NULL, INT_INFINITY],
  j: [LONG_NULL, LONG_INFINITY],
  e: [Number.NaN, Number.POSITIVE_INFINITY],
  f: [Number.NaN, Number.POSITIVE_INFINITY],
  z: [Number.NaN, Number.POSITIVE_INFINITY],
  p: [LONG_NULL, LONG_INFINITY],
  n: [LONG_NULL, LONG_INFINITY],
  m: [INT_NULL, INT_INFINITY],
  d: [INT_NULL, INT_INFINITY],
  u: [INT_NULL, INT_INFINITY],
  v: [INT_NULL, INT_INFINITY],
  t: [INT_NULL, INT_INFINITY],
};

/** Days since 2000.01.01 of a civil date; the proleptic Gregorian calendar. */
export function daysFromDate(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146097 + doe - 719468 - 10957;
}
const monthDays = (y: number, m: number): number =>
  m === 2 ? (y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31;

function scalar(text: string, position: number): Scalar {
  const bad = (): never => {
    throw new SyntaxSignal(text, position);
  };
  const negative = text[0] === "-";
  const body = negative ? text.slice(1) : text;
  const special = /^0([NnWw])([a-zA-Z]?)$/.exec(body);
  if (special !== null) {
    const [, mark, suffix] = special;
    if (suffix === "g" && mark === "N") return { type: T.guid, value: "\0".repeat(16), open: false };
    if (suffix === "c" && mark === "N") return { type: T.char, value: 32, open: false };
    const floating = mark === "n" || mark === "w";
    const letter = suffix === "" ? (floating ? "f" : "j") : suffix!;
    const limits = LIMITS[letter];
    const datatype = datatypeByLetter(letter);
    if (limits === undefined || datatype === undefined) return bad();
    let value = limits[mark === "N" || mark === "n" ? 0 : 1];
    if (negative && mark!.toLowerCase() === "w") value = typeof value === "bigint" ? -value : -(value as number);
    return { type: datatype.number, value, open: suffix === "" };
  }
  const suffix = /[a-zA-Z]$/.exec(body)?.[0] ?? "";
  if (
    body.includes(":") ||
    body.includes("D") ||
    body.includes("T") ||
    (body.match(/\./g)?.length ?? 0) >= 2 ||
    suffix === "m"
  ) {
    const temporal = temporalScalar(body, negative);
    if (temporal === undefined) return bad();
    return temporal;
  }
  if (/^[0-9]+$/.test(body)) return { type: T.long, value: integer(body, negative), open: true };
  if (/^[0-9]+[hijpdnuvtcx]$/.test(body)) {
    const datatype = datatypeByLetter(suffix)!;
    const value = integer(body.slice(0, -1), negative);
    return { type: datatype.number, value: datatype.holding === "long" ? value : Number(value), open: false };
  }
  const number = /^([0-9]*\.?[0-9]*(?:e[+-]?[0-9]+)?)([efz]?)$/.exec(body);
  if (number === null || !/[0-9]/.test(number[1]!)) return bad();
  // 1e is a real; 1e5 a float; 1e5e a real again.
  const magnitude = Number(number[1]);
  const value = negative ? -magnitude : magnitude;
  if (number[2] === "e") return { type: T.real, value: Math.fround(value), open: false };
  if (number[2] === "z") return { type: T.datetime, value, open: false };
  return { type: T.float, value, open: number[2] === "" };
}

function integer(digits: string, negative: boolean): number | bigint {
  const v = digits.length < 16 ? Number(digits) : BigInt(digits);
  const signed = negative ? -v : v;
  return signed === 0 ? 0 : signed;
}

/** hh:mm[:ss[.fraction]] as nanoseconds, and how much of it was written. */
function clock(text: string): { nanoseconds: bigint; parts: number; digits: number } | undefined {
  const m = /^([0-9]+)(?::([0-9]{2})(?::([0-9]{2})(?:\.([0-9]*))?)?)?$/.exec(text);
  if (m === null) return undefined;
  const fraction = m[4] ?? "";
  const minutes = Number(m[2] ?? 0);
  const seconds = Number(m[3] ?? 0);
  if (minutes > 59 || seconds > 59) return undefined;
  const ns =
    ((BigInt(m[1]!) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)) * 1_000_000_000n +
    BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return {
    nanoseconds: ns,
    parts: m[2] === undefined ? 1 : m[3] === undefined ? 2 : 3,
    digits: m[4] === undefined ? -1 : fraction.length,
  };
}

function temporalScalar(text: string, negative: boolean): Scalar | undefined {
  const suffix = /[mdpznuvt]$/.exec(text)?.[0];
  const body = suffix === undefined ? text : text.slice(0, -1);
  const done = (type: number, v: number | bigint): Scalar => {
    const signed = negative ? -v : v;
    const value =
      typeof signed === "bigint"
        ? signed >= -9007199254740991n && signed <= 9007199254740991n
          ? Number(signed)
          : signed
        : signed;
    return { type, value: value === 0 ? 0 : value, open: false };
  };
  const month = /^([0-9]{4})\.([0-9]{2})$/.exec(body);
  if (month !== null && suffix === "m") {
    const mm = Number(month[2]);
    return mm < 1 || mm > 12 ? undefined : done(T.month, (Number(month[1]) - 2000) * 12 + mm - 1);
  }
  if (suffix === "m" && /^[0-9]+$/.test(body)) return done(T.month, Number(body));
  const dated = /^([0-9]{4})\.([0-9]{2})\.([0-9]{2})(?:([DT])(.*))?$/.exec(body);
  if (dated !== null) {
    const [, y, mo, d, mark, rest] = dated;
    if (Number(mo) < 1 || Number(mo) > 12 || Number(d) < 1 || Number(d) > monthDays(Number(y), Number(mo)))
      return undefined;
    const days = daysFromDate(Number(y), Number(mo), Number(d));
    if (mark === undefined) {
      if (suffix === "p") return done(T.timestamp, BigInt(days) * DAY);
      if (suffix === "z") return done(T.datetime, days);
      return suffix === undefined || suffix === "d" ? done(T.date, days) : undefined;
    }
    const time = rest === "" ? { nanoseconds: 0n, parts: 1, digits: -1 } : clock(rest!);
    if (time === undefined) return undefined;
    if (mark === "D" && suffix !== "z") return done(T.timestamp, BigInt(days) * DAY + time.nanoseconds);
    return done(T.datetime, days + Number(time.nanoseconds) / Number(DAY));
  }
  const span = /^([0-9]+)D(.*)$/.exec(body);
  if (span !== null) {
    const time = span[2] === "" ? { nanoseconds: 0n } : clock(span[2]!);
    return time === undefined ? undefined : done(T.timespan, BigInt(span[1]!) * DAY + time.nanoseconds);
  }
  const time = clock(body);
  if (time === undefined || (time.parts === 1 && suffix === undefined)) return undefined;
  const ns = time.nanoseconds;
  const type = suffix ?? (time.parts === 2 ? "u" : time.digits < 0 ? "v" : time.digits > 3 ? "n" : "t");
  switch (type) {
    case "u":
      return done(T.minute, Number(ns / 60_000_000_000n));
    case "v":
      return done(T.second, Number(ns / 1_000_000_000n));
    case "t":
      return done(T.time, Number(ns / 1_000_000n));
    case "n":
      return done(T.timespan, ns);
    case "p":
      return done(T.timestamp, ns);
    default:
      return undefined;
  }
}

/** One or several numbers separated by blanks: an atom or a vector of one type. */
export function numberLiteral(texts: readonly { text: string; start: number }[]): Value {
  const first = texts[0]!;
  if (texts.length === 1) {
    const { text, start } = first;
    if (/^0x[0-9a-fA-F]*$/.test(text)) return bytesLiteral(text.slice(2));
    if (/^[01]+b$/.test(text)) {
      const bits = [...text.slice(0, -1)].map(Number);
      return bits.length === 1 ? atom(T.boolean, bits[0]!) : vectorOf(T.boolean, bits);
    }
    const one = scalar(text, start);
    return atom(one.type, one.value);
  }
  // The m of a month vector stands behind the last one only.
  const months = texts[texts.length - 1]!.text.endsWith("m");
  const scalars: Scalar[] = texts.map(({ text, start }) => {
    if (months && /^-?[0-9]{4}\.[0-9]{2}$/.test(text)) return scalar(`${text}m`, start);
    if (/^0x[0-9a-fA-F]+$|^[01]+b$/.test(text)) throw new SyntaxSignal(text, start);
    return scalar(text, start);
  });
  const type = commonType(scalars);
  const v = newVector(type, scalars.length);
  scalars.forEach((s, i) => {
    const value = convertOpen(s, type);
    if (value === undefined) throw new SyntaxSignal(texts[i]!.text, texts[i]!.start);
    setElement(v, i, value);
  });
  return v;
}

function commonType(scalars: readonly Scalar[]): number {
  const last = scalars[scalars.length - 1]!;
  const closed = scalars.filter((s) => !s.open);
  if (closed.length === 0) return scalars.some((s) => s.type === T.float) ? T.float : T.long;
  // A suffix belongs at the end and speaks for all; temporal literals each carry their own type and the widest wins.
  const types = new Set(closed.map((s) => s.type));
  if (types.size === 1) return closed[0]!.type;
  if (types.has(T.timestamp)) return T.timestamp;
  if (types.has(T.timespan)) return T.timespan;
  return Math.max(...types, last.open ? 0 : last.type);
}

const UNIT: Record<number, bigint> = {
  [T.date]: DAY,
  [T.minute]: 60_000_000_000n,
  [T.second]: 1_000_000_000n,
  [T.time]: 1_000_000n,
  [T.timespan]: 1n,
  [T.timestamp]: 1n,
};

function convertOpen(s: Scalar, type: number): AtomValue | undefined {
  if (s.type === type) return s.value;
  const from = s.type;
  if (!s.open) {
    const unit = UNIT[from];
    const wanted = UNIT[type];
    if (unit !== undefined && wanted !== undefined) {
      const ns = (BigInt(s.value as number | bigint) * unit) / wanted;
      return type === T.timestamp || type === T.timespan ? ns : Number(ns);
    }
    if (type === T.float && from === T.real) return s.value;
    return undefined;
  }
  const letter = {
    5: "h",
    6: "i",
    7: "j",
    8: "e",
    9: "f",
    12: "p",
    13: "m",
    14: "d",
    15: "z",
    16: "n",
    17: "u",
    18: "v",
    19: "t",
  }[type];
  if (letter === undefined) return undefined;
  const limits = LIMITS[letter]!;
  const v = s.value;
  const isNull = v === LONG_NULL || (typeof v === "number" && Number.isNaN(v));
  if (isNull) return limits[0];
  if (v === LONG_INFINITY || v === Number.POSITIVE_INFINITY) return limits[1];
  if (v === -LONG_INFINITY || v === Number.NEGATIVE_INFINITY)
    return typeof limits[1] === "bigint" ? -limits[1] : -(limits[1] as number);
  if (letter === "e" || letter === "f" || letter === "z") return Number(v);
  if (from === T.float) return undefined;
  return letter === "j" || letter === "p" || letter === "n" ? v : Number(v);
}

function bytesLiteral(digits: string): Value {
  const padded = digits.length % 2 === 1 ? `0${digits}` : digits;
  const bytes: number[] = [];
  for (let i = 0; i < padded.length; i += 2) bytes.push(Number.parseInt(padded.slice(i, i + 2), 16));
  return bytes.length === 1 ? atom(T.byte, bytes[0]!) : vectorOf(T.byte, bytes);
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", "/": "/" };

/** A quoted text; one character is a char atom, none or several a char vector. */
export function stringLiteral(quoted: string, position: number): Value {
  let out = "";
  for (let i = 1; i < quoted.length - 1; i++) {
    const ch = quoted[i]!;
    if (ch !== "\\") {
      out += ch;
      continue;
    }
    const next = quoted[++i]!;
    const octal = /^[0-3][0-7]{2}/.exec(quoted.slice(i, i + 3));
    if (octal !== null) {
      out += String.fromCharCode(Number.parseInt(octal[0], 8));
      i += 2;
    } else if (ESCAPES[next] !== undefined) out += ESCAPES[next];
    else throw new SyntaxSignal(`\\${next}`, position + i);
  }
  return out.length === 1 ? char(out.charCodeAt(0)) : string(out);
}

/** `a or `a`b`c */
export function symbolLiteral(text: string): Atom | ReturnType<typeof symbols> {
  const texts = text.slice(1).split("`");
  return texts.length === 1 ? symbol(texts[0]!) : symbols(texts);
}
