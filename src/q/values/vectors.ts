// Making values and reading their elements, one at a time. Loops over many elements belong in kernels.
// Every constructor here hands its value to the pool (ownership.ts), and containers count their items.

import { ATTRIBUTES, type AttributeCode, datatypeOf, INT_NULL, LONG_NULL, T, widthOf } from "./datatypes.ts";
import { own, release, retain } from "./ownership.ts";
import { assert, signal } from "./signals.ts";
import { allocate, capacityFor, F32, F64, I16, I32, I64, U8, U32 } from "./storage.ts";
import { symbolId, symbolText } from "./symbols.ts";
import {
  Atom,
  type AtomValue,
  type Backing,
  Dict,
  List,
  type PackedStrings,
  Table,
  type Value,
  Vector,
} from "./values.ts";

// ---- atoms ---------------------------------------------------------------------------------------------------------
/** Canonical form of a 64-bit integer: number when exact, else bigint; wraps modulo 2^64. */
export function canonicalLong(v: number | bigint): number | bigint {
  if (typeof v === "number") return v;
  const w = BigInt.asIntN(64, v);
  return w >= -9007199254740991n && w <= 9007199254740991n ? Number(w) : w;
}

/** Made when first wanted: all of them would be 0.1 MB in every private server. */
const smallLongs: (Atom | undefined)[] = new Array(1152).fill(undefined);
export function long(v: number | bigint): Atom {
  if (typeof v === "number" && v >= -128 && v < 1024) return (smallLongs[v + 128] ??= new Atom(-T.long, v + 0)); // -0 is 0
  return new Atom(-T.long, canonicalLong(v));
}
export const FALSE = new Atom(-T.boolean, 0);
export const TRUE = new Atom(-T.boolean, 1);
export const boolean = (v: boolean | number): Atom => (v ? TRUE : FALSE);
export const float = (v: number): Atom => new Atom(-T.float, v);
export const int = (v: number): Atom => new Atom(-T.int, v);
export const symbol = (text: string): Atom => new Atom(-T.symbol, text);
const chars: (Atom | undefined)[] = new Array(256).fill(undefined);
/** A char atom from its byte. */
export const char = (byte: number): Atom => (chars[byte] ??= new Atom(-T.char, byte));
/** An atom of the (positive) type number. 64-bit values are made canonical. */
export function atom(type: number, value: AtomValue, domain?: string): Atom {
  switch (type) {
    case T.boolean:
      return value ? TRUE : FALSE;
    case T.char:
      return char(value as number);
    case T.long:
      return long(value as number | bigint);
    default:
      return new Atom(-type, typeof value === "bigint" ? canonicalLong(value) : value, domain);
  }
}
/** The null of a type: what an index out of range gives. General lists have the empty list. */
export function nullOf(type: number, domain?: string): Value {
  const d = datatypeOf(type);
  return d === undefined ? list([]) : atom(Math.abs(type), d.nullValue, domain);
}
export function isNull(a: Atom): boolean {
  const d = datatypeOf(a.type)!;
  if (d.holding === "float") return Number.isNaN(a.value as number);
  if (a.type === -T.boolean || a.type === -T.byte) return false;
  return a.value === d.nullValue;
}

// ---- vectors -------------------------------------------------------------------------------------------------------
/** A vector with undefined contents, which the caller fills before anybody sees it. */
export function newVector(type: number, count: number, domain?: string): Vector {
  const bytes = count * widthOf(type);
  const capacity = capacityFor(bytes);
  return own(new Vector(type, 0, count, allocate(bytes), capacity, undefined, domain));
}
/** A vector whose bytes are someone else's (a mapped file): read-only. */
export function backedVector(type: number, count: number, at: number, backing: Backing, domain?: string): Vector {
  assert(count === 0 || at % Math.min(widthOf(type), 8) === 0, "a mapped vector starts on its width");
  return own(new Vector(type, 0, count, at, 0, backing, domain));
}
/** `count` elements of `v` from `start`, sharing its bytes. */
export function slice(v: Vector, start: number, count: number): Vector {
  assert(start >= 0 && count >= 0 && start + count <= v.count, "a slice lies inside its vector");
  retain(v);
  return own(new Vector(v.type, 0, count, v.at + start * widthOf(v.type), 0, { release: () => release(v) }, v.domain));
}

/** The i-th element as an atom's value. The index is in range. */
export function elementAt(v: Vector, i: number): AtomValue {
  const at = v.at;
  switch (v.type) {
    case T.boolean:
    case T.byte:
    case T.char:
      return U8[at + i]!;
    case T.short:
      return I16[at / 2 + i]!;
    case T.int:
    case T.month:
    case T.date:
    case T.minute:
    case T.second:
    case T.time:
      return I32[at / 4 + i]!;
    case T.real:
      return F32[at / 4 + i]!;
    case T.float:
    case T.datetime:
      return F64[at / 8 + i]!;
    case T.symbol:
      return symbolText(U32[at / 4 + i]!);
    case T.guid: {
      let text = "";
      for (let k = 0; k < 16; k++) text += String.fromCharCode(U8[at + i * 16 + k]!);
      return text;
    }
    default:
      return longElement(at, i);
  }
}
/** A 64-bit element in canonical form. */
export function longElement(at: number, i: number): number | bigint {
  const k = at / 4 + i * 2;
  const hi = I32[k + 1]!;
  if (hi >= -2097152 && hi < 2097152) {
    const v = hi * 4294967296 + U32[k]!;
    if (v > -9007199254740992) return v;
  }
  return I64[at / 8 + i]!;
}
export function setLongElement(at: number, i: number, v: number | bigint): void {
  if (typeof v === "number") {
    const k = at / 4 + i * 2;
    I32[k] = v;
    I32[k + 1] = Math.floor(v / 4294967296);
  } else I64[at / 8 + i] = v;
}
/** Writes an element of the vector's own type. Only for vectors that own their bytes. */
export function setElement(v: Vector, i: number, value: AtomValue): void {
  assert(v.capacity > 0 || v.count === 0, "only a vector's own bytes are written");
  const at = v.at;
  switch (v.type) {
    case T.boolean:
    case T.byte:
    case T.char:
      U8[at + i] = value as number;
      return;
    case T.short:
      I16[at / 2 + i] = value as number;
      return;
    case T.int:
    case T.month:
    case T.date:
    case T.minute:
    case T.second:
    case T.time:
      I32[at / 4 + i] = value as number;
      return;
    case T.real:
      F32[at / 4 + i] = value as number;
      return;
    case T.float:
    case T.datetime:
      F64[at / 8 + i] = value as number;
      return;
    case T.symbol:
      U32[at / 4 + i] = symbolId(value as string);
      return;
    case T.guid:
      for (let k = 0; k < 16; k++) U8[at + i * 16 + k] = (value as string).charCodeAt(k);
      return;
    default:
      setLongElement(at, i, value as number | bigint);
  }
}

export function vectorOf(type: number, values: readonly AtomValue[], domain?: string): Vector {
  const v = newVector(type, values.length, domain);
  for (let i = 0; i < values.length; i++) setElement(v, i, values[i]!);
  return v;
}
export const longs = (values: readonly (number | bigint)[]): Vector => vectorOf(T.long, values);
export const booleans = (values: readonly (boolean | number)[]): Vector => vectorOf(T.boolean, values.map(Number));
export const floats = (values: readonly number[]): Vector => vectorOf(T.float, values);
export const symbols = (texts: readonly string[]): Vector => vectorOf(T.symbol, texts);
/** A char vector from a byte string. */
export function string(text: string): Vector {
  const v = newVector(T.char, text.length);
  const at = v.at;
  for (let i = 0; i < text.length; i++) U8[at + i] = text.charCodeAt(i);
  return v;
}
/** The byte string of a char vector, char atom, symbol, or empty list. */
export function textOf(v: Value): string {
  if (v.kind === "atom") {
    if (v.type === -T.char) return String.fromCharCode(v.value as number);
    if (v.type === -T.symbol) return v.value as string;
  }
  if (v.kind === "vector" && v.type === T.char) return bytesToText(v.at, v.count);
  if (v.kind === "list" && v.items.length === 0) return "";
  if (v.kind === "list" && v.items.every((x) => x.type === -T.char)) return v.items.map(textOf).join("");
  throw signal("type", "a string is wanted here");
}
export const isText = (v: Value): boolean => v.type === T.char || v.type === -T.char;
export function bytesToText(at: number, count: number): string {
  let text = "";
  for (let i = 0; i < count; i += 8192) {
    text += String.fromCharCode(...U8.subarray(at + i, at + Math.min(count, i + 8192)));
  }
  return text;
}

// ---- containers ----------------------------------------------------------------------------------------------------
export function list(items: Value[]): List {
  for (let i = 0; i < items.length; i++) retain(items[i]!);
  return own(new List(items));
}

/** A list of strings that stand in one piece: a million of them are three values, not a million. They part when asked for. */
export function packedStrings(bytes: Vector, offsets: Vector, count: number): List {
  assert(offsets.count === count + 1, "packed strings have an offset more than strings");
  retain(bytes);
  retain(offsets);
  const v = new List([]);
  v.packed = { bytes, offsets, count };
  Object.defineProperty(v, "items", { configurable: true, enumerable: true, get: () => unpack(v) });
  return own(v);
}
function packedItem(packed: PackedStrings, i: number): Vector {
  const offsets = packed.offsets.at / 4;
  const from = packed.bytes.at + U32[offsets + i]!;
  const count = packed.bytes.at + U32[offsets + i + 1]! - from;
  const v = newVector(T.char, count);
  if (count < 64) for (let k = 0; k < count; k++) U8[v.at + k] = U8[from + k]!;
  else U8.copyWithin(v.at, from, from + count);
  return v;
}
function unpack(v: List): Value[] {
  const packed = v.packed!;
  const items: Value[] = new Array(packed.count);
  for (let i = 0; i < items.length; i++) items[i] = packedItem(packed, i);
  for (const item of items) retain(item);
  Object.defineProperty(v, "items", { configurable: true, enumerable: true, writable: false, value: items });
  v.packed = undefined;
  release(packed.bytes);
  release(packed.offsets);
  return items;
}
export function dict(keys: Value, values: Value): Dict {
  retain(keys);
  retain(values);
  return own(new Dict(keys, values));
}
export function table(names: readonly string[], columns: readonly Value[]): Table {
  assert(names.length === columns.length, "a table has a column for each name");
  for (const column of columns) retain(column);
  return own(new Table([...names], [...columns]));
}

/** Items gathered into the simplest list: a vector when all are atoms of one type, else a general list. */
export function gather(items: Value[]): Value {
  const first = items[0];
  if (first === undefined) return list([]);
  if (first.kind === "atom") {
    const { type, domain } = first;
    let i = 1;
    while (i < items.length) {
      const item = items[i]!;
      if (item.type !== type || (item as Atom).domain !== domain) break;
      i++;
    }
    if (i === items.length) {
      const v = newVector(-type, items.length, domain);
      for (let k = 0; k < items.length; k++) setElement(v, k, (items[k] as Atom).value);
      return v;
    }
  }
  // Of no keys there would be no rows to count.
  if (first.kind === "dict" && first.keys.type === T.symbol && (first.keys as Vector).count > 0)
    return gatherRows(items, first);
  return list(items);
}

/** Dictionaries with the same symbol keys, in the same order, are the rows of a table. */
function gatherRows(items: Value[], first: Dict): Value {
  const keys = first.keys as Vector;
  const names = symbolTexts(keys);
  for (const item of items) {
    if (item.kind !== "dict" || item.keys.type !== T.symbol || (item.keys as Vector).count !== keys.count)
      return list(items);
    for (let k = 0; k < keys.count; k++) if (elementAt(item.keys as Vector, k) !== names[k]) return list(items);
  }
  return table(
    names,
    names.map((_, c) => gather(items.map((row) => itemAt((row as Dict).values, c)))),
  );
}

export function symbolTexts(v: Value): string[] {
  if (v.kind === "atom" && v.type === -T.symbol) return [v.value as string];
  if (v.kind === "list" && v.items.length === 0) return [];
  if (v.kind !== "vector" || v.type !== T.symbol) throw signal("type", "symbols are wanted here");
  const texts: string[] = new Array(v.count);
  for (let i = 0; i < v.count; i++) texts[i] = symbolText(U32[v.at / 4 + i]!);
  return texts;
}

/** Items: 1 for an atom or function, rows for a table, entries for a dictionary. */
export function countOf(v: Value): number {
  switch (v.kind) {
    case "vector":
      return v.count;
    case "list":
      return v.packed === undefined ? v.items.length : v.packed.count;
    case "dict":
      return countOf(v.keys);
    case "table":
      return rowCount(v);
    default:
      return 1;
  }
}
export function rowCount(t: Table): number {
  if (t.source !== undefined) return t.source.rowCount;
  if (t.partitioned !== undefined) {
    let rows = 0;
    for (let p = 0; p < t.partitioned.values.count; p++) rows += t.partitioned.rowCount(p);
    return rows;
  }
  return t.columns.length === 0 ? 0 : countOf(t.columns[0]!);
}

/** A table's column by position, asking its source on first touch. */
export function columnAt(t: Table, c: number): Value {
  const known = t.columns[c];
  if (known !== undefined) return known;
  if (t.source === undefined) throw signal("par", "a partitioned table's column stands for no single list");
  const column = t.source.column(t.names[c]!);
  retain(column);
  t.columns[c] = column;
  return column;
}

/** True for what has items: vectors, lists, dictionaries, tables. */
export const isList = (v: Value): v is Vector | List => v.kind === "vector" || v.kind === "list";
export const isListLike = (v: Value): boolean => v.type >= 0 && v.type < 100;

/** The i-th item of a list, or the i-th value of a dictionary, or the i-th row of a table (a dictionary). In range. */
export function itemAt(v: Value, i: number): Value {
  switch (v.kind) {
    case "vector":
      return atom(v.type, elementAt(v, i), v.domain);
    case "list":
      return v.packed === undefined ? v.items[i]! : packedItem(v.packed, i);
    case "dict":
      return itemAt(v.values, i);
    case "table":
      return dict(symbols(v.names), gather(v.names.map((_, c) => itemAt(columnAt(v, c), i))));
    default:
      return v;
  }
}
export function itemsOf(v: Value): Value[] {
  if (v.kind === "list") return v.items;
  const count = countOf(v);
  const items: Value[] = new Array(count);
  for (let i = 0; i < count; i++) items[i] = itemAt(v, i);
  return items;
}

/** An integer argument as a JS number; a null or anything else signals 'type. */
export function integerOf(v: Value): number {
  if (v.kind === "atom" && v.type <= -T.boolean && v.type >= -T.long && v.type !== -T.guid) {
    if (typeof v.value === "number" && v.value !== INT_NULL) return v.value;
    if (v.value === LONG_NULL) return Number.NaN;
    return Number(v.value);
  }
  throw signal("type", "an integer is wanted here");
}

export const attributeLetter = (code: AttributeCode): string => ATTRIBUTES[code];
