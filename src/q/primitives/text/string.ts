// string: any value as text, item by item (ref/string.md).

import { atomText, blankTextsOf, format1 } from "#format/format.ts";
import { packedTexts, WORTH_PACKING } from "#format/packing.ts";
import { T } from "#values/datatypes.ts";
import { unenumerate } from "#values/enumeration.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value, Vector } from "#values/values.ts";
import { columnAt, dict, list, string as text, table } from "#values/vectors.ts";
import { listOf } from "./walking.ts";

export const string = unary({ name: "string", category: "text", wire: [101, 11], shown: "$:", run: stringOf });

export function stringOf(session: Session, x: Value): Value {
  switch (x.kind) {
    case "atom":
      return text(atomText(session, x));
    case "vector":
      return stringVector(session, x);
    case "list":
      return list(x.items.map((item) => stringOf(session, item)));
    case "dict":
      return dict(x.keys, stringOf(session, x.values));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => stringOf(session, columnAt(x, c))),
      );
    default:
      return text(format1(session, x));
  }
}

function stringVector(session: Session, x: Vector): Value {
  if (x.type >= T.enum) return stringOf(session, unenumerate(session, x));
  if (x.count >= WORTH_PACKING) return packedTexts(x, session.settings.precision);
  const textOf = blankTextsOf(x, session.settings.precision);
  return listOf(x.count, (i) => text(textOf(i)));
}
