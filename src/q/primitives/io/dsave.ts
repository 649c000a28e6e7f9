// dsave: global tables splayed, enumerated and parted into a folder, or a partition of one (ref/dsave.md).

import { binary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { columnAt, symbol, symbolTexts, table } from "#values/vectors.ts";
import { fileSymbol } from "./files.ts";
import { setFile } from "./get.ts";
import { globalNamed } from "./save.ts";

export const dsave = binary({
  name: "dsave",
  category: "io",
  infix: true,
  shownType: 100,
  run: (session, x, y) => {
    const place = symbolTexts(x).map((text) => text.replace(/^:/, ""));
    const root = place[0];
    if (root === undefined) throw signal("length", "dsave needs a folder");
    const enumerate = session.read(".Q.en");
    if (enumerate === undefined) throw signal("type", ".Q.en is gone");
    for (const name of symbolTexts(y)) {
      const plain = globalNamed(session, name);
      const t = session.apply2(enumerate, fileSymbol(root), plain);
      if (t.kind !== "table" || t.names.length === 0) throw signal("type", `${name} is no table`);
      const parted = session.apply2(session.primitive("#"), symbol("p"), columnAt(t, 0));
      const saved = table(t.names, [parted, ...t.names.slice(1).map((_, c) => columnAt(t, c + 1))]);
      setFile(session, fileSymbol(`${place.join("/")}/${name}/`), saved, undefined);
    }
    return y;
  },
});
