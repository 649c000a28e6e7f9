// hsym: symbols as file or process symbols (ref/hsym.md).

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { symbol, symbols, symbolTexts } from "#values/vectors.ts";

const withColon = (text: string): string => (text.startsWith(":") ? text : `:${text}`);

export const hsym = unary({
  name: "hsym",
  category: "io",
  run: (_, x) => {
    if (x.kind === "atom" && x.type === -T.symbol) return symbol(withColon(x.value as string));
    if (x.kind === "vector" && x.type === T.symbol) return symbols(symbolTexts(x).map(withColon));
    throw signal("type", "hsym takes symbols");
  },
});
