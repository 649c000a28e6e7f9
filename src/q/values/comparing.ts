// The six comparisons as atomic operations. Two temporal types meet as basics/comparison.md tabulates (a timestamp is
// read as a time of day beside a minute), other types by underlying value; floats compare tolerantly (basics/precision.md),
// a null equals a null and is less than anything else. Match is in matching.ts, exact look-up in search.ts.

import { convertAtom } from "./convert.ts";
import { datatypeOf, T } from "./datatypes.ts";
import { enumDomain, isEnumType, unenumerate } from "./enumeration.ts";
import {
  type BinaryOp,
  type BinaryPlan,
  bound,
  KERNEL_MINIMUM,
  kernelLetter,
  kernelNamed,
  scratchAt,
  underlying,
} from "./iterate.ts";
import { positionInVector } from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import { kernels, U8, U32 } from "./storage.ts";
import { symbolCount, symbolText } from "./symbols.ts";
import type { Atom, AtomValue, Value, Vector } from "./values.ts";
import { newVector, setLongElement } from "./vectors.ts";

/** 2 to the -43. */
const TOLERANCE = 1.1368683772161603e-13;

/** x=y on floats. */
export function tolerantlyEqual(x: number, y: number): boolean {
  if (x === y) return true;
  if (Number.isNaN(x)) return Number.isNaN(y);
  return Math.abs(x - y) <= TOLERANCE * Math.min(Math.max(Math.abs(x), Math.abs(y)), Number.MAX_VALUE);
}
/** x<y on floats: not when they are tolerantly equal; null is the least. */
export const tolerantlyLess = (x: number, y: number): boolean =>
  (x < y || (Number.isNaN(x) && !Number.isNaN(y))) && !tolerantlyEqual(x, y);
const realLess = (x: number, y: number): boolean => x < y || (Number.isNaN(x) && !Number.isNaN(y));

/** What two temporal types are compared as; the pairs that are not here cannot be compared. */
const meeting = new Map<string, number>();
for (const [x, ys] of Object.entries({
  p: { m: "p", d: "p", z: "p", n: "n", u: "u", v: "v", t: "t" },
  m: { d: "d" },
  d: { z: "z" },
  z: { n: "n", u: "u", v: "v", t: "t" },
  n: { u: "n", v: "n", t: "n" },
  u: { v: "v", t: "t" },
  v: { t: "t" },
})) {
  const number: Record<string, number> = { p: 12, m: 13, d: 14, z: 15, n: 16, u: 17, v: 18, t: 19 };
  for (const [y, as] of Object.entries(ys)) {
    meeting.set(`${number[x]} ${number[y]}`, number[as]);
    meeting.set(`${number[y]} ${number[x]}`, number[as]);
  }
}

const widthOrder = "xhijf";
/** The type that values of two types are compared in; undefined: they cannot be ('type). */
export function comparedAs(x: number, y: number): number | undefined {
  const special = (type: number): boolean => type === T.symbol || type === T.guid;
  if (x === y) return special(x) ? x : underlying(x);
  if (special(x) || special(y)) return undefined;
  const a = datatypeOf(x)!;
  const b = datatypeOf(y)!;
  if (a.temporal && b.temporal) return meeting.get(`${x} ${y}`);
  const letter = (type: number): string => kernelLetter(type).replace("e", "f");
  const wider = widthOrder[Math.max(widthOrder.indexOf(letter(x)), widthOrder.indexOf(letter(y)))];
  return { x: T.byte, h: T.short, i: T.int, j: T.long, f: T.float }[wider];
}

export type Comparison = "eq" | "ne" | "lt" | "gt" | "le" | "ge";
type Test = (x: AtomValue, y: AtomValue) => boolean;

/** Equality and order of two values of one type. */
function testsFor(type: number): { equal: Test; less: Test } {
  const letter = kernelLetter(type);
  if (letter === "f") return { equal: tolerantlyEqual as Test, less: tolerantlyLess as Test };
  if (letter === "e")
    return { equal: (x, y) => x === y || (Number.isNaN(x) && Number.isNaN(y)), less: realLess as Test };
  return { equal: (x, y) => x === y, less: (x, y) => x < y };
}
function testOf(comparison: Comparison, type: number): Test {
  const { equal, less } = testsFor(type);
  switch (comparison) {
    case "eq":
      return equal;
    case "ne":
      return (x, y) => !equal(x, y);
    case "lt":
      return less;
    case "gt":
      return (x, y) => less(y, x);
    case "le":
      return (x, y) => !less(y, x);
    default:
      return (x, y) => !less(x, y);
  }
}

/** Two atoms, or q values that are atoms inside: the order that `<` gives them. */
export function compareAtoms(session: Session, comparison: Comparison, x: Atom, y: Atom): boolean {
  const a = unenumerate(session, x) as Atom;
  const b = unenumerate(session, y) as Atom;
  const type = comparedAs(-a.type, -b.type);
  if (type === undefined)
    throw signal("type", `${datatypeOf(a.type)!.name} is not compared with ${datatypeOf(b.type)!.name}`);
  const at = (v: Atom): AtomValue => (type === -v.type ? v : convertAtom(v, type)).value;
  return testOf(comparison, type)(at(a), at(b));
}

/** Order among symbols is of their texts, which no kernel sees: each distinct id is asked about once. */
function symbolOrder(test: Test, x: Atom | Vector, y: Atom | Vector): Value | undefined {
  if (Math.abs(x.type) !== T.symbol || Math.abs(y.type) !== T.symbol) return undefined;
  if (x.kind === "atom" && y.kind === "atom") return undefined;
  const n = x.kind === "vector" ? x.count : (y as Vector).count;
  if (x.kind === "vector" && y.kind === "vector") {
    if (y.count !== n) throw signal("length", `comparing ${n} and ${y.count} symbols`);
    const result = newVector(T.boolean, n);
    for (let i = 0; i < n; i++) {
      U8[result.at + i] = test(symbolText(U32[x.at / 4 + i]), symbolText(U32[y.at / 4 + i])) ? 1 : 0;
    }
    return result;
  }
  const v = (x.kind === "vector" ? x : y) as Vector;
  if (symbolCount() <= n) {
    // Every symbol there is gets its answer, and the ids pick among them.
    const answers = newVector(T.boolean, symbolCount());
    for (let id = 0; id < answers.count; id++) {
      const text = symbolText(id);
      U8[answers.at + id] = (v === x ? test(text, (y as Atom).value) : test((x as Atom).value, text)) ? 1 : 0;
    }
    const result = newVector(T.boolean, n);
    kernels.get("index_i1")(answers.at, answers.count, v.at, n, result.at, answers.at);
    return result;
  }
  const known = new Map<number, number>();
  const result = newVector(T.boolean, n);
  for (let i = 0; i < n; i++) {
    const id = U32[v.at / 4 + i];
    let answer = known.get(id);
    if (answer === undefined) {
      const text = symbolText(id);
      answer = (v === x ? test(text, (y as Atom).value) : test((x as Atom).value, text)) ? 1 : 0;
      known.set(id, answer);
    }
    U8[result.at + i] = answer;
  }
  return result;
}

/** Equality of an enumeration is equality of indices: with its own kind, or with the position of one symbol. */
function enumEquality(comparison: Comparison, session: Session, x: Atom | Vector, y: Atom | Vector): Value | undefined {
  const ex = isEnumType(x.type);
  const ey = isEnumType(y.type);
  if ((!ex && !ey) || (x.kind === "atom" && y.kind === "atom")) return undefined;
  const n = x.kind === "vector" ? x.count : (y as Vector).count;
  const kernel = kernelNamed(`${comparison}_j`);
  if (kernel === undefined || n < KERNEL_MINIMUM) return undefined;
  const place = (v: Atom | Vector, which: 0 | 1): number => {
    if (v.kind === "vector") return v.at;
    const at = scratchAt(which);
    setLongElement(at, 0, v.value as number | bigint);
    return at;
  };
  if (ex && ey) {
    if (x.domain !== y.domain) return undefined;
    if (x.kind === "vector" && y.kind === "vector" && x.count !== y.count)
      throw signal("length", "enumerations of two lengths");
    const result = newVector(T.boolean, n);
    bound(kernel)(place(x, 0), place(y, 1), result.at, n, x.kind === "atom" ? 1 : y.kind === "atom" ? 2 : 0);
    return result;
  }
  const symbol = ex ? y : x;
  const v = ex ? x : y;
  // The null symbol equals the null index as well as its own place in the domain: the long way knows both.
  if (symbol.kind !== "atom" || symbol.type !== -T.symbol || symbol.value === "" || v.kind !== "vector")
    return undefined;
  const domain = enumDomain(session, v.domain!);
  if (domain.kind !== "vector" || domain.type !== T.symbol) return undefined;
  const at = positionInVector(session, domain, symbol, true);
  const result = newVector(T.boolean, n);
  if (at < 0) {
    U8.fill(comparison === "eq" ? 0 : 1, result.at, result.at + n);
    return result;
  }
  setLongElement(scratchAt(1), 0, at);
  bound(kernel)(v.at, scratchAt(1), result.at, n, 2);
  return result;
}

function comparison(name: string, code: Comparison): BinaryOp {
  const plans = new Map<number, BinaryPlan | undefined>();
  const equality = code === "eq" || code === "ne";
  const makePlan = (x: number, y: number): BinaryPlan | undefined => {
    const type = comparedAs(x, y);
    if (type === undefined) return undefined;
    const test = testOf(code, type);
    const letter = kernelLetter(type);
    return {
      result: T.boolean,
      x: type,
      y: type,
      item: (a, b) => (test(a, b) ? 1 : 0),
      // A symbol is its intern id to a kernel, which knows equality but no order.
      kernel: letter === "s" && !equality ? undefined : kernelNamed(`${code}_${letter}`),
    };
  };
  const symbolTest = testOf(code, T.symbol);
  return {
    name,
    missing: "null",
    plan: (x, y) => {
      const i = x * 20 + y;
      if (!plans.has(i)) plans.set(i, makePlan(x, y));
      return plans.get(i);
    },
    special: equality
      ? (session, x, y) => enumEquality(code, session, x, y)
      : (_session, x, y) => symbolOrder(symbolTest, x, y),
  };
}

export const equalOp = comparison("Equal", "eq");
export const notEqualOp = comparison("Not Equal", "ne");
export const lessThanOp = comparison("Less Than", "lt");
export const greaterThanOp = comparison("Greater Than", "gt");
export const upToOp = comparison("Up To", "le");
export const atLeastOp = comparison("At Least", "ge");
