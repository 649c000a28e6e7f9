// x like y: whether texts match a pattern (ref/like.md).

import { T } from "#values/datatypes.ts";
import { enumDomain, isEnumType } from "#values/enumeration.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels, U8, U32 } from "#values/storage.ts";
import { symbolText } from "#values/symbols.ts";
import type { PackedStrings, Value, Vector } from "#values/values.ts";
import { boolean, columnAt, dict, elementAt, newVector, table, textOf } from "#values/vectors.ts";
import { compileLike } from "./pattern.ts";

export const like = binary({
  name: "like",
  category: "text",
  infix: true,
  wire: [102, 25],
  run: (session, x, y) => {
    if (y.type !== T.char && y.type !== -T.char && y.type !== -T.symbol) throw signal("type", "a pattern is a string");
    const pattern = textOf(y);
    return matching(session, x, compileLike(pattern), pattern);
  },
});

type Match = (text: string) => boolean;

function matching(session: Session, x: Value, match: Match, pattern: string): Value {
  switch (x.kind) {
    case "atom":
      if (isEnumType(x.type)) return boolean(match(textOf(symbolsOf(session, x.domain!, x.value as number))));
      return boolean(match(textOf(x)));
    case "vector":
      if (x.type === T.char) return boolean(match(textOf(x)));
      if (x.type === T.symbol) return matchSymbols(x, match);
      if (isEnumType(x.type)) return matchEnumeration(session, x, match);
      throw signal("type", "like reads texts");
    case "list": {
      if (x.packed !== undefined) return matchPacked(x.packed, pattern);
      const result = newVector(T.boolean, x.items.length);
      for (let i = 0; i < x.items.length; i++) {
        const item = x.items[i]!;
        if (item.type !== T.char && item.type !== -T.symbol && item.type !== -T.char)
          throw signal("type", "like does not go deeper");
        U8[result.at + i] = match(textOf(item)) ? 1 : 0;
      }
      return result;
    }
    case "dict":
      return dict(x.keys, matching(session, x.values, match, pattern));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => matching(session, columnAt(x, c), match, pattern)),
      );
    default:
      throw signal("type", "like reads texts");
  }
}

/** Strings in one piece are matched where they stand. */
function matchPacked({ bytes, offsets, count }: PackedStrings, pattern: string): Value {
  const result = newVector(T.boolean, count);
  const text = textVector(pattern);
  kernels.get("like_c")(bytes.at, offsets.at, count, text.at, text.count, result.at);
  return result;
}

/** Each different symbol is looked at once. */
function matchSymbols(x: Vector, match: Match): Value {
  const known = new Map<number, number>();
  const result = newVector(T.boolean, x.count);
  const ids = x.at / 4;
  for (let i = 0; i < x.count; i++) {
    const id = U32[ids + i]!;
    let matches = known.get(id);
    if (matches === undefined) {
      matches = match(symbolText(id)) ? 1 : 0;
      known.set(id, matches);
    }
    U8[result.at + i] = matches;
  }
  return result;
}

function symbolsOf(session: Session, domain: string, index: number): Value {
  const symbols = enumDomain(session, domain);
  if (symbols.kind !== "vector" || symbols.type !== T.symbol) throw signal("type", `${domain} holds no symbols`);
  const text =
    typeof index === "number" && index >= 0 && index < symbols.count ? (elementAt(symbols, index) as string) : "";
  return textVector(text);
}
function textVector(text: string): Vector {
  const v = newVector(T.char, text.length);
  for (let i = 0; i < text.length; i++) U8[v.at + i] = text.charCodeAt(i);
  return v;
}
/** The domain is matched once, then picked by index. */
function matchEnumeration(session: Session, x: Vector, match: Match): Value {
  const domain = enumDomain(session, x.domain!);
  if (domain.kind !== "vector" || domain.type !== T.symbol) throw signal("type", `${x.domain} holds no symbols`);
  const matches = matchSymbols(domain, match) as Vector;
  const result = newVector(T.boolean, x.count);
  const nullMatches = match("") ? 1 : 0;
  const words = x.at / 4;
  for (let i = 0; i < x.count; i++) {
    const low = U32[words + 2 * i]!;
    const inside = U32[words + 2 * i + 1] === 0 && low < matches.count;
    U8[result.at + i] = inside ? U8[matches.at + low]! : nullMatches;
  }
  return result;
}
