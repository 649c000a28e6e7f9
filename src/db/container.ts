// The compressed container `kxzipped` (formats.md §8): blocks, and the table that says where they are, both ways. What
// is inside is an ordinary file of another layout.

import { compress, decompress } from "#ipc/compress.ts";
import { QSignal, signal } from "#values/signals.ts";
import { packLz4, packSnappy, unpackLz4, unpackSnappy } from "./codecs.ts";
import { corrupt } from "./files.ts";

const MAGIC = "kxzipped";
const ENCRYPTED = "kxzippEd";
const FIXED_BYTES = 32;

const startsWith = (bytes: Uint8Array, text: string): boolean => {
  if (bytes.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
};
export const isCompressed = (bytes: Uint8Array): boolean => startsWith(bytes, MAGIC);
export const isEncrypted = (bytes: Uint8Array): boolean => startsWith(bytes, ENCRYPTED);

export interface Container {
  readonly algorithm: number;
  readonly level: number;
  /** Bytes of the file inside. */
  readonly size: number;
  /** Bytes of the file inside that a block holds. */
  readonly blockBytes: number;
  /** Per block: where it starts, its bytes, and how it is compressed. */
  readonly blocks: readonly { readonly at: number; readonly size: number; readonly algorithm: number }[];
}

/** What the table at the end says; `tail` are the file's last bytes, `fileSize` the length of all. */
export function readContainer(path: string, bytes: Uint8Array): Container {
  const end = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const long = (at: number): number => {
    const v = view.getBigInt64(at, true);
    if (v < 0n || v > 2n ** 52n) throw corrupt(path, `a length of ${v}`);
    return Number(v);
  };
  if (end < 8 + FIXED_BYTES + 8) throw corrupt(path, "a compressed file ends before its table");
  const count = long(end - 8);
  const tableAt = end - 8 - 8 * count;
  const fixedAt = tableAt - FIXED_BYTES;
  if (fixedAt < 8) throw corrupt(path, `${count} blocks in ${end} bytes`);
  const version = view.getInt32(fixedAt, true);
  if (version !== 2 && version !== 3) throw corrupt(path, `container version ${version}`);
  const size = long(fixedAt + 8);
  const blockBytes = long(fixedAt + 24);
  if (long(fixedAt + 16) !== fixedAt) throw corrupt(path, "the blocks end elsewhere");
  if (blockBytes < 1 || blockBytes > 2 ** 24 || Math.ceil(size / blockBytes) !== count) {
    throw corrupt(path, `${size} bytes in ${count} blocks of ${blockBytes}`);
  }
  const blocks = [];
  let at = 8;
  for (let i = 0; i < count; i++) {
    const blockSize = view.getInt32(tableAt + 8 * i, true);
    if (blockSize < 0 || at + blockSize > fixedAt) throw corrupt(path, `block ${i} is ${blockSize} bytes`);
    blocks.push({ at, size: blockSize, algorithm: view.getInt32(tableAt + 8 * i + 4, true) });
    at += blockSize;
  }
  return { algorithm: bytes[fixedAt + 4]!, level: view.getInt8(fixedAt + 5), size, blockBytes, blocks };
}

export const unpackedSize = (path: string, bytes: Uint8Array): number => readContainer(path, bytes).size;

/** Unpacks all blocks into `target`, which has the length of the file inside. */
export function unpackTo(path: string, bytes: Uint8Array, target: Uint8Array): void {
  const container = readContainer(path, bytes);
  container.blocks.forEach((block, i) => {
    const from = i * container.blockBytes;
    const count = Math.min(container.blockBytes, container.size - from);
    const plain = unpackBlock(path, block.algorithm, bytes.subarray(block.at, block.at + block.size), count);
    if (plain.length !== count) throw corrupt(path, `block ${i} holds ${plain.length} bytes, not ${count}`);
    target.set(plain, from);
  });
}

function unpackBlock(path: string, algorithm: number, block: Uint8Array, count: number): Uint8Array {
  const row = ALGORITHMS[algorithm];
  if (row === undefined) throw corrupt(path, `compression algorithm ${algorithm}`);
  try {
    return row.unpack(block, count);
  } catch (e) {
    // The codecs throw errors of their own for bad data; only our signals pass as they are.
    if (e instanceof QSignal && e.text !== "badmsg") throw e;
    throw corrupt(path, `a block of ${row.name}: ${(e as Error).message}`);
  }
}

/** Loaded when a file needs it: it costs milliseconds, and every private server pays for what stands at the top. */
const zlib = () => process.getBuiltinModule("node:zlib");

interface Algorithm {
  readonly name: string;
  readonly levels: readonly [number, number];
  unpack(block: Uint8Array, count: number): Uint8Array;
  /** undefined: store it raw. */
  pack(block: Uint8Array, level: number): Uint8Array | undefined;
}

const shorter = (packed: Uint8Array, block: Uint8Array): Uint8Array | undefined =>
  packed.length < block.length ? packed : undefined;

const ALGORITHMS: Readonly<Record<number, Algorithm>> = {
  0: { name: "none", levels: [0, 0], unpack: (block) => block, pack: () => undefined },
  1: {
    name: "q IPC",
    levels: [0, 0],
    // A message of its own: 8 dummy header bytes, kept only when it came out under half.
    unpack: (block) => decompress(block).subarray(8),
    pack: (block) => {
      const message = new Uint8Array(block.length + 8);
      message.set([1, 0, 0, 0]);
      message.set(block, 8);
      return compress(message);
    },
  },
  2: {
    name: "gzip",
    levels: [0, 9],
    unpack: (block, count) => zlib().inflateSync(block, { maxOutputLength: Math.max(1, count) }),
    pack: (block, level) => shorter(zlib().deflateSync(block, { level }), block),
  },
  3: { name: "snappy", levels: [0, 0], unpack: unpackSnappy, pack: (block) => shorter(packSnappy(block), block) },
  4: { name: "lz4hc", levels: [0, 16], unpack: unpackLz4, pack: (block) => shorter(packLz4(block), block) },
  5: {
    name: "zstd",
    levels: [-7, 22],
    unpack: (block, count) => zlib().zstdDecompressSync(block, { maxOutputLength: Math.max(1, count) }),
    pack: (block, level) => shorter(zlib().zstdCompressSync(block, { params: { [100]: level } }), block),
  },
};

export interface Packing {
  /** 12 to 20: the power of two of a block's bytes. */
  readonly logicalBlockSize: number;
  readonly algorithm: number;
  readonly level: number;
}

/** The compressed file around a plain one. */
export function pack(plain: Uint8Array, packing: Packing): Uint8Array {
  const { logicalBlockSize, algorithm, level } = packing;
  const row = ALGORITHMS[algorithm];
  if (logicalBlockSize < 12 || logicalBlockSize > 20) throw signal("domain", "a logical block size is 12 to 20");
  if (row === undefined) throw signal("domain", `compression algorithm ${algorithm}`);
  if (level < row.levels[0] || level > row.levels[1])
    throw signal("domain", `${row.name} has levels ${row.levels.join(" to ")}`);
  const blockBytes = 2 ** logicalBlockSize;
  const count = Math.ceil(plain.length / blockBytes);
  const parts: Uint8Array[] = [Buffer.from(MAGIC, "latin1")];
  const table = new DataView(new ArrayBuffer(FIXED_BYTES + 8 * count + 8));
  let at = 8;
  for (let i = 0; i < count; i++) {
    const block = plain.subarray(i * blockBytes, Math.min(plain.length, (i + 1) * blockBytes));
    const packed = row.pack(block, level);
    parts.push(packed ?? block);
    const size = (packed ?? block).length;
    table.setInt32(FIXED_BYTES + 8 * i, size, true);
    table.setInt32(FIXED_BYTES + 8 * i + 4, packed === undefined ? 0 : algorithm, true);
    at += size;
  }
  table.setInt32(0, 3, true);
  table.setUint8(4, algorithm);
  table.setInt8(5, level);
  table.setBigInt64(8, BigInt(plain.length), true);
  table.setBigInt64(16, BigInt(at), true);
  table.setBigInt64(24, BigInt(blockBytes), true);
  table.setBigInt64(FIXED_BYTES + 8 * count, BigInt(count), true);
  parts.push(new Uint8Array(table.buffer));
  return Buffer.concat(parts);
}
