// Rows of the environment, in card order; vocabulary.ts lists the categories.

import type { PrimitiveRow } from "#values/values.ts";
import { exit, getenv, setenv, system } from "./environment.ts";

export const envRows: PrimitiveRow[] = [exit, getenv, setenv, system];
