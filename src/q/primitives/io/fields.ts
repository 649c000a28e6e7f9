// Delimited text to columns by kernels, block by block: for text of some length that stands in memory. Rows and fields
// that are out of the ordinary (quotes inside quotes, dates in words) go through columns.ts and text/reading.ts one by one.

import { Pack, WORTH_PACKING } from "#format/packing.ts";
import { datatypeByLetter, T, widthOf } from "#values/datatypes.ts";
import { copyElements } from "#values/picking.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { allocate, free, kernels, U8, U32 } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import type { Value, Vector } from "#values/values.ts";
import { itemAt, list, newVector, setElement } from "#values/vectors.ts";
import { type Bytes, type Reader, readerOf, SymbolReader, textBetween } from "../text/reading.ts";
import { columnsFor, loadDelimited } from "./columns.ts";

/** Rows at a time: their spans stay in the cache. */
const BLOCK = 4096;
/** Below this many bytes the plain loop has finished before the kernels are compiled. */
export const WORTH_IT = 16384;

/** Different symbols of a column that are numbered in memory; a column with more is read the plain way from there on. */
const SLOTS = 65536;

/** A column that grows. */
interface Target {
  /** Takes `n` fields whose spans stand at `spans`; they become rows from `row` on. */
  fill(spans: number, n: number, row: number): void;
  /** One row of another column: what the plain loop read. */
  copy(from: Value, row: number): void;
  grow(rows: number): void;
  finish(rows: number): Value;
  dispose(): void;
}

/** The columns of text from one address to another; a blank type skips its field. */
export function loadFields(session: Session, types: string, from: number, to: number, delimiter: number): Value[] {
  const fields = types.length;
  const spans = allocate(BLOCK * fields * 8);
  const doubtful = allocate(BLOCK);
  const split = kernels.get("split_c");
  const targets: (Target | undefined)[] = [];
  let capacity = 0;
  let rows = 0;
  try {
    for (const letter of types) targets.push(letter === " " ? undefined : targetFor(session, letter, doubtful));
    const room = (wanted: number): void => {
      if (wanted <= capacity) return;
      // By the rows so far the whole will have so many; a little more, lest the last block moves everything.
      const expected = rows === 0 ? wanted : Math.ceil(((to - from) / (at - from)) * rows * 1.01) + BLOCK;
      capacity = Math.max(wanted, expected, Math.min(capacity * 2, capacity + 1_000_000));
      for (const target of targets) target?.grow(capacity);
    };
    let at = from;
    while (at < to) {
      session.checkpoint();
      const n = split(at, to, delimiter, fields, BLOCK, spans);
      const stopped = U32[1024 / 4]!;
      const isHard = U32[1028 / 4] === 1;
      room(rows + n + 1);
      for (let f = 0; f < fields; f++) targets[f]?.fill(spans + f * BLOCK * 8, n, rows);
      rows += n;
      at = stopped;
      if (!isHard) continue;
      const end = endOfRow(at, to);
      const record = { bytes: U8, from: at, to: end > at && U8[end - 1] === 13 ? end - 1 : end };
      const plain = columnsFor(session, types, 1);
      loadDelimited(plain, [record], delimiter);
      let column = 0;
      for (const target of targets) target?.copy(plain[column++]!.values(), rows);
      rows++;
      at = Math.min(to, end + 1);
    }
    return targets.filter((target) => target !== undefined).map((target) => target.finish(rows));
  } finally {
    free(spans, BLOCK * fields * 8);
    free(doubtful, BLOCK);
    for (const target of targets) target?.dispose();
  }
}
function endOfRow(at: number, to: number): number {
  const length = U8.subarray(at, to).indexOf(10);
  return length < 0 ? to : at + length;
}

function targetFor(session: Session, letter: string, doubtful: number): Target {
  if (letter === "*") return new Strings();
  const datatype = datatypeByLetter(letter.toLowerCase());
  if (datatype === undefined || letter < "A" || letter > "Z") throw signal("type", `no column type ${letter}`);
  if (datatype.number === T.symbol) return new Symbols();
  return new Elements(datatype.number, readerOf(datatype.number, session.settings.dateFormat), doubtful);
}

class Elements implements Target {
  protected v: Vector;
  private readonly kernel: ((...args: number[]) => number) | undefined;
  private readonly width: number;
  constructor(
    type: number,
    private readonly read: Reader,
    private readonly doubtful: number,
  ) {
    this.v = newVector(type, 0);
    this.width = widthOf(type);
    const name = `field_${LETTERS[type]}`;
    this.kernel = LETTERS[type] !== undefined && kernels.has(name) ? kernels.get(name) : undefined;
  }
  fill(spans: number, n: number, row: number): void {
    const doubts = this.kernel?.(spans, n, this.v.at + row * this.width, this.doubtful);
    if (doubts === 0) return;
    for (let i = 0; i < n; i++) {
      if (doubts !== undefined && U8[this.doubtful + i] === 0) continue;
      setElement(this.v, row + i, this.read(U8 as Bytes, U32[spans / 4 + 2 * i]!, U32[spans / 4 + 2 * i + 1]!));
    }
  }
  copy(from: Value, row: number): void {
    copyElements(this.v, row, from as Vector, 0, 1);
  }
  grow(rows: number): void {
    this.v = grown(this.v, rows);
  }
  finish(rows: number): Value {
    this.v.count = rows;
    return this.v;
  }
  dispose(): void {}
}
/** Types that kernels read. (A real is read in double precision, and rounded once.) */
const LETTERS: Record<number, string> = {
  [T.short]: "h",
  [T.int]: "i",
  [T.long]: "j",
  [T.float]: "f",
  [T.char]: "c",
  [T.date]: "d",
  [T.timespan]: "n",
  [T.minute]: "u",
  [T.second]: "v",
  [T.time]: "t",
  [T.timestamp]: "p",
};

function grown(v: Vector, rows: number): Vector {
  const bigger = newVector(v.type, rows);
  copyElements(bigger, 0, v, 0, v.count);
  return bigger;
}

/** Texts are numbered by a kernel; each new one is interned once. */
class Symbols implements Target {
  private v = newVector(T.symbol, 0);
  private readonly number = kernels.get("field_s");
  private readonly remap = kernels.get("remap_i");
  private readonly slots = allocate(SLOTS * 4);
  private readonly entries = allocate((SLOTS / 2) * 12);
  /** Intern ids, by place among the entries. */
  private readonly ids = allocate((SLOTS / 2) * 4);
  private known = 0;
  private plain: SymbolReader | undefined;
  constructor() {
    U8.fill(0, this.slots, this.slots + SLOTS * 4);
  }
  fill(spans: number, n: number, row: number): void {
    const at = this.v.at + row * 4;
    let done = 0;
    if (this.plain === undefined) {
      const now = this.number(spans, n, at, this.slots, SLOTS, this.entries, this.known);
      done = U32[1024 / 4]!;
      for (let i = this.known; i < now; i++) {
        const entry = (this.entries + i * 12) / 4;
        const text = U32[entry]!;
        U32[this.ids / 4 + i] = symbolId(textBetween(U8 as Bytes, text, text + U32[entry + 1]!));
      }
      this.known = now;
      this.remap(at, done, this.ids);
      if (done < n) this.plain = new SymbolReader();
    }
    for (let i = done; i < n; i++) {
      U32[at / 4 + i] = this.plain!.id(U8 as Bytes, U32[spans / 4 + 2 * i]!, U32[spans / 4 + 2 * i + 1]!);
    }
  }
  copy(from: Value, row: number): void {
    copyElements(this.v, row, from as Vector, 0, 1);
  }
  grow(rows: number): void {
    this.v = grown(this.v, rows);
  }
  finish(rows: number): Value {
    this.v.count = rows;
    return this.v;
  }
  dispose(): void {
    free(this.slots, SLOTS * 4);
    free(this.entries, (SLOTS / 2) * 12);
    free(this.ids, (SLOTS / 2) * 4);
  }
}

class Strings implements Target {
  private readonly pack = new Pack(BLOCK, BLOCK * 8);
  fill(spans: number, n: number): void {
    for (let i = 0; i < n; i++) {
      const from = U32[spans / 4 + 2 * i]!;
      this.pack.copy(from, U32[spans / 4 + 2 * i + 1]! - from);
      this.pack.end();
    }
  }
  copy(from: Value): void {
    const text = itemAt(from, 0) as Vector;
    this.pack.copy(text.at, text.count);
    this.pack.end();
  }
  grow(): void {}
  finish(): Value {
    const strings = this.pack.finish();
    // A few are better off as they are.
    return strings.packed!.count < WORTH_PACKING ? list(strings.items) : strings;
  }
  dispose(): void {}
}
