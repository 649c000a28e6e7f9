// Bytes to values: the payload of a message (formats.md §11), and with `file` the serialized objects of files (§2),
// which keep their enumerations. Every count is checked against the bytes that are there before anything is made, so
// a malformed message is 'badmsg and nothing else. Vectors go to the linear memory in one copy; symbols through a cache
// that lives as long as the message. Functions are named by the vocabulary handed in, lambdas stay text until applied.

import { type AttributeCode, datatypeOf, LONG_NULL, T } from "#values/datatypes.ts";
import { own } from "#values/ownership.ts";
import { signal, userSignal } from "#values/signals.ts";
import { allocate, free, I16, I32, I64, kernels, U8, U32 } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import { Composition, Derived, Lambda, Table, type Value, type Vector } from "#values/values.ts";
import { atom, dict, list, newVector, symbolTexts } from "#values/vectors.ts";
import { decompress } from "./compress.ts";
import { HEADER_BYTES } from "./frame.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface DecodeOptions {
  readonly vocabulary: Vocabulary;
  /** Byte order of the numbers; little unless said otherwise. */
  readonly little?: boolean;
  /** Bytes of a file: enumerations keep their domain, and the counts of top-level streams are not to be trusted. */
  readonly file?: boolean;
}

/** Deeper than any sane value, shallower than our stack. */
const DEEPEST = 512;

/** The value of a whole message (compressed or not, any byte order); an error response signals its text. */
export function decodeMessage(message: Uint8Array, vocabulary: Vocabulary): Value {
  if (message.length <= HEADER_BYTES) throw signal("badmsg", `a message of ${message.length} bytes`);
  const little = message[0] === 1;
  const plain = message[2] === 0 ? message : decompress(message);
  const length = new DataView(plain.buffer, plain.byteOffset, 8).getUint32(4, little);
  if (plain[0]! > 1 || length !== plain.length)
    throw signal("badmsg", `the header says ${length} of ${plain.length} bytes`);
  return decodePayload(plain.subarray(HEADER_BYTES), { vocabulary, little });
}

/** The text of an error response, without decoding what is none. */
export function errorText(message: Uint8Array): string | undefined {
  // A compressed stream begins with its flags and then a plain byte, for there is nothing yet to repeat.
  const first = message[2] === 0 ? HEADER_BYTES : message[2] === 2 ? 17 : 13;
  if (message[first] !== 0x80) return undefined;
  const plain = message[2] === 0 ? message : decompress(message);
  const end = plain.indexOf(0, HEADER_BYTES + 1);
  return latin1(plain, HEADER_BYTES + 1, end < 0 ? plain.length : end);
}

/** The value that fills the bytes exactly. */
export function decodePayload(bytes: Uint8Array, options: DecodeOptions): Value {
  const reader = new Reader(bytes, options);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw signal("badmsg", `${bytes.length - reader.at} bytes behind the value`);
  return value;
}

/** The value that starts at `at`, and where it ends: for streams of objects (logs). */
export function decodeAt(bytes: Uint8Array, at: number, options: DecodeOptions): { value: Value; next: number } {
  const reader = new Reader(bytes, options);
  reader.at = at;
  const value = reader.value(0);
  return { value, next: reader.at };
}

/** Items that follow each other from `at` to the end of the bytes: a `set ()` file that was appended to. */
export function decodeItems(bytes: Uint8Array, at: number, options: DecodeOptions): Value[] {
  const reader = new Reader(bytes, options);
  reader.at = at;
  const items: Value[] = [];
  while (reader.at < bytes.length) items.push(reader.value(1));
  return items;
}

/** NUL-terminated texts from `at` to the end of the bytes, as symbols. */
export function decodeSymbols(bytes: Uint8Array, at: number): Vector {
  let count = 0;
  for (let i = at; i < bytes.length; i++) if (bytes[i] === 0) count++;
  if (bytes.length > at && bytes[bytes.length - 1] !== 0) throw signal("badmsg", "a symbol has no end");
  const reader = new Reader(bytes, { vocabulary: noVocabulary });
  reader.at = at;
  return reader.symbols(count);
}

const noVocabulary: Vocabulary = {
  unary: () => undefined,
  binary: () => undefined,
  iterator: () => undefined,
  project: () => {
    throw signal("badmsg", "no functions here");
  },
};

const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");

/** The missing argument in the middle of a projection. */
const MISSING = 0xff;

class Reader {
  at = 0;
  private readonly view: DataView;
  private readonly little: boolean;
  private readonly file: boolean;
  private readonly vocabulary: Vocabulary;
  private readonly end: number;
  private cache: SymbolCache | undefined;

  constructor(
    private readonly bytes: Uint8Array,
    options: DecodeOptions,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = options.little ?? true;
    this.file = options.file ?? false;
    this.vocabulary = options.vocabulary;
    this.end = bytes.length;
  }

  private need(count: number): void {
    if (count > this.end - this.at) throw signal("badmsg", `${count} bytes wanted at ${this.at} of ${this.end}`);
  }
  private byte(): number {
    this.need(1);
    return this.bytes[this.at++]!;
  }
  private int(): number {
    this.need(4);
    const v = this.view.getInt32(this.at, this.little);
    this.at += 4;
    return v;
  }
  private text(): string {
    const stop = this.bytes.indexOf(0, this.at);
    if (stop < 0) throw signal("badmsg", "a text has no end");
    const text = latin1(this.bytes, this.at, stop);
    this.at = stop + 1;
    return text;
  }

  value(depth: number): Value {
    if (depth > DEEPEST) throw signal("badmsg", `nested deeper than ${DEEPEST}`);
    this.need(1);
    const type = this.view.getInt8(this.at++);
    if (type < 0) return this.atom(-type);
    if (type === 0) return this.list(depth);
    if (type <= 19) return this.vector(type);
    switch (type) {
      case T.table:
        return this.table(depth);
      case T.dict:
      case 127:
        return this.dict(type, depth);
      case T.lambda:
        return this.lambda(depth);
      case T.unary:
      case T.binary:
      case T.iterator:
        return this.named(type);
      case T.projection:
        return this.projection(depth);
      case T.composition:
        return this.composition(depth);
      default:
        if (type >= T.each && type <= T.eachLeft) {
          return own(new Derived((type - T.each) as 0 | 1 | 2 | 3 | 4 | 5, this.value(depth + 1)));
        }
        if (type >= T.enum && type < T.anymap && this.file) return this.enumeration();
        throw signal("badmsg", `type ${type}`);
    }
  }

  private atom(type: number): Value {
    if (type === 128) throw userSignal(this.text(), "an error from the other side");
    if (type === T.symbol) return atom(T.symbol, this.text());
    if (type > 19) return this.enumerationAtom(type);
    const datatype = datatypeOf(type);
    if (datatype === undefined) throw signal("badmsg", `type ${-type}`);
    this.need(datatype.width);
    const at = this.at;
    this.at += datatype.width;
    switch (datatype.raw) {
      case "b":
      case "x":
      case "c":
        return atom(type, this.bytes[at]!);
      case "h":
        return atom(type, this.view.getInt16(at, this.little));
      case "i":
        return atom(type, this.view.getInt32(at, this.little));
      case "j":
        return atom(type, this.view.getBigInt64(at, this.little));
      case "e":
        return atom(type, this.view.getFloat32(at, this.little));
      case "f":
        return atom(type, this.view.getFloat64(at, this.little));
      default:
        return atom(type, latin1(this.bytes, at, at + 16));
    }
  }

  private count(width: number): number {
    const count = this.int();
    if (count < 0 || count * width > this.end - this.at)
      throw signal("badmsg", `${count} items in ${this.end - this.at} bytes`);
    return count;
  }
  private attribute(): AttributeCode {
    const code = this.byte();
    if (code > 4) throw signal("badmsg", `attribute ${code}`);
    return code as AttributeCode;
  }

  private vector(type: number): Vector {
    const attribute = this.attribute();
    const datatype = datatypeOf(type);
    if (datatype === undefined) throw signal("badmsg", `type ${type}`);
    const isSymbol = type === T.symbol;
    const count = this.count(isSymbol ? 1 : datatype.width);
    let v: Vector;
    if (isSymbol) v = this.symbols(count);
    else {
      v = newVector(type, count);
      const byteCount = count * datatype.width;
      U8.set(this.bytes.subarray(this.at, this.at + byteCount), v.at);
      if (!this.little) swap(v.at, count, datatype.raw === "g" ? 1 : datatype.width);
      this.at += byteCount;
    }
    v.attribute = attribute;
    return v;
  }

  symbols(count: number): Vector {
    const v = newVector(T.symbol, count);
    const ids = v.at / 4;
    if (count < 16) {
      for (let i = 0; i < count; i++) U32[ids + i] = symbolId(this.text());
      return v;
    }
    this.cache ??= new SymbolCache(this.bytes);
    const next = this.cache.fill(this.at, count, ids);
    if (next < 0) throw signal("badmsg", "a symbol has no end");
    this.at = next;
    return v;
  }

  private list(depth: number): Value {
    const attribute = this.attribute();
    const count = this.count(2);
    // No room is made for what is only claimed: lists in lists could each claim all that follows.
    const items: Value[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1));
    const v = list(items);
    v.attribute = attribute;
    return v;
  }

  private dict(type: number, depth: number): Value {
    const keys = this.value(depth + 1);
    const values = this.value(depth + 1);
    if (length(keys) !== length(values)) throw signal("badmsg", `${length(keys)} keys and ${length(values)} values`);
    const d = dict(keys, values);
    if (type === 127) d.attribute = 1;
    return d;
  }

  private table(depth: number): Value {
    const attribute = this.attribute();
    if (this.byte() !== T.dict) throw signal("badmsg", "a table without its dictionary");
    const names = this.value(depth + 1);
    const columns = this.value(depth + 1);
    if (names.type !== T.symbol || columns.kind !== "list") throw signal("badmsg", "a table's names and columns");
    if (columns.items.length !== length(names)) throw signal("badmsg", "a table has a column for each name");
    let rows = -1;
    for (const column of columns.items) {
      const count = length(column);
      if (count < 0 || (rows >= 0 && count !== rows)) throw signal("badmsg", "columns of one length make a table");
      rows = count;
    }
    return this.tableOf(symbolTexts(names), columns.items, attribute);
  }

  private tableOf(names: string[], columns: readonly Value[], attribute: AttributeCode): Value {
    for (const column of columns) if (column.kind !== "atom") column.refs++;
    const t = own(new Table(names, [...columns]));
    t.attribute = attribute;
    return t;
  }

  private lambda(depth: number): Value {
    const context = this.text();
    const source = this.value(depth + 1);
    if (source.kind !== "vector" || source.type !== T.char) throw signal("badmsg", "a lambda without its text");
    const text = latin1(U8, source.at, source.at + source.count);
    const isK = text.startsWith("k)");
    return own(
      new Lambda(isK ? text.slice(2) : text, context === "" ? "" : `.${context}`, [], undefined, isK ? "k" : "q"),
    );
  }

  private named(type: number): Value {
    const code = this.byte();
    const { vocabulary } = this;
    if (type === T.unary && code === MISSING) return this.named1(vocabulary.unary(0), type, 0);
    const v =
      type === T.unary
        ? vocabulary.unary(code)
        : type === T.binary
          ? vocabulary.binary(code)
          : vocabulary.iterator(code);
    return this.named1(v, type, code);
  }
  private named1(v: Value | undefined, type: number, code: number): Value {
    if (v === undefined) throw signal("badmsg", `function ${type} ${code}`);
    return v;
  }

  private projection(depth: number): Value {
    const count = this.count(2);
    if (count < 1) throw signal("badmsg", "a projection of nothing");
    const f = this.value(depth + 1);
    const given: (Value | undefined)[] = [];
    for (let i = 1; i < count; i++) {
      this.need(2);
      if (this.bytes[this.at] === T.unary && this.bytes[this.at + 1] === MISSING) {
        this.at += 2;
        given.push(undefined);
      } else given.push(this.value(depth + 1));
    }
    return this.vocabulary.project(f, given);
  }

  private composition(depth: number): Value {
    const count = this.count(2);
    const functions: Value[] = [];
    for (let i = 0; i < count; i++) functions.push(this.value(depth + 1));
    for (const f of functions) if (f.kind !== "atom") f.refs++;
    return own(new Composition(functions));
  }

  // ---- enumerations, in files only: type byte 20…76 (kdb+ writes 21), domain, then as other vectors with 32-bit items
  private enumeration(): Value {
    const domain = this.text();
    const attribute = this.attribute();
    const count = this.count(4);
    const v = newVector(T.enum, count, domain);
    for (let i = 0; i < count; i++, this.at += 4) setIndex(v.at, i, this.view.getInt32(this.at, true));
    v.attribute = attribute;
    return v;
  }
  private enumerationAtom(type: number): Value {
    if (!this.file || type >= T.anymap) throw signal("badmsg", `type ${-type}`);
    const domain = this.text();
    const index = this.int();
    return atom(T.enum, index === -2147483648 ? LONG_NULL : index, domain);
  }
}

/** Widens a 32-bit index of an enumeration; its null stays null. */
export function setIndex(at: number, i: number, index: number): void {
  const k = at / 4 + i * 2;
  I32[k] = index === -2147483648 ? 0 : index;
  I32[k + 1] = index >> 31;
  if (index === -2147483648) I32[k + 1] = -2147483648;
}

/** Items, or -1 for what has none. */
function length(v: Value): number {
  switch (v.kind) {
    case "vector":
      return v.count;
    case "list":
      return v.items.length;
    case "table":
      return v.columns.length === 0 ? 0 : length(v.columns[0]!);
    case "dict":
      return length(v.keys);
    default:
      return -1;
  }
}

/** Turns big-endian elements round in place. */
function swap(at: number, count: number, width: number): void {
  if (width === 2) {
    for (let i = at / 2; i < at / 2 + count; i++) I16[i] = ((I16[i]! & 0xff) << 8) | ((I16[i]! >> 8) & 0xff);
  } else if (width === 4 || width === 8) {
    const words = (count * width) / 4;
    for (let i = at / 4; i < at / 4 + words; i++) {
      const v = U32[i]!;
      U32[i] = (v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
    }
    if (width === 8)
      for (let i = at / 8; i < at / 8 + count; i++) I64[i] = (I64[i]! << 32n) | ((I64[i]! >> 32n) & 0xffffffffn);
  }
}

/**
 * Symbols seen in one message, so that a million rows over ten symbols are ten look-ups in the intern table. Texts of up
 * to seven bytes are their own key, two words read at once; longer ones are hashed, and known by where they stand first.
 */
class SymbolCache {
  private readonly view: DataView;
  private mask = 255;
  private used = 0;
  /** Three words a slot: the text's first and last four bytes, and id + 1; 0 is empty. */
  private slots = new Int32Array(256 * 3);

  private longs: Map<number, { readonly from: number; readonly id: number }[]> | undefined;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Writes `count` ids to U32[ids…]; returns where the texts end, or -1 when they do not. */
  fill(from: number, count: number, ids: number): number {
    // Bytes that lie in the linear memory are a kernel's: three times as fast, once there are enough of them.
    if (count < KERNEL_FROM || this.bytes.buffer !== U8.buffer) return this.plainFill(from, count, ids);
    const known = new WordTable();
    try {
      return this.kernelFill(from, count, ids, known);
    } finally {
      known.free();
    }
  }

  private kernelFill(from: number, count: number, ids: number, known: WordTable): number {
    const { bytes } = this;
    const base = bytes.byteOffset;
    const read = kernels.get("getsymbols_s");
    let at = from;
    for (let i = 0; i < count; ) {
      i += read(base + at, base + bytes.length, count - i, (ids + i) * 4, known.at, known.mask);
      at = U32[STOPPED_AT]! - base;
      if (i === count) break;
      const stop = bytes.indexOf(0, at);
      if (stop < 0) return -1;
      const id = stop - at < 8 ? symbolId(latin1(bytes, at, stop)) : this.long(at, stop);
      U32[ids + i++] = id;
      if (stop - at < 8 && at + 8 <= bytes.length && !known.add(bytes, at, stop, id)) {
        return this.plainFill(stop + 1, count - i, ids + i);
      }
      at = stop + 1;
    }
    return at;
  }

  private plainFill(from: number, count: number, ids: number): number {
    const { bytes, view } = this;
    let { slots, mask } = this;
    const end = bytes.length;
    const lastWide = end - 8;
    let at = from;
    let low = 0;
    let high = 0;
    let id = -1;
    for (let i = 0; i < count; i++) {
      if (at <= lastWide) {
        let lo = view.getInt32(at, true);
        let hi = 0;
        // A zero byte sets the top bit of its place, and nothing below the first of them does.
        let zeros = (lo - 0x01010101) & ~lo & 0x80808080;
        let length = 8;
        if (zeros !== 0) {
          length = (31 - Math.clz32(zeros & -zeros)) >> 3;
          lo &= (1 << (length << 3)) - 1;
        } else {
          hi = view.getInt32(at + 4, true);
          zeros = (hi - 0x01010101) & ~hi & 0x80808080;
          if (zeros !== 0) {
            const tail = (31 - Math.clz32(zeros & -zeros)) >> 3;
            hi &= (1 << (tail << 3)) - 1;
            length = 4 + tail;
          }
        }
        if (length < 8) {
          // Sorted and parted columns repeat their neighbour.
          if (id < 0 || lo !== low || hi !== high) {
            low = lo;
            high = hi;
            const slot = (mix(lo, hi) & mask) * 3;
            id = slots[slot + 2]! - 1;
            if (id < 0 || slots[slot] !== lo || slots[slot + 1] !== hi) {
              id = this.short(lo, hi, at, length);
              slots = this.slots;
              mask = this.mask;
            }
          }
          U32[ids + i] = id;
          at += length + 1;
          continue;
        }
      }
      const stop = bytes.indexOf(0, at);
      if (stop < 0) return -1;
      U32[ids + i] = stop - at < 8 ? symbolId(latin1(bytes, at, stop)) : this.long(at, stop);
      at = stop + 1;
    }
    return at;
  }

  private short(lo: number, hi: number, at: number, length: number): number {
    const { slots, mask } = this;
    let slot = mix(lo, hi) & mask;
    for (;;) {
      const known = slots[slot * 3 + 2]!;
      if (known === 0) break;
      if (slots[slot * 3] === lo && slots[slot * 3 + 1] === hi) return known - 1;
      slot = (slot + 1) & mask;
    }
    const id = symbolId(latin1(this.bytes, at, at + length));
    this.put(slot, lo, hi, id);
    return id;
  }

  /** A text of eight bytes and more. */
  private long(at: number, stop: number): number {
    const { bytes } = this;
    let hash = 17;
    for (let i = at; i < stop; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    this.longs ??= new Map();
    const known = this.longs.get(hash);
    if (known !== undefined) {
      for (const { from, id } of known) if (this.same(from, at, stop - at)) return id;
    }
    const id = symbolId(latin1(bytes, at, stop));
    if (known === undefined) this.longs.set(hash, [{ from: at, id }]);
    else if (known.length < 8) known.push({ from: at, id });
    return id;
  }

  private same(a: number, b: number, length: number): boolean {
    const { bytes } = this;
    for (let k = 0; k <= length; k++) if (bytes[a + k] !== bytes[b + k]) return false;
    return true;
  }

  private put(slot: number, lo: number, hi: number, id: number): void {
    this.slots[slot * 3] = lo;
    this.slots[slot * 3 + 1] = hi;
    this.slots[slot * 3 + 2] = id + 1;
    if (++this.used * 2 <= this.mask) return;
    const old = this.slots;
    this.mask = this.mask * 2 + 1;
    this.slots = new Int32Array((this.mask + 1) * 3);
    for (let i = 0; i < old.length; i += 3) {
      if (old[i + 2] === 0) continue;
      let to = mix(old[i]!, old[i + 1]!) & this.mask;
      while (this.slots[to * 3 + 2] !== 0) to = (to + 1) & this.mask;
      for (let k = 0; k < 3; k++) this.slots[to * 3 + k] = old[i + k]!;
    }
  }
}

/** Fewer symbols are not worth a call's preparations. */
const KERNEL_FROM = 4096;
/** Where kernels leave a second answer, as a word of the linear memory. */
const STOPPED_AT = 256;
/** With more texts than these the table costs more than it saves. */
const MOST_WORDS = 1 << 15;

/** What getsymbols_s looks texts up in: a slot is the text as a 64-bit word, then id+1. */
class WordTable {
  mask = 1023;
  at = this.empty();
  private readonly words: { readonly key: bigint; readonly id: number }[] = [];

  private empty(): number {
    const byteCount = (this.mask + 1) * 16;
    const at = allocate(byteCount);
    U8.fill(0, at, at + byteCount);
    return at;
  }
  free(): void {
    free(this.at, (this.mask + 1) * 16);
  }

  /** False when there are too many texts already. */
  add(bytes: Uint8Array, from: number, stop: number, id: number): boolean {
    if (this.words.length === MOST_WORDS) return false;
    let key = 0n;
    for (let i = stop - 1; i >= from; i--) key = (key << 8n) | BigInt(bytes[i]!);
    this.words.push({ key, id });
    if (this.words.length * 2 <= this.mask) this.put(key, id);
    else {
      this.free();
      this.mask = this.mask * 4 + 3;
      this.at = this.empty();
      for (const word of this.words) this.put(word.key, word.id);
    }
    return true;
  }
  private put(key: bigint, id: number): void {
    let slot = Number(BigInt.asUintN(64, key * 0x9e3779b97f4a7c15n) >> 40n) & this.mask;
    while (U32[this.at / 4 + slot * 4 + 2] !== 0) slot = (slot + 1) & this.mask;
    I64[this.at / 8 + slot * 2] = BigInt.asIntN(64, key);
    U32[this.at / 4 + slot * 4 + 2] = id + 1;
  }
}

function mix(lo: number, hi: number): number {
  const h = Math.imul(lo ^ Math.imul(hi, 0x85ebca6b), 0x9e3779b1);
  return h ^ (h >>> 15);
}
