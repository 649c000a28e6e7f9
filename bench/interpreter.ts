// Scalar code (bench.md I01–I05): loops, recursion, each over lambdas, a growing list, a dictionary. Beside CPython, and
// plain JavaScript in this very process, where they are. Best of five after two warm-up runs, results checked.

import { spawnSync } from "node:child_process";
import { createSession } from "#eval/session.ts";
import { format1 } from "#format/format.ts";
import { testingHost } from "../tests/testing-host.ts";

interface Row {
  readonly id: string;
  readonly q: string;
  readonly setup?: string;
  readonly answer: string;
  readonly python: string;
  readonly js: () => unknown;
}

const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
const rows: readonly Row[] = [
  {
    id: "I01 fib 25", setup: "fib:{$[x<2;x;.z.s[x-1]+.z.s x-2]}", q: "fib 25", answer: "75025",
    python: "fib(25)", js: () => fib(25),
  },
  {
    id: "I02 fold 1e6", q: "{x+y}/[0;til 1000000]", answer: "499999500000", python: "fold()",
    js: () => Array.from({ length: 1e6 }, (_, i) => i).reduce((x, y) => x + y, 0),
  },
  { id: "I02 do 1e6", setup: "a:0", q: "a:0;do[1000000;a+:1];a", answer: "1000000", python: "loop()", js: () => { let a = 0; for (let i = 0; i < 1e6; i++) a += 1; return a; } },
  { id: "I03 append 1e5", q: 'count {x,"x"}/[100000;""]', answer: "100000", python: "append()", js: () => { let s = ""; for (let i = 0; i < 1e5; i++) s += "x"; return s.length; } },
  { id: "I04 each 1e5", q: "last {1+x*x}each til 100000", answer: "9999800002", python: "each()", js: () => Array.from({ length: 1e5 }, (_, i) => 1 + i * i) },
  { id: "I05 dict 1e5", q: "m:()!();{m[x mod 1000]+:x}each til 100000;m 7", answer: "4950700", python: "dictionary()", js: () => { const m = new Map<number, number>(); for (let i = 0; i < 1e5; i++) m.set(i % 1000, (m.get(i % 1000) ?? 0) + i); return m.get(7); } },
]; // biome-ignore format: a table

const PYTHON = `
import time
def fib(n): return n if n<2 else fib(n-1)+fib(n-2)
def fold():
    a=0
    for y in range(1000000): a=(lambda x,y:x+y)(a,y)
    return a
def loop():
    a=0
    for _ in range(1000000): a+=1
    return a
def append():
    s=""
    for _ in range(100000): s=s+"x"
    return len(s)
def each(): return [1+x*x for x in range(100000)]
def dictionary():
    m={}
    for x in range(100000): m[x%1000]=m.get(x%1000,0)+x
    return m[7]
for text in TEXTS:
    best=1e9
    for _ in range(5):
        t=time.perf_counter(); eval(text); best=min(best,time.perf_counter()-t)
    print(best*1000)
`;

function best(run: () => unknown): number {
  run();
  run();
  let ms = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    run();
    ms = Math.min(ms, performance.now() - started);
  }
  return ms;
}

const python = spawnSync("python3", ["-c", PYTHON.replace("TEXTS", JSON.stringify(rows.map((r) => r.python)))], {
  encoding: "utf8",
});
const cpython = python.status === 0 ? python.stdout.trim().split("\n").map(Number) : [];
const session = createSession(testingHost());
console.log("milliseconds, best of 5        perq   CPython   plain JS");
rows.forEach((row, i) => {
  if (row.setup !== undefined) session.execute(row.setup);
  const answer = format1(session, session.execute(row.q));
  if (answer !== row.answer) throw new Error(`${row.id}: ${answer}, not ${row.answer}`);
  const ms = best(() => session.execute(row.q));
  const shown = (v: number | undefined): string => (v === undefined ? "–" : v.toFixed(1)).padStart(10);
  console.log(`${row.id.padEnd(24)}${shown(ms)}${shown(cpython[i])}${shown(best(row.js))}`);
});
