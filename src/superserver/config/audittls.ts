/**
 * What perq check says of a service's certificates, keys and environment: a key that others may read, a certificate
 * that is not good today or soon will not be, a variable that changes what program runs. Only warnings.
 */
import { statSync } from "node:fs";
import { TlsContext, TlsError } from "#platform/tls.ts";
import type { Complaints } from "./complaint.ts";
import { isDangerous } from "./environment.ts";
import type { Service } from "./service.ts";
import type { World } from "./world.ts";

const SOON_MS = 14 * 86_400_000;

export function auditSecrets(services: Service[], world: World, complaints: Complaints): void {
  for (const service of services) {
    const more = { service: service.id };
    for (const entry of service.ownEnvironment) {
      const [name] = entry.split("=", 1);
      if (isDangerous(name)) complaints.warn(service.place, `env: ${name} changes what the server runs`, more);
    }
    for (const name of service.passEnvironment ?? []) {
      const there = world.environment.some(([known]) => known === name);
      if (there && isDangerous(name))
        complaints.warn(
          service.place,
          `passenv: ${name} of perqd's own environment changes what the server runs`,
          more,
        );
    }
    for (const { certificate, key } of service.tls?.certificates ?? []) {
      auditKey(key ?? certificate, service, world, complaints);
      auditDates(certificate, key, service, complaints);
    }
  }
}

/** perqd reads keys as root, at start and on HUP: nobody else needs to. */
function auditKey(path: string, service: Service, world: World, complaints: Complaints): void {
  let mode: number;
  let uid: number;
  let gid: number;
  try {
    ({ mode, uid, gid } = statSync(path));
  } catch {
    return; // said already: it makes no TLS server
  }
  const more = { service: service.id, fix: `chmod 600 ${path}` };
  const { credentials } = service;
  const user = credentials.uid ?? world.effectiveUid;
  const groups = [credentials.gid ?? world.effectiveGid, ...(credentials.groups ?? [])];
  if ((mode & 0o022) !== 0)
    complaints.warn(service.place, `tls_key ${path} can be written by others than its owner`, more);
  else if ((mode & 0o004) !== 0) complaints.warn(service.place, `tls_key ${path} can be read by everybody`, more);
  else if ((mode & 0o040) !== 0 && user !== 0 && groups.includes(gid) && user !== uid)
    complaints.warn(service.place, `tls_key ${path} can be read by ${credentials.userName}, whom clients reach`, more);
  if (user !== 0 && user === uid)
    complaints.warn(service.place, `tls_key ${path} belongs to ${credentials.userName}, whom clients reach`, {
      service: service.id,
      fix: `chown root ${path}`,
    });
}

function auditDates(certificate: string, key: string | undefined, service: Service, complaints: Complaints): void {
  let context: TlsContext;
  try {
    context = new TlsContext({ role: "server", certificate, key, verify: "no" });
  } catch (error) {
    if (error instanceof TlsError) return;
    throw error;
  }
  const now = context.validity();
  const soon = context.validity(Date.now() + SOON_MS);
  context.close();
  const more = { service: service.id };
  if (now !== "good")
    complaints.warn(
      service.place,
      `tls_certificate ${certificate} ${now === "expired" ? "has expired" : "is not valid yet"}`,
      more,
    );
  else if (soon === "expired")
    complaints.warn(service.place, `tls_certificate ${certificate} expires within two weeks`, more);
}
