/** meta x: a table's columns with their type letter, foreign key and attribute. Nested columns are upper case. */

import { attributeOf } from "#values/attributes.ts";
import { letterOf } from "#values/datatypes.ts";
import { enumDomain, isEnumType } from "#values/enumeration.ts";
import { unary } from "#values/primitive.ts";
import { namedColumns } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import type { Table, Value } from "#values/values.ts";
import { attributeLetter, dict, string, symbols, table } from "#values/vectors.ts";
import { type AnyTable, tableOf } from "./tables-by-name.ts";

interface Column {
  readonly name: string;
  readonly letter: string;
  readonly foreign: string;
  readonly attribute: string;
}

/** The letter of what a column's cells are, upper case for vectors: of a list the first cell tells (ref/file-text.md). */
function columnLetter(session: Session, column: Value): string {
  if (column.kind === "vector") {
    if (!isEnumType(column.type)) return letterOf(column.type);
    const domain = session.read(column.domain!);
    return domain === undefined ? "s" : letterOf(enumDomain(session, column.domain!).type);
  }
  if (column.kind !== "list" || column.items.length === 0) return " ";
  const first = column.items[0]!;
  if (first.kind !== "vector") return " ";
  return isEnumType(first.type) ? "S" : letterOf(first.type).toUpperCase();
}

/** The keyed table that an enumerated column points into, or the table that it links to. */
export function foreignKey(session: Session, column: Value): string {
  if (column.kind !== "vector" || !isEnumType(column.type)) return "";
  const domain = session.read(column.domain!);
  return domain !== undefined && (domain.kind === "dict" || domain.kind === "table") ? column.domain! : "";
}

function describe(session: Session, name: string, column: Value): Column {
  return {
    name,
    letter: columnLetter(session, column),
    foreign: foreignKey(session, column),
    attribute: attributeLetter(attributeOf(column)),
  };
}
function columnsOf(session: Session, t: AnyTable): Column[] {
  if (t.kind === "table" && t.partitioned !== undefined) return partitionedColumns(session, t);
  const { names, columns } = namedColumns(t);
  return names.map((name, c) => describe(session, name, columns[c]!));
}
/** What the last partition has stands for all. */
function partitionedColumns(session: Session, t: Table): Column[] {
  const source = t.partitioned!;
  const last = source.values.count - 1;
  return [
    { name: source.field, letter: letterOf(source.values.type), foreign: "", attribute: "" },
    ...source.names.map((name) => describe(session, name, source.column(last, name))),
  ];
}

export const meta = unary({
  name: "meta",
  category: "meta",
  run: (session, x) => {
    const columns = columnsOf(session, tableOf(session, x));
    return dict(
      table(["c"], [symbols(columns.map((c) => c.name))]),
      table(
        ["t", "f", "a"],
        [
          string(columns.map((c) => c.letter).join("")),
          symbols(columns.map((c) => c.foreign)),
          symbols(columns.map((c) => c.attribute)),
        ],
      ),
    );
  },
});
