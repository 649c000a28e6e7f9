// The sort primitives, in the reference card's order.

import type { PrimitiveRow } from "#values/values.ts";

export const sortRows: PrimitiveRow[] = [];
