// Choosing and moving items: where, compress, index, assign at indices, take, reverse, til. Widths in bytes
// (1 2 4 8 16) stand for the letters that have them. Every store stays inside the result.

/** For each of 256 masks the positions of its ones, a byte each; made at first use. */
const POSITIONS: usize = memory.data(2048);
let positionsReady: bool = false;
function makePositions(): void {
  for (let mask: u32 = 0; mask < 256; mask++) {
    let at: usize = POSITIONS + (mask << 3);
    store<u64>(at, 0);
    for (let bit: u32 = 0; bit < 8; bit++) if (mask & (1 << bit)) store<u8>(at++, bit);
  }
  positionsReady = true;
}

const ONES: u64 = 0x0101010101010101;
/** Eight booleans, any byte that is not zero as 1: a mapped file may hold anything, and counts must agree. */
// @ts-ignore: decorator
@inline function booleans(at: usize): u64 {
  const w = load<u64>(at);
  return ((((w & 0x7f7f7f7f7f7f7f7f) + 0x7f7f7f7f7f7f7f7f) | w) >> 7) & ONES;
}

/** r: the indices of the ones, as longs; count: how many there are. */
export function where_b(b: usize, n: u32, r: usize, count: u32): void {
  if (!positionsReady) makePositions();
  const rend = r + (<usize>count << 3);
  let i: u32 = 0;
  const wide = n & ~7;
  // a block of eight writes 64 bytes whatever it holds: only while those belong to the result
  while (i < wide && rend - r >= 64) {
    const w = booleans(b + i);
    if (w != 0) {
      const mask = <usize>((w * 0x0102040810204080) >> 56);
      const at = i16x8.extend_low_i8x16_u(v128.load64_zero(POSITIONS + (mask << 3)));
      const base = i64x2.splat(<i64>i);
      const low = i32x4.extend_low_i16x8_u(at);
      const high = i32x4.extend_high_i16x8_u(at);
      v128.store(r, i64x2.add(base, i64x2.extend_low_i32x4_u(low)));
      v128.store(r, i64x2.add(base, i64x2.extend_high_i32x4_u(low)), 16);
      v128.store(r, i64x2.add(base, i64x2.extend_low_i32x4_u(high)), 32);
      v128.store(r, i64x2.add(base, i64x2.extend_high_i32x4_u(high)), 48);
      r += <usize>popcnt(mask) << 3;
    }
    i += 8;
  }
  while (r < rend) {
    if (load<u8>(b + i)) {
      store<i64>(r, <i64>i);
      r += 8;
    }
    i++;
  }
}

/** r: the items of x where b is one; count: how many. */
// @ts-ignore: decorator
@inline function compress<T>(x: usize, b: usize, r: usize, count: u32): void {
  const rend = r + count * sizeof<T>();
  while (rend - r >= 8 * sizeof<T>()) {
    const w = booleans(b);
    if (w == ONES) {
      memory.copy(r, x, 8 * sizeof<T>());
      r += 8 * sizeof<T>();
    } else if (w != 0) {
      for (let k: u32 = 0; k < 8; k++) {
        store<T>(r, load<T>(x + k * sizeof<T>()));
        r += <usize>((w >> (k << 3)) & 1) * sizeof<T>();
      }
    }
    x += 8 * sizeof<T>();
    b += 8;
  }
  while (r < rend) {
    if (load<u8>(b)) {
      store<T>(r, load<T>(x));
      r += sizeof<T>();
    }
    x += sizeof<T>();
    b++;
  }
}
export function compress_16(x: usize, b: usize, r: usize, count: u32): void {
  const rend = r + (<usize>count << 4);
  while (r < rend) {
    if (load<u8>(b)) {
      v128.store(r, v128.load(x));
      r += 16;
    }
    x += 16;
    b++;
  }
}

/** r[k] = x[at[k]]; where the index is not one of 0..nx-1, the item at `missing`. */
// @ts-ignore: decorator
@inline function index<T, I>(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void {
  const end = r + n * sizeof<T>();
  const wide = r + (n & ~3) * sizeof<T>();
  const none = load<T>(missing);
  const top = <u64>nx;
  while (r < wide) {
    const k0 = <u64>load<I>(at);
    const k1 = <u64>load<I>(at + sizeof<I>());
    const k2 = <u64>load<I>(at + 2 * sizeof<I>());
    const k3 = <u64>load<I>(at + 3 * sizeof<I>());
    if (u32(k0 < top) & u32(k1 < top) & u32(k2 < top) & u32(k3 < top)) {
      const a0 = load<T>(x + <usize>k0 * sizeof<T>());
      const a1 = load<T>(x + <usize>k1 * sizeof<T>());
      const a2 = load<T>(x + <usize>k2 * sizeof<T>());
      const a3 = load<T>(x + <usize>k3 * sizeof<T>());
      store<T>(r, a0);
      store<T>(r + sizeof<T>(), a1);
      store<T>(r + 2 * sizeof<T>(), a2);
      store<T>(r + 3 * sizeof<T>(), a3);
    } else {
      store<T>(r, k0 < top ? load<T>(x + <usize>k0 * sizeof<T>()) : none);
      store<T>(r + sizeof<T>(), k1 < top ? load<T>(x + <usize>k1 * sizeof<T>()) : none);
      store<T>(r + 2 * sizeof<T>(), k2 < top ? load<T>(x + <usize>k2 * sizeof<T>()) : none);
      store<T>(r + 3 * sizeof<T>(), k3 < top ? load<T>(x + <usize>k3 * sizeof<T>()) : none);
    }
    at += 4 * sizeof<I>();
    r += 4 * sizeof<T>();
  }
  while (r < end) {
    const k = <u64>load<I>(at);
    store<T>(r, k < top ? load<T>(x + <usize>k * sizeof<T>()) : none);
    at += sizeof<I>();
    r += sizeof<T>();
  }
}
// @ts-ignore: decorator
@inline function index16<I>(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void {
  const end = r + (<usize>n << 4);
  while (r < end) {
    const k = <u64>load<I>(at);
    v128.store(r, v128.load(k < <u64>nx ? x + (<usize>k << 4) : missing));
    at += sizeof<I>();
    r += 16;
  }
}

/** 1 when every index is one of 0..limit-1. */
export function inrange_j(at: usize, n: u32, limit: u32): u32 {
  const end = at + (<usize>n << 3);
  const wide = at + (<usize>(n & ~1) << 3);
  const top = i64x2.splat(<i64><u64>limit);
  let out = i64x2.splat(0);
  while (at < wide) {
    const k = v128.load(at);
    out = v128.or(out, v128.or(k, i64x2.ge_s(k, top)));
    at += 16;
  }
  // a negative index or a mask of ones: the sign bit of either lane
  if (v128.bitmask<i64>(out)) return 0;
  if (at < end && load<u64>(at) >= <u64>limit) return 0;
  return 1;
}
export function inrange_i(at: usize, n: u32, limit: u32): u32 {
  const end = at + (<usize>n << 2);
  let out: u32 = 0;
  while (at < end) {
    out |= u32(load<u32>(at) >= limit);
    at += 4;
  }
  return 1 - out;
}

/** x[at[k]] = v[k], or v[0] throughout; every index is in range; a later item wins. */
// @ts-ignore: decorator
@inline function put<T>(x: usize, at: usize, n: u32, v: usize, one: u32): void {
  const end = at + (<usize>n << 3);
  const step: usize = one ? 0 : sizeof<T>();
  while (at < end) {
    store<T>(x + <usize>load<u32>(at) * sizeof<T>(), load<T>(v));
    at += 8;
    v += step;
  }
}
export function put_16(x: usize, at: usize, n: u32, v: usize, one: u32): void {
  const end = at + (<usize>n << 3);
  const step: usize = one ? 0 : 16;
  while (at < end) {
    v128.store(x + (<usize>load<u32>(at) << 4), v128.load(v));
    at += 8;
    v += step;
  }
}

const ADD = 0;
const SUB = 1;
const MUL = 2;
const MIN = 3;
const MAX = 4;

// @ts-ignore: decorator
@inline function none<T>(a: T): bool {
  if (isFloat<T>()) return a != a;
  return a == (sizeof<T>() == 8 ? <T>i64.MIN_VALUE : <T>i32.MIN_VALUE);
}
/** x[at[k]] op= v[k]; an index met again takes the value so far. */
// @ts-ignore: decorator
@inline function amend<T>(op: i32, x: usize, at: usize, n: u32, v: usize, one: u32): void {
  const end = at + (<usize>n << 3);
  const step: usize = one ? 0 : sizeof<T>();
  while (at < end) {
    const p = x + <usize>load<u32>(at) * sizeof<T>();
    const a = load<T>(p);
    const b = load<T>(v);
    let r: T;
    if (op == MIN) r = isFloat<T>() ? (b != b || b < a ? b : a) : b < a ? b : a;
    else if (op == MAX) r = isFloat<T>() ? (a != a || a < b ? b : a) : a < b ? b : a;
    else {
      r = op == ADD ? <T>(a + b) : op == SUB ? <T>(a - b) : <T>(a * b);
      if (!isFloat<T>()) r = none<T>(a) ? a : none<T>(b) ? b : r;
    }
    store<T>(p, r);
    at += 8;
    v += step;
  }
}

// ---- filling and moving -----------------------------------------------------------------------------------------

/** n items, each the item at v. */
// @ts-ignore: decorator
@inline function spread<T>(r: usize, n: u32, v: usize): void {
  const one = load<T>(v);
  const a = v128.splat<T>(one);
  const end = r + n * sizeof<T>();
  const wide = r + ((n * sizeof<T>()) & ~15);
  while (r < wide) {
    v128.store(r, a);
    r += 16;
  }
  while (r < end) {
    store<T>(r, one);
    r += sizeof<T>();
  }
}
export function spread_16(r: usize, n: u32, v: usize): void {
  const a = v128.load(v);
  for (const end = r + (<usize>n << 4); r < end; r += 16) v128.store(r, a);
}
export function zero(r: usize, bytes: u32): void {
  memory.fill(r, 0, bytes);
}
/** The ranges may overlap. */
export function copy(r: usize, x: usize, bytes: u32): void {
  memory.copy(r, x, bytes);
}
/** r: `bytes` bytes of x repeated endlessly, beginning at byte `start` (below xBytes; xBytes above 0). */
export function cycle(x: usize, xBytes: u32, start: u32, r: usize, bytes: u32): void {
  const first = xBytes - start < bytes ? xBytes - start : bytes;
  memory.copy(r, x + start, first);
  let done = first;
  if (done == bytes) return;
  const whole = xBytes < bytes - done ? xBytes : bytes - done;
  memory.copy(r + done, x, whole);
  const period = r + done;
  done += whole;
  let ready = whole;
  while (done < bytes) {
    const more = ready < bytes - done ? ready : bytes - done;
    memory.copy(r + done, period, more);
    done += more;
    ready += more;
  }
}

// @ts-ignore: decorator
@inline function reverse<T>(x: usize, n: u32, r: usize): void {
  let from = x + n * sizeof<T>();
  const end = r + n * sizeof<T>();
  const wide = r + ((n * sizeof<T>()) & ~15);
  while (r < wide) {
    from -= 16;
    const a = v128.load(from);
    if (sizeof<T>() == 8) v128.store(r, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    else if (sizeof<T>() == 4) v128.store(r, i8x16.shuffle(a, a, 12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    else if (sizeof<T>() == 2) v128.store(r, i8x16.shuffle(a, a, 14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1));
    else v128.store(r, i8x16.shuffle(a, a, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    r += 16;
  }
  while (r < end) {
    from -= sizeof<T>();
    store<T>(r, load<T>(from));
    r += sizeof<T>();
  }
}
export function reverse_16(x: usize, n: u32, r: usize): void {
  let from = x + (<usize>n << 4);
  for (const end = r + (<usize>n << 4); r < end; r += 16) {
    from -= 16;
    v128.store(r, v128.load(from));
  }
}

/** start, start+step, … */
export function iota_j(r: usize, n: u32, start: usize, step: usize): void {
  const first = load<i64>(start);
  const by = load<i64>(step);
  const end = r + (<usize>n << 3);
  const wide = r + (<usize>(n & ~3) << 3);
  let a = i64x2.replace_lane(i64x2.splat(first), 1, first + by);
  let b = i64x2.add(a, i64x2.splat(by * 2));
  const four = i64x2.splat(by * 4);
  while (r < wide) {
    v128.store(r, a);
    v128.store(r, b, 16);
    a = i64x2.add(a, four);
    b = i64x2.add(b, four);
    r += 32;
  }
  let next = i64x2.extract_lane(a, 0);
  while (r < end) {
    store<i64>(r, next);
    next += by;
    r += 8;
  }
}
export function til_j(r: usize, n: u32): void {
  const end = r + (<usize>n << 3);
  const wide = r + (<usize>(n & ~3) << 3);
  let a = i64x2(0, 1);
  let b = i64x2(2, 3);
  const four = i64x2.splat(4);
  while (r < wide) {
    v128.store(r, a);
    v128.store(r, b, 16);
    a = i64x2.add(a, four);
    b = i64x2.add(b, four);
    r += 32;
  }
  let next: i64 = n & ~3;
  while (r < end) {
    store<i64>(r, next++);
    r += 8;
  }
}
export function til_i(r: usize, n: u32): void {
  const end = r + (<usize>n << 2);
  for (let next: i32 = 0; r < end; r += 4) store<i32>(r, next++);
}
/** where of counts: each index as often as its count says; the result has sum counts items. */
export function where_j(counts: usize, n: u32, r: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    const k = load<i64>(counts + (<usize>i << 3));
    for (const end = r + (k > 0 ? <usize>k << 3 : 0); r < end; r += 8) store<i64>(r, <i64><u64>i);
  }
}

// ---- one export per width --------------------------------------------------------------------------------------
export function compress_1(x: usize, b: usize, r: usize, count: u32): void { compress<u8>(x, b, r, count); }
export function compress_2(x: usize, b: usize, r: usize, count: u32): void { compress<u16>(x, b, r, count); }
export function compress_4(x: usize, b: usize, r: usize, count: u32): void { compress<u32>(x, b, r, count); }
export function compress_8(x: usize, b: usize, r: usize, count: u32): void { compress<u64>(x, b, r, count); }
export function index_j1(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u8, i64>(x, nx, at, n, r, missing); }
export function index_j2(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u16, i64>(x, nx, at, n, r, missing); }
export function index_j4(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u32, i64>(x, nx, at, n, r, missing); }
export function index_j8(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u64, i64>(x, nx, at, n, r, missing); }
export function index_j16(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index16<i64>(x, nx, at, n, r, missing); }
export function index_i1(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u8, i32>(x, nx, at, n, r, missing); }
export function index_i2(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u16, i32>(x, nx, at, n, r, missing); }
export function index_i4(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u32, i32>(x, nx, at, n, r, missing); }
export function index_i8(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index<u64, i32>(x, nx, at, n, r, missing); }
export function index_i16(x: usize, nx: u32, at: usize, n: u32, r: usize, missing: usize): void { index16<i32>(x, nx, at, n, r, missing); }
export function put_1(x: usize, at: usize, n: u32, v: usize, one: u32): void { put<u8>(x, at, n, v, one); }
export function put_2(x: usize, at: usize, n: u32, v: usize, one: u32): void { put<u16>(x, at, n, v, one); }
export function put_4(x: usize, at: usize, n: u32, v: usize, one: u32): void { put<u32>(x, at, n, v, one); }
export function put_8(x: usize, at: usize, n: u32, v: usize, one: u32): void { put<u64>(x, at, n, v, one); }
export function addat_i(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i32>(ADD, x, at, n, v, one); }
export function addat_j(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i64>(ADD, x, at, n, v, one); }
export function addat_f(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<f64>(ADD, x, at, n, v, one); }
export function subat_i(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i32>(SUB, x, at, n, v, one); }
export function subat_j(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i64>(SUB, x, at, n, v, one); }
export function subat_f(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<f64>(SUB, x, at, n, v, one); }
export function mulat_i(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i32>(MUL, x, at, n, v, one); }
export function mulat_j(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i64>(MUL, x, at, n, v, one); }
export function mulat_f(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<f64>(MUL, x, at, n, v, one); }
export function lesserat_i(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i32>(MIN, x, at, n, v, one); }
export function lesserat_j(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i64>(MIN, x, at, n, v, one); }
export function lesserat_f(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<f64>(MIN, x, at, n, v, one); }
export function greaterat_i(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i32>(MAX, x, at, n, v, one); }
export function greaterat_j(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<i64>(MAX, x, at, n, v, one); }
export function greaterat_f(x: usize, at: usize, n: u32, v: usize, one: u32): void { amend<f64>(MAX, x, at, n, v, one); }
export function spread_1(r: usize, n: u32, v: usize): void { spread<u8>(r, n, v); }
export function spread_2(r: usize, n: u32, v: usize): void { spread<u16>(r, n, v); }
export function spread_4(r: usize, n: u32, v: usize): void { spread<u32>(r, n, v); }
export function spread_8(r: usize, n: u32, v: usize): void { spread<u64>(r, n, v); }
export function reverse_1(x: usize, n: u32, r: usize): void { reverse<u8>(x, n, r); }
export function reverse_2(x: usize, n: u32, r: usize): void { reverse<u16>(x, n, r); }
export function reverse_4(x: usize, n: u32, r: usize): void { reverse<u32>(x, n, r); }
export function reverse_8(x: usize, n: u32, r: usize): void { reverse<u64>(x, n, r); }
