/**
 * SIGUSR1: the state of every service and session, appended to the dump file in xinetd's own lines, with what only
 * perqd knows below them. The file has secrets in it (env): only its owner may read it.
 */
import { appendFileSync } from "node:fs";
import type { Service } from "./config/service.ts";
import { type Daemon, VERSION } from "./daemon.ts";
import type { RunningService, Session } from "./running.ts";

const protocolNumbers: Record<string, number> = { tcp: 6, udp: 17 };
const successOrder = ["HOST", "DURATION", "EXIT", "PID", "USERID", "TRAFFIC"];
const failureOrder = ["HOST", "ATTEMPT", "USERID"];

export function dumpState(daemon: Daemon, path: string): void {
  const lines = [`INTERNAL STATE DUMP: perqd ${VERSION}`, `Current time: ${clock(Date.now())}`, ""];
  lines.push("Services + defaults:");
  const all = [...daemon.running.values(), ...daemon.retired];
  for (const running of all) lines.push(...serviceLines(running));
  lines.push("Server table dump:");
  for (const running of all) for (const session of running.sessions) lines.push(...sessionLines(session));
  lines.push("", `Children: ${daemon.children.size}`, "END OF DUMP", "", "");
  try {
    appendFileSync(path, lines.join("\n"), { mode: 0o600 });
    daemon.log.info(`State was dumped to ${path}`);
  } catch (error) {
    daemon.log.error(`State could not be dumped: ${error instanceof Error ? error.message : error}`);
  }
}

/** As ctime writes it: "Tue Nov 24 17:57:56 2026". */
function clock(ms: number): string {
  const date = new Date(ms);
  const [weekday, month, , , time] = date.toString().split(" ");
  return `${weekday} ${month} ${String(date.getDate()).padStart(2)} ${time} ${date.getFullYear()}`;
}

function serviceLines(running: RunningService): string[] {
  const { service } = running;
  const state = running.retired ? "Dropped" : running.listeners.length > 0 || service.mux ? "Active" : "Suspended";
  const lines = [`Service = ${service.name}`, `\tState = ${state}`];
  if (running.suspendedWhy !== "") lines.push(`\tSuspended: ${running.suspendedWhy}`);
  lines.push(`\tService configuration: ${service.name}`, ...configurationLines(service).map((line) => `\t\t${line}`));
  lines.push(`\trunning servers = ${running.sessions.size}`);
  const refused = [...running.refusals].map(([reason, count]) => `${reason}=${count}`).join(" ") || "0";
  lines.push(`\taccepted = ${running.accepted}`, `\trefused = ${refused}`);
  for (const { fd } of running.listeners) lines.push(`\tservice fd = ${fd}`);
  return [...lines, ""];
}

function configurationLines(service: Service): string[] {
  const { rate, log } = service;
  const lines: string[] = [`id = ${service.id}`, `defined = ${service.place.file}:${service.place.line}`];
  const say = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== "") lines.push(`${name} = ${value}`);
  };
  const inOrder = (words: string[], order: string[]) => order.filter((word) => words.includes(word)).join(" ");
  say("socket_type", service.socketType);
  say("Protocol (name,number)", `(${service.protocol},${protocolNumbers[service.protocol] ?? "?"})`);
  say("port", service.port || undefined);
  say("Instances", service.instances ?? "UNLIMITED");
  say("wait", service.wait ? "yes" : "no");
  say("user", service.credentials.uid ?? service.credentials.userName);
  say("group", service.credentials.groupName);
  say("Groups", service.credentials.groups?.length ? "yes" : "no");
  say("Nice", service.nice);
  say("umask", service.umask?.toString(8));
  if (rate.kind === "cps") lines.push(`CPS = max conn:${rate.perSecond} wait:${rate.waitSeconds}`);
  else say("rate", JSON.stringify(rate));
  say("PER_SOURCE", service.perSource ?? -1);
  say("Bind", service.endpoints.map((one) => ("host" in one.address ? one.address.host : one.label)).join(" "));
  say("Server", service.program);
  if (service.program !== "") say("Server argv", service.argv.join(" "));
  say("Redirect", service.redirect && JSON.stringify(service.redirect));
  const list = (title: string, patterns: { text: string }[] | undefined, none: string) =>
    lines.push(`${title}: ${patterns?.map((one) => ` ${one.text}`).join("") ?? none}`);
  list("Only from", service.onlyFrom, "All sites");
  list("No access", service.noAccess, "No blocked sites");
  if (log.to === "file") {
    const limits = log.softBytes === undefined ? "no limits" : `soft=${log.softBytes} hard=${log.hardBytes}`;
    lines.push(`Logging to file: ${log.path} (${limits})`);
  } else if (log.to === "syslog") lines.push(`Logging to syslog. Facility = ${log.facility}, level = ${log.level}`);
  else lines.push("No logging");
  say("Log_on_success flags", inOrder(service.logOnSuccess, successOrder));
  say("Log_on_failure flags", inOrder(service.logOnFailure, failureOrder));
  if (service.ownEnvironment.length > 0)
    lines.push("Environment additions:", ...service.ownEnvironment.map((one) => `\t${one}`));
  lines.push("Environment strings:", ...service.environment.map((one) => `\t${one}`));
  return lines;
}

function sessionLines(session: Session): string[] {
  const { peer, running } = session;
  const port = peer !== undefined && "port" in peer ? `,${peer.port}` : "";
  return [
    `${running.title} server`,
    `pid = ${session.pid}`,
    `start_time = ${clock(session.startedMs)}`,
    "Connection info:",
    `\tservice = ${running.service.id}`,
    `\tremote_address = ${session.from}${port}`,
    `warm = ${session.warm ? "YES" : "NO"}`,
    "",
  ];
}
