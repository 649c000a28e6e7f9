// x?y, Find: the q semantics over search.ts (vectors, lists) and keys.ts (records of a table).

import { listOfRecords, recordOf, rowPosition } from "./keys.ts";
import { positionsToLongs } from "./picking.ts";
import { depthOf, foundIn, positionInList, positionInVector, positionsIn, rowPositions } from "./search.ts";
import type { Session } from "./session.ts";
import { signal } from "./signals.ts";
import type { List, Table, Value, Vector } from "./values.ts";
import { columnAt, dict, gather, long, rowCount, table } from "./vectors.ts";

/** x?y: where the items of y first stand in x; what is not there gets the count of x (from a dictionary: a null key). */
export function find(session: Session, x: Value, y: Value): Value {
  switch (x.kind) {
    case "vector":
      return findInVector(session, x, y);
    case "list":
      return findInList(session, x, y);
    case "table":
      return findInTable(session, x, y);
    default:
      throw signal("type", "only lists, dictionaries and tables are searched");
  }
}
function findInVector(session: Session, x: Vector, y: Value): Value {
  switch (y.kind) {
    case "atom": {
      const i = positionInVector(session, x, y);
      return long(i < 0 ? x.count : i);
    }
    case "vector":
      return foundIn(session, x, y);
    case "list":
      // Right-atomic over lists; an atom among them is not looked for, and as the first item it signals.
      if (y.items.length > 0 && y.items[0]!.kind === "atom")
        throw signal("type", "the items of a mixed list are not of one type");
      return gather(y.items.map((item) => (item.kind === "atom" ? long(x.count) : findInVector(session, x, item))));
    case "dict":
      return dict(y.keys, findInVector(session, x, y.values));
    case "table":
      return table(
        y.names,
        y.names.map((_, c) => findInVector(session, x, columnAt(y, c))),
      );
    default:
      throw signal("type", "a function is not found in a vector");
  }
}
function findInList(session: Session, x: List, y: Value): Value {
  const n = x.items.length;
  const depth = n === 0 ? 0 : depthOf(x.items[0]!);
  const whole = (key: Value) => {
    const i = positionInList(x, key);
    return i < 0 ? n : i;
  };
  // An atom never equals an item of a list of lists: `3 in (1 2;3)` is 0b.
  if (y.kind === "atom") return long(depth > 0 ? n : whole(y));
  if (y.kind !== "vector" && y.kind !== "list") return long(whole(y));
  if (depth > 0 && depthOf(y) <= depth) return long(whole(y));
  return positionsToLongs(positionsIn(session, x, y), n);
}
function findInTable(session: Session, x: Table, y: Value): Value {
  const n = rowCount(x);
  if (y.kind === "table") return positionsToLongs(rowPositions(session, x, y), n);
  const record = recordOf(x, y);
  if (record !== undefined) {
    const i = rowPosition(session, x, record);
    return long(i < 0 ? n : i);
  }
  return positionsToLongs(listOfRecords(session, x, y), n);
}
