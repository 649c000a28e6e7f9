// Assignment to names and into them: the place is a local or a slot; amended in place when nobody else holds the value
// (ownership.ts), else on a copy.

import { amend, amendInPlace } from "#values/amend.ts";
import { mark, release, retain, settle } from "#values/ownership.ts";
import type { Slot } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import type { Frame } from "./frame.ts";
import type { QSession } from "./session.ts";

export interface Target {
  readonly name: string;
  readonly local?: number;
  readonly slot?: Slot;
}

/** `place[path] op: y`; an empty path is the whole value. What the expression is worth is y. */
export function assignInto(session: QSession, frame: Frame, place: Target, path: Value[], op: Value | undefined, y: Value): Value {
  const { local } = place;
  if (path.length === 0 && op === undefined) {
    if (local === undefined) session.assignSlot(place.slot!, y);
    else setLocal(frame, local, y);
    return y;
  }
  const current = local === undefined ? session.readSlotForUpdate(place.slot!, place.name) : frame.locals[local];
  if (current === undefined) throw session.unassigned(place.name);
  const from = mark();
  // Exactly one owner, the variable itself: nobody can see us write.
  const own = current.kind !== "atom" && current.refs === 1;
  const next = own ? amendInPlace(session, current, path, op, y) : amend(session, current, path, op, y);
  if (next !== current) {
    if (local === undefined) session.assignSlot(place.slot!, next);
    else setLocal(frame, local, next);
  }
  return settle(from, y);
}

function setLocal(frame: Frame, local: number, v: Value): void {
  const old = frame.locals[local];
  retain(v);
  frame.locals[local] = v;
  if (old !== undefined) release(old);
}
