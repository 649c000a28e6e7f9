/**
 * Runs cases inside `unshare -mn`, where cases.test.ts starts it: lays the fixture's files over /etc, brings loopback
 * up, and prints one JSON line a case. Arguments: places as JSON, kind, under, "slow" or "quick", [ids].
 */
import { existsSync, writeFileSync } from "node:fs";
import { cases } from "./cases.ts";
import { Fixture, type Kind, type Places, syslogPath, type Under } from "./fixture.ts";

const [placesText, kind, under, speed, ids] = process.argv.slice(2) as [string, Kind, Under, "slow" | "quick", string];
const places = JSON.parse(placesText) as Places;

const lines = (path: string) => Bun.spawnSync(["cat", path]).stdout.toString();
const overlays: Record<string, string> = {
  "/etc/services": `kdbtaq 20150/tcp kdbalias\nkdbtwo 20151/tcp\nkdbudp 20152/udp\nkdbnoproto 20153/udp\n${lines("/etc/services")}`,
  "/etc/passwd": `${lines("/etc/passwd")}kdbuser:x:4002:4001::/home/kdb:/bin/sh\nfirst.last:x:4005:4001::/:/bin/sh\n`,
  "/etc/group": `${lines("/etc/group")}kdb:x:4001:kdbuser\nkdbextra:x:4003:kdbuser\nkdbother:x:4004:\n`,
};
// The name server is not asked: names are the hosts file's.
overlays["/etc/hosts"] = "127.0.0.1 localhost\n::1 localhost\n127.0.0.21 taq.example.test\n127.0.0.22 other.test\n";
overlays["/etc/resolv.conf"] = "";
for (const path of ["/etc/hosts.allow", "/etc/hosts.deny"]) if (existsSync(path)) overlays[path] = "";
const shell = (command: string) => {
  const done = Bun.spawnSync(["/bin/sh", "-c", command], { stdout: "pipe", stderr: "pipe" });
  if (done.exitCode !== 0) throw new Error(`${command}: ${done.stderr}`);
};
for (const [path, text] of Object.entries(overlays)) {
  const copy = `${places.directory}/${kind}-${under}-${speed}-${path.replaceAll("/", "_")}`;
  writeFileSync(copy, text);
  shell(`mount --bind ${copy} ${path}`);
}
shell("ip link set lo up");

const own = speed === "slow" ? { ...places, directory: `${places.directory}/slow` } : places;
const fixture = new Fixture(kind, under, own);
shell(`[ -e /dev/log ] || : > /dev/log; mount --bind ${syslogPath(own, kind, under)} /dev/log`);
for (const one of cases) {
  if (one.kind !== kind || (one.slow ?? false) !== (speed === "slow") || (one.ours && under === "oracle")) continue;
  if (ids !== undefined && !ids.split(",").includes(one.id)) continue;
  const started = performance.now();
  let error: string | undefined;
  try {
    await one.run(fixture);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  try {
    fixture.stop();
  } catch (thrown) {
    error ??= `afterwards: ${thrown}`;
  }
  console.log(JSON.stringify({ id: one.id, kind, under, error, ms: Math.round(performance.now() - started) }));
}
process.exit(0);
