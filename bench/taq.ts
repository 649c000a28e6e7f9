// qSQL on the TAQ data set (T), vector primitives on its columns (V) and a bit of the interpreter (I), row by row of the
// yardstick, beside DuckDB in the same process: interleaved, one thread, best of five, results checked against each other
// before their time counts. DuckDB stores its result or folds every column of it, whichever is faster. What is compared
// is the ratio.
//
//   bun bench/taq.ts [--large] [--no-duckdb] [--keep=directory] [rows to run: T01 T03 …]

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { openDatabase } from "#db/database.ts";
import { createSession } from "#eval/session.ts";
import { stubVocabulary } from "#ipc/stub.testing.ts";
import { mark, own, retain, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { setLimit, usage } from "#values/storage.ts";
import type { Atom, Value } from "#values/values.ts";
import { testingHost } from "../tests/testing-host.ts";
import { type Day, days, Stream, symbolTexts, writeDatabase } from "./taq-data.ts";

interface Row {
  readonly id: string;
  readonly q: string;
  /** A number that the result `r` must come to. */
  readonly check: string;
  readonly sql?: string;
  readonly sqlCheck?: string;
  /** What the check comes to at the large size. */
  readonly expected?: number;
  /** Milliseconds, or times DuckDB's, that bench.md §5 asks for at the large size. */
  readonly target: string;
  readonly setup?: string;
}

const D = "2024.06.04";
const day = "date=8921";
const rows: Row[] = [
  {
    id: "T01",
    q: "select vwap:size wavg price by sym from trade",
    check: "exec sum vwap from r",
    sql: "select sym, sum(price*size)/sum(size) vwap from trade group by sym",
    sqlCheck: "select sum(vwap) from r",
    expected: 128052.58131962,
    target: "25 ms, 0.2x",
  },
  {
    id: "T02",
    q: `select o:first price,h:max price,l:min price,c:last price,v:sum size by sym,5 xbar time.minute from trade where date=${D}`,
    check: "exec sum c from r",
    sql: `select sym, time//300000000000 m, arg_min(price,time) o, max(price) h, min(price) l, arg_max(price,time) c, sum(size) v from trade where ${day} group by sym, time//300000000000`,
    sqlCheck: "select sum(c) from r",
    expected: 9987207.78,
    target: "0.5x",
  },
  {
    id: "T03",
    q: `select from trade where date=${D},sym=\`ABY`,
    check: "exec sum price from r",
    sql: `select * from trade where ${day} and sym='ABY'`,
    sqlCheck: "select sum(price) from r",
    expected: 289935.5,
    target: "0.3 ms",
  },
  {
    id: "T04",
    q: `select last bid,last ask by sym from quote where date=${D}`,
    check: "exec sum bid from r",
    sql: `select sym, arg_max(bid,time) bid, arg_max(ask,time) ask from quote where ${day} group by sym`,
    sqlCheck: "select sum(bid) from r",
    expected: 128038.07,
    target: "0.3 ms",
  },
  {
    id: "T05",
    q: "select count i by date,sym from trade",
    check: "exec sum x from r",
    sql: "select date, sym, count(*) x from trade group by date, sym",
    sqlCheck: "select sum(x) from r",
    expected: 10000000,
    target: "0.3 ms",
  },
  {
    id: "T06",
    q: `select from trade where date=${D},price=(max;price)fby sym`,
    check: "exec sum price from r",
    sql: `select t.* from trade t join (select sym, max(price) m from trade where ${day} group by sym) x on t.sym=x.sym and t.price=x.m where ${day}`,
    sqlCheck: "select sum(price) from r",
    expected: 2083934.14,
    target: "0.5x",
  },
  {
    id: "T07",
    q: `exec distinct sym from select sym from trade where date=${D}`,
    check: "count r",
    sql: `select distinct sym from trade where ${day}`,
    sqlCheck: "select count(*) from r",
    expected: 500,
    target: "0.3 ms",
  },
  {
    id: "T08",
    q: `update m:20 mavg price by sym from select from trade where date=${D}`,
    check: "exec sum m from r",
    sql: `select *, avg(price) over (partition by sym order by time rows 19 preceding) m from trade where ${day}`,
    sqlCheck: "select sum(m) from r",
    expected: 419093073.5967,
    target: "0.5x",
  },
  {
    id: "T09",
    q: `select[10;>price] from select from trade where date=${D}`,
    check: "exec sum price from r",
    sql: `select * from trade where ${day} order by price desc limit 10`,
    sqlCheck: "select sum(price) from r",
    expected: 5008.07,
    target: "0.5x",
  },
  {
    id: "T10",
    q: `aj[\`sym\`time;select from trade where date=${D};select sym,time,bid,ask from quote where date=${D}]`,
    check: "exec sum bid from r",
    sql: `select t.*, q.bid, q.ask from (select * from trade where ${day}) t asof left join (select sym, time, bid, ask from quote where ${day}) q on t.sym=q.sym and t.time>=q.time`,
    sqlCheck: "select sum(bid) from r",
    expected: 418966149.12,
    target: "40 ms, 0.15x",
  },
  {
    id: "T11",
    q: "wj1[-0D00:00:01 0D00:00:00+\\:wt`time;`sym`time;wt;(wq;(max;`bid);(min;`ask))]",
    check: "sum r[`bid] where r[`bid]>-0w",
    expected: 234289200.6,
    target: "200 ms",
    setup: `wt:select from trade where date=${D};wq:select sym,time,bid,ask from quote where date=${D}`,
  },
  {
    id: "T12",
    q: "(select from trade)lj ref",
    check: "exec sum lot from r",
    sql: "select t.*, ref.lot, ref.tick from trade t left join ref on t.sym=ref.sym",
    sqlCheck: "select sum(lot) from r",
    expected: 34258187,
    target: "60 ms",
    setup: "ref:([sym:sym]lot:1+(til count sym)mod 7;tick:0.01*1+(til count sym)mod 3)",
  },
  {
    id: "T13",
    q: "select count i from trade where size>1500,price<50",
    check: "exec sum x from r",
    sql: "select count(*) x from trade where size>1500 and price<50",
    sqlCheck: "select sum(x) from r",
    expected: 485414,
    target: "1x",
  },
  {
    id: "T14",
    q: `select from quote where date=${D},time within 0D10:00:00 0D10:00:10`,
    check: "exec sum bid from r",
    sql: `select * from quote where ${day} and time between 36000000000000 and 36010000000000`,
    sqlCheck: "select sum(bid) from r",
    expected: 357604.69,
    target: "2 ms",
  },
  {
    id: "T15",
    q: `select from trade where date=${D},sym=\`ABY,time within 0D10:00 0D10:01`,
    check: "count r",
    sql: `select * from trade where ${day} and sym='ABY' and time between 36000000000000 and 36060000000000`,
    sqlCheck: "select count(*) from r",
    expected: 14,
    target: "0.1 ms",
  },
  {
    id: "T16",
    q: `update mid:.5*bid+ask from select from quote where date=${D}`,
    check: "exec sum mid from r",
    sql: `select *, .5*(bid+ask) mid from quote where ${day}`,
    sqlCheck: "select sum(mid) from r",
    expected: 837247589.07,
    target: "0.5x",
  },
  {
    id: "T18a",
    q: "select last bid,last ask by sym from rquote",
    check: "exec sum bid from r",
    sql: `select sym, arg_max(bid,time) bid, arg_max(ask,time) ask from quote where ${day} group by sym`,
    sqlCheck: "select sum(bid) from r",
    target: "0.3 ms",
    setup: `rquote:update \`g#sym from \`time xasc select from quote where date=${D};rtrade:update \`g#sym from \`time xasc select from trade where date=${D}`,
  },
  {
    id: "T18b",
    q: "select from rtrade where sym=`ABY,time within 0D10:00 0D10:01",
    check: "count r",
    sql: `select * from trade where ${day} and sym='ABY' and time between 36000000000000 and 36060000000000`,
    sqlCheck: "select count(*) from r",
    expected: 14,
    target: "0.1 ms",
  },
  {
    id: "T18c",
    q: "aj[`sym`time;rtrade;select sym,time,bid,ask from rquote]",
    check: "exec sum bid from r",
    expected: 418966149.12,
    target: "40 ms, 0.15x",
  },
  {
    id: "V02",
    q: "sum z",
    check: "r",
    sql: "select sum(z) v from vec",
    sqlCheck: "select v from r",
    expected: 10498313600,
    target: "1.35x",
  },
  {
    id: "V06",
    q: "x+z",
    check: "sum r",
    sql: "select x+z v from vec",
    sqlCheck: "select sum(v) from r",
    expected: 10735201988183392, // …393 as a double
    target: "1x",
  },
  {
    id: "V10",
    q: "p where b",
    check: "sum r",
    sql: "select p from vec where b",
    sqlCheck: "select sum(p) from r",
    expected: 1047994309.81,
    target: "0.6x",
  },
  {
    id: "V13",
    q: "group s",
    check: "sum(1+til count r)*asc sum each value r",
    sql: "select sym, list(i) l from vec group by sym",
    sqlCheck: "select sum(n*t) from (select t, row_number() over (order by t) n from (select list_sum(l) t from r))",
    target: "0.4x",
  },
  {
    id: "I01",
    q: "fib 25",
    check: "r",
    expected: 75025,
    target: "13 ms",
    setup: "fib:{$[x<2;x;.z.s[x-1]+.z.s x-2]}",
  },
];

const options = process.argv.slice(2);
const isLarge = options.includes("--large");
const wanted = options.filter((o) => !o.startsWith("--"));
const isWanted = (id: string): boolean => wanted.length === 0 || wanted.includes(id);
const kept = options.find((o) => o.startsWith("--keep="))?.slice(7);
const trades = isLarge ? 10_000_000 : 1_000_000;
const RUNS = 5;

setLimit(0);
const root = kept ?? mkdtempSync(`${tmpdir()}/perq-taq-`);
process.on("exit", () => {
  if (kept === undefined) rmSync(root, { recursive: true, force: true });
});

// ---- ours ----------------------------------------------------------------------------------------------------------
const database = openDatabase({
  vocabulary: stubVocabulary,
  variable: (name) => session.read(name),
  join: () => {
    throw new Error("nothing is appended to here");
  },
});
const session = createSession({ ...testingHost(), database });

// ---- DuckDB --------------------------------------------------------------------------------------------------------
const duck = options.includes("--no-duckdb") ? undefined : await openDuck();

interface Duck {
  run(sql: string): Promise<void>;
  number(sql: string): Promise<number>;
  load(table: string, day: Day): Promise<void>;
  vectors(x: Int32Array): Promise<void>;
}

async function openDuck(): Promise<Duck | undefined> {
  const module = await import("@duckdb/node-api").catch(() => undefined);
  if (module === undefined) return undefined;
  const instance = await module.DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const number = async (sql: string): Promise<number> => Number((await connection.runAndReadAll(sql)).getRows()[0]![0]);
  await connection.run(
    `create type sym as enum (${symbolTexts()
      .map((s) => `'${s}'`)
      .join(",")})`,
  );
  await connection.run("create table trade (date int, sym sym, time bigint, price double, size bigint, cond tinyint)");
  await connection.run(
    "create table quote (date int, sym sym, time bigint, bid double, ask double, bsize int, asize int)",
  );
  await connection.run(
    "create table ref as select (enum_range(null::sym))[j+1]::sym sym, 1+j%7 lot, 0.01*(1+j%3) tick from range(500) t(j)",
  );
  const { SMALLINT, INTEGER, DOUBLE } = module;
  type Column = Int32Array | Uint16Array | Float64Array | Uint8Array;
  const append = async (
    spec: string,
    types: (typeof SMALLINT | typeof INTEGER | typeof DOUBLE)[],
    columns: Column[],
  ) => {
    await connection.run(`create or replace temp table raw (${spec})`);
    const appender = await connection.createAppender("raw", "main", "temp");
    const count = columns[0]!.length;
    for (let from = 0; from < count; from += 2048) {
      const to = Math.min(count, from + 2048);
      const chunk = module.DuckDBDataChunk.create(types, to - from);
      chunk.setColumns(columns.map((column) => Array.from(column.subarray(from, to))));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  };
  const load = async (table: string, d: Day): Promise<void> => {
    const names = Object.keys(d.columns);
    const spec = `j smallint, time double, ${names.map((n) => `${n} double`).join(",")}`;
    const columns = [d.symbol, d.time, ...names.map((n) => d.columns[n]!)];
    await append(spec, [SMALLINT, DOUBLE, ...names.map(() => DOUBLE)], columns);
    const casts = names.map(
      (n) =>
        `${n}::${n === "price" || n === "bid" || n === "ask" ? "double" : n === "size" ? "bigint" : n === "cond" ? "tinyint" : "int"}`,
    );
    await connection.run(
      `insert into ${table} select ${d.date}, (enum_range(null::sym))[j+1]::sym, time::bigint, ${casts.join(",")} from raw`,
    );
  };
  // The columns of trade as they were inserted: in the order of the partitions.
  const vectors = async (x: Int32Array): Promise<void> => {
    await append("x int", [INTEGER], [x]);
    await connection.run(
      "create table vec as select i, p, z, x::bigint x, sym, z>1000 b from (select rowid i, price p, size z, sym from trade) positional join raw",
    );
  };
  return { run: async (sql) => void (await connection.run(sql)), number, load, vectors };
}

// ---- the data ------------------------------------------------------------------------------------------------------
const pending: [string, Day][] = [];
const started = performance.now();
if (!existsSync(`${root}/sym`)) {
  if (duck === undefined) writeDatabase(database, root, trades);
  else {
    writeDatabase(database, root, trades, (table, d) => pending.push([table, d]));
    for (const [table, d] of pending.splice(0)) await duck.load(table, d);
  }
} else if (duck !== undefined) {
  for (const kind of ["trade", "quote"] as const) {
    for (const d of days(kind, kind === "trade" ? trades : 2 * trades)) await duck.load(kind, d);
  }
}
for (const [name, value] of database.load(root).variables) session.assign(name, value);
if (rows.some((row) => row.id.startsWith("V") && isWanted(row.id))) {
  // Stream 16 by jumping ahead; DuckDB's comes step by step, so that the checks compare two ways to make it.
  session.execute("f:{(48271*x)mod 2147483647};seed:{x{(69621*x)mod 2147483647}/20240607}");
  session.execute(
    "stream:{[k;n]b:4095 f\\f seed k;a:4096 f/1;j:(-1+ceiling n%4096){[a;x](a*x)mod 2147483647}[a]\\1;n#raze(j*\\:b)mod 2147483647}",
  );
  session.execute("p:exec price from trade;z:exec size from trade;s:value exec sym from trade");
  session.execute("x:stream[16;count p];b:z>1000");
  await duck?.vectors(new Stream(16).take(trades));
}
console.log(`${trades} trades in ${root}, ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);

// ---- measuring -----------------------------------------------------------------------------------------------------
function number(text: string): number {
  return Number((session.execute(text) as Atom).value);
}

function ours(f: Value): number {
  const from = mark();
  const nil = session.execute("::");
  const start = Bun.nanoseconds();
  session.apply(f, [nil]);
  const time = (Bun.nanoseconds() - start) / 1e6;
  sweep(from);
  return time;
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

console.log("row       ours ms   DuckDB ms   ratio   target (large)   check");
for (const row of rows) {
  if (!isWanted(row.id)) continue;
  try {
    if (row.setup !== undefined) session.execute(row.setup);
    const f = session.execute(`{[] ${row.q}}`);
    retain(own(f as Value as never));
    const from = mark();
    session.execute(`r:${row.q}`);
    const check = number(row.check);
    session.execute("r:0");
    sweep(from);
    let mine = Number.POSITIVE_INFINITY;
    let theirs = Number.NaN;
    let verdict = "";
    if (duck !== undefined && row.sql !== undefined) {
      await duck.run(`create or replace temp table r as ${row.sql}`);
      const other = await duck.number(row.sqlCheck!);
      verdict = near(check, other) ? "equal" : `DIFFERENT ${other}`;
      theirs = Number.POSITIVE_INFINITY;
    }
    if (isLarge && row.expected !== undefined && !near(check, row.expected)) verdict += ` NOT ${row.expected}`;
    ours(f);
    for (let run = 0; run < RUNS; run++) {
      mine = Math.min(mine, ours(f));
      if (duck === undefined || row.sql === undefined) continue;
      for (const way of [`create or replace temp table r as ${row.sql}`, `select max(columns(*)) from (${row.sql})`]) {
        const start = Bun.nanoseconds();
        await duck.run(way);
        theirs = Math.min(theirs, (Bun.nanoseconds() - start) / 1e6);
      }
    }
    const shown = (v: number, digits: number): string => (Number.isNaN(v) ? "–" : v.toFixed(digits));
    console.log(
      `${row.id} ${mine.toFixed(3).padStart(12)} ${shown(theirs, 2).padStart(11)} ${shown(mine / theirs, 3).padStart(7)}   ${row.target.padEnd(14)}   ${check} ${verdict}`,
    );
  } catch (error) {
    if (!(error instanceof QSignal)) throw error;
    console.log(`${row.id} '${error.text}   (${error.why})`);
  }
}

// ---- ingestion (T17) -----------------------------------------------------------------------------------------------
if (isWanted("T17")) {
  session.execute('live:([]sym:`g#`$();time:0#0Nn;price:0#0n;size:0#0;cond:0#" ");upd:{[t;x]t insert x}');
  session.execute('row:(`ABY;0D10:00:00;1.5;100;"@");batch:100#\'row');
  const rate = (text: string, count: number): string => {
    const from = mark();
    const start = Bun.nanoseconds();
    session.execute(text);
    const perSecond = count / ((Bun.nanoseconds() - start) / 1e9);
    sweep(from);
    return `${(perSecond / 1e6).toFixed(2)}M rows/s`;
  };
  session.execute("do[1000;upd[`live;row]]");
  console.log(`T17 single rows ${rate("do[100000;upd[`live;row]]", 1e5)} (target 0.3M)`);
  console.log(
    `T17 batches of 100 ${rate("do[10000;upd[`live;batch]]", 1e6)} (target 5M); attribute ${(session.execute("attr live`sym") as Atom).value} kept`,
  );
}

const { used, peak, mapped } = usage();
console.log(
  `memory: ${(used / 1e6).toFixed(0)} MB used, ${(peak / 1e6).toFixed(0)} MB at most, ${(mapped / 1e6).toFixed(0)} MB mapped`,
);
