// hcount: the size of a file in bytes (ref/hcount.md).

import { unary } from "#values/primitive.ts";
import { long } from "#values/vectors.ts";
import { pathOf } from "./files.ts";

export const hcount = unary({
  name: "hcount",
  category: "io",
  run: (session, x) => long(session.host.database.size(pathOf(x))),
});
