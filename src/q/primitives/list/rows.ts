// The list primitives, in the reference card's order: glyphs, then the keywords.

import type { PrimitiveRow } from "#values/values.ts";
import { cross } from "./cross.ts";
import { cut, drop } from "./cut.ts";
import { bang } from "./dict.ts";
import { distinct } from "./distinct.ts";
import { enlist } from "./enlist.ts";
import { except } from "./except.ts";
import { query } from "./find.ts";
import { first, last } from "./first.ts";
import { flip } from "./flip.ts";
import { group } from "./group.ts";
import { inKeyword } from "./in.ts";
import { inter } from "./inter.ts";
import { join } from "./join.ts";
import { next, prev, xprev } from "./next.ts";
import { raze } from "./raze.ts";
import { reverse } from "./reverse.ts";
import { rotate } from "./rotate.ts";
import { sublist } from "./sublist.ts";
import { take } from "./take.ts";
import { til } from "./til.ts";
import { union } from "./union.ts";
import { where } from "./where.ts";

export const listRows: PrimitiveRow[] = [
  join,
  take,
  drop,
  bang,
  query,
  cross,
  cut,
  distinct,
  enlist,
  except,
  first,
  flip,
  group,
  inKeyword,
  inter,
  last,
  next,
  prev,
  raze,
  reverse,
  rotate,
  sublist,
  til,
  union,
  where,
  xprev,
];
