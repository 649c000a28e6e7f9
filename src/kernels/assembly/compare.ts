// Comparison and the other kernels whose result is booleans. A null equals a null and is less than anything
// else. Floats compare tolerantly (basics/precision): equal when they differ by at most 2^-43 of the larger
// magnitude. Reals need no tolerance among themselves: their own spacing is wider.
// Result bytes must not overlap the operands, unless the operand has one byte an item.
import { TOLERANCE, MAX_F64, X_IS_ONE, Y_IS_ONE, isNull } from "./common";

const EQ = 0;
const LT = 1;
const GT = 2;

// @ts-ignore: decorator
@inline function tolerantlyEqual(a: f64, b: f64): bool {
  if (a == b) return true;
  if (a != a) return b != b;
  return Math.abs(a - b) <= TOLERANCE * Math.min(Math.max(Math.abs(a), Math.abs(b)), MAX_F64);
}

// @ts-ignore: decorator
@inline function tolerantLanes(a: v128, b: v128): v128 {
  const larger = f64x2.pmin(f64x2.splat(MAX_F64), f64x2.pmax(f64x2.abs(a), f64x2.abs(b)));
  const near = f64x2.le(f64x2.abs(f64x2.sub(a, b)), f64x2.mul(larger, f64x2.splat(TOLERANCE)));
  const nulls = v128.and(f64x2.ne(a, a), f64x2.ne(b, b));
  return v128.or(v128.or(near, f64x2.eq(a, b)), nulls);
}

// @ts-ignore: decorator
@inline function lanes<T>(op: i32, a: v128, b: v128): v128 {
  if (isFloat<T>() && sizeof<T>() == 8) {
    const same = tolerantLanes(a, b);
    if (op == EQ) return same;
    return v128.andnot(v128.or(f64x2.lt(a, b), v128.andnot(f64x2.ne(a, a), f64x2.ne(b, b))), same);
  }
  if (isFloat<T>()) {
    if (op == EQ) return v128.or(f32x4.eq(a, b), v128.and(f32x4.ne(a, a), f32x4.ne(b, b)));
    return v128.or(f32x4.lt(a, b), v128.andnot(f32x4.ne(a, a), f32x4.ne(b, b)));
  }
  if (op == EQ) return v128.eq<T>(a, b);
  return op == GT ? v128.gt<T>(a, b) : v128.lt<T>(a, b);
}

// @ts-ignore: decorator
@inline function item<T>(op: i32, a: T, b: T): bool {
  if (isFloat<T>() && sizeof<T>() == 8) {
    const same = tolerantlyEqual(<f64>a, <f64>b);
    if (op == EQ) return same;
    return !same && (a < b || a != a);
  }
  if (isFloat<T>()) {
    if (op == EQ) return a == b || (a != a && b != b);
    return a < b || (a != a && b == b);
  }
  if (op == EQ) return a == b;
  return op == GT ? a > b : a < b;
}

/** One lane mask a bit wide per item, for sixteen items, to sixteen bytes of 0 or 1. */
// @ts-ignore: decorator
@inline function storeBytes(r: usize, bytes: v128, flip: v128): void {
  v128.store(r, v128.xor(v128.and(bytes, i8x16.splat(1)), flip));
}

/** Lane masks of 8-byte items halve to 4, 2 and 1 bytes: saturation keeps 0 and -1 as they are. */
// @ts-ignore: decorator
@inline function pack8(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, m6: v128, m7: v128): v128 {
  return pack4(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3), i16x8.narrow_i32x4_s(m4, m5), i16x8.narrow_i32x4_s(m6, m7));
}
// @ts-ignore: decorator
@inline function pack4(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
}

// @ts-ignore: decorator
@inline function vectors<T>(op: i32, x: usize, y: usize, r: usize, n: u32, flipBit: u32): void {
  const end = r + n;
  const wide = r + (n & ~15);
  const flip = i8x16.splat(<i8>flipBit);
  while (r < wide) {
    if (sizeof<T>() == 8) {
      storeBytes(r, pack8(
        lanes<T>(op, v128.load(x), v128.load(y)),
        lanes<T>(op, v128.load(x, 16), v128.load(y, 16)),
        lanes<T>(op, v128.load(x, 32), v128.load(y, 32)),
        lanes<T>(op, v128.load(x, 48), v128.load(y, 48)),
        lanes<T>(op, v128.load(x, 64), v128.load(y, 64)),
        lanes<T>(op, v128.load(x, 80), v128.load(y, 80)),
        lanes<T>(op, v128.load(x, 96), v128.load(y, 96)),
        lanes<T>(op, v128.load(x, 112), v128.load(y, 112)),
      ), flip);
    } else if (sizeof<T>() == 4) {
      storeBytes(r, pack4(
        lanes<T>(op, v128.load(x), v128.load(y)),
        lanes<T>(op, v128.load(x, 16), v128.load(y, 16)),
        lanes<T>(op, v128.load(x, 32), v128.load(y, 32)),
        lanes<T>(op, v128.load(x, 48), v128.load(y, 48)),
      ), flip);
    } else if (sizeof<T>() == 2) {
      storeBytes(r, i8x16.narrow_i16x8_s(lanes<T>(op, v128.load(x), v128.load(y)), lanes<T>(op, v128.load(x, 16), v128.load(y, 16))), flip);
    } else {
      storeBytes(r, lanes<T>(op, v128.load(x), v128.load(y)), flip);
    }
    x += 16 * sizeof<T>();
    y += 16 * sizeof<T>();
    r += 16;
  }
  while (r < end) {
    store<u8>(r, <u32>item<T>(op, load<T>(x), load<T>(y)) ^ flipBit);
    x += sizeof<T>();
    y += sizeof<T>();
    r++;
  }
}

// @ts-ignore: decorator
@inline function withOne<T>(op: i32, x: usize, one: T, r: usize, n: u32, flipBit: u32): void {
  const end = r + n;
  const wide = r + (n & ~15);
  const flip = i8x16.splat(<i8>flipBit);
  const b = v128.splat<T>(one);
  while (r < wide) {
    if (sizeof<T>() == 8) {
      storeBytes(r, pack8(
        lanes<T>(op, v128.load(x), b),
        lanes<T>(op, v128.load(x, 16), b),
        lanes<T>(op, v128.load(x, 32), b),
        lanes<T>(op, v128.load(x, 48), b),
        lanes<T>(op, v128.load(x, 64), b),
        lanes<T>(op, v128.load(x, 80), b),
        lanes<T>(op, v128.load(x, 96), b),
        lanes<T>(op, v128.load(x, 112), b),
      ), flip);
    } else if (sizeof<T>() == 4) {
      storeBytes(r, pack4(lanes<T>(op, v128.load(x), b), lanes<T>(op, v128.load(x, 16), b), lanes<T>(op, v128.load(x, 32), b), lanes<T>(op, v128.load(x, 48), b)), flip);
    } else if (sizeof<T>() == 2) {
      storeBytes(r, i8x16.narrow_i16x8_s(lanes<T>(op, v128.load(x), b), lanes<T>(op, v128.load(x, 16), b)), flip);
    } else {
      storeBytes(r, lanes<T>(op, v128.load(x), b), flip);
    }
    x += 16 * sizeof<T>();
    r += 16;
  }
  while (r < end) {
    store<u8>(r, <u32>item<T>(op, load<T>(x), one) ^ flipBit);
    x += sizeof<T>();
    r++;
  }
}

// ---- a float against one float: the tolerance becomes an interval, found once -----------------------------------

/** The neighbour of a finite, non-zero float, `step` representable values away from zero. */
function neighbour(a: f64, step: i64): f64 {
  return reinterpret<f64>(reinterpret<i64>(a) + step);
}

/** The float of smallest magnitude that is tolerantly equal to y. */
function nearestToZero(y: f64): f64 {
  if (y == 0 || Math.abs(y) > MAX_F64 || y != y) return y;
  let bound = y - y * TOLERANCE;
  while (!tolerantlyEqual(bound, y)) bound = neighbour(bound, 1);
  for (let next = neighbour(bound, -1); tolerantlyEqual(next, y) && next != bound; next = neighbour(bound, -1)) bound = next;
  return bound;
}

/** The float of largest magnitude that is tolerantly equal to y. */
function farthestFromZero(y: f64): f64 {
  if (y == 0 || Math.abs(y) > MAX_F64 || y != y) return y;
  let bound = y + y * TOLERANCE;
  if (Math.abs(bound) > MAX_F64) return y < 0 ? -MAX_F64 : MAX_F64;
  while (!tolerantlyEqual(bound, y)) bound = neighbour(bound, -1);
  for (let next = neighbour(bound, 1); tolerantlyEqual(next, y) && Math.abs(next) <= MAX_F64; next = neighbour(bound, 1)) bound = next;
  return bound;
}

// @ts-ignore: decorator
@inline function intervalLanes(a: v128, low: v128, high: v128, nulls: v128): v128 {
  return v128.or(v128.and(f64x2.ge(a, low), f64x2.le(a, high)), v128.and(f64x2.ne(a, a), nulls));
}

/** r = low<=x<=high, or x is null and `nulls` is set; then flipped. Every comparison with one float is one of these. */
function interval(x: usize, low: f64, high: f64, nulls: bool, r: usize, n: u32, flipBit: u32): void {
  const end = r + n;
  const wide = r + (n & ~15);
  const flip = i8x16.splat(<i8>flipBit);
  const l = f64x2.splat(low);
  const h = f64x2.splat(high);
  const m = i64x2.splat(nulls ? -1 : 0);
  while (r < wide) {
    storeBytes(r, pack8(
      intervalLanes(v128.load(x), l, h, m),
      intervalLanes(v128.load(x, 16), l, h, m),
      intervalLanes(v128.load(x, 32), l, h, m),
      intervalLanes(v128.load(x, 48), l, h, m),
      intervalLanes(v128.load(x, 64), l, h, m),
      intervalLanes(v128.load(x, 80), l, h, m),
      intervalLanes(v128.load(x, 96), l, h, m),
      intervalLanes(v128.load(x, 112), l, h, m),
    ), flip);
    x += 128;
    r += 16;
  }
  while (r < end) {
    const a = load<f64>(x);
    store<u8>(r, <u32>((a >= low && a <= high) || (a != a && nulls)) ^ flipBit);
    x += 8;
    r++;
  }
}

/** The representable float just below (step -1) or above (1) a. */
function beside(a: f64, step: i64): f64 {
  if (a == 0) return step < 0 ? -5e-324 : 5e-324;
  return neighbour(a, a < 0 ? -step : step);
}

function floatWithOne(op: i32, x: usize, y: f64, r: usize, n: u32, flipBit: u32): void {
  if (y != y) {
    if (op == EQ) interval(x, Infinity, -Infinity, true, r, n, flipBit);
    else if (op == LT) interval(x, Infinity, -Infinity, false, r, n, flipBit);
    else interval(x, -Infinity, Infinity, false, r, n, flipBit);
    return;
  }
  const low = y > 0 ? nearestToZero(y) : farthestFromZero(y);
  const high = y > 0 ? farthestFromZero(y) : nearestToZero(y);
  if (op == EQ) interval(x, low, high, false, r, n, flipBit);
  else if (op == LT) {
    if (low == -Infinity) interval(x, Infinity, -Infinity, true, r, n, flipBit);
    else interval(x, -Infinity, beside(low, -1), true, r, n, flipBit);
  } else if (high == Infinity) interval(x, Infinity, -Infinity, false, r, n, flipBit);
  else interval(x, beside(high, 1), Infinity, false, r, n, flipBit);
}

// ---- within --------------------------------------------------------------------------------------------------

/** lo<=x<=hi for one pair of bounds: not (x<lo or x>hi), in one pass. */
// @ts-ignore: decorator
@inline function withinBounds<T>(x: usize, n: u32, bounds: usize, r: usize): void {
  const low = load<T>(bounds);
  const high = load<T>(bounds, sizeof<T>());
  const l = v128.splat<T>(low);
  const h = v128.splat<T>(high);
  const end = r + n;
  const wide = r + (n & ~15);
  const one = i8x16.splat(1);
  while (r < wide) {
    if (sizeof<T>() == 8) {
      storeBytes(r, pack8(
        outside<T>(v128.load(x), l, h), outside<T>(v128.load(x, 16), l, h), outside<T>(v128.load(x, 32), l, h), outside<T>(v128.load(x, 48), l, h),
        outside<T>(v128.load(x, 64), l, h), outside<T>(v128.load(x, 80), l, h), outside<T>(v128.load(x, 96), l, h), outside<T>(v128.load(x, 112), l, h),
      ), one);
    } else if (sizeof<T>() == 4) {
      storeBytes(r, pack4(outside<T>(v128.load(x), l, h), outside<T>(v128.load(x, 16), l, h), outside<T>(v128.load(x, 32), l, h), outside<T>(v128.load(x, 48), l, h)), one);
    } else if (sizeof<T>() == 2) {
      storeBytes(r, i8x16.narrow_i16x8_s(outside<T>(v128.load(x), l, h), outside<T>(v128.load(x, 16), l, h)), one);
    } else {
      storeBytes(r, outside<T>(v128.load(x), l, h), one);
    }
    x += 16 * sizeof<T>();
    r += 16;
  }
  while (r < end) {
    const a = load<T>(x);
    store<u8>(r, !(item<T>(LT, a, low) || item<T>(LT, high, a)));
    x += sizeof<T>();
    r++;
  }
}
// @ts-ignore: decorator
@inline function outside<T>(a: v128, low: v128, high: v128): v128 {
  return v128.or(lanes<T>(LT, a, low), lanes<T>(LT, high, a));
}

// ---- not, null ------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function isZero<T>(x: usize, r: usize, n: u32): void {
  withOne<T>(EQ, x, <T>0, r, n, 0);
}

/** Exact on floats: 0 is tolerantly equal to nothing else anyway. */
// @ts-ignore: decorator
@inline function isNullFloat<T>(x: usize, r: usize, n: u32): void {
  const end = r + n;
  while (r < end) {
    store<u8>(r, isNull<T>(load<T>(x)));
    x += sizeof<T>();
    r++;
  }
}

// ---- choice: ?[b;x;y] ------------------------------------------------------------------------------------------

/** r = b ? x : y, item by item; either may be one element. r may be x or y. */
// @ts-ignore: decorator
@inline function choose<T>(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void {
  const end = r + n * sizeof<T>();
  const oneX = shape & X_IS_ONE;
  const oneY = shape & Y_IS_ONE;
  const perBlock: usize = 16 / sizeof<T>();
  const wide = r + ((n * sizeof<T>()) & ~15);
  const vx = v128.splat<T>(load<T>(x));
  const vy = v128.splat<T>(load<T>(y));
  while (r < wide) {
    let m: v128;
    if (sizeof<T>() == 8) {
      const w = load<u16>(b);
      m = i64x2.replace_lane(i64x2.splat(-<i64>(w & 1)), 1, -<i64>(w >> 8));
    } else if (sizeof<T>() == 4) {
      m = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(i8x16.neg(v128.load32_zero(b))));
    } else if (sizeof<T>() == 2) {
      m = i16x8.extend_low_i8x16_s(i8x16.neg(v128.load64_zero(b)));
    } else {
      m = i8x16.neg(v128.load(b));
    }
    v128.store(r, v128.bitselect(oneX ? vx : v128.load(x), oneY ? vy : v128.load(y), m));
    b += perBlock;
    if (!oneX) x += 16;
    if (!oneY) y += 16;
    r += 16;
  }
  while (r < end) {
    store<T>(r, load<u8>(b) ? load<T>(x) : load<T>(y));
    b++;
    if (!oneX) x += sizeof<T>();
    if (!oneY) y += sizeof<T>();
    r += sizeof<T>();
  }
}

function choose16(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void {
  const end = r + n * 16;
  const stepX: usize = shape & X_IS_ONE ? 0 : 16;
  const stepY: usize = shape & Y_IS_ONE ? 0 : 16;
  while (r < end) {
    v128.store(r, v128.load(load<u8>(b) ? x : y));
    b++;
    x += stepX;
    y += stepY;
    r += 16;
  }
}

// ---- guids ----------------------------------------------------------------------------------------------------

/** Guids order as 16 unsigned bytes, the first weighing most. */
// @ts-ignore: decorator
@inline function guidLess(x: usize, y: usize): bool {
  const a = bswap<u64>(load<u64>(x));
  const b = bswap<u64>(load<u64>(y));
  return a != b ? a < b : bswap<u64>(load<u64>(x, 8)) < bswap<u64>(load<u64>(y, 8));
}

function guids(op: i32, x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  const end = r + n;
  const stepX: usize = shape == X_IS_ONE ? 0 : 16;
  const stepY: usize = shape == Y_IS_ONE ? 0 : 16;
  while (r < end) {
    let bit: bool;
    if (op == EQ) bit = load<u64>(x) == load<u64>(y) && load<u64>(x, 8) == load<u64>(y, 8);
    else bit = op == LT ? guidLess(x, y) : guidLess(y, x);
    store<u8>(r, <u32>bit ^ flip);
    x += stepX;
    y += stepY;
    r++;
  }
}

/** Fill of guids: y where it is not the null guid, else x. */
export function fill_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void {
  const end = r + n * 16;
  const stepX: usize = shape == X_IS_ONE ? 0 : 16;
  const stepY: usize = shape == Y_IS_ONE ? 0 : 16;
  while (r < end) {
    const b = v128.load(y);
    v128.store(r, v128.any_true(b) ? b : v128.load(x));
    x += stepX;
    y += stepY;
    r += 16;
  }
}

// @ts-ignore: decorator
@inline function fillWhere<T>(x: usize, y: usize, r: usize, n: u32, shape: u32, nothing: T): void {
  const end = r + n * sizeof<T>();
  const stepX: usize = shape == X_IS_ONE ? 0 : sizeof<T>();
  const stepY: usize = shape == Y_IS_ONE ? 0 : sizeof<T>();
  while (r < end) {
    const b = load<T>(y);
    store<T>(r, b == nothing ? load<T>(x) : b);
    x += stepX;
    y += stepY;
    r += sizeof<T>();
  }
}
export function fill_c(x: usize, y: usize, r: usize, n: u32, shape: u32): void { fillWhere<u8>(x, y, r, n, shape, 32); }
export function fill_s(x: usize, y: usize, r: usize, n: u32, shape: u32): void { fillWhere<u32>(x, y, r, n, shape, 0); }

/** Match of two vectors: 1 when all n items are tolerantly equal. */
export function match_f(x: usize, y: usize, n: u32): u32 {
  const end = x + n * 8;
  while (x < end) {
    if (!tolerantlyEqual(load<f64>(x), load<f64>(y))) return 0;
    x += 8;
    y += 8;
  }
  return 1;
}
export function match_e(x: usize, y: usize, n: u32): u32 {
  const end = x + n * 4;
  while (x < end) {
    if (!item<f32>(EQ, load<f32>(x), load<f32>(y))) return 0;
    x += 4;
    y += 4;
  }
  return 1;
}
/** Match of n bytes. */
export function match_x(x: usize, y: usize, n: u32): u32 {
  const end = x + n;
  const wide = x + (n & ~15);
  while (x < wide) {
    if (v128.any_true(v128.xor(v128.load(x), v128.load(y)))) return 0;
    x += 16;
    y += 16;
  }
  while (x < end) {
    if (load<u8>(x) != load<u8>(y)) return 0;
    x++;
    y++;
  }
  return 1;
}

export function null_g(x: usize, r: usize, n: u32): void {
  const end = r + n;
  while (r < end) {
    store<u8>(r, !v128.any_true(v128.load(x)));
    x += 16;
    r++;
  }
}

// ---- one export per letter ------------------------------------------------------------------------------------
function eqAll_x(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<u8>(EQ, y, load<u8>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<u8>(EQ, x, load<u8>(y), r, n, flip);
  else vectors<u8>(EQ, x, y, r, n, flip);
}
function ltAll_x(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<u8>(GT, y, load<u8>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<u8>(LT, x, load<u8>(y), r, n, flip);
  else vectors<u8>(LT, x, y, r, n, flip);
}
export function eq_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_x(x, y, r, n, shape, 0); }
export function ne_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_x(x, y, r, n, shape, 1); }
export function lt_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_x(x, y, r, n, shape, 0); }
export function ge_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_x(x, y, r, n, shape, 1); }
export function gt_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_x(y, x, r, n, swapped(shape), 0); }
export function le_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_x(y, x, r, n, swapped(shape), 1); }
export function within_x(x: usize, n: u32, bounds: usize, r: usize): void { withinBounds<u8>(x, n, bounds, r); }
export function not_x(x: usize, r: usize, n: u32): void { isZero<u8>(x, r, n); }
function eqAll_h(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<i16>(EQ, y, load<i16>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<i16>(EQ, x, load<i16>(y), r, n, flip);
  else vectors<i16>(EQ, x, y, r, n, flip);
}
function ltAll_h(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<i16>(GT, y, load<i16>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<i16>(LT, x, load<i16>(y), r, n, flip);
  else vectors<i16>(LT, x, y, r, n, flip);
}
export function eq_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_h(x, y, r, n, shape, 0); }
export function ne_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_h(x, y, r, n, shape, 1); }
export function lt_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_h(x, y, r, n, shape, 0); }
export function ge_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_h(x, y, r, n, shape, 1); }
export function gt_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_h(y, x, r, n, swapped(shape), 0); }
export function le_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_h(y, x, r, n, swapped(shape), 1); }
export function within_h(x: usize, n: u32, bounds: usize, r: usize): void { withinBounds<i16>(x, n, bounds, r); }
export function not_h(x: usize, r: usize, n: u32): void { isZero<i16>(x, r, n); }
function eqAll_i(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<i32>(EQ, y, load<i32>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<i32>(EQ, x, load<i32>(y), r, n, flip);
  else vectors<i32>(EQ, x, y, r, n, flip);
}
function ltAll_i(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<i32>(GT, y, load<i32>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<i32>(LT, x, load<i32>(y), r, n, flip);
  else vectors<i32>(LT, x, y, r, n, flip);
}
export function eq_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_i(x, y, r, n, shape, 0); }
export function ne_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_i(x, y, r, n, shape, 1); }
export function lt_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_i(x, y, r, n, shape, 0); }
export function ge_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_i(x, y, r, n, shape, 1); }
export function gt_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_i(y, x, r, n, swapped(shape), 0); }
export function le_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_i(y, x, r, n, swapped(shape), 1); }
export function within_i(x: usize, n: u32, bounds: usize, r: usize): void { withinBounds<i32>(x, n, bounds, r); }
export function not_i(x: usize, r: usize, n: u32): void { isZero<i32>(x, r, n); }
function eqAll_j(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<i64>(EQ, y, load<i64>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<i64>(EQ, x, load<i64>(y), r, n, flip);
  else vectors<i64>(EQ, x, y, r, n, flip);
}
function ltAll_j(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) withOne<i64>(GT, y, load<i64>(x), r, n, flip);
  else if (shape == Y_IS_ONE) withOne<i64>(LT, x, load<i64>(y), r, n, flip);
  else vectors<i64>(LT, x, y, r, n, flip);
}
export function eq_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_j(x, y, r, n, shape, 0); }
export function ne_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_j(x, y, r, n, shape, 1); }
export function lt_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_j(x, y, r, n, shape, 0); }
export function ge_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_j(x, y, r, n, shape, 1); }
export function gt_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_j(y, x, r, n, swapped(shape), 0); }
export function le_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_j(y, x, r, n, swapped(shape), 1); }
export function within_j(x: usize, n: u32, bounds: usize, r: usize): void { withinBounds<i64>(x, n, bounds, r); }
export function not_j(x: usize, r: usize, n: u32): void { isZero<i64>(x, r, n); }
function eqAll_e(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) realWithOne(EQ, y, load<f32>(x), r, n, flip);
  else if (shape == Y_IS_ONE) realWithOne(EQ, x, load<f32>(y), r, n, flip);
  else vectors<f32>(EQ, x, y, r, n, flip);
}
function ltAll_e(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) realWithOne(GT, y, load<f32>(x), r, n, flip);
  else if (shape == Y_IS_ONE) realWithOne(LT, x, load<f32>(y), r, n, flip);
  else vectors<f32>(LT, x, y, r, n, flip);
}
export function eq_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_e(x, y, r, n, shape, 0); }
export function ne_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_e(x, y, r, n, shape, 1); }
export function lt_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_e(x, y, r, n, shape, 0); }
export function ge_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_e(x, y, r, n, shape, 1); }
export function gt_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_e(y, x, r, n, swapped(shape), 0); }
export function le_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_e(y, x, r, n, swapped(shape), 1); }
export function within_e(x: usize, n: u32, bounds: usize, r: usize): void { withinBounds<f32>(x, n, bounds, r); }
export function not_e(x: usize, r: usize, n: u32): void { isZero<f32>(x, r, n); }
function eqAll_f(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) floatWithOne(EQ, y, load<f64>(x), r, n, flip);
  else if (shape == Y_IS_ONE) floatWithOne(EQ, x, load<f64>(y), r, n, flip);
  else vectors<f64>(EQ, x, y, r, n, flip);
}
function ltAll_f(x: usize, y: usize, r: usize, n: u32, shape: u32, flip: u32): void {
  if (shape == X_IS_ONE) floatWithOne(GT, y, load<f64>(x), r, n, flip);
  else if (shape == Y_IS_ONE) floatWithOne(LT, x, load<f64>(y), r, n, flip);
  else vectors<f64>(LT, x, y, r, n, flip);
}
export function eq_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_f(x, y, r, n, shape, 0); }
export function ne_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { eqAll_f(x, y, r, n, shape, 1); }
export function lt_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_f(x, y, r, n, shape, 0); }
export function ge_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_f(x, y, r, n, shape, 1); }
export function gt_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_f(y, x, r, n, swapped(shape), 0); }
export function le_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { ltAll_f(y, x, r, n, swapped(shape), 1); }
export function within_f(x: usize, n: u32, bounds: usize, r: usize): void { withinBounds<f64>(x, n, bounds, r); }
export function not_f(x: usize, r: usize, n: u32): void { interval(x, 0, 0, false, r, n, 0); }
export function eq_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void { guids(EQ, x, y, r, n, shape, 0); }
export function ne_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void { guids(EQ, x, y, r, n, shape, 1); }
export function lt_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void { guids(LT, x, y, r, n, shape, 0); }
export function gt_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void { guids(GT, x, y, r, n, shape, 0); }
export function ge_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void { guids(LT, x, y, r, n, shape, 1); }
export function le_g(x: usize, y: usize, r: usize, n: u32, shape: u32): void { guids(GT, x, y, r, n, shape, 1); }
export function null_h(x: usize, r: usize, n: u32): void { withOne<i16>(EQ, x, i16.MIN_VALUE, r, n, 0); }
export function null_i(x: usize, r: usize, n: u32): void { withOne<i32>(EQ, x, i32.MIN_VALUE, r, n, 0); }
export function null_j(x: usize, r: usize, n: u32): void { withOne<i64>(EQ, x, i64.MIN_VALUE, r, n, 0); }
export function null_e(x: usize, r: usize, n: u32): void { isNullFloat<f32>(x, r, n); }
export function null_f(x: usize, r: usize, n: u32): void { interval(x, Infinity, -Infinity, true, r, n, 0); }
export function null_c(x: usize, r: usize, n: u32): void { withOne<u8>(EQ, x, 32, r, n, 0); }
export function null_s(x: usize, r: usize, n: u32): void { withOne<i32>(EQ, x, 0, r, n, 0); }
export function choose_1(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void { choose<u8>(b, x, y, r, n, shape); }
export function choose_2(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void { choose<u16>(b, x, y, r, n, shape); }
export function choose_4(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void { choose<u32>(b, x, y, r, n, shape); }
export function choose_8(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void { choose<u64>(b, x, y, r, n, shape); }
export function choose_16(b: usize, x: usize, y: usize, r: usize, n: u32, shape: u32): void { choose16(b, x, y, r, n, shape); }

// @ts-ignore: decorator
@inline function swapped(shape: u32): u32 {
  return shape == X_IS_ONE ? Y_IS_ONE : shape == Y_IS_ONE ? X_IS_ONE : shape;
}

/** GT on reals is LT with the operands the other way round; lanes<f32> knows only EQ and LT. */
function realWithOne(op: i32, x: usize, one: f32, r: usize, n: u32, flip: u32): void {
  if (op == EQ) withOne<f32>(EQ, x, one, r, n, flip);
  else if (op == LT) withOne<f32>(LT, x, one, r, n, flip);
  else realAbove(x, one, r, n, flip);
}
function realAbove(x: usize, one: f32, r: usize, n: u32, flip: u32): void {
  const end = r + n;
  const wide = r + (n & ~15);
  const f = i8x16.splat(<i8>flip);
  const b = f32x4.splat(one);
  while (r < wide) {
    storeBytes(r, pack4(lanes<f32>(LT, b, v128.load(x)), lanes<f32>(LT, b, v128.load(x, 16)), lanes<f32>(LT, b, v128.load(x, 32)), lanes<f32>(LT, b, v128.load(x, 48))), f);
    x += 64;
    r += 16;
  }
  while (r < end) {
    store<u8>(r, <u32>item<f32>(LT, one, load<f32>(x)) ^ flip);
    x += 4;
    r++;
  }
}

// Cast to boolean: anything that is not zero, nulls included.
export function cast_xb(x: usize, r: usize, n: u32): void { withOne<u8>(EQ, x, <u8>0, r, n, 1); }
export function cast_hb(x: usize, r: usize, n: u32): void { withOne<i16>(EQ, x, <i16>0, r, n, 1); }
export function cast_ib(x: usize, r: usize, n: u32): void { withOne<i32>(EQ, x, <i32>0, r, n, 1); }
export function cast_jb(x: usize, r: usize, n: u32): void { withOne<i64>(EQ, x, <i64>0, r, n, 1); }
export function cast_eb(x: usize, r: usize, n: u32): void { withOne<f32>(EQ, x, <f32>0, r, n, 1); }
export function cast_fb(x: usize, r: usize, n: u32): void { interval(x, 0, 0, false, r, n, 1); }
