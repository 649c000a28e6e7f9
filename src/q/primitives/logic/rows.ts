// The logic primitives, in the reference card's order: comparison glyphs, then the keywords.

import type { PrimitiveRow } from "#values/values.ts";
import { all, any } from "./all-any.ts";
import { atLeast } from "./at-least.ts";
import { equal } from "./equal.ts";
import { fill, fills } from "./fill.ts";
import { greater, or } from "./greater.ts";
import { greaterThan } from "./greater-than.ts";
import { and, lesser } from "./lesser.ts";
import { lessThan } from "./less-than.ts";
import { match } from "./match.ts";
import { not } from "./not.ts";
import { notEqual } from "./not-equal.ts";
import { nullRow } from "./null.ts";
import { upTo } from "./up-to.ts";
import { within } from "./within.ts";

export const logicRows: PrimitiveRow[] = [
  equal,
  notEqual,
  lessThan,
  upTo,
  greaterThan,
  atLeast,
  match,
  lesser,
  and,
  greater,
  or,
  fill,
  fills,
  not,
  nullRow,
  all,
  any,
  within,
];
