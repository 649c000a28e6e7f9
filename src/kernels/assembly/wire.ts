// Symbols on the wire: NUL-terminated texts, end to end. Seven letters and their NUL are one 64-bit word, which is a text's
// whole identity; longer ones are left to JavaScript, which also fills the tables that these two look things up in.

/** id+1 of a text, 0 when it is in no slot. */
// @ts-ignore: decorator
@inline function find(slots: usize, mask: u32, key: u64): u32 {
  let slot = <u32>((key * 0x9e3779b97f4a7c15) >> 40) & mask;
  let entry = slots + (<usize>slot << 4);
  let id = load<u32>(entry, 8);
  while (id != 0 && load<u64>(entry) != key) {
    slot = (slot + 1) & mask;
    entry = slots + (<usize>slot << 4);
    id = load<u32>(entry, 8);
  }
  return id;
}

/**
 * Texts from `text` on become ids, as far as the slots know them: 16 bytes a slot, the text as a word, id+1 (0: empty).
 * Stops at a text that is not there, or too long, or too near to `end`; returns how many are done, [1024] where it stopped.
 */
export function getsymbols_s(text: usize, end: usize, n: u32, ids: usize, slots: usize, mask: u32): u32 {
  let at = text;
  let i: u32 = 0;
  const last = end - 8;
  while (i < n && at <= last) {
    const word = load<u64>(at);
    // The first zero byte gets its top bit; bits below it are left alone, bits above may be wrong.
    const zeros = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
    if (zeros == 0) break;
    const bits = ctz(zeros) & 56;
    const id = find(slots, mask, word & ((<u64>1 << bits) - 1));
    if (id == 0) break;
    store<u32>(ids, id - 1);
    ids += 4;
    i++;
    at += (<usize>bits >> 3) + 1;
  }
  store<u32>(1024, <u32>at);
  return i;
}

/**
 * Ids, `step` bytes apart, become texts at r: a table has 16 bytes for each id, the first eight bytes of its text, the
 * length with the NUL, the text's address. With a domain (ids of its symbols) they are 64-bit indices into it instead; what
 * is out of its limit is the empty text. May write seven bytes too many. Returns where the texts end.
 */
export function putsymbols_s(words: usize, n: u32, step: u32, domain: usize, limit: u32, table: usize, r: usize): usize {
  for (let i: u32 = 0; i < n; i++) {
    let id = load<u32>(words);
    if (domain) id = id < limit && load<u32>(words, 4) == 0 ? load<u32>(domain + (<usize>id << 2)) : 0;
    const entry = table + (<usize>id << 4);
    const length = load<u32>(entry, 8);
    if (length <= 8) store<u64>(r, load<u64>(entry));
    else memory.copy(r, load<u32>(entry, 12), length);
    r += length;
    words += step;
  }
  return r;
}
