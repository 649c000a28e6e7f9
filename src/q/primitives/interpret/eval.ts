// parse, eval, reval and view (ref/eval.md, ref/parse.md, ref/view.md).

import { signal } from "#values/signals.ts";
import { unary } from "#values/primitive.ts";
import type { PrimitiveRow } from "#values/values.ts";
import { string, textOf } from "#values/vectors.ts";

/** parse "text": the parse tree, a q value. */
export const parse: PrimitiveRow = unary({
  name: "parse",
  category: "interpret",
  shownType: 100,
  run: (session, x) => session.parse(textOf(x)),
});

/** eval tree: its value in the current namespace. */
export const evaluate: PrimitiveRow = unary({
  name: "eval",
  category: "interpret",
  shownType: 100,
  run: (session, x) => session.evaluate(x),
});

/** reval tree: the same, but nothing may be changed: no globals, no files, no commands. */
export const reval: PrimitiveRow = unary({
  name: "reval",
  category: "interpret",
  shownType: 100,
  run: (session, x) => session.host.process.restrict(() => session.evaluate(x)),
});

/** view `name: the text of a view. */
export const view: PrimitiveRow = unary({
  name: "view",
  category: "interpret",
  shownType: 100,
  run: (session, x) => {
    const slot = session.slot(textOf(x));
    if (slot.view === undefined) throw signal("view", "no view of that name");
    return string(slot.text ?? "");
  },
});
