// The conformance corpus in one go: `bun scripts/conformance.ts [page filter] [-v]` prints what fails.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runSteps, type Step } from "../tests/console.ts";

const file = resolve(import.meta.dir, "../../shared/conformance/docs.jsonl");
const [filter = "", verbose] = process.argv.slice(2);
const score = new Map<string, [number, number]>();
for (const line of readFileSync(file, "utf8")
  .split("\n")
  .filter((l) => l !== "")) {
  const { page, steps } = JSON.parse(line) as { page: string; steps: Step[] };
  if (!page.includes(filter)) continue;
  let failed = 0;
  runSteps(steps, (step, wrong) => {
    const s = score.get(step.kind) ?? [0, 0];
    s[1]++;
    if (wrong === undefined) s[0]++;
    else {
      failed++;
      if (verbose !== undefined)
        console.log(
          `--- ${page}:${step.line}\nq)${step.in}\nwant ${step.kind === "error" ? `'${step.err}` : step.out.join("\n     ")}\ngot  ${wrong}`,
        );
    }
    score.set(step.kind, s);
  });
  if (failed > 0 && verbose === undefined) console.log(`${page}: ${failed} wrong`);
}
for (const [kind, [ok, all]] of score) console.log(`${kind}: ${ok} of ${all} (${((100 * ok) / all).toFixed(1)} %)`);
