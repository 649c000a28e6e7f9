/** `name?y: y as an enumeration over the list `name`, which gets the symbols that it lacks. A form of the glyph `?`. */

import { LONG_NULL, T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import { extend } from "#values/growing.ts";
import { isKeyed } from "#values/records.ts";
import { positionsIn } from "#values/search.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import { Atom, type Value, type Vector } from "#values/values.ts";
import { elementAt, list, newVector, setLongElement, symbols, symbolTexts } from "#values/vectors.ts";

export function extendEnumeration(session: Session, name: string, y: Value): Value {
  if (name.startsWith(":")) return extendFile(session, name.slice(1), y);
  return enumerated(session, name, y);
}

function enumerated(session: Session, name: string, y: Value): Value {
  if (isEnumType(y.type)) {
    if ((y as Atom | Vector).domain === name) return y;
    return enumerated(session, name, unenumerate(session, y));
  }
  if (y.kind === "list") return list(y.items.map((item) => enumerated(session, name, item)));
  if (y.kind === "atom" && y.type === -T.symbol) {
    const v = enumerateVector(session, name, symbols([y.value as string]));
    return new Atom(-T.enum, elementAt(v, 0) as number | bigint, name);
  }
  if (y.kind !== "vector" || y.type !== T.symbol) throw signal("type", "symbols are enumerated");
  const v = enumerateVector(session, name, y);
  v.attribute = y.attribute;
  return v;
}

function enumerateVector(session: Session, name: string, y: Vector): Vector {
  let domain = session.read(name);
  if (domain === undefined || (domain.kind === "list" && domain.items.length === 0)) {
    domain = symbols([]);
    session.assign(name, domain);
  }
  if (isKeyed(domain)) throw signal("type", `${name} is a keyed table: its keys are not extended`);
  if (domain.kind !== "vector" || domain.type !== T.symbol) throw signal("type", `${name} is no symbol list`);
  let found = positionsIn(session, domain, y);
  const missing: string[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < y.count; i++) {
    if (I32[found.at / 4 + i]! >= 0) continue;
    const text = elementAt(y, i) as string;
    if (seen.has(text)) continue;
    seen.add(text);
    missing.push(text);
  }
  if (missing.length > 0) {
    // The variable alone holds the list: it grows where it is.
    session.readToAmend(name);
    const grown = extend(session, domain, symbols(missing), domain.refs === 1);
    session.amended(name, domain, grown);
    found = positionsIn(session, grown, y);
  }
  const v = newVector(T.enum, y.count, name);
  for (let i = 0; i < y.count; i++) {
    const p = I32[found.at / 4 + i]!;
    setLongElement(v.at, i, p < 0 ? LONG_NULL : p);
  }
  return v;
}

/** `:dir/name?y: the file gets what it lacks, under a lock, and its list is bound to the last part of its path. */
function extendFile(session: Session, path: string, y: Value): Value {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const { distinct, raze } = { distinct: session.primitive("distinct"), raze: session.primitive("raze") };
  const flat = y.kind === "list" && y.items.length > 0 ? session.apply1(raze, y) : y;
  const plain = isEnumType(flat.type) ? unenumerate(session, flat) : flat;
  const texts = plain.kind === "atom" ? symbolTexts(plain) : symbolTexts(session.apply1(distinct, plain));
  session.assign(name, session.host.database.extendDomain(path, texts));
  return enumerated(session, name, y);
}
