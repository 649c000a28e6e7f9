// Processes for the tests of the server: q from source, and what starts it. Everything started here is ended here.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
export const bun = join(root, "node_modules/.bin/bun");
export const qSource = join(root, "src/cli/q.ts");
/** q as a command. */
export const q = [bun, "--no-env-file", qSource];

const started: Bun.Subprocess[] = [];
const directories: string[] = [];
/** For each file's afterAll: Bun evaluates this module once for all of them. */
export async function endAll(): Promise<void> {
  const children = started.splice(0);
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => child.exited));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "perq-server-"));
  directories.push(directory);
  return directory;
}

export function track<C extends Bun.Subprocess>(child: C): C {
  started.push(child);
  return child;
}

/** Waits until something is so; a condition, not a time. */
export async function until<R>(
  what: string,
  ask: () => R | undefined | Promise<R | undefined>,
  limitMs = 20000,
): Promise<R> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`never came: ${what}`);
    await Bun.sleep(10);
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error(`ended after "${text}"`);
}

/** The tiny inetd with q behind it; returns its port. `environment` reaches q. */
export async function inetd(
  argv: string[],
  {
    mode = "nowait",
    environment = {},
    cwd = root,
  }: { mode?: string; environment?: Record<string, string>; cwd?: string } = {},
): Promise<number> {
  const child = track(
    Bun.spawn([bun, join(import.meta.dir, "inetd.ts"), mode, ...argv], {
      stdout: "pipe",
      stderr: "inherit",
      stdin: "ignore",
      cwd,
      env: { ...process.env, ...environment },
    }),
  );
  return Number(await firstLine(child.stdout));
}

/** q listening on a free port of 127.0.0.1: asks it through the console which one. */
export async function listeningQ(
  args: string[] = [],
  script = "",
): Promise<{ port: number; child: Bun.Subprocess<"pipe", "pipe", "pipe"> }> {
  const child = track(
    Bun.spawn([...q, ...args, "-p", "127.0.0.1:0W", "-q"], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      cwd: root,
    }),
  );
  child.stdin.write(`${script}\n-1 string system"p";\n`);
  child.stdin.flush();
  return { port: Number(await firstLine(child.stdout)), child };
}

/** Runs q on piped lines until it ends. */
export async function piped(
  lines: string,
  args: string[] = ["-q"],
  environment: Record<string, string> = {},
): Promise<{ out: string; err: string; code: number }> {
  const child = track(
    Bun.spawn([...q, ...args], {
      stdin: new Blob([lines]),
      stdout: "pipe",
      stderr: "pipe",
      cwd: root,
      env: { ...process.env, ...environment },
    }),
  );
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, code };
}
