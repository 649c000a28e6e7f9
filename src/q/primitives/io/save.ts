// save and rsave: global variables to files of their own name, in a format by extension, or splayed (ref/save.md).

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { symbol, symbols, symbolTexts } from "#values/vectors.ts";
import { linesToBytes } from "./file-text.ts";
import { fileSymbol } from "./files.ts";
import { setFile } from "./get.ts";

/** The last part of a path, and what stands behind its dot. */
export function nameAndExtension(path: string): [string, string] {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const dot = file.lastIndexOf(".");
  return dot <= 0 ? [file, ""] : [file.slice(0, dot), file.slice(dot + 1)];
}
export function globalNamed(session: Session, name: string): Value {
  const value = session.read(name);
  if (value === undefined) throw userSignal(name, "no such variable");
  return value;
}
/** f of each symbol's text; a symbol for a symbol, a vector for a vector. */
export function eachSymbol(x: Value, f: (text: string) => string): Value {
  if (x.type === -T.symbol) return symbol(f(symbolTexts(x)[0]!));
  if (x.type === T.symbol) return symbols(symbolTexts(x).map(f));
  throw signal("type", "variables are named by symbols");
}

export const save = unary({
  name: "save",
  category: "io",
  shownType: 100,
  run: (session, x) => eachSymbol(x, (text) => saveOne(session, text.replace(/^:/, ""))),
});
function saveOne(session: Session, path: string): string {
  const [name, extension] = nameAndExtension(path);
  const value = globalNamed(session, name);
  if (extension === "") {
    setFile(session, fileSymbol(path), value, undefined);
    return `:${path}`;
  }
  const formats = session.read(".h.tx");
  if (formats === undefined) throw signal("type", `no format ${extension}`);
  const lines = session.apply1(session.apply1(formats, symbol(extension)), value);
  session.host.files.write(path, linesToBytes(lines));
  return `:${path}`;
}

export const rsave = unary({
  name: "rsave",
  category: "io",
  shownType: 100,
  run: (session, x) =>
    eachSymbol(x, (text) => {
      const path = `${text.replace(/^:/, "").replace(/\/$/, "")}/`;
      setFile(session, fileSymbol(path), globalNamed(session, nameAndExtension(path.slice(0, -1))[0]), undefined);
      return `:${path}`;
    }),
});
