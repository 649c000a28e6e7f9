// A file's bytes in the linear memory: large files mapped read-only, small ones read, compressed ones unpacked. Vectors
// are made on top of it without a copy and hold it; when the last is gone the pages go back. What the bytes mean is
// layouts.ts's business.

import { baseAddress, mapAt, unmapAt } from "#platform/memory.ts";
import { assert, nyi, QSignal, userSignal } from "#values/signals.ts";
import { allocate, free, I32, memory, reserveWindow, U8, unreserveWindow, usage } from "#values/storage.ts";
import type { Backing, Vector } from "#values/values.ts";
import { backedVector } from "#values/vectors.ts";
import { isCompressed, isEncrypted, unpackedSize, unpackTo } from "./container.ts";
import { corrupt, openStat, readBytes, withFile } from "./files.ts";

/** Files below this are read: a map costs a window of pages and some 20 µs. */
const SMALLEST_MAPPED = 16384;

/** Bytes of one file in linear memory, at a 16-byte edge. Counts its users; made with one, who opened it. */
export class Image implements Backing {
  private users = 1;
  constructor(
    readonly path: string,
    readonly at: number,
    readonly size: number,
    private readonly dispose: () => void,
  ) {}

  /** A vector over the bytes from `offset`: they must be there and lie on their width. */
  vector(type: number, count: number, width: number, offset: number, domain?: string): Vector {
    this.need(offset, count * width);
    this.users++;
    return backedVector(type, count, this.at + offset, this, domain);
  }
  release(): void {
    assert(this.users > 0, "an image is released by its users");
    if (--this.users === 0) this.dispose();
  }

  need(offset: number, count: number): void {
    if (!(offset >= 0 && count >= 0 && offset + count <= this.size)) {
      throw corrupt(this.path, `${count} bytes wanted at ${offset} of ${this.size}`);
    }
  }
  byte(offset: number): number {
    this.need(offset, 1);
    return U8[this.at + offset]!;
  }
  int(offset: number): number {
    this.need(offset, 4);
    const at = this.at + offset;
    if (at % 4 === 0) return I32[at / 4]!;
    return U8[at]! | (U8[at + 1]! << 8) | (U8[at + 2]! << 16) | (U8[at + 3]! << 24);
  }
  /** A 64-bit count: beyond 2^53 it is NaN, and so fits nowhere. */
  count(offset: number): number {
    const low = this.int(offset) >>> 0;
    const high = this.int(offset + 4);
    return high < 0 || high >= 2 ** 21 ? Number.NaN : high * 2 ** 32 + low;
  }
  text(offset: number, end: number): string {
    let text = "";
    for (let i = offset; i < end; i++) {
      const byte = this.byte(i);
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
    throw corrupt(this.path, `a name without an end at ${offset}`);
  }
  bytes(from = 0): Uint8Array {
    return U8.subarray(this.at + from, this.at + this.size);
  }
}

export interface Limits {
  readonly bytes: number;
  readonly maps: number;
}
/** The window is 4 GiB for everything; and each map is a line of vm.max_map_count, 65530 by default. */
const LIMITS: Limits = { bytes: 1.5 * 2 ** 30, maps: 16000 };

/** Opens files as images, and knows how much is mapped. One per database. */
export class Images {
  mappedBytes = 0;
  maps = 0;
  private base = 0;

  /** `relieve` lets go of something and answers true: asked when too much is mapped, or when there is no room for more. */
  constructor(
    private readonly relieve: () => boolean = () => false,
    private readonly limits: Limits = LIMITS,
  ) {}

  open(path: string): Image {
    while (this.isMuch() && this.relieve());
    for (;;) {
      try {
        return this.openOnce(path);
      } catch (e) {
        if (!(e instanceof QSignal) || e.text !== "wsfull" || !this.relieve()) throw e;
      }
    }
  }

  /** Columns that had to be unpacked or widened are held in memory: of that the caches get half. */
  private isMuch(): boolean {
    const { used, limit } = usage();
    return this.mappedBytes > this.limits.bytes || this.maps > this.limits.maps || used > limit / 2;
  }

  private openOnce(path: string): Image {
    return withFile(path, (fd) => {
      const { kind, size } = openStat(path, fd);
      if (kind === "directory") throw userSignal(`${path}. OS reports: Is a directory`);
      return unpacked(size >= SMALLEST_MAPPED ? this.map(path, fd, size) : read(path, fd, size));
    });
  }

  private map(path: string, fd: number, size: number): Image {
    if (this.base === 0) this.base = baseAddress(memory);
    const at = reserveWindow(size);
    const error = mapAt(this.base, at, size, fd);
    if (error < 0) {
      unreserveWindow(at, size);
      // No maps left (vm.max_map_count) counts as no room: letting go of some helps.
      if (error === -12) throw new QSignal("wsfull", `${path}: no map to be had`);
      throw userSignal(`${path}. OS reports: mmap ${-error}`);
    }
    this.mappedBytes += size;
    this.maps++;
    return new Image(path, at, size, () => {
      this.mappedBytes -= size;
      this.maps--;
      const undone = unmapAt(this.base, at, Math.ceil(size / 4096) * 4096);
      assert(undone === 0, `a window of ${size} bytes is given back (${undone})`);
      unreserveWindow(at, size);
    });
  }
}

function read(path: string, fd: number, size: number): Image {
  const at = allocate(size);
  const dispose = (): void => free(at, size);
  try {
    if (readBytes(path, fd, U8, 0, at, size) < size) throw corrupt(path, "the file became shorter while it was read");
  } catch (e) {
    dispose();
    throw e;
  }
  return new Image(path, at, size, dispose);
}

/** The image of what a compressed file holds; any other image as it is. */
function unpacked(image: Image): Image {
  const bytes = image.bytes();
  if (isEncrypted(bytes)) {
    image.release();
    throw nyi(`encrypted file ${image.path}`);
  }
  if (!isCompressed(bytes)) return image;
  try {
    const size = unpackedSize(image.path, bytes);
    const at = allocate(size);
    try {
      unpackTo(image.path, bytes, U8.subarray(at, at + size));
    } catch (e) {
      free(at, size);
      throw e;
    }
    return new Image(image.path, at, size, () => free(at, size));
  } finally {
    image.release();
  }
}

/** An empty image, for a heap file that need not be there. */
export function emptyImage(path: string): Image {
  const at = allocate(0);
  return new Image(path, at, 0, () => free(at, 0));
}
