// f[args…] for every kind of f: lambdas, primitives, projections, compositions, derived functions, handles, and data.

import { applyDerived } from "#iterators/derived.ts";
import { index, indexDeep } from "#values/indexing.ts";
import { leave, mark, own, retain, surrender } from "#values/ownership.ts";
import { QSignal, signal, unreachable } from "#values/signals.ts";
import { Composition, Derived, type Lambda, type Primitive, Projection, type Value } from "#values/values.ts";
import { compileLambda, type Compiled } from "./compile.ts";
import { Frame, RETURN } from "./frame.ts";
import { generate } from "./generate.ts";
import type { QSession } from "./session.ts";

/** Deeper q recursion signals 'stack. Each level costs some ten JS frames. */
const MAX_DEPTH = 2000;
/** After so many applications generating source pays: it costs some 50 µs, and a JIT's attention. */
const HOT = 500;

export function apply(session: QSession, f: Value, args: Value[]): Value {
  switch (f.kind) {
    case "lambda":
      return applyLambda(session, f, args);
    case "primitive":
      return applyPrimitive(session, f, args);
    case "projection":
      return applyProjection(session, f, args);
    case "composition": {
      const { functions } = f;
      let value = apply(session, functions[functions.length - 1]!, args);
      for (let i = functions.length - 2; i >= 0; i--) value = apply(session, functions[i]!, [value]);
      return value;
    }
    case "derived":
      if (hasHole(session, args)) return project(session, f, args, 0);
      return applyDerived(session, f, args);
    case "iterator":
      if (args.length === 1) return derived(f.code, args[0]!);
      if (f.code === 0) return composition(session, args);
      throw signal("rank");
    case "atom":
      return applyAtom(session, f, args);
    case "vector":
    case "list":
    case "dict":
    case "table":
      if (args.length === 1) return args[0] === session.words.elided ? f : index(session, f, args[0]!);
      return indexDeep(
        session,
        f,
        args.map((a) => (a === session.words.elided ? undefined : a)),
      );
    default:
      return unreachable(f);
  }
}

export function derived(code: 0 | 1 | 2 | 3 | 4 | 5, f: Value): Derived {
  retain(f);
  return own(new Derived(code, f));
}

/** '[f;g;…]: the last takes the arguments, the others one value. */
export function composition(session: QSession, functions: Value[]): Value {
  if (hasHole(session, functions)) return project(session, session.words.iterator(0), functions, 0);
  for (const f of functions) retain(f);
  return own(new Composition([...functions]));
}

const hasHole = (session: QSession, args: readonly Value[]): boolean => args.includes(session.words.elided);

/** f with `args` given, holes and missing ones wanted. `rank` 0: as many as there are holes. */
export function project(session: QSession, f: Value, args: readonly Value[], rank: number): Projection {
  const elided = session.words.elided;
  const given = args.map((a) => (a === elided ? undefined : a));
  const holes = given.filter((a) => a === undefined).length;
  retain(f);
  for (const a of given) if (a !== undefined) retain(a);
  return own(new Projection(f, given, rank === 0 ? holes : holes + Math.max(0, rank - args.length)));
}

function applyProjection(session: QSession, p: Projection, args: Value[]): Value {
  const full: Value[] = [];
  let next = 0;
  for (const a of p.given) full.push(a ?? args[next++] ?? session.words.elided);
  while (next < args.length) full.push(args[next++]!);
  if (args.length < p.rank || hasHole(session, full)) {
    const missing = p.rank - args.length;
    if (missing > 0 || hasHole(session, full)) {
      const trailing = Math.max(0, missing - full.filter((a) => a === session.words.elided).length);
      return project(session, p.f, full, full.length + trailing);
    }
  }
  return apply(session, p.f, full);
}

export function applyPrimitive(session: QSession, f: Primitive, args: Value[]): Value {
  const { row } = f;
  const count = args.length;
  if (hasHole(session, args)) {
    if (f === session.words.nil) return project(session, f, args, 1);
    return project(session, f, args, Math.max(count, row.ranks[0]!));
  }
  if (row.ranks.includes(count)) return row.run(session, ...args);
  const largest = row.ranks[row.ranks.length - 1]!;
  if (count < row.ranks[0]!) return project(session, f, args, row.ranks[0]!);
  if (count > largest && largest < 8) throw signal("rank", `${row.name} takes ${row.ranks.join(" or ")}, not ${count}`);
  return row.run(session, ...args);
}

export function compiledOf(session: QSession, f: Lambda): Compiled {
  return (f.compiled ??= compileLambda(session, f)) as Compiled;
}

export function applyLambda(session: QSession, f: Lambda, args: Value[]): Value {
  const compiled = compiledOf(session, f);
  const { rank } = compiled;
  if (args.length < rank || hasHole(session, args)) {
    if (args.length > rank) throw signal("rank");
    return project(session, f, args, rank);
  }
  // {[] …}[::] is how a function without parameters is called.
  if (args.length > rank && !(rank === 0 && args.length === 1))
    throw signal("rank", `${rank} wanted, ${args.length} given`);
  return invoke(session, f, compiled, rank === args.length ? [...args] : args.slice(0, rank));
}

/** Runs a lambda whose arguments are all there. `locals` starts with them and becomes the frame's. */
export function invoke(session: QSession, f: Lambda, compiled: Compiled, locals: (Value | undefined)[]): Value {
  const { direct } = compiled;
  if (direct !== undefined) {
    return compiled.rank === 1
      ? direct(locals[0]!)
      : compiled.rank === 2
        ? direct(locals[0]!, locals[1]!)
        : direct(...(locals as Value[]).slice(0, compiled.rank));
  }
  if (++compiled.calls === HOT) compiled.direct = generate(session, f, compiled.names);
  if ((++session.calls & 4095) === 0) session.checkpoint();
  const from = mark();
  for (let i = 0; i < compiled.rank; i++) {
    const a = locals[i]!;
    if (a.kind !== "atom") a.refs++;
  }
  for (let i = compiled.rank; i < compiled.locals; i++) locals[i] = undefined;
  if (session.depth >= MAX_DEPTH) {
    leave(from, session.words.nil, locals);
    throw signal("stack");
  }
  const outer = session.frame;
  const frame = new Frame(locals, f, outer);
  session.frame = frame;
  session.depth++;
  f.refs++;
  try {
    const result = compiled.body(frame);
    leave(from, result, locals);
    return result;
  } catch (error) {
    if (error === RETURN && frame.result !== undefined) {
      leave(from, frame.result, locals);
      return frame.result;
    }
    // The trap sweeps the pool down to its own mark; a local's count is handed to the pool until then, since the
    // values an error unwinds past may still be on somebody's JS stack.
    for (const v of locals) if (v !== undefined) surrender(v);
    if (error instanceof QSignal) session.trace(error, frame);
    throw error;
  } finally {
    session.frame = outer;
    session.depth--;
    f.refs--;
  }
}

/** Symbols name globals, numbers are handles. */
function applyAtom(session: QSession, f: Value & { kind: "atom" }, args: Value[]): Value {
  if (f.type === -11) {
    const name = f.value as string;
    if (name.startsWith(":")) return session.applyFile(name, args);
    const value = session.read(name);
    if (value === undefined) throw session.unknownName(name);
    return apply(session, value, args);
  }
  if (f.type === -6 || f.type === -7 || f.type === -5) return session.applyHandle(Number(f.value), args);
  throw signal("type", "an atom cannot be applied");
}
