// q: the private server, the console, the small server with a port. argv in, exit code out.

import { options, standard, words } from "./descriptors.ts"; // first: see there
import { main } from "#server/main.ts";
import { UsageError } from "#server/options.ts";

if (options instanceof UsageError) {
  process.stderr.write(`'invalid: ${options.message}\n`);
  process.exit(2);
}
main(options, [process.argv0, ...words], standard, (code) => process.exit(code));
