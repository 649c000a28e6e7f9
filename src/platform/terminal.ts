/** A terminal's modes and size, for line editing. What the keys mean is left to the console. */
import * as sys from "./sys.ts";

const TERMIOS_BYTES = 60;
const ICRNL = 0o400;
const IXON = 0o2000;
const BRKINT = 0o2;
const INPCK = 0o20;
const ISTRIP = 0o40;
const ECHO = 0o10;
const ICANON = 0o2;
const IEXTEN = 0o100000;
const ISIG = 0o1;
const VTIME = 5;
const VMIN = 6;

export interface RawMode {
  /** Puts the terminal back as it was. Safe to call twice. */
  restore(): void;
}

/**
 * Bytes as they are typed, no echo. Output processing stays (\n still returns the carriage). signals: whether
 * Ctrl-C still raises SIGINT. Returns minus errno where fd is no terminal.
 */
export function rawMode(fd: number, signals: boolean): RawMode | number {
  const before = new Uint8Array(new ArrayBuffer(TERMIOS_BYTES));
  const result = sys.getTerminal(fd, before);
  if (result < 0) return result;
  const raw = new Uint8Array(new ArrayBuffer(TERMIOS_BYTES));
  raw.set(before);
  const view = new DataView(raw.buffer);
  view.setUint32(0, view.getUint32(0, true) & ~(ICRNL | IXON | BRKINT | INPCK | ISTRIP), true);
  view.setUint32(12, view.getUint32(12, true) & ~(ECHO | ICANON | IEXTEN | (signals ? 0 : ISIG)), true);
  raw[17 + VMIN] = 1; // c_cc starts after four flags and c_line
  raw[17 + VTIME] = 0;
  const set = sys.setTerminal(fd, raw, 1);
  if (set < 0) return set;
  return { restore: () => void sys.setTerminal(fd, before, 1) };
}

/** Columns and rows, or undefined where fd is no terminal or does not know. */
export function terminalSize(fd: number): { columns: number; rows: number } | undefined {
  const size = new Uint16Array(new ArrayBuffer(8));
  const result = sys.ioctl(fd, 0x5413 /* TIOCGWINSZ */, size);
  return result < 0 || size[1] === 0 ? undefined : { columns: size[1], rows: size[0] };
}
