/**
 * Servers started ahead of their clients (warm = N): each waits, loaded, on a socket pair for one connection, serves
 * it, and ends. docs/warm-protocol.md is the contract; any program may speak it. Nobody is served twice by the same
 * process: privacy is the process, as it is cold.
 */
import { errorText } from "#platform/errno.ts";
import { receiveDescriptors, sendDescriptors } from "#platform/passing.ts";
import type { Timer } from "#platform/poll.ts";
import { endSignal, exitCode, exited } from "#platform/signals.ts";
import * as sys from "#platform/sys.ts";
import type { Daemon } from "./daemon.ts";
import { launch, type Launched, putAway } from "./launch.ts";
import type { RunningService } from "./running.ts";

/** How many may be starting at a time: a start costs a core some milliseconds that clients want too. */
const MOST_STARTING = 2;
/** A pool is refilled when no client has come for so long. */
const QUIET_MS = 20;
/** …and in any case after so long. */
const LONGEST_WAIT_MS = 250;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const GREETING = "PERQ/1 ready";

interface WarmServer {
  pid: number;
  /** Our end of the pair. */
  fd: number;
  ready: boolean;
  launched: Launched;
}

export class WarmPool {
  private servers: WarmServer[] = [];
  /** Sent away, not yet gone. */
  private readonly leaving = new Map<number, Launched>();
  private refillTimer: Timer | undefined;
  private refillBefore = 0;
  private failures = 0;
  private pausedUntil = 0;
  private closed = false;
  given = 0;
  missed = 0;

  constructor(
    private readonly daemon: Daemon,
    private readonly running: RunningService,
    readonly wanted: number,
  ) {
    this.refill();
  }

  get readyCount(): number {
    return this.servers.filter((one) => one.ready).length;
  }

  get startingCount(): number {
    return this.servers.length - this.readyCount;
  }

  /** Hands the connection to a waiting server. undefined when none waits and a cold one must do. */
  give(fd: number, variables: string[]): Launched | undefined {
    for (
      let at = this.servers.findIndex((one) => one.ready);
      at >= 0;
      at = this.servers.findIndex((one) => one.ready)
    ) {
      const [server] = this.servers.splice(at, 1);
      const message = new TextEncoder().encode(`PERQ/1 connection\n${variables.map((entry) => `${entry}\n`).join("")}`);
      const sent = sendDescriptors(server.fd, message, [fd], sys.MSG_DONTWAIT);
      this.daemon.loop.remove(server.fd);
      sys.close(server.fd);
      if (sent === message.length) {
        this.daemon.warmServers.delete(server.pid);
        this.given++;
        this.refillSoon();
        return { ...server.launched, failed: undefined };
      }
      sys.kill(server.pid, sys.SIG.TERM); // it cannot have understood: nobody is to be served by it
      this.leaving.set(server.pid, server.launched);
    }
    this.missed++;
    this.refillSoon();
    return undefined;
  }

  /** A warm server ended without having had a client. */
  died(pid: number, status: number): void {
    this.daemon.warmServers.delete(pid);
    const at = this.servers.findIndex((one) => one.pid === pid);
    const leaving = this.leaving.get(pid);
    if (leaving !== undefined) putAway(this.daemon, leaving);
    this.leaving.delete(pid);
    if (at < 0) return; // sent away by us
    const [server] = this.servers.splice(at, 1);
    putAway(this.daemon, server.launched);
    this.daemon.loop.remove(server.fd);
    sys.close(server.fd);
    this.failures++;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    this.pausedUntil = performance.now() + pauseMs;
    const how = exited(status) ? `status ${exitCode(status)}` : `signal ${endSignal(status)}`;
    this.daemon.log.warning(
      `service ${this.running.title}: warm server ${pid} ended with ${how} before a client came; the next in ${pauseMs} ms`,
    );
    this.schedule(pauseMs);
  }

  /** Sends every waiting server away. */
  close(): void {
    this.closed = true;
    if (this.refillTimer !== undefined) this.daemon.loop.cancel(this.refillTimer);
    for (const server of this.servers) {
      this.daemon.loop.remove(server.fd);
      sys.close(server.fd); // the end of its socket is its end
      if (!server.ready) sys.kill(server.pid, sys.SIG.TERM);
      this.leaving.set(server.pid, server.launched);
    }
    this.servers = [];
  }

  private refillSoon(): void {
    const now = performance.now();
    if (this.refillTimer === undefined || this.refillTimer.cancelled) this.refillBefore = now + LONGEST_WAIT_MS;
    this.schedule(Math.min(QUIET_MS, Math.max(0, this.refillBefore - now)));
  }

  private schedule(delayMs: number): void {
    if (this.closed) return;
    if (this.refillTimer !== undefined) this.daemon.loop.cancel(this.refillTimer);
    const pause = Math.max(delayMs, this.pausedUntil - performance.now());
    this.refillTimer = this.daemon.loop.after(pause, () => {
      this.refillTimer = undefined;
      this.refill();
    });
  }

  private refill(): void {
    if (this.closed) return;
    if (performance.now() < this.pausedUntil) {
      this.schedule(0);
      return;
    }
    while (this.servers.length < this.wanted && this.startingCount < MOST_STARTING) {
      if (!this.startOne()) {
        this.pausedUntil = performance.now() + FIRST_PAUSE_MS;
        this.schedule(FIRST_PAUSE_MS);
        return;
      }
    }
  }

  private startOne(): boolean {
    const { running, daemon } = this;
    const pair = sys.socketPair(sys.AF_UNIX, sys.SOCK_SEQPACKET);
    if (typeof pair === "number") {
      daemon.log.error(`service ${running.title}: socketpair: ${errorText(pair)}`);
      return false;
    }
    const [ours, theirs] = pair;
    const nothing = sys.open("/dev/null", sys.O_RDWR | sys.O_CLOEXEC);
    const started = launch(daemon, running, theirs, nothing, ["PERQ_WARM=1"]);
    sys.close(theirs);
    sys.close(nothing);
    if (typeof started === "string") {
      daemon.log.error(`service ${running.title}: fork failed: ${started}`);
      sys.close(ours);
      return false;
    }
    daemon.warmServers.set(started.pid, this);
    const server: WarmServer = { pid: started.pid, fd: ours, ready: false, launched: started };
    this.servers.push(server);
    if (started.failed !== undefined) {
      daemon.log.error(daemon.sessions.failureWords(running, started.failed), { service: running.title });
      return true; // its end will be noticed as any other's
    }
    daemon.loop.add(ours, sys.POLLIN, () => this.heard(server));
    return true;
  }

  /** Only one thing is to be said: that it is ready. Anything else, or the end, and it is not used. */
  private heard(server: WarmServer): void {
    const received = receiveDescriptors(server.fd, 256, sys.MSG_DONTWAIT);
    if (typeof received === "number" && received === -11) return;
    if (received !== undefined && typeof received !== "number") {
      for (const fd of received.fds) sys.close(fd);
      if (!server.ready && new TextDecoder().decode(received.bytes).trim() === GREETING) {
        server.ready = true;
        this.failures = 0;
        this.refill();
        return;
      }
      this.daemon.log.warning(`service ${this.running.title}: warm server ${server.pid} does not speak PERQ/1`);
    }
    // Its end is handled when it is reaped; until then it must not wake the loop.
    this.daemon.loop.remove(server.fd);
    server.ready = false;
    sys.kill(server.pid, sys.SIG.TERM);
  }
}
