// When the JS heap is swept of dead atoms and handles (docs/decisions/garbage.md). JavaScriptCore counts the linear memory
// as four gigabytes of its heap and would wait for as much garbage again before it looks; so whoever makes a value pays
// into an allowance here, and when that is spent, the young ones are collected, and now and then all. The bytes of
// vectors are another matter: ownership.ts frees them at once.

import { edenGC, fullGC, heapSize } from "bun:jsc";

/** Atoms' worth of garbage between collections: about 8 MB, which is what the engine itself allows a small heap. */
const ALLOWANCE = 131_072;
const SMALL_HEAP = 64 << 20;

/** Counted down by every value made; `collect` when it is spent. */
export const allowance = { left: ALLOWANCE };
/**
 * `base` is what the heap shows when there is next to nothing in it: the linear memory, which the engine counts once for
 * the memory and once for its buffer. `limit` is the growth above it at which the old ones are looked through as well:
 * twice what survived the last time.
 */
const heap = { base: 0, limit: SMALL_HEAP };

export function collect(): void {
  allowance.left = ALLOWANCE;
  if (heap.base === 0) {
    fullGC();
    heap.base = heapSize();
    return;
  }
  edenGC();
  if (heapSize() - heap.base <= heap.limit) return;
  fullGC();
  heap.limit = Math.max(SMALL_HEAP, 2 * (heapSize() - heap.base));
}
