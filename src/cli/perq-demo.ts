// perq demo (npm start): perqd in the foreground on 127.0.0.1:2015, a private q over a small TAQ database for everyone
// who connects. The database is made on first use, the service is the source document's own file with this machine's
// user and paths in it. Everything lies in one directory and can be thrown away.

import * as fs from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as sys from "#platform/sys.ts";
import { perqd } from "#superserver/start.ts";

const PORT = 2015;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The checkout or package this program belongs to: dist/perq or src/cli/perq.ts lie in it. */
function home(): string {
  return Bun.main.startsWith("/$bunfs/") ? resolve(dirname(process.execPath), "..") : resolve(import.meta.dir, "../..");
}

/** PERQ_DEMO, or demo-data in a checkout of our own, or where a user's data belongs. */
function place(root: string): string {
  const { PERQ_DEMO, XDG_DATA_HOME, HOME } = process.env;
  if (PERQ_DEMO !== undefined && PERQ_DEMO !== "") return resolve(PERQ_DEMO);
  if (fs.existsSync(join(root, ".git")) && sys.access(root, sys.W_OK) === 0) return join(root, "demo-data");
  return join(XDG_DATA_HOME ?? join(HOME ?? "/tmp", ".local/share"), "perq/demo");
}

export function perqDemo(words: string[]): number {
  const port = words.length === 0 ? PORT : words.length === 2 && words[0] === "--port" ? Number(words[1]) : Number.NaN;
  if (!(port > 0 && port < 65536)) {
    process.stderr.write("usage: perq demo [--port N]     PERQ_DEMO=directory puts its files there\n");
    return 2;
  }
  const root = home();
  const directory = place(root);
  const q = join(root, "bin/q");
  const database = join(directory, "taq");
  fs.mkdirSync(directory, { recursive: true });
  if (!fs.existsSync(database) && !generate(q, join(root, "examples/demo/taq.q"), database)) return 1;
  const files = configure(root, directory, q, database, port);
  say(`
Every connection to 127.0.0.1:${port} gets a q of its own over ${database}.
In another terminal:
  ${join(root, "bin/perq")} connect localhost:${port}
  localhost:${port}>select n:count i, vwap:size wavg price by date from trade
The service: ${files.service}
The log:     ${files.log}   Ctrl-C ends it all.
`);
  const compiled = Bun.main.startsWith("/$bunfs/");
  const self = compiled ? [join(root, "dist/perqd")] : [process.execPath, join(root, "src/cli/perqd.ts")];
  return perqd(["-dontfork", "-f", files.main, "--services", files.services], self, process.env);
}

/** Made beside its place and moved there whole: an interrupted run leaves no half database. */
function generate(q: string, script: string, database: string): boolean {
  const temporary = `${database}.new`;
  fs.rmSync(temporary, { recursive: true, force: true });
  say("The demo database is made, once; a few seconds.");
  const run = Bun.spawnSync([q, script, temporary, "-q"], { stdio: ["ignore", "inherit", "inherit"] });
  if (run.exitCode !== 0 || !fs.existsSync(join(temporary, "sym"))) {
    process.stderr.write(`perq: ${script} made no database (exit ${run.exitCode})\n`);
    return false;
  }
  fs.renameSync(temporary, database);
  return true;
}

/** The example's service with this user's name and these paths, listening on 127.0.0.1 only. */
function configure(root: string, directory: string, q: string, database: string, port: number) {
  const user = sys.userById(sys.getEffectiveUid())?.name ?? String(sys.getEffectiveUid());
  const example = fs.readFileSync(join(root, "examples/xinetd.d/kdbtaq"), "utf8");
  const set = (text: string, attribute: string, value: string): string =>
    text.replace(new RegExp(`^( +${attribute} +=).*$`, "m"), `$1 ${value}`);
  let service = example.replace(/^# {4}(bind .*)$/m, "    $1");
  service = set(service, "user", user);
  service = set(service, "env", `QHOME=${root} QLIC=${root}`);
  service = set(service, "server", q);
  service = set(service, "server_args", `${database} -s 4 -q -g 1`);
  const files = {
    main: join(directory, "xinetd.conf"),
    service: join(directory, "xinetd.d/kdbtaq"),
    services: join(directory, "services"),
    log: join(directory, "service.log"),
  };
  fs.mkdirSync(join(directory, "xinetd.d"), { recursive: true });
  fs.writeFileSync(files.service, service);
  const services = fs.readFileSync(join(root, "examples/services"), "utf8");
  fs.writeFileSync(files.services, services.replace(`${PORT}/tcp`, `${port}/tcp`));
  fs.writeFileSync(
    files.main,
    `# Written by perq demo.
defaults
{
    log_type       = FILE ${files.log}
    log_on_success = PID HOST EXIT DURATION
    log_on_failure = HOST
}

includedir ${join(directory, "xinetd.d")}
`,
  );
  return files;
}
