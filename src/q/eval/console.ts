// What the console makes of a line: the answer as it is shown, or the error with its place. Whoever has a terminal (or a
// log) prints it; nothing is printed here.

import { formatConsole, isIdentity } from "#format/format.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { QSignal, TraceEntry } from "#values/signals.ts";
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
  const frames = placed(error.trace);
  const lines = [`'${error.text}`];
  const shown = allFrames ? frames : frames.slice(0, 1);
  shown.forEach((frame, i) => {
    lines.push(...frameLines(frame, frames.length - 1 - i));
  });
  return lines;
}

/** A statement of a script stands in the trace twice, once with its caret and once with its place: one entry says both. */
function placed(trace: readonly TraceEntry[]): TraceEntry[] {
  const frames: TraceEntry[] = [];
  for (const entry of trace) {
    const inner = frames[frames.length - 1];
    if (inner?.file === undefined && inner?.name === "" && entry.name === "" && inner.text === entry.text) {
      frames[frames.length - 1] = { ...entry, position: inner.position };
    } else frames.push(entry);
  }
  return frames;
}

function frameLines(frame: TraceEntry, level: number): string[] {
  const place = frame.file === undefined ? "" : `${frame.file}: `;
  const name = frame.name === "" ? "" : `${frame.name}:`;
  const head = `  [${level}]  ${place}${name}`;
  // Of a text of several lines only the one with the caret is worth showing.
  const position = Math.min(frame.position, frame.text.length);
  const start = frame.text.lastIndexOf("\n", position - 1) + 1;
  const end = frame.text.indexOf("\n", position);
  const line = frame.text.slice(start, end < 0 ? undefined : end);
  return [`${head}${line}`, `${" ".repeat(head.length + position - start)}^`];
}
