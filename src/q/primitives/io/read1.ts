// read1: bytes from a file (ref/read1.md).

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { nyi, signal } from "#values/signals.ts";
import { byteVector, readSource, sourceOf } from "./files.ts";

export const read1 = unary({
  name: "read1",
  category: "io",
  wire: [101, 21],
  shown: "1::",
  run: (session, x) => {
    const source = sourceOf(x);
    if (source !== undefined) return byteVector(T.byte, readSource(session, source));
    if (x.type === -T.long || x.type === -T.int || x.kind === "vector") throw nyi("read1 of a process handle");
    throw signal("type", "read1 reads a file");
  },
});
