/**
 * One perqd of this very tree on free ports of loopback, for tests that need no namespace: compiled once a file, started
 * with a configuration and watched through its log. What the cases of superserver-cases.md want is in fixture.ts.
 */
import { afterAll, afterEach, beforeAll } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connectTo, listenOn, localAddress, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { DaemonStatus } from "#superserver/control.ts";
import { askControl } from "#superserver/status.ts";

export const root = `${import.meta.dir}/../..`;
const PATIENCE_MS = 30_000;

export function freePort(host = "127.0.0.1"): number {
  const address = host.includes(":")
    ? ({ family: "ipv6", host, port: 0, scope: 0 } as const)
    : ({ family: "ipv4", host, port: 0 } as const);
  const fd = listenOn(address);
  const { port } = localAddress(fd) as { port: number };
  sys.close(fd);
  return port;
}

/** A directory that every user may enter and write to. */
function workplace(name: string): string {
  const directory = mkdtempSync(`/tmp/perq-${name}-`);
  chmodSync(directory, 0o777);
  return directory;
}

function compilePerqd(directory: string): string {
  const flags = ["--compile", "--minify", "--bytecode", "--format=esm"];
  const bare = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const program = `${directory}/perqd`;
  const words = [process.execPath, "build", `${root}/src/cli/perqd.ts`, ...flags, ...bare, "--outfile", program];
  const built = Bun.spawnSync(words, { cwd: root, stdout: "pipe", stderr: "pipe" });
  if (built.exitCode !== 0) throw new Error(`perqd was not built: ${built.stderr}`);
  return program;
}

export interface StartOptions {
  args?: string[];
  env?: Record<string, string>;
  /** Words before the program: setpriv, sh -c … */
  before?: string[];
  /** The whole command, where the configuration is not given by -f. */
  words?: string[];
  /** More descriptors for perqd, from 3 on. */
  descriptors?: number[];
}

/** A perqd that runs. */
export class Perqd {
  readonly process: Bun.Subprocess;
  readonly log: string;
  readonly config: string;
  readonly control: string;

  constructor(
    readonly program: string,
    readonly directory: string,
    config: string,
    options: StartOptions = {},
  ) {
    const name = `${directory}/${Math.random().toString(36).slice(2, 8)}`;
    this.log = `${name}.log`;
    this.config = `${name}.conf`;
    this.control = `${name}.control`;
    writeFileSync(this.config, config);
    writeFileSync(this.log, "");
    chmodSync(this.log, 0o666); // perqd may be anybody
    const words = options.words ?? ["-f", this.config, "-dontfork", "-filelog", this.log, "--control", this.control];
    this.process = Bun.spawn([...(options.before ?? []), program, ...words, ...(options.args ?? [])], {
      env: { PATH: "/usr/bin:/bin", ...options.env },
      cwd: directory,
      stdio: ["ignore", "ignore", Bun.file(`${name}.stderr`), ...(options.descriptors ?? [])] as never,
    });
  }

  get text(): string {
    const errors = this.log.replace(/log$/, "stderr");
    return (
      (existsSync(this.log) ? readFileSync(this.log, "utf8") : "") +
      (existsSync(errors) ? readFileSync(errors, "utf8") : "")
    );
  }

  async started(): Promise<this> {
    await this.logs(/Started working|Exiting|cannot be used/);
    return this;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !holds(); await Bun.sleep(10))
      if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}\nlog:\n${this.text}`);
  }

  async logs(pattern: RegExp): Promise<void> {
    await this.until(`the log has ${pattern}`, () => pattern.test(this.text));
  }

  status(): DaemonStatus {
    const asked = askControl(this.control, "status");
    if ("failure" in asked) throw new Error(asked.failure);
    return JSON.parse(asked.answer) as DaemonStatus;
  }

  /** HUP with another configuration: whether it took it. */
  async reload(config: string): Promise<boolean> {
    writeFileSync(this.config, config);
    const done = () => [...this.text.matchAll(/Reconfigured: |reconfiguration failed/g)];
    const before = done().length;
    sys.kill(this.process.pid, sys.SIG.HUP);
    await this.until("the reload is over", () => done().length > before);
    return done()[before][0] === "Reconfigured: ";
  }

  async stop(): Promise<number> {
    if (this.process.exitCode === null) sys.kill(this.process.pid, sys.SIG.TERM);
    return this.process.exited;
  }
}

/** A client of a port: what it says, and all that it hears until `mark` or the end. */
export function open(port: number, host = "127.0.0.1"): number {
  const fd = connectTo(
    host.includes(":") ? { family: "ipv6", host, port, scope: 0 } : { family: "ipv4", host, port },
    PATIENCE_MS,
  );
  if (fd < 0) throw new Error(`connect to ${host}:${port}: errno ${-fd}`);
  return fd;
}

export function say(fd: number, words: string | Uint8Array): void {
  sys.send(fd, typeof words === "string" ? new TextEncoder().encode(words) : words);
}

/** Bytes as latin-1 text until it has the mark (or the connection ends, without one). */
export function hear(fd: number, mark?: string | RegExp): string {
  const bytes = new Uint8Array(new ArrayBuffer(65536));
  let text = "";
  const enough = () => mark !== undefined && (typeof mark === "string" ? text.includes(mark) : mark.test(text));
  while (!enough()) {
    if (waitFor(fd, sys.POLLIN, PATIENCE_MS) < 0) throw new Error(`heard nothing more after ${JSON.stringify(text)}`);
    const got = sys.recv(fd, bytes);
    if (got <= 0) {
      if (mark !== undefined) throw new Error(`the connection ended (${got}) after ${JSON.stringify(text)}`);
      break;
    }
    text += Buffer.from(bytes.subarray(0, got)).toString("latin1");
  }
  return text;
}

/** One conversation to its end. */
export function ask(port: number, words: string | Uint8Array = ""): string {
  const fd = open(port);
  if (words.length > 0) say(fd, words);
  sys.shutdown(fd, sys.SHUT_WR);
  const text = hear(fd);
  sys.close(fd);
  return text;
}

/** A block of xinetd.conf on that port. */
export function block(name: string, port: number, lines: string[]): string {
  const all = ["type = UNLISTED", `port = ${port}`, "bind = 127.0.0.1", "socket_type = stream", "wait = no", ...lines];
  return `service ${name}\n{\n${all.map((line) => `\t${line}\n`).join("")}}\n`;
}

export function put(directory: string, name: string, text: string, mode = 0o644): string {
  writeFileSync(`${directory}/${name}`, text);
  chmodSync(`${directory}/${name}`, mode);
  return `${directory}/${name}`;
}

/** Whom a service runs as: nobody, or without root whoever runs the tests. */
export const isRoot = process.getuid?.() === 0;
export const user = isRoot ? "nobody" : String(process.getuid?.());

/** What one test file works with; call it at the file's top. Whatever it makes ends after its test. */
export interface Workshop {
  readonly directory: string;
  /** The compiled perqd, from the first test on. */
  program(): string;
  make(config: string, options?: StartOptions): Perqd;
  /** Made, and listening or given up. */
  start(config: string, options?: StartOptions): Promise<Perqd>;
}

export function workshop(name: string): Workshop {
  const directory = workplace(name);
  let program = "";
  const running: Perqd[] = [];
  beforeAll(() => {
    program = compilePerqd(directory);
  }, 120_000);
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const make = (config: string, options: StartOptions = {}): Perqd => {
    const one = new Perqd(program, directory, config, options);
    running.push(one);
    return one;
  };
  return { directory, program: () => program, make, start: (config, options) => make(config, options).started() };
}

/** Words of openssl req for a small key of its own. */
export const ellipticKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
