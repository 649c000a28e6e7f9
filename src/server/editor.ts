// A line editor for a terminal in raw mode: keys in, what to draw and finished lines out. Nothing is read or written
// here, so a test can type. One row: a line longer than the window scrolls sideways, as linenoise does.

export type EditorEvent =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "end" }
  | { readonly kind: "interrupt" };

const HISTORY = 1000;

type Key = (editor: Editor) => EditorEvent | undefined;

export class Editor {
  private line: string[] = [];
  private cursor = 0;
  private readonly history: string[];
  /** Position in the history; its length is the line being written. */
  private at: number;
  private draft = "";
  private bytes: number[] = [];
  private drawn = "";

  constructor(
    public prompt: string,
    /** Columns of the terminal, asked when drawing. */
    private readonly width: () => number,
    history: readonly string[] = [],
  ) {
    this.history = history.slice(-HISTORY);
    this.at = this.history.length;
  }

  /** Starts a new line. Returns what to draw. */
  start(prompt = this.prompt): string {
    this.prompt = prompt;
    this.line = [];
    this.cursor = 0;
    this.at = this.history.length;
    this.draft = "";
    return this.draw();
  }

  /** Bytes as typed. Stops at the first event; the bytes behind it come back as `rest`. */
  feed(input: Uint8Array): { event?: EditorEvent; output: string; rest: Uint8Array } {
    this.drawn = "";
    for (let i = 0; i < input.length; i++) {
      this.bytes.push(input[i]!);
      const key = takeKey(this.bytes);
      if (key === undefined) continue;
      const event = this.press(key);
      if (event !== undefined) return { event, output: this.drawn, rest: input.subarray(i + 1) };
    }
    if (input.length > 0) this.drawn += this.draw();
    return { output: this.drawn, rest: input.subarray(input.length) };
  }

  private press(key: string): EditorEvent | undefined {
    const action = keys[key];
    if (action !== undefined) return action(this);
    if (key >= " " && !key.startsWith("\x1b")) this.insert(key);
    return undefined;
  }

  // ---- what keys do ------------------------------------------------------------------------------------------------
  insert(text: string): void {
    this.line.splice(this.cursor++, 0, text);
  }
  finish(): EditorEvent {
    const text = this.line.join("");
    this.cursor = this.line.length;
    this.drawn += `${this.draw()}\r\n`;
    this.remember(text);
    return { kind: "line", text };
  }
  private remember(text: string): void {
    if (text.trim() === "" || this.history[this.history.length - 1] === text) return;
    this.history.push(text);
    if (this.history.length > HISTORY) this.history.shift();
  }
  interrupt(): EditorEvent {
    this.drawn += `${this.draw()}^C\r\n`;
    return { kind: "interrupt" };
  }
  deleteForward(): void {
    this.line.splice(this.cursor, 1);
  }
  /** Ctrl-D: on an empty line the end of input. */
  endOrDelete(): EditorEvent | undefined {
    if (this.line.length > 0) {
      this.deleteForward();
      return undefined;
    }
    this.drawn += `${this.draw()}\r\n`;
    return { kind: "end" };
  }
  move(to: number): void {
    this.cursor = Math.max(0, Math.min(this.line.length, to));
  }
  by(step: number): void {
    this.move(this.cursor + step);
  }
  home(): void {
    this.move(0);
  }
  last(): void {
    this.move(this.line.length);
  }
  word(direction: -1 | 1): void {
    const isWord = (i: number): boolean => /[\w.]/.test(this.line[i] ?? " ");
    let to = this.cursor + (direction < 0 ? -1 : 0);
    while (to >= 0 && to < this.line.length && !isWord(to)) to += direction;
    while (to >= 0 && to < this.line.length && isWord(to)) to += direction;
    this.move(direction < 0 ? to + 1 : to);
  }
  erase(from: number, to: number): void {
    const [low, high] = [Math.max(0, Math.min(from, to)), Math.max(from, to)];
    this.line.splice(low, high - low);
    this.cursor = low;
  }
  backspace(): void {
    if (this.cursor > 0) this.erase(this.cursor - 1, this.cursor);
  }
  eraseWord(): void {
    const end = this.cursor;
    this.word(-1);
    this.erase(this.cursor, end);
  }
  eraseToStart(): void {
    this.erase(0, this.cursor);
  }
  eraseToEnd(): void {
    this.erase(this.cursor, this.line.length);
  }
  recall(step: -1 | 1): void {
    const to = this.at + step;
    if (to < 0 || to > this.history.length) return;
    if (this.at === this.history.length) this.draft = this.line.join("");
    this.at = to;
    this.line = [...(to === this.history.length ? this.draft : this.history[to]!)];
    this.cursor = this.line.length;
  }
  clear(): void {
    this.drawn += "\x1b[H\x1b[2J";
  }

  /** The row as it stands now: back to its start, prompt, text, the rest wiped, cursor in place. */
  draw(): string {
    const room = Math.max(8, this.width() - this.prompt.length - 1);
    const from = Math.max(0, this.cursor - room);
    const shown = this.line.slice(from, from + room).join("");
    const column = this.prompt.length + this.cursor - from;
    return `\r${this.prompt}${shown}\x1b[K\r${column > 0 ? `\x1b[${column}C` : ""}`;
  }

  get lines(): readonly string[] {
    return this.history;
  }
}

const quiet =
  (act: (editor: Editor) => void): Key =>
  (editor) => {
    act(editor);
    return undefined;
  };

const keys: Readonly<Record<string, Key>> = {
  "\r": (e) => e.finish(),
  "\n": (e) => e.finish(),
  "\x03": (e) => e.interrupt(),
  "\x04": (e) => e.endOrDelete(),
  "\x7f": quiet((e) => e.backspace()),
  "\b": quiet((e) => e.backspace()),
  "\x01": quiet((e) => e.home()),
  "\x05": quiet((e) => e.last()),
  "\x02": quiet((e) => e.by(-1)),
  "\x06": quiet((e) => e.by(1)),
  "\x0b": quiet((e) => e.eraseToEnd()),
  "\x15": quiet((e) => e.eraseToStart()),
  "\x17": quiet((e) => e.eraseWord()),
  "\x0c": quiet((e) => e.clear()),
  "\x10": quiet((e) => e.recall(-1)),
  "\x0e": quiet((e) => e.recall(1)),
  "\t": quiet((e) => e.insert(" ")),
  "\x1b[A": quiet((e) => e.recall(-1)),
  "\x1bOA": quiet((e) => e.recall(-1)),
  "\x1b[B": quiet((e) => e.recall(1)),
  "\x1bOB": quiet((e) => e.recall(1)),
  "\x1b[C": quiet((e) => e.by(1)),
  "\x1bOC": quiet((e) => e.by(1)),
  "\x1b[D": quiet((e) => e.by(-1)),
  "\x1bOD": quiet((e) => e.by(-1)),
  "\x1b[H": quiet((e) => e.home()),
  "\x1bOH": quiet((e) => e.home()),
  "\x1b[1~": quiet((e) => e.home()),
  "\x1b[F": quiet((e) => e.last()),
  "\x1bOF": quiet((e) => e.last()),
  "\x1b[4~": quiet((e) => e.last()),
  "\x1b[3~": quiet((e) => e.deleteForward()),
  "\x1b[1;5C": quiet((e) => e.word(1)),
  "\x1b[1;5D": quiet((e) => e.word(-1)),
  "\x1bf": quiet((e) => e.word(1)),
  "\x1bb": quiet((e) => e.word(-1)),
};

/** A whole key at the front of the bytes, taken out; undefined when more bytes belong to it. */
function takeKey(bytes: number[]): string | undefined {
  const first = bytes[0]!;
  let length = 1;
  if (first === 0x1b) {
    if (bytes.length < 2) return undefined;
    const second = bytes[1]!;
    if (second === 0x5b) {
      const end = bytes.findIndex((byte, i) => i > 1 && byte >= 0x40 && byte <= 0x7e);
      if (end < 0) return bytes.length > 16 ? take(bytes, bytes.length) : undefined;
      length = end + 1;
    } else if (second === 0x4f) {
      if (bytes.length < 3) return undefined;
      length = 3;
    } else length = 2;
  } else if (first >= 0xc0) length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return bytes.length < length ? undefined : take(bytes, length);
}

function take(bytes: number[], length: number): string {
  return new TextDecoder().decode(Uint8Array.from(bytes.splice(0, length)));
}
