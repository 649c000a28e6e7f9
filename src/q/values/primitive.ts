// How a primitive is declared: one row, beside its page and its test (style.md §3). vocabulary.ts lists the rows.

import { assert } from "./signals.ts";
import { type Category, Primitive, type PrimitiveRow, type Run, type Value } from "./values.ts";
import type { Session } from "./session.ts";

export interface PrimitiveSpec {
  name: string;
  glyph?: string;
  rank: number | readonly number[];
  category: Category;
  infix?: boolean;
  wire?: readonly [number, number];
  shownType?: number;
  shown?: string;
  run: Run;
}

/** A row; `infix` keywords are binary. The value for q code is made from it by `primitiveValue`. */
export function primitive(spec: PrimitiveSpec): PrimitiveRow {
  const ranks = typeof spec.rank === "number" ? [spec.rank] : spec.rank;
  assert(ranks.length > 0, `${spec.name} has a rank`);
  return { ...spec, ranks };
}

export function primitiveValue(row: PrimitiveRow): Primitive {
  const type = row.shownType ?? (row.glyph !== undefined || (row.ranks[0] ?? 1) >= 2 ? 102 : 101);
  return new Primitive(type, row, row.shown ?? row.glyph ?? row.name);
}

/** Shorthands that say the rank in the type. */
export const unary = (
  spec: Omit<PrimitiveSpec, "rank" | "run"> & { run: (session: Session, x: Value) => Value },
): PrimitiveRow => primitive({ ...spec, rank: 1, run: spec.run as Run });
export const binary = (
  spec: Omit<PrimitiveSpec, "rank" | "run"> & { run: (session: Session, x: Value, y: Value) => Value },
): PrimitiveRow => primitive({ ...spec, rank: 2, run: spec.run as Run });
