// What the families share: q's nulls and infinities, null-aware conversion between lanes, unrolled
// copies. Everything here is inlined into its caller; nothing is exported to JavaScript.

/** 2 to the -43: q's comparison tolerance. */
export const TOLERANCE: f64 = 1.1368683772161603e-13;
export const MAX_F64: f64 = 1.7976931348623157e308;

/** A binary kernel's `shape`: which operand is one element, used for every item of the other. */
export const VECTORS: u32 = 0;
export const X_IS_ONE: u32 = 1;
export const Y_IS_ONE: u32 = 2;

// @ts-ignore: decorator
@inline export function nullOf<T>(): T {
  if (isFloat<T>()) return <T>NaN;
  if (sizeof<T>() == 8) return <T>i64.MIN_VALUE;
  if (sizeof<T>() == 4) return <T>i32.MIN_VALUE;
  if (sizeof<T>() == 2) return <T>i16.MIN_VALUE;
  return <T>0;
}

// @ts-ignore: decorator
@inline export function infOf<T>(): T {
  if (isFloat<T>()) return <T>Infinity;
  if (sizeof<T>() == 8) return <T>i64.MAX_VALUE;
  if (sizeof<T>() == 4) return <T>i32.MAX_VALUE;
  if (sizeof<T>() == 2) return <T>i16.MAX_VALUE;
  return <T>255;
}

// @ts-ignore: decorator
@inline export function minusInfOf<T>(): T {
  if (isFloat<T>()) return <T>-Infinity;
  if (sizeof<T>() == 8) return <T>-i64.MAX_VALUE;
  if (sizeof<T>() == 4) return <T>-i32.MAX_VALUE;
  if (sizeof<T>() == 2) return <T>-i16.MAX_VALUE;
  return <T>0;
}

/** Bytes have no null; a float's is NaN, an integer's its smallest. */
// @ts-ignore: decorator
@inline export function hasNull<T>(): bool {
  return isFloat<T>() || sizeof<T>() > 1;
}

// @ts-ignore: decorator
@inline export function isNull<T>(a: T): bool {
  if (isFloat<T>()) return a != a;
  if (sizeof<T>() == 1) return false;
  return a == nullOf<T>();
}

/** All ones in the lanes that hold a null. */
// @ts-ignore: decorator
@inline export function nullLanes<T>(a: v128): v128 {
  if (isFloat<T>()) return v128.ne<T>(a, a);
  if (sizeof<T>() == 1) return i64x2.splat(0);
  return v128.eq<T>(a, v128.splat<T>(nullOf<T>()));
}

/**
 * Two longs to two floats, every value correctly rounded: the upper 48 bits and the lower 48 bits are each
 * made a float by gluing an exponent on, then added. There is no SIMD instruction for it. Nulls are not looked at.
 */
// @ts-ignore: decorator
@inline export function longsToFloats(a: v128): v128 {
  const high = i64x2.add(v128.and(i32x4.shr_s(a, 16), i64x2.splat(0xffffffff00000000)), f64x2.splat(442721857769029238784.0));
  const low = v128.or(v128.and(a, i64x2.splat(0x0000ffffffffffff)), i64x2.splat(0x4330000000000000));
  return f64x2.add(f64x2.sub(high, f64x2.splat(442726361368656609280.0)), low);
}

/** The same with 0N to 0n. */
// @ts-ignore: decorator
@inline export function longsToFloatsNull(a: v128): v128 {
  return v128.bitselect(f64x2.splat(NaN), longsToFloats(a), i64x2.eq(a, i64x2.splat(i64.MIN_VALUE)));
}

/** Two elements of any number type as two floats, null to NaN. */
// @ts-ignore: decorator
@inline export function load2AsFloats<T>(at: usize): v128 {
  if (isFloat<T>()) {
    if (sizeof<T>() == 8) return v128.load(at);
    return f64x2.promote_low_f32x4(v128.load64_zero(at));
  }
  if (sizeof<T>() == 8) return longsToFloatsNull(v128.load(at));
  const a = v128.load64_zero(at);
  const lanes = i64x2.extend_low_i32x4_s(i32x4.eq(a, i32x4.splat(i32.MIN_VALUE)));
  return v128.bitselect(f64x2.splat(NaN), f64x2.convert_low_i32x4_s(a), lanes);
}

// @ts-ignore: decorator
@inline export function asFloat<T>(a: T): f64 {
  if (isFloat<T>()) return <f64>a;
  return isNull<T>(a) ? NaN : <f64>a;
}

/** Bits of 1.5 times 2 to the 52: added to a small whole float, the long stands in the low bits. */
export const MAGIC: f64 = 6755399441055744.0;
export const MAGIC_BITS: i64 = 0x4338000000000000;

/** Two whole floats, each of magnitude below 2^51, to longs. */
// @ts-ignore: decorator
@inline export function smallFloatsToLongs(a: v128): v128 {
  return i64x2.sub(f64x2.add(a, f64x2.splat(MAGIC)), i64x2.splat(MAGIC_BITS));
}

/** Whether both longs lie in [-2^51, 2^51). */
// @ts-ignore: decorator
@inline export function longsAreSmall(a: v128): bool {
  return !v128.any_true(i64x2.shr_u(i64x2.add(a, i64x2.splat(0x0008000000000000)), 52));
}

/** Two longs in [-2^51, 2^51) to floats. */
// @ts-ignore: decorator
@inline export function smallLongsToFloats(a: v128): v128 {
  return f64x2.sub(i64x2.add(a, i64x2.splat(MAGIC_BITS)), f64x2.splat(MAGIC));
}

/** A float to a long as Cast does it: to the nearest, halves up; 0n to 0N; beyond the range to an infinity. */
// @ts-ignore: decorator
@inline export function roundToLong(a: f64): i64 {
  if (a != a) return i64.MIN_VALUE;
  const whole = Math.abs(a) < 4503599627370496.0 ? Math.floor(a + 0.5) : a;
  if (whole >= 9223372036854775808.0) return i64.MAX_VALUE;
  if (whole <= -9223372036854775808.0) return -i64.MAX_VALUE;
  return <i64>whole;
}
