/**
 * x#y. Take: items, rows or entries from the front or the end, around again when there are too few; a list of numbers
 * reshapes; keys select entries, names select columns. A symbol sets an attribute.
 */

import { attributeCode, setAttribute } from "#values/attributes.ts";
import { T, widthOf } from "#values/datatypes.ts";
import { index, requiredColumn } from "#values/indexing.ts";
import { copyElements, isIndexType, pick, pickRows, positions } from "#values/picking.ts";
import { primitive } from "#values/primitive.ts";
import { isKeyed } from "#values/records.ts";
import { rowPositions } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32, kernels } from "#values/storage.ts";
import type { List, Table, Value, Vector } from "#values/values.ts";
import {
  columnAt,
  countOf,
  dict,
  gather,
  integerOf,
  isList,
  itemsOf,
  list,
  newVector,
  slice,
  symbolTexts,
  table,
  vectorOf,
} from "#values/vectors.ts";

/** Below this copying is cheaper than sharing bytes; and a small part must not keep a big list alive. */
const SMALL_SLICE = 256;
function copied(y: Vector, start: number, count: number): Vector {
  const r = newVector(y.type, count, y.domain);
  copyElements(r, 0, y, start, count);
  return r;
}

/** `count` consecutive items from `start`, all there. */
export function span(y: Value, start: number, count: number): Value {
  switch (y.kind) {
    case "vector":
      if (start === 0 && count === y.count) return y;
      if (count >= SMALL_SLICE && (y.capacity === 0 || count * 4 >= y.count)) return slice(y, start, count);
      return copied(y, start, count);
    case "list":
      if (start === 0 && count === y.items.length) return y;
      return count === 0 ? list([]) : gather(y.items.slice(start, start + count));
    case "dict":
      return dict(span(y.keys, start, count), span(y.values, start, count));
    case "table":
      return table(
        y.names,
        y.names.map((_, c) => spanColumn(columnAt(y, c), start, count)),
      );
    default:
      throw signal("type", "an atom has no items");
  }
}
const spanColumn = (column: Value, start: number, count: number): Value =>
  column.kind === "list" && column.items[0]?.kind !== "atom"
    ? list(column.items.slice(start, start + count))
    : span(column, start, count);

/** n items of y from the front, or -n from the end; around again when there are fewer. */
export function takeItems(n: number, y: Value): Value {
  const wanted = Math.abs(n);
  if (y.kind === "atom")
    return wanted === 0 ? newVector(-y.type, 0, y.domain) : repeated(vectorOf(-y.type, [y.value], y.domain), wanted, 0);
  if (y.kind !== "vector" && y.kind !== "list" && y.kind !== "dict" && y.kind !== "table")
    return list(new Array<Value>(wanted).fill(y));
  const count = countOf(y);
  if (wanted <= count) return span(y, n < 0 ? count - wanted : 0, wanted);
  // Going backwards, the last item taken is the last of y.
  const start = count === 0 ? 0 : n < 0 ? (count - (wanted % count)) % count : 0;
  return repeated(y, wanted, start);
}
function repeated(y: Value, wanted: number, start: number): Value {
  const count = countOf(y);
  if (y.kind === "vector") {
    if (count === 0) return pick(y, positions(new Array<number>(wanted).fill(-1)));
    const r = newVector(y.type, wanted, y.domain);
    const width = widthOf(y.type);
    kernels.get("cycle")(y.at, count * width, start * width, r.at, wanted * width);
    return r;
  }
  if (y.kind === "dict") return dict(repeated(y.keys, wanted, start), repeated(y.values, wanted, start));
  if (count === 0) return pick(y, positions(new Array<number>(wanted).fill(-1)));
  return pick(y, positions(Array.from({ length: wanted }, (_, k) => (start + k) % count)));
}

/** 2 3#y: a matrix, or deeper; 0N takes as much as there is. */
function reshape(shape: number[], y: Value): Value {
  if (shape.length === 0) throw signal("length", "a shape has a dimension");
  if (shape.length === 1) return takeItems(shape[0]!, y);
  if (shape.some((n) => n < 0)) throw signal("domain", "a dimension is not negative");
  if (shape.some(Number.isNaN)) {
    if (shape.length !== 2 || shape.every(Number.isNaN))
      throw signal("domain", "only one of two dimensions may be null");
    return ragged(shape[0]!, shape[1]!, y);
  }
  if (shape.length > 2 && shape.slice(0, -1).includes(0)) throw signal("domain", "an inner dimension is not empty");
  let next = 0;
  const build = (depth: number): Value => {
    const n = shape[depth]!;
    if (depth === shape.length - 1) {
      const row = rowFrom(y, next, n);
      next += n;
      return row;
    }
    return list(Array.from({ length: n }, () => build(depth + 1)));
  };
  return build(0);
}
/** n items from place `at` of y, taken round and round. */
function rowFrom(y: Value, at: number, n: number): Value {
  const source = y.kind === "atom" ? gather([y]) : y;
  const count = countOf(source);
  if (n === 0) return span(source, 0, 0);
  if (count === 0) return takeItems(n, source);
  const start = at % count;
  return start + n <= count ? span(source, start, n) : repeated(source, n, start);
}
function ragged(rows: number, columns: number, y: Value): Value {
  const source = y.kind === "atom" ? gather([y]) : y;
  const n = countOf(source);
  if (Number.isNaN(rows)) {
    if (columns === 0) throw signal("domain", "rows of no items are without end");
    return list(
      Array.from({ length: Math.ceil(n / columns) }, (_, r) =>
        span(source, r * columns, Math.min(columns, n - r * columns)),
      ),
    );
  }
  const cut = (r: number) => Math.floor((r * n) / rows);
  return list(Array.from({ length: rows }, (_, r) => span(source, cut(r), cut(r + 1) - cut(r))));
}

function takeColumns(names: readonly string[], t: Table): Value {
  return table(
    names,
    names.map((name) => requiredColumn(t, name)),
  );
}
function takeRows(session: Session, keys: Table, y: Value): Value {
  if (!isKeyed(y)) throw signal("type", "rows are taken from a keyed table by their keys");
  const p = rowPositions(session, y.keys, keys);
  const found: number[] = [];
  for (let k = 0; k < p.count; k++) if (I32[p.at / 4 + k]! >= 0) found.push(I32[p.at / 4 + k]!);
  const at = positions(found);
  return dict(pickRows(y.keys, at), pickRows(y.values, at));
}

export const take = primitive({
  name: "Take",
  glyph: "#",
  rank: 2,
  category: "list",
  wire: [102, 13],
  run: (session, x, y) => {
    if (x!.kind === "atom") {
      if (x!.type === -T.symbol) {
        const code = attributeCode(x!.value as string);
        if (code === undefined) throw signal("type", `${x!.value} is no attribute`);
        return setAttribute(session, code, y!);
      }
      const n = integerOf(x!);
      if (Number.isNaN(n)) throw signal("domain", "a null is no count");
      return takeItems(n, y!);
    }
    if (x!.kind === "table") return takeRows(session, x!, y!);
    if (x!.kind === "vector" && isIndexType(x!.type) && !(y!.kind === "dict" && y!.keys.type === x!.type)) {
      return reshape(itemsOf(x!).map(integerOf), y!);
    }
    if (y!.kind === "table" && (x!.type === T.symbol || isEmpty(x!))) return takeColumns(symbolTexts(x!), y!);
    if (y!.kind === "dict" && isList(x!)) {
      if (isKeyed(y!)) {
        if (x!.type === T.symbol) return dict(y!.keys, takeColumns(symbolTexts(x!), y!.values));
        throw signal("type", "keys of a keyed table are taken as a table");
      }
      return dict(x!, index(session, y!, x!));
    }
    throw signal("type", "take takes a count, a shape, keys or columns");
  },
});
const isEmpty = (v: Value): v is List => v.kind === "list" && v.items.length === 0;
