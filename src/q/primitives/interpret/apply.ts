// @ and . — apply, index, trap and amend (ref/apply.md, ref/amend.md).

import { amendAt, amendAtInPlace, amendDeep, amendDeepInPlace } from "#values/amend.ts";
import { primitive } from "#values/primitive.ts";
import type { QSignal } from "#values/signals.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Atom, PrimitiveRow, Value } from "#values/values.ts";
import { isListLike, itemsOf, string } from "#values/vectors.ts";

/** Handles, functions and names of them apply; everything with items is data to be amended. */
const isData = (v: Value): boolean => isListLike(v) || v.kind === "dict";

function trap(session: Session, run: () => Value, handler: Value): Value {
  return session.trap(run, (error: QSignal) =>
    handler.type >= 100 ? session.apply1(handler, string(error.text)) : handler,
  );
}

/** f . (x;y;…): a list of arguments, also a vector's items; the empty list calls with none. */
function argumentsOf(session: Session, x: Value): Value[] {
  if (x.kind === "atom") return [x];
  if (!isListLike(x) && x.kind !== "dict") throw signal("type", "arguments come in a list");
  const items = itemsOf(x);
  return items.length === 0 ? [session.primitive("::")] : items;
}

/** The indices of a path; the general null among them takes everything at its level. */
function pathOf(x: Value): (Value | undefined)[] {
  return (isListLike(x) ? itemsOf(x) : [x]).map((i) =>
    i.kind === "primitive" && (i.row.name === "Identity" || i.row.name === "Elided") ? undefined : i,
  );
}

/** `x is a name: the variable itself is amended, and the name is the result. */
function amendNamed(session: Session, name: Value, amend: (d: Value, own: boolean) => Value): Value {
  if (name.kind === "atom" && name.type === -11 && !(name.value as string).startsWith(":")) {
    const current = session.read(name.value as string);
    if (current === undefined) throw signal("type", `no variable ${String(name.value)}`);
    // The variable alone holds it: amended where it stands.
    const next = amend(current, current.kind !== "atom" && current.refs === 1);
    if (next !== current) session.assign(name.value as string, next);
    return name;
  }
  if (name.kind === "atom" && name.type === -11) {
    const { database } = session.host;
    const path = (name.value as string).slice(1);
    database.set(path, amend(database.get(path), false));
    return name;
  }
  return amend(name, false);
}

/** What a symbol names: a variable, or the contents of a file. */
function named(session: Session, name: Atom): Value | undefined {
  const text = name.value as string;
  if (!text.startsWith(":")) return session.read(text);
  const { files, database } = session.host;
  return files.kind(text.slice(1)) === undefined ? undefined : database.get(text.slice(1));
}

/** .[`:file;();,;y]: the idiom that appends to a file without reading it. */
const isFileAppend = (f: Value, x: Value, u: Value): boolean =>
  f.kind === "atom" &&
  f.type === -11 &&
  (f.value as string).startsWith(":") &&
  isListLike(x) &&
  itemsOf(x).length === 0 &&
  u.kind === "primitive" &&
  u.row.glyph === ",";

export const applyAt: PrimitiveRow = primitive({
  name: "Apply At",
  glyph: "@",
  rank: [2, 3, 4],
  category: "interpret",
  wire: [102, 18],
  run: (session, f, x, u, y) => {
    if (u === undefined) return session.apply1(f!, x!);
    if (y !== undefined)
      return amendNamed(session, f!, (d, own) => (own ? amendAtInPlace : amendAt)(session, d, x!, u, y));
    if (isData(f!) || (f!.kind === "atom" && f!.type === -11 && u.type >= 100 && isData(named(session, f!) ?? f!))) {
      if (u.type >= 100)
        return amendNamed(session, f!, (d, own) => (own ? amendAtInPlace : amendAt)(session, d, x!, u));
    }
    return trap(session, () => session.apply1(f!, x!), u);
  },
});

export const apply: PrimitiveRow = primitive({
  name: "Apply",
  glyph: ".",
  rank: [2, 3, 4],
  category: "interpret",
  wire: [102, 19],
  run: (session, f, x, u, y) => {
    if (u === undefined) {
      if (isData(f!) && isListLike(x!) && itemsOf(x!).length === 0) return f!;
      return session.apply(f!, argumentsOf(session, x!));
    }
    if (y !== undefined && isFileAppend(f!, x!, u)) {
      session.host.database.append(((f as Atom).value as string).slice(1), y);
      return f!;
    }
    if (y !== undefined)
      return amendNamed(session, f!, (d, own) => (own ? amendDeepInPlace : amendDeep)(session, d, pathOf(x!), u, y));
    if (isData(f!) || (f!.kind === "atom" && f!.type === -11 && isData(named(session, f!) ?? f!))) {
      if (u.type >= 100)
        return amendNamed(session, f!, (d, own) => (own ? amendDeepInPlace : amendDeep)(session, d, pathOf(x!), u));
    }
    return trap(session, () => session.apply(f!, argumentsOf(session, x!)), u);
  },
});
