// What f' f/ f\ f': f/: f\: do with their arguments (ref/maps.md, ref/accumulators.md). One file for the six, since they
// share how items are walked; rows.ts has the keywords.

import { Collector } from "#values/collector.ts";
import { letGo, mark, sweep } from "#values/ownership.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { Derived, Dict, Value } from "#values/values.ts";
import { countOf, dict, gather, isListLike, itemAt, list } from "#values/vectors.ts";

export function applyDerived(session: Session, f: Derived, args: Value[]): Value {
  switch (f.code) {
    case 0:
      return each(session, f.f, args);
    case 1:
      return accumulate(session, f.f, args, false);
    case 2:
      return accumulate(session, f.f, args, true);
    case 3:
      return prior(session, f.f, args);
    case 4:
      return eachRight(session, f.f, args);
    case 5:
      return eachLeft(session, f.f, args);
  }
}

/** Arguments a function is made for; undefined for what takes any number (derived functions, data). */
export function rankOf(session: Session, f: Value): number {
  switch (f.kind) {
    case "lambda":
      return f.parameters.length === 0 ? 1 : f.parameters.length;
    case "primitive":
      return f.row.glyph !== undefined && f.row.ranks.includes(2) ? 2 : f.row.ranks[0]!;
    case "projection":
      return f.rank;
    case "composition":
      return rankOf(session, f.functions[f.functions.length - 1]!);
    case "derived":
      // What / and \ derive is variadic, and taken as unary where a choice must be made: (,/)over x converges.
      return f.code === 0 ? rankOf(session, f.f) : f.code >= 4 ? 2 : 1;
    case "list":
      // A matrix is indexed by two, and so is a list of functions: finite-state machines.
      return f.items.length > 0 && (isListLike(f.items[0]!) || f.items[0]!.type >= 100) ? 2 : 1;
    default:
      return 1;
  }
}

const hasItems = (v: Value): boolean => isListLike(v) || v.kind === "dict";

/** Keys of what is walked, if a dictionary: results get them back. */
function keyed(source: Value, results: Value[] | Collector): Value {
  const values = results instanceof Collector ? results.finish() : gather(results);
  return source.kind === "dict" ? dict(source.keys, values) : values;
}

/** Common item count of the arguments that have items; atoms go along with all. -1: there is none. */
function commonCount(args: readonly Value[]): number {
  let count = -1;
  for (const a of args) {
    if (!hasItems(a)) continue;
    const n = countOf(a);
    if (count >= 0 && count !== n) throw signal("length", `${count} and ${n} items`);
    count = n;
  }
  return count;
}

const itemOr = (v: Value, i: number): Value => (hasItems(v) ? itemAt(v, i) : v);

/** n'[a;b;…]: item i of the result is item i of the n[i]-th argument (ref/maps.md, Case). */
function caseOf(session: Session, n: Value, args: Value[]): Value {
  const count = commonCount([n, ...args]);
  const pick = (k: Value, i: number): Value => {
    if (k.kind !== "atom" || typeof k.value !== "number" || k.value < 0 || k.value >= args.length)
      throw signal("index", "no such case");
    const source = args[k.value]!;
    return source.kind === "atom" ? source : itemAt(source, i);
  };
  const dicts = args.filter((a): a is Dict => a.kind === "dict");
  for (const d of dicts) {
    const same = session.apply2(session.primitive("~"), d.keys, dicts[0]!.keys);
    if (same.kind !== "atom" || same.value === 0) throw signal("domain", "the dictionaries have different keys");
  }
  if (count < 0) return pick(n, 0);
  const results: Value[] = new Array(count);
  for (let i = 0; i < count; i++) results[i] = pick(itemOr(n, i), i);
  return gather(results);
}

const isCase = (f: Value): boolean =>
  (f.kind === "vector" && f.type >= 5 && f.type <= 7) || (f.kind === "atom" && f.type <= -5 && f.type >= -7);

export function each(session: Session, f: Value, args: Value[]): Value {
  if (args.length > 1 && isCase(f)) return caseOf(session, f, args);
  if (args.length === 1) return eachUnary(session, f, args[0]!);
  const dicts = args.filter((a): a is Dict => a.kind === "dict");
  if (args.length === 2 && dicts.length === 2) return eachOverDicts(session, f, dicts[0]!, dicts[1]!);
  const count = commonCount(args);
  if (count < 0) return session.apply(f, args);
  const results: Value[] = new Array(count);
  for (let i = 0; i < count; i++) {
    results[i] = session.apply(
      f,
      args.map((a) => itemOr(a, i)),
    );
    if ((i & 1023) === 1023) session.checkpoint();
  }
  return dicts.length > 0 ? keyed(dicts[0]!, results) : gather(results);
}

function eachUnary(session: Session, f: Value, x: Value): Value {
  if (!hasItems(x)) return session.apply1(f, x);
  const count = countOf(x);
  if (count === 0) return x.kind === "dict" ? dict(x.keys, list([])) : list([]);
  const results = new Collector(count);
  for (let i = 0; i < count; i++) {
    const from = mark();
    const result = session.apply1(f, itemAt(x, i));
    sweep(from, result);
    results.add(result);
    if ((i & 1023) === 1023) session.checkpoint();
  }
  return keyed(x, results);
}

/** Two dictionaries go key by key over the union of their keys. */
function eachOverDicts(session: Session, f: Value, x: Dict, y: Dict): Value {
  const keys = session.apply2(session.primitive("union"), x.keys, y.keys);
  const n = countOf(keys);
  const results: Value[] = [];
  for (let i = 0; i < n; i++) {
    const key = itemAt(keys, i);
    results.push(session.apply2(f, session.apply1(x, key), session.apply1(y, key)));
  }
  return dict(keys, gather(results));
}

export function eachLeft(session: Session, f: Value, args: Value[]): Value {
  if (args.length === 1) return session.apply2(session.primitive("vs"), f, args[0]!);
  const [x, y] = args as [Value, Value];
  if (!hasItems(x)) return session.apply2(f, x, y);
  return walk(session, x, (item) => session.apply2(f, item, y));
}
export function eachRight(session: Session, f: Value, args: Value[]): Value {
  if (args.length === 1) return session.apply2(session.primitive("sv"), f, args[0]!);
  const [x, y] = args as [Value, Value];
  if (!hasItems(y)) return session.apply2(f, x, y);
  return walk(session, y, (item) => session.apply2(f, x, item));
}
function walk(session: Session, x: Value, run: (item: Value) => Value): Value {
  const count = countOf(x);
  const results = new Collector(count);
  for (let i = 0; i < count; i++) {
    const from = mark();
    const result = run(itemAt(x, i));
    sweep(from, result);
    results.add(result);
    if ((i & 1023) === 1023) session.checkpoint();
  }
  return keyed(x, results);
}

/** f':x — f of each item and the one before it; `f':[x0;x]` gives the one before the first. */
export function prior(session: Session, f: Value, args: Value[]): Value {
  if (args.length === 1 && rankOf(session, f) === 1) return eachUnary(session, f, args[0]!);
  const x = args[args.length - 1]!;
  if (!hasItems(x)) return args.length === 1 ? x : session.apply2(f, x, args[0]!);
  const count = countOf(x);
  if (count === 0) return x;
  const results: Value[] = new Array(count);
  let before = args.length === 2 ? args[0]! : firstPrior(session, f, x);
  for (let i = 0; i < count; i++) {
    const item = itemAt(x, i);
    // () is the unit of Join: the first item stays as it is.
    results[i] = i === 0 && args.length === 1 && isJoin(f) ? item : session.apply2(f, item, before);
    before = item;
  }
  return keyed(x, results);
}

const isJoin = (f: Value): boolean => f.kind === "primitive" && f.row.glyph === ",";

/** The item before the first: for + - and friends a value that leaves the first item alone, else the null of its type. */
function firstPrior(session: Session, f: Value, x: Value): Value {
  const first = itemAt(x, 0);
  if (f.kind === "primitive" && f.row.glyph !== undefined) {
    const { glyph } = f.row;
    if (glyph === ",") return list([]);
    if (glyph === "+" || glyph === "-" || glyph === "*" || glyph === "%" || glyph === "&" || glyph === "|") {
      const unit = glyph === "*" || glyph === "%" ? 1 : 0;
      if (glyph === "+" || glyph === "-" || glyph === "*" || glyph === "%")
        return session.execute(unit === 1 ? "1" : "0");
      return first;
    }
  }
  return session.apply1(x, session.execute("0N"));
}
// ---- accumulators ----------------------------------------------------------------------------------------------------
/** Operators whose fold and running fold are keywords with kernels of their own. */
const FOLDS: Record<string, readonly [fold: string, scan: string]> = {
  "+": ["sum", "sums"],
  "*": ["prd", "prds"],
  "|": ["max", "maxs"],
  "&": ["min", "mins"],
};

export function accumulate(session: Session, f: Value, args: Value[], scan: boolean): Value {
  const rank = rankOf(session, f);
  if (
    args.length === 2 &&
    f.kind === "vector" &&
    f.type === 9 &&
    args[0]!.kind === "atom" &&
    args[0]!.type === -9 &&
    scan
  )
    return recurrence(session, args[0]!, f, args[1]!);
  if (args.length === 1) {
    const x = args[0]!;
    if (rank >= 2) return fold(session, f, undefined, x, scan);
    return converge(session, f, x, scan);
  }
  if (args.length === 2) {
    const [x, y] = args as [Value, Value];
    if (rank === 1)
      return isFunction(x) || x.kind === "dict" ? whileTrue(session, f, x, y, scan) : times(session, f, x, y, scan);
    return fold(session, f, x, y, scan);
  }
  return foldMany(session, f, args, scan);
}

/** a b\c on floats: c+b*a, running (the built-in {z+x*y}\[a;b;c]). */
function recurrence(session: Session, a: Value, b: Value, c: Value): Value {
  const plus = session.primitive("+");
  const times = session.primitive("*");
  const results: Value[] = [];
  for (let i = 0, value = a; i < countOf(c); i++) {
    value = session.apply2(plus, itemAt(c, i), session.apply2(times, value, itemAt(b, i)));
    results.push(value);
  }
  return gather(results);
}

const isFunction = (v: Value): boolean => v.type >= 100;

function fold(session: Session, f: Value, init: Value | undefined, x: Value, scan: boolean): Value {
  if (!hasItems(x)) return init === undefined ? x : session.apply2(f, init, x);
  if (f.kind === "primitive" && f.row.glyph !== undefined && x.kind === "vector" && x.count > 0) {
    const words = FOLDS[f.row.glyph];
    // Booleans and bytes widen item by item when folded; sums of plain numbers are what the keyword computes.
    if (words !== undefined && x.type >= 5 && x.type <= 9 && !hasNull(session, x)) {
      if (init === undefined) return sameType(session, x, session.apply1(session.primitive(words[scan ? 1 : 0]), x));
      if (!scan && init.kind === "atom")
        return session.apply2(f, init, sameType(session, x, session.apply1(session.primitive(words[0]), x)));
    }
    if (f.row.glyph === "," && init === undefined && !scan) return x;
  }
  if (f.kind === "primitive" && f.row.glyph === "," && x.kind === "list" && init === undefined && !scan) {
    return session.apply1(session.primitive("raze"), x);
  }
  const count = countOf(x);
  if (count === 0) {
    if (init !== undefined) return scan ? list([]) : init;
    return emptyFold(session, f, x);
  }
  const from = mark();
  let start = 0;
  let value: Value;
  if (init === undefined) {
    value = itemAt(x, 0);
    start = 1;
    // The unit of Join is the empty list, so that a scan starts with a list.
    if (scan && f.kind === "primitive" && f.row.glyph === "," && value.kind === "atom")
      value = session.apply1(session.primitive("enlist"), value);
  } else value = init;
  if (!scan) {
    const moves = x.kind === "vector" && takesOver(f, 2);
    for (let i = start; i < count; i++) {
      const item = itemAt(x, i);
      // The accumulator is the lambda's alone: x,y there may append in place.
      if (moves && i > start) letGo(value, from);
      value = session.apply2(f, value, item);
      sweep(from, value);
      if ((i & 1023) === 1023) session.checkpoint();
    }
    return value;
  }
  const results = new Collector(count);
  if (start === 1) results.add(value);
  for (let i = start; i < count; i++) {
    value = session.apply2(f, value, itemAt(x, i));
    results.add(value);
    if ((i & 1023) === 1023) session.checkpoint();
  }
  return keyed(x, results);
}

/** +/ of ints is an int while sum gives a long: the fold keeps to the operator's own result type. */
function sameType(session: Session, x: Value, result: Value): Value {
  const wanted = x.type;
  if (Math.abs(result.type) === wanted) return result;
  return session.apply2(session.primitive("$"), session.execute(`${wanted}h`), result);
}
const hasNull = (session: Session, x: Value): boolean => {
  const any = session.apply1(session.primitive("any"), session.apply1(session.primitive("null"), x));
  return any.kind === "atom" && any.value !== 0;
};

/** +/() and friends: the operator's unit for its known cases, else the empty list itself. */
function emptyFold(session: Session, f: Value, x: Value): Value {
  if (f.kind === "primitive" && f.row.glyph !== undefined) {
    const words = FOLDS[f.row.glyph];
    if (words !== undefined && x.kind === "vector") return session.apply1(session.primitive(words[0]), x);
    if (words !== undefined)
      return session.execute(
        f.row.glyph === "*" ? "1" : f.row.glyph === "+" ? "0" : f.row.glyph === "|" ? "-0w" : "0w",
      );
  }
  if (f.kind === "primitive" && f.row.glyph === ",") return x;
  // A list used as a function gives an empty list of its own type; a function with no known unit gives ().
  if (f.kind === "vector") return session.apply2(session.primitive("#"), session.execute("0"), f);
  return list([]);
}

/** f/x with unary f: until the value repeats the last one, or the first. */
function converge(session: Session, f: Value, x: Value, scan: boolean): Value {
  const match = session.primitive("~");
  const same = (a: Value, b: Value): boolean => (session.apply2(match, a, b) as { value: unknown }).value !== 0;
  const results: Value[] = [x];
  const from = mark();
  let value = x;
  for (let n = 1; ; n++) {
    const next = session.apply1(f, value);
    if (same(next, value) || same(next, x)) return scan ? gather(results) : value;
    if (scan) results.push(next);
    else sweep(from, next);
    value = next;
    if ((n & 255) === 0) session.checkpoint();
  }
}

/** n f/x */
function times(session: Session, f: Value, n: Value, x: Value, scan: boolean): Value {
  if (n.kind !== "atom" || n.type < -7 || n.type === -2 || n.type > 0) throw signal("type", "a count is wanted");
  const count = Number(n.value);
  const results: Value[] = [x];
  const from = mark();
  let value = x;
  const moves = !scan && takesOver(f, 1);
  for (let i = 0; i < count; i++) {
    if (moves && i > 0) letGo(value, from);
    value = session.apply1(f, value);
    if (scan) results.push(value);
    else sweep(from, value);
    if ((i & 1023) === 1023) session.checkpoint();
  }
  return scan ? gather(results) : value;
}

/** A lambda with all its arguments given counts them as its own while it runs. */
const takesOver = (f: Value, rank: number): boolean => f.kind === "lambda" && f.parameters.length === rank;

/** t f/x: while t of the value holds. */
function whileTrue(session: Session, f: Value, test: Value, x: Value, scan: boolean): Value {
  const results: Value[] = [x];
  const from = mark();
  let value = x;
  for (let n = 1; ; n++) {
    const t = session.apply1(test, value);
    if (t.kind !== "atom") throw signal("type", "a test gives a boolean or number");
    if (t.value === 0 || typeof t.value === "string") return scan ? gather(results) : value;
    value = session.apply1(f, value);
    if (scan) results.push(value);
    else sweep(from, value);
    if ((n & 1023) === 0) session.checkpoint();
  }
}

/** f/[x;y;z…] with the items of y, z … in step. */
function foldMany(session: Session, f: Value, args: Value[], scan: boolean): Value {
  let value = args[0]!;
  const rest = args.slice(1);
  const count = commonCount(rest);
  if (count < 0) return session.apply(f, args);
  const results: Value[] = [];
  const from = mark();
  for (let i = 0; i < count; i++) {
    value = session.apply(f, [value, ...rest.map((a) => itemOr(a, i))]);
    if (scan) results.push(value);
    else sweep(from, value);
  }
  return scan ? gather(results) : value;
}
