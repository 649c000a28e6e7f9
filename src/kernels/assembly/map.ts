// Atomic arithmetic: x op y over vectors, with either operand allowed to be one element (`shape`), and the
// unary neg and abs. Result and operand may be the same bytes. Integers: null if either is null, else wraps;
// floats as IEEE 754. Comparison lives in compare.ts, changing type in cast.ts.
import { X_IS_ONE, Y_IS_ONE, asFloat, isNull, load2AsFloats, longsAreSmall, nullLanes, nullOf, smallFloatsToLongs, smallLongsToFloats, hasNull } from "./common";

const ADD = 0;
const SUB = 1;
const MUL = 2;
const MIN = 3;
const MAX = 4;
const FILL = 5;
const DIVIDE = 6;
const DIV = 7;
const MOD = 8;
const XBAR = 9;

// @ts-ignore: decorator
@inline function withNulls<T>(r: v128, a: v128, b: v128): v128 {
  if (isFloat<T>() || sizeof<T>() == 1) return r;
  return v128.bitselect(v128.splat<T>(nullOf<T>()), r, v128.or(nullLanes<T>(a), nullLanes<T>(b)));
}

// @ts-ignore: decorator
@inline function lanes<T>(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return withNulls<T>(v128.add<T>(a, b), a, b);
  if (op == SUB) return withNulls<T>(v128.sub<T>(a, b), a, b);
  if (op == MIN) {
    if (isFloat<T>()) return v128.bitselect(b, v128.pmin<T>(a, b), v128.ne<T>(b, b));
    if (sizeof<T>() == 8) return v128.bitselect(b, a, v128.gt<T>(a, b));
    return minSmall<T>(a, b);
  }
  if (op == MAX) {
    if (isFloat<T>()) return v128.bitselect(b, v128.pmax<T>(a, b), v128.ne<T>(a, a));
    if (sizeof<T>() == 8) return v128.bitselect(a, b, v128.gt<T>(a, b));
    return maxSmall<T>(a, b);
  }
  if (op == FILL) return v128.bitselect(a, b, nullLanes<T>(b));
  if (op == DIVIDE) return divide<T>(a, b);
  return multiply<T>(a, b);
}

// @ts-ignore: decorator
@inline function minSmall<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8 || isFloat<T>()) return a;
  return v128.min<T>(a, b);
}
// @ts-ignore: decorator
@inline function maxSmall<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8 || isFloat<T>()) return a;
  return v128.max<T>(a, b);
}
// @ts-ignore: decorator
@inline function multiply<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 1) return a;
  return withNulls<T>(v128.mul<T>(a, b), a, b);
}
// @ts-ignore: decorator
@inline function divide<T>(a: v128, b: v128): v128 {
  if (!isFloat<T>()) return a;
  return v128.div<T>(a, b);
}

// @ts-ignore: decorator
@inline function item<T>(op: i32, a: T, b: T): T {
  if (op == FILL) return isNull<T>(b) ? a : b;
  if (op == MIN) {
    if (isFloat<T>()) return b != b || b < a ? b : a;
    return b < a ? b : a;
  }
  if (op == MAX) {
    if (isFloat<T>()) return a != a || a < b ? b : a;
    return a < b ? b : a;
  }
  if (op == DIVIDE) return <T>((<f64>a) / (<f64>b));
  let r: T;
  if (op == ADD) r = <T>(a + b);
  else if (op == SUB) r = <T>(a - b);
  else r = <T>(a * b);
  if (isFloat<T>() || !hasNull<T>()) return r;
  return isNull<T>(a) || isNull<T>(b) ? nullOf<T>() : r;
}

// @ts-ignore: decorator
@inline function binary<T>(op: i32, x: usize, y: usize, r: usize, n: u32, shape: u32): void {
  const end = r + n * sizeof<T>();
  const wide = r + ((n * sizeof<T>()) & ~31);
  if (shape == X_IS_ONE) {
    const one = load<T>(x);
    const a = v128.splat<T>(one);
    while (r < wide) {
      const b0 = v128.load(y);
      const b1 = v128.load(y, 16);
      v128.store(r, lanes<T>(op, a, b0));
      v128.store(r, lanes<T>(op, a, b1), 16);
      y += 32;
      r += 32;
    }
    while (r < end) {
      store<T>(r, item<T>(op, one, load<T>(y)));
      y += sizeof<T>();
      r += sizeof<T>();
    }
  } else if (shape == Y_IS_ONE) {
    const one = load<T>(y);
    const b = v128.splat<T>(one);
    while (r < wide) {
      const a0 = v128.load(x);
      const a1 = v128.load(x, 16);
      v128.store(r, lanes<T>(op, a0, b));
      v128.store(r, lanes<T>(op, a1, b), 16);
      x += 32;
      r += 32;
    }
    while (r < end) {
      store<T>(r, item<T>(op, load<T>(x), one));
      x += sizeof<T>();
      r += sizeof<T>();
    }
  } else {
    while (r < wide) {
      const a0 = v128.load(x);
      const a1 = v128.load(x, 16);
      const b0 = v128.load(y);
      const b1 = v128.load(y, 16);
      v128.store(r, lanes<T>(op, a0, b0));
      v128.store(r, lanes<T>(op, a1, b1), 16);
      x += 32;
      y += 32;
      r += 32;
    }
    while (r < end) {
      store<T>(r, item<T>(op, load<T>(x), load<T>(y)));
      x += sizeof<T>();
      y += sizeof<T>();
      r += sizeof<T>();
    }
  }
}

/** x op y as floats, whatever number types x and y are; a null operand is 0n. */
// @ts-ignore: decorator
@inline function binaryAsFloats<A, B>(op: i32, x: usize, y: usize, r: usize, n: u32, shape: u32): void {
  const end = r + n * 8;
  const wide = r + ((n * 8) & ~31);
  const oneX = asFloat<A>(load<A>(x));
  const oneY = asFloat<B>(load<B>(y));
  if (shape == X_IS_ONE) {
    const a = f64x2.splat(oneX);
    while (r < wide) {
      const b0 = load2AsFloats<B>(y);
      const b1 = load2AsFloats<B>(y + 2 * sizeof<B>());
      v128.store(r, lanes<f64>(op, a, b0));
      v128.store(r, lanes<f64>(op, a, b1), 16);
      y += 4 * sizeof<B>();
      r += 32;
    }
    while (r < end) {
      store<f64>(r, item<f64>(op, oneX, asFloat<B>(load<B>(y))));
      y += sizeof<B>();
      r += 8;
    }
  } else if (shape == Y_IS_ONE) {
    const b = f64x2.splat(oneY);
    while (r < wide) {
      const a0 = load2AsFloats<A>(x);
      const a1 = load2AsFloats<A>(x + 2 * sizeof<A>());
      v128.store(r, lanes<f64>(op, a0, b));
      v128.store(r, lanes<f64>(op, a1, b), 16);
      x += 4 * sizeof<A>();
      r += 32;
    }
    while (r < end) {
      store<f64>(r, item<f64>(op, asFloat<A>(load<A>(x)), oneY));
      x += sizeof<A>();
      r += 8;
    }
  } else {
    while (r < wide) {
      const a0 = load2AsFloats<A>(x);
      const a1 = load2AsFloats<A>(x + 2 * sizeof<A>());
      const b0 = load2AsFloats<B>(y);
      const b1 = load2AsFloats<B>(y + 2 * sizeof<B>());
      v128.store(r, lanes<f64>(op, a0, b0));
      v128.store(r, lanes<f64>(op, a1, b1), 16);
      x += 4 * sizeof<A>();
      y += 4 * sizeof<B>();
      r += 32;
    }
    while (r < end) {
      store<f64>(r, item<f64>(op, asFloat<A>(load<A>(x)), asFloat<B>(load<B>(y))));
      x += sizeof<A>();
      y += sizeof<B>();
      r += 8;
    }
  }
}

// ---- div, mod, xbar ------------------------------------------------------------------------------------------

/** floor a%b, a-b*floor a%b, or b*floor a%b; neither is null, b is not zero. */
// @ts-ignore: decorator
@inline function wholeDivision<T>(op: i32, a: T, b: T): T {
  if (isFloat<T>()) {
    const q = Math.floor((<f64>a) / (<f64>b));
    if (op == DIV) return <T>q;
    if (op == XBAR) return <T>((<f64>b) * q);
    return <T>((<f64>a) - (<f64>b) * q);
  }
  if (b == <T>-1) return op == DIV ? <T>-a : op == MOD ? <T>0 : a;
  const toZero: T = <T>(a / b);
  const rest: T = <T>(a - toZero * b);
  const below = rest != 0 && (rest ^ b) < 0;
  if (op == DIV) return below ? <T>(toZero - 1) : toZero;
  const positive: T = below ? <T>(rest + b) : rest;
  return op == MOD ? positive : <T>(a - positive);
}

// @ts-ignore: decorator
@inline function wholeItem<T>(op: i32, a: T, b: T): T {
  if (isFloat<T>()) return wholeDivision<T>(op, a, b);
  return isNull<T>(a) || isNull<T>(b) || b == 0 ? nullOf<T>() : wholeDivision<T>(op, a, b);
}

/** Whole floats below 2^53: the quotient rounds to the right side of a whole number, so floor is exact. */
// @ts-ignore: decorator
@inline function wholeFloats(op: i32, a: v128, b: v128): v128 {
  const q = f64x2.floor(f64x2.div(a, b));
  if (op == DIV) return q;
  const product = f64x2.mul(q, b);
  return op == XBAR ? product : f64x2.sub(a, product);
}

/** a is divided by b. `one`: b is one element; `oneA`: a is. */
// @ts-ignore: decorator
@inline function wholeLongs(op: i32, a: usize, b: usize, r: usize, n: u32, oneA: bool, oneB: bool): void {
  const end = r + n * 8;
  const pairs = r + ((n * 8) & ~15);
  if (oneB) {
    const by = load<i64>(b);
    if (by == 0 || by == i64.MIN_VALUE) {
      while (r < end) { store<i64>(r, i64.MIN_VALUE); r += 8; }
      return;
    }
    // floor(x % k*2^s) is floor((x>>s) % k) for a positive divisor: so timestamps too fit a float's 53 bits
    const s = by > 0 ? <i32>ctz(by) : 0;
    const small = by >> s;
    const vb = f64x2.splat(<f64>small);
    const cut = i64x2.splat((<i64>1 << s) - 1);
    if (small < 0x0004000000000000 && small > -0x0004000000000000) {
      while (r < pairs) {
        const v = v128.load(a);
        const shifted = i64x2.shr_s(v, s);
        if (longsAreSmall(shifted) && !v128.any_true(i64x2.eq(v, i64x2.splat(i64.MIN_VALUE)))) {
          const whole = smallFloatsToLongs(wholeFloats(op, smallLongsToFloats(shifted), vb));
          if (op == DIV) v128.store(r, whole);
          else if (op == XBAR) v128.store(r, i64x2.shl(whole, s));
          else v128.store(r, v128.or(i64x2.shl(whole, s), v128.and(v, cut)));
        } else {
          const a1 = load<i64>(a, 8);
          store<i64>(r, wholeItem<i64>(op, load<i64>(a), by));
          store<i64>(r, wholeItem<i64>(op, a1, by), 8);
        }
        a += 16;
        r += 16;
      }
    }
    while (r < end) {
      store<i64>(r, wholeItem<i64>(op, load<i64>(a), by));
      a += 8;
      r += 8;
    }
    return;
  }
  const stepA: usize = oneA ? 0 : 8;
  while (r < end) {
    store<i64>(r, wholeItem<i64>(op, load<i64>(a), load<i64>(b)));
    a += stepA;
    b += 8;
    r += 8;
  }
}

// @ts-ignore: decorator
@inline function wholeInts(op: i32, a: usize, b: usize, r: usize, n: u32, oneA: bool, oneB: bool): void {
  const end = r + n * 4;
  const pairs = r + ((n * 4) & ~7);
  if (oneB) {
    const by = load<i32>(b);
    if (by == 0 || by == i32.MIN_VALUE) {
      while (r < end) { store<i32>(r, i32.MIN_VALUE); r += 4; }
      return;
    }
    const vb = f64x2.splat(<f64>by);
    while (r < pairs) {
      const v = v128.load64_zero(a);
      const fitting = i32x4.trunc_sat_f64x2_s_zero(wholeFloats(op == XBAR ? MOD : op, f64x2.convert_low_i32x4_s(v), vb));
      const whole = op == XBAR ? i32x4.sub(v, fitting) : fitting;
      const isNull = i32x4.eq(v, i32x4.splat(i32.MIN_VALUE));
      v128.store64_lane(r, v128.bitselect(v, whole, isNull), 0);
      a += 8;
      r += 8;
    }
    while (r < end) {
      store<i32>(r, wholeItem<i32>(op, load<i32>(a), by));
      a += 4;
      r += 4;
    }
    return;
  }
  const stepA: usize = oneA ? 0 : 4;
  while (r < end) {
    store<i32>(r, wholeItem<i32>(op, load<i32>(a), load<i32>(b)));
    a += stepA;
    b += 4;
    r += 4;
  }
}

// @ts-ignore: decorator
@inline function wholeFloatVectors(op: i32, a: usize, b: usize, r: usize, n: u32, oneA: bool, oneB: bool): void {
  const end = r + n * 8;
  const pairs = r + ((n * 8) & ~15);
  if (oneB) {
    const vb = v128.load64_splat(b);
    while (r < pairs) {
      v128.store(r, wholeFloats(op, v128.load(a), vb));
      a += 16;
      r += 16;
    }
  } else if (!oneA) {
    while (r < pairs) {
      v128.store(r, wholeFloats(op, v128.load(a), v128.load(b)));
      a += 16;
      b += 16;
      r += 16;
    }
  }
  const stepA: usize = oneA ? 0 : 8;
  const stepB: usize = oneB ? 0 : 8;
  while (r < end) {
    store<f64>(r, wholeDivision<f64>(op, load<f64>(a), load<f64>(b)));
    a += stepA;
    b += stepB;
    r += 8;
  }
}

// ---- unary ---------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function negate<T>(x: usize, r: usize, n: u32): void {
  const end = r + n * sizeof<T>();
  const wide = r + ((n * sizeof<T>()) & ~15);
  while (r < wide) {
    v128.store(r, v128.neg<T>(v128.load(x)));
    x += 16;
    r += 16;
  }
  while (r < end) {
    store<T>(r, <T>-load<T>(x));
    x += sizeof<T>();
    r += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline function absolute<T>(x: usize, r: usize, n: u32): void {
  const end = r + n * sizeof<T>();
  const wide = r + ((n * sizeof<T>()) & ~15);
  while (r < wide) {
    v128.store(r, v128.abs<T>(v128.load(x)));
    x += 16;
    r += 16;
  }
  while (r < end) {
    const a = load<T>(x);
    store<T>(r, isFloat<T>() ? abs<T>(a) : a < 0 ? <T>-a : a);
    x += sizeof<T>();
    r += sizeof<T>();
  }
}

// ---- one export per letter ------------------------------------------------------------------------------------
export function add_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i32>(ADD, x, y, r, n, shape); }
export function add_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i64>(ADD, x, y, r, n, shape); }
export function add_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f32>(ADD, x, y, r, n, shape); }
export function add_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(ADD, x, y, r, n, shape); }
export function sub_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i32>(SUB, x, y, r, n, shape); }
export function sub_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i64>(SUB, x, y, r, n, shape); }
export function sub_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f32>(SUB, x, y, r, n, shape); }
export function sub_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(SUB, x, y, r, n, shape); }
export function mul_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i32>(MUL, x, y, r, n, shape); }
export function mul_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i64>(MUL, x, y, r, n, shape); }
export function mul_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f32>(MUL, x, y, r, n, shape); }
export function mul_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(MUL, x, y, r, n, shape); }
export function lesser_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<u8>(MIN, x, y, r, n, shape); }
export function lesser_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i16>(MIN, x, y, r, n, shape); }
export function lesser_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i32>(MIN, x, y, r, n, shape); }
export function lesser_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i64>(MIN, x, y, r, n, shape); }
export function lesser_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f32>(MIN, x, y, r, n, shape); }
export function lesser_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(MIN, x, y, r, n, shape); }
export function greater_x(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<u8>(MAX, x, y, r, n, shape); }
export function greater_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i16>(MAX, x, y, r, n, shape); }
export function greater_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i32>(MAX, x, y, r, n, shape); }
export function greater_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i64>(MAX, x, y, r, n, shape); }
export function greater_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f32>(MAX, x, y, r, n, shape); }
export function greater_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(MAX, x, y, r, n, shape); }
export function fill_h(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i16>(FILL, x, y, r, n, shape); }
export function fill_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i32>(FILL, x, y, r, n, shape); }
export function fill_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<i64>(FILL, x, y, r, n, shape); }
export function fill_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f32>(FILL, x, y, r, n, shape); }
export function fill_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(FILL, x, y, r, n, shape); }
export function divide_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binary<f64>(DIVIDE, x, y, r, n, shape); }
export function divide_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i32, i32>(DIVIDE, x, y, r, n, shape); }
export function divide_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i64, i64>(DIVIDE, x, y, r, n, shape); }
export function divide_e(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f32, f32>(DIVIDE, x, y, r, n, shape); }
export function add_jf(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i64, f64>(ADD, x, y, r, n, shape); }
export function add_fj(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i64>(ADD, x, y, r, n, shape); }
export function add_if(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i32, f64>(ADD, x, y, r, n, shape); }
export function add_fi(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i32>(ADD, x, y, r, n, shape); }
export function sub_jf(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i64, f64>(SUB, x, y, r, n, shape); }
export function sub_fj(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i64>(SUB, x, y, r, n, shape); }
export function sub_if(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i32, f64>(SUB, x, y, r, n, shape); }
export function sub_fi(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i32>(SUB, x, y, r, n, shape); }
export function mul_jf(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i64, f64>(MUL, x, y, r, n, shape); }
export function mul_fj(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i64>(MUL, x, y, r, n, shape); }
export function mul_if(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i32, f64>(MUL, x, y, r, n, shape); }
export function mul_fi(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i32>(MUL, x, y, r, n, shape); }
export function divide_jf(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i64, f64>(DIVIDE, x, y, r, n, shape); }
export function divide_fj(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i64>(DIVIDE, x, y, r, n, shape); }
export function divide_if(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<i32, f64>(DIVIDE, x, y, r, n, shape); }
export function divide_fi(x: usize, y: usize, r: usize, n: u32, shape: u32): void { binaryAsFloats<f64, i32>(DIVIDE, x, y, r, n, shape); }
export function div_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeInts(DIV, x, y, r, n, shape == X_IS_ONE, shape == Y_IS_ONE); }
export function div_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeLongs(DIV, x, y, r, n, shape == X_IS_ONE, shape == Y_IS_ONE); }
export function div_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeFloatVectors(DIV, x, y, r, n, shape == X_IS_ONE, shape == Y_IS_ONE); }
export function mod_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeInts(MOD, x, y, r, n, shape == X_IS_ONE, shape == Y_IS_ONE); }
export function mod_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeLongs(MOD, x, y, r, n, shape == X_IS_ONE, shape == Y_IS_ONE); }
export function mod_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeFloatVectors(MOD, x, y, r, n, shape == X_IS_ONE, shape == Y_IS_ONE); }
export function xbar_i(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeInts(XBAR, y, x, r, n, shape == Y_IS_ONE, shape == X_IS_ONE); }
export function xbar_j(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeLongs(XBAR, y, x, r, n, shape == Y_IS_ONE, shape == X_IS_ONE); }
export function xbar_f(x: usize, y: usize, r: usize, n: u32, shape: u32): void { wholeFloatVectors(XBAR, y, x, r, n, shape == Y_IS_ONE, shape == X_IS_ONE); }
export function neg_h(x: usize, r: usize, n: u32): void { negate<i16>(x, r, n); }
export function neg_i(x: usize, r: usize, n: u32): void { negate<i32>(x, r, n); }
export function neg_j(x: usize, r: usize, n: u32): void { negate<i64>(x, r, n); }
export function neg_e(x: usize, r: usize, n: u32): void { negate<f32>(x, r, n); }
export function neg_f(x: usize, r: usize, n: u32): void { negate<f64>(x, r, n); }
export function abs_h(x: usize, r: usize, n: u32): void { absolute<i16>(x, r, n); }
export function abs_i(x: usize, r: usize, n: u32): void { absolute<i32>(x, r, n); }
export function abs_j(x: usize, r: usize, n: u32): void { absolute<i64>(x, r, n); }
export function abs_e(x: usize, r: usize, n: u32): void { absolute<f32>(x, r, n); }
export function abs_f(x: usize, r: usize, n: u32): void { absolute<f64>(x, r, n); }
