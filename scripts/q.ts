// A bare console for work on the language: statements from standard input, answers as the console prints them.

import { createSession } from "#eval/session.ts";
import { formatConsole } from "#format/console.ts";
import { splitScript } from "#eval/script.ts";
import { QSignal } from "#values/signals.ts";
import { testingHost } from "../tests/testing-host.ts";

const host = testingHost();
const session = createSession(host);
const flush = (): void => {
  process.stdout.write(Buffer.from(host.written[1] + host.written[2], "latin1"));
  host.written[1] = host.written[2] = "";
};
for (const { text } of splitScript(Buffer.from(await Bun.stdin.arrayBuffer()).toString("latin1"))) {
  try {
    const { value, silent } = session.statement(text);
    flush();
    if (!silent)
      for (const line of formatConsole(session, value)) process.stdout.write(Buffer.from(`${line}\n`, "latin1"));
  } catch (error) {
    flush();
    if (!(error instanceof QSignal)) throw error;
    console.log(`'${error.text}${process.env["WHY"] ? `   (${error.why})` : ""}`);
  }
}
