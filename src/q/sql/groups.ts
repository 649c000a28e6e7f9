// Which row belongs to which group. Groups come in ascending order of their keys, first key column major, as by shows
// them. Keys with a p# or s# attribute and keys of a small range need no hashing; for the rest search.ts finds the
// classes. Rows of a group that stand together (runs) are never moved.

import { datatypeOf, INT_NULL, SHORT_NULL, T } from "#values/datatypes.ts";
import { pick, positions } from "#values/picking.ts";
import { partedStarts } from "#values/attributes.ts";
import { enumDomain } from "#values/enumeration.ts";
import { classesOf } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { assert } from "#values/signals.ts";
import { I16, I32, U8, U32 } from "#values/storage.ts";
import { compareText, symbolText } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { countOf, newVector } from "#values/vectors.ts";

/** Rows from[g] … to[g]-1 make group g. */
export interface Runs {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export class Groups {
  private idsVector: Vector | undefined;
  private ordered: { order: Vector; runs: Runs } | undefined;

  constructor(
    readonly count: number,
    readonly rowCount: number,
    /** For each key column its value in each group. */
    readonly keys: Value[],
    /** A row of each group. */
    readonly firsts: Int32Array,
    /** Set when the rows of each group are consecutive. */
    readonly runs: Runs | undefined,
    ids: Vector | undefined,
  ) {
    this.idsVector = ids;
  }

  /** The same groups under other keys. */
  withKeys(keys: Value[]): Groups {
    return new Groups(this.count, this.rowCount, keys, this.firsts, this.runs, this.idsVector);
  }

  /** The group of each row: an int vector. */
  get ids(): Vector {
    this.idsVector ??= idsOfRuns(this.runs!, this.rowCount);
    return this.idsVector;
  }

  /** Rows in the order of groups, and where each group stands in it; `order` is undefined when the rows stand so. */
  inOrder(): { order: Vector | undefined; runs: Runs } {
    if (this.runs !== undefined) return { order: undefined, runs: this.runs };
    this.ordered ??= countingSort(this.ids, this.count);
    return this.ordered;
  }

  /** True when the rows of all groups, one group after the other, are the rows as they stand. */
  get inPlace(): boolean {
    const { runs } = this;
    if (runs === undefined) return false;
    for (let g = 1; g < this.count; g++) if (runs.from[g] !== runs.to[g - 1]) return false;
    return true;
  }

  size(g: number): number {
    const { runs } = this.inOrder();
    return runs.to[g]! - runs.from[g]!;
  }
}

/** All rows in one group, or no group when there are none. */
export function oneGroup(rowCount: number): Groups {
  const count = rowCount === 0 ? 0 : 1;
  const from = new Int32Array(count);
  return new Groups(count, rowCount, [], from, { from, to: new Int32Array(count).fill(rowCount) }, undefined);
}

function idsOfRuns(runs: Runs, rowCount: number): Vector {
  const ids = newVector(T.int, rowCount);
  const at = ids.at / 4;
  for (let g = 0; g < runs.from.length; g++) I32.fill(g, at + runs.from[g]!, at + runs.to[g]!);
  return ids;
}

function countingSort(ids: Vector, count: number): { order: Vector; runs: Runs } {
  const n = ids.count;
  const at = ids.at / 4;
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  for (let i = 0; i < n; i++) to[I32[at + i]!]!++;
  for (let g = 0, sum = 0; g < count; g++) {
    const size = to[g]!;
    from[g] = sum;
    to[g] = sum;
    sum += size;
  }
  const order = newVector(T.int, n);
  const out = order.at / 4;
  for (let i = 0; i < n; i++) I32[out + to[I32[at + i]!]!++] = i;
  return { order, runs: { from, to } };
}

/** One key column's classes, in ascending order. */
interface Classes {
  readonly count: number;
  readonly firsts: Int32Array;
  readonly runs: Runs | undefined;
  /** Int vector; made on demand from runs. */
  readonly ids: Vector | undefined;
}

/** Groups rows by key columns, all of one length. */
export function groupRows(session: Session, keys: readonly Value[], rowCount: number): Groups {
  assert(keys.length > 0, "a grouping has a key");
  let classes = classify(session, keys[0]!, rowCount);
  for (let k = 1; k < keys.length; k++)
    classes = combine(session, classes, classify(session, keys[k]!, rowCount), rowCount);
  const runs = classes.runs ?? monotoneRuns(classes.ids!, classes.count);
  const at = positions(classes.firsts);
  const keyValues = keys.map((key) => pick(key, at));
  return new Groups(classes.count, rowCount, keyValues, classes.firsts, runs, classes.ids);
}

function classify(session: Session, key: Value, rowCount: number): Classes {
  if (key.kind === "vector") {
    const runs = classesOfRuns(session, key);
    if (runs !== undefined) return runs;
    const direct = directClasses(session, key);
    if (direct !== undefined) return direct;
  }
  return hashedClasses(session, key, rowCount);
}

// ---- runs ----------------------------------------------------------------------------------------------------------
function classesOfRuns(session: Session, key: Vector): Classes | undefined {
  // A float's equal values may differ in their bits (0 and -0): left to the hash.
  if (key.type === T.float || key.type === T.real || key.type === T.datetime) return undefined;
  const edges = partedStarts(key);
  if (edges === undefined) return undefined;
  const count = edges.length - 1;
  let starts = Int32Array.from(edges.slice(0, -1));
  const ends = Int32Array.from(edges.slice(1));
  const order = sortedOrder(session, pick(key, positions(starts)));
  if (order === undefined) return { count, firsts: starts, runs: { from: starts, to: ends }, ids: undefined };
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  for (let g = 0; g < count; g++) {
    from[g] = starts[order[g]!]!;
    to[g] = ends[order[g]!]!;
  }
  starts = from;
  return { count, firsts: starts, runs: { from, to }, ids: undefined };
}

/** The permutation that sorts distinct values; undefined when they are sorted. */
function sortedOrder(session: Session, values: Value): Int32Array | undefined {
  const n = countOf(values);
  if (n < 2) return undefined;
  const ranks = textRanks(session, values);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  if (ranks !== undefined) order.sort((a, b) => ranks(a, b));
  else {
    const iasc = session.apply1(session.primitive("iasc"), values) as Vector;
    for (let i = 0; i < n; i++) order[i] = I32[iasc.at / 4 + 2 * i]!;
  }
  for (let i = 0; i < n; i++) if (order[i] !== i) return order;
  return undefined;
}

/** Compares symbols and enumerated symbols by text without making atoms of them. */
function textRanks(session: Session, values: Value): ((a: number, b: number) => number) | undefined {
  if (values.kind !== "vector") return undefined;
  const at = values.at / 4;
  if (values.type === T.symbol) return (a, b) => compareText(symbolText(U32[at + a]!), symbolText(U32[at + b]!));
  if (values.type < T.enum || values.domain === undefined) return undefined;
  const domain = enumDomain(session, values.domain);
  if (domain.kind !== "vector" || domain.type !== T.symbol) return undefined;
  const text = (i: number): string => {
    const index = I32[at + 2 * i]!;
    return I32[at + 2 * i + 1] === 0 && index < domain.count ? symbolText(U32[domain.at / 4 + index]!) : "";
  };
  return (a, b) => compareText(text(a), text(b));
}

/** Ids that never fall are runs. */
function monotoneRuns(ids: Vector, count: number): Runs | undefined {
  const n = ids.count;
  const at = ids.at / 4;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const id = I32[at + i]!;
    if (id < last) return undefined;
    last = id;
  }
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  for (let i = 0, g = -1; i < n; i++) {
    const id = I32[at + i]!;
    if (id === g) continue;
    if (g >= 0) to[g] = i;
    from[id] = i;
    g = id;
    if (i + 1 === n) to[g] = n;
  }
  if (count > 0) to[count - 1] = n;
  return { from, to };
}

// ---- small ranges --------------------------------------------------------------------------------------------------
const RANGE_MINIMUM = 256;
const RANGE_MAXIMUM = 1 << 26;
const fits = (span: number, n: number): boolean => span <= RANGE_MAXIMUM && span <= Math.max(RANGE_MINIMUM, 4 * n);

/** Classes through a table over the values' range; undefined when the range is too wide for the number of rows. */
function directClasses(session: Session, v: Vector): Classes | undefined {
  const n = v.count;
  if (n === 0)
    return {
      count: 0,
      firsts: new Int32Array(0),
      runs: { from: new Int32Array(0), to: new Int32Array(0) },
      ids: undefined,
    };
  if (v.type >= T.enum) return enumClasses(session, v);
  if (v.type === T.symbol) return undefined;
  const { at } = v;
  const slots = newVector(T.int, n);
  const out = slots.at / 4;
  switch (datatypeOf(v.type)!.shift) {
    case 0:
      for (let i = 0; i < n; i++) I32[out + i] = U8[at + i]!;
      return denseClasses(slots, 256);
    case 1: {
      const a = at / 2;
      let low = 32767;
      let high = -32767;
      for (let i = 0; i < n; i++) {
        const x = I16[a + i]!;
        if (x === SHORT_NULL) continue;
        if (x < low) low = x;
        if (x > high) high = x;
      }
      if (low > high) low = high = 0;
      for (let i = 0; i < n; i++) {
        const x = I16[a + i]!;
        I32[out + i] = x === SHORT_NULL ? 0 : x - low + 1;
      }
      return denseClasses(slots, high - low + 2);
    }
    case 2: {
      if (v.type === T.real) return undefined;
      const a = at / 4;
      let low = 2147483647;
      let high = -2147483647;
      for (let i = 0; i < n; i++) {
        const x = I32[a + i]!;
        if (x === INT_NULL) continue;
        if (x < low) low = x;
        if (x > high) high = x;
      }
      if (low > high) low = high = 0;
      if (!fits(high - low + 2, n)) return undefined;
      for (let i = 0; i < n; i++) {
        const x = I32[a + i]!;
        I32[out + i] = x === INT_NULL ? 0 : x - low + 1;
      }
      return denseClasses(slots, high - low + 2);
    }
    case 3: {
      if (v.type === T.float || v.type === T.datetime) return undefined;
      const range = longRange(v);
      if (range === undefined || !fits(range.span + 1, n)) return undefined;
      const { low, high } = range;
      const a = at / 4;
      for (let i = 0; i < n; i++) {
        const hi = I32[a + 2 * i + 1]!;
        const lo = U32[a + 2 * i]!;
        I32[out + i] = hi === INT_NULL && lo === 0 ? 0 : (hi - high) * 4294967296 + (lo - low) + 1;
      }
      return denseClasses(slots, range.span + 1);
    }
    default:
      return undefined;
  }
}

/** The least long as its two words, and how many values lie from it to the greatest; nulls do not count. */
function longRange(v: Vector): { low: number; high: number; span: number } | undefined {
  const a = v.at / 4;
  const n = v.count;
  let minHi = 2147483647;
  let minLo = 4294967295;
  let maxHi = INT_NULL;
  let maxLo = 0;
  for (let i = 0; i < n; i++) {
    const hi = I32[a + 2 * i + 1]!;
    const lo = U32[a + 2 * i]!;
    if (hi === INT_NULL && lo === 0) continue;
    if (hi < minHi || (hi === minHi && lo < minLo)) {
      minHi = hi;
      minLo = lo;
    }
    if (hi > maxHi || (hi === maxHi && lo > maxLo)) {
      maxHi = hi;
      maxLo = lo;
    }
  }
  if (maxHi < minHi) return { low: 0, high: 0, span: 1 };
  return { low: minLo, high: minHi, span: (maxHi - minHi) * 4294967296 + (maxLo - minLo) + 1 };
}

/** Slots 0 … span-1, already in key order → ids without gaps. Overwrites the slots. */
function denseClasses(slots: Vector, span: number): Classes {
  const n = slots.count;
  const at = slots.at / 4;
  const seen = new Int32Array(span).fill(-1);
  for (let i = n - 1; i >= 0; i--) seen[I32[at + i]!] = i;
  let count = 0;
  for (let s = 0; s < span; s++) if (seen[s]! >= 0) count++;
  const firsts = new Int32Array(count);
  for (let s = 0, g = 0; s < span; s++) {
    if (seen[s]! < 0) continue;
    firsts[g] = seen[s]!;
    seen[s] = g++;
  }
  for (let i = 0; i < n; i++) I32[at + i] = seen[I32[at + i]!]!;
  return { count, firsts, runs: undefined, ids: slots };
}

/** Enumerated symbols: a table over the domain, in the order of the symbols' text. */
function enumClasses(session: Session, v: Vector): Classes | undefined {
  const n = v.count;
  const domain = v.domain === undefined ? undefined : enumDomain(session, v.domain);
  if (domain?.kind !== "vector" || domain.type !== T.symbol) return undefined;
  if (!fits(domain.count, 8 * n)) return undefined;
  const size = domain.count;
  const at = v.at / 4;
  // Slot `size` stands for the null, and for indices that the domain does not reach: one empty symbol.
  const seen = new Int32Array(size + 1).fill(-1);
  for (let i = n - 1; i >= 0; i--) {
    const index = I32[at + 2 * i]!;
    seen[I32[at + 2 * i + 1] === 0 && index < size ? index : size] = i;
  }
  const present: number[] = [];
  for (let s = 0; s <= size; s++) if (seen[s]! >= 0) present.push(s);
  const text = (s: number): string => (s < size ? symbolText(U32[domain.at / 4 + s]!) : "");
  let sorted = true;
  for (let k = 1; k < present.length && sorted; k++) sorted = text(present[k - 1]!) <= text(present[k]!);
  if (!sorted) present.sort((a, b) => compareText(text(a), text(b)));
  const firsts = new Int32Array(present.length);
  const idOf = new Int32Array(size + 1);
  present.forEach((s, g) => {
    firsts[g] = seen[s]!;
    idOf[s] = g;
  });
  const ids = newVector(T.int, n);
  const out = ids.at / 4;
  for (let i = 0; i < n; i++) {
    const index = I32[at + 2 * i]!;
    I32[out + i] = idOf[I32[at + 2 * i + 1] === 0 && index < size ? index : size]!;
  }
  return { count: present.length, firsts, runs: undefined, ids };
}

// ---- hashing -------------------------------------------------------------------------------------------------------
function hashedClasses(session: Session, key: Value, rowCount: number): Classes {
  const first = classesOf(session, key);
  assert(first.count === rowCount, "every row has a class");
  const at = first.at / 4;
  const firstRows: number[] = [];
  const idOf = new Int32Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    if (I32[at + i] !== i) continue;
    idOf[i] = firstRows.length;
    firstRows.push(i);
  }
  const count = firstRows.length;
  const order = sortedOrder(session, pick(key, positions(firstRows)));
  const rank = new Int32Array(count);
  const firsts = new Int32Array(count);
  for (let g = 0; g < count; g++) {
    const c = order === undefined ? g : order[g]!;
    rank[c] = g;
    firsts[g] = firstRows[c]!;
  }
  const ids = newVector(T.int, rowCount);
  const out = ids.at / 4;
  for (let i = 0; i < rowCount; i++) I32[out + i] = rank[idOf[I32[at + i]!]!]!;
  return { count, firsts, runs: undefined, ids };
}

// ---- several keys --------------------------------------------------------------------------------------------------
/** Groups by both: ranks are in key order, so the pair's number major·count+minor is in order of the pair. */
function combine(session: Session, major: Classes, minor: Classes, n: number): Classes {
  const minorIds = (minor.ids ?? idsOfRuns(minor.runs!, n)).at / 4;
  const span = major.count * minor.count;
  if (fits(span, n)) {
    const slots = newVector(T.int, n);
    const out = slots.at / 4;
    if (major.runs !== undefined) {
      const { from, to } = major.runs;
      for (let g = 0; g < major.count; g++) {
        const base = g * minor.count;
        for (let i = from[g]!; i < to[g]!; i++) I32[out + i] = base + I32[minorIds + i]!;
      }
    } else {
      const majorIds = major.ids!.at / 4;
      for (let i = 0; i < n; i++) I32[out + i] = I32[majorIds + i]! * minor.count + I32[minorIds + i]!;
    }
    return denseClasses(slots, span);
  }
  const pairs = newVector(T.long, n);
  const out = pairs.at / 4;
  const majorIds = (major.ids ?? idsOfRuns(major.runs!, n)).at / 4;
  for (let i = 0; i < n; i++) {
    I32[out + 2 * i] = I32[minorIds + i]!;
    I32[out + 2 * i + 1] = I32[majorIds + i]!;
  }
  return hashedClasses(session, pairs, n);
}
