// The console: standard input, line by line, to the session and its answers to 1 and 2. On a terminal there is an editor,
// a prompt and a banner; from a pipe or a file the lines are evaluated and nothing of our own is printed.

import { nodeFs } from "#platform/filesystem.ts";
import { EAGAIN, EINTR } from "#platform/errno.ts";
import { waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { type RawMode, rawMode, terminalSize } from "#platform/terminal.ts";
import { Editor } from "./editor.ts";
import { writeAll } from "./output.ts";

export interface Evaluator {
  /** One line as typed. What it shows goes to the output by itself. */
  line(text: string): void;
  /** `q)`, `q.foo)`. */
  prompt(): string;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** Lines of a descriptor, with what was read too far kept for the next. */
class Lines {
  private kept = "";
  ended = false;
  private readonly chunk = new Uint8Array(new ArrayBuffer(65536));

  constructor(readonly fd: number) {}

  /** One read of a descriptor that is ready. */
  fill(): void {
    if (this.ended) return;
    const count = sys.readBytes(this.fd, this.chunk);
    if (count > 0) this.kept += textOf(this.chunk.subarray(0, count));
    else if (count !== -EAGAIN && count !== -EINTR) this.ended = true;
  }
  /** The next whole line; at the end of input also one without an end. */
  take(): string | undefined {
    const end = this.kept.indexOf("\n");
    if (end < 0) {
      if (!this.ended || this.kept === "") return undefined;
      const last = this.kept;
      this.kept = "";
      return last;
    }
    const line = this.kept.slice(0, end).replace(/\r$/, "");
    this.kept = this.kept.slice(end + 1);
    return line;
  }
  /** read0 0: waits for a line. */
  wait(): string | undefined {
    for (;;) {
      const line = this.take();
      if (line !== undefined || this.ended) return line;
      waitFor(this.fd, sys.POLLIN);
      this.fill();
    }
  }
}

/** Standard input that is no terminal. */
class PipeConsole {
  readonly fd = 0;
  private readonly lines = new Lines(0);

  constructor(private readonly evaluator: Evaluator) {}

  ready(): boolean {
    this.lines.fill();
    for (let line = this.lines.take(); line !== undefined; line = this.lines.take()) this.evaluator.line(line);
    return !this.lines.ended;
  }
  readLine(): string | undefined {
    return this.lines.wait();
  }
  interrupted(): void {}
  end(): void {}
}

/** A terminal. */
class TerminalConsole {
  readonly fd = 0;
  private readonly editor: Editor;
  private mode: RawMode | number = -25;
  private typed: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly evaluator: Evaluator,
    private readonly quiet: boolean,
    private readonly historyFile: string,
  ) {
    this.editor = new Editor("", () => terminalSize(0)?.columns ?? 80, readHistory(historyFile));
    this.begin();
  }

  /** Drawn on the terminal itself, wherever 1 and 2 go. */
  private draw(text: string): void {
    if (text !== "") writeAll(0, Buffer.from(text, "utf8").toString("latin1"));
  }
  private begin(): void {
    // Ctrl-C stays a signal: it must reach a query that runs.
    this.mode = rawMode(0, true);
    this.draw(this.editor.start(this.quiet ? "" : this.evaluator.prompt()));
  }
  private leave(): void {
    if (typeof this.mode !== "number") this.mode.restore();
  }

  ready(): boolean {
    const chunk = new Uint8Array(new ArrayBuffer(4096));
    const count = sys.readBytes(0, chunk);
    if (count === -EAGAIN || count === -EINTR) return true;
    if (count <= 0) return this.close();
    this.typed = chunk.subarray(0, count);
    while (this.typed.length > 0) {
      const { event, output, rest } = this.editor.feed(this.typed);
      this.typed = rest;
      this.draw(output);
      if (event === undefined) continue;
      if (event.kind === "end") return this.close();
      if (event.kind === "line") {
        this.leave();
        this.evaluator.line(Buffer.from(event.text, "utf8").toString("latin1"));
      }
      this.begin();
    }
    return true;
  }
  private close(): boolean {
    this.end();
    return false;
  }
  /** The terminal as it was, the history on disk. Also called on the way out of the process. */
  end(): void {
    this.leave();
    writeHistory(this.historyFile, this.editor.lines);
  }

  /** read0 0: a cooked line, as any program would ask for it. */
  readLine(): string | undefined {
    this.leave();
    return new Lines(0).wait();
  }
  interrupted(): void {
    this.draw("^C\r\n");
    this.draw(this.editor.start());
  }
}

function readHistory(path: string): string[] {
  if (path === "") return [];
  try {
    return nodeFs()
      .readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return []; // no history yet, or none that we may read
  }
}

function writeHistory(path: string, lines: readonly string[]): void {
  if (path === "" || lines.length === 0) return;
  try {
    nodeFs().writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  } catch {
    // A home that cannot be written is no reason to disturb someone who is leaving.
  }
}

/** Where lines typed at a console are remembered: PERQ_HISTORY, or a file at home. */
function historyPath(program: string): string {
  const chosen = process.env["PERQ_HISTORY"];
  if (chosen !== undefined) return chosen;
  const home = process.env["HOME"];
  return home === undefined || home === "" ? "" : `${home}/.${program}_history`;
}

/** What reads standard input, whatever that is. */
export type Console = PipeConsole | TerminalConsole;

export const makeConsole = (evaluator: Evaluator, quiet: boolean): Console =>
  sys.isTerminal(0) ? new TerminalConsole(evaluator, quiet, historyPath("perq")) : new PipeConsole(evaluator);
