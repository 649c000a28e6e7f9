// kdb+'s own answers: the sessions of the KX documentation. The figures are printed and never go down: the floor is kept
// beside this file and raised with every gain. Without ../shared this says so and is skipped.

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runSteps, type Step } from "./console.ts";

const corpus = resolve(import.meta.dir, "../../shared/conformance/docs.jsonl");
const floor = JSON.parse(readFileSync(new URL("conformance.floor.json", import.meta.url), "utf8")) as Record<
  string,
  number
>;

test.skipIf(!existsSync(corpus))(
  "as many sessions of the q documentation as before print what kdb+ prints",
  () => {
    const score: Record<string, { right: number; of: number }> = {};
    const bugs: string[] = [];
    for (const line of readFileSync(corpus, "utf8").split("\n")) {
      if (line === "") continue;
      const { page, steps } = JSON.parse(line) as { page: string; steps: Step[] };
      runSteps(steps, (step, wrong) => {
        const s = (score[step.kind] ??= { right: 0, of: 0 });
        s.of++;
        if (wrong === undefined) s.right++;
        else if (wrong.startsWith("BUG")) bugs.push(`${page}:${step.line} ${step.in} → ${wrong}`);
      });
    }
    for (const [kind, { right, of }] of Object.entries(score)) {
      console.log(
        `conformance, ${kind} steps: ${right} of ${of} (${((100 * right) / of).toFixed(1)} %), floor ${floor[kind]}`,
      );
    }
    expect(bugs).toEqual([]);
    for (const [kind, least] of Object.entries(floor)) expect(score[kind]!.right).toBeGreaterThanOrEqual(least);
  },
  120_000,
);

if (!existsSync(corpus))
  console.log("*** SKIPPED: no ../shared/conformance beside the project; the conformance corpus was not run");
