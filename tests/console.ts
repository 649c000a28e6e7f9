// A console in the test's own process: what was typed goes in, the lines that kdb+ would print come out.

import { createSession, type QSession } from "#eval/session.ts";
import { formatConsole } from "#format/console.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { folderHost } from "./folder-host.ts";
import { type TestingHost, testingHost } from "./testing-host.ts";

export class TestConsole {
  readonly session: QSession;

  constructor(readonly host: TestingHost = testingHost()) {
    this.session = createSession(host);
  }

  /** Both outputs together, without trailing blanks; an error is a line that starts with a quote. */
  type(text: string): string[] {
    let lines: string[] = [];
    const { session } = this;
    const from = mark();
    session.context = this.context;
    // No step of a page takes long; one that loops is a failed step, not a hanging test.
    this.host.deadline.at = performance.now() + this.patienceMs;
    try {
      const { value, silent } = session.statement(Buffer.from(text, "utf8").toString("latin1"));
      if (!silent) lines = formatConsole(session, value);
    } catch (error) {
      if (error instanceof RangeError && /call stack/i.test(error.message)) lines = ["'stack"];
      else if (error instanceof QSignal) lines = [`'${error.text}`];
      else throw error;
    }
    this.context = session.context;
    sweep(from);
    const printed = this.host.written[1] + this.host.written[2];
    this.host.written[1] = this.host.written[2] = "";
    const all = `${printed}${lines.map((line) => `${line}\n`).join("")}`.replace(/\n$/, "");
    return (all === "" ? [] : all.split("\n")).map((line) => Buffer.from(line, "latin1").toString("utf8").trimEnd());
  }
  private context = "";
  patienceMs = 30_000;
}

export interface Step {
  in: string;
  out: string[];
  kind: "value" | "error" | "silent" | "skip";
  err?: string;
  elided?: boolean;
  why?: string;
  exec?: boolean;
  setup?: boolean;
  line?: number;
}

const trimBlank = (lines: readonly string[]): string[] => {
  const out = lines.map((line) => line.trimEnd());
  while (out.length > 0 && out[out.length - 1] === "") out.pop();
  return out;
};

/** undefined: as expected; else what came instead. */
export function compare(step: Step, printed: readonly string[]): string | undefined {
  const got = trimBlank(printed);
  const show = (): string => got.join("\n");
  if (step.kind === "silent") return got.length === 0 ? undefined : show();
  if (step.kind === "error") return got.some((line) => line.startsWith(`'${step.err ?? ""}`)) ? undefined : show();
  const want = trimBlank(step.out);
  for (let i = 0; i < Math.max(want.length, got.length); i++) {
    const w = want[i];
    const g = got[i];
    if (step.elided === true && w !== undefined) {
      if (w === "..") return undefined;
      if (w.endsWith("..") && g?.startsWith(w.slice(0, -2))) continue;
    }
    if (w !== g) return show();
  }
  return undefined;
}

/** The steps of one page in one fresh workspace. */
export function runSteps(steps: readonly Step[], report: (step: Step, wrong: string | undefined) => void): void {
  const folder = folderHost();
  const console = new TestConsole(folder.host);
  folder.attach(console.session);
  try {
    for (const step of steps) {
      if (step.kind === "skip" && step.exec !== true) continue;
      let printed: string[];
      try {
        printed = console.type(step.in);
      } catch (error) {
        printed = [`BUG ${error instanceof Error ? error.message : String(error)}`];
      }
      if (step.kind !== "skip") report(step, compare(step, printed));
    }
  } finally {
    folder.leave();
  }
}
