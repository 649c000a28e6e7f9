// The real host: q's world made of this machine. Files, clock and handles have files of their own; here are the process
// and the joint. What depends on the loop (timer, exit, collecting) is handed in.

import { nodeFs, readWhole } from "#platform/filesystem.ts";
import * as sys from "#platform/sys.ts";
import type { Database, Files, Handles, Host, Process } from "#values/host.ts";
import { signal } from "#values/signals.ts";
import { clock } from "./clock.ts";
import { createFiles, type Guard, osSignal } from "./files.ts";
import type { Options } from "./options.ts";
import type { Write } from "./output.ts";

export interface HostParts {
  readonly options: Options;
  /** argv as it came, the program's name first. */
  readonly commandLine: readonly string[];
  readonly handles: Handles;
  readonly database: (files: Files) => Database;
  readonly write: Write;
  readonly guard: Guard;
  readonly readLine: () => string | undefined;
  readonly exit: (code: number) => never;
  readonly setTimer: (milliseconds: number) => void;
  readonly timer: () => number;
  readonly collect: () => number;
  readonly interrupted: () => "stop" | "timeout" | undefined;
  readonly reloadPasswords: () => void;
  readonly restrict: <R>(act: () => R) => R;
  /** Descriptor 1 or 2 is something else from now on. */
  readonly redirected: (descriptor: 1 | 2) => void;
}

export function createHost(parts: HostParts): Host {
  const files = createFiles(parts.guard);
  files.readLine = parts.readLine;
  return {
    clock,
    files,
    handles: parts.handles,
    process: createProcess(parts),
    database: parts.database(files),
    write: parts.write,
  };
}

// Read where node:os reads them: importing that module would be paid by every private server's start.
export const cores = (): number => navigator.hardwareConcurrency;
export const hostName = (): string => (readWhole("/proc/sys/kernel/hostname") ?? "").trim();
export function memoryBytes(): number {
  const kibibytes = /^MemTotal: +(\d+) kB/m.exec(readWhole("/proc/meminfo") ?? "")?.[1];
  return kibibytes === undefined ? 0 : Number(kibibytes) * 1024;
}

/** Takes back what the executable starts with (scripts/build-q.ts): to compile nothing before it has run very often. */
export function compileEagerly(): void {
  (Bun.unsafe as { setJITPolicy?: (factor: number) => void }).setJITPolicy?.(1);
}

const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
const textOfBytes = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");

function createProcess(parts: HostParts): Process {
  const { options, guard } = parts;
  let user: string | undefined;
  /** What `\1 /dev/stdin` goes back to: output as it was at the start. */
  const original: (number | undefined)[] = [];
  return {
    arguments: options.rest.map(bytesOf),
    commandLine: parts.commandLine.map(bytesOf),
    script: bytesOf(options.file),
    quiet: options.quiet,
    platform: process.arch === "arm64" ? "l64arm" : "l64",
    readOnly: options.readOnly,
    get blocked() {
      return guard.readOnly;
    },
    get restricted() {
      return guard.restricted;
    },
    tlsMode: options.tls,
    limited: options.workspaceMb > 0,
    secondariesLimit: options.secondaries,
    pid: process.pid,
    get cores() {
      return cores();
    },
    get physicalMemory() {
      return memoryBytes();
    },
    get hostName() {
      return hostName();
    },
    get user() {
      const uid = process.geteuid!();
      user ??= bytesOf(sys.userById(uid)?.name ?? String(uid));
      return user;
    },
    environment: (name) => bytesOf(process.env[textOfBytes(name)] ?? ""),
    setEnvironment(name, value) {
      process.env[textOfBytes(name)] = textOfBytes(value);
    },
    shell: (command) => shell(command),
    exit(code) {
      if (guard.restricted) throw signal("access", "exit is disabled (-u)");
      return parts.exit(code);
    },
    redirect(descriptor, path) {
      redirect(descriptor, path, original);
      parts.redirected(descriptor);
    },
    reloadPasswords: parts.reloadPasswords,
    restrict: parts.restrict,
    setTimer: parts.setTimer,
    get timer() {
      return parts.timer();
    },
    collect: parts.collect,
    workBegins: compileEagerly,
    interrupted: parts.interrupted,
  };
}

/** The shell's output as lines; its errors go where ours go. A command that fails signals 'os. */
function shell(command: string): string[] {
  const { stdout, exitCode, signalCode } = Bun.spawnSync(["/bin/sh", "-c", textOfBytes(command)], {
    stdin: "inherit",
    stdout: "pipe",
    stderr: "inherit",
  });
  if (exitCode !== 0) throw signal("os", `"${command}" ended with ${signalCode ?? exitCode}`);
  const text = stdout.toString("latin1");
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n").map((line) => line.replace(/\r$/, ""));
}

function redirect(descriptor: 1 | 2, path: string, original: (number | undefined)[]): void {
  if (path === "") throw signal("path", `\\${descriptor} wants a file name`);
  original[descriptor] ??= sys.duplicate(descriptor, 3);
  if (path === "/dev/stdin") {
    sys.dup2(original[descriptor]!, descriptor);
    return;
  }
  const native = textOfBytes(path);
  const slash = native.lastIndexOf("/");
  try {
    if (slash > 0) nodeFs().mkdirSync(native.slice(0, slash), { recursive: true });
  } catch (error) {
    throw osSignal(path, error);
  }
  const fd = sys.open(native, sys.O_WRONLY | sys.O_CREAT | sys.O_APPEND | sys.O_CLOEXEC);
  if (fd < 0) throw osSignal(path, Object.assign(new Error(`cannot open ${path}`), { errno: fd }));
  sys.dup2(fd, descriptor);
  sys.close(fd);
}
