// The .Q namespace, general part: text, names, encodings, tables, the command line (ref/dotq.md). What looks behind a
// database is in q-database.ts; traps and backtraces are the evaluator's.

import { escaped, format1, formatLines, formatText, floatText } from "#format/format.ts";
import { LONG_INFINITY, T } from "#values/datatypes.ts";
import { isEnumType } from "#values/enumeration.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8, usage } from "#values/storage.ts";
import { type Atom, type Value, type Vector, Dict } from "#values/values.ts";
import {
  boolean,
  char,
  countOf,
  dict,
  float,
  int,
  integerOf,
  isList,
  itemsOf,
  list,
  long,
  newVector,
  string,
  symbol,
  symbols,
  symbolTexts,
  table,
  textOf,
  vectorOf,
} from "#values/vectors.ts";
import { type Entry, type Namespace, native } from "./entry.ts";

const text = (constant: string): Entry => ({ value: () => string(constant) });
const q = (source: string): Entry => ({ q: source });

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const ALPHANUMERIC = `${LOWER}${UPPER}_${DIGITS}`;
/** Control words and keywords that are no entry of .q. */
const RESERVED = (
  "abs acos asin atan avg bin binr cor cos cov delete dev div do enlist exec exit exp from getenv hopen if in insert last like log max " +
  "min prd select setenv sin sqrt ss sum tan update var wavg while within wsum xexp"
).split(" ");

export const toolsNamespace: Namespace = {
  // ---- constants -----------------------------------------------------------------------------------------------------
  A: text(UPPER),
  a: text(LOWER),
  an: text(ALPHANUMERIC),
  n: text(DIGITS),
  nA: text(DIGITS + UPPER),
  b6: text(`${UPPER}${LOWER}${DIGITS}+/`),
  t: text(" bg xhijefcspmdznuvts"),
  res: { value: () => symbols(RESERVED) },
  M: { value: () => long(LONG_INFINITY) },
  k: { value: () => float(4.1) },
  K: q(".z.k"),
  x: { value: () => list([]) },

  // ---- text ----------------------------------------------------------------------------------------------------------
  S: native(".Q.S", 3, (session, x, _offset, y) => {
    const { settings } = session;
    const outer = settings.console;
    settings.console = itemsOf(x!).map(integerOf) as [number, number];
    try {
      return list(formatLines(session, y!).map(string));
    } finally {
      settings.console = outer;
    }
  }),
  s: native(".Q.s", 1, (session, x) => string(formatText(session, x!))),
  s1: native(".Q.s1", 1, (session, x) => string(format1(session, x!))),
  s2: native(".Q.s2", 1, (session, x) => list(formatLines(session, x!).map(string))),
  f: native(".Q.f", 2, (session, x, y) => string(fixed(session, integerOf(x!), y!))),
  fmt: native(".Q.fmt", 3, (session, x, y, z) =>
    string(fixed(session, integerOf(y!), z!).padStart(integerOf(x!)).slice(-integerOf(x!))),
  ),
  id: native(".Q.id", 1, (session, x) => sanitized(session, x!)),
  dd: q("{` sv x,`$string y}"),
  addmonths: q('{("d"$y+"m"$x)+x-"d"$"m"$x}'),

  // ---- encodings -----------------------------------------------------------------------------------------------------
  btoa: native(".Q.btoa", 1, (_, x) => string(Buffer.from(bytesOf(x!)).toString("base64"))),
  atob: native(".Q.atob", 1, (_, x) => {
    const encoded = Buffer.from(bytesOf(x!)).toString("latin1");
    if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded))
      throw signal("domain", "base64 comes in fours");
    return byteVector(T.byte, Buffer.from(encoded, "base64"));
  }),
  sha1: native(".Q.sha1", 1, (_, x) => byteVector(T.byte, new Bun.CryptoHasher("sha1").update(bytesOf(x!)).digest())),
  gz: native(".Q.gz", 1, (_, x) => zipped(x!)),
  x10: q("{.Q.b6 0x40 vs x}"),
  j10: q("{64 sv .Q.b6?x}"),
  x12: q("{.Q.nA 0x24 vs x}"),
  j12: q("{36 sv .Q.nA?x}"),

  // ---- data ----------------------------------------------------------------------------------------------------------
  ty: native(".Q.ty", 1, (_, x) => char(typeLetter(x!).charCodeAt(0))),
  qt: native(".Q.qt", 1, (_, x) => boolean(isTable(x!))),
  qp: native(".Q.qp", 1, (_, x) => {
    if (x!.kind !== "table") return long(0);
    if (x!.partitioned !== undefined) return boolean(true);
    return x!.source === undefined ? long(0) : boolean(false);
  }),
  V: q("{flip 0!$[-11h=type x;get x;x]}"),
  v: q('{$[-11h<>type x;x;(":"=first string x)&not"/"=last string x;get`$string[x],"/";get x]}'),
  fk: q("{$[(t:type x)within 20 76h;$[99h=type get k:key x;k;`];`]}"),
  ft: q("{$[99h=type y;count[cols key y]!x 0!y;x y]}"),
  fu: q("{if[0h>type y;:x y];d:distinct y;(x d)d?y}"),
  ff: q("{n:cols[y]except cols x;flip flip[x],n!count[x]#/:first each 0#/:flip[0!y]n}"),
  fc: q('{n:1|abs system"s";$[(n<2)|n>count y;x y;raze x peach(n;0N)#y]}'),

  // Time in milliseconds and space in bytes of x . y, and its result.
  ts: native(".Q.ts", 2, (session, x, y) => {
    const started = session.host.clock.ticks();
    const before = usage().used;
    const result = session.apply(x!, itemsOf(y!));
    const cost = vectorOf(T.long, [
      (session.host.clock.ticks() - started) / 1_000_000n,
      Math.max(0, usage().used - before),
    ]);
    return list([cost, result]);
  }),

  // ---- command line and network ----------------------------------------------------------------------------------------
  opt: native(".Q.opt", 1, (session, x) => options(session, x!)),
  def: q(
    "{k:key[x]inter key y;x,k!{[v;s]s:$[10h=type s;enlist s;s];$[10h=abs type v;first s;0h>t:type v;$[count s;(upper .Q.t neg t)$first s;v];(upper .Q.t t)$s]}'[x k;y k]}",
  ),
  addr: native(".Q.addr", 1, (session, x) => int(address(session, textOf(x!)))),
  host: native(".Q.host", 1, (session, x) => symbol(hostName(session, integerOf(x!)))),
  rp: q('{$["::"~2#s:string x;`$":",2_s;x]}'),
};

const isTable = (x: Value): boolean =>
  x.kind === "table" || (x.kind === "dict" && x.keys.kind === "table" && x.values.kind === "table");

// ---- numbers as text -------------------------------------------------------------------------------------------------
/** y with x digits after the point, halves away from zero: by whole units of the last digit, as kdb+ counts them. */
function fixed(session: Session, digits: number, y: Value): string {
  if (y.kind !== "atom" || typeof y.value === "string") throw signal("type", "a number is wanted here");
  const v = Number(y.value);
  if (!Number.isFinite(v)) return floatText(v, session.settings.precision);
  const units = Math.floor(Math.abs(v) * 10 ** digits + 0.5);
  const sign = v < 0 ? "-" : "";
  if (units >= 9e15) return sign + Math.abs(v).toFixed(digits);
  const padded = String(units).padStart(digits + 1, "0");
  return digits === 0 ? sign + padded : `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

// ---- names -----------------------------------------------------------------------------------------------------------
function sanitizedName(name: string): string {
  const kept = name.replace(/[^A-Za-z0-9_]/g, "");
  if (kept === "") return "a";
  return /^[0-9_]/.test(kept) ? `a${kept}` : kept;
}
/** Columns also keep clear of keywords and of each other. */
function sanitizedNames(session: Session, names: readonly string[]): string[] {
  const taken: string[] = [];
  for (const name of names) {
    let clean = sanitizedName(name);
    if (RESERVED.includes(clean) || session.read(`.q.${clean}`) !== undefined) clean = `${clean}1`;
    let unique = clean;
    for (let n = 1; taken.includes(unique); n++) unique = clean + n;
    taken.push(unique);
  }
  return taken;
}
function sanitized(session: Session, x: Value): Value {
  if (x.type === -T.symbol) return symbol(sanitizedName(textOf(x)));
  if (x.type === T.symbol) return symbols(symbolTexts(x).map(sanitizedName));
  if (x.kind === "table")
    return table(
      sanitizedNames(session, x.names),
      x.names.map((n) => session.apply1(x, symbol(n))),
    );
  if (x instanceof Dict) {
    if (x.keys.kind === "table") return dict(sanitized(session, x.keys), sanitized(session, x.values));
    if (x.keys.type === T.symbol) return dict(symbols(sanitizedNames(session, symbolTexts(x.keys))), x.values);
  }
  throw signal("type", "names are symbols, or those of a table or dictionary");
}

// ---- types -----------------------------------------------------------------------------------------------------------
const LETTERS = " bg xhijefcspmdznuvts";
const letterOfType = (type: number): string => (isEnumType(type) ? "s" : (LETTERS[Math.abs(type)] ?? " "));
function typeLetter(x: Value): string {
  if (x.kind === "vector" || x.kind === "atom") return letterOfType(x.type);
  const first = x.kind === "list" ? x.items[0] : undefined;
  if (first === undefined || x.kind !== "list" || first.kind !== "vector") return " ";
  return x.items.every((item) => item.type === first.type) ? letterOfType(first.type).toUpperCase() : " ";
}

// ---- bytes -----------------------------------------------------------------------------------------------------------
function bytesOf(x: Value): Uint8Array {
  if (x.type === -T.char || x.type === -T.byte) return Uint8Array.of((x as Atom).value as number);
  if (isList(x) && countOf(x) === 0) return new Uint8Array(0);
  if (x.kind !== "vector" || (x.type !== T.char && x.type !== T.byte))
    throw signal("type", "a string or bytes are wanted here");
  return U8.slice(x.at, x.at + x.count);
}
function byteVector(type: number, bytes: Uint8Array): Vector {
  const v = newVector(type, bytes.length);
  U8.set(bytes, v.at);
  return v;
}
function zipped(x: Value): Value {
  if (x.kind === "primitive") return boolean(true);
  if (x.kind === "list") {
    const [level, data] = x.items;
    if (level === undefined || data === undefined) throw signal("length", "a level and what to zip");
    const bytes = Bun.gzipSync(bytesOf(data) as Uint8Array<ArrayBuffer>, { level: integerOf(level) as 6 });
    return byteVector(data.type === T.byte ? T.byte : T.char, bytes);
  }
  try {
    return byteVector(x.type === T.byte ? T.byte : T.char, Bun.gunzipSync(bytesOf(x) as Uint8Array<ArrayBuffer>));
  } catch {
    // The only thing that can go wrong is the data.
    throw signal("domain", "this is no gzip data");
  }
}

// ---- the command line --------------------------------------------------------------------------------------------------
/** "-name value value …" as a dictionary; what stands before the first name becomes .Q.x. */
function options(session: Session, x: Value): Value {
  const words = itemsOf(x).map(textOf);
  const names: string[] = [];
  const values: string[][] = [];
  const before: string[] = [];
  for (const word of words) {
    if (/^-[^0-9.]/.test(word)) {
      names.push(word.slice(1));
      values.push([]);
    } else (values[values.length - 1] ?? before).push(word);
  }
  session.assign(".Q.x", list(before.map(string)));
  return dict(symbols(names), list(values.map((v) => (v.length === 1 ? string(v[0]!) : list(v.map(string))))));
}

// ---- hosts ---------------------------------------------------------------------------------------------------------------
const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
function address(session: Session, host: string): number {
  let dotted = DOTTED.exec(host);
  if (dotted === null && (host === "" || host === "localhost")) dotted = DOTTED.exec("127.0.0.1");
  if (dotted === null) dotted = DOTTED.exec(lookUp(session, "ahostsv4", host)[0] ?? "");
  if (dotted === null) return -2147483648;
  return dotted.slice(1).reduce((sum, part) => (sum << 8) | Number(part), 0);
}
function hostName(session: Session, ip: number): string {
  const dotted = [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join(".");
  return lookUp(session, "hosts", dotted)[1] ?? dotted;
}
/** The system's own resolver: the first answer's words, address first. */
function lookUp(session: Session, database: string, name: string): string[] {
  if (!/^[A-Za-z0-9.:_-]+$/.test(name)) throw signal("domain", `${escaped(name)} is no host name`);
  const [answer] = session.host.process.shell(`getent ${database} ${name} || true`);
  return answer === undefined ? [] : answer.trim().split(/\s+/);
}
