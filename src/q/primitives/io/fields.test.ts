import { expect, test } from "bun:test";
import { createSession } from "#eval/session.ts";
import { format1 } from "#format/format.ts";
import { string } from "#values/vectors.ts";
import { testingHost } from "../../../../tests/testing-host.ts";
import { columnsFor, loadDelimited } from "./columns.ts";
import { loadFields } from "./fields.ts";

const session = createSession(testingHost());
let seed = 7;
const random = (n: number): number => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * n);
};
const pick = <X>(items: readonly X[]): X => items[random(items.length)]!;

const samples: Record<string, readonly string[]> = {
  J: [
    "1",
    "-7",
    "0",
    "",
    " 12 ",
    "x",
    "9223372036854775807",
    "99999999999999999999",
    "0W",
    "0N",
    "123456789012345678",
    "1.5",
    "-",
  ],
  I: ["1", "2147483647", "2147483648", "", "10.0.0.1", "abc"],
  H: ["1", "-32768", "32767", "40000", ""],
  F: [
    "1",
    "1.5",
    "-0.25",
    "",
    "1e5",
    "123456789.123456",
    "0.1",
    ".5",
    "5.",
    "abc",
    "-",
    "1234567890123456",
    "0w",
    "100.10",
  ],
  S: ["a", "bc", "", " padded ", "longer symbol", "a"],
  D: [
    "2024.02.29",
    "2023-02-29",
    "2024/12/31",
    "20240229",
    "",
    "29 Feb 2024",
    "1999.01.01",
    "2000.13.01",
    "0001.01.01",
  ],
  T: ["09:30:00.123", "09:30", "09:30:00", "", "123456", "25:00:00", "09:61"],
  N: ["09:30:00.064834704", "0D09:30:00.5", "1D02:03:04", "", "x"],
  U: ["09:30", "23:59", "", "9:05"],
  V: ["09:30:15", "", "12:34"],
  P: ["2024.02.29D12:00:00.123456789", "2024-02-29T12:00:00", "2024-02-29", "", "1709164800", "2024-02-29T12:00:00Z"],
  C: ["a", "", "bc"],
  B: ["1", "0", "true", ""],
  "*": ["text", "", "more text"],
  " ": ["skipped", "", "1"],
};

test("the kernels read delimited text as the plain loop does", () => {
  for (const ending of ["\n", "\r\n"]) {
    for (let round = 0; round < 40; round++) {
      const types = Array.from({ length: 1 + random(6) }, () => pick(Object.keys(samples))).join("");
      const lines: string[] = [];
      for (let row = 0; row < 1 + random(200); row++) {
        let fields = Array.from(types, (letter) => {
          const text = pick(samples[letter]!);
          return random(12) === 0 ? `"${text}"` : random(40) === 0 ? `"a""b,${text}"` : text;
        });
        if (random(20) === 0) fields = fields.slice(0, random(fields.length + 1));
        if (random(20) === 0) fields.push("extra");
        lines.push(fields.join(","));
      }
      // An empty last line without an end is no line.
      if (lines[lines.length - 1] === "") lines.push("x");
      const bytes = string(lines.join(ending) + (random(2) === 0 ? ending : ""));
      const plain = columnsFor(session, types, lines.length);
      const records = lines.map((line) => ({ bytes: Buffer.from(line, "latin1"), from: 0, to: line.length }));
      loadDelimited(plain, records, 44);
      const fast = loadFields(session, types, bytes.at, bytes.at + bytes.count, 44);
      expect({ types, columns: fast.map((c) => format1(session, c)) }).toEqual({
        types,
        columns: plain.map((c) => format1(session, c.values())),
      });
    }
  }
});

test("strings in one piece answer as strings one by one do", () => {
  const vectors = [
    "til 1000",
    "neg 1000?1000000",
    "1000?100f",
    "1000#0N 3",
    "1000?`4",
    "2024.01.01+til 1000",
    "1000?0D",
    "1000#1000000?5i",
    "1000?0Ng",
  ];
  for (const q of vectors) {
    session.execute(`v:${q};s:string v;p:string each v`);
    for (const check of [
      "s~p",
      "(count s)=count p",
      "s[5]~p 5",
      "(reverse s)~reverse p",
      '(s like "1*")~p like "1*"',
      '("J"$s)~"J"$p',
      '("F"$s)~"F"$p',
      "(`$s)~`$p",
      "(-3!s)~-3!p",
      "(s,p)~p,s",
      "(distinct s)~distinct p",
    ]) {
      expect(`${q}: ${check} ${format1(session, session.execute(check))}`).toBe(`${q}: ${check} 1b`);
    }
  }
  session.execute('t:([]a:til 1000;b:string til 1000);l:csv 0:t;r:("J*";enlist",")0:l');
  expect(format1(session, session.execute("(r~t;(.j.k .j.j t)~update `float$a from t;(` vs ` sv l)~l)"))).toBe("111b");
});
