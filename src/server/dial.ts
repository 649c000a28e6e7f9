// hopen: what a handle's text means, and the way to an open connection or file. Waiting is bounded by the time-out that
// q gives (the connection and its greeting; not what is asked later).

import { greeting } from "#ipc/handshake.ts";
import { EAGAIN, EINTR, ETIMEDOUT, errorText } from "#platform/errno.ts";
import { connectTo, decodeAddress, type SocketAddress, sendAll, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { type QSignal, signal, userSignal } from "#values/signals.ts";
import { Connection } from "./connection.ts";
import { portNumber, unixSocketName } from "./listener.ts";

export type Target =
  | { readonly kind: "file" | "fifo"; readonly path: string }
  | {
      readonly kind: "tcp" | "unix";
      readonly tls: boolean;
      readonly host: string;
      readonly port: string;
      readonly user: string;
      readonly password: string;
    };

/** `host:port[:user:password]`, `unix://port…`, `tcps://host:port…`, `fifo://path`; without a colon it is a file. */
export function parseTarget(target: string): Target {
  const scheme = /^:?(\w+):\/\/(.*)$/s.exec(target);
  if (scheme !== null) {
    const [, name, rest] = scheme as unknown as [string, string, string];
    if (name === "fifo") return { kind: "fifo", path: rest };
    if (name === "unix" || name === "unixs") {
      const [port = "", user = "", ...password] = rest.split(":");
      return { kind: "unix", tls: name === "unixs", host: "", port, user, password: password.join(":") };
    }
    if (name === "tcp" || name === "tcps") return network(rest, name === "tcps");
    throw signal("hop", `no protocol ${name}`);
  }
  if (/^\d+$/.test(target)) return network(`:${target}`, false);
  if (!target.includes(":")) return { kind: "file", path: target };
  return network(target, false);
}

function network(text: string, tls: boolean): Target {
  const parts = /^(\[[^\]]*\]|[^:]*):([^:]*)(?::([^:]*)(?::(.*))?)?$/s.exec(text);
  if (parts === null) throw signal("hop", `host:port is wanted, not ${text}`);
  const [, host = "", port = "", user = "", password = ""] = parts;
  return { kind: "tcp", tls, host: host.replace(/^\[|\]$/g, ""), port, user, password };
}

export interface DialOptions {
  /** 0: as long as the system tries. */
  readonly timeoutMs: number;
  readonly interrupted: () => boolean;
  /** Directory of unix sockets: QUDSPATH. */
  readonly socketDirectory: string;
}

const refused = (errno: number): QSignal =>
  errno === -ETIMEDOUT
    ? signal("timeout", "no connection in time")
    : userSignal(`hop. OS reports: ${errorText(errno)}`);

/** Connects and greets; the connection is open when this returns. Signals 'hop, 'timeout, 'access. */
export function dial(target: Extract<Target, { kind: "tcp" | "unix" }>, options: DialOptions): Connection {
  if (target.tls) throw userSignal("nyi: TLS", "TLS connections are not implemented yet");
  const deadline = options.timeoutMs > 0 ? performance.now() + options.timeoutMs : Number.POSITIVE_INFINITY;
  const left = (): number | undefined =>
    deadline === Number.POSITIVE_INFINITY ? undefined : Math.max(0, deadline - performance.now());
  let outcome = -111;
  for (const address of addresses(target, options.socketDirectory)) {
    outcome = connectTo(address, left(), options.interrupted);
    if (outcome < 0) continue;
    const fd = outcome;
    // connectTo leaves it non-blocking; ours to decide, as nobody shares this description.
    if (address.family !== "unix") sys.setSocketOption(fd, sys.IPPROTO_TCP, sys.TCP_NODELAY, 1);
    const connection = new Connection(fd, address, true);
    try {
      connection.capability = greet(fd, target.user, target.password, left, options.interrupted);
    } catch (error) {
      sys.close(fd);
      throw error;
    }
    connection.phase = "open";
    return connection;
  }
  throw refused(outcome);
}

function addresses(target: Extract<Target, { kind: "tcp" | "unix" }>, socketDirectory: string): SocketAddress[] {
  if (target.kind === "unix") {
    const path = target.port.startsWith("/") ? target.port : unixSocketName(socketDirectory, target.port);
    return [{ family: "unix", path }];
  }
  const port = portNumber(target.port);
  if (port === undefined) throw signal("hop", `no port ${target.port}`);
  const found = sys.resolve(target.host === "" ? "127.0.0.1" : target.host);
  if (typeof found === "string") throw userSignal(`hop. OS reports: ${found}`, target.host);
  return found
    .map((bytes) => decodeAddress(bytes))
    .filter((address) => address.family === "ipv4" || address.family === "ipv6")
    .map((address) => ({ ...address, port }))
    .sort((a, b) => a.family.localeCompare(b.family));
}

/** Sends the greeting and waits for the byte that answers it. */
function greet(
  fd: number,
  user: string,
  password: string,
  left: () => number | undefined,
  interrupted: () => boolean,
): number {
  const sent = sendAll(fd, greeting(user, password), left());
  if (sent < 0) throw refused(sent);
  const answer = new Uint8Array(new ArrayBuffer(1));
  for (;;) {
    const ready = waitFor(fd, sys.POLLIN, left(), interrupted);
    if (ready < 0) throw refused(ready);
    const count = sys.recv(fd, answer, 0, 1, sys.MSG_DONTWAIT);
    if (count === 1) return answer[0]!;
    // kdb+ answers wrong credentials by closing.
    if (count === 0 || count === -104) throw signal("access", "the server closed during the greeting");
    if (count !== -EAGAIN && count !== -EINTR) throw refused(count);
  }
}
