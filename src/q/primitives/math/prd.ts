/** prd x: the product of the items, nulls aside. prds x: running products. */

import { T } from "#values/datatypes.ts";
import { kernelLetter } from "#values/iterate.ts";
import { unary } from "#values/primitive.ts";
import { F64, I32, kernels } from "#values/storage.ts";
import { atom, long } from "#values/vectors.ts";
import {
  type Aggregate,
  aggregate,
  foldItems,
  longAt,
  resultPlace,
  scanItems,
  type Uniform,
  uniform,
} from "./aggregation.ts";
import { multiplyOp } from "./multiply.ts";
import { running, sumType } from "./sum.ts";

const prdOf: Aggregate = {
  name: "prd",
  atom: (x) => {
    sumType("prd", -x.type);
    return x;
  },
  vector: (_session, x) => {
    const type = sumType("prd", x.type);
    const letter = kernelLetter(x.type);
    const at = resultPlace();
    kernels.get(`prd_${letter}`)(x.at, x.count, at);
    if (letter === "f") return atom(type, F64[at / 8]);
    if (type === T.real) return atom(type, Math.fround(F64[at / 8]));
    return atom(type, kernelLetter(type) === "i" ? I32[at / 4] : longAt(at));
  },
  list: (session, x) => foldItems(session, multiplyOp, x, long(1)),
};
export const prd = unary({
  name: "prd",
  category: "math",
  wire: [101, 26],
  run: (session, x) => aggregate(session, prdOf, x),
});

const prdsOf: Uniform = {
  name: "prds",
  vector: (_session, x) => running("prds", x, sumType("prds", x.type)),
  list: (session, x) => scanItems(session, multiplyOp, x),
};
export const prds = unary({
  name: "prds",
  category: "math",
  shownType: 108,
  shown: "*\\",
  run: (session, x) => uniform(session, prdsOf, x),
});
