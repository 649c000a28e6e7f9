// Finding rows by key and time, for aj, asof and wj: the rows of a table arranged so that those of one key are together
// in time's order, and binary search in there. A table that is parted (or has no key columns) is used as it stands; any
// other is arranged by counting its groups. Within one key the times must ascend, as kdb+ asks; row order is kept.

import { T } from "#values/datatypes.ts";
import { pickVector } from "#values/picking.ts";
import { columnsPositions, groupMembers, groupsFrom } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { assert, signal } from "#values/signals.ts";
import { F64, F32, I16, I32, U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";

export interface Timeline {
  /** Times, those of one key together. */
  readonly times: Vector;
  /** Where each key's times start, and the count at the end. */
  readonly starts: Int32Array;
  /** Place in `times` → row of the table; undefined when they are the same. */
  readonly rows: Vector | undefined;
  /** For each asking row the number of its key, -1 for none (int vector). */
  readonly keyOf: Vector;
}

/** Arranges `times` by `keys`, for asking rows that have `askedKeys`. */
export function timelineOf(
  session: Session,
  keys: readonly Value[],
  times: Value,
  askedKeys: readonly Value[],
  asked: number,
): Timeline {
  if (times.kind !== "vector") throw signal("type", "the last column is of one sortable type");
  if (keys.length === 0) {
    const keyOf = newVector(T.int, asked);
    for (let i = 0; i < asked; i++) I32[keyOf.at / 4 + i] = 0;
    return { times, starts: Int32Array.of(0, times.count), rows: undefined, keyOf };
  }
  const groups = groupsFrom(columnsPositions(session, keys, keys));
  const first = columnsPositions(session, keys, askedKeys);
  const keyOf = newVector(T.int, asked);
  for (let i = 0; i < asked; i++) {
    const q = I32[first.at / 4 + i]!;
    I32[keyOf.at / 4 + i] = q < 0 ? -1 : I32[groups.numbers.at / 4 + q]!;
  }
  const { members, starts } = groupMembers(groups);
  const together = inOrder(members);
  return { times: together ? times : pickVector(times, members), starts, rows: together ? undefined : members, keyOf };
}
function inOrder(members: Vector): boolean {
  for (let i = 0; i < members.count; i++) if (I32[members.at / 4 + i] !== i) return false;
  return true;
}
/** The table's row at a place of the timeline. */
export const rowAt = (line: Timeline, place: number): number =>
  place < 0 || line.rows === undefined ? place : I32[line.rows.at / 4 + place]!;

/** Whether the time at `place` is after (or, with `orEqual`, not before) the asked one. */
type After = (place: number, i: number) => boolean;
function after(times: Vector, asked: Vector, orEqual: boolean): After {
  if (times.type !== asked.type) throw signal("type", "the times are of different types");
  const a = times.at;
  const b = asked.at;
  switch (times.type) {
    case T.int:
    case T.month:
    case T.date:
    case T.minute:
    case T.second:
    case T.time:
      return orEqual ? (p, i) => I32[a / 4 + p]! >= I32[b / 4 + i]! : (p, i) => I32[a / 4 + p]! > I32[b / 4 + i]!;
    case T.long:
    case T.timestamp:
    case T.timespan:
      return (p, i) => {
        const x = I32[a / 4 + 2 * p + 1]!;
        const y = I32[b / 4 + 2 * i + 1]!;
        if (x !== y) return x > y;
        const l = I32[a / 4 + 2 * p]! >>> 0;
        const r = I32[b / 4 + 2 * i]! >>> 0;
        return orEqual ? l >= r : l > r;
      };
    case T.float:
    case T.datetime:
      return orEqual ? (p, i) => F64[a / 8 + p]! >= F64[b / 8 + i]! : (p, i) => F64[a / 8 + p]! > F64[b / 8 + i]!;
    case T.real:
      return orEqual ? (p, i) => F32[a / 4 + p]! >= F32[b / 4 + i]! : (p, i) => F32[a / 4 + p]! > F32[b / 4 + i]!;
    case T.short:
      return orEqual ? (p, i) => I16[a / 2 + p]! >= I16[b / 2 + i]! : (p, i) => I16[a / 2 + p]! > I16[b / 2 + i]!;
    case T.byte:
    case T.boolean:
    case T.char:
      return orEqual ? (p, i) => U8[a + p]! >= U8[b + i]! : (p, i) => U8[a + p]! > U8[b + i]!;
    default:
      throw signal("type", "the last column is of a sortable type");
  }
}

/**
 * For every asking row the place of the first time of its key that is after its own (or not before, with `orEqual`);
 * the end of the key's times when there is none. Rows usually ask in time's order: the search goes on from the last find.
 */
export function firstAfter(line: Timeline, asked: Value, orEqual: boolean): Int32Array {
  if (asked.kind !== "vector") throw signal("type", "the last column is of one sortable type");
  assert(asked.count === line.keyOf.count, "one time for each asking row");
  const isAfter = after(line.times, asked, orEqual);
  const { starts } = line;
  const cursor = starts.slice(0, starts.length - 1);
  const n = asked.count;
  const result = new Int32Array(n);
  const keys = line.keyOf.at / 4;
  for (let i = 0; i < n; i++) {
    const g = I32[keys + i]!;
    if (g < 0) {
      result[i] = -1;
      continue;
    }
    const start = starts[g]!;
    const end = starts[g + 1]!;
    let lo = cursor[g]!;
    let hi: number;
    if (lo > start && isAfter(lo - 1, i)) {
      hi = lo - 1;
      lo = start;
    } else {
      // Everything before lo is not after: gallop on.
      let step = 1;
      while (lo + step <= end && !isAfter(lo + step - 1, i)) {
        lo += step;
        step *= 2;
      }
      hi = Math.min(lo + step - 1, end);
    }
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (isAfter(mid, i)) hi = mid;
      else lo = mid + 1;
    }
    result[i] = lo;
    cursor[g] = lo;
  }
  return result;
}
