// The glyph 0: — tables to text, text to files, and delimited, fixed-width or key-value text to columns
// (ref/file-text.md). What a field means by its type is text/reading.ts's.

import { T } from "#values/datatypes.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import type { PackedStrings, Value, Vector } from "#values/values.ts";
import { countOf, gather, isList, itemsOf, list, newVector, table, textOf } from "#values/vectors.ts";
import { U8, U32 } from "#values/storage.ts";
import { columnsFor, loadDelimited, loadFixed, type Record as Row } from "./columns.ts";
import { loadFields, WORTH_IT } from "./fields.ts";
import { byteVector, isFileSymbol, lineEnds, pathOf, readSource, sourceOf } from "./files.ts";
import { pairs } from "./key-value.ts";
import { prepareText } from "./prepare.ts";

type Overload = readonly [fits: (x: Value, y: Value) => boolean, run: (session: Session, x: Value, y: Value) => Value];

const isText = (v: Value): boolean => v.type === T.char || v.type === -T.char;
const isStrings = (v: Value): boolean => v.kind === "list" && (v.packed !== undefined || v.items.every(isText));

const overloads: readonly Overload[] = [
  [(x, y) => isFileSymbol(x) && (isStrings(y) || y.type === T.char), saveText],
  [
    (x, y) => (x.type === -T.char || (x.type === T.char && countOf(x) === 1)) && (y.kind === "table" || isList(y)),
    prepareText,
  ],
  [(x, y) => x.type === T.char && countOf(x) >= 3 && y.type === T.char, (_, x, y) => pairs(textOf(x), y as Vector)],
  [(x) => x.kind === "list" && (x.items.length === 2 || x.items.length === 3) && isText(x.items[0]!), load],
];

export const fileText = primitive({
  name: "File Text",
  glyph: "0:",
  rank: 2,
  category: "io",
  wire: [102, 20],
  run: (session, x, y) => {
    for (const [fits, run] of overloads) if (fits(x, y)) return run(session, x, y);
    throw signal("type", "0: has no meaning for these");
  },
});

// ---- save --------------------------------------------------------------------------------------------------------------
function saveText(session: Session, x: Value, y: Value): Value {
  const path = pathOf(x);
  session.host.files.write(path, linesToBytes(y));
  return x;
}
/** Strings, each with a line end. */
export function linesToBytes(strings: Value): Uint8Array {
  if (strings.kind === "list" && strings.packed !== undefined) return packedToBytes(strings.packed);
  const lines = strings.kind === "vector" ? [strings] : itemsOf(strings);
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + countOf(line) + 1, 0));
  let at = 0;
  for (const line of lines) {
    if (line.kind === "vector") bytes.set(U8.subarray(line.at, line.at + line.count), at);
    else bytes[at] = textOf(line).charCodeAt(0);
    at += countOf(line);
    bytes[at++] = 10;
  }
  return bytes;
}

function packedToBytes({ bytes, offsets, count }: PackedStrings): Uint8Array {
  const ends = offsets.at / 4;
  const lines = new Uint8Array(U32[ends + count]! + count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const from = bytes.at + U32[ends + i]!;
    const to = bytes.at + U32[ends + i + 1]!;
    if (to - from < 128) for (let k = from; k < to; k++) lines[at++] = U8[k]!;
    else {
      lines.set(U8.subarray(from, to), at);
      at += to - from;
    }
    lines[at++] = NEWLINE;
  }
  return lines;
}

// ---- load --------------------------------------------------------------------------------------------------------------
function load(session: Session, x: Value, y: Value): Value {
  const [typesValue, layout, flag] = itemsOf(x);
  const types = textOf(typesValue!);
  if (layout!.type === -T.char || (isList(layout!) && layout!.type === T.char)) {
    const embedded = flag !== undefined && Number(textOrNumber(flag)) === 1;
    return loadCsv(session, types, textOf(layout!).charCodeAt(0), layout!.type === T.char, embedded, y);
  }
  if (isList(layout!) || layout!.kind === "atom")
    return loadWidths(session, types, itemsOf(list([layout!])).flatMap(widthsIn), y);
  throw signal("type", "types go with a delimiter or with widths");
}
const textOrNumber = (v: Value): number => (v.kind === "atom" ? Number(v.value) : 0);
function widthsIn(v: Value): number[] {
  return (isList(v) ? itemsOf(v) : [v]).map((item) => {
    if (item.kind !== "atom" || typeof item.value !== "number" || item.type === -T.char)
      throw signal("type", "widths are integers");
    return item.value;
  });
}

/** The records of y: each line of a file or each string of a list. */
function recordsOf(session: Session, y: Value, embedded: boolean): Row[] {
  const source = sourceOf(y);
  if (source !== undefined) return splitRecords(readSource(session, source), embedded);
  if (isStrings(y)) {
    return itemsOf(y).map((s) => {
      const bytes = s.kind === "vector" ? U8 : Uint8Array.of(textOf(s).charCodeAt(0));
      const from = s.kind === "vector" ? s.at : 0;
      return { bytes, from, to: from + countOf(s) };
    });
  }
  throw signal("type", "text comes from a file, a string or strings");
}
function splitRecords(bytes: Uint8Array, embedded: boolean): Row[] {
  const ends = lineEnds(bytes, embedded);
  const records: Row[] = new Array(ends.length / 2);
  for (let i = 0; i < records.length; i++) records[i] = { bytes, from: ends[2 * i]!, to: ends[2 * i + 1]! };
  return records;
}

function loadCsv(
  session: Session,
  types: string,
  delimiter: number,
  named: boolean,
  embedded: boolean,
  y: Value,
): Value {
  if (y.type === T.char && !named) {
    // One record: its fields, each an atom (or a string).
    const v = y as Vector;
    const columns = columnsFor(session, types, 1);
    loadDelimited(columns, [{ bytes: U8, from: v.at, to: v.at + v.count }], delimiter);
    return gather(columns.map((column) => column.first()));
  }
  const text = embedded || delimiter === QUOTE || delimiter === NEWLINE ? undefined : longText(session, y);
  if (text !== undefined) return loadText(session, types, delimiter, named, text);
  const records = y.type === T.char ? [vectorRecord(y as Vector)] : recordsOf(session, y, embedded);
  const header = named ? records.shift() : undefined;
  const columns = columnsFor(session, types, records.length);
  loadDelimited(columns, records, delimiter);
  if (!named) return list(columns.map((column) => column.values()));
  return table(
    headerNames(session, types, delimiter, header),
    columns.map((column) => column.values()),
  );
}
function headerNames(session: Session, types: string, delimiter: number, header: Row | undefined): string[] {
  const names = columnsFor(session, types.replace(/[^ ]/g, "S"), 1);
  if (header !== undefined) loadDelimited(names, [header], delimiter);
  return names.map((column) => textOf(column.first()));
}

// ---- long text: by kernels -----------------------------------------------------------------------------------------
const QUOTE = 34;
const NEWLINE = 10;

/** Lines one after another in memory, when there are enough of them to be worth it. */
function longText(session: Session, y: Value): Vector | undefined {
  const source = sourceOf(y);
  if (source !== undefined) {
    const { files } = session.host;
    if (source.offset === undefined && files.kind(source.path) === "file" && files.size(source.path) < WORTH_IT)
      return undefined;
    const bytes = readSource(session, source);
    return byteVector(T.byte, bytes);
  }
  if (y.kind === "list" && y.packed !== undefined) {
    const { bytes } = y.packed;
    // A string with a line end inside would fall in two.
    if (U8.subarray(bytes.at, bytes.at + bytes.count).includes(NEWLINE)) return undefined;
    return byteVector(T.byte, packedToBytes(y.packed));
  }
  if (y.kind !== "list" || y.items.length < 256) return undefined;
  let length = 0;
  for (const item of y.items) {
    if (item.type !== T.char) return undefined;
    length += (item as Vector).count + 1;
  }
  const v = newVector(T.byte, length);
  let at = v.at;
  for (const item of y.items as Vector[]) {
    for (let i = 0; i < item.count; i++) {
      const c = U8[item.at + i]!;
      if (c === NEWLINE) return undefined;
      U8[at++] = c;
    }
    U8[at++] = NEWLINE;
  }
  return v;
}

function loadText(session: Session, types: string, delimiter: number, named: boolean, text: Vector): Value {
  const end = text.at + text.count;
  if (!named) return list(loadFields(session, types, text.at, end, delimiter));
  const length = U8.subarray(text.at, end).indexOf(NEWLINE);
  const headerEnd = length < 0 ? end : text.at + length;
  const to = headerEnd > text.at && U8[headerEnd - 1] === 13 ? headerEnd - 1 : headerEnd;
  const names = headerNames(session, types, delimiter, { bytes: U8, from: text.at, to });
  return table(names, loadFields(session, types, Math.min(end, headerEnd + 1), end, delimiter));
}

const vectorRecord = (v: Vector): Row => ({ bytes: U8, from: v.at, to: v.at + v.count });

function loadWidths(session: Session, types: string, widths: number[], y: Value): Value {
  if (widths.length !== types.length) throw signal("length", `${types.length} types for ${widths.length} widths`);
  const source = sourceOf(y);
  let records: Row[];
  if (source !== undefined || y.type === T.char) {
    const bytes =
      source !== undefined
        ? readSource(session, source)
        : U8.slice((y as Vector).at, (y as Vector).at + (y as Vector).count);
    records = fixedRecords(
      bytes,
      widths.reduce((sum, w) => sum + w, 0),
    );
  } else records = recordsOf(session, y, false);
  const columns = columnsFor(session, types, records.length);
  loadFixed(columns, records, types, widths);
  return list(columns.map((column) => column.values()));
}
/** Records of one width, with a line end after every one or after none. */
function fixedRecords(bytes: Uint8Array, width: number): Row[] {
  if (bytes.includes(10)) return splitRecords(bytes, false);
  const records: Row[] = [];
  for (let from = 0; from + width <= bytes.length && width > 0; from += width)
    records.push({ bytes, from, to: from + width });
  return records;
}
