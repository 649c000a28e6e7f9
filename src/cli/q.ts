// q: the private server, the console, the small server with a port. argv in, exit code out.

import { options, standard, words } from "./descriptors.ts"; // first: see there
import { main } from "#server/main.ts";
import { UsageError } from "#server/options.ts";

/** EX_SOFTWARE of sysexits.h. */
const BUG = 70;

if (options instanceof UsageError) {
  process.stderr.write(`'invalid: ${options.message}\n`);
  process.exit(2);
}
try {
  main(options, [process.argv0, ...words], standard, (code) => process.exit(code));
} catch (error) {
  // A bug of ours ends the process, loudly; Bun would print the whole bundle's line with it.
  process.stderr.write(`q: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(BUG);
}
