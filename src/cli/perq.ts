// perq: the program for people. One row a subcommand; each is loaded only when it is asked for.

type Run = (words: string[]) => number | Promise<number>;
interface Subcommand {
  readonly usage: string;
  readonly load: () => Promise<Run>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  demo: {
    usage: "demo                              the example service on 127.0.0.1:2015, over a database made on first use",
    load: async () => (await import("./perq-demo.ts")).perqDemo,
  },
  connect: {
    usage: "connect host:port[:user:password]  a console to a kdb+ or perq server",
    load: async () => (await import("./perq-connect.ts")).perqConnect,
  },
  check: {
    usage: "check file…                       what perqd would make of inetd and xinetd files",
    load: async () => (await import("./perq-check.ts")).perqCheck,
  },
  convert: {
    usage: "convert --to kind file…            inetd and xinetd files and systemd units, each into each",
    load: async () => (await import("./perq-convert.ts")).perqConvert,
  },
  status: {
    usage: "status                            what a running perqd serves",
    load: async () => (await import("./perq-status.ts")).perqStatus,
  },
  top: {
    usage: "top                               the same, again and again",
    load: async () => (await import("./perq-status.ts")).perqTop,
  },
};

const usage = `usage: perq subcommand\n${Object.values(subcommands)
  .map((row) => `  perq ${row.usage}\n`)
  .join("")}`;

const [name, ...words] = process.argv.slice(2);
if (name === undefined || name === "--help" || name === "-h" || name === "help") {
  process.stdout.write(usage);
  process.exit(name === undefined ? 2 : 0);
}
const subcommand = subcommands[name];
if (subcommand === undefined) {
  process.stderr.write(`perq: there is no "${name}"\n${usage}`);
  process.exit(2);
}
process.exit(await (await subcommand.load())(words));

export {};
