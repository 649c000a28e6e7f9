// The map, compare, cast and math families against one plain function an item.
import { describe, expect, test } from "bun:test";
import {
  Arena,
  infinities,
  isNull,
  type Letter,
  lengths,
  nulls,
  Random,
  type Value,
  widthOf,
} from "./arena.testing.ts";

const arena = new Arena();
const TOLERANCE = 2 ** -43;

const isFloat = (letter: string): boolean => letter === "e" || letter === "f";

/** Wraps or rounds to the type. */
function fit(letter: Letter, a: Value): Value {
  if (letter === "j") return BigInt.asIntN(64, a as bigint);
  if (letter === "e") return Math.fround(a as number);
  if (letter === "f") return a;
  const bits = widthOf[letter] * 8;
  const whole = typeof a === "bigint" ? a : BigInt(a);
  return Number(letter === "x" ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole));
}

/** A whole number as a bigint: so that products of ints are exact. */
const big = (a: Value): bigint => (typeof a === "bigint" ? a : BigInt(a));

function toFloat(letter: Letter, a: Value): number {
  return isNull(letter, a) ? Number.NaN : Number(a);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const q = a / b;
  return q * b !== a && a < 0n !== b < 0n ? q - 1n : q;
}

type Item = (letter: Letter, a: Value, b: Value) => Value;

const strict =
  (whole: (a: bigint, b: bigint) => bigint, float: (a: number, b: number) => number): Item =>
  (letter, a, b) => {
    if (isFloat(letter)) return fit(letter, float(a as number, b as number));
    if (isNull(letter, a) || isNull(letter, b)) return nulls[letter]!;
    return fit(letter, whole(big(a), big(b)));
  };

const less = (letter: Letter, a: Value, b: Value): boolean => {
  if (isNull(letter, a)) return !isNull(letter, b);
  return !isNull(letter, b) && a < b;
};
const tolerantlyEqual = (letter: Letter, a: Value, b: Value): boolean => {
  if (isNull(letter, a) || isNull(letter, b)) return isNull(letter, a) && isNull(letter, b);
  if (a === b) return true;
  if (letter !== "f") return false;
  const x = a as number;
  const y = b as number;
  if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
  return Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
};
const whole =
  (integer: (a: bigint, b: bigint) => bigint, float: (a: number, b: number) => number): Item =>
  (letter, a, b) =>
    !isFloat(letter) && Number(b) === 0 ? nulls[letter]! : strict(integer, float)(letter, a, b);

const arithmetic: Record<string, Item> = {
  add: strict(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: strict(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: strict(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  div: whole(floorDivide, (a, b) => Math.floor(a / b)),
  mod: whole(
    (a, b) => a - b * floorDivide(a, b),
    (a, b) => a - b * Math.floor(a / b),
  ),
  xbar: (letter, x, y) =>
    whole(
      (a, b) => b * floorDivide(a, b),
      (a, b) => b * Math.floor(a / b),
    )(letter, y, x),
  lesser: (letter, a, b) => (less(letter, b, a) ? b : a),
  greater: (letter, a, b) => (less(letter, a, b) ? b : a),
  fill: (letter, a, b) => (isNull(letter, b) ? a : b),
};

const comparison: Record<string, Item> = {
  eq: (t, a, b) => Number(tolerantlyEqual(t, a, b)),
  ne: (t, a, b) => Number(!tolerantlyEqual(t, a, b)),
  lt: (t, a, b) => Number(less(t, a, b) && !tolerantlyEqual(t, a, b)),
  gt: (t, a, b) => Number(less(t, b, a) && !tolerantlyEqual(t, a, b)),
  le: (t, a, b) => Number(less(t, a, b) || tolerantlyEqual(t, a, b)),
  ge: (t, a, b) => Number(less(t, b, a) || tolerantlyEqual(t, a, b)),
};

/** 0 and -0 print alike and are equal in q. */
const plain = (values: Value[]): Value[] => values.map((a) => (Object.is(a, -0) ? 0 : a));

const shapes = [
  { shape: 0, says: "vector and vector" },
  { shape: 1, says: "item and vector" },
  { shape: 2, says: "vector and item" },
];

function binary(name: string, left: Letter, right: Letter, result: Letter, item: (a: Value, b: Value) => Value): void {
  const kernel = arena.kernels.get(name);
  const random = new Random(name.length * 7919 + left.charCodeAt(0));
  for (const { shape } of shapes) {
    for (const n of lengths) {
      for (let round = 0; round < (n < 20 ? 2 : 1); round++) {
        arena.reset();
        const x = random.values(left, shape === 1 ? 1 : n);
        const y = random.values(right, shape === 2 ? 1 : n);
        const r = arena.room(n * widthOf[result]);
        const atX = arena.place(left, x.length === 0 ? random.values(left, 1) : x);
        const atY = arena.place(right, y.length === 0 ? random.values(right, 1) : y);
        kernel(atX, atY, r, n, shape);
        const expected = Array.from({ length: n }, (_, i) => item(x[shape === 1 ? 0 : i]!, y[shape === 2 ? 0 : i]!));
        expect({ n, shape, x, y, r: plain(arena.read(result, r, n)) }).toEqual({ n, shape, x, y, r: plain(expected) });
        expect(arena.strays()).toEqual([]);
        // in place, over the operand that has the result's width
        const over = shape === 1 ? atY : atX;
        const width = widthOf[shape === 1 ? right : left];
        if (width === widthOf[result] && n > 0) {
          kernel(atX, atY, over, n, shape);
          expect(plain(arena.read(result, over, n))).toEqual(plain(expected));
        }
      }
    }
  }
}

describe("arithmetic", () => {
  for (const [name, item] of Object.entries(arithmetic)) {
    for (const suffix of arena.kernels.row(`${name}_f`)!.suffixes.filter((s) => s.length === 1)) {
      const letter = suffix as Letter;
      test(`${name}_${letter} is its item function on every length and shape, in place too`, () => {
        binary(`${name}_${letter}`, letter, letter, letter, (a, b) => item(letter, a, b));
      });
    }
  }
  for (const suffix of arena.kernels.row("divide_f")!.suffixes) {
    const left = suffix[0] as Letter;
    const right = (suffix[1] ?? left) as Letter;
    test(`divide_${suffix} gives floats, null to 0n`, () => {
      binary(`divide_${suffix}`, left, right, "f", (a, b) => toFloat(left, a) / toFloat(right, b));
    });
    if (suffix.length === 2) {
      test(`add, sub and mul of ${left} and ${right} give floats`, () => {
        binary(`add_${suffix}`, left, right, "f", (a, b) => toFloat(left, a) + toFloat(right, b));
        binary(`sub_${suffix}`, left, right, "f", (a, b) => toFloat(left, a) - toFloat(right, b));
        binary(`mul_${suffix}`, left, right, "f", (a, b) => toFloat(left, a) * toFloat(right, b));
      });
    }
  }
  test("timestamps divide exactly by units of time", () => {
    const random = new Random(5);
    const units = [1_000_000_000n, 60_000_000_000n, 300_000_000_000n, 86_400_000_000_000n, 3n, -7n, 1n << 40n];
    const times = Array.from(
      { length: 99 },
      () => 770_000_000_000_000_000n + BigInt(random.below(2 ** 30)) * 1_234_567_890n,
    );
    for (const unit of units) {
      for (const name of ["div", "mod", "xbar"]) {
        arena.reset();
        const x = arena.place("j", times);
        const by = arena.place("j", [unit]);
        const r = arena.room(times.length * 8);
        if (name === "xbar") arena.kernels.get("xbar_p")(by, x, r, times.length, 1);
        else arena.kernels.get(`${name}_p`)(x, by, r, times.length, 2);
        const expected = times.map((a) =>
          name === "xbar" ? arithmetic["xbar"]!("j", unit, a) : arithmetic[name]!("j", a, unit),
        );
        expect(arena.read("j", r, times.length)).toEqual(expected);
      }
    }
  });
});

describe("comparison", () => {
  for (const [name, item] of Object.entries(comparison)) {
    for (const letter of ["x", "h", "i", "j", "e", "f"] as Letter[]) {
      test(`${name}_${letter} is its item function on every length and shape`, () => {
        binary(`${name}_${letter}`, letter, letter, "x", (a, b) => item(letter, a, b));
      });
    }
  }
  test("floats a few units in the last place apart are equal within 2^-43, one by one and against one", () => {
    const random = new Random(11);
    const bases = [
      1,
      -1,
      96.1,
      -96.1,
      1e12,
      1e13,
      5e-324,
      1.7976931348623157e308,
      -1.7976931348623157e308,
      2 ** -1022,
      0.1,
      2 ** 40,
    ];
    for (const base of bases) {
      const bits = new BigInt64Array(new Float64Array([base]).buffer)[0]!;
      const near: number[] = [
        0,
        -0,
        base,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        base / 2,
        base * (1 - TOLERANCE),
        base * (1 + TOLERANCE),
      ];
      for (let i = 0; i < 60; i++) {
        const step = BigInt(i < 30 ? random.below(2100) : 500 + random.below(30)) * (i % 2 === 0 ? 1n : -1n);
        const other = new Float64Array(new BigInt64Array([bits + step]).buffer)[0]!;
        near.push(Number.isFinite(other) ? other : base);
      }
      for (const [name, item] of Object.entries(comparison)) {
        arena.reset();
        const x = arena.place("f", near);
        const y = arena.place(
          "f",
          near.map(() => base),
        );
        const r = arena.room(near.length);
        const expected = near.map((a) => item("f", a, base));
        arena.kernels.get(`${name}_f`)(x, y, r, near.length, 0);
        expect({ name, base, r: arena.read("x", r, near.length) }).toEqual({ name, base, r: expected });
        arena.kernels.get(`${name}_f`)(x, y, r, near.length, 2);
        expect({ name, base, r: arena.read("x", r, near.length) }).toEqual({ name, base, r: expected });
        arena.kernels.get(`${name}_f`)(y, x, r, near.length, 1);
        expect(arena.read("x", r, near.length)).toEqual(near.map((a) => item("f", base, a)));
      }
    }
  });
  test("within takes both ends", () => {
    const random = new Random(3);
    for (const letter of ["x", "h", "i", "j", "e", "f"] as Letter[]) {
      for (const n of lengths) {
        arena.reset();
        const x = random.values(letter, n);
        const bounds = random.values(letter, 2);
        const r = arena.room(n);
        arena.kernels.get(`within_${letter}`)(arena.place(letter, x), n, arena.place(letter, bounds), r);
        const expected = x.map((a) =>
          Number(comparison["ge"]!(letter, a, bounds[0]!) && comparison["le"]!(letter, a, bounds[1]!)),
        );
        expect(arena.read("x", r, n)).toEqual(expected);
        expect(arena.strays()).toEqual([]);
      }
    }
  });
  test("choose takes x where the boolean is set, either operand being one item, in place too", () => {
    const random = new Random(9);
    for (const [width, letter] of [
      [1, "x"],
      [2, "h"],
      [4, "i"],
      [8, "j"],
    ] as [number, Letter][]) {
      for (const shape of [0, 1, 2, 3]) {
        for (const n of lengths) {
          arena.reset();
          const b = Array.from({ length: n }, () => random.below(2));
          const x = random.values(letter, n + 1);
          const y = random.values(letter, n + 1);
          const atX = arena.place(letter, x);
          const r = arena.room(n * width);
          const atB = arena.place("x", b);
          const atY = arena.place(letter, y);
          arena.kernels.get(`choose_${width}`)(atB, atX, atY, r, n, shape);
          const expected = b.map((bit, i) => (bit ? x[shape & 1 ? 0 : i]! : y[shape & 2 ? 0 : i]!));
          expect(arena.read(letter, r, n)).toEqual(expected);
          expect(arena.strays()).toEqual([]);
          if (!(shape & 1)) {
            arena.kernels.get(`choose_${width}`)(atB, atX, atY, atX, n, shape);
            expect(arena.read(letter, atX, n)).toEqual(expected);
          }
        }
      }
    }
  });
  test("guids compare as sixteen unsigned bytes, choose and fill by sixteen", () => {
    arena.reset();
    const x = arena.place("x", [...Array(15).fill(0), 1, ...Array(16).fill(0), 255, ...Array(15).fill(0)]);
    const y = arena.place("x", [...Array(15).fill(0), 2, ...Array(16).fill(0), 1, ...Array(15).fill(9)]);
    const r = arena.room(3);
    const ask = (name: string): Value[] => {
      arena.kernels.get(`${name}_g`)(x, y, r, 3, 0);
      return arena.read("x", r, 3);
    };
    expect(ask("eq")).toEqual([0, 1, 0]);
    expect(ask("ne")).toEqual([1, 0, 1]);
    expect(ask("lt")).toEqual([1, 0, 0]);
    expect(ask("ge")).toEqual([0, 1, 1]);
    expect(ask("gt")).toEqual([0, 0, 1]);
    expect(ask("le")).toEqual([1, 1, 0]);
    arena.kernels.get("null_g")(x, r, 3);
    expect(arena.read("x", r, 3)).toEqual([0, 1, 0]);
    const g = arena.room(48);
    arena.kernels.get("choose_16")(arena.place("x", [1, 0, 0]), x, y, g, 3, 0);
    expect(arena.bytes[g + 15]).toBe(1);
    expect(arena.bytes[g + 32]).toBe(1);
    arena.kernels.get("fill_g")(y, x, g, 3, 1);
    expect(arena.bytes[g + 31]).toBe(2);
    expect(arena.strays()).toEqual([]);
  });
  test("match finds one difference anywhere", () => {
    for (const n of lengths) {
      for (const spoil of [-1, 0, n - 1, n >> 1]) {
        arena.reset();
        const x = Array.from({ length: n }, (_, i) => i & 127);
        const y = x.map((a, i) => (i === spoil ? 200 : a));
        const same = Number(spoil < 0 || spoil >= n);
        expect(arena.kernels.get("match_x")(arena.place("x", x), arena.place("x", y), n)).toBe(same);
        expect(arena.kernels.get("match_f")(arena.place("f", x), arena.place("f", y), n)).toBe(same);
        expect(arena.kernels.get("match_e")(arena.place("e", x), arena.place("e", y), n)).toBe(same);
      }
    }
  });
});

function unary(name: string, from: Letter, to: Letter, item: (a: Value) => Value, values?: Value[]): void {
  const kernel = arena.kernels.get(name);
  const random = new Random(name.length * 104729 + from.charCodeAt(0));
  for (const n of values === undefined ? lengths : [values.length]) {
    arena.reset();
    const x = values ?? random.values(from, n);
    const atX = arena.place(from, x);
    const r = arena.room(n * widthOf[to]);
    kernel(atX, r, n);
    const expected = plain(x.map(item));
    expect({ name, n, r: plain(arena.read(to, r, n)) }).toEqual({ name, n, r: expected });
    expect(arena.strays()).toEqual([]);
    if (widthOf[to] <= widthOf[from] && n > 0) {
      kernel(atX, atX, n);
      expect({ name, n, inPlace: plain(arena.read(to, atX, n)) }).toEqual({ name, n, inPlace: expected });
    }
  }
}

const numeric = ["h", "i", "j", "e", "f"] as Letter[];

/** Half up, saturating, as a bigint; undefined is null. */
function rounded(
  letter: Letter,
  a: Value,
  way: (x: number) => number = (x) => Math.floor(x + 0.5),
): bigint | undefined {
  if (isNull(letter, a)) return undefined;
  if (!isFloat(letter)) return big(a);
  const x = a as number;
  if (x >= 2 ** 63) return infinities.j[0] as bigint;
  if (x <= -(2 ** 63)) return infinities.j[1] as bigint;
  return BigInt(Math.abs(x) < 2 ** 52 ? way(x) : x);
}
function narrow(letter: Letter, a: bigint | undefined): Value {
  if (letter === "x") {
    if (a === undefined) return 0;
    const [high, low] = infinities.i as [number, number];
    return Number(BigInt.asUintN(8, a > BigInt(high) ? BigInt(high) : a < BigInt(low) ? BigInt(low) : a));
  }
  if (a === undefined) return nulls[letter]!;
  const [high, low] = infinities[letter];
  const within = a > BigInt(high) ? high : a < BigInt(low) ? low : a;
  return letter === "j" ? big(within) : Number(within);
}

describe("casts", () => {
  for (const from of ["x", ...numeric] as Letter[]) {
    for (const to of ["x", ...numeric] as Letter[]) {
      if (from === to) continue;
      test(`cast_${from}${to}`, () => {
        const halves = isFloat(from)
          ? [
              0.5,
              1.5,
              2.5,
              -0.5,
              -1.5,
              6.1,
              6.6,
              -6.1,
              -6.6,
              0.49999999999999994,
              2 ** 52 + 1,
              2 ** 62,
              -(2 ** 62),
              1e300,
              -1e300,
              4294967296.5,
            ]
          : [];
        const item = (a: Value): Value => {
          const x = from === "e" ? Math.fround(a as number) : a;
          if (isFloat(to)) return fit(to, toFloat(from, x));
          if (from === "x" && to !== "j") return a;
          return narrow(to, rounded(from, x));
        };
        unary(`cast_${from}${to}`, from, to, item);
        if (halves.length > 0) unary(`cast_${from}${to}`, from, to, item, halves);
      });
    }
    test(`cast_${from}b is 0<>x, not_${from} its opposite`, () => {
      unary(`cast_${from}b`, from, "x", (a) => Number(Number(a) !== 0));
      unary(`not_${from}`, from, "x", (a) => Number(Number(a) === 0));
    });
    test(`signum_${from}`, () => {
      unary(`signum_${from}`, from, "i", (a) => (isNull(from, a) || a < 0 ? -1 : Number(a) === 0 ? 0 : 1));
    });
  }
  test("null, neg and abs", () => {
    for (const letter of numeric) {
      unary(`null_${letter}`, letter, "x", (a) => Number(isNull(letter, a)));
      unary(`neg_${letter}`, letter, letter, (a) => (isNull(letter, a) ? a : -a));
      unary(`abs_${letter}`, letter, letter, (a) => (isNull(letter, a) || a >= 0 ? a : -a));
    }
    unary("null_c", "x", "x", (a) => Number(a === 32));
    unary("null_s", "i", "x", (a) => Number(a === 0));
  });
  test("floor and ceiling", () => {
    for (const letter of ["e", "f"] as Letter[]) {
      unary(`floor_${letter}`, letter, "j", (a) => narrow("j", rounded(letter, a, Math.floor)));
      unary(`ceiling_${letter}`, letter, "j", (a) => narrow("j", rounded(letter, a, Math.ceil)));
    }
    unary("floor_f", "f", "j", (a) => BigInt(Math.floor(a as number)), [-2.1, 0, 2.1, -0.5, 0.5, 1e15 + 0.5]);
  });
  test("elementary functions", () => {
    for (const name of ["sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"]) {
      const f = Math[name as "exp"];
      const values = [
        0,
        1,
        0.5,
        -0.25,
        0.99,
        2,
        10,
        100.5,
        -3,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ];
      arena.reset();
      const x = arena.place("f", values);
      arena.kernels.get(`${name}_f`)(x, x, values.length);
      const got = arena.read("f", x, values.length) as number[];
      values.forEach((a, i) => {
        const want = f(a);
        if (Number.isFinite(want)) expect(Math.abs(got[i]! - want)).toBeLessThanOrEqual(Math.abs(want) * 4e-16);
        else expect(got[i]!).toBe(want);
      });
    }
  });
});

describe("temporal", () => {
  const unlessNull = (to: Letter, from: Letter, a: Value, value: () => bigint): Value => {
    if (isNull(from, a)) return nulls[to]!;
    return narrow(to, value());
  };
  const units: bigint[] = [
    1n,
    1000n,
    60_000n,
    1_000_000n,
    1_000_000_000n,
    60_000_000_000n,
    3_600_000_000_000n,
    86_400_000_000_000n,
  ];
  for (const [from, to] of ["ji", "jj", "ii"].map((s) => [...s] as [Letter, Letter])) {
    test(`quotient_${from}${to} and part_${from}${to} floor and keep nulls; an infinity is a number like others`, () => {
      const random = new Random(21);
      for (const unit of units) {
        for (const n of [0, 1, 2, 3, 17, 40]) {
          arena.reset();
          const x = random.values(from, n);
          if (n === 40 && from === "j")
            for (let i = 0; i < 40; i += 3) x[i] = 700_000_000_000_000_000n + BigInt(random.below(2 ** 30)) * 54_321n;
          const atX = arena.place(from, x);
          const day = arena.place("j", [from === "j" ? 86_400_000_000_000n : 86_400_000n]);
          const by = arena.place("j", [unit]);
          const r = arena.room(n * widthOf[to]);
          arena.kernels.get(`quotient_${from}${to}`)(atX, by, r, n);
          expect(arena.read(to, r, n)).toEqual(x.map((a) => unlessNull(to, from, a, () => floorDivide(big(a), unit))));
          arena.kernels.get(`part_${from}${to}`)(atX, day, by, r, n);
          const whole = from === "j" ? 86_400_000_000_000n : 86_400_000n;
          expect(arena.read(to, r, n)).toEqual(
            x.map((a) => unlessNull(to, from, a, () => (big(a) - whole * floorDivide(big(a), whole)) / unit)),
          );
          expect(arena.strays()).toEqual([]);
        }
      }
    });
  }
  for (const [from, to] of ["ij", "ii", "jj"].map((s) => [...s] as [Letter, Letter])) {
    test(`scale_${from}${to} saturates`, () => {
      const random = new Random(22);
      for (const unit of units) {
        arena.reset();
        const x = random.values(from, 40);
        const r = arena.room(40 * widthOf[to]);
        arena.kernels.get(`scale_${from}${to}`)(arena.place(from, x), arena.place("j", [unit]), r, 40);
        expect(arena.read(to, r, 40)).toEqual(x.map((a) => unlessNull(to, from, a, () => big(a) * unit)));
      }
    });
  }
  test("the calendar agrees with JavaScript's from year 1 to 9999", () => {
    const epoch = Date.UTC(2000, 0, 1) / 86_400_000;
    const days: number[] = [];
    for (let d = -730119; d < 2921940; d += 97) days.push(d);
    days.push(0, -1, 59, 60, 365, 366, 2921939, -2147483648, 2147483647, -2147483647);
    arena.reset();
    const x = arena.place("i", days);
    const r = arena.room(days.length * 4);
    const ask = (name: string): number[] => {
      arena.kernels.get(name)(x, r, days.length);
      return arena.read("i", r, days.length) as number[];
    };
    const part = (of: (date: Date) => number): number[] =>
      days.map((d) => (Math.abs(d) > 2147483646 ? d : of(new Date((d + epoch) * 86_400_000))));
    expect(ask("year_d")).toEqual(part((d) => d.getUTCFullYear()));
    expect(ask("mm_d")).toEqual(part((d) => d.getUTCMonth() + 1));
    expect(ask("dd_d")).toEqual(part((d) => d.getUTCDate()));
    const months = part((d) => (d.getUTCFullYear() - 2000) * 12 + d.getUTCMonth());
    expect(ask("month_d")).toEqual(months);
    expect(ask("week_d")).toEqual(days.map((d) => (Math.abs(d) > 2147483646 ? d : d - ((((d - 2) % 7) + 7) % 7))));
    const m = arena.place("i", months);
    arena.kernels.get("date_m")(m, m, months.length);
    const first = ask("dd_d").map((dd, i) => (Math.abs(days[i]!) > 2147483646 ? days[i]! : days[i]! - dd + 1));
    expect(arena.read("i", m, months.length)).toEqual(first);
  });
  test("datetimes are meant to the millisecond", () => {
    const values = [
      0,
      1.5,
      -0.25,
      3563.547224791667,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e9,
    ];
    arena.reset();
    const x = arena.place("f", values);
    const r = arena.room(values.length * 8);
    arena.kernels.get("cast_zp")(x, r, values.length);
    expect(arena.read("j", r, values.length)).toEqual([
      0n,
      129_600_000_000_000n,
      -21_600_000_000_000n,
      307_890_480_222_000_000n,
      nulls.j!,
      infinities.j[0],
      infinities.j[1],
      infinities.j[0],
    ]);
    arena.kernels.get("cast_zd")(x, r, 7);
    expect(arena.read("i", r, 7)).toEqual([0, 1, -1, 3563, nulls.i!, infinities.i[0], infinities.i[1]]);
    arena.kernels.get("cast_zt")(x, r, 7);
    expect(arena.read("i", r, 7)).toEqual([
      0,
      43_200_000,
      64_800_000,
      47_280_222,
      nulls.i!,
      infinities.i[0],
      infinities.i[1],
    ]);
  });
});
