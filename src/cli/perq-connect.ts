// perq connect: a console whose lines are evaluated by a server far or near, and whose answers are shown as a q of ours
// shows them. The server may push messages; they are shown too, and never run here.

import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { string } from "#values/vectors.ts";
import * as sys from "#platform/sys.ts";
import { historyPath, PipeConsole, TerminalConsole } from "#server/console.ts";
import { fitTerminal } from "#server/main.ts";
import { defaultOptions } from "#server/options.ts";
import { writeAll } from "#server/output.ts";
import { Server } from "#server/server.ts";

const TIMEOUT_MS = 10000;

const complain = (text: string): number => {
  process.stderr.write(`perq: ${text}\n`);
  return 1;
};

export function perqConnect(words: string[]): number {
  const [target, ...more] = words;
  if (target === undefined || more.length > 0 || target.startsWith("-")) {
    complain("connect wants host:port[:user:password] or unix://port");
    return 2;
  }
  const shown = target.replace(/^((?:\w+:\/\/)?[^:]*:\d+).*$/, "$1");
  let terminal: TerminalConsole | undefined;
  const server = new Server({
    options: defaultOptions(),
    commandLine: ["perq", "connect"],
    write: (descriptor, text) => writeAll(descriptor, text),
    exit: (code) => {
      terminal?.end();
      process.exit(code);
    },
    pushed: (value) => server.showValue(value),
    lost: () => {
      complain(`${shown} closed the connection`);
      terminal?.end();
      process.exit(1);
    },
  });
  let handle: number;
  try {
    handle = server.handles.open(/^\d+$/.test(target) ? `:${target}` : target, TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof QSignal)) throw error;
    return complain(reason(shown, error));
  }
  server.dependOn(handle);
  const evaluator = {
    prompt: () => `${shown}>`,
    line(text: string): void {
      if (text.trim() === "\\\\") server.exit(0);
      if (text.trim() === "") return;
      const from = mark();
      try {
        server.showValue(server.handles.request(handle, string(text)));
      } catch (error) {
        if (!(error instanceof QSignal)) throw error;
        server.showError(error);
      }
      sweep(from);
    },
  };
  server.catchSignals();
  if (sys.isTerminal(0)) {
    fitTerminal(server.session.settings);
    terminal = new TerminalConsole(evaluator, false, historyPath("perq"));
    server.attachConsole(terminal);
  } else server.attachConsole(new PipeConsole(evaluator));
  return server.run();
}

/** What went wrong, for someone who has not read kdb+'s list of errors. */
function reason(target: string, error: QSignal): string {
  if (error.text.includes("Connection refused")) return `nobody listens on ${target} (is the server running?)`;
  if (error.text === "access") return `${target} refused: wrong user or password, or no kdb+ server`;
  if (error.text === "timeout") return `${target} did not answer within ${TIMEOUT_MS / 1000} s`;
  return `${target}: ${error.text.replace(/^hop\. OS reports: /, "")}${error.why === "" ? "" : ` (${error.why})`}`;
}
