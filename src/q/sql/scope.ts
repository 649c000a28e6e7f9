// What a name means inside a query: a column's rows in scope, else a variable (basics/qsql.md, "Names in subphrases").

import { T } from "#values/datatypes.ts";
import { isKeyed } from "#values/records.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Dict, Table, Value, Vector } from "#values/values.ts";
import { columnAt, itemAt, rowCount, symbol } from "#values/vectors.ts";
import { matches } from "#values/matching.ts";
import { compose, range, repeat, retyped, type Rows, rowNumbers, takeRows } from "./rows.ts";

/** Whole columns, by name. */
export interface Columns {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** undefined: no such column. */
  column(name: string): Value | undefined;
  /** The one value of a column that is the same in every row (the partition field); it is stretched when wanted. */
  constant?(name: string): Value | undefined;
}

/** Columns narrowed to some rows. What was narrowed once is kept. */
export class Scope {
  private readonly narrowed = new Map<string, Value>();
  private numbers: Vector | undefined;

  constructor(
    readonly session: Session,
    readonly columns: Columns,
    readonly rows: Rows,
  ) {}

  get count(): number {
    return this.rows.count;
  }
  get isWhole(): boolean {
    return this.rows.isRange && this.rows.start === 0 && this.rows.count === this.columns.rowCount;
  }

  column(name: string): Value | undefined {
    const known = this.narrowed.get(name);
    if (known !== undefined) return known;
    const constant = this.columns.constant?.(name);
    const whole = constant === undefined ? this.columns.column(name) : repeat(constant, this.count);
    if (whole === undefined) return undefined;
    const value = this.isWhole || constant !== undefined ? whole : takeRows(whole, this.rows);
    this.narrowed.set(name, value);
    return value;
  }

  rowNumbers(): Vector {
    this.numbers ??= rowNumbers(this.rows);
    return this.numbers;
  }

  /** `inner` counts among the rows of this scope. */
  narrow(inner: Rows): Scope {
    if (inner.isRange && inner.start === 0 && inner.count === this.count) return this;
    return new Scope(this.session, this.columns, compose(this.rows, inner));
  }
}

export function wholeScope(session: Session, columns: Columns): Scope {
  return new Scope(session, columns, range(0, columns.rowCount));
}

/** A table's columns; those of a keyed table are its keys, then its values. */
export function tableColumns(t: Table): Columns {
  return {
    names: t.names,
    rowCount: rowCount(t),
    column: (name) => {
      const c = t.names.indexOf(name);
      return c < 0 ? undefined : columnAt(t, c);
    },
  };
}
export function keyedColumns(d: Dict): Columns {
  const keys = tableColumns(d.keys as Table);
  const values = tableColumns(d.values as Table);
  return {
    names: [...keys.names, ...values.names],
    rowCount: keys.rowCount,
    column: (name) => keys.column(name) ?? values.column(name),
  };
}

/** A name in an expression: a column, `i`, a column with `.fields` behind it, or a variable. */
export function lookUp(scope: Scope, name: string): Value {
  const column = scope.column(name);
  if (column !== undefined) return column;
  if (name === "i") return scope.rowNumbers();
  const dot = name.indexOf(".");
  if (dot > 0) {
    const parts = name.split(".");
    const base = scope.column(parts[0]!);
    if (base !== undefined) {
      let value = base;
      for (let k = 1; k < parts.length; k++) value = field(scope, value, parts[k]!);
      return value;
    }
  }
  const variable = scope.session.read(name);
  if (variable === undefined) throw userSignal(name, "neither a column nor a variable");
  return variable;
}

/** A link from one partitioned table to another points into the same partition. */
function partOf(scope: Scope, target: Table, name: string): Value | undefined {
  const source = target.partitioned!;
  const part = scope.columns.constant?.(source.field);
  if (part === undefined) throw signal("par", `a link to ${source.name} is followed from partition to partition`);
  for (let p = 0; p < source.values.count; p++)
    if (matches(itemAt(source.values, p), part))
      return source.names.includes(name) ? source.column(p, name) : undefined;
  throw signal("par", `${source.name} has no such partition`);
}

/** `s.name` follows a foreign key, `time.minute` takes part of a time, anything else is an index. */
function field(scope: Scope, value: Value, name: string): Value {
  const { session } = scope;
  const domain = value.kind === "vector" || value.kind === "atom" ? value.domain : undefined;
  if (domain !== undefined) {
    const target = session.read(domain);
    if (target !== undefined && isKeyed(target)) {
      const column = keyedColumns(target).column(name);
      if (column === undefined) throw userSignal(name, `no column of ${domain}`);
      return session.apply1(column, value.kind === "vector" ? retyped(value, T.long) : value);
    }
    if (target?.kind === "table") {
      const column = target.partitioned === undefined ? tableColumns(target).column(name) : partOf(scope, target, name);
      if (column === undefined) throw userSignal(name, `no column of ${domain}`);
      return session.apply1(column, value.kind === "vector" ? retyped(value, T.long) : value);
    }
    throw signal("type", `${domain} is no keyed table to look ${name} up in`);
  }
  if (value.kind === "dict" || value.kind === "table") return session.apply1(value, symbol(name));
  return session.apply2(session.primitive("$"), symbol(name), value);
}
