// A bump arena over a 4 GiB memory, for the tests and the bench: places vectors, reads them back, and keeps a
// margin around each so that a store outside a result is seen. Values are numbers, or bigints for j.
import { type Kernels, loadKernels } from "./loader.ts";

export type Letter = "x" | "h" | "i" | "j" | "e" | "f";
export type Value = number | bigint;

export const widthOf: Record<Letter, number> = { x: 1, h: 2, i: 4, j: 8, e: 4, f: 8 };
const MARGIN = 64;
const FILLER = 0xa5;

export const nulls: Record<Letter, Value | undefined> = {
  x: undefined,
  h: -32768,
  i: -2147483648,
  j: -(2n ** 63n),
  e: Number.NaN,
  f: Number.NaN,
};
export const infinities: Record<Letter, [Value, Value]> = {
  x: [255, 0],
  h: [32767, -32767],
  i: [2147483647, -2147483647],
  j: [2n ** 63n - 1n, 1n - 2n ** 63n],
  e: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  f: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
};

export const isNull = (letter: Letter, a: Value): boolean =>
  letter === "x" ? false : typeof a === "number" && Number.isNaN(a) ? true : a === nulls[letter];

type Typed = Uint8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536 });
  readonly kernels: Kernels = loadKernels(this.memory);
  readonly bytes = new Uint8Array(this.memory.buffer);
  #next = 65536;
  #placed: [number, number][] = [];

  /** Forgets everything placed. */
  reset(): void {
    this.#next = 65536;
    this.#placed = [];
  }

  /** Room for a result (or scratch), filled with rubbish and fenced by margins. */
  room(byteLength: number): number {
    const at = this.#next + MARGIN;
    const end = at + byteLength;
    this.bytes.fill(FILLER, at - MARGIN, end + MARGIN);
    this.#next = (end + MARGIN + 15) & ~15;
    this.#placed.push([at, end]);
    return at;
  }

  view(letter: Letter, at: number, n: number): Typed {
    const buffer = this.memory.buffer as ArrayBuffer;
    if (letter === "x") return new Uint8Array(buffer, at, n);
    if (letter === "h") return new Int16Array(buffer, at, n);
    if (letter === "i") return new Int32Array(buffer, at, n);
    if (letter === "j") return new BigInt64Array(buffer, at, n);
    return letter === "e" ? new Float32Array(buffer, at, n) : new Float64Array(buffer, at, n);
  }

  place(letter: Letter, values: readonly Value[]): number {
    const at = this.room(values.length * widthOf[letter]);
    const view = this.view(letter, at, values.length);
    for (let i = 0; i < values.length; i++) (view as unknown as Value[])[i] = values[i]!;
    return at;
  }

  read(letter: Letter, at: number, n: number): Value[] {
    return Array.from(this.view(letter, at, n) as ArrayLike<Value>);
  }

  /** The margins that are no longer as they were made: stores outside what was given. */
  strays(): number[] {
    const found: number[] = [];
    for (const [at, end] of this.#placed) {
      for (let i = 1; i <= MARGIN; i++) if (this.bytes[at - i] !== FILLER) found.push(at - i);
      for (let i = 0; i < MARGIN; i++) if (this.bytes[end + i] !== FILLER) found.push(end + i);
    }
    return found;
  }
}

/** Park and Miller's generator: the same values in every run. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed % 2147483647 || 1;
  }
  below(limit: number): number {
    this.#state = (this.#state * 48271) % 2147483647;
    return this.#state % limit;
  }
  /** A value of the type: often small, sometimes wide, now and then null or infinite. */
  value(letter: Letter, small = 10): Value {
    const kind = this.below(10);
    if (letter === "x") return kind < 5 ? this.below(small) : this.below(256);
    if (kind === 0) return nulls[letter]!;
    if (kind === 1) return infinities[letter][this.below(2)]!;
    const sign = this.below(2) * 2 - 1;
    if (kind < 7) {
      const whole = this.below(small) * sign + 0;
      if (letter === "j") return BigInt(whole);
      return letter === "e" || letter === "f" ? whole / 4 : whole;
    }
    if (letter === "h") return this.below(32768) * sign + 0;
    if (letter === "i") return this.below(2147483647) * sign + 0;
    if (letter === "j")
      return BigInt(this.below(2 ** 30)) * BigInt(this.below(2 ** 30)) * BigInt(sign) * (kind === 9 ? 7n : 1n);
    const wide = (this.below(2 ** 30) / 1000) * sign * (kind === 9 ? 1e15 : 1);
    return letter === "e" ? Math.fround(wide) : wide;
  }
  values(letter: Letter, n: number, small = 10): Value[] {
    return Array.from({ length: n }, () => this.value(letter, small));
  }
}

/** Every length from 0 to 40, and around the edges of blocks. */
export const lengths: readonly number[] = [
  ...Array.from({ length: 41 }, (_, n) => n),
  ...[47, 48, 49, 63, 64, 65, 127, 128, 129, 255, 256, 257],
];
