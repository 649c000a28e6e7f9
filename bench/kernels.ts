// Times kernels against a copy of the bytes they read and write, in the same run: a ratio near 1 is memory speed.
//
//   bun bench/kernels.ts [items, default 10000000] [name part …]
//
// Ratios, not milliseconds, are to be compared between runs: the machine is shared. Best of five after two to warm up.
import { Arena } from "../src/kernels/arena.testing.ts";
import { hashBytes, sortBytes } from "../src/kernels/table.ts";

const n = Number(process.argv[2] ?? 10_000_000);
const wanted = process.argv.slice(3);
const arena = new Arena();
const { get } = arena.kernels;

let next = 65536;
const room = (bytes: number): number => {
  const at = next;
  next += (bytes + 63) & ~63;
  return at;
};
const buffer = arena.memory.buffer as ArrayBuffer;
const longs = (at: number): Int32Array => new Int32Array(buffer, at, 2 * n);

// The vectors of the yardstick: x wide longs, k below a million, z of twenty values, p prices, s 500 symbols in runs.
const x = room(n * 8);
const k = room(n * 8);
const z = room(n * 8);
const p = room(n * 8);
const s = room(n * 4);
const b = room(n);
const r = room(n * 8);
const r2 = room(n * 8);
const ids = room(n * 4);
const scratch = room(Math.max(sortBytes(n), hashBytes(1_100_000)));
const scratchBytes = next - scratch;
const w = room(8000);
const u = room(800_000);
const g = room(8_000_000);
const one = room(64);
{
  const [atX, atK, atZ] = [longs(x), longs(k), longs(z)];
  const atP = new Float64Array(buffer, p, n);
  const atS = new Int32Array(buffer, s, n);
  const atB = new Uint8Array(buffer, b, n);
  let state = 20240607;
  for (let i = 0; i < n; i++) {
    state = (state * 48271) % 2147483647;
    atX[2 * i] = state;
    atK[2 * i] = state % 1_000_000;
    atZ[2 * i] = 100 * (1 + ((state >>> 7) % 20));
    atP[i] = (1000 + ((state >>> 3) % 49000)) / 100;
    atS[i] = Math.floor(Math.sqrt(i / n) * 500) + 1;
    atB[i] = (state >>> 5) & 1;
  }
  const put = (at: number, count: number, step: number): void => {
    const view = new Int32Array(buffer, at, 2 * count);
    for (let i = 0; i < count; i++) view[2 * i] = step * i;
  };
  put(w, 1000, 997);
  put(u, 100_000, 7);
  put(g, 1_000_000, 2147);
  new BigInt64Array(buffer, one, 2).set([1000n, 300_000_000_000n]);
  new Float64Array(buffer, one + 16, 1)[0] = 200.5;
}
const half = get("count_b")(b, n);
get("ids_i")(s, n, ids, r, scratch, scratchBytes);

function best(run: () => void): number {
  run();
  run();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** What it is called, bytes read and written an item, and the call. */
const rows: [string, number, () => void][] = [
  ["sum_f p", 8, () => get("sum_f")(p, n, one + 32)],
  ["sum_j z", 8, () => get("sum_j")(z, n, one + 32)],
  ["sum_i s", 4, () => get("sum_i")(s, n, one + 32)],
  ["max_f p", 8, () => get("max_f")(p, n, one + 32)],
  ["dot_jf z p", 16, () => get("dot_jf")(z, p, n, one + 32)],
  ["til_j", 8, () => get("til_j")(r, n)],
  ["add_j x z", 24, () => get("add_j")(x, z, r, n, 0)],
  ["mul_jf z p", 24, () => get("mul_jf")(z, p, r, n, 0)],
  ["gt_j z 1000", 9, () => get("gt_j")(z, one, r, n, 2)],
  ["lt_f p 200.5", 9, () => get("lt_f")(p, one + 16, r, n, 2)],
  ["xbar_j 300e9 x", 16, () => get("xbar_j")(one + 8, x, r, n, 1)],
  ["cast_fj p", 16, () => get("cast_fj")(p, r, n)],
  ["choose_8 b p", 17, () => get("choose_8")(b, p, x, r, n, 0)],
  ["where_b b", 5, () => get("where_b")(b, n, r, half)],
  ["compress_8 p b", 13, () => get("compress_8")(p, b, r, half)],
  ["deltas x", 16, () => get("sub_j")(x + 8, x, r + 8, n - 1, 0)],
  ["sums_j z", 16, () => get("sums_j")(z, n, r)],
  ["mavg_f 20 p", 16, () => get("mavg_f")(p, n, 20, r)],
  ["asc_j x", 16, () => get("asc_j")(x, n, r, scratch)],
  ["iasc_f p", 16, () => get("iasc_f")(p, n, r, scratch)],
  ["bin_j g x", 16, () => get("bin_j")(g, 1_000_000, x, n, r)],
  ["ids_i s", 8, () => get("ids_i")(s, n, ids, r, scratch, scratchBytes)],
  ["counts_i", 4, () => get("counts_i")(ids, n, 500, r2, scratch)],
  ["positions_i", 12, () => get("positions_i")(ids, n, 500, r2, r, scratch)],
  ["ids_j k (distinct)", 8, () => get("ids_j")(k, n, 0, r, scratch, scratchBytes)],
  ["in_j k w", 9, () => get("in_j")(w, 1000, k, n, r, scratch, scratchBytes)],
  ["find_j u k", 16, () => get("find_j")(u, 100_000, k, n, r, scratch, scratchBytes)],
  ["ids_f p (hash)", 12, () => get("ids_f")(p, n, ids, r, scratch, scratchBytes)],
  ["gsum_f p by s", 12, () => get("gsum_f")(ids, p, n, 500, r, scratch)],
  ["gdot_jf z p by s", 20, () => get("gdot_jf")(ids, z, p, n, 500, r, scratch)],
  ["gmax_f p by s", 12, () => get("gmax_f")(ids, p, n, 500, r)],
  ["format_j x", 18, () => get("format_j")(x, Math.floor(n / 10), 0, r2, r)],
  ["format_f p", 14, () => get("format_f")(p, Math.floor(n / 10), 0, 7, r2, r)],
];

console.log(`${n} items; ms, and how many times the copy of as many bytes`);
get("counts_i")(ids, n, 500, r2, scratch);
for (const [name, bytes, run] of rows) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const items = name.startsWith("format") ? n / 10 : n;
  // a copy reads and writes: half the bytes each
  const copied = Math.min(Math.floor((bytes * items) / 2), n * 8);
  const copyMs = best(() => get("copy")(r, x, copied)) * ((bytes * items) / 2 / copied);
  if (name === "positions_i") get("counts_i")(ids, n, 500, r2, scratch);
  const ms = best(run);
  console.log(`${name.padEnd(20)} ${ms.toFixed(2).padStart(8)} ms ${(ms / copyMs).toFixed(2).padStart(7)} x`);
}
