// q text → tokens. Knows where numbers, names, symbols, strings, operators and comments begin and end; literals.ts knows
// what they mean. Text is a byte string; positions are offsets into it.

import { QSignal } from "#values/signals.ts";

export type TokenKind =
  | "number"
  | "string"
  | "symbols"
  | "name"
  | "operator"
  | "iterator"
  | "open"
  | "close"
  | "semicolon"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** The text as written; for operators with a colon behind (`+:`) the glyph is `text` without it, see `colon`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** White space (or a comment) stands before it. */
  readonly spaced: boolean;
  /** `+:`: assign through, or the unary form. */
  readonly colon: boolean;
}

/** A syntax error at a place: kdb+ shows the offending text as the error ('missing closing, '"unmatched …). */
export class SyntaxSignal extends QSignal {
  constructor(
    text: string,
    readonly position: number,
  ) {
    super(text);
  }
}

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
const isNameByte = (c: number): boolean => isDigit(c) || isLetter(c) || c === 95 || c === 46 || c >= 128;
const TWO = new Set(["<=", ">=", "<>", "::"]);
const GLYPHS = "+-*%&|^=<>~,#_!?@.$:";
const BLANK = " \t\n\r";

/** Bytes that end a noun: a minus sign right behind them subtracts, elsewhere it belongs to the number. */
function endsNoun(text: string, i: number, parameterEnds: ReadonlySet<number>): boolean {
  if (i < 0 || parameterEnds.has(i)) return false;
  const c = text.charCodeAt(i);
  return isNameByte(c) || ')]}"`'.includes(text[i]!);
}

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const n = text.length;
  let i = 0;
  let depth = 0;
  /** For each open bracket, whether it holds a lambda's parameters. */
  const open: boolean[] = [];
  const parameterEnds = new Set<number>();
  let spaced = true;
  const push = (kind: TokenKind, start: number, end: number, colon = false, shown = text.slice(start, end)): void => {
    tokens.push({ kind, text: shown, start, end, spaced, colon });
    spaced = false;
    i = end;
  };
  while (i < n) {
    const ch = text[i]!;
    const c = text.charCodeAt(i);
    if (ch === "\n") {
      // A new line that starts in column one starts a new statement, as in a script; indented ones go on.
      const next = text[i + 1];
      if (
        depth === 0 &&
        tokens.length > 0 &&
        next !== undefined &&
        !BLANK.includes(next) &&
        next !== "/" &&
        !"})]".includes(next)
      ) {
        push("semicolon", i, i + 1);
        spaced = true;
        continue;
      }
      spaced = true;
      i++;
      continue;
    }
    if (BLANK.includes(ch)) {
      spaced = true;
      i++;
      continue;
    }
    if (ch === "/" && spaced && (i === 0 || BLANK.includes(text[i - 1]!))) {
      const stop = text.indexOf("\n", i);
      i = stop < 0 ? n : stop;
      spaced = true;
      continue;
    }
    const next = text.charCodeAt(i + 1);
    if (isDigit(c) || (ch === "." && isDigit(next)) || (ch === "-" && startsNegative(text, i, parameterEnds))) {
      if (
        ch >= "0" &&
        ch <= "2" &&
        text[i + 1] === ":" &&
        (!isDigit(text.charCodeAt(i + 2)) || endsNoun(text, i - 1, parameterEnds)) &&
        !(i > 0 && isNameByte(text.charCodeAt(i - 1)))
      ) {
        const colon = text[i + 2] === ":";
        push("operator", i, i + (colon ? 3 : 2), colon, text.slice(i, i + 2));
        continue;
      }
      push("number", i, numberEnd(text, i));
      continue;
    }
    if (isLetter(c) || c >= 128 || (ch === "." && (isLetter(next) || next >= 128))) {
      let end = i + 1;
      while (end < n && isNameByte(text.charCodeAt(end))) end++;
      while (text[end - 1] === "." && end > i + 1) end--;
      push("name", i, end);
      continue;
    }
    if (ch === '"') {
      push("string", i, stringEnd(text, i));
      continue;
    }
    if (ch === "`") {
      push("symbols", i, symbolsEnd(text, i));
      continue;
    }
    if ("([{".includes(ch)) {
      depth++;
      // The brackets of {[x;y]-1} end no noun: what follows starts an expression.
      const before = tokens[tokens.length - 1];
      open.push(ch === "[" && before?.kind === "open" && before.text === "{");
      push("open", i, i + 1);
      continue;
    }
    if (")]}".includes(ch)) {
      depth--;
      if (open.pop()) parameterEnds.add(i);
      push("close", i, i + 1);
      continue;
    }
    if (ch === ";") {
      push("semicolon", i, i + 1);
      continue;
    }
    if (ch === "'" || ch === "/" || ch === "\\") {
      push("iterator", i, text[i + 1] === ":" ? i + 2 : i + 1);
      continue;
    }
    if (GLYPHS.includes(ch)) {
      const two = text.slice(i, i + 2);
      if (TWO.has(two)) {
        const colon = two !== "::" && text[i + 2] === ":";
        push("operator", i, i + (colon ? 3 : 2), colon, two);
      } else if (ch !== ":" && text[i + 1] === ":") push("operator", i, i + 2, true, ch);
      else push("operator", i, i + 1);
      continue;
    }
    throw new SyntaxSignal(ch, i);
  }
  tokens.push({ kind: "end", text: "", start: n, end: n, spaced: true, colon: false });
  return tokens;
}

function startsNegative(text: string, i: number, parameterEnds: ReadonlySet<number>): boolean {
  const next = text.charCodeAt(i + 1);
  if (!isDigit(next) && !(text[i + 1] === "." && isDigit(text.charCodeAt(i + 2)))) return false;
  return !endsNoun(text, i - 1, parameterEnds);
}

function numberEnd(text: string, start: number): number {
  let i = text[start] === "-" ? start + 1 : start;
  const hex = text[i] === "0" && text[i + 1] === "x";
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (isDigit(c) || isLetter(c) || c === 46 || c === 58) {
      // `1:` before something that is no digit would be an operator glued to a number: leave the colon.
      if (c === 58 && !isDigit(text.charCodeAt(i + 1))) break;
      i++;
    } else if (
      !hex &&
      (c === 43 || c === 45) &&
      /[0-9.]e$/.test(text.slice(Math.max(start, i - 2), i)) &&
      isDigit(text.charCodeAt(i + 1))
    )
      i++;
    else break;
  }
  return i;
}

function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length) {
    if (text[i] === "\\") i += 2;
    else if (text[i] === '"') return i + 1;
    else i++;
  }
  throw new SyntaxSignal('"', start);
}

function symbolsEnd(text: string, start: number): number {
  let i = start;
  while (text[i] === "`") {
    i++;
    let path = false;
    while (i < text.length) {
      const c = text.charCodeAt(i);
      if (c === 58) path = true;
      else if (!(isNameByte(c) || (path && c === 47))) break;
      i++;
    }
  }
  return i;
}
