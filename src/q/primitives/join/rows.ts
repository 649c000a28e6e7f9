// The join primitives, in the reference card's order.

import type { PrimitiveRow } from "#values/values.ts";
import { aj, aj0, ajf, ajf0 } from "./aj.ts";
import { asof } from "./asof.ts";
import { ej } from "./ej.ts";
import { ij, ijf } from "./ij.ts";
import { lj, ljf } from "./lj.ts";
import { pj } from "./pj.ts";
import { uj, ujf } from "./uj.ts";
import { wj, wj1 } from "./wj.ts";

export const joinRows: PrimitiveRow[] = [aj, aj0, ajf, ajf0, asof, ej, ij, ijf, lj, ljf, pj, uj, ujf, wj, wj1];
