// What a q value is: a union tagged by `kind`, each with q's own type number in `type` (an atom's is negative).
// Creation and element access are in vectors.ts, life and death in ownership.ts.

import type { AttributeCode } from "./datatypes.ts";
import { allowance, collect } from "./garbage.ts";

export type Value =
  | Atom
  | Vector
  | List
  | Dict
  | Table
  | Lambda
  | Primitive
  | Iterator
  | Projection
  | Composition
  | Derived;

/** A function value, as `session.apply` takes it. */
export type Func = Lambda | Primitive | Iterator | Projection | Composition | Derived;

/**
 * small types: number. 64-bit types (long timestamp timespan): number when |v| < 2^53, else bigint — canonical, so the
 * null and the infinities are always bigints. real float datetime: number. char: its byte. symbol: byte string.
 * guid: 16 chars, one a byte. enum: the index, as a long.
 */
export type AtomValue = number | bigint | string;

/** Millions of them pass by: two fields, the kind on the prototype, a domain only where there is one. */
export class Atom {
  declare readonly kind: "atom";
  /** Name of the domain, for enumerations (-20h). */
  declare readonly domain?: string;
  constructor(
    /** Negative type number, -1 to -76. */
    readonly type: number,
    readonly value: AtomValue,
    domain?: string,
  ) {
    if (domain !== undefined) (this as { domain?: string }).domain = domain;
    if (--allowance.left < 0) collect();
  }
}
Object.defineProperty(Atom.prototype, "kind", { value: "atom" });

/** The bytes of a vector belong to someone else: a mapped file or another vector. Told when the last user is gone. */
export interface Backing {
  release(): void;
}

export class Vector {
  readonly kind = "vector" as const;
  /** Owners counted: variables, containers, the pool (ownership.ts). */
  refs = 0;
  /** Set while a hash or permutation for u# p# g# stands ready; whoever changes the elements clears it. */
  index: unknown = undefined;
  constructor(
    readonly type: number,
    public attribute: AttributeCode,
    public count: number,
    /** Byte address in the linear memory; 0 once freed. */
    public at: number,
    /** Bytes this vector owns and may grow into; 0 when the bytes are `backing`'s and read-only. */
    public capacity: number,
    public backing: Backing | undefined = undefined,
    readonly domain: string | undefined = undefined,
  ) {}
}

export class List {
  readonly kind = "list" as const;
  readonly type = 0;
  refs = 0;
  attribute: AttributeCode = 0;
  /** Where in its source text a parse-tree node's verb stands; only on nodes that the parser made. */
  position: number | undefined = undefined;
  /** Many strings in one piece, until somebody asks for `items` (vectors.ts, packedStrings). */
  packed: PackedStrings | undefined = undefined;
  constructor(readonly items: Value[]) {}
}

/** Strings one after another: string i is bytes[offsets[i]] up to bytes[offsets[i+1]]. */
export interface PackedStrings {
  /** A char vector. */
  readonly bytes: Vector;
  /** An int vector of count+1 items, read as unsigned. */
  readonly offsets: Vector;
  readonly count: number;
}

export class Dict {
  readonly kind = "dict" as const;
  readonly type = 99;
  refs = 0;
  /** 1 for a sorted (step) dictionary, wire type 127. */
  attribute: AttributeCode = 0;
  /** Key → position, built by search.ts when looked up often; whoever changes `keys` clears it. */
  index: unknown = undefined;
  /** `keys` and `values` are lists of one length; two tables make a keyed table. */
  constructor(
    public keys: Value,
    public values: Value,
  ) {}
}

/** Where a table's columns come from when they are not (yet) in memory: `db` implements it for files. */
export interface ColumnSource {
  readonly rowCount: number;
  /** The whole column, mapped or read; the table keeps it from then on. */
  column(name: string): Value;
}

export class Table {
  readonly kind = "table" as const;
  readonly type = 98;
  refs = 0;
  attribute: AttributeCode = 0;
  readonly partitioned: PartitionSource | undefined = undefined;
  constructor(
    public names: string[],
    /** A hole is a column that `source` has not been asked for yet: use tables.ts to get at columns. */
    public columns: (Value | undefined)[],
    public source: ColumnSource | undefined = undefined,
  ) {}
}

/** A table spread over partition folders. Only qSQL, `meta`, `cols`, `count` and .Q look behind it. */
export interface PartitionSource {
  /** The table's name, in the root of the database. */
  readonly name: string;
  /** date month year int: the virtual first column. */
  readonly field: string;
  /** Partition values as a vector (14h 13h 6h …), ascending, repeated where segments repeat them. */
  readonly values: Vector;
  /** Real columns, in .d order of the last partition. */
  readonly names: readonly string[];
  /** Rows of partition number p (position in `values`). */
  rowCount(p: number): number;
  /** A real column of partition p, mapped on first touch; a column missing there is filled with nulls or signals. */
  column(p: number, name: string): Value;
  /** May unmap what was touched and is no longer used. */
  forget?(p: number): void;
  /** .Q.bv: a partition without the table has it with no rows from now on, as the first or last that has it shows. */
  fillMissing?(prototype: "first" | "last"): void;
  /** True when partition p lacks the table. */
  isMissing?(p: number): boolean;
  /** .Q.view: the same table over some of all partitions, of which this one may already have fewer. */
  over?(positions: readonly number[]): PartitionSource;
}

export class Lambda {
  readonly kind = "lambda" as const;
  readonly type = 100;
  refs = 0;
  /** Compiled by eval on first use; opaque to everyone else. */
  compiled: unknown = undefined;
  /** The lambda in whose text this one stands: a trace names it after that one. */
  outer: Lambda | undefined = undefined;
  constructor(
    /** The text with its braces, as shown. */
    readonly source: string,
    /** "" for the root, ".foo" otherwise. */
    readonly context: string,
    readonly parameters: readonly string[],
    /** The statements' parse tree; undefined when decoded from the wire and not yet parsed. */
    public body: Value | undefined = undefined,
    /** k text (`k)` mode) parses by other rules. */
    readonly dialect: "q" | "k" = "q",
    /** Where it was defined, for traces: file name, and the offset of the text in it. */
    readonly file: string | undefined = undefined,
  ) {}
}

/** An operator or keyword: a row of the vocabulary. The nil `::` is one too. */
export class Primitive {
  readonly kind = "primitive" as const;
  refs = 0;
  constructor(
    /** 101 unary, 102 operator, and 100 … for keywords that are lambdas in kdb+ (type shows it so). */
    readonly type: number,
    readonly row: PrimitiveRow,
    /** How it is shown: `+`, `+:`, `count`, `,/`. */
    readonly text: string,
  ) {}
}

export class Iterator {
  readonly kind = "iterator" as const;
  readonly type = 103;
  refs = 0;
  /** 0 ' 1 / 2 \ 3 ': 4 /: 5 \: as on the wire. */
  constructor(readonly code: 0 | 1 | 2 | 3 | 4 | 5) {}
}
export const ITERATOR_TEXT = ["'", "/", "\\", "':", "/:", "\\:"] as const;

/** A function with some arguments given. `undefined` is a hole; arguments past the end of `given` are holes too. */
export class Projection {
  readonly kind = "projection" as const;
  readonly type = 104;
  refs = 0;
  constructor(
    readonly f: Value,
    readonly given: readonly (Value | undefined)[],
    /** Arguments still wanted. */
    readonly rank: number,
  ) {}
}

export class Composition {
  readonly kind = "composition" as const;
  readonly type = 105;
  refs = 0;
  /** Applied last first: (f;g;h) is f g h@. */
  constructor(readonly functions: readonly Value[]) {}
}

/** f' f/ f\ f': f/: f\: — f may be any value (a list or dict iterates as a map). */
export class Derived {
  readonly kind = "derived" as const;
  readonly type: number;
  refs = 0;
  constructor(
    readonly code: 0 | 1 | 2 | 3 | 4 | 5,
    readonly f: Value,
  ) {
    this.type = 106 + code;
  }
}

// ---- primitive rows (style.md §3) ---------------------------------------------------------------------------------

import type { Session } from "./session.ts";

export type Category =
  | "math"
  | "list"
  | "logic"
  | "sort"
  | "text"
  | "table"
  | "join"
  | "meta"
  | "io"
  | "env"
  | "interpret"
  | "iterators"
  | "sql";

/** Runs a primitive on as many arguments as its rank says. Signals are thrown. */
export type Run = (session: Session, ...args: Value[]) => Value;

export interface PrimitiveRow {
  /** The card's name: Add, Take, count … */
  readonly name: string;
  /** For operators. */
  readonly glyph?: string;
  /** Ranks it may be applied with; [2] for most operators. A list [2,3,4] is variadic (Trap At, Amend). */
  readonly ranks: readonly number[];
  readonly category: Category;
  /** True for keywords that stand between their arguments: `x in y`. */
  readonly infix?: boolean;
  /** [type byte, code] on the wire; undefined: travels as its q source (`source`) or cannot be sent. */
  readonly wire?: readonly [number, number];
  /** For keywords that kdb+ defines as lambdas or derived functions: what `type` says (100, 104, 107 …). */
  readonly shownType?: number;
  /** How kdb+ shows it when it is not its name (raze is ,/). */
  readonly shown?: string;
  readonly run: Run;
}
