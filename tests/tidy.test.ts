// The house itself: which room may import which (style.md §2), and what a file must not do.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { Glob } from "bun";

const src = new URL("../src/", import.meta.url).pathname;

/** Rooms by path, longest first; what each may import besides itself. */
const arrows: Record<string, readonly string[]> = {
  "q/values": ["kernels"],
  "q/parse": ["q/values"],
  "q/format": ["q/values"],
  ipc: ["q/values"],
  "q/primitives": ["q/parse", "q/format", "ipc", "q/values", "kernels"],
  "q/iterators": ["q/values"],
  "q/sql": ["q/values", "kernels"],
  "q/namespaces": ["q/format", "q/values"],
  "q/eval": [
    "q/parse",
    "q/format",
    "ipc",
    "q/values",
    "kernels",
    "q/primitives",
    "q/iterators",
    "q/sql",
    "q/namespaces",
  ],
  db: ["ipc", "q/values", "kernels", "platform"],
  server: ["q/eval", "q/namespaces", "q/format", "db", "ipc", "q/values", "platform"],
  superserver: ["platform"],
  platform: [],
  kernels: [],
  cli: ["server", "superserver", "platform"],
};
const prefixes: Record<string, string> = {
  "#kernels": "kernels",
  "#platform": "platform",
  "#values": "q/values",
  "#parse": "q/parse",
  "#format": "q/format",
  "#primitives": "q/primitives",
  "#iterators": "q/iterators",
  "#sql": "q/sql",
  "#namespaces": "q/namespaces",
  "#eval": "q/eval",
  "#ipc": "ipc",
  "#db": "db",
  "#server": "server",
  "#superserver": "superserver",
};
const roomOf = (path: string): string | undefined => Object.keys(arrows).find((room) => path.startsWith(`${room}/`));

const sources = [...new Glob("**/*.ts").scanSync(src)].filter((f) => !f.startsWith("kernels/assembly/")).sort();

test("imports follow the arrows", () => {
  const against: string[] = [];
  for (const file of sources) {
    const room = roomOf(file);
    if (room === undefined) {
      against.push(`${file} stands in no room`);
      continue;
    }
    const text = readFileSync(src + file, "utf8");
    for (const [, from] of text.matchAll(/(?:from|import) "([^"]+)"/g)) {
      let other: string | undefined;
      if (from!.startsWith("#")) other = prefixes[from!.split("/")[0]!];
      else if (from!.startsWith(".")) other = roomOf(normalize(join(dirname(file), from!)));
      if (other === undefined || other === room || arrows[room]!.includes(other)) continue;
      // Tests stand beside the code and may look down at what the rooms below their room's makers use.
      if (file.includes(".test.") || file.includes(".testing.")) continue;
      against.push(`${file} → ${other}`);
    }
  }
  expect(against).toEqual([]);
});

test("every file opens with what it is", () => {
  expect(
    sources.filter((f) => !f.includes(".test.") && !/^(#!.*\n)?\/[/*]/.test(readFileSync(src + f, "utf8"))),
  ).toEqual([]);
});

test("only platform/sys.ts touches bun:ffi", () => {
  expect(
    sources.filter((f) => f !== "platform/sys.ts" && /from "bun:ffi"/.test(readFileSync(src + f, "utf8"))),
  ).toEqual([]);
});

test("nothing in q is async", () => {
  const waiting = sources.filter(
    (f) =>
      f.startsWith("q/") &&
      !f.includes(".test.") &&
      /\basync\b|\bawait\b/.test(readFileSync(src + f, "utf8").replace(/\/\/.*|\/\*[\s\S]*?\*\//g, "")),
  );
  expect(waiting).toEqual([]);
});
