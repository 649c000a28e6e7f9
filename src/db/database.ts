// kdb+ files and folders of them as q's `get`, `set`, `upsert` and `\l` see them (values/host.ts: Database). Paths come
// as byte strings without the colon, relative to the process's working directory. The session stays outside:
// enumerations come with the name of their domain, and what is loaded is handed back to be assigned.

import type { DomainOf, Vocabulary } from "#ipc/vocabulary.ts";
import { T } from "#values/datatypes.ts";
import type { Compression, Database, LoadedRoot } from "#values/host.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Table, Value } from "#values/values.ts";
import { columnAt, gather, integerOf, itemAt, itemsOf, list, symbols, symbolTexts } from "#values/vectors.ts";
import { appendToFile, type Join } from "./append.ts";
import { isCompressed, pack, type Packing, readContainer, unpackedSize, unpackTo } from "./container.ts";
import { absolute, exists, fileSize, kindOf, namesIn, readPart, shownAs, withLock } from "./files.ts";
import { Images, type Limits } from "./image.ts";
import { readFile, type Reading } from "./layouts.ts";
import {
  findPartitions,
  looksLikePartition,
  openPartitioned,
  PartitionCache,
  type PartitionedTable,
  partitionedTable,
} from "./partitioned.ts";
import { columnNames, isSplayed, splayedTable } from "./splayed.ts";
import { replaceWith, symbolParts, writeFile, type WriteOptions } from "./write.ts";

/** What the session lends: its words, its variables (domains, .z.zd), its join for objects that are appended to. */
export interface DatabaseNeeds {
  readonly vocabulary: Vocabulary;
  readonly variable: DomainOf;
  readonly join: Join;
  /** Signals when a path may not be read or written now (-u, -b, reval); nothing is refused without it. */
  readonly allow?: (path: string, writes: boolean) => void;
  /** What may be mapped of files that only the cache of partitions holds. */
  readonly limits?: Limits;
}

export class KdbDatabase implements Database {
  private readonly cache = new PartitionCache();
  private readonly images: Images;
  private readonly reading: Reading;
  /** Tables of the root loaded last. */
  tables: readonly PartitionedTable[] = [];

  constructor(private readonly needs: DatabaseNeeds) {
    this.images = new Images(() => this.cache.forgetOldest(), needs.limits);
    this.reading = { images: this.images, vocabulary: needs.vocabulary };
  }

  private check(path: string, writes: boolean): void {
    this.needs.allow?.(path, writes);
  }

  get(path: string): Value {
    this.check(path, false);
    const directory = path.endsWith("/") ? path.slice(0, -1) : path;
    if (path.endsWith("/") || kindOf(path) === "directory") {
      if (!isSplayed(directory))
        throw userSignal(`${path.endsWith("/") ? path : `${path}/`}.d. OS reports: No such file or directory`);
      return splayedTable(this.reading, directory);
    }
    return readFile(this.reading, path);
  }

  set(path: string, value: Value, options?: Value): void {
    this.check(path, true);
    if (path.endsWith("/")) this.splay(path.slice(0, -1), value, options);
    else if (kindOf(path) === "directory") this.splay(path, value, options);
    else writeFile(path, value, this.writing(path, packingOf(options, "")));
  }

  append(path: string, value: Value): void {
    this.check(path, true);
    if (path.endsWith("/")) {
      this.appendSplayed(path, value);
      return;
    }
    if (!exists(path)) this.set(path, value);
    else if (kindOf(path) === "directory") this.appendSplayed(`${path}/`, value);
    else appendToFile(this.reading, path, value, this.writing(path, undefined), this.needs.join);
  }

  /** hcount: of a compressed file the length of what is inside. */
  size(path: string): number {
    return this.compression(path)?.uncompressedLength ?? fileSize(path);
  }
  compression(path: string): Compression | undefined {
    this.check(path, false);
    const size = fileSize(path);
    if (size < 8 || !isCompressed(readPart(path, 0, 8))) return undefined;
    const { algorithm, level, size: inside, blockBytes } = readContainer(path, readPart(path, 0, size));
    const logicalBlockSize = Math.log2(blockBytes);
    return { compressedLength: size, uncompressedLength: inside, algorithm, logicalBlockSize, zipLevel: level };
  }

  pack(bytes: Uint8Array, options: Value): Uint8Array {
    const packing = packingOf(options, "");
    return packing === undefined ? bytes : pack(bytes, packing);
  }
  unpack(path: string, bytes: Uint8Array): Uint8Array {
    if (!isCompressed(bytes)) return bytes;
    const plain = new Uint8Array(unpackedSize(path, bytes));
    unpackTo(path, bytes, plain);
    return plain;
  }

  extendDomain(path: string, texts: readonly string[]): Value {
    this.check(path, true);
    return withLock(path, () => {
      if (fileSize(path) === 0) replaceWith(path, symbolParts([]), {});
      const known = readFile(this.reading, path);
      const have = new Set(symbolTexts(known));
      const missing = [...new Set(texts)].filter((text) => !have.has(text));
      if (missing.length === 0) return known;
      appendToFile(this.reading, path, symbols(missing), {}, this.needs.join);
      return readFile(this.reading, path);
    });
  }

  // ---- loading -----------------------------------------------------------------------------------------------------
  load(directory: string): LoadedRoot {
    this.check(directory, false);
    const root = absolute(directory.length > 1 ? directory.replace(/\/+$/, "") : directory);
    if (kindOf(root) === "file") return { variables: [[baseName(root), readFile(this.reading, root)]], scripts: [] };
    if (isSplayed(root))
      return { variables: [[baseName(root), splayedTable(this.reading, root, `./${baseName(root)}`)]], scripts: [] };
    const variables: [string, Value][] = [];
    const scripts: string[] = [];
    const names = namesIn(root);
    for (const name of names) {
      if (name.startsWith(".") || name.endsWith("$") || name === "par.txt" || looksLikePartition(name)) continue;
      const path = `${root}/${name}`;
      if (kindOf(path) === "directory") {
        if (isSplayed(path)) variables.push([name, splayedTable(this.reading, path, `./${name}`)]);
      } else if (/\.[qks]$/.test(name)) scripts.push(path);
      else if (!name.endsWith("#")) variables.push([name, shownAs(root, ".", () => readFile(this.reading, path))]);
    }
    const partitions = findPartitions(root, names);
    if (partitions === undefined) return { variables, scripts };
    this.cache.clear();
    this.tables = openPartitioned(this.reading, this.cache, partitions);
    for (const table of this.tables) variables.push([table.name, partitionedTable(table)]);
    variables.push([partitions.field, partitions.values]);
    return {
      variables,
      scripts,
      partitions: {
        field: partitions.field,
        values: partitions.values,
        tables: this.tables.map((table) => table.name),
        segments: partitions.segments,
        segmentOf: (p) => partitions.segmentOf(p),
      },
    };
  }

  /** What is mapped: bytes and maps. */
  get mapped(): { readonly bytes: number; readonly maps: number } {
    return { bytes: this.images.mappedBytes, maps: this.images.maps };
  }
  /** Lets everything go that no value holds. */
  close(): void {
    this.cache.clear();
    this.tables = [];
  }

  // ---- writing -----------------------------------------------------------------------------------------------------
  /** Compression as asked, else by .z.zd, which leaves files with an extension alone. */
  private writing(path: string, asked: Packing | undefined): WriteOptions {
    const packing = asked ?? (baseName(path).includes(".") ? undefined : packingOf(this.needs.variable(".z.zd"), ""));
    return {
      domain: this.needs.variable,
      packing: packing?.algorithm === 0 && asked === undefined ? undefined : packing,
    };
  }

  private splay(directory: string, value: Value, options: Value | undefined): void {
    const table = splayable(value);
    for (let c = 0; c < table.names.length; c++) {
      const name = table.names[c]!;
      const path = `${directory}/${name}`;
      writeFile(path, columnAt(table, c), this.writing(path, packingOf(options, name)));
    }
    replaceWith(`${directory}/.d`, symbolParts(table.names), {});
  }

  private appendSplayed(path: string, value: Value): void {
    const directory = path.slice(0, -1);
    if (!isSplayed(directory)) {
      this.set(path, value);
      return;
    }
    const names = columnNames(this.reading, directory);
    const columns = columnsFor(names, value);
    names.forEach((name, c) => {
      const column = `${directory}/${name}`;
      appendToFile(this.reading, column, columns[c]!, this.writing(column, undefined), this.needs.join);
    });
  }
}

export const openDatabase = (needs: DatabaseNeeds): KdbDatabase => new KdbDatabase(needs);

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A table that may be splayed: not keyed, its symbols enumerated. */
function splayable(value: Value): Table {
  if (value.kind !== "table") throw signal("type", "only a table without keys is splayed");
  if (value.partitioned !== undefined) throw signal("par", `${value.partitioned.name} is partitioned`);
  value.names.forEach((name, c) => {
    const column = columnAt(value, c);
    if (column.type === T.symbol) throw signal("type", `column ${name} is not enumerated`);
    if (column.kind !== "vector" && column.kind !== "list") throw signal("type", `column ${name} is no list`);
  });
  return value;
}

/** What is appended to each column: of a table by name, of a row (dictionary or list) by name or place. */
function columnsFor(names: readonly string[], value: Value): Value[] {
  const byName = (given: readonly string[], at: (c: number) => Value): Value[] => {
    if (given.length !== names.length || names.some((name) => !given.includes(name))) {
      throw signal("mismatch", `columns ${given.join(" ")} for ${names.join(" ")}`);
    }
    return names.map((name) => at(given.indexOf(name)));
  };
  if (value.kind === "table") return byName(value.names, (c) => columnAt(value, c));
  if (value.kind === "dict" && value.keys.type === T.symbol) {
    const items = itemsOf(value.values);
    const isRow = items.some((item) => item.kind === "atom");
    return byName(symbolTexts(value.keys), (c) => (isRow ? cell(items[c]!) : items[c]!));
  }
  if (value.kind === "dict" && value.keys.kind === "table")
    throw signal("type", "a keyed table is not appended to a splayed one");
  const items = itemsOf(value);
  if (items.length !== names.length) throw signal("length", `${items.length} items for ${names.length} columns`);
  return items.some((item) => item.kind === "atom") ? items.map(cell) : items;
}

/** A row's value as a column of one. */
const cell = (item: Value): Value => (item.kind === "atom" ? gather([item]) : list([item]));

/** (block size; algorithm; level), or a dictionary of them by column name and `` ` `` for the others. */
function packingOf(options: Value | undefined, column: string): Packing | undefined {
  if (options === undefined) return undefined;
  if (options.kind === "dict") {
    const names = symbolTexts(options.keys);
    const at = names.includes(column) ? names.indexOf(column) : names.indexOf("");
    return at < 0 ? undefined : packingOf(itemAt(options.values, at), "");
  }
  const numbers = itemsOf(options).map(integerOf);
  if (numbers.length !== 3) throw signal("length", "compression is block size, algorithm, level");
  const [logicalBlockSize, algorithm, level] = numbers as [number, number, number];
  if (algorithm === 0 && logicalBlockSize === 0) return undefined;
  return { logicalBlockSize, algorithm, level };
}
