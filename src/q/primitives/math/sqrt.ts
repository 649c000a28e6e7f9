/** sqrt x: the square root as a float, null for negatives. Atomic. */

import { elementary } from "./elementary.ts";

export const sqrt = elementary("sqrt", 32, Math.sqrt);
