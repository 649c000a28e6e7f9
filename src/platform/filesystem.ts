/**
 * What a server asks of the file system before it has a client, by libc: what a path is, which names a directory has, bytes
 * of a file. Importing node:fs costs every process 3.5 ms and 0.45 MB, so whoever writes, renames or removes asks
 * for it here, when it comes to that.
 *
 * Paths and names are byte strings (one character a byte), as q has them. Results are numbers and records; what the system
 * refuses is minus errno.
 */
import * as sys from "./sys.ts";
import { EINTR } from "./errno.ts";

/** node:fs, loaded when first asked for. */
export const nodeFs = (): typeof import("node:fs") => process.getBuiltinModule("node:fs");

export interface FileStat {
  readonly kind: "file" | "directory" | "socket" | "other";
  readonly size: number;
  readonly inode: number;
  /** Of a device: which one. */
  readonly device: number;
}

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const EINVAL = -22;

/** The path's bytes with a NUL behind; undefined when it has one inside, which no file's name can. */
function pathBytes(path: string): Uint8Array | undefined {
  const bytes = new Uint8Array(new ArrayBuffer(path.length + 1));
  for (let i = 0; i < path.length; i++) {
    bytes[i] = path.charCodeAt(i);
    if (bytes[i] === 0) return undefined;
  }
  return bytes;
}

function stat(directory: number, path: Uint8Array, flags: number): FileStat | number {
  const into = new Uint8Array(new ArrayBuffer(256));
  const result = sys.statx(directory, path, flags, into);
  if (result < 0) return result;
  const view = new DataView(into.buffer);
  const format = view.getUint16(28, true) & 0o170000;
  return {
    kind: format === 0o100000 ? "file" : format === 0o040000 ? "directory" : format === 0o140000 ? "socket" : "other",
    inode: view.getUint32(32, true) + view.getUint32(36, true) * 2 ** 32,
    size: view.getUint32(40, true) + view.getUint32(44, true) * 2 ** 32,
    device: view.getUint32(128, true) * 2 ** 32 + view.getUint32(132, true),
  };
}

/** What is at a path, links followed. */
export function statPath(path: string): FileStat | number {
  const bytes = pathBytes(path);
  return bytes === undefined ? EINVAL : stat(AT_FDCWD, bytes, 0);
}

export const statDescriptor = (fd: number): FileStat | number => stat(fd, new Uint8Array(1), AT_EMPTY_PATH);

/** Opens for reading. */
export function openPath(path: string): number {
  const bytes = pathBytes(path);
  if (bytes === undefined) return EINVAL;
  for (;;) {
    const fd = sys.openBytes(bytes, sys.O_RDONLY | sys.O_CLOEXEC);
    if (fd !== -EINTR) return fd;
  }
}

/** Fills the bytes from a place of the file: how many there were, fewer only at the file's end; or minus errno. */
export function readInto(fd: number, bytes: Uint8Array, place: number, offset = 0, count = bytes.length): number {
  let done = 0;
  while (done < count) {
    // One read gives at most 2 GiB less a page.
    const got = sys.readFrom(fd, bytes, offset + done, Math.min(count - done, 1 << 30), place + done);
    if (got === -EINTR) continue;
    if (got < 0) return got;
    if (got === 0) break;
    done += got;
  }
  return done;
}

/** The names in a directory, as it has them: in no order, without . and .. */
export function directoryNames(path: string): string[] | number {
  const fd = openPath(path);
  if (fd < 0) return fd;
  try {
    const buffer = new ArrayBuffer(32768);
    const bytes = new Uint8Array(buffer);
    const view = new DataView(buffer);
    const text = Buffer.from(buffer);
    const names: string[] = [];
    for (;;) {
      const got = sys.readEntries(fd, bytes);
      if (got < 0) return got;
      if (got === 0) return names;
      for (let at = 0; at < got; at += view.getUint16(at + 16, true)) {
        const start = at + 19;
        const name = text.toString("latin1", start, bytes.indexOf(0, start));
        if (name !== "." && name !== "..") names.push(name);
      }
    }
  } finally {
    sys.close(fd);
  }
}

/** A small file of the system's, whole, as bytes; undefined when it cannot be read. Of /proc and its like the size is unknown. */
export function readWhole(path: string): string | undefined {
  const fd = openPath(path);
  if (fd < 0) return undefined;
  try {
    const bytes = new Uint8Array(new ArrayBuffer(65536));
    let text = "";
    for (;;) {
      const got = sys.readBytes(fd, bytes);
      if (got === -EINTR) continue;
      if (got < 0) return undefined;
      if (got === 0) return text;
      text += Buffer.from(bytes.buffer, 0, got).toString("latin1");
    }
  } finally {
    sys.close(fd);
  }
}
