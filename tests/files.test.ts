// Files under q: what is saved is loaded, logs are replayed, databases are written by .Q and read back; in a folder of the
// test's own, and over kdb+'s own logs (../shared/data) when they are there.

import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { TestConsole } from "./console.ts";
import { folderHost } from "./folder-host.ts";

const data = `${import.meta.dir}/../../shared/data`;
const there = existsSync(`${data}/expected.json`);
if (!there) console.warn("SKIPPED: ../shared/data is not there, no log of kdb+'s was replayed");

const folder = folderHost();
afterAll(() => folder.leave());
function newConsole(): (text: string) => string {
  const console = new TestConsole(folder.host);
  folder.attach(console.session);
  return (text) => {
    let last: string[] = [];
    for (const line of text.split("\n").map((l) => l.trim())) if (line !== "") last = console.type(line);
    return last.join("\n");
  };
}

describe("logs", () => {
  const log = (items: string): ((text: string) => string) => {
    const q = newConsole();
    q(`\`:log set ()
       \`:log upsert ${items}
       got:()
       upd:{[t;x]got,:enlist(t;x)}`);
    return q;
  };
  test("each chunk is applied, in order, and counted", () => {
    const q = log("((`upd;`t;1 2);(`upd;`u;3))");
    expect(q("-11!`:log")).toBe("2");
    expect(q("got~((`t;1 2);(`u;3))")).toBe("1b");
    expect(q("-11!(1;`:log)")).toBe("1");
    expect(q("count got")).toBe("3");
    expect(q("-11!(-2;`:log)")).toBe("2");
    expect(q("-11!(-1;`:log)")).toBe("2");
    expect(q("-11!(0;`:log)")).toBe("0");
  });
  test(".z.ps gets the chunks when it is set", () => {
    const q = log("enlist(`upd;`t;1)");
    q(".z.ps:{seen::x}");
    q("-11!`:log");
    expect(q("seen")).toBe("`upd\n`t\n1");
  });
  test("a log with a broken end says how much of it is whole, and replays as far", () => {
    const q = log("((`upd;`t;1 2);(`upd;`t;3 4))");
    q("n:hcount`:log");
    q("`:log 1: -3_read1`:log");
    expect(q("-11!(-2;`:log)")).toBe(`1 ${8 + (Number(q("n")) - 8) / 2}`);
    expect(q("-11!`:log")).toBe("'badtail");
    expect(q("got~enlist(`t;1 2)")).toBe("1b");
    expect(q("-11!(1;`:log)")).toBe("1");
  });
  test("an unknown function in a chunk is signalled by name", () => {
    expect(log("enlist(`nosuch;1)")("-11!`:log")).toBe("'nosuch");
  });
  test("what is no log is 'type", () => {
    const q = newConsole();
    q("`:vector set 1 2 3");
    expect(q("-11!`:vector")).toBe("'type");
  });

  describe.skipIf(!there)("of kdb+", () => {
    const logs = there
      ? Object.entries<{ chunks: number; valid_bytes: number; file_bytes: number }>(
          JSON.parse(readFileSync(`${data}/expected.json`, "utf8")).logs,
        )
      : [];
    for (const [name, { chunks, valid_bytes, file_bytes }] of logs) {
      test(`${name} has ${chunks} chunks`, () => {
        const q = newConsole();
        const whole = valid_bytes === file_bytes;
        expect(q(`-11!(-2;\`$":${data}/${name}")`)).toBe(whole ? String(chunks) : `${chunks} ${valid_bytes}`);
      });
    }
    test("rows are counted by replaying", () => {
      const q = newConsole();
      q("n:0");
      q("upd:{[t;x]n+:$[98h=type x;count x;0h>type first x;1;count first x]}");
      expect(q(`-11!\`$":${data}/fixtures/tplog/sampletrades"`)).toBe("215");
      expect(q("n")).toBe("1732");
    });
  });
});

describe("databases", () => {
  test("what .Q.dpft writes is loaded, parted, enumerated and in order", () => {
    const q = newConsole();
    q(`t:([]time:til 6;sym:\`b\`a\`b\`c\`a\`b;s:("xx";"yy";"";"zz";"ww";"vv"))
       .Q.dpft[\`:db;2020.01.01;\`sym;\`t]
       .Q.dpft[\`:db;2020.01.02;\`sym;\`t]
       \\l db`);
    expect(q("count t")).toBe("12");
    expect(q("exec distinct date from t")).toBe("2020.01.01 2020.01.02");
    expect(q("attr exec sym from select from t where date=2020.01.01")).toBe("`p");
    expect(q("exec s from t where date=2020.01.02,sym=`a")).toBe('"yy"\n"ww"');
    expect(q("cols t")).toBe("`date`sym`time`s");
    q("\\cd ..");
  });
  test("a compressed database reads as any other", () => {
    const q = newConsole();
    q(`t:([]sym:1000#\`a\`b\`c;n:til 1000)
       .z.zd:17 2 6
       .Q.dpft[\`:zdb;2020.01.01;\`sym;\`t]
       \\l zdb`);
    expect(q("(-21!`:2020.01.01/t/n)`algorithm")).toBe("2i");
    expect(q("sum exec n from t")).toBe("499500");
    q("\\cd ..");
  });
});
