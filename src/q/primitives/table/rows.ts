// The table primitives, in the reference card's order.

import type { PrimitiveRow } from "#values/values.ts";
import { fby } from "./fby.ts";
import { insert } from "./insert.ts";
import { ungroup } from "./ungroup.ts";
import { upsert } from "./upsert.ts";
import { xasc, xdesc } from "./xasc.ts";
import { xcol, xcols } from "./xcol.ts";
import { xgroup } from "./xgroup.ts";
import { xkey } from "./xkey.ts";

export const tableRows: PrimitiveRow[] = [fby, insert, ungroup, upsert, xasc, xcol, xcols, xdesc, xgroup, xkey];
