// Patterns of like, ss and ssr (basics/regex.md): ? is any character, [abc] [^a-z] one of a set, * any sequence. Text is
// a byte string; a pattern is parsed once and matched many times.

import { signal } from "#values/signals.ts";

/** One place of a pattern: a character, or which characters may stand here. */
export type Place = number | Uint8Array | "any" | "rest";

const ANY = "any" as const;
const REST = "rest" as const;

export function parsePattern(text: string): Place[] {
  const places: Place[] = [];
  for (let i = 0; i < text.length; ) {
    const c = text[i]!;
    if (c === "?") places.push(ANY);
    else if (c === "*") places.push(REST);
    else if (c === "[") {
      const end = endOfSet(text, i);
      if (end >= 0) {
        places.push(parseSet(text, i + 1, end));
        i = end + 1;
        continue;
      }
      places.push(text.charCodeAt(i));
    } else places.push(text.charCodeAt(i));
    i++;
  }
  return places;
}
/** Where the bracket closes; a ] that comes first stands for itself. */
function endOfSet(text: string, open: number): number {
  let i = open + 1;
  if (text[i] === "^") i++;
  return text.indexOf("]", text[i] === "]" ? i + 1 : i);
}
function parseSet(text: string, from: number, to: number): Uint8Array {
  let i = from;
  const negated = text[i] === "^" && i + 1 < to;
  if (negated) i++;
  const set = new Uint8Array(256).fill(negated ? 1 : 0);
  const inside = negated ? 0 : 1;
  while (i < to) {
    const first = text.charCodeAt(i);
    if (text[i + 1] === "-" && i + 2 < to) {
      for (let c = first; c <= text.charCodeAt(i + 2); c++) set[c] = inside;
      i += 3;
    } else {
      set[first] = inside;
      i++;
    }
  }
  return set;
}

export function matchesAt(places: readonly Place[], from: number, to: number, text: string, at: number): boolean {
  for (let p = from; p < to; p++) {
    const place = places[p]!;
    const c = text.charCodeAt(at + p - from);
    if (typeof place === "number") {
      if (place !== c) return false;
    } else if (place === ANY) {
      if (Number.isNaN(c)) return false;
    } else if (place === REST || !place[c]) return false;
  }
  return at + to - from <= text.length;
}

const plainText = (places: readonly Place[]): string | undefined =>
  places.every((p) => typeof p === "number") ? String.fromCharCode(...(places as number[])) : undefined;

/** Whether all of a text matches. Signals 'nyi for the patterns that kdb+ finds too difficult. */
export function compileLike(pattern: string): (text: string) => boolean {
  const places = parsePattern(pattern);
  const stars = places.flatMap((p, i) => (p === REST ? [i] : []));
  const n = places.length;
  if (stars.length === 0) {
    const plain = plainText(places);
    if (plain !== undefined) return (text) => text === plain;
    return (text) => text.length === n && matchesAt(places, 0, n, text, 0);
  }
  const pieces: Place[][] = [[]];
  for (const place of places) {
    if (place === REST) pieces.push([]);
    else pieces[pieces.length - 1]!.push(place);
  }
  const head = pieces[0]!;
  const tail = pieces[pieces.length - 1]!;
  const middle = pieces.slice(1, -1).filter((piece) => piece.length > 0);
  if (middle.length > 1 || (middle.length === 1 && tail.length > 0)) {
    throw signal("nyi", `${pattern} has too many *`);
  }
  const least = head.length + tail.length;
  const middlePiece = middle[0];
  const middleText = middlePiece === undefined ? undefined : plainText(middlePiece);
  return (text) => {
    if (text.length < least) return false;
    if (!matchesAt(head, 0, head.length, text, 0)) return false;
    if (!matchesAt(tail, 0, tail.length, text, text.length - tail.length)) return false;
    if (middlePiece === undefined) return true;
    const last = text.length - tail.length - middlePiece.length;
    if (middleText !== undefined) {
      const at = text.indexOf(middleText, head.length);
      return at >= 0 && at <= last;
    }
    for (let at = head.length; at <= last; at++)
      if (matchesAt(middlePiece, 0, middlePiece.length, text, at)) return true;
    return false;
  };
}

/** Where a pattern without * stands in a text, from left to right without overlaps. */
export function searchAll(text: string, pattern: string): number[] {
  const places = parsePattern(pattern);
  if (places.length === 0 || places.includes(REST)) throw signal("length", "ss matches texts of one length only");
  const found: number[] = [];
  const n = places.length;
  const plain = plainText(places);
  if (plain !== undefined) {
    for (let at = text.indexOf(plain); at >= 0; at = text.indexOf(plain, at + n)) found.push(at);
    return found;
  }
  for (let at = 0; at + n <= text.length; ) {
    if (matchesAt(places, 0, n, text, at)) {
      found.push(at);
      at += n;
    } else at++;
  }
  return found;
}
