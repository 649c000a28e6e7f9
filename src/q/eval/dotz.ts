// What stands under `.z.` without anybody having set it (ref/dotz.md): the time, the process, the connection being
// served. Each name is asked of the session's host when it is read. Callbacks (.z.pg …) have no default here: they are
// ordinary variables that the server looks up. .z.b .z.s .z.ex .z.ey are the evaluator's own.

import { T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { atom, boolean, dict, float, int, list, longs, string, symbol, symbols, vectorOf } from "#values/vectors.ts";

const NS_PER_DAY = 86400000000000n;
const NS_PER_MS = 1000000n;

/** The release whose behaviour perq follows. */
const VERSION = 4.1;
/** 2024.02.13 as days since 2000: the day of that release's documentation. */
const RELEASE_DAY = 8809;

export function zNames(session: Session): Readonly<Record<string, () => Value>> {
  const { clock, handles, process } = session.host;

  const utc = (): bigint => clock.now();
  const local = (): bigint => {
    const now = clock.now();
    const { offset } = session.settings;
    if (offset === undefined) return now + clock.localOffset(now);
    // \o counts hours up to 23, minutes beyond.
    return now + BigInt(Math.abs(offset) > 23 ? offset : offset * 60) * 60000000000n;
  };
  const dayOf = (time: bigint): bigint => (time - withinDay(time)) / NS_PER_DAY;
  const withinDay = (time: bigint): bigint => ((time % NS_PER_DAY) + NS_PER_DAY) % NS_PER_DAY;
  const timestamp = (time: bigint): Value => atom(T.timestamp, time);
  const timespan = (time: bigint): Value => atom(T.timespan, withinDay(time));
  const date = (time: bigint): Value => atom(T.date, Number(dayOf(time)));
  const milliseconds = (time: bigint): Value => atom(T.time, Number(withinDay(time) / NS_PER_MS));
  const datetime = (time: bigint): Value =>
    atom(T.datetime, Number(dayOf(time)) + Number(withinDay(time) / NS_PER_MS) / 86400000);

  return {
    a: () => int(handles.currentAddress),
    b: () => dependencies(session),
    c: () => int(process.cores),
    D: () => date(local()),
    d: () => date(utc()),
    e: () => dict(symbols([]), list([])),
    f: () => symbol(process.script),
    H: () => sorted(handles.all()),
    h: () => symbol(process.hostName),
    i: () => int(process.pid),
    K: () => float(VERSION),
    k: () => atom(T.date, RELEASE_DAY),
    l: () => list([]),
    N: () => timespan(local()),
    n: () => timespan(utc()),
    o: () => symbol(process.platform),
    P: () => timestamp(local()),
    p: () => timestamp(utc()),
    q: () => boolean(process.quiet),
    r: () => boolean(process.blocked),
    T: () => milliseconds(local()),
    t: () => milliseconds(utc()),
    u: () => symbol(handles.currentUser),
    W: () => {
      const all = handles.all();
      return dict(sorted(all), longs(all.map((handle) => handles.pending(handle).reduce((a, b) => a + b, 0))));
    },
    w: () => int(handles.current),
    X: () => list(process.commandLine.map(string)),
    x: () => list(process.arguments.map(string)),
    Z: () => datetime(local()),
    z: () => datetime(utc()),
  };
}

/** What each variable is needed by: the views of the root that mention it. */
function dependencies(session: Session): Value {
  const needed = new Map<string, string[]>();
  for (const name of session.namesIn("")) {
    const slot = session.slot(`..${name}`);
    if (slot.view === undefined) continue;
    for (const other of slot.dependencies ?? []) needed.set(other, [...(needed.get(other) ?? []), name]);
  }
  return dict(symbols([...needed.keys()]), list([...needed.values()].map((names) => symbols(names))));
}

function sorted(handles: number[]): Value {
  const v = vectorOf(T.int, handles);
  v.attribute = 1;
  return v;
}
