// lower and upper: the case of letters A to Z; bytes outside ASCII stay as they are (ref/lower.md).

import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { kernels, U8, U32 } from "#values/storage.ts";
import { symbolId, symbolText } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { char, newVector, packedStrings, symbol } from "#values/vectors.ts";
import { eachLeaf } from "./walking.ts";

interface Case {
  readonly byte: (byte: number) => number;
  readonly text: (text: string) => string;
  readonly kernel: "lower_c" | "upper_c";
}
const lowerCase: Case = {
  byte: (c) => (c >= 65 && c <= 90 ? c + 32 : c),
  text: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  kernel: "lower_c",
};
const upperCase: Case = {
  byte: (c) => (c >= 97 && c <= 122 ? c - 32 : c),
  text: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  kernel: "upper_c",
};

export const lower = unary({
  name: "lower",
  category: "text",
  run: (session, x) => shifted(session, x, lowerCase),
});
export const upper = unary({
  name: "upper",
  category: "text",
  run: (session, x) => shifted(session, x, upperCase),
});

/** Below this many characters a kernel is not worth its call. */
const SHORT = 32;
function shiftedChars(v: Vector, to: Case): Vector {
  const result = newVector(T.char, v.count);
  if (v.count >= SHORT) kernels.get(to.kernel)(v.at, result.at, v.count);
  else for (let i = 0; i < v.count; i++) U8[result.at + i] = to.byte(U8[v.at + i]!);
  return result;
}

function shifted(session: Session, x: Value, to: Case): Value {
  if (x.kind === "list" && x.packed !== undefined) {
    return packedStrings(shiftedChars(x.packed.bytes, to), x.packed.offsets, x.packed.count);
  }
  return eachLeaf(x, (leaf) => {
    if (leaf.kind === "list") return leaf;
    if (leaf.kind === "atom") {
      if (leaf.type === -T.char) return char(to.byte(leaf.value as number));
      if (leaf.type === -T.symbol) return symbol(to.text(leaf.value as string));
    } else if (leaf.kind === "vector") {
      if (leaf.type === T.char) return shiftedChars(leaf, to);
      if (leaf.type === T.symbol) {
        const result = newVector(T.symbol, leaf.count);
        const known = new Map<number, number>();
        for (let i = 0; i < leaf.count; i++) {
          const id = U32[leaf.at / 4 + i]!;
          let shiftedId = known.get(id);
          if (shiftedId === undefined) {
            shiftedId = symbolId(to.text(symbolText(id)));
            known.set(id, shiftedId);
          }
          U32[result.at / 4 + i] = shiftedId;
        }
        return result;
      }
    }
    if (isEnumType(leaf.type)) return shifted(session, unenumerate(session, leaf), to);
    throw signal("type", "only texts have a case");
  });
}
