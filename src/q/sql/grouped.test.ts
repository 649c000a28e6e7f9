// An expression under by means the same whether it is lifted over all groups at once or applied to each of them: a lambda
// of the columns is never lifted, so random expressions are compared with their own lambda.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { createSession } from "#eval/session.ts";
import { formatConsole } from "#format/console.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { testingHost } from "../../../tests/testing-host.ts";

const session = createSession(testingHost());
session.execute("\\c 2000 2000");
session.execute(
  "t:([]k:300#3 1 2 1 1 3 0N;s:300#`b`a`c`a;a:300#4 0N 7 -2 5 5 1;b:300#1.5 -2.5 0n 8 0.25;n:300#2 3 0N 5i;f:300#10110b)",
);
session.execute("u:`k xasc t");
session.execute("v:update `g#k,`g#s from t");

function shown(text: string): string {
  const from = mark();
  try {
    return formatConsole(session, session.execute(text)).join("\n");
  } catch (e) {
    if (e instanceof QSignal) return `'${e.text}`;
    throw e;
  } finally {
    sweep(from);
  }
}

const columns = fc.constantFrom("a", "b", "n", "f");
const constants = fc.constantFrom("2", "0.5", "0N", "-3", "1b");
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: "q" },
    columns,
    constants,
    fc
      .tuple(fc.constantFrom("sum", "max", "min", "avg", "first", "last", "count", "dev", "med"), tie("expression"))
      .map(([f, x]) => `(${f} ${x})`),
    fc
      .tuple(
        fc.constantFrom("neg", "abs", "not", "null", "sums", "deltas", "prev", "reverse", "signum"),
        tie("expression"),
      )
      .map(([f, x]) => `(${f} ${x})`),
    fc
      .tuple(tie("expression"), fc.constantFrom("+", "-", "*", "%", "&", "|", "=", "<", ">"), tie("expression"))
      .map(([x, f, y]) => `(${x}${f}${y})`),
    // Of plain columns: 0 times an infinity is left out by one kernel and not by the other.
    fc.tuple(columns, fc.constantFrom("wavg", "wsum"), columns).map(([x, f, y]) => `(${x} ${f} ${y})`),
    fc.tuple(fc.constantFrom("2", "3"), tie("expression")).map(([n, x]) => `(${n} xbar ${x})`),
    tie("expression").map((x) => `(${x} within -1 5)`),
    fc.tuple(tie("expression")).map(([x]) => `("f"$${x})`),
  ),
}));

const asLambda = (e: string): string => `{[a;b;n;f] ${e}}[a;b;n;f]`;

test("select by: lifted or group by group, the answer is one", () => {
  fc.assert(
    fc.property(expression, fc.constantFrom("t", "u", "v"), fc.constantFrom("k", "s", "k,s"), (e, table, key) => {
      expect(shown(`select r:${e} by ${key} from ${table}`)).toBe(
        shown(`select r:${asLambda(e)} by ${key} from ${table}`),
      );
    }),
    { numRuns: 250 },
  );
});

test("update by: lifted or group by group, the answer is one", () => {
  fc.assert(
    fc.property(expression, fc.constantFrom("t", "u", "v"), fc.constantFrom("k", "s"), (e, table, key) => {
      expect(shown(`update r:${e} by ${key} from ${table}`)).toBe(
        shown(`update r:${asLambda(e)} by ${key} from ${table}`),
      );
    }),
    { numRuns: 150 },
  );
});
