// One level of the q stack as kdb+ shows it: where, the line of the text, and a caret under the verb.

import type { TraceEntry } from "#values/signals.ts";

/** `  [1]  f:{x+`a}` and the caret; of a text with several lines, the one that failed. */
export function traceLines(entry: TraceEntry, level: number): string[] {
  const place = entry.file === undefined || entry.file === "" ? "" : `${entry.file}: `;
  const name = entry.name === "" ? "" : `${entry.name}:`;
  const head = `  [${level}]  ${place}${name}`;
  const position = Math.min(entry.position, entry.text.length);
  const start = entry.text.lastIndexOf("\n", position - 1) + 1;
  const end = entry.text.indexOf("\n", position);
  const line = entry.text.slice(start, end < 0 ? undefined : end);
  return [`${head}${line}`, `${" ".repeat(head.length + position - start)}^`];
}
