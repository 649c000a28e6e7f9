// What the file functions share: file symbols and paths, lines, and what `key` says of a place in the file system.

import { Pack, WORTH_PACKING } from "#format/packing.ts";
import { T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { integerOf, list, newVector, symbol, symbols, textOf } from "#values/vectors.ts";

/** `:path — a symbol that begins with a colon (and is no name). */
export const isFileSymbol = (v: Value): boolean =>
  v.kind === "atom" && v.type === -T.symbol && (v.value as string).startsWith(":");

/** The path behind a file symbol, or behind a string that holds one. */
export function pathOf(v: Value): string {
  if (!isFileSymbol(v) && v.type !== T.char)
    throw signal("type", "a file is named by a symbol that begins with a colon");
  const text = textOf(v);
  return text.startsWith(":") ? text.slice(1) : text;
}

/** f, (f;offset) or (f;offset;count), as the reading functions take it. */
export interface Source {
  readonly path: string;
  readonly offset: number | undefined;
  readonly count: number | undefined;
}
export function sourceOf(v: Value): Source | undefined {
  if (isFileSymbol(v)) return { path: pathOf(v), offset: undefined, count: undefined };
  if (v.kind !== "list" || v.items.length < 2 || v.items.length > 3 || !isFileSymbol(v.items[0]!)) return undefined;
  const [file, offset, count] = v.items;
  return { path: pathOf(file!), offset: integerOf(offset!), count: count === undefined ? undefined : integerOf(count) };
}
/** The bytes asked for; of a compressed file those of what is inside. */
export function readSource(session: Session, source: Source): Uint8Array {
  const { path, offset, count } = source;
  const { files, database } = session.host;
  if (offset === undefined) return database.unpack(path, files.read(path));
  const plain = database.compression(path) === undefined ? undefined : database.unpack(path, files.read(path));
  return plain?.subarray(offset, count === undefined ? undefined : offset + count) ?? files.read(path, offset, count);
}

export function byteVector(type: number, bytes: Uint8Array): Vector {
  const v = newVector(type, bytes.length);
  U8.set(bytes, v.at);
  return v;
}

/** Where the lines of a text begin and end: pairs. \r\n ends a line too; a last line end begins no other. */
export function lineEnds(bytes: Uint8Array, quoted = false): Float64Array {
  let cuts = new Float64Array(1024);
  let n = 0;
  const push = (from: number, to: number): void => {
    if (n + 2 > cuts.length) {
      const grown = new Float64Array(cuts.length * 2);
      grown.set(cuts);
      cuts = grown;
    }
    cuts[n++] = from;
    cuts[n++] = to > from && bytes[to - 1] === 13 ? to - 1 : to;
  };
  const end = bytes.length;
  let from = 0;
  if (quoted) {
    let inside = false;
    for (let at = 0; at < end; at++) {
      const c = bytes[at]!;
      if (c === 34) inside = !inside;
      else if (c === 10 && !inside) {
        push(from, at);
        from = at + 1;
      }
    }
    if (from < end) push(from, end);
    return cuts.subarray(0, n);
  }
  while (from < end) {
    let at = bytes.indexOf(10, from);
    if (at < 0) at = end;
    push(from, at);
    from = at + 1;
  }
  return cuts.subarray(0, n);
}
export function linesOf(bytes: Uint8Array): Value {
  const ends = lineEnds(bytes);
  const count = ends.length / 2;
  if (count >= WORTH_PACKING) {
    const pack = new Pack(count, bytes.length);
    for (let i = 0; i < count; i++) {
      pack.put(bytes.subarray(ends[2 * i]!, ends[2 * i + 1]!), ends[2 * i + 1]! - ends[2 * i]!);
      pack.end();
    }
    return pack.finish();
  }
  const lines: Value[] = new Array(count);
  for (let i = 0; i < lines.length; i++) lines[i] = byteVector(T.char, bytes.subarray(ends[2 * i]!, ends[2 * i + 1]!));
  return list(lines);
}

/** key `:path — the names in a directory, the file symbol of a file, () for neither. */
export function keyOfFile(session: Session, file: Value): Value {
  const path = pathOf(file);
  switch (session.host.files.kind(path)) {
    case "directory":
      return symbols(session.host.files.list(path));
    case "file":
      return file;
    default:
      return list([]);
  }
}

export const fileSymbol = (path: string): Value => symbol(`:${path}`);
