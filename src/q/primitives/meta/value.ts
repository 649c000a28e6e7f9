/**
 * value x: a dictionary's values, a variable's or file's value, q text run, a list's first item applied to the rest; of
 * functions, what they are made of.
 */

import { codeOf } from "#ipc/codes.ts";
import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { userSignal } from "#values/signals.ts";
import type { Lambda, Value } from "#values/values.ts";
import { columnAt, isText, itemsOf, list, long, newVector, string, symbols, textOf } from "#values/vectors.ts";

export function valueIn(session: Session, x: Value): Value {
  switch (x.kind) {
    case "dict":
      return x.values;
    case "table":
      return list(x.names.map((_, c) => columnAt(x, c)));
    case "vector":
      if (x.type === T.char) return session.execute(textOf(x));
      if (isEnumType(x.type)) return unenumerate(session, x);
      return applied(session, itemsOf(x));
    case "list":
      return x.items.length === 0 ? x : applied(session, x.items);
    case "atom":
      if (x.type === -T.symbol) return valueOfName(session, x.value as string);
      if (x.type === -T.char) return session.execute(textOf(x));
      return isEnumType(x.type) ? unenumerate(session, x) : x;
    case "projection":
      return list([x.f, ...x.given.map((argument) => argument ?? session.primitive("::"))]);
    case "composition":
      return list([...x.functions]);
    case "derived":
      return x.f;
    case "iterator":
      return long(x.code);
    case "primitive": {
      const code = codeOf(x.row);
      return code === undefined ? x : long(code[1]);
    }
    case "lambda":
      return partsOf(session, x);
  }
}
function valueOfName(session: Session, name: string): Value {
  if (name.startsWith(":")) return session.host.database.get(name.slice(1));
  const v = session.read(name);
  if (v === undefined) throw userSignal(name, "no such variable");
  return v;
}
/** (f;x;y…): f, itself evaluated when it is a name or text, applied to the rest. */
function applied(session: Session, items: readonly Value[]): Value {
  const [head, ...args] = items;
  const f = isText(head!) || head!.type === -T.symbol ? valueIn(session, head!) : head!;
  return session.apply(f, args.length === 0 ? [session.primitive("::")] : [...args]);
}

/**
 * What kdb+ shows of a lambda: bytecode, parameters, locals, namespace and globals, constants, source. Bytecode and the
 * position map are empty here: the compiler makes closures.
 */
function partsOf(session: Session, f: Lambda): Value {
  const assigned = new Set<string>();
  const read = new Set<string>();
  const constants: Value[] = [];
  const walk = (tree: Value): void => {
    if (tree.kind === "atom" && tree.type === -T.symbol) {
      read.add(tree.value as string);
      return;
    }
    if (tree.kind !== "list") {
      if (tree.kind === "atom" || tree.kind === "vector") constants.push(tree);
      return;
    }
    const [head, target] = tree.items;
    const assigns = head?.kind === "primitive" && head.row.glyph === ":" && target?.type === -T.symbol;
    if (assigns) assigned.add((target as { value: string }).value);
    for (const item of assigns ? tree.items.slice(2) : tree.items) walk(item);
  };
  if (f.body === undefined) session.parse(f.source);
  else walk(f.body);
  const locals = [...assigned].filter((name) => !f.parameters.includes(name));
  const globals = [...read].filter((name) => !f.parameters.includes(name) && !assigned.has(name));
  return list([
    newVector(T.byte, 0),
    symbols(f.parameters),
    symbols(locals),
    symbols([f.context.slice(1), ...globals]),
    ...constants,
    newVector(T.long, 0),
    list([]),
    string(f.file ?? ""),
    long(-1),
    string(f.source),
  ]);
}

export const value = unary({ name: "value", category: "meta", wire: [101, 19], shown: ".:", run: valueIn });
