// Amending and appending: what comes out, who is changed and who is not, and that nothing leaks.

import { expect, test } from "bun:test";
import { amendAt, amendAtInPlace, amendDeep, assignAtInPlace, assignDeepInPlace } from "./amend.ts";
import { appendInPlace } from "./appending.ts";
import { T } from "./datatypes.ts";
import { sameValue } from "./hashing.ts";
import { join } from "./joining.ts";
import { mark, release, retain, sweep } from "./ownership.ts";
import { primitive, primitiveValue } from "./primitive.ts";
import type { Session } from "./session.ts";
import { usage } from "./storage.ts";
import type { Atom, List, Primitive, Table, Value, Vector } from "./values.ts";
import { dict, float, gather, itemAt, list, long, longs, string, symbol, symbols, table, vectorOf } from "./vectors.ts";

const operator = (glyph: string, run: (x: Value, y: Value) => Value): Primitive =>
  primitiveValue(primitive({ name: glyph, glyph, rank: 2, category: "list", run: (_, x, y) => run(x!, y!) }));
const session = {
  read: () => undefined,
  apply1: (f: Primitive, x: Value) => f.row.run(session, x),
  apply2: (f: Primitive, x: Value, y: Value) => f.row.run(session, x, y),
} as unknown as Session;
const ASSIGN = operator(":", (_, y) => y);
const JOIN = operator(",", (x, y) => join(session, x, y));
const ADD = operator("+", (x, y) => long(((x as Atom).value as number) + ((y as Atom).value as number)));

const same = (got: Value, want: Value) => expect(sameValue(got, want)).toBe(true);

test("an amended copy leaves the original alone", () => {
  const x = longs([10, 20, 30]);
  same(amendAt(session, x, long(1), ASSIGN, long(5)), longs([10, 5, 30]));
  same(amendAt(session, x, longs([0, 0, 2]), ADD, long(5)), longs([20, 20, 35]));
  same(x, longs([10, 20, 30]));
});

test("repeated indices accumulate in order, in a list and in a vector", () => {
  same(amendAt(session, longs([1, 2]), longs([0, 0, 1]), ADD, longs([1, 10, 100])), longs([12, 102]));
  const lists = list([longs([1]), longs([2])]);
  same(amendAt(session, lists, longs([1, 1]), JOIN, longs([5, 6])), list([longs([1]), longs([2, 5, 6])]));
});

test("a vector keeps its type, and a general list that became uniform is a vector", () => {
  expect(() => amendAt(session, longs([1, 2]), long(0), ASSIGN, float(1))).toThrow("type");
  expect(() => amendAt(session, longs([1, 2]), long(2), ASSIGN, long(1))).toThrow("length");
  const mixed = list([long(1), symbol("a")]);
  same(amendAt(session, mixed, long(1), ASSIGN, long(2)), longs([1, 2]));
});

test("a cross section is amended path by path", () => {
  const d = list([
    list([longs([1, 2, 3]), longs([4, 5, 6, 7])]),
    list([longs([8, 9]), long(10), longs([11, 12])]),
    list([longs([13, 14]), longs([15, 16, 17, 18]), longs([19, 20])]),
  ]);
  const y = list([longs([100, 200, 300]), longs([400, 500, 600])]);
  same(
    amendDeep(session, d, [longs([2, 0]), longs([0, 1, 0])], JOIN, y),
    list([
      list([longs([1, 2, 3, 400, 600]), longs([4, 5, 6, 7, 500])]),
      list([longs([8, 9]), long(10), longs([11, 12])]),
      list([longs([13, 14, 100, 300]), longs([15, 16, 17, 18, 200]), longs([19, 20])]),
    ]),
  );
});

test("a dictionary gets new keys, a table new columns", () => {
  const d = dict(symbols(["a"]), longs([1]));
  same(amendAt(session, d, symbol("b"), ASSIGN, long(2)), dict(symbols(["a", "b"]), longs([1, 2])));
  same(amendAt(session, d, symbol("c"), ADD, long(2)), dict(symbols(["a", "c"]), gather([long(1), long(2)])));
  const t = table(["a"], [longs([1, 2])]);
  same(amendAt(session, t, symbol("b"), ASSIGN, longs([3, 4])), table(["a", "b"], [longs([1, 2]), longs([3, 4])]));
  same(amendDeep(session, t, [long(1), symbol("a")], ASSIGN, long(9)), table(["a"], [longs([1, 9])]));
  same(t, table(["a"], [longs([1, 2])]));
});

/** A value that one variable alone holds. */
function held<V extends Value>(make: () => V): V {
  const from = mark();
  const v = make();
  retain(v);
  sweep(from);
  return v;
}

test("what one variable holds is changed where it stands, what another holds too is copied", () => {
  const x = held(() => longs([1, 2, 3]));
  expect(assignAtInPlace(session, x, long(0), long(9))).toBe(x);
  same(x, longs([9, 2, 3]));
  retain(x);
  const copy = assignAtInPlace(session, x, long(0), long(7));
  expect(copy).not.toBe(x);
  same(x, longs([9, 2, 3]));
  same(copy, longs([7, 2, 3]));
});

test("an item that only its list holds is changed in it; a shared one is copied", () => {
  const inner = held(() => longs([1, 2]));
  const outer = held(() => list([inner, longs([3, 4])]));
  const shared = outer.items[0]!;
  const own = outer.items[1]!;
  expect(assignDeepInPlace(session, outer, [long(1), long(0)], long(30))).toBe(outer);
  expect(outer.items[1]).toBe(own);
  expect(assignDeepInPlace(session, outer, [long(0), long(0)], long(10))).toBe(outer);
  expect(outer.items[0]).not.toBe(shared);
  same(inner, longs([1, 2]));
  same(outer, list([longs([10, 2]), longs([30, 4])]));
});

test("appending keeps a vector's type and takes a list as one item of a list of lists", () => {
  expect(() => appendInPlace(session, longs([1]), float(2), false)).toThrow("type");
  same(appendInPlace(session, list([longs([1, 2])]), longs([3, 4]), false), list([longs([1, 2]), longs([3, 4])]));
  same(appendInPlace(session, list([]), string("ab"), false), string("ab"));
  same(appendInPlace(session, symbols(["a"]), symbol("b"), false), symbols(["a", "b"]));
});

test("a table is checked as a whole before any column grows", () => {
  const t = held(() => table(["a", "b"], [longs([1]), symbols(["x"])]));
  expect(() => appendInPlace(session, t, list([long(2), long(3)]))).toThrow("type");
  expect((t.columns as Vector[]).map((c) => c.count)).toEqual([1, 1]);
  expect(appendInPlace(session, t, list([long(2), symbol("y")]))).toBe(t);
  same(t, table(["a", "b"], [longs([1, 2]), symbols(["x", "y"])]));
});

test("a keyed table is upserted: known keys change, new ones come last", () => {
  const keyed = () => dict(table(["k"], [symbols(["p", "q"])]), table(["v"], [longs([1, 2])]));
  const rows = table(["k", "v"], [symbols(["q", "r", "r"]), longs([20, 30, 31])]);
  const want = dict(table(["k"], [symbols(["p", "q", "r"])]), table(["v"], [longs([1, 20, 31])]));
  same(appendInPlace(session, keyed(), rows, false), want);
  const k = held(keyed);
  expect(appendInPlace(session, k, rows, true)).toBe(k);
  same(k, want);
});

test("s# stays while it is true, u# while no item comes twice, p# goes", () => {
  const attributed = (attribute: 1 | 2 | 3, items: number[]) =>
    held(() => {
      const v = longs(items);
      v.attribute = attribute;
      return v;
    });
  const after = (v: Vector, y: number) => (appendInPlace(session, v, long(y)) as Vector).attribute;
  expect(after(attributed(1, [1, 2]), 2)).toBe(1);
  expect(after(attributed(1, [1, 2]), 1)).toBe(0);
  expect(after(attributed(2, [1, 2]), 3)).toBe(2);
  expect(after(attributed(2, [1, 2]), 1)).toBe(0);
  expect(after(attributed(3, [1, 1]), 1)).toBe(0);
});

test("a vector that grows item by item moves rarely and is freed as a whole", () => {
  const before = usage().used;
  const x = held(() => longs([]));
  const places = new Set<number>();
  for (let i = 0; i < 100_000; i++) {
    expect(appendInPlace(session, x, long(i)) === x).toBe(true);
    places.add(x.at);
  }
  expect(x.count).toBe(100_000);
  expect(places.size).toBeLessThan(24);
  expect((itemAt(x, 77_777) as Atom).value).toBe(77_777);
  release(x);
  expect(usage().used).toBe(before);
});

test("amending in place over and over neither leaks nor frees what is still held", () => {
  const before = usage().used;
  const d = held(() => dict(symbols(["a", "b"]), list([longs([1]), string("x")])));
  for (let i = 0; i < 2_000; i++) {
    const from = mark();
    expect(assignAtInPlace(session, d, symbol("a"), longs([i, i]))).toBe(d);
    expect(amendAtInPlace(session, d, symbol("b"), JOIN, string("y"))).toBe(d);
    sweep(from);
  }
  const values = d.values as List;
  const from = mark();
  same(values.items[0]!, longs([1999, 1999]));
  sweep(from);
  expect((values.items[1] as Vector).count).toBe(2_001);
  release(d);
  expect(usage().used).toBe(before);
});

test("a mapped vector, whose bytes are a file's, is copied before it is amended", () => {
  const bytes = longs([1, 2, 3]);
  const mapped = held(() => {
    const v = vectorOf(T.long, []);
    v.at = bytes.at;
    v.count = 3;
    v.capacity = 0;
    return v;
  });
  const amended = assignAtInPlace(session, mapped, long(0), long(9));
  expect(amended).not.toBe(mapped);
  same(bytes, longs([1, 2, 3]));
  same(amended, longs([9, 2, 3]));
});

test("a table amended by name of column shares the other columns", () => {
  const t = table(["a", "b"], [longs([1, 2]), longs([3, 4])]);
  const amended = amendAt(session, t, symbol("a"), ASSIGN, longs([9, 9])) as Table;
  expect(amended.columns[1]).toBe(t.columns[1]!);
});
