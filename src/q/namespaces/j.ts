// The .j namespace: JSON (ref/dotj.md).

import { T } from "#values/datatypes.ts";
import { signal } from "#values/signals.ts";
import type { Value, Vector } from "#values/values.ts";
import { itemAt, itemsOf, string, symbolTexts, textOf } from "#values/vectors.ts";
import { type Namespace, native } from "./entry.ts";
import { jsonValue } from "./json-read.ts";
import { jsonText } from "./json-write.ts";

export const jNamespace: Namespace = {
  j: native(".j.j", 1, (session, x) => jsonText(session, x!, { nullInfinity: false })),
  jd: native(".j.jd", 1, (session, x) => {
    const [value, options] = itemsOf(x!);
    if (value === undefined || options === undefined) throw signal("length", ".j.jd takes a value and a dictionary");
    return jsonText(session, value, { nullInfinity: isSet(options, "null0w") });
  }),
  k: native(".j.k", 1, (_, x) => {
    if (x!.type === T.char) return jsonValue(x as Vector);
    if (x!.type === -T.char) return jsonValue(string(textOf(x!)));
    throw signal("type", "JSON is a string");
  }),
};

function isSet(options: Value, name: string): boolean {
  if (options.kind !== "dict" || options.keys.type !== T.symbol) return false;
  const at = symbolTexts(options.keys).indexOf(name);
  if (at < 0) return false;
  const flag = itemAt(options.values, at);
  return flag.kind === "atom" && Boolean(flag.value);
}
