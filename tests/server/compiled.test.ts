// The q executable fetches much of itself only when it is called (scripts/lazy.ts), and the source does not: every page's
// session is run by both, and must come out the same.

import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");
const compiled = join(root, "dist/q");

/** What the page types, line by line. */
const typed = (page: string): string =>
  [...page.matchAll(/^```q\n([\s\S]*?)^```/gm)]
    .flatMap(([, session]) => session!.split("\n").filter((line) => line.startsWith("q)")))
    .map((line) => `${line.slice(2)}\n`)
    .join("");

async function answers(program: string[], input: string): Promise<{ out: string; err: string; code: number }> {
  const directory = mkdtempSync(join(tmpdir(), "perq-compiled-"));
  const child = Bun.spawn([...program, "-q", "-S", "42"], {
    cwd: directory,
    stdin: Buffer.from(input, "latin1"),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.bytes(), child.stderr.bytes()]);
  const code = await child.exited;
  rmSync(directory, { recursive: true });
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").replaceAll(directory, "");
  return { out: text(out), err: text(err), code };
}

test.skipIf(!existsSync(compiled))(
  "the executable answers every page as the source does",
  async () => {
    const source = [process.execPath, "--no-env-file", "--config=/dev/null", join(root, "src/cli/q.ts")];
    const pages = [...new Bun.Glob("src/q/**/*.md").scanSync(root)].sort();
    let seen = 0;
    for (const page of pages) {
      const input = typed(readFileSync(join(root, page), "latin1"));
      if (input === "") continue;
      const [theirs, ours] = await Promise.all([answers(source, input), answers([compiled], input)]);
      expect({ page, ...ours }).toEqual({ page, ...theirs });
      if (ours.out !== "") seen++;
    }
    expect(seen).toBeGreaterThan(100);
  },
  300_000,
);
