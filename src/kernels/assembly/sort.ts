// Sorting and binary search. A value becomes an order: a long whose signed order is q's (null least, -0 with 0,
// every NaN one). Orders less their minimum are keys of as few bits as the range needs; keys are sorted by a stable
// radix sort from the low digit, in as few passes as digits of at most eleven bits allow. A few items are inserted.
//
// scratch: 16 bytes an item and 49152 more. r never overlaps x.
// TRIED (bench.md): a conditional in a binary search is compiled to a jump; masks and eight searches abreast are not.

const HISTOGRAMS: usize = 6 * 2048 * 4;

// @ts-ignore: decorator
@inline function order<T>(a: T): i64 {
  if (isFloat<T>()) {
    if (a != a) return i64.MIN_VALUE;
    if (sizeof<T>() == 8) {
      const bits = reinterpret<i64>(<f64>a + 0.0);
      return bits ^ ((bits >> 63) & i64.MAX_VALUE);
    }
    const bits = reinterpret<i32>(<f32>a + 0.0);
    return <i64>(bits ^ ((bits >> 31) & i32.MAX_VALUE));
  }
  return <i64>a;
}

// @ts-ignore: decorator
@inline function fromOrder<T>(o: i64): T {
  if (isFloat<T>()) {
    if (o == i64.MIN_VALUE) return <T>NaN;
    if (sizeof<T>() == 8) return <T>reinterpret<f64>(o ^ ((o >> 63) & i64.MAX_VALUE));
    const bits = <i32>o;
    return <T>reinterpret<f32>(bits ^ ((bits >> 31) & i32.MAX_VALUE));
  }
  return <T>o;
}

/** Of the vector at hand: the least and the greatest order, and whether it is already as asked. */
let least: i64 = 0;
let greatest: i64 = 0;

/** -1 keys of a real's null would spread the range of reals over 64 bits: reals keep theirs in 33. */
// @ts-ignore: decorator
@inline function orderIn<T>(a: T): i64 {
  const o = order<T>(a);
  if (isFloat<T>() && sizeof<T>() == 4) return o == i64.MIN_VALUE ? <i64>i32.MIN_VALUE : o;
  return o;
}
// @ts-ignore: decorator
@inline function valueOf<T>(o: i64): T {
  if (isFloat<T>() && sizeof<T>() == 4) return fromOrder<T>(o == <i64>i32.MIN_VALUE ? i64.MIN_VALUE : o);
  return fromOrder<T>(o);
}

// @ts-ignore: decorator
@inline function survey<T>(x: usize, n: u32, down: bool): bool {
  const end = x + n * sizeof<T>();
  let before = orderIn<T>(load<T>(x));
  let low = before;
  let high = before;
  let wrong: u32 = 0;
  while (x < end) {
    const o = orderIn<T>(load<T>(x));
    wrong |= u32(down ? o > before : o < before);
    before = o;
    if (o < low) low = o;
    if (o > high) high = o;
    x += sizeof<T>();
  }
  least = low;
  greatest = high;
  return wrong == 0;
}

// @ts-ignore: decorator
@inline function keyOf<T>(a: T, down: bool, low: i64, high: i64): u64 {
  return <u64>(down ? high - orderIn<T>(a) : orderIn<T>(a) - low);
}

/** How many passes, of how many bits each. */
let passes: u32 = 0;
let digit: u32 = 0;
function plan(bits: u32, n: u32): void {
  // TRIED at 10M: 31 bits by 11 163 ms, by 8 99 ms (2048 places to write miss the TLB); 55 bits by 11 154 ms, by 10 190 ms
  const most: u32 = n < 3000 ? 8 : bits <= 32 ? 10 : 11;
  passes = (bits + most - 1) / most;
  digit = passes == 0 ? 0 : (bits + passes - 1) / passes;
  // digits of eight bits can be more than the histograms hold tables of 2048 entries: those have 256
}

// @ts-ignore: decorator
@inline function table(histograms: usize, pass: u32): usize {
  return histograms + (<usize>pass << (digit + 2));
}

/** Counts every digit of every key; then drops the passes whose digit is the same throughout. */
// @ts-ignore: decorator
@inline function countDigits<T>(x: usize, n: u32, down: bool, histograms: usize): void {
  const low = least;
  const high = greatest;
  const mask = (<u64>1 << digit) - 1;
  memory.fill(histograms, 0, <usize>passes << (digit + 2));
  for (const end = x + n * sizeof<T>(); x < end; x += sizeof<T>()) {
    let k = keyOf<T>(load<T>(x), down, low, high);
    for (let p: u32 = 0; p < passes; p++) {
      const at = table(histograms, p) + (<usize>(k & mask) << 2);
      store<u32>(at, load<u32>(at) + 1);
      k >>= digit;
    }
  }
}

/** Whether the pass would move nothing. */
function isIdle(histograms: usize, pass: u32, n: u32): bool {
  const at = table(histograms, pass);
  for (let d: usize = 0; d < (<usize>1 << digit); d++) {
    const c = load<u32>(at + (d << 2));
    if (c != 0) return c == n;
  }
  return true;
}

/** Counts become where each digit's first record goes, as a number of bytes from 0. */
function toOffsets(at: usize, width: u32): void {
  let sum: u32 = 0;
  for (let d: usize = 0; d < (<usize>1 << digit); d++) {
    const c = load<u32>(at + (d << 2));
    store<u32>(at + (d << 2), sum);
    sum += c * width;
  }
}

// ---- grades ------------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function insertGrade<T>(x: usize, n: u32, down: bool, r: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    const o = orderIn<T>(load<T>(x + <usize>i * sizeof<T>()));
    let at = r + (<usize>i << 3);
    while (at > r) {
      const before = orderIn<T>(load<T>(x + <usize>load<u32>(at - 8) * sizeof<T>()));
      if (down ? before >= o : before <= o) break;
      store<i64>(at, load<i64>(at - 8));
      at -= 8;
    }
    store<i64>(at, <i64><u64>i);
  }
}

function identity(r: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) store<i64>(r + (<usize>i << 3), <i64><u64>i);
}

// @ts-ignore: decorator
@inline function grade<T>(x: usize, n: u32, down: bool, r: usize, scratch: usize): void {
  if (n <= 24) {
    insertGrade<T>(x, n, down, r);
    return;
  }
  if (survey<T>(x, n, down)) {
    identity(r, n);
    return;
  }
  const histograms = scratch;
  const second = scratch + HISTOGRAMS;
  const bits = 64 - <u32>clz(greatest - least);
  plan(bits, n);
  countDigits<T>(x, n, down, histograms);
  let active: u32 = 0;
  for (let p: u32 = 0; p < passes; p++) active |= u32(!isIdle(histograms, p, n)) << p;
  const low = least;
  const high = greatest;
  const mask = (<u64>1 << digit) - 1;
  let left = <u32>popcnt(active);
  // the last pass goes from the second buffer to r: begin in whichever comes out so
  let from = left & 1 ? second : r;
  let to = left & 1 ? r : second;
  if (bits <= 32) {
    // one record: the key above the index
    for (let i: u32 = 0; i < n; i++) {
      store<u64>(from + (<usize>i << 3), (keyOf<T>(load<T>(x + <usize>i * sizeof<T>()), down, low, high) << 32) | <u64>i);
    }
    for (let p: u32 = 0; p < passes; p++) {
      if (!((active >> p) & 1)) continue;
      const at = table(histograms, p);
      toOffsets(at, 8);
      const shift = <u64>(32 + p * digit);
      left--;
      const keep: u64 = left == 0 ? 0xffffffff : 0xffffffffffffffff;
      for (let s = from, end = from + (<usize>n << 3); s < end; s += 8) {
        const record = load<u64>(s);
        const slot = at + (<usize>((record >> shift) & mask) << 2);
        const offset = load<u32>(slot);
        store<u32>(slot, offset + 8);
        store<u64>(to + offset, record & keep);
      }
      const swap = from;
      from = to;
      to = swap;
    }
    return;
  }
  // keys and indices apart
  let fromIndex = second + (<usize>n << 3);
  let toIndex = fromIndex + (<usize>n << 2);
  for (let i: u32 = 0; i < n; i++) {
    store<u64>(from + (<usize>i << 3), keyOf<T>(load<T>(x + <usize>i * sizeof<T>()), down, low, high));
    store<u32>(fromIndex + (<usize>i << 2), i);
  }
  for (let p: u32 = 0; p < passes; p++) {
    if (!((active >> p) & 1)) continue;
    const at = table(histograms, p);
    toOffsets(at, 4);
    const shift = <u64>(p * digit);
    left--;
    let index = fromIndex;
    if (left == 0) {
      for (let s = from, end = from + (<usize>n << 3); s < end; s += 8) {
        const slot = at + (<usize>((load<u64>(s) >> shift) & mask) << 2);
        const offset = load<u32>(slot);
        store<u32>(slot, offset + 4);
        store<u64>(to + (<usize>offset << 1), <u64>load<u32>(index));
        index += 4;
      }
    } else {
      for (let s = from, end = from + (<usize>n << 3); s < end; s += 8) {
        const k = load<u64>(s);
        const slot = at + (<usize>((k >> shift) & mask) << 2);
        const offset = load<u32>(slot);
        store<u32>(slot, offset + 4);
        store<u64>(to + (<usize>offset << 1), k);
        store<u32>(toIndex + offset, load<u32>(index));
        index += 4;
      }
    }
    let swap = from;
    from = to;
    to = swap;
    swap = fromIndex;
    fromIndex = toIndex;
    toIndex = swap;
  }
}

// ---- values ------------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function insertValues<T>(x: usize, n: u32, down: bool, r: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const a = load<T>(x + i * sizeof<T>());
    const o = orderIn<T>(a);
    let at = r + i * sizeof<T>();
    while (at > r) {
      const before = load<T>(at - sizeof<T>());
      const b = orderIn<T>(before);
      if (down ? b >= o : b <= o) break;
      store<T>(at, before);
      at -= sizeof<T>();
    }
    store<T>(at, a);
  }
}

/** The passes of keys of type K; the last one makes values of the keys. */
// @ts-ignore: decorator
@inline function sortKeys<T, K>(x: usize, n: u32, down: bool, r: usize, histograms: usize, from: usize, to: usize): void {
  const low = least;
  const high = greatest;
  let active: u32 = 0;
  for (let p: u32 = 0; p < passes; p++) active |= u32(!isIdle(histograms, p, n)) << p;
  let left = <u32>popcnt(active);
  const mask = (<u64>1 << digit) - 1;
  for (let i: usize = 0; i < n; i++) store<K>(from + i * sizeof<K>(), <K>keyOf<T>(load<T>(x + i * sizeof<T>()), down, low, high));
  for (let p: u32 = 0; p < passes; p++) {
    if (!((active >> p) & 1)) continue;
    left--;
    const at = table(histograms, p);
    toOffsets(at, left == 0 ? sizeof<T>() : sizeof<K>());
    const shift = <u64>(p * digit);
    if (left == 0) {
      for (let s = from, end = from + n * sizeof<K>(); s < end; s += sizeof<K>()) {
        const k = <u64>load<K>(s);
        const slot = at + (<usize>((k >> shift) & mask) << 2);
        const offset = load<u32>(slot);
        store<u32>(slot, offset + sizeof<T>());
        store<T>(r + offset, valueOf<T>(down ? high - <i64>k : low + <i64>k));
      }
      return;
    }
    for (let s = from, end = from + n * sizeof<K>(); s < end; s += sizeof<K>()) {
      const k = load<K>(s);
      const slot = at + (<usize>((<u64>k >> shift) & mask) << 2);
      const offset = load<u32>(slot);
      store<u32>(slot, offset + sizeof<K>());
      store<K>(to + offset, k);
    }
    const swap = from;
    from = to;
    to = swap;
  }
}

// @ts-ignore: decorator
@inline function sort<T>(x: usize, n: u32, down: bool, r: usize, scratch: usize): void {
  if (n <= 24) {
    insertValues<T>(x, n, down, r);
    return;
  }
  if (survey<T>(x, n, down)) {
    memory.copy(r, x, n * sizeof<T>());
    return;
  }
  const bits = 64 - <u32>clz(greatest - least);
  const buffers = scratch + HISTOGRAMS;
  if (bits <= 11) {
    // few values: count them and write them out
    passes = 1;
    digit = bits;
    countDigits<T>(x, n, down, scratch);
    for (let d: usize = 0; d < (<usize>1 << digit); d++) {
      const value = valueOf<T>(down ? greatest - <i64>d : least + <i64>d);
      for (const end = r + load<u32>(scratch + (d << 2)) * sizeof<T>(); r < end; r += sizeof<T>()) store<T>(r, value);
    }
    return;
  }
  plan(bits, n);
  countDigits<T>(x, n, down, scratch);
  if (bits <= 32 || sizeof<T>() < 8) sortKeys<T, u32>(x, n, down, r, scratch, buffers, buffers + (<usize>n << 2));
  else sortKeys<T, u64>(x, n, down, r, scratch, buffers, buffers + (<usize>n << 3));
}

// ---- guids: merged by comparison -----------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function guidLess(x: usize, y: usize): bool {
  const a = bswap<u64>(load<u64>(x));
  const b = bswap<u64>(load<u64>(y));
  return a != b ? a < b : bswap<u64>(load<u64>(x, 8)) < bswap<u64>(load<u64>(y, 8));
}
function gradeGuids(x: usize, n: u32, down: bool, r: usize, scratch: usize): void {
  let from = r;
  let to = scratch;
  identity(r, n);
  for (let run: u32 = 1; run < n; run <<= 1) {
    for (let start: u32 = 0; start < n; start += run << 1) {
      let a = start;
      const middle = n - start < run ? n : start + run;
      let b = middle;
      const end = n - middle < run ? n : middle + run;
      for (let k = start; k < end; k++) {
        let second = false;
        if (a >= middle) second = true;
        else if (b < end) {
          const p = x + (<usize>load<u32>(from + (<usize>a << 3)) << 4);
          const q = x + (<usize>load<u32>(from + (<usize>b << 3)) << 4);
          second = down ? guidLess(p, q) : guidLess(q, p);
        }
        store<i64>(to + (<usize>k << 3), load<i64>(from + (<usize>(second ? b++ : a++) << 3)));
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  if (from != r) memory.copy(r, from, <usize>n << 3);
}
export function iasc_g(x: usize, n: u32, r: usize, scratch: usize): void { gradeGuids(x, n, false, r, scratch); }
export function idesc_g(x: usize, n: u32, r: usize, scratch: usize): void { gradeGuids(x, n, true, r, scratch); }

// ---- is it sorted? ---------------------------------------------------------------------------------------------------

/** 1 when no item is less than the one before. Vectors against themselves, one item on. */
// @ts-ignore: decorator
@inline function isAscending<T>(x: usize, n: u32): u32 {
  if (n < 2) return 1;
  const end = x + (n - 1) * sizeof<T>();
  while (end - x >= 32) {
    const wrong = v128.or(
      descends<T>(v128.load(x), v128.load(x + sizeof<T>())),
      descends<T>(v128.load(x, 16), v128.load(x + sizeof<T>(), 16)),
    );
    if (v128.any_true(wrong)) return 0;
    x += 32;
  }
  while (x < end) {
    if (orderIn<T>(load<T>(x + sizeof<T>())) < orderIn<T>(load<T>(x))) return 0;
    x += sizeof<T>();
  }
  return 1;
}
// @ts-ignore: decorator
@inline function descends<T>(a: v128, b: v128): v128 {
  if (isFloat<T>()) return v128.or(v128.lt<T>(b, a), v128.andnot(v128.ne<T>(b, b), v128.ne<T>(a, a)));
  return v128.gt<T>(a, b);
}

/** The inverse of a permutation: the rank of each item from the grade. */
export function invert_j(at: usize, n: u32, r: usize): void {
  for (let i: u32 = 0; i < n; i++) store<i64>(r + (<usize>load<u32>(at + (<usize>i << 3)) << 3), <i64><u64>i);
}

// ---- binary search -----------------------------------------------------------------------------------------------

const BIN = 0;
const BINR = 1;

/** All ones when x sorts at or before y (bin), or before it (binr). */
// @ts-ignore: decorator
@inline function isBefore<T>(op: i32, x: T, y: T): u32 {
  if (isFloat<T>()) return op == BIN ? u32(x <= y) | u32(x != x) : u32(x < y) | (u32(x != x) & u32(y == y));
  return op == BIN ? u32(x <= y) : u32(x < y);
}

// @ts-ignore: decorator
@inline function search<T>(op: i32, x: usize, nx: u32, y: usize, n: u32, r: usize): void {
  const end = r + (<usize>n << 3);
  const less: i64 = op == BIN ? 1 : 0;
  if (nx == 0) {
    for (; r < end; r += 8) store<i64>(r, -less);
    return;
  }
  const wide = r + (<usize>(n & ~7) << 3);
  while (r < wide) {
    const y0 = load<T>(y);
    const y1 = load<T>(y + sizeof<T>());
    const y2 = load<T>(y + 2 * sizeof<T>());
    const y3 = load<T>(y + 3 * sizeof<T>());
    const y4 = load<T>(y + 4 * sizeof<T>());
    const y5 = load<T>(y + 5 * sizeof<T>());
    const y6 = load<T>(y + 6 * sizeof<T>());
    const y7 = load<T>(y + 7 * sizeof<T>());
    let a0 = x;
    let a1 = x;
    let a2 = x;
    let a3 = x;
    let a4 = x;
    let a5 = x;
    let a6 = x;
    let a7 = x;
    let length = nx;
    while (length > 1) {
      const half = length >> 1;
      const step = <usize>half * sizeof<T>();
      a0 += step & -isBefore<T>(op, load<T>(a0 + step), y0);
      a1 += step & -isBefore<T>(op, load<T>(a1 + step), y1);
      a2 += step & -isBefore<T>(op, load<T>(a2 + step), y2);
      a3 += step & -isBefore<T>(op, load<T>(a3 + step), y3);
      a4 += step & -isBefore<T>(op, load<T>(a4 + step), y4);
      a5 += step & -isBefore<T>(op, load<T>(a5 + step), y5);
      a6 += step & -isBefore<T>(op, load<T>(a6 + step), y6);
      a7 += step & -isBefore<T>(op, load<T>(a7 + step), y7);
      length -= half;
    }
    store<i64>(r, found<T>(op, x, a0, y0) - less);
    store<i64>(r, found<T>(op, x, a1, y1) - less, 8);
    store<i64>(r, found<T>(op, x, a2, y2) - less, 16);
    store<i64>(r, found<T>(op, x, a3, y3) - less, 24);
    store<i64>(r, found<T>(op, x, a4, y4) - less, 32);
    store<i64>(r, found<T>(op, x, a5, y5) - less, 40);
    store<i64>(r, found<T>(op, x, a6, y6) - less, 48);
    store<i64>(r, found<T>(op, x, a7, y7) - less, 56);
    y += 8 * sizeof<T>();
    r += 64;
  }
  while (r < end) {
    const y0 = load<T>(y);
    let a = x;
    let length = nx;
    while (length > 1) {
      const half = length >> 1;
      const step = <usize>half * sizeof<T>();
      a += step & -isBefore<T>(op, load<T>(a + step), y0);
      length -= half;
    }
    store<i64>(r, found<T>(op, x, a, y0) - less);
    y += sizeof<T>();
    r += 8;
  }
}
/** How many items of x come before y, a being the last candidate. */
// @ts-ignore: decorator
@inline function found<T>(op: i32, x: usize, a: usize, y: T): i64 {
  return <i64><u64>((a - x) / sizeof<T>()) + <i64>isBefore<T>(op, load<T>(a), y);
}

// ---- one export per letter ------------------------------------------------------------------------------------
function grade_x(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { grade<u8>(x, n, down, r, scratch); }
function sort_x(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { sort<u8>(x, n, down, r, scratch); }
export function iasc_x(x: usize, n: u32, r: usize, scratch: usize): void { grade_x(x, n, false, r, scratch); }
export function idesc_x(x: usize, n: u32, r: usize, scratch: usize): void { grade_x(x, n, true, r, scratch); }
export function asc_x(x: usize, n: u32, r: usize, scratch: usize): void { sort_x(x, n, false, r, scratch); }
export function desc_x(x: usize, n: u32, r: usize, scratch: usize): void { sort_x(x, n, true, r, scratch); }
export function issorted_x(x: usize, n: u32): u32 { return isAscending<u8>(x, n); }
export function bin_x(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<u8>(BIN, x, nx, y, n, r); }
export function binr_x(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<u8>(BINR, x, nx, y, n, r); }
function grade_h(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { grade<i16>(x, n, down, r, scratch); }
function sort_h(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { sort<i16>(x, n, down, r, scratch); }
export function iasc_h(x: usize, n: u32, r: usize, scratch: usize): void { grade_h(x, n, false, r, scratch); }
export function idesc_h(x: usize, n: u32, r: usize, scratch: usize): void { grade_h(x, n, true, r, scratch); }
export function asc_h(x: usize, n: u32, r: usize, scratch: usize): void { sort_h(x, n, false, r, scratch); }
export function desc_h(x: usize, n: u32, r: usize, scratch: usize): void { sort_h(x, n, true, r, scratch); }
export function issorted_h(x: usize, n: u32): u32 { return isAscending<i16>(x, n); }
export function bin_h(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<i16>(BIN, x, nx, y, n, r); }
export function binr_h(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<i16>(BINR, x, nx, y, n, r); }
function grade_i(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { grade<i32>(x, n, down, r, scratch); }
function sort_i(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { sort<i32>(x, n, down, r, scratch); }
export function iasc_i(x: usize, n: u32, r: usize, scratch: usize): void { grade_i(x, n, false, r, scratch); }
export function idesc_i(x: usize, n: u32, r: usize, scratch: usize): void { grade_i(x, n, true, r, scratch); }
export function asc_i(x: usize, n: u32, r: usize, scratch: usize): void { sort_i(x, n, false, r, scratch); }
export function desc_i(x: usize, n: u32, r: usize, scratch: usize): void { sort_i(x, n, true, r, scratch); }
export function issorted_i(x: usize, n: u32): u32 { return isAscending<i32>(x, n); }
export function bin_i(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<i32>(BIN, x, nx, y, n, r); }
export function binr_i(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<i32>(BINR, x, nx, y, n, r); }
function grade_j(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { grade<i64>(x, n, down, r, scratch); }
function sort_j(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { sort<i64>(x, n, down, r, scratch); }
export function iasc_j(x: usize, n: u32, r: usize, scratch: usize): void { grade_j(x, n, false, r, scratch); }
export function idesc_j(x: usize, n: u32, r: usize, scratch: usize): void { grade_j(x, n, true, r, scratch); }
export function asc_j(x: usize, n: u32, r: usize, scratch: usize): void { sort_j(x, n, false, r, scratch); }
export function desc_j(x: usize, n: u32, r: usize, scratch: usize): void { sort_j(x, n, true, r, scratch); }
export function issorted_j(x: usize, n: u32): u32 { return isAscending<i64>(x, n); }
export function bin_j(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<i64>(BIN, x, nx, y, n, r); }
export function binr_j(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<i64>(BINR, x, nx, y, n, r); }
function grade_e(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { grade<f32>(x, n, down, r, scratch); }
function sort_e(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { sort<f32>(x, n, down, r, scratch); }
export function iasc_e(x: usize, n: u32, r: usize, scratch: usize): void { grade_e(x, n, false, r, scratch); }
export function idesc_e(x: usize, n: u32, r: usize, scratch: usize): void { grade_e(x, n, true, r, scratch); }
export function asc_e(x: usize, n: u32, r: usize, scratch: usize): void { sort_e(x, n, false, r, scratch); }
export function desc_e(x: usize, n: u32, r: usize, scratch: usize): void { sort_e(x, n, true, r, scratch); }
export function issorted_e(x: usize, n: u32): u32 { return isAscending<f32>(x, n); }
export function bin_e(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<f32>(BIN, x, nx, y, n, r); }
export function binr_e(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<f32>(BINR, x, nx, y, n, r); }
function grade_f(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { grade<f64>(x, n, down, r, scratch); }
function sort_f(x: usize, n: u32, down: bool, r: usize, scratch: usize): void { sort<f64>(x, n, down, r, scratch); }
export function iasc_f(x: usize, n: u32, r: usize, scratch: usize): void { grade_f(x, n, false, r, scratch); }
export function idesc_f(x: usize, n: u32, r: usize, scratch: usize): void { grade_f(x, n, true, r, scratch); }
export function asc_f(x: usize, n: u32, r: usize, scratch: usize): void { sort_f(x, n, false, r, scratch); }
export function desc_f(x: usize, n: u32, r: usize, scratch: usize): void { sort_f(x, n, true, r, scratch); }
export function issorted_f(x: usize, n: u32): u32 { return isAscending<f64>(x, n); }
export function bin_f(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<f64>(BIN, x, nx, y, n, r); }
export function binr_f(x: usize, nx: u32, y: usize, n: u32, r: usize): void { search<f64>(BINR, x, nx, y, n, r); }
