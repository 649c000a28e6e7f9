// Parse tree → closures. One closure a node; a lambda's names are resolved to places in its frame once, globals to their
// slots. Argument evaluation is right to left. Every application settles the pool: what its arguments needed is freed
// as soon as it is done. Nodes that hold a borrowed variable while other q code runs protect it (see `guard`).

import { tokenize } from "#parse/tokens.ts";
import { T, widthOf } from "#values/datatypes.ts";
import { appendInPlace } from "#values/appending.ts";
import { isMine } from "#values/growing.ts";
import { own as hold, mark, release, retain, settle, surrender, sweep } from "#values/ownership.ts";
import type { Slot } from "#values/session.ts";
import { assert, signal, userSignal } from "#values/signals.ts";
import type { Atom, Lambda, List, Primitive, Value } from "#values/values.ts";
import { boolean, elementAt, isText, long, setElement, symbol, textOf } from "#values/vectors.ts";
import { compiledOf, derived, invoke, project } from "./apply.ts";
import { assignInto, type Target } from "./assign.ts";
import { compilePattern, matches } from "./pattern.ts";
import type { Direct } from "./generate.ts";
import { type Code, type Frame, RETURN } from "./frame.ts";
import type { QSession } from "./session.ts";

export { Frame } from "./frame.ts";

export interface Compiled {
  readonly rank: number;
  readonly locals: number;
  readonly names: readonly string[];
  readonly body: Code;
  /** Applications so far, until it is hot. */
  calls: number;
  /** Generated source, once it was hot and all of it could be generated. */
  direct: Direct | undefined;
}

const MAX_LOCALS = 1024;

/** What names mean at a place: a lambda's locals, else globals of a namespace. */
export class Scope {
  readonly names = new Map<string, number>();
  constructor(
    readonly session: QSession,
    readonly context: string,
    locals: readonly string[] = [],
  ) {
    for (const name of locals) if (!this.names.has(name)) this.names.set(name, this.names.size);
  }
  get isLambda(): boolean {
    return this.names.size > 0;
  }
  slot(name: string): Slot {
    return this.session.workspace.slot(this.session.workspace.qualify(name, this.context));
  }
}

export function compileLambda(session: QSession, f: Lambda): Compiled {
  if (f.body === undefined) session.parseLambda(f);
  const names = [...f.parameters];
  const own = new Set(names);
  collectLocals(session, f.body!, own);
  for (const name of own) if (!names.includes(name)) names.push(name);
  if (names.length > MAX_LOCALS) throw signal("locals");
  const scope = new LambdaScope(session, f.context, names);
  return {
    rank: f.parameters.length,
    locals: names.length,
    names,
    body: compileBody(scope, f.body!),
    calls: 0,
    direct: undefined,
  };
}

class LambdaScope extends Scope {
  override get isLambda(): boolean {
    return true;
  }
}

/** Names that the body assigns with `:` are local; nested lambdas are values and keep theirs to themselves. */
function collectLocals(session: QSession, tree: Value, names: Set<string>): void {
  if (tree.kind !== "list") return;
  const [head, target] = tree.items;
  if (head !== undefined && head === session.words.operator(":") && tree.items.length === 3)
    collectTarget(session, target!, names);
  for (const item of tree.items) collectLocals(session, item, names);
}
/** Every name that a pattern sets. */
function collectTarget(session: QSession, target: Value, names: Set<string>): void {
  if (isName(target)) {
    const name = target.value as string;
    if (!name.includes(".")) names.add(name);
    return;
  }
  if (target.kind !== "list" || target.items.length < 2) return;
  const [head, ...rest] = target.items as [Value, ...Value[]];
  const { words } = session;
  if (head === words.keyword("enlist") || head === words.operator("!") || head === words.unaryForm("+")) {
    for (const item of rest) collectTarget(session, item, names);
  } else if (head === words.operator(":") && rest.length === 2) collectTarget(session, rest[0]!, names);
}

export const isName = (tree: Value): tree is Atom => tree.kind === "atom" && tree.type === -T.symbol;

function compileBody(scope: Scope, body: Value): Code {
  const code = compileTail(scope, body);
  if (!returns(scope.session, body)) return code;
  return (frame) => {
    const value = code(frame);
    return frame.result ?? value;
  };
}

/**
 * The last thing a lambda does. `x,y` there, with x a local, is the last use of x: when the local alone owns a vector
 * (an accumulator handed on by / or \) it grows in place, and its count passes to the pool with the result.
 */
function compileTail(scope: Scope, tree: Value): Code {
  const { session } = scope;
  if (tree.kind !== "list" || tree.items.length < 2) return compileStatement(scope, tree);
  const [head, left, right] = tree.items as [Value, Value, Value];
  if (isSequence(head)) return compileSequence(scope, tree.items.slice(1), compileTail);
  if (head !== session.words.operator(",") || tree.items.length !== 3 || !isName(left))
    return compileStatement(scope, tree);
  const local = scope.names.get(left.value as string);
  if (local === undefined) return compileStatement(scope, tree);
  const code = compile(scope, right);
  const { run } = (head as Primitive).row;
  const at = tree.position ?? 0;
  return (frame) => {
    const from = mark();
    const y = code(frame);
    const x = frame.locals[local] ?? session.empty;
    frame.position = at;
    if (
      x.kind === "vector" &&
      x.attribute === 0 &&
      x.type < T.enum &&
      Math.abs(y.type) === x.type &&
      x !== y &&
      isMine(x)
    ) {
      let grown: Value = x;
      if (y.kind === "atom" && (x.count + 1) * widthOf(x.type) <= x.capacity) {
        setElement(x, x.count++, y.value);
        x.index = undefined;
      } else grown = appendInPlace(session, x, y, true);
      if (grown === x) {
        frame.locals[local] = undefined;
        surrender(x);
        return settle(from, x);
      }
      return settle(from, grown);
    }
    return settle(from, run(session, x, y));
  };
}

/** Some `:x` stands in it. */
function returns(session: QSession, tree: Value): boolean {
  if (tree.kind !== "list") return false;
  return (
    (tree.items.length === 2 && tree.items[0] === session.words.operator(":")) ||
    tree.items.some((t) => returns(session, t))
  );
}

/** A place where `:x` may simply set the frame's result, because whoever runs it looks. */
export function compileStatement(scope: Scope, tree: Value): Code {
  const { words } = scope.session;
  if (tree.kind === "list" && tree.items.length > 1) {
    const head = tree.items[0]!;
    if (isSequence(head)) return compileSequence(scope, tree.items.slice(1));
    if (head === words.operator(":") && tree.items.length === 2) {
      const value = compile(scope, tree.items[1]!);
      return (frame) => {
        const v = value(frame);
        frame.result = v;
        return v;
      };
    }
    if (head === words.operator("$") && tree.items.length > 3) return compileCond(scope, tree, compileStatement);
    if (isName(head) && !scope.names.has(head.value as string)) {
      if (head.value === "if") return compileIf(scope, tree);
      if (head.value === "do") return compileDo(scope, tree);
      if (head.value === "while") return compileWhile(scope, tree);
    }
  }
  return compile(scope, tree);
}

const isSequence = (head: Value): boolean => head.kind === "atom" && head.type === -T.char && head.value === 59;

function compileSequence(scope: Scope, statements: readonly Value[], part = compileStatement): Code {
  const codes = statements.slice(0, -1).map((s) => compileStatement(scope, s));
  const last = part(scope, statements[statements.length - 1]!);
  return (frame) => {
    const from = mark();
    for (let i = 0; i < codes.length; i++) {
      const value = codes[i]!(frame);
      if (frame.result !== undefined) return value;
      sweep(from);
    }
    return last(frame);
  };
}

// ---- control words ---------------------------------------------------------------------------------------------------
export function isTrue(v: Value): boolean {
  if (v.kind === "atom" && v.type !== -T.symbol && v.type !== -T.guid && v.type !== -T.char) return v.value !== 0;
  throw signal("type", "a condition is a boolean or number");
}

function compileCond(scope: Scope, tree: List, part: (scope: Scope, tree: Value) => Code): Code {
  const items = tree.items.slice(1);
  const codes = items.map((t, i) => (i % 2 === 0 && i < items.length - 1 ? compile(scope, t) : part(scope, t)));
  const { nil } = scope.session.words;
  const at = tree.position ?? 0;
  if (codes.length === 3) {
    const [test, yes, no] = codes as [Code, Code, Code];
    return (frame) => {
      const t = test(frame);
      if (t.kind === "atom" && t.type === -T.boolean) return t.value !== 0 ? yes(frame) : no(frame);
      frame.position = at;
      return isTrue(t) ? yes(frame) : no(frame);
    };
  }
  return (frame) => {
    let i = 0;
    for (; i + 1 < codes.length; i += 2) {
      const t = codes[i]!(frame);
      frame.position = at;
      if (isTrue(t)) return codes[i + 1]!(frame);
    }
    return i < codes.length ? codes[i]!(frame) : nil;
  };
}

function compileIf(scope: Scope, tree: List): Code {
  const test = compile(scope, tree.items[1]!);
  const body = tree.items.slice(2).map((t) => compileStatement(scope, t));
  const { nil } = scope.session.words;
  const at = tree.position ?? 0;
  return (frame) => {
    const from = mark();
    const t = test(frame);
    frame.position = at;
    if (!isTrue(t)) return nil;
    for (let i = 0; i < body.length; i++) {
      body[i]!(frame);
      if (frame.result !== undefined) return nil;
      sweep(from);
    }
    return nil;
  };
}

function compileDo(scope: Scope, tree: List): Code {
  const times = compile(scope, tree.items[1]!);
  const body = tree.items.slice(2).map((t) => compileStatement(scope, t));
  const { session } = scope;
  const at = tree.position ?? 0;
  return (frame) => {
    const from = mark();
    const t = times(frame);
    frame.position = at;
    if (t.kind !== "atom" || typeof t.value === "string") throw signal("type", "do wants a count");
    const n = Number(t.value);
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < body.length; i++) {
        body[i]!(frame);
        if (frame.result !== undefined) return session.words.nil;
        sweep(from);
      }
      if ((k & 1023) === 0) session.checkpoint();
    }
    return session.words.nil;
  };
}

function compileWhile(scope: Scope, tree: List): Code {
  const test = compile(scope, tree.items[1]!);
  const body = tree.items.slice(2).map((t) => compileStatement(scope, t));
  const { session } = scope;
  const at = tree.position ?? 0;
  return (frame) => {
    const from = mark();
    for (let k = 0; ; k++) {
      const t = test(frame);
      frame.position = at;
      if (!isTrue(t)) return session.words.nil;
      for (let i = 0; i < body.length; i++) {
        body[i]!(frame);
        if (frame.result !== undefined) return session.words.nil;
        sweep(from);
      }
      if ((k & 1023) === 0) session.checkpoint();
    }
  };
}

// ---- expressions -----------------------------------------------------------------------------------------------------
export function compile(scope: Scope, tree: Value): Code {
  const { session } = scope;
  const { words } = session;
  if (isName(tree)) return compileName(scope, tree.value as string);
  if (tree.kind === "vector" && tree.type === T.symbol && tree.count === 1) return constant(symbolOf(tree));
  if (tree.kind !== "list" || tree.items.length === 0) return constant(tree);
  if (tree.items.length === 1) return constant(tree.items[0]!);
  const [head, ...args] = tree.items as [Value, ...Value[]];
  const at = tree.position ?? 0;
  if (isSequence(head)) return compileSequence(scope, args);
  if (head === words.operator(":")) {
    if (args.length === 1) return compileInnerReturn(scope, args[0]!);
    if (args.length === 2) return compileAssign(scope, at, args[0]!, undefined, args[1]!);
    if (args.length >= 3) return compilePatternCond(scope, at, args);
  }
  if (head === words.nil && args.length === 2 && (isName(args[0]!) || args[0]!.kind === "list"))
    return compileGlobalAssign(scope, at, args[0]!, args[1]!);
  if (head === words.operator("'") && args.length === 1) return compileSignal(scope, at, args[0]!);
  if (head === words.operator("$") && args.length > 2) return compileCond(scope, tree, compile);
  if (args.length === 2 && args[0]!.kind !== "vector") {
    const glyph = words.throughGlyph(head);
    if (glyph !== undefined && isTarget(args[0]!))
      return compileAssign(scope, at, args[0]!, words.operator(glyph)!, args[1]!);
  }
  if (head === words.keyword("enlist")) return compileListOf(scope, args);
  if (isName(head) && !scope.names.has(head.value as string)) {
    if (head.value === "if") return compileIf(scope, tree);
    if (head.value === "do") return compileDo(scope, tree);
    if (head.value === "while") return compileWhile(scope, tree);
  }
  if (head.kind === "iterator" && args.length === 1) return compileDerived(scope, head.code, args[0]!);
  if ((head === words.operator("?") || head === words.operator("!")) && args.length >= 4)
    return compileSql(scope, at, head as Primitive, args);
  return compileApplication(scope, at, head, args);
}

const symbolOf = (v: Value): Value => {
  assert(v.kind === "vector", "an enlisted symbol is a vector");
  return symbol(textSymbol(v));
};
const textSymbol = (v: Value & { kind: "vector" }): string => elementAt(v, 0) as string;

const isTarget = (tree: Value): boolean =>
  isName(tree) ||
  (tree.kind === "list" && tree.items.length > 1 && (isName(tree.items[0]!) || isTarget(tree.items[0]!)));

function constant(value: Value): Code {
  return () => value;
}

function compileName(scope: Scope, name: string): Code {
  const { session } = scope;
  const local = scope.names.get(name);
  if (local !== undefined) {
    return (frame) => {
      const v = frame.locals[local];
      // A local that nothing was assigned to yet is ().
      return v ?? session.empty;
    };
  }
  const dot = name.indexOf(".");
  if (dot > 0) {
    // x.year of a local, t.column of a global table
    const holder = scope.names.get(name.slice(0, dot));
    if (holder !== undefined) {
      const field = symbol(name.slice(dot + 1));
      return (frame) => session.dot(frame.locals[holder]!, field);
    }
  }
  if (name === ".z.s") return (frame) => session.selfOf(frame);
  const slot = scope.slot(name);
  return () => {
    const v = slot.value;
    if (v !== undefined) return v;
    return session.readSlot(slot, name);
  };
}

/** `:x` in the middle of an expression. */
function compileInnerReturn(scope: Scope, tree: Value): Code {
  const value = compile(scope, tree);
  return (frame) => {
    frame.result = value(frame);
    throw RETURN;
  };
}

function compileSignal(scope: Scope, at: number, tree: Value): Code {
  const value = compile(scope, tree);
  return (frame) => {
    const v = value(frame);
    frame.position = at;
    if (v.type === -T.symbol || isText(v)) throw userSignal(textOf(v));
    throw signal("stype", "a signal is a symbol or string");
  };
}

function compileDerived(scope: Scope, code: 0 | 1 | 2 | 3 | 4 | 5, tree: Value): Code {
  if (tree.kind === "primitive" || tree.kind === "lambda") {
    const f = derived(code, tree);
    retain(f);
    return constant(f);
  }
  const f = compile(scope, tree);
  return (frame) => derived(code, f(frame));
}

/** (a;b;c): items right to left. */
function compileListOf(scope: Scope, args: readonly Value[]): Code {
  const { session } = scope;
  if (args.includes(session.words.elided)) {
    const codes = args.map((a) => (a === session.words.elided ? constant(a) : compile(scope, a)));
    const f = session.words.keyword("enlist")!;
    return (frame) => project(session, f, evaluateAll(codes, frame), args.length);
  }
  const codes = args.map((a) => compile(scope, a));
  const guarded = args.map((a, i) => guard(scope, a, args.slice(0, i)));
  return (frame) => {
    const from = mark();
    return settle(from, session.enlist(evaluateGuarded(codes, guarded, frame)));
  };
}

function evaluateAll(codes: readonly Code[], frame: Frame): Value[] {
  const values: Value[] = new Array(codes.length);
  for (let i = codes.length - 1; i >= 0; i--) values[i] = codes[i]!(frame);
  return values;
}

/** Evaluates right to left, holding on to borrowed variables that code further left could change. */
function evaluateGuarded(codes: readonly Code[], guarded: readonly boolean[], frame: Frame): Value[] {
  const values: Value[] = new Array(codes.length);
  for (let i = codes.length - 1; i >= 0; i--) {
    const v = codes[i]!(frame);
    // The count stays until the statement's pool is swept.
    values[i] = guarded[i] ? hold(v) : v;
  }
  return values;
}
/**
 * True when `tree` is a variable whose value must be held while `later` (what is evaluated after it) runs: code there
 * may assign to or amend the variable in place. A local can only be changed by this lambda's own text.
 */
function guard(scope: Scope, tree: Value, later: readonly Value[]): boolean {
  if (!isName(tree)) return false;
  const name = tree.value as string;
  if (scope.names.has(name)) return later.some((t) => changesName(scope, t, name));
  return later.some((t) => runsCode(scope, t));
}
function changesName(scope: Scope, tree: Value, name: string): boolean {
  if (tree.kind !== "list" || tree.items.length < 2) return false;
  const { words } = scope.session;
  const head = tree.items[0]!;
  if (tree.items.length === 3 && (head === words.operator(":") || words.throughGlyph(head) !== undefined)) {
    let target = tree.items[1]!;
    while (target.kind === "list" && target.items.length > 0) target = target.items[0]!;
    if (!isName(target) || target.value === name) return true;
  }
  return tree.items.some((t) => changesName(scope, t, name));
}
/** Applies something that is not known to be a harmless primitive, or assigns. */
function runsCode(scope: Scope, tree: Value): boolean {
  if (tree.kind !== "list" || tree.items.length < 2) return false;
  const head = tree.items[0]!;
  if (head.kind !== "primitive") return true;
  const { words } = scope.session;
  if (
    head === words.operator(":") ||
    head === words.nil ||
    head === words.operator("@") ||
    head === words.operator(".")
  )
    return true;
  if (tree.items.length === 3 && words.throughGlyph(head) !== undefined) return true;
  if (CALLING.has(head.row.category)) return true;
  return tree.items.slice(1).some((t) => runsCode(scope, t));
}
const CALLING = new Set(["iterators", "interpret", "io", "env", "table", "join", "sql"]);

/** ?[…] and ![…] with four and more arguments: names in the phrases that are locals become their values. */
function compileSql(scope: Scope, at: number, head: Primitive, args: readonly Value[]): Code {
  const codes = args.map((a) => compile(scope, a));
  const { session } = scope;
  const locals = scope.isLambda ? [...scope.names.keys()] : [];
  return (frame) => {
    const from = mark();
    const values = evaluateAll(codes, frame);
    frame.position = at;
    const closed = locals.length === 0 ? values : session.closeOver(values, scope.names, frame.locals);
    return settle(from, head.row.run(session, ...closed));
  };
}

function compileApplication(scope: Scope, at: number, head: Value, args: readonly Value[]): Code {
  const { session } = scope;
  const { elided } = session.words;
  if (head.kind === "primitive" && !args.includes(elided) && head.row.ranks.includes(args.length)) {
    if (args.length === 1) return compileUnary(scope, at, head, args[0]!);
    if (args.length === 2) return compileBinary(scope, at, head, args[0]!, args[1]!);
  }
  const codes = args.map((a) => (a === elided ? constant(a) : compile(scope, a)));
  const guarded = args.map((a, i) => guard(scope, a, [...args.slice(0, i), head]));
  // Bare variables as arguments are bound (counted) by the callee; natives that call back get them held here.
  const held = args.map((a, i) => guarded[i]! || (isName(a) && !scope.names.has(a.value as string)));
  const f = compile(scope, head);
  const complete = !args.includes(elided);
  if (codes.length === 1) {
    const code = codes[0]!;
    const hold1 = held[0]!;
    return (frame) => {
      const from = mark();
      let x = code(frame);
      if (hold1) x = hold(x);
      const g = f(frame);
      frame.position = at;
      if (complete && g.kind === "lambda") {
        const compiled = (g.compiled as Compiled | undefined) ?? compiledOf(session, g);
        if (compiled.rank === 1) return settle(from, invoke(session, g, compiled, [x]));
      }
      return settle(from, session.apply(g, [x]));
    };
  }
  return (frame) => {
    const from = mark();
    const values = evaluateGuarded(codes, held, frame);
    const g = f(frame);
    frame.position = at;
    if (complete && g.kind === "lambda") {
      const compiled = (g.compiled as Compiled | undefined) ?? compiledOf(session, g);
      if (compiled.rank === values.length) return settle(from, invoke(session, g, compiled, values));
    }
    return settle(from, session.apply(g, values));
  };
}

function compileUnary(scope: Scope, at: number, head: Primitive, arg: Value): Code {
  const { session } = scope;
  const code = compile(scope, arg);
  const { run } = head.row;
  return (frame) => {
    const from = mark();
    const x = code(frame);
    frame.position = at;
    return settle(from, run(session, x));
  };
}

function compileBinary(scope: Scope, at: number, head: Primitive, left: Value, right: Value): Code {
  const { session } = scope;
  const { run } = head.row;
  const l = compile(scope, left);
  const r = compile(scope, right);
  const fast = head.row.glyph === undefined ? undefined : SCALAR[head.row.glyph];
  const hold1 = guard(scope, right, [left]);
  if (
    fast !== undefined &&
    !hold1 &&
    right.kind === "atom" &&
    right.type === -T.long &&
    typeof right.value === "number"
  ) {
    const constantRight = right.value;
    return (frame) => {
      const from = mark();
      const x = l(frame);
      if (x.type === -T.long) {
        const v = fast((x as Atom).value, constantRight);
        if (v !== undefined) return v;
      }
      frame.position = at;
      return settle(from, run(session, x, right));
    };
  }
  if (fast !== undefined && !hold1) {
    return (frame) => {
      const from = mark();
      const y = r(frame);
      const x = l(frame);
      if (x.type === -T.long && y.type === -T.long) {
        const v = fast((x as Atom).value, (y as Atom).value);
        if (v !== undefined) return v;
      }
      frame.position = at;
      return settle(from, run(session, x, y));
    };
  }
  const calls =
    CALLING.has(head.row.category) || head === session.words.operator("@") || head === session.words.operator(".");
  return (frame) => {
    const from = mark();
    let y = r(frame);
    if (hold1 || calls) y = hold(y);
    const x = l(frame);
    frame.position = at;
    return settle(from, run(session, x, y));
  };
}

type Scalar = (x: Atom["value"], y: Atom["value"]) => Value | undefined;
const SAFE = Number.MAX_SAFE_INTEGER;
const arithmetic =
  (op: (x: number, y: number) => number): Scalar =>
  (x, y) => {
    if (typeof x !== "number" || typeof y !== "number") return undefined;
    const v = op(x, y);
    return v <= SAFE && v >= -SAFE ? long(v === 0 ? 0 : v) : undefined;
  };
const comparison =
  (op: (x: number, y: number) => boolean): Scalar =>
  (x, y) =>
    typeof x === "number" && typeof y === "number" ? boolean(op(x, y)) : undefined;
/** Long with long, both exact as JS numbers: the scalar code of loops. Everything else goes through the row. */
const SCALAR: Record<string, Scalar> = {
  "+": arithmetic((x, y) => x + y),
  "-": arithmetic((x, y) => x - y),
  "*": arithmetic((x, y) => x * y),
  "<": comparison((x, y) => x < y),
  ">": comparison((x, y) => x > y),
  "=": comparison((x, y) => x === y),
  "<=": comparison((x, y) => x <= y),
  ">=": comparison((x, y) => x >= y),
  "<>": comparison((x, y) => x !== y),
  "~": comparison((x, y) => x === y),
};

// ---- assignment ------------------------------------------------------------------------------------------------------
export function compileTarget(scope: Scope, tree: Value): Target {
  if (isName(tree)) {
    const name = tree.value as string;
    const local = scope.names.get(name);
    return local === undefined ? { slot: scope.slot(name), name } : { local, name };
  }
  throw signal("assign", "this cannot be assigned to");
}

/** x:y, x[i;…]:y, x op:y, x[i;…]op:y, (a;b):y */
function compileAssign(scope: Scope, at: number, target: Value, op: Value | undefined, right: Value): Code {
  const { session } = scope;
  const value = compile(scope, right);
  if (isName(target)) {
    if (scope.session.words.keyword(target.value as string) !== undefined)
      throw signal("assign", `${target.value} is a keyword`);
    const place = compileTarget(scope, target);
    if (op === undefined) {
      const { local } = place;
      if (local !== undefined) {
        return (frame) => {
          const v = value(frame);
          const old = frame.locals[local];
          retain(v);
          frame.locals[local] = v;
          if (old !== undefined) release(old);
          return v;
        };
      }
      return (frame) => {
        const v = value(frame);
        frame.position = at;
        session.assignSlot(place.slot!, v);
        return v;
      };
    }
    const fast = op.kind === "primitive" ? SCALAR[op.row.glyph ?? ""] : undefined;
    const { local, slot } = place;
    return (frame) => {
      const from = mark();
      const y = value(frame);
      // A counter: long and long, nothing to own.
      const current = local === undefined ? slot!.value : frame.locals[local];
      if (fast !== undefined && current !== undefined && current.type === -T.long && y.type === -T.long) {
        const next = fast((current as Atom).value, (y as Atom).value);
        if (next !== undefined) {
          if (local === undefined) session.assignSlot(slot!, next);
          else frame.locals[local] = next;
          return next;
        }
      }
      frame.position = at;
      return settle(from, assignInto(session, frame, place, [], op, y));
    };
  }
  if (op === undefined && !isTarget(target)) {
    const match = compilePattern(scope, target, compile);
    return (frame) => {
      const v = value(frame);
      frame.position = at;
      return match(frame, v);
    };
  }
  if (target.kind === "list" && target.items.length > 1) {
    let holder = target.items[0]!;
    const indices = target.items.slice(1);
    // x[i][j]:v is x[i;j]:v
    while (holder.kind === "list" && holder.items.length > 1) {
      indices.unshift(...holder.items.slice(1));
      holder = holder.items[0]!;
    }
    const place = compileTarget(scope, holder);
    const codes = indices.map((a) =>
      a === session.words.elided || a === session.words.nil ? constant(session.words.nil) : compile(scope, a),
    );
    return (frame) => {
      const from = mark();
      const y = value(frame);
      const path = evaluateAll(codes, frame);
      frame.position = at;
      return settle(from, assignInto(session, frame, place, path, op, y));
    };
  }
  throw signal("assign");
}

/** :[v;p1;r1;p2;r2;…;rd] */
function compilePatternCond(scope: Scope, at: number, args: readonly Value[]): Code {
  const value = compile(scope, args[0]!);
  const cases: { match: ReturnType<typeof compilePattern>; result: Code }[] = [];
  let k = 1;
  for (; k + 1 < args.length; k += 2)
    cases.push({ match: compilePattern(scope, args[k]!, compile), result: compile(scope, args[k + 1]!) });
  const otherwise = k < args.length ? compile(scope, args[k]!) : constant(scope.session.words.nil);
  return (frame) => {
    const v = value(frame);
    frame.position = at;
    for (const { match, result } of cases) if (matches(frame, v, match)) return result(frame);
    return otherwise(frame);
  };
}

/** What stands behind the `::` of a definition, without a comment. */
function viewText(text: string, at: number): string {
  const tokens = tokenize(text);
  const first = tokens.findIndex((t) => t.start >= at + 2);
  let last = first;
  for (let depth = 0; tokens[last + 1]!.kind !== "end"; last++) {
    const next = tokens[last + 1]!;
    if (next.kind === "open") depth++;
    else if (next.kind === "close") depth--;
    else if (next.kind === "semicolon" && depth === 0 && tokens[last]!.kind !== "open") break;
  }
  return text.slice(tokens[first]!.start, tokens[last]!.end);
}

/** a::x inside a lambda assigns the global; at the top level it defines a view. */
function compileGlobalAssign(scope: Scope, at: number, target: Value, right: Value): Code {
  const { session } = scope;
  if (isName(target)) {
    const name = target.value as string;
    const local = scope.names.get(name);
    if (local !== undefined) return compileAssign(scope, at, target, undefined, right);
    const slot = scope.slot(name);
    if (!scope.isLambda) {
      const value = compile(scope, right);
      return (frame) => {
        // A text defines a view; a parse tree that is evaluated assigns.
        if (frame.text === "") {
          const v = value(frame);
          session.assignSlot(slot, v);
          return v;
        }
        session.defineView(slot, right, scope.context, viewText(frame.text, at));
        return session.words.nil;
      };
    }
    const value = compile(scope, right);
    return (frame) => {
      const v = value(frame);
      frame.position = at;
      session.assignSlot(slot, v);
      return v;
    };
  }
  assert(target.kind === "list", "a target is a name or an application");
  const holder = target.items[0]!;
  if (!isName(holder)) throw signal("assign");
  const place: Target = { slot: scope.slot(holder.value as string), name: holder.value as string };
  const codes = target.items.slice(1).map((a) => compile(scope, a));
  const value = compile(scope, right);
  return (frame) => {
    const from = mark();
    const y = value(frame);
    const path = evaluateAll(codes, frame);
    frame.position = at;
    return settle(from, assignInto(session, frame, place, path, undefined, y));
  };
}

/** Statements that show nothing: assignments, and what ends in a semicolon. */
export function isSilent(session: QSession, tree: Value): boolean {
  if (tree.kind !== "list" || tree.items.length < 2) return tree === session.words.nil;
  const head = tree.items[0]!;
  if (isSequence(head)) return isSilent(session, tree.items[tree.items.length - 1]!);
  const { words } = session;
  if (head === words.operator(":") || (head === words.nil && tree.items.length === 3)) return true;
  return tree.items.length === 3 && isTarget(tree.items[1]!) && words.throughGlyph(head) !== undefined;
}
