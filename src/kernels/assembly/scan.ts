// Running and moving values: sums, prds, mins, maxs, avgs, the m-keywords, ema, fills. Nulls as the reference says:
// 0 in a sum, 1 in a product, skipped by minimums and maximums. r may be x, except for the moving ones.
// deltas and ratios need no kernel of their own: they are sub and divide of x from its second item on, and x.
import { infOf, isNull, minusInfOf } from "./common";

const ADD = 0;
const MUL = 1;

// @ts-ignore: decorator
@inline function running<T>(op: i32, x: usize, n: u32, r: usize): void {
  const end = r + n * sizeof<T>();
  let s: T = op == ADD ? <T>0 : <T>1;
  while (r < end) {
    const a = load<T>(x);
    if (isFloat<T>()) {
      if (a == a) s = op == ADD ? <T>(s + a) : <T>(s * a);
    } else {
      const b: T = isNull<T>(a) ? (op == ADD ? <T>0 : <T>1) : a;
      s = op == ADD ? <T>(s + b) : <T>(s * b);
    }
    store<T>(r, s);
    x += sizeof<T>();
    r += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline function runningLeast<T>(x: usize, n: u32, r: usize): void {
  const end = r + n * sizeof<T>();
  let best = infOf<T>();
  while (r < end) {
    const a = load<T>(x);
    if (!isNull<T>(a) && a < best) best = a;
    store<T>(r, best);
    x += sizeof<T>();
    r += sizeof<T>();
  }
}
// @ts-ignore: decorator
@inline function runningGreatest<T>(x: usize, n: u32, r: usize): void {
  const end = r + n * sizeof<T>();
  let best = minusInfOf<T>();
  while (r < end) {
    const a = load<T>(x);
    if (a > best) best = a;
    store<T>(r, best);
    x += sizeof<T>();
    r += sizeof<T>();
  }
}

export function avgs_f(x: usize, n: u32, r: usize): void {
  const end = r + (n << 3);
  let sum: f64 = 0;
  let count: f64 = 0;
  while (r < end) {
    const a = load<f64>(x);
    if (a == a) {
      sum += a;
      count += 1;
    }
    store<f64>(r, sum / count);
    x += 8;
    r += 8;
  }
}

// ---- moving sums and averages -------------------------------------------------------------------------------------

const SUM = 0;
const AVG = 1;
const DEV = 2;

/** What is inside the window: finite values' sum (and sum of squares), how many are not null, +0w, -0w. */
let sum: f64 = 0;
let squares: f64 = 0;
let some: f64 = 0;
let plus: i32 = 0;
let minus: i32 = 0;

// @ts-ignore: decorator
@inline function enter(a: f64): void {
  if (a != a) return;
  some += 1;
  if (a == Infinity) plus++;
  else if (a == -Infinity) minus++;
  else {
    sum += a;
    squares += a * a;
  }
}
// @ts-ignore: decorator
@inline function leave(a: f64): void {
  if (a != a) return;
  some -= 1;
  if (a == Infinity) plus--;
  else if (a == -Infinity) minus--;
  else {
    sum -= a;
    squares -= a * a;
  }
  if (some == 0) {
    sum = 0;
    squares = 0;
  }
}
// @ts-ignore: decorator
@inline function windowValue(kind: i32): f64 {
  if (kind == DEV) {
    if (plus | minus) return NaN;
    const mean = sum / some;
    const variance = squares / some - mean * mean;
    return variance != variance ? NaN : Math.sqrt(variance < 0 ? 0 : variance);
  }
  const s = plus ? (minus ? NaN : Infinity) : minus ? -Infinity : sum;
  return kind == AVG ? s / some : s;
}

/** Whether a block of whole pairs holds neither null nor infinity. */
function isClean(x: usize, end: usize): bool {
  let zeros = f64x2.splat(0);
  while (x < end) {
    const a = v128.load(x);
    zeros = f64x2.add(zeros, f64x2.sub(a, a));
    x += 16;
  }
  return f64x2.extract_lane(zeros, 0) + f64x2.extract_lane(zeros, 1) == 0;
}

const BLOCK: u32 = 512;

/** `shift` is taken off every item before it is squared: the deviation is the same and loses fewer digits. */
// @ts-ignore: decorator
@inline function moving(kind: i32, x: usize, n: u32, w: u32, r: usize, shift: f64): void {
  sum = 0;
  squares = 0;
  some = 0;
  plus = 0;
  minus = 0;
  const back = <usize>w << 3;
  let i: u32 = 0;
  let dirtyUntil: u32 = w; // before this item the window is not full, or holds a null or an infinity
  while (i < n) {
    const stop = n - i < BLOCK ? n : i + BLOCK;
    const at = x + (<usize>i << 3);
    if (kind != DEV && stop - i == BLOCK) {
      if (!isClean(at, at + BLOCK * 8)) dirtyUntil = n - stop < w ? n : stop + w;
      else if (i >= dirtyUntil) {
        // four items a step: only one addition waits for the step before
        let s = sum;
        const size = f64x2.splat(<f64>w);
        let to = r + (<usize>i << 3);
        let from = at;
        for (const end = at + BLOCK * 8; from < end; from += 32) {
          const d0 = load<f64>(from) - load<f64>(from - back);
          const d1 = d0 + (load<f64>(from, 8) - load<f64>(from - back, 8));
          const d2 = d1 + (load<f64>(from, 16) - load<f64>(from - back, 16));
          const d3 = d2 + (load<f64>(from, 24) - load<f64>(from - back, 24));
          const low = f64x2.replace_lane(f64x2.splat(s + d0), 1, s + d1);
          const high = f64x2.replace_lane(f64x2.splat(s + d2), 1, s + d3);
          s += d3;
          v128.store(to, kind == AVG ? f64x2.div(low, size) : low);
          v128.store(to, kind == AVG ? f64x2.div(high, size) : high, 16);
          to += 32;
        }
        sum = s;
        some = <f64>w;
        i = stop;
        continue;
      }
    }
    while (i < stop) {
      const from = x + (<usize>i << 3);
      enter(load<f64>(from) - shift);
      if (i >= w) leave(load<f64>(from - back) - shift);
      store<f64>(r + (<usize>i << 3), windowValue(kind));
      i++;
    }
  }
}
export function msum_f(x: usize, n: u32, w: u32, r: usize): void { moving(SUM, x, n, w, r, 0); }
export function mavg_f(x: usize, n: u32, w: u32, r: usize): void { moving(AVG, x, n, w, r, 0); }
export function mdev_f(x: usize, n: u32, w: u32, r: usize): void {
  let shift: f64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const a = load<f64>(x + (<usize>i << 3));
    if (a - a == 0) {
      shift = a;
      break;
    }
  }
  moving(DEV, x, n, w, r, shift);
}

// @ts-ignore: decorator
@inline function movingSum<T>(x: usize, n: u32, w: u32, r: usize): void {
  let s: T = 0;
  for (let i: u32 = 0; i < n; i++) {
    const from = x + <usize>i * sizeof<T>();
    const a = load<T>(from);
    s = <T>(s + (isNull<T>(a) ? <T>0 : a));
    if (i >= w) {
      const b = load<T>(from - <usize>w * sizeof<T>());
      s = <T>(s - (isNull<T>(b) ? <T>0 : b));
    }
    store<T>(r + <usize>i * sizeof<T>(), s);
  }
}
/** Reals are added up as floats. */
export function msum_e(x: usize, n: u32, w: u32, r: usize): void {
  sum = 0;
  squares = 0;
  some = 0;
  plus = 0;
  minus = 0;
  for (let i: u32 = 0; i < n; i++) {
    const from = x + (<usize>i << 2);
    enter(<f64>load<f32>(from));
    if (i >= w) leave(<f64>load<f32>(from - (<usize>w << 2)));
    store<f32>(r + (<usize>i << 2), <f32>windowValue(SUM));
  }
}

// @ts-ignore: decorator
@inline function movingCount<T>(x: usize, n: u32, w: u32, r: usize): void {
  let c: i32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const from = x + <usize>i * sizeof<T>();
    c += <i32>!isNull<T>(load<T>(from));
    if (i >= w) c -= <i32>!isNull<T>(load<T>(from - <usize>w * sizeof<T>()));
    store<i32>(r + (<usize>i << 2), c);
  }
}

// ---- moving extremes: van Herk's way, three comparisons an item whatever the window -----------------------------

const MIN = 0;
const MAX = 1;

// @ts-ignore: decorator
@inline function better<T>(op: i32, best: T, a: T): T {
  if (op == MAX) return a > best ? a : best;
  if (isFloat<T>()) return a != a || a < best ? a : best;
  return a < best ? a : best;
}

/** A maximum starts from -0W, so that nulls give that; a minimum takes null as the least value. scratch: w items. */
// @ts-ignore: decorator
@inline function movingExtreme<T>(op: i32, x: usize, n: u32, w: u32, r: usize, scratch: usize): void {
  const first = op == MAX ? minusInfOf<T>() : infOf<T>();
  if (w > n) w = n;
  for (let block: u32 = 0; block < n; block += w) {
    const stop = n - block < w ? n : block + w;
    let best = first;
    for (let i = block; i < stop; i++) {
      best = better<T>(op, best, load<T>(x + <usize>i * sizeof<T>()));
      // what is left of the window lies in the block before: its suffix from one past the item w back
      const tail = <usize>(i - block + 1);
      store<T>(
        r + <usize>i * sizeof<T>(),
        block == 0 || tail == w ? best : better<T>(op, best, load<T>(scratch + tail * sizeof<T>())),
      );
    }
    if (n - block > w) {
      best = first;
      for (let i = w; i > 0; i--) {
        best = better<T>(op, best, load<T>(x + <usize>(block + i - 1) * sizeof<T>()));
        store<T>(scratch + <usize>(i - 1) * sizeof<T>(), best);
      }
    }
  }
}

// ---- ema, fills ----------------------------------------------------------------------------------------------------

/** r[0]=y[0]; r[i]=((1-a)*r[i-1])+a*y[i], a one item or one for each. */
export function ema_f(a: usize, one: u32, y: usize, n: u32, r: usize): void {
  if (n == 0) return;
  let e = load<f64>(y);
  store<f64>(r, e);
  const step: usize = one ? 0 : 8;
  for (const end = r + (<usize>n << 3) - 8; r < end; ) {
    r += 8;
    y += 8;
    a += step;
    const weight = load<f64>(a);
    e = (1 - weight) * e + weight * load<f64>(y);
    store<f64>(r, e);
  }
}

// @ts-ignore: decorator
@inline function forward<T>(x: usize, n: u32, r: usize, none: T): void {
  const end = r + n * sizeof<T>();
  let last = none;
  while (r < end) {
    const a = load<T>(x);
    if (isFloat<T>() ? a == a : a != none) last = a;
    store<T>(r, last);
    x += sizeof<T>();
    r += sizeof<T>();
  }
}
export function fills_g(x: usize, n: u32, r: usize): void {
  let last = i64x2.splat(0);
  for (const end = r + (<usize>n << 4); r < end; r += 16) {
    const a = v128.load(x);
    if (v128.any_true(a)) last = a;
    v128.store(r, last);
    x += 16;
  }
}

// ---- one export per letter ------------------------------------------------------------------------------------
export function sums_i(x: usize, n: u32, r: usize): void { running<i32>(ADD, x, n, r); }
export function sums_j(x: usize, n: u32, r: usize): void { running<i64>(ADD, x, n, r); }
export function sums_e(x: usize, n: u32, r: usize): void { running<f32>(ADD, x, n, r); }
export function sums_f(x: usize, n: u32, r: usize): void { running<f64>(ADD, x, n, r); }
export function prds_i(x: usize, n: u32, r: usize): void { running<i32>(MUL, x, n, r); }
export function prds_j(x: usize, n: u32, r: usize): void { running<i64>(MUL, x, n, r); }
export function prds_e(x: usize, n: u32, r: usize): void { running<f32>(MUL, x, n, r); }
export function prds_f(x: usize, n: u32, r: usize): void { running<f64>(MUL, x, n, r); }
export function mins_x(x: usize, n: u32, r: usize): void { runningLeast<u8>(x, n, r); }
export function mins_h(x: usize, n: u32, r: usize): void { runningLeast<i16>(x, n, r); }
export function mins_i(x: usize, n: u32, r: usize): void { runningLeast<i32>(x, n, r); }
export function mins_j(x: usize, n: u32, r: usize): void { runningLeast<i64>(x, n, r); }
export function mins_e(x: usize, n: u32, r: usize): void { runningLeast<f32>(x, n, r); }
export function mins_f(x: usize, n: u32, r: usize): void { runningLeast<f64>(x, n, r); }
export function maxs_x(x: usize, n: u32, r: usize): void { runningGreatest<u8>(x, n, r); }
export function maxs_h(x: usize, n: u32, r: usize): void { runningGreatest<i16>(x, n, r); }
export function maxs_i(x: usize, n: u32, r: usize): void { runningGreatest<i32>(x, n, r); }
export function maxs_j(x: usize, n: u32, r: usize): void { runningGreatest<i64>(x, n, r); }
export function maxs_e(x: usize, n: u32, r: usize): void { runningGreatest<f32>(x, n, r); }
export function maxs_f(x: usize, n: u32, r: usize): void { runningGreatest<f64>(x, n, r); }
export function msum_i(x: usize, n: u32, w: u32, r: usize): void { movingSum<i32>(x, n, w, r); }
export function msum_j(x: usize, n: u32, w: u32, r: usize): void { movingSum<i64>(x, n, w, r); }
export function mcount_h(x: usize, n: u32, w: u32, r: usize): void { movingCount<i16>(x, n, w, r); }
export function mcount_i(x: usize, n: u32, w: u32, r: usize): void { movingCount<i32>(x, n, w, r); }
export function mcount_j(x: usize, n: u32, w: u32, r: usize): void { movingCount<i64>(x, n, w, r); }
export function mcount_e(x: usize, n: u32, w: u32, r: usize): void { movingCount<f32>(x, n, w, r); }
export function mcount_f(x: usize, n: u32, w: u32, r: usize): void { movingCount<f64>(x, n, w, r); }
export function mmin_x(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<u8>(MIN, x, n, w, r, scratch); }
export function mmin_h(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<i16>(MIN, x, n, w, r, scratch); }
export function mmin_i(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<i32>(MIN, x, n, w, r, scratch); }
export function mmin_j(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<i64>(MIN, x, n, w, r, scratch); }
export function mmin_e(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<f32>(MIN, x, n, w, r, scratch); }
export function mmin_f(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<f64>(MIN, x, n, w, r, scratch); }
export function mmax_x(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<u8>(MAX, x, n, w, r, scratch); }
export function mmax_h(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<i16>(MAX, x, n, w, r, scratch); }
export function mmax_i(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<i32>(MAX, x, n, w, r, scratch); }
export function mmax_j(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<i64>(MAX, x, n, w, r, scratch); }
export function mmax_e(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<f32>(MAX, x, n, w, r, scratch); }
export function mmax_f(x: usize, n: u32, w: u32, r: usize, scratch: usize): void { movingExtreme<f64>(MAX, x, n, w, r, scratch); }
export function fills_h(x: usize, n: u32, r: usize): void { forward<i16>(x, n, r, i16.MIN_VALUE); }
export function fills_i(x: usize, n: u32, r: usize): void { forward<i32>(x, n, r, i32.MIN_VALUE); }
export function fills_j(x: usize, n: u32, r: usize): void { forward<i64>(x, n, r, i64.MIN_VALUE); }
export function fills_e(x: usize, n: u32, r: usize): void { forward<f32>(x, n, r, NaN); }
export function fills_f(x: usize, n: u32, r: usize): void { forward<f64>(x, n, r, NaN); }
export function fills_c(x: usize, n: u32, r: usize): void { forward<u8>(x, n, r, 32); }
export function fills_s(x: usize, n: u32, r: usize): void { forward<u32>(x, n, r, 0); }
