/**
 * aj[c;t1;t2]: every row of t1 with the last row of t2 that agrees in all columns c but the last and is not later in that.
 * aj0 takes the time of t2 too; ajf and ajf0 keep t1's item where t2's is null.
 */

import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Table, Value, Vector } from "#values/values.ts";
import { rowCount, symbolTexts } from "#values/vectors.ts";
import { beside, columnsOf, required, simple, throughKeys } from "./combine.ts";
import { lastRowsBefore, timelineOf } from "./intervals.ts";

/** For every row of x the last row of y of the same key that is not later, 0N for none (longs). */
export function asofRows(session: Session, names: readonly string[], x: Table, y: Table): Vector {
  const keys = names.slice(0, -1);
  const time = names[names.length - 1];
  if (time === undefined) throw signal("length", "a column to search on is wanted");
  const line = timelineOf(
    session,
    keys.map((name) => required(y, name)),
    required(y, time),
    keys.map((name) => required(x, name)),
    rowCount(x),
  );
  return lastRowsBefore(line, required(x, time));
}

function asofJoin(session: Session, c: Value, x: Value, y: Value, timeOfRight: boolean, fills: boolean): Value {
  const names = symbolTexts(c);
  const right = simple(y);
  return throughKeys(session, x, (t) => {
    const p = asofRows(session, names, t, right);
    const { names: all, columns } = columnsOf(right);
    const matchedBy = timeOfRight ? names.slice(0, -1) : names;
    const kept = all.flatMap((name, k) => (matchedBy.includes(name) ? [] : [k]));
    return beside(session, t, { names: kept.map((k) => all[k]!), columns: kept.map((k) => columns[k]!) }, p, fills);
  });
}

const row = (name: string, timeOfRight: boolean, fills: boolean) =>
  primitive({
    name,
    category: "join",
    rank: 3,
    shownType: 100,
    run: (session, c, x, y) => asofJoin(session, c!, x!, y!, timeOfRight, fills),
  });
export const aj = row("aj", false, false);
export const aj0 = row("aj0", true, false);
export const ajf = row("ajf", false, true);
export const ajf0 = row("ajf0", true, true);
