// Making many strings in one piece (values/vectors.ts, packedStrings): text goes straight to the linear memory.

import { datatypeOf, T } from "#values/datatypes.ts";
import { copyElements } from "#values/picking.ts";
import { kernels, U8, U32 } from "#values/storage.ts";
import type { List, Vector } from "#values/values.ts";
import { newVector, packedStrings } from "#values/vectors.ts";
import { blankTextsOf } from "./elements.ts";

/** Below this many strings, one vector each is as good. */
export const WORTH_PACKING = 256;

/** Offsets are 32 bits, so a pack ends at 4 GiB, as the memory does. */
export class Pack {
  private bytes: Vector;
  private capacity: number;
  private offsets: Vector;
  private room: number;
  count = 0;
  length = 0;
  constructor(expectedStrings: number, expectedBytes: number) {
    this.room = expectedStrings + 1;
    this.capacity = Math.max(64, expectedBytes);
    this.bytes = newVector(T.char, this.capacity);
    this.offsets = newVector(T.int, this.room);
    U32[this.offsets.at / 4] = 0;
  }
  /** Where the next byte goes; `count` of them have room. */
  at(count: number): number {
    if (this.length + count > this.capacity) {
      this.capacity = Math.max(this.length + count, Math.ceil(this.capacity * 1.5));
      const bigger = newVector(T.char, this.capacity);
      copyElements(bigger, 0, this.bytes, 0, this.length);
      this.bytes = bigger;
    }
    return this.bytes.at + this.length;
  }
  text(text: string): void {
    const at = this.at(text.length);
    for (let i = 0; i < text.length; i++) U8[at + i] = text.charCodeAt(i);
    this.length += text.length;
  }
  copy(from: number, count: number): void {
    const at = this.at(count);
    if (count < 128) for (let i = 0; i < count; i++) U8[at + i] = U8[from + i]!;
    else U8.copyWithin(at, from, from + count);
    this.length += count;
  }
  put(bytes: Uint8Array, count: number): void {
    const at = this.at(count);
    if (count < 128) for (let i = 0; i < count; i++) U8[at + i] = bytes[i]!;
    else U8.set(bytes.subarray(0, count), at);
    this.length += count;
  }
  /** The string ends here. */
  end(): void {
    if (this.count + 1 === this.room) this.grow(1);
    U32[this.offsets.at / 4 + ++this.count] = this.length;
  }
  private grow(strings: number): void {
    this.room = Math.max(this.count + 1 + strings, Math.ceil(this.room * 1.5));
    const bigger = newVector(T.int, this.room);
    copyElements(bigger, 0, this.offsets, 0, this.count + 1);
    this.offsets = bigger;
  }
  /** Texts of numbers by a kernel that writes them and their ends: `n` more strings. */
  format(n: number, most: number, kernel: (offsets: number, bytes: number) => number): void {
    const bytes = this.at(n * most);
    if (this.count + n >= this.room) this.grow(n);
    const at = this.offsets.at / 4 + this.count;
    const written = kernel(this.offsets.at + this.count * 4, bytes);
    for (let i = 0; i <= n; i++) U32[at + i] = U32[at + i]! + this.length;
    this.length += written;
    this.count += n;
  }
  finish(): List {
    this.bytes.count = this.length;
    this.offsets.count = this.count + 1;
    return packedStrings(this.bytes, this.offsets, this.count);
  }
}

const BLOCK = 4096;

/** `string` of a long vector: nulls blank. */
export function packedTexts(v: Vector, precision: number): List {
  const pack = new Pack(v.count, v.count * 8);
  const letter = v.type === T.long ? "j" : v.type === T.int ? "i" : v.type === T.float ? "f" : undefined;
  if (letter === undefined) {
    const textAt = blankTextsOf(v, precision);
    for (let i = 0; i < v.count; i++) {
      pack.text(textAt(i));
      pack.end();
    }
    return pack.finish();
  }
  const format = kernels.get(`format_${letter}`);
  const { width } = datatypeOf(v.type)!;
  const significant = precision === 0 || precision > 17 ? 17 : precision;
  for (let i = 0; i < v.count; i += BLOCK) {
    const n = Math.min(BLOCK, v.count - i);
    const x = v.at + i * width;
    if (letter === "f") pack.format(n, 24, (offsets, bytes) => format(x, n, 0, significant, offsets, bytes));
    else pack.format(n, 20, (offsets, bytes) => format(x, n, 0, offsets, bytes));
  }
  return pack.finish();
}
