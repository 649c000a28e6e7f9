// What the console makes of a line: the answer as it is shown, or the error with its place. Whoever has a terminal (or a
// log) prints it; nothing is printed here.

import { formatConsole, isIdentity } from "#format/format.ts";
import { traceLines } from "#format/trace.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { QSignal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { string } from "#values/vectors.ts";
import type { QSession } from "./session.ts";

export interface Shown {
  readonly output: readonly string[];
  readonly error?: QSignal;
}

/** Evaluates a line as typed: through .z.pi when the user has set one, which then does the showing. */
export function consoleLine(session: QSession, text: string): Shown {
  if (text.trim() === "" || /^\s*\//.test(text)) return { output: [] };
  let failure: QSignal | undefined;
  let output: readonly string[] = [];
  const from = mark();
  session.trap(
    () => {
      const handler = session.read(".z.pi");
      if (handler !== undefined) return session.apply1(handler, string(`${text}\n`));
      const { value, silent } = session.statement(text);
      // A shell command without output gives (), which nobody wants to see.
      const isBare = value.kind === "list" && value.items.length === 0 && /^\s*\\/.test(text);
      if (!silent && !isBare) output = show(session, value);
      return session.words.nil;
    },
    (error) => {
      failure = error;
      return session.words.nil;
    },
  );
  sweep(from);
  return failure === undefined ? { output } : { output, error: failure };
}

/** The lines that the console prints for a value. */
export const show = (session: QSession, value: Value): readonly string[] =>
  isIdentity(value) ? [] : formatConsole(session, value);

/** `'type`, then where it happened: the innermost frame, or all of them. */
export function errorLines(error: QSignal, allFrames = false): string[] {
  const frames = error.trace;
  const lines = [`'${error.text}`];
  const shown = allFrames ? frames : frames.slice(0, 1);
  shown.forEach((frame, i) => {
    lines.push(...traceLines(frame, frames.length - 1 - i));
  });
  return lines;
}
