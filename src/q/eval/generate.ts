// A hot lambda of scalar code → JavaScript source (design.md §4: fib 25 takes 4.4 ms so, 17 as closures). Only a subset
// is taken: names, numbers, arithmetic and comparison, conditionals, loops, assignment to locals and globals, calls of
// lambdas by name or `.z.s` with all their arguments. A lambda with anything else in it stays closures; the meaning is the same.
//
// Fast paths stand in the source (long with long, float with float); everything else goes through the row's `run`.
// Ownership is as in apply.ts: parameters and locals count what they hold, the pool is swept on the way out.

import { T } from "#values/datatypes.ts";
import { own, poolLength, release, surrender, sweep } from "#values/ownership.ts";
import { QSignal, signal } from "#values/signals.ts";
import type { Slot } from "#values/session.ts";
import { Atom, type Lambda, type Primitive, type Value } from "#values/values.ts";
import { boolean, long } from "#values/vectors.ts";
import { isName, isTrue } from "./compile.ts";
import type { QSession } from "./session.ts";

export type Direct = (...args: Value[]) => Value;

/** What generated source may call, by one-letter names. */
interface Helpers {
  readonly S: QSession;
  readonly K: readonly unknown[];
  readonly [name: string]: unknown;
}

/** Thrown inside when a tree is outside the subset. */
const OUTSIDE = { outside: true };

const ARITHMETIC: Record<string, string> = { "+": "+", "-": "-", "*": "*" };
const COMPARISON: Record<string, string> = { "<": "<", ">": ">", "<=": "<=", ">=": ">=", "=": "===", "<>": "!==" };

/** The statement that ends the lambda with a value. */
const result = (code: string): string => `{ result = ${code}; break body; }`;

class Writer {
  readonly constants: unknown[] = [];
  readonly temporaries: string[] = [];
  private next = 0;
  constructor(
    private readonly session: QSession,
    private readonly lambda: Lambda,
    private readonly names: readonly string[],
  ) {}

  private fresh(prefix: string): string {
    const name = `${prefix}${this.next++}`;
    this.temporaries.push(name);
    return name;
  }
  private constant(value: unknown): string {
    this.constants.push(value);
    return `K${this.constants.length - 1}`;
  }
  private local(name: string): string | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : `L${at}`;
  }
  private slot(name: string): Slot {
    const { workspace } = this.session;
    return workspace.slot(workspace.qualify(name, this.lambda.context));
  }

  /** Statements; the last one's value is the result. */
  body(tree: Value): string {
    const statements = this.isSequence(tree) ? (tree as { items: Value[] }).items.slice(1) : [tree];
    return statements.map((s, i) => this.statement(s, i === statements.length - 1)).join("\n");
  }
  private isSequence(tree: Value): boolean {
    const head = tree.kind === "list" && tree.items.length > 1 ? tree.items[0]! : undefined;
    return head?.kind === "atom" && head.type === -T.char;
  }

  private statement(tree: Value, last: boolean): string {
    const { words } = this.session;
    if (tree.kind === "list" && tree.items.length > 1) {
      const head = tree.items[0]!;
      if (head === words.operator(":") && tree.items.length === 2) return result(this.expression(tree.items[1]!));
      if (this.isSequence(tree)) throw OUTSIDE;
      if (isName(head) && this.local(head.value as string) === undefined) {
        const at = tree.position ?? 0;
        const nil = last ? result(this.constant(words.nil)) : "";
        const block = (): string =>
          tree.items
            .slice(2)
            .map((t) => `${this.statement(t, false)}`)
            .join("\n");
        if (head.value === "if") return `if (${this.test(tree.items[1]!, at)}) {\n${block()}\n}\n${nil}`;
        if (head.value === "while")
          return `for (let k = 0; ${this.test(tree.items[1]!, at)}; k++) {\n${block()}\nif ((k & 1023) === 1023) S.checkpoint();\n}\n${nil}`;
        if (head.value === "do") {
          const count = this.fresh("t");
          return `${count} = times(${this.expression(tree.items[1]!)});\nfor (let k = 0; k < ${count}; k++) {\n${block()}\nif ((k & 1023) === 1023) S.checkpoint();\n}\n${nil}`;
        }
      }
      const assignment = this.assignment(tree);
      if (assignment !== undefined)
        return last ? result(assignment) : `${assignment};\nif (poolLength() > from) sweep(from);`;
    }
    const code = this.expression(tree);
    return last ? result(code) : `${code};\nif (poolLength() > from) sweep(from);`;
  }

  /** x:e and x+:e as statements; nowhere else, so that no operand changes while it is held. */
  private assignment(tree: Value & { kind: "list" }): string | undefined {
    const { words } = this.session;
    const [head, target, right] = tree.items as [Value, Value, Value];
    if (tree.items.length !== 3 || !isName(target)) return undefined;
    const glyph = words.throughGlyph(head);
    const global = head === words.nil;
    if (head !== words.operator(":") && glyph === undefined && !global) return undefined;
    const name = target.value as string;
    if (words.keyword(name) !== undefined || name.includes(".")) throw OUTSIDE;
    const place = this.local(name);
    const at = tree.position ?? 0;
    if (place === undefined) {
      const slot = this.constant(this.slot(name));
      if (glyph === undefined) return `assignGlobal(${slot}, ${this.expression(right)})`;
      if (ARITHMETIC[glyph] === undefined) throw OUTSIDE;
      return `assignGlobal(${slot}, ${this.binary(glyph, `read(${slot})`, this.expression(right), at)})`;
    }
    if (global) throw OUTSIDE;
    if (glyph !== undefined && ARITHMETIC[glyph] === undefined) throw OUTSIDE;
    const value = glyph === undefined ? this.expression(right) : this.binary(glyph, place, this.expression(right), at);
    const t = this.fresh("t");
    return `(${t} = ${value}, ${t}.kind === "atom" && ${place}.kind === "atom" ? (${place} = ${t}) : (${place} = change(${place}, ${t})))`;
  }

  /** A JS condition. */
  private test(tree: Value, at: number): string {
    if (tree.kind === "list" && tree.items.length === 3) {
      const head = tree.items[0]!;
      const glyph =
        head.kind === "primitive" && head === this.session.words.operator(head.row.glyph ?? "") ? head.row.glyph! : "";
      if (COMPARISON[glyph] !== undefined) {
        const { setup, fast, x, y, u, v } = this.operands(tree.items[1]!, tree.items[2]!);
        return `(${setup}, ${fast} ? ${u} ${COMPARISON[glyph]} ${v} : (p = ${tree.position ?? 0}, t_ = ${this.row(head as Primitive)}(S, ${x}, ${y}), p = ${at}, isTrue(t_)))`;
      }
    }
    return `(t_ = ${this.expression(tree)}, p = ${at}, isTrue(t_))`;
  }

  private row(head: Primitive): string {
    return this.constant(head.row.run);
  }

  /** Evaluates right, then left; `fast` says both are longs that are exact as numbers. */
  private operands(
    left: Value,
    right: Value,
  ): { setup: string; fast: string; x: string; y: string; u: string; v: string } {
    const r = this.operand(right);
    const l = this.operand(left);
    const setup = [r.setup, l.setup].filter((s) => s !== "").join(", ") || "0";
    const fast = [l.fast, r.fast].filter((s) => s !== "").join(" && ") || "true";
    return { setup, fast, x: l.name, y: r.name, u: l.number, v: r.number };
  }
  private operand(tree: Value): { setup: string; fast: string; name: string; number: string } {
    if (tree.kind === "atom" && tree.type === -T.long && typeof tree.value === "number") {
      return {
        setup: "",
        fast: "",
        name: this.constant(tree),
        number: tree.value < 0 ? `(${tree.value})` : String(tree.value),
      };
    }
    const x = this.fresh("a");
    const u = this.fresh("u");
    return {
      setup: `${x} = ${this.held(tree)}`,
      fast: `${x}.type === -7 && typeof (${u} = ${x}.value) === "number"`,
      name: x,
      number: u,
    };
  }

  /** An operand: a global that is no atom is held while the rest is evaluated. */
  private held(tree: Value): string {
    if (isName(tree) && this.local(tree.value as string) === undefined) return `hold(${this.expression(tree)})`;
    return this.expression(tree);
  }

  private binary(glyph: string, left: string, right: string, at: number): string {
    const [x, y, u, v, r] = [this.fresh("a"), this.fresh("a"), this.fresh("u"), this.fresh("u"), this.fresh("r")];
    const run = this.row(this.session.words.operator(glyph)!);
    return `(${y} = ${right}, ${x} = ${left}, ${x}.type === -7 && ${y}.type === -7 && typeof (${u} = ${x}.value) === "number" && typeof (${v} = ${y}.value) === "number" && (${r} = ${u} ${glyph} ${v}) <= 9007199254740991 && ${r} >= -9007199254740991 ? long(${r} + 0) : (p = ${at}, ${run}(S, ${x}, ${y})))`;
  }

  expression(tree: Value): string {
    const { words } = this.session;
    if (isName(tree)) {
      const name = tree.value as string;
      if (name.includes(".")) throw OUTSIDE;
      return this.local(name) ?? `read(${this.constant(this.slot(name))})`;
    }
    if ((tree as Value).kind === "atom" && tree.type !== -T.symbol) return this.constant(tree);
    if (tree.kind !== "list" || tree.items.length < 2) throw OUTSIDE;
    const [head, ...args] = tree.items as [Value, ...Value[]];
    const at = tree.position ?? 0;
    if (args.includes(words.elided)) throw OUTSIDE;
    if (head === words.operator("$") && args.length === 3) {
      return `(${this.test(args[0]!, at)} ? ${this.expression(args[1]!)} : ${this.expression(args[2]!)})`;
    }
    if (head.kind === "primitive" && args.length === 2 && head === words.operator(head.row.glyph ?? ""))
      return this.operator(head, args[0]!, args[1]!, at);
    if (
      head.kind === "primitive" &&
      args.length === 2 &&
      head.row.glyph === undefined &&
      SAFE_WORDS.has(head.row.name)
    ) {
      const y = this.fresh("a");
      return `(${y} = ${this.held(args[1]!)}, t_ = ${this.held(args[0]!)}, p = ${at}, ${this.row(head)}(S, t_, ${y}))`;
    }
    if (isName(head)) return this.call(head.value as string, args, at);
    throw OUTSIDE;
  }

  private operator(head: Primitive, left: Value, right: Value, at: number): string {
    const glyph = head.row.glyph!;
    const slow = (x: string, y: string): string => `(p = ${at}, ${this.row(head)}(S, ${x}, ${y}))`;
    if (ARITHMETIC[glyph] !== undefined) {
      const { setup, fast, x, y, u, v } = this.operands(left, right);
      const r = this.fresh("r");
      // -0 is no long: adding 0 makes it one.
      return `(${setup}, ${fast} && (${r} = ${u} ${glyph} ${v}) <= 9007199254740991 && ${r} >= -9007199254740991 ? long(${r} + 0) : ${x}.type === -9 && ${y}.type === -9 ? new Atom(-9, ${x}.value ${glyph} ${y}.value) : ${slow(x, y)})`;
    }
    if (COMPARISON[glyph] !== undefined) {
      const { setup, fast, x, y, u, v } = this.operands(left, right);
      return `(${setup}, ${fast} ? boolean(${u} ${COMPARISON[glyph]} ${v}) : ${slow(x, y)})`;
    }
    if (glyph === "%" || glyph === "&" || glyph === "|" || glyph === "~") {
      const y = this.fresh("a");
      const x = this.fresh("a");
      return `(${y} = ${this.held(right)}, ${x} = ${this.held(left)}, ${slow(x, y)})`;
    }
    throw OUTSIDE;
  }

  /** Arguments right to left into temporaries, then the callee. */
  private call(name: string, args: readonly Value[], at: number): string {
    const temporaries = args.map(() => this.fresh("c"));
    const setup = args.map((a, i) => `${temporaries[i]} = ${this.held(a)}`).reverse();
    if (name === ".z.s") {
      if (args.length !== this.lambda.parameters.length) throw OUTSIDE;
      return `(${setup.join(", ")}, p = ${at}, self(${temporaries.join(", ")}))`;
    }
    if (name.includes(".") || name === "if" || name === "do" || name === "while" || this.local(name) !== undefined)
      throw OUTSIDE;
    return `(${setup.join(", ")}, p = ${at}, call(${this.constant(this.slot(name))}, [${temporaries.join(", ")}]))`;
  }
}

/** Binary keywords that only compute. */
const SAFE_WORDS = new Set(["mod", "div", "xexp", "xlog", "xbar", "and", "or"]);

export function generate(session: QSession, f: Lambda, names: readonly string[]): Direct | undefined {
  const writer = new Writer(session, f, names);
  let body: string;
  try {
    body = writer.body(f.body!);
  } catch (error) {
    if (error === OUTSIDE) return undefined;
    throw error;
  }
  const { length } = f.parameters;
  const locals = names.map((_, i) => `L${i}`);
  const parameters = locals.slice(0, length);
  const others = locals.slice(length);
  const source = `
    ${writer.constants.map((_, i) => `const K${i} = K[${i}];`).join(" ")}
    function self(${parameters.join(", ")}) {
      const from = poolLength();
      if (S.depth >= 2000) throw stack();
      if ((++S.calls & 4095) === 0) S.checkpoint();
      S.depth++;
      ${parameters.map((x) => `if (${x}.kind !== "atom") ${x}.refs++;`).join(" ")}
      ${others.map((x) => `let ${x} = empty; empty.refs++;`).join(" ")}
      let p = 0, result, t_${writer.temporaries.map((t) => `, ${t}`).join("")};
      try {
        body: {
          ${body}
        }
      } catch (error) {
        S.depth--;
        ${locals.map((x) => `surrender(${x});`).join(" ")}
        failed(error, p);
        throw error;
      }
      S.depth--;
      if (result.kind !== "atom") own(result);
      ${locals.map((x) => `if (${x}.kind !== "atom") release(${x});`).join(" ")}
      if (poolLength() > from) sweep(from, result);
      return result;
    }
    return self;`;
  const helpers: Helpers = {
    S: session,
    K: writer.constants,
    Atom,
    boolean,
    isTrue,
    long,
    own,
    poolLength,
    release,
    surrender,
    sweep,
    empty: session.empty,
    stack: () => signal("stack"),
    hold: (v: Value) => (v.kind === "atom" ? v : own(v)),
    read: (slot: Slot) => slot.value ?? session.readSlot(slot, slot.name),
    call: (slot: Slot, args: Value[]) => session.apply(slot.value ?? session.readSlot(slot, slot.name), args),
    assignGlobal: (slot: Slot, v: Value) => {
      session.assignSlot(slot, v);
      return v;
    },
    /** A local's new value; either may need counting. */
    change: (old: Value, v: Value) => {
      if (v.kind !== "atom") v.refs++;
      release(old);
      return v;
    },
    times: (v: Value) => {
      if (v.kind !== "atom" || typeof v.value === "string") throw signal("type", "do wants a count");
      return Number(v.value);
    },
    failed: (error: unknown, position: number) => {
      if (error instanceof QSignal) session.traceAt(error, f, position);
    },
  };
  const made = new Function(...Object.keys(helpers), source) as (...values: unknown[]) => Direct;
  return made(...Object.values(helpers));
}
