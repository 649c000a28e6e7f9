// A vector to one value, stored at r. Nulls are skipped, as the reference says of sum, avg, min, max, prd, var
// for simple vectors. Sums return how many items were not null, so that an average needs one pass.
// Floats are added in eight lanes, then lane by lane, then the odd rest: what basics/precision gives as kdb+'s order.
import { asFloat, infOf, isNull, load2AsFloats, longsToFloats, minusInfOf, nullLanes } from "./common";

/** Floats, nulls as 0; the count of the others in `counted`. */
let counted: f64 = 0;

// @ts-ignore: decorator

function eightLanes(s0: v128, s1: v128, s2: v128, s3: v128): f64 {
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  sum += f64x2.extract_lane(s1, 0);
  sum += f64x2.extract_lane(s1, 1);
  sum += f64x2.extract_lane(s2, 0);
  sum += f64x2.extract_lane(s2, 1);
  sum += f64x2.extract_lane(s3, 0);
  return sum + f64x2.extract_lane(s3, 1);
}

// @ts-ignore: decorator
@inline function addAsFloats<T>(x: usize, n: u32): f64 {
  const end = x + n * sizeof<T>();
  const wide = x + (n & ~7) * sizeof<T>();
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let some0 = i64x2.splat(0);
  let some1 = some0;
  while (x < wide) {
    const a0 = load2AsFloats<T>(x);
    const a1 = load2AsFloats<T>(x + 2 * sizeof<T>());
    const a2 = load2AsFloats<T>(x + 4 * sizeof<T>());
    const a3 = load2AsFloats<T>(x + 6 * sizeof<T>());
    const e0 = f64x2.eq(a0, a0);
    const e1 = f64x2.eq(a1, a1);
    const e2 = f64x2.eq(a2, a2);
    const e3 = f64x2.eq(a3, a3);
    s0 = f64x2.add(s0, v128.and(a0, e0));
    s1 = f64x2.add(s1, v128.and(a1, e1));
    s2 = f64x2.add(s2, v128.and(a2, e2));
    s3 = f64x2.add(s3, v128.and(a3, e3));
    some0 = i64x2.add(some0, i64x2.add(e0, e1));
    some1 = i64x2.add(some1, i64x2.add(e2, e3));
    x += 8 * sizeof<T>();
  }
  some0 = i64x2.add(some0, some1);
  let some = -(i64x2.extract_lane(some0, 0) + i64x2.extract_lane(some0, 1));
  let sum = n < 8 ? 0 : eightLanes(s0, s1, s2, s3);
  while (x < end) {
    const a = asFloat<T>(load<T>(x));
    if (a == a) {
      sum += a;
      some++;
    }
    x += sizeof<T>();
  }
  counted = <f64>some;
  return sum;
}

export function sum_f(x: usize, n: u32, r: usize): f64 {
  store<f64>(r, addAsFloats<f64>(x, n));
  return counted;
}
export function sum_e(x: usize, n: u32, r: usize): f64 {
  store<f64>(r, addAsFloats<f32>(x, n));
  return counted;
}
/** The sum of longs as a float, for averages: it does not wrap. */
export function fsum_j(x: usize, n: u32, r: usize): f64 {
  store<f64>(r, addAsFloats<i64>(x, n));
  return counted;
}

export function sum_j(x: usize, n: u32, r: usize): f64 {
  const end = x + (n << 3);
  const wide = x + ((n & ~3) << 3);
  let s0 = i64x2.splat(0);
  let s1 = s0;
  let none0 = s0;
  let none1 = s0;
  const nulls = i64x2.splat(i64.MIN_VALUE);
  while (x < wide) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const na = i64x2.eq(a, nulls);
    const nb = i64x2.eq(b, nulls);
    s0 = i64x2.add(s0, v128.andnot(a, na));
    s1 = i64x2.add(s1, v128.andnot(b, nb));
    none0 = i64x2.add(none0, na);
    none1 = i64x2.add(none1, nb);
    x += 32;
  }
  s0 = i64x2.add(s0, s1);
  none0 = i64x2.add(none0, none1);
  let sum = i64x2.extract_lane(s0, 0) + i64x2.extract_lane(s0, 1);
  let none = i64x2.extract_lane(none0, 0) + i64x2.extract_lane(none0, 1);
  while (x < end) {
    const a = load<i64>(x);
    if (a == i64.MIN_VALUE) none--;
    else sum += a;
    x += 8;
  }
  store<i64>(r, sum);
  return <f64>(<i64>n + none);
}

export function sum_i(x: usize, n: u32, r: usize): f64 {
  const end = x + (n << 2);
  const wide = x + ((n & ~7) << 2);
  let s0 = i64x2.splat(0);
  let s1 = s0;
  let none = i64x2.splat(0);
  const nulls = i32x4.splat(i32.MIN_VALUE);
  while (x < wide) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const na = i32x4.eq(a, nulls);
    const nb = i32x4.eq(b, nulls);
    const za = v128.andnot(a, na);
    const zb = v128.andnot(b, nb);
    s0 = i64x2.add(s0, i64x2.add(i64x2.extend_low_i32x4_s(za), i64x2.extend_high_i32x4_s(za)));
    s1 = i64x2.add(s1, i64x2.add(i64x2.extend_low_i32x4_s(zb), i64x2.extend_high_i32x4_s(zb)));
    const both = i32x4.add(na, nb);
    none = i64x2.add(none, i64x2.add(i64x2.extend_low_i32x4_s(both), i64x2.extend_high_i32x4_s(both)));
    x += 32;
  }
  s0 = i64x2.add(s0, s1);
  let sum = i64x2.extract_lane(s0, 0) + i64x2.extract_lane(s0, 1);
  let missing = i64x2.extract_lane(none, 0) + i64x2.extract_lane(none, 1);
  while (x < end) {
    const a = load<i32>(x);
    if (a == i32.MIN_VALUE) missing--;
    else sum += <i64>a;
    x += 4;
  }
  store<i64>(r, sum);
  return <f64>(<i64>n + missing);
}

export function sum_h(x: usize, n: u32, r: usize): f64 {
  const end = x + (n << 1);
  const wide = x + ((n & ~7) << 1);
  let s = i64x2.splat(0);
  let none = i64x2.splat(0);
  while (x < wide) {
    const a = v128.load(x);
    const na = i16x8.eq(a, i16x8.splat(i16.MIN_VALUE));
    const pairs = i32x4.extadd_pairwise_i16x8_s(v128.andnot(a, na));
    const missing = i32x4.extadd_pairwise_i16x8_s(na);
    s = i64x2.add(s, i64x2.add(i64x2.extend_low_i32x4_s(pairs), i64x2.extend_high_i32x4_s(pairs)));
    none = i64x2.add(none, i64x2.add(i64x2.extend_low_i32x4_s(missing), i64x2.extend_high_i32x4_s(missing)));
    x += 16;
  }
  let sum = i64x2.extract_lane(s, 0) + i64x2.extract_lane(s, 1);
  let missing = i64x2.extract_lane(none, 0) + i64x2.extract_lane(none, 1);
  while (x < end) {
    const a = load<i16>(x);
    if (a == i16.MIN_VALUE) missing--;
    else sum += <i64>a;
    x += 2;
  }
  store<i64>(r, sum);
  return <f64>(<i64>n + missing);
}

/** Bytes; or how many are not zero. */
// @ts-ignore: decorator
@inline function sumBytes(x: usize, n: u32, flags: bool): i64 {
  const end = x + n;
  let sum: i64 = 0;
  const wide = x + (n & ~15);
  while (x < wide) {
    // a 16-bit lane takes two bytes a step: 128 steps cannot overflow it
    const stop = wide - x > 2048 ? x + 2048 : wide;
    let s = i16x8.splat(0);
    while (x < stop) {
      const a = v128.load(x);
      s = i16x8.add(s, i16x8.extadd_pairwise_i8x16_u(flags ? i8x16.min_u(a, i8x16.splat(1)) : a));
      x += 16;
    }
    const w = i32x4.extadd_pairwise_i16x8_u(s);
    sum += <i64>(<u64><u32>i32x4.extract_lane(w, 0) + <u64><u32>i32x4.extract_lane(w, 1) + <u64><u32>i32x4.extract_lane(w, 2) + <u64><u32>i32x4.extract_lane(w, 3));
  }
  while (x < end) {
    const a = load<u8>(x);
    sum += flags ? <i64>(a != 0) : <i64>a;
    x++;
  }
  return sum;
}
export function sum_x(x: usize, n: u32, r: usize): f64 {
  store<i64>(r, sumBytes(x, n, false));
  return <f64>n;
}
/** How many of n booleans are true. */
export function count_b(x: usize, n: u32): f64 {
  return <f64>sumBytes(x, n, true);
}
export function any_b(x: usize, n: u32): u32 {
  const end = x + n;
  const wide = x + (n & ~15);
  while (x < wide) {
    if (v128.any_true(v128.load(x))) return 1;
    x += 16;
  }
  while (x < end) {
    if (load<u8>(x)) return 1;
    x++;
  }
  return 0;
}
export function all_b(x: usize, n: u32): u32 {
  const end = x + n;
  const wide = x + (n & ~15);
  while (x < wide) {
    if (!i8x16.all_true(v128.load(x))) return 0;
    x += 16;
  }
  while (x < end) {
    if (!load<u8>(x)) return 0;
    x++;
  }
  return 1;
}

/** How many are not null. */
// @ts-ignore: decorator
@inline function countOf<T>(x: usize, n: u32): f64 {
  const end = x + n * sizeof<T>();
  const wide = x + ((n * sizeof<T>()) & ~15);
  let none: i64 = 0;
  while (x < wide) {
    none += <i64>popcnt(<u32>v128.bitmask<i8>(nullLanes<T>(v128.load(x))));
    x += 16;
  }
  none /= <i64>sizeof<T>();
  while (x < end) {
    none += <i64>isNull<T>(load<T>(x));
    x += sizeof<T>();
  }
  return <f64>(<i64>n - none);
}

// ---- least and greatest ------------------------------------------------------------------------------------------

const MIN = 0;
const MAX = 1;

// @ts-ignore: decorator
@inline function better<T>(op: i32, best: v128, a: v128): v128 {
  if (isFloat<T>()) return op == MIN ? v128.pmin<T>(best, a) : v128.pmax<T>(best, a);
  if (sizeof<T>() == 8) {
    if (op == MAX) return v128.bitselect(a, best, i64x2.gt_s(a, best));
    const b = v128.bitselect(i64x2.splat(i64.MAX_VALUE), a, i64x2.eq(a, i64x2.splat(i64.MIN_VALUE)));
    return v128.bitselect(b, best, i64x2.lt_s(b, best));
  }
  return betterSmall<T>(op, best, a);
}
// @ts-ignore: decorator
@inline function betterSmall<T>(op: i32, best: v128, a: v128): v128 {
  if (isFloat<T>() || sizeof<T>() == 8) return a;
  if (op == MAX) return v128.max<T>(best, a);
  return v128.min<T>(best, v128.bitselect(v128.splat<T>(infOf<T>()), a, nullLanes<T>(a)));
}
// @ts-ignore: decorator
@inline function betterItem<T>(op: i32, best: T, a: T): T {
  if (op == MAX) return a > best ? a : best;
  return !isNull<T>(a) && a < best ? a : best;
}

/** All null or empty gives the opposite infinity. */
// @ts-ignore: decorator
@inline function extreme<T>(op: i32, x: usize, n: u32, r: usize): void {
  const end = x + n * sizeof<T>();
  const wide = x + ((n * sizeof<T>()) & ~31);
  let best = op == MIN ? infOf<T>() : minusInfOf<T>();
  if (x < wide) {
    let b0 = v128.splat<T>(best);
    let b1 = b0;
    while (x < wide) {
      b0 = better<T>(op, b0, v128.load(x));
      b1 = better<T>(op, b1, v128.load(x, 16));
      x += 32;
    }
    // the lanes meet in the scratch page below 64 KiB
    v128.store(1024, better<T>(op, b0, b1));
    for (let i: usize = 0; i < 16; i += sizeof<T>()) best = betterItem<T>(op, best, load<T>(1024 + i));
  }
  while (x < end) {
    best = betterItem<T>(op, best, load<T>(x));
    x += sizeof<T>();
  }
  store<T>(r, best);
}

// ---- product -----------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function productOf<T>(x: usize, n: u32, r: usize): f64 {
  const end = x + n * sizeof<T>();
  let some: u32 = 0;
  if (isFloat<T>()) {
    let p: f64 = 1;
    while (x < end) {
      const a = load<T>(x);
      if (!isNull<T>(a)) {
        p *= <f64>a;
        some++;
      }
      x += sizeof<T>();
    }
    store<f64>(r, p);
  } else {
    let p: i64 = 1;
    while (x < end) {
      const a = load<T>(x);
      if (!isNull<T>(a)) {
        p *= <i64>a;
        some++;
      }
      x += sizeof<T>();
    }
    store<i64>(r, p);
  }
  return <f64>some;
}

// ---- two vectors --------------------------------------------------------------------------------------------------

/** Two items as floats, a null of an integer type as whatever number its bits are. */
// @ts-ignore: decorator
@inline function load2Raw<T>(at: usize): v128 {
  if (isFloat<T>()) return load2AsFloats<T>(at);
  if (sizeof<T>() == 8) return longsToFloats(v128.load(at));
  return f64x2.convert_low_i32x4_s(v128.load64_zero(at));
}
/** Ones where the two items of an integer type are null; floats say so by their sum. */
// @ts-ignore: decorator
@inline function null2<T>(at: usize): v128 {
  if (isFloat<T>()) return i64x2.splat(0);
  return sizeof<T>() == 8 ? nullLanes<T>(v128.load(at)) : nullLanes<T>(v128.load64_zero(at));
}
// @ts-ignore: decorator
@inline function bothLanes(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

const DOT_BLOCK: u32 = 1024;

/** r: sum x*y, sum x, sum y over the items where neither is null; returns how many those are. */
// @ts-ignore: decorator
@inline function dot<A, B>(x: usize, y: usize, n: u32, r: usize): f64 {
  let xy: f64 = 0;
  let sx: f64 = 0;
  let sy: f64 = 0;
  let both: f64 = 0;
  for (let done: u32 = 0; done < n; ) {
    const size = n - done < DOT_BLOCK ? n - done : DOT_BLOCK;
    // as if nothing were null: a block where something is, or is infinite, is gone through again item by item
    let xy0 = f64x2.splat(0);
    let xy1 = xy0;
    let sx0 = xy0;
    let sy0 = xy0;
    let nulls = i64x2.splat(0);
    let p = x;
    let q = y;
    for (const wide = x + (size & ~3) * sizeof<A>(); p < wide; ) {
      const a0 = load2Raw<A>(p);
      const b0 = load2Raw<B>(q);
      const a1 = load2Raw<A>(p + 2 * sizeof<A>());
      const b1 = load2Raw<B>(q + 2 * sizeof<B>());
      if (!isFloat<A>()) nulls = v128.or(nulls, v128.or(null2<A>(p), null2<A>(p + 2 * sizeof<A>())));
      if (!isFloat<B>()) nulls = v128.or(nulls, v128.or(null2<B>(q), null2<B>(q + 2 * sizeof<B>())));
      xy0 = f64x2.add(xy0, f64x2.mul(a0, b0));
      xy1 = f64x2.add(xy1, f64x2.mul(a1, b1));
      sx0 = f64x2.add(sx0, f64x2.add(a0, a1));
      sy0 = f64x2.add(sy0, f64x2.add(b0, b1));
      p += 4 * sizeof<A>();
      q += 4 * sizeof<B>();
    }
    const blockXY = bothLanes(f64x2.add(xy0, xy1));
    const blockX = bothLanes(sx0);
    const blockY = bothLanes(sy0);
    const stop = x + size * sizeof<A>();
    const total = blockXY + blockX + blockY;
    if (v128.any_true(nulls) || total - total != 0) {
      p = x;
      q = y;
    } else {
      xy += blockXY;
      sx += blockX;
      sy += blockY;
      both += <f64>(size & ~3);
    }
    while (p < stop) {
      const a = asFloat<A>(load<A>(p));
      const b = asFloat<B>(load<B>(q));
      if (a == a && b == b) {
        xy += a * b;
        sx += a;
        sy += b;
        both += 1;
      }
      p += sizeof<A>();
      q += sizeof<B>();
    }
    x = stop;
    y += size * sizeof<B>();
    done += size;
  }
  store<f64>(r, xy);
  store<f64>(r, sx, 8);
  store<f64>(r, sy, 16);
  return both;
}

/** r: the sum of squared distances from a mean; returns how many items were not null. */
// @ts-ignore: decorator
@inline function squares<T>(x: usize, n: u32, mean: usize, r: usize): f64 {
  const m = load<f64>(mean);
  const vm = f64x2.splat(m);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let some = i64x2.splat(0);
  const end = x + n * sizeof<T>();
  const wide = x + (n & ~3) * sizeof<T>();
  while (x < wide) {
    const a = f64x2.sub(load2AsFloats<T>(x), vm);
    const b = f64x2.sub(load2AsFloats<T>(x + 2 * sizeof<T>()), vm);
    const ea = f64x2.eq(a, a);
    const eb = f64x2.eq(b, b);
    s0 = f64x2.add(s0, v128.and(f64x2.mul(a, a), ea));
    s1 = f64x2.add(s1, v128.and(f64x2.mul(b, b), eb));
    some = i64x2.add(some, i64x2.add(ea, eb));
    x += 4 * sizeof<T>();
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  let count = -(i64x2.extract_lane(some, 0) + i64x2.extract_lane(some, 1));
  while (x < end) {
    const a = asFloat<T>(load<T>(x)) - m;
    if (a == a) {
      sum += a * a;
      count++;
    }
    x += sizeof<T>();
  }
  store<f64>(r, sum);
  return <f64>count;
}

/** r: the sum of (x-mean x)*(y-mean y) where neither is null; means: two floats. */
export function codev_f(x: usize, y: usize, n: u32, means: usize, r: usize): f64 {
  const mx = load<f64>(means);
  const my = load<f64>(means, 8);
  const end = x + (n << 3);
  let sum: f64 = 0;
  let count: f64 = 0;
  while (x < end) {
    const p = (load<f64>(x) - mx) * (load<f64>(y) - my);
    if (p == p) {
      sum += p;
      count += 1;
    }
    x += 8;
    y += 8;
  }
  store<f64>(r, sum);
  return count;
}

// ---- one export per letter ------------------------------------------------------------------------------------
export function count_h(x: usize, n: u32): f64 { return countOf<i16>(x, n); }
export function count_i(x: usize, n: u32): f64 { return countOf<i32>(x, n); }
export function count_j(x: usize, n: u32): f64 { return countOf<i64>(x, n); }
export function count_e(x: usize, n: u32): f64 { return countOf<f32>(x, n); }
export function count_f(x: usize, n: u32): f64 { return countOf<f64>(x, n); }
export function min_x(x: usize, n: u32, r: usize): void { extreme<u8>(MIN, x, n, r); }
export function min_h(x: usize, n: u32, r: usize): void { extreme<i16>(MIN, x, n, r); }
export function min_i(x: usize, n: u32, r: usize): void { extreme<i32>(MIN, x, n, r); }
export function min_j(x: usize, n: u32, r: usize): void { extreme<i64>(MIN, x, n, r); }
export function min_e(x: usize, n: u32, r: usize): void { extreme<f32>(MIN, x, n, r); }
export function min_f(x: usize, n: u32, r: usize): void { extreme<f64>(MIN, x, n, r); }
export function max_x(x: usize, n: u32, r: usize): void { extreme<u8>(MAX, x, n, r); }
export function max_h(x: usize, n: u32, r: usize): void { extreme<i16>(MAX, x, n, r); }
export function max_i(x: usize, n: u32, r: usize): void { extreme<i32>(MAX, x, n, r); }
export function max_j(x: usize, n: u32, r: usize): void { extreme<i64>(MAX, x, n, r); }
export function max_e(x: usize, n: u32, r: usize): void { extreme<f32>(MAX, x, n, r); }
export function max_f(x: usize, n: u32, r: usize): void { extreme<f64>(MAX, x, n, r); }
export function prd_x(x: usize, n: u32, r: usize): f64 { return productOf<u8>(x, n, r); }
export function prd_h(x: usize, n: u32, r: usize): f64 { return productOf<i16>(x, n, r); }
export function prd_i(x: usize, n: u32, r: usize): f64 { return productOf<i32>(x, n, r); }
export function prd_j(x: usize, n: u32, r: usize): f64 { return productOf<i64>(x, n, r); }
export function prd_e(x: usize, n: u32, r: usize): f64 { return productOf<f32>(x, n, r); }
export function prd_f(x: usize, n: u32, r: usize): f64 { return productOf<f64>(x, n, r); }
export function dot_ff(x: usize, y: usize, n: u32, r: usize): f64 { return dot<f64, f64>(x, y, n, r); }
export function dot_jf(x: usize, y: usize, n: u32, r: usize): f64 { return dot<i64, f64>(x, y, n, r); }
export function dot_fj(x: usize, y: usize, n: u32, r: usize): f64 { return dot<f64, i64>(x, y, n, r); }
export function dot_jj(x: usize, y: usize, n: u32, r: usize): f64 { return dot<i64, i64>(x, y, n, r); }
export function dot_if(x: usize, y: usize, n: u32, r: usize): f64 { return dot<i32, f64>(x, y, n, r); }
export function dot_fi(x: usize, y: usize, n: u32, r: usize): f64 { return dot<f64, i32>(x, y, n, r); }
export function dot_ii(x: usize, y: usize, n: u32, r: usize): f64 { return dot<i32, i32>(x, y, n, r); }
export function dot_ij(x: usize, y: usize, n: u32, r: usize): f64 { return dot<i32, i64>(x, y, n, r); }
export function dot_ji(x: usize, y: usize, n: u32, r: usize): f64 { return dot<i64, i32>(x, y, n, r); }
export function sqdev_i(x: usize, n: u32, mean: usize, r: usize): f64 { return squares<i32>(x, n, mean, r); }
export function sqdev_j(x: usize, n: u32, mean: usize, r: usize): f64 { return squares<i64>(x, n, mean, r); }
export function sqdev_e(x: usize, n: u32, mean: usize, r: usize): f64 { return squares<f32>(x, n, mean, r); }
export function sqdev_f(x: usize, n: u32, mean: usize, r: usize): f64 { return squares<f64>(x, n, mean, r); }
