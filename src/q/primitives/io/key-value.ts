// "S=;"0:text — text of keys and values to a list of the keys and a list of the values as strings (ref/file-text.md).

import { datatypeByLetter, T } from "#values/datatypes.ts";
import { signal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { list, newVector, setElement } from "#values/vectors.ts";
import { readerOf } from "../text/reading.ts";

const QUOTE = 34;

/** `spec`: key type, field separator, perhaps an asterisk (quotes protect separators), record separator. */
export function pairs(spec: string, text: Vector): Value {
  const quoted = spec.length === 4 && spec[2] === "*";
  if (spec.length !== 3 && !quoted) throw signal("length", "key type, field separator, record separator");
  if (!"SIJ".includes(spec[0]!)) throw signal("type", "keys are symbols, ints or longs");
  const fieldMark = spec.charCodeAt(1);
  const recordMark = spec.charCodeAt(spec.length - 1);
  const type = datatypeByLetter(spec[0]!.toLowerCase())!.number;
  const read = readerOf(type, 0);
  const ends = recordEnds(text, recordMark, quoted);
  const keys = newVector(type, ends.length);
  const values: Value[] = [];
  let from = text.at;
  ends.forEach((end, i) => {
    const length = U8.subarray(from, end).indexOf(fieldMark);
    const middle = length < 0 ? end : from + length;
    setElement(keys, i, read(U8, from, middle));
    let start = Math.min(end, middle + 1);
    let stop = end;
    if (quoted && stop - start >= 2 && U8[start] === QUOTE && U8[stop - 1] === QUOTE) {
      start++;
      stop--;
    }
    const value = newVector(T.char, stop - start);
    U8.copyWithin(value.at, start, stop);
    values.push(value);
    from = end + 1;
  });
  return list([keys, list(values)]);
}

/** Where records end; nothing follows a separator at the very end. */
function recordEnds(text: Vector, mark: number, quoted: boolean): number[] {
  const ends: number[] = [];
  const end = text.at + text.count;
  let inside = false;
  let last = text.at;
  for (let at = text.at; at < end; at++) {
    const c = U8[at];
    if (quoted && c === QUOTE) inside = !inside;
    else if (c === mark && !inside) {
      ends.push(at);
      last = at + 1;
    }
  }
  if (last < end) ends.push(end);
  return ends;
}
