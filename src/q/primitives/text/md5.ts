// md5: the digest of a string, as bytes (ref/md5.md).

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";

export const md5 = unary({ name: "md5", category: "text", shownType: 100, run: (_, x) => digest("md5", x) });

/** Also -33! (sha1). */
export function digest(algorithm: "md5" | "sha1", x: Value): Vector {
  if (x.kind !== "vector" || (x.type !== T.char && x.type !== T.byte)) throw signal("type", "a digest is of a string");
  const hash = new Bun.CryptoHasher(algorithm).update(U8.slice(x.at, x.at + x.count)).digest();
  const result = newVector(T.byte, hash.length);
  U8.set(hash, result.at);
  return result;
}
