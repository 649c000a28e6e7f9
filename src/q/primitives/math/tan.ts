/** tan x and atan x, in radians. Atomic. */

import { elementary } from "./elementary.ts";

export const tan = elementary("tan", 39, Math.tan);
export const atan = elementary("atan", 40, Math.atan);
