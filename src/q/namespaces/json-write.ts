// .j.j: a value as JSON text (ref/dotj.md).

import { atomText, blankTextOf, blankTextsOf, format1 } from "#format/format.ts";
import { T } from "#values/datatypes.ts";
import { isEnumType, unenumerate } from "#values/enumeration.ts";
import type { Session } from "#values/session.ts";
import type { Atom, AtomValue, Dict, Table, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, elementAt, itemsOf, long, rowCount, textOf } from "#values/vectors.ts";

export interface JsonOptions {
  /** 0w and -0w as null. */
  readonly nullInfinity: boolean;
}

export function jsonText(session: Session, v: Value, options: JsonOptions): string {
  switch (v.kind) {
    case "atom":
      if (isEnumType(v.type)) return quoted(atomText(session, v));
      return elementWriter(session, -v.type, options)((v as Atom).value);
    case "vector":
      return vectorText(session, v, options);
    case "list":
      return `[${v.items.map((item) => jsonText(session, item, options)).join(",")}]`;
    case "dict":
      return dictText(session, v, options);
    case "table":
      return tableText(session, v, options);
    default:
      return v.kind === "primitive" && v.text === "::" ? "null" : quoted(format1(session, v));
  }
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};
/** Bytes above ASCII are UTF-8 already and stay as they are. */
function quoted(text: string): string {
  if (!/["\\\x00-\x1f]/.test(text)) return `"${text}"`;
  return `"${text.replace(/["\\\x00-\x1f]/g, (c) => ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}

/** How elements of a type are written. */
function elementWriter(session: Session, type: number, options: JsonOptions): (v: AtomValue) => string {
  const textOfElement = blankTextOf(type);
  const precision = session.settings.precision;
  const plain = (v: AtomValue): string => textOfElement(v, precision);
  switch (type) {
    case T.boolean:
      return (v) => (v ? "true" : "false");
    case T.real:
    case T.float: {
      const infinite = (sign: string): string => (options.nullInfinity ? "null" : `${sign}inf`);
      return (v) => {
        const x = v as number;
        if (Number.isNaN(x)) return "null";
        if (Number.isFinite(x)) return plain(x);
        return infinite(x < 0 ? "-" : "");
      };
    }
    case T.short:
    case T.int:
    case T.long:
      return (v) => plain(v) || "null";
    case T.date:
    case T.month:
      return (v) => `"${plain(v).replaceAll(".", "-")}"`;
    case T.timestamp:
    case T.datetime:
      return (v) => temporalText(plain(v));
    default:
      return (v) => quoted(plain(v));
  }
}

/** A date in front goes out as ISO 8601 writes it. */
const temporalText = (text: string): string =>
  text[10] === "D" || text[10] === "T" ? `"${text.slice(0, 10).replaceAll(".", "-")}T${text.slice(11)}"` : `"${text}"`;

function vectorText(session: Session, v: Vector, options: JsonOptions): string {
  if (v.type === T.char) return quoted(textOf(v));
  if (isEnumType(v.type)) return jsonText(session, unenumerate(session, v), options);
  const write = elementWriter(session, v.type, options);
  const parts: string[] = new Array(v.count);
  for (let i = 0; i < v.count; i++) parts[i] = write(elementAt(v, i));
  return `[${parts.join(",")}]`;
}

/** The cells of a column, each as JSON. */
function cellWriter(session: Session, column: Value, options: JsonOptions): (row: number) => string {
  if (column.kind === "vector" && (column.type === T.timespan || column.type === T.timestamp)) {
    const textOf = blankTextsOf(column, session.settings.precision);
    return (row) => temporalText(textOf(row));
  }
  if (column.kind === "vector" && !isEnumType(column.type)) {
    const write = elementWriter(session, column.type, options);
    return (row) => write(elementAt(column, row));
  }
  const items = column.kind === "vector" ? itemsOf(unenumerate(session, column)) : itemsOf(column);
  return (row) => jsonText(session, items[row]!, options);
}

/** A line a row. */
function tableText(session: Session, t: Table, options: JsonOptions): string {
  const columns = t.names.map((name, c) => [`${quoted(name)}:`, cellWriter(session, columnAt(t, c), options)] as const);
  const rows: string[] = new Array(rowCount(t));
  for (let row = 0; row < rows.length; row++) {
    let text = "";
    for (let c = 0; c < columns.length; c++) text += (c > 0 ? "," : "") + columns[c]![0] + columns[c]![1](row);
    rows[row] = `{${text}}`;
  }
  return `[${rows.join(",\n ")}]`;
}

function dictText(session: Session, d: Dict, options: JsonOptions): string {
  if (d.keys.kind === "table" && d.values.kind === "table") {
    // A keyed table goes out as its rows.
    return jsonText(session, session.apply2(session.primitive("!"), long(0), d), options);
  }
  const keys = itemsOf(d.keys);
  const write = cellWriter(session, d.values, options);
  const entries: string[] = new Array(countOf(d));
  for (let i = 0; i < entries.length; i++) entries[i] = `${keyText(session, keys[i]!)}:${write(i)}`;
  return `{${entries.join(",")}}`;
}
function keyText(session: Session, key: Value): string {
  if (key.kind === "atom") return quoted(atomText(session, key));
  return quoted(key.type === T.char ? textOf(key) : format1(session, key));
}
