// Roll, Deal and Permute: x?y where x is an integer atom. `?` itself is a list primitive and calls `random`. The numbers
// come from a generator that belongs to the session and starts from its seed (\S), so a script repeats; only dealt guids
// are truly random, since two processes must not deal the same.

import { datatypeOf, INT_NULL, LONG_NULL, T } from "#values/datatypes.ts";
import { pick, positions } from "#values/picking.ts";
import type { Session, Settings } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { F32, F64, I16, I32, U8, U32 } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import type { Atom, Value, Vector } from "#values/values.ts";
import { countOf, elementAt, newVector, setElement, setLongElement } from "#values/vectors.ts";

/**
 * The whole state is one int that is neither 0 nor 0N, because \S 0N shows it and \S takes it back (basics/syscmds.md):
 * a xorshift that visits them all, its steps mixed before use.
 */
class Generator {
  state: number;
  constructor(readonly seed: number) {
    this.state = seed | 0 || 1;
  }
  /** 32 random bits, unsigned. */
  word(): number {
    let x = this.state;
    do {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
    } while (x === INT_NULL);
    this.state = x;
    // Murmur's finaliser: neighbouring seeds are as different as any two.
    let mixed = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
  /** At least 0, below 1, 53 bits. */
  fraction(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }
  /** A whole number at least 0 and below `limit`, which is at most 2^53. */
  below(limit: number): number {
    if (limit <= 4294967296) {
      // The product's high half; its bias is below limit over 2^53.
      return Math.floor(((this.word() * 2097152 + (this.word() >>> 11)) / 9007199254740992) * limit);
    }
    return Math.floor(this.fraction() * limit);
  }
}

const generators = new WeakMap<Settings, Generator>();
/** The session's generator; a seed set from outside (-S) starts a new one. */
function generatorOf(session: Session): Generator {
  const { settings } = session;
  let known = generators.get(settings);
  if (known === undefined || known.seed !== settings.seed) {
    known = new Generator(settings.seed);
    generators.set(settings, known);
  }
  return known;
}
/** \S n: the same n again starts the same numbers again. */
export function setSeed(session: Session, seed: number): void {
  session.settings.seed = seed;
  generators.set(session.settings, new Generator(seed));
}
/** \S 0N: where the generator stands. */
export const seedState = (session: Session): number => generatorOf(session).state;

// ---- generating ----------------------------------------------------------------------------------------------------
const SYMBOL_LETTERS = "abcdefghijklmnop";

function rollSymbols(g: Generator, n: number, name: string): Vector {
  const length = Number(name);
  if (!/^[1-8]$/.test(name)) throw signal("type", "`1 to `8 say how long the symbols are");
  const result = newVector(T.symbol, n);
  for (let i = 0; i < n; i++) {
    let bits = g.word();
    let text = "";
    for (let k = 0; k < length; k++) {
      text += SYMBOL_LETTERS[bits & 15];
      bits >>>= 4;
    }
    U32[result.at / 4 + i] = symbolId(text);
  }
  return result;
}

/** n values between 0 and y, of y's type. */
function rollAtom(g: Generator, n: number, y: Atom): Vector {
  const type = -y.type;
  if (type === T.symbol) return rollSymbols(g, n, y.value as string);
  if (type >= T.enum) throw signal("type", "an enumeration is not rolled");
  const result = newVector(type, n);
  const at = result.at;
  const { raw } = datatypeOf(type)!;
  const limit = Number(y.value);
  switch (raw) {
    case "b":
      for (let i = 0; i < n; i++) U8[at + i] = g.word() >>> 31;
      return result;
    case "c":
      for (let i = 0; i < n; i++) U8[at + i] = 97 + g.below(26);
      return result;
    case "x":
      for (let i = 0; i < n; i++) U8[at + i] = g.below(limit === 0 ? 256 : limit);
      return result;
    case "g":
      for (let i = 0; i < n * 4; i++) U32[at / 4 + i] = g.word();
      return result;
    case "e":
      for (let i = 0; i < n; i++) F32[at / 4 + i] = g.fraction() * limit;
      return result;
    case "f":
      for (let i = 0; i < n; i++) F64[at / 8 + i] = g.fraction() * limit;
      return result;
    default:
  }
  if (!(limit >= 0)) throw signal("domain", "only up to a value that is not negative");
  if (raw === "h") for (let i = 0; i < n; i++) I16[at / 2 + i] = limit === 0 ? g.word() : g.below(limit);
  else if (raw === "i") for (let i = 0; i < n; i++) I32[at / 4 + i] = limit === 0 ? g.word() : g.below(limit);
  else if (limit === 0) for (let i = 0; i < n * 2; i++) U32[at / 4 + i] = g.word();
  else if (typeof y.value === "number") for (let i = 0; i < n; i++) setLongElement(at, i, g.below(limit));
  else for (let i = 0; i < n; i++) setElement(result, i, bigBelow(g, y.value as bigint));
  return result;
}
const bigBelow = (g: Generator, limit: bigint): bigint => (BigInt(g.word()) * 4294967296n + BigInt(g.word())) % limit;

/** `n` different positions below `count`, in random order. */
function distinctPositions(g: Generator, n: number, count: number): Int32Array | number[] {
  if (n * 4 > count) {
    const all = new Int32Array(count);
    for (let i = 0; i < count; i++) all[i] = i;
    for (let i = 0; i < n; i++) {
      const k = i + g.below(count - i);
      const t = all[i];
      all[i] = all[k];
      all[k] = t;
    }
    return all.subarray(0, n);
  }
  // Few out of many: the same shuffle, remembering only what has moved.
  const moved = new Map<number, number>();
  const result: number[] = new Array(n);
  for (let i = 0; i < n; i++) {
    const k = i + g.below(count - i);
    result[i] = moved.get(k) ?? k;
    moved.set(k, moved.get(i) ?? i);
  }
  return result;
}

function dealAtom(g: Generator, n: number, y: Atom): Value {
  if (y.type === -T.guid) {
    const result = newVector(T.guid, n);
    // getRandomValues takes 64 KiB at a time.
    const chunk = new Uint8Array(Math.min(65536, n * 16));
    for (let i = 0; i < n * 16; i += 65536) {
      crypto.getRandomValues(chunk);
      U8.set(chunk.subarray(0, Math.min(65536, n * 16 - i)), result.at + i);
    }
    return result;
  }
  if (y.type === -T.symbol) {
    const known = new Set<string>();
    if (n > 16 ** Math.min(8, Number(y.value))) throw signal("length", "there are not so many symbols of that length");
    const result = newVector(T.symbol, n);
    for (let i = 0; i < n; ) {
      const text = elementAt(rollSymbols(g, 1, y.value as string), 0) as string;
      if (known.has(text)) continue;
      known.add(text);
      setElement(result, i++, text);
    }
    return result;
  }
  if (y.type !== -T.long && y.type !== -T.int && y.type !== -T.short)
    throw signal("type", "integers, symbols and guids are dealt");
  const limit = Number(y.value);
  const result = newVector(-y.type, n);
  if (limit === 0 && y.type === -T.long) return rollAtom(g, n, y);
  if (!(limit > 0)) throw signal("domain", "only up to a positive number");
  if (n > limit) throw signal("length", `${n} of ${limit}`);
  const dealt = distinctPositions(g, n, limit);
  for (let i = 0; i < n; i++) setElement(result, i, dealt[i]);
  return result;
}

const itemsIn = (y: Value): number => {
  if (y.kind !== "vector" && y.kind !== "list" && y.kind !== "table")
    throw signal("type", "items are drawn from a list");
  return countOf(y);
};

/** x?y with an integer atom x: Roll, Deal (x negative), Permute (0N). */
export function random(session: Session, x: Atom, y: Value): Value {
  const g = generatorOf(session);
  const isNull =
    x.value === LONG_NULL || (x.type === -T.int && x.value === INT_NULL) || (x.type === -T.short && x.value === -32768);
  if (isNull) {
    if (y.kind === "atom") return dealAtom(g, Number(y.value), y);
    const count = itemsIn(y);
    return pick(y, positions(distinctPositions(g, count, count)));
  }
  const n = Number(x.value);
  if (!Number.isSafeInteger(n)) throw signal("limit", "too many random items");
  if (n < 0) {
    if (y.kind === "atom") return dealAtom(g, -n, y);
    const count = itemsIn(y);
    if (-n > count) throw signal("length", `${-n} of ${count} items`);
    return pick(y, positions(distinctPositions(g, -n, count)));
  }
  if (y.kind === "atom") return rollAtom(g, n, y);
  const count = itemsIn(y);
  if (count === 0 && n > 0) throw signal("length", "nothing to draw from");
  const drawn = newVector(T.int, n);
  for (let i = 0; i < n; i++) I32[drawn.at / 4 + i] = g.below(count);
  return pick(y, drawn);
}
