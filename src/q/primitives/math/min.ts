/** min x: the least item, nulls aside. mins x, x mmin y: running and moving minima. */

import { LONG_INFINITY } from "#values/datatypes.ts";
import { lesserOp } from "../logic/lesser.ts";
import { long } from "#values/vectors.ts";
import { extremeRows } from "./extremes.ts";

const rows = extremeRows({ name: "min", op: lesserOp, code: 27, glyph: "&", none: long(LONG_INFINITY), noBoolean: 1 });
export const min = rows.aggregateRow;
export const mins = rows.runningRow;
export const mmin = rows.movingRow;
