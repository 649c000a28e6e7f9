// The atomic engine: walks atoms, vectors, lists, dictionaries and tables down to pairs of atoms (or single ones), makes
// lengths conform, brings two types together, lets nulls through and picks the kernel. A primitive says only what is
// its own: its range table, the meaning of one pair, its kernel's name (style.md §3).

import { convertVector, converter, retype } from "./convert.ts";
import { datatypeByLetter, datatypeOf, INT_NULL, LONG_NULL, T } from "./datatypes.ts";
import { unenumerate } from "./enumeration.ts";
import { mark, sweep } from "./ownership.ts";
import type { Kernel } from "#kernels/loader.ts";
import { primitive } from "./primitive.ts";

import type { Session } from "./session.ts";
import { assert, signal } from "./signals.ts";
import { allocate, F32, F64, I16, I32, kernels, U8 } from "./storage.ts";
import { symbolId } from "./symbols.ts";
import type { Atom, AtomValue, Category, Dict, PrimitiveRow, Table, Value, Vector } from "./values.ts";
import {
  atom,
  canonicalLong,
  columnAt,
  countOf,
  dict,
  elementAt,
  gather,
  itemAt,
  itemsOf,
  list,
  long,
  newVector,
  nullOf,
  rowCount,
  setElement,
  setLongElement,
  symbolTexts,
  table,
} from "./vectors.ts";

/** A kernel that is compiled when the first vector comes: atoms never pay for it. */
export interface KernelRef {
  readonly name: string;
  run: Kernel | undefined;
}
/** `add_j` and so on; undefined where there is no such kernel, which means the plain loop. */
export const kernelNamed = (name: string): KernelRef | undefined =>
  kernels.has(name) ? { name, run: undefined } : undefined;
export const bound = (ref: KernelRef): Kernel => (ref.run ??= kernels.get(ref.name));

/** A kernel for each type that a vector may have, by its letter: `sum` gives sum_j, sum_f … each bound once. */
export function kernelsByType(name: string): (type: number) => Kernel {
  const known: Kernel[] = new Array(20);
  return (type) => (known[type] ??= kernels.get(`${name}_${kernelLetter(type)}`));
}

/** TRIED 6: the loop over three items takes 175 ns, a kernel's call with all around it 100. */
export const KERNEL_MINIMUM = 2;

// ---- range tables ----------------------------------------------------------------------------------------------------
/** Result type by the argument types (x*20+y, or x); 0 signals 'type. The text is read when it is first asked. */
export class Range {
  private cells: Uint8Array | undefined;
  constructor(
    private readonly text: string,
    private readonly read: (text: string) => Uint8Array,
  ) {}
  at(place: number): number {
    this.cells ??= this.read(this.text);
    return this.cells[place]!;
  }
}

/** Reads a table as the reference prints it: a line of column letters, then a line per row, "." for no result. */
export const rangeTable = (text: string): Range => new Range(text, readTable);
export function readTable(text: string): Uint8Array {
  const range = new Uint8Array(400);
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const columns = lines[0].map((letter) => datatypeByLetter(letter)!.number);
  for (const [row, ...cells] of lines.slice(1)) {
    assert(cells.length === columns.length, `range row ${row} is as wide as its table`);
    const x = datatypeByLetter(row)!.number;
    for (let c = 0; c < cells.length; c++)
      if (cells[c] !== ".") range[x * 20 + columns[c]] = datatypeByLetter(cells[c])!.number;
  }
  return range;
}

/** The same for a unary function: "domain" letters above "range" letters. */
export const rangeRow = (text: string): Range => new Range(text, readRow);
function readRow(text: string): Uint8Array {
  const [domain, result] = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  assert(domain.length === result.length, "a range row is as wide as its domain");
  const range = new Uint8Array(20);
  for (let i = 0; i < domain.length; i++)
    if (result[i] !== ".") range[datatypeByLetter(domain[i])!.number] = datatypeByLetter(result[i])!.number;
  return range;
}

// ---- plans -----------------------------------------------------------------------------------------------------------
/** What is done with one pair of types. */
export interface BinaryPlan {
  /** Type number of the result. */
  readonly result: number;
  /** Types that the operands are converted to first. */
  readonly x: number;
  readonly y: number;
  /** The meaning, after conversion. */
  readonly item: (x: AtomValue, y: AtomValue) => AtomValue;
  readonly kernel: KernelRef | undefined;
  /** A kernel that takes the operands as they are, saving the conversion. */
  readonly mixed?: KernelRef | undefined;
  /** The type `item` and `kernel` give when it is not the result's own; converted afterwards. */
  readonly via?: number | undefined;
}
export interface UnaryPlan {
  readonly result: number;
  readonly x: number;
  readonly item: (x: AtomValue) => AtomValue;
  readonly kernel: KernelRef | undefined;
}

/** How a dictionary's key that the other one lacks is answered. */
export type Missing = "keep" | "negate" | "null";

export interface BinaryOp {
  readonly name: string;
  readonly missing: Missing;
  /** undefined: 'type. */
  plan(x: number, y: number): BinaryPlan | undefined;
  /** Tried on two vectors or a vector and an atom before types are brought together (enumerations). */
  special?: (session: Session, x: Vector | Atom, y: Vector | Atom) => Value | undefined;
}
export interface UnaryOp {
  readonly name: string;
  plan(x: number): UnaryPlan | undefined;
  /** For functions whose vectors have a way of their own. */
  special?: (session: Session, x: Vector | Atom) => Value | undefined;
  /** What functions give; 'type when there is nothing to give. */
  other?: (x: Value) => Value;
}

/** The number type under a type: what its arithmetic is done in. */
export function underlying(type: number): number {
  switch (datatypeOf(type)!.raw) {
    case "i":
      return T.int;
    case "j":
      return T.long;
    case "f":
      return T.float;
    default:
      return type;
  }
}

/** Letter of the kernels for a type: booleans, bytes and chars share "x". */
export const kernelLetter = (type: number): string => {
  const { raw } = datatypeOf(type)!;
  return raw === "b" || raw === "c" ? "x" : raw;
};

const INT_MASK = 0xffffffffn;
/** Integer arithmetic on ints: null if either is null, else wraps at 2^32. */
function intItem(item: (x: number, y: number) => number, big: (x: bigint, y: bigint) => bigint): BinaryPlan["item"] {
  return (x, y) => {
    if (x === INT_NULL || y === INT_NULL) return INT_NULL;
    const r = item(x as number, y as number);
    if (r >= -2147483648 && r <= 2147483647) return r + 0;
    if (Number.isNaN(r)) return INT_NULL;
    return Number(BigInt.asIntN(32, big(BigInt(x as number), BigInt(y as number)) & INT_MASK));
  };
}
/** On longs: numbers while exact, else bigints wrapping at 2^64. `item` may return NaN for null (division by zero). */
function longItem(item: (x: number, y: number) => number, big: (x: bigint, y: bigint) => bigint): BinaryPlan["item"] {
  return (x, y) => {
    if (typeof x === "number" && typeof y === "number") {
      const r = item(x, y);
      if (Number.isSafeInteger(r)) return r + 0;
      if (Number.isNaN(r)) return LONG_NULL;
    } else if (x === LONG_NULL || y === LONG_NULL) return LONG_NULL;
    const a = BigInt(x);
    const b = BigInt(y);
    return canonicalLong(big(a, b));
  };
}

export interface Arithmetic {
  readonly name: string;
  readonly range: Range;
  readonly item: (x: number, y: number) => number;
  readonly big: (x: bigint, y: bigint) => bigint;
  /** When floats have a meaning of their own. */
  readonly float?: (x: number, y: number) => number;
  /** Kernels `<kernel>_i`, `_j`, `_e`, `_f`, and `_jf` and so on for mixed operands. */
  readonly kernel?: string;
  readonly missing?: Missing;
  /** The type computed in, when it is not the result's own (Divide computes integers straight to floats). */
  readonly compute?: (x: number, y: number, result: number) => number;
}

/** An operator on underlying numbers, by its range table. Two temporal types meet in the result's. */
export function arithmetic(spec: Arithmetic): BinaryOp {
  const plans: (BinaryPlan | null | undefined)[] = new Array(400);
  const float = spec.float ?? spec.item;
  const makePlan = (x: number, y: number): BinaryPlan | null => {
    const result = spec.range.at(x * 20 + y);
    if (result === 0) return null;
    const target = spec.compute?.(x, y, result) ?? result;
    const both = x !== y && datatypeOf(x)!.temporal && datatypeOf(y)!.temporal && datatypeOf(target)!.temporal;
    const to = both ? target : underlying(target);
    const raw = kernelLetter(target);
    const item =
      raw === "f"
        ? (float as BinaryPlan["item"])
        : raw === "e"
          ? (a: AtomValue, b: AtomValue) => Math.fround(float(a as number, b as number))
          : raw === "j"
            ? longItem(spec.item, spec.big)
            : intItem(spec.item, spec.big);
    assert(raw === "i" || raw === "j" || raw === "e" || raw === "f", `${spec.name} computes in a number type`);
    const letters = kernelLetter(x) + kernelLetter(y);
    // A float result may come straight from integers (divide_jj is called divide_j): the kernel turns nulls to 0n.
    const direct = letters[0] === letters[1] ? letters[0] : letters;
    const mixed =
      raw === "f" && !both && direct !== "f" && spec.kernel !== undefined
        ? mixedKernel(spec.kernel, direct, result)
        : undefined;
    return {
      result,
      x: to,
      y: to,
      item,
      mixed,
      kernel: spec.kernel === undefined ? undefined : kernelNamed(`${spec.kernel}_${raw}`),
    };
  };
  return {
    name: spec.name,
    missing: spec.missing ?? "keep",
    plan: (x, y) => {
      const i = x * 20 + y;
      let plan = plans[i];
      if (plan === undefined) {
        plan = makePlan(x, y);
        plans[i] = plan;
      }
      return plan ?? undefined;
    },
  };
}
function mixedKernel(kernel: string, letters: string, result: number): KernelRef | undefined {
  // add_j adds longs to longs; only Divide's one-letter kernels make floats of integers.
  if (letters.length === 1 && kernel !== "divide") return undefined;
  return datatypeOf(result)!.raw === "f" ? kernelNamed(`${kernel}_${letters}`) : undefined;
}

// ---- walking: two arguments ------------------------------------------------------------------------------------------
const isSimple = (v: Value): v is Atom | Vector => v.kind === "atom" || v.kind === "vector";

export function applyBinary(op: BinaryOp, session: Session, x: Value, y: Value): Value {
  if (isSimple(x) && isSimple(y)) return simpleBinary(op, session, x, y);
  if (x.kind === "dict" || y.kind === "dict") return dictBinary(op, session, x, y);
  if (x.kind === "table" || y.kind === "table") return tableBinary(op, session, x, y);
  const xs = x.kind === "list" || x.kind === "vector";
  const ys = y.kind === "list" || y.kind === "vector";
  if ((!xs && x.kind !== "atom") || (!ys && y.kind !== "atom")) throw signal("type", `${op.name} of a function`);
  const n = xs ? countOf(x) : countOf(y);
  if (xs && ys && n !== countOf(y)) throw signal("length", `${op.name}: ${n} and ${countOf(y)} items`);
  if (n === 0) return list([]);
  const items: Value[] = new Array(n);
  for (let i = 0; i < n; i++) items[i] = applyBinary(op, session, xs ? itemAt(x, i) : x, ys ? itemAt(y, i) : y);
  return gather(items);
}

function simpleBinary(op: BinaryOp, session: Session, x: Atom | Vector, y: Atom | Vector): Value {
  if (op.special !== undefined) {
    const special = op.special(session, x, y);
    if (special !== undefined) return special;
  }
  const xt = x.type < 0 ? -x.type : x.type;
  const yt = y.type < 0 ? -y.type : y.type;
  if (xt >= T.enum || yt >= T.enum) {
    return applyBinary(op, session, unenumerate(session, x), unenumerate(session, y));
  }
  const plan = op.plan(xt, yt);
  if (plan === undefined) throw signal("type", `${op.name} of ${datatypeOf(xt)!.name} and ${datatypeOf(yt)!.name}`);
  if (x.kind === "atom") {
    if (y.kind === "atom") {
      const a = plan.x === xt ? x.value : converter(xt, plan.x)!(x.value);
      const b = plan.y === yt ? y.value : converter(yt, plan.y)!(y.value);
      const value = plan.item(a, b);
      return atom(plan.result, plan.via === undefined ? value : converter(plan.via, underlying(plan.result))!(value));
    }
    return vectorBinary(plan, x, y, y.count);
  }
  if (y.kind === "vector" && x.count !== y.count) throw signal("length", `${op.name}: ${x.count} and ${y.count} items`);
  return vectorBinary(plan, x, y, x.count);
}

/** Two places for an atom operand of a kernel; allocated on first use and kept. */
const scratch = { at: 0 };
export function scratchAt(place: 0 | 1): number {
  if (scratch.at === 0) scratch.at = allocate(64);
  return scratch.at + place * 32;
}
/** Writes one element of a type at an address of our own. */
export function poke(type: number, at: number, value: AtomValue): void {
  switch (datatypeOf(type)!.raw) {
    case "h":
      I16[at / 2] = value as number;
      return;
    case "i":
      I32[at / 4] = value as number;
      return;
    case "j":
      setLongElement(at, 0, value as number | bigint);
      return;
    case "e":
      F32[at / 4] = value as number;
      return;
    case "f":
      F64[at / 8] = value as number;
      return;
    case "s":
      I32[at / 4] = symbolId(value as string);
      return;
    case "g":
      for (let k = 0; k < 16; k++) U8[at + k] = (value as string).charCodeAt(k);
      return;
    default:
      U8[at] = value as number;
  }
}

function operandAt(v: Atom | Vector, to: number, place: 0 | 1): number {
  if (v.kind === "vector") return v.type === to ? v.at : convertVector(v, to).at;
  const at = scratchAt(place);
  const type = -v.type;
  poke(to, at, type === to ? v.value : converter(type, to)!(v.value));
  return at;
}

function vectorBinary(plan: BinaryPlan, x: Atom | Vector, y: Atom | Vector, n: number): Vector {
  if (plan.via !== undefined) {
    const computed = vectorBinary({ ...plan, result: plan.via, via: undefined }, x, y, n);
    return retype(convertVector(computed, underlying(plan.result)), plan.result);
  }
  const shape = x.kind === "atom" ? 1 : y.kind === "atom" ? 2 : 0;
  if (n >= KERNEL_MINIMUM) {
    if (plan.mixed !== undefined) {
      const result = newVector(plan.result, n);
      const xAt = operandAt(x, Math.abs(x.type), 0);
      bound(plan.mixed)(xAt, operandAt(y, Math.abs(y.type), 1), result.at, n, shape);
      return result;
    }
    if (plan.kernel !== undefined) {
      const result = newVector(plan.result, n);
      const from = mark();
      const xAt = operandAt(x, plan.x, 0);
      bound(plan.kernel)(xAt, operandAt(y, plan.y, 1), result.at, n, shape);
      sweep(from);
      return result;
    }
  }
  const result = newVector(plan.result, n);
  const { item } = plan;
  const xt = x.type < 0 ? -x.type : x.type;
  const yt = y.type < 0 ? -y.type : y.type;
  const fromX = xt === plan.x ? undefined : converter(xt, plan.x)!;
  const fromY = yt === plan.y ? undefined : converter(yt, plan.y)!;
  const oneX = x.kind === "atom" ? (fromX === undefined ? x.value : fromX(x.value)) : 0;
  const oneY = y.kind === "atom" ? (fromY === undefined ? y.value : fromY(y.value)) : 0;
  for (let i = 0; i < n; i++) {
    let a = oneX;
    let b = oneY;
    if (x.kind === "vector") {
      a = elementAt(x, i);
      if (fromX !== undefined) a = fromX(a);
    }
    if (y.kind === "vector") {
      b = elementAt(y, i);
      if (fromY !== undefined) b = fromY(b);
    }
    setElement(result, i, item(a, b));
  }
  return result;
}

// ---- dictionaries and tables -----------------------------------------------------------------------------------------
/** A JS key that is the same for matching q values. */
export function identityOf(v: Value): string | number {
  if (v.kind === "atom") {
    if (v.type === -T.long && typeof v.value === "number") return v.value;
    return `${v.type}:${v.value}`;
  }
  if (v.kind === "vector" || v.kind === "list") return `${v.type}(${itemsOf(v).map(identityOf).join(";")})`;
  if (v.kind === "dict") return `!${identityOf(v.keys)}!${identityOf(v.values)}`;
  if (v.kind === "table") return `+${v.names.join()}${v.names.map((_, c) => identityOf(columnAt(v, c))).join("|")}`;
  return `f${v.type}`;
}

function sameKeys(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === "vector" && b.kind === "vector") {
    if (a.type !== b.type || a.count !== b.count || a.domain !== b.domain) return false;
    for (let i = 0; i < a.count; i++) if (elementAt(a, i) !== elementAt(b, i)) return false;
    return true;
  }
  if (a.kind === "table" && b.kind === "table") {
    return (
      a.names.length === b.names.length &&
      a.names.every((name, c) => name === b.names[c]) &&
      a.names.every((_, c) => sameKeys(columnAt(a, c), columnAt(b, c)))
    );
  }
  return false;
}

/** Items of `v` at the positions, in the simplest form; a table stays a table. */
function pick(v: Value, positions: number[]): Value {
  if (v.kind === "table")
    return table(
      v.names,
      v.names.map((_, c) => pick(columnAt(v, c), positions)),
    );
  if (v.kind === "vector") {
    const result = newVector(v.type, positions.length, v.domain);
    for (let i = 0; i < positions.length; i++) setElement(result, i, elementAt(v, positions[i]));
    return result;
  }
  return gather(positions.map((i) => itemAt(v, i)));
}
/** x then y, item by item. */
function append(x: Value, y: Value): Value {
  if (x.kind === "table" && y.kind === "table") {
    return table(
      x.names,
      x.names.map((name, c) => {
        const d = y.names.indexOf(name);
        if (d < 0) throw signal("mismatch", `no column ${name} in both tables`);
        return append(columnAt(x, c), columnAt(y, d));
      }),
    );
  }
  return gather([...itemsOf(x), ...itemsOf(y)]);
}

export interface KeyUnion {
  keys: Value;
  /** For each key of the union its position in x and in y, or -1. */
  inX: number[];
  inY: number[];
}
/** Keys of x, then those of y that x lacks. */
export function keyUnion(x: Value, y: Value): KeyUnion {
  const known = new Map<string | number, number>();
  const nx = countOf(x);
  const ny = countOf(y);
  const inX: number[] = [];
  const inY: number[] = [];
  for (let i = 0; i < nx; i++) {
    const id = identityOf(itemAt(x, i));
    if (!known.has(id)) known.set(id, i);
    inX.push(i);
    inY.push(-1);
  }
  const added: number[] = [];
  for (let i = 0; i < ny; i++) {
    const id = identityOf(itemAt(y, i));
    const at = known.get(id);
    if (at !== undefined) {
      if (inY[at] < 0) inY[at] = i;
      continue;
    }
    known.set(id, inX.length);
    inX.push(-1);
    inY.push(i);
    added.push(i);
  }
  return { keys: added.length === 0 ? x : nx === 0 ? y : append(x, pick(y, added)), inX, inY };
}

function dictBinary(op: BinaryOp, session: Session, x: Value, y: Value): Value {
  if (x.kind === "dict" && y.kind === "dict") {
    if (sameKeys(x.keys, y.keys)) return dict(x.keys, applyBinary(op, session, x.values, y.values));
    const union = keyUnion(x.keys, y.keys);
    return dict(union.keys, unionBinary(op, session, x.values, y.values, union));
  }
  const [d, other] = x.kind === "dict" ? [x, y] : [y as Dict, x];
  // A table is a list of dictionaries: each row meets the dictionary (never a keyed table).
  if (other.kind === "table" && d.keys.kind !== "table") return rowsBinary(op, session, x, y);
  return dict(d.keys, x === d ? applyBinary(op, session, d.values, y) : applyBinary(op, session, x, d.values));
}

/** Values under a union of keys: both, or one of them as `missing` says. */
function unionBinary(op: BinaryOp, session: Session, x: Value, y: Value, union: KeyUnion): Value {
  if (x.kind === "table" && y.kind === "table") {
    return columnsBinary(op, session, x, y, (a, b) => unionBinary(op, session, a, b, union));
  }
  const n = union.inX.length;
  const items: Value[] = new Array(n);
  for (let i = 0; i < n; i++) {
    const a = union.inX[i] < 0 ? undefined : itemAt(x, union.inX[i]);
    const b = union.inY[i] < 0 ? undefined : itemAt(y, union.inY[i]);
    items[i] =
      a === undefined
        ? alone(op, session, x, b!, false)
        : b === undefined
          ? alone(op, session, y, a, true)
          : applyBinary(op, session, a, b);
  }
  return gather(harmonised(items, x, y));
}
/** A value whose partner is missing; `left`: it stands on the left. */
function alone(op: BinaryOp, session: Session, partners: Value, v: Value, left: boolean): Value {
  if (op.missing === "negate") return left ? v : applyBinary(op, session, long(0), v);
  if (op.missing === "keep") return v;
  const nothing = nullOf(partners.type === 0 ? Math.abs(v.type) : partners.type);
  return left ? applyBinary(op, session, v, nothing) : applyBinary(op, session, nothing, v);
}
/** Two vectors give a vector: values that passed through alone take the type of those that were computed. */
function harmonised(items: Value[], x: Value, y: Value): Value[] {
  if (x.kind !== "vector" || y.kind !== "vector") return items;
  const types = new Set(items.map((item) => -item.type));
  if (types.size < 2 || items.some((item) => item.kind !== "atom" || datatypeOf(item.type)?.holding === "symbol"))
    return items;
  const to = Math.max(...types);
  return items.map((item) => atom(to, converter(-item.type, to)?.((item as Atom).value) ?? (item as Atom).value));
}

function columnsBinary(
  op: BinaryOp,
  session: Session,
  x: Table,
  y: Table,
  column: (a: Value, b: Value) => Value,
): Value {
  const names = [...x.names];
  const columns = x.names.map((name, c) => {
    const d = y.names.indexOf(name);
    return d < 0 ? columnAt(x, c) : column(columnAt(x, c), columnAt(y, d));
  });
  y.names.forEach((name, d) => {
    if (x.names.includes(name)) return;
    names.push(name);
    columns.push(alone(op, session, columnAt(y, d), columnAt(y, d), false));
  });
  return table(names, columns);
}

function tableBinary(op: BinaryOp, session: Session, x: Value, y: Value): Value {
  if (x.kind === "table" && y.kind === "table") {
    if (rowCount(x) !== rowCount(y))
      throw signal("length", `${op.name}: tables of ${rowCount(x)} and ${rowCount(y)} rows`);
    return columnsBinary(op, session, x, y, (a, b) => applyBinary(op, session, a, b));
  }
  const t = (x.kind === "table" ? x : y) as Table;
  const other = x === t ? y : x;
  if (other.kind === "list") return rowsBinary(op, session, x, y);
  return table(
    t.names,
    t.names.map((_, c) =>
      x === t ? applyBinary(op, session, columnAt(t, c), y) : applyBinary(op, session, x, columnAt(t, c)),
    ),
  );
}

/** A table against a list or dictionary, a row at a time. */
function rowsBinary(op: BinaryOp, session: Session, x: Value, y: Value): Value {
  const t = (x.kind === "table" ? x : y) as Table;
  const other = x === t ? y : x;
  const n = rowCount(t);
  if (other.kind === "list" && other.items.length !== n)
    throw signal("length", `${op.name}: ${n} rows and ${other.items.length} items`);
  if (other.kind === "dict" && other.keys.type === T.symbol) {
    const names = symbolTexts(other.keys);
    const row = table(
      names,
      names.map((_, c) => gather(new Array<Value>(n).fill(itemAt(other.values, c)))),
    );
    return x === t ? tableBinary(op, session, t, row) : tableBinary(op, session, row, t);
  }
  const rows: Value[] = new Array(n);
  for (let i = 0; i < n; i++) {
    const item = other.kind === "list" ? other.items[i] : other;
    rows[i] = x === t ? applyBinary(op, session, itemAt(t, i), item) : applyBinary(op, session, item, itemAt(t, i));
  }
  return gather(rows);
}

// ---- walking: one argument -------------------------------------------------------------------------------------------
export function applyUnary(op: UnaryOp, session: Session, x: Value): Value {
  switch (x.kind) {
    case "atom":
    case "vector": {
      if (op.special !== undefined) {
        const special = op.special(session, x);
        if (special !== undefined) return special;
      }
      const type = x.type < 0 ? -x.type : x.type;
      if (type >= T.enum) return applyUnary(op, session, unenumerate(session, x));
      const plan = op.plan(type);
      if (plan === undefined) throw signal("type", `${op.name} of ${datatypeOf(type)!.name}`);
      if (x.kind === "atom")
        return atom(plan.result, plan.item(plan.x === type ? x.value : converter(type, plan.x)!(x.value)));
      return vectorUnary(plan, x);
    }
    case "list": {
      const n = x.items.length;
      if (n === 0) return x;
      const items: Value[] = new Array(n);
      for (let i = 0; i < n; i++) items[i] = applyUnary(op, session, x.items[i]);
      return gather(items);
    }
    case "dict":
      return dict(x.keys, applyUnary(op, session, x.values));
    case "table":
      return table(
        x.names,
        x.names.map((_, c) => applyUnary(op, session, columnAt(x, c))),
      );
    default:
      if (op.other !== undefined) return op.other(x);
      throw signal("type", `${op.name} of a function`);
  }
}

function vectorUnary(plan: UnaryPlan, x: Vector): Value {
  const n = x.count;
  const result = newVector(plan.result, n);
  if (plan.kernel !== undefined && n >= KERNEL_MINIMUM) {
    const from = mark();
    bound(plan.kernel)(x.type === plan.x ? x.at : convertVector(x, plan.x).at, result.at, n);
    sweep(from);
    return result;
  }
  const { item } = plan;
  const convert = x.type === plan.x ? undefined : converter(x.type, plan.x)!;
  for (let i = 0; i < n; i++) {
    const a = elementAt(x, i);
    setElement(result, i, item(convert === undefined ? a : convert(a)));
  }
  return result;
}

export interface UnarySpec {
  readonly name: string;
  readonly range: Range;
  /** The type computed in, by argument and result type; the underlying number of the result by default. */
  readonly compute?: (x: number, result: number) => number;
  readonly item: (x: AtomValue, type: number) => AtomValue;
  /** Kernels `<kernel>_<letter of the computed type>`. */
  readonly kernel?: string;
  readonly special?: UnaryOp["special"];
  readonly other?: UnaryOp["other"];
}
/** A unary atomic function by its range row. */
export function unaryOp(spec: UnarySpec): UnaryOp {
  const plans: (UnaryPlan | null | undefined)[] = new Array(20);
  const makePlan = (x: number): UnaryPlan | null => {
    const result = spec.range.at(x);
    if (result === 0) return null;
    const to = spec.compute?.(x, result) ?? underlying(result);
    return {
      result,
      x: to,
      item: (v) => spec.item(v, to),
      kernel: spec.kernel === undefined ? undefined : kernelNamed(`${spec.kernel}_${kernelLetter(to)}`),
    };
  };
  return {
    name: spec.name,
    ...(spec.special !== undefined && { special: spec.special }),
    ...(spec.other !== undefined && { other: spec.other }),
    plan: (x) => {
      let plan = plans[x];
      if (plan === undefined) {
        plan = makePlan(x);
        plans[x] = plan;
      }
      return plan ?? undefined;
    },
  };
}

export interface RowSpec {
  name: string;
  category: Category;
  glyph?: string;
  infix?: boolean;
  wire?: readonly [number, number];
  shownType?: number;
  shown?: string;
}
/** The row of a unary atomic function. */
export function unaryRow(row: RowSpec, op: UnaryOp): PrimitiveRow {
  return primitive({ ...row, rank: 1, run: (session, x) => applyUnary(op, session, x) });
}
/** The row of a binary atomic function without a fast path of its own. */
export function binaryRow(row: RowSpec, op: BinaryOp): PrimitiveRow {
  return primitive({ ...row, rank: 2, run: (session, x, y) => applyBinary(op, session, x, y) });
}
