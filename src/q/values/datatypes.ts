// The closed table of q's datatypes (basics/datatypes.md). What differs by type is looked up here, never switched on.

/** Type numbers of vectors; an atom has the negative. */
export const T = {
  list: 0,
  boolean: 1,
  guid: 2,
  byte: 4,
  short: 5,
  int: 6,
  long: 7,
  real: 8,
  float: 9,
  char: 10,
  symbol: 11,
  timestamp: 12,
  month: 13,
  date: 14,
  datetime: 15,
  timespan: 16,
  minute: 17,
  second: 18,
  time: 19,
  enum: 20,
  anymap: 77,
  table: 98,
  dict: 99,
  lambda: 100,
  unary: 101,
  binary: 102,
  iterator: 103,
  projection: 104,
  composition: 105,
  each: 106,
  over: 107,
  scan: 108,
  prior: 109,
  eachRight: 110,
  eachLeft: 111,
  dynamic: 112,
} as const;

/** How elements are held: small = JS number in an integer view, long = 64-bit integer, float = IEEE. */
export type Holding = "small" | "long" | "float" | "guid" | "symbol";

export interface Datatype {
  readonly number: number;
  readonly letter: string;
  readonly name: string;
  /** Bytes of one element in memory (a symbol is a 4-byte intern id there; on disk and wire it is text). */
  readonly width: number;
  /** log2(width); guid is 4. */
  readonly shift: number;
  readonly holding: Holding;
  /** The null as an atom's value; boolean and byte have none of their own and use 0. */
  readonly nullValue: number | bigint | string;
  /** Positive infinity as an atom's value, where the type has one. */
  readonly infinity?: number | bigint;
  readonly negativeInfinity?: number | bigint;
  /** Letter of the kernel family that works on the raw elements: bytes, i16, i32, i64, f32, f64, u32 symbols, guid. */
  readonly raw: "b" | "x" | "h" | "i" | "j" | "e" | "f" | "c" | "s" | "g";
  readonly numeric: boolean;
  readonly temporal: boolean;
}

export const LONG_NULL = -(2n ** 63n);
export const LONG_INFINITY = 2n ** 63n - 1n;
export const INT_NULL = -2147483648;
export const INT_INFINITY = 2147483647;
export const SHORT_NULL = -32768;
export const SHORT_INFINITY = 32767;

const small = (raw: Datatype["raw"], width: number) => ({
  raw,
  width,
  shift: Math.log2(width),
  holding: "small" as const,
});
const int32 = { ...small("i", 4), nullValue: INT_NULL, infinity: INT_INFINITY, negativeInfinity: -INT_INFINITY };
const int64 = {
  raw: "j" as const,
  width: 8,
  shift: 3,
  holding: "long" as const,
  nullValue: LONG_NULL,
  infinity: LONG_INFINITY,
  negativeInfinity: -LONG_INFINITY,
};
const float64 = {
  raw: "f" as const,
  width: 8,
  shift: 3,
  holding: "float" as const,
  nullValue: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  negativeInfinity: Number.NEGATIVE_INFINITY,
};
const number = { numeric: true, temporal: false };
const temporal = { numeric: false, temporal: true };
const other = { numeric: false, temporal: false };

export const datatypes: readonly Datatype[] = [
  { number: 1, letter: "b", name: "boolean", ...small("b", 1), nullValue: 0, ...number },
  {
    number: 2,
    letter: "g",
    name: "guid",
    raw: "g",
    width: 16,
    shift: 4,
    holding: "guid",
    nullValue: "\0".repeat(16),
    ...other,
  },
  { number: 4, letter: "x", name: "byte", ...small("x", 1), nullValue: 0, ...number },
  {
    number: 5,
    letter: "h",
    name: "short",
    ...small("h", 2),
    nullValue: SHORT_NULL,
    infinity: SHORT_INFINITY,
    negativeInfinity: -SHORT_INFINITY,
    ...number,
  },
  { number: 6, letter: "i", name: "int", ...int32, ...number },
  { number: 7, letter: "j", name: "long", ...int64, ...number },
  { number: 8, letter: "e", name: "real", ...float64, raw: "e", width: 4, shift: 2, ...number },
  { number: 9, letter: "f", name: "float", ...float64, ...number },
  { number: 10, letter: "c", name: "char", ...small("c", 1), nullValue: 32, ...other },
  { number: 11, letter: "s", name: "symbol", raw: "s", width: 4, shift: 2, holding: "symbol", nullValue: "", ...other },
  { number: 12, letter: "p", name: "timestamp", ...int64, ...temporal },
  { number: 13, letter: "m", name: "month", ...int32, ...temporal },
  { number: 14, letter: "d", name: "date", ...int32, ...temporal },
  { number: 15, letter: "z", name: "datetime", ...float64, ...temporal },
  { number: 16, letter: "n", name: "timespan", ...int64, ...temporal },
  { number: 17, letter: "u", name: "minute", ...int32, ...temporal },
  { number: 18, letter: "v", name: "second", ...int32, ...temporal },
  { number: 19, letter: "t", name: "time", ...int32, ...temporal },
];

const byNumber: (Datatype | undefined)[] = [];
const byLetter = new Map<string, Datatype>();
const byName = new Map<string, Datatype>();
for (const d of datatypes) {
  byNumber[d.number] = d;
  byLetter.set(d.letter, d);
  byName.set(d.name, d);
}
/** An enumeration holds 64-bit indices into its domain; null is the null index. */
const enumType: Datatype = { number: 20, letter: "s", name: "symbol", ...int64, ...other };
for (let n = 20; n < 77; n++) byNumber[n] = enumType;

/** The datatype of an atom's or vector's type number (sign does not matter); undefined for lists, tables, functions. */
export function datatypeOf(type: number): Datatype | undefined {
  return byNumber[type < 0 ? -type : type];
}
export function datatypeByLetter(letter: string): Datatype | undefined {
  return byLetter.get(letter);
}
export function datatypeByName(name: string): Datatype | undefined {
  return byName.get(name);
}
/** Letter of a type number as meta and range tables show it; " " for a general list and for what is no vector. */
export function letterOf(type: number): string {
  return datatypeOf(type)?.letter ?? " ";
}
export const widthOf = (type: number): number => datatypeOf(type)!.width;

/** Attribute codes as in files and on the wire. */
export const ATTRIBUTES = ["", "s", "u", "p", "g"] as const;
export type AttributeCode = 0 | 1 | 2 | 3 | 4;
