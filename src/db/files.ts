// The file system calls of db: paths are q's byte strings, what the system refuses becomes the signal kdb+ shows
// (`path. OS reports: reason`), and files are replaced in one step. What the bytes mean is for its neighbours.

import { EINTR, ENOENT, ENOTDIR, errorText } from "#platform/errno.ts";
import * as filesystem from "#platform/filesystem.ts";
import { nodeFs } from "#platform/filesystem.ts";
import * as sys from "#platform/sys.ts";
import { QSignal, signal, userSignal } from "#values/signals.ts";

/** A q path (bytes) as the system takes it. */
export const systemPath = (path: string): Buffer => Buffer.from(path, "latin1");

/** What the system refused, with its minus errno. */
export const refusal = (path: string, error: number): QSignal => userSignal(`${path}. OS reports: ${errorText(error)}`);

/** Runs a call of node:fs; its refusal is a signal that names the path. Bugs pass. */
export function tried<R>(path: string, call: () => R): R {
  try {
    return call();
  } catch (e) {
    const { code, errno } = e as { code?: unknown; errno?: unknown };
    if (typeof code !== "string" || typeof errno !== "number") throw e;
    throw refusal(path, errno);
  }
}

/** The result of a call of ours that gives minus errno. */
function done<R>(path: string, result: R | number): Exclude<R, number> {
  if (typeof result === "number") throw refusal(path, result);
  return result as Exclude<R, number>;
}

export const exists = (path: string): boolean => typeof filesystem.statPath(path) !== "number";

export function kindOf(path: string): "file" | "directory" | undefined {
  const stat = filesystem.statPath(path);
  if (typeof stat !== "number") return stat.kind === "directory" ? "directory" : "file";
  if (stat === -ENOENT || stat === -ENOTDIR) return undefined;
  throw refusal(path, stat);
}

export const fileSize = (path: string): number => done(path, filesystem.statPath(path)).size;

/** Names in a directory, sorted by bytes. */
export const namesIn = (path: string): string[] => done(path, filesystem.directoryNames(path)).sort();

/** Runs with a file open for reading. */
export function withFile<R>(path: string, act: (fd: number) => R): R {
  const fd = filesystem.openPath(path);
  if (fd < 0) throw refusal(path, fd);
  try {
    return act(fd);
  } finally {
    sys.close(fd);
  }
}

/** Reads from a place of an open file into bytes: how many there were. */
export function readBytes(
  path: string,
  fd: number,
  bytes: Uint8Array,
  place: number,
  at = 0,
  count = bytes.length,
): number {
  const n = filesystem.readInto(fd, bytes, place, at, count);
  if (n < 0) throw refusal(path, n);
  return n;
}

export const openStat = (path: string, fd: number): filesystem.FileStat => done(path, filesystem.statDescriptor(fd));

/** Up to `count` bytes from `offset`: fewer only at the file's end. */
export function readPart(path: string, offset: number, count: number): Uint8Array {
  return withFile(path, (fd) => {
    const bytes = new Uint8Array(new ArrayBuffer(count));
    return bytes.subarray(0, readBytes(path, fd, bytes, offset));
  });
}

/** The first bytes of a file and its length, in one opening. */
export function readStart(path: string, count: number): { start: Uint8Array; size: number } {
  return withFile(path, (fd) => {
    const { size } = openStat(path, fd);
    const start = new Uint8Array(new ArrayBuffer(Math.min(count, size)));
    return { start: start.subarray(0, readBytes(path, fd, start, 0)), size };
  });
}

export const makeDirectories = (path: string): void =>
  void tried(path, () => nodeFs().mkdirSync(systemPath(path), { recursive: true }));

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
    return nodeFs().realpathSync(systemPath(path), { encoding: "buffer" }).toString("latin1");
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
    if (!nodeFs().existsSync(systemPath(directory))) nodeFs().mkdirSync(systemPath(directory), { recursive: true });
    const mode = nodeFs().statSync(systemPath(end), { throwIfNoEntry: false })?.mode;
    const fd = nodeFs().openSync(systemPath(temporary), "w", mode === undefined ? 0o666 : mode & 0o7777);
    try {
      for (const part of parts) writeAll(fd, part);
    } finally {
      nodeFs().closeSync(fd);
    }
    nodeFs().renameSync(systemPath(temporary), systemPath(end));
  });
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += nodeFs().writeSync(fd, bytes, done, bytes.length - done);
}

/** Adds bytes to a file's end. */
export function appendFile(path: string, bytes: Uint8Array): void {
  tried(path, () => {
    const fd = nodeFs().openSync(systemPath(path), "a");
    try {
      writeAll(fd, bytes);
    } finally {
      nodeFs().closeSync(fd);
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
    const fd = tried(path, () => nodeFs().openSync(systemPath(path), "a+"));
    try {
      const error = sys.flock(fd, sys.LOCK_EX);
      if (error < 0 && error !== -EINTR) throw userSignal(`${path}. OS reports: flock ${-error}`);
      const now = nodeFs().statSync(systemPath(path), { throwIfNoEntry: false });
      if (error === 0 && now !== undefined && now.ino === nodeFs().fstatSync(fd).ino) return call();
    } finally {
      nodeFs().closeSync(fd);
    }
  }
}

/** Overwrites bytes in the middle of a file. */
export function patchFile(path: string, offset: number, bytes: Uint8Array): void {
  tried(path, () => {
    const fd = nodeFs().openSync(systemPath(path), "r+");
    try {
      nodeFs().writeSync(fd, bytes, 0, bytes.length, offset);
    } finally {
      nodeFs().closeSync(fd);
    }
  });
}

export function removeFile(path: string): void {
  tried(path, () => nodeFs().rmSync(systemPath(path), { force: true }));
}

export const corrupt = (path: string, why: string): Error => signal("corrupt", `${path}: ${why}`);
