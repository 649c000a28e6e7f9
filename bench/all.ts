// Every benchmark, one after the other: `npm run bench`. Each prints its own table beside its peers; the figures kept in
// docs/figures.md come from a run of this on an otherwise idle machine.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const runs: readonly (readonly [title: string, file: string, ...args: string[]])[] = [
  ["kernels beside a copy of the same bytes", "kernels.ts"],
  ["vector primitives (V)", "vectors.ts", "1000000"],
  ["qSQL on TAQ beside DuckDB (T)", "taq.ts"],
  ["interpreter (I)", "interpreter.ts"],
  ["connections beside xinetd", "superserver.ts"],
];
for (const [title, file, ...args] of runs) {
  console.log(`\n=== ${title}`);
  const done = spawnSync(process.execPath, [resolve(import.meta.dir, file), ...args], { stdio: "inherit" });
  if (done.status !== 0) console.log(`(${file} ended with ${done.status ?? done.signal})`);
}
