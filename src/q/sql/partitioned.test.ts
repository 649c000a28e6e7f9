// A table over partitions answers as the same rows in memory do, whatever way it takes there.

import { afterEach, describe, expect, test } from "bun:test";
import { createSession } from "#eval/session.ts";
import { formatConsole } from "#format/console.ts";
import { T } from "#values/datatypes.ts";
import { mark, own, retain, sweep } from "#values/ownership.ts";
import { pick, positions } from "#values/picking.ts";
import { QSignal } from "#values/signals.ts";
import { type PartitionSource, Table, type Value, type Vector } from "#values/values.ts";
import { columnAt, elementAt, table, vectorOf } from "#values/vectors.ts";
import { testingHost } from "../../../tests/testing-host.ts";

const session = createSession(testingHost());
const start = mark();
afterEach(() => sweep(start));

/** The columns that were asked for, as "partition name". */
const touched: string[] = [];

/** `whole` cut by its first column, whose values are in order; `dates` may name some that have no rows. */
function partitioned(whole: Table, dates: readonly number[]): Table {
  const names = whole.names.slice(1);
  const keys = columnAt(whole, 0) as Vector;
  const parts = dates.map((date) => {
    const at: number[] = [];
    for (let i = 0; i < keys.count; i++) if (elementAt(keys, i) === date) at.push(i);
    const rows = positions(at);
    return table(
      names,
      names.map((_, c) => pick(columnAt(whole, c + 1), rows)),
    );
  });
  for (const part of parts) {
    retain(part);
    const sym = columnAt(part, names.indexOf("sym"));
    if (sym.kind === "vector" && isParted(sym)) sym.attribute = 3;
  }
  const values = vectorOf(T.date, dates);
  retain(values);
  const source: PartitionSource = {
    name: "t",
    field: "date",
    values,
    names,
    rowCount: (p) => (columnAt(parts[p]!, 0) as Vector).count,
    column: (p, name) => {
      touched.push(`${p} ${name}`);
      return columnAt(parts[p]!, names.indexOf(name));
    },
  };
  const t = own(new Table(["date", ...names], new Array(names.length + 1).fill(undefined)));
  (t as { partitioned: PartitionSource }).partitioned = source;
  return t;
}

function isParted(v: Vector): boolean {
  const seen = new Set<unknown>();
  for (let i = 0; i < v.count; i++) {
    const e = elementAt(v, i);
    if (i > 0 && elementAt(v, i - 1) !== e && seen.has(e)) return false;
    seen.add(e);
  }
  return true;
}

const shown = (text: string): string => {
  try {
    return formatConsole(session, session.execute(text)).join("\n");
  } catch (e) {
    if (e instanceof QSignal) return `'${e.text}`;
    throw e;
  }
};

const FIRST = 8920;
session.execute("\\c 200 200");
session.execute("sym:`d`a`c`b");
// Three dates of 60 rows and one of 20; the third one's symbols are not parted.
session.execute("syms:raze{[x;y;z;w](x#`b),(y#`d),(z#`a),w#`c}'[20 5 0 6;25 10 0 4;15 20 0 10;0 25 0 0]");
session.execute("syms:(120#syms),(60#`b`a`d),120_syms");
session.execute(
  "m:([]date:2024.06.03+til[200]div 60;sym:`sym$syms;time:0D09:30+0D00:01*til[200]mod 60;" +
    "price:(til[200]*7919)mod 101;size:1+(til[200]*31)mod 17;w:.5*(til[200]*13)mod 29)",
);

const rowsOf = (name: string): Table => session.read(name) as Table;

describe("a partitioned table answers as its rows in memory do", () => {
  session.execute("n:count m");
  session.execute("m:update w:0n from m where i in 5 6 70 199");
  session.execute("m:update price:`float$price from m");
  const p = partitioned(rowsOf("m"), [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]);
  session.assign("p", p);
  retain(p as Value as never);

  const queries = [
    "select from T",
    "select from T where date=2024.06.04",
    "select from T where date in 2024.06.03 2024.06.05,sym=`a",
    "select from T where date within 2024.06.04 2024.06.05,sym in `a`c,price>50",
    "select from T where date>2024.06.04,time<0D09:40",
    "select from T where date=2030.01.01",
    "select from T where price>1000",
    "select sym,time,x:price*size from T where date<2024.06.05,size>10",
    "select date,price from T where sym=`b",
    "select from T where price>50,date=2024.06.04",
    "select count i from T",
    "select count i from T where date=2024.06.04,price>50",
    "select n:count i,s:sum size,mn:min price,mx:max price from T",
    "select avg price,size wavg price,size wsum price,first time,last sym from T",
    "select avg w,size wavg w,sum w,max w from T",
    "select dev price,var price,med price,price cor size from T where date<2024.06.06",
    "select r:(max price)-min price,t:100*sum size from T",
    "select count i by sym from T",
    "select sum size,avg price,last time by sym from T where price>20",
    "select vwap:size wavg price,avg w by sym from T",
    "select count i by date,sym from T",
    "select count i by sym,date from T",
    "select count i by date from T",
    "select med price,dev price by date from T where size>5",
    "select med price by sym from T",
    "select price by sym from T where date<2024.06.05,size<4",
    "select r:(max price)-min price by sym,5 xbar time.minute from T",
    "select o:first price,h:max price,l:min price,c:last price,v:sum size by sym,10 xbar time.minute from T",
    "select by sym from T",
    "select by date from T where size>3",
    "select distinct sym from T",
    "select distinct date,sym from T where size>12",
    "exec price from T where date=2024.06.04",
    "exec sum size by sym from T",
    "exec distinct sym from T",
    "exec last price from T",
    "exec from T",
    "select x:count distinct sym from T",
    "select x:{sum x*y}[price;size] by sym from T",
    "select dev price,var w,sdev size,svar price by sym from T",
    "select n:count distinct sym,1+count distinct size from T",
    "select count distinct size by sym from T where price>10",
    "select cov:price cov size,med w from T",
    "select sum size by sym from T where date=2030.01.01",
    "select sum size from T where date=2030.01.01",
    "select all price>=0,any price>99,prd size from T where date=2024.06.04",
    "select all price>=0,any price>99 by size>8 from T",
  ];
  for (const query of queries) {
    test(query, () => {
      const expected = shown(query.replace("T", "m"));
      expect(expected.startsWith("'")).toBe(false);
      expect(shown(query.replace("T", "p"))).toBe(expected);
    });
  }
});

test("only the partitions and columns that a query names are touched", () => {
  touched.length = 0;
  shown("select price from p where date=2024.06.04,size>3");
  expect([...new Set(touched)].sort()).toEqual(["1 price", "1 size"]);
  touched.length = 0;
  shown("select count i by date from p");
  expect(touched).toEqual([]);
});

test("rows of a parted symbol are a slice of the column, not a copy", () => {
  const source = rowsOf("p").partitioned!;
  const found = session.execute("select price from p where date=2024.06.03,sym=`a") as Table;
  const column = columnAt(found, 0) as Vector;
  const whole = source.column(0, "price") as Vector;
  expect(column.at).toBeGreaterThanOrEqual(whole.at);
  expect(column.at).toBeLessThan(whole.at + 8 * whole.count);
});

test("what changes a partitioned table, or limits it, is refused as kdb+ refuses it", () => {
  expect(shown("update price:0 from p")).toBe("'par");
  expect(shown("delete from p where date=2024.06.04")).toBe("'par");
  expect(shown("select[5] from p")).toBe("'nyi");
});

test("segments may repeat a partition value", () => {
  const whole = rowsOf("m");
  const p = partitioned(whole, [FIRST, FIRST + 1]);
  const source = p.partitioned!;
  const twice = vectorOf(T.date, [FIRST, FIRST]);
  const t = own(new Table(p.names, new Array(p.names.length).fill(undefined)));
  (t as { partitioned: PartitionSource }).partitioned = { ...source, values: twice };
  session.assign("twice", t);
  expect(shown("exec x from select count i by date from twice")).toBe(",120");
  expect(shown("exec sum x from select count i by date,sym from twice")).toBe("120");
});

test("grouping one vector by another agrees with the primitives, group by group", () => {
  session.execute(
    "g:([]k:1000#3 1 0N 2 7 1000000 5;f:1000#1.5 0n -2 8;j:1000#4 0N 9 -1 3;i:1000#4 0N 9 7i;s:1000#`x`y`z)",
  );
  for (const f of ["sum", "min", "max", "avg", "first", "last", "count", "dev", "med"]) {
    for (const column of ["f", "j", "i"]) {
      for (const key of ["k", "s", "k,s", "f", "j"]) {
        for (const order of ["", "`k xasc ", "@[;`k`s;`g#]"]) {
          const table = `(${order}g)`;
          const got = shown(`select r:${f} ${column} by ${key} from ${table}`);
          expect(got).toBe(shown(`select r:{${f} x}${column} by ${key} from ${table}`));
        }
      }
    }
  }
});

test("the first of many rows in an order are those of the whole sort", () => {
  session.execute("o:([]f:5000#3.5 0n 1.25 9 -4;i:5000#7 2 0N 11i;n:til 5000)");
  for (const order of ["<f", ">f", "<i", ">i"]) {
    const word = order[0] === "<" ? "iasc" : "idesc";
    expect(shown(`select[17;${order}] from o`)).toBe(shown(`o 17#${word} o\`${order[1]}`));
  }
});
