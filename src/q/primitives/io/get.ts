// get and set: a variable's value or a kdb+ file's (ref/get.md). Files are the host's database's.

import { T } from "#values/datatypes.ts";
import { binary, unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { list } from "#values/vectors.ts";
import { isFileSymbol, pathOf } from "./files.ts";

/** The value in a file or a splayed folder. */
export const getFile = (session: Session, file: Value): Value => session.host.database.get(pathOf(file));

export const get = unary({
  name: "get",
  category: "io",
  wire: [101, 19],
  shown: ".:",
  run: (session, x) => (isFileSymbol(x) ? getFile(session, x) : session.apply1(session.primitive("value"), x)),
});

/** Writes y to a file or folder; options are a list or dictionary of compression parameters; without, .z.zd's hold. */
export function setFile(session: Session, file: Value, y: Value, options: Value | undefined): Value {
  const path = pathOf(file);
  session.host.database.set(path, y, options);
  return file;
}

export const set = binary({
  name: "set",
  category: "io",
  infix: true,
  run: (session, x, y) => {
    if (isFileSymbol(x)) return setFile(session, x, y, undefined);
    if (x.kind === "atom" && x.type === -T.symbol) {
      session.assign(x.value as string, y);
      return x;
    }
    if (x.kind === "list" && isFileSymbol(x.items[0] ?? x)) {
      const [file, ...options] = x.items;
      if (options.length !== 1 && options.length !== 3)
        throw signal("length", "block size, algorithm, level — or one dictionary");
      return setFile(session, file!, y, options.length === 1 ? options[0]! : list(options));
    }
    throw signal("type", "set names a variable or a file");
  },
});
