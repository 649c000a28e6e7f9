/** perq convert: inetd.conf, xinetd.conf and systemd units, each into each. For perq's main, with the words after it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { checkFiles } from "#superserver/check.ts";
import type { Service } from "#superserver/config/service.ts";
import { complaintText } from "#superserver/config/complaint.ts";
import { realWorld, systemWords } from "#superserver/config/world.ts";
import { type Converted, toInetd, toSystemd, toXinetd } from "#superserver/convert.ts";
import { fromUnits } from "#superserver/units.ts";

const usage = `usage: perq convert --to xinetd|inetd|systemd [--out DIRECTORY] [--dialect openbsd|gnu] FILE...

Reads inetd.conf, xinetd.conf, or the .socket units of systemd (their services beside them). Writes to standard output,
or as files into DIRECTORY. --dialect is that of inetd.conf, read or written. What has no counterpart is said on
standard error; exit status 1 when nothing came of it.
`;

const say = (text: string) => void writeSync(2, text);

/** Units become xinetd text first: one reader for everything. */
function unitsAsText(path: string, notes: string[]): string {
  const name = basename(path, ".socket");
  const service = [`${name}@.service`, `${name}.service`]
    .map((one) => join(path, "..", one))
    .find((one) => existsSync(one));
  if (service === undefined) notes.push(`${path}: no ${name}@.service and no ${name}.service beside it`);
  const made = fromUnits(name, readFileSync(path, "utf8"), service === undefined ? "" : readFileSync(service, "utf8"));
  notes.push(...made.notes);
  return made.text;
}

export function perqConvert(words: string[], environment: NodeJS.ProcessEnv = process.env): number {
  const files: string[] = [];
  let to = "";
  let out: string | undefined;
  let dialect: "openbsd" | "gnu" = "openbsd";
  const rest = words.flatMap((word) =>
    word.startsWith("--") && word.includes("=")
      ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]
      : [word],
  );
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === "--to") to = rest.shift() ?? "";
    else if (word === "--out") out = rest.shift();
    else if (word === "--dialect") dialect = rest.shift() === "gnu" ? "gnu" : "openbsd";
    else if (word.startsWith("-")) {
      say(word === "--help" || word === "-h" ? usage : `perq convert: unknown option ${word}\n${usage}`);
      return 2;
    } else files.push(word);
  }
  const write = new Map([
    ["xinetd", toXinetd],
    ["inetd", (services: Service[]) => toInetd(services, dialect)],
    ["systemd", toSystemd],
  ]).get(to);
  if (write === undefined || files.length === 0) {
    say(`perq convert: ${write === undefined ? "--to is xinetd, inetd or systemd" : "which file?"}\n${usage}`);
    return 2;
  }
  const notes: string[] = [];
  const made = new Map<string, string>();
  try {
    for (const file of files) if (file.endsWith(".socket")) made.set(file, unitsAsText(file, notes));
  } catch (error) {
    say(`perq convert: ${systemWords(error)}\n`);
    return 1;
  }
  const world = realWorld(environment["PERQ_SERVICES"] || "/etc/services", environment);
  const { read } = world.files;
  world.files.read = (path) => (made.has(path) ? { text: made.get(path)! } : read(path));
  // What runs where the files are used need not be here: a converter asks for grammar, not for programs.
  world.whyNotExecutable = () => undefined;
  const { services, complaints } = checkFiles(files, dialect, world);
  for (const one of complaints.list) if (one.severity !== "note") say(`${complaintText(one)}\n`);
  const converted: Converted = write(services);
  for (const note of [...notes, ...converted.notes]) say(`note: ${note}\n`);
  const entries = Object.entries(converted.files);
  if (out !== undefined) mkdirSync(out, { recursive: true });
  for (const [name, text] of entries) {
    if (out !== undefined) writeFileSync(join(out, name), text);
    else writeSync(1, entries.length > 1 ? `# ${name}\n${text}\n` : text);
  }
  return services.length === 0 ? 1 : 0;
}
