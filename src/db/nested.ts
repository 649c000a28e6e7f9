// Nested columns of kdb+ before 3.6 (formats.md §6): `col` holds where each item ends, `col#` the elements of all items
// end to end. Read-only, as in kdb+ itself.

import { setIndex } from "#ipc/decode.ts";
import { datatypeOf, T } from "#values/datatypes.ts";
import { I32 } from "#values/storage.ts";
import type { List, Value } from "#values/values.ts";
import { list, newVector } from "#values/vectors.ts";
import { corrupt, exists } from "./files.ts";
import { emptyImage, type Image, type Images } from "./image.ts";
import type { Layout } from "./layouts.ts";

/** The domain of a nested enumeration is written nowhere; kdb+ knew one. */
const OLD_DOMAIN = "sym";

export function readNested(images: Images, ends: Image, layout: Layout): List {
  const type = layout.type - T.anymap;
  const heapPath = `${ends.path}#`;
  const datatype = datatypeOf(type);
  if (datatype === undefined || type === T.symbol) throw corrupt(ends.path, `nested type ${layout.type}`);
  const count = layout.count ?? 0;
  const heap = exists(heapPath) ? images.open(heapPath) : emptyImage(heapPath);
  try {
    const isEnum = type === T.enum;
    const width = isEnum ? 4 : datatype.width;
    const items: Value[] = new Array(count);
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends.count(layout.dataAt + 8 * i);
      if (!(end >= start)) throw corrupt(ends.path, `item ${i} ends at ${end}, before ${start}`);
      heap.need(start * width, (end - start) * width);
      items[i] = isEnum ? widened(heap, start, end - start) : heap.vector(type, end - start, width, start * width);
      start = end;
    }
    return list(items);
  } finally {
    heap.release();
  }
}

function widened(heap: Image, start: number, count: number): Value {
  const v = newVector(T.enum, count, OLD_DOMAIN);
  for (let i = 0; i < count; i++) setIndex(v.at, i, I32[heap.at / 4 + start + i]!);
  return v;
}
