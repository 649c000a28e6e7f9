// The list of it all: every operator, keyword and iterator of the language, imported by name, no self-registration.
// Also what the parser must know (parse/vocabulary.ts) and what the wire needs (codes).

import { iteratorRows } from "#iterators/rows.ts";
import { envRows } from "#primitives/env/rows.ts";
import { interpretRows } from "#primitives/interpret/rows.ts";
import { ioRows } from "#primitives/io/rows.ts";
import { joinRows } from "#primitives/join/rows.ts";
import { listRows } from "#primitives/list/rows.ts";
import { logicRows } from "#primitives/logic/rows.ts";
import { mathRows } from "#primitives/math/rows.ts";
import { metaRows } from "#primitives/meta/rows.ts";
import { sortRows } from "#primitives/sort/rows.ts";
import { tableRows } from "#primitives/table/rows.ts";
import { textRows } from "#primitives/text/rows.ts";
import { sqlRows } from "#sql/functional.ts";
import type { Vocabulary } from "#parse/vocabulary.ts";
import { primitiveValue } from "#values/primitive.ts";
import { assert, nyi, signal } from "#values/signals.ts";
import { Iterator, Primitive, type PrimitiveRow, type Value } from "#values/values.ts";
import { char } from "#values/vectors.ts";

/** Rows whose meaning is the evaluator's own: it compiles them, or they need its apply. */
const nil: PrimitiveRow = {
  name: "Identity",
  glyph: "::",
  ranks: [1],
  category: "interpret",
  wire: [101, 0],
  run: (_, x) => x,
};
const assign: PrimitiveRow = {
  name: "Assign",
  glyph: ":",
  ranks: [2],
  category: "interpret",
  wire: [102, 0],
  run: (_, _x, y) => y!,
};
const signalRow: PrimitiveRow = {
  name: "Signal",
  glyph: "'",
  ranks: [1],
  category: "interpret",
  run: () => {
    throw signal("nyi", "signal as a value");
  },
};
const elided: PrimitiveRow = {
  name: "Elided",
  ranks: [1],
  category: "interpret",
  wire: [101, 255],
  shown: "",
  run: (_, x) => x,
} as PrimitiveRow;
const native: PrimitiveRow = {
  name: "Dynamic Load",
  glyph: "2:",
  ranks: [2],
  category: "io",
  wire: [102, 22],
  run: () => {
    throw nyi("2: (native libraries)");
  },
};

/** k's unary forms, by the keyword that q has for each. */
const UNARY: Record<string, string> = {
  "+": "flip",
  "-": "neg",
  "*": "first",
  "%": "reciprocal",
  "&": "where",
  "|": "reverse",
  "^": "null",
  "=": "group",
  "<": "iasc",
  ">": "idesc",
  $: "string",
  ",": "enlist",
  "#": "count",
  _: "floor",
  "~": "not",
  "!": "key",
  "?": "distinct",
  "@": "type",
  ".": "value",
  "0:": "read0",
  "1:": "read1",
};
/** Keywords that are the binary operators by another name. */
const ALIASES: Record<string, string> = { and: "&", or: "|", cut: "cut" };

const codeKey = (wire: readonly [number, number]): number => wire[0] * 256 + wire[1];

export class Words implements Vocabulary {
  readonly nil = new Primitive(101, nil, "::");
  readonly elided = new Primitive(101, elided, "");
  readonly rows: readonly PrimitiveRow[];
  private readonly byGlyph = new Map<string, Primitive>();
  private readonly byName = new Map<string, Value>();
  private readonly infix = new Set<string>();
  private readonly unaries = new Map<string, Value>();
  private readonly codes = new Map<number, Primitive>();
  private readonly iterators = ([0, 1, 2, 3, 4, 5] as const).map((code) => new Iterator(code));

  constructor(extra: readonly PrimitiveRow[] = []) {
    const rows = [
      ...mathRows,
      ...listRows,
      ...logicRows,
      ...sortRows,
      ...textRows,
      ...tableRows,
      ...joinRows,
      ...metaRows,
      ...ioRows,
      ...envRows,
      ...interpretRows,
      ...iteratorRows,
      ...sqlRows,
      native,
      ...extra,
    ];
    this.rows = rows;
    this.byGlyph.set("::", this.nil);
    this.byGlyph.set(":", new Primitive(102, assign, ":"));
    this.byGlyph.set("'", new Primitive(102, signalRow, "'"));
    for (const row of rows) {
      const value = primitiveValue(row);
      if (row.glyph !== undefined) {
        assert(!this.byGlyph.has(row.glyph), `one row for the glyph ${row.glyph}`);
        this.byGlyph.set(row.glyph, value);
      } else {
        assert(!this.byName.has(row.name), `one row for the keyword ${row.name}`);
        this.byName.set(row.name, value);
        if (row.infix === true) this.infix.add(row.name);
      }
      if (row.wire !== undefined) this.codes.set(codeKey(row.wire), value);
    }
    this.byName.set("csv", char(44));
    this.codes.set(codeKey([101, 0]), this.nil);
    this.codes.set(codeKey([101, 255]), this.elided);
    this.codes.set(codeKey([102, 0]), this.byGlyph.get(":")!);
    for (const [name, glyph] of Object.entries(ALIASES)) {
      const value = this.byGlyph.get(glyph);
      if (value !== undefined && !this.byName.has(name)) {
        this.byName.set(name, value);
        this.infix.add(name);
      }
    }
    for (const [glyph, name] of Object.entries(UNARY)) {
      const value = this.byName.get(name);
      if (value !== undefined) this.unaries.set(glyph, value);
    }
    // A list literal's head is enlist, `,:` is another primitive: else (x;1) would read as x,:1.
    const enlist = this.byName.get("enlist");
    if (enlist?.kind === "primitive") {
      // Its `run` is asked for when it is wanted: in the executable that fetches a chunk (scripts/lazy.ts).
      const { name, category } = enlist.row;
      const row: PrimitiveRow = {
        name,
        category,
        ranks: [1],
        wire: [101, 12],
        get run() {
          return enlist.row.run;
        },
      };
      const comma = new Primitive(101, row, ",:");
      this.unaries.set(",", comma);
      this.codes.set(codeKey([101, 12]), comma);
    }
  }

  operator(glyph: string): Primitive | undefined {
    return this.byGlyph.get(glyph);
  }
  unaryForm(glyph: string): Value | undefined {
    return this.unaries.get(glyph);
  }
  keyword(name: string): Value | undefined {
    return this.byName.get(name);
  }
  isInfix(name: string): boolean {
    return this.infix.has(name);
  }
  iterator(code: number): Iterator {
    return this.iterators[code]!;
  }
  /** The primitive that travels as [type, code]. */
  byCode(type: number, code: number): Primitive | undefined {
    return this.codes.get(type * 256 + code);
  }
  /** All words a user can type, for the card test and completion. */
  names(): string[] {
    return [...this.byName.keys()];
  }
  /** True for a unary form used as the head of `x+:y`: which glyph it came from. */
  throughGlyph(head: Value): string | undefined {
    for (const [glyph, value] of this.unaries) if (value === head) return glyph;
    return undefined;
  }
}
