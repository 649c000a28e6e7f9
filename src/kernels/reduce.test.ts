// The reduce family against one plain loop, and the table against what the modules export.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Arena, infinities, isNull, type Letter, lengths, Random, type Value } from "./arena.testing.ts";
import { families, kernelRows } from "./table.ts";

const kernelNames = (): string[] => [...kernelRows().keys()];

const arena = new Arena();
const all: Letter[] = ["x", "h", "i", "j", "e", "f"];
const isFloat = (letter: string): boolean => letter === "e" || letter === "f";
/** Float sums differ in order only: compare to a few units of the sum of magnitudes. */
const close = (got: number, want: number, size: number): void => {
  if (Number.isFinite(want)) expect(Math.abs(got - want)).toBeLessThanOrEqual(size * 1e-13);
  else expect(got).toBe(want);
};

const least = (values: Value[], most: Value): Value => [...values, most].sort((a, b) => (a < b ? -1 : 1))[0]!;
const greatest = (values: Value[], most: Value): Value => [...values, most].sort((a, b) => (a > b ? -1 : 1))[0]!;
const finite = (values: Value[]): Value[] => values.map((a) => (a === Infinity || a === -Infinity ? 3 : a));

describe("table", () => {
  test("names exactly what the modules export, and no family reaches into another's static bytes", () => {
    const exported: string[] = [];
    for (const family of families) {
      const module = new WebAssembly.Module(readFileSync(join(import.meta.dir, "wasm", `${family}.wasm`)));
      for (const { name, kind } of WebAssembly.Module.exports(module)) {
        if (kind !== "function") continue;
        exported.push(name);
        expect(`${name} in ${kernelRows().get(name)?.family}`).toBe(`${name} in ${family}`);
      }
      const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
      expect(imports).toEqual(["env.memory"]);
    }
    expect(exported.sort()).toEqual([...kernelNames()].sort());
    expect(new Set(kernelNames()).size).toBe(kernelNames().length);
  });
  test("takes as many arguments as its row says", () => {
    for (const name of kernelNames()) {
      const count = kernelRows().get(name)!.args.split(" ").length;
      expect(`${name} ${(arena.kernels.get(name) as unknown as { length: number }).length}`).toBe(`${name} ${count}`);
    }
  });
  test("q's other letters share kernels, and what is not there is a bug", () => {
    expect(arena.kernels.get("add_p")).toBe(arena.kernels.get("add_j"));
    expect(arena.kernels.get("null_s")).not.toBe(arena.kernels.get("null_i"));
    expect(arena.kernels.has("eq_s")).toBe(true);
    expect(arena.kernels.has("add_g")).toBe(false);
    expect(() => arena.kernels.get("add_g")).toThrow("no kernel add_g");
  });
});

describe("reductions", () => {
  for (const letter of all) {
    test(`sum_${letter} and prd_${letter} skip nulls and tell how many were none`, () => {
      const random = new Random(letter.charCodeAt(0));
      for (const n of lengths) {
        for (const small of [10, 2]) {
          arena.reset();
          const x = isFloat(letter) ? finite(random.values(letter, n, small)) : random.values(letter, n, small);
          const some = x.filter((a) => !isNull(letter, a));
          const at = arena.place(letter, x);
          const r = arena.room(8);
          expect(arena.kernels.get(`sum_${letter}`)(at, n, r)).toBe(some.length);
          if (isFloat(letter)) {
            const floats = arena.read(letter, at, n).filter((a) => !isNull(letter, a)) as number[];
            close(
              arena.read("f", r, 1)[0] as number,
              floats.reduce((a, b) => a + b, 0),
              floats.reduce((a, b) => a + Math.abs(b), 0),
            );
          } else {
            const sum = some.reduce<bigint>((a, b) => a + BigInt(b), 0n);
            expect(arena.read("j", r, 1)[0]).toBe(BigInt.asIntN(64, sum));
          }
          expect(arena.kernels.get(`prd_${letter}`)(at, n, r)).toBe(some.length);
          if (isFloat(letter)) {
            const floats = arena.read(letter, at, n).filter((a) => !isNull(letter, a)) as number[];
            expect(arena.read("f", r, 1)[0]).toBe(floats.reduce((a, b) => a * b, 1));
          } else {
            const product = some.reduce<bigint>((a, b) => BigInt.asIntN(64, a * BigInt(b)), 1n);
            expect(arena.read("j", r, 1)[0]).toBe(product);
          }
          expect(arena.strays()).toEqual([]);
        }
      }
    });
    test(`min_${letter} and max_${letter} skip nulls, and give the far infinity when there is nothing else`, () => {
      const random = new Random(letter.charCodeAt(0) + 1);
      for (const n of lengths) {
        arena.reset();
        const x = random.values(letter, n);
        const at = arena.place(letter, x);
        const r = arena.room(8);
        const some = arena.read(letter, at, n).filter((a) => !isNull(letter, a));
        const [high, low] = infinities[letter];
        arena.kernels.get(`min_${letter}`)(at, n, r);
        expect(arena.read(letter, r, 1)[0]!).toBe(least(some, high));
        arena.kernels.get(`max_${letter}`)(at, n, r);
        expect(arena.read(letter, r, 1)[0]!).toBe(greatest(some, low));
        if (letter !== "x") expect(arena.kernels.get(`count_${letter}`)(at, n)).toBe(some.length);
      }
    });
  }
  test("float sums go in eight lanes, as the reference page on precision shows", () => {
    const n = 10_000_000;
    const at = 1 << 20;
    const view = new Float64Array(arena.memory.buffer, at, n);
    for (let i = 0; i < n; i++) view[i] = 1e-10 * i;
    arena.reset();
    const r = arena.room(8);
    arena.kernels.get("sum_f")(at, n, r);
    expect(arena.read("f", r, 1)[0]).toBe(4999.9995000000017);
    for (let i = 0; i < 7; i++) view[i] = 1 / 7;
    arena.kernels.get("sum_f")(at, 7, r);
    expect(arena.read("f", r, 1)[0]).toBe(0.99999999999999978);
  });
  test("a long column's float sum does not wrap", () => {
    arena.reset();
    const x = arena.place("j", [2n ** 62n, 2n ** 62n, 2n ** 62n, infinities.j[0], -(2n ** 63n)]);
    const r = arena.room(8);
    expect(arena.kernels.get("fsum_j")(x, 5, r)).toBe(4);
    expect(arena.read("f", r, 1)[0]).toBe(3 * 2 ** 62 + 2 ** 63);
  });
  test("any, all and count of booleans", () => {
    for (const n of lengths) {
      for (const at of [-1, 0, n - 1, n >> 1]) {
        arena.reset();
        const one = Array.from({ length: n }, (_, i) => Number(i === at));
        const other = one.map((bit) => 1 - bit);
        const hit = at >= 0 && at < n;
        const x = arena.place("x", one);
        const y = arena.place("x", other);
        expect(arena.kernels.get("any_b")(x, n)).toBe(Number(hit));
        expect(arena.kernels.get("all_b")(y, n)).toBe(Number(!hit));
        expect(arena.kernels.get("count_b")(x, n)).toBe(Number(hit));
        expect(arena.kernels.get("count_b")(y, n)).toBe(n - Number(hit));
      }
    }
    arena.bytes.fill(1, 1 << 20, (1 << 20) + 100_000);
    expect(arena.kernels.get("count_b")(1 << 20, 100_000)).toBe(100_000);
  });
  for (const pair of ["ff", "jf", "fj", "jj", "if", "fi", "ii", "ij", "ji"]) {
    test(`dot_${pair} sums x*y, x and y where neither is null`, () => {
      const [left, right] = [...pair] as [Letter, Letter];
      const random = new Random(77);
      for (const n of [...lengths, 1024, 1026, 3001]) {
        arena.reset();
        // clean vectors too: a block without nulls takes another way
        const some = (letter: Letter): Value[] =>
          finite(random.values(letter, n)).map((a) =>
            n % 2 === 0 && (isNull(letter, a) || Math.abs(Number(a)) > 2 ** 40) ? (letter === "j" ? 5n : 5) : a,
          );
        const x = some(left);
        const y = some(right);
        const r = arena.room(24);
        const both = [...x.keys()].filter((i) => !isNull(left, x[i]!) && !isNull(right, y[i]!));
        expect(arena.kernels.get(`dot_${pair}`)(arena.place(left, x), arena.place(right, y), n, r)).toBe(both.length);
        const got = arena.read("f", r, 3) as number[];
        const add = (of: (i: number) => number): [number, number] => [
          both.reduce((sum, i) => sum + of(i), 0),
          both.reduce((sum, i) => sum + Math.abs(of(i)), 0),
        ];
        close(got[0]!, ...add((i) => Number(x[i]) * Number(y[i])));
        close(got[1]!, ...add((i) => Number(x[i])));
        close(got[2]!, ...add((i) => Number(y[i])));
        expect(arena.strays()).toEqual([]);
      }
    });
  }
  test("squared distances from a mean, and products of two", () => {
    const random = new Random(78);
    for (const letter of ["i", "j", "e", "f"] as Letter[]) {
      for (const n of lengths) {
        arena.reset();
        const at = arena.place(letter, finite(random.values(letter, n)));
        const x = arena.read(letter, at, n).map((a) => (isNull(letter, a) ? Number.NaN : Number(a)));
        const r = arena.room(8);
        const some = x.filter((a) => !Number.isNaN(a));
        expect(arena.kernels.get(`sqdev_${letter}`)(at, n, arena.place("f", [2.5]), r)).toBe(some.length);
        const want = some.reduce((sum, a) => sum + (a - 2.5) ** 2, 0);
        close(arena.read("f", r, 1)[0] as number, want, want);
        const y = arena.place(
          "f",
          x.map((a) => 1 - a),
        );
        expect(arena.kernels.get("codev_f")(arena.place("f", x), y, n, arena.place("f", [1, -1]), r)).toBe(some.length);
        const product = some.map((a) => (a - 1) * (2 - a));
        close(
          arena.read("f", r, 1)[0] as number,
          product.reduce((a, b) => a + b, 0),
          product.reduce((a, b) => a + Math.abs(b), 0),
        );
      }
    }
  });
});
