import { expect, test } from "bun:test";
import { formatConsole } from "#format/format.ts";
import type { Session } from "#values/session.ts";
import type { PrimitiveRow, Value } from "#values/values.ts";
import { atom, char, dict, floats, list, long, longs, string, symbol, symbols, vectorOf } from "#values/vectors.ts";
import { dollar } from "./dollar.ts";
import { like } from "./like.ts";
import { md5 } from "./md5.ts";
import { ss, ssr } from "./ss.ts";
import { sv } from "./sv.ts";
import { trim } from "./trim.ts";
import { vs } from "./vs.ts";
import { upper } from "./lower.ts";
import { string as stringRow } from "./string.ts";

const variables: Record<string, Value> = {};
const session = {
  context: "",
  read: (name: string) => variables[name],
  settings: { precision: 7, console: [25, 80], dateFormat: 0 },
  apply1: (f: Value, x: Value) => (f.kind === "primitive" ? f.row.run(session, x) : x),
} as unknown as Session;
const run = (row: PrimitiveRow, ...args: Value[]): string =>
  formatConsole(session, row.run(session, ...args)).join("\n");
const tok = (letter: string, text: string): string => run(dollar, char(letter.charCodeAt(0)), string(text));

test("Tok reads every temporal form that kdb+ does", () => {
  const cases: [string, string, string][] = [
    ["D", "2000-12-12", "2000.12.12"],
    ["D", "20001212", "2000.12.12"],
    ["D", "06/01/2010", "2010.06.01"],
    ["D", "12dec2000", "2000.12.12"],
    ["D", "2000/Dec/12", "2000.12.12"],
    ["D", "991231", "1999.12.31"],
    ["D", "2000.02.30", "0Nd"],
    ["D", "2147483648", "0Nd"],
    ["D", "", "0Nd"],
    ["U", "12:13:14", "12:13"],
    ["T", "123456789", "12:34:56.789"],
    ["T", "123456123987654", "12:34:56.123"],
    ["T", "9:05", "09:05:00.000"],
    ["N", "123456123987654", "0D12:34:56.123987654"],
    ["N", "1D02:03:04.5", "1D02:03:04.500000000"],
    ["V", "12:34", "12:34:00"],
    ["T", "12:61", "0Nt"],
    ["P", "2015-10-28D03:55:58.6542", "2015.10.28D03:55:58.654200000"],
    ["P", "10129708800", "2290.12.31D00:00:00.000000000"],
    ["P", "00000000000.123456789", "1970.01.01D00:00:00.123456789"],
    ["P", "20191122-11:11:11.123", "2019.11.22D11:11:11.123000000"],
    ["P", "2015-10-28T03:55:58Z", "2015.10.28D03:55:58.000000000"],
    ["Z", "20191122-11:11:11.123", "2019.11.22T11:11:11.123"],
    ["M", "2000.12", "2000.12m"],
  ];
  for (const [letter, text, expected] of cases)
    expect(`${letter}${text} ${tok(letter, text)}`).toBe(`${letter}${text} ${expected}`);
});

test("Tok reads numbers, and gives null for what is none or too large", () => {
  const cases: [string, string, string][] = [
    ["H", "32768", "0Nh"],
    ["I", "2147483648", "0Ni"],
    ["J", " 12 ", "12"],
    ["J", "-9223372036854775807", "-0W"],
    ["J", "1.5", "0N"],
    ["J", "0W", "0W"],
    ["I", "192.168.1.34", "-1062731486i"],
    ["E", "3.14", "3.14e"],
    ["F", "1e-3", "0.001"],
    ["F", "0.1", "0.1"],
    ["F", "-.5", "-0.5"],
    ["F", "x", "0n"],
    ["F", "123456789.123456789012", "1.234568e+08"],
    ["B", "   Y  ", "1b"],
    ["X", "42", "0x42"],
    ["S", "  IBM ", "`IBM"],
    ["G", "192.0.2.1", "00000000-0000-0000-0000-ffffc0000201"],
    ["G", "2001:0DB8:85A3::8A2E:0370:7334", "20010db8-85a3-0000-0000-8a2e03707334"],
  ];
  for (const [letter, text, expected] of cases)
    expect(`${letter}${text} ${tok(letter, text)}`).toBe(`${letter}${text} ${expected}`);
});

test("$ casts by name, number and letter, pads strings, and enumerates", () => {
  expect(run(dollar, vectorOf(5, [12, 13, 14]), long(42))).toBe("2000.01.01D00:00:00.000000042\n2003.07m\n2000.02.12");
  expect(run(dollar, symbols(["int", "float"]), long(1))).toBe("1i\n1f");
  expect(run(dollar, long(-5), list([string("abc"), list([string("d"), string("efghij")])]))).toBe(
    '"  abc"\n("    d";"fghij")',
  );
  expect(run(dollar, symbols(["hh", "uu", "ss"]), atom(19, 14158110))).toBe("3 55 58i");
});

test("a pattern's ? is any character, [] a set, * any sequence", () => {
  expect(run(like, string("br]wn"), string("br[]]wn"))).toBe("1b");
  expect(run(like, symbols(["roam", "rome"]), string("ro[^ab]?"))).toBe("01b");
  expect(run(like, string("brwn"), string("br*wn"))).toBe("1b");
  expect(() => run(like, string("x"), string("*the*the"))).toThrow("nyi");
  expect(run(ss, string("toronto ontario"), string("t?r"))).toBe("0 10");
  expect(run(ssr, string("toronto ontario"), string("ont"), string("x"))).toBe('"torxo xario"');
  expect(() => run(ss, string("x"), string(""))).toThrow("length");
});

test("vs cuts and encodes, sv joins and decodes", () => {
  expect(run(vs, string("|"), string("red||blue"))).toBe('"red"\n""\n"blue"');
  expect(run(vs, symbol(""), string("abc\r\ndef\n"))).toBe('"abc"\n"def"');
  expect(run(vs, symbol(""), symbol(":/a/b.c"))).toBe("`:/a`b.c");
  expect(run(vs, longs([24, 60, 60]), long(3805))).toBe("1 3 25");
  expect(run(vs, long(10), list([long(1995), longs([1996, 1997])]))).toBe("1 1 1\n9 9 9\n9 9 9\n5 6 7");
  expect(run(sv, long(10), longs([2, 3, 5, 7]))).toBe("2357");
  expect(run(sv, symbol(""), symbols([":/home", "x"]))).toBe("`:/home/x");
  expect(run(sv, string(", "), list([string("a"), string("bc")]))).toBe('"a, bc"');
});

test("string-atomic functions reach strings at any depth", () => {
  expect(run(trim, list([list([string("fox"), string("jumps ")]), string(" a")]))).toBe('("fox";"jumps")\n,"a"');
  expect(run(upper, dict(symbols(["a"]), list([string("xyz")])))).toBe('a| "XYZ"');
  expect(run(stringRow, floats([1, 2.5, Number.NaN]))).toBe(',"1"\n"2.5"\n""');
  expect(run(md5, string("this is a not so secret message"))).toBe("0x6cf192c1938b79012c323fa30e62787e");
});
