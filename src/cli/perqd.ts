/** perqd: argv in, exit status out. Everything else is superserver/. */
import { perqd } from "#superserver/start.ts";

// A compiled program is itself; from source it is bun and this file.
const compiled = Bun.main.startsWith("/$bunfs/");
const self = compiled ? [process.execPath] : [process.execPath, ...process.execArgv, Bun.main];
process.exit(perqd(process.argv.slice(2), self, process.env));
