// The text category of the reference card, page by page.

import type { PrimitiveRow } from "#values/values.ts";
import { dollar } from "./dollar.ts";
import { like } from "./like.ts";
import { lower, upper } from "./lower.ts";
import { md5 } from "./md5.ts";
import { ss, ssr } from "./ss.ts";
import { string } from "./string.ts";
import { sv } from "./sv.ts";
import { ltrim, rtrim, trim } from "./trim.ts";
import { vs } from "./vs.ts";

export const textRows: PrimitiveRow[] = [dollar, like, lower, ltrim, md5, rtrim, ss, ssr, string, sv, trim, upper, vs];
