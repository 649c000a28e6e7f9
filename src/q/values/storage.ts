// The one linear memory (design.md §3) and who gets which bytes of it. Knows addresses, not values: ownership.ts says
// when a vector's bytes come back. Nothing else in the project computes an address of its own.
//
// Small blocks (≤ 32 KiB) come from slabs of 1 MiB cut into one size each, four sizes to a doubling; larger ones are
// page-aligned extents, merged with their neighbours when freed. A slab that falls empty becomes an extent again, so
// a million little strings give their room back to one big column. The memory is a resource of the process, as the
// JS heap is (docs/decisions/memory.md); what a q user can see of it hangs on the session.

import { loadKernels } from "#kernels/loader.ts";
import { assert, signal } from "./signals.ts";

const PAGE = 4096;
const SLAB = 1 << 20;
const GUARD = 65536;

/** The whole address space if the machine lets us (0.15 ms, untouched pages cost nothing), less under a rlimit. */
function reserve(): WebAssembly.Memory {
  for (let pages = 65536; pages >= 1024; pages >>= 1) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: 65536 });
    } catch {
      // RLIMIT_AS or RLIMIT_DATA (xinetd's rlimit_as): a smaller window still makes a good q.
      try {
        return new WebAssembly.Memory({ initial: pages, maximum: pages });
      } catch {}
    }
  }
  throw new Error("perq: no memory to be had, not even 64 MiB (rlimit_as, rlimit_data?)");
}

export const memory = reserve();
const buffer = memory.buffer;
export const U8 = new Uint8Array(buffer);
export const I16 = new Int16Array(buffer);
export const I32 = new Int32Array(buffer);
export const U32 = new Uint32Array(buffer);
export const F32 = new Float32Array(buffer);
export const F64 = new Float64Array(buffer);
export const I64 = new BigInt64Array(buffer);
export const kernels = loadKernels(memory);

const end = buffer.byteLength - GUARD;
/** First address never handed out yet. Slabs need 1 MiB alignment; the start is the first such edge. */
let fresh = SLAB;
let used = 0;
let held = 0;
let peak = 0;
let limit = end - SLAB;
let mapped = 0;

// ---- size classes -------------------------------------------------------------------------------------------------
const classSizes: number[] = [];
for (let size = 16; size <= 32768; ) {
  classSizes.push(size);
  const step = Math.max(16, 2 ** Math.floor(Math.log2(size)) / 4);
  size += step;
}
const LARGEST_SMALL = classSizes[classSizes.length - 1]!;
const classOf16 = new Uint8Array(LARGEST_SMALL / 16 + 1);
for (let i = 0, c = 0; i < classOf16.length; i++) {
  if (i * 16 > classSizes[c]!) c++;
  classOf16[i] = c;
}

interface Slab {
  readonly base: number;
  readonly size: number;
  readonly capacity: number;
  readonly sizeClass: number;
  /** Blocks never used start here. */
  untouched: number;
  free: number[];
  live: number;
  listed: boolean;
}
/** By the megabyte; as long as it has to be. */
const slabs: (Slab | undefined)[] = [];
/** Slabs with room, by class. */
const roomy: Slab[][] = classSizes.map(() => []);

// ---- extents -----------------------------------------------------------------------------------------------------
/** Free extents, by address, never touching each other. */
const freeAt: number[] = [];
const freeLength: number[] = [];

function lowerBound(at: number): number {
  let lo = 0;
  let hi = freeAt.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (freeAt[mid]! < at) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

function addFree(at: number, length: number): void {
  let start = at;
  let size = length;
  let i = lowerBound(at);
  if (i < freeAt.length && start + size === freeAt[i]) {
    size += freeLength[i]!;
    freeAt.splice(i, 1);
    freeLength.splice(i, 1);
  }
  if (i > 0 && freeAt[i - 1]! + freeLength[i - 1]! === start) {
    i--;
    start = freeAt[i]!;
    size += freeLength[i]!;
    freeAt.splice(i, 1);
    freeLength.splice(i, 1);
  }
  if (start + size === fresh) {
    fresh = start;
    // Pages above `fresh` may be dirty; nobody relies on zeros, and `giveBack` knows how high we have been.
    return;
  }
  freeAt.splice(i, 0, start);
  freeLength.splice(i, 0, size);
}

/** Best fit among free extents (few), else fresh memory. `align` is PAGE or SLAB. */
function takeExtent(length: number, align: number): number {
  let best = -1;
  let bestLength = Number.POSITIVE_INFINITY;
  let bestStart = 0;
  for (let i = 0; i < freeAt.length; i++) {
    const start = Math.ceil(freeAt[i]! / align) * align;
    const room = freeAt[i]! + freeLength[i]! - start;
    if (room >= length && freeLength[i]! < bestLength) {
      best = i;
      bestLength = freeLength[i]!;
      bestStart = start;
    }
  }
  if (best >= 0) {
    const at = freeAt[best]!;
    const stop = at + freeLength[best]!;
    freeAt.splice(best, 1);
    freeLength.splice(best, 1);
    if (bestStart > at) addFree(at, bestStart - at);
    if (bestStart + length < stop) addFree(bestStart + length, stop - bestStart - length);
    return bestStart;
  }
  const start = Math.ceil(fresh / align) * align;
  if (start + length > end) return -1;
  const gap = fresh;
  fresh = start + length;
  if (fresh > highest) highest = fresh;
  if (start > gap) addFree(gap, start - gap);
  return start;
}
let highest = SLAB;

const roundPage = (n: number): number => Math.ceil(n / PAGE) * PAGE;

/** Bytes that `allocate(byteCount)` really gives: what a vector may grow into before it has to move. */
export function capacityFor(byteCount: number): number {
  return byteCount <= LARGEST_SMALL ? classSizes[classOf16[(byteCount + 15) >>> 4]!]! : roundPage(byteCount);
}

/** At least `byteCount` bytes on a 16-byte edge, contents undefined; signals 'wsfull, and then nothing has changed. */
export function allocate(byteCount: number): number {
  const size = capacityFor(byteCount);
  if (used + size > limit) throw signal("wsfull", `${byteCount} bytes asked for, ${used} of ${limit} in use`);
  let at: number;
  if (size <= LARGEST_SMALL) at = allocateSmall(size);
  else {
    at = takeExtent(size, PAGE);
    if (at < 0) throw signal("wsfull", `no ${byteCount} bytes in one piece`);
    held += size;
  }
  used += size;
  if (used > peak) peak = used;
  return at;
}

function allocateSmall(size: number): number {
  const sizeClass = classOf16[size >>> 4]!;
  const list = roomy[sizeClass]!;
  let slab = list[list.length - 1];
  if (slab === undefined) {
    const base = takeExtent(SLAB, SLAB);
    if (base < 0) throw signal("wsfull", "no slab left");
    held += SLAB;
    slab = { base, size, capacity: Math.floor(SLAB / size), sizeClass, untouched: 0, free: [], live: 0, listed: true };
    while (slabs.length < base / SLAB) slabs.push(undefined);
    slabs[base / SLAB] = slab;
    list.push(slab);
  }
  slab.live++;
  const block = slab.free.length > 0 ? slab.free.pop()! : slab.untouched++;
  if (slab.free.length === 0 && slab.untouched === slab.capacity) {
    slab.listed = false;
    list.pop();
  }
  return slab.base + block * slab.size;
}

/** Gives back what `allocate` gave; `byteCount` is the count that was asked for or its capacity. */
export function free(at: number, byteCount: number): void {
  assert(at >= SLAB && at < end, "a freed block lies inside the memory");
  const size = capacityFor(byteCount);
  used -= size;
  const slab = slabs[Math.floor(at / SLAB)];
  if (slab === undefined) {
    held -= size;
    addFree(at, size);
    return;
  }
  assert(slab.size === size, "a freed block has its slab's size");
  slab.live--;
  if (slab.live === 0 && slab.listed && roomy[slab.sizeClass]!.length > 1) {
    const list = roomy[slab.sizeClass]!;
    list.splice(list.lastIndexOf(slab), 1);
    slabs[slab.base / SLAB] = undefined;
    held -= SLAB;
    addFree(slab.base, SLAB);
    return;
  }
  slab.free.push((at - slab.base) / size);
  if (!slab.listed) {
    slab.listed = true;
    roomy[slab.sizeClass]!.push(slab);
  }
}

/** Page-aligned address space for a file's pages; the caller (db) maps it and gives it back with `unreserve`. */
export function reserveWindow(byteCount: number): number {
  const size = roundPage(byteCount);
  const at = takeExtent(size, PAGE);
  if (at < 0) throw signal("wsfull", `no window of ${byteCount} bytes`);
  mapped += size;
  return at;
}
/** The pages must be anonymous again when this is called. */
export function unreserveWindow(at: number, byteCount: number): void {
  const size = roundPage(byteCount);
  mapped -= size;
  addFree(at, size);
}

/** Bytes in use, held from the system, the most ever used, the limit, mapped: what .Q.w shows. */
export function usage(): { used: number; heap: number; peak: number; limit: number; mapped: number } {
  return { used, heap: held, peak, limit, mapped };
}
/** The most bytes that `run` had in use beyond what was in use before it: what \ts shows. */
export function measurePeak(run: () => void): number {
  const before = used;
  const highest = peak;
  peak = used;
  try {
    run();
    return peak - before;
  } finally {
    peak = Math.max(peak, highest);
  }
}
/** `-w`: bytes; 0 or more than there is means all there is. */
export function setLimit(byteCount: number): void {
  limit = byteCount > 0 ? Math.min(byteCount, end - SLAB) : end - SLAB;
}

/** Gives free pages back to the system through `discard(address, byteCount)`; returns how many bytes. For .Q.gc. */
export function giveBack(discard: (at: number, byteCount: number) => void): number {
  let given = 0;
  for (const list of roomy) {
    for (const slab of list.filter((s) => s.live === 0)) {
      list.splice(list.indexOf(slab), 1);
      slabs[slab.base / SLAB] = undefined;
      held -= SLAB;
      addFree(slab.base, SLAB);
    }
  }
  for (let i = 0; i < freeAt.length; i++) {
    const start = roundPage(freeAt[i]!);
    const length = freeAt[i]! + freeLength[i]! - start;
    if (length >= PAGE) {
      discard(start, length);
      given += length;
    }
  }
  const top = roundPage(fresh);
  if (highest > top) {
    discard(top, highest - top);
    given += highest - top;
    highest = top;
  }
  return given;
}
