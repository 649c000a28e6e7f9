/**
 * What a configuration allows that its author may not want: a service's user who can write the program that runs as
 * him, the database it serves, or its QHOME. Only warnings; perq check prints them, the daemon does not.
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
  for (const service of services) {
    if (service.builtin !== undefined || service.program === "") continue;
    const uid = service.credentials.uid ?? world.effectiveUid;
    const more = { service: service.id };
    const user = service.credentials.userName;
    if (uid === 0) {
      const fix = "a user of its own, who owns nothing that it serves";
      complaints.warn(service.place, `${service.id} runs ${service.program} as root for whoever connects`, {
        ...more,
        fix,
      });
      continue; // root can write everything
    }
    const writer: Writer = {
      uid,
      gids: [service.credentials.gid ?? world.effectiveGid, ...(service.credentials.groups ?? [])],
    };
    const program = mayReplace(service.program, writer);
    if (program !== undefined)
      complaints.warn(service.place, `${user} can write ${program}, and so change the server of ${service.id}`, more);
    const home = service.environment.find((entry) => entry.startsWith("QHOME="))?.slice(6);
    if (home !== undefined && mayReplace(home, writer) !== undefined) {
      complaints.warn(
        service.place,
        `${user} can write QHOME ${home}, which every q of ${service.id} reads at start`,
        more,
      );
    }
    for (const word of service.argv.slice(1)) {
      if (word.startsWith("/") && mayWrite(word, writer)) {
        complaints.warn(service.place, `${user} can write ${word}, which ${service.id} serves`, {
          ...more,
          fix: "chmod g-w,o-w, and another owner (mode rwxr-x---)",
        });
      }
    }
  }
}
