// What the q executable does not read at its start. A private server pays for every function that is declared when its
// modules are evaluated (some 400 bytes each, docs/decisions/start.md), and most sessions never call most of
// them. So the bundler puts a stand-in in the place of each module below: its functions fetch the real module, a
// chunk of its own, when the first of them is called, and are the real ones from then on. The sources know nothing of it,
// and run from source everything is there from the beginning.

import { join, resolve } from "node:path";
import type { BunPlugin } from "bun";

const root = resolve(import.meta.dir, "..");

/** Lists of primitives by category: name, rank and wire code stay, what the primitive does is fetched. */
const rows = [
  ...["env", "interpret", "io", "join", "list", "logic", "math", "meta", "sort", "table", "text"].map(
    (category) => `src/q/primitives/${category}/rows.ts`,
  ),
  "src/q/sql/functional.ts",
];
/** Of these rows by module and export: the first query of a session is likely to use them. */
const atOnce: Readonly<Record<string, readonly string[]>> = {
  "src/q/primitives/math/rows.ts": ["add", "subtract", "multiply", "divide"],
};
/** Modules of functions, constants of JSON, and tables of things to be looked up by name. */
const modules = [
  "src/db/anymap.ts", "src/db/append.ts", "src/db/codecs.ts", "src/db/enumIndex.ts", "src/db/nested.ts", "src/db/write.ts",
  "src/ipc/compress.ts",
  "src/q/eval/commands.ts", "src/q/eval/console.ts", "src/q/eval/generate.ts", "src/q/eval/namespaces.ts", "src/q/eval/pattern.ts",
  "src/q/eval/script.ts",
  "src/q/format/console.ts", "src/q/format/source.ts",
  "src/q/iterators/derived.ts",
  "src/q/parse/template.ts",
  "src/q/values/amend.ts", "src/q/values/appending.ts", "src/q/values/growing.ts", "src/q/values/joining.ts",
  "src/q/values/keys.ts", "src/q/primitives/math/deal.ts",
  "src/q/sql/select.ts", "src/q/sql/update.ts",
  "src/server/console.ts", "src/server/dial.ts", "src/server/http.ts", "src/server/listener.ts", "src/server/passwords.ts",
  "src/server/websocket.ts",
]; // biome-ignore format: a list

const text = (value: unknown): string => JSON.stringify(value);

/** A row without what it does; only what JSON can say may be known without fetching it. */
function standInRows(name: string, list: readonly Record<string, unknown>[], eager: ReadonlySet<unknown>): string {
  const known = list.map((row) => {
    const { run, ...rest } = row;
    if (typeof run !== "function" || text(rest) !== text(JSON.parse(text(rest))))
      throw new Error(`${name}: a row is more than words and a function`);
    return eager.has(row) ? 0 : rest;
  });
  return `export const ${name} = ${text(known)};
${name}.forEach((row, i) => {
  let run;
  if (row === 0) return;
  Object.defineProperty(row, "run", { enumerable: true, get: () => (run ??= real().${name}[i].run) });
});
`;
}

function standIn(path: string, name: string, value: unknown): string {
  if (typeof value === "function") {
    if (/^class\b/.test(String(value))) throw new Error(`${path}: the class ${name} cannot be fetched later`);
    return `export let ${name} = (...args) => (${name} = real().${name})(...args);\n`;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const getters = Object.keys(value).map((key) => `get ${text(key)}() { return real().${name}[${text(key)}]; }`);
    return `export const ${name} = { ${getters.join(", ")} };\n`;
  }
  if (text(value) === undefined) throw new Error(`${path}: ${name} cannot be known without the module`);
  return `export const ${name} = ${text(value)};\n`;
}

async function standIns(): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const module of [...rows, ...modules]) {
    const path = join(root, module);
    const real = (await import(path)) as Record<string, unknown>;
    let source = `const real = () => require(${text(path)});\n`;
    const eager = new Map<unknown, string>();
    for (const name of atOnce[module] ?? []) {
      const home = join(path, `../${name}.ts`);
      eager.set(((await import(home)) as Record<string, unknown>)[name], name);
      source += `import { ${name} } from ${text(home)};\n`;
    }
    for (const [name, value] of Object.entries(real)) {
      if (!rows.includes(module)) {
        source += standIn(path, name, value);
        continue;
      }
      if (!Array.isArray(value)) continue; // a single row: the others are imported from the real module
      source += standInRows(name, value, new Set(eager.keys()));
      for (const [row, word] of eager) source += `${name}[${value.indexOf(row)}] = ${word};\n`;
    }
    made.set(path, source);
  }
  return made;
}

/** The bundler's plugin; evaluates the modules it stands in for. */
export async function lazyModules(): Promise<BunPlugin> {
  const sources = await standIns();
  return {
    name: "lazy modules",
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, ({ path, importer, namespace }) => {
        if (namespace === "lazy" || importer.endsWith("?lazy")) return undefined;
        const found = path.startsWith("/") ? path : Bun.resolveSync(path, join(importer, ".."));
        return sources.has(found) ? { path: `${found}?lazy`, namespace: "lazy" } : undefined;
      });
      build.onLoad({ filter: /\?lazy$/, namespace: "lazy" }, ({ path }) => ({
        contents: sources.get(path.slice(0, -"?lazy".length))!,
        loader: "js",
      }));
    },
  };
}
