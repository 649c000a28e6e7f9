// Text made as bytes, for what is long: lines of CSV, JSON, strings of a million numbers. Numbers go from their vector to
// digits by kernels, a block at a time, and never become JavaScript strings.

import { datatypeOf, T } from "#values/datatypes.ts";
import { kernels, U8, U32 } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import { newVector } from "#values/vectors.ts";
import { blankTextsOf } from "./elements.ts";

/** A buffer that grows. */
export class ByteText {
  bytes = new Uint8Array(4096);
  length = 0;
  room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
  byte(c: number): void {
    if (this.length === this.bytes.length) this.room(1);
    this.bytes[this.length++] = c;
  }
  text(text: string): void {
    this.room(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }
  /** Bytes of the linear memory. */
  copy(from: number, count: number): void {
    this.room(count);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < count; i++) bytes[at++] = U8[from + i]!;
    this.length = at;
  }
  /** What is there, as a char vector; the buffer is empty again. */
  take(): Vector {
    const v = newVector(T.char, this.length);
    const { bytes, length } = this;
    if (length < 128) for (let i = 0; i < length; i++) U8[v.at + i] = bytes[i]!;
    else U8.set(bytes.subarray(0, length), v.at);
    this.length = 0;
    return v;
  }
}

/** Digits of a vector's elements as they stand in memory. Elements are asked for in order, or nearly. */
export interface Digits {
  /** Address of the i-th element's text; `count` is its length from then on. */
  at(i: number): number;
  count: number;
}

const BLOCK = 1024;
const FORMAT = new Map<number, "h" | "i" | "j" | "f">([
  [T.short, "h"],
  [T.int, "i"],
  [T.long, "j"],
  [T.float, "f"],
]);

/** For short, int, long and float vectors; nulls are empty. undefined for other types. */
export function digitsOf(v: Vector, precision: number): Digits | undefined {
  const letter = FORMAT.get(v.type);
  // A short's infinities are numbers to kdb+'s console, which the kernel does not know.
  if (letter === undefined || letter === "h" || v.count < 64) return undefined;
  const format = kernels.get(`format_${letter}`);
  const offsets = newVector(T.int, BLOCK + 1);
  const bytes = newVector(T.char, BLOCK * 24 + 16);
  const { width } = datatypeOf(v.type)!;
  const significant = precision === 0 || precision > 17 ? 17 : precision;
  let block = -1;
  return {
    count: 0,
    at(i) {
      const wanted = Math.floor(i / BLOCK);
      if (wanted !== block) {
        block = wanted;
        const n = Math.min(BLOCK, v.count - block * BLOCK);
        const x = v.at + block * BLOCK * width;
        if (letter === "f") format(x, n, 0, significant, offsets.at, bytes.at);
        else format(x, n, 0, offsets.at, bytes.at);
      }
      const k = offsets.at / 4 + (i - block * BLOCK);
      const from = U32[k]!;
      this.count = U32[k + 1]! - from;
      return bytes.at + from;
    },
  };
}

/** Puts the blank text of the i-th element. */
export function elementWriter(v: Vector, precision: number): (i: number, out: ByteText) => void {
  const digits = digitsOf(v, precision);
  if (digits !== undefined) {
    return (i, out) => {
      const at = digits.at(i);
      out.copy(at, digits.count);
    };
  }
  const textOf = blankTextsOf(v, precision);
  return (i, out) => out.text(textOf(i));
}
