/** cos x and acos x, in radians. Atomic. */

import { elementary } from "./elementary.ts";

export const cos = elementary("cos", 37, Math.cos);
export const acos = elementary("acos", 38, Math.acos);
