// A table or a list of columns as lines of delimited text (0: with a delimiter on its left). Each line is put together as
// bytes; what a column's cells cost is decided once for the column.

import { ByteText, digitsOf } from "#format/bytes.ts";
import { blankTextOf, blankTextsOf } from "#format/format.ts";
import { Pack, WORTH_PACKING } from "#format/packing.ts";
import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8, U32 } from "#values/storage.ts";
import { symbolText } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { columnAt, countOf, isList, itemsOf, list, rowCount, textOf } from "#values/vectors.ts";

const QUOTE = 34;
const NEWLINE = 10;

/** The line being made. */
class Line extends ByteText {
  constructor(readonly delimiter: number) {
    super();
  }
  /** Text that stands in quotes, its own doubled, when it holds the delimiter or a line end. */
  guarded(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === this.delimiter || c === NEWLINE) {
        this.quoted(text.length, (k) => text.charCodeAt(k));
        return;
      }
    }
    this.text(text);
  }
  chars(at: number, count: number): void {
    this.room(count);
    for (let i = 0; i < count; i++) {
      const c = U8[at + i]!;
      if (c === this.delimiter || c === NEWLINE) {
        this.length -= i;
        this.quoted(count, (k) => U8[at + k]!);
        return;
      }
      this.bytes[this.length++] = c;
    }
  }
  private quoted(count: number, byteAt: (i: number) => number): void {
    this.byte(QUOTE);
    for (let i = 0; i < count; i++) {
      const c = byteAt(i);
      this.byte(c);
      if (c === QUOTE) this.byte(c);
    }
    this.byte(QUOTE);
  }
}

type Cells = (row: number, line: Line) => void;
const isText = (v: Value): boolean => v.type === T.char || v.type === -T.char;

export function prepareText(session: Session, x: Value, y: Value): Value {
  const line = new Line(textOf(x).charCodeAt(0));
  const columns = y.kind === "table" ? y.names.map((_, c) => columnAt(y, c)) : itemsOf(y);
  const count =
    y.kind === "table" ? rowCount(y) : Math.max(0, ...columns.map((column) => (isList(column) ? countOf(column) : 1)));
  const cells = columns.map((column) => cellsOf(session, column, line.delimiter));
  const total = count + (y.kind === "table" ? 1 : 0);
  const pack = total >= WORTH_PACKING ? new Pack(total, total * 16) : undefined;
  const lines: Value[] = [];
  const finish = (): void => {
    if (pack === undefined) lines.push(line.take());
    else {
      pack.put(line.bytes, line.length);
      pack.end();
      line.length = 0;
    }
  };
  if (y.kind === "table") {
    y.names.forEach((name, c) => {
      if (c > 0) line.byte(line.delimiter);
      line.guarded(name);
    });
    finish();
  }
  for (let row = 0; row < count; row++) {
    for (let c = 0; c < cells.length; c++) {
      if (c > 0) line.byte(line.delimiter);
      cells[c]!(row, line);
    }
    finish();
  }
  return pack === undefined ? list(lines) : pack.finish();
}

/** Dates and their like go out as ISO 8601 writes them; everything else as `string` does. */
function cellsOf(session: Session, column: Value, delimiter: number): Cells {
  const precision = session.settings.precision;
  if (column.kind === "list") {
    if (column.packed !== undefined) {
      const { bytes, offsets } = column.packed;
      const ends = offsets.at / 4;
      return (row, line) => line.chars(bytes.at + U32[ends + row]!, U32[ends + row + 1]! - U32[ends + row]!);
    }
    const { items } = column;
    if (!items.every(isText)) throw signal("type", "a column of text is a vector or a list of strings");
    return (row, line) => {
      const item = items[row]!;
      if (item.kind === "vector") line.chars(item.at, item.count);
      else line.guarded(textOf(item));
    };
  }
  if (column.kind === "atom") {
    const text = isText(column) ? textOf(column) : blankTextOf(-column.type)(column.value, precision);
    return (_, line) => line.guarded(text);
  }
  if (column.kind !== "vector") throw signal("type", "a column of text is a vector or a list of strings");
  if (isEnumType(column.type)) return cellsOf(session, unenumerate(session, column), delimiter);
  if (column.type === T.char) return (row, line) => line.chars(column.at + row, 1);
  if (column.type === T.symbol) return (row, line) => line.guarded(symbolText(U32[column.at / 4 + row]!));
  const textAt = isoTexts(column, precision);
  // Numbers and times hold none of the usual delimiters.
  if (!"0123456789.-+:DTWwnaef".includes(String.fromCharCode(delimiter))) {
    const digits = digitsOf(column, precision);
    if (digits === undefined) return (row, line) => line.text(textAt(row));
    return (row, line) => {
      const at = digits.at(row);
      line.copy(at, digits.count);
    };
  }
  return (row, line) => line.guarded(textAt(row));
}

function isoTexts(column: Vector, precision: number): (row: number) => string {
  const textAt = blankTextsOf(column, precision);
  switch (column.type) {
    case T.date:
    case T.month:
      return (row) => textAt(row).replaceAll(".", "-");
    case T.timestamp:
    case T.datetime:
      return (row) => {
        const text = textAt(row);
        return text.length < 11
          ? text
          : `${text.slice(0, 4)}-${text.slice(5, 7)}-${text.slice(8, 10)}T${text.slice(11)}`;
      };
    default:
      return textAt;
  }
}
