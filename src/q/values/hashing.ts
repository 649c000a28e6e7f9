// Equality and hashing of elements and of whole values, as Find has it: exact, no tolerance, nulls are equal, -0 is 0.
// HashIndex covers a vector's elements, ItemIndex any items. Who is looked up where is search.ts's and keys.ts's.

import { datatypeOf, datatypes, T } from "./datatypes.ts";
import { F32, F64, I16, I32, U8 } from "./storage.ts";
import { symbolId } from "./symbols.ts";
import type { Atom, Dict, List, Table, Value, Vector } from "./values.ts";
import { columnAt, elementAt, newVector, rowCount } from "./vectors.ts";

const scratchFloat = new Float64Array(1);
const scratchWords = new Int32Array(scratchFloat.buffer);
const scratchReal = new Float32Array(1);
const scratchRealWord = new Int32Array(scratchReal.buffer);

/** An element as the words that are hashed and compared: canonical for zeros and NaNs. */
interface Words {
  a: number;
  b: number;
  c: number;
  d: number;
}
export const noWords = (): Words => ({ a: 0, b: 0, c: 0, d: 0 });

/** Words of an atom's value held in a vector of `type`. */
export function atomWords(type: number, value: Atom["value"], out: Words): void {
  out.b = out.c = out.d = 0;
  switch (datatypeOf(type)!.raw) {
    case "s":
      out.a = symbolId(value as string);
      return;
    case "j":
      if (typeof value === "number") {
        out.a = value | 0;
        out.b = Math.floor(value / 4294967296);
      } else {
        out.a = Number(BigInt.asIntN(32, value as bigint));
        out.b = Number((value as bigint) >> 32n);
      }
      return;
    case "f":
      floatWord(value as number, out);
      return;
    case "e":
      out.a = realWord(value as number);
      return;
    case "g": {
      const text = value as string;
      const word = (k: number) =>
        text.charCodeAt(k) |
        (text.charCodeAt(k + 1) << 8) |
        (text.charCodeAt(k + 2) << 16) |
        (text.charCodeAt(k + 3) << 24);
      out.a = word(0);
      out.b = word(4);
      out.c = word(8);
      out.d = word(12);
      return;
    }
    default:
      out.a = value as number;
  }
}
function floatWord(x: number, out: Words): void {
  if (Number.isNaN(x)) {
    out.a = 0;
    out.b = 0x7ff80000;
    return;
  }
  scratchFloat[0] = x === 0 ? 0 : x;
  out.a = scratchWords[0]!;
  out.b = scratchWords[1]!;
}
function realWord(x: number): number {
  if (Number.isNaN(x)) return 0x7fc00000;
  scratchReal[0] = x === 0 ? 0 : x;
  return scratchRealWord[0]!;
}

/** How many words tell two elements of a type apart; 0: floats, which must be made canonical first. */
export const Shape = { byte: 0, short: 1, word: 2, real: 3, long: 4, float: 5, guid: 6 } as const;
export type Shape = (typeof Shape)[keyof typeof Shape];
/** By type number: looked up for every key, so made once. */
const shapes: Shape[] = [];
for (const d of datatypes) {
  const plain = [Shape.byte, Shape.short, Shape.word, Shape.long, Shape.guid][d.shift]!;
  shapes[d.number] = d.raw === "f" ? Shape.float : d.raw === "e" ? Shape.real : plain;
}
export const shapeOf = (type: number): Shape => shapes[type] ?? Shape.long;

const mix1 = (a: number): number => {
  const h = Math.imul(a, -1640531535);
  return h ^ (h >>> 15);
};
export const mix2 = (a: number, b: number): number => {
  const h = Math.imul(a ^ Math.imul(b, -2048144777), -1640531535);
  return h ^ (h >>> 15);
};

/** Which element stands where: a hash over a vector's elements that grows as the vector does. First occurrences win. */
export class HashIndex {
  private slots: Int32Array;
  private mask: number;
  private readonly shape: Shape;
  private readonly key = noWords();
  private readonly other = noWords();
  private distinctCount = 0;
  /** Elements hashed so far: the vector may have been appended to since. */
  covered = 0;

  constructor(v: Vector) {
    this.shape = shapeOf(v.type);
    let size = 16;
    while (size < v.count * 2) size *= 2;
    this.slots = new Int32Array(size);
    this.mask = size - 1;
    this.extend(v);
  }

  private load(v: Vector, i: number, out: Words): void {
    const at = v.at;
    switch (this.shape) {
      case Shape.byte:
        out.a = U8[at + i]!;
        return;
      case Shape.short:
        out.a = I16[at / 2 + i]!;
        return;
      case Shape.word:
        out.a = I32[at / 4 + i]!;
        return;
      case Shape.real:
        out.a = realWord(F32[at / 4 + i]!);
        return;
      case Shape.long:
        out.a = I32[at / 4 + 2 * i]!;
        out.b = I32[at / 4 + 2 * i + 1]!;
        return;
      case Shape.float:
        floatWord(F64[at / 8 + i]!, out);
        return;
      case Shape.guid:
        out.a = I32[at / 4 + 4 * i]!;
        out.b = I32[at / 4 + 4 * i + 1]!;
        out.c = I32[at / 4 + 4 * i + 2]!;
        out.d = I32[at / 4 + 4 * i + 3]!;
    }
  }

  /** Slot where the key stands, or the free one where it would. */
  private probe(v: Vector): number {
    const k = this.key;
    const o = this.other;
    let s = (k.c === 0 && k.d === 0 ? mix2(k.a, k.b) : mix2(mix2(k.a, k.b), mix2(k.c, k.d))) & this.mask;
    for (;;) {
      const held = this.slots[s]!;
      if (held === 0) return s;
      this.load(v, held - 1, o);
      if (o.a === k.a && o.b === k.b && o.c === k.c && o.d === k.d) return s;
      s = (s + 1) & this.mask;
    }
  }

  /** Takes in what was appended since. */
  extend(v: Vector): void {
    for (let i = this.covered; i < v.count; i++) {
      if (this.distinctCount * 2 >= this.slots.length) this.grow(v);
      this.load(v, i, this.key);
      const s = this.probe(v);
      if (this.slots[s] === 0) {
        this.slots[s] = i + 1;
        this.distinctCount++;
      }
    }
    this.covered = v.count;
  }
  private grow(v: Vector): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.slots.length - 1;
    for (const held of old) {
      if (held === 0) continue;
      this.load(v, held - 1, this.key);
      this.slots[this.probe(v)] = held;
    }
  }

  /** True while no element has occurred twice. */
  get unique(): boolean {
    return this.distinctCount === this.covered;
  }

  /** Position of the first equal element, -1 for none. `value` is of the vector's own type. */
  position(v: Vector, value: Atom["value"]): number {
    if (this.covered < v.count) this.extend(v);
    atomWords(v.type, value, this.key);
    return this.slots[this.probe(v)]! - 1;
  }

  /** First position of an element equal to the i-th. */
  firstOf(v: Vector, i: number): number {
    if (this.covered < v.count) this.extend(v);
    this.load(v, i, this.key);
    return this.slots[this.probe(v)]! - 1;
  }

  /** For every element of y (of x's own type): the first position in x, or -1. */
  positions(x: Vector, y: Vector): Vector {
    if (this.covered < x.count) this.extend(x);
    const p = newVector(T.int, y.count);
    const out = p.at / 4;
    for (let i = 0; i < y.count; i++) {
      this.load(y, i, this.key);
      I32[out + i] = this.slots[this.probe(x)]! - 1;
    }
    return p;
  }
}

/** Exactly equal: same type, same elements (null equals null, -0 equals 0), same domain. Attributes do not count. */
export function sameValue(x: Value, y: Value): boolean {
  if (x === y) return true;
  if (x.kind !== y.kind || x.type !== y.type) return false;
  switch (x.kind) {
    case "atom": {
      const b = y as Atom;
      return x.domain === b.domain && (x.value === b.value || (Number.isNaN(x.value) && Number.isNaN(b.value)));
    }
    case "vector":
      return sameElements(x, y as Vector);
    case "list": {
      const b = (y as List).items;
      if (x.items.length !== b.length) return false;
      for (let i = 0; i < b.length; i++) if (!sameValue(x.items[i]!, b[i]!)) return false;
      return true;
    }
    case "dict":
      return sameValue(x.keys, (y as Dict).keys) && sameValue(x.values, (y as Dict).values);
    case "table": {
      const b = y as Table;
      if (x.names.length !== b.names.length || rowCount(x) !== rowCount(b)) return false;
      for (let c = 0; c < x.names.length; c++) {
        if (x.names[c] !== b.names[c] || !sameValue(columnAt(x, c), columnAt(b, c))) return false;
      }
      return true;
    }
    case "lambda":
      return x.source === (y as typeof x).source && x.context === (y as typeof x).context;
    case "primitive":
      return x.row === (y as typeof x).row && x.text === (y as typeof x).text;
    case "iterator":
      return x.code === (y as typeof x).code;
    case "projection": {
      const b = y as typeof x;
      return (
        sameValue(x.f, b.f) &&
        x.given.length === b.given.length &&
        x.given.every((g, i) => {
          const h = b.given[i];
          return g === undefined || h === undefined ? g === h : sameValue(g, h);
        })
      );
    }
    case "composition": {
      const b = (y as typeof x).functions;
      return x.functions.length === b.length && x.functions.every((f, i) => sameValue(f, b[i]!));
    }
    case "derived":
      return x.code === (y as typeof x).code && sameValue(x.f, (y as typeof x).f);
  }
}
function sameElements(x: Vector, y: Vector): boolean {
  if (x.count !== y.count || x.domain !== y.domain) return false;
  const shape = shapeOf(x.type);
  const n = x.count;
  if (shape === Shape.float || shape === Shape.real) {
    const view = shape === Shape.float ? F64 : F32;
    const from = x.at / (shape === Shape.float ? 8 : 4);
    const to = y.at / (shape === Shape.float ? 8 : 4);
    for (let i = 0; i < n; i++) {
      const a = view[from + i]!;
      const b = view[to + i]!;
      if (a !== b && (!Number.isNaN(a) || !Number.isNaN(b))) return false;
    }
    return true;
  }
  const bytes = n * datatypeOf(x.type)!.width;
  if (bytes < 64) {
    for (let i = 0; i < bytes; i++) if (U8[x.at + i] !== U8[y.at + i]) return false;
    return true;
  }
  return Buffer.compare(U8.subarray(x.at, x.at + bytes), U8.subarray(y.at, y.at + bytes)) === 0;
}

/** Equal values have equal hashes. */
export function hashValue(v: Value): number {
  switch (v.kind) {
    case "atom":
      return mix2(hashAtomValue(v.type, v.value), v.type);
    case "vector": {
      let h = mix2(v.type, v.count);
      // Long vectors differ early or not at all in practice; equality decides in the end.
      const n = Math.min(v.count, 64);
      for (let i = 0; i < n; i++) h = mix2(h, hashAtomValue(v.type, elementAt(v, i)));
      return h;
    }
    case "list": {
      let h = mix2(0, v.items.length);
      for (let i = 0; i < Math.min(v.items.length, 64); i++) h = mix2(h, hashValue(v.items[i]!));
      return h;
    }
    case "dict":
      return mix2(hashValue(v.keys), hashValue(v.values));
    case "table":
      return mix2(v.names.length, rowCount(v));
    default:
      return mix1(v.type);
  }
}
const hashWords = noWords();
function hashAtomValue(type: number, value: Atom["value"]): number {
  atomWords(type, value, hashWords);
  return mix2(mix2(hashWords.a, hashWords.b), mix2(hashWords.c, hashWords.d));
}

/** A hash over any items: the general list's counterpart of HashIndex. */
export class ItemIndex {
  private readonly buckets = new Map<number, number | number[]>();
  covered = 0;
  constructor(private readonly items: Value[]) {
    this.extend();
  }
  extend(): void {
    for (let i = this.covered; i < this.items.length; i++) this.add(i);
    this.covered = this.items.length;
  }
  private add(i: number): void {
    const h = hashValue(this.items[i]!);
    const held = this.buckets.get(h);
    if (held === undefined) this.buckets.set(h, i);
    else if (typeof held === "number") this.buckets.set(h, [held, i]);
    else held.push(i);
  }
  position(key: Value): number {
    if (this.covered < this.items.length) this.extend();
    const held = this.buckets.get(hashValue(key));
    if (held === undefined) return -1;
    if (typeof held === "number") return sameValue(this.items[held]!, key) ? held : -1;
    for (const i of held) if (sameValue(this.items[i]!, key)) return i;
    return -1;
  }
}
