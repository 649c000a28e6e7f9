/** SIGUSR1: the state of every service and session, appended to the dump file as xinetd does. */
import { appendFileSync } from "node:fs";
import type { Daemon } from "./daemon.ts";
import { stamp } from "./logs.ts";
import type { RunningService } from "./running.ts";

export function dumpState(daemon: Daemon, path: string): void {
  const lines = [
    `INTERNAL STATE DUMP: ${stamp(Date.now())} perqd[${process.pid}]`,
    "",
    `Current time: ${new Date().toString()}`,
    "",
  ];
  lines.push("Services:", "");
  for (const running of daemon.running.values()) lines.push(...serviceLines(running));
  for (const running of daemon.retired) lines.push("(no longer configured)", ...serviceLines(running));
  lines.push(`Children: ${daemon.children.size}`, "END OF DUMP", "", "");
  try {
    appendFileSync(path, lines.join("\n"), { mode: 0o600 });
    daemon.log.info(`State was dumped to ${path}`);
  } catch (error) {
    daemon.log.error(`State could not be dumped: ${error instanceof Error ? error.message : error}`);
  }
}

function serviceLines(running: RunningService): string[] {
  const { service } = running;
  const words: [string, unknown][] = [
    ["id", service.id],
    ["defined", `${service.place.file}:${service.place.line}`],
    [
      "state",
      running.listeners.length > 0 ? "Active" : `Suspended${running.suspendedWhy && `: ${running.suspendedWhy}`}`,
    ],
    ["socket_type", service.socketType],
    ["protocol", service.protocol],
    ["port", service.port || undefined],
    [
      "bind",
      service.endpoints.map((one) => ("host" in one.address ? one.address.host : one.label)).join(" ") || undefined,
    ],
    ["wait", service.wait ? "yes" : "no"],
    ["user", service.credentials.userName || undefined],
    ["uid", service.credentials.uid],
    ["gid", service.credentials.gid],
    ["groups", service.credentials.groups?.join(" ")],
    ["server", service.program || undefined],
    ["server_args", service.argv.slice(1).join(" ") || undefined],
    ["redirect", service.redirect && JSON.stringify(service.redirect)],
    ["instances", service.instances ?? "UNLIMITED"],
    ["per_source", service.perSource ?? "UNLIMITED"],
    ["rate", JSON.stringify(service.rate)],
    ["only_from", service.onlyFrom?.map((one) => one.text).join(" ")],
    ["no_access", service.noAccess?.map((one) => one.text).join(" ")],
    ["log", JSON.stringify(service.log)],
    ["accepted", running.accepted],
    ["refused", [...running.refusals].map(([reason, count]) => `${reason}=${count}`).join(" ") || 0],
    ["running servers", running.sessions.size],
  ];
  const lines = [`Service = ${service.name}`];
  for (const [key, value] of words) if (value !== undefined) lines.push(`\t${key} = ${value}`);
  for (const session of running.sessions) {
    lines.push(`\tserver pid = ${session.pid}, start_time = ${stamp(session.startedMs)}, peer = ${session.from}`);
  }
  return [...lines, ""];
}
