// What the wire must be told about functions (ipc/vocabulary.ts), by this session: the words behind the codes, and how a
// projection that was received becomes one of ours.

import { BINARY_NAMES, UNARY_NAMES } from "#ipc/codes.ts";
import type { Vocabulary } from "#ipc/vocabulary.ts";
import type { Value } from "#values/values.ts";
import { compiledOf, project } from "./apply.ts";
import type { QSession } from "./session.ts";

export function wireVocabulary(session: QSession): Vocabulary {
  const { words } = session;
  const word = (name: string | undefined): Value | undefined =>
    name === undefined ? undefined : (words.operator(name) ?? words.keyword(name));
  return {
    unary: (code) => words.byCode(101, code) ?? word(UNARY_NAMES[code]),
    binary: (code) => words.byCode(102, code) ?? word(BINARY_NAMES[code]),
    iterator: (code) => (code <= 5 ? words.iterator(code) : undefined),
    project(f, given) {
      const args = given.map((x) => x ?? words.elided);
      return project(session, f, args, Math.max(rankOf(session, f), args.length));
    },
  };
}

/** Of what takes any number of arguments: 0, so that only the holes count. */
function rankOf(session: QSession, f: Value): number {
  switch (f.kind) {
    case "lambda":
      return compiledOf(session, f).rank;
    case "primitive":
      return f.row.ranks[0]!;
    case "projection":
      return f.rank;
    default:
      return 0;
  }
}
