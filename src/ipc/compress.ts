// IPC compression (formats.md §12), both ways, byte for byte as kdb+ does it: for messages, and by db for blocks of
// files (algorithm 1). When a message is worth compressing is the caller's decision; compress says if it succeeded.

import { signal } from "#values/signals.ts";

/** Below this kdb+ does not try. */
export const SMALLEST_COMPRESSED = 2000;

/** The compressed form of a whole message, or undefined when it would not come out under half the size. */
export function compress(message: Uint8Array): Uint8Array | undefined {
  const count = message.length;
  const cap = count >>> 1;
  const out = new Uint8Array(cap);
  if (cap < 13) return undefined;
  out.set(message.subarray(0, 4));
  out[2] = 1;
  const view = new DataView(out.buffer);
  view.setUint32(8, count, true);
  const table = new Int32Array(256);
  let flagAt = 12;
  let d = 12;
  let s = 8;
  let bit = 0;
  let flags = 0;
  let pendingHash = -1;
  let pendingAt = 0;
  while (s < count) {
    if (bit === 0) {
      if (d > cap - 17) return undefined;
      out[flagAt] = flags;
      flagAt = d++;
      flags = 0;
      bit = 1;
    }
    let p = 0;
    let hash = 0;
    let match = false;
    if (s <= count - 3) {
      hash = message[s]! ^ message[s + 1]!;
      p = table[hash]!;
      match = p !== 0 && message[p] === message[s];
    }
    // The look-up stands before the pending entry is stored: kdb+'s order, and byte identity hangs on it.
    if (pendingHash >= 0) {
      table[pendingHash] = pendingAt;
      pendingHash = -1;
    }
    if (match) {
      table[hash] = s;
      flags |= bit;
      p += 2;
      s += 2;
      const start = s;
      const stop = Math.min(s + 255, count);
      while (s < stop && message[p] === message[s]) {
        p++;
        s++;
      }
      out[d] = hash;
      out[d + 1] = s - start;
      d += 2;
    } else {
      pendingHash = s <= count - 3 ? hash : -1;
      pendingAt = s;
      out[d++] = message[s++]!;
    }
    bit = (bit << 1) & 255;
  }
  out[flagAt] = flags;
  view.setUint32(4, d, true);
  return out.subarray(0, d);
}

/** A step of the stream makes at most 257 bytes of a little over two: more than this ratio is no message. */
const LARGEST_RATIO = 130;

/** The plain form of a compressed message, header included. Signals 'badmsg when the stream is none. */
export function decompress(message: Uint8Array): Uint8Array {
  const little = message[0] === 1;
  const wide = message[2] === 2;
  const start = wide ? 16 : 12;
  if (message.length < start) throw signal("badmsg", "a compressed message ends in its header");
  const header = new DataView(message.buffer, message.byteOffset, message.length);
  const total = wide ? Number(header.getBigInt64(8, little)) : header.getUint32(8, little);
  if (total < 8 || total > 2 ** 31 - 1 || total > 8 + (message.length - start) * LARGEST_RATIO) {
    throw signal("badmsg", `${total} bytes out of ${message.length}`);
  }
  const out = new Uint8Array(total);
  expand(message, start, out);
  out.set(message.subarray(0, 4));
  out[2] = 0;
  new DataView(out.buffer).setUint32(4, total, little);
  return out;
}

/** Fills out[8…] from the stream at `start`. */
function expand(message: Uint8Array, start: number, out: Uint8Array): void {
  const total = out.length;
  const last = message.length;
  const table = new Int32Array(256);
  let from = start;
  let w = 8;
  let indexed = 8;
  let bit = 0;
  let flags = 0;
  while (w < total) {
    if (bit === 0) {
      if (from >= last) throw signal("badmsg", "a compressed stream ends early");
      flags = message[from++]!;
      bit = 1;
    }
    let run = 0;
    if ((flags & bit) !== 0) {
      if (from + 2 > last) throw signal("badmsg", "a compressed stream ends early");
      let r = table[message[from++]!]!;
      run = message[from++]!;
      if (w + 2 + run > total) throw signal("badmsg", "a compressed stream runs over its end");
      out[w] = out[r]!;
      out[w + 1] = out[r + 1]!;
      w += 2;
      r += 2;
      // Forward, byte by byte: the run may overlap what it copies.
      for (let j = 0; j < run; j++) out[w + j] = out[r + j]!;
    } else {
      if (from >= last) throw signal("badmsg", "a compressed stream ends early");
      out[w++] = message[from++]!;
    }
    while (indexed < w - 1) {
      table[out[indexed]! ^ out[indexed + 1]!] = indexed;
      indexed++;
    }
    if (run > 0 || (flags & bit) !== 0) {
      w += run;
      indexed = w;
    }
    bit = (bit << 1) & 255;
  }
}
