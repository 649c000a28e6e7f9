/** max x: the greatest item, nulls aside. maxs x, x mmax y: running and moving maxima. */

import { LONG_INFINITY } from "#values/datatypes.ts";
import { greaterOp } from "../logic/greater.ts";
import { long } from "#values/vectors.ts";
import { extremeRows } from "./extremes.ts";

const rows = extremeRows({
  name: "max",
  op: greaterOp,
  code: 28,
  glyph: "|",
  none: long(-LONG_INFINITY),
  noBoolean: 0,
});
export const max = rows.aggregateRow;
export const maxs = rows.runningRow;
export const mmax = rows.movingRow;
