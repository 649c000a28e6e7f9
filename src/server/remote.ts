// The console to another server (perq connect): its lines are evaluated there, and the answers are shown as a q of ours
// shows them. The server may push messages; they are shown too, and never run here.

import { mark, sweep } from "#values/ownership.ts";
import { QSignal } from "#values/signals.ts";
import { string } from "#values/vectors.ts";
import * as sys from "#platform/sys.ts";
import { type Console, makeConsole } from "./console.ts";
import { fitTerminal } from "./main.ts";
import { defaultOptions } from "./options.ts";
import { writeAll } from "./output.ts";
import { Server } from "./server.ts";

const TIMEOUT_MS = 10000;

export interface RemoteParts {
  readonly complain: (text: string) => void;
  readonly leave: (code: number) => never;
}

/** `target` as hopen takes it. Returns (the exit code) only when there is no connection to be had. */
export function remoteConsole(target: string, { complain, leave }: RemoteParts): number {
  const shown = target.replace(/^((?:\w+:\/\/)?[^:]*:\d+).*$/, "$1");
  let console: Console | undefined;
  const server = new Server({
    options: defaultOptions(),
    commandLine: ["perq", "connect"],
    write: (descriptor, text) => writeAll(descriptor, text),
    exit: (code) => {
      console?.end();
      return leave(code);
    },
    pushed: (value) => server.showValue(value),
    lost: () => {
      complain(`${shown} closed the connection`);
      console?.end();
      leave(1);
    },
  });
  let handle: number;
  try {
    handle = server.handles.open(/^\d+$/.test(target) ? `:${target}` : target, TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof QSignal)) throw error;
    complain(reason(shown, error));
    return 1;
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
  if (sys.isTerminal(0)) fitTerminal(server.session.settings);
  console = makeConsole(evaluator, false);
  server.attachConsole(console);
  return server.run();
}

/** What went wrong, for someone who has not read kdb+'s list of errors. */
function reason(target: string, error: QSignal): string {
  if (error.text.includes("Connection refused")) return `nobody listens on ${target} (is the server running?)`;
  if (error.text === "access") return `${target} refused: wrong user or password, or no kdb+ server`;
  if (error.text === "timeout") return `${target} did not answer within ${TIMEOUT_MS / 1000} s`;
  return `${target}: ${error.text.replace(/^hop\. OS reports: /, "")}${error.why === "" ? "" : ` (${error.why})`}`;
}
