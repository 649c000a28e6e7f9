// The math primitives, in the reference card's order.

import type { PrimitiveRow } from "#values/values.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { divide } from "./divide.ts";
import { mod } from "./mod.ts";
import { multiply } from "./multiply.ts";
import { subtract } from "./subtract.ts";
import { xbar } from "./xbar.ts";

export const mathRows: PrimitiveRow[] = [add, subtract, multiply, divide, div, mod, xbar];
