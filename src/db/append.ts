// `upsert` to a file (formats.md §13): elements go to its end and the header's count is left as it is, which is what
// kdb+ does. Where something stands behind the elements (an index, a compressed file's table) the file is written anew.

import { encodePayload } from "#ipc/encode.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { QSignal, signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import { symbolText } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { elementAt, itemsOf, list, newVector, symbolTexts, vectorOf } from "#values/vectors.ts";
import { symbolsOf } from "./anymap.ts";
import { isCompressed, readContainer } from "./container.ts";
import { appendFile, exists, fileSize, patchFile, readPart, readStart } from "./files.ts";
import { HeapWriter } from "./heap.ts";
import { INNER, type Layout, layoutOfBytes, PAGED_DATA, readFile, type Reading } from "./layouts.ts";
import { elementBytes, replaceWith, symbolBytes, symbolParts, writeFile, type WriteOptions } from "./write.ts";

/** What an object that is no list becomes when something is appended to it: q's join, which the session has. */
export type Join = (old: Value, more: Value) => Value;

/** Adds the items of `value` to a file that is there. */
export function appendToFile(reading: Reading, path: string, value: Value, options: WriteOptions, join: Join): void {
  const { start, size } = readStart(path, PAGED_DATA);
  if (isCompressed(start)) {
    appendCompressed(reading, path, value, options, join);
    return;
  }
  const layout = layoutOfBytes(path, start, size);
  switch (layout.kind) {
    case "object":
      appendObject(reading, path, start, value, options, join);
      return;
    case "plain":
    case "enum":
      appendVector(reading, path, layout, size, value, options);
      return;
    case "anymap":
      appendNested(reading, path, layout, size, value, options);
      return;
    default:
      // Layouts that kdb+ itself only reads.
      throw signal("type", `${path} is of a kdb+ before 3.6 and is not appended to`);
  }
}

function appendCompressed(reading: Reading, path: string, value: Value, options: WriteOptions, join: Join): void {
  const { algorithm, level, blockBytes } = readContainer(path, readPart(path, 0, fileSize(path)));
  const old = readFile(reading, path);
  if (old.type === T.enum) throw new QSignal("no append to zipped enums");
  const packing = { algorithm, level, logicalBlockSize: Math.log2(blockBytes) };
  const whole =
    old.kind === "vector" ? concatenated(old, vectorFor(value, old.type, old.domain, path)) : join(old, value);
  writeFile(path, whole, { ...options, packing });
}

/** The items to add to a vector of this type; an atom is one of them. */
function vectorFor(v: Value, type: number, domain: string | undefined, path: string): Vector {
  const items = v.kind === "atom" && v.type === -type ? vectorOf(type, [v.value], v.domain) : v;
  if (items.kind === "list" && items.items.length === 0) return newVector(type, 0, domain);
  if (items.kind !== "vector" || items.type !== type || items.domain !== domain) {
    throw signal("type", `${path} holds type ${type}, not ${v.type}`);
  }
  return items;
}

function concatenated(a: Vector, b: Vector): Vector {
  const { width } = datatypeOf(a.type)!;
  const v = newVector(a.type, a.count + b.count, a.domain);
  U8.copyWithin(v.at, a.at, a.at + a.count * width);
  U8.copyWithin(v.at + a.count * width, b.at, b.at + b.count * width);
  return v;
}

function appendVector(
  reading: Reading,
  path: string,
  layout: Layout,
  size: number,
  value: Value,
  options: WriteOptions,
): void {
  const more = vectorFor(value, layout.type, layout.domain, path);
  if (more.count === 0) return;
  if (layout.attribute >= 2) {
    // The index behind the elements is made anew: g# holds whatever comes, p# only while equal ones stand together.
    const old = readFile(reading, path) as Vector;
    const whole = concatenated(old, more);
    whole.attribute = layout.attribute;
    writeFile(path, whole, options);
    return;
  }
  const { width } = datatypeOf(layout.type)!;
  if (layout.attribute === 1 && !staysSorted(path, layout, more)) {
    patchFile(path, layout.kind === "enum" ? INNER + 3 : 3, Uint8Array.of(0));
  }
  // A crash in the middle of an append leaves a broken element: what is added goes where the last whole one ends.
  const end = layout.dataAt + layout.count! * width;
  if (end === size) appendFile(path, elementBytes(more));
  else patchFile(path, end, elementBytes(more));
}

/** True when s# still holds: the last element and those that come are ascending. */
function staysSorted(path: string, layout: Layout, more: Vector): boolean {
  if (layout.kind === "enum") return false;
  const { width } = datatypeOf(layout.type)!;
  const both = newVector(layout.type, more.count + (layout.count === 0 ? 0 : 1));
  if (layout.count !== 0) U8.set(readPart(path, layout.dataAt + (layout.count! - 1) * width, width), both.at);
  U8.copyWithin(both.at + (both.count - more.count) * width, more.at, more.at + more.count * width);
  for (let i = 1; i < both.count; i++) {
    const a = elementAt(both, i - 1);
    const b = elementAt(both, i);
    // NaN, the null float, comes before everything.
    if (a > b || (Number.isNaN(b) && !Number.isNaN(a))) return false;
  }
  return true;
}

function appendObject(
  reading: Reading,
  path: string,
  start: Uint8Array,
  value: Value,
  options: WriteOptions,
  join: Join,
): void {
  const type = start[2];
  if (type === T.list) {
    // Each item is serialized on its own: that is what a log is.
    const payloads = (value.kind === "atom" ? [value] : itemsOf(value)).map((item) =>
      encodePayload(item, { file: true }),
    );
    appendFile(path, Buffer.concat(payloads));
  } else if (type === T.symbol) {
    if (value.type !== T.symbol && value.type !== -T.symbol) throw signal("type", `${path} holds symbols`);
    if (start[3] !== 0) patchFile(path, 3, Uint8Array.of(0));
    appendFile(path, symbolBytes(symbolTexts(value)));
  } else {
    writeFile(path, join(readFile(reading, path), value), options);
  }
}

function appendNested(
  reading: Reading,
  path: string,
  layout: Layout,
  size: number,
  value: Value,
  options: WriteOptions,
): void {
  const items = itemsOf(value);
  if (items.some((item) => item.type < 0)) throw signal("type", `${path} holds lists`);
  const heapSize = fileSize(`${path}#`) - PAGED_DATA;
  if (isCompressed(readPart(`${path}#`, 0, 8))) {
    writeFile(path, list([...itemsOf(readFile(reading, path)), ...items]), options);
    return;
  }
  const known = symbolsOf(reading.images, `${path}##`);
  const writer = new HeapWriter(heapSize, known, options.domain);
  const references = writer.references(items);
  if (writer.symbolIds.length > 0) {
    const texts = writer.symbolIds.map(symbolText);
    if (exists(`${path}##`)) appendFile(`${path}##`, symbolBytes(texts));
    else replaceWith(`${path}##`, symbolParts(texts), options);
  }
  appendFile(`${path}#`, writer.heap);
  if (layout.dataAt + layout.count! * 8 === size) appendFile(path, references);
  else patchFile(path, layout.dataAt + layout.count! * 8, references);
}
