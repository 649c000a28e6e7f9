// x$y with a lower-case letter, a type's name or a positive short: y as another datatype; and the parts of a point in
// time, `year$ and the rest (ref/cast.md). Conversion of one value or vector is values/convert.ts's.

import { convertAtom, convertVector, dateOfMonth, monthOfDate, retype } from "#values/convert.ts";
import { datatypeOf, INT_NULL, T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import { Atom, type Value, type Vector } from "#values/values.ts";
import { atom, dict, gather, int, newVector } from "#values/vectors.ts";
import { tok } from "./tok.ts";
import { eachLeaf } from "./walking.ts";

/** `type` is positive, 1 to 19. */
export function cast(session: Session, type: number, y: Value): Value {
  switch (y.kind) {
    case "atom":
      return castAtom(session, type, y);
    case "vector":
      return castVector(session, type, y);
    case "list":
      if (y.items.length === 0) return newVector(type, 0);
      // Texts become symbols as wholes, not char by char.
      if (type === T.symbol) return gather(y.items.map((item) => cast(session, type, item)));
      return gather(y.items.map((item) => cast(session, type, item)));
    case "dict":
      return dict(y.keys, cast(session, type, y.values));
    case "table":
      return eachLeaf(y, (leaf) => cast(session, type, leaf));
    default:
      throw signal("type", "a function is no data to cast");
  }
}

function castAtom(session: Session, type: number, y: Atom): Value {
  if (y.type === -type) return y;
  if (isEnumType(y.type)) {
    if (type === T.symbol) return unenumerate(session, y);
    return convertAtom(new Atom(-T.long, y.value), type);
  }
  if (type === T.symbol && y.type === -T.char) return tok(session, type, y);
  return convertAtom(y, type);
}

function castVector(session: Session, type: number, y: Vector): Value {
  if (y.type === type) return y;
  if (isEnumType(y.type)) {
    if (type === T.symbol) return unenumerate(session, y);
    return convertVector(retype(y, T.long), type);
  }
  if (type === T.symbol && y.type === T.char) return tok(session, type, y);
  return convertVector(y, type);
}

// ---- parts of a point in time ------------------------------------------------------------------------------------------
interface Part {
  /** What y is cast to first, and the types that have this part. */
  readonly via: number;
  readonly of: readonly number[];
  readonly take: (v: number) => number;
  readonly result: number;
}
const DATED = [T.timestamp, T.month, T.date, T.datetime];
const TIMED = [T.timestamp, T.datetime, T.timespan, T.minute, T.second, T.time];
const DAYS = [T.timestamp, T.date, T.datetime];
const floorMod = (x: number, y: number): number => x - y * Math.floor(x / y);
/** A time before midnight has the parts of its distance from it; null aside. */
const parts: Record<string, Part> = {
  year: { via: T.month, of: DATED, take: (m) => 2000 + Math.floor(m / 12), result: T.int },
  mm: { via: T.month, of: DATED, take: (m) => floorMod(m, 12) + 1, result: T.int },
  dd: { via: T.date, of: DAYS, take: (d) => d - dateOfMonth(monthOfDate(d)) + 1, result: T.int },
  // 2000.01.03 was a Monday.
  week: { via: T.date, of: DAYS, take: (d) => d - floorMod(d - 2, 7), result: T.date },
  hh: { via: T.minute, of: TIMED, take: (m) => Math.floor(m / 60), result: T.int },
  uu: { via: T.minute, of: TIMED, take: (m) => floorMod(m, 60), result: T.int },
  ss: { via: T.second, of: TIMED, take: (s) => floorMod(s, 60), result: T.int },
};
export const isPartName = (name: string): boolean => Object.hasOwn(parts, name);

export function partOf(session: Session, name: string, y: Value): Value {
  const part = parts[name]!;
  return eachLeaf(y, (leaf) => {
    if (leaf.kind === "list" && leaf.items.length === 0) return newVector(part.result, 0);
    const type = Math.abs(leaf.type);
    if (!part.of.includes(type)) throw signal("type", `a ${datatypeOf(type)?.name ?? leaf.kind} has no ${name}`);
    const base = cast(session, part.via, leaf);
    if (base.kind === "atom") {
      const v = base.value as number;
      return v === INT_NULL
        ? part.result === T.int
          ? int(INT_NULL)
          : atom(part.result, INT_NULL)
        : atom(part.result, part.take(v));
    }
    const from = base as Vector;
    const result = newVector(part.result, from.count);
    const x = from.at / 4;
    const r = result.at / 4;
    for (let i = 0; i < from.count; i++) I32[r + i] = I32[x + i] === INT_NULL ? INT_NULL : part.take(I32[x + i]!);
    return result;
  });
}
