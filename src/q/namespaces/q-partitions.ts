// The .Q namespace, a partitioned database while it is loaded (ref/dotq.md): what \l leaves in .Q.pv and its like, counts
// and rows by number, views of fewer partitions, and tables that partitions lack. Where the columns come from is the
// source's business (values.ts: PartitionSource); writing partitions is q-database.ts's.

import { T } from "#values/datatypes.ts";
import type { LoadedRoot } from "#values/host.ts";
import { own } from "#values/ownership.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import { type PartitionSource, Table, type Value, type Vector } from "#values/values.ts";
import {
  boolean,
  countOf,
  dict,
  elementAt,
  integerOf,
  itemsOf,
  list,
  longs,
  newVector,
  setElement,
  symbol,
  symbols,
  symbolTexts,
  table,
  vectorOf,
} from "#values/vectors.ts";
import { type Namespace, native } from "./entry.ts";

// ---- what loading leaves ---------------------------------------------------------------------------------------------

/** Assigns what a root holds, and says in .Q how it is partitioned. */
export function adopt(session: Session, root: LoadedRoot): void {
  for (const [name, value] of root.variables) session.assign(name, value);
  if (root.partitions === undefined) return;
  const { field, values, tables, segments, segmentOf } = root.partitions;
  const names = segments.map((segment) => `:${segment}`);
  const folders = newVector(T.symbol, countOf(values));
  for (let p = 0; p < folders.count; p++) setElement(folders, p, names[segmentOf(p)]!);
  session.assign(".Q.pf", symbol(field));
  session.assign(".Q.pt", symbols(tables));
  for (const name of [".Q.PV", ".Q.pv"]) session.assign(name, values);
  for (const name of [".Q.PD", ".Q.pd"]) session.assign(name, folders);
  forgetCounts(session);
  session.assign(".Q.u", boolean(areDistinct(values as Vector)));
  if (segments.length === 1 && segments[0] === ".") return;
  // In the order of their first partitions; a directory without one is none.
  const used = [...new Set(Array.from({ length: folders.count }, (_, p) => segmentOf(p)))];
  session.assign(".Q.P", symbols(used.map((segment) => names[segment]!)));
  session.assign(".Q.D", list(used.map((segment) => picked(values, (p) => segmentOf(p) === segment))));
}

/** Of values in order. */
function areDistinct(values: Vector): boolean {
  for (let p = 1; p < values.count; p++) if (elementAt(values, p) === elementAt(values, p - 1)) return false;
  return true;
}
const valuesOf = (values: Value): unknown[] =>
  Array.from({ length: countOf(values) }, (_, p) => elementAt(values as Vector, p));

/** Those partition values whose number is wanted. */
function picked(values: Value, wanted: (p: number) => boolean): Vector {
  const v = values as Vector;
  const kept = valuesOf(v).flatMap((value, p) => (wanted(p) ? [value as number] : []));
  return vectorOf(v.type, kept, v.domain);
}

// ---- reading the state -------------------------------------------------------------------------------------------------

function state(session: Session, name: string): Value {
  const v = session.read(`.Q.${name}`);
  if (v === undefined) throw userSignal(`.Q.${name}`, "no partitioned database is loaded");
  return v;
}
const tableNames = (session: Session): string[] => symbolTexts(state(session, "pt"));
function sourceOf(session: Session, name: string): PartitionSource {
  const t = session.read(name);
  if (t?.kind !== "table" || t.partitioned === undefined) throw signal("part", `${name} is no partitioned table`);
  return t.partitioned;
}
function partitionedOf(x: Value): PartitionSource {
  if (x.kind !== "table" || x.partitioned === undefined) throw signal("type", "a partitioned table is wanted");
  return x.partitioned;
}

/** .Q.pn: the counts known of each table; none are. */
function forgetCounts(session: Session): void {
  const names = tableNames(session);
  session.assign(".Q.pn", dict(symbols(names), list(names.map(() => list([])))));
}

const countsOf = (source: PartitionSource): Vector =>
  longs(Array.from({ length: source.values.count }, (_, p) => source.rowCount(p)));

/** .Q.cn: rows by partition, kept in .Q.pn. */
function counts(session: Session, x: Value): Value {
  const source = partitionedOf(x);
  const result = countsOf(source);
  const names = tableNames(session);
  const at = names.indexOf(source.name);
  const known = itemsOf((state(session, "pn") as Extract<Value, { kind: "dict" }>).values);
  if (at >= 0)
    session.assign(".Q.pn", dict(symbols(names), list(names.map((_, i) => (i === at ? result : known[i]!)))));
  return result;
}

// ---- rows by number ------------------------------------------------------------------------------------------------------

/** One partition as a table in memory, the partition's value in front. */
function partTable(source: PartitionSource, p: number): Table {
  const rows = source.rowCount(p);
  const value = elementAt(source.values, p);
  const field = newVector(source.values.type, rows);
  for (let i = 0; i < rows; i++) setElement(field, i, value);
  return table([source.field, ...source.names], [field, ...source.names.map((name) => source.column(p, name))]);
}

/** .Q.ind[t;i]: the rows with these numbers, counted over all partitions, in the order asked for. */
function rowsAt(session: Session, x: Value, y: Value): Value {
  const source = partitionedOf(x);
  if (y.type !== T.long && y.type !== T.int) throw signal("type", "row numbers are longs");
  const wanted = itemsOf(y).map(integerOf);
  const starts: number[] = [];
  let total = 0;
  for (let p = 0; p < source.values.count; p++) {
    starts.push(total);
    total += source.rowCount(p);
  }
  const byPartition = new Map<number, { rows: number[]; places: number[] }>();
  wanted.forEach((row, place) => {
    if (!(row >= 0 && row < total)) throw signal("domain", `row ${row} of ${total}`);
    let p = starts.length - 1;
    while (starts[p]! > row) p--;
    const part = byPartition.get(p) ?? { rows: [], places: [] };
    part.rows.push(row - starts[p]!);
    part.places.push(place);
    byPartition.set(p, part);
  });
  if (byPartition.size === 0) return session.apply1(emptyTable(source, source.values.count - 1), longs([]));
  const parts: Value[] = [];
  const order: number[] = new Array(wanted.length);
  let at = 0;
  for (const [p, { rows, places }] of byPartition) {
    parts.push(session.apply1(partTable(source, p), longs(rows)));
    for (const place of places) order[place] = at++;
  }
  const join = session.primitive(",");
  const joined = parts.reduce((all, part) => session.apply2(join, all, part));
  return order.every((to, place) => to === place) ? joined : session.apply1(joined, longs(order));
}

/** The columns of a partition without its rows. */
function emptyTable(source: PartitionSource, p: number): Table {
  const empty = (column: Value): Value =>
    column.kind === "vector" ? newVector(column.type, 0, column.domain) : list([]);
  const columns = source.names.map((name) => empty(source.column(p, name)));
  return own(new Table([source.field, ...source.names], retained([newVector(source.values.type, 0), ...columns])));
}
function retained(columns: Value[]): Value[] {
  for (const column of columns) if (column.kind !== "atom") column.refs++;
  return columns;
}

// ---- fewer and missing partitions -----------------------------------------------------------------------------------------

/** .Q.view x: only these partition values from now on; .Q.view[] all of them again. */
function view(session: Session, x: Value): Value {
  const all = state(session, "PV") as Vector;
  const isAll = x.kind === "primitive" || (x.kind === "list" && x.items.length === 0);
  const wanted = isAll
    ? undefined
    : new Set(itemsOf(x).map((value) => (value.kind === "atom" ? value.value : undefined)));
  const positions = valuesOf(all).flatMap((value, p) =>
    wanted === undefined || wanted.has(value as number) ? [p] : [],
  );
  if (positions.length === 0 && all.count > 0) throw userSignal("invalid partition filter");
  const kept = new Set(positions);
  for (const name of tableNames(session)) {
    const source = sourceOf(session, name).over?.(positions);
    if (source !== undefined) session.assign(name, tableOver(source));
  }
  const values = picked(all, (p) => kept.has(p));
  session.assign(".Q.pv", values);
  session.assign((state(session, "pf") as { value: string } & Value).value, values);
  const folders = symbolTexts(state(session, "PD"));
  session.assign(".Q.pd", symbols(positions.map((p) => folders[p]!)));
  forgetCounts(session);
  return session.primitive("::");
}

function tableOver(source: PartitionSource): Table {
  const names = [source.field, ...source.names];
  const t = own(new Table(names, new Array(names.length).fill(undefined)));
  (t as { partitioned: PartitionSource }).partitioned = source;
  return t;
}

/** .Q.bv: partitions without a table have it, empty; .Q.vp says which tables, and what they are like. */
function buildMissing(session: Session, x: Value): Value {
  const prototype = x.kind === "atom" && x.type === -T.symbol ? "first" : "last";
  const lacking: string[] = [];
  const schemas: Value[] = [];
  for (const name of tableNames(session)) {
    const source = sourceOf(session, name);
    source.fillMissing?.(prototype);
    const missing = Array.from({ length: source.values.count }, (_, p) => source.isMissing?.(p) === true);
    if (!missing.includes(true)) continue;
    lacking.push(name);
    schemas.push(emptyTable(source, missing.lastIndexOf(false)));
  }
  session.assign(".Q.vp", dict(symbols(lacking), list(schemas)));
  return session.primitive("::");
}

/** .Q.MAP[]: maps every column of every partition now. */
function mapAll(session: Session): Value {
  for (const name of tableNames(session)) {
    const source = sourceOf(session, name);
    for (let p = 0; p < source.values.count; p++) for (const column of source.names) source.column(p, column);
  }
  return session.primitive("::");
}

/** .Q.li x: loads again, with those of the partitions x that are on disk by now and no others. */
function loadPartitions(session: Session, x: Value): Value {
  const asked = x.kind === "atom" ? [x] : itemsOf(x);
  const wanted = new Set<unknown>([...valuesOf(state(session, "PV")), ...asked.map((v) => itemValue(v))]);
  adopt(session, session.host.database.load("."));
  const all = state(session, "PV") as Vector;
  const kept = valuesOf(all).filter((value) => wanted.has(value)) as number[];
  if (kept.length < all.count) view(session, vectorOf(all.type, kept));
  return session.primitive("::");
}
const itemValue = (v: Value): unknown => (v.kind === "atom" ? v.value : undefined);

const pathOf = (x: Value): string => {
  if (x.kind !== "atom" || x.type !== -T.symbol) throw signal("type", "a directory is named by a symbol");
  return (x.value as string).replace(/^:/, "");
};

export const partitionsNamespace: Namespace = {
  cn: native(".Q.cn", 1, (session, x) => counts(session, x!)),
  ind: native(".Q.ind", 2, (session, x, y) => rowsAt(session, x!, y!)),
  view: native(".Q.view", 1, (session, x) => view(session, x!)),
  bv: native(".Q.bv", 1, (session, x) => buildMissing(session, x!)),
  bvi: native(".Q.bvi", 1, (session, x) => buildMissing(session, x!)),
  MAP: native(".Q.MAP", 1, (session) => mapAll(session)),
  li: native(".Q.li", 1, (session, x) => loadPartitions(session, x!)),
  l: native(".Q.l", 1, (session, x) => session.system(`l ${pathOf(x!)}`)),
  lo: native(".Q.lo", 3, (session, x, cd, scripts) => {
    const root = session.host.database.load(pathOf(x!));
    adopt(session, root);
    if (isTrue(cd!)) session.host.files.changeDirectory(pathOf(x!));
    if (isTrue(scripts!)) for (const script of root.scripts) session.system(`l ${script}`);
    return session.primitive("::");
  }),
};
const isTrue = (v: Value): boolean => v.kind === "atom" && Boolean(v.value);
