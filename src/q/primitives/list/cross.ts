/** x cross y: every item of x joined with every item of y; of tables, every row with every row. */

import { join } from "#values/joining.ts";
import { pick, pickColumn, positions } from "#values/picking.ts";
import { binary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value, Vector } from "#values/values.ts";
import { columnAt, countOf, dict, gather, itemAt, itemsOf, list, table } from "#values/vectors.ts";

export function crossed(session: Session, x: Value, y: Value): Value {
  const nx = countOf(x);
  const ny = countOf(y);
  const left = (): Vector => positions(Array.from({ length: nx * ny }, (_, k) => Math.floor(k / ny)));
  const right = (): Vector => positions(Array.from({ length: nx * ny }, (_, k) => k % ny));
  if (x.kind === "table" && y.kind === "table") {
    const [l, r] = [left(), right()];
    const shared = x.names.map((name) => y.names.indexOf(name));
    const own = y.names.filter((name) => !x.names.includes(name));
    return table(
      [...x.names, ...own],
      [
        // A column of both tables is y's.
        ...x.names.map((_, c) =>
          shared[c]! < 0 ? pickColumn(columnAt(x, c), l) : pickColumn(columnAt(y, shared[c]!), r),
        ),
        ...own.map((name) => pickColumn(columnAt(y, y.names.indexOf(name)), r)),
      ],
    );
  }
  if (x.kind === "dict" && y.kind === "dict") {
    return dict(crossed(session, x.keys, y.keys), crossed(session, x.values, y.values));
  }
  if (x.kind === "vector" && y.kind === "vector" && x.type === y.type && x.domain === y.domain) {
    const a = pick(x, left());
    const b = pick(y, right());
    return list(Array.from({ length: nx * ny }, (_, k) => gather([itemAt(a, k), itemAt(b, k)])));
  }
  const ys = y.kind === "atom" ? [y] : itemsOf(y);
  const xs = x.kind === "atom" ? [x] : itemsOf(x);
  return gather(xs.flatMap((a) => ys.map((b) => join(session, a, b))));
}

export const cross = binary({ name: "cross", category: "list", infix: true, run: crossed });
