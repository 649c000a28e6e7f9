// Vector primitives on the data of bench.md §1 (streams of a Lehmer generator; prices and sizes in date, symbol, time
// order), each beside a copy of as many bytes in the same run. `bun bench/vectors.ts [rows]`, 1,000,000 by default.
// What is compared between runs and machines is the last column, never milliseconds.

import { createSession } from "#eval/session.ts";
import { T } from "#values/datatypes.ts";
import { mark, own, retain, sweep } from "#values/ownership.ts";
import { F64, I32, kernels, setLimit } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { newVector, setLongElement } from "#values/vectors.ts";
import { formatConsole } from "#format/console.ts";
import { testingHost } from "../tests/testing-host.ts";

const N = Number(process.argv[2] ?? 1_000_000);
const only = process.argv[3];
const P = 2147483647;
setLimit(0);

/** a*b mod P without losing a bit: b in two halves. */
const mulmod = (a: number, b: number): number => (((((a * (b >>> 16)) % P) * 65536) % P) + a * (b & 65535)) % P;
function stream(k: number, count: number): Int32Array {
  let seed = 20240607;
  for (let i = 0; i < k; i++) seed = mulmod(69621, seed);
  const result = new Int32Array(count);
  let v = mulmod(48271, seed);
  for (let i = 0; i < count; i++) {
    result[i] = v;
    v = (48271 * v) % P;
  }
  return result;
}

/** Rows of each date sorted by symbol, stably. */
function hdbOrder(symbols: Uint16Array, rowsPerDate: number): Uint32Array {
  const order = new Uint32Array(symbols.length);
  for (let start = 0; start < symbols.length; start += rowsPerDate) {
    const counts = new Uint32Array(501);
    for (let i = start; i < start + rowsPerDate; i++) counts[symbols[i] + 1]++;
    for (let j = 0; j < 500; j++) counts[j + 1] += counts[j];
    for (let i = start; i < start + rowsPerDate; i++) order[start + counts[symbols[i]]++] = i;
  }
  return order;
}
const cumulative = new Float64Array(500);
for (let j = 0, total = 0; j < 500; j++) {
  total += Math.floor(1000000 / (j + 1));
  cumulative[j] = total;
}
function symbolsOf(u: Int32Array): Uint16Array {
  const total = cumulative[499];
  return Uint16Array.from(u, (v) => {
    const w = v % total;
    let low = 0;
    let high = 500;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] <= w) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
const letters = (j: number): string =>
  String.fromCharCode(65 + Math.floor(j / 676), 65 + (Math.floor(j / 26) % 26), 65 + (j % 26));

const session = createSession(testingHost());
function keep(name: string, v: Vector): void {
  session.assign(name, v);
}

function build(): void {
  const start = mark();
  const x = newVector(T.long, N);
  stream(16, N).forEach((v, i) => {
    setLongElement(x.at, i, v);
  });
  keep("x", x);
  const symbols = symbolsOf(stream(0, N));
  const order = hdbOrder(symbols, N / 5);
  const u2 = stream(2, N);
  const u3 = stream(3, N);
  const p = newVector(T.float, N);
  const z = newVector(T.long, N);
  const s = newVector(T.symbol, N);
  const ids = Array.from({ length: 500 }, (_, j) => symbolId(letters(j)));
  for (let k = 0; k < N; k++) {
    const i = order[k];
    const j = symbols[i];
    F64[p.at / 8 + k] = (1000 + ((j * 7919) % 49000) + (u2[i] % 201) - 100) / 100;
    setLongElement(z.at, k, 100 * (1 + (u3[i] % 20)));
    I32[s.at / 4 + k] = ids[j];
  }
  keep("p", p);
  keep("z", z);
  keep("s", s);
  // The first N of twice as many quotes.
  const quoteOrder = hdbOrder(symbolsOf(stream(8, 2 * N)), (2 * N) / 5);
  const sizes = stream(11, 2 * N);
  const e = newVector(T.int, N);
  for (let k = 0; k < N; k++) I32[e.at / 4 + k] = 1 + (sizes[quoteOrder[k]] % 50);
  keep("e", e);
  sweep(start);
  session.execute(`N:${N};k:x mod 1000000;b:z>1000;w:997*til 1000;u:7*til 100000;g:2147*til 1000000`);
}

interface Row {
  id: string;
  q: string;
  /** Bytes an item, read and written. */
  bytes: number;
  /** q that turns the result `r` into what is checked, and the answers at 1e7 and 1e6 rows. */
  check?: string;
}
const rows: Row[] = [
  { id: "V01", q: "sum p", bytes: 8, check: "r" },
  { id: "V02", q: "sum z", bytes: 8, check: "r" },
  { id: "V03", q: "sum e", bytes: 4, check: "r" },
  { id: "V04", q: "avg p", bytes: 8, check: "r" },
  { id: "V05", q: "til N", bytes: 8, check: "sum r" },
  { id: "V06", q: "x+z", bytes: 24, check: "sum r" },
  { id: "V07", q: "p*z", bytes: 24, check: "sum r" },
  { id: "V08", q: "z>1000", bytes: 9, check: "sum r" },
  { id: "V09", q: "where b", bytes: 5, check: "sum r" },
  { id: "V10", q: "p where b", bytes: 13, check: "sum r" },
  { id: "V11", q: "asc x", bytes: 16, check: "r N div 2" },
  { id: "V12", q: "iasc p", bytes: 16, check: "r N div 2" },
  { id: "V13", q: "group s", bytes: 16, check: "count r" },
  { id: "V14", q: "distinct k", bytes: 9, check: "count r" },
  { id: "V15", q: "k in w", bytes: 9, check: "sum r" },
  { id: "V16", q: "u?k", bytes: 16, check: "sum r" },
  { id: "V17", q: "g bin x", bytes: 17, check: "sum r" },
  { id: "V18", q: "deltas x", bytes: 16, check: "sum r" },
  { id: "V19", q: "sums z", bytes: 16, check: "last r" },
  { id: "V20", q: "20 mavg p", bytes: 16, check: "sum r" },
  { id: "V21", q: "z wavg p", bytes: 16, check: "r" },
  { id: "V22", q: "?[b;p;0f]", bytes: 17, check: "sum r" },
  { id: "V23", q: '"j"$p', bytes: 16, check: "sum r" },
  { id: "V25", q: "max p", bytes: 8, check: "r" },
  { id: "   ", q: "med p", bytes: 8, check: "r" },
  { id: "   ", q: "dev p", bytes: 8, check: "r" },
  { id: "   ", q: "p cor z", bytes: 16, check: "r" },
  { id: "   ", q: "p within 100 200", bytes: 9, check: "sum r" },
  { id: "   ", q: "x mod 1000", bytes: 16, check: "sum r" },
  { id: "   ", q: "1000 xbar x", bytes: 16, check: "sum r" },
  { id: "   ", q: "s=`ABC", bytes: 5, check: "sum r" },
  { id: "   ", q: "s<`ABC", bytes: 5, check: "sum r" },
  { id: "   ", q: "asc s", bytes: 8, check: "r N div 2" },
  { id: "   ", q: "iasc e", bytes: 12, check: "r N div 2" },
  { id: "   ", q: "differ s", bytes: 5, check: "sum r" },
  { id: "   ", q: "N?100", bytes: 8, check: "count r" },
  { id: "   ", q: "N?1f", bytes: 8, check: "count r" },
  { id: "   ", q: "0^x", bytes: 16, check: "sum r" },
  { id: "   ", q: "fills x", bytes: 16, check: "last r" },
];

/** Milliseconds of the best of several runs; the result of the first is kept for the check. */
function best(f: () => void, runs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = Bun.nanoseconds();
    f();
    least = Math.min(least, (Bun.nanoseconds() - start) / 1e6);
  }
  return least;
}
function copyTime(bytes: number): number {
  const start = mark();
  const half = Math.max(64, Math.floor(bytes / 16) * 8);
  const from = newVector(T.byte, half);
  const to = newVector(T.byte, half);
  const copy = kernels.get("copy");
  copy(to.at, from.at, half);
  const time = best(() => copy(to.at, from.at, half), 5);
  sweep(start);
  return time;
}

build();
console.log(`${N} rows; ms, ms of a copy of as many bytes, ratio; check`);
for (const row of rows) {
  if (only !== undefined && !row.id.includes(only) && !row.q.includes(only)) continue;
  try {
    const f = session.execute(`{[] ${row.q}}`);
    retain(own(f as Value as never));
    const from = mark();
    const once = (): void => {
      session.apply(f, [session.execute("::")]);
      sweep(from);
    };
    session.execute(`r:${row.q}`);
    const answer = formatConsole(session, session.execute(row.check ?? "count r")).join(" ");
    session.execute("r:0");
    sweep(from);
    const time = best(once, N > 2_000_000 ? 5 : 9);
    const copy = copyTime(N * row.bytes);
    console.log(
      `${row.id} ${row.q.padEnd(18)} ${time.toFixed(2).padStart(9)} ${copy.toFixed(2).padStart(8)} ${(time / copy).toFixed(2).padStart(7)}  ${answer}`,
    );
  } catch (error) {
    console.log(`${row.id} ${row.q.padEnd(18)} ${(error as Error).message}`);
  }
}
