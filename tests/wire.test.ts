// The wire from q's side: what a session makes of kdb+'s expressions, sent as kdb+ sends it (../shared/conformance/ipc.json).

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { encodeError, encodeMessage } from "#ipc/encode.ts";
import { createSession } from "#eval/session.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { testingHost } from "./testing-host.ts";

const shared = `${import.meta.dir}/../../shared/conformance/ipc.json`;
const there = existsSync(shared);
if (!there) console.warn("SKIPPED: ../shared/conformance/ipc.json is not there, no q expression's bytes were compared");

interface Pair {
  q: string;
  hex: string;
  fn: "-8!" | "-18!" | "error";
  setup?: string;
  alt?: string[];
  opaque?: boolean;
}
const pairs: Pair[] = there ? JSON.parse(readFileSync(shared, "utf8")) : [];

describe.skipIf(!there)("what kdb+ sends for an expression", () => {
  for (const pair of pairs.filter((p) => p.opaque !== true)) {
    test(`${pair.fn} ${pair.q}`, () => {
      const m = mark();
      const session = createSession(testingHost());
      if (pair.setup !== undefined) session.execute(pair.setup);
      let bytes: Uint8Array;
      try {
        const value = session.execute(pair.q);
        bytes = encodeMessage(value, { domain: (name) => session.read(name), compress: pair.fn === "-18!" });
      } catch (e) {
        if (!(e instanceof QSignal)) throw e;
        bytes = encodeError(e.text, 0);
      }
      expect([pair.hex, ...(pair.alt ?? [])]).toContain(Buffer.from(bytes).toString("hex"));
      sweep(m);
    });
  }
});
