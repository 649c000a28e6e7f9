/**
 * What an operator may ask a running perqd, over a unix socket that only he can open: one line in, JSON (or text) out.
 * Also the same numbers for Prometheus and a health check over HTTP, on loopback or a unix socket.
 */
import { lstatSync, readFileSync, unlinkSync } from "node:fs";
import { EAGAIN, EINTR, errorText } from "#platform/errno.ts";
import { peerCredentials } from "#platform/passing.ts";
import {
  acceptFrom,
  connectTo,
  formatIpv6,
  listenOn,
  parseIpv4,
  parseIpv6,
  type SocketAddress,
} from "#platform/sockets.ts";
import { type Traffic, tcpTraffic, trafficKey } from "#platform/sockdiag.ts";
import * as sys from "#platform/sys.ts";
import { type Daemon, VERSION } from "./daemon.ts";
import type { RunningService, Session } from "./running.ts";

export interface SessionStatus {
  pid: number;
  from: string;
  port?: number;
  startedAt: string;
  ageSeconds: number;
  user: string;
  cpuSeconds?: number;
  rssKb?: number;
  /** Of the resident memory, what it shares with no file and nobody: what one more session costs. */
  privateKb?: number;
  /** From the client and to it, as TCP or the relay counts them. */
  inBytes?: number;
  outBytes?: number;
  warm: boolean;
}

export interface ServiceStatus {
  id: string;
  name: string;
  state: "listening" | "suspended" | "waiting" | "dropped" | "tcpmux";
  why?: string;
  listens: string[];
  server: string;
  user: string;
  instances?: number;
  perSource?: number;
  running: number;
  accepted: number;
  refused: Record<string, number>;
  inBytes: number;
  outBytes: number;
  warm?: { wanted: number; ready: number; starting: number; given: number; missed: number };
  sessions: SessionStatus[];
}

export interface DaemonStatus {
  version: string;
  pid: number;
  startedAt: string;
  uptimeSeconds: number;
  reloads: number;
  sessions: number;
  services: ServiceStatus[];
}

export function statusOf(daemon: Daemon): DaemonStatus {
  const all = [...daemon.running.values(), ...daemon.retired];
  const traffic = all.some((one) => one.sessions.size > 0) ? tcpTraffic() : new Map<string, Traffic>();
  return {
    version: VERSION,
    pid: process.pid,
    startedAt: new Date(daemon.startedMs).toISOString(),
    uptimeSeconds: Math.round((Date.now() - daemon.startedMs) / 1000),
    reloads: daemon.reloads,
    sessions: all.reduce((sum, one) => sum + one.sessions.size, 0),
    services: all.map((running) => serviceStatus(running, traffic)),
  };
}

function stateOf(running: RunningService): ServiceStatus["state"] {
  if (running.retired) return "dropped";
  if (running.service.mux !== undefined) return "tcpmux";
  if (running.listeners.length === 0) return "suspended";
  return running.waiter !== undefined ? "waiting" : "listening";
}

function serviceStatus(running: RunningService, traffic: Map<string, Traffic>): ServiceStatus {
  const { service, pool } = running;
  return {
    id: service.id,
    name: service.name,
    state: stateOf(running),
    why: running.suspendedWhy || undefined,
    listens: service.endpoints.map(({ address }) => {
      if (address.family === "unix") return address.path;
      if (address.family === "unknown") return "?";
      return address.family === "ipv6" ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
    }),
    server: service.builtin ? `internal ${service.builtin}` : service.redirect ? "redirect" : service.program,
    user: service.credentials.userName,
    instances: service.instances,
    perSource: service.perSource,
    running: running.sessions.size,
    accepted: running.accepted,
    refused: Object.fromEntries(running.refusals),
    inBytes: running.inBytes,
    outBytes: running.outBytes,
    warm: pool && {
      wanted: pool.wanted,
      ready: pool.readyCount,
      starting: pool.startingCount,
      given: pool.given,
      missed: pool.missed,
    },
    sessions: [...running.sessions].map((session) => ({
      pid: session.pid,
      from: session.from,
      port: session.peer && "port" in session.peer ? session.peer.port : undefined,
      startedAt: new Date(session.startedMs).toISOString(),
      ageSeconds: Math.round((Date.now() - session.startedMs) / 1000),
      user: service.credentials.userName,
      warm: session.warm,
      ...processUse(session.pid),
      ...bytesOf(session, traffic),
    })),
  };
}

function bytesOf(session: Session, traffic: Map<string, Traffic>): { inBytes?: number; outBytes?: number } {
  const { inBytes, outBytes, peer, running } = session;
  if (inBytes > 0 || outBytes > 0) return { inBytes, outBytes };
  if (peer === undefined || !("port" in peer)) return {};
  const counted = traffic.get(trafficKey(running.service.port, peer.host, peer.port));
  return counted === undefined ? {} : { inBytes: counted.received, outBytes: counted.sent };
}

/** CPU and memory of a child, as /proc has it; nothing once it is gone. */
function processUse(pid: number): { cpuSeconds?: number; rssKb?: number; privateKb?: number } {
  if (pid === 0) return {};
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ").map(Number);
    return {
      cpuSeconds: (fields[11] + fields[12]) / 100,
      rssKb: fields[21] * 4,
      privateKb: (resident - shared) * 4,
    };
  } catch {
    return {};
  }
}

/** The exposition format of Prometheus, version 0.0.4. */
export function metricsOf(daemon: Daemon): string {
  const status = statusOf(daemon);
  const lines: string[] = [];
  const label = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const family = (name: string, type: string, help: string, samples: [labels: string, value: number][]) => {
    if (samples.length === 0) return;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}${labels === "" ? "" : `{${labels}}`} ${value}`);
  };
  const each = (value: (one: ServiceStatus) => number | undefined): [string, number][] =>
    status.services.flatMap((one) => {
      const number = value(one);
      return number === undefined ? [] : [[`service="${label(one.id)}"`, number] as [string, number]];
    });
  family("perqd_up_seconds", "gauge", "Seconds since perqd started.", [["", status.uptimeSeconds]]);
  family("perqd_reloads_total", "counter", "Reloads that took effect.", [["", status.reloads]]);
  family(
    "perqd_sessions",
    "gauge",
    "Sessions now running.",
    each((one) => one.running),
  );
  family(
    "perqd_listening",
    "gauge",
    "1 where the service listens.",
    each((one) => (one.state === "suspended" ? 0 : 1)),
  );
  family(
    "perqd_accepted_total",
    "counter",
    "Connections accepted.",
    each((one) => one.accepted),
  );
  const refusals = status.services.flatMap((one) =>
    Object.entries(one.refused).map(([reason, count]): [string, number] => [
      `service="${label(one.id)}",reason="${label(reason)}"`,
      count,
    ]),
  );
  family("perqd_refused_total", "counter", "Connections refused, by reason.", refusals);
  family(
    "perqd_relayed_in_bytes_total",
    "counter",
    "Bytes from clients of redirect and internal services.",
    each((one) => one.inBytes),
  );
  family(
    "perqd_relayed_out_bytes_total",
    "counter",
    "Bytes to clients of redirect and internal services.",
    each((one) => one.outBytes),
  );
  family(
    "perqd_warm_ready",
    "gauge",
    "Warm servers that wait.",
    each((one) => one.warm?.ready),
  );
  family(
    "perqd_warm_given_total",
    "counter",
    "Connections given to warm servers.",
    each((one) => one.warm?.given),
  );
  family(
    "perqd_warm_missed_total",
    "counter",
    "Connections that found no warm server.",
    each((one) => one.warm?.missed),
  );
  return `${lines.join("\n")}\n`;
}

const MOST_REQUEST_BYTES = 4096;
const PATIENCE_MS = 5000;

/** Reads until `complete` says so, answers once, closes. Never waits. */
function converse(
  daemon: Daemon,
  fd: number,
  complete: (text: string) => boolean,
  answer: (text: string) => string,
): void {
  const { loop } = daemon;
  const bytes = new Uint8Array(new ArrayBuffer(MOST_REQUEST_BYTES));
  let length = 0;
  const end = () => {
    loop.remove(fd);
    loop.cancel(timer);
    sys.close(fd);
  };
  const timer = loop.after(PATIENCE_MS, end);
  const write = (text: string) => {
    const out = new TextEncoder().encode(text);
    let at = 0;
    const push = () => {
      while (at < out.length) {
        const sent = sys.send(fd, out, at);
        if (sent === -EAGAIN || sent === -EINTR) {
          loop.add(fd, sys.POLLOUT, push);
          return;
        }
        if (sent < 0) break;
        at += sent;
      }
      end();
    };
    push();
  };
  loop.add(fd, sys.POLLIN, () => {
    const got = sys.recv(fd, bytes, length);
    if (got === -EAGAIN || got === -EINTR) return;
    if (got <= 0) return end();
    length += got;
    const text = new TextDecoder().decode(bytes.subarray(0, length));
    if (complete(text)) write(answer(text));
    else if (length === MOST_REQUEST_BYTES) end();
  });
}

/** Where perqd and perq meet unless told otherwise: root's place, or one of the user's own. */
export function usualControl(environment: NodeJS.ProcessEnv): string {
  const uid = sys.getEffectiveUid();
  if (uid === 0) return "/run/perqd.sock";
  const own = environment["XDG_RUNTIME_DIR"];
  return own === undefined || own === "" ? `/tmp/perqd-${uid}.sock` : `${own}/perqd.sock`;
}

/** Whether somebody listens there: his socket is not ours to replace. */
function answers(path: string): boolean {
  const fd = connectTo({ family: "unix", path }, 1000);
  if (fd >= 0) sys.close(fd);
  return fd >= 0;
}

/** A listening unix socket, in place of one that an earlier perqd left; nothing else is removed. Minus errno, or words. */
function openUnix(path: string, umask: number): number | string {
  try {
    if (!lstatSync(path).isSocket()) return `there is something else: ${path} is no socket`;
    unlinkSync(path);
  } catch {
    // it was not there; or cannot be removed, and listening will fail
  }
  const before = sys.umask(umask);
  const fd = listenOn({ family: "unix", path });
  sys.umask(before);
  return fd;
}

/** Whoever connects. Without a descriptor for him he waits a second; the loop does not spin. */
function answerAll({ loop }: Daemon, listener: number, arrived: (client: number) => void): void {
  sys.setNonBlocking(listener, true);
  const ready = () => {
    const accepted = acceptFrom(listener, true);
    if (typeof accepted !== "number") return arrived(accepted.fd);
    if (accepted === -EAGAIN || accepted === -EINTR) return;
    loop.remove(listener);
    loop.after(1000, () => loop.add(listener, sys.POLLIN, ready));
  };
  loop.add(listener, sys.POLLIN, ready);
}

/** The words of a failure, or undefined when it listens. */
export function openControl(daemon: Daemon, path: string): string | undefined {
  if (answers(path)) return `control socket: another perqd answers on ${path}`;
  const fd = openUnix(path, 0o177);
  if (typeof fd === "string") return `control socket: ${fd}`;
  if (fd < 0) return `control socket ${path}: ${errorText(fd)}`;
  answerAll(daemon, fd, (client) => {
    const who = peerCredentials(client);
    // The file's mode already keeps others out; a socket that was made readable for all still does.
    if (typeof who === "number" || (who.uid !== 0 && who.uid !== sys.getEffectiveUid())) {
      daemon.log.warning(`control socket: refused uid ${typeof who === "number" ? "?" : who.uid}`);
      sys.close(client);
      return;
    }
    converse(
      daemon,
      client,
      (text) => text.includes("\n"),
      (text) => answerControl(daemon, text.trim()),
    );
  });
  return undefined;
}

function answerControl(daemon: Daemon, command: string): string {
  switch (command) {
    case "status":
      return `${JSON.stringify(statusOf(daemon))}\n`;
    case "metrics":
      return metricsOf(daemon);
    case "reload":
      return `${JSON.stringify({ ok: daemon.reloader.reload() })}\n`;
    default:
      return `${JSON.stringify({ error: "status, metrics or reload" })}\n`;
  }
}

/** "127.0.0.1:9100", "[::1]:9100", "unix:/run/perqd-metrics"; undefined when it is none, or not on this machine only. */
export function metricsAddress(text: string): SocketAddress | undefined {
  if (text.startsWith("unix:")) return { family: "unix", path: text.slice(5) };
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([\d.]+)|localhost|):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65535) return undefined;
  const port = Number(match[3]);
  if (match[1] !== undefined) {
    const bytes = parseIpv6(match[1]);
    return bytes && formatIpv6(bytes) === "::1" ? { family: "ipv6", host: "::1", port, scope: 0 } : undefined;
  }
  const host = match[2] ?? "127.0.0.1";
  return parseIpv4(host)?.[0] === 127 ? { family: "ipv4", host, port } : undefined;
}

export function openMetrics(daemon: Daemon, text: string): string | undefined {
  const address = metricsAddress(text);
  // Whoever may ask learns who is connected.
  if (address === undefined) return `--metrics: ${text} is neither PORT on 127.0.0.1 or [::1] nor unix:PATH`;
  const fd = address.family === "unix" ? openUnix(address.path, 0o117) : listenOn(address);
  if (typeof fd === "string") return `metrics: ${fd}`;
  if (fd < 0) return `metrics on ${text}: ${errorText(fd)}`;
  answerAll(daemon, fd, (client) => {
    converse(
      daemon,
      client,
      (request) => /\r?\n\r?\n/.test(request),
      (request) => answerHttp(daemon, request),
    );
  });
  return undefined;
}

function answerHttp(daemon: Daemon, request: string): string {
  const [method, target] = request.split(" ");
  const reply = (status: string, type: string, body: string) =>
    `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${new TextEncoder().encode(body).length}\r\nConnection: close\r\n\r\n${method === "HEAD" ? "" : body}`;
  if (method !== "GET" && method !== "HEAD") return reply("405 Method Not Allowed", "text/plain", "GET only\n");
  if (target === "/metrics") return reply("200 OK", "text/plain; version=0.0.4; charset=utf-8", metricsOf(daemon));
  if (target === "/status") return reply("200 OK", "application/json", `${JSON.stringify(statusOf(daemon))}\n`);
  if (target === "/health") {
    const down = [...daemon.running.values()].filter(
      (one) => one.listeners.length === 0 && one.service.mux === undefined && one.waiter === undefined,
    );
    const body = down.length === 0 ? "ok\n" : `not listening: ${down.map((one) => one.title).join(" ")}\n`;
    return reply(down.length === 0 ? "200 OK" : "503 Service Unavailable", "text/plain; charset=utf-8", body);
  }
  return reply("404 Not Found", "text/plain", "/metrics, /status or /health\n");
}
