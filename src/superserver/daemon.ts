/**
 * The super-server's life: start, the one synchronous loop, signals (flags that the loop looks at between rounds), the
 * end. Its parts are the listeners, the door, the sessions and the reloader, each with this object in hand.
 */
import { EINTR, errorText } from "#platform/errno.ts";
import { PollLoop } from "#platform/poll.ts";
import { ignoreSignal, SignalFlags } from "#platform/signals.ts";
import * as sys from "#platform/sys.ts";
import { TlsError } from "#platform/tls.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { Cgroups } from "./cgroups.ts";
import { complaintText } from "./config/complaint.ts";
import { type Configuration, loadConfiguration, type Sources } from "./config/load.ts";
import { type Service, serviceKey } from "./config/service.ts";
import { realWorld, type World } from "./config/world.ts";
import { openControl, openMetrics } from "./control.ts";
import { Door } from "./door.ts";
import { dumpState } from "./dump.ts";
import { HostsAccess } from "./libwrap.ts";
import { Listeners } from "./listeners.ts";
import { type MainLog, ServiceLog } from "./logs.ts";
import { Reloader } from "./reload.ts";
import { ReverseNames } from "./reverse.ts";
import { RunningService, type Session } from "./running.ts";
import { Sessions } from "./sessions.ts";
import { adoptSockets, type InheritedSocket, inheritedSockets, Notifier, unclaimed } from "./systemd.ts";
import { openCertificates } from "./tlsdoor.ts";
import { Tidy } from "./tidy.ts";
import { WarmPool } from "./warm.ts";

export interface DaemonOptions {
  sources: Sources;
  servicesFile: string;
  environment: NodeJS.ProcessEnv;
  pidFile?: string;
  dumpFile: string;
  backlog: number;
  /** -limit: children of all services together. */
  childLimit?: number;
  /** -cc: how often the counts are checked. */
  consistencySeconds?: number;
  /** -l: inetd logs each connection. */
  logConnections: boolean;
  /** Whether the daemon goes on when no service is left. */
  stayAlive: boolean;
  /** SIGTERM: how long running sessions may still finish. 0 leaves them to themselves at once. */
  drainSeconds: number;
  /** Ctrl-C ends the daemon. */
  interruptible: boolean;
  jsonLogs: boolean;
  /** The socket of perq status. */
  controlSocket?: string;
  /** Whether that was asked for: otherwise perqd also serves without it. */
  controlRequired: boolean;
  /** Where cgroups may be made; undefined: in perqd's own, if that is delegated. */
  cgroup?: string;
  /** Where Prometheus may ask. */
  metrics?: string;
}

export class Daemon {
  readonly loop = new PollLoop();
  private controlSocket: string | undefined;
  /** /dev/null, open from the start: when descriptors run out, a child's words still go nowhere and not to its client. */
  readonly nothing = openNothing();
  private saidBugs = new Map<string, number>();
  readonly startedMs = Date.now();
  readonly running = new Map<string, RunningService>();
  /** Services that a reload dropped, as long as they have sessions. */
  readonly retired = new Set<RunningService>();
  readonly children = new Map<number, Session>();
  /** What relays TLS for a child, until its last byte is out. */
  readonly encrypted = new Set<{ stop(): void }>();
  /** Warm servers without a client yet, by pid. */
  readonly warmServers = new Map<number, WarmPool>();
  readonly signals = new SignalFlags();
  /** Addresses that a SENSOR caught: until when (ms), Infinity for ever. */
  readonly denied = new Map<string, number>();
  readonly hosts = new HostsAccess();
  readonly cgroups: Cgroups;
  readonly names = new ReverseNames(this.loop);
  readonly tidy = new Tidy(this.loop);
  readonly inherited: InheritedSocket[];
  readonly notifier: Notifier;
  reloads = 0;
  readonly daemonUmask: number;
  /** The kernel spares us when memory runs out (oom_score_adj below 0), as a service manager may have asked. */
  readonly isSpared = Number(readFileSync("/proc/self/oom_score_adj", "latin1")) < 0;
  exitStatus: number | undefined;
  draining = false;
  readonly listeners = new Listeners(this);
  readonly door = new Door(this);
  readonly sessions = new Sessions(this);
  readonly reloader = new Reloader(this);

  constructor(
    readonly options: DaemonOptions,
    readonly log: MainLog,
  ) {
    this.inherited = inheritedSockets(options.environment, (words) => log.warning(words));
    this.notifier = new Notifier(options.environment);
    const isOurs = (pid: number) => this.children.has(pid) || this.warmServers.has(pid);
    this.cgroups = new Cgroups(log, this.loop, options.cgroup, isOurs);
    // xinetd forces 022 into its own mask; the children of inetd have the daemon's as it is.
    const inherited = sys.umask(0o22);
    this.daemonUmask = options.sources.xinetdFiles.length > 0 ? inherited | 0o22 : inherited;
    sys.umask(this.daemonUmask);
  }

  world(): World {
    return realWorld(this.options.servicesFile, this.options.environment);
  }

  load(): Configuration {
    const configuration = loadConfiguration(this.options.sources, this.world());
    return { ...configuration, services: adoptSockets(configuration.services, this.inherited) };
  }

  tell(configuration: Configuration): void {
    for (const complaint of configuration.complaints.list) {
      if (complaint.severity === "note") continue;
      const words = complaintText(complaint);
      if (complaint.severity === "warning") this.log.warning(words);
      else this.log.error(words);
    }
  }

  /** Reads, listens, writes the pid file. undefined when all is well, else why the daemon cannot be. */
  start(): string | undefined {
    const { signals } = this;
    for (const signal of [
      sys.SIG.HUP,
      sys.SIG.TERM,
      sys.SIG.QUIT,
      sys.SIG.USR1,
      sys.SIG.USR2,
      sys.SIG.CHLD,
      sys.SIG.INT,
      sys.SIG.ABRT,
    ]) {
      signals.catch(signal);
    }
    const { PIPE, TSTP, TTIN, TTOU, ALRM, IO, VTALRM, PROF } = sys.SIG; // each would end or stop us
    for (const signal of [PIPE, TSTP, TTIN, TTOU, ALRM, IO, VTALRM, PROF]) ignoreSignal(signal);
    this.loop.add(signals.fd, sys.POLLIN, () => signals.drain());

    const configuration = this.load();
    this.tell(configuration);
    if (configuration.complaints.hasFatal) return "the configuration cannot be used";
    for (const words of unclaimed(configuration.services, this.inherited)) this.log.warning(words);
    for (const service of configuration.services) {
      const running = this.prepare(service);
      if (running === undefined) continue;
      for (const endpoint of service.endpoints) this.listeners.listenOrRetry(running, endpoint);
      this.running.set(serviceKey(service), running);
      this.adjustPool(running);
    }
    if (this.running.size === 0 && !this.options.stayAlive) return "no services. Exiting...";
    const unopened = this.openControls();
    if (unopened !== undefined) return unopened;
    if (this.options.pidFile !== undefined) {
      try {
        writeFileSync(this.options.pidFile, `${process.pid}\n`, { mode: 0o644 });
      } catch (error) {
        return `pid file ${this.options.pidFile}: ${error instanceof Error ? error.message : error}`;
      }
    }
    const count = this.running.size;
    this.log.notice(`perqd ${VERSION} started with libwrap loadavg options compiled in.`);
    this.log.notice(`Started working: ${count} available service${count === 1 ? "" : "s"}`);
    this.notifier.ready(`${count} services`);
    if (this.notifier.watchdogMs !== undefined) this.feedWatchdog(this.notifier.watchdogMs);
    if (this.options.consistencySeconds !== undefined) this.checkAgain(this.options.consistencySeconds);
    return undefined;
  }

  prepare(service: Service): RunningService | undefined {
    const log = new ServiceLog(service.log, service.id, this.log, this.options.jsonLogs);
    const opened = log.open();
    if (opened < 0) {
      this.log.error(
        `creation of ${service.id} log failed: ${errorText(opened)}; service ${service.name} does not start`,
      );
      return undefined;
    }
    const running = new RunningService(service, log);
    try {
      // Now, not when the first client comes: what the files say then is for the next reload.
      if (service.tls !== undefined)
        running.tls = openCertificates(service.tls, (text) => this.log.warning(`service ${service.id}: ${text}`));
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      this.log.error(`service ${running.title}: tls: ${error.message}`); // they were good a moment ago
    }
    return running;
  }

  /** Until told to end: the exit status. */
  run(): number {
    while (this.exitStatus === undefined) {
      try {
        this.round();
      } catch (error) {
        this.survive(error);
      }
    }
    return this.exitStatus;
  }

  /** A bug that one connection or one file brings out is no reason to end the services of everybody else. */
  private survive(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const now = performance.now();
    if (now - (this.saidBugs.get(text) ?? -Infinity) > BUG_SILENCE_MS) {
      if (this.saidBugs.size > 100) this.saidBugs.clear();
      this.saidBugs.set(text, now);
      this.log.error(`a bug in perqd, please report it: ${text.replace(/\s*\n\s*/g, " | ")}`);
    }
    sys.poll(new Int32Array(2), 0, BUG_PAUSE_MS); // what brings it out may still be there: no spinning
  }

  private round(): void {
    const ready = this.loop.wait();
    if (ready === -EINTR) this.signals.drain();
    if (this.signals.take(sys.SIG.CHLD)) this.sessions.reap();
    if (this.signals.take(sys.SIG.HUP) || this.signals.take(sys.SIG.USR2)) this.reloader.reload();
    if (this.signals.take(sys.SIG.TERM)) this.terminate("SIGTERM");
    if (this.signals.take(sys.SIG.INT) && this.options.interruptible) this.terminate("SIGINT");
    if (this.signals.take(sys.SIG.QUIT)) {
      this.log.notice("Exiting... (SIGQUIT)");
      this.notifier.stopping();
      this.finish(0);
    }
    if (this.signals.take(sys.SIG.USR1)) dumpState(this, this.options.dumpFile);
    if (this.signals.take(sys.SIG.ABRT)) this.checkConsistency();
  }

  /** Stops listening at once. Sessions get the time of --drain; a second signal, or its end, leaves them to themselves. */
  terminate(signal: string): void {
    this.log.notice(`Exiting... (${signal})`);
    for (const running of this.running.values()) {
      this.listeners.takeAllWaiting(running);
      this.listeners.closeListeners(running);
      running.pool?.close();
      running.pool = undefined;
    }
    const open = this.openSessions();
    if (this.options.drainSeconds === 0 || open === 0 || this.draining) {
      this.notifier.stopping();
      this.leaveSessions();
      return;
    }
    this.draining = true;
    this.notifier.stopping(`${open} sessions may finish`, this.options.drainSeconds);
    this.log.notice(`draining: ${open} sessions may finish within ${this.options.drainSeconds} s`);
    this.loop.after(this.options.drainSeconds * 1000, () => this.leaveSessions());
  }

  /** Children go on by themselves; what runs inside perqd ends with it. */
  private leaveSessions(): void {
    for (const session of this.innerSessions()) session.stop?.();
    const left = this.children.size;
    if (left > 0) this.log.notice(`${left} session${left === 1 ? "" : "s"} left running`);
    this.finish(0);
  }

  /** Sessions of every kind, and encrypted ones whose last bytes are still on their way. */
  private openSessions(): number {
    let count = this.encrypted.size;
    for (const running of [...this.running.values(), ...this.retired]) count += running.sessions.size;
    return count;
  }

  /** Called when a session or a relay has ended. */
  settled(): void {
    if (this.draining && this.exitStatus === undefined && this.openSessions() === 0) this.finish(0);
  }

  /** As many warm servers as the settings want, none of an older setting. */
  adjustPool(running: RunningService): void {
    running.pool?.close();
    running.pool = undefined;
    const { service } = running;
    if (service.warm === 0 || service.wait || service.builtin !== undefined || service.redirect !== undefined) return;
    if (running.retired || service.startError !== undefined) return;
    running.pool = new WarmPool(this, running, service.warm);
  }

  finish(status: number): void {
    for (const running of this.running.values()) running.pool?.close();
    for (const running of this.running.values()) this.listeners.closeListeners(running);
    if (this.options.pidFile !== undefined) this.listeners.unlink(this.options.pidFile);
    if (this.controlSocket !== undefined) this.listeners.unlink(this.controlSocket);
    this.exitStatus = status;
  }

  /** Why not, where what was asked for cannot be had. */
  private openControls(): string | undefined {
    const { controlSocket, controlRequired, metrics } = this.options;
    if (controlSocket !== undefined) {
      const failure = openControl(this, controlSocket);
      if (failure === undefined) this.controlSocket = controlSocket;
      else if (controlRequired) return failure;
      else this.log.notice(`no perq status: ${failure}`);
    }
    return metrics === undefined ? undefined : openMetrics(this, metrics);
  }

  *innerSessions(): Generator<Session> {
    for (const running of [...this.running.values(), ...this.retired]) {
      for (const session of [...running.sessions]) if (session.stop !== undefined) yield session;
    }
  }

  private feedWatchdog(everyMs: number): void {
    this.loop.after(everyMs, () => {
      this.notifier.tell("WATCHDOG=1");
      this.feedWatchdog(everyMs);
    });
  }

  private checkAgain(seconds: number): void {
    this.loop.after(seconds * 1000, () => {
      this.checkConsistency();
      this.checkAgain(seconds);
    });
  }

  checkConsistency(): void {
    let counted = 0;
    for (const running of [...this.running.values(), ...this.retired]) {
      for (const session of running.sessions) if (session.pid > 0) counted++;
    }
    if (counted === this.children.size) this.log.info("Consistency check passed");
    else this.log.error(`Consistency check failed: ${counted} sessions, ${this.children.size} children`);
  }
}

/** A bug is named once in so long. */
const BUG_SILENCE_MS = 60_000;
const BUG_PAUSE_MS = 100;

function openNothing(): number {
  const fd = sys.open("/dev/null", sys.O_RDWR | sys.O_CLOEXEC);
  if (fd < 3) throw new Error(`/dev/null: ${fd < 0 ? errorText(fd) : "descriptors 0 to 2 are not open"}`);
  return fd;
}

export const VERSION = "0.1.0";
