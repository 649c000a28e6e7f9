// lower and upper: the case of letters A to Z; bytes outside ASCII stay as they are (ref/lower.md).

import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8, U32 } from "#values/storage.ts";
import { symbolId, symbolText } from "#values/symbols.ts";
import type { Value } from "#values/values.ts";
import { char, newVector, symbol } from "#values/vectors.ts";
import { eachLeaf } from "./walking.ts";

type Shift = (byte: number) => number;
const toLower: Shift = (c) => (c >= 65 && c <= 90 ? c + 32 : c);
const toUpper: Shift = (c) => (c >= 97 && c <= 122 ? c - 32 : c);

export const lower = unary({
  name: "lower",
  category: "text",
  run: (session, x) => shifted(session, x, toLower, lowerText),
});
export const upper = unary({
  name: "upper",
  category: "text",
  run: (session, x) => shifted(session, x, toUpper, upperText),
});

const lowerText = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upperText = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

function shifted(session: Session, x: Value, shift: Shift, shiftText: (text: string) => string): Value {
  return eachLeaf(x, (leaf) => {
    if (leaf.kind === "list") return leaf;
    if (leaf.kind === "atom") {
      if (leaf.type === -T.char) return char(shift(leaf.value as number));
      if (leaf.type === -T.symbol) return symbol(shiftText(leaf.value as string));
    } else if (leaf.kind === "vector") {
      const count = leaf.count;
      if (leaf.type === T.char) {
        const result = newVector(T.char, count);
        for (let i = 0; i < count; i++) U8[result.at + i] = shift(U8[leaf.at + i]!);
        return result;
      }
      if (leaf.type === T.symbol) {
        const result = newVector(T.symbol, count);
        const known = new Map<number, number>();
        for (let i = 0; i < count; i++) {
          const id = U32[leaf.at / 4 + i]!;
          let shiftedId = known.get(id);
          if (shiftedId === undefined) {
            shiftedId = symbolId(shiftText(symbolText(id)));
            known.set(id, shiftedId);
          }
          U32[result.at / 4 + i] = shiftedId;
        }
        return result;
      }
    }
    if (isEnumType(leaf.type)) return shifted(session, unenumerate(session, leaf), shift, shiftText);
    throw signal("type", "only texts have a case");
  });
}
