// read0: text from a file, or a line from the console (ref/read0.md).

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { nyi, signal } from "#values/signals.ts";
import { list, string } from "#values/vectors.ts";
import { byteVector, linesOf, readSource, sourceOf } from "./files.ts";

export const read0 = unary({
  name: "read0",
  category: "io",
  wire: [101, 20],
  shown: "0::",
  run: (session, x) => {
    const source = sourceOf(x);
    if (source !== undefined) {
      const bytes = readSource(session, source);
      return source.offset === undefined ? linesOf(bytes) : byteVector(T.char, trimmedEnd(bytes));
    }
    if (x.kind === "atom" && (x.type === -T.long || x.type === -T.int)) {
      if (x.value !== 0 || session.host.files.readLine === undefined) throw nyi("read0 of a process handle");
      const line = session.host.files.readLine();
      return line === undefined ? list([]) : string(line);
    }
    throw signal("type", "read0 reads a file or a handle");
  },
});

/** A line end at the very end is not part of what was asked for. */
function trimmedEnd(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === 10 ? bytes.subarray(0, bytes.length - 1) : bytes;
}
