// parse, eval and reval (ref/eval.md, ref/parse.md).

import { unary } from "#values/primitive.ts";
import type { PrimitiveRow } from "#values/values.ts";
import { textOf } from "#values/vectors.ts";

/** parse "text": the parse tree, a q value. */
export const parse: PrimitiveRow = unary({ name: "parse", category: "interpret", shownType: 100, run: (session, x) => session.parse(textOf(x)) });

/** eval tree: its value in the current namespace. */
export const evaluate: PrimitiveRow = unary({ name: "eval", category: "interpret", shownType: 100, run: (session, x) => session.evaluate(x) });
