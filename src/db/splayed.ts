// A splayed table: a directory with `.d` and a file for each column (formats.md §9). Columns are opened when first
// asked for; how many rows there are is read from a header alone.

import { T } from "#values/datatypes.ts";
import { own } from "#values/ownership.ts";
import { type ColumnSource, Table, type Value } from "#values/values.ts";
import { countOf, symbolTexts } from "#values/vectors.ts";
import { isCompressed, readContainer } from "./container.ts";
import { absolute, corrupt, exists, fileSize, readPart, readStart, shownAs } from "./files.ts";
import { layoutOfBytes, PAGED_DATA, readFile, type Reading } from "./layouts.ts";

export const isSplayed = (directory: string): boolean => exists(`${directory}/.d`);

/** The columns of a splayed table, in order. */
export function columnNames(reading: Reading, directory: string): string[] {
  const names = readFile(reading, `${directory}/.d`);
  if (names.type !== T.symbol && countOf(names) > 0) throw corrupt(`${directory}/.d`, "no names of columns");
  return symbolTexts(names);
}

/** Items of a column file, without opening what it holds; undefined when only its contents can tell. */
export function fileCount(path: string): number | undefined {
  const { start, size } = readStart(path, PAGED_DATA);
  return isCompressed(start) ? undefined : layoutOfBytes(path, start, size).count;
}

/** Length of the file that a compressed one holds; of any other its own. */
export function plainSize(path: string): number {
  const size = fileSize(path);
  if (size < 8 || !isCompressed(readPart(path, 0, 8))) return size;
  return readContainer(path, readPart(path, 0, size)).size;
}

export class SplayedSource implements ColumnSource {
  private rows: number | undefined;

  constructor(
    private readonly reading: Reading,
    private readonly directory: string,
    /** As the console shows it: what was asked for, with a slash behind. */
    readonly path: string,
    private readonly names: readonly string[],
  ) {}

  get rowCount(): number {
    if (this.rows === undefined) {
      const first = this.names[0];
      this.rows =
        first === undefined
          ? 0
          : this.shown(() => fileCount(`${this.directory}/${first}`) ?? countOf(this.column(first)));
    }
    return this.rows;
  }
  column(name: string): Value {
    return this.shown(() => readFile(this.reading, `${this.directory}/${name}`));
  }
  private shown<R>(call: () => R): R {
    return shownAs(this.directory, this.path.slice(0, -1), call);
  }
}

/** The table of a directory: nothing but `.d` is read now. `shown` is how q names it. */
export function splayedTable(reading: Reading, directory: string, shown = directory): Table {
  const names = columnNames(reading, directory);
  const source = new SplayedSource(reading, absolute(directory), `${shown}/`, names);
  return own(new Table(names, new Array(names.length).fill(undefined), source));
}
