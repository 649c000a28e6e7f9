// Which row belongs to which group. Groups come in ascending order of their keys, first key column major, as by shows
// them. A parted key's groups are its runs; other vectors are numbered by a kernel, general lists by search.ts. Rows of a
// group that stand together (runs) are never moved.

import { T } from "#values/datatypes.ts";
import { kernelLetter } from "#values/iterate.ts";
import { pick, pickVector, positions } from "#values/picking.ts";
import { groupEnds, partedStarts } from "#values/attributes.ts";
import { enumDomain } from "#values/enumeration.ts";
import { classesOf } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { assert } from "#values/signals.ts";
import { allocate, free, I32, kernels, U32 } from "#values/storage.ts";
import { compareText, symbolText } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { countOf, newVector } from "#values/vectors.ts";

/** Rows from[g] … to[g]-1 make group g. */
export interface Runs {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

interface Parts {
  readonly count: number;
  /** The first row of each group, in the order of keys. */
  readonly firsts: Int32Array;
  /** Set when the rows of each group are consecutive. */
  readonly runs?: Runs;
  /** The group of each row: an int vector, or how to make it. Not needed beside runs. */
  readonly ids?: Vector | (() => Vector);
  /** Set when they are known without a look at the rows. */
  readonly lasts?: Int32Array;
  readonly sizes?: Int32Array;
}

export class Groups {
  private idsVector: Vector | undefined;
  private ordered: { order: Vector; runs: Runs } | undefined;

  constructor(
    private readonly parts: Parts,
    readonly rowCount: number,
    /** For each key column its value in each group. */
    readonly keys: Value[],
  ) {}

  get count(): number {
    return this.parts.count;
  }
  get firsts(): Int32Array {
    return this.parts.firsts;
  }
  get runs(): Runs | undefined {
    return this.parts.runs;
  }

  /** The same groups under other keys. */
  withKeys(keys: Value[]): Groups {
    return new Groups(this.parts, this.rowCount, keys);
  }

  /** The group of each row: an int vector. */
  get ids(): Vector {
    this.idsVector ??= idsOf(this.parts, this.rowCount);
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

  /** How many rows each group has. */
  get sizes(): Int32Array {
    if (this.parts.sizes !== undefined) return this.parts.sizes;
    const { runs } = this.inOrder();
    return runs.to.map((to, g) => to - runs.from[g]!);
  }

  /** The last row of each group. */
  get lasts(): Int32Array {
    const { lasts, runs } = this.parts;
    if (lasts !== undefined) return lasts;
    if (runs !== undefined) return runs.to.map((to) => to - 1);
    const { ids } = this;
    const last = newVector(T.long, this.count);
    kernels.get("glast_i")(ids.at, ids.count, last.at);
    const rows = new Int32Array(this.count);
    for (let g = 0; g < rows.length; g++) rows[g] = I32[last.at / 4 + 2 * g]!;
    return rows;
  }
}

function idsOf({ ids, runs }: Parts, rowCount: number): Vector {
  if (ids === undefined) return idsOfRuns(runs!, rowCount);
  return typeof ids === "function" ? ids() : ids;
}

/** All rows in one group, or no group when there are none. */
export function oneGroup(rowCount: number): Groups {
  const count = rowCount === 0 ? 0 : 1;
  const from = new Int32Array(count);
  const runs = { from, to: new Int32Array(count).fill(rowCount) };
  return new Groups({ count, firsts: from, runs }, rowCount, []);
}

function idsOfRuns(runs: Runs, rowCount: number): Vector {
  const ids = newVector(T.int, rowCount);
  const number = newVector(T.int, 1);
  const spread = kernels.get("spread_4");
  for (let g = 0; g < runs.from.length; g++) {
    I32[number.at / 4] = g;
    spread(ids.at + 4 * runs.from[g]!, runs.to[g]! - runs.from[g]!, number.at);
  }
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

/** The groups of one key column, or of several so far. */
interface Classes extends Parts {
  /** The groups appear first in their order: the rows may even be sorted. */
  readonly ascending: boolean;
}

/** Groups rows by key columns, all of one length. */
export function groupRows(session: Session, keys: readonly Value[], rowCount: number): Groups {
  assert(keys.length > 0, "a grouping has a key");
  let classes = classify(session, keys[0]!, rowCount);
  for (let k = 1; k < keys.length; k++) classes = combine(classes, classify(session, keys[k]!, rowCount), rowCount);
  const runs = classes.runs ?? (classes.ascending ? monotoneRuns(classes, rowCount) : undefined);
  const at = positions(classes.firsts);
  return new Groups(
    runs === undefined ? classes : { ...classes, runs },
    rowCount,
    keys.map((key) => pick(key, at)),
  );
}

function classify(session: Session, key: Value, rowCount: number): Classes {
  if (rowCount === 0) return { count: 0, firsts: NONE, runs: { from: NONE, to: NONE }, ascending: true };
  if (key.kind === "vector") return classesOfRuns(session, key) ?? indexedClasses(session, key);
  return inKeyOrder(session, key, numberedByClass(session, key, rowCount));
}
const NONE = new Int32Array(0);

// ---- runs ----------------------------------------------------------------------------------------------------------
function classesOfRuns(session: Session, key: Vector): Classes | undefined {
  // A float's equal values may differ in their bits (0 and -0): left to the hash.
  if (key.type === T.float || key.type === T.real || key.type === T.datetime) return undefined;
  const edges = partedStarts(key);
  if (edges === undefined) return undefined;
  const starts = Int32Array.from(edges.slice(0, -1));
  const ends = Int32Array.from(edges.slice(1));
  const count = starts.length;
  const order = sortedOrder(session, pick(key, positions(starts)));
  if (order === undefined) return { count, firsts: starts, runs: { from: starts, to: ends }, ascending: true };
  const from = order.map((g) => starts[g]!);
  return { count, firsts: from, runs: { from, to: order.map((g) => ends[g]!) }, ascending: false };
}

/** The permutation that sorts distinct values; undefined when they are sorted. */
function sortedOrder(session: Session, values: Value): Int32Array | undefined {
  const n = countOf(values);
  if (n < 2) return undefined;
  const texts = textsOf(session, values);
  let order: Int32Array;
  if (texts !== undefined) {
    let k = 1;
    while (k < n && texts[k - 1]! <= texts[k]!) k++;
    if (k === n) return undefined;
    order = Int32Array.from(texts.keys()).sort((a, b) => compareText(texts[a]!, texts[b]!));
  } else {
    const iasc = session.apply1(session.primitive("iasc"), values) as Vector;
    order = Int32Array.from({ length: n }, (_, i) => I32[iasc.at / 4 + 2 * i]!);
  }
  for (let i = 0; i < n; i++) if (order[i] !== i) return order;
  return undefined;
}

/** The texts of symbols and enumerated symbols, which sort by them; undefined for other values. */
function textsOf(session: Session, values: Value): string[] | undefined {
  if (values.kind !== "vector") return undefined;
  const at = values.at / 4;
  const texts: string[] = new Array(values.count);
  if (values.type === T.symbol) {
    for (let i = 0; i < texts.length; i++) texts[i] = symbolText(U32[at + i]!);
    return texts;
  }
  if (values.type < T.enum || values.domain === undefined) return undefined;
  const domain = enumDomain(session, values.domain);
  if (domain.kind !== "vector" || domain.type !== T.symbol) return undefined;
  for (let i = 0; i < texts.length; i++) {
    const index = I32[at + 2 * i]!;
    const isThere = I32[at + 2 * i + 1] === 0 && index < domain.count;
    texts[i] = isThere ? symbolText(U32[domain.at / 4 + index]!) : "";
  }
  return texts;
}

/** Ids that never fall are runs: each group's rows stand together, in order. */
function monotoneRuns(classes: Classes, rowCount: number): Runs | undefined {
  // An index behind the key spares us the numbers: they are not made just to look.
  if (typeof classes.ids === "function") return undefined;
  const ids = idsOf(classes, rowCount);
  const { firsts } = classes;
  if (kernels.get("issorted_i")(ids.at, ids.count) === 0) return undefined;
  const to = new Int32Array(firsts.length);
  for (let g = 0; g < to.length; g++) to[g] = g + 1 < to.length ? firsts[g + 1]! : ids.count;
  return { from: firsts, to };
}

// ---- numbering -------------------------------------------------------------------------------------------------------
function inKeyOrder(session: Session, key: Value, numbered: Numbered): Classes {
  const { ids, firsts } = numbered;
  const order = sortedOrder(session, pick(key, positions(firsts)));
  return order === undefined ? { count: firsts.length, firsts, ids, ascending: true } : reordered(numbered, order);
}

/** Classes numbered in the order given instead of that of their appearance. */
function reordered({ ids, firsts }: Numbered, order: Int32Array): Classes {
  const rank = newVector(T.int, order.length);
  order.forEach((appeared, g) => {
    I32[rank.at / 4 + appeared] = g;
  });
  return { count: order.length, firsts: order.map((g) => firsts[g]!), ids: pickVector(rank, ids), ascending: false };
}

/** A grouped key knows where each value is first and last and how often; numbers of rows are made when wanted. */
function indexedClasses(session: Session, key: Vector): Classes {
  const ends = groupEnds(key);
  if (ends === undefined) return inKeyOrder(session, key, numberedByKernel(key));
  const order = sortedOrder(session, pick(key, positions(ends.firsts))) ?? Int32Array.from(ends.firsts.keys());
  return {
    count: order.length,
    firsts: order.map((g) => ends.firsts[g]!),
    lasts: order.map((g) => ends.lasts[g]!),
    sizes: order.map((g) => ends.sizes[g]!),
    ids: () => idsOf(reordered(numberedByKernel(key), order), key.count),
    ascending: false,
  };
}

interface Numbered {
  /** Number of each row's value in order of appearance: a fresh int vector. */
  readonly ids: Vector;
  /** The row where each value appeared first. */
  readonly firsts: Int32Array;
}

function numberedByKernel(v: Vector): Numbered {
  const n = v.count;
  const ids = newVector(T.int, n);
  const first = newVector(T.long, n);
  let slots = 4096;
  while (slots < 1.5 * n) slots *= 2;
  const letter = v.type === T.guid ? "g" : kernelLetter(v.type);
  const scratch = allocate(16 * slots);
  let count: number;
  try {
    count = kernels.get(`ids_${letter}`)(v.at, n, ids.at, first.at, scratch, 16 * slots);
  } finally {
    free(scratch, 16 * slots);
  }
  const firsts = new Int32Array(count);
  for (let g = 0; g < count; g++) firsts[g] = I32[first.at / 4 + 2 * g]!;
  return { ids, firsts };
}

function numberedByClass(session: Session, key: Value, rowCount: number): Numbered {
  const classes = classesOf(session, key);
  assert(classes.count === rowCount, "every row has a class");
  const at = classes.at / 4;
  const firsts: number[] = [];
  const ids = newVector(T.int, rowCount);
  const out = ids.at / 4;
  for (let i = 0; i < rowCount; i++) {
    const first = I32[at + i]!;
    // The first of a class stands before all others of it.
    if (first === i) I32[out + i] = firsts.push(i) - 1;
    else I32[out + i] = I32[out + first]!;
  }
  return { ids, firsts: Int32Array.from(firsts) };
}

// ---- several keys --------------------------------------------------------------------------------------------------
/** Groups by both: numbers are in key order, so major·count+minor is in the order of the pair. */
function combine(major: Classes, minor: Classes, n: number): Classes {
  const a = idsOf(major, n);
  const b = idsOf(minor, n);
  const isSmall = major.count * minor.count < 2 ** 31;
  const pairs = newVector(isSmall ? T.int : T.long, n);
  kernels.get(isSmall ? "combine_i" : "combine_j")(a.at, b.at, minor.count, n, pairs.at);
  const { ids, firsts } = numberedByKernel(pairs);
  const values = new Float64Array(firsts.length);
  for (let g = 0; g < values.length; g++) {
    const row = firsts[g]!;
    const k = pairs.at / 4 + 2 * row;
    values[g] = isSmall ? I32[pairs.at / 4 + row]! : I32[k + 1]! * 4294967296 + U32[k]!;
  }
  let ascending = true;
  for (let g = 1; g < values.length && ascending; g++) ascending = values[g - 1]! < values[g]!;
  if (ascending) return { count: firsts.length, firsts, ids, ascending };
  const order = Int32Array.from(values.keys()).sort((x, y) => values[x]! - values[y]!);
  return reordered({ ids, firsts }, order);
}
