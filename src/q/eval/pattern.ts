// Pattern matching (basics/pattern.md, new in 4.1): (a;b):x, function parameters, :[v;p;r;…]. A pattern is the parse
// tree of its text; matching sets the names in it and gives the value back, with what filters made of it.

import { T } from "#values/datatypes.ts";
import { QSignal, signal } from "#values/signals.ts";
import type { List, Value } from "#values/values.ts";
import { columnAt, countOf, dict, gather, isListLike, itemsOf, symbolTexts, table } from "#values/vectors.ts";
import { assignInto } from "./assign.ts";
import { compileTarget, isName, type Scope } from "./compile.ts";
import type { Code, Frame } from "./frame.ts";

export type Match = (frame: Frame, value: Value) => Value;
type Compile = (scope: Scope, tree: Value) => Code;

export function compilePattern(scope: Scope, tree: Value, compile: Compile): Match {
  const { session } = scope;
  const { words } = session;
  if (tree === words.elided || tree === words.nil) return (_, v) => v;
  if (isName(tree)) {
    const place = compileTarget(scope, tree);
    return (frame, v) => assignInto(session, frame, place, [], undefined, v);
  }
  if (tree.kind === "list" && tree.items.length > 1) {
    const [head, ...args] = tree.items as [Value, ...Value[]];
    if (head === words.keyword("enlist")) return listPattern(scope, args, compile);
    if (head === words.operator(":")) {
      const inner = args.length === 2 ? compilePattern(scope, args[0]!, compile) : (_: Frame, v: Value) => v;
      return filterPattern(scope, args[args.length - 1]!, inner, compile);
    }
    if (head === words.operator("!")) return dictPattern(scope, args, compile);
    if (head === words.unaryForm("+")) return flipPattern(scope, args[0]!, compile);
    if (isName(head)) {
      const place = compileTarget(scope, head);
      const indices = args.map((a) => compile(scope, a));
      return (frame, v) =>
        assignInto(
          session,
          frame,
          place,
          indices.map((code) => code(frame)),
          undefined,
          v,
        );
    }
  }
  const wanted = compile(scope, tree);
  return (frame, v) => {
    const same = session.apply2(session.primitive("~"), wanted(frame), v);
    if (same.kind === "atom" && same.value !== 0) return v;
    throw signal("match", "the value is not the pattern's");
  };
}

/** True when it matches; a mismatch of value, type or length is an answer, other signals pass. */
export function matches(frame: Frame, value: Value, match: Match): boolean {
  try {
    match(frame, value);
    return true;
  } catch (error) {
    if (error instanceof QSignal && (error.text === "match" || error.text === "type" || error.text === "length"))
      return false;
    throw error;
  }
}

function listPattern(_scope: Scope, parts: readonly Value[], compile: Compile): Match {
  const inner = parts.map((p) => compilePattern(_scope, p, compile));
  return (frame, v) => {
    if (!isListLike(v) && v.kind !== "dict") throw signal(parts.length === 1 ? "match" : "length");
    if (countOf(v) !== inner.length) throw signal("length", "pattern and value differ in length");
    const items = itemsOf(v);
    const results = items.map((item, i) => inner[i]!(frame, item));
    return results.every((r, i) => r === items[i]) ? v : gather(results);
  };
}

function filterPattern(scope: Scope, filter: Value, inner: Match, compile: Compile): Match {
  const { session } = scope;
  const letter =
    filter.kind === "vector" && filter.type === T.symbol && filter.count === 1 ? symbolTexts(filter)[0]! : undefined;
  if (letter !== undefined && letter.length === 1) {
    return (frame, v) => {
      if (letterOfValue(v) !== letter) throw signal("type", `${letter} is wanted`);
      return inner(frame, v);
    };
  }
  const f = compile(scope, filter);
  return (frame, v) => inner(frame, session.apply1(f(frame), v));
}

const LETTERS = " bg xhijefcspmdznuvt";
function letterOfValue(v: Value): string {
  if (v.kind === "atom") return LETTERS[-v.type] ?? "s";
  if (v.kind === "vector") return (LETTERS[v.type] ?? "s").toUpperCase();
  return "";
}

function dictPattern(scope: Scope, args: readonly Value[], compile: Compile): Match {
  const { session } = scope;
  const [keyTree, valueTree] = args as [Value, Value];
  if (valueTree === undefined || valueTree === session.words.elided || !isConstant(scope, keyTree)) {
    // a!b takes a dictionary apart whole.
    const keys = compilePattern(scope, keyTree, compile);
    const values = compilePattern(scope, valueTree ?? session.words.elided, compile);
    return (frame, v) => {
      if (v.kind !== "dict") throw signal("type");
      const k = keys(frame, v.keys);
      const x = values(frame, v.values);
      return k === v.keys && x === v.values ? v : dict(k, x);
    };
  }
  const keyCode = compile(scope, keyTree);
  const parts = partsOf(scope, valueTree).map((p) => compilePattern(scope, p, compile));
  return (frame, v) => {
    if (v.kind === "table") return tableByName(frame, v, symbolTexts(keyCode(frame)), parts);
    if (v.kind !== "dict") throw signal("type");
    const keys = itemsOf(keyCode(frame));
    if (keys.length !== parts.length) throw signal("length");
    keys.forEach((key, i) => {
      const found = session.apply2(session.primitive("in"), key, v.keys);
      if (found.kind !== "atom" || found.value === 0) throw signal("match", "a key is missing");
      parts[i]!(frame, session.apply1(v, key));
    });
    return v;
  };
}
function tableByName(
  frame: Frame,
  v: Value & { kind: "table" },
  names: readonly string[],
  parts: readonly Match[],
): Value {
  let changed = false;
  const columns = v.names.map((_, c) => columnAt(v, c));
  names.forEach((name, i) => {
    const c = v.names.indexOf(name);
    if (c < 0) throw signal("match", "a column is missing");
    const next = parts[i]!(frame, columns[c]!);
    if (next !== columns[c]) changed = true;
    columns[c] = next;
  });
  return changed ? table(v.names, columns) : v;
}

/** flip of a dictionary pattern: a table's columns; of two in a keyed one. */
function flipPattern(scope: Scope, tree: Value, compile: Compile): Match {
  const inner = compilePattern(scope, tree, compile);
  return (frame, v) => {
    if (v.kind !== "table") throw signal("type", "a table is wanted");
    return inner(frame, v);
  };
}

const isConstant = (scope: Scope, tree: Value): boolean =>
  tree.kind === "vector" ||
  (tree.kind === "list" && tree.items.length === 1) ||
  (tree.kind === "list" &&
    tree.items[0] === scope.session.words.keyword("enlist") &&
    tree.items.slice(1).every((t) => !isName(t) && t.kind !== "list"));

function partsOf(scope: Scope, tree: Value): Value[] {
  if (tree.kind === "list" && tree.items[0] === scope.session.words.keyword("enlist"))
    return (tree as List).items.slice(1);
  return isListLike(tree) ? itemsOf(tree) : [tree];
}
