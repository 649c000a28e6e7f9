// q: the private server, the console, the small server with a port. argv in, exit code out.

import { options, standard, words } from "./descriptors.ts"; // first: see there
import { main } from "#server/main.ts";
import { UsageError } from "#server/options.ts";
import { writeAll } from "#server/output.ts";
import { exitNow } from "#platform/sys.ts";

/** EX_SOFTWARE of sysexits.h. */
const BUG = 70;

const say = (text: string): void => writeAll(2, Buffer.from(text, "utf8").toString("latin1"));

if (options instanceof UsageError) {
  say(`'invalid: ${options.message}\n`);
  exitNow(2);
}
try {
  main(options, [process.argv0, ...words], standard, exitNow);
} catch (error) {
  // A bug of ours ends the process, loudly; Bun would print the whole bundle's line with it.
  say(`q: ${error instanceof Error ? error.stack : error}\n`);
  exitNow(BUG);
}
