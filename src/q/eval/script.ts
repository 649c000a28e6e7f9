// A script's text → the statements in it, as kdb+ reads a .q file: a line that starts with a blank (or with a lone
// closing bracket) continues the one before, `/` alone opens a comment that `\` alone closes, `\` alone ends the script.

export interface Part {
  readonly text: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

export function splitScript(source: string): Part[] {
  const parts: Part[] = [];
  let current: { text: string; line: number } | undefined;
  let commented = false;
  const lines = source.split("\n");
  const finish = (): void => {
    if (current !== undefined && current.text.trim() !== "") parts.push(current);
    current = undefined;
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.replace(/\r$/, "");
    if (i === 0 && line.startsWith("#!")) continue;
    const bare = line.trimEnd();
    if (commented) {
      if (bare === "\\") commented = false;
      continue;
    }
    if (bare === "/") {
      commented = true;
      continue;
    }
    if (bare === "\\") break;
    if (line.startsWith("/")) continue;
    if (bare === "") {
      if (current !== undefined) current.text += "\n";
      continue;
    }
    const continues =
      current !== undefined && (line.startsWith(" ") || line.startsWith("\t") || /^[}\])]+;?$/.test(bare));
    if (continues) current!.text += `\n${line}`;
    else {
      finish();
      current = { text: line, line: i + 1 };
    }
  }
  finish();
  return parts;
}
