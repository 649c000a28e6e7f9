/**
 * x!y. Dict: keys and values, two tables make a keyed table. A number from 0 keys a table by so many columns; 0N displays;
 * negative numbers are the internal functions. A name and indices are an enumeration. With four arguments: functional
 * update and delete, which the sql room provides under the name below.
 */

import { sourceText } from "#format/source.ts";
import { INT_NULL, LONG_NULL, SHORT_NULL, T } from "#values/datatypes.ts";
import { isIndexType } from "#values/picking.ts";
import { primitive } from "#values/primitive.ts";
import { isKeyed, namedColumns } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { Atom, type Dict, type Value } from "#values/values.ts";
import { countOf, dict, elementAt, integerOf, isList, newVector, setElement, table } from "#values/vectors.ts";

/** What eval registers for the forms that other rooms own: no name that q text can spell. */
export const FUNCTIONAL_UPDATE = "functional update";
export const INTERNAL_FUNCTION = "internal function";

const isNullInteger = (x: Atom): boolean =>
  (x.type === -T.long && x.value === LONG_NULL) ||
  (x.type === -T.int && x.value === INT_NULL) ||
  (x.type === -T.short && x.value === SHORT_NULL);

function display(session: Session, y: Value): Value {
  session.host.write(1, `${sourceText(session, y)}\n`);
  return y;
}

/** n!t: the first n columns are the key; 0 makes a keyed table simple. A name is keyed where it stands. */
export function enkey(session: Session, n: number, y: Value): Value {
  if (y.kind === "atom" && y.type === -T.symbol) {
    const name = y.value as string;
    const named = session.read(name);
    if (named === undefined) throw signal("type", `no table ${name}`);
    session.assign(name, enkey(session, n, named));
    return y;
  }
  if (y.kind !== "table" && !isKeyed(y)) throw signal("type", "only tables are keyed");
  if (n === 0 && y.kind === "table") return y;
  const { names, columns } = namedColumns(y);
  if (n === 0) return table(names, columns);
  if (n >= names.length) throw signal("length", "one column at least is no key");
  return dict(table(names.slice(0, n), columns.slice(0, n)), table(names.slice(n), columns.slice(n)));
}

/** `domain!indices */
function enumeration(domain: string, y: Value): Value {
  if (y.kind === "atom" && isIndexType(y.type)) return new Atom(-T.enum, y.value as number | bigint, domain);
  if (y.kind === "vector" && isIndexType(y.type)) {
    const v = newVector(T.enum, y.count, domain);
    for (let i = 0; i < y.count; i++) setElement(v, i, elementAt(y, i));
    return v;
  }
  throw signal("type", "an enumeration is made of indices");
}

const sized = (v: Value): boolean => isList(v) || v.kind === "table";
export function makeDict(x: Value, y: Value): Dict {
  if (!sized(x)) throw signal("type", "keys are a list or a table");
  // names!`:path/ or names!`table: a splayed or partitioned table before flip.
  if (y.kind === "atom" && y.type === -T.symbol && x.type === T.symbol) return dict(x, y);
  if (y.kind === "dict") {
    if (countOf(y) !== countOf(x)) throw signal("length", "as many values as keys are wanted");
    return dict(x, y);
  }
  if (!sized(y)) throw signal("type", "values are a list or a table");
  if (countOf(x) !== countOf(y)) throw signal("length", `${countOf(x)} keys and ${countOf(y)} values`);
  return dict(x, y);
}

export const bang = primitive({
  name: "Dict",
  glyph: "!",
  rank: [2, 4],
  category: "list",
  wire: [102, 16],
  run: (session, x, y, ...phrases) => {
    if (phrases.length > 0)
      return session.apply(session.primitive(FUNCTIONAL_UPDATE), [x!, y!, ...(phrases as Value[])]);
    if (x!.kind === "atom") {
      if (x!.type === -T.symbol) return enumeration(x!.value as string, y!);
      if (!isIndexType(x!.type)) throw signal("type", "no dictionary has an atom for keys");
      if (isNullInteger(x!)) return display(session, y!);
      const n = integerOf(x!);
      if (n < 0) return session.apply2(session.primitive(INTERNAL_FUNCTION), x!, y!);
      return enkey(session, n, y!);
    }
    return makeDict(x!, y!);
  },
});
