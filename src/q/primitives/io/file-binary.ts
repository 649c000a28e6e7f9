// The glyph 1: — records of bytes to columns, and data to a file as its bytes (ref/file-binary.md).

import { datatypeByLetter, datatypeOf, T } from "#values/datatypes.ts";
import { primitive } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8, U32 } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { countOf, integerOf, isList, itemsOf, list, newVector, setElement, string, textOf } from "#values/vectors.ts";
import { textBetween } from "../text/reading.ts";
import { isFileSymbol, pathOf, readSource, sourceOf } from "./files.ts";

export const fileBinary = primitive({
  name: "File Binary",
  glyph: "1:",
  rank: 2,
  category: "io",
  wire: [102, 21],
  run: (session, x, y) => {
    if (isFileSymbol(x)) return save(session, x, y, undefined);
    if (x.kind === "list" && x.items.length === 4 && isFileSymbol(x.items[0]!)) {
      return save(session, x.items[0]!, y, list(x.items.slice(1)));
    }
    if (isList(x) && countOf(x) === 2) return read(session, x, y);
    throw signal("type", "1: has no meaning for these");
  },
});

// ---- save ----------------------------------------------------------------------------------------------------------------
function save(session: Session, file: Value, y: Value, options: Value | undefined): Value {
  const path = pathOf(file);
  const bytes = rawBytes(y);
  // What has structure is written as `set` writes it.
  if (bytes === undefined) session.host.database.set(path, y, options);
  else session.host.files.write(path, options === undefined ? bytes : session.host.database.pack(bytes, options));
  return file;
}
function rawBytes(y: Value): Uint8Array | undefined {
  if (y.kind === "vector") {
    if (y.type === T.symbol) return undefined;
    return U8.slice(y.at, y.at + y.count * datatypeOf(y.type)!.width);
  }
  if (y.kind !== "atom" || y.type === -T.symbol) return undefined;
  const v = newVector(-y.type, 1, y.domain);
  setElement(v, 0, y.value);
  return rawBytes(v);
}

// ---- read ----------------------------------------------------------------------------------------------------------------
interface Field {
  readonly letter: string;
  readonly width: number;
  readonly at: number;
}

function read(session: Session, x: Value, y: Value): Value {
  const [first, second] = itemsOf(x);
  const little = first!.type === T.char || first!.type === -T.char;
  const types = textOf(little ? first! : second!);
  const widthList = little ? second! : first!;
  const widths = (isList(widthList) ? itemsOf(widthList) : [widthList]).map(integerOf);
  if (widths.length !== types.length) throw signal("length", `${types.length} types for ${widths.length} widths`);
  let recordSize = 0;
  const fields: Field[] = widths.map((width, i) => {
    const field = { letter: types[i]!, width, at: recordSize };
    recordSize += width;
    return field;
  });
  const [bytes, from, to] = bytesOf(session, y);
  const rows = recordSize === 0 ? 0 : Math.floor((to - from) / recordSize);
  const columns = fields
    .filter((field) => field.letter !== " ")
    .map((field) => column(field, bytes, from, recordSize, rows, little));
  return list(columns);
}

function bytesOf(session: Session, y: Value): [bytes: Uint8Array, from: number, to: number] {
  if (y.kind === "vector" && (y.type === T.byte || y.type === T.char)) return [U8, y.at, y.at + y.count];
  const source = sourceOf(y);
  if (source === undefined) throw signal("type", "records come from a file, a string or bytes");
  const bytes = readSource(session, source);
  return [bytes, 0, bytes.length];
}

function column(
  field: Field,
  bytes: Uint8Array,
  from: number,
  recordSize: number,
  rows: number,
  little: boolean,
): Value {
  const { letter, width, at } = field;
  const place = (row: number): number => from + row * recordSize + at;
  if (letter === "*") {
    return list(Array.from({ length: rows }, (_, row) => string(textBetween(bytes, place(row), place(row) + width))));
  }
  if (letter === "s") {
    const v = newVector(T.symbol, rows);
    for (let row = 0; row < rows; row++) {
      U32[v.at / 4 + row] = symbolId(textBetween(bytes, place(row), place(row) + width).replace(/[ \0]+$/, ""));
    }
    return v;
  }
  const datatype = datatypeByLetter(letter);
  if (datatype === undefined) throw signal("type", `no column type ${letter}`);
  if (datatype.width !== width) throw signal("length", `a ${datatype.name} has ${datatype.width} bytes, not ${width}`);
  const v: Vector = newVector(datatype.number, rows);
  const swap = !little && letter !== "g";
  for (let row = 0; row < rows; row++) {
    const target = v.at + row * width;
    const source = place(row);
    for (let i = 0; i < width; i++) U8[target + (swap ? width - 1 - i : i)] = bytes[source + i]!;
  }
  return v;
}
