// A value as the bytes of a kdb+ file (formats.md §13), byte for byte what kdb+ writes where the layout is known: fixed-
// width vectors and enumerations for mapping, nested lists as anymaps, everything else serialized. Putting them in place
// is files.ts's.

import { encodePayload, signNulls } from "#ipc/encode.ts";
import type { DomainOf } from "#ipc/vocabulary.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { List, Value, Vector } from "#values/values.ts";
import { vectorOf } from "#values/vectors.ts";
import { pack, type Packing } from "./container.ts";
import { enumIndex, isParted } from "./enumIndex.ts";
import { exists, removeFile, replaceFile } from "./files.ts";
import { HeapWriter, isMappable } from "./heap.ts";
import { INNER, PAGED_DATA, PLAIN_DATA } from "./layouts.ts";
import { symbolText } from "#values/symbols.ts";

type Parts = Uint8Array[];

export interface WriteOptions {
  readonly domain?: DomainOf;
  readonly packing?: Packing;
}

/** Writes a file, and the companions of a nested list; what stood there is replaced. */
export function writeFile(path: string, value: Value, options: WriteOptions = {}): void {
  const put = (target: string, parts: Parts): void => replaceWith(target, parts, options);
  if (value.kind === "list" && isAnymap(value)) {
    const writer = new HeapWriter(0, undefined, options.domain);
    const references = writer.references(value.items);
    // The heap first: who reads in between finds old references in a new heap, or none, never new ones in an old heap.
    if (writer.symbolIds.length > 0) put(`${path}##`, symbolParts(writer.symbolIds.map(symbolText)));
    else if (exists(`${path}##`)) removeFile(`${path}##`);
    put(`${path}#`, [page([0xfd, 0, 4, 0], 0), writer.heap]);
    put(path, [page([0xfd, 1, T.anymap, value.attribute === 1 ? 1 : 0], value.items.length), references]);
    return;
  }
  put(path, fileParts(value));
  for (const companion of [`${path}#`, `${path}##`]) if (exists(companion)) removeFile(companion);
}

/** Puts the bytes in place, compressed when that is asked for. */
export function replaceWith(path: string, parts: Parts, options: WriteOptions): void {
  replaceFile(path, options.packing === undefined ? parts : [pack(Buffer.concat(parts), options.packing)]);
}

/** Lists of lists are mapped; one that holds atoms or functions is an object (formats.md §2). */
export const isAnymap = (v: List): boolean =>
  v.items.length > 0 && v.items.every((item) => item.type >= 0 && isMappable(item));

/** The bytes of a file that needs no companions. */
export function fileParts(value: Value): Parts {
  if (value.kind === "vector") {
    if (value.type >= T.enum) return enumParts(value);
    if (value.type !== T.symbol) return vectorParts(value);
  }
  return [Uint8Array.of(0xff, 1), encodePayload(value, { file: true })];
}

/** `fe 20`: header, elements. The index of u# p# g# is not known for these, so the attribute is not written. */
function vectorParts(v: Vector): Parts {
  const header = new DataView(new ArrayBuffer(PLAIN_DATA));
  header.setUint8(0, 0xfe);
  header.setUint8(1, 0x20);
  header.setUint8(2, v.type);
  header.setUint8(3, v.attribute === 1 ? 1 : 0);
  header.setBigInt64(8, BigInt(v.count), true);
  return [new Uint8Array(header.buffer), elementBytes(v)];
}

/** The elements as files hold them. */
export function elementBytes(v: Vector): Uint8Array {
  const bytes = U8.subarray(v.at, v.at + v.count * datatypeOf(v.type)!.width);
  if (datatypeOf(v.type)!.holding !== "float") return bytes;
  const copy = bytes.slice();
  signNulls(v, new DataView(copy.buffer), 0);
  return copy;
}

/** A first page: `fd 20`, the domain's name, the inner header. */
function page(inner: readonly number[], count: number, domain = ""): Uint8Array {
  const bytes = new Uint8Array(PAGED_DATA);
  bytes.set([0xfd, 0x20]);
  if (domain.length > INNER - 17) throw signal("limit", "a domain's name is this long");
  for (let i = 0; i < domain.length; i++) bytes[16 + i] = domain.charCodeAt(i);
  bytes.set(inner, INNER);
  new DataView(bytes.buffer).setBigInt64(INNER + 8, BigInt(count), true);
  return bytes;
}

function enumParts(v: Vector): Parts {
  const attribute = v.attribute === 3 && !isParted(v) ? 0 : v.attribute === 2 ? 0 : v.attribute;
  const parts: Parts = [page([0xfd, 0, T.enum, attribute], v.count, v.domain), U8.subarray(v.at, v.at + v.count * 8)];
  if (attribute >= 3) parts.push(enumIndex(v, attribute as 3 | 4));
  return parts;
}

/** `ff 01 0b`: symbols, as `sym`, `.d` and `##` files hold them. */
export function symbolParts(texts: readonly string[]): Parts {
  return fileParts(vectorOf(T.symbol, texts));
}

/** NUL-terminated texts, to be appended to a file of symbols. */
export const symbolBytes = (texts: readonly string[]): Uint8Array =>
  Buffer.from(texts.map((text) => `${text}\0`).join(""), "latin1");
