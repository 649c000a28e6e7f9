// qSQL templates → functional forms, as kdb+'s `parse` shows them (basics/funsql.md).

import type { Value } from "#values/values.ts";
import { atom, dict, FALSE, gather, list, symbols, TRUE } from "#values/vectors.ts";
import { type Parser, uniqueName } from "./parse.ts";
import type { Token } from "./tokens.ts";

/** After the word select, exec, update or delete. */
export function parseTemplate(p: Parser, word: Token): Value {
  const start = word.start;
  let limit: Value[] = [];
  let distinct = false;
  if (word.text === "select" && p.is("open", "[") && !p.token.colon) {
    p.ordering = true;
    limit = p.brackets();
    p.ordering = false;
  }
  if ((word.text === "select" || word.text === "exec") && p.is("name", "distinct") && word.text === "select") {
    p.at++;
    distinct = true;
  }
  const columns = p.masked(() => phrase(p));
  let by: Column[] | undefined;
  if (p.is("name", "by")) {
    p.at++;
    const at = p.token.start;
    by = p.masked(() => phrase(p));
    const twice = columns.find(([name]) => by!.some(([other]) => other === name));
    if (word.text === "select" && twice !== undefined) throw p.error(`dup names for cols/groups ${twice[0]}`, at);
  }
  if (!p.is("name", "from")) throw p.error(p.token.kind === "end" ? "from" : p.token.text);
  p.at++;
  // The table expression stands under no phrase rules but ends at `where`; a comma after it belongs to an outer phrase.
  p.phrase = true;
  const source = p.expression().tree;
  const conditions: Value[] = [];
  if (p.is("name", "where")) {
    do {
      p.at++;
      p.phrase = true;
      conditions.push(p.masked(() => p.expression().tree));
    } while (p.is("operator", ","));
  }
  p.phrase = false;
  const where = conditions.length === 0 ? list([]) : list([list(conditions)]);
  const q = p.vocabulary.operator("?")!;
  const b = p.vocabulary.operator("!")!;
  switch (word.text) {
    case "select": {
      const grouping = by !== undefined ? columnsDict(by) : distinct ? TRUE : FALSE;
      const extra = limit.length === 0 ? [] : limitArguments(p, limit);
      return p.node(
        start,
        q,
        source,
        where,
        grouping,
        columns.length === 0 ? list([]) : columnsDict(columns),
        ...extra,
      );
    }
    case "exec": {
      const grouping =
        by === undefined ? list([]) : by.length === 1 && !by[0]![2] ? enlisted(by[0]![1]) : columnsDict(by);
      return p.node(start, q, source, where, grouping, execColumns(columns));
    }
    case "update":
      return p.node(start, b, source, where, by === undefined ? FALSE : columnsDict(by), columnsDict(columns));
    default: {
      const names = list([symbols(columns.map(([name]) => name))]);
      return p.node(start, b, source, where, FALSE, columns.length === 0 ? list([symbols([])]) : names);
    }
  }
}

type Column = [name: string, tree: Value, named: boolean];

function phrase(p: Parser): Column[] {
  const columns: Column[] = [];
  const explicit = new Set<string>();
  for (;;) {
    p.phrase = true;
    if (p.atEnd() && !p.is("operator", ",")) break;
    const t = p.token;
    const next = p.tokens[p.at + 1]!;
    const named = t.kind === "name" && next.kind === "operator" && next.text === ":" && !next.colon;
    const [name, tree] = p.namedExpression(columns.map(([n]) => n));
    if (named && explicit.has(name)) throw p.error(`dup names for cols/groups ${name}`, t.start);
    if (named) explicit.add(name);
    columns.push([
      named
        ? name
        : uniqueName(
            name,
            columns.map(([n]) => n),
          ),
      tree,
      named,
    ]);
    if (p.is("operator", ",")) p.at++;
    else break;
  }
  p.phrase = false;
  return columns;
}

function columnsDict(columns: readonly (readonly [string, Value, ...unknown[]])[]): Value {
  return dict(symbols(columns.map(([name]) => name)), gather(columns.map(([, tree]) => tree)));
}

/** exec of one unnamed column gives the list itself, of named or several ones a dictionary. */
function execColumns(columns: Column[]): Value {
  if (columns.length === 0) return list([]);
  if (columns.length === 1 && !columns[0]![2]) return enlisted(columns[0]![1]);
  return columnsDict(columns);
}

/** A single column's tree as an argument: a bare name is enlisted so that eval leaves it alone. */
function enlisted(tree: Value): Value {
  if (tree.kind === "atom" && tree.type === -11) return symbols([tree.value as string]);
  return list([tree]);
}

/** select[n], select[n;>c], select[>c], select[a b] */
function limitArguments(p: Parser, limit: Value[]): Value[] {
  const order = (tree: Value): Value | undefined => {
    if (tree.kind !== "list" || tree.items.length !== 2) return undefined;
    const head = tree.items[0]!;
    if (head.kind !== "primitive") return undefined;
    const up = p.vocabulary.unaryForm("<");
    const down = p.vocabulary.unaryForm(">");
    if (head !== up && head !== down) return undefined;
    return list([list([head, tree.items[1]!])]);
  };
  const first = order(limit[0]!);
  if (first !== undefined) return [atom(7, Number.MAX_SAFE_INTEGER), first];
  if (limit.length === 1) return [limit[0]!];
  return [limit[0]!, order(limit[1]!) ?? limit[1]!];
}
