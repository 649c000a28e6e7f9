// Binds the kernels (WebAssembly, built from assembly/ by scripts/build-kernels.ts) to one linear memory.
//
//   const kernels = loadKernels(memory);      // nothing is compiled yet
//   const add = kernels.get("add_j");         // compiles the family "map" at the first of its kernels: 1-3 ms
//   add(x, y, r, n, 0);                       // addresses and counts are plain numbers
//
// table.ts lists every kernel with its arguments. Keep the function that get returns: a call costs about ten
// nanoseconds, a look-up more. A kernel trusts its arguments: whoever calls has asserted that every range lies
// inside a vector (values/storage.ts). It touches only the memory it is given, and the scratch in [1024, 65536).
// A trap (a read past a truncated mapped file, a write to a read-only page) throws WebAssembly.RuntimeError and leaves
// the kernel usable.
//
// Making and freeing memory, and choosing a kernel for a q type, are others' business.
import { type Family, families, type KernelRow, kernelRows } from "./table.ts";
import castPath from "./wasm/cast.wasm" with { type: "file" };
import comparePath from "./wasm/compare.wasm" with { type: "file" };
import fieldsPath from "./wasm/fields.wasm" with { type: "file" };
import groupPath from "./wasm/group.wasm" with { type: "file" };
import joinPath from "./wasm/join.wasm" with { type: "file" };
import mapPath from "./wasm/map.wasm" with { type: "file" };
import mathPath from "./wasm/math.wasm" with { type: "file" };
import reducePath from "./wasm/reduce.wasm" with { type: "file" };
import scanPath from "./wasm/scan.wasm" with { type: "file" };
import selectPath from "./wasm/select.wasm" with { type: "file" };
import sortPath from "./wasm/sort.wasm" with { type: "file" };
import textPath from "./wasm/text.wasm" with { type: "file" };
import wirePath from "./wasm/wire.wasm" with { type: "file" };

/** Returns a count, a flag, or nothing, as its row in the table says. */
export type Kernel = (...args: number[]) => number;

type Exports = WebAssembly.Instance["exports"];

const paths: Record<Family, string> = {
  cast: castPath,
  compare: comparePath,
  fields: fieldsPath,
  group: groupPath,
  join: joinPath,
  map: mapPath,
  math: mathPath,
  reduce: reducePath,
  scan: scanPath,
  select: selectPath,
  sort: sortPath,
  text: textPath,
  wire: wirePath,
};

/** q's letters that share another's layout. */
const layout: Record<string, string> = {
  b: "x",
  c: "x",
  s: "i",
  p: "j",
  n: "j",
  m: "i",
  d: "i",
  u: "i",
  v: "i",
  t: "i",
  z: "f",
};

export interface Kernels {
  /** Whether there is such a kernel; compiles nothing. */
  has(name: string): boolean;
  /** The kernel of that name. That there is none is a bug of the caller. */
  get(name: string): Kernel;
  /** The table's row. */
  row(name: string): KernelRow | undefined;
  /** Families compiled so far, for those who watch start-up. */
  loaded(): Family[];
}

/** A file inside the executable is there at once; run from source it is a file like any other. */
function bytesOf(path: string): Uint8Array<ArrayBuffer> {
  const embedded = Bun.peek(Bun.file(path).bytes());
  return embedded instanceof Uint8Array ? embedded : process.getBuiltinModule("node:fs").readFileSync(path);
}

export function loadKernels(memory: WebAssembly.Memory): Kernels {
  const modules = new Map<Family, Exports>();
  const known: { rows?: ReadonlyMap<string, KernelRow> } = {};
  const rows = (): ReadonlyMap<string, KernelRow> => (known.rows ??= kernelRows());
  /** The name a kernel is exported by, or undefined: `add_p` is `add_j`, where there is no add_p of its own. */
  const resolve = (name: string): string | undefined => {
    if (rows().has(name)) return name;
    const at = name.lastIndexOf("_") + 1;
    if (at === 0) return undefined;
    let plain = name.slice(0, at);
    for (let i = at; i < name.length; i++) plain += layout[name[i]!] ?? name[i];
    return rows().has(plain) ? plain : undefined;
  };
  const bound = new Map<string, Kernel>();

  const family = (name: Family): Exports => {
    let exports = modules.get(name);
    if (exports === undefined) {
      const module = new WebAssembly.Module(bytesOf(paths[name]));
      exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
      modules.set(name, exports);
    }
    return exports;
  };

  const bind = (name: string): Kernel => {
    const exported = resolve(name);
    if (exported === undefined) throw new Error(`no kernel ${name}`);
    const home = family(rows().get(exported)!.family);
    const kernel = home[exported];
    if (typeof kernel !== "function") throw new Error(`kernel ${exported} is in the table but not in its module`);
    bound.set(name, kernel as Kernel);
    return kernel as Kernel;
  };

  return {
    has: (name) => bound.has(name) || resolve(name) !== undefined,
    get: (name) => bound.get(name) ?? bind(name),
    row: (name) => rows().get(resolve(name) ?? ""),
    loaded: () => families.filter((name) => modules.has(name)),
  };
}
