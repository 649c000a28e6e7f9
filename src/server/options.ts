// kdb+ 4.1's command line: words → options, or a complaint that says which word is wrong. No process is touched here.
// One row per option: how many words it takes, and how they are read. Words of no option of ours are the script's (.z.x).

export interface Options {
  /** Script, file or directory: the first word when it is no option. */
  file: string;
  /** What is left for the script: .z.x. */
  rest: string[];
  /** -b */
  readOnly: boolean;
  console: [number, number] | undefined;
  http: [number, number] | undefined;
  errorTrap: 0 | 1 | 2;
  tls: 0 | 1 | 2;
  gcMode: 0 | 1;
  /** -l and -L: log updates, the latter synchronously. */
  logUpdates: "" | "l" | "L";
  memoryDomain: string;
  offset: number | undefined;
  port: string;
  precision: number;
  quiet: boolean;
  replicate: string;
  secondaries: number;
  seed: number | undefined;
  timerMs: number;
  timeoutSeconds: number;
  /** -u 1, -u file */
  restricted: boolean;
  /** -U file, -u file */
  passwordFile: string;
  workspaceMb: number;
  weekOffset: number;
  dateFormat: 0 | 1;
  /** Ours: where output goes when fd 1 and 2 are the client's socket (standard.ts). */
  log: string;
}

export function defaultOptions(): Options {
  return {
    file: "", rest: [], readOnly: false, console: undefined, http: undefined, errorTrap: 0, tls: 0, gcMode: 0,
    logUpdates: "", memoryDomain: "", offset: undefined, port: "", precision: 7, quiet: false, replicate: "",
    secondaries: 0, seed: undefined, timerMs: 0, timeoutSeconds: 0, restricted: false, passwordFile: "",
    workspaceMb: 0, weekOffset: 2, dateFormat: 0, log: "",
  }; // biome-ignore format: a table
}

/** A command line that cannot be obeyed; `message` is a line for the person who wrote it. */
export class UsageError extends Error {}

type Read = (options: Options, words: string[]) => void;
interface Row {
  readonly words: number;
  readonly what: string;
  readonly read: Read;
}

function whole(word: string, low: number, high: number): number {
  const value = /^-?\d+$/.test(word) ? Number(word) : Number.NaN;
  if (!(value >= low && value <= high))
    throw new UsageError(`a whole number from ${low} to ${high} is wanted, not "${word}"`);
  return value;
}
const size = (word: string): number => Math.min(2000, Math.max(10, whole(word, 0, 2147483647)));
const MAX_INT = 2147483647;

const flag = (what: string, read: (options: Options) => void): Row => ({ words: 0, what, read });
const number = (what: string, low: number, high: number, set: (options: Options, value: number) => void): Row => ({
  words: 1,
  what,
  read: (options, [word]) => set(options, whole(word!, low, high)),
});
const text = (what: string, set: (options: Options, value: string) => void): Row => ({
  words: 1,
  what,
  read: (options, [word]) => set(options, word!),
});

const rows: Readonly<Record<string, Row>> = {
  b: flag("block writes of clients", (o) => { o.readOnly = true; }),
  c: { words: 2, what: "console rows and columns", read: (o, [r, c]) => { o.console = [size(r!), size(c!)]; } },
  C: { words: 2, what: "HTTP rows and columns", read: (o, [r, c]) => { o.http = [size(r!), size(c!)]; } },
  e: number("error trap mode", 0, 2, (o, v) => { o.errorTrap = v as 0 | 1 | 2; }),
  E: number("TLS mode", 0, 2, (o, v) => { o.tls = v as 0 | 1 | 2; }),
  g: number("garbage collection mode", 0, 1, (o, v) => { o.gcMode = v as 0 | 1; }),
  l: flag("log updates", (o) => { o.logUpdates = "l"; }),
  L: flag("log updates, synchronously", (o) => { o.logUpdates = "L"; }),
  m: text("memory domain", (o, v) => { o.memoryDomain = v; }),
  o: number("offset from UTC", -1439, 1439, (o, v) => { o.offset = v; }),
  p: text("port to listen on", (o, v) => { o.port = portSpecification(v); }),
  P: number("precision", 0, 17, (o, v) => { o.precision = v; }),
  q: flag("quiet", (o) => { o.quiet = true; }),
  r: text("replicate from", (o, v) => { o.replicate = v; }),
  s: number("secondaries", -1024, 1024, (o, v) => { o.secondaries = v; }),
  S: number("seed", -MAX_INT, MAX_INT, (o, v) => {
    if (v === 0) throw new UsageError("a seed is not 0");
    o.seed = v;
  }),
  t: number("timer, milliseconds", 0, MAX_INT, (o, v) => { o.timerMs = v; }),
  T: number("timeout, seconds", 0, MAX_INT, (o, v) => { o.timeoutSeconds = v; }),
  u: text("1 or password file", (o, v) => {
    o.restricted = true;
    if (v !== "1") o.passwordFile = v;
  }),
  U: text("password file", (o, v) => { o.passwordFile = v; }),
  w: number("workspace, MB", 0, MAX_INT, (o, v) => { o.workspaceMb = v; }),
  W: number("first day of the week", 0, 6, (o, v) => { o.weekOffset = v; }),
  z: number("date format", 0, 1, (o, v) => { o.dateFormat = v as 0 | 1; }),
}; // biome-ignore format: a table

export interface PortSpecification {
  readonly reusePort: boolean;
  readonly host: string;
  /** Inclusive; names of services stay text. One entry when it is no range. "0W" asks for any free port. */
  readonly ports: readonly [string] | readonly [string, string];
  /** A negative port is kdb+'s multithreaded input. */
  readonly multithreaded: boolean;
}

/** [rp,][host:]port, port being a number, 0W, a service name, or a range of these; undefined when it is none. */
export function parsePort(specification: string): PortSpecification | undefined {
  const m = /^(rp,)?(?:(\[[0-9a-fA-F:.]+\]|[^:,/]*):)?(-?)([0-9A-Za-z][\w.-]*?)(?:\/(?:-?)([0-9A-Za-z][\w.-]*))?$/.exec(
    specification,
  );
  if (m === null) return undefined;
  const host = (m[2] ?? "").replace(/^\[|\]$/g, "");
  for (const port of [m[4], m[5]]) {
    if (port === undefined) continue;
    if (/^\d+$/.test(port) ? Number(port) > 65535 : /^\d/.test(port) && !/^0W[ij]?$/.test(port)) return undefined;
  }
  return {
    reusePort: m[1] !== undefined,
    host,
    ports: m[5] === undefined ? [m[4]!] : [m[4]!, m[5]],
    multithreaded: m[3] === "-",
  };
}

function portSpecification(word: string): string {
  if (parsePort(word) === undefined) throw new UsageError(`[rp,][host:]port is wanted, not "${word}"`);
  return word;
}

/** Reads the words behind the program's name. Throws UsageError. */
export function parseOptions(words: readonly string[]): Options {
  const options = defaultOptions();
  let at = 0;
  if (words.length > 0 && !words[0]!.startsWith("-")) options.file = words[at++]!;
  while (at < words.length) {
    const word = words[at++]!;
    if (word === "--log" || word.startsWith("--log=")) {
      if (word === "--log" && at === words.length) throw new UsageError("--log wants a file, syslog or none");
      options.log = word === "--log" ? words[at++]! : word.slice(6);
      continue;
    }
    const row = /^-[A-Za-z]$/.test(word) ? rows[word[1]!] : undefined;
    if (row === undefined) {
      options.rest.push(word);
      continue;
    }
    const given = words.slice(at, at + row.words);
    if (given.length < row.words)
      throw new UsageError(`${word} (${row.what}) wants ${row.words === 1 ? "a value" : `${row.words} values`}`);
    at += row.words;
    try {
      row.read(options, given);
    } catch (e) {
      if (e instanceof UsageError) throw new UsageError(`${word} (${row.what}): ${e.message}`);
      throw e;
    }
  }
  return options;
}
