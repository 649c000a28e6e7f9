/**
 * key x: the keys of a dictionary or keyed table, the domain of an enumeration, the type name of a vector, til of a
 * number; of a name, what it holds; of a file symbol, what is there.
 */

import { datatypeOf, T } from "#values/datatypes.ts";
import { isEnumType } from "#values/enumeration.ts";
import { isIndexType } from "#values/picking.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { integerOf, list, symbol, symbols } from "#values/vectors.ts";
import { keyOfFile } from "../io/files.ts";
import { firstNumbers } from "../list/til.ts";

export function keyOf(session: Session, x: Value): Value {
  switch (x.kind) {
    case "dict":
      return x.keys;
    case "vector":
      return symbol(isEnumType(x.type) ? x.domain! : datatypeOf(x.type)!.name);
    case "atom":
      if (x.type === -T.symbol) return keyOfName(session, x.value as string, x);
      if (isEnumType(x.type)) return symbol(x.domain!);
      if (isIndexType(x.type)) {
        const n = integerOf(x);
        if (!(n >= 0)) throw signal("domain", "til of a negative number");
        return firstNumbers(n);
      }
      throw signal("type", "this atom has no key");
    default:
      throw signal("type", "this has no key");
  }
}
function keyOfName(session: Session, name: string, x: Value): Value {
  if (name.startsWith(":")) return keyOfFile(session, x);
  if (name === "") return symbols(session.contexts());
  const v = session.read(name);
  if (v === undefined) return list([]);
  return v.kind === "dict" ? v.keys : x;
}

export const key = unary({ name: "key", category: "meta", wire: [101, 16], shown: "!:", run: keyOf });
