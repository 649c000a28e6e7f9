// Text in memory: numbers to digits and back, like over many strings, letter case. Many strings are bytes one after
// another and offsets (u32, one more than there are strings). No UTF-8: q's chars are bytes.

// ---- whole numbers to text -----------------------------------------------------------------------------------------

/** a%100 by a multiplication, right for any u32. */
// @ts-ignore: decorator
@inline function hundreds(a: u32): u32 {
  return <u32>((<u64>a * 1374389535) >> 37);
}
/** Two digits, the first at the lower address. */
// @ts-ignore: decorator
@inline function pair(a: u32): u32 {
  const tens = (a * 103) >> 10;
  return 0x3030 + tens + ((a - tens * 10) << 8);
}

// @ts-ignore: decorator
@inline function lengthOf(a: u32): u32 {
  if (a < 10000) return a < 100 ? (a < 10 ? 1 : 2) : a < 1000 ? 3 : 4;
  if (a < 100000000) return a < 1000000 ? (a < 100000 ? 5 : 6) : a < 10000000 ? 7 : 8;
  return a < 1000000000 ? 9 : 10;
}

/** `count` digits of a, with leading zeros if it has fewer. */
// @ts-ignore: decorator
@inline function putDigits(at: usize, a: u32, count: u32): void {
  let p = at + count;
  while (p - at >= 2) {
    const q = hundreds(a);
    p -= 2;
    store<u16>(p, pair(a - q * 100));
    a = q;
  }
  if (p > at) store<u8>(at, 48 + a);
}

/** Writes the digits of a; returns where they end. */
function digits(at: usize, a: u64): usize {
  if (a <= 0xffffffff) {
    const count = lengthOf(<u32>a);
    putDigits(at, <u32>a, count);
    return at + count;
  }
  const above = a / 1000000000;
  at = digits(at, above);
  putDigits(at, <u32>(a - above * 1000000000), 9);
  return at + 9;
}

/** Texts of integers, at most 20 bytes each: null is empty (or 0N when `nulls` is set), infinities 0W and -0W. */
// @ts-ignore: decorator
@inline function formatWhole<T>(x: usize, n: u32, nulls: u32, offsets: usize, bytes: usize, least: i64): f64 {
  let to = bytes;
  for (let i: u32 = 0; i < n; i++) {
    const a = <i64>load<T>(x);
    x += sizeof<T>();
    store<u32>(offsets + (<usize>i << 2), <u32>(to - bytes));
    if (a == least) {
      if (nulls) {
        store<u16>(to, 0x4e30);
        to += 2;
      }
    } else if (a == -(least + 1) || a == least + 1) {
      if (a < 0) store<u8>(to++, 45);
      store<u16>(to, 0x5730);
      to += 2;
    } else {
      if (a < 0) store<u8>(to++, 45);
      to = digits(to, <u64>(a < 0 ? -a : a));
    }
  }
  store<u32>(offsets + (<usize>n << 2), <u32>(to - bytes));
  return <f64>(to - bytes);
}
export function format_j(x: usize, n: u32, nulls: u32, offsets: usize, bytes: usize): f64 { return formatWhole<i64>(x, n, nulls, offsets, bytes, i64.MIN_VALUE); }
export function format_i(x: usize, n: u32, nulls: u32, offsets: usize, bytes: usize): f64 { return formatWhole<i32>(x, n, nulls, offsets, bytes, <i64>i32.MIN_VALUE); }
export function format_h(x: usize, n: u32, nulls: u32, offsets: usize, bytes: usize): f64 { return formatWhole<i16>(x, n, nulls, offsets, bytes, <i64>i16.MIN_VALUE); }

// ---- floats to text ------------------------------------------------------------------------------------------------

/** A float in two parts: their sum is exact to about 106 bits. */
let high: f64 = 0;
let low: f64 = 0;

// @ts-ignore: decorator
@inline function twoProduct(a: f64, b: f64): void {
  // Dekker's split: there is no fused multiply-add in WebAssembly
  const p = a * b;
  const ta = 134217729.0 * a;
  const ah = ta - (ta - a);
  const al = a - ah;
  const tb = 134217729.0 * b;
  const bh = tb - (tb - b);
  const bl = b - bh;
  low = ah * bh - p + ah * bl + al * bh + al * bl;
  high = p;
}

/** Powers of ten to 22 are exact. */
const POWERS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);
// @ts-ignore: decorator
@inline function smallPower(k: i32): f64 {
  return load<f64>(POWERS + (<usize>k << 3));
}

/** (high, low) *= 10^k for k in 0..22. */
function timesPower(k: i32): void {
  const p = smallPower(k);
  const h = high;
  const l = low;
  twoProduct(h, p);
  const rest = low + l * p;
  const s = high + rest;
  low = rest - (s - high);
  high = s;
}
/** (high, low) /= 10^k for k in 0..22. */
function overPower(k: i32): void {
  const p = smallPower(k);
  const h = high;
  const l = low;
  const q = h / p;
  twoProduct(q, p);
  const rest = (h - high - low + l) / p;
  const s = q + rest;
  low = rest - (s - q);
  high = s;
}
/** (high, low) times 10^k. Scaled in steps of 10^22; values are kept away from overflow by the caller's choice of k. */
function scaleByPower(k: i32): void {
  while (k > 22) {
    timesPower(22);
    k -= 22;
  }
  while (k < -22) {
    overPower(22);
    k += 22;
  }
  if (k >= 0) timesPower(k);
  else overPower(-k);
}

/** The nearest whole number to high+low, halves to even; both below 2^63. */
function nearest(): i64 {
  const whole = Math.floor(high);
  let rest = high - whole + low; // exact but for the last bits of low
  let w = <i64>whole;
  while (rest < 0) {
    rest += 1;
    w--;
  }
  while (rest >= 1) {
    rest -= 1;
    w++;
  }
  if (rest > 0.5) return w + 1;
  if (rest < 0.5) return w;
  return w + (w & 1);
}

// @ts-ignore: decorator
@inline function powerOfTen(k: u32): i64 {
  return <i64>smallPower(<i32>k);
}

/**
 * a*10^k to the nearest whole number by one multiplication or division, or -1 when that is so near to a half
 * that its rounding error might decide.
 */
// @ts-ignore: decorator
@inline function quickly(a: f64, k: i32): i64 {
  if (k > 22 || k < -22) return -1;
  const t = k >= 0 ? a * smallPower(k) : a / smallPower(-k);
  const whole = Math.floor(t);
  const rest = t - whole;
  if (Math.abs(rest - 0.5) <= t * 4.440892098500626e-16) return -1;
  return <i64>whole + <i64>(rest > 0.5);
}

/** The significant digits of a as a whole number, in double precision twice over; `decimalExponent` of the first. */
let decimalExponent: i32 = 0;
function carefully(a: f64, significant: u32, most: i64): i64 {
  // the ends of the range are brought in by 2^54, exactly, so that products neither lose bits nor overflow
  const lift: i32 = a < 1e-280 ? 54 : a > 1e280 ? -54 : 0;
  high = lift > 0 ? a * 18014398509481984.0 : lift < 0 ? a / 18014398509481984.0 : a;
  low = 0;
  const exponent = <i32>((reinterpret<i64>(high) >> 52) & 2047) - 1023 - lift;
  let e = <i32>Math.floor(<f64>exponent * 0.30102999566398119521);
  scaleByPower(<i32>significant - 1 - e);
  if (lift > 0) {
    high /= 18014398509481984.0;
    low /= 18014398509481984.0;
  } else if (lift < 0) {
    high *= 18014398509481984.0;
    low *= 18014398509481984.0;
  }
  const h = high;
  const l = low;
  let d = nearest();
  if (d >= most) {
    // one digit too many: again with the right exponent, from the number itself, lest it be rounded twice
    e++;
    high = h;
    low = l;
    overPower(1);
    d = nearest();
    if (d >= most) {
      d /= 10;
      e++;
    }
  }
  decimalExponent = e;
  return d;
}

/** One float as %g prints it with so many significant digits (1 to 17): at most 24 bytes. */
function formatFloat(to: usize, a: f64, significant: u32): usize {
  if (a < 0 || (a == 0 && reinterpret<i64>(a) < 0)) {
    store<u8>(to++, 45);
    a = -a;
  }
  if (a == 0) {
    store<u8>(to++, 48);
    return to;
  }
  // a whole number with few digits needs no scaling
  let d: i64;
  let e: i32;
  let many = significant;
  const most = powerOfTen(significant);
  if (a < 9007199254740992.0 && Math.floor(a) == a && <i64>a < most) {
    d = <i64>a;
    if (d <= 0xffffffff) many = lengthOf(<u32>d);
    else {
      many = 10;
      for (let rest = d / 10000000000; rest > 0; rest /= 10) many++;
    }
    e = <i32>many - 1;
  } else {
    // the decimal exponent is the floor of this, or one more
    e = <i32>Math.floor(<f64>(<i32>((reinterpret<i64>(a) >> 52) & 2047) - 1023) * 0.30102999566398119521);
    d = significant < 16 && a >= 1e-280 && a <= 1e280 ? quickly(a, <i32>significant - 1 - e) : -1;
    if (d >= most) {
      e++;
      d = quickly(a, <i32>significant - 1 - e);
      if (d == most) {
        d /= 10;
        e++;
      }
    }
    if (d < 0) {
      d = carefully(a, significant, most);
      e = decimalExponent;
    }
  }
  if (d <= 0xffffffff) {
    let small = <u32>d;
    while (many > 1) {
      const q = <u32>((<u64>small * 3435973837) >> 35);
      if (q * 10 != small) break;
      small = q;
      many--;
    }
    d = <i64><u64>small;
  }
  while (many > 1 && d % 10 == 0) {
    d /= 10;
    many--;
  }
  if (e < -4 || e >= <i32>significant) {
    // d.ddde+xx
    const end = digits(to + (many > 1 ? 1 : 0), <u64>d);
    if (many > 1) {
      store<u8>(to, load<u8>(to + 1));
      store<u8>(to + 1, 46);
    }
    to = end;
    store<u8>(to++, 101);
    store<u8>(to++, e < 0 ? 45 : 43);
    if (e < 0) e = -e;
    if (e < 10) store<u8>(to++, 48);
    return digits(to, <u64>e);
  }
  if (e < 0) {
    store<u16>(to, 0x2e30);
    to += 2;
    for (let k = e; k < -1; k++) store<u8>(to++, 48);
    return digits(to, <u64>d);
  }
  const before = <u32>e + 1;
  if (many <= before) {
    to = digits(to, <u64>d);
    for (let k = many; k < before; k++) store<u8>(to++, 48);
    return to;
  }
  const end = digits(to + 1, <u64>d);
  for (let k: u32 = 0; k < before; k++) store<u8>(to + k, load<u8>(to + k + 1));
  store<u8>(to + before, 46);
  return end;
}

/** Texts of floats, at most 24 bytes each, with `significant` digits; null is empty (or 0n), infinities 0w and -0w. */
export function format_f(x: usize, n: u32, nulls: u32, significant: u32, offsets: usize, bytes: usize): f64 {
  let to = bytes;
  for (let i: u32 = 0; i < n; i++) {
    const a = load<f64>(x);
    x += 8;
    store<u32>(offsets + (<usize>i << 2), <u32>(to - bytes));
    if (a != a) {
      if (nulls) {
        store<u16>(to, 0x6e30);
        to += 2;
      }
    } else if (a == Infinity || a == -Infinity) {
      if (a < 0) store<u8>(to++, 45);
      store<u16>(to, 0x7730);
      to += 2;
    } else to = formatFloat(to, a, significant);
  }
  store<u32>(offsets + (<usize>n << 2), <u32>(to - bytes));
  return <f64>(to - bytes);
}

// ---- text to numbers -------------------------------------------------------------------------------------------------

/** "J"$ of each: blanks around are skipped; 0W and -0W; anything else that is not a number in range is null. */
// @ts-ignore: decorator
@inline function parseWhole<T>(bytes: usize, offsets: usize, n: u32, r: usize, most: u64): void {
  const none = sizeof<T>() == 8 ? i64.MIN_VALUE : sizeof<T>() == 4 ? <i64>i32.MIN_VALUE : <i64>i16.MIN_VALUE;
  for (let i: u32 = 0; i < n; i++) {
    let p = bytes + load<u32>(offsets + (<usize>i << 2));
    let end = bytes + load<u32>(offsets + (<usize>i << 2), 4);
    while (p < end && load<u8>(p) == 32) p++;
    while (p < end && load<u8>(end - 1) == 32) end--;
    let value: i64 = none;
    const minus = p < end && load<u8>(p) == 45;
    if (minus || (p < end && load<u8>(p) == 43)) p++;
    if (end - p == 2 && load<u16>(p) == 0x5730) value = minus ? -<i64>most : <i64>most;
    else if (p < end) {
      while (end - p > 1 && load<u8>(p) == 48) p++;
      if (end - p <= 19) {
        let a: u64 = 0;
        let good = true;
        for (; p < end; p++) {
          const d = <u32>load<u8>(p) - 48;
          if (d > 9) {
            good = false;
            break;
          }
          a = a * 10 + <u64>d;
        }
        if (good && a <= most) value = minus ? -<i64>a : <i64>a;
      }
    }
    store<T>(r, <T>value);
    r += sizeof<T>();
  }
}
export function parse_j(bytes: usize, offsets: usize, n: u32, r: usize): void { parseWhole<i64>(bytes, offsets, n, r, <u64>i64.MAX_VALUE); }
export function parse_i(bytes: usize, offsets: usize, n: u32, r: usize): void { parseWhole<i32>(bytes, offsets, n, r, <u64>i32.MAX_VALUE); }
export function parse_h(bytes: usize, offsets: usize, n: u32, r: usize): void { parseWhole<i16>(bytes, offsets, n, r, <u64>i16.MAX_VALUE); }

/**
 * "F"$ of each, correctly rounded. `doubtful`: a byte each, 1 where this could not be decided here (more than
 * nineteen digits, an extreme exponent, or within a hair of a tie): the caller reads those another way. Returns how many.
 */
export function parse_f(bytes: usize, offsets: usize, n: u32, r: usize, doubtful: usize): f64 {
  let doubts: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    let p = bytes + load<u32>(offsets + (<usize>i << 2));
    let end = bytes + load<u32>(offsets + (<usize>i << 2), 4);
    while (p < end && load<u8>(p) == 32) p++;
    while (p < end && load<u8>(end - 1) == 32) end--;
    let value: f64 = NaN;
    let doubt: u32 = 0;
    const minus = p < end && load<u8>(p) == 45;
    if (minus || (p < end && load<u8>(p) == 43)) p++;
    if (end - p == 2 && (load<u16>(p) | 0x2000) == 0x7730) value = Infinity;
    else {
      let mantissa: u64 = 0;
      let count: i32 = 0; // digits seen
      let kept: i32 = 0; // of them, after leading zeros
      let exponent: i32 = 0;
      let seenPoint = false;
      for (; p < end; p++) {
        const c = <u32>load<u8>(p);
        const d = c - 48;
        if (d <= 9) {
          count++;
          if (kept < 19) {
            mantissa = mantissa * 10 + <u64>d;
            if (mantissa != 0) kept++;
            if (seenPoint) exponent--;
          } else {
            doubt |= u32(d != 0);
            if (!seenPoint) exponent++;
          }
        } else if (c == 46 && !seenPoint) seenPoint = true;
        else break;
      }
      let good = count > 0;
      if (good && p < end && (load<u8>(p) | 32) == 101) {
        p++;
        const down = p < end && load<u8>(p) == 45;
        if (down || (p < end && load<u8>(p) == 43)) p++;
        good = p < end;
        let power: i32 = 0;
        for (; p < end; p++) {
          const d = <u32>load<u8>(p) - 48;
          if (d > 9) break;
          if (power < 10000) power = power * 10 + <i32>d;
        }
        exponent += down ? -power : power;
      }
      // a type's letter may follow
      if (good && p < end && load<u8>(p) == 102) p++;
      good = good && p == end;
      if (!good) doubt = 0;
      else if (mantissa == 0) value = 0;
      else if (exponent == 0) value = <f64>mantissa;
      else if (mantissa < 9007199254740992 && exponent >= -22 && exponent <= 22) {
        const m = <f64>mantissa;
        value = exponent < 0 ? m / smallPower(-exponent) : m * smallPower(exponent);
      } else if (exponent > 285 || exponent < -285) doubt = 1;
      else {
        high = <f64>mantissa;
        low = <f64><i64>(mantissa - <u64>high);
        scaleByPower(exponent);
        value = high;
        // a tie would have low at half a unit in the last place of high, below a power of two at a quarter
        const unit = Math.abs(reinterpret<f64>(reinterpret<i64>(high) + 1) - high);
        if (Math.abs(Math.abs(low) - unit * 0.5) < unit * 1e-9 || (!(reinterpret<u64>(high) << 12) && Math.abs(low + unit * 0.25) < unit * 1e-9)) doubt = 1;
      }
    }
    store<f64>(r, minus ? -value : value);
    store<u8>(doubtful + <usize>i, doubt);
    doubts += doubt;
    r += 8;
  }
  return <f64>doubts;
}

// ---- like ----------------------------------------------------------------------------------------------------------

/** After the bracket at p: whether c is in the class; `classEnd` is where the class ends. */
let classEnd: usize = 0;
function inClass(p: usize, end: usize, c: u32): bool {
  let negated = false;
  if (p < end && load<u8>(p) == 94) {
    negated = true;
    p++;
  }
  let found = false;
  let firstItem = true;
  while (p < end && (firstItem || load<u8>(p) != 93)) {
    firstItem = false;
    const a = <u32>load<u8>(p);
    if (end - p > 2 && load<u8>(p + 1) == 45 && load<u8>(p + 2) != 93) {
      found = found || (c >= a && c <= <u32>load<u8>(p + 2));
      p += 3;
    } else {
      found = found || c == a;
      p++;
    }
  }
  classEnd = p < end ? p + 1 : p;
  return found != negated;
}

/** Whether one item of the pattern at p matches c; `itemEnd` is the next item. */
let itemEnd: usize = 0;
// @ts-ignore: decorator
@inline function itemMatches(p: usize, end: usize, c: u32): bool {
  const a = <u32>load<u8>(p);
  if (a == 91) {
    const yes = inClass(p + 1, end, c);
    itemEnd = classEnd;
    return yes;
  }
  itemEnd = p + 1;
  return a == 63 || a == c;
}

function matches(s: usize, end: usize, pattern: usize, patternEnd: usize): bool {
  let p = pattern;
  let retryPattern: usize = 0; // past the last star
  let retryText: usize = 0; // where that star ends next
  while (true) {
    if (p < patternEnd && load<u8>(p) == 42) {
      retryPattern = ++p;
      retryText = s;
      if (p == patternEnd) return true;
      continue;
    }
    if (s == end) return p == patternEnd;
    if (p < patternEnd && itemMatches(p, patternEnd, <u32>load<u8>(s))) {
      p = itemEnd;
      s++;
      continue;
    }
    if (retryPattern == 0) return false;
    p = retryPattern;
    s = ++retryText;
    if (s > end) return false;
  }
}

/** r: a boolean each, whether the string matches the pattern: * ? [abc] [^abc] [a-z]. */
export function like_c(bytes: usize, offsets: usize, n: u32, pattern: usize, patternBytes: u32, r: usize): void {
  const patternEnd = pattern + patternBytes;
  for (let i: u32 = 0; i < n; i++) {
    const s = bytes + load<u32>(offsets + (<usize>i << 2));
    const end = bytes + load<u32>(offsets + (<usize>i << 2), 4);
    store<u8>(r + <usize>i, matches(s, end, pattern, patternEnd));
  }
}

/** The first place at or after `from` where one string of bytes stands within another; its length if nowhere. */
export function search_c(text: usize, n: u32, from: u32, part: usize, partBytes: u32): f64 {
  if (partBytes == 0 || partBytes > n) return <f64>n;
  const first = <u32>load<u8>(part);
  const last = text + (n - partBytes);
  for (let s = text + from; s <= last; s++) {
    if (<u32>load<u8>(s) != first) continue;
    let k: u32 = 1;
    while (k < partBytes && load<u8>(s + k) == load<u8>(part + k)) k++;
    if (k == partBytes) return <f64>(s - text);
  }
  return <f64>n;
}

// ---- letter case -------------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline function toCase(x: usize, r: usize, n: u32, least: u8): void {
  const end = r + n;
  for (const wide = r + (n & ~15); r < wide; r += 16) {
    const a = v128.load(x);
    const isLetter = i8x16.lt_u(i8x16.sub(a, i8x16.splat(least)), i8x16.splat(26));
    v128.store(r, v128.xor(a, v128.and(isLetter, i8x16.splat(32))));
    x += 16;
  }
  for (; r < end; r++) {
    const a = <u32>load<u8>(x++);
    store<u8>(r, a - least < 26 ? a ^ 32 : a);
  }
}
export function lower_c(x: usize, r: usize, n: u32): void { toCase(x, r, n, 65); }
export function upper_c(x: usize, r: usize, n: u32): void { toCase(x, r, n, 97); }
