// The meta primitives, in the reference card's order.

import type { PrimitiveRow } from "#values/values.ts";
import { attr } from "./attr.ts";
import { cols } from "./cols.ts";
import { count } from "./count.ts";
import { fkeys } from "./fkeys.ts";
import { key } from "./key.ts";
import { keys } from "./keys.ts";
import { meta } from "./meta.ts";
import { tables } from "./tables.ts";
import { type } from "./type.ts";
import { value } from "./value.ts";
import { views } from "./views.ts";

export const metaRows: PrimitiveRow[] = [attr, cols, count, fkeys, key, keys, meta, tables, type, value, views];
