// A log's chunks (formats.md §10): serialized objects that follow each other in a file without any frame. The file is
// read in windows through a function handed in, so a log may be larger than memory; what a chunk means is the caller's.

import { QSignal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { decodeAt } from "./decode.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface Chunk {
  readonly value: Value;
  /** Where it ends in the file: all before it is valid. */
  readonly end: number;
}

const WINDOW = 1 << 22;
/** `ff 01 00 00` and a count that nobody keeps. */
export const LOG_HEADER = 8;

export const isLog = (start: Uint8Array): boolean =>
  start.length >= LOG_HEADER && start[0] === 0xff && start[1] === 1 && start[2] === 0;

/** The whole chunks of a file of `size` bytes, in order; ends before the first that is broken or cut off. */
export function* chunksOf(
  read: (offset: number, count: number) => Uint8Array,
  size: number,
  vocabulary: Vocabulary,
): Generator<Chunk> {
  const options = { vocabulary, file: true };
  let start = LOG_HEADER;
  let room = WINDOW;
  while (start < size) {
    const bytes = read(start, Math.min(room, size - start));
    if (bytes.length === 0) return;
    const isLast = start + bytes.length >= size;
    let at = 0;
    while (at < bytes.length) {
      let chunk: { value: Value; next: number };
      try {
        chunk = decodeAt(bytes, at, options);
      } catch (e) {
        if (!(e instanceof QSignal) || e.text !== "badmsg") throw e;
        break;
      }
      at = chunk.next;
      yield { value: chunk.value, end: start + at };
    }
    if (at === bytes.length && bytes.length > 0) room = WINDOW;
    else if (at === 0) {
      // Broken, or longer than the window: only with all the rest in sight can it be told.
      if (isLast) return;
      room *= 4;
    } else if (isLast) return;
    start += at;
  }
}
