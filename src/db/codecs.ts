// Snappy and LZ4 blocks, both ways, for compressed files of algorithms 3 and 4 (formats.md §8). Written from the two
// formats' public descriptions; Bun brings zlib and zstd but neither of these. Matches are found greedily, so an lz4hc
// level changes nothing about what we write. A broken block throws a plain Error, which container.ts names.

const MIN_MATCH = 4;
const HASH_BITS = 14;

const broken = (why: string): Error => new Error(why);

/** Copies a match forward, byte by byte: it may overlap what it writes. */
function copyMatch(out: Uint8Array, at: number, offset: number, length: number): void {
  if (offset === 0 || offset > at) throw broken(`a match ${offset} bytes back at ${at}`);
  if (at + length > out.length) throw broken("a match runs over the end");
  if (offset >= length) out.copyWithin(at, at - offset, at - offset + length);
  else for (let i = 0; i < length; i++) out[at + i] = out[at - offset + i]!;
}

function copyLiterals(out: Uint8Array, at: number, block: Uint8Array, from: number, length: number): void {
  if (from + length > block.length) throw broken("literals end early");
  if (at + length > out.length) throw broken("literals run over the end");
  out.set(block.subarray(from, from + length), at);
}

// ---- snappy --------------------------------------------------------------------------------------------------------

export function unpackSnappy(block: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  let from = 0;
  let announced = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[from++];
    if (byte === undefined || shift > 28) throw broken("no length");
    announced += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (announced !== count) throw broken(`${announced} bytes announced, ${count} wanted`);
  let at = 0;
  const byteAt = (i: number): number => {
    const byte = block[i];
    if (byte === undefined) throw broken("a tag ends early");
    return byte;
  };
  while (from < block.length) {
    const tag = block[from++]!;
    if ((tag & 3) === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        length = 1;
        for (let i = 0; i < extra; i++) length += byteAt(from + i) * 2 ** (8 * i);
        from += extra;
      }
      copyLiterals(out, at, block, from, length);
      from += length;
      at += length;
      continue;
    }
    let length = (tag >> 2) + 1;
    let offset: number;
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | byteAt(from++);
    } else {
      const bytes = (tag & 3) === 2 ? 2 : 4;
      offset = 0;
      for (let i = 0; i < bytes; i++) offset += byteAt(from + i) * 2 ** (8 * i);
      from += bytes;
    }
    copyMatch(out, at, offset, length);
    at += length;
  }
  if (at !== count) throw broken(`${at} bytes came out`);
  return out;
}

export function packSnappy(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + block.length + Math.ceil(block.length / 6));
  let at = 0;
  for (let left = block.length; ; left = Math.floor(left / 128)) {
    out[at++] = left >= 128 ? (left % 128) | 128 : left;
    if (left < 128) break;
  }
  const literals = (from: number, to: number): void => {
    const length = to - from;
    if (length === 0) return;
    const less = length - 1;
    if (less < 60) out[at++] = less << 2;
    else {
      const bytes = less < 256 ? 1 : less < 65536 ? 2 : 3;
      out[at++] = (59 + bytes) << 2;
      for (let i = 0; i < bytes; i++) out[at++] = (less >> (8 * i)) & 255;
    }
    out.set(block.subarray(from, to), at);
    at += length;
  };
  matches(block, block.length, literals, (offset, matched) => {
    for (let left = matched; left > 0; ) {
      // A piece is at most 64 long, and none may be left over that is too short for a copy of its own.
      const length = left > 64 ? (left < 68 ? 60 : 64) : left;
      out[at++] = ((length - 1) << 2) | 2;
      out[at++] = offset & 255;
      out[at++] = offset >> 8;
      left -= length;
    }
  });
  return out.subarray(0, at);
}

// ---- lz4 -----------------------------------------------------------------------------------------------------------

export function unpackLz4(block: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  let from = 0;
  let at = 0;
  const longer = (base: number): number => {
    if (base < 15) return base;
    for (let length = base; ; ) {
      const byte = block[from++];
      if (byte === undefined) throw broken("a length ends early");
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (from < block.length) {
    const token = block[from++]!;
    const literals = longer(token >> 4);
    copyLiterals(out, at, block, from, literals);
    from += literals;
    at += literals;
    if (from >= block.length) break;
    if (from + 2 > block.length) throw broken("an offset ends early");
    const offset = block[from]! | (block[from + 1]! << 8);
    from += 2;
    const length = longer(token & 15) + MIN_MATCH;
    copyMatch(out, at, offset, length);
    at += length;
  }
  if (at !== count) throw broken(`${at} bytes came out, ${count} wanted`);
  return out;
}

export function packLz4(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + block.length + Math.ceil(block.length / 200));
  let at = 0;
  let pending: [number, number] = [0, 0];
  const rest = (length: number): void => {
    let left = length - 15;
    for (; left >= 255; left -= 255) out[at++] = 255;
    out[at++] = left;
  };
  const sequence = (match: { offset: number; length: number } | undefined): void => {
    const [start, end] = pending;
    const count = end - start;
    const extra = match === undefined ? 0 : match.length - MIN_MATCH;
    out[at++] = (Math.min(15, count) << 4) | Math.min(15, extra);
    if (count >= 15) rest(count);
    out.set(block.subarray(start, end), at);
    at += count;
    if (match === undefined) return;
    out[at++] = match.offset & 255;
    out[at++] = match.offset >> 8;
    if (extra >= 15) rest(extra);
  };
  // The format's own rule: the last five bytes are literals, and no match starts in the last twelve.
  let last: [number, number] | undefined;
  matches(
    block,
    Math.max(0, block.length - 12),
    (from, to) => {
      last = [from, to];
    },
    (offset, length) => {
      pending = last ?? [0, 0];
      sequence({ offset, length });
    },
    5,
  );
  pending = last ?? [block.length, block.length];
  sequence(undefined);
  return out.subarray(0, at);
}

/**
 * Greedy matches of four bytes and more, up to 65535 back: before each of them, and at the end, `literals` is told what
 * stands between (it may be nothing). No match begins at `limit` or later, or reaches into the last `tail` bytes.
 */
function matches(
  block: Uint8Array,
  limit: number,
  literals: (from: number, to: number) => void,
  match: (offset: number, length: number) => void,
  tail = 0,
): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  const end = block.length - tail;
  let start = 0;
  let at = 0;
  while (at < limit && at + MIN_MATCH <= end) {
    const word = view.getInt32(at, true);
    const hash = Math.imul(word, -1640531535) >>> (32 - HASH_BITS);
    const known = table[hash]!;
    table[hash] = at;
    if (known < 0 || at - known > 65535 || view.getInt32(known, true) !== word) {
      at++;
      continue;
    }
    let length = MIN_MATCH;
    while (at + length < end && block[known + length] === block[at + length]) length++;
    literals(start, at);
    match(at - known, length);
    at += length;
    start = at;
  }
  literals(start, block.length);
}
