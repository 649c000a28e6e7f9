/**
 * Files inside one linear memory: read-only pages placed at an offset of a WASM memory, and taken out again. base is
 * the memory's address (baseAddress below); offsets and lengths are whole pages. A write from JavaScript to such a
 * page kills the process, from WASM it traps: so only kernels may write near them.
 */
import * as sys from "./sys.ts";

export const PAGE_BYTES = 4096;

/** The address of a WebAssembly memory's first byte. It does not move when the memory grows. */
export function baseAddress(memory: WebAssembly.Memory): number {
  return sys.addressOf(new Uint8Array(memory.buffer, 0, 8));
}

function assertPages(value: number, what: string): void {
  if (value % PAGE_BYTES !== 0) throw new Error(`${what} is whole pages: ${value}`);
}

/** Maps a file's bytes read-only at base + offset: 0, or minus errno. The last page is padded with zeros. */
export function mapAt(base: number, offset: number, length: number, fd: number, fileOffset = 0): number {
  assertPages(offset, "the offset of a mapping");
  assertPages(fileOffset, "the file offset of a mapping");
  const at = base + offset;
  const flags = sys.MAP_FIXED | sys.MAP_PRIVATE;
  const result = sys.mmap(at, length, sys.PROT_READ, flags, fd, fileOffset);
  if (result < 0) return result;
  if (result !== at) throw new Error("MAP_FIXED placed a mapping elsewhere");
  return 0;
}

/** Gives the place back: zero pages, writable, nothing resident. 0, or minus errno. */
export function unmapAt(base: number, offset: number, length: number): number {
  assertPages(offset, "the offset of a mapping");
  const flags = sys.MAP_FIXED | sys.MAP_PRIVATE | sys.MAP_ANONYMOUS | sys.MAP_NORESERVE;
  const result = sys.mmap(base + offset, length, sys.PROT_READ | sys.PROT_WRITE, flags, -1, 0);
  return Math.min(result, 0);
}

/** Returns resident pages to the system; they read as zero again. Offset and length are whole pages. */
export function dropPages(base: number, offset: number, length: number): number {
  assertPages(offset, "the offset of dropped pages");
  assertPages(length, "the length of dropped pages");
  return sys.madvise(base + offset, length, sys.MADV_DONTNEED);
}

/** Asks the kernel to read mapped pages ahead. */
export function willNeed(base: number, offset: number, length: number): number {
  return sys.madvise(base + offset, length, sys.MADV_WILLNEED);
}
