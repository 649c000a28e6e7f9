// Values to bytes, as kdb+ does it to the byte (formats.md §11): first how long it will be, then the bytes into one
// block of that length. The same serves `set` of objects (`file`: enumerations keep their domain, §2). What a domain
// holds is asked of the caller; whether the message gets compressed is decided here, by kdb+'s rules (§12).

import { T } from "#values/datatypes.ts";
import { assert, signal } from "#values/signals.ts";
import { allocate, F32, F64, free, I32, kernels, U8, U32 } from "#values/storage.ts";
import { symbolCount, symbolText } from "#values/symbols.ts";
import type { Atom, Lambda, Primitive, Projection, Table, Value, Vector } from "#values/values.ts";
import { columnAt, newVector } from "#values/vectors.ts";
import { codeOf, codeOfGlyph } from "./codes.ts";
import { compress, SMALLEST_COMPRESSED } from "./compress.ts";
import { CAPABILITY } from "./handshake.ts";
import { HEADER_BYTES, LONGEST_MESSAGE, type MessageType, writeHeader } from "./frame.ts";
import type { DomainOf } from "./vocabulary.ts";

export interface EncodeOptions {
  /** What an enumeration's domain holds, to send it as symbols. */
  readonly domain?: DomainOf;
  /** Of the peer: guids need 3, timestamps and timespans 1. */
  readonly capability?: number;
  /** For a file: enumerations keep their domain. */
  readonly file?: boolean;
}

export interface MessageOptions extends EncodeOptions {
  readonly type?: MessageType;
  /** The peer is another machine and can do it: compress when it pays. */
  readonly compress?: boolean;
}

const DEEPEST = 512;

/** A whole message for the socket. */
export function encodeMessage(value: Value, options: MessageOptions = {}): Uint8Array {
  const writer = new Writer(options);
  const length = HEADER_BYTES + writer.sizeOf(value, 0);
  if (length > LONGEST_MESSAGE) throw signal("limit", `a message of ${length} bytes`);
  const bytes = new Uint8Array(length);
  writeHeader(bytes, 0, options.type ?? 0, length);
  writer.write(bytes, HEADER_BYTES, value);
  assert(writer.at === length, "a message fills its length");
  if (options.compress === true && length > SMALLEST_COMPRESSED && (options.capability ?? CAPABILITY) >= 1) {
    return compress(bytes) ?? bytes;
  }
  return bytes;
}

/** The value as `file` or wire payload, without a header. */
export function encodePayload(value: Value, options: EncodeOptions = {}): Uint8Array {
  const writer = new Writer(options);
  const bytes = new Uint8Array(writer.sizeOf(value, 0));
  writer.write(bytes, 0, value);
  assert(writer.at === bytes.length, "a payload fills its length");
  return bytes;
}

/** Length of `-8!x`, header included, without making it. */
export const messageLength = (value: Value, options: EncodeOptions = {}): number =>
  HEADER_BYTES + new Writer(options).sizeOf(value, 0);

/**
 * A whole message as a byte vector of the linear memory: what -8! answers, and what a server sends from its address.
 * For large values several times faster than encodeMessage, because the memory's pages are there already.
 */
export function encodeVector(value: Value, options: MessageOptions = {}): Vector {
  const writer = new Writer(options);
  const length = HEADER_BYTES + writer.sizeOf(value, 0);
  if (length > LONGEST_MESSAGE) throw signal("limit", `a message of ${length} bytes`);
  const v = newVector(T.byte, length);
  writeHeader(U8, v.at, options.type ?? 0, length);
  writer.write(U8, v.at + HEADER_BYTES, value);
  assert(writer.at === v.at + length, "a message fills its length");
  if (options.compress !== true || length <= SMALLEST_COMPRESSED || (options.capability ?? CAPABILITY) < 1) return v;
  const small = compress(U8.subarray(v.at, v.at + length));
  if (small === undefined) return v;
  const compressed = newVector(T.byte, small.length);
  U8.set(small, compressed.at);
  return compressed;
}

/** An error response: the text behind the quote. */
export function encodeError(text: string, type: MessageType = 2): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + 2 + text.length);
  writeHeader(bytes, 0, type, bytes.length);
  bytes[HEADER_BYTES] = 0x80;
  for (let i = 0; i < text.length; i++) bytes[HEADER_BYTES + 1 + i] = text.charCodeAt(i);
  return bytes;
}

/** From here on a kernel writes them, if they go to the linear memory. */
const KERNEL_FROM = 4096;

/** Fewer symbols than this are written one by one: the tables of SymbolTexts would cost more than they save. */
const FEW = 256;

const CONTAINER = 6; // type, attribute, count

class Writer {
  at = 0;
  private target = U8;
  private view!: DataView;
  private texts: SymbolTexts | undefined;
  private readonly domain: DomainOf;
  private readonly file: boolean;
  private readonly capability: number;

  constructor(options: EncodeOptions) {
    this.domain = options.domain ?? (() => undefined);
    this.file = options.file ?? false;
    this.capability = options.capability ?? CAPABILITY;
  }

  // ---- how long ----------------------------------------------------------------------------------------------------
  sizeOf(v: Value, depth: number): number {
    if (depth > DEEPEST) throw signal("stack", `nested deeper than ${DEEPEST}`);
    switch (v.kind) {
      case "atom":
        return this.atomSize(v);
      case "vector":
        return this.vectorSize(v);
      case "list": {
        let size = CONTAINER;
        for (const item of v.items) size += this.sizeOf(item, depth + 1);
        return size;
      }
      case "dict":
        return 1 + this.sizeOf(v.keys, depth + 1) + this.sizeOf(v.values, depth + 1);
      case "table": {
        if (v.partitioned !== undefined) throw signal("par", `${v.partitioned.name} is partitioned: select from it`);
        let size = 3 + CONTAINER + CONTAINER;
        for (const name of v.names) size += wireText(name).length + 1;
        for (let c = 0; c < v.names.length; c++) size += this.sizeOf(columnAt(v, c), depth + 1);
        return size;
      }
      case "lambda":
        return 1 + contextText(v.context).length + 1 + CONTAINER + sourceText(v).length;
      case "primitive":
        return this.primitiveSize(v);
      case "iterator":
        return 2;
      case "projection": {
        let size = 5 + this.sizeOf(v.f, depth + 1);
        for (const argument of givenOf(v)) size += argument === undefined ? 2 : this.sizeOf(argument, depth + 1);
        return size;
      }
      case "composition": {
        let size = 5;
        for (const f of v.functions) size += this.sizeOf(f, depth + 1);
        return size;
      }
      case "derived":
        return 1 + this.sizeOf(v.f, depth + 1);
      default:
        throw unreachableValue(v);
    }
  }

  private check(type: number): void {
    if (type === T.guid && this.capability < 3) throw signal("type", "the peer knows no guids");
    if ((type === T.timestamp || type === T.timespan) && this.capability < 1)
      throw signal("type", "the peer knows no timestamps");
  }

  private atomSize(v: Atom): number {
    const type = -v.type;
    this.check(type);
    if (type === T.symbol) return 2 + wireText(v.value as string).length;
    if (type >= T.enum) {
      if (this.file) return 1 + v.domain!.length + 1 + 4;
      const resolved = this.resolve(v.domain!);
      return resolved === undefined
        ? 9
        : resolved.type === T.symbol
          ? 2 + wireText(symbolText(idAt(resolved, v.value))).length
          : 1 + WIDTH[resolved.type]!;
    }
    return 1 + WIDTH[type]!;
  }

  private vectorSize(v: Vector): number {
    this.check(v.type);
    if (v.type === T.symbol) return CONTAINER + this.symbolBytes(v.at / 4, v.count, 1, undefined);
    if (v.type < T.enum) return CONTAINER + v.count * WIDTH[v.type]!;
    if (this.file) return CONTAINER + v.domain!.length + 1 + v.count * 4;
    const resolved = this.resolve(v.domain!);
    if (resolved === undefined) return CONTAINER + v.count * 8;
    if (resolved.type !== T.symbol) return CONTAINER + v.count * WIDTH[resolved.type]!;
    return CONTAINER + this.symbolBytes(v.at / 4, v.count, 2, resolved);
  }

  private symbolBytes(words: number, count: number, step: 1 | 2, domain: Vector | undefined): number {
    if (count >= FEW || step === 2) {
      this.texts ??= new SymbolTexts();
      return this.texts.size(count, words, step, domain);
    }
    let size = count;
    for (let i = 0; i < count; i++) size += wireText(symbolText(U32[words + i]!)).length;
    return size;
  }

  /** The vector an enumeration points into: the domain itself, or the key column of the table it is a foreign key to. */
  private resolve(name: string): Vector | undefined {
    const domain = this.domain(name);
    if (domain === undefined) return undefined;
    if (domain.kind === "vector" && domain.type < T.enum) return domain;
    if (domain.kind === "dict" && domain.keys.kind === "table" && domain.keys.names.length === 1) {
      const key = columnAt(domain.keys, 0);
      if (key.kind === "vector" && key.type < T.enum) return key;
    }
    return undefined;
  }

  private primitiveSize(v: Primitive): number {
    if (codeOf(v.row) !== undefined) return 2;
    if (derivedCodes(v) !== undefined) return 3;
    return 2 + CONTAINER + keywordLambda(v).length;
  }

  // ---- the bytes ---------------------------------------------------------------------------------------------------
  write(target: Uint8Array, at: number, v: Value): void {
    this.target = target as typeof U8;
    this.view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    this.at = at;
    this.put(v);
  }

  private byte(v: number): void {
    this.target[this.at++] = v;
  }
  private int(v: number): void {
    this.view.setInt32(this.at, v, true);
    this.at += 4;
  }
  private text(text: string): void {
    const { target } = this;
    let at = this.at;
    for (let i = 0; i < text.length; i++) target[at++] = text.charCodeAt(i);
    this.at = at;
  }
  private head(type: number, attribute: number, count: number): void {
    this.byte(type);
    this.byte(attribute);
    this.int(count);
  }

  private put(v: Value): void {
    switch (v.kind) {
      case "atom":
        this.putAtom(v);
        return;
      case "vector":
        this.putVector(v, v.attribute);
        return;
      case "list":
        this.head(0, v.attribute, v.items.length);
        for (const item of v.items) this.put(item);
        return;
      case "dict":
        this.byte(v.attribute === 1 ? 127 : T.dict);
        this.put(v.keys);
        this.put(v.values);
        return;
      case "table":
        this.putTable(v);
        return;
      case "lambda":
        this.putLambda(contextText(v.context), sourceText(v));
        return;
      case "primitive":
        this.putPrimitive(v);
        return;
      case "iterator":
        this.byte(T.iterator);
        this.byte(v.code);
        return;
      case "projection": {
        const given = givenOf(v);
        this.byte(T.projection);
        this.int(1 + given.length);
        this.put(v.f);
        for (const argument of given) {
          if (argument !== undefined) this.put(argument);
          else {
            this.byte(T.unary);
            this.byte(0xff);
          }
        }
        return;
      }
      case "composition":
        this.byte(T.composition);
        this.int(v.functions.length);
        for (const f of v.functions) this.put(f);
        return;
      case "derived":
        this.byte(v.type);
        this.put(v.f);
        return;
      default:
        throw unreachableValue(v);
    }
  }

  private putAtom(v: Atom): void {
    const type = -v.type;
    if (type >= T.enum) {
      this.putEnumerationAtom(v);
      return;
    }
    this.byte(256 + v.type);
    this.putElement(type, v.value);
  }

  private putElement(type: number, value: Atom["value"]): void {
    const { view, at } = this;
    switch (type) {
      case T.symbol:
        this.text(wireText(value as string));
        this.byte(0);
        return;
      case T.guid:
        this.text(value as string);
        return;
      case T.short:
        view.setInt16(at, value as number, true);
        break;
      case T.real:
        if (this.file && Number.isNaN(value)) view.setUint32(at, 0xffc00000, true);
        else view.setFloat32(at, value as number, true);
        break;
      case T.float:
      case T.datetime:
        if (this.file && Number.isNaN(value)) view.setBigUint64(at, 0xfff8000000000000n, true);
        else view.setFloat64(at, value as number, true);
        break;
      case T.long:
      case T.timestamp:
      case T.timespan:
        view.setBigInt64(at, BigInt(value), true);
        break;
      default:
        if (WIDTH[type] === 4) view.setInt32(at, value as number, true);
        else this.target[at] = value as number;
    }
    this.at += WIDTH[type]!;
  }

  private putEnumerationAtom(v: Atom): void {
    if (this.file) {
      this.byte(256 - 21);
      this.text(v.domain!);
      this.byte(0);
      this.int(typeof v.value === "number" ? v.value : -2147483648);
      return;
    }
    const resolved = this.resolve(v.domain!);
    if (resolved === undefined) {
      this.byte(256 - T.long);
      this.putElement(T.long, v.value);
    } else if (resolved.type === T.symbol) {
      this.byte(256 - T.symbol);
      this.putElement(T.symbol, symbolText(idAt(resolved, v.value)));
    } else {
      this.byte(256 - resolved.type);
      this.copyElement(resolved, typeof v.value === "number" ? v.value : -1);
    }
  }

  private putVector(v: Vector, attribute: number): void {
    if (v.type >= T.enum) {
      this.putEnumeration(v, attribute);
      return;
    }
    this.head(v.type, attribute, v.count);
    if (v.type === T.symbol) {
      this.putSymbols(v.at / 4, v.count);
      return;
    }
    const byteCount = v.count * WIDTH[v.type]!;
    this.target.set(U8.subarray(v.at, v.at + byteCount), this.at);
    if (this.file) signNulls(v, this.view, this.at);
    this.at += byteCount;
  }

  private putSymbols(ids: number, count: number): void {
    if (count < FEW) {
      for (let i = 0; i < count; i++) {
        this.text(wireText(symbolText(U32[ids + i]!)));
        this.byte(0);
      }
      return;
    }
    this.texts ??= new SymbolTexts();
    this.at = this.texts.write(this.target, this.view, this.at, count, ids, 1, undefined);
  }

  private putEnumeration(v: Vector, attribute: number): void {
    if (this.file) {
      this.byte(21);
      this.text(v.domain!);
      this.byte(0);
      this.byte(attribute);
      this.int(v.count);
      for (let i = 0, k = v.at / 4; i < v.count; i++, k += 2) {
        // Null (the 64-bit minimum) has a low word of 0; whatever else has a high word does not fit the format.
        if (I32[k + 1] !== 0 && I32[k + 1] !== -2147483648) throw signal("limit", "an enumeration's index beyond 2^31");
        this.int(I32[k + 1] === 0 ? I32[k]! : -2147483648);
      }
      return;
    }
    const resolved = this.resolve(v.domain!);
    if (resolved === undefined) {
      this.head(T.long, attribute, v.count);
      this.target.set(U8.subarray(v.at, v.at + v.count * 8), this.at);
      this.at += v.count * 8;
    } else if (resolved.type === T.symbol) {
      this.head(T.symbol, attribute, v.count);
      this.texts ??= new SymbolTexts();
      this.at = this.texts.write(this.target, this.view, this.at, v.count, v.at / 4, 2, resolved);
    } else {
      this.head(resolved.type, attribute, v.count);
      for (let i = 0, k = v.at / 4; i < v.count; i++, k += 2)
        this.copyElement(resolved, I32[k + 1] === 0 ? U32[k]! : -1);
    }
  }

  /** An element of a foreign key's column; out of range it is the null (or 0) of the type. */
  private copyElement(from: Vector, index: number): void {
    const width = WIDTH[from.type]!;
    if (index >= 0 && index < from.count)
      this.target.set(U8.subarray(from.at + index * width, from.at + (index + 1) * width), this.at);
    else this.target.fill(0, this.at, this.at + width);
    this.at += width;
  }

  private putTable(v: Table): void {
    this.byte(T.table);
    this.byte(v.attribute);
    this.byte(T.dict);
    this.head(T.symbol, 0, v.names.length);
    for (const name of v.names) {
      this.text(wireText(name));
      this.byte(0);
    }
    this.head(0, 0, v.names.length);
    for (let c = 0; c < v.names.length; c++) this.put(columnAt(v, c));
  }

  private putLambda(context: string, source: string): void {
    this.byte(T.lambda);
    this.text(context);
    this.byte(0);
    this.head(T.char, 0, source.length);
    this.text(source);
  }

  private putPrimitive(v: Primitive): void {
    const code = codeOf(v.row) ?? derivedCodes(v);
    if (code === undefined) {
      this.putLambda("", keywordLambda(v));
      return;
    }
    for (const byte of code) this.byte(byte);
  }
}

/**
 * The null float in kdb+'s files has its sign set, a NaN made here may not: gives the nulls of a copy of v's elements,
 * written at `at`, the bits they have there.
 */
export function signNulls(v: Vector, view: DataView, at: number): void {
  if (v.type === T.real) {
    for (let i = 0, k = v.at / 4; i < v.count; i++)
      if (Number.isNaN(F32[k + i]!)) view.setUint32(at + 4 * i, 0xffc00000, true);
  } else if (v.type === T.float || v.type === T.datetime) {
    for (let i = 0, k = v.at / 8; i < v.count; i++) {
      if (!Number.isNaN(F64[k + i]!)) continue;
      view.setUint32(at + 8 * i, 0, true);
      view.setUint32(at + 8 * i + 4, 0xfff80000, true);
    }
  }
}

/** Bytes of an element on the wire, by type. */
const WIDTH: readonly (number | undefined)[] = [
  undefined, 1, 16, undefined, 1, 2, 4, 8, 4, 8, 1, undefined, 8, 4, 4, 8, 8, 4, 4, 4,
]; // biome-ignore format: a table

const sourceText = (v: Lambda): string => (v.dialect === "k" ? `k)${v.source}` : v.source);
const contextText = (context: string): string => (context.startsWith(".") ? context.slice(1) : context);

/** The arguments that are sent: without the missing ones at the end. */
function givenOf(v: Projection): readonly (Value | undefined)[] {
  let count = v.given.length;
  while (count > 0 && v.given[count - 1] === undefined) count--;
  return v.given.slice(0, count);
}

/** Keywords that are an operator with an iterator in kdb+ (raze is ,/) travel as that: [type, 102, code]. */
function derivedCodes(v: Primitive): readonly number[] | undefined {
  const shown = v.row.shown;
  if (v.type < T.each || v.type > T.eachLeft || shown === undefined) return undefined;
  const iterator = [1, 1, 1, 2, 2, 2][v.type - T.each]!;
  const code = codeOfGlyph(shown.slice(0, shown.length - iterator));
  return code === undefined ? undefined : [v.type, T.binary, code];
}

/** kdb+ sends a library keyword as its source; ours is a lambda that calls it by name, which any q understands. */
function keywordLambda(v: Primitive): string {
  const { name, ranks } = v.row;
  const rank = ranks[0] ?? 1;
  const parameters = ["x", "y", "z", "a", "b"].slice(0, rank).join(";");
  if (v.row.glyph !== undefined) throw signal("nyi", `${v.row.glyph} has no code on the wire`);
  return `{[${parameters}]${name}[${parameters}]}`;
}

/** A NUL ends a symbol on the wire; none of q's own symbols holds one, but nothing stops a string from being cast. */
function wireText(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

function idAt(domain: Vector, index: Atom["value"]): number {
  return typeof index === "number" && index >= 0 && index < domain.count ? U32[domain.at / 4 + index]! : 0;
}

/** The NUL-terminated texts of a message's symbols, end to end, and where each id's begins. Filled by the size pass. */
class SymbolTexts {
  private pool = new Uint8Array(4096);
  private used = 0;
  private readonly offsets = new Int32Array(symbolCount()).fill(-1);
  /** With the NUL. */
  private readonly lengths = new Int32Array(this.offsets.length);

  private place(id: number): void {
    const text = wireText(symbolText(id));
    const length = text.length + 1;
    if (this.used + length > this.pool.length) {
      const larger = new Uint8Array(Math.max(this.pool.length * 2, this.used + length));
      larger.set(this.pool);
      this.pool = larger;
    }
    for (let i = 0; i < text.length; i++) this.pool[this.used + i] = text.charCodeAt(i);
    this.offsets[id] = this.used;
    this.lengths[id] = length;
    this.used += length;
  }

  /** Bytes of symbols by id (step 1), or of an enumeration by index into `domain` (step 2). */
  size(count: number, words: number, step: 1 | 2, domain: Vector | undefined): number {
    const { offsets, lengths } = this;
    const limit = domain?.count ?? 0;
    const first = domain === undefined ? 0 : domain.at / 4;
    let size = 0;
    for (let i = 0, k = words; i < count; i++, k += step) {
      let id = U32[k]!;
      if (domain !== undefined) id = I32[k + 1] === 0 && id < limit ? U32[first + id]! : 0;
      if (offsets[id]! < 0) this.place(id);
      size += lengths[id]!;
    }
    return size;
  }

  /** Writes them; returns where they end. */
  write(
    target: Uint8Array,
    view: DataView,
    start: number,
    count: number,
    words: number,
    step: 1 | 2,
    domain: Vector | undefined,
  ): number {
    const done = target.buffer === U8.buffer && count >= KERNEL_FROM ? count - 8 : 0;
    const from =
      done === 0 ? start : this.kernelWrite(target.byteOffset + start, done, words, step, domain) - target.byteOffset;
    return this.plainWrite(target, view, from, count - done, words + done * step, step, domain);
  }

  /** To an address of the linear memory; all but the last eight symbols, for it writes beyond its end. */
  private kernelWrite(start: number, count: number, words: number, step: 1 | 2, domain: Vector | undefined): number {
    const { offsets, lengths, pool, used } = this;
    const tableBytes = offsets.length * 16;
    const table = allocate(tableBytes + used);
    const texts = table + tableBytes;
    U8.set(pool.subarray(0, used), texts);
    for (let id = 0, entry = table; id < offsets.length; id++, entry += 16) {
      const from = offsets[id]!;
      if (from < 0) continue;
      const length = lengths[id]!;
      U8.set(pool.subarray(from, from + Math.min(8, length)), entry);
      U32[entry / 4 + 2] = length;
      U32[entry / 4 + 3] = texts + from;
    }
    const put = kernels.get("putsymbols_s");
    const end = put(words * 4, count, step * 4, domain?.at ?? 0, domain?.count ?? 0, table, start);
    free(table, tableBytes + used);
    return end;
  }

  private plainWrite(
    target: Uint8Array,
    view: DataView,
    start: number,
    count: number,
    words: number,
    step: 1 | 2,
    domain: Vector | undefined,
  ): number {
    const { offsets, lengths, pool } = this;
    const { low, high } = this.words();
    const limit = domain?.count ?? 0;
    const first = domain === undefined ? 0 : domain.at / 4;
    // Two words at once, as long as what they write beyond the text is written over by the next one.
    const wide = Math.max(0, count - 8);
    let at = start;
    for (let i = 0, k = words; i < count; i++, k += step) {
      let id = U32[k]!;
      if (domain !== undefined) id = I32[k + 1] === 0 && id < limit ? U32[first + id]! : 0;
      const length = lengths[id]!;
      if (length <= 8 && i < wide) {
        view.setInt32(at, low[id]!, true);
        if (length > 4) view.setInt32(at + 4, high[id]!, true);
      } else {
        const from = offsets[id]!;
        for (let j = 0; j < length; j++) target[at + j] = pool[from + j]!;
      }
      at += length;
    }
    return at;
  }

  /** The first eight bytes of each text that was placed, with its NUL. */
  private words(): { low: Int32Array; high: Int32Array } {
    const { pool, offsets, lengths } = this;
    const low = new Int32Array(offsets.length);
    const high = new Int32Array(offsets.length);
    for (let id = 0; id < offsets.length; id++) {
      const from = offsets[id]!;
      if (from < 0) continue;
      for (let j = 0; j < Math.min(8, lengths[id]!); j++) {
        if (j < 4) low[id]! |= pool[from + j]! << (8 * j);
        else high[id]! |= pool[from + j]! << (8 * (j - 4));
      }
    }
    return { low, high };
  }
}

function unreachableValue(v: never): Error {
  return new Error(`perq bug: unreachable ${String(v)}`);
}
