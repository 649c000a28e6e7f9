// Every kernel as data: its family (the WebAssembly module it is in), its name, the suffixes it exists for, its
// arguments in order, and what it does. A kernel's full name is `name_suffix` (`add_j`), or `name` alone where the
// suffix is empty. The build reads the families, a test compares the rows with what the modules export, and the
// loader answers from here without compiling anything.
//
// Arguments are numbers. The words used below:
//   x y v b at r …  byte addresses; the item at an address has the width of the suffix letter
//   n nx count …    numbers of items (bytes where the word says bytes)
//   shape           0: two vectors; 1: x is one item; 2: y is one item
//   scratch         working memory; `scratch` of the row says how many bytes, from the arguments it names
// What comes back is a JavaScript number: an exact count, or 0/1; nothing where no "returns" is written.
//
// Suffix letters are q's for the seven layouts x h i j e f g (b and c share x, p n are j, m d u v t are i, z is f,
// a symbol's id s is a u32 and is i where only equality counts): the loader maps the others to these.
// A suffix that is a number is an item's width in bytes. Two letters: of x and of y, or from and to.

/** One row of the table: a kernel in all its suffixes. */
export interface KernelRow {
  readonly family: Family;
  readonly name: string;
  readonly suffixes: readonly string[];
  readonly args: string;
  readonly says: string;
}

export const families = [
  "map",
  "compare",
  "cast",
  "math",
  "reduce",
  "select",
  "scan",
  "sort",
  "group",
  "join",
  "text",
  "fields",
  "wire",
] as const;
export type Family = (typeof families)[number];

/**
 * Where a family's own static bytes begin, inside the guard below 64 KiB. Families must not overlap, for their
 * modules live in one memory; [1024, 2048) is scratch that every kernel may use while it runs.
 */
export const staticBase: Record<Family, number> = {
  map: 2048,
  compare: 2048,
  cast: 2048,
  reduce: 2048,
  select: 2048,
  scan: 6144,
  sort: 6144,
  group: 6144,
  join: 6144,
  text: 6144,
  fields: 7168,
  wire: 6144,
  math: 8192,
};

const words = (text: string): string[] => text.split(" ");
const row = (family: Family, name: string, suffixes: string, args: string, says: string): KernelRow => ({
  family,
  name,
  suffixes: suffixes === "" ? [""] : words(suffixes),
  args,
  says,
});

const numbers = "i j e f";
const orderable = "x h i j e f";
const widths = "1 2 4 8 16";
const widthsOfIndices = "j1 j2 j4 j8 j16 i1 i2 i4 i8 i16";
const mixed = "jf fj if fi";

export const kernelTable = (): readonly KernelRow[] => [
  // Atomic arithmetic. r may be x or y.
  row(
    "map",
    "add",
    `${numbers} ${mixed}`,
    "x y r n shape",
    "x+y; integers: null if either is, else wraps; mixed letters give f",
  ),
  row("map", "sub", `${numbers} ${mixed}`, "x y r n shape", "x-y"),
  row("map", "mul", `${numbers} ${mixed}`, "x y r n shape", "x*y"),
  row("map", "divide", `${numbers} ${mixed}`, "x y r n shape", "x%y, always f (8 bytes an item), null to 0n"),
  row("map", "div", "i j f", "x y r n shape", "x div y: floor x%y in x's type; integer y of 0 gives null"),
  row("map", "mod", "i j f", "x y r n shape", "x mod y: x-y*x div y"),
  row("map", "xbar", "i j f", "x y r n shape", "x xbar y: y-y mod x"),
  row("map", "lesser", orderable, "x y r n shape", "x&y, null smallest; x is also AND of booleans"),
  row("map", "greater", orderable, "x y r n shape", "x|y; x is also OR of booleans"),
  row("map", "fill", "h i j e f", "x y r n shape", "x^y: y, but x where y is null"),
  row("map", "neg", "h i j e f", "x r n", "neg x; null stays null"),
  row("map", "abs", "h i j e f", "x r n", "abs x; null stays null"),

  // Booleans out of comparisons: r has a byte an item and overlaps neither operand.
  row("compare", "eq", `${orderable} g`, "x y r n shape", "x=y; null equals null; f is tolerant"),
  row("compare", "ne", `${orderable} g`, "x y r n shape", "x<>y"),
  row("compare", "lt", `${orderable} g`, "x y r n shape", "x<y; null is smallest; f is tolerant"),
  row("compare", "gt", `${orderable} g`, "x y r n shape", "x>y"),
  row("compare", "le", `${orderable} g`, "x y r n shape", "x<=y"),
  row("compare", "ge", `${orderable} g`, "x y r n shape", "x>=y"),
  row("compare", "within", orderable, "x n bounds r", "x within two items at bounds, both ends included"),
  row("compare", "not", orderable, "x r n", "not x: 0=x"),
  row("compare", "null", "h i j e f c s g", "x r n", "null x; c: a space, s: id 0, g: 16 zero bytes"),
  row("compare", "cast", "xb hb ib jb eb fb", "x r n", "`boolean$x: 0<>x, so a null is 1"),
  row("compare", "fill", "c s g", "x y r n shape", "x^y with these letters' nulls"),
  row(
    "compare",
    "choose",
    widths,
    "b x y r n shape",
    "?[b;x;y]; shape bits 1 and 2 say that x and that y is one item; r may be x or y",
  ),
  row(
    "compare",
    "match",
    "x e f",
    "x y n",
    "returns 1 if all n items are equal (x: bytes, so any exact type; f tolerant)",
  ),

  // Changing type. r may be x when its items are not wider.
  row(
    "cast",
    "cast",
    "xh xi xj xe xf hx hi hj he hf ix ih ij ie if jx jh ji je jf ex eh ei ej ef fx fh fi fj fe zp pz zd dz zt",
    "x r n",
    "x's values as another type; to a narrower integer saturates, from a float rounds halves up; z is to the millisecond, zt the time of day",
  ),
  row("cast", "floor", "e f", "x r n", "floor x as j"),
  row("cast", "ceiling", "e f", "x r n", "ceiling x as j"),
  row("cast", "signum", orderable, "x r n", "signum x as i; null is -1i"),
  row(
    "cast",
    "quotient",
    "ji jj ii",
    "x unit r n",
    "floor x%unit, to a coarser temporal; unit: a positive j; nulls carry over",
  ),
  row(
    "cast",
    "part",
    "ji jj ii",
    "x whole unit r n",
    "floor (x mod whole)%unit: hour of day, minute of hour, time of a timestamp",
  ),
  row("cast", "scale", "ij ii jj", "x unit r n", "x*unit, to a finer temporal, saturating; nulls carry over"),
  row("cast", "month", "d", "x r n", "the month of a date"),
  row("cast", "year", "d", "x r n", "the year of a date as i"),
  row("cast", "mm", "d", "x r n", "the month's number of a date, 1 to 12"),
  row("cast", "dd", "d", "x r n", "the day of the month of a date"),
  row("cast", "week", "d", "x r n", "the Monday on or before a date"),
  row("cast", "date", "m", "x r n", "the first date of a month"),

  // Elementary functions of floats. r may be x.
  ...["sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan"].map((name) =>
    row("math", name, "f", "x r n", `${name} x; nulls carry over`),
  ),

  // Reductions; the result is stored at r. Nulls are skipped.
  row(
    "reduce",
    "sum",
    orderable,
    "x n r",
    "sum x: x h i j give j, e f give f; returns the number of items that are not null",
  ),
  row("reduce", "fsum", "j", "x n r", "sum x as f, which does not wrap; returns the number not null"),
  row("reduce", "count", "b h i j e f", "x n", "returns the number not null; b: the number of ones"),
  row("reduce", "any", "b", "x n", "returns 1 if any is one"),
  row("reduce", "all", "b", "x n", "returns 1 if all are one"),
  row("reduce", "min", orderable, "x n r", "min x; 0W when all are null"),
  row("reduce", "max", orderable, "x n r", "max x; -0W when all are null"),
  row("reduce", "prd", orderable, "x n r", "prd x: integers give j, e f give f; returns the number not null"),
  row(
    "reduce",
    "dot",
    "ff jf fj jj if fi ii ij ji",
    "x y n r",
    "three f at r: sum x*y, sum x, sum y, over the items where neither is null; returns how many",
  ),
  row(
    "reduce",
    "sqdev",
    numbers,
    "x n mean r",
    "the f at r: sum of squares of x-mean; mean: one f; returns the number not null",
  ),
  row(
    "reduce",
    "codev",
    "f",
    "x y n means r",
    "the f at r: sum of (x-mx)*y-my; means: two f; returns the number of pairs not null",
  ),

  // Selecting and moving.
  row("select", "where", "b", "b n r count", "indices of the ones as j; count is count_b"),
  row("select", "where", "j", "counts n r", "where of counts: each index that often; r has sum counts items"),
  row("select", "compress", widths, "x b r count", "x where b; count is count_b"),
  row(
    "select",
    "index",
    widthsOfIndices,
    "x nx at n r missing",
    "x at indices (j or i), out of range gives the item at missing",
  ),
  row("select", "inrange", "j i", "at n limit", "returns 1 if every index is at least 0 and below limit"),
  row("select", "put", widths, "x at n v one", "x[at]:v in order, at in range; one: v is one item"),
  ...["add", "sub", "mul", "lesser", "greater"].map((name) =>
    row(
      "select",
      `${name}at`,
      "i j f",
      "x at n v one",
      `x[at] amended by ${name} with v, repeated indices accumulate; at in range`,
    ),
  ),
  row("select", "spread", widths, "r n v", "n copies of the item at v"),
  row("select", "zero", "", "r bytes", "zero bytes"),
  row("select", "copy", "", "r x bytes", "copy bytes; ranges may overlap"),
  row("select", "cycle", "", "x xBytes start r bytes", "x repeated from byte start until r is full (take)"),
  row("select", "reverse", widths, "x n r", "reverse x; r does not overlap x"),
  row("select", "iota", "j", "r n start step", "start+step*til n"),
  row("select", "til", "j i", "r n", "til n"),

  // Running and moving. r may be x, except for the moving ones. deltas: sub of x+width and x into r+width, n-1 items.
  row("scan", "sums", numbers, "x n r", "sums x; nulls as 0"),
  row("scan", "prds", numbers, "x n r", "prds x; nulls as 1"),
  row("scan", "mins", orderable, "x n r", "mins x; nulls skipped, 0W at first"),
  row("scan", "maxs", orderable, "x n r", "maxs x; nulls skipped, -0W at first"),
  row("scan", "avgs", "f", "x n r", "avgs x; nulls skipped"),
  row("scan", "msum", numbers, "x n w r", "w msum x; nulls as 0"),
  row("scan", "mavg", "f", "x n w r", "w mavg x: moving sum over moving count"),
  row("scan", "mdev", "f", "x n w r", "w mdev x"),
  row("scan", "mcount", "h i j e f", "x n w r", "w mcount x, as i"),
  row("scan", "mmin", orderable, "x n w r scratch", "w mmin x, w above 0, null smallest; scratch: w items"),
  row("scan", "mmax", orderable, "x n w r scratch", "w mmax x, w above 0, nulls as -0W; scratch: w items"),
  row("scan", "ema", "f", "a one y n r", "a ema y; one: a is one item"),
  row("scan", "fills", "h i j e f c s g", "x n r", "fills x"),

  // Sorting, stable. scratch: 16 bytes an item and 49152 more (guids: 8 an item). r overlaps nothing.
  row("sort", "iasc", `${orderable} g`, "x n r scratch", "iasc x as j; a symbol goes by its rank as i"),
  row("sort", "idesc", `${orderable} g`, "x n r scratch", "idesc x as j: equal items stay in order"),
  row("sort", "asc", orderable, "x n r scratch", "asc x"),
  row("sort", "desc", orderable, "x n r scratch", "desc x"),
  row("sort", "issorted", orderable, "x n", "returns 1 if no item is less than the one before"),
  row("sort", "invert", "j", "at n r", "the inverse of a permutation: rank from grade"),
  row("sort", "bin", orderable, "x nx y n r", "x bin y as j: the last item at or before y, -1 if none; exact"),
  row("sort", "binr", orderable, "x nx y n r", "x binr y as j: the first item at or after y"),

  // Equality in bulk, exact. scratch: hashBytes(items in the table) below, and scratchBytes says how many there are.
  row(
    "group",
    "ids",
    `${orderable} g`,
    "x n ids first scratch scratchBytes",
    "ids (u32, or address 0 for none): each item's number among the distinct; first (j, room for n): where each appeared; returns how many are distinct",
  ),
  row(
    "group",
    "find",
    `${orderable} g`,
    "x nx y n r scratch scratchBytes",
    "x?y as j: first index, else nx; the table holds x",
  ),
  row("group", "in", `${orderable} g`, "x nx y n r scratch scratchBytes", "y in x as booleans; the table holds x"),
  row("group", "findone", `${orderable} g`, "x nx y", "returns the first index of the one item at y, else nx"),
  row(
    "group",
    "counts",
    "i",
    "ids n groups counts scratch",
    "counts (j): items of each group; scratch: 16 bytes a group",
  ),
  row(
    "group",
    "positions",
    "i",
    "ids n groups counts at scratch",
    "at (j, n items): the positions of group 0, of group 1, …; scratch: 4 bytes a group",
  ),
  row("group", "combine", "i j", "a b nb n r", "r=(a*nb)+b of two vectors of group numbers, as i or j"),
  row("group", "gfirst", "i", "ids n r", "r (j): the first position of each group"),
  row("group", "glast", "i", "ids n r", "r (j): the last position of each group"),
  row(
    "group",
    "gsum",
    orderable,
    "ids x n groups r scratch",
    "sum x by group: j for x h i j, f for e f; scratch: 24 bytes a group",
  ),
  row("group", "gfsum", "j", "ids x n groups r scratch", "sum x by group as f; scratch: 24 bytes a group"),
  row(
    "group",
    "gcount",
    "h i j e f",
    "ids x n groups r scratch",
    "r (j): items not null by group; scratch: 24 bytes a group",
  ),
  row("group", "gprd", orderable, "ids x n groups r", "prd x by group: j for x h i j, f for e f"),
  row("group", "gmin", orderable, "ids x n groups r", "min x by group, 0W where all are null"),
  row("group", "gmax", orderable, "ids x n groups r", "max x by group, -0W where all are null"),
  row(
    "group",
    "gsqdev",
    numbers,
    "ids x n groups means r scratch",
    "r (f): sum of squares of x-mean by group; scratch: 24 bytes a group",
  ),
  row(
    "group",
    "gdot",
    "ff jf fj jj if fi ii",
    "ids x y n groups r scratch",
    "two f a group at r: sum x*y, sum x where neither is null; scratch: 48 bytes a group",
  ),

  // As-of and window joins. ids (j): each left row's group, anything not below groups for none; starts, ends (j): each
  // group's rows [start, end) of the right table, times ascending within; cursors: scratch of 4 bytes a group.
  row(
    "join",
    "asof",
    "i j f",
    "ids t n starts ends groups times r cursors",
    "r (j): the group's last row at or before t, 0N for none",
  ),
  row(
    "join",
    "asofg",
    "i j f",
    "ids t n starts ends groups times at r cursors",
    "the same where rows are at[start..end), at (j) as positions_i lists them",
  ),
  row(
    "join",
    "asofr",
    "i j f",
    "ids t n starts ends groups times r cursors",
    "r (j): the group's first row at or after t, its end if there is none; 0 for no group",
  ),
  row(
    "join",
    "winsum",
    orderable,
    "from to x n r counts",
    "sums (j, or f for e f) of x[from..to] both included, and counts (j) of items not null; empty if to is before from or null",
  ),
  row("join", "winmin", orderable, "from to x n r", "min of x[from..to], 0W if empty"),
  row("join", "winmax", orderable, "from to x n r", "max of x[from..to], -0W if empty"),

  // Text. Strings: bytes one after another, and offsets (u32), one more than there are strings.
  row(
    "text",
    "format",
    "h i j",
    "x n nulls offsets bytes",
    "string of each, at most 20 bytes; null is empty, or 0N if nulls is 1; returns the bytes written",
  ),
  row(
    "text",
    "format",
    "f",
    "x n nulls significant offsets bytes",
    "string of each with 1 to 17 significant digits (\\P), at most 24 bytes; null is empty or 0n; returns the bytes written",
  ),
  row("text", "parse", "h i j", "bytes offsets n r", "Tok of each to a whole number; null where it is none"),
  row(
    "text",
    "parse",
    "f",
    "bytes offsets n r doubtful",
    "Tok of each to a float; doubtful: a byte each, 1 where the caller must read it another way; returns how many",
  ),
  row("text", "like", "c", "bytes offsets n pattern patternBytes r", "each string like pattern, as booleans"),
  row(
    "text",
    "search",
    "c",
    "text n from part partBytes",
    "returns the first place from `from` on where part stands in text, n if nowhere",
  ),
  row("text", "lower", "c", "x r n", "lower x"),
  row("text", "upper", "c", "x r n", "upper x"),

  // Delimited text. Spans: two u32 addresses each, where a field begins and ends. Doubtful: a byte each, 1 where the
  // caller must read the field another way; these return how many.
  row(
    "fields",
    "split",
    "c",
    "text end delimiter fields rows spans",
    "spans[f*rows+r] of the rows from text on; returns rows done, [1024] the first byte not taken, [1028] 1 if its row has hard quotes",
  ),
  row("fields", "field", "h i j f c d n u v t p", "spans n r doubtful", "Tok of each field; empty is null"),
  row(
    "fields",
    "field",
    "s",
    "spans n r slots size entries known",
    "numbers texts among entries (address, length, hash: u32 each); returns how many there are, [1024] rows done",
  ),
  row("fields", "remap", "i", "r n values", "r[i]:values[r[i]]"),

  // NUL-terminated texts of messages. slots: 16 bytes each, a text of up to seven bytes as a word and id+1 (0: empty);
  // table: 16 bytes an id, the text's first eight bytes, its length with the NUL, its address.
  row(
    "wire",
    "getsymbols",
    "s",
    "text end n ids slots mask",
    "ids of the texts; returns how many were found in a row, [1024] where it stopped",
  ),
  row(
    "wire",
    "putsymbols",
    "s",
    "words n step domain limit table r",
    "texts of ids step bytes apart (domain: of 64-bit indices into it); writes up to 7 bytes too many; returns the end",
  ),
];

/** Full name to row, for every kernel there is. */
/** Every kernel by its name with its letter. Made when somebody asks, not at import: a process that only starts needs none. */
export const kernelRows = (): ReadonlyMap<string, KernelRow> =>
  new Map(
    kernelTable().flatMap((entry) =>
      entry.suffixes.map((suffix): [string, KernelRow] => [
        suffix === "" ? entry.name : `${entry.name}_${suffix}`,
        entry,
      ]),
    ),
  );

/** Bytes of scratch for a hash table of so many items: `ids` of n, `find` and `in` of nx. */
export function hashBytes(items: number): number {
  let capacity = 4096;
  while (capacity < items * 1.5 + 1) capacity *= 2;
  return capacity * 16;
}

/** Bytes of scratch for iasc, idesc, asc and desc of n items. */
export function sortBytes(n: number): number {
  return 16 * n + 49152;
}
