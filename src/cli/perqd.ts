/** perqd: argv in, exit status out. Everything else is superserver/. */
import { exitNow } from "#platform/sys.ts";
import { perqd } from "#superserver/start.ts";

// A compiled program is itself; from source it is bun and this file.
const compiled = Bun.main.startsWith("/$bunfs/");
const self = compiled ? [process.execPath] : [process.execPath, ...process.execArgv, Bun.main];
exitNow(perqd(process.argv.slice(2), self, process.env));
