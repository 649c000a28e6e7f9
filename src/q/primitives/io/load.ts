// load and rload: files and folders to global variables of their own name (ref/load.md).

import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { dict, gather, symbols } from "#values/vectors.ts";
import { eachSymbol } from "./save.ts";

const lastPart = (path: string): string => path.replace(/\/$/, "").split("/").pop()!;

export const load = unary({
  name: "load",
  category: "io",
  shownType: 100,
  run: (session, x) =>
    eachSymbol(x, (text) => {
      const path = text.replace(/^:/, "");
      session.assign(lastPart(path), contents(session, path));
      return lastPart(path);
    }),
});

/** A file's value, a splayed folder's table, or a dictionary of what any other folder holds. */
function contents(session: Session, path: string): Value {
  const { files, database } = session.host;
  if (files.kind(path) !== "directory") return database.get(path);
  const names = files.list(path);
  const folder = path.endsWith("/") ? path : `${path}/`;
  if (names.includes(".d")) return database.get(folder);
  return dict(symbols(names), gather(names.map((name) => contents(session, folder + name))));
}

export const rload = unary({
  name: "rload",
  category: "io",
  shownType: 100,
  run: (session, x) =>
    eachSymbol(x, (text) => {
      const path = text.replace(/^:/, "").replace(/\/$/, "");
      session.assign(lastPart(path), session.host.database.get(`${path}/`));
      return lastPart(path);
    }),
});
