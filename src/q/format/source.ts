// A value as q's own notation, on one line: what -3! and .Q.s1 give, what 0N! prints, and what the console shows for
// everything that has no layout of its own. Writing stops once `limit` characters are passed, so that showing the first
// 80 characters of a long column costs 80 characters.

import { ATTRIBUTES, datatypeOf, T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { unreachable } from "#values/signals.ts";
import {
  type Atom,
  type Dict,
  ITERATOR_TEXT,
  type Lambda,
  type List,
  type Table,
  type Value,
  type Vector,
} from "#values/values.ts";
import { columnAt, countOf, elementAt, itemAt } from "#values/vectors.ts";
import { enumerationValues } from "./domains.ts";
import { elementTextOf } from "./elements.ts";

export type FormatSession = Pick<Session, "settings" | "read" | "context">;

/** Nesting that the printer follows before it gives up; a value cannot contain itself, but may be absurdly deep. */
const DEEPEST = 1000;

class Source {
  text = "";
  constructor(
    readonly session: FormatSession,
    readonly limit: number,
  ) {}
  get full(): boolean {
    return this.text.length > this.limit;
  }
}

/** `v` on one line; at least `limit` characters of it when there are more. */
export function sourceText(session: FormatSession, v: Value, limit = Number.POSITIVE_INFINITY): string {
  const out = new Source(session, limit);
  write(out, v, 0);
  return out.text;
}

function write(out: Source, v: Value, depth: number): void {
  if (out.full) return;
  if (depth > DEEPEST) {
    out.text += "..";
    return;
  }
  switch (v.kind) {
    case "atom":
      writeAtom(out, v);
      return;
    case "vector":
      writeVector(out, v);
      return;
    case "list":
      writeList(out, v, depth);
      return;
    case "dict":
      writeDict(out, v, depth);
      return;
    case "table":
      writeTable(out, v, depth);
      return;
    case "lambda":
      out.text += lambdaText(v);
      return;
    case "primitive":
      out.text += v.text;
      return;
    case "iterator":
      out.text += ITERATOR_TEXT[v.code];
      return;
    case "projection": {
      write(out, v.f, depth + 1);
      out.text += "[";
      for (let i = 0; i < v.given.length; i++) {
        if (i > 0) out.text += ";";
        const given = v.given[i];
        if (given !== undefined) write(out, given, depth + 1);
      }
      out.text += "]";
      return;
    }
    case "composition":
      for (const f of v.functions) write(out, f, depth + 1);
      return;
    case "derived":
      write(out, v.f, depth + 1);
      out.text += ITERATOR_TEXT[v.code];
      return;
    default:
      unreachable(v);
  }
}

export const lambdaText = (f: Lambda): string => (f.dialect === "k" ? `k)${f.source}` : f.source);

// ---- atoms and vectors -----------------------------------------------------------------------------------------------
const ESCAPES: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** The text between the quotes. */
export function escaped(text: string): string {
  return text.replace(
    /["\\\x00-\x1f\x7f-\xff]/g,
    (c) => ESCAPES[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

/** A letter that every value of these types ends with. */
const SUFFIX: Record<number, string> = { [T.short]: "h", [T.int]: "i", [T.real]: "e", [T.month]: "m" };
const isSpecial = (element: string): boolean => element === "0N" || element.endsWith("0W") || element.endsWith("0w");
/** What follows the last element: the type's own letter, or one to tell a float, or a typed null, from a long. */
function suffixOf(type: number, last: string, looksWhole: boolean): string {
  const always = SUFFIX[type];
  if (always !== undefined) return always;
  if (type === T.float) return looksWhole ? "f" : "";
  if (type >= T.timestamp && type < T.enum && isSpecial(last)) return datatypeOf(type)!.letter;
  return "";
}
const looksWhole = (element: string): boolean => !/[.enw]/.test(element);
/**
 * Floats that read like longs are told from them by an f. In a vector kdb+ looks at the values, with the tolerance of
 * comparison: 1 less 1e-12 prints as 1 and without the f (ref/lsq.md); an atom's text decides (ref/sqrt.md).
 */
const isWhole = (x: number): boolean => Math.abs(x - Math.round(x)) <= Math.abs(x) * 2 ** -43;

function writeAtom(out: Source, v: Atom): void {
  const type = -v.type;
  switch (type) {
    case T.boolean:
      out.text += v.value ? "1b" : "0b";
      return;
    case T.byte:
      out.text += `0x${elementTextOf(type)(v.value, 0)}`;
      return;
    case T.char:
      out.text += `"${escaped(String.fromCharCode(v.value as number))}"`;
      return;
    case T.symbol:
      out.text += `\`${v.value as string}`;
      return;
    default: {
      if (type >= T.enum) {
        const value = enumerationValues(out.session, v);
        out.text += value === undefined ? `\`${v.domain}!${v.value}` : `\`${v.domain}$`;
        if (value !== undefined) write(out, value, 1);
        return;
      }
      const text = elementTextOf(type)(v.value, out.session.settings.precision);
      out.text += text + suffixOf(type, text, looksWhole(text));
    }
  }
}

const EMPTY = (v: Vector): string =>
  v.type === T.char ? '""' : `\`${v.type >= T.enum ? v.domain : datatypeOf(v.type)!.name}$()`;

function writeVector(out: Source, v: Vector): void {
  if (v.attribute !== 0) out.text += `\`${ATTRIBUTES[v.attribute]}#`;
  if (v.type >= T.enum) {
    writeEnumeration(out, v);
    return;
  }
  if (v.count === 0) {
    out.text += EMPTY(v);
    return;
  }
  if (v.count === 1) out.text += ",";
  const room = out.limit - out.text.length + 2;
  const shown = Math.min(v.count, room);
  switch (v.type) {
    case T.boolean:
      for (let i = 0; i < shown; i++) out.text += elementAt(v, i) ? "1" : "0";
      out.text += "b";
      return;
    case T.byte:
      out.text += "0x";
      for (let i = 0; i < shown; i++) out.text += elementTextOf(T.byte)(elementAt(v, i), 0);
      return;
    case T.char: {
      const characters: string[] = new Array(shown);
      for (let i = 0; i < shown; i++) characters[i] = String.fromCharCode(elementAt(v, i) as number);
      out.text += `"${escaped(characters.join(""))}"`;
      return;
    }
    case T.symbol:
      for (let i = 0; i < v.count && !out.full; i++) out.text += `\`${elementAt(v, i) as string}`;
      return;
    default:
      writeNumbers(out, v);
  }
}

function writeNumbers(out: Source, v: Vector): void {
  const textOf = elementTextOf(v.type);
  const precision = out.session.settings.precision;
  let whole = true;
  let last = "";
  for (let i = 0; i < v.count; i++) {
    const value = elementAt(v, i);
    last = textOf(value, precision);
    if (whole && v.type === T.float) whole = looksWhole(last) && isWhole(value as number);
    out.text += i === 0 ? last : ` ${last}`;
    if (out.full) return;
  }
  out.text += suffixOf(v.type, last, whole);
}

function writeEnumeration(out: Source, v: Vector): void {
  if (v.count === 0) {
    out.text += EMPTY(v);
    return;
  }
  const values = enumerationValues(out.session, v, Math.min(v.count, out.limit));
  if (values === undefined) {
    out.text += `\`${v.domain}!`;
    if (v.count === 1) out.text += ",";
    writeNumbers(out, v);
    return;
  }
  out.text += `\`${v.domain}$`;
  write(out, values, 1);
}

// ---- containers ------------------------------------------------------------------------------------------------------
function writeList(out: Source, v: List, depth: number): void {
  if (v.attribute !== 0) out.text += `\`${ATTRIBUTES[v.attribute]}#`;
  const count = countOf(v);
  if (count === 1) {
    out.text += ",";
    write(out, itemAt(v, 0), depth + 1);
    return;
  }
  out.text += "(";
  for (let i = 0; i < count && !out.full; i++) {
    if (i > 0) out.text += ";";
    write(out, itemAt(v, i), depth + 1);
  }
  out.text += ")";
}

/** A left argument of ! that would not be read as one value stands in parentheses. */
function needsParentheses(keys: Value): boolean {
  if (keys.kind === "vector")
    return keys.count === 1 || keys.attribute !== 0 || keys.type >= T.enum || keys.count === 0;
  return keys.kind !== "list" || countOf(keys) === 1 || keys.attribute !== 0;
}

function writeDict(out: Source, v: Dict, depth: number): void {
  if (v.attribute !== 0) out.text += "`s#";
  if (needsParentheses(v.keys) && !(v.keys.kind === "vector" && v.keys.type === T.char && v.keys.count === 0)) {
    out.text += "(";
    write(out, v.keys, depth + 1);
    out.text += ")";
  } else write(out, v.keys, depth + 1);
  out.text += "!";
  write(out, v.values, depth + 1);
}

function writeNames(out: Source, names: readonly string[]): void {
  if (names.length === 1) out.text += `(,\`${names[0]})`;
  else if (names.length === 0) out.text += "()";
  else for (const name of names) out.text += `\`${name}`;
}

/** A splayed table shows where it is, not what it holds. */
const placeOf = (v: Table): string | undefined => {
  if (v.partitioned !== undefined) return v.partitioned.name;
  const source = v.source as { path?: unknown } | undefined;
  return typeof source?.path === "string" ? `:${source.path}` : undefined;
};

function writeTable(out: Source, v: Table, depth: number): void {
  if (v.attribute !== 0) out.text += `\`${ATTRIBUTES[v.attribute]}#`;
  out.text += "+";
  const place = placeOf(v);
  writeNames(out, v.partitioned?.names ?? v.names);
  out.text += "!";
  if (place !== undefined) {
    out.text += `\`${place}`;
    return;
  }
  out.text += v.names.length === 1 ? "," : "(";
  for (let c = 0; c < v.names.length && !out.full; c++) {
    if (c > 0) out.text += ";";
    write(out, columnAt(v, c), depth + 1);
  }
  if (v.names.length !== 1) out.text += ")";
}
