// Files that we write: there and back for every type and representation, byte for byte as kdb+ where formats.md gives
// the bytes, appended to, compressed, replaced while mapped, and broken in every way.

import { afterAll, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { encodePayload } from "#ipc/encode.ts";
import { stubVocabulary } from "#ipc/stub.testing.ts";
import { T } from "#values/datatypes.ts";
import { mark, release, retain, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { F64, usage } from "#values/storage.ts";
import type { Table, Value, Vector } from "#values/values.ts";
import {
  atom, columnAt, countOf, dict, elementAt, floats, itemsOf, list, long, longs, newVector, setElement, string, symbol, symbols,
  symbolTexts, table, vectorOf,
} from "#values/vectors.ts"; // biome-ignore format: names
import { openDatabase } from "./database.ts";

const root = mkdtempSync(`${tmpdir()}/perq-db-`);
afterAll(() => rmSync(root, { recursive: true, force: true }));
const variables = new Map<string, Value>();
const keep = (name: string, v: Value): void => {
  retain(v);
  variables.set(name, v);
};
const db = openDatabase({
  vocabulary: stubVocabulary,
  variable: (name) => variables.get(name),
  join: (old, more) => list([...itemsOf(old), ...itemsOf(more)]),
});
keep("sym", symbols(["a", "b", "c", "d", "e", "f", "g"]));

const payload = (v: Value): string => Buffer.from(encodePayload(v, { file: true })).toString("hex");
const hex = (path: string): string => readFileSync(path).toString("hex");
const signalOf = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    if (e instanceof QSignal) return e.text;
    throw e;
  }
  return "";
};
const enumeration = (indices: (number | bigint)[], attribute: 0 | 1 | 3 | 4 = 0): Vector => {
  const v = vectorOf(T.enum, indices, "sym");
  v.attribute = attribute;
  return v;
};
const strings = (...texts: string[]): Value => list(texts.map(string));
const big = (count: number): Vector => {
  const v = newVector(T.float, count);
  for (let i = 0; i < count; i++) F64[v.at / 8 + i] = (i * 7919) % 1000;
  return v;
};
const nestedMess = (): Value =>
  list([
    longs([1, 2, 3]),
    string("abc"),
    symbols(["a", "", "zz"]),
    list([long(1), symbol("x"), string("deep"), list([])]),
    dict(symbols(["k", "l"]), list([longs([1]), string("q".repeat(500))])),
    table(["c", "d"], [longs(Array.from({ length: 100 }, (_, i) => i)), symbols(new Array(100).fill("s"))]),
    list([]),
    symbols(Array.from({ length: 300 }, (_, i) => `sym${i % 9}`)),
    vectorOf(T.guid, [`${"\0".repeat(15)}a`]),
    vectorOf(T.short, [1, -32768]),
    enumeration([0, 1]),
  ]);

const cases: [string, () => Value][] = [
  ["a long", () => long(4)],
  ["a symbol", () => symbol("abc")],
  ["an enumeration's atom", () => atom(T.enum, 2, "sym")],
  ["an empty list", () => list([])],
  ["longs", () => longs([1, 2, 3])],
  ["no longs", () => longs([])],
  ["sorted longs", () => Object.assign(longs([1, 2]), { attribute: 1 })],
  ["booleans", () => vectorOf(T.boolean, [1, 0])],
  ["guids", () => vectorOf(T.guid, ["0123456789abcdef"])],
  ["bytes", () => vectorOf(T.byte, [1, 255])],
  ["shorts", () => vectorOf(T.short, [1, -32768])],
  ["ints", () => vectorOf(T.int, [1, -2147483648])],
  ["reals", () => vectorOf(T.real, [1.5, Number.NaN])],
  ["floats", () => floats([1.5, Number.NaN, Number.POSITIVE_INFINITY])],
  ["chars", () => string("abc")],
  ["symbols", () => symbols(["a", "", "bcd"])],
  ["timestamps", () => vectorOf(T.timestamp, [1, -(2n ** 63n)])],
  ["dates", () => vectorOf(T.date, [1, 2])],
  ["datetimes", () => vectorOf(T.datetime, [1.25])],
  ["times", () => vectorOf(T.time, [1])],
  ["an enumeration", () => enumeration([1, 0, -(2n ** 63n), 2])],
  ["a parted enumeration", () => enumeration([5, 5, 2, 6, 4, 3, 3, 3], 3)],
  ["a grouped enumeration", () => enumeration([1, 2, 1, 1, 0, 2], 4)],
  ["strings", () => strings("abc", "", "defg", "x".repeat(1000))],
  ["a dictionary", () => dict(symbols(["a", "b"]), longs([1, 2]))],
  ["a table", () => table(["a", "b"], [longs([1, 2]), symbols(["x", "y"])])],
  ["a mixed list", () => list([long(1), string("a"), symbol("b")])],
  ["a vector that is mapped", () => big(10_000)],
];

describe("set and get", () => {
  for (const [name, make] of cases) {
    test(`${name} comes back, plain and compressed`, () => {
      const value = make();
      db.set(`${root}/one`, value);
      expect(payload(db.get(`${root}/one`))).toBe(payload(value));
      for (const [algorithm, level] of [
        [0, 0],
        [1, 0],
        [2, 6],
        [3, 0],
        [4, 5],
        [5, 3],
      ] as const) {
        db.set(`${root}/one`, value, longs([12, algorithm, level]));
        expect(readFileSync(`${root}/one`).subarray(0, 8).toString()).toBe("kxzipped");
        expect(payload(db.get(`${root}/one`))).toBe(payload(value));
      }
    });
  }

  test("anything nested comes back through an anymap; its enumerations become symbols", () => {
    const value = nestedMess();
    db.set(`${root}/nested`, value);
    const back = itemsOf(db.get(`${root}/nested`));
    const items = itemsOf(value);
    for (let i = 0; i < items.length - 1; i++) expect([i, payload(back[i]!)]).toEqual([i, payload(items[i]!)]);
    expect(symbolTexts(back[items.length - 1]!)).toEqual(["a", "b"]);
    expect(readFileSync(`${root}/nested##`).subarray(0, 3).toString("hex")).toBe("ff010b");
  });

  test("a file that is no list of lists any more loses its companions", () => {
    db.set(`${root}/nested`, nestedMess());
    db.set(`${root}/nested`, longs([1]));
    expect(signalOf(() => db.get(`${root}/nested#`))).toBe(`${root}/nested#. OS reports: No such file or directory`);
  });

  test("one value in consecutive places is stored once", () => {
    const text = string("x".repeat(200));
    db.set(`${root}/shared`, list(new Array(1000).fill(text)));
    expect(statSync(`${root}/shared#`).size).toBeLessThan(4096 + 300);
    const back = itemsOf(db.get(`${root}/shared`));
    expect(back.length).toBe(1000);
    expect(back[999]).toBe(back[0]!);
  });

  test("compressed in blocks: random bytes stay raw, others do not", () => {
    const v = newVector(T.byte, 50_000);
    for (let i = 0; i < v.count; i++) setElement(v, i, i < 20_000 ? Math.floor(Math.random() * 256) : 7);
    for (const algorithm of [1, 2, 3, 4, 5]) {
      db.set(`${root}/blocks`, v, longs([13, algorithm, algorithm === 1 || algorithm === 3 ? 0 : 6]));
      expect(payload(db.get(`${root}/blocks`))).toBe(payload(v));
      const facts = db.compression(`${root}/blocks`)!;
      expect(facts).toMatchObject({ uncompressedLength: 50_016, algorithm, logicalBlockSize: 13 });
      expect(facts.compressedLength).toBeLessThan(30_000);
      expect(db.size(`${root}/blocks`)).toBe(50_016);
    }
    expect(db.compression(`${root}/one`)?.algorithm).toBe(5);
  });

  test("compression that is not there says so", () => {
    expect(signalOf(() => db.set(`${root}/bad`, longs([1]), longs([11, 2, 6])))).toBe("domain");
    expect(signalOf(() => db.set(`${root}/bad`, longs([1]), longs([17, 2, 10])))).toBe("domain");
    expect(signalOf(() => db.set(`${root}/bad`, longs([1]), longs([17, 9, 0])))).toBe("domain");
  });

  test(".z.zd compresses files without an extension", () => {
    keep(".z.zd", longs([17, 2, 6]));
    db.set(`${root}/zd`, longs([1]));
    db.set(`${root}/zd.x`, longs([1]));
    variables.delete(".z.zd");
    expect(db.compression(`${root}/zd`)!.algorithm).toBe(2);
    expect(db.compression(`${root}/zd.x`)).toBeUndefined();
  });

  test("the bytes are kdb+'s own (formats.md)", () => {
    db.set(`${root}/bytes`, longs([1, 2, 3]));
    expect(hex(`${root}/bytes`)).toStartWith("fe200700000000000300000000000000" + "0100000000000000");
    db.set(`${root}/bytes`, long(4));
    expect(hex(`${root}/bytes`)).toBe("ff01f90400000000000000");
    db.set(`${root}/bytes`, list([]));
    expect(hex(`${root}/bytes`)).toBe("ff01000000000000");
    db.set(`${root}/bytes`, floats([Number.NaN]));
    expect(hex(`${root}/bytes`).slice(32)).toBe("000000000000f8ff");
    db.set(`${root}/bytes`, vectorOf(T.real, [Number.NaN]));
    expect(hex(`${root}/bytes`).slice(32)).toBe("0000c0ff");
    db.set(`${root}/bytes`, enumeration([5, 5, 2, 6, 4, 3, 3, 3], 3));
    const slots = new Array(16).fill("ffffffffffffffff");
    [2, 0, 3, 1, 4].forEach((key, i) => {
      slots[11 + i] = `0${key}00000000000000`;
    });
    expect(hex(`${root}/bytes`).slice(8192)).toBe(
      [5, 5, 2, 6, 4, 3, 3, 3].map((i) => `0${i}00000000000000`).join("") + "0000000000000000" + "04001402000000000500000000000000" +
        [5, 2, 6, 4, 3, 0, 0, 0].map((i) => `0${i}00000000000000`).join("") + "0000000000000000" + slots.join("") +
        "02000700000000000600000000000000" + [0, 2, 3, 4, 5, 8].map((i) => `0${i}00000000000000`).join(""),
    ); // biome-ignore format: as the bytes stand
  });

  test("an attribute whose index we cannot write is not written", () => {
    db.set(`${root}/attribute`, Object.assign(longs([1, 1]), { attribute: 3 }));
    expect((db.get(`${root}/attribute`) as Vector).attribute).toBe(0);
    db.set(`${root}/attribute`, enumeration([1, 2, 1], 3));
    expect((db.get(`${root}/attribute`) as Vector).attribute).toBe(0);
  });

  test("a mapped vector keeps its bytes when its file is replaced, and goes when nobody holds it", () => {
    const m = mark();
    db.set(`${root}/mapped`, big(100_000));
    const before = usage().mapped;
    const v = db.get(`${root}/mapped`) as Vector;
    expect(usage().mapped).toBeGreaterThan(before);
    db.set(`${root}/mapped`, big(5));
    expect(elementAt(v, 99_999)).toBe((99_999 * 7919) % 1000);
    sweep(m);
    expect(usage().mapped).toBe(before);
  });

  test("a file behind a link is replaced where it lies", () => {
    mkdirSync(`${root}/real`, { recursive: true });
    writeFileSync(`${root}/real/sym`, "");
    symlinkSync(`${root}/real/sym`, `${root}/link`);
    db.set(`${root}/link`, symbols(["a"]));
    expect(symbolTexts(db.get(`${root}/real/sym`))).toEqual(["a"]);
  });

  test("what is not there or no kdb+ file says so", () => {
    expect(signalOf(() => db.get(`${root}/none`))).toBe(`${root}/none. OS reports: No such file or directory`);
    expect(signalOf(() => db.get(`${root}/none/`))).toBe(`${root}/none/.d. OS reports: No such file or directory`);
    writeFileSync(`${root}/text`, "hello, world\n");
    expect(signalOf(() => db.get(`${root}/text`))).toBe("type");
    writeFileSync(`${root}/text`, "");
    expect(signalOf(() => db.get(`${root}/text`))).toBe("type");
  });
});

describe("splayed tables", () => {
  const rows = (): Table =>
    table(
      ["sym", "price", "name", "id"],
      [enumeration([0, 1, 1]), floats([1, 2, 3]), strings("x", "yy", ""), longs([7, 8, 9])],
    ) as Table;
  test("a table is a directory, column by column", () => {
    db.set(`${root}/splay/`, rows());
    const back = db.get(`${root}/splay/`) as Table;
    expect(back.names).toEqual(["sym", "price", "name", "id"]);
    expect(countOf(back)).toBe(3);
    expect(payload(back)).toBe(payload(rows()));
    expect(hex(`${root}/splay/.d`)).toBe(`ff010b0004000000${Buffer.from("sym\0price\0name\0id\0").toString("hex")}`);
  });
  test("columns are opened when they are touched", () => {
    db.set(`${root}/lazy/`, rows());
    const back = db.get(`${root}/lazy/`) as Table;
    rmSync(`${root}/lazy/price`);
    expect(countOf(columnAt(back, 3))).toBe(3);
    expect(signalOf(() => columnAt(back, 1))).toBe(`${root}/lazy/price. OS reports: No such file or directory`);
  });
  test("symbols must be enumerated, and keys do not splay", () => {
    expect(signalOf(() => db.set(`${root}/t/`, table(["a"], [symbols(["x"])])))).toBe("type");
    expect(signalOf(() => db.set(`${root}/t/`, dict(rows(), rows())))).toBe("type");
  });
  test("each column may be compressed its own way", () => {
    const options = dict(symbols(["", "price"]), list([longs([17, 2, 6]), longs([17, 1, 0])]));
    db.set(`${root}/zsplay/`, rows(), options);
    expect(db.compression(`${root}/zsplay/id`)!.algorithm).toBe(2);
    expect(db.compression(`${root}/zsplay/price`)!.algorithm).toBe(1);
    expect(db.compression(`${root}/zsplay/name#`)!.algorithm).toBe(2);
    expect(payload(db.get(`${root}/zsplay/`))).toBe(payload(rows()));
    expect(countOf(db.get(`${root}/zsplay/`))).toBe(3);
  });
  test("rows are appended as tables, dictionaries and lists, in whatever order", () => {
    db.set(`${root}/grow/`, rows());
    db.append(`${root}/grow/`, rows());
    db.append(
      `${root}/grow/`,
      dict(
        symbols(["price", "id", "name", "sym"]),
        list([atom(T.float, 9), long(5), string("new"), atom(T.enum, 2, "sym")]),
      ),
    );
    db.append(`${root}/grow/`, list([atom(T.enum, 2, "sym"), atom(T.float, 8), string("abc"), long(6)]));
    const back = db.get(`${root}/grow/`) as Table;
    expect(countOf(back)).toBe(8);
    expect(payload(columnAt(back, 2))).toBe(payload(strings("x", "yy", "", "x", "yy", "", "new", "abc")));
    expect(payload(columnAt(back, 3))).toBe(payload(longs([7, 8, 9, 7, 8, 9, 5, 6])));
    expect(signalOf(() => db.append(`${root}/grow/`, table(["a"], [longs([1])])))).toBe("mismatch");
  });
  test("what is appended to nothing is set", () => {
    db.append(`${root}/fresh/`, rows());
    expect(payload(db.get(`${root}/fresh/`))).toBe(payload(rows()));
  });
});

describe("appending", () => {
  const grown = (first: Value, more: Value, options?: Value): Value => {
    db.set(`${root}/app`, first, options);
    db.append(`${root}/app`, more);
    return db.get(`${root}/app`);
  };
  test("elements go to the end and the header keeps its count", () => {
    expect(payload(grown(longs([1]), longs([2, 3])))).toBe(payload(longs([1, 2, 3])));
    expect(readFileSync(`${root}/app`)[8]).toBe(1);
    expect(payload(grown(longs([]), long(2)))).toBe(payload(longs([2])));
    expect(payload(grown(symbols(["a"]), symbols(["b"])))).toBe(payload(symbols(["a", "b"])));
    expect(payload(grown(enumeration([1]), enumeration([2])))).toBe(payload(enumeration([1, 2])));
    expect(payload(grown(list([]), list([list([symbol("upd"), long(1)])])))).toBe(
      payload(list([list([symbol("upd"), long(1)])])),
    );
  });
  test("a nested column grows in heap and symbols", () => {
    const first = list([symbols(["a", "b"]), string("x")]);
    const more = list([symbols(["b", "new"]), string("y".repeat(99)), longs([1, 2])]);
    expect(payload(grown(first, more))).toBe(payload(list([...itemsOf(first), ...itemsOf(more)])));
    expect(payload(grown(strings("a"), list([symbols(["s"])])))).toBe(payload(list([string("a"), symbols(["s"])])));
  });
  test("an index is made anew, s# stays while it is true", () => {
    expect(payload(grown(enumeration([1, 1, 2], 4), enumeration([1])))).toBe(payload(enumeration([1, 1, 2, 1], 4)));
    expect(payload(grown(enumeration([1, 1, 2], 3), enumeration([3])))).toBe(payload(enumeration([1, 1, 2, 3], 3)));
    expect(payload(grown(enumeration([1, 1, 2], 3), enumeration([1])))).toBe(payload(enumeration([1, 1, 2, 1])));
    const sorted = (): Vector => Object.assign(longs([1, 2]), { attribute: 1 as const });
    expect((grown(sorted(), longs([2, 3])) as Vector).attribute).toBe(1);
    expect((grown(sorted(), longs([1])) as Vector).attribute).toBe(0);
  });
  test("a compressed file is compressed again, an enumeration refuses", () => {
    expect(payload(grown(longs([1]), longs([2]), longs([17, 2, 6])))).toBe(payload(longs([1, 2])));
    expect(db.compression(`${root}/app`)!.algorithm).toBe(2);
    expect(signalOf(() => grown(enumeration([1]), enumeration([1]), longs([17, 2, 6])))).toBe(
      "no append to zipped enums",
    );
  });
  test("another type is 'type, and the file is as it was", () => {
    expect(signalOf(() => grown(longs([1]), floats([1])))).toBe("type");
    expect(signalOf(() => grown(enumeration([1]), symbols(["a"])))).toBe("type");
    expect(payload(db.get(`${root}/app`))).toBe(payload(enumeration([1])));
  });
  test("an element that was cut off by a crash is written over", () => {
    db.set(`${root}/cut`, longs([]));
    db.append(`${root}/cut`, longs([1, 2]));
    truncateSync(`${root}/cut`, 16 + 12);
    db.append(`${root}/cut`, longs([3]));
    expect(payload(db.get(`${root}/cut`))).toBe(payload(longs([1, 3])));
  });
});

describe("partitioned databases", () => {
  const trade = (count: number): Table =>
    table(
      ["sym", "price"],
      [Object.assign(enumeration(new Array(count).fill(1)), { attribute: 0 }), big(count)],
    ) as Table;
  test("segments of par.txt are one database, in order", () => {
    const dir = `${root}/seg`;
    mkdirSync(`${dir}/root/skip$`, { recursive: true });
    writeFileSync(`${dir}/root/par.txt`, `${dir}/one\n../two\n`);
    db.set(`${dir}/root/sym`, symbols(["a", "b"]));
    db.set(`${dir}/one/2020.01.01/trade/`, trade(3));
    db.set(`${dir}/two/2020.01.02/trade/`, trade(4));
    db.set(`${dir}/one/2020.01.03/trade/`, trade(5));
    db.set(`${dir}/two/2020.01.03/trade/`, trade(6));
    writeFileSync(`${dir}/root/init.q`, "x:1");
    const loaded = db.load(`${dir}/root`);
    expect(loaded.scripts).toEqual([`${dir}/root/init.q`]);
    const { segments, segmentOf } = loaded.partitions!;
    expect([0, 1, 2, 3].map((p) => segments[segmentOf(p)])).toEqual([`${dir}/one`, "../two", `${dir}/one`, "../two"]);
    expect(loaded.variables.map(([name]) => name)).toEqual(["sym", "trade", "date"]);
    const t = new Map(loaded.variables).get("trade") as Table;
    expect(countOf(t)).toBe(18);
    expect([0, 1, 2, 3].map((p) => t.partitioned!.rowCount(p))).toEqual([3, 4, 5, 6]);
  });
  test("a partition without the table signals its path, or is empty when told to fill", () => {
    const dir = `${root}/hole`;
    db.set(`${dir}/2020.01.01/quote/`, trade(1));
    db.set(`${dir}/2020.01.02/trade/`, trade(2));
    const t = new Map(db.load(dir).variables).get("trade") as Table;
    const source = t.partitioned!;
    expect(signalOf(() => countOf(t))).toBe("./2020.01.01/trade/sym. OS reports: No such file or directory");
    expect([0, 1].map((p) => source.isMissing!(p))).toEqual([true, false]);
    source.fillMissing!("last");
    expect(countOf(t)).toBe(2);
    expect([(source.column(0, "sym") as Vector).domain, countOf(source.column(0, "price"))]).toEqual(["sym", 0]);
  });
  test("a view is the same table over fewer partitions", () => {
    const dir = `${root}/view`;
    for (let day = 1; day <= 3; day++) db.set(`${dir}/2020.01.0${day}/t/`, trade(day));
    const source = (new Map(db.load(dir).variables).get("t") as Table).partitioned!;
    const view = source.over!([0, 2]);
    expect([view.rowCount(0), view.rowCount(1)]).toEqual([1, 3]);
    expect(itemsOf(view.values).map((v) => (v as { value: number }).value)).toEqual([7305, 7307]);
  });
  test("a sym file grows by what it lacks, in order, and is made when it is not there", () => {
    expect(symbolTexts(db.extendDomain(`${root}/new/sym`, ["b", "a", "b"]))).toEqual(["b", "a"]);
    expect(symbolTexts(db.extendDomain(`${root}/new/sym`, ["c", "a"]))).toEqual(["b", "a", "c"]);
    expect(symbolTexts(db.get(`${root}/new/sym`))).toEqual(["b", "a", "c"]);
  });
  test("ints beyond 32 bits are long partitions, four digits are years", () => {
    db.set(`${root}/ints/451353600000000000/t/`, trade(1));
    expect((db.load(`${root}/ints`).partitions!.values as Vector).type).toBe(T.long);
    db.set(`${root}/years/1999/t/`, trade(1));
    expect(db.load(`${root}/years`).partitions!.field).toBe("year");
    mkdirSync(`${root}/years/0`);
    expect(db.load(`${root}/years`).partitions!.field).toBe("int");
  });
  test("partitions touched least recently go when told, and come back when touched", () => {
    const dir = `${root}/lru`;
    for (let day = 1; day <= 5; day++) db.set(`${dir}/2020.01.0${day}/trade/`, trade(10_000));
    sweep(0);
    const m = mark();
    const source = (new Map(db.load(dir).variables).get("trade") as Table).partitioned!;
    for (let p = 0; p < 5; p++) source.column(p, "price");
    expect(db.mapped.maps).toBe(5);
    sweep(m);
    expect(db.mapped.maps).toBe(5);
    source.forget!(0);
    expect(db.mapped.maps).toBe(4);
    expect(elementAt(source.column(0, "price") as Vector, 1)).toBe(919);
    db.close();
    sweep(m);
    expect(db.mapped.maps).toBe(0);
  });
  test("what is gathered from many partitions stays, though the cache lets go of it", () => {
    const small = openDatabase({
      vocabulary: stubVocabulary,
      variable: () => undefined,
      join: (old) => old,
      limits: { bytes: 200_000, maps: 100 },
    });
    sweep(0);
    const m = mark();
    const source = (new Map(small.load(`${root}/lru`).variables).get("trade") as Table).partitioned!;
    const columns = [0, 1, 2, 3, 4].map((p) => source.column(p, "price") as Vector);
    const again = [0, 1, 2, 3, 4].map((p) => source.column(p, "price") as Vector);
    for (const column of [...columns, ...again]) expect(elementAt(column, 9_999)).toBe((9_999 * 7919) % 1000);
    sweep(m);
    expect(small.mapped.bytes).toBeLessThan(300_000);
    source.column(0, "price");
    small.close();
    sweep(m);
    expect(small.mapped.maps).toBe(0);
  });
  test("a text file in the root blocks loading", () => {
    db.set(`${root}/blocked/2020.01.01/t/`, trade(1));
    writeFileSync(`${root}/blocked/README.md`, "# hello");
    expect(signalOf(() => db.load(`${root}/blocked`))).toBe("type");
  });
});

test("broken files signal, never crash, never read beyond themselves, never leak", () => {
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const kinds: Value[] = [
    longs([1, 2, 3]),
    enumeration([1, 2, 1, 1], 4),
    symbols(["a", "bc"]),
    nestedMess(),
    table(["a"], [longs([1])]),
    big(3000),
  ];
  for (const v of kinds) retain(v);
  const start = usage();
  for (let round = 0; round < 600; round++) {
    const m = mark();
    const value = kinds[round % kinds.length]!;
    db.set(`${root}/fuzz`, value, next() < 0.2 ? longs([12, [1, 2, 3, 4, 5][round % 5]!, 0]) : undefined);
    const suffix = round % kinds.length === 3 ? ["", "#", "##"][Math.floor(next() * 3)]! : "";
    const path = `${root}/fuzz${suffix}`;
    const bytes = readFileSync(path);
    // Headers are where it matters: the first and last bytes and the inner header of paged files.
    const places = [
      () => next() * 32,
      () => 0xff0 + next() * 48,
      () => bytes.length - next() * 48,
      () => next() * bytes.length,
    ];
    for (let i = 0; i < 1 + next() * 3; i++) {
      const at = Math.floor(places[Math.floor(next() * 4)]!());
      if (at >= 0 && at < bytes.length) bytes[at] = next() < 0.5 ? 255 : next() * 256;
    }
    writeFileSync(path, next() < 0.3 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes);
    try {
      payload(db.get(`${root}/fuzz`));
    } catch (e) {
      if (!(e instanceof QSignal)) throw new Error(`round ${round}`, { cause: e });
    }
    sweep(m);
  }
  expect([usage().used, usage().mapped]).toEqual([start.used, start.mapped]);
  for (const v of kinds) release(v);
  utimesSync(root, 0, 0);
});
