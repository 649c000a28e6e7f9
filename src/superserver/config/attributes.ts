/**
 * xinetd.conf(5) as data: one row per attribute, with how many values it takes, which operators, whether `defaults`
 * may hold it, and how its words become a value. The reader (xinetd.ts) knows the grammar and nothing of a single
 * attribute; resolve.ts knows what the values mean together. Whoever adds an attribute adds a row here.
 */
import { RLIM_INFINITY } from "#platform/sys.ts";
import { type AccessNames, type AccessPattern, parseAccessWord } from "./access.ts";
import type { FailureWord, LogTarget, SocketType, SuccessWord } from "./service.ts";

/** Thrown by a row's read: the service is disabled, and this is why. */
export class BadValue extends Error {}

export interface ReadContext {
  names: AccessNames;
  /** The value is used without this word. */
  complain(severity: "error" | "warning", text: string): void;
}

export interface Row<T> {
  /** How many values: [least, most]. */
  values: readonly [number, number];
  /** What a list starts from and how lines combine: "=" scalar, first wins; "=+" and "=+-" lists. */
  operators: "=" | "=+" | "=+-";
  defaults?: "allowed" | "only";
  /** Taken from defaults when the service block begins, so a later defaults does not count. */
  early?: true;
  /** An attribute of perqd's own; xinetd would warn about it. */
  ours?: true;
  read(words: string[], context: ReadContext): T;
}

const ANY: readonly [number, number] = [0, 1000];
const SOME: readonly [number, number] = [1, 1000];
const ONE: readonly [number, number] = [1, 1];

function scalar<T>(read: (word: string, context: ReadContext) => T, more: Partial<Row<T>> = {}): Row<T> {
  return { values: ONE, operators: "=", read: (words, context) => read(words[0], context), ...more };
}

const text = (word: string): string => word;

function yesNo(word: string): boolean {
  const lower = word.toLowerCase();
  if (lower !== "yes" && lower !== "no") throw new BadValue(`${word} is neither yes nor no`);
  return lower === "yes";
}

function oneOf<const T extends string>(what: string, known: readonly T[]): (word: string) => T {
  return (word) => {
    const found = known.find((one) => one.toLowerCase() === word.toLowerCase());
    if (found === undefined) throw new BadValue(`Bad ${what}: ${word}`);
    return found;
  };
}

function wholeNumber(word: string, least = 0, most = 2 ** 31 - 1): number {
  // White space that does not separate words may follow a number, as strtol reads it: the \r of one odd line.
  if (!/^[+-]?\d+[\r\v\f]*$/.test(word)) throw new BadValue(`${word} is not a number`);
  const value = Number.parseInt(word, 10);
  if (value < least || value > most) throw new BadValue(`${word} is not between ${least} and ${most}`);
  return value;
}

function numberOrUnlimited(word: string): number | "unlimited" {
  return word.toUpperCase() === "UNLIMITED" ? "unlimited" : wholeNumber(word);
}

/** -1 is how a C program writes "without limit", and files say it. */
function bytes(word: string): bigint {
  if (word.toUpperCase() === "UNLIMITED" || word === "-1") return RLIM_INFINITY;
  const match = /^(\d+)([kKmM]?)$/.exec(word);
  if (match === null) throw new BadValue(`${word} is not a size: a number, with K or M, or UNLIMITED`);
  const unit = match[2].toUpperCase();
  return BigInt(match[1]) * (unit === "K" ? 1024n : unit === "M" ? 1048576n : 1n);
}

function count(word: string): bigint {
  if (word.toUpperCase() === "UNLIMITED") return RLIM_INFINITY;
  return BigInt(wholeNumber(word));
}

const facilities = [
  "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "news", "syslog", "user", "uucp",
  "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
] as const; // biome-ignore format: a table
const levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

export const readFacility = oneOf("syslog facility", facilities);

function logType(words: string[]): LogTarget {
  const kind = words[0].toUpperCase();
  if (kind === "SYSLOG") {
    if (words.length < 2 || words.length > 3) throw new BadValue("SYSLOG takes a facility and at most a level");
    return { to: "syslog", facility: readFacility(words[1]), level: oneOf("syslog level", levels)(words[2] ?? "info") };
  }
  if (kind === "FILE") {
    if (words.length < 2 || words.length > 4) throw new BadValue("FILE takes a path and at most two limits");
    const target: LogTarget = { to: "file", path: words[1] };
    if (words[2] !== undefined) {
      const soft = Number(bytes(words[2]));
      // xinetd: the hard limit is 1 % above the soft one, at least 5K and at most 20K above.
      const hard =
        words[3] === undefined
          ? soft + Math.min(20480, Math.max(5120, Math.floor(soft / 100)))
          : Number(bytes(words[3]));
      if (hard < soft) throw new BadValue(`the hard limit ${words[3]} is below the soft one`);
      target.softBytes = soft;
      target.hardBytes = hard;
    }
    return target;
  }
  throw new BadValue(`${words[0]} is neither SYSLOG nor FILE`);
}

function clock(word: string): number {
  const match = /^(\d+):(\d+)$/.exec(word);
  if (match === null) throw new BadValue(`${word} is not a time of day (h:mm)`);
  const hour = Number(match[1]);
  const minute = Number(match[2]);
  // 24:00 is what the manual's own example uses and xinetd refuses; it is the day's last minute.
  if (hour === 24 && minute === 0) return 24 * 60 - 1;
  if (hour > 23 || minute > 59) throw new BadValue(`${word} is not a time of day`);
  return hour * 60 + minute;
}

function accessTimes(words: string[]): [number, number][] {
  return words.map((word) => {
    const parts = word.split("-");
    if (parts.length !== 2) throw new BadValue(`${word} is not an interval (h:mm-h:mm)`);
    const from = clock(parts[0]);
    const to = clock(parts[1]);
    if (from >= to) throw new BadValue(`${word} ends before it begins; write it as two intervals to cross midnight`);
    return [from, to];
  });
}

function accessList(words: string[], context: ReadContext): AccessPattern[] {
  const patterns: AccessPattern[] = [];
  for (const word of words) {
    const parsed = parseAccessWord(word, context.names);
    if ("fatal" in parsed) throw new BadValue(parsed.fatal);
    if ("unparsed" in parsed) context.complain("error", `failed to parse ${parsed.unparsed}`);
    else patterns.push(...parsed.patterns);
  }
  return patterns;
}

function environmentEntries(words: string[]): string[] {
  for (const word of words) {
    if (!word.includes("=")) throw new BadValue(`${word} is not NAME=value`);
  }
  return words;
}

function absolutePaths(words: string[]): string[] {
  for (const word of words) if (!word.startsWith("/")) throw new BadValue(`${word} is not an absolute path`);
  return words;
}

function wordsOf<const T extends string>(what: string, known: readonly T[]): (words: string[]) => T[] {
  const one = oneOf(what, known);
  return (words) => words.map((word) => one(word));
}

export const serviceTypes = ["RPC", "INTERNAL", "UNLISTED", "SPECIAL", "TCPMUX", "TCPMUXPLUS"] as const;
export const serviceFlags = [
  "REUSE", "INTERCEPT", "NORETRY", "IDONLY", "NAMEINARGS", "NODELAY", "KEEPALIVE", "NOLIBWRAP", "SENSOR", "IPv4",
  "IPv6", "LABELED",
] as const; // biome-ignore format: a table
const successWords = ["PID", "HOST", "USERID", "EXIT", "DURATION", "TRAFFIC"] as const satisfies SuccessWord[];
const failureWords = ["HOST", "USERID", "ATTEMPT"] as const satisfies FailureWord[];
const socketTypes = ["stream", "dgram", "raw", "seqpacket"] as const satisfies SocketType[];

function seconds(word: string): number {
  const match = /^(\d+)(s|m|h|d)?$/.exec(word);
  if (match === null) throw new BadValue(`${word} is not a time: seconds, or a number with s, m, h or d`);
  return Number(match[1]) * { s: 1, m: 60, h: 3600, d: 86400 }[(match[2] ?? "s") as "s" | "m" | "h" | "d"];
}

function memory(word: string): number {
  const match = /^(\d+)([kKmMgG]?)$/.exec(word);
  if (match === null || Number(match[1]) === 0) throw new BadValue(`${word} is not a size: a number, with K, M or G`);
  return (
    Number(match[1]) * { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2].toLowerCase() as "" | "k" | "m" | "g"]
  );
}

/** In processors: 0.5 is half of one. */
function processors(word: string): number {
  if (!/^\d*\.?\d+$/.test(word) || Number(word) < 0.01)
    throw new BadValue(`${word} is not a number of processors (0.5: half of one)`);
  return Number(word);
}

/** "client" undoes a file of defaults; "log": perqd's own. %s, %h, %c and %p are filled in for each connection (errors.ts). */
function errorPath(word: string): string {
  if (word === "client" || word === "log") return word;
  if (!word.startsWith("/")) throw new BadValue(`${word} is neither an absolute path nor client or log`);
  const strange = /%(?![shcp%])./.exec(word)?.[0];
  if (strange !== undefined) throw new BadValue(`${strange} in ${word}: %s, %h, %c, %p and %% are known`);
  if (/%[^%].*\//.test(word.replaceAll("%%", ""))) throw new BadValue(`${word}: only the file's name may vary`);
  return word;
}

const allowed = { defaults: "allowed" } as const;
const ours = { ours: true } as const;

export const attributes = {
  id: scalar(text),
  type: { values: SOME, operators: "=", read: wordsOf("service type", serviceTypes) },
  flags: { values: SOME, operators: "=", read: wordsOf("service flag", serviceFlags) },
  disable: scalar(yesNo),
  socket_type: scalar(oneOf("socket type", socketTypes)),
  protocol: scalar(text),
  wait: scalar(yesNo),
  user: scalar(text),
  group: scalar(text),
  groups: scalar(yesNo, allowed),
  server: scalar(text),
  server_args: { values: SOME, operators: "=", read: (words) => words },
  instances: scalar(numberOrUnlimited, allowed),
  per_source: scalar(numberOrUnlimited, allowed),
  cps: {
    values: [2, 2],
    operators: "=",
    defaults: "allowed",
    read: (words): [number, number] => [wholeNumber(words[0]), wholeNumber(words[1])],
  },
  max_load: scalar((word) => {
    const load = Number.parseFloat(word); // as sscanf reads it: what follows the number does not count
    if (!(load > 0) || !/^[+]?[\d.]/.test(word)) throw new BadValue(`${word} is not a load above 0`);
    return load;
  }, allowed),
  only_from: { values: ANY, operators: "=+-", defaults: "allowed", early: true, read: accessList },
  no_access: { values: ANY, operators: "=+-", defaults: "allowed", early: true, read: accessList },
  access_times: { values: SOME, operators: "=", read: accessTimes },
  bind: scalar(text, allowed),
  port: scalar((word) => wholeNumber(word, 0, 65535)),
  v6only: scalar(yesNo, allowed),
  // setpriority takes what is nearest
  nice: scalar((word) => Math.min(19, Math.max(-20, wholeNumber(word, -(2 ** 31))))),
  umask: scalar((word) => {
    if (!/^[0-7]+$/.test(word) || Number.parseInt(word, 8) > 0o777)
      throw new BadValue(`${word} is not a umask (octal)`);
    return Number.parseInt(word, 8);
  }, allowed),
  rlimit_as: scalar(bytes),
  rlimit_data: scalar(bytes),
  rlimit_rss: scalar(bytes),
  rlimit_stack: scalar(bytes),
  rlimit_cpu: scalar(count),
  rlimit_files: scalar(bytes),
  env: { values: ANY, operators: "=+", read: environmentEntries },
  passenv: { values: ANY, operators: "=+-", defaults: "allowed", early: true, read: (words) => words },
  log_type: { values: SOME, operators: "=", defaults: "allowed", read: logType },
  log_on_success: {
    values: ANY,
    operators: "=+-",
    defaults: "allowed",
    read: wordsOf("log_on_success flag", successWords),
  },
  log_on_failure: {
    values: ANY,
    operators: "=+-",
    defaults: "allowed",
    read: wordsOf("log_on_failure flag", failureWords),
  },
  banner: scalar(text, { ...allowed, early: true }),
  banner_success: scalar(text, { ...allowed, early: true }),
  banner_fail: scalar(text, { ...allowed, early: true }),
  redirect: { values: [2, 2], operators: "=", read: (words): [string, string] => [words[0], words[1]] },
  libwrap: scalar(text),
  deny_time: scalar((word): number | "forever" | "never" => {
    const upper = word.toUpperCase();
    if (upper === "FOREVER") return "forever";
    return upper === "NEVER" ? "never" : word === "-1" ? "forever" : wholeNumber(word);
  }),
  rpc_version: scalar(text),
  rpc_number: scalar(text),
  mdns: scalar(yesNo, allowed),
  enabled: { values: ANY, operators: "=+-", defaults: "only", read: (words) => words },
  disabled: { values: ANY, operators: "=+-", defaults: "only", read: (words) => words },

  // What xinetd does not have. docs/perqd.md describes each.
  warm: scalar((word) => wholeNumber(word, 0, 1000), ours),
  at_limit: scalar(oneOf("at_limit", ["refuse", "queue"]), { ...allowed, ...ours }),
  queue_limit: scalar((word) => wholeNumber(word, 1, 100000), { ...allowed, ...ours }),
  rate: {
    values: [1, 2],
    operators: "=",
    defaults: "allowed",
    ours: true,
    read: (words): [number, number] => {
      const perSecond = Number(words[0]);
      if (!(perSecond > 0)) throw new BadValue(`${words[0]} is not a rate (connections per second) above 0`);
      return [perSecond, words[1] === undefined ? Math.max(1, Math.ceil(perSecond)) : wholeNumber(words[1], 1)];
    },
  },
  max_idle: scalar(seconds, { ...allowed, ...ours }),
  max_session: scalar(seconds, { ...allowed, ...ours }),
  no_new_privs: scalar(yesNo, { ...allowed, ...ours }),
  private_tmp: scalar(yesNo, { ...allowed, ...ours }),
  writable: { values: ANY, operators: "=+-", defaults: "allowed", ours: true, read: absolutePaths },
  stderr: scalar(errorPath, { ...allowed, ...ours }),
  directory: scalar(text, { ...allowed, ...ours }),
  peer_env: scalar(yesNo, { ...allowed, ...ours }),
  proxy_protocol: scalar(yesNo, { ...allowed, ...ours }),
  tls: scalar(yesNo, { ...allowed, ...ours }),
  tls_certificate: { values: SOME, operators: "=", ...allowed, ...ours, read: (words) => words },
  tls_key: { values: SOME, operators: "=", ...allowed, ...ours, read: (words) => words },
  tls_ca: scalar(text, { ...allowed, ...ours }),
  tls_client: scalar(oneOf("tls_client", ["no", "optional", "required"]), { ...allowed, ...ours }),
  memory_max: scalar(memory, { ...allowed, ...ours }),
  pids_max: scalar((word) => wholeNumber(word, 1), { ...allowed, ...ours }),
  cpu_max: scalar(processors, { ...allowed, ...ours }),
  rlimit_nproc: scalar(count, ours),
  rlimit_core: scalar(bytes, ours),
} satisfies Record<string, Row<unknown>>;

export type AttributeName = keyof typeof attributes;
export type Values = { [K in AttributeName]?: ReturnType<(typeof attributes)[K]["read"]> };

/** Whether xinetd does not know it. */
export const isOurs = (name: AttributeName): boolean => {
  const row = attributes[name];
  return "ours" in row && row.ours === true;
};

/** Two names of one attribute. */
const otherNames: Record<string, AttributeName> = { interface: "bind" };

/** Of a word of the file, in small letters. */
export function attributeCalled(word: string): AttributeName | undefined {
  return Object.hasOwn(otherNames, word) ? otherNames[word] : isAttribute(word) ? word : undefined;
}

export function isAttribute(word: string): word is AttributeName {
  return Object.hasOwn(attributes, word);
}
