// The TAQ data set of the yardstick (five dates, trade and quote, 500 symbols by Zipf's law), built from formulas and
// written through our own database writer: partitioned by date, sorted by symbol and time, p# on sym. Knows nothing of
// queries or other engines.

import { mkdirSync } from "node:fs";
import type { Database } from "#values/host.ts";
import { T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import { F64, I32, U8 } from "#values/storage.ts";
import { newVector, setLongElement, symbols, table } from "#values/vectors.ts";

const P = 2147483647;
const DATES = 5;
/** 2024.06.03 as days since 2000.01.01. */
export const FIRST_DATE = 8920;

const mulmod = (a: number, b: number): number => Number((BigInt(a) * BigInt(b)) % BigInt(P));

/** One stream of the Lehmer generator, taken from the front a piece at a time. */
export class Stream {
  private next: number;
  constructor(k: number) {
    let seed = 20240607;
    for (let i = 0; i < k; i++) seed = mulmod(69621, seed);
    this.next = mulmod(48271, seed);
  }
  take(count: number): Int32Array {
    const result = new Int32Array(count);
    let v = this.next;
    for (let i = 0; i < count; i++) {
      result[i] = v;
      v = (48271 * v) % P;
    }
    this.next = v;
    return result;
  }
}

export const symbolText = (j: number): string =>
  String.fromCharCode(65 + Math.floor(j / 676), 65 + (Math.floor(j / 26) % 26), 65 + (j % 26));
export const symbolTexts = (): string[] => Array.from({ length: 500 }, (_, j) => symbolText(j));

const cumulative: number[] = [];
for (let j = 0, total = 0; j < 500; j++) cumulative.push((total += Math.floor(1000000 / (j + 1))));

function symbolNumber(u: number): number {
  const w = u % cumulative[499]!;
  let low = 0;
  let high = 499;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! <= w) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One date of one table as plain columns, in symbol and time order. */
export interface Day {
  readonly date: number;
  readonly count: number;
  readonly symbol: Uint16Array;
  /** Nanoseconds of the day. */
  readonly time: Float64Array;
  readonly columns: Record<string, Float64Array | Int32Array | Uint8Array>;
}

function ordered(symbol: Uint16Array): Uint32Array {
  const starts = new Uint32Array(501);
  for (const j of symbol) starts[j + 1]!++;
  for (let j = 0; j < 500; j++) starts[j + 1]! += starts[j]!;
  const order = new Uint32Array(symbol.length);
  for (let i = 0; i < symbol.length; i++) order[starts[symbol[i]!]!++] = i;
  return order;
}

/** Days of trade (first stream 0) or quote (first stream 8), one after the other. */
export function* days(kind: "trade" | "quote", rows: number): Generator<Day> {
  const count = rows / DATES;
  const slot = Math.floor(23400000000000 / count);
  const first = kind === "trade" ? 0 : 8;
  const streams = [0, 1, 2, 3, 4].map((k) => new Stream(first + k));
  for (let d = 0; d < DATES; d++) {
    const [u0, u1, u2, u3, u4] = streams.map((s) => s.take(count)) as [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    const unsorted = Uint16Array.from(u0, symbolNumber);
    const order = ordered(unsorted);
    const symbol = new Uint16Array(count);
    const time = new Float64Array(count);
    const a = new Float64Array(count);
    const b = new Float64Array(count);
    const m = new Int32Array(count);
    const n = new Int32Array(count);
    const c = new Uint8Array(count);
    const letters = Buffer.from("@FTIOZ4 ");
    for (let k = 0; k < count; k++) {
      const i = order[k]!;
      const j = unsorted[i]!;
      const base = 1000 + ((j * 7919) % 49000);
      symbol[k] = j;
      time[k] = 34200000000000 + i * slot + (u1[i]! % slot);
      if (kind === "trade") {
        a[k] = (base + (u2[i]! % 201) - 100) / 100;
        m[k] = 100 * (1 + (u3[i]! % 20));
        c[k] = letters[u4[i]! % 8]!;
      } else {
        const middle = base + (u2[i]! % 201) - 100;
        a[k] = (middle - 1 - (u4[i]! % 5)) / 100;
        b[k] = (middle + 1 + (Math.floor(u4[i]! / 256) % 5)) / 100;
        m[k] = 1 + (u3[i]! % 50);
        n[k] = 1 + (Math.floor(u3[i]! / 256) % 50);
      }
    }
    const columns: Day["columns"] =
      kind === "trade" ? { price: a, size: m, cond: c } : { bid: a, ask: b, bsize: m, asize: n };
    yield { date: FIRST_DATE + d, count, symbol, time, columns };
  }
}

/** Days since 2000.01.01 as a partition is called. */
export function dateText(days: number): string {
  return new Date(Date.UTC(2000, 0, 1) + days * 86400000).toISOString().slice(0, 10).replaceAll("-", ".");
}

/** Writes both tables under `root`; `seen` gets each day as it passes. */
export function writeDatabase(
  database: Database,
  root: string,
  trades: number,
  seen: (table: string, day: Day) => void = () => {},
): void {
  mkdirSync(root, { recursive: true });
  database.set(`${root}/sym`, symbols(symbolTexts()));
  for (const kind of ["trade", "quote"] as const) {
    for (const day of days(kind, kind === "trade" ? trades : 2 * trades)) {
      const from = mark();
      database.set(`${root}/${dateText(day.date)}/${kind}/`, splayed(day));
      sweep(from);
      seen(kind, day);
    }
  }
}

function splayed(day: Day): ReturnType<typeof table> {
  const sym = newVector(T.enum, day.count, "sym");
  for (let i = 0, k = sym.at / 4; i < day.count; i++, k += 2) {
    I32[k] = day.symbol[i]!;
    I32[k + 1] = 0;
  }
  sym.attribute = 3;
  const time = newVector(T.timespan, day.count);
  for (let i = 0; i < day.count; i++) setLongElement(time.at, i, day.time[i]!);
  const rest = Object.entries(day.columns).map(([name, values]) => {
    if (values instanceof Float64Array) {
      const v = newVector(T.float, day.count);
      F64.set(values, v.at / 8);
      return v;
    }
    if (values instanceof Uint8Array) {
      const v = newVector(T.char, day.count);
      U8.set(values, v.at);
      return v;
    }
    const v = newVector(name === "size" ? T.long : T.int, day.count);
    if (name === "size") for (let i = 0; i < day.count; i++) setLongElement(v.at, i, values[i]!);
    else I32.set(values, v.at / 4);
    return v;
  });
  return table(["sym", "time", ...Object.keys(day.columns)], [sym, time, ...rest]);
}
