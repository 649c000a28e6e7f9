// .j.j: a value as JSON text (ref/dotj.md), put together as bytes; columns decide once how their cells are written.

import { ByteText, digitsOf } from "#format/bytes.ts";
import { atomText, blankTextsOf, format1 } from "#format/format.ts";
import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import type { Session } from "#values/session.ts";
import { I32, U8, U32 } from "#values/storage.ts";
import { symbolText } from "#values/symbols.ts";
import type { Dict, Table, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, itemsOf, long, rowCount, textOf, vectorOf } from "#values/vectors.ts";

export interface JsonOptions {
  /** 0w and -0w as null. */
  readonly nullInfinity: boolean;
}

export function jsonText(session: Session, v: Value, options: JsonOptions): Vector {
  const out = new ByteText();
  write(session, out, v, options);
  return out.take();
}

function write(session: Session, out: ByteText, v: Value, options: JsonOptions): void {
  switch (v.kind) {
    case "atom":
      if (isEnumType(v.type)) putText(out, atomText(session, v));
      else elementsOf(session, vectorOf(-v.type, [v.value]), options)(0, out);
      return;
    case "vector":
      writeVector(session, out, v, options);
      return;
    case "list":
      out.byte(OPEN);
      for (let i = 0; i < v.items.length; i++) {
        if (i > 0) out.byte(COMMA);
        write(session, out, v.items[i]!, options);
      }
      out.byte(CLOSE);
      return;
    case "dict":
      writeDict(session, out, v, options);
      return;
    case "table":
      writeTable(session, out, v, options);
      return;
    default:
      if (v.kind === "primitive" && v.text === "::") out.text("null");
      else putText(out, format1(session, v));
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;

// ---- strings -----------------------------------------------------------------------------------------------------------
const ESCAPES: Record<number, string> = { 34: '\\"', 92: "\\\\", 10: "\\n", 13: "\\r", 9: "\\t", 8: "\\b", 12: "\\f" };
/** Bytes above ASCII are UTF-8 already and stay as they are. */
function putChar(out: ByteText, c: number): void {
  if (c >= 32 && c !== QUOTE && c !== BACKSLASH) out.byte(c);
  else out.text(ESCAPES[c] ?? `\\u${c.toString(16).padStart(4, "0")}`);
}
function quotedText(text: string): string {
  if (!/["\\\x00-\x1f]/.test(text)) return `"${text}"`;
  const out = new ByteText();
  putText(out, text);
  return String.fromCharCode(...out.bytes.subarray(0, out.length));
}
function putText(out: ByteText, text: string): void {
  out.byte(QUOTE);
  for (let i = 0; i < text.length; i++) putChar(out, text.charCodeAt(i));
  out.byte(QUOTE);
}
function putBytes(out: ByteText, at: number, count: number): void {
  out.room(count + 2);
  out.byte(QUOTE);
  let clean = 0;
  while (clean < count) {
    const c = U8[at + clean]!;
    if (c < 32 || c === QUOTE || c === BACKSLASH) break;
    clean++;
  }
  out.copy(at, clean);
  for (let i = clean; i < count; i++) putChar(out, U8[at + i]!);
  out.byte(QUOTE);
}

// ---- elements ------------------------------------------------------------------------------------------------------------
type Put = (i: number, out: ByteText) => void;

/** How the elements of a vector are written. */
function elementsOf(session: Session, v: Vector, options: JsonOptions): Put {
  const precision = session.settings.precision;
  switch (v.type) {
    case T.boolean:
      return (i, out) => out.text(U8[v.at + i] ? "true" : "false");
    case T.char:
      return (i, out) => putBytes(out, v.at + i, 1);
    case T.symbol:
      return symbolsOf(v);
    case T.real:
    case T.float:
    case T.short:
    case T.int:
    case T.long:
      return numbersOf(v, precision, options);
    case T.date:
    case T.month:
    case T.timestamp:
    case T.datetime:
      return datesOf(v, precision);
    default: {
      const textAt = blankTextsOf(v, precision);
      return (i, out) => {
        out.byte(QUOTE);
        out.text(textAt(i));
        out.byte(QUOTE);
      };
    }
  }
}

/** Each different symbol is quoted once. */
function symbolsOf(v: Vector): Put {
  const known = new Map<number, string>();
  return (i, out) => {
    const id = U32[v.at / 4 + i]!;
    let quoted = known.get(id);
    if (quoted === undefined) {
      quoted = quotedText(symbolText(id));
      known.set(id, quoted);
    }
    out.text(quoted);
  };
}

function numbersOf(v: Vector, precision: number, options: JsonOptions): Put {
  const infinite = (text: string): string => {
    if (v.type !== T.float && v.type !== T.real) return text;
    if (options.nullInfinity) return "null";
    return text.startsWith("-") ? "-inf" : "inf";
  };
  const digits = digitsOf(v, precision);
  if (digits !== undefined) {
    return (i, out) => {
      const at = digits.at(i);
      const { count } = digits;
      if (count === 0) out.text("null");
      else if (U8[at + count - 1]! > 57) out.text(infinite(count === 3 ? "-0W" : "0W"));
      else out.copy(at, count);
    };
  }
  const textAt = blankTextsOf(v, precision);
  return (i, out) => {
    const text = textAt(i);
    out.text(text === "" ? "null" : /[wW]$/.test(text) ? infinite(text) : text);
  };
}

/** Dates go out as ISO 8601 writes them; days come in runs. */
function datesOf(v: Vector, precision: number): Put {
  const textAt = blankTextsOf(v, precision);
  if (v.type === T.date) {
    let day = Number.NaN;
    let quoted = "";
    return (i, out) => {
      const here = I32[v.at / 4 + i]!;
      if (here !== day) {
        day = here;
        quoted = `"${textAt(i).replaceAll(".", "-")}"`;
      }
      out.text(quoted);
    };
  }
  let known = "";
  let written = "";
  return (i, out) => {
    const text = textAt(i);
    if (text !== known) {
      known = text;
      written =
        text[10] === undefined
          ? text.replaceAll(".", "-")
          : `${text.slice(0, 10).replaceAll(".", "-")}T${text.slice(11)}`;
    }
    out.byte(QUOTE);
    out.text(written);
    out.byte(QUOTE);
  };
}

function writeVector(session: Session, out: ByteText, v: Vector, options: JsonOptions): void {
  if (v.type === T.char) {
    putBytes(out, v.at, v.count);
    return;
  }
  if (isEnumType(v.type)) {
    write(session, out, unenumerate(session, v), options);
    return;
  }
  const put = elementsOf(session, v, options);
  out.byte(OPEN);
  for (let i = 0; i < v.count; i++) {
    if (i > 0) out.byte(COMMA);
    put(i, out);
  }
  out.byte(CLOSE);
}

// ---- tables and dictionaries -----------------------------------------------------------------------------------------
/** The cells of a column. */
function cellsOf(session: Session, column: Value, options: JsonOptions): Put {
  if (column.kind === "vector" && !isEnumType(column.type)) return elementsOf(session, column, options);
  if (column.kind === "vector") return cellsOf(session, unenumerate(session, column), options);
  if (column.kind === "list" && column.packed !== undefined) {
    const { bytes, offsets } = column.packed;
    const ends = offsets.at / 4;
    return (i, out) => putBytes(out, bytes.at + U32[ends + i]!, U32[ends + i + 1]! - U32[ends + i]!);
  }
  const items = itemsOf(column);
  return (i, out) => {
    const item = items[i]!;
    if (item.kind === "vector" && item.type === T.char) putBytes(out, item.at, item.count);
    else write(session, out, item, options);
  };
}

/** A line a row. */
function writeTable(session: Session, out: ByteText, t: Table, options: JsonOptions): void {
  const names = t.names.map((name, c) => `${c === 0 ? "{" : ","}${quotedText(name)}:`);
  const cells = t.names.map((_, c) => cellsOf(session, columnAt(t, c), options));
  const rows = rowCount(t);
  out.byte(OPEN);
  for (let row = 0; row < rows; row++) {
    if (row > 0) out.text(",\n ");
    for (let c = 0; c < names.length; c++) {
      out.text(names[c]!);
      cells[c]!(row, out);
    }
    out.text(names.length === 0 ? "{}" : "}");
  }
  out.byte(CLOSE);
}

function writeDict(session: Session, out: ByteText, d: Dict, options: JsonOptions): void {
  if (d.keys.kind === "table" && d.values.kind === "table") {
    // A keyed table goes out as its rows.
    write(session, out, session.apply2(session.primitive("!"), long(0), d), options);
    return;
  }
  const keys = itemsOf(d.keys);
  const cells = cellsOf(session, d.values, options);
  const count = countOf(d);
  out.text("{");
  for (let i = 0; i < count; i++) {
    if (i > 0) out.byte(COMMA);
    putText(out, keyText(session, keys[i]!));
    out.byte(COLON);
    cells(i, out);
  }
  out.text("}");
}
function keyText(session: Session, key: Value): string {
  if (key.kind === "atom") return atomText(session, key);
  return key.type === T.char ? textOf(key) : format1(session, key);
}
