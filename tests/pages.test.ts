// Every ```q session of the pages beside the primitives runs, and prints what the page says: a wrong page fails.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Glob } from "bun";
import { compare, type Step, TestConsole } from "./console.ts";
import { folderHost } from "./folder-host.ts";

const root = new URL("../src/", import.meta.url).pathname;

/** The sessions of a page: each fenced block is one fresh console. */
export function sessionsOf(text: string): Step[][] {
  const sessions: Step[][] = [];
  for (const [, block] of text.matchAll(/^```q\n([\s\S]*?)^```/gm)) {
    const steps: Step[] = [];
    for (const line of block!.split("\n")) {
      if (line.startsWith("q)")) steps.push({ in: line.slice(2), out: [], kind: "value" });
      else if (steps.length > 0) steps[steps.length - 1]!.out.push(line);
    }
    for (const step of steps) {
      const first = step.out[0] ?? "";
      if (/^'\S/.test(first)) Object.assign(step, { kind: "error", err: first.slice(1) });
    }
    sessions.push(steps);
  }
  return sessions;
}

for (const page of [...new Glob("**/*.md").scanSync(root)].sort()) {
  test(`${page} tells the truth`, () => {
    const wrong: string[] = [];
    for (const steps of sessionsOf(readFileSync(root + page, "utf8"))) {
      const folder = folderHost();
      const console = new TestConsole(folder.host);
      folder.attach(console.session);
      for (const step of steps) {
        const got = compare(step, console.type(step.in));
        if (got !== undefined) wrong.push(`q)${step.in}\nwant ${step.out.join("\n")}\ngot  ${got}`);
      }
      folder.leave();
    }
    expect(wrong).toEqual([]);
  });
}
