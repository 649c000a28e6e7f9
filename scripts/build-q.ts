// Makes the q executable: bun scripts/build-q.ts FILE. As build.ts makes the others, but what a session may never use
// becomes chunks that are read when they are needed (lazy.ts), and the JIT waits still longer: what the start runs is not
// worth compiling, and its threads would stay. The first script or answer takes that back (server/host.ts).

import { resolve } from "node:path";
import { lazyModules } from "./lazy.ts";

const outfile = process.argv[2];
if (outfile === undefined) throw new Error("where to?");
const { success, logs } = await Bun.build({
  entrypoints: [resolve(import.meta.dir, "../src/cli/q.ts")],
  target: "bun",
  format: "esm",
  minify: true,
  bytecode: true,
  splitting: true,
  plugins: [await lazyModules()],
  compile: { outfile, jitPolicy: 1000, autoloadDotenv: false, autoloadBunfig: false },
});
for (const log of logs) console.error(String(log));
process.exit(success ? 0 : 1);
