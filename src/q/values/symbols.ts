// The intern table of symbols. Text is a string of bytes (char code = byte), as all q text here; id 0 is the null symbol.
// It belongs to the process like the memory itself (docs/decisions/memory.md): ids are never seen by q code.

const ids = new Map<string, number>([["", 0]]);
const texts: string[] = [""];
let bytes = 1;

export function symbolId(text: string): number {
  const known = ids.get(text);
  if (known !== undefined) return known;
  const id = texts.length;
  texts.push(text);
  ids.set(text, id);
  bytes += text.length + 1;
  return id;
}
export const symbolText = (id: number): string => texts[id]!;
export const symbolCount = (): number => texts.length;
export const symbolBytes = (): number => bytes;

/** Orders texts as q does: by bytes. JS compares UTF-16 units, which for byte strings is the same. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
