// Assignment to names and into them: the place is a local or a slot; amended in place when nobody else holds the value
// (ownership.ts), else on a copy.

import {
  amendAt,
  amendAtInPlace,
  amendDeep,
  amendDeepInPlace,
  assignAtInPlace,
  assignDeepInPlace,
} from "#values/amend.ts";
import { appendInPlace } from "#values/appending.ts";
import { T } from "#values/datatypes.ts";
import { isMine } from "#values/growing.ts";
import { keyPosition } from "#values/keys.ts";
import { mark, release, retain, settle } from "#values/ownership.ts";
import type { Slot } from "#values/session.ts";
import type { Atom, Value } from "#values/values.ts";
import { gather, long, longElement, setElement, setLongElement } from "#values/vectors.ts";
import type { Frame } from "./frame.ts";
import type { QSession } from "./session.ts";

export interface Target {
  readonly name: string;
  readonly local?: number;
  readonly slot?: Slot;
}

/** `place[path] op: y`; an empty path is the whole value.  */
export function assignInto(
  session: QSession,
  frame: Frame,
  place: Target,
  path: Value[],
  op: Value | undefined,
  y: Value,
): Value {
  const { local } = place;
  if (path.length === 0 && op === undefined) {
    if (local === undefined) session.assignSlot(place.slot!, y);
    else setLocal(frame, local, y);
    return y;
  }
  if (local === undefined && path.length === 0 && session.workspace.read(place.slot!.name) === undefined) {
    const first = firstValue(session, op!, y);
    if (first !== undefined) {
      session.assignSlot(place.slot!, first);
      return first;
    }
  }
  const current =
    local === undefined ? session.readSlotForUpdate(place.slot!, place.name) : (frame.locals[local] ?? session.empty);
  const from = mark();
  // Exactly one owner, the variable itself: nobody can see us write.
  const own = current.kind !== "atom" && current.refs === 1;
  const next = amended(
    session,
    current,
    own,
    path.map((i) => (i === session.words.nil ? undefined : i)),
    op,
    y,
  );
  if (local === undefined) {
    if (session.watcher !== undefined) session.amendedSlot(place.slot!, current, next, gather(path));
    else if (next !== current) session.assignSlot(place.slot!, next);
  } else if (next !== current) setLocal(frame, local, next);
  // x+:1 is worth the new x (ref/while.md counts down with it), x[i]+:1 the new item (ref/assign.md), x[i]:1 what was
  // put in.
  if (path.length === 0) return settle(from, next);
  return settle(from, op === undefined ? y : session.apply(next, path));
}

/** What x op:y makes of an x that is not there: op's identity element stands for it (ref/assign.md). */
function firstValue(session: QSession, op: Value, y: Value): Value | undefined {
  switch (op.kind === "primitive" ? op.row.glyph : undefined) {
    case ",":
      return session.apply2(op, session.empty, y);
    case "+":
    case "*":
    case "&":
    case "|":
      return y;
    case "-":
      return session.apply2(op, long(0), y);
    case "%":
      return session.apply2(op, long(1), y);
    default:
      return undefined;
  }
}

function setLocal(frame: Frame, local: number, v: Value): void {
  const old = frame.locals[local];
  retain(v);
  frame.locals[local] = v;
  if (old !== undefined) release(old);
}

function amended(
  session: QSession,
  d: Value,
  own: boolean,
  path: (Value | undefined)[],
  op: Value | undefined,
  y: Value,
): Value {
  if (path.length === 0) {
    if (op === session.words.operator(",") && d.kind !== "projection") return appendInPlace(session, d, y, own);
    return session.apply2(op!, d, y);
  }
  const [only] = path;
  if (path.length === 1 && only !== undefined) {
    if (own && only.kind === "atom" && y.kind === "atom" && amendElement(session, d, only, op, y)) return d;
    if (op === undefined) return assignAtInPlace(session, d, only, y, own);
    return own ? amendAtInPlace(session, d, only, op, y) : amendAt(session, d, only, op, y);
  }
  if (op === undefined) return assignDeepInPlace(session, d, path, y, own);
  return own ? amendDeepInPlace(session, d, path, op, y) : amendDeep(session, d, path, op, y);
}

/**
 * v[i]:y, v[i]+:y and d[k]+:y where an element of a vector that is ours takes a value of its own type: the loops that
 * count. False: this is something else, and nothing has changed.
 */
function amendElement(session: QSession, d: Value, i: Atom, op: Value | undefined, y: Atom): boolean {
  let v: Value = d;
  let at: number;
  if (d.kind === "dict") {
    if (d.attribute !== 0 || d.keys.kind === "table" || d.values.kind !== "vector" || d.values.type !== -y.type)
      return false;
    v = d.values;
    at = keyPosition(session, d, i);
  } else {
    if (d.kind !== "vector" || (i.type !== -T.long && i.type !== -T.int) || typeof i.value !== "number") return false;
    at = i.value;
  }
  if (
    v.kind !== "vector" ||
    v.type !== -y.type ||
    v.type >= T.enum ||
    v.attribute !== 0 ||
    !isMine(v) ||
    at < 0 ||
    at >= v.count
  )
    return false;
  if (op === undefined) {
    setElement(v, at, y.value);
    v.index = undefined;
    return true;
  }
  if (v.type !== T.long || typeof y.value !== "number" || op.kind !== "primitive") return false;
  const old = longElement(v.at, at);
  if (typeof old !== "number") return false;
  const next = op.row.glyph === "+" ? old + y.value : op.row.glyph === "-" ? old - y.value : Number.NaN;
  if (!Number.isSafeInteger(next)) return false;
  setLongElement(v.at, at, next);
  v.index = undefined;
  return true;
}
