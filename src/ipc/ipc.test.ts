// The wire against kdb+'s own bytes (../shared/conformance/ipc.json, when it is there), and against itself: random
// values there and back, big-endian senders, broken bytes.

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { T } from "#values/datatypes.ts";
import { mark, own, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { U8, usage } from "#values/storage.ts";
import { symbolId } from "#values/symbols.ts";
import { Lambda, type Value, type Vector } from "#values/values.ts";
import {
  atom,
  dict,
  elementAt,
  floats,
  gather,
  list,
  long,
  longs,
  newVector,
  string,
  symbol,
  symbols,
  table,
  vectorOf,
} from "#values/vectors.ts";
import { compress, decompress } from "./compress.ts";
import { decodeMessage, decodePayload, errorText } from "./decode.ts";
import { encodeError, encodeMessage, encodePayload, encodeVector, messageLength } from "./encode.ts";
import { takeMessages } from "./frame.ts";
import { agreedCapability, greeting, parseGreeting } from "./handshake.ts";
import { stubVocabulary } from "./stub.testing.ts";

const shared = `${import.meta.dir}/../../../shared/conformance/ipc.json`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const decode = (message: Uint8Array): Value => decodeMessage(message, stubVocabulary);
const signalOf = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    if (e instanceof QSignal) return e.text;
    throw e;
  }
  return "";
};

describe.skipIf(!existsSync(shared))("kdb+'s own messages", () => {
  interface Pair {
    q: string;
    hex: string;
    fn: string;
    alt?: string[];
    opaque?: boolean;
  }
  const pairs = existsSync(shared) ? (JSON.parse(readFileSync(shared, "utf8")) as Pair[]) : [];
  for (const pair of pairs) {
    test(`${pair.fn} ${pair.q} comes back to the byte`, () => {
      const message = bytes(pair.hex);
      if (pair.fn === "error") {
        expect(errorText(message)).toBe("type");
        expect(hex(encodeError("type", 0))).toBe(pair.hex);
        return;
      }
      const again = hex(encodeMessage(decode(message), { compress: pair.fn === "-18!" }));
      expect([pair.hex, ...(pair.alt ?? [])]).toContain(again);
    });
  }
});
if (!existsSync(shared))
  console.warn("SKIPPED: ../shared/conformance/ipc.json is not there, no bytes of kdb+'s were compared");

// A generator with a seed that a failing test names.
function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const types = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
function randomVector(next: () => number, count: number, type = types[Math.floor(next() * types.length)]!): Vector {
  const v = newVector(type, count);
  if (type === T.symbol)
    for (let i = 0; i < count; i++)
      new Uint32Array(U8.buffer)[v.at / 4 + i] = symbolId("abc".repeat(next() * 4) + Math.floor(next() * 20));
  else
    for (
      let i = 0;
      i < count * (v.type === T.guid ? 16 : [0, 1, 0, 0, 1, 2, 4, 8, 4, 8, 1, 0, 8, 4, 4, 8, 8, 4, 4, 4][type]!);
      i++
    )
      U8[v.at + i] = type === 1 ? next() * 2 : next() * 120;
  if (next() < 0.2) v.attribute = 1;
  return v;
}
function randomValue(next: () => number, depth: number): Value {
  const kind = next();
  const count = Math.floor(next() * 20);
  if (depth > 3 || kind < 0.3) {
    const v = randomVector(next, Math.max(1, count));
    return atom(v.type, elementAt(v, 0));
  }
  if (kind < 0.6) return randomVector(next, count);
  if (kind < 0.8) return list(Array.from({ length: count }, () => randomValue(next, depth + 1)));
  if (kind < 0.85)
    return dict(randomVector(next, count), list(Array.from({ length: count }, () => randomValue(next, depth + 1))));
  if (kind < 0.9) return table(["a", "bc"], [randomVector(next, count), randomVector(next, count)]);
  if (kind < 0.95) return own(new Lambda("{x+y}", next() < 0.5 ? "" : ".d", []));
  return stubVocabulary.project(stubVocabulary.binary(1)!, [undefined, randomValue(next, depth + 1)]);
}

test("any value comes back as the bytes that it went out as", () => {
  for (let seed = 1; seed < 400; seed++) {
    const m = mark();
    const message = encodeMessage(randomValue(random(seed), 0));
    expect([seed, hex(encodeMessage(decode(message)))]).toEqual([seed, hex(message)]);
    sweep(m);
  }
});

test("the length of a message is known before it is made", () => {
  for (let seed = 1; seed < 50; seed++) {
    const value = randomValue(random(seed * 7919), 0);
    expect(messageLength(value)).toBe(encodeMessage(value).length);
  }
});

test("a message is written to the linear memory as to any other place", () => {
  const value = list([longs([1, 2, 3]), symbols(["a", "bc"])]);
  const v = encodeVector(value);
  expect(hex(U8.slice(v.at, v.at + v.count))).toBe(hex(encodeMessage(value)));
});

test("a big-endian sender is understood", () => {
  const pairs: [string, Value][] = [
    ["00000000 0000000d fa00000001", atom(T.int, 1)],
    ["00000000 00000026 0700 00000003 0000000000000001 0000000000000002 0000000000000003", longs([1, 2, 3])],
    ["00000000 00000016 0900 00000001 3ff0000000000000", floats([1])],
    ["00000000 00000012 0500 00000002 00010002", vectorOf(T.short, [1, 2])],
    ["00000000 00000016 0600 00000002 00000001 80000000", vectorOf(T.int, [1, -2147483648])],
  ];
  for (const [text, value] of pairs)
    expect(hex(encodeMessage(decode(bytes(text.replaceAll(" ", "")))))).toBe(hex(encodeMessage(value)));
});

test("a thousand symbols come back, repeated, long, empty and next to each other", () => {
  const texts = Array.from({ length: 5000 }, (_, i) => ["", "a", "a", "b".repeat(i % 300), `s${i}`, "é"][i % 6]!);
  const back = decode(encodeMessage(symbols(texts))) as Vector;
  expect(Array.from({ length: back.count }, (_, i) => elementAt(back, i))).toEqual(texts);
});

test("symbols go through the linear memory as through any other: few, many, long, empty, enumerated", () => {
  const kinds: ((i: number) => string)[] = [
    (i) => `s${i % 10}`,
    (i) => ["", "a", "seven77", "eight888", "b".repeat(i % 300), "é", "aaaaaaab", "aaaaaaac"][i % 8]!,
    (i) => `t${i}`,
    () => "",
  ];
  for (const kind of kinds) {
    for (const count of [4095, 4096, 4100, 70_000]) {
      const texts = Array.from({ length: count }, (_, i) => kind(i));
      const m = mark();
      const v = encodeVector(list([symbols(texts), long(1)]));
      expect(Buffer.compare(U8.subarray(v.at, v.at + v.count), encodeMessage(list([symbols(texts), long(1)])))).toBe(0);
      const back = decode(U8.subarray(v.at, v.at + v.count));
      const [column] = (back as { items: Value[] } & Value).items as [Vector];
      let wrong = 0;
      for (let i = 0; i < count; i++) if (elementAt(column, i) !== texts[i]) wrong++;
      expect([count, wrong]).toEqual([count, 0]);
      sweep(m);
    }
  }
  const indices = Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? -(2n ** 63n) : i % 5));
  const domain = (): Value => symbols(["one", "a longer one", "", "x"]);
  const enumerated = vectorOf(T.enum, indices, "sym");
  const sent = encodeVector(enumerated, { domain });
  expect(hex(U8.slice(sent.at, sent.at + sent.count))).toBe(hex(encodeMessage(enumerated, { domain })));
});

test("a symbol with a NUL in it ends there", () => {
  expect(hex(encodePayload(symbol("a\0b")))).toBe("f56100");
});

test("enumerations go out as the symbols of their domain, unknown ones as null, without a domain as numbers", () => {
  const v = vectorOf(T.enum, [1, 0, -(2n ** 63n), 9], "sym");
  const domain = (): Value => symbols(["ab", "c"]);
  expect(hex(encodePayload(v, { domain }))).toBe("0b0004000000630061620000" + "00");
  expect(hex(encodePayload(v))).toStartWith("0700040000000100000000000000");
  expect(hex(encodePayload(atom(T.enum, 0, "sym"), { domain }))).toBe("f5616200");
});

test("a foreign key goes out as the keys it points to", () => {
  const keyed = dict(table(["k"], [longs([10, 20])]), table(["v"], [longs([1, 2])]));
  expect(hex(encodePayload(vectorOf(T.enum, [1, 0], "t"), { domain: () => keyed }))).toBe(
    "07000200000014000000000000000a00000000000000",
  );
});

test("a guid does not go to who knows none", () => {
  expect(signalOf(() => encodeMessage(vectorOf(T.guid, []), { capability: 2 }))).toBe("type");
  expect(signalOf(() => encodeMessage(atom(T.timestamp, 0), { capability: 0 }))).toBe("type");
});

test("an error response signals its text, and the text may be had without a signal", () => {
  expect(signalOf(() => decode(encodeError("length")))).toBe("length");
  expect(errorText(encodeError("length"))).toBe("length");
  expect(errorText(encodeMessage(long(1)))).toBeUndefined();
});

test("a missing argument in the middle of a projection keeps its place", () => {
  const message = bytes("010000001d00000068030000006601" + "65ff" + "f90300000000000000");
  message[4] = message.length;
  expect(hex(encodeMessage(decode(message)))).toBe(hex(message));
});

test("til 1000 compresses to 3276 bytes, as the reference says", () => {
  const message = encodeMessage(longs(Array.from({ length: 1000 }, (_, i) => i)), { compress: true });
  expect(message.length).toBe(3276);
  expect(message[2]).toBe(1);
  expect(hex(encodeMessage(decode(message), { compress: true }))).toBe(hex(message));
});

test("what compresses comes back, of every length and repetition", () => {
  for (let seed = 1; seed < 200; seed++) {
    const next = random(seed);
    const message = new Uint8Array(8 + Math.floor(next() * 6000));
    const period = 1 + Math.floor(next() * 300);
    for (let i = 8; i < message.length; i++)
      message[i] = i > 8 + period && next() < 0.98 ? message[i - period]! : next() * 256;
    message.set([1, 0, 0, 0, message.length & 255, message.length >> 8, 0, 0]);
    const small = compress(message);
    if (small === undefined) continue;
    expect([seed, small.length < message.length / 2]).toEqual([seed, true]);
    expect([seed, hex(decompress(small))]).toEqual([seed, hex(message)]);
  }
});

describe("frames", () => {
  const one = encodeMessage(long(1), { type: 1 });
  test("whole messages are taken and the rest is kept, wherever the bytes are cut", () => {
    const stream = new Uint8Array([...one, ...one, ...one]);
    for (let cut = 0; cut <= stream.length; cut++) {
      const { messages, rest, wanted } = takeMessages(stream.subarray(0, cut));
      expect(messages.length).toBe(Math.floor(cut / one.length));
      expect(rest.length).toBe(cut % one.length);
      expect(wanted).toBe(rest.length < 8 ? 8 : one.length);
      for (const message of messages) expect(hex(message.bytes)).toBe(hex(one));
    }
  });
  test("what is no header is 'badmsg", () => {
    for (const bad of [
      "02010000 11000000",
      "01030000 11000000",
      "01010300 11000000",
      "01010000 08000000",
      "01010000 00000000",
      "01010001 11000000",
    ]) {
      expect(signalOf(() => takeMessages(bytes(bad.replace(" ", ""))))).toBe("badmsg");
    }
  });
});

describe("the greeting", () => {
  const parse = (text: string) => parseGreeting(new Uint8Array(Buffer.from(text, "latin1")));
  test("user, password and capability are read, and what follows is kept", () => {
    expect(parse("joe:se:cret\x06\0abc")).toEqual({
      kind: "q",
      user: "joe",
      password: "se:cret",
      capability: 6,
      rest: new Uint8Array([97, 98, 99]),
    });
    expect(parse("\x03\0")).toMatchObject({ kind: "q", user: "", password: "", capability: 3 });
    expect(parse("joe\0")).toMatchObject({ user: "joe", capability: 0 });
    expect(parse("\0")).toMatchObject({ user: "", capability: 0 });
  });
  test("it is waited for, but not for ever", () => {
    expect(parse("joe:secret\x06")).toEqual({ kind: "incomplete" });
    expect(parse("x".repeat(70000))).toMatchObject({ kind: "refused" });
    expect(parse("GET / HTTP/1.1\r\n")).toEqual({ kind: "http" });
  });
  test("a client's own greeting is understood", () => {
    expect(parseGreeting(greeting("a", "b"))).toMatchObject({ user: "a", password: "b", capability: 6 });
    expect(agreedCapability(9)).toBe(6);
    expect(agreedCapability(3)).toBe(3);
  });
});

test("broken bytes are 'badmsg or another value, never a crash, a bug or a leak", () => {
  const before = usage().used;
  for (let seed = 1; seed < 3000; seed++) {
    const next = random(seed);
    const m = mark();
    const message = encodeMessage(randomValue(next, 0)).slice();
    const changes = 1 + Math.floor(next() * 4);
    for (let i = 0; i < changes; i++) message[8 + Math.floor(next() * (message.length - 8))] = next() * 256;
    const cut = next() < 0.3 ? message.subarray(8, 8 + Math.floor(next() * (message.length - 8))) : message.subarray(8);
    try {
      decodePayload(cut, { vocabulary: stubVocabulary, file: next() < 0.5 });
    } catch (e) {
      if (!(e instanceof QSignal)) throw new Error(`seed ${seed}: ${hex(cut)}`, { cause: e });
    }
    sweep(m);
  }
  expect(usage().used).toBe(before);
});

test("broken compressed bytes are 'badmsg or other bytes", () => {
  const good = compress(encodeMessage(longs(Array.from({ length: 1000 }, (_, i) => i % 7))))!;
  for (let seed = 1; seed < 2000; seed++) {
    const next = random(seed);
    const message = good.slice(0, next() < 0.3 ? Math.floor(next() * good.length) : good.length);
    for (let i = 0; i < 3; i++) message[Math.floor(next() * message.length)] = next() * 256;
    try {
      decompress(message);
    } catch (e) {
      if (!(e instanceof QSignal)) throw new Error(`seed ${seed}`, { cause: e });
    }
  }
});

test("lists in lists that each claim all that follows cost no more than the bytes that came", () => {
  const message = new Uint8Array(4_000_000);
  const view = new DataView(message.buffer);
  for (let i = 0; i < 400; i++) view.setInt32(i * 6 + 2, Math.floor((message.length - i * 6 - 6) / 2), true);
  const before = process.memoryUsage().rss;
  expect(signalOf(() => decodePayload(message, { vocabulary: stubVocabulary }))).toBe("badmsg");
  expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000);
});

test("nesting has a bottom both ways", () => {
  const deep = new Uint8Array(600 * 6);
  for (let i = 0; i < deep.length; i += 6) deep.set([0, 0, 1, 0, 0, 0], i);
  expect(signalOf(() => decodePayload(deep, { vocabulary: stubVocabulary }))).toBe("badmsg");
  let value: Value = list([]);
  for (let i = 0; i < 600; i++) value = list([value]);
  expect(signalOf(() => encodeMessage(value))).toBe("stack");
});

test("columns of different lengths make no table", () => {
  const message = encodePayload(dict(symbols(["a", "b"]), list([longs([1]), longs([1, 2])])));
  expect(signalOf(() => decodePayload(new Uint8Array([98, 0, ...message]), { vocabulary: stubVocabulary }))).toBe(
    "badmsg",
  );
});

test("a gathered list of atoms travels as a vector", () => {
  expect(hex(encodePayload(gather([long(1), long(2)])))).toStartWith("0700");
  expect(hex(encodePayload(string("abc")))).toBe("0a0003000000616263");
});
