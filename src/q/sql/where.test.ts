// A where phrase chooses the same rows whatever attributes the columns have and however the constraints are tried.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { createSession } from "#eval/session.ts";
import { formatConsole } from "#format/console.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { testingHost } from "../../../tests/testing-host.ts";

const session = createSession(testingHost());
session.execute("\\c 2000 2000");
session.execute("dom:`d`b`a`c`e");
// Parted by sym, time sorted within; the plain table has the same rows without attributes.
session.execute(
  "plain:([]sym:`dom$raze 40 7 1 52#'`b`d`a`c;tag:100#`x`y`z`x`;n:100#5 0N 2 9 -1 7 7;time:0D09:00+0D00:00:10*til[100]div 3;" +
    "p:100#1.5 0n -2 8 3 3;id:til 100)",
);
session.execute("attributed:update `p#sym,`g#tag,`g#n,`s#time,`u#id from plain");
session.execute("byN:update `s#n from `n xasc plain");
session.execute("byNplain:update `#n from byN");
session.execute('strings:([]s:("ab";"cc";"";"ab");k:1 2 3 4)');

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

const symbols = fc.constantFrom("`a", "`b", "`c", "`d", "`e", "`zz", "`");
const numbers = fc.constantFrom("7", "0N", "2", "100", "-1", "3i", "5h");
const times = fc.constantFrom("0D09:00", "0D09:02:30", "0D09:05:00", "0Nn", "0D12:00");
const comparison = fc.constantFrom("=", "<", ">", "<=", ">=", "<>");
const constraint = fc.oneof(
  fc.tuple(fc.constantFrom("sym", "tag"), fc.constantFrom("=", "<>"), symbols).map(([c, f, x]) => `${c}${f}${x}`),
  fc.tuple(symbols, fc.constantFrom("sym", "tag")).map(([x, c]) => `${x}=${c}`),
  fc
    .tuple(fc.constantFrom("sym", "tag"), fc.array(symbols, { minLength: 2, maxLength: 4 }))
    .map(([c, x]) => `${c} in ${x.join("")}`),
  fc.tuple(fc.constantFrom("n", "id", "p"), comparison, numbers).map(([c, f, x]) => `${c}${f}${x}`),
  fc.tuple(numbers, comparison, fc.constantFrom("n", "id")).map(([x, f, c]) => `${x}${f}${c}`),
  fc.constantFrom(
    "n in 7 2",
    "n in 2 0N 2",
    "id in 3 99 500",
    "id within 10 20",
    "n within 2 7",
    "p>1,id<80",
    "i<30",
    "not n=7",
  ),
  fc.tuple(comparison, times).map(([f, x]) => `time${f}${x}`),
  fc.tuple(times, times).map(([x, y]) => `time within ${x} ${y.slice(0)}`),
  fc.constantFrom("n=(max;n)fby sym", "p>avg p", "time=last time", "1b", "0b", "id=first id", "sym=tag", "n=id"),
);

test("attributes and the way of trying change no row", () => {
  fc.assert(
    fc.property(fc.array(constraint, { minLength: 1, maxLength: 4 }), (constraints) => {
      const where = constraints.join(",");
      const expected = shown(`select from plain where ${where}`);
      expect(shown(`select from attributed where ${where}`)).toBe(expected);
      // Each constraint by itself, on what the last one left.
      const nested = constraints.filter((c) => !c.includes("i<")).length === constraints.length;
      if (nested) {
        let inner = "plain";
        for (const c of constraints) inner = `(select from ${inner} where ${c})`;
        expect(shown(`select from ${inner}`)).toBe(expected);
      }
      expect(shown(`count select from attributed where ${where}`)).toBe(
        shown(`exec count i from plain where ${where}`),
      );
      expect(shown(`(count plain)-count delete from plain where ${where}`)).toBe(
        shown(`exec count i from plain where ${where}`),
      );
    }),
    { numRuns: 200 },
  );
});

test("row numbers are what the virtual column i would be", () => {
  const byNumber = fc.oneof(
    fc.tuple(comparison, fc.constantFrom("0", "5", "99", "-1", "100", "200", "3i", "0N")).map(([f, x]) => `i${f}${x}`),
    fc.tuple(fc.constantFrom("0", "42"), comparison).map(([x, f]) => `${x}${f}i`),
    fc.constantFrom(
      "i within 3 7",
      "i within 9 2",
      "i within -5 2",
      "i in 5 5 2",
      "i in 0N 3",
      "i in 1000",
      "i=3 4",
      "i=last i",
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(byNumber, constraint), { minLength: 1, maxLength: 3 }), (constraints) => {
      const where = constraints.join(",");
      const named = constraints.map((c) => c.replace(/\bi\b(?!d)/g, "row")).join(",");
      for (const table of ["plain", "attributed"]) {
        const expected = shown(`delete row from select from (update row:i from ${table}) where ${named}`);
        expect(shown(`select from ${table} where ${where}`)).toBe(expected);
      }
    }),
    { numRuns: 150 },
  );
});

test("a sorted column is searched, with the rows a scan would find", () => {
  fc.assert(
    fc.property(comparison, numbers, fc.boolean(), (f, x, mirrored) => {
      const constraint = mirrored ? `${x}${f}n` : `n${f}${x}`;
      expect(shown(`select from byN where ${constraint}`)).toBe(shown(`select from byNplain where ${constraint}`));
      expect(shown(`select from byN where i>20,${constraint}`)).toBe(
        shown(`select from byNplain where i>20,${constraint}`),
      );
    }),
    { numRuns: 60 },
  );
});

test("columns of strings are chosen and grouped like others", () => {
  expect(shown('exec k from strings where s like "ab"')).toBe("1 4");
  expect(shown("select k by s from strings")).toBe('s   | k  \n----| ---\n""  | ,3 \n"ab"| 1 4\n"cc"| ,2 ');
  expect(shown("update n:count i by s from strings where k<4")).toBe(
    's    k n\n--------\n"ab" 1 1\n"cc" 2 1\n""   3 1\n"ab" 4  ',
  );
});
