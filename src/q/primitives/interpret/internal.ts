// The internal functions behind `-n!x` (basics/internal.md): a table by number. Where a keyword or a .Q function has
// taken over, the number leads there; what perq does not have answers 'nyi with its number.

import { format1 } from "#format/format.ts";
import { decodeMessage } from "#ipc/decode.ts";
import { encodeVector, messageLength } from "#ipc/encode.ts";
import { chunksOf, isLog } from "#ipc/stream.ts";
import { tokenize } from "#parse/tokens.ts";
import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import { nyi, signal, userSignal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Atom, Value } from "#values/values.ts";
import {
  boolean, char, countOf, dict, elementAt, gather, int, integerOf, isText, itemAt, itemsOf, list, long, longs, string, symbols, table,
  textOf,
} from "#values/vectors.ts"; // biome-ignore format: names
import { pathOf } from "../io/files.ts";
import { digest } from "../text/md5.ts";

type Internal = (session: Session, x: Value) => Value;

/** `-n!x`: the internal function of that number. */
export function internal(session: Session, number: number, x: Value): Value {
  const run = internals[-number];
  if (run === undefined) throw nyi(`${number}!`);
  return run(session, x);
}

/** The function is a keyword by now. */
const keyword =
  (name: string): Internal =>
  (session, x) =>
    session.apply1(session.primitive(name), x);
/** The function is one of .Q or .j by now, taking x, or x's items as its arguments. */
const brought =
  (name: string, spread = false): Internal =>
  (session, x) => {
    const f = session.read(name);
    if (f === undefined) throw nyi(name);
    return spread ? session.apply(f, itemsOf(x)) : session.apply1(f, x);
  };

/** What `!` calls for a negative atom on its left; a word that nobody can type. */
export const internalFunction = binary({
  name: "internal function",
  category: "interpret",
  run: (session, n, x) => internal(session, integerOf(n), x),
});

/** -36!(::): no key is ever loaded, as encrypted files are not read. */
function masterKey(session: Session, x: Value): Value {
  if (x === session.primitive("::")) return boolean(false);
  throw nyi("-36!: encrypted files");
}

const internals: Readonly<Record<number, Internal>> = {
  1: keyword("hsym"),
  2: keyword("attr"),
  3: (session, x) => string(format1(session, x)),
  4: (_, x) => tokens(textOf(x)),
  5: keyword("parse"),
  6: keyword("eval"),
  7: keyword("hcount"),
  8: (session, x) => encodeVector(x, wireOptions(session)),
  9: fromBytes,
  11: replay,
  12: brought(".Q.host"),
  13: brought(".Q.addr"),
  14: (_, x) => quoted(x),
  15: keyword("md5"),
  16: (_, x) => int(x.kind === "atom" ? 1 : Math.max(1, x.refs)),
  18: (session, x) => encodeVector(x, { ...wireOptions(session), compress: true }),
  19: compressFile,
  20: (session) => long(session.host.process.collect()),
  21: compressionOf,
  22: (session, x) => long(messageLength(x, wireOptions(session))),
  23: (_, x) => x,
  24: keyword("reval"),
  25: broadcast,
  27: fixed,
  29: brought(".j.k"),
  30: deferred,
  31: brought(".j.jd"),
  32: brought(".Q.btoa"),
  33: (_, x) => digest("sha1", x),
  34: brought(".Q.ts", true),
  35: brought(".Q.gz"),
  36: masterKey,
  37: brought(".Q.prf0"),
  38: socketTable,
  105: brought(".Q.trpd", true),
  120: () => long(0),
};

const wireOptions = (session: Session) => ({ domain: (name: string) => session.read(name) });

/** -4!: everything the text is made of, white space included. */
function tokens(text: string): Value {
  const parts: Value[] = [];
  let at = 0;
  for (const token of tokenize(text)) {
    if (token.start > at) parts.push(string(text.slice(at, token.start)));
    if (token.end > token.start) parts.push(string(text.slice(token.start, token.end)));
    at = token.end;
  }
  if (at < text.length) parts.push(string(text.slice(at)));
  return list(parts);
}

function fromBytes(session: Session, x: Value): Value {
  if (x.kind !== "vector" || x.type !== T.byte) throw signal("type", "a message is a vector of bytes");
  return decodeMessage(U8.subarray(x.at, x.at + x.count), session.wire);
}

/** -14!: quotes are doubled, as in a cell of a CSV file. */
function quoted(x: Value): Value {
  if (isText(x)) return string(textOf(x).replaceAll('"', '""'));
  if (x.kind === "list") return list(x.items.map(quoted));
  throw signal("type", "text is wanted here");
}

// ---- logs ------------------------------------------------------------------------------------------------------------

/** -11!f, -11!(-1;f): replays all; -11!(n;f): the first n; -11!(-2;f): counts, and says where a broken log is whole. */
function replay(session: Session, x: Value): Value {
  const isPair = x.kind === "list" && x.items.length === 2;
  const limit = isPair ? integerOf(x.items[0]!) : -1;
  const path = pathOf(isPair ? x.items[1]! : x);
  const { files } = session.host;
  const size = files.size(path);
  if (!isLog(files.read(path, 0, 8))) throw signal("type", `${path} is no log`);
  const counts = limit === -2;
  let chunks = 0;
  let end = 8;
  if (limit !== 0) {
    for (const chunk of chunksOf((offset, count) => files.read(path, offset, count), size, session.wire)) {
      const m = mark();
      if (!counts) run(session, chunk.value);
      sweep(m);
      session.checkpoint();
      chunks++;
      end = chunk.end;
      if (chunks === limit) return long(chunks);
    }
  }
  if (counts) return end === size ? long(chunks) : longs([chunks, end]);
  if (end < size && limit < 0) throw signal("badtail", `${path}: ${chunks} chunks in ${end} of ${size} bytes`);
  return long(chunks);
}

function run(session: Session, message: Value): void {
  const handler = session.read(".z.ps");
  session.apply1(handler ?? session.primitive("value"), message);
}

// ---- files -----------------------------------------------------------------------------------------------------------

/** -19!(source;target;logical block size;algorithm;level) */
function compressFile(session: Session, x: Value): Value {
  const [source, target, ...options] = itemsOf(x);
  if (options.length !== 3) throw signal("length", "-19! takes source, target, block size, algorithm, level");
  const { database } = session.host;
  database.set(pathOf(target!), database.get(pathOf(source!)), gather(options));
  return target!;
}

/** -21!: how a file is compressed; empty for one that is not. */
function compressionOf(session: Session, x: Value): Value {
  const facts = session.host.database.compression(pathOf(x));
  if (facts === undefined) return dict(symbols([]), list([]));
  const { compressedLength, uncompressedLength, algorithm, logicalBlockSize, zipLevel } = facts;
  return dict(
    symbols(["compressedLength", "uncompressedLength", "algorithm", "logicalBlockSize", "zipLevel"]),
    list([long(compressedLength), long(uncompressedLength), int(algorithm), int(logicalBlockSize), int(zipLevel)]),
  );
}

// ---- handles ---------------------------------------------------------------------------------------------------------

/** -25!(handles;message); a generic null flushes. */
function broadcast(session: Session, x: Value): Value {
  if (x.kind !== "list" || x.items.length !== 2) throw signal("type", "-25! takes handles and a message");
  const { handles } = session.host;
  const [targets, message] = x.items as [Value, Value];
  const numbers = itemsOf(targets).map(integerOf);
  for (const handle of numbers) {
    if (handles.describe(handle) === undefined) throw userSignal(`${handle} is not an ipc handle`);
  }
  const isNil = message.kind === "primitive" && message.text === "::";
  for (const handle of numbers) {
    if (isNil) handles.flush(handle);
    else handles.send(handle, message);
  }
  return session.primitive("::");
}

/** -30!(::): answered later; -30!(handle;is error;answer). */
function deferred(session: Session, x: Value): Value {
  const { handles } = session.host;
  if (x.kind !== "list") handles.defer();
  else {
    const [handle, isError, answer] = x.items;
    if (answer === undefined || x.items.length !== 3) throw signal("length", "-30! takes handle, is error, answer");
    handles.respond(integerOf(handle!), Boolean((isError as Atom).value), answer);
  }
  return session.primitive("::");
}

/** -38!: a dictionary for a handle, a table for a list of them. */
function socketTable(session: Session, x: Value): Value {
  const names = ["p", "f", "z", "n", "m"];
  const rows = (x.kind === "atom" ? [x] : itemsOf(x)).map((handle) => {
    const facts = session.host.handles.describe(integerOf(handle));
    if (facts === undefined) throw signal("domain", `${integerOf(handle)} is no open handle`);
    const { protocol, family, compressed, messages, bytes } = facts;
    return [char(protocol.charCodeAt(0)), char(family.charCodeAt(0)), boolean(compressed), long(messages), long(bytes)];
  });
  if (x.kind === "atom") return dict(symbols(names), list(rows[0]!));
  return table(
    names,
    names.map((_, c) => gather(rows.map((row) => row[c]!))),
  );
}

// ---- numbers ---------------------------------------------------------------------------------------------------------

/** -27!(decimals;x): rounds as IEEE 754 does, whatever \P says; item by item. */
function fixed(_: Session, x: Value): Value {
  if (x.kind !== "list" || x.items.length !== 2) throw signal("type", "-27! takes decimals and numbers");
  const decimals = integerOf(x.items[0]!);
  if (!(decimals >= 0 && decimals <= 100)) throw signal("domain", `${decimals} decimals`);
  return fixedItems(decimals, x.items[1]!);
}
function fixedItems(decimals: number, x: Value): Value {
  if (x.kind === "atom") {
    if (x.type !== -T.float && x.type !== -T.real) throw signal("type", "-27! takes floats");
    return string(fixedText(decimals, x.value as number));
  }
  if (x.kind === "vector") {
    if (x.type !== T.float && x.type !== T.real) throw signal("type", "-27! takes floats");
    return list(Array.from({ length: x.count }, (_, i) => string(fixedText(decimals, elementAt(x, i) as number))));
  }
  if (x.kind === "list") return list(x.items.map((item) => fixedItems(decimals, item)));
  if (x.kind === "dict")
    return dict(x.keys, list(Array.from({ length: countOf(x) }, (_, i) => fixedItems(decimals, itemAt(x, i)))));
  throw signal("type", "-27! takes floats");
}
function fixedText(decimals: number, v: number): string {
  if (Number.isNaN(v)) return "0n";
  if (!Number.isFinite(v)) return v > 0 ? "0w" : "-0w";
  // From 1e21 on toFixed changes to an exponent; such numbers are whole.
  if (Math.abs(v) < 1e21) return v.toFixed(decimals);
  return BigInt(v).toString() + (decimals > 0 ? `.${"0".repeat(decimals)}` : "");
}
