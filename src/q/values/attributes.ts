// The attributes s u p g: verifying and setting them, and the indices behind them, which are built when first asked.
// rowsEqual is what `where sym=…`, joins and lookups ask. Keeping an attribute through an append is growing.ts's.

import { type AttributeCode, ATTRIBUTES, letterOf, T } from "./datatypes.ts";
import { atomWords, noWords } from "./hashing.ts";
import { compareElements, compareItems } from "./keys.ts";
import { own, retain } from "./ownership.ts";
import { copyVector } from "./picking.ts";
import { hashOf, valueAs, type VectorIndex, vectorIndex } from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import { I16, I32, kernels, U8 } from "./storage.ts";
import { type Atom, type AtomValue, Dict, type List, Table, type Value, type Vector } from "./values.ts";
import { columnAt, elementAt, list, newVector, rowCount } from "./vectors.ts";

/** Code of an attribute's letter, as the left argument of # gives it; undefined when it is none. */
export function attributeCode(letter: string): AttributeCode | undefined {
  const code = (ATTRIBUTES as readonly string[]).indexOf(letter);
  return code < 0 ? undefined : (code as AttributeCode);
}

/** `a#v: v with the attribute (0 for none), or a signal. Sorted is noted on v itself, as kdb+ does; others copy. */
export function setAttribute(session: Session, code: AttributeCode, v: Value): Value {
  switch (v.kind) {
    case "vector":
      return setOnVector(v, code);
    case "list":
      return setOnList(v, code);
    case "dict":
      return setOnDict(session, v, code);
    case "table":
      return setOnTable(session, v, code);
    default:
      throw signal("type", "only lists, dictionaries and tables have attributes");
  }
}

function setOnVector(v: Vector, code: AttributeCode): Value {
  if (v.attribute === code) return v;
  switch (code) {
    case 0:
      return withAttribute(v, 0);
    case 1:
      if (!isAscending(v)) throw signal("s-fail", "the items are not ascending");
      v.attribute = 1;
      return v;
    case 2: {
      const r = withAttribute(v, 2);
      if (!hashOf(r).unique) throw signal("u-fail", "an item occurs twice");
      return r;
    }
    case 3: {
      if (!isParted(v)) throw signal("u-fail", "equal items are not together");
      return withAttribute(v, 3);
    }
    case 4:
      return withAttribute(v, 4);
  }
}
function withAttribute(v: Vector, code: AttributeCode): Vector {
  const r = copyVector(v);
  r.attribute = code;
  return r;
}

function setOnList(v: List, code: AttributeCode): Value {
  if (v.attribute === code) return v;
  if (code === 1) {
    for (let i = 1; i < v.items.length; i++) {
      if (compareItems(v.items[i - 1]!, v.items[i]!) > 0) throw signal("s-fail", "the items are not ascending");
    }
    v.attribute = 1;
    return v;
  }
  if (code === 3 || code === 4) throw signal("type", "p and g are for vectors");
  if (code === 2) {
    const sorted = [...v.items].sort(compareItems);
    for (let i = 1; i < sorted.length; i++) {
      if (compareItems(sorted[i - 1]!, sorted[i]!) === 0) throw signal("u-fail", "an item occurs twice");
    }
  }
  const r = list([...v.items]);
  r.attribute = code;
  return r;
}

function setOnDict(session: Session, d: Dict, code: AttributeCode): Value {
  if (code > 1) {
    // u p g go to the keys, where lookups profit; the dictionary itself knows only sorted.
    const keys = setAttribute(session, code, d.keys);
    return copyDict(keys, d.values, d.attribute);
  }
  if (code === 0) return d.attribute === 0 ? d : copyDict(setAttribute(session, 0, d.keys), d.values, 0);
  return copyDict(sortedKeys(session, d.keys), d.values, 1);
}
/** The keys themselves are marked sorted, as vectors are. */
function sortedKeys(session: Session, keys: Value): Value {
  if (keys.kind !== "table") return setAttribute(session, 1, keys);
  const columns = keys.names.map((_, c) => columnAt(keys, c));
  if (!rowsAscending(columns, rowCount(keys))) throw signal("s-fail", "the keys are not ascending");
  if (columns.length === 1) setAttribute(session, 1, columns[0]!);
  keys.attribute = 1;
  return keys;
}
function copyDict(keys: Value, values: Value, attribute: AttributeCode): Dict {
  retain(keys);
  retain(values);
  const r = own(new Dict(keys, values));
  r.attribute = attribute;
  return r;
}

function setOnTable(session: Session, t: Table, code: AttributeCode): Value {
  const columns = t.names.map((_, c) => columnAt(t, c));
  if (columns.length === 0) throw signal("type", "a table without columns has no attribute");
  if (code === 1) {
    if (!rowsAscending(columns, rowCount(t))) throw signal("s-fail", "the rows are not ascending");
    // One column is itself sorted; of several the first is at least parted.
    columns[0] = setAttribute(session, columns.length === 1 ? 1 : 3, columns[0]!);
  } else columns[0] = setAttribute(session, code, columns[0]!);
  for (const column of columns) retain(column);
  const r = own(new Table([...t.names], columns));
  r.attribute = code;
  return r;
}
function rowsAscending(columns: readonly Value[], count: number): boolean {
  for (let i = 1; i < count; i++) {
    for (const column of columns) {
      const c =
        column.kind === "vector"
          ? compareElements(elementAt(column, i - 1), elementAt(column, i))
          : column.kind === "list"
            ? compareItems(column.items[i - 1]!, column.items[i]!)
            : 0;
      if (c < 0) break;
      if (c > 0) return false;
    }
  }
  return true;
}

export const attributeOf = (v: Value): AttributeCode =>
  v.kind === "vector" || v.kind === "list" || v.kind === "dict" || v.kind === "table" ? v.attribute : 0;

// ---- verifying -----------------------------------------------------------------------------------------------------
/** Every element at least its predecessor; nulls first, symbols by text. */
export function isAscending(v: Vector): boolean {
  const n = v.count;
  if (n > 64 && v.type !== T.symbol && v.type !== T.guid) {
    return kernels.get(`issorted_${v.type >= T.enum ? "j" : letterOf(v.type)}`)(v.at, n) !== 0;
  }
  switch (v.type) {
    case T.boolean:
    case T.byte:
    case T.char:
      for (let i = 1; i < n; i++) if (U8[v.at + i - 1]! > U8[v.at + i]!) return false;
      return true;
    case T.short:
      for (let i = 1; i < n; i++) if (I16[v.at / 2 + i - 1]! > I16[v.at / 2 + i]!) return false;
      return true;
    case T.int:
    case T.month:
    case T.date:
    case T.minute:
    case T.second:
    case T.time:
      for (let i = 1; i < n; i++) if (I32[v.at / 4 + i - 1]! > I32[v.at / 4 + i]!) return false;
      return true;
    case T.long:
    case T.timestamp:
    case T.timespan: {
      // High words decide, low words (unsigned) break ties.
      const from = v.at / 4;
      for (let i = 1; i < n; i++) {
        const a = I32[from + 2 * i - 1]!;
        const b = I32[from + 2 * i + 1]!;
        if (a > b || (a === b && I32[from + 2 * i - 2]! >>> 0 > I32[from + 2 * i]! >>> 0)) return false;
      }
      return true;
    }
    default: {
      if (n === 0) return true;
      let last = elementAt(v, 0);
      for (let i = 1; i < n; i++) {
        const next = elementAt(v, i);
        if (compareElements(last, next) > 0) return false;
        last = next;
      }
      return true;
    }
  }
}

/** Equal elements stand together. */
function isParted(v: Vector): boolean {
  return runsOf(v, true) !== undefined;
}

interface Runs {
  /** Where each run starts, and the count at the end. */
  readonly starts: readonly number[];
  /** Element → number of its run. JS values, not a vector, so that nothing must be freed with the index. */
  readonly byValue: Map<AtomValue, number>;
}
/** The runs of a parted vector. `verify` looks at every element; otherwise runs are galloped over. */
function runsOf(v: Vector, verify: boolean): Runs | undefined {
  const starts = (verify ? undefined : (v.index as VectorIndex | undefined)?.stored?.()) ?? searchedStarts(v, verify);
  const byValue = new Map<AtomValue, number>();
  for (let r = 0; r + 1 < starts.length; r++) {
    const value = elementAt(v, starts[r]!);
    if (byValue.has(value)) return undefined;
    byValue.set(value, r);
  }
  return { starts, byValue };
}
function searchedStarts(v: Vector, verify: boolean): number[] {
  const same = sameElementAt(v);
  const starts: number[] = [];
  const n = v.count;
  for (let i = 0; i < n; ) {
    starts.push(i);
    let end: number;
    if (verify) {
      end = i + 1;
      while (end < n && same(end - 1, end)) end++;
    } else {
      let step = 1;
      while (i + step < n && same(i, i + step)) step *= 2;
      let lo = i + step / 2;
      let hi = Math.min(i + step, n);
      while (lo + 1 < hi) {
        const mid = (lo + hi) >>> 1;
        if (same(i, mid)) lo = mid;
        else hi = mid;
      }
      end = step === 1 ? i + 1 : lo + 1;
    }
    i = end;
  }
  starts.push(n);
  return starts;
}
const widthInBytes = (v: Vector): number => {
  switch (v.type) {
    case T.boolean:
    case T.byte:
    case T.char:
      return 1;
    case T.short:
      return 2;
    case T.guid:
      return 16;
    case T.long:
    case T.float:
    case T.timestamp:
    case T.datetime:
    case T.timespan:
      return 8;
    default:
      return v.type >= T.enum ? 8 : 4;
  }
};
function sameElementAt(v: Vector): (i: number, j: number) => boolean {
  const at = v.at;
  switch (widthInBytes(v)) {
    case 1:
      return (i, j) => U8[at + i] === U8[at + j];
    case 2:
      return (i, j) => I16[at / 2 + i] === I16[at / 2 + j];
    case 4:
      return (i, j) => I32[at / 4 + i] === I32[at / 4 + j];
    case 8:
      return (i, j) =>
        I32[at / 4 + 2 * i] === I32[at / 4 + 2 * j] && I32[at / 4 + 2 * i + 1] === I32[at / 4 + 2 * j + 1];
    default:
      return (i, j) => {
        for (let w = 0; w < 4; w++) if (I32[at / 4 + 4 * i + w] !== I32[at / 4 + 4 * j + w]) return false;
        return true;
      };
  }
}

// ---- asking --------------------------------------------------------------------------------------------------------
/** Rows that have one value: consecutive ones, or positions. */
export type EqualRows = { readonly start: number; readonly count: number } | Vector;

/** Where an element stands, by the vector's attribute; undefined when it has none that helps. */
export function rowsEqual(session: Session, v: Vector, a: Atom): EqualRows | undefined {
  if (v.attribute === 0) return undefined;
  const value = valueAs(session, v, a);
  if (value === undefined) return { start: 0, count: 0 };
  switch (v.attribute) {
    case 1:
      return sortedRows(v, value);
    case 2: {
      const p = hashOf(v).position(v, value);
      return p < 0 ? { start: 0, count: 0 } : { start: p, count: 1 };
    }
    case 3:
      return partedRows(v, value);
    default:
      return groupOf(v).rows(v, value);
  }
}
function sortedRows(v: Vector, value: AtomValue): EqualRows {
  const bound = (after: boolean): number => {
    let lo = 0;
    let hi = v.count;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      const c = compareElements(elementAt(v, mid), value);
      if (c < 0 || (after && c === 0)) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  };
  const start = bound(false);
  return { start, count: bound(true) - start };
}
function partedRuns(v: Vector): Runs | undefined {
  const index = vectorIndex(v);
  let runs = index.groups as Runs | undefined;
  if (runs === undefined) {
    runs = runsOf(v, false);
    if (runs !== undefined) index.groups = runs;
  }
  return runs;
}
/** The same of a vector that is parted or sorted. */
export const runStarts = (v: Vector): readonly number[] | undefined =>
  v.attribute === 1 ? runsOf(v, false)?.starts : partedStarts(v);
/** Where the runs of equal elements of a parted vector start, and its count; undefined for other vectors. */
export function partedStarts(v: Vector): readonly number[] | undefined {
  return v.attribute === 3 ? partedRuns(v)?.starts : undefined;
}
function partedRows(v: Vector, value: AtomValue): EqualRows | undefined {
  const runs = partedRuns(v);
  if (runs === undefined) return undefined;
  const r = runs.byValue.get(value);
  return r === undefined
    ? { start: 0, count: 0 }
    : { start: runs.starts[r]!, count: runs.starts[r + 1]! - runs.starts[r]! };
}

/** One group of a g# vector: its positions, ascending, in an array with room for more. */
interface Group {
  rows: Int32Array;
  count: number;
}
/**
 * The index behind g#: each group's positions, by the group's first. Grows with the vector.
 * TRIED: one chain through all positions takes less memory, but to walk it is a cache miss a row.
 */
class GroupIndex {
  private readonly groups = new Map<number, Group>();
  private covered = 0;

  private extend(v: Vector): void {
    const hash = hashOf(v);
    for (let i = this.covered; i < v.count; i++) {
      const first = hash.firstOf(v, i);
      let group = this.groups.get(first);
      if (group === undefined) {
        group = { rows: new Int32Array(2), count: 0 };
        this.groups.set(first, group);
      } else if (group.count === group.rows.length) {
        const grown = new Int32Array(2 * group.count);
        grown.set(group.rows);
        group.rows = grown;
      }
      group.rows[group.count++] = i;
    }
    this.covered = v.count;
  }

  rows(v: Vector, value: AtomValue): EqualRows {
    if (this.covered < v.count) this.extend(v);
    const first = hashOf(v).position(v, value);
    const group = first < 0 ? undefined : this.groups.get(first);
    if (group === undefined) return { start: 0, count: 0 };
    const p = newVector(T.int, group.count);
    I32.set(group.rows.subarray(0, group.count), p.at / 4);
    return p;
  }

  ends(v: Vector): GroupEnds {
    if (this.covered < v.count) this.extend(v);
    const groups = [...this.groups.values()];
    return {
      firsts: Int32Array.from(groups, (group) => group.rows[0]!),
      lasts: Int32Array.from(groups, (group) => group.rows[group.count - 1]!),
      sizes: Int32Array.from(groups, (group) => group.count),
    };
  }
}
/** Each group's first and last position and its size, in the order of first appearance. */
export interface GroupEnds {
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  readonly sizes: Int32Array;
}
/** The ends of a g# vector's groups, without going through the vector; undefined for other vectors. */
export const groupEnds = (v: Vector): GroupEnds | undefined => (v.attribute === 4 ? groupOf(v).ends(v) : undefined);
function groupOf(v: Vector): GroupIndex {
  const index = vectorIndex(v);
  index.groups ??= new GroupIndex();
  return index.groups as GroupIndex;
}

/** The words of an atom, for those who compare raw elements themselves. */
export function rawWords(type: number, value: AtomValue): readonly [number, number] {
  const words = noWords();
  atomWords(type, value, words);
  return [words.a, words.b];
}
