// Rows of the environment, in card order; vocabulary.ts lists the categories.

import type { PrimitiveRow } from "#values/values.ts";
import { gtime, ltime } from "./gtime.ts";
import { exit, getenv, setenv, system } from "./environment.ts";

export const envRows: PrimitiveRow[] = [exit, getenv, gtime, ltime, setenv, system];
