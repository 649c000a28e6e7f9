/** sin x and asin x, in radians. Atomic. */

import { elementary } from "./elementary.ts";

export const sin = elementary("sin", 35, Math.sin);
export const asin = elementary("asin", 36, Math.asin);
