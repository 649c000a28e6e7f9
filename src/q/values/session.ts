// One q workspace: globals, settings, and the way back up to the evaluator for primitives that call functions.
// eval/session.ts makes the real one.

import type { Host } from "./host.ts";
import type { Func, Value } from "./values.ts";

/** A global variable's place. Compiled code keeps the slot, so assignment is seen everywhere at once. */
export interface Slot {
  readonly name: string;
  /** undefined: no such variable ('name). Change it only through `assign`. */
  value: Value | undefined;
  /** A view (a::expr) recomputes itself: called when the value is wanted and `value` is undefined. */
  view?: (() => Value) | undefined;
  /** The view's text, as `view` shows it. */
  text?: string | undefined;
  /** The names that the view mentions, for .z.b. */
  dependencies?: readonly string[] | undefined;
}

export interface Settings {
  /** \P: 0 means 17 significant digits. */
  precision: number;
  /** \c and \C: rows, columns. */
  console: [number, number];
  http: [number, number];
  /** \o: offset from UTC in hours or minutes; undefined: the system's. */
  offset: number | undefined;
  /** \z: 0 mm/dd, 1 dd/mm for "D"$ */
  dateFormat: 0 | 1;
  /** \W: first day of the week, for 0:. */
  weekOffset: number;
  /** \S: seed and generator state. */
  seed: number;
  /** \e: 0 off, 1 debug, 2 trace in handlers. */
  errorTrap: 0 | 1 | 2;
  /** \g */
  gcMode: 0 | 1;
  /** \T seconds */
  timeout: number;
  /** \s */
  secondaries: number;
  /** .z.zd and friends live in the namespace. */
}

/** What the wire (ipc) must be told about functions, which are only named there, never run. */
export interface WireWords {
  /** The value of type 101 under this code (ipc/codes.ts names them); undefined: no such function here. */
  unary(code: number): Value | undefined;
  /** The value of type 102 under this code. */
  binary(code: number): Value | undefined;
  /** The value of type 103 under this code, 0 to 5. */
  iterator(code: number): Value | undefined;
  /** A projection; `given` has undefined where an argument is missing. Only eval knows the function's rank. */
  project(f: Value, given: readonly (Value | undefined)[]): Value;
}

export interface Session {
  readonly host: Host;
  readonly wire: WireWords;
  readonly settings: Settings;
  /** The current namespace: "" or ".foo" (\d). */
  context: string;
  /** f[args…]: any value that can be applied or indexed. Arguments are borrowed; the result is the pool's. */
  apply(f: Value, args: Value[]): Value;
  /** Unary and binary application without an argument list: what iterators and derived keywords use. */
  apply1(f: Value, x: Value): Value;
  apply2(f: Value, x: Value, y: Value): Value;
  /** A global by name, fully qualified (".foo.bar") or relative to `context`; undefined when there is none. */
  read(name: string): Value | undefined;
  /** Sets a global; counts ownership. */
  assign(name: string, value: Value): void;
  /** `read` for whoever will amend what it holds where it stands: signals where updates are blocked (-b, reval). */
  readToAmend(name: string): Value | undefined;
  /** Ends what `readToAmend` began: `after` is the value now, perhaps the same object; `path` tells .z.vs where. */
  amended(name: string, before: Value, after: Value, path?: Value): void;
  /** Removes a global; true if it was there. */
  erase(name: string): boolean;
  slot(name: string): Slot;
  /** Names of variables in a namespace ("" root), sorted; functions and tables included. */
  namesIn(context: string): string[];
  /** Namespaces directly below: q Q h j z o and the user's. */
  contexts(): string[];
  /** Parses q text: what `parse` returns. */
  parse(text: string): Value;
  /** Evaluates a parse tree in the current namespace. */
  evaluate(tree: Value): Value;
  /** value "text": parse and evaluate, several statements allowed. */
  execute(text: string): Value;
  /** A keyword or operator of the vocabulary by its q name or glyph (`count`, `+`). */
  primitive(name: string): Func;
  /** `\cmd` without the backslash; value as `system` returns it. */
  system(command: string): Value;
  /** Runs f[args]; on a signal returns handler(name, why+trace). Bugs pass through. Cleans the pool. */
  trap(f: () => Value, handler: (error: import("./signals.ts").QSignal) => Value): Value;
  /** The q stack now, innermost first: for .Q.bt and .Q.trp. */
  stack(): import("./signals.ts").TraceEntry[];
  /** Called where q code can run long: signals 'stop or 'timeout. */
  checkpoint(): void;
}
