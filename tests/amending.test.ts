// Random amends, appends and upserts of a variable that alone holds its value (amended where it stands) and of one whose
// value another variable holds too (copied): the same comes out, the other variable sees nothing, and an error changes
// nothing. `bun test tests/amending.test.ts` runs a few seeds; PERQ_SEED runs one, which is what a failure prints.

import { expect, test } from "bun:test";
import { TestConsole } from "./console.ts";

const values = [
  "til 6", "(1 2 3;4 5;`a`b)", "`a`b`c!(1 2;3 4;5)", "`a`b`c!1 2 3", "([]a:1 2 3;b:`x`y`z)", "([k:`a`b`c]v:1 2 3;w:1.5 2.5 3.5)",
  '(1;`a;"x";2.5)', '"hello"', "((1 2;3 4);(5 6;7 8))", "`s#1 2 3", "`u#`a`b`c", "`g#`a`b`a", "()", "()!()", "([]a:();b:())",
  "`a`b!(`c`d!1 2;`c`d!3 4)", "1 2!(`x;1 2)",
]; // biome-ignore format: a table
const indices = [
  "0",
  "1",
  "2",
  "0 1",
  "1 1",
  "`a",
  "`b",
  "`a`b",
  "`z",
  "7",
  "(0;1)",
  "`k",
  "`v",
  "::",
  "0N",
  "(`a;`b)",
];
const operands = [
  "5", "9 8", "`q", "`q`r", "1.5", '"z"', "(1;`a)", "()", "1b", "`a`b!7 8", "([]a:5 6;b:`u`v)", "(7;`n)", "enlist 3 4",
  "([k:`a`z]v:10 20;w:1 2f)", "`v`w!(4;4.5)", '"ab"',
]; // biome-ignore format: a table

function run(seed: number): string[] {
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
  const one = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const statement = (): ((name: string) => string) => {
    const y = one(operands);
    const kind = below(5);
    if (kind === 0) {
      const [i, f] = [one(indices), one(["+", ",", ":", "{x}", "{y}", "*"])];
      return (name) => `@[\`${name};${i};${f};${y}]`;
    }
    if (kind === 1) return (name) => `\`${name} upsert ${y}`;
    const depth = below(3);
    if (depth === 0)
      return (
        (op) => (name: string) =>
          `${name}${op}${y}`
      )(one([",:", ",:", "_:", "+:"]));
    const path = Array.from({ length: depth }, () => one(indices)).join(";");
    return (
      (op) => (name: string) =>
        `${name}[${path}]${op}${y}`
    )(one([":", ":", "+:", ",:", "-:", "|:"]));
  };
  const console = new TestConsole();
  const show = (name: string): string => console.type(`-3!${name}`).join("\n");
  const wrong: string[] = [];
  for (let round = 0; round < 60; round++) {
    const start = one(values);
    for (const name of ["x", "y"]) console.type(`${name}:${start}`);
    for (let step = 0; step < 8 && wrong.length === 0; step++) {
      const amend = statement();
      const before = show("x");
      const alone = console.type(amend("x")).join("\n");
      console.type("z:y");
      const other = console.type(amend("y")).join("\n");
      const said = `${start} … ${before} | ${amend("x")}`;
      if (show("x") !== show("y")) wrong.push(`${said}: ${show("x")} where it stands, ${show("y")} on a copy`);
      if (alone.startsWith("'") !== other.startsWith("'"))
        wrong.push(`${said}: ${alone} where it stands, ${other} on a copy`);
      if (show("z") !== before) wrong.push(`${said}: the other variable became ${show("z")}`);
      if (alone.startsWith("'") && show("x") !== before) wrong.push(`${said}: ${alone}, and yet ${show("x")}`);
      console.type("z:0");
    }
  }
  return wrong;
}

const given = process.env["PERQ_SEED"];
for (const seed of given === undefined ? [1, 2, 3] : [Number(given)]) {
  test(`amending where it stands is amending a copy (PERQ_SEED=${seed})`, () => {
    expect(run(seed)).toEqual([]);
  }, 60_000);
}
