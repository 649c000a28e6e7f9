// The index that follows the data of an enumerated column with p# or g# (formats.md §5): distinct keys with a hash, where
// each key's rows are, and for g# the rows by key. Writing must make it, for kdb+ believes in it. Of a mapped p# column
// it saves us touching the column's pages to find its runs; it is believed only after a look at the elements it names.

import { I32, U32 } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import type { Image } from "./image.ts";

/** Where the runs of a p# column start, and its count, from the index behind its elements at `dataAt`. */
export function storedStarts(image: Image, dataAt: number, count: number): number[] | undefined {
  const keysAt = dataAt + 8 * count + 8;
  if (keysAt + 16 > image.size || image.byte(keysAt + 2) !== 20) return undefined;
  const keyCount = image.count(keysAt + 8);
  if (!(keyCount >= 0 && keyCount <= count)) return undefined;
  let cap = 1;
  while (cap < keyCount) cap *= 2;
  const startsAt = keysAt + 8 * (2 + cap + 1 + 2 * cap);
  if (startsAt + 16 + 8 * (keyCount + 1) > image.size) return undefined;
  if (image.byte(startsAt + 2) !== 7 || image.count(startsAt + 8) !== keyCount + 1) return undefined;
  const starts: number[] = [];
  for (let i = 0; i <= keyCount; i++) {
    const start = image.count(startsAt + 16 + 8 * i);
    const isNext = i === 0 ? start === 0 : start > starts[i - 1]!;
    if (!isNext || (i === keyCount ? start !== count : start >= count)) return undefined;
    starts.push(start);
    if (i < keyCount && !sameWords(image, keysAt + 16 + 8 * i, dataAt + 8 * start)) return undefined;
  }
  return starts;
}

const sameWords = (image: Image, a: number, b: number): boolean =>
  image.int(a) === image.int(b) && image.int(a + 4) === image.int(b + 4);

/** Keys by first appearance (null is -1), and each row's key number. */
interface Keys {
  readonly keys: number[];
  readonly numbers: Int32Array;
}

function keysOf(v: Vector): Keys {
  const known = new Map<number, number>();
  const keys: number[] = [];
  const numbers = new Int32Array(v.count);
  let previous = -2;
  let number = 0;
  for (let i = 0, k = v.at / 4; i < v.count; i++, k += 2) {
    const key = I32[k + 1] === 0 ? U32[k]! : -1;
    if (key !== previous) {
      previous = key;
      const found = known.get(key);
      if (found === undefined) {
        number = keys.length;
        known.set(key, number);
        keys.push(key);
      } else number = found;
    }
    numbers[i] = number;
  }
  return { keys, numbers };
}

/** True when equal elements stand together: p# may be written. */
export function isParted(v: Vector): boolean {
  const { keys, numbers } = keysOf(v);
  let runs = 0;
  for (let i = 0; i < v.count; i++) if (i === 0 || numbers[i] !== numbers[i - 1]) runs++;
  return runs === keys.length;
}

class Words {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;
  constructor(count: number) {
    this.bytes = new Uint8Array(count * 8);
    this.view = new DataView(this.bytes.buffer);
  }
  long(v: number): void {
    if (v === -1) this.view.setBigInt64(this.at, -(2n ** 63n), true);
    else this.view.setBigInt64(this.at, BigInt(v), true);
    this.at += 8;
  }
  raw(v: bigint): void {
    this.view.setBigInt64(this.at, v, true);
    this.at += 8;
  }
  /** The head of an object of `size` bytes in all. */
  head(type: number, attribute: number, count: number, size: number): void {
    this.bytes[this.at] = Math.max(0, Math.ceil(Math.log2(size)) - 4);
    this.bytes[this.at + 2] = type;
    this.bytes[this.at + 3] = attribute;
    this.view.setBigInt64(this.at + 8, BigInt(count), true);
    this.at += 16;
  }
}

/** All that follows the elements of an enumeration with this attribute. */
export function enumIndex(v: Vector, attribute: 3 | 4): Uint8Array {
  const { keys, numbers } = keysOf(v);
  const count = keys.length;
  let cap = 1;
  while (cap < count) cap *= 2;
  const grouped = attribute === 4;
  const size = 1 + (2 + cap + 1 + 2 * cap) + (2 + count + 1) + (grouped ? 2 + v.count : 0);
  const words = new Words(size);
  words.raw(0n);
  words.head(20, 2, count, (2 + cap + 1 + 2 * cap) * 8);
  for (let i = 0; i < cap; i++) words.long(i < count ? keys[i]! : 0);
  words.raw(0n);
  for (const slot of hashSlots(keys, 2 * cap)) words.raw(BigInt(slot));
  const starts = startsOf(numbers, count, grouped);
  words.head(7, 0, count + 1, (2 + count + 1) * 8);
  for (const start of starts) words.long(start);
  if (grouped) {
    words.head(7, 0, v.count, (2 + v.count) * 8);
    const next = Array.from(starts);
    const rows = new Float64Array(v.count);
    for (let i = 0; i < v.count; i++) rows[next[numbers[i]!]!++] = i;
    for (const row of rows) words.long(row);
  }
  return words.bytes;
}

/** kdb+'s hash of an enumeration's index; the null's is 0. */
const hashOf = (key: number, mask: number): number =>
  key < 0 ? 0 : Number(((BigInt(key) * 2654435761n) >> 11n) & BigInt(mask));

function hashSlots(keys: readonly number[], size: number): Int32Array {
  const slots = new Int32Array(size).fill(-1);
  keys.forEach((key, i) => {
    let slot = hashOf(key, size - 1);
    while (slots[slot] !== -1) slot = (slot + 1) & (size - 1);
    slots[slot] = i;
  });
  return slots;
}

/** p#: the first row of each key, and the count. g#: where each key's rows begin in the permutation, and the count. */
function startsOf(numbers: Int32Array, count: number, grouped: boolean): Float64Array {
  const starts = new Float64Array(count + 1);
  starts[count] = numbers.length;
  if (!grouped) {
    for (let i = numbers.length - 1; i >= 0; i--) starts[numbers[i]!] = i;
    return starts;
  }
  const sizes = new Float64Array(count);
  for (let i = 0; i < numbers.length; i++) sizes[numbers[i]!]!++;
  let at = 0;
  for (let key = 0; key < count; key++) {
    starts[key] = at;
    at += sizes[key]!;
  }
  return starts;
}
