/**
 * What systemd and its like ask of a daemon: sockets that they opened (LISTEN_FDS), and word of how it goes
 * (NOTIFY_SOCKET, WATCHDOG_USEC). Without their variables nothing happens.
 */
import { addressText, encodeAddress, localAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { Endpoint, Service, SocketType } from "./config/service.ts";

const FIRST_FD = 3;
const MOST_FDS = 1024;

export interface InheritedSocket {
  fd: number;
  name: string;
  address: SocketAddress;
  type: SocketType;
  v6only: boolean;
}

const typeNames: Record<number, SocketType> = { 1: "stream", 2: "dgram", 3: "raw", 4: "rdm", 5: "seqpacket" };

/** The sockets handed to this very process; they stay open as long as it lives, and do not reach its children. */
export function inheritedSockets(
  environment: NodeJS.ProcessEnv,
  complain: (words: string) => void = () => {},
): InheritedSocket[] {
  const count = Number(environment["LISTEN_FDS"] ?? 0);
  if (environment["LISTEN_PID"] !== String(process.pid) || !(count > 0 && count <= MOST_FDS)) return [];
  const names = (environment["LISTEN_FDNAMES"] ?? "").split(":");
  const found: InheritedSocket[] = [];
  for (let index = 0; index < count; index++) {
    const fd = FIRST_FD + index;
    const name = names[index] ?? "";
    const title = `LISTEN_FDS: descriptor ${fd}${name === "" ? "" : ` (${name})`}`;
    const address = localAddress(fd);
    if (typeof address === "number") {
      complain(`${title} is no socket`);
      continue;
    }
    sys.setCloseOnExec(fd, true);
    const type = typeNames[sys.getSocketOption(fd, sys.SOL_SOCKET, sys.SO_TYPE)] ?? "raw";
    if (
      (type === "stream" || type === "seqpacket") &&
      sys.getSocketOption(fd, sys.SOL_SOCKET, sys.SO_ACCEPTCONN) !== 1
    ) {
      complain(`${title} does not listen: Accept=no is what perqd wants`);
      continue;
    }
    const v6only = address.family === "ipv6" && sys.getSocketOption(fd, sys.IPPROTO_IPV6, sys.IPV6_V6ONLY) === 1;
    found.push({ fd, name, address, type, v6only });
  }
  return found;
}

function sameAddress(a: SocketAddress, b: SocketAddress): boolean {
  if ("port" in a && "port" in b) return a.family === b.family && a.host === b.host && a.port === b.port;
  return a.family === "unix" && b.family === "unix" && a.path === b.path && a.path !== "";
}

/** The socket that a service manager has opened for just this. */
export function givenFor(
  sockets: readonly InheritedSocket[],
  service: Service,
  endpoint: Endpoint,
): InheritedSocket | undefined {
  return sockets.find((one) => one.type === service.socketType && sameAddress(one.address, endpoint.address));
}

/**
 * Sockets that carry a service's id or name are its own, all of them, wherever they listen: then what its file says of
 * addresses counts no more. inetd's pair for IPv4 and IPv6 is one where the socket is.
 */
export function adoptSockets(services: Service[], sockets: readonly InheritedSocket[]): Service[] {
  if (sockets.length === 0) return services;
  for (const service of services) {
    const label = service.endpoints[0]?.label;
    if (label === undefined) continue; // reached through tcpmux
    const family = service.endpoints[0].address.family;
    const mine = sockets.filter(
      (one) =>
        one.type === service.socketType &&
        (one.name === service.id ||
          (one.name === service.name && (service.dialect === "xinetd" || one.address.family === family))),
    );
    if (mine.length > 0)
      service.endpoints = mine.map(({ address, v6only }) => ({
        address,
        ...(address.family === "ipv6" ? { v6only } : {}),
        label,
      }));
  }
  const both = sockets.filter((one) => one.address.family === "ipv6" && one.address.host === "::" && !one.v6only);
  return services.filter((service) => {
    const address = service.endpoints[0]?.address;
    if (service.dialect === "xinetd" || address?.family !== "ipv4" || address.host !== "0.0.0.0") return true;
    if (givenFor(sockets, service, service.endpoints[0]) !== undefined) return true;
    return !both.some(
      (one) => one.type === service.socketType && "port" in one.address && one.address.port === address.port,
    );
  });
}

/** What came of LISTEN_FDS that nobody uses, in words. */
export function unclaimed(services: Service[], sockets: readonly InheritedSocket[]): string[] {
  const used = new Set(
    services.flatMap((service) => service.endpoints.map((endpoint) => givenFor(sockets, service, endpoint))),
  );
  return sockets
    .filter((one) => !used.has(one))
    .map(
      (one) =>
        `LISTEN_FDS: no service for ${one.name || "the unnamed"} ${one.type} socket at ${addressText(one.address)}`,
    );
}

export class Notifier {
  private readonly fd: number;
  private readonly target: Uint8Array | undefined;
  /** How often the watchdog wants a word; undefined when it wants none. */
  readonly watchdogMs: number | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    const path = environment["NOTIFY_SOCKET"];
    const usable = path !== undefined && /^[/@]./.test(path);
    this.fd = usable ? sys.socket(sys.AF_UNIX, sys.SOCK_DGRAM) : -1;
    this.target = usable ? encodeAddress({ family: "unix", path: path.replace(/^@/, "\0") }) : undefined;
    const watched = environment["WATCHDOG_PID"];
    const microseconds = Number(environment["WATCHDOG_USEC"] ?? 0);
    const mine = watched === undefined || watched === String(process.pid);
    this.watchdogMs = usable && mine && microseconds > 0 ? microseconds / 2000 : undefined;
  }

  tell(state: string): void {
    if (this.fd < 0 || this.target === undefined) return;
    const bytes = new TextEncoder().encode(state);
    sys.sendTo(this.fd, bytes, bytes.length, this.target, sys.MSG_DONTWAIT);
  }

  ready(status: string): void {
    this.tell(`READY=1\nMAINPID=${process.pid}\nSTATUS=${status}`);
  }

  reloading(): void {
    this.tell(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds()}`);
  }

  /** seconds: how long it may take; systemd kills who takes longer than TimeoutStopSec without a word. */
  stopping(status = "", seconds = 0): void {
    const longer = seconds > 0 ? `\nEXTEND_TIMEOUT_USEC=${(seconds + 5) * 1_000_000}` : "";
    this.tell(`STOPPING=1${status === "" ? "" : `\nSTATUS=${status}`}${longer}`);
  }
}

/** CLOCK_MONOTONIC, which systemd compares with its own. */
function monotonicMicroseconds(): number {
  return Number(sys.monotonicTime() / 1000n);
}
