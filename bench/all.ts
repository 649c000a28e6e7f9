// Every benchmark, one after the other: `npm run bench`. Each prints its own table beside its peers; the figures kept in
// docs/figures.md come from the same commands on an otherwise idle machine. Small sizes: a few minutes for all.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const runs: readonly (readonly [title: string, file: string, ...args: string[]])[] = [
  ["kernels beside a copy of the same bytes", "kernels.ts", "1000000"],
  ["vector primitives (V)", "vectors.ts", "1000000"],
  ["qSQL on TAQ and vectors beside DuckDB (T, V)", "taq.ts"],
  ["interpreter (I)", "interpreter.ts"],
  ["perqd and its q, cold and warm, beside xinetd's cat", "superserver.ts"],
];
for (const [title, file, ...args] of runs) {
  console.log(`\n=== ${title}`);
  const done = spawnSync(process.execPath, [resolve(import.meta.dir, file), ...args], { stdio: "inherit" });
  if (done.status !== 0) console.log(`(${file} ended with ${done.status ?? done.signal})`);
}
