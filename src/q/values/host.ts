// The world as q sees it. `server` builds the real one; tests use maps; -b, -u and reval use hosts that refuse.
// Everything here is synchronous to the end: waiting is the host's business (style.md §2).

import type { Value } from "./values.ts";

export interface Host {
  readonly clock: Clock;
  readonly files: Files;
  readonly handles: Handles;
  readonly process: Process;
  readonly database: Database;
  /** Console output as bytes (latin-1 text); `2` is standard error. */
  write(descriptor: 1 | 2, text: string): void;
}

export interface Clock {
  /** Nanoseconds since 2000.01.01 UTC. */
  now(): bigint;
  /** Offset of local time at a UTC instant, in nanoseconds. */
  localOffset(utc: bigint): bigint;
  /** Monotonic nanoseconds, for \t and \ts. */
  ticks(): bigint;
}

/** Paths are byte strings without the leading colon. Failures signal as kdb+ shows them ('path. OS reports: …). */
export interface Files {
  read(path: string, offset?: number, count?: number): Uint8Array;
  write(path: string, bytes: Uint8Array): void;
  append(path: string, bytes: Uint8Array): void;
  size(path: string): number;
  /** undefined: nothing there. */
  kind(path: string): "file" | "directory" | undefined;
  /** Names in a directory, sorted by bytes. */
  list(path: string): string[];
  remove(path: string): void;
  rename(from: string, to: string): void;
  makeDirectory(path: string): void;
  workingDirectory(): string;
  changeDirectory(path: string): void;
  /** A line from the console for read0 0; undefined at end of input. */
  readLine?(): string | undefined;
}

/** Open connections and files, known by their number (.z.w, hopen). */
export interface Handles {
  /** `host:port`, `host:port:user:password`, `unix://…`, `tcps://…`, or a file path to append to. */
  open(target: string, timeoutMs: number): number;
  close(handle: number): void;
  /** h x: sends and waits for the answer. */
  request(handle: number, message: Value): Value;
  /** neg[h] x: sends and goes on. */
  send(handle: number, message: Value): void;
  /** h[] and neg[h][]: wait for a message; flush. */
  receive(handle: number): Value;
  flush(handle: number): void;
  /** .z.H: all open handles; .z.w .z.a .z.u of the one being served, 0 and own user on the console. */
  all(): number[];
  readonly current: number;
  readonly currentAddress: number;
  readonly currentUser: string;
  /** Bytes waiting, by handle (.z.W). */
  pending(handle: number): number[];
  /** -30!(::): the message being served is answered later. */
  defer(): void;
  /** -30!(handle;isError;value): the deferred response. */
  respond(handle: number, isError: boolean, value: Value): void;
  /** -38!: what kind of connection; undefined when the handle is none of ours. */
  describe(
    handle: number,
  ): { protocol: "q" | "w"; family: "t" | "u"; compressed: boolean; messages: number; bytes: number } | undefined;
  /** \p: 0 closes the listener. */
  listen(port: number | string): void;
  readonly port: number;
}

export interface Process {
  /** .z.x: words that are no option of q's. */
  readonly arguments: readonly string[];
  /** .z.X: the command line as it was given. */
  readonly commandLine: readonly string[];
  readonly script: string;
  /** -q */
  readonly quiet: boolean;
  /** .z.o: l64, l64arm. */
  readonly platform: string;
  /** .z.c, and the last item of \w. */
  readonly cores: number;
  readonly physicalMemory: number;
  /** -b: what \_ shows. */
  readonly readOnly: boolean;
  /** .z.r: an update would be blocked just now, as the message being served comes from a client and -b is set. */
  readonly blocked: boolean;
  /** -u 1: the message being served comes from a client that may neither use files above the directory nor commands. */
  readonly restricted: boolean;
  /** -E */
  readonly tlsMode: 0 | 1 | 2;
  /** -w was given, so \w n may raise it. */
  readonly limited: boolean;
  /** What -s said: \s 0N. */
  readonly secondariesLimit: number;
  readonly pid: number;
  readonly hostName: string;
  readonly user: string;
  environment(name: string): string;
  setEnvironment(name: string, value: string): void;
  /** Runs a shell command, its standard output as lines; a failing one signals 'os. */
  shell(command: string): string[];
  exit(code: number): never;
  /** \1 and \2. */
  redirect(descriptor: 1 | 2, path: string): void;
  /** reval: while `act` runs it is as if a client asked under -b and -u 1. */
  restrict<R>(act: () => R): R;
  /** \u: reads the password file again. */
  reloadPasswords(): void;
  /** \t: 0 stops the timer. */
  setTimer(milliseconds: number): void;
  readonly timer: number;
  /** Gives free memory back to the system; bytes given (.Q.gc). */
  collect(): number;
  /** A script begins: what runs often is to be compiled from now on, start or not. */
  workBegins?(): void;
  /** True when a query must stop (-T, Ctrl-C): asked at back-edges. */
  interrupted(): "stop" | "timeout" | undefined;
}

/** kdb+ files and folders of them; `db` implements it. */
export interface Database {
  /** get `:path — a serialized object, a mapped vector, a splayed table (path ends in /). */
  get(path: string): Value;
  /** `:path set x; options are the (block size; algorithm; level) of a compressed set, by column name or "". */
  set(path: string, value: Value, options?: Value): void;
  /** `:path upsert x / `:path insert: appends on disk. */
  append(path: string, value: Value): void;
  /** `:dir/sym?x: adds the symbols that the file lacks, under a lock, and gives all of them in the file's order. */
  extendDomain(path: string, texts: readonly string[]): Value;
  /** Bytes as a compressed file, with the options of a compressed set; and what such a file holds, any other as it is. */
  pack(bytes: Uint8Array, options: Value): Uint8Array;
  unpack(path: string, bytes: Uint8Array): Uint8Array;
  /** hcount: the length of a file, of a compressed one that of what is inside. */
  size(path: string): number;
  /** -21!: how a file is compressed; undefined for one that is not. */
  compression(path: string): Compression | undefined;
  /** \l dir: every entry of the root, as names and values to be assigned in order; scripts as paths to run. */
  load(directory: string): LoadedRoot;
}
export interface Compression {
  readonly compressedLength: number;
  readonly uncompressedLength: number;
  readonly algorithm: number;
  /** The power of two of a block's bytes. */
  readonly logicalBlockSize: number;
  readonly zipLevel: number;
}
export interface LoadedRoot {
  readonly variables: readonly (readonly [string, Value])[];
  readonly scripts: readonly string[];
  /** Partition field, values and tables, when the root is partitioned: for .Q.pf .Q.pv .Q.pt .Q.pd … */
  readonly partitions?: {
    readonly field: string;
    readonly values: Value;
    readonly tables: readonly string[];
    /** Directories that partitions are in: "." alone, or those of par.txt; and which of them a partition is in. */
    readonly segments: readonly string[];
    readonly segmentOf: (p: number) => number;
  };
}
