// update by name overwrites rows where they stand only if nobody else could notice.

import { expect, test } from "bun:test";
import { createSession } from "#eval/session.ts";
import { formatConsole } from "#format/console.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { Table } from "#values/values.ts";
import { columnAt } from "#values/vectors.ts";
import { testingHost } from "../../../tests/testing-host.ts";

const fresh = () => {
  const session = createSession(testingHost());
  const show = (text: string): string => formatConsole(session, session.execute(text)).join("\n");
  /** A statement as the console runs it: what it left over is swept away. */
  const run = (text: string): void => {
    const from = mark();
    session.execute(text);
    sweep(from);
  };
  run("t:([]a:1+til 3;b:10*1+til 3)");
  return { session, show, run };
};

test("rows of a table that one variable holds are overwritten in place", () => {
  const { session, show, run } = fresh();
  const before = columnAt(session.read("t") as Table, 0);
  run("update a:0 from `t where b>10");
  expect(columnAt(session.read("t") as Table, 0)).toBe(before);
  expect(show("t`a")).toBe("1 0 0");
});

test("another variable, a column taken out, and an argument keep what they had", () => {
  const { show, run } = fresh();
  run("u:t;a:t`a");
  run("update a:0 from `t where b>10");
  expect(show("u`a")).toBe("1 2 3");
  expect(show("a")).toBe("1 2 3");
  expect(show("{[x]update a:9 from `t where b=10;x`a}t")).toBe("1 0 0");
  expect(show("t`a")).toBe("9 0 0");
  expect(show("(t`a;update a:7 from `t where b=10;t`a)")).toBe("7 0 0\n`t\n9 0 0");
});

test("columns that are exchanged see each other as they were", () => {
  const { show, run } = fresh();
  run("update a:b,b:a from `t where a>1");
  expect(show("t")).toBe("a  b \n-----\n1  10\n20 2 \n30 3 ");
});

test("a failed update has changed nothing", () => {
  const { session, show } = fresh();
  expect(() => session.execute("update a:0,b:1.5 from `t where a>1")).toThrow("type");
  expect(show("t`a")).toBe("1 2 3");
});
