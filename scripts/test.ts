// `npm test`: installs what the tests want from Debian where that is possible, then runs everything there is to check
// and closes with one line. A part that cannot run here says so loudly and is counted as skipped.

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const bin = (name: string): string => resolve(root, "node_modules/.bin", name);
let failed = 0;
let passed = 0;
let skipped = 0;

/**
 * What the tests of the super-server need from Debian; without root or apt those tests are skipped. The inetds exclude one
 * another as packages: tests/superserver/oracles.ts fetches and unpacks them side by side.
 */
const peers: readonly [file: string, pkg: string][] = [
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
  const args = ["install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", ...wanted];
  const done = spawnSync("apt-get", args, options);
  if (done.status !== 0) loud(`apt-get could not install ${wanted.join(" ")}; their tests will be skipped`);
}

function loud(text: string): void {
  console.log(`\n*** SKIPPED: ${text}\n`);
  skipped++;
}

/** A file takes the output: a pipe would be waited for as long as any process that a test left behind holds it. */
function step(name: string, command: string, args: readonly string[]): void {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const path = join(tmpdir(), `perq-test-${process.pid}-${name.replaceAll(" ", "-")}`);
  const file = openSync(path, "w");
  const run = spawnSync(command, args, { cwd: root, stdio: ["ignore", file, file] });
  closeSync(file);
  const output = readFileSync(path, "utf8");
  rmSync(path);
  const count = (word: string): number | undefined => {
    const found = new RegExp(`^ *(\\d+) ${word}$`, "m").exec(output);
    return found === null ? undefined : Number(found[1]);
  };
  console.log(output.trimEnd());
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`=== ${name}: ${run.status === 0 ? "ok" : `exit ${run.status ?? run.signal}`}, ${seconds} s`);
  const pass = count("pass");
  if (pass === undefined) {
    if (run.status === 0) passed++;
    else failed++;
    return;
  }
  const fail = count("fail") ?? 0;
  passed += pass;
  failed += run.status !== 0 && fail === 0 ? 1 : fail;
  skipped += count("skip") ?? 0;
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
