// Every benchmark, one after the other: `npm run bench`. Each prints its own table beside its peers; the figures kept in
// docs/figures.md come from the same commands on an otherwise idle machine. Small sizes: a few minutes for all.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const warm = ["--attributes", "warm = 12", "--connections", "8", "--pause", "1500", "--held", "1,10"];
const runs: readonly (readonly [title: string, file: string, ...args: string[]])[] = [
  ["kernels beside a copy of the same bytes", "kernels.ts", "1000000"],
  ["vector primitives (V)", "vectors.ts", "1000000"],
  ["qSQL on TAQ and vectors beside DuckDB (T, V)", "taq.ts"],
  ["interpreter (I)", "interpreter.ts"],
  ["perqd's cat beside xinetd's", "superserver.ts"],
  ["a cold q beside xinetd's cat", "superserver.ts", "--q", "1+1", "--connections", "24"],
  ["a warm q beside xinetd's cat", "superserver.ts", "--q", "1+1", ...warm],
];
for (const [title, file, ...args] of runs) {
  console.log(`\n=== ${title}`);
  const done = spawnSync(process.execPath, [resolve(import.meta.dir, file), ...args], { stdio: "inherit" });
  if (done.status !== 0) console.log(`(${file} ended with ${done.status ?? done.signal})`);
}
