// A value laid out as the console shows it: vectors on a line, lists down the page, matrices, dictionaries and tables in
// columns, cut to \c rows and columns. Only what is shown is looked at: of a table, its first rows.

import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { Dict, List, Table, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, elementAt, itemAt, rowCount } from "#values/vectors.ts";
import { enumerationValues } from "./domains.ts";
import { blankTextOf, blankTextsOf } from "./elements.ts";
import { type FormatSession, sourceText } from "./source.ts";

/** What is looked at: `rows` lines at most (one more than is shown, to know that there are more), `width` characters. */
interface Window {
  readonly session: FormatSession;
  readonly rows: number;
  readonly width: number;
}

/** The lines that the console prints for a value; none for the identity, as kdb+ shows nothing for ::. */
export function formatConsole(
  session: FormatSession,
  v: Value,
  size: readonly [number, number] = session.settings.console,
): string[] {
  return isIdentity(v) ? [] : formatLines(session, v, size);
}

/** `show` and .Q.s, which do print ::. */
export function formatLines(
  session: FormatSession,
  v: Value,
  size: readonly [number, number] = session.settings.console,
): string[] {
  const rows = Math.max(1, size[0] - 2);
  const width = Math.max(3, size[1] - 1);
  const from = mark();
  const lines = layOut({ session, rows: rows + 1, width }, v).map((line) =>
    line.length > width ? `${line.slice(0, width - 2)}..` : line,
  );
  sweep(from);
  return lines.length > rows ? [...lines.slice(0, rows - 1), ".."] : lines;
}

export const isIdentity = (v: Value): boolean => v.kind === "primitive" && v.text === "::";

function layOut(window: Window, v: Value): string[] {
  switch (v.kind) {
    case "list":
      // One line an item: none for (), which is why kdb+ shows nothing for it.
      return listLines(window, v);
    case "dict":
      return dictLines(window, v);
    case "table":
      return joined(tableBlock(window, v));
    case "atom":
    case "vector":
      return [cell(window, v)];
    default:
      return cell(window, v).split("\n");
  }
}

const cell = (window: Window, v: Value): string => sourceText(window.session, v, window.width);

// ---- lists -----------------------------------------------------------------------------------------------------------
/** Types whose matrices keep their rows in one piece: "abc", 010b, 0x0102. */
const inOnePiece = (type: number): boolean => type === T.char || type === T.boolean || type === T.byte;

/** A list of lists that all have one length is shown as a matrix. Rows beyond the window do not matter. */
function isMatrix(items: readonly Value[], rows: number): boolean {
  const first = items[0];
  if (first === undefined || (first.kind !== "vector" && first.kind !== "list")) return false;
  const count = countOf(first);
  let samePieces = inOnePiece(first.type);
  for (let i = 1; i < items.length && i < rows; i++) {
    const item = items[i]!;
    if ((item.kind !== "vector" && item.kind !== "list") || countOf(item) !== count) return false;
    if (item.type !== first.type) samePieces = false;
  }
  return !samePieces;
}

/** Strings in one piece stay so: only those that are shown are taken out. */
const firstItems = (v: List, count: number): Value[] =>
  v.packed === undefined ? v.items : Array.from({ length: Math.min(count, v.packed.count) }, (_, i) => itemAt(v, i));

/** One line an item. */
function listLines(window: Window, v: Value): string[] {
  if (v.kind === "vector") return columnCells(window, v);
  const items = v.kind === "list" ? firstItems(v, window.rows) : [];
  if (!isMatrix(items, window.rows)) return columnCells(window, v);
  const rows = items.slice(0, window.rows).map((row) => columnCells({ ...window, rows: window.width }, row));
  const columns: string[][] = [];
  for (let c = 0, used = 0; c < rows[0]!.length && used <= window.width; c++) {
    const column = padded(rows.map((row) => row[c]!));
    used += column[0]!.length + 1;
    columns.push(column);
  }
  if (columns.length === 0) return rows.map(() => "");
  return sideBySide(columns);
}

/** The first cells of a column: bare elements of a vector (nulls blank), q notation for items of a list. */
function columnCells(window: Window, v: Value): string[] {
  const count = Math.min(countOf(v), window.rows);
  const cells: string[] = new Array(count);
  if (v.kind === "vector") return elementCells(window, v, count);
  for (let i = 0; i < count; i++) cells[i] = cell(window, itemAt(v, i));
  return cells;
}

function elementCells(window: Window, v: Vector, count: number): string[] {
  if (v.type >= T.enum) {
    const values = enumerationValues(window.session, v, count);
    if (values !== undefined) return columnCells(window, values);
  }
  const textOf = blankTextsOf(v, window.session.settings.precision);
  const cells: string[] = new Array(count);
  for (let i = 0; i < count; i++) cells[i] = textOf(i);
  return cells;
}

// ---- columns ---------------------------------------------------------------------------------------------------------
/** Cells of one width, filled with spaces. */
function padded(cells: readonly string[]): string[] {
  let width = 0;
  for (const text of cells) if (text.length > width) width = text.length;
  return cells.map((text) => text.padEnd(width));
}
function sideBySide(columns: readonly (readonly string[])[]): string[] {
  return columns[0]!.map((_, row) => columns.map((column) => column[row]!).join(" "));
}

// ---- tables ------------------------------------------------------------------------------------------------------------
/** A table without its line of dashes: the header, then the rows, all of one width. */
interface Block {
  header: string;
  rows: string[];
}

const joined = (block: Block): string[] => [block.header, "-".repeat(block.header.length), ...block.rows];

function tableBlock(window: Window, t: Table): Block {
  const columns: string[][] = [];
  let used = 0;
  for (const [name, cells] of tableColumns(window, t)) {
    const column = padded([name, ...cells]);
    columns.push(column);
    used += column[0]!.length + 1;
    if (used > window.width + 1) break;
  }
  if (columns.length === 0) return { header: "", rows: [] };
  const [header, ...rows] = sideBySide(columns);
  return { header: header!, rows };
}

function* tableColumns(window: Window, t: Table): Generator<[string, string[]]> {
  const parts = t.partitioned;
  if (parts === undefined) {
    for (let c = 0; c < t.names.length; c++) yield [t.names[c]!, listLines(window, columnAt(t, c))];
    return;
  }
  const wanted: [partition: number, rows: number][] = [];
  for (let p = 0, left = window.rows; p < parts.values.count && left > 0; p++) {
    const rows = Math.min(left, parts.rowCount(p));
    if (rows > 0) wanted.push([p, rows]);
    left -= rows;
  }
  const virtual: string[] = [];
  for (const [p, rows] of wanted) {
    const text = blankTextOf(parts.values.type)(elementAt(parts.values, p), window.session.settings.precision);
    for (let i = 0; i < rows; i++) virtual.push(text);
  }
  yield [parts.field, virtual];
  for (const name of parts.names) {
    yield [name, wanted.flatMap(([p, rows]) => listLines({ ...window, rows }, parts.column(p, name)))];
  }
}

// ---- dictionaries ----------------------------------------------------------------------------------------------------
function dictLines(window: Window, d: Dict): string[] {
  // Column names with a place where the columns are: no entries to line up.
  if (d.values.type < 0) return [cell(window, d)];
  if (d.keys.kind === "table" || d.values.kind === "table") {
    const left = blockOf(window, d.keys);
    const right = blockOf(window, d.values);
    const lines = [
      `${left.header}| ${right.header}`,
      `${"-".repeat(left.header.length)}| ${"-".repeat(right.header.length)}`,
    ];
    for (let i = 0; i < left.rows.length; i++) lines.push(`${left.rows[i]}| ${right.rows[i]}`);
    return lines;
  }
  const keys = padded(listLines(window, d.keys));
  const values = listLines(window, d.values);
  return keys.map((key, i) => `${key}| ${values[i]}`);
}

/** A side of a keyed table; a plain list beside a table is a column without a name. */
function blockOf(window: Window, v: Value): Block {
  if (v.kind === "table")
    return rowCount(v) === 0 && v.names.length === 0 ? { header: "", rows: [] } : tableBlock(window, v);
  const rows = padded(listLines(window, v));
  return { header: "".padEnd(rows[0]?.length ?? 0), rows };
}
