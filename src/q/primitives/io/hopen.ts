// hopen and hclose: connections to processes and files, known by a number (ref/hopen.md). Opening is the host's.

import { T } from "#values/datatypes.ts";
import { unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { int, integerOf, isList, itemsOf, list, textOf } from "#values/vectors.ts";

export const hopen = unary({
  name: "hopen",
  category: "io",
  wire: [101, 44],
  run: (session, x) => {
    const [target, timeout] = isList(x) && x.type === T.list ? itemsOf(x) : [x, undefined];
    if (target === undefined) throw signal("type", "hopen needs somewhere to go");
    return int(session.host.handles.open(targetText(target), timeout === undefined ? 0 : integerOf(timeout)));
  },
});

/** What a connection is asked for by: `:host:port without its first colon, or a port on this machine. */
export function targetText(target: Value): string {
  if (target.type === -T.symbol || target.type === T.char) {
    const text = textOf(target);
    return text.startsWith(":") ? text.slice(1) : text;
  }
  return `:${integerOf(target)}`;
}

export const hclose = unary({
  name: "hclose",
  category: "io",
  run: (session, x) => {
    session.host.handles.close(integerOf(x));
    return session.primitive("::") ?? list([]);
  },
});
