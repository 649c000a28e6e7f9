// Changing type. Widening keeps nulls as nulls and infinities as plain numbers (ref/cast); narrowing an integer
// saturates at the infinities; a float goes to the nearest whole number, halves up. Then the temporal types:
// scaling and whole division by a unit, parts of a day, the calendar, datetimes.
// Result and operand may start at the same byte when the result's items are not wider.
import { infOf, isNull, longsAreSmall, longsToFloatsNull, minusInfOf, nullOf, roundToLong, smallFloatsToLongs, smallLongsToFloats } from "./common";

/** One number to another type. */
// @ts-ignore: decorator
@inline function convert<A, B>(a: A): B {
  if (isFloat<B>()) return isNull<A>(a) ? <B>NaN : <B>a;
  if (sizeof<A>() == 1) return <B>a;
  const whole: i64 = isFloat<A>() ? roundToLong(<f64>a) : <i64>a;
  if (sizeof<B>() == 8) return isNull<A>(a) ? nullOf<B>() : <B>whole;
  if (sizeof<B>() == 1) {
    // through int, as the reference shows: 1+0Wi as a byte is 0xff
    if (isNull<A>(a)) return <B>0;
    return <B><i32>(whole > i32.MAX_VALUE ? i32.MAX_VALUE : whole < -i32.MAX_VALUE ? -i32.MAX_VALUE : whole);
  }
  if (isNull<A>(a)) return nullOf<B>();
  if (!isFloat<A>() && sizeof<A>() < sizeof<B>()) return <B>whole;
  if (whole > <i64>infOf<B>()) return infOf<B>();
  if (whole < <i64>minusInfOf<B>()) return minusInfOf<B>();
  return <B>whole;
}

// @ts-ignore: decorator
@inline function each<A, B>(x: usize, r: usize, n: u32): void {
  const end = r + n * sizeof<B>();
  while (r < end) {
    store<B>(r, convert<A, B>(load<A>(x)));
    x += sizeof<A>();
    r += sizeof<B>();
  }
}

export function cast_ij(x: usize, r: usize, n: u32): void {
  const wide = r + ((n & ~3) << 3);
  while (r < wide) {
    const v = v128.load(x);
    const isNull = i32x4.eq(v, i32x4.splat(i32.MIN_VALUE));
    const none = i64x2.splat(i64.MIN_VALUE);
    v128.store(r, v128.bitselect(none, i64x2.extend_low_i32x4_s(v), i64x2.extend_low_i32x4_s(isNull)));
    v128.store(r, v128.bitselect(none, i64x2.extend_high_i32x4_s(v), i64x2.extend_high_i32x4_s(isNull)), 16);
    x += 16;
    r += 32;
  }
  each<i32, i64>(x, r, n & 3);
}

export function cast_if(x: usize, r: usize, n: u32): void {
  const wide = r + ((n & ~1) << 3);
  while (r < wide) {
    const v = v128.load64_zero(x);
    const isNull = i64x2.extend_low_i32x4_s(i32x4.eq(v, i32x4.splat(i32.MIN_VALUE)));
    v128.store(r, v128.bitselect(f64x2.splat(NaN), f64x2.convert_low_i32x4_s(v), isNull));
    x += 8;
    r += 16;
  }
  each<i32, f64>(x, r, n & 1);
}

export function cast_jf(x: usize, r: usize, n: u32): void {
  const wide = r + ((n & ~3) << 3);
  while (r < wide) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    v128.store(r, longsToFloatsNull(a));
    v128.store(r, longsToFloatsNull(b), 16);
    x += 32;
    r += 32;
  }
  each<i64, f64>(x, r, n & 3);
}

export function cast_ef(x: usize, r: usize, n: u32): void {
  const wide = r + ((n & ~1) << 3);
  while (r < wide) {
    v128.store(r, f64x2.promote_low_f32x4(v128.load64_zero(x)));
    x += 8;
    r += 16;
  }
  each<f32, f64>(x, r, n & 1);
}

export function cast_fe(x: usize, r: usize, n: u32): void {
  const wide = r + ((n & ~1) << 2);
  while (r < wide) {
    v128.store64_lane(r, f32x4.demote_f64x2_zero(v128.load(x)), 0);
    x += 16;
    r += 8;
  }
  each<f64, f32>(x, r, n & 1);
}

const NEAREST = 0;
const FLOOR = 1;
const CEILING = 2;

// @ts-ignore: decorator
@inline function wholeLanes(way: i32, a: v128): v128 {
  if (way == NEAREST) return f64x2.floor(f64x2.add(a, f64x2.splat(0.5)));
  return way == FLOOR ? f64x2.floor(a) : f64x2.ceil(a);
}
// @ts-ignore: decorator
@inline function wholeItem(way: i32, a: f64): i64 {
  if (way == NEAREST) return roundToLong(a);
  return roundToLong(way == FLOOR ? Math.floor(a) : Math.ceil(a));
}

// @ts-ignore: decorator
@inline function floatsToLongs(way: i32, x: usize, r: usize, n: u32): void {
  const end = r + (n << 3);
  const wide = r + ((n & ~1) << 3);
  while (r < wide) {
    const a = v128.load(x);
    if (i64x2.all_true(f64x2.lt(f64x2.abs(a), f64x2.splat(2251799813685247.0)))) {
      v128.store(r, smallFloatsToLongs(wholeLanes(way, a)));
    } else {
      const second = load<f64>(x, 8);
      store<i64>(r, wholeItem(way, load<f64>(x)));
      store<i64>(r, wholeItem(way, second), 8);
    }
    x += 16;
    r += 16;
  }
  if (r < end) store<i64>(r, wholeItem(way, load<f64>(x)));
}
export function cast_fj(x: usize, r: usize, n: u32): void { floatsToLongs(NEAREST, x, r, n); }
export function floor_f(x: usize, r: usize, n: u32): void { floatsToLongs(FLOOR, x, r, n); }
export function ceiling_f(x: usize, r: usize, n: u32): void { floatsToLongs(CEILING, x, r, n); }

// @ts-ignore: decorator
@inline function realsToLongs(way: i32, x: usize, r: usize, n: u32): void {
  const end = r + (n << 3);
  while (r < end) {
    store<i64>(r, wholeItem(way, <f64>load<f32>(x)));
    x += 4;
    r += 8;
  }
}
export function floor_e(x: usize, r: usize, n: u32): void { realsToLongs(FLOOR, x, r, n); }
export function ceiling_e(x: usize, r: usize, n: u32): void { realsToLongs(CEILING, x, r, n); }

export function cast_fi(x: usize, r: usize, n: u32): void {
  const wide = r + ((n & ~1) << 2);
  while (r < wide) {
    const a = v128.load(x);
    const whole = i32x4.max_s(i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(f64x2.add(a, f64x2.splat(0.5)))), i32x4.splat(-i32.MAX_VALUE));
    const nulls = f64x2.ne(a, a);
    const narrow = i8x16.shuffle(nulls, nulls, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11);
    v128.store64_lane(r, v128.bitselect(i32x4.splat(i32.MIN_VALUE), whole, narrow), 0);
    x += 16;
    r += 8;
  }
  each<f64, i32>(x, r, n & 1);
}

// ---- signum ---------------------------------------------------------------------------------------------------

/** -1i, 0i or 1i; null counts as negative. */
// @ts-ignore: decorator
@inline function sign<T>(x: usize, r: usize, n: u32): void {
  const end = r + (n << 2);
  while (r < end) {
    const a = load<T>(x);
    store<i32>(r, <i32>(a > 0) - <i32>(isNull<T>(a) || a < 0));
    x += sizeof<T>();
    r += 4;
  }
}

// ---- temporal units --------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function floorDivision(a: i64, b: i64): i64 {
  const q = a / b;
  return q * b > a ? q - 1 : q;
}

/** Null stays null, else value: into a narrower or equal type. An infinity is a number like others (ref/cast.md). */
// @ts-ignore: decorator
@inline function bounded<A, B>(a: A, value: i64): B {
  if (a == nullOf<A>()) return nullOf<B>();
  if (value > <i64>infOf<B>()) return infOf<B>();
  if (value < <i64>minusInfOf<B>()) return minusInfOf<B>();
  return <B>value;
}

/** Whether either lane is a null or an infinity. */
// @ts-ignore: decorator
@inline function isLimit(a: v128): bool {
  // 0W, 0N and -0W are neighbours, as adding wraps: one more, they are the three least longs
  return v128.any_true(i64x2.lt_s(i64x2.add(a, i64x2.splat(1)), i64x2.splat(i64.MIN_VALUE + 3)));
}

// @ts-ignore: decorator
@inline function load2AsLongs<T>(at: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(at);
  const a = v128.load64_zero(at);
  const isNull = i64x2.extend_low_i32x4_s(i32x4.lt_s(i32x4.add(a, i32x4.splat(1)), i32x4.splat(i32.MIN_VALUE + 3)));
  // a limit of int stays a limit, as a long
  return v128.bitselect(i64x2.splat(i64.MIN_VALUE), i64x2.extend_low_i32x4_s(a), isNull);
}

// @ts-ignore: decorator
@inline function storeWhole<T>(r: usize, a: v128): void {
  if (sizeof<T>() == 8) v128.store(r, smallFloatsToLongs(a));
  else v128.store64_lane(r, i32x4.trunc_sat_f64x2_s_zero(a), 0);
}

/** floor x%unit; the unit is positive. Shifted by its twos so that a timestamp too fits a float's 53 bits. */
// @ts-ignore: decorator
@inline function quotient<A, B>(x: usize, unit: i64, r: usize, n: u32): void {
  const end = r + n * sizeof<B>();
  const wide = r + (n & ~1) * sizeof<B>();
  const s = <i32>ctz(unit);
  const by = f64x2.splat(<f64>(unit >> s));
  while (r < wide) {
    const a = load2AsLongs<A>(x);
    const shifted = i64x2.shr_s(a, s);
    if (longsAreSmall(shifted) && !isLimit(a)) storeWhole<B>(r, f64x2.floor(f64x2.div(smallLongsToFloats(shifted), by)));
    else {
      const second = load<A>(x + sizeof<A>());
      store<B>(r, quotientItem<A, B>(load<A>(x), unit));
      store<B>(r + sizeof<B>(), quotientItem<A, B>(second, unit));
    }
    x += 2 * sizeof<A>();
    r += 2 * sizeof<B>();
  }
  if (r < end) store<B>(r, quotientItem<A, B>(load<A>(x), unit));
}
function quotientItem<A, B>(a: A, unit: i64): B {
  return bounded<A, B>(a, floorDivision(<i64>a, unit));
}

/** floor (x mod whole)%unit: which hour of the day, minute of the hour, date-less time. */
// @ts-ignore: decorator
@inline function part<A, B>(x: usize, whole: i64, unit: i64, r: usize, n: u32): void {
  const end = r + n * sizeof<B>();
  const wide = r + (n & ~1) * sizeof<B>();
  const s = <i32>ctz(whole);
  const by = f64x2.splat(<f64>(whole >> s));
  const units = f64x2.splat(<f64>unit);
  const big = f64x2.splat(<f64>(whole >> s));
  const cut = i64x2.splat((<i64>1 << s) - 1);
  while (r < wide) {
    const a = load2AsLongs<A>(x);
    const shifted = i64x2.shr_s(a, s);
    if (longsAreSmall(shifted) && !isLimit(a)) {
      const f = smallLongsToFloats(shifted);
      const rest = smallFloatsToLongs(f64x2.sub(f, f64x2.mul(f64x2.floor(f64x2.div(f, by)), big)));
      const inWhole = v128.or(i64x2.shl(rest, s), v128.and(a, cut));
      storeWhole<B>(r, f64x2.floor(f64x2.div(smallLongsToFloats(inWhole), units)));
    } else {
      const second = load<A>(x + sizeof<A>());
      store<B>(r, partItem<A, B>(load<A>(x), whole, unit));
      store<B>(r + sizeof<B>(), partItem<A, B>(second, whole, unit));
    }
    x += 2 * sizeof<A>();
    r += 2 * sizeof<B>();
  }
  if (r < end) store<B>(r, partItem<A, B>(load<A>(x), whole, unit));
}
function partItem<A, B>(a: A, whole: i64, unit: i64): B {
  return bounded<A, B>(a, (<i64>a - floorDivision(<i64>a, whole) * whole) / unit);
}

/** x*unit, saturating at the infinities. */
// @ts-ignore: decorator
@inline function scaled<A, B>(x: usize, unit: i64, r: usize, n: u32): void {
  const end = r + n * sizeof<B>();
  const most = i64.MAX_VALUE / unit;
  while (r < end) {
    const a = load<A>(x);
    const wide = <i64>a;
    store<B>(r, bounded<A, B>(a, wide > most ? i64.MAX_VALUE : wide < -most ? -i64.MAX_VALUE : wide * unit));
    x += sizeof<A>();
    r += sizeof<B>();
  }
}

export function quotient_ji(x: usize, unit: usize, r: usize, n: u32): void { quotient<i64, i32>(x, load<i64>(unit), r, n); }
export function quotient_jj(x: usize, unit: usize, r: usize, n: u32): void { quotient<i64, i64>(x, load<i64>(unit), r, n); }
export function quotient_ii(x: usize, unit: usize, r: usize, n: u32): void { quotient<i32, i32>(x, load<i64>(unit), r, n); }
export function part_ji(x: usize, whole: usize, unit: usize, r: usize, n: u32): void { part<i64, i32>(x, load<i64>(whole), load<i64>(unit), r, n); }
export function part_jj(x: usize, whole: usize, unit: usize, r: usize, n: u32): void { part<i64, i64>(x, load<i64>(whole), load<i64>(unit), r, n); }
export function part_ii(x: usize, whole: usize, unit: usize, r: usize, n: u32): void { part<i32, i32>(x, load<i64>(whole), load<i64>(unit), r, n); }
export function scale_ij(x: usize, unit: usize, r: usize, n: u32): void { scaled<i32, i64>(x, load<i64>(unit), r, n); }
export function scale_ii(x: usize, unit: usize, r: usize, n: u32): void { scaled<i32, i32>(x, load<i64>(unit), r, n); }
export function scale_jj(x: usize, unit: usize, r: usize, n: u32): void { scaled<i64, i64>(x, load<i64>(unit), r, n); }

// ---- datetimes: days as a float, meant to the millisecond -----------------------------------------------------

const DAY_MS: f64 = 86400000.0;

// @ts-ignore: decorator
@inline function milliseconds(a: f64): f64 {
  return Math.floor(a * DAY_MS + 0.5);
}

export function cast_zp(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    const a = load<f64>(x);
    const ms = milliseconds(a);
    let p: i64;
    if (a != a) p = i64.MIN_VALUE;
    else if (ms > 9223372036854.0) p = i64.MAX_VALUE;
    else if (ms < -9223372036854.0) p = -i64.MAX_VALUE;
    else p = <i64>ms * 1000000;
    store<i64>(r, p);
    x += 8;
  }
}
export function cast_pz(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    const a = load<i64>(x);
    let z: f64;
    if (a == i64.MIN_VALUE) z = NaN;
    else if (a == i64.MAX_VALUE) z = Infinity;
    else if (a == -i64.MAX_VALUE) z = -Infinity;
    else z = <f64>a / 86400000000000.0;
    store<f64>(r, z);
    x += 8;
  }
}
export function cast_zd(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const a = load<f64>(x);
    store<i32>(r, a != a ? i32.MIN_VALUE : a >= 2147483647.0 ? i32.MAX_VALUE : a <= -2147483647.0 ? -i32.MAX_VALUE : <i32>Math.floor(a));
    x += 8;
  }
}
export function cast_dz(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    const a = load<i32>(x);
    store<f64>(r, a == i32.MIN_VALUE ? NaN : a == i32.MAX_VALUE ? Infinity : a == -i32.MAX_VALUE ? -Infinity : <f64>a);
    x += 4;
  }
}
/** Milliseconds into the day. */
export function cast_zt(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const a = load<f64>(x);
    const ms = milliseconds(a);
    store<i32>(r, a != a ? i32.MIN_VALUE : Math.abs(a) == Infinity ? (a > 0 ? i32.MAX_VALUE : -i32.MAX_VALUE) : <i32>(ms - Math.floor(ms / DAY_MS) * DAY_MS));
    x += 8;
  }
}

// ---- the proleptic Gregorian calendar; days and months count from 2000.01 ---------------------------------------

/** 400 years are 146097 days; a year here begins in March, so that the leap day is its last. */
let year: i32 = 0;
let month: i32 = 0;
let day: i32 = 0;
let known: i32 = i32.MIN_VALUE;
function civil(days: i32): void {
  if (days == known) return; // columns repeat their dates
  known = days;
  // shifted by whole eras to be positive: any date that can be shown is far inside
  const z = <u32>days + <u32>(730425 + 146097 * 3000); // days since a 0000.03.01
  const era = z / 146097;
  const doe = z - era * 146097;
  const yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const mp = (5 * doy + 2) / 153;
  day = doy - (153 * mp + 2) / 5 + 1;
  month = mp < 10 ? mp + 3 : mp - 9;
  year = <i32>yoe + (<i32>era - 3000) * 400 + <i32>(month <= 2);
}

function isDateLimit(d: i32): bool {
  return <u32>(d + 1) - 0x80000000 <= 2;
}

export function month_d(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const d = load<i32>(x);
    if (isDateLimit(d)) store<i32>(r, d);
    else {
      civil(d);
      store<i32>(r, (year - 2000) * 12 + month - 1);
    }
    x += 4;
  }
}
export function year_d(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const d = load<i32>(x);
    if (isDateLimit(d)) store<i32>(r, d);
    else {
      civil(d);
      store<i32>(r, year);
    }
    x += 4;
  }
}
export function mm_d(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const d = load<i32>(x);
    if (isDateLimit(d)) store<i32>(r, d);
    else {
      civil(d);
      store<i32>(r, month);
    }
    x += 4;
  }
}
export function dd_d(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const d = load<i32>(x);
    if (isDateLimit(d)) store<i32>(r, d);
    else {
      civil(d);
      store<i32>(r, day);
    }
    x += 4;
  }
}
/** The Monday on or before; 2000.01.03 was one. */
export function week_d(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const d = load<i32>(x);
    store<i32>(r, isDateLimit(d) ? d : <i32>(floorDivision(<i64>d - 2, 7) * 7 + 2));
    x += 4;
  }
}
/** The first day of a month. */
export function date_m(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 2); r < end; r += 4) {
    const m = load<i32>(x);
    if (isDateLimit(m)) store<i32>(r, m);
    else {
      const years = floorDivision(<i64>m, 12);
      const mon = <i32>(<i64>m - years * 12) + 1;
      const y = years + 2000 - <i64>(mon <= 2);
      const era = floorDivision(y, 400);
      const yoe = <i32>(y - era * 400);
      const doy = (153 * (mon > 2 ? mon - 3 : mon + 9) + 2) / 5;
      const days = era * 146097 + <i64>(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 730425;
      store<i32>(r, days > i32.MAX_VALUE ? i32.MAX_VALUE : days < -i32.MAX_VALUE ? -i32.MAX_VALUE : <i32>days);
    }
    x += 4;
  }
}

// ---- one export per pair of letters ----------------------------------------------------------------------------
export function cast_xh(x: usize, r: usize, n: u32): void { each<u8, i16>(x, r, n); }
export function cast_xi(x: usize, r: usize, n: u32): void { each<u8, i32>(x, r, n); }
export function cast_xj(x: usize, r: usize, n: u32): void { each<u8, i64>(x, r, n); }
export function cast_xe(x: usize, r: usize, n: u32): void { each<u8, f32>(x, r, n); }
export function cast_xf(x: usize, r: usize, n: u32): void { each<u8, f64>(x, r, n); }
export function cast_hx(x: usize, r: usize, n: u32): void { each<i16, u8>(x, r, n); }
export function cast_hi(x: usize, r: usize, n: u32): void { each<i16, i32>(x, r, n); }
export function cast_hj(x: usize, r: usize, n: u32): void { each<i16, i64>(x, r, n); }
export function cast_he(x: usize, r: usize, n: u32): void { each<i16, f32>(x, r, n); }
export function cast_hf(x: usize, r: usize, n: u32): void { each<i16, f64>(x, r, n); }
export function cast_ix(x: usize, r: usize, n: u32): void { each<i32, u8>(x, r, n); }
export function cast_ih(x: usize, r: usize, n: u32): void { each<i32, i16>(x, r, n); }
export function cast_ie(x: usize, r: usize, n: u32): void { each<i32, f32>(x, r, n); }
export function cast_jx(x: usize, r: usize, n: u32): void { each<i64, u8>(x, r, n); }
export function cast_jh(x: usize, r: usize, n: u32): void { each<i64, i16>(x, r, n); }
export function cast_ji(x: usize, r: usize, n: u32): void { each<i64, i32>(x, r, n); }
export function cast_je(x: usize, r: usize, n: u32): void { each<i64, f32>(x, r, n); }
export function cast_ex(x: usize, r: usize, n: u32): void { each<f32, u8>(x, r, n); }
export function cast_eh(x: usize, r: usize, n: u32): void { each<f32, i16>(x, r, n); }
export function cast_ei(x: usize, r: usize, n: u32): void { each<f32, i32>(x, r, n); }
export function cast_ej(x: usize, r: usize, n: u32): void { each<f32, i64>(x, r, n); }
export function cast_fx(x: usize, r: usize, n: u32): void { each<f64, u8>(x, r, n); }
export function cast_fh(x: usize, r: usize, n: u32): void { each<f64, i16>(x, r, n); }
export function signum_x(x: usize, r: usize, n: u32): void { sign<u8>(x, r, n); }
export function signum_h(x: usize, r: usize, n: u32): void { sign<i16>(x, r, n); }
export function signum_i(x: usize, r: usize, n: u32): void { sign<i32>(x, r, n); }
export function signum_j(x: usize, r: usize, n: u32): void { sign<i64>(x, r, n); }
export function signum_e(x: usize, r: usize, n: u32): void { sign<f32>(x, r, n); }
export function signum_f(x: usize, r: usize, n: u32): void { sign<f64>(x, r, n); }
