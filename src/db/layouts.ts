// What a kdb+ file holds (formats.md §1-7): from the first bytes to a value. Fixed-width vectors lie on the file's own
// bytes; 32-bit enumerations are widened, serialized objects decoded. Counts in headers are not believed where the
// length of the file says more (the count rule), and nothing outside the file is ever touched.

import { decodeAt, decodeItems, decodeSymbols } from "#ipc/decode.ts";
import type { Vocabulary } from "#ipc/vocabulary.ts";
import { type AttributeCode, datatypeOf, T } from "#values/datatypes.ts";
import { QSignal, signal } from "#values/signals.ts";
import { kernels } from "#values/storage.ts";
import { vectorIndex } from "#values/search.ts";
import type { List, Value, Vector } from "#values/values.ts";
import { list, newVector } from "#values/vectors.ts";
import { readAnymap } from "./anymap.ts";
import { storedStarts } from "./enumIndex.ts";
import { corrupt } from "./files.ts";
import type { Image, Images } from "./image.ts";
import { readNested } from "./nested.ts";

export interface Reading {
  readonly images: Images;
  readonly vocabulary: Vocabulary;
}

/** Header bytes of the paged layouts: domain at 16, an inner header at 0xff0, data on the next page. */
export const PAGED_DATA = 4096;
export const INNER = 0xff0;
/** Of fixed-width vectors. */
export const PLAIN_DATA = 16;
const OLD_ENUM_DATA = 24;

export interface Layout {
  readonly kind: "object" | "plain" | "nested" | "enum" | "oldEnum" | "anymap" | "heap" | "old";
  readonly type: number;
  readonly attribute: AttributeCode;
  /** Items, by the count rule; for objects that must be decoded to know, undefined. */
  readonly count: number | undefined;
  readonly dataAt: number;
  readonly width: number;
  readonly domain?: string;
}

/** What a header is read from: an image, or the first bytes of a file. */
interface Header {
  readonly path: string;
  /** Of the whole file. */
  readonly size: number;
  need(offset: number, count: number): void;
  byte(offset: number): number;
  int(offset: number): number;
  count(offset: number): number;
  text(offset: number, end: number): string;
}

/** Which layout it is, and how many items: all that a header and the file's length say. */
export function layoutOf(image: Header): Layout {
  if (image.size < 2) throw signal("type", `${image.path} is no kdb+ file`);
  const first = image.byte(0);
  const second = image.byte(1);
  if (first === 0xff && second === 1)
    return { kind: "object", type: 0, attribute: 0, count: undefined, dataAt: 2, width: 0 };
  if (first === 0xff && second === 0x20) return oldVector(image);
  if (first === 0xfe && second === 0x20) return plainVector(image);
  if (first === 0xfe) return oldEnumeration(image);
  if (first === 0xfd && second === 0x20) return paged(image);
  throw signal("type", `${image.path} is no kdb+ file`);
}

/** The same from a file's first bytes, 4096 of them when it is a paged one. */
export const layoutOfBytes = (path: string, start: Uint8Array, size: number): Layout =>
  layoutOf(new HeaderBytes(path, start, size));

class HeaderBytes implements Header {
  constructor(
    readonly path: string,
    private readonly start: Uint8Array,
    readonly size: number,
  ) {}
  need(offset: number, count: number): void {
    if (offset + count > this.start.length) throw corrupt(this.path, `a header ends at ${this.start.length}`);
  }
  byte(offset: number): number {
    this.need(offset, 1);
    return this.start[offset]!;
  }
  int(offset: number): number {
    this.need(offset, 4);
    return new DataView(this.start.buffer, this.start.byteOffset).getInt32(offset, true);
  }
  count(offset: number): number {
    const high = this.int(offset + 4);
    return high < 0 || high >= 2 ** 21 ? Number.NaN : high * 2 ** 32 + (this.int(offset) >>> 0);
  }
  text(offset: number, end: number): string {
    const stop = this.start.indexOf(0, offset);
    if (stop < 0 || stop >= end) throw corrupt(this.path, `a name without an end at ${offset}`);
    return Buffer.from(this.start.subarray(offset, stop)).toString("latin1");
  }
}

/**
 * The count rule. Files are created empty and appended to without touching their header, so its count may be too small,
 * never too large. Only behind an indexed attribute (u p g) more follows than the elements.
 */
function countOf(image: Header, header: number, attribute: AttributeCode, dataAt: number, width: number): number {
  const room = Math.floor((image.size - dataAt) / width);
  if (room < 0 || !(header <= room)) throw corrupt(image.path, `${header} items of ${width} bytes in ${image.size}`);
  return attribute >= 2 ? header : room;
}

function attributeOf(image: Header, offset: number): AttributeCode {
  const code = image.byte(offset);
  if (code > 4) throw corrupt(image.path, `attribute ${code}`);
  return code as AttributeCode;
}

function plainVector(image: Header): Layout {
  image.need(0, PLAIN_DATA);
  const type = image.byte(2);
  const attribute = attributeOf(image, 3);
  const header = image.count(8);
  const nested = type > T.anymap && type <= T.anymap + T.enum;
  const width = nested ? 8 : widthOf(image, type);
  const count = countOf(image, header, attribute, PLAIN_DATA, width);
  return { kind: nested ? "nested" : "plain", type, attribute, count, dataAt: PLAIN_DATA, width };
}

function widthOf(image: Header, type: number): number {
  const datatype = type <= T.time ? datatypeOf(type) : undefined;
  if (datatype === undefined || type === T.symbol) throw corrupt(image.path, `a vector of type ${type}`);
  return datatype.width;
}

function oldVector(image: Header): Layout {
  image.need(0, PLAIN_DATA);
  const type = image.byte(8);
  const width = widthOf(image, type);
  const attribute = attributeOf(image, 9);
  const count = countOf(image, image.int(12), attribute, PLAIN_DATA, width);
  return { kind: "old", type, attribute, count, dataAt: PLAIN_DATA, width };
}

function oldEnumeration(image: Header): Layout {
  image.need(0, OLD_ENUM_DATA);
  const domain = image.text(1, 8);
  if (!/^[A-Za-z.]/.test(domain)) throw signal("type", `${image.path} is no kdb+ file`);
  const attribute = attributeOf(image, 11);
  const count = countOf(image, image.count(16), attribute, OLD_ENUM_DATA, 4);
  return { kind: "oldEnum", type: T.enum, attribute, count, dataAt: OLD_ENUM_DATA, width: 4, domain };
}

function paged(image: Header): Layout {
  image.need(0, PAGED_DATA);
  if (image.byte(INNER) !== 0xfd) throw corrupt(image.path, "no header on the first page");
  const part = image.byte(INNER + 1);
  const type = image.byte(INNER + 2);
  const attribute = attributeOf(image, INNER + 3);
  const header = image.count(INNER + 8);
  if (part === 0 && type === T.byte) {
    return { kind: "heap", type, attribute, count: image.size - PAGED_DATA, dataAt: PAGED_DATA, width: 1 };
  }
  const kind = part === 1 && type === T.anymap ? "anymap" : part === 0 && type === T.enum ? "enum" : undefined;
  if (kind === undefined) throw corrupt(image.path, `part ${part} of type ${type}`);
  const count = countOf(image, header, attribute, PAGED_DATA, 8);
  const domain = kind === "enum" ? image.text(16, INNER) : undefined;
  return { kind, type, attribute, count, dataAt: PAGED_DATA, width: 8, domain };
}

/** The value of a file, whatever its layout. The companions of nested columns (`#`, `##`) are opened as well. */
export function readFile(reading: Reading, path: string): Value {
  const image = reading.images.open(path);
  try {
    return readImage(reading, image);
  } catch (e) {
    // The decoders know no paths: what is a broken message on the wire is a corrupt file here.
    if (e instanceof QSignal && e.text === "badmsg") throw corrupt(path, e.why);
    throw e;
  } finally {
    image.release();
  }
}

function readImage(reading: Reading, image: Image): Value {
  const layout = layoutOf(image);
  const count = layout.count ?? 0;
  switch (layout.kind) {
    case "object":
      return readObject(reading, image);
    case "plain":
    case "old":
    case "enum": {
      const v = image.vector(layout.type, count, layout.width, layout.dataAt, layout.domain);
      v.attribute = layout.attribute;
      if (layout.kind === "enum" && layout.attribute === 3) {
        vectorIndex(v).stored = () => storedStarts(image, layout.dataAt, count);
      }
      return v;
    }
    case "oldEnum":
      return widened(image, layout);
    case "nested":
      return withAttribute(readNested(reading.images, image, layout), layout.attribute);
    case "anymap":
      return withAttribute(readAnymap(reading, image, layout), layout.attribute);
    case "heap":
      throw signal("type", `${image.path} is the heap of a column, not a value`);
  }
}

function withAttribute(v: List, attribute: AttributeCode): List {
  v.attribute = attribute;
  return v;
}

function widened(image: Image, layout: Layout): Vector {
  const count = layout.count ?? 0;
  image.need(layout.dataAt, count * 4);
  const v = newVector(T.enum, count, layout.domain);
  // int to long, null to null: no domain is so long that its last index could be mistaken for infinity.
  kernels.get("cast_ij")(image.at + layout.dataAt, v.at, count);
  v.attribute = layout.attribute;
  return v;
}

/** `ff 01` and a serialized object. Lists and symbol vectors are streams that end with the file. */
function readObject(reading: Reading, image: Image): Value {
  const bytes = image.bytes();
  const options = { vocabulary: reading.vocabulary, file: true };
  const type = image.byte(2);
  if (type !== T.list && type !== T.symbol) return decodeAt(bytes, 2, options).value;
  const attribute = attributeOf(image, 3);
  const header = image.int(4);
  if (type === T.symbol) {
    // An append that was cut off leaves a text without its end: it is no symbol yet.
    const whole = bytes.subarray(0, Math.max(8, bytes.lastIndexOf(0) + 1));
    const v = decodeSymbols(whole, 8);
    if (!(header <= v.count)) throw corrupt(image.path, `${header} symbols announced, ${v.count} there`);
    v.attribute = attribute;
    return v;
  }
  const items = decodeItems(bytes, 8, options);
  if (!(header <= items.length)) throw corrupt(image.path, `${header} items announced, ${items.length} there`);
  const v = list(items);
  v.attribute = attribute;
  return v;
}
