// How aggregates (sum, max, avg …) and uniform functions (sums, deltas, 3 mavg …) meet anything that is not a vector:
// a list of lists goes item by item, a dictionary by its values, a table by its columns. What a function does with one
// vector is its own file's business.

import { LONG_NULL, T } from "#values/datatypes.ts";
import { unenumerate } from "#values/enumeration.ts";
import { applyBinary, type BinaryOp } from "#values/iterate.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I64 } from "#values/storage.ts";
import type { Atom, List, Value, Vector } from "#values/values.ts";
import { allocate } from "#values/storage.ts";
import {
  canonicalLong,
  columnAt,
  countOf,
  dict,
  gather,
  isNull,
  itemAt,
  itemsOf,
  list,
  symbols,
  table,
} from "#values/vectors.ts";

export interface Aggregate {
  readonly name: string;
  atom(x: Atom): Value;
  vector(session: Session, x: Vector): Value;
  list(session: Session, x: List): Value;
}

export function aggregate(session: Session, f: Aggregate, x: Value): Value {
  switch (x.kind) {
    case "atom":
      return f.atom(unenumerate(session, x) as Atom);
    case "vector":
      if (x.type >= T.enum) return aggregate(session, f, unenumerate(session, x));
      return f.vector(session, x);
    case "list":
      return f.list(session, x);
    case "dict":
      return aggregate(session, f, x.values);
    case "table":
      return dict(symbols(x.names), gather(x.names.map((_, c) => aggregate(session, f, columnAt(x, c)))));
    default:
      throw signal("type", `${f.name} of a function`);
  }
}

/**
 * `op` between the items of a general list. Atoms that are null are passed over, as in a vector, once there is another
 * item; inside nested lists nulls count (ref/sum.md, Aggregating nulls).
 */
export function foldItems(session: Session, op: BinaryOp, x: List, empty: Value): Value {
  let result: Value | undefined;
  for (const item of x.items) {
    const nothing = item.kind === "atom" && isNullAtom(item);
    if (result === undefined || (result.kind === "atom" && isNullAtom(result))) {
      result = nothing && result !== undefined ? result : item;
    } else if (!nothing || result.kind !== "atom") result = applyBinary(op, session, result, item);
  }
  return result ?? empty;
}
const isNullAtom = (a: Atom): boolean => a.type > -20 && isNull(a);

/** Running results of the same. */
export function scanItems(session: Session, op: BinaryOp, x: List): Value {
  const results: Value[] = [];
  for (const item of x.items) {
    const last = results[results.length - 1];
    if (last === undefined) results.push(item);
    else if (item.kind === "atom" && last.kind === "atom" && isNullAtom(item)) results.push(last);
    else if (last.kind === "atom" && isNullAtom(last) && item.kind === "atom") results.push(item);
    else results.push(applyBinary(op, session, last, item));
  }
  return gather(results);
}

export interface Uniform {
  readonly name: string;
  /** What an atom gives; most give it back. */
  atom?(x: Atom): Value;
  vector(session: Session, x: Vector): Value;
  list(session: Session, x: List): Value;
}

export function uniform(session: Session, f: Uniform, x: Value): Value {
  switch (x.kind) {
    case "atom":
      return f.atom === undefined ? x : f.atom(x);
    case "vector":
      if (x.type >= T.enum) return uniform(session, f, unenumerate(session, x));
      return f.vector(session, x);
    case "list":
      return x.items.length === 0 ? x : f.list(session, x);
    case "dict":
      return dict(x.keys, uniform(session, f, x.values));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => uniform(session, f, columnAt(x, c))),
      );
    default:
      throw signal("type", `${f.name} of a function`);
  }
}

/** Rows to columns: item i of every item. Atoms among lists stand for themselves in each. */
export function columnsOf(x: List): Value[] {
  const wide = x.items.find((item) => item.kind !== "atom");
  const width = wide === undefined ? 0 : countOf(wide);
  for (const item of x.items)
    if (item.kind !== "atom" && countOf(item) !== width) throw signal("length", "rows of one width are wanted");
  const columns: Value[] = new Array(width);
  for (let c = 0; c < width; c++)
    columns[c] = gather(x.items.map((row) => (row.kind === "atom" ? row : itemAt(row, c))));
  return columns;
}
export const isNested = (x: List): boolean => x.items.some((item) => item.kind !== "atom");

/** For functions of vectors only: a list of lists goes column by column, and back if the result is as long. */
export function byColumns(x: List, f: (column: Value) => Value): Value {
  return gather(columnsOf(x).map(f));
}
export function byColumnsAndBack(x: List, f: (column: Value) => Value): Value {
  const results = list(columnsOf(x).map(f));
  return gather(columnsOf(results));
}

/** Atoms of several types as one float or long list would hold them: nothing to convert when it is a vector. */
export const simplest = (x: Value): Value => gather(itemsOf(x));

/** A place for a kernel's result; kept for the life of the process. */
const place = { at: 0 };
export function resultPlace(): number {
  if (place.at === 0) place.at = allocate(64);
  return place.at;
}
/** The 64-bit integer that a kernel left at an address. */
export const longAt = (at: number): number | bigint => {
  const v = I64[at / 8];
  return v === LONG_NULL ? v : canonicalLong(v);
};
