// The file system calls of db: paths are q's byte strings, what the system refuses becomes the signal kdb+ shows
// (`path. OS reports: reason`), and files are replaced in one step. What the bytes mean is for its neighbours.

import * as fs from "node:fs";
import { EINTR } from "#platform/errno.ts";
import * as sys from "#platform/sys.ts";
import { QSignal, signal, userSignal } from "#values/signals.ts";

/** A q path (bytes) as the system takes it. */
export const systemPath = (path: string): Buffer => Buffer.from(path, "latin1");

/** strerror of the codes that files give; others show their name. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EPERM: "Operation not permitted",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  ENOTEMPTY: "Directory not empty",
  EEXIST: "File exists",
  EROFS: "Read-only file system",
  ENOSPC: "No space left on device",
  EDQUOT: "Disk quota exceeded",
  EMFILE: "Too many open files",
  ENFILE: "Too many open files in system",
  ENAMETOOLONG: "File name too long",
  ELOOP: "Too many levels of symbolic links",
  EXDEV: "Invalid cross-device link",
  EIO: "Input/output error",
  EFBIG: "File too large",
  EINVAL: "Invalid argument",
  ENODEV: "No such device",
  ENOMEM: "Cannot allocate memory",
};

/** Runs a system call; its refusal is a signal that names the path. Bugs pass. */
export function tried<R>(path: string, call: () => R): R {
  try {
    return call();
  } catch (e) {
    const code = (e as { code?: unknown }).code;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw e;
    throw userSignal(`${path}. OS reports: ${REASONS[code] ?? code}`);
  }
}

export const exists = (path: string): boolean => fs.existsSync(systemPath(path));

export function kindOf(path: string): "file" | "directory" | undefined {
  const stat = fs.statSync(systemPath(path), { throwIfNoEntry: false });
  return stat === undefined ? undefined : stat.isDirectory() ? "directory" : "file";
}

export const fileSize = (path: string): number => tried(path, () => fs.statSync(systemPath(path)).size);

/** Names in a directory, sorted by bytes. */
export function namesIn(path: string): string[] {
  // Plain strings are four times cheaper than Buffers, and a root may have thousands of partitions.
  const names = tried(path, () => fs.readdirSync(systemPath(path)));
  if (names.every(isAscii)) return names.sort();
  return tried(path, () => fs.readdirSync(systemPath(path), { encoding: "buffer" }))
    .map((name) => (name as unknown as Buffer).toString("latin1"))
    .sort();
}
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** Up to `count` bytes from `offset`: fewer only at the file's end. */
export function readPart(path: string, offset: number, count: number): Uint8Array {
  return tried(path, () => {
    const fd = fs.openSync(systemPath(path), "r");
    try {
      const bytes = new Uint8Array(count);
      let done = 0;
      while (done < count) {
        const n = fs.readSync(fd, bytes, done, count - done, offset + done);
        if (n === 0) break;
        done += n;
      }
      return bytes.subarray(0, done);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** The first bytes of a file and its length, in one opening. */
export function readStart(path: string, count: number): { start: Uint8Array; size: number } {
  return tried(path, () => {
    const fd = fs.openSync(systemPath(path), "r");
    try {
      const { size } = fs.fstatSync(fd);
      const start = new Uint8Array(Math.min(count, size));
      const n = fs.readSync(fd, start, 0, start.length, 0);
      return { start: start.subarray(0, n), size };
    } finally {
      fs.closeSync(fd);
    }
  });
}

export const makeDirectories = (path: string): void =>
  void tried(path, () => fs.mkdirSync(systemPath(path), { recursive: true }));

/** A path that stays right when the process changes its directory. */
export const absolute = (path: string): string =>
  path.startsWith("/") ? path : `${Buffer.from(process.cwd()).toString("latin1")}${path === "." ? "" : `/${path}`}`;

/** Runs with a path of the system's; a signal that begins with it shows another: kdb+ names files as they were asked for. */
export function shownAs<R>(path: string, shown: string, call: () => R): R {
  try {
    return call();
  } catch (e) {
    if (path === shown || !(e instanceof QSignal) || !e.text.startsWith(path)) throw e;
    throw userSignal(shown + e.text.slice(path.length), e.why);
  }
}

export const parentOf = (path: string): string => {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : slash === 0 ? "/" : path.slice(0, slash);
};

/** Where a path leads when it is a link: a `sym` shared by links must stay shared when it is replaced. */
function target(path: string): string {
  try {
    return fs.realpathSync(systemPath(path), { encoding: "buffer" }).toString("latin1");
  } catch {
    return path; // nothing there yet
  }
}

/**
 * Puts a file in place of what was there, in one step: readers see the old bytes or the new ones, and whoever has the
 * old file mapped keeps it. Missing directories are made, the mode of the old file is kept.
 */
export function replaceFile(path: string, parts: readonly Uint8Array[]): void {
  const end = target(path);
  const temporary = `${end}.${process.pid}.tmp$`;
  const directory = parentOf(end);
  tried(path, () => {
    if (!fs.existsSync(systemPath(directory))) fs.mkdirSync(systemPath(directory), { recursive: true });
    const mode = fs.statSync(systemPath(end), { throwIfNoEntry: false })?.mode;
    const fd = fs.openSync(systemPath(temporary), "w", mode === undefined ? 0o666 : mode & 0o7777);
    try {
      for (const part of parts) writeAll(fd, part);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(systemPath(temporary), systemPath(end));
  });
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += fs.writeSync(fd, bytes, done, bytes.length - done);
}

/** Adds bytes to a file's end. */
export function appendFile(path: string, bytes: Uint8Array): void {
  tried(path, () => {
    const fd = fs.openSync(systemPath(path), "a");
    try {
      writeAll(fd, bytes);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/**
 * Runs with a file locked against every other perq that does the same, made if it was not there. Whoever waits for the
 * lock may find that the file was replaced meanwhile: then it locks the new one.
 */
export function withLock<R>(path: string, call: () => R): R {
  makeDirectories(parentOf(path));
  for (;;) {
    const fd = tried(path, () => fs.openSync(systemPath(path), "a+"));
    try {
      const error = sys.flock(fd, sys.LOCK_EX);
      if (error < 0 && error !== -EINTR) throw userSignal(`${path}. OS reports: flock ${-error}`);
      const now = fs.statSync(systemPath(path), { throwIfNoEntry: false });
      if (error === 0 && now !== undefined && now.ino === fs.fstatSync(fd).ino) return call();
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** Overwrites bytes in the middle of a file. */
export function patchFile(path: string, offset: number, bytes: Uint8Array): void {
  tried(path, () => {
    const fd = fs.openSync(systemPath(path), "r+");
    try {
      fs.writeSync(fd, bytes, 0, bytes.length, offset);
    } finally {
      fs.closeSync(fd);
    }
  });
}

export function removeFile(path: string): void {
  tried(path, () => fs.rmSync(systemPath(path), { force: true }));
}

export const corrupt = (path: string, why: string): Error => signal("corrupt", `${path}: ${why}`);
