// ss and ssr: where a pattern stands in a string, and what to put there instead (ref/ss.md).

import { T } from "#values/datatypes.ts";
import { binary, primitive } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { longs, string, textOf } from "#values/vectors.ts";
import { parsePattern, searchAll } from "./pattern.ts";

function textArgument(v: Value): string {
  if (v.type !== T.char && !(v.kind === "list" && v.items.length === 0)) throw signal("type", "ss reads strings");
  return textOf(v);
}
const patternArgument = (v: Value): string => (v.type === -T.char ? textOf(v) : textArgument(v));

export const ss = binary({
  name: "ss",
  category: "text",
  infix: true,
  wire: [102, 27],
  run: (_, x, y) => longs(searchAll(textArgument(x), patternArgument(y))),
});

export const ssr = primitive({
  name: "ssr",
  rank: 3,
  category: "text",
  shownType: 100,
  run: (session, x, y, z) => {
    const text = textArgument(x!);
    const pattern = patternArgument(y!);
    const found = searchAll(text, pattern);
    const width = parsePattern(pattern).length;
    const isText = z!.type === T.char || z!.type === -T.char || (z!.kind === "list" && z!.items.length === 0);
    if (!isText && z!.type < 100) throw signal("type", "ssr puts in a string, or what a function makes of the match");
    if (found.length === 0) return x!;
    let result = "";
    let from = 0;
    for (const at of found) {
      const match = text.slice(at, at + width);
      result += text.slice(from, at) + (isText ? textOf(z!) : textOf(session.apply1(z!, string(match))));
      from = at + width;
    }
    return string(result + text.slice(from));
  },
});
