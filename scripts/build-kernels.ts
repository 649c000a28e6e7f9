// Compiles every family of src/kernels/assembly to src/kernels/wasm/<family>.wasm. A family whose sources and
// settings are those of its last build is left alone. `bun scripts/build-kernels.ts [--force] [family …]`
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Family, families, staticBase } from "../src/kernels/table.ts";

const root = join(import.meta.dir, "..");
const sources = join(root, "src/kernels/assembly");
const built = join(root, "src/kernels/wasm");

const settings = [
  "--runtime stub --importMemory --initialMemory 65536 --maximumMemory 65536 --stackSize 0",
  "--enable simd,bulk-memory,sign-extension,nontrapping-f2i,mutable-globals",
  "-O3 --noAssert --converge --use abort= --noColors",
]
  .join(" ")
  .split(" ");

/** The family's file and every file it imports, named and hashed with the settings. */
function fingerprint(family: Family): string {
  const hash = createHash("sha256").update(settings.join(" ")).update(String(staticBase[family]));
  hash.update(readFileSync(join(root, "node_modules/assemblyscript/package.json")));
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = readFileSync(join(sources, `${name}.ts`), "utf8");
    hash.update(name).update(text);
    for (const found of text.matchAll(/from "\.\/([a-z]+)"/g)) visit(found[1]!);
  };
  visit(family);
  return hash.digest("hex");
}

async function compile(family: Family): Promise<string> {
  const temporary = join(built, `${family}.${process.pid}.wasm`);
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  const run = Bun.spawn(
    [
      process.execPath,
      asc,
      join(sources, `${family}.ts`),
      "-o",
      temporary,
      "--memoryBase",
      String(staticBase[family]),
      ...settings,
    ],
    { cwd: root, stdout: "pipe", stderr: "pipe", env: { ...process.env, BUN_BE_BUN: "1" } },
  );
  const [out, err, code] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  if (code !== 0) throw new Error(`${family}: asc exited with ${code}\n${out}${err}`);
  const bytes = readFileSync(temporary);
  renameSync(temporary, join(built, `${family}.wasm`));
  writeFileSync(join(built, `${family}.sha256`), fingerprint(family));
  return `${family}.wasm ${(bytes.length / 1024).toFixed(1)} KB`;
}

function isCurrent(family: Family): boolean {
  const mark = join(built, `${family}.sha256`);
  return (
    existsSync(join(built, `${family}.wasm`)) && existsSync(mark) && readFileSync(mark, "utf8") === fingerprint(family)
  );
}

mkdirSync(built, { recursive: true });
const argv = process.argv.slice(2);
const force = argv.includes("--force");
const asked = argv.filter((word) => !word.startsWith("--"));
for (const name of asked) if (!(families as readonly string[]).includes(name)) throw new Error(`no family ${name}`);
const stale = families
  .filter((family) => asked.length === 0 || asked.includes(family))
  .filter((family) => force || !isCurrent(family));
const queue: Family[] = [...stale];
let failed = false;
const worker = async (): Promise<void> => {
  for (let family = queue.shift(); family !== undefined; family = queue.shift()) {
    const started = performance.now();
    try {
      console.log(`${await compile(family)}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed = true;
      console.error(error instanceof Error ? error.message : error);
    }
  }
};
await Promise.all([worker(), worker()]);
if (stale.length === 0) console.log("kernels: nothing to build");
process.exitCode = failed ? 1 : 0;
