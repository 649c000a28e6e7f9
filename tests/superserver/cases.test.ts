/**
 * superserver-cases.md, against perqd and against the real daemons: each is run in a private mount and network
 * namespace (runner.ts) at the same time, and every case is a test of its own. What cannot run here says so.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cases } from "./cases.ts";
import type { Kind, Places, Under } from "./fixture.ts";
import { compiler, oracles } from "./oracles.ts";

interface Result {
  id: string;
  kind: Kind;
  under: Under;
  error?: string;
  ms: number;
}

const kinds: Kind[] = ["xinetd", "openbsd", "gnu"];
const titles: Record<Kind, string> = { xinetd: "xinetd", openbsd: "openbsd-inetd", gnu: "inetutils-inetd" };
const key = (kind: Kind, under: Under, id: string) => `${kind} ${under} ${id}`;

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "it needs root";
  if (Bun.which("unshare") === null || Bun.which("ip") === null) return "it needs unshare and ip";
  if (Bun.spawnSync(["unshare", "-mn", "true"]).exitCode !== 0) return "namespaces are not allowed here";
  if (compiler() === undefined) return "the probe needs a C compiler";
  return undefined;
}

const reason = whyNot();
const real = reason === undefined ? oracles() : {};
if (reason !== undefined) console.warn(`SKIPPED: the ${cases.length} super-server cases: ${reason}`);
for (const kind of kinds)
  if (reason === undefined && real[kind] === undefined)
    console.warn(`SKIPPED: ${titles[kind]} is not here to compare with`);

const directory = reason === undefined ? mkdtempSync("/tmp/perq-cases-") : "";
const results = new Map<string, Result>();
const waiting = new Map<string, (result: Result) => void>();
const runners: Promise<void>[] = [];

function settle(result: Result): void {
  const name = key(result.kind, result.under, result.id);
  results.set(name, result);
  waiting.get(name)?.(result);
}

function resultOf(name: string): Promise<Result> {
  const known = results.get(name);
  return known ? Promise.resolve(known) : new Promise((resolve) => waiting.set(name, resolve));
}

async function run(places: Places, kind: Kind, under: Under, speed: "quick" | "slow"): Promise<void> {
  const words = [process.execPath, `${import.meta.dir}/runner.ts`, JSON.stringify(places), kind, under, speed];
  const runner = Bun.spawn(["unshare", "-mn", ...words], { stdout: "pipe", stderr: "pipe" });
  let rest = "";
  for await (const chunk of runner.stdout) {
    rest += Buffer.from(chunk).toString();
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("{")) settle(JSON.parse(line));
  }
  const words2 = (await new Response(runner.stderr).text()).trim();
  for (const one of cases) {
    if (one.kind !== kind || (one.slow ?? false) !== (speed === "slow")) continue;
    if (one.ours && under === "oracle") continue;
    if (!results.has(key(kind, under, one.id)))
      settle({ id: one.id, kind, under, error: `the runner ended: ${words2}`, ms: 0 });
  }
}

/** perqd as it ships, of this very tree: it starts ten times as fast as from source, and the cases start it 200 times. */
function compilePerqd(): string[] {
  const source = `${import.meta.dir}/../../src/cli/perqd.ts`;
  const out = `${directory}/perqd`;
  const flags = [
    "--compile",
    "--minify",
    "--bytecode",
    "--format=esm",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
  ];
  const built = Bun.spawnSync([process.execPath, "build", source, ...flags, "--outfile", out], {
    cwd: `${import.meta.dir}/../..`,
    stdout: "pipe",
    stderr: "pipe",
  });
  if (built.exitCode === 0) return [out];
  console.warn(`perqd was not compiled (${built.stderr.toString().trim()}); it runs from source`);
  return [process.execPath, source];
}

beforeAll(() => {
  if (reason !== undefined) return;
  chmodSync(directory, 0o755);
  mkdirSync(`${directory}/slow`, { mode: 0o755 });
  const built = Bun.spawnSync([compiler()!, "-O1", "-w", "-o", `${directory}/probe`, `${import.meta.dir}/probe.c`], {
    stderr: "pipe",
  });
  if (built.exitCode !== 0) throw new Error(`the probe was not built: ${built.stderr}`);
  const places: Places = {
    directory,
    probe: `${directory}/probe`,
    perqd: compilePerqd(),
    oracles: real,
  };
  const after = (first: Promise<void>, ...next: (() => Promise<void>)[]) =>
    next.reduce((chain, one) => chain.then(one), first);
  const both = (under: Under, wanted: Kind[]) => wanted.filter((kind) => under === "perqd" || real[kind] !== undefined);
  // Three at a time: more would only make them wait for each other.
  for (const under of ["perqd", "oracle"] as const) {
    const chain = both(under, kinds).map((kind) => () => run(places, kind, under, "quick"));
    runners.push(after(Promise.resolve(), ...chain));
  }
  for (const under of ["perqd", "oracle"] as const) {
    for (const kind of both(under, ["openbsd"])) runners.push(run(places, kind, under, "slow"));
  }
}, 120_000);

afterAll(async () => {
  await Promise.all(runners);
  if (directory !== "") rmSync(directory, { recursive: true, force: true });
  if (results.size === 0) return;
  const rows = kinds.flatMap((kind) =>
    (["perqd", "oracle"] as const).flatMap((under) => {
      const of = [...results.values()].filter((one) => one.kind === kind && one.under === under);
      const passed = of.filter((one) => one.error === undefined).length;
      return of.length === 0
        ? []
        : [`  ${(under === "perqd" ? `perqd as ${titles[kind]}` : titles[kind]).padEnd(28)} ${passed} of ${of.length}`];
    }),
  );
  console.log(`super-server cases passed\n${rows.join("\n")}`);
}, 200_000);

for (const kind of kinds) {
  for (const under of ["perqd", "oracle"] as const) {
    describe(under === "perqd" ? `perqd as ${titles[kind]}` : titles[kind], () => {
      for (const one of cases.filter((row) => row.kind === kind && !(row.ours && under === "oracle"))) {
        const possible = reason === undefined && (under === "perqd" || real[kind] !== undefined);
        test.skipIf(!possible)(
          `${one.id} ${one.title}`,
          async () => {
            const { error } = await resultOf(key(kind, under, one.id));
            if (error !== undefined) throw new Error(error);
            expect(error).toBeUndefined();
          },
          170_000,
        );
      }
    });
  }
}
