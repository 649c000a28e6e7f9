/** x xcol y: columns renamed, the first ones by a list, any by a dictionary. x xcols y: columns x moved to the front. */

import { T } from "#values/datatypes.ts";
import { binary } from "#values/primitive.ts";
import { isKeyed } from "#values/records.ts";
import { signal } from "#values/signals.ts";
import type { Table, Value } from "#values/values.ts";
import { columnAt, dict, symbolTexts, table } from "#values/vectors.ts";

const renamed = (t: Table, names: readonly string[]): Table =>
  table(
    names,
    t.names.map((_, c) => columnAt(t, c)),
  );

function newNames(names: readonly string[], x: Value): string[] {
  if (x.kind === "dict") {
    const [from, to] = [symbolTexts(x.keys), symbolTexts(x.values)];
    for (const name of from) if (!names.includes(name)) throw signal("length", `no column ${name}`);
    return names.map((name) => (from.includes(name) ? to[from.indexOf(name)]! : name));
  }
  const first = symbolTexts(x);
  if (first.length > names.length) throw signal("length", "more names than columns");
  return [...first, ...names.slice(first.length)];
}

export const xcol = binary({
  name: "xcol",
  category: "table",
  infix: true,
  run: (_, x, y) => {
    if (isKeyed(y)) {
      const names = newNames([...y.keys.names, ...y.values.names], x);
      const width = y.keys.names.length;
      return dict(renamed(y.keys, names.slice(0, width)), renamed(y.values, names.slice(width)));
    }
    if (y.kind !== "table") throw signal("type", "a table is wanted");
    return renamed(y, newNames(y.names, x));
  },
});

export const xcols = binary({
  name: "xcols",
  category: "table",
  infix: true,
  run: (_, x, y) => {
    if (y.kind !== "table") throw signal("type", "a simple table is wanted");
    if (x.type !== -T.symbol && x.type !== T.symbol && x.kind !== "list")
      throw signal("type", "column names are symbols");
    const first = symbolTexts(x);
    for (const name of first) if (!y.names.includes(name)) throw signal("type", `no column ${name}`);
    const names = [...first, ...y.names.filter((name) => !first.includes(name))];
    return table(
      names,
      names.map((name) => columnAt(y, y.names.indexOf(name))),
    );
  },
});
