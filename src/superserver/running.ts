/**
 * A service while it runs: its listeners, its plan for children, its counts and windows. The settings themselves are
 * never written to; a reload puts other settings in their place while the sessions go on.
 */
import type { SocketAddress } from "#platform/sockets.ts";
import type { ChildPlan } from "#platform/spawn.ts";
import type { TlsContext } from "#platform/tls.ts";
import type { Timer } from "#platform/poll.ts";
import * as sys from "#platform/sys.ts";
import type { Endpoint, Service } from "./config/service.ts";
import type { ErrorLines } from "./errorlines.ts";
import type { Launched } from "./launch.ts";
import type { ServiceLog } from "./logs.ts";
import type { WarmPool } from "./warm.ts";

export interface Listener {
  fd: number;
  endpoint: Endpoint;
}

export type Refusal =
  | "address"
  | "time"
  | "fork"
  | "service_limit"
  | "per_source_limit"
  | "process_limit"
  | "libwrap"
  | "load"
  | "connections per second"
  | "rate"
  | "tls";

export interface Session {
  running: RunningService;
  /** 0 for what runs inside perqd: builtins and relays. */
  pid: number;
  peer: SocketAddress | undefined;
  /** As the log writes it. */
  from: string;
  /** Under which per_source counts it. */
  source: string;
  startedMs: number;
  inBytes: number;
  outBytes: number;
  timers: Timer[];
  /** A child: what is put away after it. */
  launched?: Launched;
  /** Served by a server that was started before its client came. */
  warm: boolean;
  /** Kept only where max_idle must look at it. */
  watchedFd: number;
  /** How long no byte went either way. */
  idleMs?: () => number;
  /** For what runs inside: ends it. */
  stop?: () => void;
}

export class RunningService {
  listeners: Listener[] = [];
  plan: ChildPlan | undefined;
  /** The service's own file of standard error, while it is open. */
  stderrFd = -1;
  /** stderr = log: what takes the words of all its servers. */
  errorLines: ErrorLines | undefined;
  saidErrorsLost = false;
  /** How many logs of single connections there were. */
  errorFiles = 0;
  /** Servers started ahead of their clients, where warm is set. */
  pool: WarmPool | undefined;
  /** Certificates as they were at the last load. */
  tls: TlsContext[] | undefined;
  sessions = new Set<Session>();
  perSource = new Map<string, number>();
  /** Only one, of a wait = yes service: while it lives nobody polls the listener. */
  waiter: Session | undefined;
  suspended: Timer | undefined;
  /** Why the port is not listened on, for status. */
  suspendedWhy = "";
  retired = false;
  /** Clients on their way in: a header, a handshake, a name or an ident server is waited for. */
  pending = 0;

  // The rate window: cps, per minute, or the bucket.
  windowStart = 0;
  windowCount = 0;
  tokens = 0;
  tokensAt = 0;
  sourceWindows = new Map<string, { start: number; count: number }>();

  accepted = 0;
  refusals = new Map<Refusal, number>();
  inBytes = 0;
  outBytes = 0;

  constructor(
    public service: Service,
    public log: ServiceLog,
  ) {}

  get title(): string {
    return this.service.id;
  }

  /** Of an older configuration. */
  forgetCertificates(): void {
    for (const context of this.tls ?? []) context.close();
    this.tls = undefined;
  }

  closeErrors(): void {
    if (this.stderrFd >= 0) sys.close(this.stderrFd);
    this.stderrFd = -1;
    this.saidErrorsLost = false;
  }

  refused(reason: Refusal): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }

  countSource(source: string, change: 1 | -1): void {
    const count = (this.perSource.get(source) ?? 0) + change;
    if (count > 0) this.perSource.set(source, count);
    else this.perSource.delete(source);
  }

  /** Nobody is served, and nobody is being asked who he is. */
  get idle(): boolean {
    return this.sessions.size + this.pending === 0;
  }

  get full(): boolean {
    return this.service.instances !== undefined && this.sessions.size + this.pending >= this.service.instances;
  }
}
