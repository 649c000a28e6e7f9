// x$y with the name of a global list: y as positions in it, an enumeration (ref/enumerate.md). All of y must be there;
// Enum Extend (`?`) is the one that adds.

import { T } from "#values/datatypes.ts";
import { enumDomain, isEnumType, unenumerate } from "#values/enumeration.ts";
import { find } from "#values/find.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { Atom, type Value, type Vector } from "#values/values.ts";
import { recordPosition } from "#values/keys.ts";
import { isKeyed, type KeyedTable } from "#values/records.ts";
import { countOf, elementAt, itemsOf, newVector, setElement } from "#values/vectors.ts";
import { LONG_NULL } from "#values/datatypes.ts";
import { eachLeaf } from "./walking.ts";

export function enumerate(session: Session, name: string, y: Value): Value {
  if (session.read(name) === undefined) throw signal("cast", `no list ${name} to enumerate over`);
  if (y.kind === "list" && y.items.length === 0) return newVector(T.enum, 0, name);
  const target = session.read(name)!;
  if (isKeyed(target) && target.keys.names.length > 1) return compound(session, name, target, y);
  const domain = enumDomain(session, name);
  if (domain.kind !== "vector" && domain.kind !== "list") throw signal("type", `${name} is no list`);
  return eachLeaf(y, (leaf) => {
    if (isEnumType(leaf.type) && (leaf as Atom | Vector).domain === name) return leaf;
    return positions(session, name, domain, unenumerate(session, leaf));
  });
}

/** A foreign key of several columns: records of keys → the numbers of their rows. */
function compound(session: Session, name: string, target: KeyedTable, y: Value): Value {
  if (isEnumType(y.type) && (y as Atom | Vector).domain === name) return y;
  if (y.kind !== "vector" && y.kind !== "list") throw signal("type", "a key of several columns is a list");
  const items = itemsOf(y).map((item) => unenumerate(session, item));
  const place = (record: readonly Value[]): number => {
    if (record.length !== target.keys.names.length) throw signal("length", `${name} has other keys`);
    const row = recordPosition(session, target, target.keys, record);
    if (row < 0) throw signal("cast", `no such key in ${name}`);
    return row;
  };
  if (items.every((item) => item.kind === "atom")) return new Atom(-T.enum, place(items), name);
  const v = newVector(T.enum, items.length, name);
  items.forEach((item, i) => {
    setElement(v, i, place(itemsOf(item)));
  });
  return v;
}

function positions(session: Session, name: string, domain: Value, y: Value): Value {
  if (y.kind !== "atom" && y.kind !== "vector") throw signal("type", "only data is enumerated");
  if (domain.kind === "vector" && Math.abs(y.type) !== domain.type) throw signal("type", `${name} holds another type`);
  const found = find(session, domain, y);
  const size = countOf(domain);
  if (found.kind === "atom") return new Atom(-T.enum, checked(name, size, y, 0, found.value as number), name);
  const at = found as Vector;
  const v = newVector(T.enum, at.count, name);
  for (let i = 0; i < at.count; i++) setElement(v, i, checked(name, size, y, i, elementAt(at, i) as number));
  return v;
}

/** The null symbol needs no place in the domain: it is the null index. */
function checked(name: string, size: number, y: Atom | Vector, i: number, position: number): number | bigint {
  if (position < size) return position;
  const value = y.kind === "atom" ? y.value : elementAt(y, i);
  if (value === "") return LONG_NULL;
  throw signal("cast", `${String(value)} is not in ${name}`);
}
