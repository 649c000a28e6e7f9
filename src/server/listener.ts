// Listening: what -p and \p say → sockets. A TCP port has a unix socket beside it, /tmp/kx.PORT in Linux's abstract
// namespace as kdb+ has it (QUDSPATH names another directory, or none when empty).

import { nodeFs } from "#platform/filesystem.ts";
import { EADDRINUSE, EAFNOSUPPORT, errorText } from "#platform/errno.ts";
import { decodeAddress, listenOn, localAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { signal, userSignal } from "#values/signals.ts";
import { parsePort } from "./options.ts";

export interface Listener {
  readonly port: number;
  readonly fds: readonly number[];
  /** What did not work and is no reason to stop: the unix socket. */
  readonly complaint: string;
}

/** A port from its number or its name in /etc/services; 0 for "0W", any free one. */
export function portNumber(text: string): number | undefined {
  if (/^0W[ij]?$/.test(text)) return 0;
  if (/^\d+$/.test(text)) return Number(text) <= 65535 ? Number(text) : undefined;
  for (const line of services().split("\n")) {
    const [name, where, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (where?.endsWith("/tcp") && (name === text || aliases.includes(text))) return Number.parseInt(where, 10);
  }
  return undefined;
}

function services(): string {
  try {
    return nodeFs().readFileSync("/etc/services", "latin1");
  } catch {
    return ""; // a machine without the file knows no names
  }
}

/** The leading NUL is Linux's abstract namespace. */
export const unixSocketName = (directory: string, port: number | string): string => `\0${directory}/kx.${port}`;

/** Signals when the port cannot be had. */
export function listen(specification: string, socketDirectory: string): Listener {
  const wanted = parsePort(specification);
  if (wanted === undefined) throw signal("domain", `[rp,][host:]port is wanted, not ${specification}`);
  if (wanted.multithreaded) throw userSignal("nyi: multithreaded input", "negative ports are not implemented yet");
  const bounds = wanted.ports.map((text) => {
    const port = portNumber(text);
    if (port === undefined) throw signal("domain", `no port ${text}`);
    return port;
  });
  const candidates = bounds.length === 1 ? [bounds[0]!] : shuffled(bounds[0]!, bounds[1]!);
  let failure = -EADDRINUSE;
  for (const port of candidates) {
    const fd = bindTo(wanted.host, port, wanted.reusePort);
    if (fd < 0) {
      failure = fd;
      continue;
    }
    const bound = localAddress(fd);
    const actual = typeof bound !== "number" && "port" in bound ? bound.port : port;
    const unix = listenUnix(socketDirectory, actual);
    if (unix === undefined) return { port: actual, fds: [fd], complaint: "" };
    if (unix >= 0) return { port: actual, fds: [fd, unix], complaint: "" };
    const complaint = `cannot listen on uds ${socketDirectory}/kx.${actual}. OS reports: ${errorText(unix)}`;
    return { port: actual, fds: [fd], complaint };
  }
  throw userSignal(`${specification}. OS reports: ${errorText(failure)}`);
}

function shuffled(low: number, high: number): number[] {
  if (high < low) throw signal("domain", `${low}/${high} is no range`);
  const ports = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  for (let i = ports.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [ports[i], ports[j]] = [ports[j]!, ports[i]!];
  }
  return ports;
}

function bindTo(host: string, port: number, reusePort: boolean): number {
  const prepare = (fd: number): void => {
    if (reusePort) sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_REUSEPORT, 1);
  };
  if (host === "") {
    // Both families on one socket; a machine without IPv6 has only the old one.
    const both = listenOn({ family: "ipv6", host: "::", port, scope: 0 }, { v6only: false, prepare });
    if (both !== -EAFNOSUPPORT && both !== -99) return both;
    return listenOn({ family: "ipv4", host: "0.0.0.0", port }, { prepare });
  }
  const found = sys.resolve(host);
  if (typeof found === "string") throw userSignal(`${host}. OS reports: ${found}`);
  let failure = -99;
  for (const bytes of found) {
    const address: SocketAddress = decodeAddress(bytes);
    if (address.family !== "ipv4" && address.family !== "ipv6") continue;
    const fd = listenOn({ ...address, port }, { prepare });
    if (fd >= 0) return fd;
    failure = fd;
  }
  return failure;
}

/** undefined: not wanted. */
function listenUnix(directory: string, port: number): number | undefined {
  if (directory === "") return undefined;
  return listenOn({ family: "unix", path: unixSocketName(directory, port) });
}
