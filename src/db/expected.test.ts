// Every figure of ../shared/data/expected.json: what an independent decoder found in files that kdb+ wrote. Skipped,
// loudly, when the shared data is not there; our own files are tested in db.test.ts.

import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { decodeAt } from "#ipc/decode.ts";
import { encodePayload } from "#ipc/encode.ts";
import { stubVocabulary } from "#ipc/stub.testing.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { I32, U32, U8 } from "#values/storage.ts";
import type { Table, Value, Vector } from "#values/values.ts";
import { columnAt, countOf, elementAt, isNull, itemAt, itemsOf, rowCount, symbolTexts } from "#values/vectors.ts";
import { openDatabase } from "./database.ts";

const data = `${import.meta.dir}/../../../shared/data`;
const there = existsSync(`${data}/expected.json`);
if (!there) console.warn("SKIPPED: ../shared/data is not there, no file of kdb+'s was read");

// biome-ignore lint/suspicious/noExplicitAny: the figures' shape is described in their own _about
type Figures = any;
const expected: Figures = there ? JSON.parse(readFileSync(`${data}/expected.json`, "utf8")) : {};

const database = openDatabase({
  vocabulary: stubVocabulary,
  variable: () => undefined,
  join: () => {
    throw new Error("nothing is joined here");
  },
});
const md5 = (bytes: Uint8Array | string): string => createHash("md5").update(bytes).digest("hex");
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** The domain a column's indices point into: the file of its name in a directory above. */
const domains = new Map<string, string[]>();
function domainFor(column: string, name: string): string[] {
  const path = column.slice(0, column.lastIndexOf("/"));
  // Beside the table's directory, never in it: a column may have the domain's name.
  for (let at = `${path}/..`; at.length < path.length + 12; at += "/..") {
    const file = `${at}/${name}`;
    if (!existsSync(file)) continue;
    const known = domains.get(file) ?? symbolTexts(database.get(file));
    domains.set(file, known);
    return known;
  }
  throw new Error(`no ${name} above ${path}`);
}

/** An element as expected.json shows it. */
function shownElement(v: Vector, i: number): unknown {
  const x = elementAt(v, i);
  if (datatypeOf(v.type)!.raw === "j") return String(x);
  if (v.type === T.char) return String.fromCharCode(x as number);
  if (typeof x === "number" && datatypeOf(v.type)!.holding === "float") {
    return Number.isNaN(x)
      ? null
      : x === Number.POSITIVE_INFINITY
        ? "inf"
        : x === Number.NEGATIVE_INFINITY
          ? "-inf"
          : x;
  }
  return x;
}
const ends = (count: number): [number[], number[]] => {
  const few = Math.min(3, count);
  return [Array.from({ length: few }, (_, i) => i), Array.from({ length: few }, (_, i) => count - few + i)];
};

function checkVector(v: Vector, figures: Figures): void {
  const width = datatypeOf(v.type)!.width;
  expect(md5(U8.subarray(v.at, v.at + v.count * width))).toBe(figures.md5);
  const [first, last] = ends(v.count);
  expect(first.map((i) => shownElement(v, i))).toEqual(figures.first);
  expect(last.map((i) => shownElement(v, i))).toEqual(figures.last);
  // The digest says all of it; the other figures, an element at a time, are for files where that is quick.
  if (v.count > 20_000) return;
  const isFloat = datatypeOf(v.type)!.holding === "float";
  let nulls = 0;
  let sum = 0;
  let exact = 0n;
  const numbers: (number | bigint)[] = [];
  for (let i = 0; i < v.count; i++) {
    const item = itemAt(v, i);
    if (item.kind === "atom" && isNull(item)) {
      nulls++;
      continue;
    }
    const x = elementAt(v, i) as number | bigint;
    numbers.push(x);
    if (isFloat) sum += x as number;
    else exact += BigInt(x);
  }
  if (figures.nulls !== undefined) expect(nulls).toBe(figures.nulls);
  if (figures.sum !== undefined) {
    const infinite = figures.sum === "inf" || figures.sum === "-inf";
    if (infinite) expect(sum).toBe(figures.sum === "inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
    else if (isFloat)
      expect(Math.abs(sum - figures.sum)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(figures.sum)));
    else expect(String(exact)).toBe(String(figures.sum));
  }
  if (figures.min !== undefined && numbers.length > 0) {
    let min = numbers[0]!;
    let max = numbers[0]!;
    for (const x of numbers) {
      if (x < min) min = x;
      if (x > max) max = x;
    }
    const shown = (x: number | bigint, like: unknown): unknown =>
      typeof like === "string" && !/inf/.test(like) ? String(x) : x;
    if (typeof figures.min === "number" || /^-?\d/.test(figures.min)) expect(shown(min, figures.min)).toBe(figures.min);
    if (typeof figures.max === "number" || /^-?\d/.test(figures.max)) expect(shown(max, figures.max)).toBe(figures.max);
  }
}

function checkEnumeration(v: Vector, path: string, figures: Figures): void {
  expect(v.domain).toBe(figures.domain);
  expect(md5(U8.subarray(v.at, v.at + v.count * 8))).toBe(figures.md5);
  let nulls = 0;
  let sum = 0;
  const distinct = new Set<number>();
  for (let i = 0, k = v.at / 4; i < v.count; i++, k += 2) {
    if (I32[k + 1] !== 0) nulls++;
    else {
      sum += U32[k]!;
      distinct.add(U32[k]!);
    }
  }
  if (figures.nulls !== undefined) expect(nulls).toBe(figures.nulls);
  if (figures.index_sum !== undefined) expect(String(sum)).toBe(figures.index_sum);
  if (figures.distinct !== undefined) expect(distinct.size + (nulls > 0 ? 1 : 0)).toBe(figures.distinct);
  const [first, last] = ends(v.count);
  if (figures.domain_missing === true) {
    const index = (i: number): number => (I32[v.at / 4 + 2 * i + 1] === 0 ? I32[v.at / 4 + 2 * i]! : -2147483648);
    const as = (i: number): unknown =>
      figures.storage === "enum64" && typeof figures.first[0] === "string" ? String(index(i)) : index(i);
    expect(first.map(as)).toEqual(figures.first);
    expect(last.map(as)).toEqual(figures.last);
    return;
  }
  const domain = domainFor(path, v.domain!);
  const symbol = (i: number): string => (I32[v.at / 4 + 2 * i + 1] === 0 ? domain[U32[v.at / 4 + 2 * i]!]! : "");
  expect(first.map(symbol)).toEqual(figures.first);
  expect(last.map(symbol)).toEqual(figures.last);
  if (figures.md5_symbols !== undefined) {
    const texts: string[] = [];
    for (let i = 0; i < v.count; i++) texts.push(symbol(i));
    expect(md5(latin1(texts.map((text) => `${text}\0`).join("")))).toBe(figures.md5_symbols);
  }
}

function checkItems(column: Value, figures: Figures): void {
  const items = itemsOf(column);
  if (figures.md5_items_ipc !== undefined) {
    const hash = createHash("md5");
    for (const item of items) hash.update(encodePayload(item));
    expect(hash.digest("hex")).toBe(figures.md5_items_ipc);
  }
  const [first, last] = ends(items.length);
  const shown = (i: number): unknown => {
    const item = items[i]!;
    if (item.type === T.char) return Buffer.from(encodePayload(item).subarray(6)).toString("latin1");
    if (item.kind === "vector") return Array.from({ length: item.count }, (_, k) => shownElement(item, k));
    return { type: item.type, ipc_md5: md5(encodePayload(item)) };
  };
  if (figures.first !== undefined) expect(first.map(shown)).toEqual(figures.first);
  if (figures.last !== undefined) expect(last.map(shown)).toEqual(figures.last);
  if (figures.items_total !== undefined) {
    expect(items.reduce((n, item) => n + (item.kind === "table" || item.kind === "dict" ? 2 : countOf(item)), 0)).toBe(
      figures.items_total,
    );
  }
}

function checkColumn(column: Value, path: string, figures: Figures): void {
  const attribute = ["", "s", "u", "p", "g"][(column as Vector).attribute ?? 0];
  expect(attribute).toBe(figures.attr);
  if (figures.type === "s") {
    expect(column.type).toBe(T.enum);
    checkEnumeration(column as Vector, path, figures);
  } else if (column.kind === "vector") {
    expect(datatypeOf(column.type)!.letter).toBe(figures.type);
    checkVector(column, figures);
  } else checkItems(column, figures);
}

describe.skipIf(!there)("files that kdb+ wrote", () => {
  for (const [name, figures] of Object.entries<Figures>(expected.tables ?? {})) {
    test(`${name} has its rows and columns`, () => {
      const m = mark();
      const path = `${data}/${name}`;
      const table = database.get(`${path}/`) as Table;
      expect(rowCount(table)).toBe(figures.count);
      expect(table.names).toEqual(Object.keys(figures.columns));
      table.names.forEach((column, c) => {
        const value = columnAt(table, c);
        expect([column, countOf(value)]).toEqual([column, figures.columns[column].count ?? figures.count]);
        checkColumn(value, `${path}/${column}`, figures.columns[column]);
      });
      sweep(m);
    });
  }

  for (const [name, figures] of Object.entries<Figures>(expected.domains ?? {})) {
    test(`${name} has its symbols`, () => {
      const texts = symbolTexts(database.get(`${data}/${name}`));
      expect(texts.length).toBe(figures.count);
      const [first, last] = ends(texts.length);
      expect(first.map((i) => texts[i]!)).toEqual(figures.first);
      expect(last.map((i) => texts[i]!)).toEqual(figures.last);
      expect(md5(latin1(texts.map((text) => `${text}\0`).join("")))).toBe(figures.md5_symbols);
    });
  }

  for (const [name, figures] of Object.entries<Figures>(expected.vectors ?? {})) {
    test(`${name} has its elements`, () => {
      const v = database.get(`${data}/${name}`) as Vector;
      expect(v.count).toBe(figures.count);
      checkVector(v, figures);
    });
  }

  for (const [name, figures] of Object.entries<Figures>(expected.objects ?? {})) {
    test(`${name} is its object`, () => {
      const value = database.get(`${data}/${name}`);
      expect(value.type).toBe(figures.type);
      // Enumerations keep their domain in a file, so the same bytes come out only when they do again.
      const payload = encodePayload(value, { file: true });
      expect(payload.length).toBe(figures.ipc_payload_bytes);
      expect(md5(payload)).toBe(figures.ipc_payload_md5);
      if (figures.keys !== undefined)
        expect(symbolTexts((value as { keys: Value } & Value).keys)).toEqual(figures.keys);
      if (figures.columns !== undefined) expect((value as Table).names).toEqual(figures.columns);
      if (figures.count !== undefined) expect(countOf(value)).toBe(figures.count);
      if (value.kind === "atom") expect(String(value.value)).toBe(figures.value);
    });
  }

  for (const [name, figures] of Object.entries<Figures>(expected.logs ?? {})) {
    test(`${name} has its chunks`, () => {
      const bytes = new Uint8Array(readFileSync(`${data}/${name}`));
      expect(bytes.length).toBe(figures.file_bytes);
      let at = 8;
      let chunks = 0;
      const hash = createHash("md5");
      while (at < bytes.length) {
        let next = at;
        try {
          next = decodeAt(bytes, at, { vocabulary: stubVocabulary, file: true }).next;
        } catch {
          break;
        }
        hash.update(bytes.subarray(at, next));
        chunks++;
        at = next;
      }
      expect([chunks, at]).toEqual([figures.chunks, figures.valid_bytes]);
      if (figures.md5_payloads !== undefined) expect(hash.digest("hex")).toBe(figures.md5_payloads);
    });
  }

  test("nothing stays mapped or allocated when nobody holds it", () => {
    domains.clear();
    sweep(0);
    database.close();
    expect(database.mapped).toEqual({ bytes: 0, maps: 0 });
  });

  const roots: [string, string, string[], number][] = [
    ["taq/hdb", "date", ["quote_iex", "trade", "trade_iex"], 633690],
    ["fixtures/month_hdb", "month", ["xmonthly"], 150],
    ["fixtures/year_hdb", "year", ["xyearly"], 150],
    ["fixtures/int_hdb", "int", ["quote", "trade"], 991 + 1782 + 1580],
    ["fixtures/gzip_hdb", "date", [], 0],
  ];
  for (const [name, field, tables, rows] of roots) {
    test(`${name} loads as a database by ${field}`, () => {
      const root = database.load(`${data}/${name}`);
      expect(root.partitions!.field).toBe(field);
      if (tables.length === 0) return;
      expect(root.partitions!.tables).toEqual(tables);
      const variables = new Map(root.variables);
      expect(variables.get("sym")!.type).toBe(T.symbol);
      const table = variables.get(
        tables[tables.length - 1] === "trade_iex" ? "trade" : tables[tables.length - 1]!,
      ) as Table;
      expect(table.names[0]).toBe(field);
      expect(countOf(table)).toBe(rows);
      const source = table.partitioned!;
      for (let p = 0; p < source.values.count; p++) {
        for (const column of source.names) expect(countOf(source.column(p, column))).toBe(source.rowCount(p));
        expect(countOf(source.column(p, field))).toBe(source.rowCount(p));
      }
    });
  }

  test("taq partitions are ascending dates with their directory", () => {
    const { partitions } = database.load(`${data}/taq/hdb`);
    expect(itemsOf(partitions!.values).map((v) => (v as { value: number }).value)).toEqual([5485, 5486]);
    expect([0, 1].map((p) => partitions!.segments[partitions!.segmentOf(p)])).toEqual([".", "."]);
  });

  test("a table missing from a partition signals the path from the root", () => {
    const root = `${data}/fixtures/gzip_hdb`;
    expect(readdirSync(root).length).toBeGreaterThan(0);
    const { variables } = database.load(root);
    const table = variables.map(([, v]) => v).find((v): v is Table => v.kind === "table")!;
    expect(() => table.partitioned!.column(0, "nosuch")).toThrow(
      `./2019.06.24/${table.partitioned!.name}/nosuch. OS reports: No such file or directory`,
    );
  });
});
