// Fields of text to columns, for 0: — which type each field has, where it begins and ends, what quotes mean.

import { datatypeByLetter, LONG_NULL, T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32, U8, U32 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { itemAt, list, newVector, setElement } from "#values/vectors.ts";
import { readerOf, readInstant, SymbolReader } from "../text/reading.ts";

/** Bytes from a place to a place. */
export interface Record {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** A column being filled, row by row. */
export interface Column {
  set(row: number, bytes: Uint8Array, from: number, to: number): void;
  values(): Value;
  first(): Value;
}

/** The columns of a string of types; a blank is a field that is skipped, and has none. */
export function columnsFor(session: Session, types: string, rows: number): Column[] {
  const columns: Column[] = [];
  for (const letter of types)
    if (letter !== " ") columns.push(letter === "*" ? stringColumn(rows) : typedColumn(session, letter, rows));
  return Object.assign(columns, { fields: fieldsOf(types) });
}
/** For each field, the number of its column, or -1. */
function fieldsOf(types: string): Int32Array {
  let next = 0;
  return Int32Array.from(types, (letter) => (letter === " " ? -1 : next++));
}

function stringColumn(rows: number): Column {
  const items: Value[] = new Array(rows);
  return {
    set(row, bytes, from, to) {
      const v = newVector(T.char, to - from);
      const target = v.at - from;
      if (to - from < 128) for (let i = from; i < to; i++) U8[target + i] = bytes[i]!;
      else U8.set(bytes.subarray(from, to), v.at);
      items[row] = v;
    },
    values: () => list(items),
    first: () => items[0]!,
  };
}
function typedColumn(session: Session, letter: string, rows: number): Column {
  const datatype = datatypeByLetter(letter.toLowerCase());
  if (datatype === undefined || letter < "A" || letter > "Z") throw signal("type", `no column type ${letter}`);
  const v = newVector(datatype.number, rows);
  return { set: setterOf(session, v), values: () => v, first: () => itemAt(v, 0) };
}

/** How a field becomes the element of a row: the reader of its type, with short cuts for the commonest. */
function setterOf(session: Session, v: Vector): Column["set"] {
  const { dateFormat } = session.settings;
  const at = v.at;
  if (v.type === T.symbol) {
    const symbols = new SymbolReader();
    return (row, bytes, from, to) => {
      U32[at / 4 + row] = symbols.id(bytes, from, to);
    };
  }
  if (v.type === T.timestamp) {
    return (row, bytes, from, to) => {
      const instant = readInstant(bytes, from, to, dateFormat === 1);
      if (instant === undefined) setElement(v, row, LONG_NULL);
      else setTimestamp(at / 4 + 2 * row, instant[0], instant[1] * 1e9 + instant[2]);
    };
  }
  const read = readerOf(v.type, dateFormat);
  return (row, bytes, from, to) => setElement(v, row, read(bytes, from, to));
}

/** A day in nanoseconds, as two words: BigInts would cost more than reading the text. */
const DAY_HIGH = 20116;
const DAY_LOW = 86_400_000_000_000 - DAY_HIGH * 4294967296;
function setTimestamp(word: number, day: number, ns: number): void {
  const low = day * DAY_LOW + ns;
  const carry = Math.floor(low / 4294967296);
  I32[word] = low - carry * 4294967296;
  I32[word + 1] = day * DAY_HIGH + carry;
}

const fieldMap = (columns: Column[]): Int32Array => (columns as Column[] & { fields: Int32Array }).fields;
const QUOTE = 34;

/** Fills columns from records cut at a delimiter; fields that a record lacks are null. */
export function loadDelimited(columns: Column[], records: readonly Record[], delimiter: number): void {
  const fields = fieldMap(columns);
  for (let row = 0; row < records.length; row++) {
    const { bytes, from, to } = records[row]!;
    let at = from;
    for (let f = 0; f < fields.length; f++) {
      const column = columns[fields[f]!];
      if (at < to && bytes[at] === QUOTE) {
        const closing = closingQuote(bytes, at + 1, to);
        if (closing.end < to && bytes[closing.end] !== delimiter) {
          // Text goes on after the quote: the quotes were part of it.
          let stop = closing.end;
          while (stop < to && bytes[stop] !== delimiter) stop++;
          column?.set(row, bytes, at, stop);
          at = stop + 1;
          continue;
        }
        if (column !== undefined) {
          if (closing.doubled) {
            const plain = undoubled(bytes, at + 1, closing.at);
            column.set(row, plain, 0, plain.length);
          } else column.set(row, bytes, at + 1, closing.at);
        }
        at = closing.end + 1;
        continue;
      }
      let stop = at;
      while (stop < to && bytes[stop] !== delimiter) stop++;
      if (at > to) column?.set(row, bytes, to, to);
      else column?.set(row, bytes, at, stop);
      at = stop + 1;
    }
  }
}
/** Where a quoted text closes, whether quotes inside are doubled, and where its field ends. */
function closingQuote(bytes: Uint8Array, from: number, to: number): { at: number; end: number; doubled: boolean } {
  let doubled = false;
  for (let at = from; at < to; at++) {
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE || at + 1 >= to) return { at, end: at + 1, doubled };
    doubled = true;
    at++;
  }
  return { at: to, end: to, doubled };
}
function undoubled(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const plain: number[] = [];
  for (let at = from; at < to; at++) {
    plain.push(bytes[at]!);
    if (bytes[at] === QUOTE) at++;
  }
  return Uint8Array.from(plain);
}

/** Fills columns from records whose fields have widths. */
export function loadFixed(
  columns: Column[],
  records: readonly Record[],
  types: string,
  widths: readonly number[],
): void {
  const fields = fieldMap(columns);
  for (let row = 0; row < records.length; row++) {
    const { bytes, from, to } = records[row]!;
    let at = from;
    for (let f = 0; f < types.length; f++) {
      const stop = Math.min(to, at + widths[f]!);
      columns[fields[f]!]?.set(row, bytes, Math.min(at, stop), stop);
      at += widths[f]!;
    }
  }
}
