/**
 * What systemd and its like ask of a daemon: sockets that they opened (LISTEN_FDS), and word of how it goes
 * (NOTIFY_SOCKET, WATCHDOG_USEC). Without their variables nothing happens.
 */
import { encodeAddress, localAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

const FIRST_FD = 3;
const MOST_FDS = 1024;

export interface InheritedSocket {
  fd: number;
  name: string;
  address: SocketAddress;
}

/** The sockets handed to this very process; they stay open as long as it lives, and do not reach its children. */
export function inheritedSockets(environment: NodeJS.ProcessEnv): InheritedSocket[] {
  const count = Number(environment["LISTEN_FDS"] ?? 0);
  if (environment["LISTEN_PID"] !== String(process.pid) || !(count > 0 && count <= MOST_FDS)) return [];
  const names = (environment["LISTEN_FDNAMES"] ?? "").split(":");
  const found: InheritedSocket[] = [];
  for (let index = 0; index < count; index++) {
    const fd = FIRST_FD + index;
    const address = localAddress(fd);
    if (typeof address === "number") continue;
    sys.setCloseOnExec(fd, true);
    found.push({ fd, name: names[index] ?? "", address });
  }
  return found;
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

  stopping(): void {
    this.tell("STOPPING=1");
  }
}

/** CLOCK_MONOTONIC, which systemd compares with its own. */
function monotonicMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
