// Rows of evaluation, in card order; vocabulary.ts lists the categories.

import type { PrimitiveRow } from "#values/values.ts";
import { apply, applyAt } from "./apply.ts";
import { evaluate, parse, reval, view } from "./eval.ts";
import { internalFunction } from "./internal.ts";
import { show } from "./show.ts";

export const interpretRows: PrimitiveRow[] = [applyAt, apply, parse, evaluate, internalFunction, reval, show, view];
