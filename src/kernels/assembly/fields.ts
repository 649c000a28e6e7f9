// Delimited text to columns: where fields begin and end (spans: two addresses each), then a column's fields to elements.
// What is written in the ordinary way is read here; anything else is marked doubtful (a byte each), and the caller reads
// it another way. Addresses fit in 32 bits, as the memory does.

/** Where split left its place: [1024] the first byte not taken, [1028] 1 when the row there is not for split. */
const STOPPED: usize = 1024;

// @ts-ignore: decorator
@inline function putSpan(spans: usize, rows: u32, field: u32, row: u32, from: usize, to: usize): void {
  const at = spans + ((<usize>field * <usize>rows + <usize>row) << 3);
  store<u32>(at, <u32>from);
  store<u32>(at, <u32>to, 4);
}

/**
 * Rows of `text` up to `end`, at most `rows`: the spans of field f of row r stand at spans[f*rows+r]. Fields that a row
 * lacks are empty, those it has too many are dropped. A field in quotes loses them; a row whose quotes hold quotes or
 * line ends is left to the caller. Returns the rows done.
 */
export function split_c(text: usize, end: usize, delimiter: u32, fields: u32, rows: u32, spans: usize): f64 {
  const commas = i8x16.splat(<i8>delimiter);
  const ends = i8x16.splat(10);
  const quotes = i8x16.splat(34);
  let row: u32 = 0;
  let field: u32 = 0;
  let rowStart = text;
  let start = text;
  let quotedTo: usize = 0;
  let p = text;
  store<u32>(STOPPED, <u32>end);
  store<u32>(STOPPED, 0, 4);
  if (rows == 0) {
    store<u32>(STOPPED, <u32>text);
    return 0;
  }
  while (p < end) {
    const chunk = v128.load(p);
    let mask = <u32>i8x16.bitmask(v128.or(v128.or(i8x16.eq(chunk, commas), i8x16.eq(chunk, ends)), i8x16.eq(chunk, quotes)));
    if (end - p < 16) mask &= (1 << <u32>(end - p)) - 1;
    let next = p + 16;
    while (mask) {
      const at = p + ctz(mask);
      mask &= mask - 1;
      const c = <u32>load<u8>(at);
      if (c == 34 && c != delimiter) {
        if (at != start) continue;
        let q = at + 1;
        while (q < end && load<u8>(q) != 34 && load<u8>(q) != 10) q++;
        const after = q + 1 < end ? <u32>load<u8>(q + 1) : 10;
        if (q >= end || load<u8>(q) != 34 || (after != delimiter && after != 10 && after != 13)) {
          store<u32>(STOPPED, <u32>rowStart);
          store<u32>(STOPPED, 1, 4);
          return <f64>row;
        }
        quotedTo = q;
        next = q + 1;
        break;
      }
      let to = at;
      if (quotedTo) {
        start++;
        to = quotedTo;
        quotedTo = 0;
      } else if (c == 10 && to > start && load<u8>(to - 1) == 13) to--;
      if (field < fields) putSpan(spans, rows, field, row, start, to);
      field++;
      start = at + 1;
      if (c == 10 && c != delimiter) {
        for (; field < fields; field++) putSpan(spans, rows, field, row, at, at);
        field = 0;
        row++;
        rowStart = start;
        if (row == rows) {
          store<u32>(STOPPED, <u32>start);
          return <f64>row;
        }
      }
    }
    p = next;
  }
  if (rowStart < end) {
    // the last row has no line end
    let to = end;
    if (quotedTo) {
      start++;
      to = quotedTo;
    } else if (to > start && load<u8>(to - 1) == 13) to--;
    if (field < fields) putSpan(spans, rows, field, row, start, to);
    field++;
    for (; field < fields; field++) putSpan(spans, rows, field, row, end, end);
    row++;
  }
  return <f64>row;
}

// ---- one field -----------------------------------------------------------------------------------------------------
let from: usize = 0;
let to: usize = 0;
/** The span without the blanks at its ends. */
// @ts-ignore: decorator
@inline function take(span: usize): void {
  from = <usize>load<u32>(span);
  to = <usize>load<u32>(span, 4);
  while (from < to && load<u8>(from) == 32) from++;
  while (from < to && load<u8>(to - 1) == 32) to--;
}

// @ts-ignore: decorator
@inline function whole<T>(spans: usize, n: u32, r: usize, doubtful: usize, most: u64): f64 {
  const none: i64 = sizeof<T>() == 8 ? i64.MIN_VALUE : sizeof<T>() == 4 ? <i64>i32.MIN_VALUE : <i64>i16.MIN_VALUE;
  let doubts: u32 = 0;
  for (let i: u32 = 0; i < n; i++, spans += 8, r += sizeof<T>()) {
    take(spans);
    let value = none;
    let doubt: u32 = 0;
    let p = from;
    const minus = p < to && load<u8>(p) == 45;
    if (minus) p++;
    if (to - p > 18) doubt = 1;
    else if (p < to) {
      let a: u64 = 0;
      for (; p < to; p++) {
        const d = <u32>load<u8>(p) - 48;
        if (d > 9) {
          doubt = 1;
          break;
        }
        a = a * 10 + <u64>d;
      }
      if (a <= most) value = minus ? -<i64>a : <i64>a;
    } else if (minus) doubt = 1;
    store<T>(r, <T>value);
    store<u8>(doubtful + <usize>i, doubt);
    doubts += doubt;
  }
  return <f64>doubts;
}
export function field_j(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return whole<i64>(spans, n, r, doubtful, <u64>i64.MAX_VALUE); }
export function field_i(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return whole<i32>(spans, n, r, doubtful, <u64>i32.MAX_VALUE); }
export function field_h(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return whole<i16>(spans, n, r, doubtful, <u64>i16.MAX_VALUE); }

const POWERS: usize = memory.data<f64>([1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]);

/** Digits with a point, fifteen at most: the quotient of two exact floats is the nearest one. */
export function field_f(spans: usize, n: u32, r: usize, doubtful: usize): f64 {
  let doubts: u32 = 0;
  for (let i: u32 = 0; i < n; i++, spans += 8, r += 8) {
    take(spans);
    let value: f64 = NaN;
    let doubt: u32 = 0;
    let p = from;
    const minus = p < to && load<u8>(p) == 45;
    if (minus) p++;
    if (to - p > 16) doubt = 1;
    else if (p < to) {
      let mantissa: u64 = 0;
      let digits: u32 = 0;
      let point: usize = 0;
      for (; p < to; p++) {
        const c = <u32>load<u8>(p);
        const d = c - 48;
        if (d <= 9) {
          mantissa = mantissa * 10 + <u64>d;
          digits++;
        } else if (c == 46 && point == 0) point = p + 1;
        else {
          doubt = 1;
          break;
        }
      }
      if (digits == 0 || digits > 15) doubt = 1;
      value = <f64>mantissa;
      if (point) value /= load<f64>(POWERS + ((to - point) << 3));
      if (minus) value = -value;
    } else if (minus) doubt = 1;
    store<f64>(r, value);
    store<u8>(doubtful + <usize>i, doubt);
    doubts += doubt;
  }
  return <f64>doubts;
}

/** First character, or a blank. */
export function field_c(spans: usize, n: u32, r: usize, doubtful: usize): f64 {
  for (let i: u32 = 0; i < n; i++, spans += 8) {
    const at = <usize>load<u32>(spans);
    store<u8>(r + <usize>i, at < <usize>load<u32>(spans, 4) ? load<u8>(at) : 32);
    store<u8>(doubtful + <usize>i, 0);
  }
  return 0;
}

// ---- dates and times ---------------------------------------------------------------------------------------------------
const DOUBT: i64 = i64.MIN_VALUE + 1;

// @ts-ignore: decorator
@inline function two(p: usize): u32 {
  const a = <u32>load<u8>(p) - 48;
  const b = <u32>load<u8>(p, 1) - 48;
  return a > 9 || b > 9 ? 1000 : a * 10 + b;
}
const BEFORE: usize = memory.data<u16>([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]);

/** Days since 2000.01.01 of yyyy.mm.dd (or with - or /) in ten bytes. */
function date(p: usize): i64 {
  const mark = <u32>load<u8>(p, 4);
  if ((mark != 46 && mark != 45 && mark != 47) || <u32>load<u8>(p, 7) != mark) return DOUBT;
  const century = two(p);
  const decade = two(p + 2);
  const m = two(p + 5);
  const d = two(p + 8);
  if (century > 99 || decade > 99 || m > 12 || m == 0 || d == 0) return DOUBT;
  const y = <i32>(century * 100 + decade);
  const leap = (y & 3) == 0 && (y % 100 != 0 || y % 400 == 0);
  const days = <u32>load<u16>(BEFORE + (<usize>m << 1)) - <u32>load<u16>(BEFORE + (<usize>(m - 1) << 1));
  if (d > days + u32(leap && m == 2)) return DOUBT;
  const z = y - 1;
  const start = z * 365 + (z >> 2) - z / 100 + z / 400 - 730119;
  return <i64>start + <i64>load<u16>(BEFORE + (<usize>(m - 1) << 1)) + <i64>(leap && m > 2) + <i64>d - 1;
}

/** Nanoseconds of hh:mm[:ss[.fffffffff]]. */
function clock(p: usize, end: usize): i64 {
  if (end - p < 5 || load<u8>(p, 2) != 58) return DOUBT;
  const h = two(p);
  const m = two(p + 3);
  if (h > 99 || m > 59) return DOUBT;
  let s: u32 = 0;
  p += 5;
  if (p < end) {
    if (end - p < 3 || load<u8>(p) != 58) return DOUBT;
    s = two(p + 1);
    if (s > 59) return DOUBT;
    p += 3;
  }
  let fraction: u32 = 0;
  if (p < end) {
    if (load<u8>(p++) != 46 || end - p > 9) return DOUBT;
    let left: u32 = 9;
    for (; p < end; p++, left--) {
      const d = <u32>load<u8>(p) - 48;
      if (d > 9) return DOUBT;
      fraction = fraction * 10 + d;
    }
    for (; left > 0; left--) fraction *= 10;
  }
  return <i64>((h * 60 + m) * 60 + s) * 1000000000 + <i64>fraction;
}

/** A clock, perhaps behind "0D". */
// @ts-ignore: decorator
@inline function span(): i64 {
  if (to - from > 2 && load<u16>(from) == 0x4430) return clock(from + 2, to);
  return clock(from, to);
}

// @ts-ignore: decorator
@inline function times<T>(spans: usize, n: u32, r: usize, doubtful: usize, unit: i64): f64 {
  let doubts: u32 = 0;
  for (let i: u32 = 0; i < n; i++, spans += 8, r += sizeof<T>()) {
    take(spans);
    let value = from == to ? (sizeof<T>() == 8 ? i64.MIN_VALUE : <i64>i32.MIN_VALUE) : span();
    const doubt = u32(value == DOUBT);
    if (from < to && !doubt) value /= unit;
    store<T>(r, <T>value);
    store<u8>(doubtful + <usize>i, doubt);
    doubts += doubt;
  }
  return <f64>doubts;
}
export function field_n(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return times<i64>(spans, n, r, doubtful, 1); }
export function field_t(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return times<i32>(spans, n, r, doubtful, 1000000); }
export function field_v(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return times<i32>(spans, n, r, doubtful, 1000000000); }
export function field_u(spans: usize, n: u32, r: usize, doubtful: usize): f64 { return times<i32>(spans, n, r, doubtful, 60000000000); }

export function field_d(spans: usize, n: u32, r: usize, doubtful: usize): f64 {
  let doubts: u32 = 0;
  let known: u64 = 0;
  let knownRest: u32 = 0;
  let knownDate: i64 = 0;
  for (let i: u32 = 0; i < n; i++, spans += 8, r += 4) {
    take(spans);
    let value: i64 = DOUBT;
    if (from == to) value = <i64>i32.MIN_VALUE;
    else if (to - from == 10) {
      // days come in runs
      const a = load<u64>(from);
      const b = <u32>load<u16>(from, 8);
      if (a == known && b == knownRest) value = knownDate;
      else {
        value = date(from);
        known = a;
        knownRest = b;
        knownDate = value;
      }
    }
    const doubt = u32(value == DOUBT);
    store<i32>(r, <i32>value);
    store<u8>(doubtful + <usize>i, doubt);
    doubts += doubt;
  }
  return <f64>doubts;
}

export function field_p(spans: usize, n: u32, r: usize, doubtful: usize): f64 {
  let doubts: u32 = 0;
  for (let i: u32 = 0; i < n; i++, spans += 8, r += 8) {
    take(spans);
    let value: i64 = DOUBT;
    if (from == to) value = i64.MIN_VALUE;
    else if (to - from >= 16) {
      const mark = <u32>load<u8>(from, 10);
      const day = mark == 68 || mark == 84 || mark == 32 ? date(from) : DOUBT;
      const time = day == DOUBT ? DOUBT : clock(from + 11, to);
      if (time != DOUBT) value = day * 86400000000000 + time;
    }
    const doubt = u32(value == DOUBT);
    store<i64>(r, value);
    store<u8>(doubtful + <usize>i, doubt);
    doubts += doubt;
  }
  return <f64>doubts;
}

// ---- symbols -------------------------------------------------------------------------------------------------------------

/**
 * Numbers texts: r is a u32 each, the place of the text among `entries` (address, length, hash: 12 bytes each), which
 * grows by the new ones from `known` on. `slots`: u32 places plus one, 0 for none; `size` of them, a power of two.
 * Returns how many entries there are now; stops when half the slots are full, with [1024] saying how many rows are done.
 */
export function field_s(spans: usize, n: u32, r: usize, slots: usize, size: u32, entries: usize, known: u32): f64 {
  const mask = size - 1;
  const most = size >> 1;
  let i: u32 = 0;
  for (; i < n; i++, spans += 8) {
    take(spans);
    const length = <u32>(to - from);
    let hash: u32 = length;
    for (let p = from; p < to; p++) hash = (hash ^ <u32>load<u8>(p)) * 16777619;
    hash ^= hash >> 15;
    let slot = hash & mask;
    let place: u32 = 0;
    while ((place = load<u32>(slots + (<usize>slot << 2))) != 0) {
      const entry = entries + <usize>(place - 1) * 12;
      if (load<u32>(entry, 8) == hash && load<u32>(entry, 4) == length && memory.compare(<usize>load<u32>(entry), from, length) == 0) break;
      slot = (slot + 1) & mask;
    }
    if (place == 0) {
      if (known >= most) break;
      const entry = entries + <usize>known * 12;
      store<u32>(entry, <u32>from);
      store<u32>(entry, length, 4);
      store<u32>(entry, hash, 8);
      place = ++known;
      store<u32>(slots + (<usize>slot << 2), place);
    }
    store<u32>(r + (<usize>i << 2), place - 1);
  }
  store<u32>(STOPPED, i);
  return <f64>known;
}

/** Each u32 of r, a place in `values`, to what stands there. */
export function remap_i(r: usize, n: u32, values: usize): void {
  for (const end = r + (<usize>n << 2); r < end; r += 4) store<u32>(r, load<u32>(values + (<usize>load<u32>(r) << 2)));
}
