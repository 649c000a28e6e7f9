// Finding items: where an atom stands in a vector, where many items stand in a list, and the classes
// (which items are the same) and groups that distinct, group, joins and qSQL's by are made of. Find (?) is find.ts's, dictionary
// keys and records keys.ts's, equality hashing.ts's; order, sorting and tolerant Match are elsewhere.

import { hashBytes } from "#kernels/table.ts";
import { datatypeOf, INT_NULL, LONG_NULL, SHORT_NULL, T } from "./datatypes.ts";
import { enumDomain, isEnumType, unenumerate } from "./enumeration.ts";
import { atomWords, HashIndex, ItemIndex, noWords, sameValue, Shape, shapeOf } from "./hashing.ts";
import { positionsFrom, positionsToLongs } from "./picking.ts";
import type { Session } from "./session.ts";
import { assert, signal } from "./signals.ts";
import { allocate, F32, F64, free, I16, I32, kernels, U8 } from "./storage.ts";
import type { Atom, List, Table, Value, Vector } from "./values.ts";
import { atom, columnAt, countOf, elementAt, isNull, itemAt, itemsOf, longs, newVector } from "./vectors.ts";

/** What a vector knows about where its elements are; kept on Vector.index, cleared when an element changes. */
export interface VectorIndex {
  hash?: HashIndex;
  /** Elements looked at by scans so far: when it outgrows a few times the count, a hash pays. */
  work: number;
  /** Grouped positions for g# and p#, made by attributes.ts. */
  groups?: unknown;
  /** Where the runs of a p# column start, and its count, as the column's file says; undefined if it does not. */
  stored?: () => readonly number[] | undefined;
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

// ---- by kernels ----------------------------------------------------------------------------------------------------
/** Items from which a kernel's table is worth its set-up. */
const KERNEL_FROM = 256;
/** The letter of the kernels for a vector's elements: enumerations are longs. */
const kernelLetter = (type: number): string => (type >= T.enum ? "j" : datatypeOf(type)!.letter);

/** Runs `use` with scratch memory that is given back at once: tables are as large as what they index. */
function withScratch<R>(byteCount: number, use: (at: number, byteCount: number) => R): R {
  const at = allocate(byteCount);
  try {
    return use(at, byteCount);
  } finally {
    free(at, byteCount);
  }
}

/** First positions of y's elements in x as longs, the count of x for none; both of one type. */
function findByKernel(x: Vector, y: Vector): Vector {
  const r = newVector(T.long, y.count);
  // Room for a table over the range of x: four bytes a value, where that stays in the cache.
  withScratch(Math.max(hashBytes(x.count), Math.min(8 * (x.count + y.count), 1 << 22)), (at, bytes) => {
    kernels.get(`find_${kernelLetter(x.type)}`)(x.at, x.count, y.at, y.count, r.at, at, bytes);
  });
  return r;
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
    if (a.count + b.count > KERNEL_FROM) return positionsFrom(findByKernel(a, b), a.count);
    return new HashIndex(a).positions(a, b);
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
/** An enumeration among symbols: its domain is found once, and then every index leads there. undefined: not such a case. */
function foundByDomain(session: Session, x: Vector, y: Vector): Vector | undefined {
  if (!isEnumType(y.type) || (x.type === y.type && x.domain === y.domain)) return undefined;
  const domain = unenumerate(session, enumDomain(session, y.domain!));
  if (domain.kind !== "vector" || domain.count >= y.count) return undefined;
  const places = foundIn(session, x, domain);
  // The null index is the null symbol, which may be among x.
  const ofNull = positionInVector(session, x, atom(T.symbol, ""));
  const missing = longs([ofNull < 0 ? x.count : ofNull]);
  const r = newVector(T.long, y.count);
  kernels.get("index_j8")(places.at, places.count, y.at, y.count, r.at, missing.at);
  return r;
}
/** The same as longs, with the count of x for none: what Find shows, and good as positions too. */
export function foundIn(session: Session, x: Value, y: Value): Vector {
  if (x.kind === "vector" && y.kind === "vector" && x.count + y.count > KERNEL_FROM && y.count > 2) {
    const byDomain = foundByDomain(session, x, y);
    if (byDomain !== undefined) return byDomain;
    const [a, b] = comparable(session, x, y);
    if ((a.index as VectorIndex | undefined)?.hash === undefined) return findByKernel(a, b);
  }
  return positionsToLongs(positionsIn(session, x, y), countOf(x));
}
/** For every item of y whether x has it. */
export function membersOf(session: Session, x: Value, y: Value): Vector {
  const r = newVector(T.boolean, countOf(y));
  if (x.kind === "vector" && y.kind === "vector" && x.count + y.count > KERNEL_FROM && y.count > 2) {
    const [a, b] = comparable(session, x, y);
    // Room for a bit for every value in the range of x.
    withScratch(Math.max(hashBytes(a.count), (a.count + b.count) >>> 2), (at, bytes) => {
      kernels.get(`in_${kernelLetter(a.type)}`)(a.at, a.count, b.at, b.count, r.at, at, bytes);
    });
    return r;
  }
  const p = positionsIn(session, x, y);
  for (let i = 0; i < p.count; i++) U8[r.at + i] = I32[p.at / 4 + i]! < 0 ? 0 : 1;
  return r;
}

/** For every item: the position of the first item equal to it. */
export const classesOf = (session: Session, x: Value): Vector => positionsIn(session, x, x);

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
  let found = positionsIn(session, xs[0]!, ys[0]!);
  if (xs.length === 1) return found;
  // Column by column: each side's number for the columns so far, then for the pair of that and the next column.
  let groups = groupsOf(session, xs[0]!);
  for (let c = 1; c < xs.length; c++) {
    const next = groupsOf(session, xs[c]!);
    const width = next.firsts.count + 1;
    const x = pairs(groups.numbers, next.numbers, width);
    const a = numbersAt(groups, found);
    const b = numbersAt(next, positionsIn(session, xs[c]!, ys[c]!));
    const y = pairs(a, b, width);
    found = positionsIn(session, x, y);
    if (c + 1 < xs.length) groups = groupsOf(session, x);
  }
  return found;
}
/** a·width+b as longs. */
function pairs(a: Vector, b: Vector, width: number): Vector {
  const r = newVector(T.long, a.count);
  if (a.count > 0) kernels.get("combine_j")(a.at, b.at, width, a.count, r.at);
  return r;
}
/** The group numbers of found positions; what was not found gets a number that no group has. */
function numbersAt(groups: Groups, found: Vector): Vector {
  const r = newVector(T.int, found.count);
  const none = groups.firsts.count;
  const numbers = groups.numbers.at / 4;
  for (let i = 0; i < found.count; i++) {
    const p = I32[found.at / 4 + i]!;
    I32[r.at / 4 + i] = p < 0 ? none : I32[numbers + p]!;
  }
  return r;
}

export interface Groups {
  /** Position of the first member of each group, in order of appearance (longs). */
  readonly firsts: Vector;
  /** For each item the number of its group (int vector). */
  readonly numbers: Vector;
}
/** The groups of equal items of a list, or equal rows of a table. */
export function groupsOf(session: Session, x: Value): Groups {
  if (x.kind === "table")
    return columnsGroups(
      session,
      x.names.map((_, c) => columnAt(x, c)),
    );
  if (x.kind === "vector" && x.count > KERNEL_FROM) {
    const numbers = newVector(T.int, x.count);
    return { numbers, firsts: firstsByKernel(x, numbers.at) };
  }
  return groupsFrom(classesOf(session, x));
}
/** Where each distinct element first stands; the group numbers go to `numbersAt` unless that is 0. */
function firstsByKernel(x: Vector, numbersAt: number): Vector {
  const firsts = newVector(T.long, x.count);
  const count = withScratch(hashBytes(x.count), (at, bytes) =>
    kernels.get(`ids_${kernelLetter(x.type)}`)(x.at, x.count, numbersAt, firsts.at, at, bytes),
  );
  firsts.count = count as number;
  return firsts;
}
/** The groups of rows that are equal in all columns. */
export function columnsGroups(session: Session, columns: readonly Value[]): Groups {
  assert(columns.length > 0, "rows have columns");
  let groups = groupsOf(session, columns[0]!);
  for (const column of columns.slice(1)) {
    const next = groupsOf(session, column);
    groups = groupsOf(session, pairs(groups.numbers, next.numbers, next.firsts.count));
  }
  return groups;
}
function groupsFrom(classes: Vector): Groups {
  const n = classes.count;
  const numbers = newVector(T.int, n);
  const from = classes.at / 4;
  const to = numbers.at / 4;
  const firsts: number[] = [];
  for (let i = 0; i < n; i++) {
    const c = I32[from + i]!;
    I32[to + i] = c === i ? firsts.push(i) - 1 : I32[to + c]!;
  }
  return { firsts: longs(firsts), numbers };
}
/** The positions of each group's members (longs), all groups one after another, and where each starts (count+1 offsets). */
export function groupMembers(groups: Groups): { members: Vector; starts: Int32Array } {
  const n = groups.numbers.count;
  const count = groups.firsts.count;
  const starts = new Int32Array(count + 1);
  const members = newVector(T.long, n);
  const counts = newVector(T.long, count);
  if (n === 0) return { members, starts };
  withScratch(16 * count, (scratch) => {
    kernels.get("counts_i")(groups.numbers.at, n, count, counts.at, scratch);
    kernels.get("positions_i")(groups.numbers.at, n, count, counts.at, members.at, scratch);
  });
  for (let g = 0; g < count; g++) starts[g + 1] = starts[g]! + I32[counts.at / 4 + 2 * g]!;
  return { members, starts };
}
/** Positions of first occurrences (longs): what distinct keeps. */
export function firstOccurrences(session: Session, x: Value): Vector {
  if (x.kind === "vector" && x.count > KERNEL_FROM) return firstsByKernel(x, 0);
  return groupsOf(session, x).firsts;
}

/** How deep a value goes, along its first items: 0 for an atom, 1 for a vector. */
export function depthOf(v: Value): number {
  if (v.kind === "vector") return 1;
  if (v.kind === "list") return v.items.length === 0 ? 1 : 1 + depthOf(v.items[0]!);
  return 0;
}

/** The index of a symbol (or a foreign key's value) in an enumeration's domain; 'cast if it is not there. A null needs no place. */
export function enumIndexOf(session: Session, domain: string, item: Atom): number | bigint {
  const list = enumDomain(session, domain);
  if (list.kind !== "vector") throw signal("cast", `${domain} is no list`);
  const i = positionInVector(session, list, item, true);
  if (i >= 0) return i;
  if (isNull(item)) return LONG_NULL;
  throw signal("cast", `${item.value} is not in ${domain}`);
}

export { unenumerate } from "./enumeration.ts";
