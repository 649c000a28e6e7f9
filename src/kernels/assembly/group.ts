// Equality in bulk: group numbers, distinct, Find, in; then aggregates by group number. Exact equality: 0n is 0n,
// -0 is 0, and no tolerance (basics/precision). Where the values span a small range of integers, a table indexed by
// value answers; else a hash table with linear probing, which starts small and is rebuilt from the distinct
// values as they grow in number.
//
// scratch for tables: 16 bytes times the power of two at or above 1.5 times the number of items hashed, at least 64 KiB.
import { isNull } from "./common";

const MULTIPLIER: u64 = 0x9e3779b97f4a7c15;

/** Equal values have equal bits. */
// @ts-ignore: decorator
@inline function bitsOf<T>(at: usize): u64 {
  if (isFloat<T>()) {
    const a = load<T>(at);
    if (sizeof<T>() == 8) return a != a ? 0x7ff8000000000000 : reinterpret<u64>(<f64>a + 0.0);
    return a != a ? 0x7fc00000 : <u64>reinterpret<u32>(<f32>a + 0.0);
  }
  // TRIED: <u64><u32>load<i32>(at) is compiled to a sign-extending load in some callers and not in others
  if (sizeof<T>() == 8) return load<u64>(at);
  if (sizeof<T>() == 4) return <u64>load<u32>(at);
  if (sizeof<T>() == 2) return <u64>load<u16>(at);
  return <u64>load<u8>(at);
}

let low: i64 = 0;
let high: i64 = 0;
// @ts-ignore: decorator
@inline function lesserLanes<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return v128.bitselect(a, b, i64x2.lt_s(a, b));
  return smallLanes<T>(true, a, b);
}
// @ts-ignore: decorator
@inline function greaterLanes<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return v128.bitselect(a, b, i64x2.gt_s(a, b));
  return smallLanes<T>(false, a, b);
}
// @ts-ignore: decorator
@inline function smallLanes<T>(least: bool, a: v128, b: v128): v128 {
  if (sizeof<T>() == 8 || isFloat<T>()) return a;
  return least ? v128.min<T>(a, b) : v128.max<T>(a, b);
}

/** n is not 0. The lanes meet in the scratch page below 64 KiB. */
// @ts-ignore: decorator
@inline function bounds<T>(x: usize, n: u32): void {
  const end = x + n * sizeof<T>();
  let least = load<T>(x);
  let most = least;
  if (end - x >= 32) {
    let l0 = v128.splat<T>(least);
    let l1 = l0;
    let m0 = l0;
    let m1 = l0;
    for (; end - x >= 32; x += 32) {
      const a = v128.load(x);
      const b = v128.load(x, 16);
      l0 = lesserLanes<T>(l0, a);
      m0 = greaterLanes<T>(m0, a);
      l1 = lesserLanes<T>(l1, b);
      m1 = greaterLanes<T>(m1, b);
    }
    v128.store(1024, lesserLanes<T>(l0, l1));
    v128.store(1040, greaterLanes<T>(m0, m1));
    for (let i: usize = 0; i < 16; i += sizeof<T>()) {
      const a = load<T>(1024 + i);
      const b = load<T>(1040 + i);
      if (a < least) least = a;
      if (b > most) most = b;
    }
  }
  while (x < end) {
    const a = load<T>(x);
    if (a < least) least = a;
    if (a > most) most = a;
    x += sizeof<T>();
  }
  low = <i64>least;
  high = <i64>most;
}

/** Whether a table of `bits` bits a value pays and fits. */
function rangePays(n: u32, scratchBytes: u32, bits: u32): bool {
  const range = <u64>(high - low);
  return range < 65536 || (range < <u64>n << 2 && (range + 1) * bits <= (<u64>scratchBytes) << 3 && range < 0x3fffffff);
}

// ---- the hash table: slots of 16 bytes, bits and number+1 ------------------------------------------------------------

let slots: usize = 0;
let shift: u32 = 0; // 64 - log2 capacity
let room: u32 = 0; // how many may be in it before it must grow
let largest: u32 = 0;

function openTable(at: usize, scratchBytes: u32, log: u32): void {
  slots = at;
  largest = 31 - clz(scratchBytes >> 4);
  if (log > largest) log = largest;
  shift = 64 - log;
  room = log == largest ? <u32>0xffffffff : <u32>((<u64>7 << log) / 10);
  memory.fill(at, 0, <usize>16 << log);
}

// @ts-ignore: decorator
@inline function slotOf(bits: u64): usize {
  // floats differ in their high bits: fold before the product is cut
  return <usize>(((bits ^ (bits >> 32)) * MULTIPLIER) >> shift);
}
// @ts-ignore: decorator
@inline function nextSlot(slot: usize): usize {
  return (slot + 1) & ((<usize>1 << (64 - shift)) - 1);
}

/** Where the bits are, or the empty slot where they belong. */
// @ts-ignore: decorator
@inline function probe(bits: u64): usize {
  let slot = slotOf(bits);
  let at = slots + (slot << 4);
  while (load<u32>(at, 8) != 0 && load<u64>(at) != bits) {
    slot = nextSlot(slot);
    at = slots + (slot << 4);
  }
  return at;
}

/** Four times the room, filled again from the first positions. */
// @ts-ignore: decorator
@inline function grow<T>(x: usize, first: usize, count: u32, scratchBytes: u32): void {
  openTable(slots, scratchBytes, 64 - shift + 2);
  for (let g: u32 = 0; g < count; g++) {
    const bits = bitsOf<T>(x + <usize>load<u32>(first + (<usize>g << 3)) * sizeof<T>());
    let slot = slotOf(bits);
    let at = slots + (slot << 4);
    while (load<u32>(at, 8) != 0) {
      slot = nextSlot(slot);
      at = slots + (slot << 4);
    }
    store<u64>(at, bits);
    store<u32>(at, g + 1, 8);
  }
}

// ---- group numbers -------------------------------------------------------------------------------------------------

/** ids[i]: the number of x[i] among the distinct, in order of appearance; first[g]: where g appeared. */
// @ts-ignore: decorator
@inline function idsByHash<T>(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): u32 {
  openTable(scratch, scratchBytes, 10);
  let count: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const bits = bitsOf<T>(x + <usize>i * sizeof<T>());
    let at = probe(bits);
    let g = load<u32>(at, 8);
    if (g == 0) {
      if (count >= room) {
        grow<T>(x, first, count, scratchBytes);
        at = probe(bits);
      }
      store<i64>(first + (<usize>count << 3), <i64><u64>i);
      g = ++count;
      store<u64>(at, bits);
      store<u32>(at, g, 8);
    }
    if (ids) store<u32>(ids + (<usize>i << 2), g - 1);
  }
  return count;
}

// @ts-ignore: decorator
@inline function idsByRange<T>(x: usize, n: u32, ids: usize, first: usize, table: usize): u32 {
  const least = low;
  memory.fill(table, 0, (<usize>(high - least) + 1) << 2);
  let count: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const at = table + (<usize>(<i64>load<T>(x + <usize>i * sizeof<T>()) - least) << 2);
    let g = load<u32>(at);
    if (g == 0) {
      store<i64>(first + (<usize>count << 3), <i64><u64>i);
      g = ++count;
      store<u32>(at, g);
    }
    store<u32>(ids + (<usize>i << 2), g - 1);
  }
  return count;
}

/** The first positions alone: one bit a value, so that a million values stay in the second cache. */
// @ts-ignore: decorator
@inline function firstsByRange<T>(x: usize, n: u32, first: usize, table: usize): u32 {
  const least = low;
  memory.fill(table, 0, (<usize>(high - least) >> 3) + 1);
  let to = first;
  for (let i: u32 = 0; i < n; i++) {
    const k = <usize>(<i64>load<T>(x + <usize>i * sizeof<T>()) - least);
    const at = table + (k >> 3);
    const byte = load<u8>(at);
    const bit = <u32>1 << (<u32>k & 7);
    if (!(byte & bit)) {
      store<u8>(at, byte | bit);
      store<i64>(to, <i64><u64>i);
      to += 8;
    }
  }
  return <u32>((to - first) >> 3);
}

// @ts-ignore: decorator
@inline function idsOf<T>(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 {
  if (n == 0) return 0;
  if (!isFloat<T>()) {
    bounds<T>(x, n);
    if (rangePays(n, scratchBytes, ids ? 32 : 1)) {
      if (ids && <u64>(high - low) < <u64>(scratchBytes >> 2)) return <f64>idsByRange<T>(x, n, ids, first, scratch);
      if (!ids) return <f64>firstsByRange<T>(x, n, first, scratch);
    }
  }
  return <f64>idsByHash<T>(x, n, ids, first, scratch, scratchBytes);
}

// @ts-ignore: decorator
@inline function guidBits(at: usize): u64 {
  const a = load<u64>(at) ^ (load<u64>(at, 8) * 0xc2b2ae3d27d4eb4f);
  return a ^ (a >> 29);
}
// @ts-ignore: decorator
@inline function sameGuid(a: usize, b: usize): bool {
  return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
}
/** Guids: the slot holds a hash, the items themselves decide. Looks y up among the items of x. */
// @ts-ignore: decorator
@inline function probeGuid(x: usize, first: usize, y: usize, bits: u64): usize {
  let slot = slotOf(bits);
  let at = slots + (slot << 4);
  for (let g = load<u32>(at, 8); g != 0; g = load<u32>(at, 8)) {
    if (load<u64>(at) == bits) {
      const item = first ? load<u32>(first + (<usize>(g - 1) << 3)) : g - 1;
      if (sameGuid(x + (<usize>item << 4), y)) return at;
    }
    slot = nextSlot(slot);
    at = slots + (slot << 4);
  }
  return at;
}

/** The power of two at or above 1.5 n, as its logarithm. */
function logFor(n: u32): u32 {
  const want = n + (n >> 1) + 1;
  return 32 - clz(want - 1 | 1);
}

export function ids_g(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 {
  if (n == 0) return 0;
  openTable(scratch, scratchBytes, logFor(n));
  let count: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const item = x + (<usize>i << 4);
    const bits = guidBits(item);
    const at = probeGuid(x, first, item, bits);
    let g = load<u32>(at, 8);
    if (g == 0) {
      store<i64>(first + (<usize>count << 3), <i64><u64>i);
      g = ++count;
      store<u64>(at, bits);
      store<u32>(at, g, 8);
    }
    if (ids) store<u32>(ids + (<usize>i << 2), g - 1);
  }
  return <f64>count;
}

// ---- Find, in ----------------------------------------------------------------------------------------------------

/** The first index of the item at y, nx when there is none. */
// @ts-ignore: decorator
@inline function first<T>(x: usize, nx: u32, y: usize): u32 {
  const bits = bitsOf<T>(y);
  if (!isFloat<T>()) {
    const one = v128.splat<T>(load<T>(y));
    const per: u32 = 16 / sizeof<T>();
    let i: u32 = 0;
    while (nx - i >= per) {
      if (v128.any_true(v128.eq<T>(v128.load(x + <usize>i * sizeof<T>()), one))) break;
      i += per;
    }
    while (i < nx && bitsOf<T>(x + <usize>i * sizeof<T>()) != bits) i++;
    return i;
  }
  for (let i: u32 = 0; i < nx; i++) if (bitsOf<T>(x + <usize>i * sizeof<T>()) == bits) return i;
  return nx;
}

const POSITION = 0;
const FLAG = 1;

// @ts-ignore: decorator
@inline function put(kind: i32, r: usize, i: u32, nx: u32, found: u32): void {
  // found: position+1, or 0
  if (kind == FLAG) store<u8>(r + <usize>i, u32(found != 0));
  else store<i64>(r + (<usize>i << 3), <i64><u64>(found == 0 ? nx : found - 1));
}

// @ts-ignore: decorator
@inline function find<T>(kind: i32, x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void {
  if (nx <= 8 || n <= 2) {
    for (let i: u32 = 0; i < n; i++) {
      const at = first<T>(x, nx, y + <usize>i * sizeof<T>());
      put(kind, r, i, nx, at == nx ? 0 : at + 1);
    }
    return;
  }
  if (!isFloat<T>()) {
    bounds<T>(x, nx);
    const least = low;
    const range = <u64>(high - least);
    const bits: u32 = kind == FLAG ? 1 : 32;
    if (range < 65536 || (range < (<u64>nx + <u64>n) << 1 && (range + 1) * bits <= <u64>scratchBytes << 3)) {
      if (kind == FLAG) {
        memory.fill(scratch, 0, <usize>(range >> 3) + 1);
        for (let i: u32 = 0; i < nx; i++) {
          const k = <usize>(<i64>load<T>(x + <usize>i * sizeof<T>()) - least);
          store<u8>(scratch + (k >> 3), load<u8>(scratch + (k >> 3)) | (<u32>1 << (<u32>k & 7)));
        }
        for (let i: u32 = 0; i < n; i++) {
          const k = <u64>(<i64>load<T>(y + <usize>i * sizeof<T>()) - least);
          // out of range reads bit 0 and is masked away: no jump to mispredict
          const inside = u32(k <= range);
          const at = <usize>k & (0 - inside);
          store<u8>(r + <usize>i, (<u32>load<u8>(scratch + (at >> 3)) >> (<u32>at & 7)) & inside);
        }
        return;
      }
      if ((range + 1) << 2 <= <u64>scratchBytes) {
        for (let at = scratch, stop = scratch + ((<usize>range + 1) << 2); at < stop; at += 4) store<u32>(at, nx);
        for (let i = nx; i > 0; i--) store<u32>(scratch + (<usize>(<i64>load<T>(x + <usize>(i - 1) * sizeof<T>()) - least) << 2), i - 1);
        for (let i: u32 = 0; i < n; i++) {
          const k = <u64>(<i64>load<T>(y + <usize>i * sizeof<T>()) - least);
          const inside = 0 - u32(k <= range);
          const at = load<u32>(scratch + ((<usize>k & inside) << 2));
          store<i64>(r + (<usize>i << 3), <i64><u64>(nx ^ ((at ^ nx) & inside)));
        }
        return;
      }
    }
  }
  openTable(scratch, scratchBytes, logFor(nx));
  for (let i: u32 = 0; i < nx; i++) {
    const bits = bitsOf<T>(x + <usize>i * sizeof<T>());
    const at = probe(bits);
    if (load<u32>(at, 8) == 0) {
      store<u64>(at, bits);
      store<u32>(at, i + 1, 8);
    }
  }
  for (let i: u32 = 0; i < n; i++) put(kind, r, i, nx, load<u32>(probe(bitsOf<T>(y + <usize>i * sizeof<T>())), 8));
}

// @ts-ignore: decorator
@inline function findGuids(kind: i32, x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void {
  openTable(scratch, scratchBytes, logFor(nx));
  for (let i: u32 = 0; i < nx; i++) {
    const item = x + (<usize>i << 4);
    const bits = guidBits(item);
    const at = probeGuid(x, 0, item, bits);
    if (load<u32>(at, 8) == 0) {
      store<u64>(at, bits);
      store<u32>(at, i + 1, 8);
    }
  }
  for (let i: u32 = 0; i < n; i++) {
    const item = y + (<usize>i << 4);
    put(kind, r, i, nx, load<u32>(probeGuid(x, 0, item, guidBits(item)), 8));
  }
}
export function find_g(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { findGuids(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_g(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { findGuids(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_g(x: usize, nx: u32, y: usize): f64 {
  for (let i: u32 = 0; i < nx; i++) if (sameGuid(x + (<usize>i << 4), y)) return <f64>i;
  return <f64>nx;
}

// ---- from group numbers to lists of positions -----------------------------------------------------------------------

/** Numbers below this many groups add into four tables in turn: sorted numbers would wait for their own stores. */
const FEW: u32 = 8192;

/** counts: how many items each group has; scratch: 16 bytes a group. */
export function counts_i(ids: usize, n: u32, groups: u32, counts: usize, scratch: usize): void {
  const t1 = scratch;
  const t2 = t1 + (<usize>groups << 2);
  const t3 = t2 + (<usize>groups << 2);
  const t0 = t3 + (<usize>groups << 2);
  memory.fill(scratch, 0, <usize>groups << 4);
  const end = ids + (<usize>n << 2);
  for (const wide = ids + (<usize>(n & ~3) << 2); ids < wide; ids += 16) {
    const a = t0 + (<usize>load<u32>(ids) << 2);
    store<u32>(a, load<u32>(a) + 1);
    const b = t1 + (<usize>load<u32>(ids, 4) << 2);
    store<u32>(b, load<u32>(b) + 1);
    const c = t2 + (<usize>load<u32>(ids, 8) << 2);
    store<u32>(c, load<u32>(c) + 1);
    const d = t3 + (<usize>load<u32>(ids, 12) << 2);
    store<u32>(d, load<u32>(d) + 1);
  }
  for (; ids < end; ids += 4) {
    const a = t0 + (<usize>load<u32>(ids) << 2);
    store<u32>(a, load<u32>(a) + 1);
  }
  for (let g: usize = 0; g < <usize>groups; g++) {
    const o = g << 2;
    store<i64>(counts + (g << 3), <i64><u64>load<u32>(t0 + o) + <i64><u64>load<u32>(t1 + o) + <i64><u64>load<u32>(t2 + o) + <i64><u64>load<u32>(t3 + o));
  }
}

/** at: the positions of group 0, then of group 1, …, each in order; scratch: 4 bytes a group. */
export function positions_i(ids: usize, n: u32, groups: u32, counts: usize, at: usize, scratch: usize): void {
  let offset: u32 = 0;
  for (let g: usize = 0; g < <usize>groups; g++) {
    store<u32>(scratch + (g << 2), offset);
    offset += load<u32>(counts + (g << 3));
  }
  for (let i: u32 = 0; i < n; ) {
    const g = load<u32>(ids + (<usize>i << 2));
    const slot = scratch + (<usize>g << 2);
    let to = load<u32>(slot);
    // a run of one group is written without going through the table
    do {
      store<i64>(at + (<usize>to << 3), <i64><u64>i);
      to++;
      i++;
    } while (i < n && load<u32>(ids + (<usize>i << 2)) == g);
    store<u32>(slot, to);
  }
}

/** r = a*nb+b: one number for a pair of group numbers. */
export function combine_i(a: usize, b: usize, nb: u32, n: u32, r: usize): void {
  const by = i32x4.splat(<i32>nb);
  const end = r + (<usize>n << 2);
  for (const wide = r + (<usize>(n & ~3) << 2); r < wide; r += 16) {
    v128.store(r, i32x4.add(i32x4.mul(v128.load(a), by), v128.load(b)));
    a += 16;
    b += 16;
  }
  for (; r < end; r += 4) {
    store<u32>(r, load<u32>(a) * nb + load<u32>(b));
    a += 4;
    b += 4;
  }
}
export function combine_j(a: usize, b: usize, nb: u32, n: u32, r: usize): void {
  for (const end = r + (<usize>n << 3); r < end; r += 8) {
    store<u64>(r, <u64>load<u32>(a) * <u64>nb + <u64>load<u32>(b));
    a += 4;
    b += 4;
  }
}

// ---- aggregates by group number --------------------------------------------------------------------------------------

/** The last position of each group; every group has one. */
export function glast_i(ids: usize, n: u32, r: usize): void {
  for (let i: u32 = 0; i < n; i++) store<i64>(r + (<usize>load<u32>(ids + (<usize>i << 2)) << 3), <i64><u64>i);
}
export function gfirst_i(ids: usize, n: u32, r: usize): void {
  for (let i = n; i > 0; i--) store<i64>(r + (<usize>load<u32>(ids + (<usize>(i - 1) << 2)) << 3), <i64><u64>(i - 1));
}

const SUM = 0;
const COUNT = 1;
const SQDEV = 2;

// @ts-ignore: decorator
@inline function addTo<T, A>(op: i32, table: usize, ids: usize, x: usize, mean: usize): void {
  const g = <usize>load<u32>(ids) << 3;
  const a = load<T>(x);
  const at = table + g;
  if (op == COUNT) store<i64>(at, load<i64>(at) + <i64>!isNull<T>(a));
  else if (op == SQDEV) {
    const d = <f64>a - load<f64>(mean + g);
    store<f64>(at, load<f64>(at) + (isNull<T>(a) ? 0 : d * d));
  } else store<A>(at, load<A>(at) + (isNull<T>(a) ? <A>0 : <A>a));
}

/** Into r, and into three tables at scratch (24 bytes a group) while the groups are few. */
// @ts-ignore: decorator
@inline function aggregate<T, A>(op: i32, ids: usize, x: usize, n: u32, groups: u32, mean: usize, r: usize, scratch: usize): void {
  const size = <usize>groups << 3;
  memory.fill(r, 0, size);
  const end = ids + (<usize>n << 2);
  if (groups <= FEW) {
    const t1 = scratch;
    const t2 = t1 + size;
    const t3 = t2 + size;
    memory.fill(scratch, 0, size * 3);
    for (const wide = ids + (<usize>(n & ~3) << 2); ids < wide; ids += 16) {
      addTo<T, A>(op, r, ids, x, mean);
      addTo<T, A>(op, t1, ids + 4, x + sizeof<T>(), mean);
      addTo<T, A>(op, t2, ids + 8, x + 2 * sizeof<T>(), mean);
      addTo<T, A>(op, t3, ids + 12, x + 3 * sizeof<T>(), mean);
      x += 4 * sizeof<T>();
    }
    for (let g: usize = 0; g < size; g += 8) store<A>(r + g, load<A>(r + g) + load<A>(t1 + g) + load<A>(t2 + g) + load<A>(t3 + g));
  }
  for (; ids < end; ids += 4) {
    addTo<T, A>(op, r, ids, x, mean);
    x += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline function extremes<T>(least: bool, ids: usize, x: usize, n: u32, groups: u32, r: usize, none: T): void {
  for (let at = r, stop = r + groups * sizeof<T>(); at < stop; at += sizeof<T>()) store<T>(at, none);
  for (const end = ids + (<usize>n << 2); ids < end; ids += 4) {
    const at = r + <usize>load<u32>(ids) * sizeof<T>();
    const a = load<T>(x);
    // stores are rare once a group has seen a few values
    if (least ? a < load<T>(at) && !isNull<T>(a) : a > load<T>(at)) store<T>(at, a);
    x += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline function products<T, A>(ids: usize, x: usize, n: u32, groups: u32, r: usize): void {
  for (let at = r, stop = r + (<usize>groups << 3); at < stop; at += 8) store<A>(at, <A>1);
  for (const end = ids + (<usize>n << 2); ids < end; ids += 4) {
    const at = r + (<usize>load<u32>(ids) << 3);
    const a = load<T>(x);
    if (!isNull<T>(a)) store<A>(at, <A>(load<A>(at) * <A>a));
    x += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline function asFloatOf<T>(at: usize): f64 {
  const a = load<T>(at);
  return isNull<T>(a) ? NaN : <f64>a;
}
// @ts-ignore: decorator
@inline function addPair<A, B>(table: usize, ids: usize, x: usize, y: usize): void {
  const at = table + (<usize>load<u32>(ids) << 4);
  const a = asFloatOf<A>(x);
  const p = a * asFloatOf<B>(y);
  const both = f64x2.replace_lane(f64x2.splat(p), 1, p != p ? 0 : a);
  v128.store(at, f64x2.add(v128.load(at), v128.and(both, f64x2.eq(both, both))));
}
/** Pairs of floats at r: sum x*y and sum x, where neither is null; scratch: 48 bytes a group. */
// @ts-ignore: decorator
@inline function dot<A, B>(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void {
  const size = <usize>groups << 4;
  memory.fill(r, 0, size);
  const end = ids + (<usize>n << 2);
  if (groups <= FEW) {
    const t1 = scratch;
    const t2 = t1 + size;
    const t3 = t2 + size;
    memory.fill(scratch, 0, size * 3);
    for (const wide = ids + (<usize>(n & ~3) << 2); ids < wide; ids += 16) {
      addPair<A, B>(r, ids, x, y);
      addPair<A, B>(t1, ids + 4, x + sizeof<A>(), y + sizeof<B>());
      addPair<A, B>(t2, ids + 8, x + 2 * sizeof<A>(), y + 2 * sizeof<B>());
      addPair<A, B>(t3, ids + 12, x + 3 * sizeof<A>(), y + 3 * sizeof<B>());
      x += 4 * sizeof<A>();
      y += 4 * sizeof<B>();
    }
    for (let g: usize = 0; g < size; g += 16) {
      v128.store(r + g, f64x2.add(f64x2.add(v128.load(r + g), v128.load(t1 + g)), f64x2.add(v128.load(t2 + g), v128.load(t3 + g))));
    }
  }
  for (; ids < end; ids += 4) {
    addPair<A, B>(r, ids, x, y);
    x += sizeof<A>();
    y += sizeof<B>();
  }
}

// ---- one export per letter ------------------------------------------------------------------------------------
export function ids_x(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 { return idsOf<u8>(x, n, ids, first, scratch, scratchBytes); }
export function find_x(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<u8>(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_x(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<u8>(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_x(x: usize, nx: u32, y: usize): f64 { return <f64>first<u8>(x, nx, y); }
export function gsum_x(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<u8, i64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gmin_x(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<u8>(true, ids, x, n, groups, r, 255); }
export function gmax_x(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<u8>(false, ids, x, n, groups, r, 0); }
export function ids_h(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 { return idsOf<i16>(x, n, ids, first, scratch, scratchBytes); }
export function find_h(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<i16>(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_h(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<i16>(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_h(x: usize, nx: u32, y: usize): f64 { return <f64>first<i16>(x, nx, y); }
export function gsum_h(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i16, i64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gmin_h(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<i16>(true, ids, x, n, groups, r, i16.MAX_VALUE); }
export function gmax_h(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<i16>(false, ids, x, n, groups, r, -i16.MAX_VALUE); }
export function gcount_h(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i16, i64>(COUNT, ids, x, n, groups, 0, r, scratch); }
export function ids_i(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 { return idsOf<i32>(x, n, ids, first, scratch, scratchBytes); }
export function find_i(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<i32>(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_i(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<i32>(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_i(x: usize, nx: u32, y: usize): f64 { return <f64>first<i32>(x, nx, y); }
export function gsum_i(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i32, i64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gmin_i(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<i32>(true, ids, x, n, groups, r, i32.MAX_VALUE); }
export function gmax_i(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<i32>(false, ids, x, n, groups, r, -i32.MAX_VALUE); }
export function gcount_i(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i32, i64>(COUNT, ids, x, n, groups, 0, r, scratch); }
export function ids_j(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 { return idsOf<i64>(x, n, ids, first, scratch, scratchBytes); }
export function find_j(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<i64>(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_j(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<i64>(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_j(x: usize, nx: u32, y: usize): f64 { return <f64>first<i64>(x, nx, y); }
export function gsum_j(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i64, i64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gmin_j(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<i64>(true, ids, x, n, groups, r, i64.MAX_VALUE); }
export function gmax_j(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<i64>(false, ids, x, n, groups, r, -i64.MAX_VALUE); }
export function gcount_j(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i64, i64>(COUNT, ids, x, n, groups, 0, r, scratch); }
export function ids_e(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 { return idsOf<f32>(x, n, ids, first, scratch, scratchBytes); }
export function find_e(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<f32>(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_e(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<f32>(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_e(x: usize, nx: u32, y: usize): f64 { return <f64>first<f32>(x, nx, y); }
export function gsum_e(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<f32, f64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gmin_e(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<f32>(true, ids, x, n, groups, r, Infinity); }
export function gmax_e(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<f32>(false, ids, x, n, groups, r, -Infinity); }
export function gcount_e(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<f32, i64>(COUNT, ids, x, n, groups, 0, r, scratch); }
export function ids_f(x: usize, n: u32, ids: usize, first: usize, scratch: usize, scratchBytes: u32): f64 { return idsOf<f64>(x, n, ids, first, scratch, scratchBytes); }
export function find_f(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<f64>(POSITION, x, nx, y, n, r, scratch, scratchBytes); }
export function in_f(x: usize, nx: u32, y: usize, n: u32, r: usize, scratch: usize, scratchBytes: u32): void { find<f64>(FLAG, x, nx, y, n, r, scratch, scratchBytes); }
export function findone_f(x: usize, nx: u32, y: usize): f64 { return <f64>first<f64>(x, nx, y); }
export function gsum_f(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<f64, f64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gmin_f(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<f64>(true, ids, x, n, groups, r, Infinity); }
export function gmax_f(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { extremes<f64>(false, ids, x, n, groups, r, -Infinity); }
export function gcount_f(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<f64, i64>(COUNT, ids, x, n, groups, 0, r, scratch); }
export function gsqdev_i(ids: usize, x: usize, n: u32, groups: u32, means: usize, r: usize, scratch: usize): void { aggregate<i32, f64>(SQDEV, ids, x, n, groups, means, r, scratch); }
export function gsqdev_j(ids: usize, x: usize, n: u32, groups: u32, means: usize, r: usize, scratch: usize): void { aggregate<i64, f64>(SQDEV, ids, x, n, groups, means, r, scratch); }
export function gsqdev_e(ids: usize, x: usize, n: u32, groups: u32, means: usize, r: usize, scratch: usize): void { aggregate<f32, f64>(SQDEV, ids, x, n, groups, means, r, scratch); }
export function gsqdev_f(ids: usize, x: usize, n: u32, groups: u32, means: usize, r: usize, scratch: usize): void { aggregate<f64, f64>(SQDEV, ids, x, n, groups, means, r, scratch); }
export function gfsum_j(ids: usize, x: usize, n: u32, groups: u32, r: usize, scratch: usize): void { aggregate<i64, f64>(SUM, ids, x, n, groups, 0, r, scratch); }
export function gdot_ff(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<f64, f64>(ids, x, y, n, groups, r, scratch); }
export function gdot_jf(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<i64, f64>(ids, x, y, n, groups, r, scratch); }
export function gdot_fj(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<f64, i64>(ids, x, y, n, groups, r, scratch); }
export function gdot_jj(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<i64, i64>(ids, x, y, n, groups, r, scratch); }
export function gdot_if(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<i32, f64>(ids, x, y, n, groups, r, scratch); }
export function gdot_fi(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<f64, i32>(ids, x, y, n, groups, r, scratch); }
export function gdot_ii(ids: usize, x: usize, y: usize, n: u32, groups: u32, r: usize, scratch: usize): void { dot<i32, i32>(ids, x, y, n, groups, r, scratch); }
export function gprd_x(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { products<u8, i64>(ids, x, n, groups, r); }
export function gprd_h(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { products<i16, i64>(ids, x, n, groups, r); }
export function gprd_i(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { products<i32, i64>(ids, x, n, groups, r); }
export function gprd_j(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { products<i64, i64>(ids, x, n, groups, r); }
export function gprd_e(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { products<f32, f64>(ids, x, n, groups, r); }
export function gprd_f(ids: usize, x: usize, n: u32, groups: u32, r: usize): void { products<f64, f64>(ids, x, n, groups, r); }
