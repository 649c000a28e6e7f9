// Finding rows by key and time, for aj, asof and wj: the rows of a table with those of one key together, in time's order,
// and for each asking row the last one that is not later. A parted or sorted key column is used as it stands, by its runs;
// otherwise the rows are numbered by key, and only if they are scattered does a list of positions stand between. Within
// one key the times must ascend, as kdb+ asks.

import { runStarts } from "#values/attributes.ts";
import { letterOf, LONG_NULL, T } from "#values/datatypes.ts";
import { pick, pickVector } from "#values/picking.ts";
import { columnsGroups, columnsPositions, foundIn, groupMembers } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { assert, signal } from "#values/signals.ts";
import { I32, kernels } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { longs, newVector, setLongElement, vectorOf } from "#values/vectors.ts";

export interface Timeline {
  /** Times in the table's own order. */
  readonly times: Vector;
  /** For each key where its rows start and end (longs). */
  readonly starts: Vector;
  readonly ends: Vector;
  /** The rows of the first key, of the second …: positions (longs); undefined when the table is in that order itself. */
  readonly rows: Vector | undefined;
  /** For each asking row the number of its key (longs), the number of keys for none. */
  readonly keyOf: Vector;
}

/** Arranges a table by `keys` and `times`, for `asked` rows that have `askedKeys`. */
export function timelineOf(
  session: Session,
  keys: readonly Value[],
  times: Value,
  askedKeys: readonly Value[],
  asked: number,
): Timeline {
  if (times.kind !== "vector") throw signal("type", "the last column is of one sortable type");
  const [only] = keys;
  if (only === undefined) {
    return {
      times,
      starts: longs([0]),
      ends: longs([times.count]),
      rows: undefined,
      keyOf: vectorOf(T.long, new Array(asked).fill(0)),
    };
  }
  if (keys.length === 1 && only.kind === "vector") {
    const runs = runStarts(only);
    if (runs !== undefined) {
      const starts = longs(runs.slice(0, -1));
      return {
        times,
        starts,
        ends: longs(runs.slice(1)),
        rows: undefined,
        keyOf: foundIn(session, pick(only, starts), askedKeys[0]!),
      };
    }
  }
  const groups = columnsGroups(session, keys);
  const firsts = groups.firsts;
  const distinct = keys.map((key) => pick(key, firsts));
  const keyOf =
    keys.length === 1
      ? foundIn(session, distinct[0]!, askedKeys[0]!)
      : asLongs(columnsPositions(session, distinct, askedKeys), firsts.count);
  if (standTogether(groups.numbers, firsts.count)) {
    const ends = newVector(T.long, firsts.count);
    for (let g = 0; g < firsts.count; g++) {
      setLongElement(ends.at, g, g + 1 < firsts.count ? I32[firsts.at / 4 + 2 * (g + 1)]! : times.count);
    }
    return { times, starts: firsts, ends, rows: undefined, keyOf };
  }
  const { members, starts } = groupMembers(groups);
  return {
    times,
    starts: longs([...starts.subarray(0, -1)]),
    ends: longs([...starts.subarray(1)]),
    rows: members,
    keyOf,
  };
}
function asLongs(p: Vector, none: number): Vector {
  const r = newVector(T.long, p.count);
  for (let i = 0; i < p.count; i++) {
    const q = I32[p.at / 4 + i]!;
    setLongElement(r.at, i, q < 0 ? none : q);
  }
  return r;
}
/** As many changes from row to row as there are keys: every key's rows are together. */
function standTogether(numbers: Vector, keyCount: number): boolean {
  const at = numbers.at / 4;
  let runs = numbers.count === 0 ? 0 : 1;
  for (let i = 1; i < numbers.count; i++) if (I32[at + i] !== I32[at + i - 1]) runs++;
  return runs === keyCount;
}

/** Kernels for the times: dates and times of 4 bytes, longs, floats; narrower types are too short to be times. */
function timeLetter(times: Vector, asked: Value): string {
  if (asked.kind !== "vector" || asked.type !== times.type) throw signal("type", "the times are of different types");
  const letter = letterOf(times.type);
  if ("imduvt".includes(letter)) return "i";
  if ("jpn".includes(letter)) return "j";
  if ("fz".includes(letter)) return "f";
  throw signal("type", "the last column is of a type that times have");
}

/** For every asking row the table's last row of its key that is not later; 0N for none (longs). */
export function lastRowsBefore(line: Timeline, asked: Value): Vector {
  const letter = timeLetter(line.times, asked);
  const t = asked as Vector;
  assert(t.count === line.keyOf.count, "one time for each asking row");
  const keyCount = line.starts.count;
  const r = newVector(T.long, t.count);
  const cursors = newVector(T.int, keyCount);
  if (t.count === 0) return r;
  if (keyCount === 0) {
    for (let i = 0; i < r.count; i++) setLongElement(r.at, i, LONG_NULL);
    return r;
  }
  const { keyOf, starts, ends, times, rows } = line;
  if (rows === undefined) {
    kernels.get(`asof_${letter}`)(keyOf.at, t.at, t.count, starts.at, ends.at, keyCount, times.at, r.at, cursors.at);
  } else {
    kernels.get(`asofg_${letter}`)(
      keyOf.at,
      t.at,
      t.count,
      starts.at,
      ends.at,
      keyCount,
      times.at,
      rows.at,
      r.at,
      cursors.at,
    );
  }
  return r;
}

/** The same table with the rows of each key together, so that windows are ranges. */
export function together(line: Timeline): { line: Timeline; arrange: (column: Value) => Value } {
  const { rows } = line;
  if (rows === undefined) return { line, arrange: (column) => column };
  return {
    line: { ...line, times: pickVector(line.times, rows), rows: undefined },
    arrange: (column) => pick(column, rows),
  };
}
/** For every asking row the first row of its key that is not earlier, the end of the key's rows for none; 0 for no key. */
export function firstRowsFrom(line: Timeline, asked: Value): Vector {
  const letter = timeLetter(line.times, asked);
  assert(line.rows === undefined, "ranges need the rows of a key together");
  const t = asked as Vector;
  const r = newVector(T.long, t.count);
  const cursors = newVector(T.int, line.starts.count);
  if (t.count > 0) {
    const { keyOf, starts, ends, times } = line;
    kernels.get(`asofr_${letter}`)(
      keyOf.at,
      t.at,
      t.count,
      starts.at,
      ends.at,
      starts.count,
      times.at,
      r.at,
      cursors.at,
    );
  }
  return r;
}
