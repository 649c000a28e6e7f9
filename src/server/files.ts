// The file system as q sees it: byte-string paths, kdb+'s error text (path. OS reports: reason), and the two ways a
// client can be kept out: -u 1 (nothing above or beside the current directory) and -b (no removing).

import * as fs from "node:fs";
import { errorText } from "#platform/errno.ts";
import type { Files } from "#values/host.ts";
import { signal, userSignal } from "#values/signals.ts";

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
      return guarded(path, () => {
        const fd = fs.openSync(native(path), "r");
        try {
          const stat = fs.fstatSync(fd);
          if (stat.isDirectory()) throw Object.assign(new Error("is a directory"), { errno: -21 });
          if (!stat.isFile()) return readStream(fd, offset, count);
          const wanted = Math.max(0, Math.min(count ?? Number.POSITIVE_INFINITY, stat.size - offset));
          // /proc and its like say size 0 and still have something to read.
          if (stat.size === 0) return readStream(fd, offset, count);
          const bytes = new Uint8Array(wanted);
          let at = 0;
          while (at < wanted) {
            const got = fs.readSync(fd, bytes, at, Math.min(wanted - at, 1 << 30), offset + at);
            if (got === 0) break;
            at += got;
          }
          return at === wanted ? bytes : bytes.subarray(0, at);
        } finally {
          fs.closeSync(fd);
        }
      });
    },
    write(path, bytes) {
      writable(path);
      guarded(path, () => {
        makeParents(path);
        fs.writeFileSync(native(path), bytes);
      });
    },
    append(path, bytes) {
      writable(path);
      guarded(path, () => {
        makeParents(path);
        fs.appendFileSync(native(path), bytes);
      });
    },
    size(path) {
      check(path);
      return guarded(path, () => fs.statSync(native(path)).size);
    },
    kind(path) {
      check(path);
      const stat = fs.statSync(native(path), { throwIfNoEntry: false });
      return stat === undefined ? undefined : stat.isDirectory() ? "directory" : "file";
    },
    list(path) {
      check(path);
      return guarded(path, () =>
        fs
          .readdirSync(native(path), { encoding: "buffer" })
          .map((name) => name.toString("latin1"))
          .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
      );
    },
    remove(path) {
      writable(path);
      if (guard.restricted) throw signal("access", "hdel is disabled (-u)");
      guarded(path, () => {
        if (fs.lstatSync(native(path)).isDirectory()) fs.rmdirSync(native(path));
        else fs.unlinkSync(native(path));
      });
    },
    rename(from, to) {
      writable(from);
      writable(to);
      guarded(from, () => fs.renameSync(native(from), native(to)));
    },
    makeDirectory(path) {
      writable(path);
      guarded(path, () => fs.mkdirSync(native(path), { recursive: true }));
    },
    workingDirectory: () => Buffer.from(process.cwd(), "utf8").toString("latin1"),
    changeDirectory(path) {
      check(path);
      guarded(path, () => process.chdir(nativeText(path)));
    },
  };
}

function readStream(fd: number, offset: number, count: number | undefined): Uint8Array {
  const all = fs.readFileSync(fd);
  return all.subarray(offset, count === undefined ? undefined : offset + count);
}

/** kdb+ makes the directories on the way to a file it writes. */
function makeParents(path: string): void {
  const slash = path.lastIndexOf("/");
  if (slash > 0) fs.mkdirSync(native(path.slice(0, slash)), { recursive: true });
}
