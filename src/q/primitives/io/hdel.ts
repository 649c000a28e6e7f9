// hdel: deletes a file or an empty folder (ref/hdel.md).

import { unary } from "#values/primitive.ts";
import { pathOf } from "./files.ts";

export const hdel = unary({
  name: "hdel",
  category: "io",
  run: (session, x) => {
    session.host.files.remove(pathOf(x));
    return x;
  },
});
