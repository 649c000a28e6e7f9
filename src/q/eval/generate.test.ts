// Generated source and closures mean the same: every lambda here is applied both ways to every kind of value.

import { expect, test } from "bun:test";
import { formatConsole } from "#format/console.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { usage } from "#values/storage.ts";
import type { Lambda, Value } from "#values/values.ts";
import { itemsOf } from "#values/vectors.ts";
import { testingHost } from "../../../tests/testing-host.ts";
import { compiledOf } from "./apply.ts";
import { generate } from "./generate.ts";
import { createSession } from "./session.ts";

const lambdas = [
  "{$[x<2;x;.z.s[x-1]+.z.s x-2]}", "{x+y}", "{1+x*x}", "{if[x>5;:x*2];y:x+1.5;y*2f}", "{s:0;i:0;while[i<3;s+:x;i+:1];s}",
  "{do[3;x:x*x];x}", "{a:x;a-:y;b:a%2;b|a}", "{g[x;y]-x}", "{x:x,1;x}", "{y xexp x}", "{x mod y}", "{$[x=y;x<>y;x>=y]}", "{x-0-x}",
  "{if[x<0;'neg];x}", "{v+x}", "{x*9007199254740993}", "{z:x;z+:y;z}", "{x*-1}", "{x&y}",
]; // biome-ignore format: a list
const values =
  '(0;1;-3;7;0N;0W;9007199254740991;1.5;-0.0;0n;1b;2i;`a;"c";1 2 3;1.5 2;();2024.01.01;0D01;(1;2 3);`a`b!1 2)';

test("a generated lambda answers, signals and frees as its closures do", () => {
  const session = createSession(testingHost());
  session.execute("g:{x+2*y};v:10 20 30");
  const pool = session.execute(values);
  session.assign("pool", pool);
  let generated = 0;
  const outcome = (f: () => Value): string => {
    const from = mark();
    try {
      const value = f();
      return formatConsole(session, value).join("\n");
    } catch (error) {
      if (!(error instanceof QSignal)) throw error;
      return `'${error.text} at ${error.trace.map((t) => t.position).join(" ")}`;
    } finally {
      sweep(from);
    }
  };
  for (const source of lambdas) {
    session.assign("f", session.execute(source));
    const f = session.read("f") as Lambda;
    const compiled = compiledOf(session, f);
    const direct = generate(session, f, compiled.names);
    if (direct === undefined) continue;
    generated++;
    for (const x of itemsOf(pool)) {
      for (const y of compiled.rank === 2 ? itemsOf(pool) : [pool]) {
        const args = [x, y].slice(0, compiled.rank);
        if (source.includes(".z.s") && x.kind === "atom" && x.value !== 7 && x.value !== 1) continue;
        compiled.direct = undefined;
        compiled.calls = 0;
        const wanted = outcome(() => session.apply(f, args));
        // What a kernel keeps for itself it has by now.
        const before = usage().used;
        compiled.direct = direct;
        const got = outcome(() => session.apply(f, args));
        expect(`${source} ${got}`).toBe(`${source} ${wanted}`);
        expect(usage().used).toBe(before);
      }
    }
  }
  expect(generated).toBe(lambdas.length - 2);
});
