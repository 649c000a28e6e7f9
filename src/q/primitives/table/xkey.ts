/** x xkey y: the table y, given or named, with the columns x as its key. */

import { binary } from "#values/primitive.ts";
import { isKeyed, namedColumns } from "#values/records.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { dict, symbolTexts, table } from "#values/vectors.ts";
import { byNameOrValue } from "../meta/tables-by-name.ts";

function keyed(keys: readonly string[], t: Value): Value {
  if (t.kind !== "table" && !isKeyed(t)) throw signal("type", "a table is wanted");
  const { names, columns } = namedColumns(t);
  const column = (name: string): Value => {
    const c = names.indexOf(name);
    if (c < 0) throw signal("type", `no column ${name}`);
    return columns[c]!;
  };
  if (keys.length === 0) return table(names, columns);
  const rest = names.filter((name) => !keys.includes(name));
  return dict(table(keys, keys.map(column)), table(rest, rest.map(column)));
}

export const xkey = binary({
  name: "xkey",
  category: "table",
  infix: true,
  run: (session, x, y) => byNameOrValue(session, y, (t) => keyed(symbolTexts(x), t)),
});
