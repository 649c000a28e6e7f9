// A q workspace at work: parse, evaluate, globals, traps, scripts. What primitives see of it is values/session.ts.

import { namespaceReader } from "#namespaces/entry.ts";
import { parse } from "#parse/parse.ts";
import { SyntaxSignal } from "#parse/tokens.ts";
import { T } from "#values/datatypes.ts";
import type { Host } from "#values/host.ts";
import { mark, release, retain, sweep } from "#values/ownership.ts";
import { QSignal, signal, type TraceEntry, userSignal } from "#values/signals.ts";
import type { Session, Settings, Slot, WireWords } from "#values/session.ts";
import {
  type Dict,
  type Func,
  type Lambda,
  List,
  type Primitive,
  type PrimitiveRow,
  type Value,
} from "#values/values.ts";
import {
  countOf,
  dict,
  isText,
  itemsOf,
  list,
  long,
  string,
  symbol,
  symbols,
  symbolTexts,
  textOf,
  vectorOf,
} from "#values/vectors.ts";
import { apply, applyPrimitive, compiledOf, invoke } from "./apply.ts";
import { system } from "./commands.ts";
import { compile, compileStatement, isName, isSilent, Scope } from "./compile.ts";
import { zNames } from "./dotz.ts";
import { Frame, RETURN } from "./frame.ts";
import { namespaces } from "./namespaces.ts";
import { splitScript } from "./script.ts";
import { Words } from "./vocabulary.ts";
import { wireVocabulary } from "./wire.ts";
import { type Builtins, Workspace } from "./workspace.ts";

export interface Outcome {
  readonly value: Value;
  /** An assignment, or a trailing semicolon: the console shows nothing. */
  readonly silent: boolean;
}

export function createSession(
  host: Host,
  builtins: Builtins = () => undefined,
  extra: readonly PrimitiveRow[] = [],
): QSession {
  return new QSession(host, builtins, extra);
}

export class QSession implements Session {
  readonly words: Words;
  /** () for whoever needs one that is never freed. */
  readonly empty = new List([]);
  readonly workspace: Workspace;
  readonly wire: WireWords;
  readonly settings: Settings = {
    precision: 7,
    console: [25, 80],
    http: [36, 2000],
    offset: undefined,
    dateFormat: 0,
    weekOffset: 2,
    seed: -314159,
    errorTrap: 0,
    gcMode: 0,
    timeout: 0,
    secondaries: 0,
  };
  context = "";
  depth = 0;
  /** Lambdas applied so far; every 4096 of them a query may be interrupted. */
  calls = 0;
  /** The running frame; `.z.s` and traces look at it. */
  frame: Frame | undefined;
  private z: Readonly<Record<string, () => Value>> | undefined;
  private readonly primitives = new Map<string, Func>();

  constructor(
    readonly host: Host,
    builtins: Builtins,
    extra: readonly PrimitiveRow[],
  ) {
    this.words = new Words(extra);
    this.wire = wireVocabulary(this);
    retain(this.empty);
    const brought = namespaceReader(() => this, namespaces);
    this.workspace = new Workspace(
      (name) => this.builtin(name) ?? brought(name) ?? builtins(name),
      (context) => (context === ".q" ? this.words.names() : Object.keys(namespaces[context] ?? {})),
      this.words.nil,
    );
  }

  /** .q has the keywords. */
  private builtin(name: string): Value | undefined {
    if (name.startsWith(".z.")) return (this.z ??= zNames(this))[name.slice(3)]?.();
    if (name === ".q") {
      const names = this.words.names();
      return dict(symbols(["", ...names]), list([this.words.nil, ...names.map((n) => this.words.keyword(n)!)]));
    }
    return name.startsWith(".q.") ? this.words.keyword(name.slice(3)) : undefined;
  }

  // ---- application ---------------------------------------------------------------------------------------------------
  apply(f: Value, args: Value[]): Value {
    return apply(this, f, args);
  }
  /** What iterators call once an item: a lambda of the right rank is entered without a detour. */
  apply1(f: Value, x: Value): Value {
    if (f.kind === "lambda") {
      const compiled = compiledOf(this, f);
      if (compiled.rank === 1)
        return compiled.direct !== undefined ? compiled.direct(x) : invoke(this, f, compiled, [x]);
    }
    return apply(this, f, [x]);
  }
  apply2(f: Value, x: Value, y: Value): Value {
    if (f.kind === "primitive") return applyPrimitive(this, f, [x, y]);
    if (f.kind === "lambda") {
      const compiled = compiledOf(this, f);
      if (compiled.rank === 2)
        return compiled.direct !== undefined ? compiled.direct(x, y) : invoke(this, f, compiled, [x, y]);
    }
    return apply(this, f, [x, y]);
  }
  primitive(name: string): Func {
    let f = this.primitives.get(name);
    if (f === undefined) {
      const found = this.words.operator(name) ?? this.words.keyword(name);
      if (found === undefined || found.type < 100) throw new Error(`perq bug: no word ${name}`);
      f = found as Func;
      this.primitives.set(name, f);
    }
    return f;
  }
  count(v: Value): number {
    return countOf(v);
  }
  enlist(items: Value[]): Value {
    return (this.words.keyword("enlist") as Primitive).row.run(this, ...items);
  }

  applyHandle(handle: number, args: Value[]): Value {
    const { handles } = this.host;
    if (args.length !== 1) {
      if (handle > 2 && args.length > 1) return handles.request(handle, list(args));
      throw signal("rank");
    }
    const x = args[0]!;
    const descriptor = Math.abs(handle);
    if (descriptor === 1 || descriptor === 2) {
      this.print(descriptor, x, handle < 0);
      return long(handle);
    }
    if (handle === 0) {
      const handler = this.read(".z.ps");
      return handler === undefined ? this.value(x) : this.apply1(handler, x);
    }
    if (x === this.words.nil) {
      if (handle < 0) {
        handles.flush(-handle);
        return this.words.nil;
      }
      return handles.receive(handle);
    }
    if (handle < 0) {
      handles.send(-handle, x);
      return this.words.nil;
    }
    return handles.request(handle, x);
  }

  /** 1 x and -1 x: text as it is, a list of texts one after the other; negative adds line ends. */
  private print(descriptor: 1 | 2, x: Value, lines: boolean): void {
    const end = lines ? "\n" : "";
    if (x.kind === "list") {
      for (const item of x.items) this.host.write(descriptor, textOf(item) + end);
      return;
    }
    if (!isText(x)) throw signal("type", "text is wanted on the console");
    this.host.write(descriptor, textOf(x) + end);
  }

  /** `:path x` opens, asks, closes: the one-shot request. */
  applyFile(name: string, args: Value[]): Value {
    if (args.length !== 1) throw signal("rank");
    const { handles } = this.host;
    const handle = handles.open(name.slice(1), 0);
    try {
      return handles.request(handle, args[0]!);
    } finally {
      handles.close(handle);
    }
  }

  // ---- names -----------------------------------------------------------------------------------------------------------
  private qualify(name: string): string {
    return this.workspace.qualify(name, this.context);
  }
  read(name: string): Value | undefined {
    return this.workspace.read(this.qualify(name)) ?? this.words.keyword(name);
  }
  readSlot(slot: Slot, name: string): Value {
    const v = this.workspace.read(slot.name);
    if (v !== undefined) return v;
    throw this.unknownName(name);
  }
  readSlotForUpdate(slot: Slot, name: string): Value {
    this.guardWrite(slot);
    if (slot.value !== undefined) return slot.value;
    return this.readSlot(slot, name);
  }
  slot(name: string): Slot {
    return this.workspace.slot(this.qualify(name));
  }
  assign(name: string, value: Value): void {
    this.assignSlot(this.slot(name), value);
  }
  /** -b and reval: no global changes. */
  private guardWrite(slot: Slot): void {
    if (!this.host.process.blocked) return;
    const dot = slot.name.lastIndexOf(".");
    throw userSignal(`noupdate: \`.${dot > 0 ? slot.name.slice(1, dot) : ""} \`${slot.name.slice(dot + 1)}`);
  }
  readToAmend(name: string): Value | undefined {
    this.guardWrite(this.slot(name));
    return this.read(name);
  }
  amended(name: string, before: Value, after: Value, path: Value = this.empty): void {
    this.amendedSlot(this.slot(name), before, after, path);
  }
  amendedSlot(slot: Slot, before: Value, after: Value, path: Value): void {
    if (after !== before) this.store(slot, after);
    if (this.watcher !== undefined) this.tellWatcher(slot, path);
  }
  assignSlot(slot: Slot, value: Value): void {
    this.store(slot, value);
    if (this.watcher !== undefined) this.tellWatcher(slot, this.empty);
  }
  /** .z.vs sees the globals of the root, after they were set. */
  private tellWatcher(slot: Slot, path: Value): void {
    const { watcher } = this;
    if (watcher === undefined || slot.name.startsWith(".")) return;
    // What it sets itself it is not told of.
    this.watcher = undefined;
    try {
      this.apply2(watcher, symbol(slot.name), path);
    } finally {
      this.watcher ??= this.workspace.slot(".z.vs").value;
    }
  }
  private store(slot: Slot, value: Value): void {
    this.guardWrite(slot);
    if (slot.name.startsWith(".")) {
      if (slot.name === ".z.vs") this.watcher = value;
      const dots = slot.name.lastIndexOf(".");
      // `.a:dict` replaces a namespace; `.a.b:x` into a dictionary `.a` held under a shorter name amends that.
      if (dots === 0 && value.kind === "dict" && value.keys.type === T.symbol) {
        this.workspace.assignNamespace(slot.name, value);
        return;
      }
    }
    this.workspace.assign(slot, value);
  }
  /** .z.vs, if it is set; the slot owns it. */
  watcher: Value | undefined;

  erase(name: string): boolean {
    const slot = this.slot(name);
    this.guardWrite(slot);
    if (slot.name === ".z.vs") this.watcher = undefined;
    return this.workspace.erase(slot.name);
  }
  namesIn(context: string): string[] {
    return this.workspace.namesIn(context);
  }
  contexts(): string[] {
    return this.workspace.contexts();
  }
  unknownName(name: string): QSignal {
    return userSignal(name, "no such name");
  }
  selfOf(frame: Frame): Value {
    if (frame.lambda === undefined) throw userSignal(".z.s");
    return frame.lambda;
  }
  /** x.field of a local: an entry of a dictionary, a part of a temporal value. */
  dot(holder: Value, field: Value & { kind: "atom" }): Value {
    if (holder.kind === "dict" || holder.kind === "table") return apply(this, holder, [field]);
    return this.apply2(this.primitive("$"), field, holder);
  }

  defineView(slot: Slot, tree: Value, context: string, text: string): void {
    this.guardWrite(slot);
    retain(tree);
    const code = compile(new Scope(this, context), tree);
    let cached: Value | undefined;
    const dependencies = new Set<string>();
    collectNames(tree, dependencies);
    const slots = [...dependencies].map((n) => this.workspace.slot(this.workspace.qualify(n, context)));
    let seen: (Value | undefined)[] = [];
    this.workspace.erase(slot.name);
    slot.view = () => {
      const now = slots.map((s) => (s === slot ? undefined : (s.value ?? s.view?.())));
      if (cached !== undefined && now.every((v, i) => v === seen[i])) return cached;
      const value = code(new Frame([], undefined));
      retain(value);
      if (cached !== undefined) release(cached);
      cached = value;
      seen = now;
      return value;
    };
    slot.text = text;
    slot.dependencies = [...dependencies].filter((name) => this.words.keyword(name) === undefined);
    this.workspace.announce(slot.name);
  }
  viewsIn(context: string): string[] {
    return this.workspace.viewsIn(context);
  }

  // ---- text ------------------------------------------------------------------------------------------------------------
  parse(text: string): Value {
    return this.parseIn(text, this.context);
  }
  private parseIn(text: string, context: string, file?: string, dialect: "q" | "k" = "q"): Value {
    return parse(text, this.words, { context, file, dialect });
  }
  parseLambda(f: Lambda): void {
    const tree = this.parseIn(f.source, f.context, undefined, f.dialect);
    if (tree.kind !== "lambda") throw signal("parse", "not a function's text");
    f.body = tree.body;
    retain(f.body!);
    (f as { parameters: readonly string[] }).parameters = tree.parameters;
  }

  evaluate(tree: Value): Value {
    return this.run(compileStatement(new Scope(this, this.context), tree), "");
  }
  /** Runs a statement; `text` is what the trace of an error shows for it. */
  private run(code: (frame: Frame) => Value, text: string): Value {
    const outer = this.frame;
    const frame = new Frame([], undefined, outer, text);
    this.frame = frame;
    try {
      const value = code(frame);
      return frame.result ?? value;
    } catch (error) {
      if (error === RETURN && frame.result !== undefined) return frame.result;
      if (error instanceof QSignal && text !== "" && error.trace.length < MAX_TRACE)
        error.trace.push({ name: "", text, position: frame.position });
      throw error;
    } finally {
      this.frame = outer;
    }
  }

  /** An assignment, or a text that ends in a semicolon, gives the general null, as h"a:5" does. */
  execute(text: string): Value {
    const { value, silent } = this.statement(text);
    return silent ? this.words.nil : value;
  }

  /** One text as typed at the console or sent by a client: `\` commands, `k)` lines, statements. */
  statement(text: string, file?: string): Outcome {
    const trimmed = text.trimStart();
    if (trimmed.startsWith("\\")) return { value: this.system(trimmed.slice(1).trimEnd()), silent: false };
    const dialect = /^([a-zA-Z])\)/.exec(trimmed);
    if (dialect !== null) return this.dialect(dialect[1]!, trimmed.slice(2), file);
    return this.runText(text, file, file?.endsWith(".k") ? "k" : "q");
  }

  private runText(text: string, file: string | undefined, dialect: "q" | "k"): Outcome {
    const from = mark();
    const tree = this.parseTop(text, file, dialect);
    const value = this.run(compileStatement(new Scope(this, this.context), tree), text);
    const silent = isSilent(this, tree);
    sweep(from, value);
    return { value, silent };
  }

  private parseTop(text: string, file: string | undefined, dialect: "q" | "k"): Value {
    try {
      return this.parseIn(text, this.context, file, dialect);
    } catch (error) {
      if (error instanceof SyntaxSignal) error.trace.push({ name: "", text, position: error.position });
      throw error;
    }
  }

  /** `k)…` is k text; for other letters .p.e and the like are called when the user has set one. */
  private dialect(letter: string, text: string, file?: string): Outcome {
    const handler = this.workspace.read(`.${letter}.e`);
    if (handler !== undefined) return { value: apply(this, handler, [string(text)]), silent: false };
    if (letter === "q") return this.statement(text, file);
    if (letter === "k") return this.runText(text, file, "k");
    throw userSignal(letter, "no handler for this dialect");
  }

  system(command: string): Value {
    return system(this, command);
  }

  /** \l file.q and the script of the command line. Nothing is shown; an error tells the line. */
  loadScript(path: string): void {
    const bytes = this.host.files.read(path);
    this.host.process.workBegins?.();
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    const context = this.context;
    for (const { text: part, line } of splitScript(text)) {
      try {
        const from = mark();
        const value = this.statement(part, path).value;
        sweep(from);
        void value;
      } catch (error) {
        // The statement's own entry is told where it stands.
        const last = error instanceof QSignal ? error.trace[error.trace.length - 1] : undefined;
        if (error instanceof QSignal && last?.text === part && last.file === undefined) {
          error.trace[error.trace.length - 1] = { ...last, file: `${path}:${line}` };
        }
        this.context = context;
        throw error;
      }
    }
    this.context = context;
  }

  /** `value x`: text is executed, a list is a function and its arguments. */
  value(x: Value): Value {
    if (isText(x)) return this.execute(textOf(x));
    if (x.kind === "list" && x.items.length > 0) {
      const [head, ...args] = x.items as [Value, ...Value[]];
      let f: Value = head;
      if (isText(head)) f = this.execute(textOf(head));
      else if (isName(head)) f = this.read(head.value as string) ?? this.raise(this.unknownName(head.value as string));
      if (f.type < 100 && args.length === 0) return f;
      return apply(this, f, args.length === 0 ? [this.words.nil] : args);
    }
    if (isName(x)) return this.read(x.value as string) ?? this.raise(this.unknownName(x.value as string));
    if (x.kind === "vector" && x.type === T.symbol && x.count > 0) {
      const [name, ...args] = symbolTexts(x);
      const f = this.read(name!) ?? this.raise(this.unknownName(name!));
      return apply(this, f, args.map(symbol));
    }
    return x;
  }
  private raise(error: QSignal): never {
    throw error;
  }

  // ---- errors ----------------------------------------------------------------------------------------------------------
  trace(error: QSignal, frame: Frame): void {
    if (frame.lambda !== undefined) this.traceAt(error, frame.lambda, frame.position);
  }
  /** Adds a level to an error's trace: the lambda it passes, and where in it. */
  traceAt(error: QSignal, lambda: Lambda, position: number): void {
    if (error.trace.length >= MAX_TRACE) return;
    error.trace.push(this.entryOf(lambda, position));
  }
  private entryOf(lambda: Lambda, position: number): TraceEntry {
    const entry = { name: this.nameOfLambda(lambda), text: lambda.source, position };
    return lambda.file === undefined ? entry : { ...entry, file: lambda.file };
  }
  /** The q stack now, innermost first. */
  stack(): TraceEntry[] {
    const entries: TraceEntry[] = [];
    for (let frame = this.frame; frame !== undefined && entries.length < MAX_TRACE; frame = frame.parent) {
      if (frame.lambda !== undefined) entries.push(this.entryOf(frame.lambda, frame.position));
      else if (frame.text !== "") entries.push({ name: "", text: frame.text, position: frame.position });
    }
    return entries;
  }
  private nameOfLambda(f: Lambda): string {
    const name = this.workspace.nameOf(f);
    if (name !== undefined || f.outer === undefined) return name ?? "";
    const outer = this.nameOfLambda(f.outer);
    return outer === "" ? "" : `${outer}@`;
  }

  trap(f: () => Value, handler: (error: QSignal) => Value): Value {
    const from = mark();
    const { depth, frame, context } = this;
    try {
      return f();
    } catch (error) {
      this.depth = depth;
      this.frame = frame;
      this.context = context;
      if (error instanceof RangeError && /call stack/i.test(error.message)) {
        sweep(from);
        return handler(signal("stack"));
      }
      if (!(error instanceof QSignal)) throw error;
      sweep(from);
      return handler(error);
    }
  }

  checkpoint(): void {
    const why = this.host.process.interrupted();
    if (why !== undefined) throw signal(why);
  }

  // ---- qSQL ------------------------------------------------------------------------------------------------------------
  /** Locals that the phrases of a functional form mention become constants, unless the table has such a column. */
  closeOver(args: Value[], names: ReadonlyMap<string, number>, locals: readonly (Value | undefined)[]): Value[] {
    const columns = new Set(this.columnNames(args[0]!));
    const close = (tree: Value): Value => {
      if (isName(tree)) {
        const name = tree.value as string;
        const place = names.get(name);
        if (place === undefined || columns.has(name)) return tree;
        const v = locals[place];
        if (v === undefined) return tree;
        return v.kind === "atom" && v.type !== -T.symbol ? v : quoted(v);
      }
      if (tree.kind === "list" && tree.items.length > 1) {
        const items = tree.items.map(close);
        if (items.every((item, i) => item === tree.items[i])) return tree;
        const node = list(items);
        node.position = tree.position;
        return node;
      }
      return tree;
    };
    const phrase = (x: Value): Value => {
      if (x.kind === "dict") return dict(x.keys, list(itemsOf(x.values).map(close)));
      return x;
    };
    const [t, where, by, columnsPhrase, ...rest] = args as [Value, Value, Value, Value, ...Value[]];
    const conditions = where.kind === "list" && where.items.length > 0 ? list(where.items.map(close)) : where;
    const what = columnsPhrase.kind === "list" || isName(columnsPhrase) ? close(columnsPhrase) : phrase(columnsPhrase);
    return [t, conditions, by.kind === "list" || isName(by) ? close(by) : phrase(by), what, ...rest];
  }
  private columnNames(t: Value): string[] {
    let v: Value | undefined = t;
    if (isName(t)) v = this.read(t.value as string);
    if (v?.kind === "table")
      return [...v.names, ...(v.partitioned === undefined ? [] : [v.partitioned.field, ...v.partitioned.names]), "i"];
    if (v?.kind === "dict" && v.keys.type === T.symbol) return symbolTexts(v.keys);
    if (v?.kind === "dict") return [...this.columnNames(v.keys), ...this.columnNames(v.values)];
    return [];
  }
}

/** Levels of the q stack that an error remembers. */
const MAX_TRACE = 30;

const quoted = (v: Value): Value => (v.kind === "atom" ? vectorOf(T.symbol, [v.value]) : list([v]));

function collectNames(tree: Value, names: Set<string>): void {
  if (isName(tree)) names.add(tree.value as string);
  else if (tree.kind === "list") for (const item of tree.items) collectNames(item, names);
  else if (tree.kind === "dict") collectNames((tree as Dict).values, names);
}
