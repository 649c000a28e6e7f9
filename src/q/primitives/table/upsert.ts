/** x upsert y: records into a table, given, named or in a file: appended, or by their key replacing what is there. */

import { appendAtoms, appendRecords, upsertDict, upsertKeyed } from "#values/appending.ts";
import { T } from "#values/datatypes.ts";
import { join } from "#values/joining.ts";
import { binary } from "#values/primitive.ts";
import { isKeyed, namedColumns, recordsFor } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";

function upserted(session: Session, t: Value, y: Value, owned: boolean): Value {
  if (t.kind === "table")
    return (
      appendAtoms(t, y, owned) ?? appendRecords(session, t, recordsFor(t.names, namedColumns(t).columns, y), owned)
    );
  if (isKeyed(t)) return upsertKeyed(session, t, y, owned);
  if (t.kind === "dict" && y.kind === "dict") return upsertDict(session, t, y, owned);
  if (t.kind === "vector" || t.kind === "list") return join(session, t, y);
  throw signal("type", "a table is wanted on the left");
}

export const upsert = binary({
  name: "upsert",
  category: "table",
  infix: true,
  run: (session, x, y) => {
    if (x.kind !== "atom" || x.type !== -T.symbol) return upserted(session, x, y, false);
    const name = x.value as string;
    if (name.startsWith(":")) {
      session.host.database.append(name.slice(1), y);
      return x;
    }
    const t = session.readToAmend(name);
    if (t === undefined) session.assign(name, y);
    else session.amended(name, t, upserted(session, t, y, t.kind !== "atom" && t.refs === 1));
    return x;
  },
});
