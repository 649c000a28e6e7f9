// A partitioned database (formats.md §9): which directories are partitions of what field, in one root or over the
// segments of par.txt, and tables spread over them. Columns are mapped partition by partition on first touch; the
// partitions least recently used are let go when too much is mapped.

import { T } from "#values/datatypes.ts";
import { own, release, retain } from "#values/ownership.ts";
import { signal } from "#values/signals.ts";
import { type PartitionSource, Table, type Value, type Vector } from "#values/values.ts";
import { countOf, elementAt, list, newVector, setElement, vectorOf } from "#values/vectors.ts";
import { fileSize, kindOf, namesIn, readPart, shownAs } from "./files.ts";
import { readFile, type Reading } from "./layouts.ts";
import { columnNames, fileCount, isSplayed } from "./splayed.ts";

export type Field = "date" | "month" | "year" | "int";

/** Days from 2000.01.01 to a calendar date. */
const dayNumber = (year: number, month: number, day: number): number =>
  Math.round((Date.UTC(year, month - 1, day) - Date.UTC(2000, 0, 1)) / 86_400_000);

const isDigit = (name: string, i: number): boolean => {
  const code = name.charCodeAt(i);
  return code >= 48 && code <= 57;
};

/** The field that a directory of this name is a partition of; four digits are a year, if all the others are. */
function fieldOfName(name: string): Field | undefined {
  let digits = 0;
  while (isDigit(name, digits)) digits++;
  if (digits === name.length) return digits === 0 ? undefined : digits === 4 ? "year" : "int";
  const isMonth = digits === 4 && name[4] === "." && isDigit(name, 5) && isDigit(name, 6);
  if (!isMonth) return undefined;
  if (name.length === 7) return "month";
  return name.length === 10 && name[7] === "." && isDigit(name, 8) && isDigit(name, 9) ? "date" : undefined;
}
export const looksLikePartition = (name: string): boolean => fieldOfName(name) !== undefined;

/** The field that these directory names are partitions of; undefined: of none, or of different ones. */
export function fieldOf(names: readonly string[]): Field | undefined {
  let field: Field | undefined;
  for (const name of names) {
    const own = fieldOfName(name);
    if (field === undefined || (field === "year" && own === "int")) field = own;
    else if (own !== field && !(field === "int" && own === "year")) return undefined;
    if (field === undefined) return undefined;
  }
  return field;
}

const digitsOf = (name: string, from: number, end: number): number => {
  let n = 0;
  for (let i = from; i < end; i++) n = n * 10 + name.charCodeAt(i) - 48;
  return n;
};
function valueOfName(field: Field, name: string): number {
  if (field === "date") return dayNumber(digitsOf(name, 0, 4), digitsOf(name, 5, 7), digitsOf(name, 8, 10));
  if (field === "month") return (digitsOf(name, 0, 4) - 2000) * 12 + digitsOf(name, 5, 7) - 1;
  return Number(name);
}

/** The directory name of a partition value. */
export function partitionName(field: Field, value: number): string {
  const padded = (n: number, width = 2): string => String(n).padStart(width, "0");
  if (field === "date") {
    const day = new Date(Date.UTC(2000, 0, 1) + value * 86_400_000);
    return `${padded(day.getUTCFullYear(), 4)}.${padded(day.getUTCMonth() + 1)}.${padded(day.getUTCDate())}`;
  }
  if (field === "month") return `${padded(2000 + Math.floor(value / 12), 4)}.${padded((((value % 12) + 12) % 12) + 1)}`;
  return String(value);
}

/**
 * The partitions of a root, ascending. There may be thousands, in every private server: of each its name is kept, and paths
 * are made when they are asked for.
 */
export class Partitions {
  constructor(
    readonly root: string,
    readonly field: Field,
    readonly values: Vector,
    private readonly names: readonly string[],
    /** Where partitions are, as `par.txt` names it, or "."; and which of these each partition is in. */
    readonly segments: readonly string[],
    private readonly places: Uint16Array,
  ) {}

  get count(): number {
    return this.names.length;
  }
  segmentOf(p: number): number {
    return this.places[p]!;
  }
  path(p: number): string {
    const segment = this.segments[this.places[p]!]!;
    return segment === "." ? `${this.root}/${this.names[p]!}` : `${joined(this.root, segment)}/${this.names[p]!}`;
  }
  /** The same as a signal shows it. */
  shown(p: number): string {
    const segment = this.segments[this.places[p]!]!;
    return `${segment.startsWith("/") || segment === "." ? "" : "./"}${segment}/${this.names[p]!}`;
  }
  /** Some of them. */
  at(positions: readonly number[]): Partitions {
    const values = newVector(this.values.type, positions.length);
    const places = new Uint16Array(positions.length);
    positions.forEach((p, i) => {
      setElement(values, i, elementAt(this.values, p));
      places[i] = this.places[p]!;
    });
    retain(values); // for as long as the database is loaded
    const names = positions.map((p) => this.names[p]!);
    return new Partitions(this.root, this.field, values, names, this.segments, places);
  }
}

const joined = (root: string, path: string): string => (path.startsWith("/") ? path : `${root}/${path}`);

/** The lines of par.txt. */
function segmentsOf(root: string): string[] {
  const path = `${root}/par.txt`;
  const text = Buffer.from(readPart(path, 0, Math.min(fileSize(path), 2 ** 20))).toString("latin1");
  return text
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/^:/, "")
        .replace(/(?<=.)\/+$/, ""),
    )
    .filter((line) => line !== "");
}

/** The partitions of a root or of its segments, ascending; undefined when there are none. `names` is what the root holds. */
export function findPartitions(root: string, names: readonly string[]): Partitions | undefined {
  const segments = names.includes("par.txt") ? segmentsOf(root) : ["."];
  const isSegmented = names.includes("par.txt");
  let found: string[] = [];
  let places: number[] = [];
  segments.forEach((segment, place) => {
    for (const name of isSegmented ? namesIn(joined(root, segment)) : names) {
      if (!looksLikePartition(name)) continue;
      found.push(name);
      places.push(place);
    }
  });
  const field = fieldOf(found);
  if (field === undefined) {
    if (found.length > 0) throw signal("part", `partitions of different kinds in ${root}`);
    return undefined;
  }
  let numbers = found.map((name) => valueOfName(field, name));
  if (numbers.some((value, p) => p > 0 && value < numbers[p - 1]!)) {
    const order = numbers.map((_, p) => p).sort((a, b) => numbers[a]! - numbers[b]!);
    found = order.map((p) => found[p]!);
    places = order.map((p) => places[p]!);
    numbers = order.map((p) => numbers[p]!);
  }
  const values = vectorOf(fieldType(field, numbers), numbers);
  retain(values); // its tables look at it as long as they live
  return new Partitions(root, field, values, found, segments, Uint16Array.from(places));
}

/** int partitions are longs when one needs it. */
function fieldType(field: Field, values: readonly number[]): number {
  if (field === "int") return values.some((value) => value > 2147483647) ? T.long : T.int;
  return field === "date" ? T.date : field === "month" ? T.month : T.int;
}

/** What is mapped of a database's partitions, least recently used first, over all its tables. */
export class PartitionCache {
  /** Keys are `partition path`, in order of use. */
  private readonly held = new Map<string, Map<string, Value>>();

  get(partition: string, column: string): Value | undefined {
    const columns = this.held.get(partition);
    if (columns === undefined) return undefined;
    this.held.delete(partition);
    this.held.set(partition, columns);
    return columns.get(column);
  }
  put(partition: string, column: string, value: Value): void {
    let columns = this.held.get(partition);
    if (columns === undefined) {
      columns = new Map();
      this.held.set(partition, columns);
    }
    retain(value);
    columns.set(column, value);
  }
  forget(partition: string): void {
    const columns = this.held.get(partition);
    if (columns === undefined) return;
    this.held.delete(partition);
    for (const value of columns.values()) release(value);
  }
  /** Lets the least recently used partition go; false when only the one in use is left. */
  forgetOldest(): boolean {
    if (this.held.size <= 1) return false;
    for (const partition of this.held.keys()) {
      this.forget(partition);
      break;
    }
    return true;
  }
  clear(): void {
    for (const partition of [...this.held.keys()]) this.forget(partition);
  }
  get size(): number {
    return this.held.size;
  }
}

export class PartitionedTable implements PartitionSource {
  private readonly counts: (number | undefined)[];
  /** Where the empty table of a partition without it comes from (.Q.bv); undefined: such a partition signals. */
  private prototype: "first" | "last" | undefined;
  /** The table over all partitions, of one that is over some. */
  private whole: PartitionedTable | undefined;

  constructor(
    private readonly reading: Reading,
    private readonly cache: PartitionCache,
    readonly partitions: Partitions,
    readonly name: string,
    readonly names: readonly string[],
  ) {
    this.counts = new Array(partitions.count);
  }

  get field(): string {
    return this.partitions.field;
  }
  get values(): Vector {
    return this.partitions.values;
  }
  directory(p: number): string {
    return `${this.partitions.path(p)}/${this.name}`;
  }

  rowCount(p: number): number {
    const known = this.counts[p];
    if (known !== undefined) return known;
    const first = this.names[0];
    let rows = 0;
    if (first !== undefined && !(this.prototype !== undefined && this.isMissing(p))) {
      const cached = this.cache.get(this.directory(p), first);
      if (cached !== undefined) rows = countOf(cached);
      else rows = this.relative(p, () => fileCount(`${this.directory(p)}/${first}`)) ?? countOf(this.column(p, first));
    }
    this.counts[p] = rows;
    return rows;
  }

  column(p: number, name: string): Value {
    if (name === this.field) return this.virtual(p);
    const directory = this.directory(p);
    const known = this.cache.get(directory, name);
    // The pool holds it too: whoever gathers many partitions may make the cache let go of this one.
    if (known !== undefined) return own(known);
    if (this.prototype !== undefined && this.isMissing(p)) return this.emptyColumn(name);
    const column = this.relative(p, () => readFile(this.reading, `${directory}/${name}`));
    this.cache.put(directory, name, column);
    return column;
  }

  forget(p: number): void {
    this.cache.forget(this.directory(p));
  }

  /** Counts and columns again from the files. */
  refresh(): void {
    this.counts.fill(undefined);
  }

  /** The partition's own value, once for each row. */
  private virtual(p: number): Value {
    const count = this.rowCount(p);
    const { values } = this.partitions;
    const value = valueAt(values, p);
    const v = newVector(values.type, count);
    for (let i = 0; i < count; i++) setElement(v, i, value);
    return v;
  }

  isMissing(p: number): boolean {
    return kindOf(this.directory(p)) !== "directory";
  }

  /** .Q.bv: from now on a partition without the table has it with no rows. */
  fillMissing(prototype: "first" | "last"): void {
    this.prototype = prototype;
    this.refresh();
  }
  /** .Q.view: the same table over some of the partitions of the whole. */
  over(positions: readonly number[]): PartitionedTable {
    if (this.whole !== undefined) return this.whole.over(positions);
    const table = new PartitionedTable(this.reading, this.cache, this.partitions.at(positions), this.name, this.names);
    table.prototype = this.prototype;
    table.whole = this;
    return table;
  }

  private emptyColumn(name: string): Value {
    const last = this.partitions.count - 1;
    for (let k = 0; k <= last; k++) {
      const p = this.prototype === "first" ? k : last - k;
      if (this.isMissing(p)) continue;
      const column = this.column(p, name);
      return column.kind === "vector" ? newVector(column.type, 0, column.domain) : list([]);
    }
    throw signal("part", `${this.name} is in no partition`);
  }

  /** Runs with the partition's own path; a signal shows it as kdb+ does, from the root. */
  private relative<R>(p: number, read: () => R): R {
    return shownAs(this.partitions.path(p), this.partitions.shown(p), read);
  }
}

/** A partition value as a number: dates and months are 32-bit, ints may be 64-bit. */
const valueAt = (values: Vector, p: number): number => Number(elementAt(values, p));

/** The tables of a partition: its splayed directories. */
export function tablesIn(partition: string): string[] {
  return namesIn(partition).filter(
    (name) => !name.startsWith(".") && !name.endsWith("$") && isSplayed(`${partition}/${name}`),
  );
}

/** The table that q code sees. Its columns are asked of `partitioned`, partition by partition. */
export function partitionedTable(source: PartitionedTable): Table {
  const names = [source.field, ...source.names];
  const t = own(new Table(names, new Array(names.length).fill(undefined)));
  (t as { partitioned: PartitionSource }).partitioned = source;
  return t;
}

export function openPartitioned(reading: Reading, cache: PartitionCache, partitions: Partitions): PartitionedTable[] {
  // Schema and list of tables are the last partition's; over segments the last partition may be in several.
  const last = partitions.count - 1;
  const tables = new Map<string, string>();
  for (let p = last; p >= 0 && sameValue(partitions, p, last); p--) {
    const path = partitions.path(p);
    for (const name of tablesIn(path)) if (!tables.has(name)) tables.set(name, `${path}/${name}`);
  }
  return [...tables]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, directory]) => new PartitionedTable(reading, cache, partitions, name, columnNames(reading, directory)),
    );
}

const sameValue = (partitions: Partitions, a: number, b: number): boolean =>
  valueAt(partitions.values, a) === valueAt(partitions.values, b);
