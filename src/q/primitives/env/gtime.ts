// gtime and ltime: UTC and local time (ref/gtime.md), by the host's time zone or the offset of \o.

import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { PrimitiveRow, Value } from "#values/values.ts";
import { atom, gather, itemsOf } from "#values/vectors.ts";

const HOUR = 3_600_000_000_000n;
const DAY = 24 * 3600 * 1e9;

function offsetAt(session: Session, utc: bigint): bigint {
  const { offset } = session.settings;
  return offset === undefined ? session.host.clock.localOffset(utc) : BigInt(offset) * HOUR;
}
/** A datetime (float days) or timestamp as nanoseconds. */
function nanoseconds(x: Value): bigint {
  if (x.kind === "atom" && x.type === -12) return BigInt(x.value as number | bigint);
  if (x.kind === "atom" && x.type === -15) return BigInt(Math.round((x.value as number) * DAY));
  throw signal("type", "a timestamp or datetime is wanted");
}
const shifted = (x: Value, by: bigint): Value =>
  x.type === -12 ? atom(12, nanoseconds(x) + by) : atom(15, Number(nanoseconds(x) + by) / DAY);

const each = (x: Value, f: (x: Value) => Value): Value => (x.kind === "atom" ? f(x) : gather(itemsOf(x).map(f)));

/** gtime ts: the UTC time of a local one. */
export const gtime: PrimitiveRow = unary({
  name: "gtime",
  category: "env",
  shownType: 100,
  run: (session, x) => each(x, (t) => shifted(t, -offsetAt(session, nanoseconds(t)))),
});
/** ltime ts: the local time of a UTC one. */
export const ltime: PrimitiveRow = unary({
  name: "ltime",
  category: "env",
  shownType: 100,
  run: (session, x) => each(x, (t) => shifted(t, offsetAt(session, nanoseconds(t)))),
});
