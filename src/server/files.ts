// The file system as q sees it: byte-string paths, kdb+'s error text (path. OS reports: reason), and the two ways a
// client can be kept out: -u 1 (nothing above or beside the current directory) and -b (no removing).

import { EISDIR, ENOENT, ENOTDIR, errorText } from "#platform/errno.ts";
import { directoryNames, nodeFs, openPath, readInto, statDescriptor, statPath } from "#platform/filesystem.ts";
import * as sys from "#platform/sys.ts";
import type { Files } from "#values/host.ts";
import { type QSignal, signal, userSignal } from "#values/signals.ts";

export interface Guard {
  /** The message being served comes from a client under -u. */
  readonly restricted: boolean;
  /** The same under -b. */
  readonly readOnly: boolean;
}

const native = (path: string): Buffer => Buffer.from(path, "latin1");
const nativeText = (path: string): string => native(path).toString("utf8");

/** kdb+ shows what the system says as the error itself. */
export function osSignal(path: string, error: unknown): unknown {
  const { errno, message } = error as { errno?: number; message?: string };
  if (errno === undefined) return error;
  return userSignal(`${path}. OS reports: ${errorText(errno)}`, message);
}

/** What the system refused, with its minus errno. */
const refusal = (path: string, errno: number): QSignal => userSignal(`${path}. OS reports: ${errorText(errno)}`);
function done<R>(path: string, result: R | number): Exclude<R, number> {
  if (typeof result === "number") throw refusal(path, result);
  return result as Exclude<R, number>;
}

function guarded<R>(path: string, act: () => R): R {
  try {
    return act();
  } catch (error) {
    throw osSignal(path, error);
  }
}

/** Under -u a path may not start at the root or at home, and never climb above where it starts. */
function leavesDirectory(path: string): boolean {
  if (path.startsWith("/") || path.startsWith("~")) return true;
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** Signals when the message being served may not use a path, or not write to it: for the database, which opens files itself. */
export const pathGuard =
  (guard: Guard) =>
  (path: string, writes: boolean): void => {
    if (path.includes("\0")) throw signal("domain", "a path holds a NUL");
    if (guard.restricted && leavesDirectory(path)) throw signal("access", `${path} is outside the directory (-u)`);
    if (writes && guard.readOnly) throw signal("noupdate", `${path} may not be written (-b)`);
  };

export function createFiles(guard: Guard): Files {
  const allow = pathGuard(guard);
  const check = (path: string): void => allow(path, false);
  const writable = (path: string): void => allow(path, true);

  return {
    read(path, offset = 0, count) {
      check(path);
      const fd = openPath(path);
      if (fd < 0) throw refusal(path, fd);
      try {
        const { kind, size } = done(path, statDescriptor(fd));
        if (kind === "directory") throw refusal(path, EISDIR);
        // /proc and its like say size 0 and still have something to read.
        if (kind !== "file" || size === 0) return guarded(path, () => readStream(fd, offset, count));
        const wanted = Math.max(0, Math.min(count ?? Number.POSITIVE_INFINITY, size - offset));
        const bytes = new Uint8Array(new ArrayBuffer(wanted));
        const got = readInto(fd, bytes, offset);
        if (got < 0) throw refusal(path, got);
        return got === wanted ? bytes : bytes.subarray(0, got);
      } finally {
        sys.close(fd);
      }
    },
    write(path, bytes) {
      writable(path);
      guarded(path, () => {
        makeParents(path);
        nodeFs().writeFileSync(native(path), bytes);
      });
    },
    append(path, bytes) {
      writable(path);
      guarded(path, () => {
        makeParents(path);
        nodeFs().appendFileSync(native(path), bytes);
      });
    },
    size(path) {
      check(path);
      return done(path, statPath(path)).size;
    },
    kind(path) {
      check(path);
      const stat = statPath(path);
      if (typeof stat !== "number") return stat.kind === "directory" ? "directory" : "file";
      if (stat === -ENOENT || stat === -ENOTDIR) return undefined;
      throw refusal(path, stat);
    },
    list(path) {
      check(path);
      return done(path, directoryNames(path)).sort();
    },
    remove(path) {
      writable(path);
      if (guard.restricted) throw signal("access", "hdel is disabled (-u)");
      guarded(path, () => {
        if (nodeFs().lstatSync(native(path)).isDirectory()) nodeFs().rmdirSync(native(path));
        else nodeFs().unlinkSync(native(path));
      });
    },
    rename(from, to) {
      writable(from);
      writable(to);
      guarded(from, () => nodeFs().renameSync(native(from), native(to)));
    },
    makeDirectory(path) {
      writable(path);
      guarded(path, () => nodeFs().mkdirSync(native(path), { recursive: true }));
    },
    workingDirectory: () => Buffer.from(process.cwd(), "utf8").toString("latin1"),
    changeDirectory(path) {
      check(path);
      guarded(path, () => process.chdir(nativeText(path)));
    },
  };
}

function readStream(fd: number, offset: number, count: number | undefined): Uint8Array {
  const all = nodeFs().readFileSync(fd);
  return all.subarray(offset, count === undefined ? undefined : offset + count);
}

/** kdb+ makes the directories on the way to a file it writes. */
function makeParents(path: string): void {
  const slash = path.lastIndexOf("/");
  if (slash > 0) nodeFs().mkdirSync(native(path.slice(0, slash)), { recursive: true });
}
