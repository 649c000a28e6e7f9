// A partitioned database under q: the derived figures of ../shared/data/expected.json by qSQL and aj, and what .Q knows
// of a database that is loaded.

import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { openDatabase } from "#db/database.ts";
import { createSession, type QSession } from "#eval/session.ts";
import { format1 } from "#format/format.ts";
import { adopt } from "#namespaces/q-partitions.ts";
import type { Value } from "#values/values.ts";
import { itemsOf, longs, symbols, table, vectorOf } from "#values/vectors.ts";
import { testingHost } from "./testing-host.ts";

const data = `${import.meta.dir}/../../shared/data`;
const there = existsSync(`${data}/expected.json`);
if (!there) console.warn("SKIPPED: ../shared/data is not there, no query ran over kdb+'s files");
const derived = there ? JSON.parse(readFileSync(`${data}/expected.json`, "utf8")).derived : {};

const made = mkdtempSync(`${tmpdir()}/perq-q-db-`);
afterAll(() => rmSync(made, { recursive: true, force: true }));

interface Loaded {
  readonly session: QSession;
  load(directory: string): void;
  set(path: string, value: Value): void;
  /** What the console prints for an expression, on one line. */
  shown(text: string): string;
  floats(text: string): number[];
}

function newSession(): Loaded {
  const host = testingHost();
  const database = openDatabase({
    vocabulary: {
      unary: (code) => session.wire.unary(code),
      binary: (code) => session.wire.binary(code),
      iterator: (code) => session.wire.iterator(code),
      project: (f, given) => session.wire.project(f, given),
    },
    variable: (name) => session.read(name),
    join: (old, more) => session.apply2(session.primitive(","), old, more),
  });
  const session: QSession = createSession({ ...host, database });
  return {
    session,
    load: (directory) => adopt(session, database.load(directory)),
    set: (path, value) => database.set(`${made}/${path}`, value),
    shown: (text) => format1(session, session.execute(text)),
    floats: (text) => itemsOf(session.execute(text)).map((v) => Number((v as { value: number }).value)),
  };
}
const near = (a: number, b: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));

describe.skipIf(!there)("queries over kdb+'s own files", () => {
  for (const day of ["2015.01.07", "2015.01.08"]) {
    test(`trades of ${day} by symbol`, () => {
      const q = newSession();
      q.load(`${data}/taq/hdb`);
      const figures = derived[`taq/hdb/${day}/trade by_sym`];
      q.session.execute(
        `r:select n:count i,s:sum size,lo:min price,hi:max price,vwap:size wavg price,f:first time,l:last time by sym from trade where date=${day}`,
      );
      const names = Object.keys(figures).sort();
      expect(q.shown("value exec sym from r")).toBe(`${names.map((name) => `\`${name}`).join("")}`);
      const column = (name: string): string[] =>
        q
          .shown(`string exec ${name} from 0!r`)
          .match(/"[^"]*"/g)!
          .map((text) => text.slice(1, -1));
      q.session.settings.precision = 17;
      const raw = (name: string): string[] =>
        q
          .shown(`string \`long$exec ${name} from 0!r`)
          .match(/"[^"]*"/g)!
          .map((text) => text.slice(1, -1));
      names.forEach((name, i) => {
        const f = figures[name];
        expect([column("n")[i], column("s")[i], raw("f")[i], raw("l")[i]]).toEqual([
          String(f.count),
          f.sum_size,
          f.first_time,
          f.last_time,
        ]);
        near(Number(column("lo")[i]), f.min_price);
        near(Number(column("hi")[i]), f.max_price);
        near(Number(column("vwap")[i]), f.vwap);
      });
    }, 30_000);
  }

  test("all trades are counted", () => {
    const q = newSession();
    q.load(`${data}/taq/hdb`);
    expect(q.shown("exec first x from select count i from trade")).toBe(String(derived["taq/hdb trade total"].count));
  });

  test("trades of 2015.01.07 as of their quotes", () => {
    const q = newSession();
    q.load(`${data}/taq/hdb`);
    q.session.execute("t:select from trade where date=2015.01.07");
    q.load(`${data}/taq/quotehdb`);
    q.session.execute("a:aj[`sym`time;t;select from quote where date=2015.01.07]");
    const figures = derived["aj 2015.01.07"];
    const [rows, nulls, bid, ask] = q.floats('"f"$(count a;sum null a`bid;sum a`bid;sum a`ask)');
    expect([rows, nulls]).toEqual([figures.rows, figures.null_bid]);
    near(bid!, figures.sum_bid);
    near(ask!, figures.sum_ask);
  }, 30_000);
});

describe("what .Q knows of a loaded database", () => {
  const rows = (n: number): Value =>
    table(["sym", "n"], [vectorOf(20, new Array(n).fill(0), "sym"), longs(Array.from({ length: n }, (_, i) => i))]);
  test("counts by partition, rows by number, and views", () => {
    const q = newSession();
    q.set("db/sym", symbols(["a"]));
    for (let day = 1; day <= 3; day++) q.set(`db/2020.01.0${day}/t/`, rows(day * 10));
    q.set("db/2020.01.03/u/", rows(1));
    q.load(`${made}/db`);
    expect(q.shown(".Q.pt")).toBe("`t`u");
    expect(q.shown(".Q.pf")).toBe("`date");
    expect(q.shown(".Q.cn t")).toBe("10 20 30");
    expect(q.shown(".Q.pn`t")).toBe("10 20 30");
    expect(q.shown("exec n from .Q.ind[t;35 0 12]")).toBe("5 0 2");
    expect(q.shown("exec date from .Q.ind[t;35 0 12]")).toBe("2020.01.03 2020.01.01 2020.01.02");
    q.session.execute(".Q.view 2020.01.02");
    expect(q.shown("(count t;date;.Q.pv)")).toBe("(20;,2020.01.02;,2020.01.02)");
    q.session.execute(".Q.view[]");
    expect(q.shown("count t")).toBe("60");
    expect(() => q.session.execute(".Q.view 2030.01.01")).toThrow("invalid partition filter");
    expect(() => q.session.execute("count u")).toThrow("./2020.01.01/u/sym. OS reports: No such file or directory");
    q.session.execute(".Q.bv[]");
    expect(q.shown("count u")).toBe("1");
    expect(q.shown("key .Q.vp")).toBe(",`u");
  });
});
