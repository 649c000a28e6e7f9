// As-of and window joins. The right table's times lie in segments, one for each group (a symbol's rows): contiguous
// under p#, or reached through a list of positions under g#. Within a segment they ascend. A cursor for each group
// remembers where its last search ended: left rows that come in time order, by symbol or not, step forward from
// there; others fall back to binary search.
import { infOf, isNull, minusInfOf } from "./common";

/** Whether the right time comes at or before t (`AT`), or before it. */
const AT = 0;
const BEFORE = 1;
// @ts-ignore: decorator
@inline function comes<T>(way: i32, right: T, t: T): bool {
  if (isFloat<T>()) return way == AT ? right <= t || right != right : right < t || (right != right && t == t);
  return way == AT ? right <= t : right < t;
}

// @ts-ignore: decorator
@inline function timeAt<T>(times: usize, at: usize, position: u32): T {
  const p = at ? load<u32>(at + (<usize>position << 3)) : position;
  return load<T>(times + <usize>p * sizeof<T>());
}

/**
 * For each left row the number of its segment's rows that come first, as a position (start+number). `last` set: the row before
 * that, or null if there is none.
 */
// @ts-ignore: decorator
@inline function seek<T>(way: i32, last: bool, ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, at: usize, r: usize, cursors: usize): void {
  for (let g: u32 = 0; g < groups; g++) store<u32>(cursors + (<usize>g << 2), load<u32>(starts + (<usize>g << 3)));
  for (const stop = r + (<usize>n << 3); r < stop; r += 8) {
    const g = load<u64>(ids);
    ids += 8;
    const time = load<T>(t);
    t += sizeof<T>();
    if (g >= <u64>groups) {
      store<i64>(r, last ? i64.MIN_VALUE : 0);
      continue;
    }
    const group = <usize>g;
    const start = load<u32>(starts + (group << 3));
    const end = load<u32>(ends + (group << 3));
    let c = load<u32>(cursors + (group << 2));
    if (c > start && !comes<T>(way, timeAt<T>(times, at, c - 1), time)) {
      // back: the answer is in [start, c)
      let low = start;
      let high = c - 1;
      while (low < high) {
        const middle = low + ((high - low) >> 1);
        if (comes<T>(way, timeAt<T>(times, at, middle), time)) low = middle + 1;
        else high = middle;
      }
      c = low;
    } else {
      const near = end - c > 8 ? c + 8 : end;
      while (c < near && comes<T>(way, timeAt<T>(times, at, c), time)) c++;
      if (c == near && near < end && comes<T>(way, timeAt<T>(times, at, c), time)) {
        let step: u32 = 8;
        let low = c + 1;
        while (end - low > step && comes<T>(way, timeAt<T>(times, at, low + step), time)) {
          low += step + 1;
          step <<= 1;
        }
        let high = end - low > step ? low + step : end;
        while (low < high) {
          const middle = low + ((high - low) >> 1);
          if (comes<T>(way, timeAt<T>(times, at, middle), time)) low = middle + 1;
          else high = middle;
        }
        c = low;
      }
    }
    store<u32>(cursors + (group << 2), c);
    if (!last) store<i64>(r, <i64><u64>c);
    else if (c == start) store<i64>(r, i64.MIN_VALUE);
    else store<i64>(r, <i64><u64>(at ? load<u32>(at + (<usize>(c - 1) << 3)) : c - 1));
  }
}

// ---- aggregates of windows: rows from..to of x, both included; empty when to is before from or null --------------

const SUM = 0;
const MIN = 1;
const MAX = 2;

// Windows usually move forward and overlap: then what left is taken off and what came is added. A minimum starts
// afresh when its value may have left; a float sum when it is not finite, and now and then, lest it drift.

const SHORT: i64 = 16;
const FRESH: u32 = 32;

// @ts-ignore: decorator
@inline function window<T, A>(op: i32, from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void {
  const none: A = op == MIN ? <A>infOf<T>() : op == MAX ? <A>minusInfOf<T>() : <A>0;
  let before: i64 = 0;
  let beyond: i64 = 0; // the window before: [before, beyond)
  let value = none;
  let count: i64 = 0;
  let moved: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const first = load<i64>(from + (<usize>i << 3));
    const end = load<i64>(to + (<usize>i << 3)) + 1;
    if (first < 0 || end <= first) {
      store<A>(r + <usize>i * sizeof<A>(), none);
      if (op == SUM) store<i64>(counts + (<usize>i << 3), 0);
      continue;
    }
    let next = first;
    if (first >= before && end >= beyond && first < beyond && end - first > SHORT && (!isFloat<T>() || op != SUM || (++moved < FRESH && value - value == 0))) {
      next = beyond;
      for (let k = before; k < first; k++) {
        const a = load<T>(x + <usize>k * sizeof<T>());
        if (op == SUM) {
          if (!isNull<T>(a)) {
            value = <A>(value - <A>a);
            count--;
          }
        } else if (<A>a == value) {
          next = first;
          break;
        }
      }
    }
    if (next == first) {
      value = none;
      count = 0;
      moved = 0;
    }
    let p = x + <usize>next * sizeof<T>();
    for (const stop = x + <usize>end * sizeof<T>(); p < stop; p += sizeof<T>()) {
      const a = load<T>(p);
      if (op == SUM) {
        if (!isNull<T>(a)) {
          value = <A>(value + <A>a);
          count++;
        }
      } else if (op == MIN) {
        if (!isNull<T>(a) && <A>a < value) value = <A>a;
      } else if (<A>a > value) value = <A>a;
    }
    before = first;
    beyond = end;
    store<A>(r + <usize>i * sizeof<A>(), value);
    if (op == SUM) store<i64>(counts + (<usize>i << 3), count);
  }
}

// ---- one export per letter ------------------------------------------------------------------------------------
export function asof_i(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, r: usize, cursors: usize): void { seek<i32>(AT, true, ids, t, n, starts, ends, groups, times, 0, r, cursors); }
export function asofg_i(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, at: usize, r: usize, cursors: usize): void { seek<i32>(AT, true, ids, t, n, starts, ends, groups, times, at, r, cursors); }
export function asofr_i(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, r: usize, cursors: usize): void { seek<i32>(BEFORE, false, ids, t, n, starts, ends, groups, times, 0, r, cursors); }
export function asof_j(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, r: usize, cursors: usize): void { seek<i64>(AT, true, ids, t, n, starts, ends, groups, times, 0, r, cursors); }
export function asofg_j(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, at: usize, r: usize, cursors: usize): void { seek<i64>(AT, true, ids, t, n, starts, ends, groups, times, at, r, cursors); }
export function asofr_j(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, r: usize, cursors: usize): void { seek<i64>(BEFORE, false, ids, t, n, starts, ends, groups, times, 0, r, cursors); }
export function asof_f(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, r: usize, cursors: usize): void { seek<f64>(AT, true, ids, t, n, starts, ends, groups, times, 0, r, cursors); }
export function asofg_f(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, at: usize, r: usize, cursors: usize): void { seek<f64>(AT, true, ids, t, n, starts, ends, groups, times, at, r, cursors); }
export function asofr_f(ids: usize, t: usize, n: u32, starts: usize, ends: usize, groups: u32, times: usize, r: usize, cursors: usize): void { seek<f64>(BEFORE, false, ids, t, n, starts, ends, groups, times, 0, r, cursors); }
export function winsum_x(from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void { window<u8, i64>(SUM, from, to, x, n, r, counts); }
export function winmin_x(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<u8, u8>(MIN, from, to, x, n, r, 0); }
export function winmax_x(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<u8, u8>(MAX, from, to, x, n, r, 0); }
export function winsum_h(from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void { window<i16, i64>(SUM, from, to, x, n, r, counts); }
export function winmin_h(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<i16, i16>(MIN, from, to, x, n, r, 0); }
export function winmax_h(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<i16, i16>(MAX, from, to, x, n, r, 0); }
export function winsum_i(from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void { window<i32, i64>(SUM, from, to, x, n, r, counts); }
export function winmin_i(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<i32, i32>(MIN, from, to, x, n, r, 0); }
export function winmax_i(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<i32, i32>(MAX, from, to, x, n, r, 0); }
export function winsum_j(from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void { window<i64, i64>(SUM, from, to, x, n, r, counts); }
export function winmin_j(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<i64, i64>(MIN, from, to, x, n, r, 0); }
export function winmax_j(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<i64, i64>(MAX, from, to, x, n, r, 0); }
export function winsum_e(from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void { window<f32, f64>(SUM, from, to, x, n, r, counts); }
export function winmin_e(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<f32, f32>(MIN, from, to, x, n, r, 0); }
export function winmax_e(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<f32, f32>(MAX, from, to, x, n, r, 0); }
export function winsum_f(from: usize, to: usize, x: usize, n: u32, r: usize, counts: usize): void { window<f64, f64>(SUM, from, to, x, n, r, counts); }
export function winmin_f(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<f64, f64>(MIN, from, to, x, n, r, 0); }
export function winmax_f(from: usize, to: usize, x: usize, n: u32, r: usize): void { window<f64, f64>(MAX, from, to, x, n, r, 0); }
