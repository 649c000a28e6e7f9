// The sort primitives, in the reference card's order. xasc and xdesc are table primitives.

import type { PrimitiveRow } from "#values/values.ts";
import { asc, iasc } from "./asc.ts";
import { bin, binr } from "./bin.ts";
import { desc, idesc } from "./desc.ts";
import { differ } from "./differ.ts";
import { rank } from "./rank.ts";
import { xrank } from "./xrank.ts";

export const sortRows: PrimitiveRow[] = [asc, bin, binr, desc, differ, iasc, idesc, rank, xrank];
