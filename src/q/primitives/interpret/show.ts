// show (ref/show.md): prints a value as the console would.

import { formatConsole } from "#format/console.ts";
import { unary } from "#values/primitive.ts";
import type { PrimitiveRow } from "#values/values.ts";

/** show x: formats x on standard output, gives the general null. */
export const show: PrimitiveRow = unary({
  name: "show",
  category: "interpret",
  shownType: 100,
  run: (session, x) => {
    const lines = formatConsole(session, x);
    session.host.write(1, lines.map((line) => `${line}\n`).join(""));
    return session.primitive("::");
  },
});
