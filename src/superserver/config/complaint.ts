/**
 * What is wrong with the world's text, collected: a place, how bad it is, and words that an operator can act on.
 * An error costs a service, an entry or a reload; a warning costs nothing; a fatal one stops the start.
 */
export interface Place {
  file: string;
  line: number;
  /** From 1; 0 where the whole line is meant. */
  column: number;
}

export type Severity = "fatal" | "error" | "warning" | "note";

export interface Complaint extends Place {
  severity: Severity;
  text: string;
  service?: string;
  /** What to write instead, where that is obvious. */
  fix?: string;
  /** What the real daemon would have done, where it is not the same. */
  others?: string;
}

export class Complaints {
  readonly list: Complaint[] = [];

  add(
    severity: Severity,
    place: Place,
    text: string,
    more: { service?: string; fix?: string; others?: string } = {},
  ): void {
    this.list.push({ severity, file: place.file, line: place.line, column: place.column, text, ...more });
  }

  error(place: Place, text: string, more: { service?: string; fix?: string; others?: string } = {}): void {
    this.add("error", place, text, more);
  }

  warn(place: Place, text: string, more: { service?: string; fix?: string; others?: string } = {}): void {
    this.add("warning", place, text, more);
  }

  get hasErrors(): boolean {
    return this.list.some((one) => one.severity === "error" || one.severity === "fatal");
  }

  get hasFatal(): boolean {
    return this.list.some((one) => one.severity === "fatal");
  }
}

/** "/etc/xinetd.d/kdbtaq:7:3: error: …" */
export function complaintText(one: Complaint): string {
  const column = one.column > 0 ? `:${one.column}` : "";
  const where = one.line > 0 ? `${one.file}:${one.line}${column}` : one.file;
  const fix = one.fix === undefined ? "" : ` (${one.fix})`;
  return `${where}: ${one.severity}: ${one.text}${fix}`;
}

/** The known word nearest to a mistyped one, if any is near: for "did you mean". */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, changes, and two neighbours swapped, each one step. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
