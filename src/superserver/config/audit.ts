/**
 * What a configuration allows that its author may not want: a program that is not there, a server that runs as root, a
 * user who can write the program that runs as him, the database it serves, or its QHOME. Only warnings; perq check
 * prints them, the daemon does not.
 */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Complaints } from "./complaint.ts";
import type { Service } from "./service.ts";
import type { World } from "./world.ts";

interface Writer {
  uid: number;
  gids: number[];
}

function mayWrite(path: string, writer: Writer): boolean {
  try {
    const { mode, uid, gid } = statSync(path);
    if (uid === writer.uid) return (mode & 0o200) !== 0;
    if (writer.gids.includes(gid)) return (mode & 0o020) !== 0;
    return (mode & 0o002) !== 0;
  } catch {
    return false; // what is not there is another complaint's business
  }
}

/** Whether he can replace it: the thing itself, or the directory it is in (unless sticky). */
function mayReplace(path: string, writer: Writer): string | undefined {
  if (mayWrite(path, writer)) return path;
  const parent = dirname(path);
  try {
    if ((statSync(parent).mode & 0o1000) !== 0) return undefined;
  } catch {
    return undefined;
  }
  return mayWrite(parent, writer) ? parent : undefined;
}

export function auditServices(services: Service[], world: World, complaints: Complaints): void {
  const seen = new Set<string>();
  for (const service of services) {
    if (service.builtin !== undefined || service.program === "") continue;
    // One line of inetd.conf is a service for each family; what is wrong with it is said once.
    const entry = `${service.place.file}:${service.place.line}`;
    if (seen.has(entry)) continue;
    seen.add(entry);
    auditService(service, world, complaints);
  }
}

function auditService(service: Service, world: World, complaints: Complaints): void {
  const name = service.dialect === "xinetd" ? service.id : service.name;
  const warn = (text: string, fix?: string) =>
    complaints.warn(service.place, text, { service: name, ...(fix === undefined ? {} : { fix }) });
  const why = world.whyNotExecutable(service.program);
  if (why !== undefined) warn(`${service.program}: ${why}: the clients of ${name} will be turned away`);
  const user = service.credentials.userName;
  const uid = service.credentials.uid ?? world.effectiveUid;
  if (service.startError !== undefined) return; // that was complained of when it was read
  if (uid === 0) {
    warn(
      `${name} runs ${service.program} as root for whoever connects`,
      "a user of its own, who owns nothing that it serves",
    );
    return; // root can write everything
  }
  const writer: Writer = {
    uid,
    gids: [service.credentials.gid ?? world.effectiveGid, ...(service.credentials.groups ?? [])],
  };
  const program = mayReplace(service.program, writer);
  if (program !== undefined) warn(`${user} can write ${program}, and so change the server of ${name}`);
  const home = service.environment.find((entry) => entry.startsWith("QHOME="))?.slice(6);
  if (home !== undefined && mayReplace(home, writer) !== undefined)
    warn(`${user} can write QHOME ${home}, which every q of ${name} reads at start`);
  for (const word of service.argv.slice(1)) {
    if (word.startsWith("/") && mayWrite(word, writer))
      warn(`${user} can write ${word}, which ${name} serves`, "chmod g-w,o-w, and another owner (mode rwxr-x---)");
  }
}
