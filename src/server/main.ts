// A q process from its options to its loop: who is served, what is loaded first, what is said at the start.

import { peerAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { terminalSize } from "#platform/terminal.ts";
import { awaitConnection, rehearseHandover } from "#platform/warm.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { type Console, makeConsole } from "./console.ts";
import { cores, hostName, memoryBytes } from "./host.ts";
import type { Options } from "./options.ts";
import { syslogWriter, type Write, writeAll } from "./output.ts";
import { Server } from "./server.ts";
import type { Standard } from "./standard.ts";

/** Once makes the code there, more make it quick. */
const REHEARSALS = 3;

const NOT_YET: readonly [keyof Options, string][] = [
  ["tls", "-E: TLS"],
  ["logUpdates", "-l/-L: logging of updates"],
  ["memoryDomain", "-m: memory domains"],
  ["replicate", "-r: replication"],
];

export function main(
  options: Options,
  commandLine: readonly string[],
  standard: Standard,
  leave: (code: number) => never,
): never {
  let write: Write = standard.log === "syslog" ? syslogWriter() : (descriptor, text) => writeAll(descriptor, text);
  if (standard.complaint !== "") write(2, `${standard.complaint}\n`);
  for (const [name, what] of NOT_YET) {
    if (options[name]) {
      write(2, `'nyi: ${what} is not implemented yet\n`);
      leave(2);
    }
  }
  let console: Console | undefined;
  const server = new Server({
    options,
    commandLine,
    write: (descriptor, text) => write(descriptor, text),
    exit: (code) => {
      console?.end();
      return leave(code);
    },
    // \1 and \2 name files: what goes there is no syslog entry any more.
    redirected: () => {
      write = (descriptor, text) => writeAll(descriptor, text);
    },
  });
  const { session } = server;
  const isServed = [standard.client, standard.listening, standard.ahead].some((one) => one !== undefined);
  const isTerminal = !isServed && sys.isTerminal(0);
  if (isTerminal && options.console === undefined) fitTerminal(session.settings);
  if (isTerminal && !options.quiet) write(2, banner());
  if (options.port !== "")
    attempt(
      server,
      false,
      () => server.handles.listen(options.port),
      () => leave(1),
    );
  load(server, options, isTerminal && !options.quiet);
  if (options.timerMs > 0) server.host.process.setTimer(options.timerMs);
  if (standard.client !== undefined) server.serveClient(standard.client.fd, standard.client.peer);
  else if (standard.listening !== undefined) server.serveListening(standard.listening);
  else if (standard.ahead !== undefined) {
    // Everything is loaded: from here to the first answer only what the client asks for is left to do.
    delete process.env["PERQ_WARM"]; // a q that this one starts has a client of its own
    for (let round = 0; round < REHEARSALS; round++) rehearse(server);
    const given = awaitConnection(standard.ahead);
    if (given === undefined) return leave(0);
    for (const [name, value] of given.variables) process.env[name] = value;
    server.serveClient(given.fd, peerOf(given.fd));
  } else {
    server.settle();
    console = makeConsole(
      {
        line: (text) => server.consoleLine(text),
        prompt: () => `q${session.context})`,
      },
      options.quiet,
    );
    server.attachConsole(console);
  }
  return server.run();
}

/** A client that is gone already has no name; serving it finds that out in the ordinary way. */
function peerOf(fd: number): SocketAddress {
  const peer = peerAddress(fd);
  return typeof peer === "number" ? { family: "unix", path: "" } : peer;
}

/** A whole connection with nobody at the other end, from the handover on: see Server.rehearse. */
function rehearse(server: Server): void {
  const pair = sys.socketPair();
  if (typeof pair === "number") return; // it only costs the first client time
  const [near, far] = pair;
  const given = rehearseHandover(near);
  sys.close(near);
  if (given !== undefined) {
    for (const [name, value] of given.variables) process.env[name] = value;
    for (const [name] of given.variables) delete process.env[name];
    peerOf(given.fd);
    server.rehearse(given.fd, far);
  }
  sys.close(far);
}

/** \c follows LINES and COLUMNS, else the window, as kdb+ 4.1's does. */
export function fitTerminal(settings: { console: [number, number] }): void {
  const size = terminalSize(0);
  const within = (text: string | undefined, otherwise: number): number =>
    Math.min(2000, Math.max(10, Number.parseInt(text ?? "", 10) || otherwise));
  const [rows, columns] = settings.console;
  settings.console = [
    within(process.env["LINES"], size?.rows ?? rows),
    within(process.env["COLUMNS"], size?.columns ?? columns),
  ];
}

/** QINIT or QHOME/q.q first, then what the command line names. An error is shown and the rest goes on, as in kdb+. */
function load(server: Server, options: Options, interactive: boolean): void {
  const { QHOME, QINIT } = process.env;
  const { files } = server.host;
  const initial = QINIT ?? (QHOME === undefined || QHOME === "" ? "" : `${QHOME}/q.q`);
  if (initial !== "" && files.kind(initial) === "file")
    attempt(server, !interactive, () => server.session.loadScript(initial));
  if (options.file !== "") attempt(server, !interactive, () => void server.session.system(`l ${options.file}`));
}

/** Without anybody at a console the whole stack is shown, as there will be no second look. */
function attempt(server: Server, wholeStack: boolean, act: () => void, otherwise: () => void = () => {}): void {
  const from = mark();
  try {
    act();
  } catch (error) {
    if (!(error instanceof QSignal)) throw error;
    server.showError(error, wholeStack);
    otherwise();
  }
  sweep(from);
}

function banner(): string {
  const machine = `${process.arch === "arm64" ? "l64arm" : "l64"}/ ${cores()} core ${Math.round(memoryBytes() / 1048576)}MB ${hostName()}`;
  return `perq ${VERSION} (q 4.1) Apache-2.0\n${machine}\n\n`;
}

const VERSION = "0.1.0";
