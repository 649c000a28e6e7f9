// A vocabulary for tests of ipc and db, which may not import eval: each code has a primitive that only knows its code.

import { own } from "#values/ownership.ts";
import { primitiveValue } from "#values/primitive.ts";
import { Iterator, Projection, type Value } from "#values/values.ts";
import { BINARY_NAMES, UNARY_NAMES } from "./codes.ts";
import type { Vocabulary } from "./vocabulary.ts";

const row = (type: 101 | 102, code: number, names: readonly string[]): Value | undefined =>
  code >= names.length
    ? undefined
    : primitiveValue({
        name: names[code]!,
        ranks: [type - 100],
        category: "math",
        wire: [type, code],
        shownType: type,
        run: () => {
          throw new Error("a stub is never run");
        },
      });

export const stubVocabulary: Vocabulary = {
  unary: (code) => row(101, code, UNARY_NAMES),
  binary: (code) => row(102, code, BINARY_NAMES),
  iterator: (code) => (code > 5 ? undefined : new Iterator(code as 0 | 1 | 2 | 3 | 4 | 5)),
  project: (f, given) => {
    if (f.kind !== "atom") f.refs++;
    for (const argument of given) if (argument !== undefined && argument.kind !== "atom") argument.refs++;
    return own(new Projection(f, given, given.filter((x) => x === undefined).length + 1));
  },
};
