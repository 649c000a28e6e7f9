// The iterator keywords: each over scan prior peach (ref/each.md, ref/over.md, ref/prior.md).

import { binary } from "#values/primitive.ts";
import type { PrimitiveRow } from "#values/values.ts";
import { accumulate, each, prior } from "./derived.ts";

export const iteratorRows: PrimitiveRow[] = [
  /** x each y: x of each item of y. */
  binary({ name: "each", category: "iterators", infix: true, shownType: 100, run: (s, x, y) => each(s, x, [y]) }),
  /** As each; parallel where there are secondary threads, which never shows in the result. */
  binary({ name: "peach", category: "iterators", infix: true, shownType: 100, run: (s, x, y) => each(s, x, [y]) }),
  binary({
    name: "over",
    category: "iterators",
    infix: true,
    shownType: 100,
    run: (s, x, y) => accumulate(s, x, [y], false),
  }),
  binary({
    name: "scan",
    category: "iterators",
    infix: true,
    shownType: 100,
    run: (s, x, y) => accumulate(s, x, [y], true),
  }),
  binary({ name: "prior", category: "iterators", infix: true, shownType: 100, run: (s, x, y) => prior(s, x, [y]) }),
];
