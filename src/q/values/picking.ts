// Items by position: the one loop under indexing, take, sort, where, joins and qSQL. Positions are an int vector made
// here or by search.ts, where anything outside 0 … count-1 (conventionally -1) stands for "no such item" and gives the
// null of the list. What may be an index, and what shape the answer has, is indexing.ts's business.

import { datatypeOf, T } from "./datatypes.ts";
import { assert, signal } from "./signals.ts";
import { allocate, I16, I32, kernels, U8, U32 } from "./storage.ts";
import type { Atom, List, Table, Value, Vector } from "./values.ts";
import {
  columnAt,
  countOf,
  dict,
  gather,
  itemAt,
  list,
  newVector,
  nullOf,
  rowCount,
  symbols,
  table,
} from "./vectors.ts";

const floatBits = new Float64Array([Number.NaN]);
const floatWords = new Int32Array(floatBits.buffer);
const realWords = new Int32Array(new Float32Array([Number.NaN]).buffer);

/** The null of a type as two 32-bit words, low first; narrower types use the low one. */
export function nullWords(type: number): readonly [number, number] {
  const d = datatypeOf(type);
  assert(d !== undefined, "only vectors have null words");
  switch (d.raw) {
    case "f":
      return [floatWords[0]!, floatWords[1]!];
    case "e":
      return [realWords[0]!, 0];
    case "j":
      return [0, -2147483648];
    case "i":
      return [-2147483648, 0];
    case "h":
      return [-32768, 0];
    case "c":
      return [32, 0];
    default:
      return [0, 0];
  }
}

/** True for the types that may index a list: boolean byte short int long. */
export const isIndexType = (type: number): boolean => {
  const t = type < 0 ? -type : type;
  return t === T.long || t === T.int || t === T.short || t === T.byte || t === T.boolean;
};

/** A position from an integer atom; -1 for a null or anything that no list is long enough for. */
export function positionOf(i: Atom): number {
  if (!isIndexType(i.type)) throw signal("type", "an index is an integer");
  const v = i.value;
  return typeof v === "number" && v >= 0 && v < 4294967296 ? v : -1;
}

/** Positions (an int vector) from an integer vector; what lies outside 0 … count-1 becomes -1. */
export function positionsFrom(i: Vector, count: number): Vector {
  const n = i.count;
  const at = i.at;
  if (!isIndexType(i.type)) throw signal("type", "an index is an integer");
  const p = newVector(T.int, n);
  const out = p.at / 4;
  switch (i.type) {
    case T.long: {
      const words = at / 4;
      for (let k = 0; k < n; k++) {
        const lo = I32[words + 2 * k]!;
        I32[out + k] = I32[words + 2 * k + 1] === 0 && lo >= 0 && lo < count ? lo : -1;
      }
      break;
    }
    case T.int:
      for (let k = 0; k < n; k++) {
        const q = I32[at / 4 + k]!;
        I32[out + k] = q >= 0 && q < count ? q : -1;
      }
      break;
    case T.short:
      for (let k = 0; k < n; k++) {
        const q = I16[at / 2 + k]!;
        I32[out + k] = q >= 0 && q < count ? q : -1;
      }
      break;
    default:
      for (let k = 0; k < n; k++) {
        const q = U8[at + k]!;
        I32[out + k] = q < count ? q : -1;
      }
  }
  return p;
}

/** Positions from JS numbers. */
export function positions(numbers: ArrayLike<number>): Vector {
  const p = newVector(T.int, numbers.length);
  const out = p.at / 4;
  for (let k = 0; k < numbers.length; k++) I32[out + k] = numbers[k]!;
  return p;
}
/** The i-th of positions that are ints or longs; negative (or 0N) for none. */
export function placeAt(p: Vector, i: number): number {
  if (p.type === T.int) return I32[p.at / 4 + i]!;
  return I32[p.at / 4 + 2 * i + 1] === 0 ? I32[p.at / 4 + 2 * i]! : -1;
}
/** first, first+1, … */
export function positionRange(first: number, count: number): Vector {
  const p = newVector(T.int, count);
  const out = p.at / 4;
  for (let k = 0; k < count; k++) I32[out + k] = first + k;
  return p;
}
/** Positions as q shows them: longs, absent ones as `absent` (Find says the count of the list). */
export function positionsToLongs(p: Vector, absent: number): Vector {
  const n = p.count;
  const v = newVector(T.long, n);
  const from = p.at / 4;
  const out = v.at / 4;
  for (let k = 0; k < n; k++) {
    const q = I32[from + k]!;
    I32[out + 2 * k] = q < 0 ? absent : q;
    I32[out + 2 * k + 1] = 0;
  }
  return v;
}

/** Where a null of each type lies in the memory, for kernels: written once, never freed. */
const nullPlaces = new Map<number, number>();
function nullPlace(type: number): number {
  const known = nullPlaces.get(type);
  if (known !== undefined) return known;
  const at = allocate(16);
  const [lo, hi] = nullWords(type);
  I32[at / 4] = lo;
  I32[at / 4 + 1] = hi;
  I32[at / 4 + 2] = 0;
  I32[at / 4 + 3] = 0;
  nullPlaces.set(type, at);
  return at;
}

/** The elements of a vector at positions: an int vector, or q's own longs; out of range gives the null. */
export function pickVector(v: Vector, p: Vector): Vector {
  assert(p.type === T.int || p.type === T.long, "positions are ints or longs");
  const r = newVector(v.type, p.count, v.domain);
  const width = datatypeOf(v.type)!.width;
  const letter = p.type === T.int ? "i" : "j";
  if (p.count > 0) kernels.get(`index_${letter}${width}`)(v.at, v.count, p.at, p.count, r.at, nullPlace(v.type));
  return r;
}

/** What stands where a list has no item: the null of a vector's type; like the first item of a general list. */
export function missingItem(v: Value): Value {
  switch (v.kind) {
    case "vector":
      return nullOf(v.type, v.domain);
    case "list":
      return v.items.length === 0 ? v : nullLike(v.items[0]!);
    case "table":
      return nullRow(v);
    case "dict":
      return missingItem(v.values);
    default:
      return list([]);
  }
}
function nullLike(v: Value): Value {
  switch (v.kind) {
    case "atom":
      return nullOf(v.type, v.domain);
    case "vector":
      return newVector(v.type, 0, v.domain);
    case "table":
      return pick(v, positions([]));
    case "dict":
      return dict(v.keys, pick(v.values, positions(new Array(countOf(v.keys)).fill(-1))));
    default:
      return list([]);
  }
}
export function nullRow(t: Table): Value {
  return dict(symbols(t.names), gather(t.names.map((_, c) => missingItem(columnAt(t, c)))));
}

/** Items of a list, rows of a table or entries of a dictionary at positions. */
export function pick(v: Value, p: Vector): Value {
  switch (v.kind) {
    case "vector":
      return pickVector(v, p);
    case "list":
      return pickList(v, p);
    case "table":
      return pickRows(v, p);
    case "dict":
      return dict(pick(v.keys, p), pick(v.values, p));
    default:
      throw signal("type", "only lists, dictionaries and tables have items to pick");
  }
}
function pickList(v: List, p: Vector): Value {
  const items: Value[] = new Array(p.count);
  const missing = missingItem(v);
  for (let k = 0; k < p.count; k++) items[k] = v.items[placeAt(p, k)] ?? missing;
  // Nothing picked from a general list stays a general list.
  return p.count === 0 ? list([]) : gather(items);
}
export function pickRows(t: Table, p: Vector): Table {
  return table(
    t.names,
    t.names.map((_, c) => pickColumn(columnAt(t, c), p)),
  );
}
/** A column keeps its kind: strings stay a general list even when one row is left. */
export function pickColumn(column: Value, p: Vector): Value {
  return column.kind === "list" ? pickListAsList(column, p) : pick(column, p);
}
function pickListAsList(v: List, p: Vector): Value {
  const items: Value[] = new Array(p.count);
  const missing = missingItem(v);
  for (let k = 0; k < p.count; k++) items[k] = v.items[placeAt(p, k)] ?? missing;
  return v.items.length > 0 && v.items[0]!.kind === "atom" ? (p.count === 0 ? list([]) : gather(items)) : list(items);
}

/** The i-th item or, out of range, the null. */
export function itemOrNull(v: Value, i: number): Value {
  const n = v.kind === "table" ? rowCount(v) : countOf(v);
  return i >= 0 && i < n ? itemAt(v, i) : missingItem(v);
}

/** Positions where a boolean vector is set. */
export function wherePositions(v: Vector): Vector {
  const n = v.count;
  let hits = 0;
  const at = v.at;
  for (let i = 0; i < n; i++) hits += U8[at + i]!;
  const p = newVector(T.int, hits);
  let out = p.at / 4;
  for (let i = 0; i < n; i++) if (U8[at + i] !== 0) I32[out++] = i;
  return p;
}

/** Copies `count` elements of `from` at `start` over those of `to` at `target`; same type, `to` owns its bytes. */
export function copyElements(to: Vector, target: number, from: Vector, start: number, count: number): void {
  const shift = datatypeOf(from.type)!.shift;
  const source = from.at + start * 2 ** shift;
  U8.copyWithin(to.at + target * 2 ** shift, source, source + count * 2 ** shift);
}
/** A fresh vector with the same elements and no attribute. */
export function copyVector(v: Vector, extraCapacity = 0): Vector {
  const r = newVector(v.type, v.count + extraCapacity, v.domain);
  r.count = v.count;
  copyElements(r, 0, v, 0, v.count);
  return r;
}

/** 32-bit words of a vector's bytes, for loops that must not touch BigInts. */
export const wordsAt = (v: Vector): number => v.at / 4;
export { I32 as words32, U32 as unsigned32 };
