// Finding items: where an atom stands in a vector, where many items stand in a list, and the classes
// (which items are the same) and groups that distinct, group, joins and qSQL's by are made of. Find (?) is find.ts's, dictionary
// keys and records keys.ts's, equality hashing.ts's; order, sorting and tolerant Match are elsewhere.

import { datatypeOf, INT_NULL, LONG_NULL, SHORT_NULL, T } from "./datatypes.ts";
import { enumDomain, isEnumType, unenumerate } from "./enumeration.ts";
import { atomWords, HashIndex, ItemIndex, mix2, noWords, sameValue, Shape, shapeOf } from "./hashing.ts";
import type { Session } from "./session.ts";
import { assert, signal } from "./signals.ts";
import { F32, F64, I16, I32, U8 } from "./storage.ts";
import type { Atom, List, Table, Value, Vector } from "./values.ts";
import { atom, columnAt, elementAt, itemAt, itemsOf, newVector } from "./vectors.ts";

/** What a vector knows about where its elements are; kept on Vector.index, cleared when an element changes. */
export interface VectorIndex {
  hash?: HashIndex;
  /** Elements looked at by scans so far: when it outgrows a few times the count, a hash pays. */
  work: number;
  /** Grouped positions for g# and p#, made by attributes.ts. */
  groups?: unknown;
}
export function vectorIndex(v: Vector): VectorIndex {
  const known = v.index as VectorIndex | undefined;
  if (known !== undefined) return known;
  const fresh: VectorIndex = { work: 0 };
  v.index = fresh;
  return fresh;
}
/** The hash of a vector, built now if there is none. */
export function hashOf(v: Vector): HashIndex {
  const index = vectorIndex(v);
  index.hash ??= new HashIndex(v);
  if (index.hash.covered < v.count) index.hash.extend(v);
  return index.hash;
}

const INTEGERS = new Set([T.boolean, T.byte, T.short, T.int, T.long] as number[]);
/** The value that an atom has in a vector of another type; undefined: it cannot be there. 'type if no such thing. */
export function valueAs(session: Session, v: Vector, a: Atom): Atom["value"] | undefined {
  const type = v.type;
  if (a.type === -type && (type < T.enum || a.domain === v.domain)) return a.value;
  if (isEnumType(v.type) && (a.type === -T.symbol || isEnumType(a.type))) {
    const text = (unenumerate(session, a) as Atom).value as string;
    const domain = enumDomain(session, v.domain!);
    const i = domain.kind === "vector" ? positionInVector(session, domain, atom(T.symbol, text), true) : -1;
    return i < 0 ? (text === "" ? LONG_NULL : undefined) : i;
  }
  if (type === T.symbol && isEnumType(a.type)) return (unenumerate(session, a) as Atom).value;
  if (INTEGERS.has(type) && INTEGERS.has(-a.type)) {
    const from = datatypeOf(a.type)!;
    const to = datatypeOf(type)!;
    if (a.value === from.nullValue && a.type < -T.byte) return type > T.byte ? to.nullValue : undefined;
    const n = a.value;
    if (type === T.long) return n;
    if (typeof n !== "number") return undefined;
    const limit = type === T.int ? -INT_NULL : type === T.short ? -SHORT_NULL : type === T.byte ? 256 : 2;
    const least = type <= T.byte ? 0 : 1 - limit;
    return n < limit && n >= least ? n : undefined;
  }
  throw signal(
    "type",
    `a ${datatypeOf(a.type)?.name ?? "value of another kind"} is not found among ${datatypeOf(type)!.name}s`,
  );
}

function scan(v: Vector, value: Atom["value"]): number {
  const n = v.count;
  const at = v.at;
  const key = noWords();
  atomWords(v.type, value, key);
  const a = key.a;
  switch (shapeOf(v.type)) {
    case Shape.byte: {
      const i = U8.subarray(at, at + n).indexOf(a);
      return i;
    }
    case Shape.short:
      for (let i = 0; i < n; i++) if (I16[at / 2 + i] === a) return i;
      return -1;
    case Shape.word: {
      const from = at / 4;
      for (let i = 0; i < n; i++) if (I32[from + i] === a) return i;
      return -1;
    }
    case Shape.real: {
      const x = value as number;
      for (let i = 0; i < n; i++) {
        const e = F32[at / 4 + i]!;
        if (e === x || (Number.isNaN(e) && Number.isNaN(x))) return i;
      }
      return -1;
    }
    case Shape.long: {
      const from = at / 4;
      const b = key.b;
      for (let i = 0; i < n; i++) if (I32[from + 2 * i] === a && I32[from + 2 * i + 1] === b) return i;
      return -1;
    }
    case Shape.float: {
      const x = value as number;
      const from = at / 8;
      for (let i = 0; i < n; i++) {
        const e = F64[from + i]!;
        if (e === x || (Number.isNaN(e) && Number.isNaN(x))) return i;
      }
      return -1;
    }
    default: {
      const from = at / 4;
      for (let i = 0; i < n; i++) {
        const k = from + 4 * i;
        if (I32[k] === a && I32[k + 1] === key.b && I32[k + 2] === key.c && I32[k + 3] === key.d) return i;
      }
      return -1;
    }
  }
}

/** First position of an atom in a vector, -1 for none. `cached`: the vector is looked up often (a dictionary's keys). */
export function positionInVector(session: Session, v: Vector, a: Atom, cached = v.attribute >= 2): number {
  const value = valueAs(session, v, a);
  if (value === undefined) return -1;
  if (v.count <= 8) return scan(v, value);
  if (!cached) {
    const known = v.index as VectorIndex | undefined;
    return known?.hash !== undefined ? known.hash.position(v, value) : scan(v, value);
  }
  const index = vectorIndex(v);
  if (index.hash !== undefined) return index.hash.position(v, value);
  if (index.work > 4 * v.count) {
    index.hash = new HashIndex(v);
    return index.hash.position(v, value);
  }
  const i = scan(v, value);
  index.work += i < 0 ? v.count : i + 1;
  return i;
}

export function positionInList(v: List, key: Value): number {
  for (let i = 0; i < v.items.length; i++) if (sameValue(v.items[i]!, key)) return i;
  return -1;
}

/** Two vectors made comparable word by word: enumerations of one domain stay, others become symbols; integers widen. */
function comparable(session: Session, x: Vector, y: Vector): [Vector, Vector] {
  if (x.type === y.type && x.domain === y.domain) return [x, y];
  const symbolic = (v: Vector) => v.type === T.symbol || isEnumType(v.type);
  if (symbolic(x) && symbolic(y)) return [unenumerate(session, x) as Vector, unenumerate(session, y) as Vector];
  if (INTEGERS.has(x.type) && INTEGERS.has(y.type)) return [widened(x), widened(y)];
  throw signal("type", `${datatypeOf(y.type)!.name}s are not found among ${datatypeOf(x.type)!.name}s`);
}
function widened(v: Vector): Vector {
  if (v.type === T.long) return v;
  const r = newVector(T.long, v.count);
  const isNull = v.type === T.int ? INT_NULL : v.type === T.short ? SHORT_NULL : undefined;
  const out = r.at / 4;
  for (let i = 0; i < v.count; i++) {
    const e = elementAt(v, i) as number;
    if (e === isNull) {
      I32[out + 2 * i] = 0;
      I32[out + 2 * i + 1] = INT_NULL;
    } else {
      I32[out + 2 * i] = e;
      I32[out + 2 * i + 1] = e < 0 ? -1 : 0;
    }
  }
  return r;
}

/** Smallest and largest of small whole elements, when a table over that range is cheaper than a hash. */
function smallRange(v: Vector, shape: Shape): { low: number; size: number } | undefined {
  if (shape === Shape.byte) return { low: 0, size: 256 };
  if (shape !== Shape.word && shape !== Shape.short && shape !== Shape.long) return undefined;
  const n = v.count;
  if (n < 16) return undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  if (shape === Shape.long) {
    const from = v.at / 4;
    for (let i = 0; i < n; i++) {
      const e = I32[from + 2 * i]!;
      if (I32[from + 2 * i + 1] !== e >> 31) return undefined;
      if (e < low) low = e;
      if (e > high) high = e;
    }
  } else if (shape === Shape.word) {
    const from = v.at / 4;
    for (let i = 0; i < n; i++) {
      const e = I32[from + i]!;
      if (e < low) low = e;
      if (e > high) high = e;
    }
  } else {
    for (let i = 0; i < n; i++) {
      const e = I16[v.at / 2 + i]!;
      if (e < low) low = e;
      if (e > high) high = e;
    }
  }
  const size = high - low + 1;
  return size <= 4 * n + 1024 ? { low, size } : undefined;
}
/** First positions by a table over x's range: position+1 by value-low. */
function rangePositions(x: Vector, y: Vector, shape: Shape, low: number, size: number): Vector {
  const table = new Int32Array(size);
  const p = newVector(T.int, y.count);
  const out = p.at / 4;
  const nx = x.count;
  const ny = y.count;
  switch (shape) {
    case Shape.byte:
      for (let i = nx - 1; i >= 0; i--) table[U8[x.at + i]!] = i + 1;
      for (let i = 0; i < ny; i++) I32[out + i] = table[U8[y.at + i]!]! - 1;
      return p;
    case Shape.short:
      for (let i = nx - 1; i >= 0; i--) table[I16[x.at / 2 + i]! - low] = i + 1;
      for (let i = 0; i < ny; i++) {
        const k = I16[y.at / 2 + i]! - low;
        I32[out + i] = k >= 0 && k < size ? table[k]! - 1 : -1;
      }
      return p;
    case Shape.word: {
      const fx = x.at / 4;
      const fy = y.at / 4;
      for (let i = nx - 1; i >= 0; i--) table[I32[fx + i]! - low] = i + 1;
      for (let i = 0; i < ny; i++) {
        const k = I32[fy + i]! - low;
        I32[out + i] = k >= 0 && k < size ? table[k]! - 1 : -1;
      }
      return p;
    }
    default: {
      const fx = x.at / 4;
      const fy = y.at / 4;
      for (let i = nx - 1; i >= 0; i--) table[I32[fx + 2 * i]! - low] = i + 1;
      for (let i = 0; i < ny; i++) {
        const e = I32[fy + 2 * i]!;
        const k = I32[fy + 2 * i + 1] === e >> 31 ? e - low : -1;
        I32[out + i] = k >= 0 && k < size ? table[k]! - 1 : -1;
      }
      return p;
    }
  }
}

/** For every item of y: the first position of an equal item in x, -1 for none. Both are lists of items of one rank. */
export function positionsIn(session: Session, x: Value, y: Value): Vector {
  if (x.kind === "table" && y.kind === "table") return rowPositions(session, x, y);
  if (x.kind === "vector" && y.kind === "vector") {
    const [a, b] = comparable(session, x, y);
    const known = (a.index as VectorIndex | undefined)?.hash;
    if (known !== undefined) return known.positions(a, b);
    if (b.count <= 2 && b.count < a.count) {
      const p = newVector(T.int, b.count);
      for (let i = 0; i < b.count; i++) I32[p.at / 4 + i] = positionInVector(session, a, itemAt(b, i) as Atom);
      return p;
    }
    const shape = shapeOf(a.type);
    const range = smallRange(a, shape);
    if (range !== undefined) return rangePositions(a, b, shape, range.low, range.size);
    const hash = a.attribute >= 2 ? hashOf(a) : new HashIndex(a);
    return hash.positions(a, b);
  }
  const items = itemsOf(x);
  const keys = itemsOf(y);
  const p = newVector(T.int, keys.length);
  const out = p.at / 4;
  if (items.length > 8 && keys.length > 2) {
    const index = new ItemIndex(items);
    for (let i = 0; i < keys.length; i++) I32[out + i] = index.position(keys[i]!);
  } else {
    for (let i = 0; i < keys.length; i++) I32[out + i] = items.findIndex((item) => sameValue(item, keys[i]!));
  }
  return p;
}

/** For every item: the position of the first item equal to it. */
export const classesOf = (session: Session, x: Value): Vector => positionsIn(session, x, x);

/** Pairs of codes (two int vectors, -1 for absent) told apart: for (x1,x2) and then every (y1,y2) the first position. */
function pairPositions(x1: Vector, x2: Vector, y1: Vector, y2: Vector): Vector {
  const nx = x1.count;
  const ny = y1.count;
  let size = 16;
  while (size < nx * 2) size *= 2;
  const mask = size - 1;
  const slots = new Int32Array(size);
  const [a1, a2, b1, b2] = [x1.at / 4, x2.at / 4, y1.at / 4, y2.at / 4];
  for (let i = 0; i < nx; i++) {
    const p = I32[a1 + i]!;
    const q = I32[a2 + i]!;
    let s = mix2(p, q) & mask;
    for (;;) {
      const held = slots[s]!;
      if (held === 0) {
        slots[s] = i + 1;
        break;
      }
      if (I32[a1 + held - 1] === p && I32[a2 + held - 1] === q) break;
      s = (s + 1) & mask;
    }
  }
  const r = newVector(T.int, ny);
  const out = r.at / 4;
  for (let i = 0; i < ny; i++) {
    const p = I32[b1 + i]!;
    const q = I32[b2 + i]!;
    if (p < 0 || q < 0) {
      I32[out + i] = -1;
      continue;
    }
    let s = mix2(p, q) & mask;
    for (;;) {
      const held = slots[s]!;
      if (held === 0) {
        I32[out + i] = -1;
        break;
      }
      if (I32[a1 + held - 1] === p && I32[a2 + held - 1] === q) {
        I32[out + i] = held - 1;
        break;
      }
      s = (s + 1) & mask;
    }
  }
  return r;
}

/** Rows of y in x by the columns of x (y has them in any order). */
export function rowPositions(session: Session, x: Table, y: Table): Vector {
  return columnsPositions(
    session,
    x.names.map((_, c) => columnAt(x, c)),
    x.names.map((name) => {
      const c = y.names.indexOf(name);
      if (c < 0) throw signal("mismatch", `no column ${name}`);
      return columnAt(y, c);
    }),
  );
}
/** The same over bare columns: for every row of ys the first row of xs that equals it. */
export function columnsPositions(session: Session, xs: readonly Value[], ys: readonly Value[]): Vector {
  assert(xs.length === ys.length && xs.length > 0, "rows are compared column by column");
  let py = positionsIn(session, xs[0]!, ys[0]!);
  if (xs.length === 1) return py;
  let px = xs[0] === ys[0] ? py : classesOf(session, xs[0]!);
  for (let c = 1; c < xs.length; c++) {
    const qy = positionsIn(session, xs[c]!, ys[c]!);
    const qx = xs[c] === ys[c] ? qy : classesOf(session, xs[c]!);
    const ry = pairPositions(px, qx, py, qy);
    if (c + 1 < xs.length) px = px === py && qx === qy ? ry : pairPositions(px, qx, px, qx);
    py = ry;
  }
  return py;
}

export interface Groups {
  /** Position of the first member of each group, in order of appearance (int vector). */
  readonly firsts: Vector;
  /** For each item the number of its group (int vector). */
  readonly numbers: Vector;
}
/** Groups from classes (classesOf, columnsPositions of a table on itself). */
export function groupsFrom(classes: Vector): Groups {
  const n = classes.count;
  const numbers = newVector(T.int, n);
  const from = classes.at / 4;
  const to = numbers.at / 4;
  let count = 0;
  for (let i = 0; i < n; i++) {
    const c = I32[from + i]!;
    I32[to + i] = c === i ? count++ : I32[to + c]!;
  }
  const firsts = newVector(T.int, count);
  let out = firsts.at / 4;
  for (let i = 0; i < n; i++) if (I32[from + i] === i) I32[out++] = i;
  return { firsts, numbers };
}
/** The positions of each group's members, all groups one after another, and where each starts (count+1 offsets). */
export function groupMembers(groups: Groups): { members: Vector; starts: Int32Array } {
  const n = groups.numbers.count;
  const count = groups.firsts.count;
  const starts = new Int32Array(count + 1);
  const from = groups.numbers.at / 4;
  for (let i = 0; i < n; i++) starts[I32[from + i]! + 1]!++;
  for (let g = 0; g < count; g++) starts[g + 1]! += starts[g]!;
  const next = starts.slice(0, count);
  const members = newVector(T.int, n);
  const out = members.at / 4;
  for (let i = 0; i < n; i++) I32[out + next[I32[from + i]!]!++] = i;
  return { members, starts };
}
/** Positions of first occurrences: what distinct keeps. */
export function firstOccurrences(session: Session, x: Value): Vector {
  const classes = x.kind === "table" ? rowPositions(session, x, x) : classesOf(session, x);
  const from = classes.at / 4;
  let count = 0;
  for (let i = 0; i < classes.count; i++) if (I32[from + i] === i) count++;
  const p = newVector(T.int, count);
  let out = p.at / 4;
  for (let i = 0; i < classes.count; i++) if (I32[from + i] === i) I32[out++] = i;
  return p;
}

/** How deep a value goes, along its first items: 0 for an atom, 1 for a vector. */
export function depthOf(v: Value): number {
  if (v.kind === "vector") return 1;
  if (v.kind === "list") return v.items.length === 0 ? 1 : 1 + depthOf(v.items[0]!);
  return 0;
}

/** The index of a symbol in an enumeration's domain; 'cast if it is not there. The null symbol needs no place. */
export function enumIndexOf(session: Session, domain: string, text: string): number | bigint {
  const list = enumDomain(session, domain);
  const i = list.kind === "vector" ? positionInVector(session, list, atom(T.symbol, text), true) : -1;
  if (i >= 0) return i;
  if (text === "") return LONG_NULL;
  throw signal("cast", `${text} is not in ${domain}`);
}

export { unenumerate } from "./enumeration.ts";
