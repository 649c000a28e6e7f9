// Anymap columns (formats.md §7), reading: `col` holds references into the heap `col#`, whose symbols are indices into
// `col##`. Vectors that lie on their width stay where they are, symbols and unaligned ones are copied. Items that
// several references share become one value. Writing is heap.ts's.

import { decodeSymbols } from "#ipc/decode.ts";
import { type AttributeCode, datatypeOf, T } from "#values/datatypes.ts";
import { own } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { U8, U32 } from "#values/storage.ts";
import { Table, type List, type Value, type Vector } from "#values/values.ts";
import { atom, countOf, dict, elementAt, list, newVector, symbolTexts } from "#values/vectors.ts";
import { corrupt, exists } from "./files.ts";
import type { Image, Images } from "./image.ts";
import { layoutOf, PAGED_DATA, type Layout } from "./layouts.ts";

const DEEPEST = 512;
const FULL = 0xfb;

export function readAnymap(reading: { images: Images }, references: Image, layout: Layout): List {
  const { images } = reading;
  const heap = images.open(`${references.path}#`);
  try {
    if (layoutOf(heap).kind !== "heap") throw corrupt(heap.path, "no heap of a column");
    const items = new Heap(heap, () => symbolsOf(images, `${references.path}##`));
    return list(items.list(references, layout.dataAt, layout.count ?? 0, 0));
  } finally {
    heap.release();
  }
}

/** The ids of the symbols of a `##` file. */
export function symbolsOf(images: Images, path: string): Uint32Array {
  if (!exists(path)) return new Uint32Array(0);
  const image = images.open(path);
  try {
    const bytes = image.bytes();
    if (image.byte(0) !== 0xff || image.byte(1) !== 1 || image.byte(2) !== T.symbol) throw corrupt(path, "no symbols");
    const v = decodeSymbols(bytes.subarray(0, Math.max(8, bytes.lastIndexOf(0) + 1)), 8);
    return U32.slice(v.at / 4, v.at / 4 + v.count);
  } catch (e) {
    if (e instanceof QSignal && e.text === "badmsg") throw corrupt(path, e.why);
    throw e;
  } finally {
    image.release();
  }
}

class Heap {
  private readonly known = new Map<number, Value>();
  private ids: Uint32Array | undefined;

  constructor(
    private readonly heap: Image,
    private readonly symbols: () => Uint32Array,
  ) {}

  /** The items that `count` references at an offset of an image stand for. */
  list(image: Image, offset: number, count: number, depth: number): Value[] {
    image.need(offset, count * 8);
    const items: Value[] = new Array(count);
    // Equal neighbours are written once and referred to twice.
    let previous = -1;
    for (let i = 0; i < count; i++) {
      const reference = this.reference(image, offset + 8 * i);
      items[i] = reference === previous ? items[i - 1]! : this.item(reference, depth);
      previous = reference;
    }
    return items;
  }

  /** 56 bits of offset; the byte on top only says of what kind the item is. */
  private reference(image: Image, offset: number): number {
    const high = image.int(offset + 4) & 0xffffff;
    if (high >= 2 ** 21) throw corrupt(image.path, "a reference beyond every file");
    return high * 2 ** 32 + (image.int(offset) >>> 0);
  }

  private item(reference: number, depth: number): Value {
    const offset = PAGED_DATA + reference;
    const first = this.heap.byte(offset);
    if (first !== FULL) return this.small(offset, first);
    if (this.heap.byte(offset + 2) < T.anymap) return this.full(offset, depth);
    // What has items of its own is made once: lists that share lists would unfold without end otherwise.
    const known = this.known.get(reference);
    if (known !== undefined) return known;
    if (depth > DEEPEST) throw corrupt(this.heap.path, `nested deeper than ${DEEPEST}`);
    const value = this.full(offset, depth);
    this.known.set(reference, value);
    return value;
  }

  private full(offset: number, depth: number): Value {
    const { heap } = this;
    const type = heap.byte(offset + 2);
    const attribute = heap.byte(offset + 3);
    const count = heap.count(offset + 8);
    const at = offset + 16;
    if (attribute > 4) throw corrupt(heap.path, `attribute ${attribute}`);
    heap.need(at, Number.isNaN(count) ? Number.POSITIVE_INFINITY : count);
    switch (type) {
      case T.anymap: {
        const v = list(this.list(heap, at, count, depth + 1));
        v.attribute = attribute as AttributeCode;
        return v;
      }
      case T.table:
      case T.dict:
        return this.pair(type, at, count, attribute as AttributeCode, depth);
      case T.enum:
        return this.enumerated(at, count, attribute as AttributeCode);
      default: {
        const v = this.vector(type, count, at);
        v.attribute = attribute as AttributeCode;
        return v;
      }
    }
  }

  private pair(type: number, at: number, count: number, attribute: AttributeCode, depth: number): Value {
    if (count !== 2) throw corrupt(this.heap.path, `${count} parts of a ${type === T.table ? "table" : "dictionary"}`);
    const [keys, values] = this.list(this.heap, at, 2, depth + 1) as [Value, Value];
    if (type === T.dict) {
      if (!hasItems(keys) || !hasItems(values) || countOf(keys) !== countOf(values)) {
        throw corrupt(this.heap.path, "a dictionary's keys and values");
      }
      const d = dict(keys, values);
      d.attribute = attribute;
      return d;
    }
    if (
      keys.type !== T.symbol ||
      keys.kind !== "vector" ||
      values.kind !== "list" ||
      values.items.length !== keys.count
    ) {
      throw corrupt(this.heap.path, "a table's names and columns");
    }
    const rows = values.items.length === 0 ? 0 : countOf(values.items[0]!);
    for (const column of values.items) {
      if (!hasItems(column) || countOf(column) !== rows) throw corrupt(this.heap.path, "columns of different lengths");
      if (column.kind !== "atom") column.refs++;
    }
    const t = own(new Table(symbolTexts(keys), [...values.items]));
    t.attribute = attribute;
    return t;
  }

  /** Symbols: 64-bit indices into the `##` file, out again as symbols. */
  private enumerated(at: number, count: number, attribute: AttributeCode): Vector {
    const { heap } = this;
    heap.need(at, count * 8);
    const v = newVector(T.symbol, count);
    for (let i = 0; i < count; i++) {
      const high = heap.int(at + 8 * i + 4);
      U32[v.at / 4 + i] = this.id(high === 0 ? heap.int(at + 8 * i) : high === -2147483648 ? -2147483648 : -1);
    }
    v.attribute = attribute;
    return v;
  }

  private id(index: number): number {
    if (index === -2147483648) return 0;
    this.ids ??= this.symbols();
    if (index < 0 || index >= this.ids.length) throw corrupt(this.heap.path, `symbol ${index} of ${this.ids.length}`);
    return this.ids[index]!;
  }

  private vector(type: number, count: number, at: number): Vector {
    const { heap } = this;
    if (type === T.symbol) {
      heap.need(at, count * 4);
      const v = newVector(T.symbol, count);
      for (let i = 0; i < count; i++) U32[v.at / 4 + i] = this.id(heap.int(at + 4 * i));
      return v;
    }
    const datatype = type <= T.time ? datatypeOf(type) : undefined;
    if (datatype === undefined) throw corrupt(heap.path, `an item of type ${type}`);
    const { width } = datatype;
    if ((heap.at + at) % Math.min(width, 8) === 0) return heap.vector(type, count, width, at);
    heap.need(at, count * width);
    const v = newVector(type, count);
    U8.set(U8.subarray(heap.at + at, heap.at + at + count * width), v.at);
    return v;
  }

  /** Type and a short count in two bytes, or an atom behind one. */
  private small(offset: number, first: number): Value {
    const type = first - 127;
    if (type === 0) return list([]);
    if (type > 0) return this.vector(type, this.heap.byte(offset + 1), offset + 2);
    const one = this.vector(-type, 1, offset + 1);
    return atom(-type, elementAt(one, 0));
  }
}

const hasItems = (v: Value): boolean =>
  v.kind === "vector" || v.kind === "list" || v.kind === "table" || v.kind === "dict";
