// `npm test`: installs what the tests want from Debian where that is possible, then runs everything there is to check
// and closes with one line. A part that cannot run here says so loudly and is counted as skipped.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const bin = (name: string): string => resolve(root, "node_modules/.bin", name);
let failed = 0;
let passed = 0;
let skipped = 0;

/** Debian packages of the real peers; without root or apt their tests are skipped. */
const peers: readonly [file: string, pkg: string][] = [
  ["/usr/sbin/xinetd", "xinetd"],
  ["/usr/sbin/inetd", "openbsd-inetd"],
  ["/usr/bin/unshare", "util-linux"],
  ["/usr/bin/taskset", "util-linux"],
  ["/usr/sbin/ip", "iproute2"],
  ["/usr/bin/perl", "perl-base"],
  ["/usr/bin/openssl", "openssl"],
];
function installPeers(): void {
  const wanted = [...new Set(peers.filter(([file]) => !existsSync(file)).map(([, pkg]) => pkg))];
  if (wanted.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    loud(`not installed here, and no root or apt to install: ${wanted.join(" ")}; their tests will be skipped`);
    return;
  }
  console.log(`installing ${wanted.join(" ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
  spawnSync("apt-get", ["update", "-qq"], options);
  // openbsd-inetd and xinetd may each want to start; neither shall, the tests start their own.
  const args = ["install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", ...wanted];
  const done = spawnSync("apt-get", args, { ...options, env: { ...env, RUNLEVEL: "1" } });
  if (done.status !== 0) loud(`apt-get could not install ${wanted.join(" ")}; their tests will be skipped`);
}

function loud(text: string): void {
  console.log(`\n*** SKIPPED: ${text}\n`);
  skipped++;
}

function step(name: string, command: string, args: readonly string[]): void {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const run = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const output = `${run.stdout}${run.stderr}`;
  const counts = {
    pass: /^ *(\d+) pass$/m.exec(output),
    fail: /^ *(\d+) fail$/m.exec(output),
    skip: /^ *(\d+) skip$/m.exec(output),
  };
  console.log(output.trimEnd());
  console.log(
    `=== ${name}: ${run.status === 0 ? "ok" : `exit ${run.status ?? run.signal}`}, ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  if (counts.pass !== null) {
    passed += Number(counts.pass[1]);
    failed += Number(counts.fail?.[1] ?? 0);
    skipped += Number(counts.skip?.[1] ?? 0);
    if (run.status !== 0 && Number(counts.fail?.[1] ?? 0) === 0) failed++;
  } else if (run.status === 0) passed++;
  else failed++;
}

installPeers();
if (!existsSync(resolve(root, "../shared")))
  loud("no ../shared beside the project: conformance corpus, wire vectors and real databases");
step("kernels and programs", process.execPath, ["scripts/build.ts"]);
step("types", bin("tsc"), ["--noEmit"]);
step("lint", bin("biome"), ["check", "--max-diagnostics=40"]);
step("tests", process.execPath, ["test", "--timeout", "120000"]);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
