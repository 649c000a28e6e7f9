// q text → parse tree, a q value: what `parse` returns and `eval` takes. A node is a general list, its function first;
// names are symbol atoms, symbol constants are enlisted, every other constant stands for itself. Nodes made here carry
// the position of their verb for the caret of an error. qSQL templates become functional forms (template.ts).
//
// The grammar in one paragraph: an expression is read right to left. A term is a noun or a verb; brackets behind a term
// apply it, an iterator glued to it makes a verb of it; a verb between two nouns is binary, in front of one unary, a noun
// in front of a noun applies to it, and a verb without a right side is a projection.

import { Lambda, type List, Primitive, type Value } from "#values/values.ts";
import { own, retain } from "#values/ownership.ts";
import { char, list, symbol, symbols } from "#values/vectors.ts";
import { numberLiteral, stringLiteral, symbolLiteral } from "./literals.ts";
import { parseTemplate } from "./template.ts";
import { SyntaxSignal, type Token, tokenize } from "./tokens.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface ParseOptions {
  /** Namespace that lambdas in the text belong to. */
  context: string;
  file?: string | undefined;
  /** `k)` text: a glyph in front of a noun is its unary form. */
  dialect?: "q" | "k" | undefined;
}

/** A term or expression with what the grammar must know about it. */
export interface Term {
  tree: Value;
  /** A verb wants a noun to its right (and may take one to its left). */
  verb: boolean;
  /** An operator glyph as written, not wrapped or derived: prefix use means its unary form. */
  glyph?: string | undefined;
  /** It ends in a verb that still wants its right side: whatever is applied to it composes. */
  open?: boolean;
  /** A name (not a keyword) as written: may be assigned to. */
  start: number;
}

const TEMPLATES = new Set(["select", "exec", "update", "delete"]);
const CONTROL = new Set(["if", "do", "while"]);
const MAX_DEPTH = 1000;

/** Several statements make (";";s1;s2…). */
export function parse(text: string, vocabulary: Vocabulary, options: ParseOptions): Value {
  return new Parser(text, vocabulary, options).program();
}

export class Parser {
  readonly tokens: Token[];
  at = 0;
  /** Inside a qSQL phrase: `,` separates, and by, from, where end an expression. */
  phrase = false;
  /** Inside select[…]: `<` and `>` in front of a column ask for its order. */
  ordering = false;
  private depth = 0;
  /** Positions are told relative to the innermost lambda's text. */
  private base = 0;
  /** Which of x y z the innermost lambda without parameters mentions. */
  private implicit: Set<string> | undefined;
  /** Lambdas seen so far in the innermost one. */
  private nested: Lambda[] = [];

  constructor(
    readonly text: string,
    readonly vocabulary: Vocabulary,
    readonly options: ParseOptions,
  ) {
    this.tokens = tokenize(text);
  }

  get token(): Token {
    return this.tokens[this.at]!;
  }

  is(kind: Token["kind"], text?: string): boolean {
    const t = this.token;
    return t.kind === kind && (text === undefined || t.text === text);
  }

  error(text: string, position = this.token.start): SyntaxSignal {
    return new SyntaxSignal(text, position);
  }

  expect(kind: Token["kind"], text: string): Token {
    const t = this.token;
    if (t.kind !== kind || t.text !== text) throw this.error(t.kind === "end" ? text : t.text);
    this.at++;
    return t;
  }

  node(position: number, ...items: Value[]): List {
    const node = list(items);
    node.position = position - this.base;
    return node;
  }

  program(): Value {
    const tree = this.statements();
    if (this.token.kind !== "end") throw this.error(this.token.text);
    return tree;
  }

  /** Statements up to a closing bracket or the end. An empty last one counts: `a:1;` shows nothing. */
  statements(): Value {
    const start = this.token.start;
    const statements: Value[] = [];
    for (;;) {
      const tree = this.optionalExpression();
      statements.push(tree ?? this.vocabulary.nil);
      if (!this.is("semicolon")) break;
      this.at++;
    }
    if (statements.length === 1) return statements[0]!;
    return this.node(start, char(59), ...statements);
  }

  atEnd(): boolean {
    const t = this.token;
    if (t.kind === "end" || t.kind === "close" || t.kind === "semicolon") return true;
    if (!this.phrase) return false;
    return (
      (t.kind === "operator" && t.text === "," && !t.colon && this.tokens[this.at + 1]!.kind !== "iterator") ||
      (t.kind === "name" && (t.text === "by" || t.text === "from" || t.text === "where") && this.isPhraseWord(t))
    );
  }

  /** `where` is also a keyword: inside a template it ends the phrase unless brackets follow it. */
  private isPhraseWord(t: Token): boolean {
    if (t.text !== "where") return true;
    const before = this.tokens[this.at - 1];
    // `select where x from t`-like use of the keyword: the word stands where a term must start.
    return (
      before !== undefined &&
      !(
        before.kind === "operator" ||
        before.kind === "semicolon" ||
        before.kind === "open" ||
        (before.kind === "name" && TEMPLATES.has(before.text))
      )
    );
  }

  optionalExpression(): Value | undefined {
    return this.atEnd() ? undefined : this.expression().tree;
  }

  expression(): Term {
    if (++this.depth > MAX_DEPTH) throw new SyntaxSignal("stack", this.token.start);
    try {
      return this.rest(this.term());
    } finally {
      this.depth--;
    }
  }

  private rest(t: Term): Term {
    if (t.verb) {
      // A bare verb: `(0|+)` composes with it, a lone one is a value.
      if (this.atEnd()) return { ...t, open: true };
      const right = this.expression();
      return this.prefix(t, right);
    }
    if (this.atEnd()) return t;
    const u = this.term();
    if (u.verb) {
      if (u.glyph?.endsWith(":") && u.glyph !== "0:" && u.glyph !== "1:" && u.glyph !== "2:")
        return this.assignment(t, u);
      // (x+) is +[x;]; of a derived verb too, which would else be applied to x alone.
      const given = u.tree.kind === "list" ? [t.tree, this.vocabulary.elided] : [t.tree];
      if (this.atEnd()) return { tree: this.node(u.start, u.tree, ...given), verb: false, open: true, start: t.start };
      const right = this.expression();
      if (right.open) return this.compose(t.start, this.node(u.start, u.tree, ...given), right);
      return { tree: this.node(u.start, u.tree, t.tree, right.tree), verb: false, start: t.start };
    }
    const right = this.rest(u);
    // (+)x is the unary form, which a bare + never is in q.
    const head = t.glyph === undefined ? t.tree : (this.vocabulary.unaryForm(t.glyph) ?? t.tree);
    if (right.open) return this.compose(t.start, head, right);
    return { tree: this.node(t.start, head, right.tree), verb: false, start: t.start };
  }

  /** `til count@` and `1+2*`: the left side after the unfinished right side. */
  private compose(start: number, left: Value, right: Term): Term {
    return { tree: this.node(start, this.vocabulary.iterator(0), left, right.tree), verb: false, open: true, start };
  }

  private prefix(t: Term, right: Term): Term {
    let verb = t.tree;
    // k text has unary operators; q only names for them, but for the order of select[n;>c].
    const unaries = this.options.dialect === "k" || (this.ordering && (t.glyph === "<" || t.glyph === ">"));
    if (unaries && t.glyph !== undefined && t.glyph !== "'" && !t.glyph.endsWith(":"))
      verb = this.vocabulary.unaryForm(t.glyph) ?? verb;
    else if (t.glyph !== undefined && t.glyph !== "'" && !t.glyph.endsWith(":")) throw this.error(t.glyph, t.start);
    if (right.open && t.glyph !== ":" && t.glyph !== "'") return this.compose(t.start, verb, right);
    return { tree: this.node(t.start, verb, right.tree), verb: false, start: t.start };
  }

  /** `x:…`, `x[i]:…`, `x+:…`, `x::…`, `(a;b):…`: the verb's tree is Assign, its through form, or `::`. */
  private assignment(target: Term, verb: Term): Term {
    if (this.atEnd()) return { tree: this.node(verb.start, verb.tree, target.tree), verb: false, start: target.start };
    const right = this.expression();
    return { tree: this.node(verb.start, verb.tree, target.tree, right.tree), verb: false, start: target.start };
  }

  /** A term and whatever is glued behind it. */
  term(): Term {
    let t = this.primary();
    for (;;) {
      const next = this.token;
      if (next.kind === "open" && next.text === "[") {
        const args = this.brackets();
        t = this.bracketed(t, args);
      } else if (next.kind === "iterator" && !next.spaced) {
        this.at++;
        t = { tree: this.node(next.start, this.iterator(next), t.tree), verb: true, start: t.start };
      } else if (
        next.kind === "iterator" &&
        next.text === "'" &&
        !t.verb &&
        this.tokens[this.at + 1]!.kind !== "end" &&
        !this.phrase &&
        next.spaced &&
        this.iterates(t)
      ) {
        this.at++;
        t = { tree: this.node(next.start, this.iterator(next), t.tree), verb: true, start: t.start };
      } else return t;
    }
  }

  /** A spaced `'` behind a parenthesised verb or a lambda still iterates; elsewhere it would be a signal. */
  private iterates(t: Term): boolean {
    return t.tree.kind === "lambda";
  }

  private iterator(t: Token): Value {
    return this.vocabulary.iterator(["'", "/", "\\", "':", "/:", "\\:"].indexOf(t.text));
  }

  private bracketed(t: Term, args: Value[]): Term {
    return { tree: this.node(t.start, t.tree, ...args), verb: false, start: t.start };
  }

  /** [a;b;c] → arguments; an empty bracket is one nil, a missing one is elided. */
  brackets(): Value[] {
    this.expect("open", "[");
    return this.inside(() => {
      if (this.is("close", "]")) {
        this.at++;
        return [this.vocabulary.nil];
      }
      const args: Value[] = [];
      for (;;) {
        args.push(this.optionalExpression() ?? this.vocabulary.elided);
        if (this.is("semicolon")) this.at++;
        else break;
      }
      this.closing("]");
      return args;
    });
  }

  closing(text: string): void {
    if (!this.is("close", text)) throw this.error(this.token.kind === "end" ? text : this.token.text);
    this.at++;
  }

  /** Brackets of any kind end the special rules of a qSQL phrase. */
  inside<R>(read: () => R): R {
    const phrase = this.phrase;
    this.phrase = false;
    try {
      return read();
    } finally {
      this.phrase = phrase;
    }
  }

  private primary(): Term {
    const t = this.token;
    const start = t.start;
    const noun = (tree: Value): Term => ({ tree, verb: false, start });
    switch (t.kind) {
      case "number": {
        const texts: Token[] = [t];
        this.at++;
        while (this.token.kind === "number" && this.token.spaced) texts.push(this.tokens[this.at++]!);
        return noun(numberLiteral(texts));
      }
      case "string":
        this.at++;
        return noun(stringLiteral(t.text, start));
      case "symbols": {
        this.at++;
        const value = symbolLiteral(t.text);
        return noun(value.kind === "atom" ? symbols([value.value as string]) : list([value]));
      }
      case "name":
        return this.name(t);
      case "operator": {
        this.at++;
        if (t.colon) {
          const tree = this.vocabulary.unaryForm(t.text);
          if (tree === undefined) throw this.error(`${t.text}:`, start);
          return { tree, verb: true, glyph: `${t.text}:`, start };
        }
        if (t.text === "$" && this.is("open", "[")) {
          const args = this.brackets();
          return noun(this.node(start, this.vocabulary.operator("$")!, ...args));
        }
        const tree = this.vocabulary.operator(t.text);
        if (tree === undefined) throw this.error(t.text, start);
        return { tree, verb: true, glyph: t.text, start };
      }
      case "iterator": {
        this.at++;
        // In front of an expression `'` signals; `'[f;g]` composes, and /[f] is the iterator as a value.
        if (t.text === "'" && !this.is("open", "["))
          return { tree: this.vocabulary.operator("'")!, verb: true, glyph: "'", start };
        return { tree: this.iterator(t), verb: true, start };
      }
      case "open":
        if (t.text === "(") return this.parenthesis();
        if (t.text === "{") return noun(this.lambda());
        return noun(this.block());
      default:
        throw this.error(t.kind === "end" ? "unexpected end" : t.text, start);
    }
  }

  private name(t: Token): Term {
    const start = t.start;
    if (TEMPLATES.has(t.text) && !this.isAssigned()) {
      this.at++;
      return { tree: this.inside(() => parseTemplate(this, t)), verb: false, start };
    }
    this.at++;
    if (CONTROL.has(t.text) && this.is("open", "[")) {
      const args = this.brackets();
      return { tree: this.node(start, symbol(t.text), ...args), verb: false, start };
    }
    if (this.implicit !== undefined && (t.text === "x" || t.text === "y" || t.text === "z")) this.implicit.add(t.text);
    else if (this.implicit !== undefined && /^[xyz]\./.test(t.text)) this.implicit.add(t.text[0]!);
    const keyword = this.vocabulary.keyword(t.text);
    if (keyword !== undefined) return { tree: keyword, verb: this.vocabulary.isInfix(t.text), start };
    return { tree: symbol(t.text), verb: false, start };
  }

  private isAssigned(): boolean {
    const next = this.tokens[this.at + 1];
    return next !== undefined && next.kind === "operator" && next.text === ":" && !next.spaced;
  }

  /** [a;b;c] as an expression: the statements in order, the last one's value. */
  private block(): Value {
    const start = this.token.start;
    this.expect("open", "[");
    return this.inside(() => {
      const tree = this.statements();
      this.closing("]");
      return tree.kind === "list" && tree.position !== undefined ? tree : this.node(start, char(59), tree);
    });
  }

  private parenthesis(): Term {
    const start = this.token.start;
    const noun = (tree: Value): Term => ({ tree, verb: false, start });
    this.expect("open", "(");
    return this.inside(() => {
      if (this.is("close", ")")) {
        this.at++;
        return noun(list([]));
      }
      if (this.is("open", "[")) return noun(this.tableOrDict(start));
      const items: Value[] = [];
      let single: Term | undefined;
      for (;;) {
        if (this.atEnd()) {
          items.push(this.vocabulary.elided);
          single = undefined;
        } else {
          single = this.expression();
          items.push(single.tree);
        }
        if (this.is("semicolon")) this.at++;
        else break;
      }
      this.closing(")");
      if (items.length === 1) {
        // (+) remembers its glyph: put in front of a noun it is the unary form.
        return {
          ...noun(items[0]!),
          ...(single?.verb && single.glyph !== undefined && !single.glyph.endsWith(":") ? { glyph: single.glyph } : {}),
        };
      }
      return noun(this.node(start, this.vocabulary.keyword("enlist")!, ...items));
    });
  }

  /** ([] a:…; b) ([k:…] a:…) and ([a:…; b:…]). */
  private tableOrDict(start: number): Value {
    this.expect("open", "[");
    const keys = this.columns("]");
    this.closing("]");
    if (this.is("semicolon")) this.at++;
    if (this.is("close", ")") && this.tokens[this.at - 1]!.text === "]") {
      this.at++;
      if (keys.length === 0) return this.flipOf(start, keys);
      return this.dictOf(start, keys);
    }
    const columns = this.columns(")");
    this.closing(")");
    const body = this.flipOf(start, columns);
    if (keys.length === 0) return body;
    return this.node(start, this.vocabulary.operator("!")!, this.flipOf(start, keys), body);
  }

  private columns(close: string): [string, Value][] {
    const columns: [string, Value][] = [];
    while (!this.is("close", close)) {
      if (this.is("semicolon")) {
        this.at++;
        continue;
      }
      columns.push(
        this.namedExpression(
          columns.map(([name]) => name),
          true,
        ),
      );
      if (this.is("semicolon")) this.at++;
      else break;
    }
    return columns;
  }

  /** `name:expr` or an expression that names itself. */
  namedExpression(taken: readonly string[], mayBeEmpty = false): [string, Value] {
    const t = this.token;
    const next = this.tokens[this.at + 1]!;
    if (t.kind === "name" && next.kind === "operator" && next.text === ":" && !next.colon) {
      this.at += 2;
      if (mayBeEmpty && this.atEnd()) return [t.text, this.vocabulary.elided];
      return [t.text, this.expression().tree];
    }
    const { tree } = this.expression();
    return [uniqueName(columnName(tree), taken), tree];
  }

  dictOf(start: number, columns: [string, Value][]): Value {
    const values = this.node(start, this.vocabulary.keyword("enlist")!, ...columns.map(([, tree]) => tree));
    return this.node(start, this.vocabulary.operator("!")!, list([symbols(columns.map(([name]) => name))]), values);
  }

  private flipOf(start: number, columns: [string, Value][]): Value {
    return this.node(start, this.vocabulary.unaryForm("+")!, this.dictOf(start, columns));
  }

  /** Reads a phrase of a qSQL template: x, y and z in it are columns or whatever else, but no implicit parameters. */
  masked<R>(read: () => R): R {
    const outer = this.implicit;
    this.implicit = undefined;
    const result = read();
    this.implicit = outer;
    return result;
  }

  private lambda(): Value {
    const open = this.expect("open", "{");
    const outer = { base: this.base, implicit: this.implicit, nested: this.nested };
    this.base = open.start;
    this.nested = [];
    this.implicit = undefined;
    return this.inside(() => {
      let parameters: string[] | undefined;
      const patterns: Value[] = [];
      if (this.is("open", "[")) {
        this.at++;
        parameters = [];
        while (!this.is("close", "]")) {
          parameters.push(this.parameter(patterns));
          if (this.is("semicolon")) {
            this.at++;
            // {[x;]…} ignores its second argument.
            if (this.is("close", "]")) parameters.push(this.hidden(patterns.length, parameters.length));
          } else if (!this.is("close", "]")) throw this.error(this.token.kind === "end" ? "]" : this.token.text);
        }
        this.at++;
      }
      const implicit = parameters === undefined ? new Set<string>() : undefined;
      this.implicit = implicit;
      let body = this.statements();
      const close = this.expect("close", "}");
      if (patterns.length > 0) body = this.node(open.start, char(59), ...patterns, body);
      if (implicit !== undefined)
        parameters = implicit.has("z") ? ["x", "y", "z"] : implicit.has("y") ? ["x", "y"] : ["x"];
      this.base = outer.base;
      this.implicit = outer.implicit;
      const source = this.text.slice(open.start, close.end);
      retain(body);
      if (source.includes("::")) this.checkGlobals(body, new Set(parameters), new Set(), open.start);
      const { context, dialect, file } = this.options;
      const lambda = new Lambda(source, context, parameters!, body, dialect ?? "q", file);
      for (const inner of this.nested) inner.outer = lambda;
      this.nested = outer.nested;
      this.nested.push(lambda);
      return own(lambda);
    });
  }

  /** `a::1` followed by `a:1` in one lambda: a cannot be a global first and a local later. */
  private checkGlobals(tree: Value, locals: Set<string>, globals: Set<string>, base: number): void {
    if (tree.kind !== "list" || tree.items.length < 2) return;
    const [head, target] = tree.items as [Value, Value];
    if (
      tree.items.length === 3 &&
      target.kind === "atom" &&
      target.type === -11 &&
      !String(target.value).includes(".")
    ) {
      const name = target.value as string;
      if (head === this.vocabulary.nil && !locals.has(name)) globals.add(name);
      else if (head === this.vocabulary.operator(":")) {
        if (globals.has(name)) throw this.error(name, base + (tree.position ?? 0) - name.length);
        locals.add(name);
      }
    }
    for (const item of tree.items) this.checkGlobals(item, locals, globals, base);
  }

  /** A name, or a pattern (basics/pattern.md) that a hidden name is matched with before the body runs. */
  private parameter(patterns: Value[]): string {
    const t = this.token;
    const next = this.tokens[this.at + 1]!;
    if (t.kind === "name" && (next.kind === "semicolon" || (next.kind === "close" && next.text === "]"))) {
      this.at++;
      return t.text;
    }
    const name = this.hidden(patterns.length, t.start);
    if (t.kind === "semicolon") return name;
    const pattern = this.expression().tree;
    patterns.push(this.node(t.start, this.vocabulary.operator(":")!, pattern, symbol(name)));
    return name;
  }
  /** No name that text can spell. */
  private hidden(a: number, b: number): string {
    return ` ${a} ${b}`;
  }
}

/** What q calls an unnamed column: the first term's name for operators, the last one's for keywords and lambdas. */
export function columnName(tree: Value): string {
  if (tree.kind === "atom" && tree.type === -11) {
    const name = tree.value as string;
    const last = name.slice(name.lastIndexOf(".") + 1);
    return last === "i" ? "x" : last;
  }
  if (tree.kind === "list" && tree.items.length > 1) {
    const head = tree.items[0]!;
    const operator = head instanceof Primitive && head.row.glyph !== undefined;
    const left = tree.items[1]!;
    // `g#sym and `minute$time are called after the column, though 2*size is not.
    const isNamed = operator && !(left.kind === "vector" && left.type === 11);
    return columnName(isNamed ? left : tree.items[tree.items.length - 1]!);
  }
  return "x";
}

export function uniqueName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let n = 1; ; n++) if (!taken.includes(`${name}${n}`)) return `${name}${n}`;
}
