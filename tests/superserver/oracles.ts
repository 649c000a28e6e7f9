/**
 * The real daemons, to hold perqd against: Debian's xinetd, openbsd-inetd and inetutils-inetd. They conflict as
 * packages, so they are unpacked beside each other and run in place; only the libraries they want are installed.
 * Without root, apt or a network they are missing, and the tests that want them are skipped with a word.
 */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";

export type OracleName = "xinetd" | "openbsd" | "gnu";

const where = "/var/cache/perq-oracles";
const packages: Record<OracleName, { name: string; program: string }> = {
  xinetd: { name: "xinetd", program: "usr/sbin/xinetd" },
  openbsd: { name: "openbsd-inetd", program: "usr/sbin/inetd" },
  gnu: { name: "inetutils-inetd", program: "usr/sbin/inetutils-inetd" },
};
const libraries = ["libwrap0", "libtirpc3", "libselinux1", "libbsd0", "libevent-2.1-7", "libsystemd0"];

const run = (words: string[], cwd = "/") => Bun.spawnSync(words, { cwd, stdout: "pipe", stderr: "pipe" });

/** Finds or fetches what is missing. The path of each daemon that can be run. */
export function oracles(): Partial<Record<OracleName, string>> {
  const found: Partial<Record<OracleName, string>> = {};
  const paths = () => {
    for (const [key, { name, program }] of Object.entries(packages) as [
      OracleName,
      { name: string; program: string },
    ][]) {
      const path = `${where}/${name}/${program}`;
      if (existsSync(path)) found[key] = path;
    }
  };
  paths();
  const complete = () => Object.keys(found).length === Object.keys(packages).length;
  if (complete() || process.getuid?.() !== 0 || Bun.which("apt-get") === null) return found;
  mkdirSync(where, { recursive: true });
  const lists = "/var/lib/apt/lists";
  const fresh = existsSync(lists) && readdirSync(lists).length > 3 && Date.now() - statSync(lists).mtimeMs < 86_400_000;
  if (!fresh) run(["apt-get", "update"]);
  run(["apt-get", "install", "-y", "--no-install-recommends", ...libraries, "iproute2"]);
  for (const { name } of Object.values(packages)) {
    run(["apt-get", "download", name], where);
    const file = readdirSync(where).find((one) => one.startsWith(`${name}_`) && one.endsWith(".deb"));
    if (file !== undefined) run(["dpkg", "-x", `${where}/${file}`, `${where}/${name}`]);
  }
  paths();
  return found;
}

/** The C compiler that the probe needs; installed when that is possible. */
export function compiler(): string | undefined {
  const found = Bun.which("cc") ?? Bun.which("gcc");
  if (found !== null) return found;
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) return undefined;
  run(["apt-get", "install", "-y", "--no-install-recommends", "gcc", "libc6-dev"]);
  return Bun.which("gcc") ?? undefined;
}

/** Debian's systemd: the programs of it that need no systemd running. */
export interface SystemdTools {
  "systemd-socket-activate": string;
  "systemd-analyze": string;
  "systemd-cat": string;
  journalctl: string;
  "systemd-journald": string;
}

/** Installed where that is possible; in a container its scripts start nothing. */
export function systemdTools(): SystemdTools | undefined {
  const find = (): SystemdTools | undefined => {
    const journald = ["/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald"].find((path) =>
      existsSync(path),
    );
    const named = ["systemd-socket-activate", "systemd-analyze", "systemd-cat", "journalctl"].map((name) => [
      name,
      Bun.which(name),
    ]);
    if (journald === undefined || named.some(([, path]) => path === null)) return undefined;
    return { ...Object.fromEntries(named), "systemd-journald": journald } as SystemdTools;
  };
  const here = find();
  if (here !== undefined || process.getuid?.() !== 0 || Bun.which("apt-get") === null) return here;
  const install = ["apt-get", "install", "-y", "--no-install-recommends", "systemd"];
  if (run(install).exitCode !== 0) {
    run(["apt-get", "update"]);
    run(install);
  }
  return find();
}
