// @ and . — apply, index, trap and amend (ref/apply.md, ref/amend.md).

import { amendAt, amendAtInPlace, amendDeep, amendDeepInPlace } from "#values/amend.ts";
import { primitive } from "#values/primitive.ts";
import type { QSignal } from "#values/signals.ts";
import type { Session } from "#values/session.ts";
import { T } from "#values/datatypes.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Atom, Dict, PrimitiveRow, Value } from "#values/values.ts";
import { dict, isListLike, itemAt, itemsOf, list, string, symbols, symbolTexts } from "#values/vectors.ts";

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

/** One amendment: where in d, deep (.) or at its top (@), by what. */
interface Amendment {
  readonly deep: boolean;
  readonly path: Value;
  readonly u: Value;
  readonly y: Value | undefined;
}

function amend(session: Session, { deep, path, u, y }: Amendment, d: Value, own: boolean): Value {
  if (deep) {
    const run = own ? amendDeepInPlace : amendDeep;
    return y === undefined ? run(session, d, pathOf(path), u) : run(session, d, pathOf(path), u, y);
  }
  const run = own ? amendAtInPlace : amendAt;
  return y === undefined ? run(session, d, path, u) : run(session, d, path, u, y);
}

/** `. and `.ns where no variable of that name stands. */
function isNamespace(session: Session, name: string): boolean {
  if (name === ".") return true;
  return name.startsWith(".") && session.slot(name).value === undefined && session.namesIn(name).length > 0;
}

/**
 * @[`.;`a;f;y] and its kind: entries of a namespace are variables. With one variable it is that one that is amended,
 * with several a dictionary of them, whose items are stored afterwards.
 */
function amendNamespace(session: Session, space: string, amendment: Amendment): void {
  const full = (key: string): string => (space === "." ? `..${key}` : `${space}.${key}`);
  const path = amendment.deep ? pathOf(amendment.path) : [amendment.path];
  const [first, ...rest] = path;
  if (first === undefined) throw signal("nyi", "a whole namespace is not amended at once");
  if (first.type !== -T.symbol && first.type !== T.symbol) throw signal("type", "variables have names");
  if (first.kind === "atom" && amendment.y === undefined && rest.length === 0 && !amendment.deep) {
    const value = session.read(full(first.value as string));
    if (value === undefined) throw userSignal(first.value as string);
    session.assign(full(first.value as string), session.apply1(amendment.u, value));
    return;
  }
  const names = [...new Set(symbolTexts(first))];
  const missing = names.filter((name) => session.read(full(name)) === undefined);
  const isAssign = amendment.u.kind === "primitive" && amendment.u.row.glyph === ":";
  if (missing.length > 0 && !(isAssign && rest.length === 0)) throw userSignal(missing[0]!);
  if (first.kind === "atom") {
    const name = full(names[0]!);
    const before = session.readToAmend(name);
    if (before === undefined) session.assign(name, amendment.y!);
    else {
      const inner = { ...amendment, deep: true, path: list(rest.map((i) => i ?? session.primitive("::"))) };
      const own = before.kind !== "atom" && before.refs === 1;
      session.amended(name, before, amend(session, inner, before, own), inner.path);
    }
    return;
  }
  const values = names.map((name) => session.read(full(name)) ?? session.primitive("::"));
  const after = amend(session, amendment, dict(symbols(names), list(values)), false) as Dict;
  names.forEach((name, i) => {
    session.assign(full(name), itemAt(after.values, i));
  });
}

/** `x is a name: the variable itself is amended, and the name is the result. */
function amendNamed(session: Session, name: Value, amendment: Amendment): Value {
  if (name.kind === "atom" && name.type === -11 && !(name.value as string).startsWith(":")) {
    const text = name.value as string;
    if (isNamespace(session, text)) {
      amendNamespace(session, text, amendment);
      return name;
    }
    const current = session.readToAmend(text);
    if (current === undefined) throw signal("type", `no variable ${text}`);
    // The variable alone holds it: amended where it stands.
    const next = amend(session, amendment, current, current.kind !== "atom" && current.refs === 1);
    session.amended(text, current, next, amendment.path);
    return name;
  }
  if (name.kind === "atom" && name.type === -11) {
    const { database } = session.host;
    const path = (name.value as string).slice(1);
    database.set(path, amend(session, amendment, database.get(path), false));
    return name;
  }
  return amend(session, amendment, name, false);
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
    if (y !== undefined) return amendNamed(session, f!, { deep: false, path: x!, u, y });
    if (isData(f!) || (f!.kind === "atom" && f!.type === -11 && u.type >= 100 && isData(named(session, f!) ?? f!))) {
      if (u.type >= 100) {
        return amendNamed(session, f!, { deep: false, path: x!, u, y });
      }
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
    if (y !== undefined) return amendNamed(session, f!, { deep: true, path: x!, u, y });
    if (isData(f!) || (f!.kind === "atom" && f!.type === -11 && isData(named(session, f!) ?? f!))) {
      if (u.type >= 100) return amendNamed(session, f!, { deep: true, path: x!, u, y });
    }
    // .[d;();v] is v[d], whatever v is.
    if (isData(f!) && isListLike(x!) && itemsOf(x!).length === 0) return session.apply1(u, f!);
    return trap(session, () => session.apply(f!, argumentsOf(session, x!)), u);
  },
});
