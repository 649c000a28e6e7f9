// Anymap columns (formats.md §7), writing: items laid out in a heap, references to them, symbols numbered for `##`. The
// heap may continue one that a file already has (append). Reading is anymap.ts's.

import { signNulls } from "#ipc/encode.ts";
import type { DomainOf } from "#ipc/vocabulary.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { assert, signal } from "#values/signals.ts";
import { I32, U8, U32 } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import type { Table, Value, Vector } from "#values/values.ts";
import { columnAt, symbols, vectorOf } from "#values/vectors.ts";

/** Data below this is a small item, which needs no alignment and no header. */
const SMALL_BYTES = 64;
const FULL_HEADER = 16;
const FLAG_SMALL = 1;
const FLAG_ENUM = 3;

/** True for what an anymap can hold: data, however nested; functions it cannot. */
export function isMappable(v: Value): boolean {
  switch (v.kind) {
    case "atom":
    case "vector":
      return true;
    case "list":
      return v.items.every(isMappable);
    case "dict":
      return isMappable(v.keys) && isMappable(v.values);
    case "table":
      return v.partitioned === undefined && v.names.every((_, c) => isMappable(columnAt(v, c)));
    default:
      return false;
  }
}

interface Reference {
  readonly offset: number;
  readonly flag: number;
}

export class HeapWriter {
  private bytes = new Uint8Array(4096);
  private view = new DataView(this.bytes.buffer);
  private used = 0;
  private readonly numbers = new Map<number, number>();
  private readonly newIds: number[] = [];

  /** `start`: bytes the heap has already; `known`: ids of the symbols numbered so far. */
  constructor(
    private readonly start = 0,
    known: Uint32Array = new Uint32Array(0),
    private readonly domain: DomainOf = () => undefined,
  ) {
    known.forEach((id, number) => {
      if (!this.numbers.has(id)) this.numbers.set(id, number);
    });
    this.nextNumber = known.length;
  }
  private nextNumber: number;

  /** What was added to the heap. */
  get heap(): Uint8Array {
    return this.bytes.subarray(0, this.used);
  }
  /** Symbols that got a number here, in its order. */
  get symbolIds(): readonly number[] {
    return this.newIds;
  }

  /** References to the items of a list, 8 bytes each. One value in consecutive places is stored once. */
  references(items: readonly Value[]): Uint8Array {
    const out = new Uint8Array(items.length * 8);
    const view = new DataView(out.buffer);
    let previous: Value | undefined;
    let reference: Reference = { offset: 0, flag: 0 };
    items.forEach((item, i) => {
      if (item !== previous) reference = this.put(item);
      previous = item;
      putReference(view, i * 8, reference);
    });
    return out;
  }

  private room(count: number): number {
    const at = this.used;
    this.used += count;
    if (this.used > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  private put(v: Value): Reference {
    switch (v.kind) {
      case "atom": {
        const one =
          v.type <= -T.enum ? this.unenumerated(vectorOf(T.enum, [v.value], v.domain)) : vectorOf(-v.type, [v.value]);
        const at = this.room(1);
        this.bytes[at] = 127 - one.type;
        this.elements(one);
        return { offset: this.start + at, flag: FLAG_SMALL };
      }
      case "vector":
        return this.vector(v.type >= T.enum ? this.unenumerated(v) : v);
      case "list":
        return this.list(v.items, v.attribute);
      case "dict":
        return this.pair(T.dict, v.attribute, v.keys, v.values);
      case "table":
        return this.table(v);
      default:
        throw signal("type", "a function is not mappable");
    }
  }

  /** Data of a small item, at the end; symbols are 32-bit numbers. */
  private elements(v: Vector): void {
    if (v.type === T.symbol) {
      for (let i = 0; i < v.count; i++) {
        const at = this.room(4);
        this.view.setInt32(at, this.number(U32[v.at / 4 + i]!), true);
      }
      return;
    }
    const count = v.count * datatypeOf(v.type)!.width;
    const at = this.room(count);
    this.bytes.set(U8.subarray(v.at, v.at + count), at);
    signNulls(v, this.view, at);
  }

  private number(id: number): number {
    if (id === 0) return -2147483648;
    let number = this.numbers.get(id);
    if (number === undefined) {
      number = this.nextNumber++;
      this.numbers.set(id, number);
      this.newIds.push(id);
    }
    return number;
  }

  private vector(v: Vector): Reference {
    const width = datatypeOf(v.type)!.width;
    // Indexed attributes need an index behind the data that we know for enumerations of columns only.
    const attribute = v.attribute === 1 ? 1 : 0;
    if (v.count * width < SMALL_BYTES && v.count < 256 && attribute === 0) {
      const at = this.room(2);
      this.bytes[at] = 127 + v.type;
      this.bytes[at + 1] = v.count;
      this.elements(v);
      return { offset: this.start + at, flag: FLAG_SMALL };
    }
    if (v.type !== T.symbol) {
      const at = this.full(v.type, attribute, v.count);
      this.elements(v);
      return { offset: this.start + at, flag: 0 };
    }
    const at = this.full(T.enum, attribute, v.count);
    const data = this.room(v.count * 8);
    for (let i = 0; i < v.count; i++) {
      const number = this.number(U32[v.at / 4 + i]!);
      this.view.setInt32(data + 8 * i, Math.max(0, number), true);
      this.view.setInt32(data + 8 * i + 4, number < 0 ? -2147483648 : 0, true);
    }
    return { offset: this.start + at, flag: attribute === 0 ? 0 : FLAG_ENUM };
  }

  /** The header of a full object on the next 16-byte edge; where it begins. */
  private full(type: number, attribute: number, count: number): number {
    this.room((16 - ((this.start + this.used) % 16)) % 16);
    const at = this.room(FULL_HEADER);
    this.bytes[at] = 0xfb;
    this.bytes[at + 2] = type;
    this.bytes[at + 3] = attribute;
    this.view.setInt32(at + 4, 1, true);
    this.view.setBigInt64(at + 8, BigInt(count), true);
    return at;
  }

  private list(items: readonly Value[], attribute: number): Reference {
    if (items.length === 0 && attribute === 0) {
      const at = this.room(2);
      this.bytes[at] = 127;
      this.bytes[at + 1] = 0;
      return { offset: this.start + at, flag: FLAG_SMALL };
    }
    const at = this.full(T.anymap, attribute === 1 ? 1 : 0, items.length);
    const data = this.room(items.length * 8);
    const references = this.references(items);
    this.bytes.set(references, data);
    return { offset: this.start + at, flag: 0 };
  }

  private pair(type: number, attribute: number, first: Value, second: Value): Reference {
    const at = this.full(type, attribute, 2);
    const data = this.room(16);
    this.bytes.set(this.references([first, second]), data);
    return { offset: this.start + at, flag: FLAG_SMALL };
  }

  private table(v: Table): Reference {
    const columns = v.names.map((_, c) => columnAt(v, c));
    const at = this.full(T.table, v.attribute, 2);
    const data = this.room(16);
    const view = new DataView(new ArrayBuffer(16));
    putReference(view, 0, this.put(symbols(v.names)));
    putReference(view, 8, this.list(columns, 0));
    this.bytes.set(new Uint8Array(view.buffer), data);
    return { offset: this.start + at, flag: FLAG_SMALL };
  }

  /** Enumerated items lose their domain: a heap has one of its own. */
  private unenumerated(v: Vector): Vector {
    const domain = this.domain(v.domain!);
    if (domain === undefined || domain.kind !== "vector" || domain.type !== T.symbol) {
      throw signal("cast", `the domain ${v.domain} of a nested enumeration is not there`);
    }
    const out = symbols(new Array(v.count).fill(""));
    const none = symbolId("");
    for (let i = 0, k = v.at / 4; i < v.count; i++, k += 2) {
      const index = U32[k]!;
      U32[out.at / 4 + i] = I32[k + 1] === 0 && index < domain.count ? U32[domain.at / 4 + index]! : none;
    }
    out.attribute = v.attribute === 1 ? 1 : 0;
    return out;
  }
}

function putReference(view: DataView, at: number, { offset, flag }: Reference): void {
  assert(offset < 2 ** 53, "a heap offset is exact");
  view.setUint32(at, offset % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(offset / 2 ** 32) + flag * 2 ** 24, true);
}
