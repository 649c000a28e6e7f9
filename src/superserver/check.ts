/**
 * perq check: a configuration read exactly as perqd would read it, with everything that is wrong with it, what the
 * real daemon would do where that is something else, and (--explain) the services that come of it.
 */
import { addressText } from "#platform/sockets.ts";
import { auditServices } from "./config/audit.ts";
import { auditSecrets } from "./config/audittls.ts";
import { type Complaint, complaintText } from "./config/complaint.ts";
import { type Configuration, loadConfiguration, type Sources } from "./config/load.ts";
import type { Service } from "./config/service.ts";
import { realFiles, realWorld, type World } from "./config/world.ts";

export const checkUsage = `usage: perq check [--explain] [--json] [--strict] [--dialect openbsd|gnu] [--services FILE] FILE...

Reads inetd.conf and xinetd.conf files (which is which shows by their contents) as perqd would.
  --explain   the effective services: defaults merged, names looked up
  --json      one JSON object: complaints, and the services with --explain
  --strict    warnings count as errors
Exit status: 0 usable, 1 with errors, 2 for a wrong command line.
`;

interface CheckOptions {
  files: string[];
  explain: boolean;
  json: boolean;
  strict: boolean;
  dialect: "openbsd" | "gnu";
  servicesFile: string;
}

function parseWords(words: string[], environment: NodeJS.ProcessEnv): CheckOptions | string {
  const options: CheckOptions = {
    files: [],
    explain: false,
    json: false,
    strict: false,
    dialect: "openbsd",
    servicesFile: environment["PERQ_SERVICES"] || "/etc/services",
  };
  const rest = [...words];
  while (rest.length > 0) {
    const [option, given] = splitOption(rest.shift()!);
    const value = () => given ?? rest.shift();
    if (option === "--explain") options.explain = true;
    else if (option === "--json") options.json = true;
    else if (option === "--strict") options.strict = true;
    else if (option === "--services") {
      const file = value();
      if (file === undefined) return "--services needs a file";
      options.servicesFile = file;
    } else if (option === "--dialect") {
      const dialect = value();
      if (dialect !== "openbsd" && dialect !== "gnu") return "--dialect is openbsd or gnu";
      options.dialect = dialect;
    } else if (option.startsWith("-")) return `unknown option ${option}`;
    else options.files.push(option);
  }
  return options.files.length === 0 ? "which file?" : options;
}

function splitOption(word: string): [string, string | undefined] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/** xinetd's files have blocks; inetd's have lines of at least six fields. */
export function looksLikeXinetd(text: string): boolean {
  return /^\s*(service\s+\S+\s*\{?|defaults\s*\{?|includedir\s+\S+|include\s+\S+|\{|\})\s*$/im.test(text);
}

function isXinetdFile(file: string, world: World): boolean {
  const read = world.files.read(file);
  return "text" in read ? looksLikeXinetd(read.text) : /xinetd/.test(file);
}

/** The files named → what perqd would make of them. */
export function checkFiles(files: string[], dialect: "openbsd" | "gnu", world: World): Configuration {
  const sources: Sources = {
    xinetdFiles: [],
    inetdFiles: [],
    inetd: {
      dialect,
      ratePerMinute: dialect === "gnu" ? 0 : 256,
      keepEnvironment: false,
      peerVariables: "none",
      libwrap: false,
      directory: "/",
    },
  };
  for (const file of files) {
    (isXinetdFile(file, world) ? sources.xinetdFiles : sources.inetdFiles).push(file);
  }
  const configuration = loadConfiguration(sources, world);
  auditServices(configuration.services, world, configuration.complaints);
  auditSecrets(configuration.services, world, configuration.complaints);
  return configuration;
}

/** The command: words after "perq check". Writes to out, returns the exit status. */
export function check(words: string[], environment: NodeJS.ProcessEnv, out: (text: string) => void): number {
  if (words.includes("--help") || words.includes("-h")) {
    out(checkUsage);
    return 0;
  }
  const options = parseWords(words, environment);
  if (typeof options === "string") {
    out(`perq check: ${options}\n${checkUsage}`);
    return 2;
  }
  const world = realWorld(options.servicesFile, environment);
  const { services, complaints } = checkFiles(options.files, options.dialect, world);
  const counted = (severity: Complaint["severity"]) =>
    complaints.list.filter((one) => one.severity === severity).length;
  const errors = counted("error") + counted("fatal");
  const warnings = counted("warning");
  const failed = errors > 0 || (options.strict && warnings > 0);
  if (options.json) {
    const shown = options.explain ? { services: services.map((one) => effective(one)) } : {};
    out(
      `${JSON.stringify({ ok: !failed, errors, warnings, complaints: inOrder(complaints.list), ...shown }, null, 2)}\n`,
    );
    return failed ? 1 : 0;
  }
  const sources = new Map<string, string[]>();
  for (const one of inOrder(complaints.list)) {
    out(
      `${complaintText(one)}\n${pointer(one, sources)}${one.others === undefined ? "" : `    note: ${one.others}\n`}`,
    );
  }
  if (options.explain) for (const service of services) out(`\n${explain(service)}`);
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (errors > 0) {
    const dialects = new Set(services.map((one) => one.dialect));
    const xinetd = options.files.some((file) => isXinetdFile(file, world)) || dialects.has("xinetd");
    out("On HUP perqd would refuse this and keep what runs; at start the services without errors would run.\n");
    if (xinetd) out("xinetd would drop the services in error at once and kill their running sessions.\n");
    else out("openbsd-inetd and inetutils would apply the other lines.\n");
  }
  out(`${plural(services.length, "service")}, ${plural(errors, "error")}, ${plural(warnings, "warning")}\n`);
  return failed ? 1 : 0;
}

/** File by file as they were read, and down each file: what was found late stands where it belongs. */
function inOrder(complaints: readonly Complaint[]): Complaint[] {
  const files = [...new Set(complaints.map((one) => one.file))];
  return complaints.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

/** The line complained of, with a mark under the word. */
function pointer(one: Complaint, sources: Map<string, string[]>): string {
  if (one.line === 0 || one.column === 0) return "";
  let lines = sources.get(one.file);
  if (lines === undefined) {
    const read = realFiles.read(one.file);
    lines = "text" in read ? read.text.split("\n") : [];
    sources.set(one.file, lines);
  }
  const line = lines[one.line - 1];
  if (line === undefined) return "";
  const shown = line.replaceAll("\t", " ").replace(/\r$/, "");
  return `    ${shown}\n    ${" ".repeat(one.column - 1)}^\n`;
}

/** A service without what it does not use, for people and for --json. */
function effective(service: Service): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(service)) {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    shown[key] = value;
  }
  return shown;
}

function explain(service: Service): string {
  const { credentials } = service;
  const rows: [string, string | number | undefined][] = [
    ["from", `${service.place.file}:${service.place.line}`],
    [
      "listens",
      service.endpoints
        .map((one) => `${service.protocol} ${addressText(one.address)}${one.v6only === false ? " (IPv4 too)" : ""}`)
        .join(", ") ||
        (service.mux && "through tcpmux"),
    ],
    ["wait", service.wait ? "yes: the server gets the listening socket" : "no: a server for each connection"],
    [
      "runs",
      service.builtin
        ? `internal ${service.builtin}`
        : service.redirect
          ? `relay to ${addressText(service.redirect)}`
          : service.program,
    ],
    [
      "argv",
      service.program === ""
        ? undefined
        : service.argv.map((word) => (/^[\w./:=+,@-]+$/.test(word) ? word : JSON.stringify(word))).join(" "),
    ],
    [
      "as",
      service.program === ""
        ? undefined
        : `${credentials.userName}${credentials.uid === undefined ? " (the daemon's own)" : ` uid ${credentials.uid} gid ${credentials.gid} groups ${credentials.groups?.join(",") || "none"}`}`,
    ],
    ["environment", service.environment.map((entry) => entry.split("=")[0]).join(" ") || undefined],
    ["limits", service.limits.map(([resource, value]) => `${resource}=${value}`).join(" ") || undefined],
    ["nice", service.nice],
    ["umask", service.umask === undefined ? undefined : service.umask.toString(8).padStart(3, "0")],
    ["instances", service.instances ?? "unlimited"],
    ["per source", service.perSource ?? "unlimited"],
    ["rate", rateText(service)],
    ["only_from", service.onlyFrom?.map((one) => one.text).join(" ") ?? "everybody"],
    ["no_access", service.noAccess?.map((one) => one.text).join(" ")],
    [
      "log",
      service.log.to === "file"
        ? service.log.path
        : service.log.to === "syslog"
          ? `syslog ${service.log.facility}.${service.log.level}`
          : "none",
    ],
    ["warm", service.warm || undefined],
  ];
  const lines = rows.filter((row) => row[1] !== undefined).map(([key, value]) => `  ${key.padEnd(12)} ${value}\n`);
  return `${service.id}\n${lines.join("")}`;
}

function rateText(service: Service): string {
  const { rate } = service;
  switch (rate.kind) {
    case "none":
      return "unlimited";
    case "cps":
      return `above ${rate.perSecond} a second the port shuts for ${rate.waitSeconds} s`;
    case "minute":
      return `${rate.max} a minute`;
    case "bucket":
      return `${rate.perSecond} a second, ${rate.burst} at once; what is beyond is refused`;
  }
}
