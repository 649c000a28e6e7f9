// The `\` commands (basics/syscmds.md), one row each: what `\cmd` shows and `system "cmd"` returns. They change the
// session's settings or ask its host; what is none of them goes to the shell. Reading scripts is the session's.

import { adopt } from "#namespaces/q-partitions.ts";
import { seedState, setSeed } from "#primitives/math/deal.ts";
import { INT_NULL, T } from "#values/datatypes.ts";
import { mark, sweep } from "#values/ownership.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import { measurePeak, setLimit, usage } from "#values/storage.ts";
import { symbolBytes, symbolCount } from "#values/symbols.ts";
import type { Value } from "#values/values.ts";
import { boolean, gather, int, long, longs, string, symbol, symbols, vectorOf } from "#values/vectors.ts";

export interface CommandSession extends Session {
  /** Runs a script file: \l. */
  loadScript(path: string): void;
}

/** undefined: shows nothing, returns the general null. */
type Run = (session: CommandSession, argument: string) => Value | undefined;

/** `\cmd argument` without the backslash. */
export function system(session: CommandSession, command: string): Value {
  const { host } = session;
  if (host.process.restricted) throw signal("access", `\\${command} from a client (-u)`);
  const text = command.trim();
  const timed = /^(ts?)(?::(\d+))?(?:\s+(.*))?$/s.exec(text);
  const nil = (): Value => session.primitive("::");
  if (timed !== null) return time(session, timed[1]!, timed[2], (timed[3] ?? "").trim()) ?? nil();
  const split = /^(\S+)(?:\s+(.*))?$/s.exec(text);
  if (split === null) return nil();
  const row = rows[split[1]!];
  if (row === undefined) return gather(host.process.shell(command).map(string));
  // A comment starts at a slash with a blank before it; of paths it must have one behind it too.
  const comment = /^[lr12]|^cd$/.test(split[1]!) ? /(^|\s)\/(\s.*)?$/s : /(^|\s)\/.*$/s;
  const argument = (split[2] ?? "").replace(comment, "").trim();
  return row(session, argument) ?? nil();
}

/** 0N is NaN. */
function wholeNumber(text: string): number {
  if (/^0N[hij]?$/.test(text)) return Number.NaN;
  if (!/^-?\d+[hij]?$/.test(text)) throw signal("domain", `a whole number is wanted, not "${text}"`);
  return Number.parseInt(text, 10);
}
function between(text: string, low: number, high: number): number {
  const value = wholeNumber(text);
  if (!(value >= low && value <= high)) throw signal("domain", `${text} is not in ${low}..${high}`);
  return value;
}

type NumberSetting = "precision" | "dateFormat" | "weekOffset" | "errorTrap" | "timeout";
/** Shows a setting as an int, or sets it. */
const setting =
  (name: NumberSetting, low: number, high: number): Run =>
  (session, argument) => {
    if (argument === "") return int(session.settings[name]);
    (session.settings as Record<NumberSetting, number>)[name] = between(argument, low, high);
    return undefined;
  };

const size =
  (name: "console" | "http"): Run =>
  (session, argument) => {
    if (argument === "") return vectorOf(T.int, session.settings[name]);
    const words = argument.split(/\s+/);
    if (words.length !== 2) throw signal("length", "rows and columns are wanted");
    const [rowCount, columnCount] = words.map((word) => Math.min(2000, Math.max(10, wholeNumber(word) || 0)));
    session.settings[name] = [rowCount!, columnCount!];
    return undefined;
  };

// ---- names -------------------------------------------------------------------------------------------------------
/** The namespace an argument means: the current one without; one that is not there signals its name. */
function namespaceOf(session: Session, argument: string): string {
  if (argument === "") return session.context;
  const context = argument === "." ? "" : argument.startsWith(".") ? argument : `.${argument}`;
  if (context !== "" && !session.contexts().includes(context.slice(1))) throw userSignal(argument, "no such namespace");
  return context;
}
const qualified = (context: string, name: string): string => (context === "" ? name : `${context}.${name}`);

type Test = (value: Value) => boolean;
const isFunction: Test = (v) => v.type >= T.lambda && v.type <= T.dynamic;
const isTable: Test = (v) =>
  v.kind === "table" || (v.kind === "dict" && v.keys.kind === "table" && v.values.kind === "table");

/** Names in a namespace whose value passes; views are not evaluated for it and count as variables. */
const listing =
  (test: Test, views: boolean): Run =>
  (session, argument) => {
    const context = namespaceOf(session, argument);
    return symbols(
      session.namesIn(context).filter((name) => {
        const slot = session.slot(qualified(context, name));
        if (slot.view !== undefined) return views;
        const value = slot.value ?? session.read(slot.name);
        return value !== undefined && test(value);
      }),
    );
  };

const views =
  (pendingOnly: boolean): Run =>
  (session, argument) => {
    const context = namespaceOf(session, argument);
    const names = session.namesIn(context).filter((name) => {
      const slot = session.slot(qualified(context, name));
      return slot.view !== undefined && (!pendingOnly || slot.value === undefined);
    });
    const found = symbols(names);
    if (!pendingOnly && names.length > 0) found.attribute = 1;
    return found;
  };

function directory(session: Session, argument: string): Value | undefined {
  if (argument === "") return symbol(session.context === "" ? "." : session.context);
  if (!/^\.([A-Za-z]\w*(\.[A-Za-z]\w*)*)?$/.test(argument)) throw userSignal(argument, "a namespace starts with a dot");
  session.context = argument === "." ? "" : argument;
  return undefined;
}

// ---- time and space ----------------------------------------------------------------------------------------------
function time(session: Session, kind: string, repeats: string | undefined, argument: string): Value | undefined {
  const { clock, process } = session.host;
  if (kind === "t" && repeats === undefined) {
    if (argument === "") return int(process.timer);
    if (/^-?\d+[hij]?$/.test(argument)) {
      process.setTimer(Math.max(0, Number.parseInt(argument, 10)));
      return undefined;
    }
  }
  const count = repeats === undefined ? 1 : Number(repeats);
  const start = clock.ticks();
  const bytes = measurePeak(() => {
    for (let i = 0; i < count; i++) {
      const from = mark();
      session.execute(argument);
      sweep(from);
    }
  });
  const milliseconds = Number((clock.ticks() - start) / 1000000n);
  return kind === "t" ? long(milliseconds) : longs([milliseconds, bytes]);
}

function workspace(session: Session, argument: string): Value {
  const { process } = session.host;
  if (argument === "") {
    const { used, heap, peak, limit, mapped } = usage();
    return longs([used, heap, Math.max(peak, heap), process.limited ? limit : 0, mapped, process.physicalMemory]);
  }
  const megabytes = wholeNumber(argument);
  if (megabytes === 0 || megabytes === 1) return longs([symbolCount(), symbolBytes()]);
  if (!process.limited) throw userSignal("-w init via cmd line");
  const wanted = megabytes * 1048576;
  if (wanted > usage().limit) setLimit(wanted);
  return long(usage().limit);
}

// ---- \l ----------------------------------------------------------------------------------------------------------
const baseName = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//, "");

/** First bytes of everything kdb+ writes: serialized, vectors, enumerations, anymaps, compressed. */
const isDataFile = (head: Uint8Array): boolean =>
  (head[0] === 0xff && (head[1] === 0x01 || head[1] === 0x20)) ||
  ((head[0] === 0xfe || head[0] === 0xfd) && head[1] === 0x20) ||
  textOfBytes(head).startsWith("kxzipped");

const textOfBytes = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function load(session: CommandSession, argument: string): Value | undefined {
  if (argument === "") throw signal("path", "\\l wants a name");
  const { files, database } = session.host;
  const path = argument.startsWith(":") ? argument.slice(1) : argument;
  const kind = files.kind(path);
  if (kind === undefined) {
    files.size(path); // signals what the system says
  }
  if (kind === "directory") return loadDirectory(session, path);
  if (/\.(q_?|k_?|s|p)$/.test(path) || !isDataFile(files.read(path, 0, 8))) {
    session.loadScript(path);
    return undefined;
  }
  const name = baseName(path).replace(/\..*$/, "");
  session.assign(name, database.get(path));
  return symbol(name);
}

function loadDirectory(session: CommandSession, path: string): Value | undefined {
  const { files, database } = session.host;
  if (files.kind(`${path}/.d`) === "file") {
    const name = baseName(path === "." ? files.workingDirectory() : path);
    session.assign(name, database.get(`${path.replace(/\/+$/, "")}/`));
    return symbol(name);
  }
  files.changeDirectory(path);
  const root = database.load(".");
  adopt(session, root);
  // Reloading with \l . takes only the data again.
  if (path !== ".") for (const script of root.scripts) session.loadScript(script);
  return undefined;
}

// ---- the table ---------------------------------------------------------------------------------------------------
const rows: Readonly<Record<string, Run>> = {
  a: listing(isTable, false),
  b: views(false),
  B: views(true),
  c: size("console"),
  C: size("http"),
  cd: ({ host: { files } }, argument) => {
    if (argument === "") return string(files.workingDirectory());
    if (files.kind(argument) === undefined) files.makeDirectory(argument);
    files.changeDirectory(argument);
    return undefined;
  },
  d: directory,
  e: setting("errorTrap", 0, 2),
  E: ({ host }) => int(host.process.tlsMode),
  f: listing(isFunction, false),
  g: (session, argument) => {
    if (argument === "") return int(session.settings.gcMode);
    session.settings.gcMode = between(argument, 0, 1) as 0 | 1;
    session.host.process.collect();
    return undefined;
  },
  l: load,
  o: (session, argument) => {
    if (argument === "") return int(session.settings.offset ?? INT_NULL);
    const offset = wholeNumber(argument);
    session.settings.offset = Number.isNaN(offset) ? undefined : offset;
    return undefined;
  },
  p: ({ host: { handles } }, argument) => {
    if (argument === "") return int(handles.port);
    handles.listen(argument);
    return undefined;
  },
  P: setting("precision", 0, 17),
  r: ({ host: { files } }, argument) => {
    const words = argument.split(/\s+/);
    if (words.length !== 2) throw signal("rank", "\\r wants two file names");
    files.rename(words[0]!, words[1]!);
    return undefined;
  },
  s: (session, argument) => {
    if (argument === "") return int(session.settings.secondaries);
    const wanted = wholeNumber(argument);
    const limit = session.host.process.secondariesLimit;
    if (Number.isNaN(wanted)) return int(limit);
    if (wanted > limit) throw signal("limit", `-s allows ${limit} secondary threads`);
    session.settings.secondaries = wanted;
    return undefined;
  },
  S: (session, argument) => {
    if (argument === "") return int(session.settings.seed);
    if (argument === "0N") return int(seedState(session));
    const seed = between(argument, -2147483647, 2147483647);
    if (seed === 0) throw signal("domain", "a seed is not 0");
    setSeed(session, seed);
    return undefined;
  },
  T: setting("timeout", 0, 2147483647),
  u: ({ host }) => {
    host.process.reloadPasswords();
    return undefined;
  },
  v: listing((v) => !isFunction(v), true),
  w: workspace,
  W: setting("weekOffset", 0, 6),
  x: (session, argument) => {
    if (!argument.startsWith(".z.")) throw signal("domain", "only callbacks in .z are expunged");
    session.erase(argument);
    return undefined;
  },
  z: setting("dateFormat", 0, 1),
  "1": ({ host }, argument) => {
    host.process.redirect(1, argument);
    return undefined;
  },
  "2": ({ host }, argument) => {
    host.process.redirect(2, argument);
    return undefined;
  },
  _: ({ host }, argument) => {
    if (argument !== "") throw userSignal("nyi: \\_ script", "locked scripts are not implemented yet");
    return boolean(host.process.readOnly);
  },
  "\\": ({ host }) => host.process.exit(0),
};
