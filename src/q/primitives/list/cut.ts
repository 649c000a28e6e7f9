/**
 * x _ y. Drop: items, rows or entries from the front or the end. Cut: at a list of indices. A list on the left loses the
 * item at an index, a dictionary a key; keys and column names on the left are dropped from what is on the right.
 * x cut y: pieces of x items each, or Cut.
 */

import { T } from "#values/datatypes.ts";
import { isIndexType, pick, pickRows, positions } from "#values/picking.ts";
import { binary, primitive } from "#values/primitive.ts";
import { isKeyed } from "#values/records.ts";
import { positionsIn, rowPositions } from "#values/search.ts";
import { keyPosition } from "#values/keys.ts";
import type { Session } from "#values/session.ts";
import { signal } from "#values/signals.ts";
import { I32 } from "#values/storage.ts";
import type { Dict, Table, Value, Vector } from "#values/values.ts";
import {
  columnAt,
  countOf,
  dict,
  gather,
  integerOf,
  isList,
  itemsOf,
  list,
  symbolTexts,
  table,
} from "#values/vectors.ts";
import { span } from "./take.ts";

export function dropItems(n: number, y: Value): Value {
  const count = countOf(y);
  const dropped = Math.min(Math.abs(n), count);
  return span(y, n < 0 ? 0 : dropped, count - dropped);
}

function cutAt(indices: number[], y: Value): Value {
  const count = countOf(y);
  indices.forEach((at, k) => {
    if (!(at >= 0 && at <= count)) throw signal("domain", "a cut lies inside the list");
    if (k > 0 && at < indices[k - 1]!) throw signal("domain", "cuts are in order");
  });
  return list(indices.map((at, k) => span(y, at, (indices[k + 1] ?? count) - at)));
}

/** All but one item. */
function without(y: Value, at: number): Value {
  const count = countOf(y);
  if (!(at >= 0 && at < count)) return y;
  const kept: number[] = [];
  for (let i = 0; i < count; i++) if (i !== at) kept.push(i);
  return pick(y, positions(kept));
}
function withoutPositions(d: Dict, found: Vector): Dict {
  const gone = new Set<number>();
  for (let k = 0; k < found.count; k++) gone.add(I32[found.at / 4 + k]!);
  const kept: number[] = [];
  for (let i = 0; i < countOf(d.keys); i++) if (!gone.has(i)) kept.push(i);
  if (kept.length === countOf(d.keys)) return d;
  const at = positions(kept);
  if (isKeyed(d)) return dict(pickRows(d.keys, at), pickRows(d.values, at));
  return dict(pick(d.keys, at), pickKept(d.values, at));
}
/** What is left of a dictionary's general values stays general only as far as its items need it. */
const pickKept = (values: Value, at: Vector): Value => pick(values, at);

function dropKeys(session: Session, d: Dict, keys: Value): Value {
  if (keys.kind === "table") {
    if (d.keys.kind !== "table") throw signal("type", "the keys are not a table");
    return withoutPositions(d, rowPositions(session, d.keys, keys));
  }
  if (!isList(keys)) return withoutPositions(d, positions([keyPosition(session, d, keys)]));
  if (countOf(keys) === 0) return d;
  if (d.keys.kind === "table") return withoutPositions(d, positions([keyPosition(session, d, keys)]));
  return withoutPositions(d, positionsIn(session, d.keys, keys));
}

function dropColumns(t: Table, names: readonly string[]): Value {
  const kept = t.names.filter((name) => !names.includes(name));
  return table(
    kept,
    kept.map((name) => columnAt(t, t.names.indexOf(name))),
  );
}

export function dropOrCut(session: Session, x: Value, y: Value): Value {
  if (x.kind === "atom") {
    if (isIndexType(x.type) && y.kind !== "atom") {
      const n = integerOf(x);
      return Number.isNaN(n) ? y : dropItems(n, y);
    }
    if (y.kind === "dict") return dropKeys(session, y, x);
    throw signal("type", "a count, a key or a list is wanted on the left");
  }
  if (y.kind === "atom") {
    if (x.kind === "dict") return dropKeys(session, x, y);
    if ((isList(x) || x.kind === "table") && isIndexType(y.type)) return without(x, integerOf(y));
    throw signal("type", "an index or a key is wanted on the right");
  }
  if (y.kind === "dict" && (isList(x) || x.kind === "table" || x.kind === "dict")) {
    if (x.kind === "dict") return dropKeys(session, x, y);
    if (isKeyed(y) && x.kind === "vector" && x.type === T.symbol)
      return dict(y.keys, dropColumns(y.values, symbolTexts(x)));
    return dropKeys(session, y, x);
  }
  if (x.kind === "vector" && isIndexType(x.type)) return cutAt(itemsOf(x).map(integerOf), y);
  if (y.kind === "table" && x.kind === "vector" && x.type === T.symbol) return dropColumns(y, symbolTexts(x));
  if (isList(x) && countOf(x) === 0) return y.kind === "table" ? y : list([]);
  throw signal("type", "there is nothing to drop or to cut by");
}

export const drop = primitive({
  name: "Cut",
  glyph: "_",
  rank: 2,
  category: "list",
  wire: [102, 14],
  run: (session, x, y) => dropOrCut(session, x!, y!),
});

export const cut = binary({
  name: "cut",
  category: "list",
  infix: true,
  run: (session, x, y) => {
    if (x.kind !== "atom" || !isIndexType(x.type)) return dropOrCut(session, x, y);
    const size = integerOf(x);
    if (!(size > 0)) throw signal("domain", "pieces have at least one item");
    const source = y.kind === "atom" ? gather([y]) : y;
    const count = countOf(source);
    return list(
      Array.from({ length: Math.ceil(count / size) }, (_, k) =>
        span(source, k * size, Math.min(size, count - k * size)),
      ),
    );
  },
});
