// A q signal: an error that q code can trap. The name is what the client sees; `why` is for the log only.
// Complaints about the world and bugs are other things (style.md, rule 5) and never leave dressed as a signal.

/** Error names of kdb+ (basics/errors.md). User signals ('oops) carry any text and are made by `userSignal`. */
export type SignalName =
  | "access"
  | "assign"
  | "badmsg"
  | "badtail"
  | "branch"
  | "break"
  | "cast"
  | "char"
  | "close"
  | "conn"
  | "con"
  | "constants"
  | "corrupt"
  | "cores"
  | "domain"
  | "dup"
  | "elim"
  | "empty"
  | "enlist"
  | "fd pos"
  | "from"
  | "glim"
  | "globals"
  | "hop"
  | "hwr"
  | "index"
  | "insert"
  | "invalid"
  | "length"
  | "limit"
  | "limits"
  | "lim"
  | "loop"
  | "locals"
  | "match"
  | "mismatch"
  | "mlim"
  | "name"
  | "nl0"
  | "no append to zipped enums"
  | "no.`g#"
  | "no`u#"
  | "noamend"
  | "nodict"
  | "noeof"
  | "nofsync"
  | "nogzip"
  | "nolib"
  | "nolz4"
  | "nolzo"
  | "nomap"
  | "noaccess"
  | "noupdate"
  | "nosocket"
  | "nostat"
  | "nyi"
  | "os"
  | "part"
  | "params"
  | "par"
  | "parse"
  | "path"
  | "pl"
  | "Q7"
  | "rank"
  | "rb"
  | "s-fail"
  | "splay"
  | "stack"
  | "step"
  | "stop"
  | "stype"
  | "sys"
  | "timeout"
  | "trunc"
  | "type"
  | "type/attr error amending file"
  | "u-fail"
  | "unmappable"
  | "unknown"
  | "upd"
  | "user"
  | "utf8"
  | "value"
  | "vd1"
  | "view"
  | "wha"
  | "wsfull"
  | "wsm"
  | "XXX"
  | "xdr"
  | "write"
  | "rcv"
  | "snd"
  | "noread"
  | "nowrite"
  | "badconf"
  | "stdin"
  | "mq"
  | "compress"
  | "zip"
  | "unexpected"
  | "expected";

/** One level of the q stack at the moment of a signal, innermost first: which source text, and where in it. */
export interface TraceEntry {
  readonly name: string;
  readonly text: string;
  readonly position: number;
  readonly file?: string;
}

/** Not a JS Error: capturing a JS stack costs microseconds, and a trapped q error has no use for it. */
export class QSignal {
  readonly trace: TraceEntry[] = [];
  constructor(
    /** What the client sees behind the quote; latin-1 bytes, like all q text. */
    readonly text: string,
    readonly why = "",
  ) {}
  get name(): string {
    return "QSignal";
  }
  get message(): string {
    return this.text;
  }
  toString(): string {
    return `'${this.text}${this.why === "" ? "" : ` (${this.why})`}`;
  }
}

/** A signal whose name is kdb+'s; `detail` is appended as kdb+ does for names and files ('type, 'nyi foo). */
export function signal(name: SignalName, why = ""): QSignal {
  return new QSignal(name, why);
}

/** kdb+ shows an unknown name or a missing file as the error text itself ('foo, 'foo.csv. OS reports: …). */
export function userSignal(text: string, why = ""): QSignal {
  return new QSignal(text, why);
}

/** What perq does not have yet says so by name: 'nyi with the name in the text. */
export function nyi(what: string): QSignal {
  return new QSignal(`nyi: ${what}`, `${what} is not implemented yet`);
}

/** A bug of ours: ends the process loudly, is never trapped by q code. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`perq bug: ${message}`);
}

export function unreachable(x: never): never {
  throw new Error(`perq bug: unreachable ${String(x)}`);
}
