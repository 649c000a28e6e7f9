import { expect, test } from "bun:test";
import { LONG_INFINITY, LONG_NULL, T } from "#values/datatypes.ts";
import { type Atom, Derived, Lambda, Primitive, Projection, type Value } from "#values/values.ts";
import {
  atom,
  booleans,
  char,
  dict,
  float,
  floats,
  gather,
  int,
  itemAt,
  list,
  long,
  longs,
  string,
  symbol,
  symbols,
  table,
  vectorOf,
} from "#values/vectors.ts";
import { atomText, blankTextsOf, floatText, format1, formatConsole, type FormatSession, formatText } from "./format.ts";

function session(variables: Record<string, Value> = {}, precision = 7): FormatSession {
  return {
    context: "",
    read: (name: string) => variables[name],
    settings: { precision, console: [25, 80] } as FormatSession["settings"],
  };
}
const s = session();
const shown = (v: Value): string => formatConsole(s, v).join("\n");
const add = new Primitive(102, { name: "Add", glyph: "+", ranks: [2], category: "math", run: () => long(0) }, "+");

test("an atom is shown so that q reads it back with its type", () => {
  const cases: [Value, string][] = [
    [long(5), "5"],
    [int(5), "5i"],
    [atom(T.short, 5), "5h"],
    [float(5), "5f"],
    [float(1e9), "1e+09"],
    [float(0.1), "0.1"],
    [atom(T.real, 3.5), "3.5e"],
    [atom(T.real, 3), "3e"],
    [atom(T.real, Number.NaN), "0Ne"],
    [float(Number.NaN), "0n"],
    [float(-Infinity), "-0w"],
    [atom(T.boolean, 1), "1b"],
    [atom(T.byte, 10), "0x0a"],
    [char(34), '"\\""'],
    [char(200), '"\\310"'],
    [symbol("a b"), "`a b"],
    [long(LONG_NULL), "0N"],
    [long(-LONG_INFINITY), "-0W"],
    [atom(T.date, 0), "2000.01.01"],
    [atom(T.date, -2147483648), "0Nd"],
    [atom(T.date, -730120), "0000.00.00"],
    [atom(T.month, 42), "2003.07m"],
    [atom(T.minute, -5), "-00:05"],
    [atom(T.second, 360001), "100:00:01"],
    [atom(T.time, 58011), "00:00:58.011"],
    [atom(T.timespan, -500000000), "-0D00:00:00.500000000"],
    [atom(T.timestamp, 42), "2000.01.01D00:00:00.000000042"],
    [atom(T.timestamp, -1), "1999.12.31D23:59:59.999999999"],
    [atom(T.datetime, 1.5), "2000.01.02T12:00:00.000"],
    [atom(T.guid, `${"\0".repeat(15)}\x01`), "00000000-0000-0000-0000-000000000001"],
  ];
  for (const [v, text] of cases) expect(shown(v)).toBe(text);
});

test("a vector has one suffix, and one item a comma", () => {
  const cases: [Value, string][] = [
    [longs([0, 1, 2]), "0 1 2"],
    [vectorOf(T.int, [1, -2147483648]), "1 0Ni"],
    [floats([1, 2]), "1 2f"],
    [floats([1, 2.5]), "1 2.5"],
    [floats([1, Number.NaN]), "1 0n"],
    [longs([7]), ",7"],
    [string("abc"), '"abc"'],
    [string("a"), ',"a"'],
    [string("a\n\x01"), '"a\\n\\001"'],
    [symbols(["a", "b"]), "`a`b"],
    [booleans([0, 1, 0]), "010b"],
    [vectorOf(T.byte, [1, 2]), "0x0102"],
    [string(""), '""'],
    [longs([]), "`long$()"],
    [list([]), ""],
    [vectorOf(T.date, [0, -2147483648]), "2000.01.01 0Nd"],
    [vectorOf(T.month, [0, 1]), "2000.01 2000.02m"],
  ];
  for (const [v, text] of cases) expect(shown(v)).toBe(text);
});

test("floats are rounded as C rounds them, ties to even", () => {
  expect(format1(session({}, 0), float(0.1))).toBe("0.10000000000000001");
  expect(shown(float(1 / 3))).toBe("0.3333333");
  expect(shown(float(12345.125))).toBe("12345.12");
  expect(shown(float(12345.375))).toBe("12345.38");
  expect(shown(float(123456789))).toBe("1.234568e+08");
  expect(shown(float(0.00001))).toBe("1e-05");
  expect(shown(float(9999999.5))).toBe("1e+07");
});

test("lists go down the page, matrices line up, their nulls are blank", () => {
  expect(shown(list([longs([1, 20]), floats([Number.NaN, 2])]))).toBe("1 20\n  2 ");
  expect(shown(list([longs([1, 2]), longs([3])]))).toBe("1 2\n,3");
  expect(shown(list([symbols(["a", "bc"]), string("xy")]))).toBe("a bc\nx y ");
  expect(shown(list([string("ab"), string("cd")]))).toBe('"ab"\n"cd"');
  expect(shown(list([list([long(1), symbol("a")]), long(2)]))).toBe("(1;`a)\n2");
  expect(shown(list([longs([3])]))).toBe("3");
});

test("dictionaries, tables and keyed tables stand in columns", () => {
  expect(shown(dict(symbols(["a", "bb"]), longs([1, LONG_NULL])))).toBe("a | 1\nbb| ");
  const t = table(["name", "n"], [symbols(["x", "yy"]), longs([10, 200])]);
  expect(shown(t)).toBe("name n  \n--------\nx    10 \nyy   200");
  expect(shown(dict(table(["k"], [longs([1, 2])]), t))).toBe("k| name n  \n-| --------\n1| x    10 \n2| yy   200");
  expect(format1(s, t)).toBe("+`name`n!(`x`yy;10 200)");
  expect(format1(s, dict(table(["k"], [longs([1])]), table(["v"], [longs([2])])))).toBe("(+(,`k)!,,1)!+(,`v)!,,2");
  expect(shown(table(["c"], [gather([long(3), string("xy"), symbol("ab")])]))).toBe('c   \n----\n3   \n"xy"\n`ab ');
});

test("what is wider or longer than the console ends in two dots", () => {
  const lines = formatConsole(s, longs(Array.from({ length: 100 }, (_, i) => i)));
  expect(lines).toEqual(["0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 .."]);
  const rows = formatConsole(s, table(["x"], [longs(Array.from({ length: 100 }, (_, i) => i))]));
  expect(rows.length).toBe(23);
  expect(rows.slice(-2)).toEqual(["19", ".."]);
});

test("functions are shown by their text", () => {
  const f = new Lambda("{x+y}", "", ["x", "y"]);
  expect(shown(new Projection(f, [long(1)], 1))).toBe("{x+y}[1]");
  expect(shown(new Projection(f, [undefined, long(1)], 1))).toBe("{x+y}[;1]");
  expect(shown(new Derived(1, add))).toBe("+/");
  expect(shown(new Primitive(101, { ...add.row, name: "::" }, "::"))).toBe("");
});

test("an enumeration shows the symbols of its domain", () => {
  const e = session({ sym: symbols(["a", "b"]) });
  expect(format1(e, vectorOf(20, [1, 0], "sym"))).toBe("`sym$`b`a");
  expect(format1(e, vectorOf(20, [1], "sym"))).toBe("`sym$,`b");
  expect(atomText(e, atom(20, 1, "sym"))).toBe("b");
  expect(formatText(e, table(["x"], [vectorOf(20, [1, 0], "sym")]))).toBe("x\n-\nb\na\n");
});

test("the fast ways of showing floats and timestamps give what the plain ones give", () => {
  // C's %.7g by way of exact decimal expansion: BigInt arithmetic on the double's own fraction.
  const plain = (v: number): string => {
    const text = Math.abs(v).toExponential(60);
    const digits = text[0]! + text.slice(2, text.indexOf("e"));
    let exponent = Number(text.slice(text.indexOf("e") + 1));
    const rest = digits.slice(7);
    let head = BigInt(digits.slice(0, 7));
    if (rest > `5${"0".repeat(rest.length - 1)}` || (/^50*$/.test(rest) && head % 2n === 1n)) head++;
    let mantissa = String(head);
    if (mantissa.length > 7) {
      mantissa = mantissa.slice(0, 7);
      exponent++;
    }
    const scaled = Number(`${mantissa[0]}.${mantissa.slice(1)}e${exponent}`);
    const shortest = String(scaled);
    if (exponent < -4 || exponent >= 7) {
      const [m, e] = scaled.toExponential().split("e");
      return `${v < 0 ? "-" : ""}${m}e${e![0]}${e!.slice(1).padStart(2, "0")}`;
    }
    return (v < 0 ? "-" : "") + (shortest.includes("e") ? scaled.toFixed(12).replace(/0+$/, "") : shortest);
  };
  let seed = 42;
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let i = 0; i < 3000; i++) {
    const kinds = [
      random() * 100,
      -random() * 1e6,
      random() * 1e-3,
      Math.round(random() * 1e6) / 64,
      Math.round(random() * 1e9) / 8,
      random() * 1e12,
      2 ** Math.round(random() * 60 - 30),
    ];
    const v = kinds[i % kinds.length]!;
    if (v !== 0) expect(`${v} ${floatText(v, 7)}`).toBe(`${v} ${plain(v)}`);
  }
  const times = vectorOf(T.timestamp, [
    0,
    -1,
    86400000000000,
    -86400000000001,
    786434523456789123n,
    -786434523456789123n,
    LONG_NULL,
    LONG_INFINITY,
    -LONG_INFINITY,
  ]);
  const texts = blankTextsOf(times, 7);
  for (let i = 0; i < times.count; i++) expect(texts(i)).toBe(atomText(s, itemAt(times, i) as Atom));
});
