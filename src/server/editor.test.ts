import { expect, test } from "bun:test";
import { Editor } from "./editor.ts";

/** Types keys into an editor and returns the lines it finished. */
function type(text: string, history: string[] = []): string[] {
  const editor = new Editor("q)", () => 80, history);
  editor.start();
  const lines: string[] = [];
  let rest: Uint8Array = new TextEncoder().encode(text);
  while (rest.length > 0) {
    const fed = editor.feed(rest);
    rest = fed.rest;
    if (fed.event?.kind === "line") {
      lines.push(fed.event.text);
      editor.start();
    } else if (fed.event !== undefined) lines.push(fed.event.kind);
  }
  return lines;
}

test.each([
  ["a line is what was typed", "til 5\r", ["til 5"]],
  ["backspace takes the character before the cursor", "tilx\x7f 5\r", ["til 5"]],
  ["arrows move, typing inserts", "tl\x1b[Di\x1b[C 5\r", ["til 5"]],
  ["home, end and delete", "xtil\x1b[H\x1b[3~\x1b[F 5\r", ["til 5"]],
  ["Ctrl-U, Ctrl-K, Ctrl-W", "junk\x15til 5 junk\x17\x01\x06\x06\x06\x06\x06\x0b\r", ["til 5"]],
  ["Ctrl-left and Ctrl-right go by words", "one two\x1b[1;5D\x1b[1;5D\x1b[1;5Cx\r", ["onex two"]],
  ["up brings the last line back", "1+1\r\x1b[A\r", ["1+1", "1+1"]],
  ["down returns to the draft", "1+1\r2\x1b[A\x1b[B+2\r", ["1+1", "2+2"]],
  ["UTF-8 characters are one key", '"é"\x1b[D\x7f\r', ['""']],
  ["Ctrl-D on an empty line ends", "\x04", ["end"]],
  ["Ctrl-D in a line deletes", "ab\x01\x04\r", ["b"]],
  ["Ctrl-C interrupts", "abc\x03", ["interrupt"]],
  ["two lines pasted are two lines", "1\r2\r", ["1", "2"]],
  ["an unknown escape is nothing", "1\x1b[99~2\r", ["12"]],
])("%s", (_, keys, lines) => {
  expect(type(keys)).toEqual(lines);
});

test("history from before is there", () => {
  expect(type("\x1b[A\x1b[A\r", ["first", "second"])).toEqual(["first"]);
});

test("a line longer than the window scrolls", () => {
  const editor = new Editor("q)", () => 20);
  editor.start();
  const { output } = editor.feed(new TextEncoder().encode("0123456789012345678901234567890"));
  expect(output).toBe("\rq)45678901234567890\x1b[K\r\x1b[19C");
});
