// What the glyphs ? and ! mean with more arguments than two, as the vocabulary knows it: under names that no q text
// can spell. The glyphs' own rows (primitives/list) pass the call on.

import { primitive } from "#values/primitive.ts";
import type { PrimitiveRow } from "#values/values.ts";
import { select, simpleExec } from "./select.ts";
import { update } from "./update.ts";

export const functionalSelect = primitive({
  name: "functional select",
  rank: [3, 4, 5, 6],
  category: "sql",
  shown: "?",
  run: (session, ...args) =>
    args.length === 3 ? simpleExec(session, args[0]!, args[1]!, args[2]!) : select(session, args),
});

export const functionalUpdate = primitive({
  name: "functional update",
  rank: 4,
  category: "sql",
  shown: "!",
  run: (session, ...args) => update(session, args),
});

export const sqlRows: PrimitiveRow[] = [functionalSelect, functionalUpdate];
