// x$y with an upper-case letter, a negative short or `: y's strings are read as values of a type (ref/tok.md).

import { datatypeOf, T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8, U32 } from "#values/storage.ts";
import type { AtomValue, Value, Vector } from "#values/values.ts";
import { atom, newVector, setElement } from "#values/vectors.ts";
import { type Reader, readerOf, SymbolReader } from "./reading.ts";
import { eachLeaf } from "./walking.ts";

/** `type` is positive. */
export function tok(session: Session, type: number, y: Value): Value {
  if (y.kind === "list" && y.items.length === 0) return newVector(type, 0);
  const read = readerOf(type, session.settings.dateFormat);
  if (y.kind === "list" && y.items.every((item) => item.type === T.char))
    return tokStrings(type, read, y.items as Vector[]);
  return eachLeaf(y, (leaf) => tokLeaf(type, read, leaf));
}

function tokStrings(type: number, read: Reader, strings: readonly Vector[]): Value {
  const v = newVector(type, strings.length);
  if (type === T.symbol) {
    const symbols = new SymbolReader();
    for (let i = 0; i < strings.length; i++) {
      const s = strings[i]!;
      U32[v.at / 4 + i] = symbols.id(U8, s.at, s.at + s.count);
    }
    return v;
  }
  for (let i = 0; i < strings.length; i++) {
    const s = strings[i]!;
    setElement(v, i, type === T.char && s.count !== 1 ? notOneChar() : read(U8, s.at, s.at + s.count));
  }
  return v;
}
function notOneChar(): AtomValue {
  throw signal("type", "a char is read from one character");
}

function tokLeaf(type: number, read: Reader, leaf: Value): Value {
  if (leaf.kind === "vector" && leaf.type === T.char) {
    if (type === T.char && leaf.count !== 1) return leaf;
    return atom(type, read(U8, leaf.at, leaf.at + leaf.count));
  }
  if (leaf.kind === "list" && leaf.items.length === 0) return newVector(type, 0);
  if (leaf.kind === "atom" && leaf.type === -T.char) return atom(type, read(Uint8Array.of(leaf.value as number), 0, 1));
  // `$`a is `a: what is a symbol already stays one.
  if (type === T.symbol && (leaf.type === T.symbol || leaf.type === -T.symbol)) return leaf;
  throw signal("type", `Tok reads strings, not a ${datatypeOf(leaf.type)?.name ?? leaf.kind}`);
}
