// In-place change of values that one owner holds: the only place where a list grows, an element is overwritten or a
// container's item is exchanged, and where such changes are counted (ownership.ts). A value that is not ours alone, or
// whose bytes are a file's, is copied first; appending is amortised O(1). What may be put where is decided here by type:
// a vector never changes its type in place. appending.ts and amend.ts build q's `,:` and amend from it.

import { datatypeOf, T } from "./datatypes.ts";
import { isEnumType, unenumerate } from "./enumeration.ts";
import { own, release, retain } from "./ownership.ts";
import { copyElements, copyVector } from "./picking.ts";
import { compareElements } from "./keys.ts";
import { enumIndexOf, hashOf, vectorIndex } from "./search.ts";
import type { Session } from "./session.ts";
import { assert, signal } from "./signals.ts";
import { allocate, capacityFor, free, U8 } from "./storage.ts";
import { type Atom, Dict, type List, Table, type Value, type Vector } from "./values.ts";
import { columnAt, elementAt, gather, itemAt, itemsOf, list, newVector, setElement } from "./vectors.ts";

/** True when its one owner may change it: nobody else counts it, and nothing of it is a file's. */
export function isMine(v: Value): boolean {
  if (v.kind === "atom" || v.refs !== 1) return false;
  if (v.kind === "vector") return v.capacity > 0;
  return v.kind !== "table" || (v.source === undefined && v.partitioned === undefined);
}

/** The value itself when `owned` and nobody else holds it, else a shallow copy that may be changed. */
export function mutable<V extends Value>(v: V, owned: boolean): V {
  if (owned && isMine(v)) return v;
  switch (v.kind) {
    case "vector": {
      const copy = copyVector(v, 0);
      copy.attribute = v.attribute;
      return copy as V;
    }
    case "list": {
      const copy = list([...v.items]);
      copy.attribute = v.attribute;
      return copy as unknown as V;
    }
    case "dict": {
      retain(v.keys);
      retain(v.values);
      const copy = own(new Dict(v.keys, v.values));
      copy.attribute = v.attribute;
      return copy as V;
    }
    case "table": {
      const columns = v.names.map((_, c) => columnAt(v, c));
      for (const column of columns) retain(column);
      return own(new Table([...v.names], columns)) as V;
    }
    default:
      return v;
  }
}

/** Exchanges a list's item. */
export function putItem(v: List, i: number, item: Value): void {
  const old = v.items[i]!;
  if (old === item) return;
  retain(item);
  v.items[i] = item;
  release(old);
}
/** Exchanges a table's column. */
export function putColumn(t: Table, c: number, column: Value): void {
  const old = t.columns[c];
  if (old === column) return;
  retain(column);
  t.columns[c] = column;
  if (old !== undefined) release(old);
}
export function addColumn(t: Table, name: string, column: Value): void {
  retain(column);
  t.names.push(name);
  t.columns.push(column);
}
export function putKeys(d: Dict, keys: Value): void {
  if (d.keys === keys) return;
  retain(keys);
  release(d.keys);
  d.keys = keys;
  d.index = undefined;
}
export function putValues(d: Dict, values: Value): void {
  if (d.values === values) return;
  retain(values);
  release(d.values);
  d.values = values;
}

/** Room for `count` elements, twice as much as needed when it has to move. */
export function reserve(v: Vector, count: number): void {
  const width = datatypeOf(v.type)!.width;
  const needed = count * width;
  if (needed <= v.capacity) return;
  assert(v.capacity > 0, "only a vector's own bytes grow");
  const capacity = capacityFor(Math.max(needed, v.capacity * 2));
  const at = allocate(capacity);
  U8.copyWithin(at, v.at, v.at + v.count * width);
  free(v.at, v.capacity);
  v.at = at;
  v.capacity = capacity;
}

/** The elements changed other than by appending: what was known of them no longer holds. */
export function elementsChanged(v: Vector): void {
  v.index = undefined;
  if (v.attribute !== 4) v.attribute = 0;
}

/** Attributes after `added` elements were appended: s and u stay while true, g stays, p goes. */
function keepAttribute(v: Vector, added: number): void {
  const first = v.count - added;
  switch (v.attribute) {
    case 1:
      for (let i = Math.max(first, 1); i < v.count; i++) {
        if (compareElements(elementAt(v, i - 1), elementAt(v, i)) > 0) {
          v.attribute = 0;
          return;
        }
      }
      return;
    case 2: {
      const index = vectorIndex(v);
      if (index.hash === undefined) {
        v.attribute = 0;
        return;
      }
      index.hash.extend(v);
      if (!index.hash.unique) v.attribute = 0;
      return;
    }
    case 3:
      v.attribute = 0;
      return;
    default:
      return;
  }
}

/**
 * An atom as the element that a vector of this type takes: its own type, symbols and enumerations for one another.
 * Anything else signals 'type.
 */
export function elementFor(session: Session, v: Vector, item: Value): Atom["value"] {
  if (item.kind === "atom") {
    if (item.type === -v.type && (v.type < T.enum || item.domain === v.domain)) return item.value;
    if (isEnumType(v.type)) return enumIndexOf(session, v.domain!, unenumerate(session, item) as Atom);
    if (v.type === T.symbol && isEnumType(item.type)) return (unenumerate(session, item) as Atom).value;
  }
  throw signal("type", `${datatypeOf(v.type)!.name}s do not hold such an item`);
}
/** A vector of elements that v can take as they are; undefined when its items are of another type. */
export function elementsFor(session: Session, v: Vector, y: Vector): Vector | undefined {
  if (y.type === v.type && y.domain === v.domain) return y;
  if (v.type === T.symbol && isEnumType(y.type)) return unenumerate(session, y) as Vector;
  if (isEnumType(v.type)) {
    const plain = unenumerate(session, y) as Vector;
    const r = newVector(v.type, y.count, v.domain);
    for (let i = 0; i < y.count; i++) setElement(r, i, enumIndexOf(session, v.domain!, itemAt(plain, i) as Atom));
    return r;
  }
  return undefined;
}

/** Signals 'type unless `item` may become an item of the list, so that several lists can be checked before any changes. */
export function checkItem(session: Session, v: Value, item: Value): void {
  if (v.kind === "vector") elementFor(session, v, item);
}
/** The same for all items of y. */
export function checkItems(session: Session, v: Value, y: Value): void {
  if (v.kind !== "vector") return;
  if (y.kind === "vector") {
    if (y.count > 0 && elementsFor(session, v, y) === undefined) throw signal("type", "the items are of another type");
  } else for (const item of itemsOf(y)) elementFor(session, v, item);
}

/** A table that stands as a column (a list of records is one) as a list of its rows, which can hold anything. */
function rowsAsList(v: Value): Value {
  if (v.kind !== "table" && v.kind !== "dict") throw signal("type", "this holds no items");
  return list(itemsOf(v));
}

/** Appends one item, whole. The empty general list takes the item's type. */
export function push(session: Session, v: Value, item: Value, owned = true): Value {
  if (v.kind === "vector") {
    const value = elementFor(session, v, item);
    const m = mutable(v, owned);
    // u# survives only if what is appended is not there yet; the hash says so in constant time.
    if (m.attribute === 2) hashOf(m);
    reserve(m, m.count + 1);
    m.count++;
    setElement(m, m.count - 1, value);
    if (m.attribute !== 0) keepAttribute(m, 1);
    return m;
  }
  if (v.kind !== "list") return push(session, rowsAsList(v), item);
  if (v.items.length === 0) return gather([item]);
  const m = mutable(v, owned);
  retain(item);
  m.items.push(item);
  m.attribute = 0;
  return m;
}
/** Appends all items of y. A vector keeps its type ('type otherwise); the empty general list becomes y. */
export function extend(session: Session, v: Value, y: Value, owned = true): Value {
  if (v.kind === "vector") {
    if (y.kind !== "vector") {
      const items = itemsOf(y);
      if (items.length === 0) return v;
      const values = items.map((item) => elementFor(session, v, item));
      const m = mutable(v, owned);
      const first = m.count;
      reserve(m, first + values.length);
      m.count += values.length;
      for (let i = 0; i < values.length; i++) setElement(m, first + i, values[i]!);
      if (m.attribute !== 0) keepAttribute(m, values.length);
      return m;
    }
    if (y.count === 0) return v;
    const elements = elementsFor(session, v, y);
    if (elements === undefined)
      throw signal("type", `${datatypeOf(y.type)!.name}s are not appended to ${datatypeOf(v.type)!.name}s`);
    const m = mutable(v, owned);
    // u# survives only if what is appended is not there yet; the hash says so in constant time.
    if (m.attribute === 2) hashOf(m);
    const first = m.count;
    const added = elements.count;
    reserve(m, first + added);
    m.count += added;
    copyElements(m, first, elements, 0, added);
    if (m.attribute !== 0) keepAttribute(m, added);
    return m;
  }
  if (v.kind !== "list") return extend(session, rowsAsList(v), y);
  if (v.items.length === 0) return y.kind === "vector" || y.kind === "list" ? y : gather(itemsOf(y));
  const m = mutable(v, owned);
  const items = itemsOf(y);
  for (const item of items) retain(item);
  for (const item of items) m.items.push(item);
  m.attribute = 0;
  return m;
}

/** v[i]:item for i in range. A vector takes its own type only; a general list may end up as a vector. */
export function setAt(session: Session, v: Value, i: number, item: Value, owned = true): Value {
  if (v.kind === "vector") {
    const value = elementFor(session, v, item);
    const m = mutable(v, owned);
    elementsChanged(m);
    setElement(m, i, value);
    return m;
  }
  if (v.kind !== "list") return setAt(session, rowsAsList(v), i, item);
  const m = mutable(v, owned);
  putItem(m, i, item);
  m.attribute = 0;
  return collapsed(m, item);
}
/** A general list whose items have all become atoms of one type is a vector. `touched` is the item just set. */
export function collapsed(v: List, touched: Value): Value {
  if (touched.kind !== "atom") return v;
  const { items } = v;
  if (items[0]!.type !== touched.type || items[items.length - 1]!.type !== touched.type) return v;
  for (const item of items) if (item.type !== touched.type || (item as Atom).domain !== touched.domain) return v;
  return gather(items);
}
