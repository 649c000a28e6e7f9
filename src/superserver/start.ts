/**
 * A command line → a running daemon → its exit status. In the background, the parent waits until the child has read
 * its files and listens, and returns what came of it: a caller learns that a start failed.
 */
import { errorText } from "#platform/errno.ts";
import { resolve } from "node:path";
import { startChild } from "#platform/spawn.ts";
import * as sys from "#platform/sys.ts";
import { type CommandLine, parseCommandLine } from "./commandline.ts";
import { usualControl } from "./control.ts";
import { Daemon, VERSION } from "./daemon.ts";
import { Journal } from "./journal.ts";
import { MainLog } from "./logs.ts";

const DETACHED = "PERQD_DETACHED"; // set for the child that daemonises; it reports on its standard output

/** What perqd's main does. self: the words that run this very program again. */
export function perqd(words: string[], self: string[], environment: NodeJS.ProcessEnv): number {
  const parsed = parseCommandLine(words, environment);
  if ("print" in parsed) {
    const text = parsed.print === "" ? `perqd Version ${VERSION}\n` : parsed.print;
    sys.writeBytes(parsed.status === 0 ? 1 : 2, new TextEncoder().encode(text));
    return parsed.status;
  }
  keepStandardDescriptors();
  const detached = environment[DETACHED] === "1";
  if (!parsed.run.foreground && !detached) return detach(words, self, environment);
  return serve(parsed.run, environment, detached);
}

/** Descriptors 0, 1 and 2 must be taken, or a client's socket could become one of them. */
function keepStandardDescriptors(): void {
  for (;;) {
    const fd = sys.open("/dev/null", sys.O_RDWR);
    if (fd < 0) throw new Error(`/dev/null: ${errorText(fd)}`);
    if (fd > 2) {
      sys.close(fd);
      return;
    }
  }
}

/** The paths of a command line as they are seen from everywhere. */
function absolutePaths(line: CommandLine): CommandLine {
  const full = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    ...line,
    xinetdFiles: line.xinetdFiles.map((path) => resolve(path)),
    inetdFiles: line.inetdFiles.map((path) => resolve(path)),
    mainLog: line.mainLog?.to === "file" ? { ...line.mainLog, path: resolve(line.mainLog.path) } : line.mainLog,
    pidFile: full(line.pidFile),
    servicesFile: resolve(line.servicesFile),
    controlSocket: full(line.controlSocket),
    metrics: line.metrics?.replace(/^unix:(?=[^/])/, `unix:${process.cwd()}/`),
  };
}

function serve(given: CommandLine, environment: NodeJS.ProcessEnv, detached: boolean): number {
  const line = detached ? absolutePaths(given) : given;
  const journal = Journal.find(environment, "perqd");
  const log = new MainLog(line.mainLog ?? defaultLog(line, detached), "perqd", line.jsonLogs, line.debug, journal);
  if (log.failure !== "") {
    sys.writeBytes(2, new TextEncoder().encode(`perqd: cannot open log file ${log.failure}\n`));
    return 1;
  }
  const children = { ...environment };
  delete children[DETACHED];
  delete children["PERQ_CONTROL"]; // this perqd's, not that of one which a service starts
  const daemon = new Daemon(
    {
      sources: {
        xinetdFiles: line.xinetdFiles,
        inetdFiles: line.inetdFiles,
        inetd: {
          dialect: line.dialect,
          ratePerMinute: line.ratePerMinute,
          keepEnvironment: line.keepEnvironment,
          peerVariables: line.peerVariables,
          libwrap: line.logConnections,
          directory: line.foreground ? process.cwd() : "/",
        },
      },
      servicesFile: line.servicesFile,
      environment: children,
      pidFile: line.pidFile,
      dumpFile: line.dumpFile,
      backlog: line.backlog,
      childLimit: line.childLimit,
      consistencySeconds: line.consistencySeconds,
      logConnections: line.logConnections,
      stayAlive: line.stayAlive,
      drainSeconds: line.drainSeconds,
      interruptible: line.foreground,
      jsonLogs: line.jsonLogs,
      ...controlOf(line, environment),
      metrics: line.metrics,
      cgroup: line.cgroup,
    },
    log,
  );
  const failure = daemon.start();
  if (failure !== undefined) {
    log.error(failure);
    return 1;
  }
  if (detached) {
    sys.writeBytes(1, new TextEncoder().encode("up\n"));
    const nothing = sys.open("/dev/null", sys.O_RDWR);
    for (const fd of [0, 1, 2]) sys.dup2(nothing, fd);
    sys.close(nothing);
    process.chdir("/"); // no file system is held busy; include with a relative path was read from where we started
  }
  return daemon.run();
}

/** Asked for, it must be had; the usual place is used if it is free; "none" is none. */
function controlOf(line: CommandLine, environment: NodeJS.ProcessEnv) {
  const asked = line.controlSocket;
  if (asked === "none") return { controlRequired: false };
  return { controlSocket: asked ?? usualControl(environment), controlRequired: asked !== undefined };
}

/** In front of a person the log is on standard error; behind one's back it is syslog, as both daemons do it. */
function defaultLog(line: CommandLine, detached: boolean): { to: "stderr" } | { to: "syslog"; facility: string } {
  return line.foreground && !detached ? { to: "stderr" } : { to: "syslog", facility: "daemon" };
}

function detach(words: string[], self: string[], environment: NodeJS.ProcessEnv): number {
  const pipe = sys.pipe();
  if (typeof pipe === "number") throw new Error(`pipe: ${errorText(pipe)}`);
  const [readEnd, writeEnd] = pipe;
  const nothing = sys.open("/dev/null", sys.O_RDWR | sys.O_CLOEXEC);
  const errors = sys.duplicate(2, 3);
  const started = startChild(
    {
      file: self[0],
      argv: [...self, ...words],
      environment: [...Object.entries(environment).map(([name, value]) => `${name}=${value}`), `${DETACHED}=1`],
    },
    [nothing, writeEnd, errors],
  );
  sys.close(writeEnd);
  if (typeof started === "number" || started.failed !== undefined) {
    const errno = typeof started === "number" ? -started : started.failed!.errno;
    sys.writeBytes(2, new TextEncoder().encode(`perqd: ${self[0]}: ${errorText(errno)}\n`));
    return 1;
  }
  const answer = new Uint8Array(16);
  for (;;) {
    const got = sys.readBytes(readEnd, answer);
    if (got > 0) return 0;
    if (got === 0) break; // it ended without a word: its own are in the log
    if (got !== -4) break;
  }
  const status = new Int32Array(1);
  sys.wait(started.pid, status, 0);
  sys.writeBytes(2, new TextEncoder().encode("perqd: did not start; its log says why\n"));
  return (status[0] >> 8) & 0xff || 1;
}
