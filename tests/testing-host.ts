// A host that is a map: no socket, no file system, a clock that stands still. For tests of the language alone.

import type { Host } from "#values/host.ts";
import { nyi, userSignal } from "#values/signals.ts";

export interface TestingHost extends Host {
  /** What was written to the console so far. */
  readonly written: { 1: string; 2: string };
  /** When q code is interrupted, on the performance clock. */
  readonly deadline: { at: number };
  readonly tree: Map<string, Uint8Array>;
}

export function testingHost(): TestingHost {
  const deadline = { at: Number.POSITIVE_INFINITY };
  const written = { 1: "", 2: "" };
  const tree = new Map<string, Uint8Array>();
  const environment = new Map<string, string>();
  const revals = { depth: 0 };
  const missing = (path: string): Error => userSignal(`${path}. OS reports: No such file or directory`);
  const need = (path: string): Uint8Array => {
    const bytes = tree.get(path);
    if (bytes === undefined) throw missing(path);
    return bytes;
  };
  const none = (what: string) => (): never => {
    throw nyi(`${what} in a test`);
  };
  return {
    written,
    deadline,
    tree,
    write(descriptor, text) {
      written[descriptor] += text;
    },
    clock: { now: () => 0n, localOffset: () => 0n, ticks: () => BigInt(Bun.nanoseconds()) },
    files: {
      read: (path, offset = 0, count) => need(path).subarray(offset, count === undefined ? undefined : offset + count),
      write: (path, bytes) => void tree.set(path, bytes),
      append: (path, bytes) => void tree.set(path, Buffer.concat([tree.get(path) ?? new Uint8Array(), bytes])),
      size: (path) => need(path).length,
      kind: (path) =>
        tree.has(path) ? "file" : [...tree.keys()].some((k) => k.startsWith(`${path}/`)) ? "directory" : undefined,
      list: (path) =>
        [
          ...new Set(
            [...tree.keys()]
              .filter((k) => k.startsWith(`${path}/`))
              .map((k) => k.slice(path.length + 1).split("/")[0]!),
          ),
        ].sort(),
      remove: (path) => {
        if (!tree.delete(path)) throw missing(path);
      },
      rename: (from, to) => {
        tree.set(to, need(from));
        tree.delete(from);
      },
      makeDirectory: () => {},
      workingDirectory: () => "/",
      changeDirectory: () => {},
    },
    handles: {
      open: none("hopen"),
      close: none("hclose"),
      request: none("a request"),
      send: none("a message"),
      receive: none("a message"),
      flush: none("a flush"),
      all: () => [],
      current: 0,
      currentAddress: 0,
      currentUser: "test",
      pending: () => [],
      respond: none("a response"),
      listen: none("\\p"),
      port: 0,
    } as unknown as Host["handles"],
    process: {
      arguments: [],
      script: "",
      pid: 1,
      hostName: "test",
      user: "test",
      environment: (name: string) => environment.get(name) ?? "",
      setEnvironment: (name: string, value: string) => void environment.set(name, value),
      shell: none("the shell"),
      exit: (code: number) => {
        throw new Error(`exit ${code}`);
      },
      redirect: none("\\1"),
      setTimer: none("\\t"),
      timer: 0,
      collect: () => 0,
      interrupted: () => (performance.now() > deadline.at ? "timeout" : undefined),
      commandLine: "",
      quiet: true,
      platform: "l64",
      cores: 1,
      physicalMemory: 0,
      restricted: false,
      get blocked() {
        return revals.depth > 0;
      },
      restrict: <R>(act: () => R): R => {
        revals.depth++;
        try {
          return act();
        } finally {
          revals.depth--;
        }
      },
    } as unknown as Host["process"],
    database: {
      get: none("get"),
      set: none("set"),
      append: none("append"),
      size: (path) => need(path).length,
      compression: () => undefined,
      pack: none("compression"),
      unpack: (_, bytes) => bytes,
      extendDomain: none("an enumeration in a file"),
      load: none("\\l"),
    },
  };
}
