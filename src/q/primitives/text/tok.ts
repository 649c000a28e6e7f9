// x$y with an upper-case letter, a negative short or `: y's strings are read as values of a type (ref/tok.md).

import { datatypeOf, T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels, U8, U32 } from "#values/storage.ts";
import type { AtomValue, PackedStrings, Value, Vector } from "#values/values.ts";
import { atom, newVector, setElement } from "#values/vectors.ts";
import { type Reader, readerOf, SymbolReader } from "./reading.ts";
import { eachLeaf } from "./walking.ts";

/** `type` is positive. */
export function tok(session: Session, type: number, y: Value): Value {
  if (y.kind === "list" && y.packed !== undefined) return tokPacked(session, type, y.packed);
  if (y.kind === "list" && y.items.length === 0) return newVector(type, 0);
  const read = readerOf(type, session.settings.dateFormat);
  if (y.kind === "list" && y.items.every((item) => item.type === T.char))
    return tokStrings(type, read, y.items as Vector[]);
  return eachLeaf(y, (leaf) => tokLeaf(type, read, leaf));
}

/** Numbers by kernels; what they leave in doubt, and all other types, one by one where the text stands. */
function tokPacked(session: Session, type: number, { bytes, offsets, count }: PackedStrings): Value {
  const v = newVector(type, count);
  const read = readerOf(type, session.settings.dateFormat);
  const ends = offsets.at / 4;
  const symbols = type === T.symbol ? new SymbolReader() : undefined;
  const readAt = (i: number): void => {
    const from = bytes.at + U32[ends + i]!;
    const to = bytes.at + U32[ends + i + 1]!;
    if (symbols !== undefined) U32[v.at / 4 + i] = symbols.id(U8, from, to);
    else setElement(v, i, type === T.char && to - from !== 1 ? notOneChar() : read(U8, from, to));
  };
  if (type === T.long) kernels.get("parse_j")(bytes.at, offsets.at, count, v.at);
  else if (type === T.float) {
    const doubtful = newVector(T.boolean, count);
    const doubts = kernels.get("parse_f")(bytes.at, offsets.at, count, v.at, doubtful.at);
    if (doubts > 0) for (let i = 0; i < count; i++) if (U8[doubtful.at + i]) readAt(i);
  } else for (let i = 0; i < count; i++) readAt(i);
  return v;
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
