// What docs/decisions/memory.md promises: bounded memory, exact ownership, 'wsfull that leaves the session alive.

import { expect, setDefaultTimeout, test } from "bun:test";
import { setLimit, usage } from "#values/storage.ts";
import { TestConsole } from "./console.ts";

// A million iterations take a second or two on a quiet machine; nothing here waits for time.
setDefaultTimeout(120_000);

/** Bytes in use after the statements, and the most that were in use while they ran. */
function measure(
  console: TestConsole,
  text: string,
): { before: number; after: number; peak: number; printed: string[] } {
  const before = usage().used;
  console.session.execute(".Q.gc[]");
  const mega = 2 ** 20;
  setLimit(before + 600 * mega);
  try {
    console.patienceMs = 110_000;
    const printed = console.type(text);
    return { before, after: usage().used, peak: usage().peak, printed };
  } finally {
    setLimit(0);
  }
}
const KB = 1024;

test("a loop that makes a list each time runs in bounded memory", () => {
  const console = new TestConsole();
  const { before, after, printed } = measure(console, "do[1000000;til 1000]");
  expect(printed).toEqual([]);
  expect(after - before).toBeLessThan(64 * KB);
});

test("a long each over allocating lambdas keeps only its results", () => {
  const console = new TestConsole();
  const { before, after, printed } = measure(console, "sum{sum til 1000}each til 1000000");
  expect(printed).toEqual(["499500000000"]);
  expect(after - before).toBeLessThan(64 * KB);
});

test("an each whose results do not fit signals wsfull and gives everything back", () => {
  const console = new TestConsole();
  const { before, after, printed } = measure(console, "{til 1000}each til 1000000");
  expect(printed).toEqual(["'wsfull"]);
  expect(after - before).toBeLessThan(64 * KB);
  expect(console.type("1+1")).toEqual(["2"]);
});

test("trapped errors in a loop leave nothing behind", () => {
  const console = new TestConsole();
  console.type("f:{a:til 1000;b:a,a;b+`x}");
  const { before, after, printed } = measure(console, "do[1000000;@[f;0;{x}]]");
  expect(printed).toEqual([]);
  expect(after - before).toBeLessThan(64 * KB);
});

test("appending a row a million times is amortised and exact", () => {
  const console = new TestConsole();
  console.type("t:([]a:`long$();b:`float$())");
  const { printed } = measure(console, "do[1000000;t,:(1;2f)]");
  expect(printed).toEqual([]);
  expect(console.type("count t")).toEqual(["1000000"]);
  expect(console.type("sum t`b")).toEqual(["2000000f"]);
});

test("a variable that alone holds its list is amended in place, a shared one is copied", () => {
  const console = new TestConsole();
  for (const line of ["v:til 1000000", "w:v", "v[3]:-1"]) console.type(line);
  expect(console.type("w 3")).toEqual(["3"]);
  expect(console.type("v 3")).toEqual(["-1"]);
  const before = usage().used;
  console.type("do[100;v[7]:9]");
  expect(usage().used - before).toBeLessThan(64 * KB);
});

test("what an expression holds does not change under it", () => {
  const console = new TestConsole();
  for (const line of ["v:1 2 3", "f:{v[0]:100;0}", "g:{x[0]:7;x}"]) console.type(line);
  expect(console.type("(f[])+v")).toEqual(["1 2 3"]);
  expect(console.type("v")).toEqual(["100 2 3"]);
  expect(console.type("(g v;v)")).toEqual(["7   2 3", "100 2 3"]);
  expect(console.type("{a:1 2 3;b:a;a[0]:9;(a;b)}[]")).toEqual(["9 2 3", "1 2 3"]);
  expect(console.type("{a:1 2 3;(a[0]:5),a}[]")).toEqual(["5 1 2 3"]);
  expect(console.type("{v[1]:50;x}v")).toEqual(["100 2 3"]);
});

test("an accumulator that grows in place is nobody else's", () => {
  const console = new TestConsole();
  console.type('v:"ab"');
  expect(console.type('{x,"c"}/[3;v]')).toEqual(['"abccc"']);
  expect(console.type("v")).toEqual(['"ab"']);
  expect(console.type('{x,y}/[v;"cd"]')).toEqual(['"abcd"']);
  expect(console.type("v")).toEqual(['"ab"']);
  expect(console.type("{w::x;x,1}/[3;1 2]")).toEqual(["1 2 1 1 1"]);
  expect(console.type("w")).toEqual(["1 2 1 1"]);
  expect(console.type("{x,1}\\[2;1 2]")).toEqual(["1 2", "1 2 1", "1 2 1 1"]);
  expect(console.type("{$[x>2;'stop;x,1]}/[5;1 2]")[0]).toBe("'type");
});

test("an error inside nested calls frees their locals", () => {
  const console = new TestConsole();
  for (const line of ["h:{a:til 100000;k a}", "k:{b:x,x;'oops}"]) console.type(line);
  console.type("h 0");
  const before = usage().used;
  for (let i = 0; i < 50; i++) expect(console.type("h 0")).toEqual(["'oops"]);
  expect(usage().used - before).toBeLessThan(64 * KB);
});

test("recursion without end signals stack and the session lives on", () => {
  const console = new TestConsole();
  expect(console.type("{.z.s x}1")).toEqual(["'stack"]);
  expect(console.type("1+1")).toEqual(["2"]);
});
