/**
 * argv → what perqd shall do. Both styles are read, as the drop-in for both must: xinetd's words with one dash
 * (-f FILE, -dontfork …) and the inetds' letters (-i, -d, -E, -l, -q N, -R N, GNU's long options), with the files of
 * inetd as plain words; and our own, with two dashes. What is not known is refused by name.
 */
import { BadValue, readFacility } from "./config/attributes.ts";
import { nearest } from "./config/complaint.ts";
import type { InetdOptions } from "./config/inetd.ts";
import type { MainLogTarget } from "./logs.ts";

export interface CommandLine {
  xinetdFiles: string[];
  inetdFiles: string[];
  dialect: "openbsd" | "gnu";
  foreground: boolean;
  debug: boolean;
  keepEnvironment: boolean;
  peerVariables: InetdOptions["peerVariables"];
  logConnections: boolean;
  backlog: number;
  ratePerMinute: number;
  mainLog: MainLogTarget | undefined;
  pidFile: string | undefined;
  stayAlive: boolean;
  childLimit: number | undefined;
  consistencySeconds: number | undefined;
  servicesFile: string;
  controlSocket: string | undefined;
  cgroup: string | undefined;
  metrics: string | undefined;
  drainSeconds: number;
  jsonLogs: boolean;
  dumpFile: string;
}

export type Parsed = { run: CommandLine } | { print: string; status: number };

export const usage = `usage: perqd [-f FILE] [-dontfork] [-filelog FILE | -syslog FACILITY] [-pidfile FILE] [-limit N] [-stayalive]
       perqd [-i] [-d] [-E] [-l] [-q BACKLOG] [-R RATE] [FILE...]      as openbsd-inetd
       perqd --dialect=gnu [-d] [--environment] [--resolve] [-p[FILE]] [-R RATE] [FILE...]

xinetd.conf by -f, inetd.conf as a plain word; both may be given. Without either, /etc/xinetd.conf.
  --services FILE     another services file (also PERQ_SERVICES)
  --dialect D         how inetd.conf is read: openbsd (the default) or gnu
  --drain SECONDS     on SIGTERM, let sessions finish for so long
  --control PATH      the socket of perq status and perq top (also PERQ_CONTROL; none: there is none)
  --cgroup DIR        where memory_max, pids_max and cpu_max make their cgroups
  --metrics ADDR      Prometheus metrics on 127.0.0.1:PORT, [::1]:PORT or unix:PATH
  --log-format json   one JSON object a line, in the main and the service logs
  --foreground        as -dontfork
See docs/perqd.md, and docs/differences.md for what is not as the real daemons do it.
`;

const known = [
  "-f", "-d", "-filelog", "-syslog", "-pidfile", "-dontfork", "-stayalive", "-limit", "-logprocs", "-shutdownprocs", "-version",
  "-inetd_compat", "-cc", "-reuse", "-loop", "-i", "-E", "-l", "-q", "-R", "-p", "--environment", "--resolve",
  "--services", "--dialect", "--drain", "--control", "--cgroup", "--metrics", "--log-format", "--foreground", "--help",
  "--version", "--rate", "--debug", "--pidfile",
]; // biome-ignore format: a table

/** GNU's long options, which may be cut short. */
const gnuOptions = ["--debug", "--environment", "--pidfile", "--rate", "--resolve", "--version", "--help", "--usage"];

/** The inetds read options with getopt: -dE is -d -E, -R60 is -R 60, --env is --environment. */
function asGetopt(word: string): string[] {
  if (/^-[dEil]{2,}$/.test(word)) return [...word.slice(1)].map((letter) => `-${letter}`);
  if (/^-[Rq]\d+$/.test(word)) return [word.slice(0, 2), word.slice(2)];
  const name = word.split("=", 1)[0];
  if (name.length < 4 || !name.startsWith("--") || known.includes(name)) return [word];
  const meant = gnuOptions.filter((one) => one.startsWith(name));
  return meant.length === 1 ? [meant[0] + word.slice(name.length)] : [word];
}

export function parseCommandLine(words: string[], environment: NodeJS.ProcessEnv): Parsed {
  const line: CommandLine = {
    xinetdFiles: [],
    inetdFiles: [],
    dialect: "openbsd",
    foreground: false,
    debug: false,
    keepEnvironment: false,
    peerVariables: "none",
    logConnections: false,
    backlog: 128,
    ratePerMinute: -1,
    mainLog: undefined,
    pidFile: undefined,
    stayAlive: false,
    childLimit: undefined,
    consistencySeconds: undefined,
    servicesFile: environment["PERQ_SERVICES"] || "/etc/services",
    controlSocket: environment["PERQ_CONTROL"] || undefined,
    cgroup: undefined,
    metrics: undefined,
    drainSeconds: 0,
    jsonLogs: false,
    dumpFile: "/var/run/xinetd.dump",
  };
  let wantsInetd = false;
  let inetdCompat = false;
  let logTargets = 0;
  const wrong = (text: string): Parsed => ({ print: `perqd: ${text}\n${usage}`, status: 1 });

  const rest = words.flatMap(asGetopt);
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!word.startsWith("-") || word === "-") {
      line.inetdFiles.push(word);
      continue;
    }
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const option = equals < 0 ? word : word.slice(0, equals);
    let missing = false;
    const value = (): string => {
      const given = equals >= 0 ? word.slice(equals + 1) : rest.shift();
      if (given === undefined) missing = true;
      return given ?? "";
    };
    const number = (least = 0): number => {
      const text = value();
      if (missing) return 0;
      if (!/^\d{1,9}$/.test(text) || Number(text) < least)
        throw new BadValue(`${option} needs a number of at least ${least}, not ${text}`);
      return Number(text);
    };
    try {
      switch (option) {
        case "-f":
          line.xinetdFiles.push(value());
          break;
        case "-d":
        case "--debug":
          line.debug = true;
          line.foreground = true;
          break;
        case "-filelog":
          line.mainLog = { to: "file", path: value() };
          logTargets++;
          break;
        case "-syslog":
          line.mainLog = { to: "syslog", facility: readFacility(value()) };
          logTargets++;
          break;
        case "-pidfile":
        case "--pidfile":
          line.pidFile = value();
          break;
        case "-dontfork":
        case "--foreground":
          line.foreground = true;
          line.stayAlive = true;
          break;
        case "-stayalive":
          line.stayAlive = true;
          break;
        case "-limit":
          line.childLimit = number() || undefined; // 0 is no limit
          break;
        case "-logprocs":
        case "-loop":
        case "-shutdownprocs":
          value(); // read, and without meaning since xinetd itself ignores or no longer needs them
          break;
        case "-cc":
          line.consistencySeconds = number() || undefined;
          break;
        case "-reuse":
          break;
        case "-inetd_compat":
          inetdCompat = true;
          line.keepEnvironment = true; // these two as xinetd's other services have it
          line.peerVariables = "remote-host";
          break;
        case "-i":
          wantsInetd = true;
          line.foreground = true;
          break;
        case "-E":
          line.keepEnvironment = true;
          wantsInetd = true;
          break;
        case "-l":
          line.logConnections = true;
          wantsInetd = true;
          break;
        case "-q":
          line.backlog = Math.max(10, number()); // openbsd-inetd's least
          wantsInetd = true;
          break;
        case "-R":
        case "--rate":
          line.ratePerMinute = number();
          wantsInetd = true;
          break;
        case "--environment":
          if (line.peerVariables !== "tcp-resolve") line.peerVariables = "tcp";
          line.dialect = "gnu";
          break;
        case "--resolve":
          line.peerVariables = "tcp-resolve";
          line.dialect = "gnu";
          break;
        case "--services":
          line.servicesFile = value();
          break;
        case "--dialect": {
          const dialect = value();
          if (dialect !== "openbsd" && dialect !== "gnu") return wrong(`--dialect is openbsd or gnu, not ${dialect}`);
          line.dialect = dialect;
          break;
        }
        case "--drain":
          line.drainSeconds = number();
          break;
        case "--cgroup":
          line.cgroup = value();
          break;
        case "--control":
          line.controlSocket = value();
          break;
        case "--metrics":
          line.metrics = value();
          break;
        case "--log-format": {
          const format = value();
          if (format !== "json" && format !== "xinetd") return wrong(`--log-format is json or xinetd, not ${format}`);
          line.jsonLogs = format === "json";
          break;
        }
        case "-version":
        case "--version":
        case "-V":
          return { print: "", status: 0 };
        case "--help":
        case "-h":
        case "-help":
        case "-?":
        case "--usage":
          return { print: usage, status: 0 };
        default: {
          if (option.startsWith("-p") && !option.startsWith("--")) {
            // GNU: -p or -pFILE
            line.pidFile = option.length > 2 ? option.slice(2) : "/var/run/inetd.pid";
            line.dialect = "gnu";
            break;
          }
          const near = nearest(option, known);
          return wrong(`unknown option ${option}${near ? `; did you mean ${near}?` : ""}`);
        }
      }
    } catch (error) {
      if (error instanceof BadValue) return wrong(error.message);
      throw error;
    }
    if (missing) return wrong(`${option} needs a value`);
  }

  if (logTargets > 1) return wrong("one of -filelog and -syslog, and once");
  if (line.xinetdFiles.length === 0 && line.inetdFiles.length === 0) {
    if (line.dialect === "gnu") line.inetdFiles.push("/etc/inetd.conf", "/etc/inetd.d");
    else if (wantsInetd) line.inetdFiles.push("/etc/inetd.conf");
    else line.xinetdFiles.push("/etc/xinetd.conf");
  }
  if (inetdCompat) line.inetdFiles.push("/etc/inetd.conf");
  const onlyInetd = line.xinetdFiles.length === 0;
  if (onlyInetd) line.stayAlive = true; // an inetd with an empty file keeps running
  // openbsd-inetd has a limit of its own without -R; GNU's, whatever its manual says, has none.
  if (line.ratePerMinute < 0) line.ratePerMinute = line.dialect === "gnu" ? 0 : 256;
  if (onlyInetd && line.pidFile === undefined && !line.foreground) line.pidFile = "/run/inetd.pid";
  return { run: line };
}
