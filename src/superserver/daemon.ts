/**
 * The super-server itself: services that listen, clients that come, children that end. One synchronous loop; signals
 * are flags that the loop looks at between rounds. What a file means is config/'s, whether a client may come in is
 * admit.ts's, what a child gets is launch.ts's; this file is the order of things.
 */
import { EAFNOSUPPORT, EAGAIN, ECONNRESET, EINTR, EMFILE, ENFILE, errorText } from "#platform/errno.ts";
import { PollLoop } from "#platform/poll.ts";
import { endSignal, exitCode, exited, ignoreSignal, SignalFlags } from "#platform/signals.ts";
import { acceptFrom, decodeAddress, listenOn, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { unlinkSync, writeFileSync } from "node:fs";
import { admit, admitAddress } from "./admit.ts";
import { serveDatagram, serveStream } from "./builtins/builtins.ts";
import { complaintText } from "./config/complaint.ts";
import { type Configuration, loadConfiguration, type Sources } from "./config/load.ts";
import { type Endpoint, type Service, serviceKey } from "./config/service.ts";
import { realWorld, type World } from "./config/world.ts";
import { dumpState } from "./dump.ts";
import { clientVariables, planFor } from "./launch.ts";
import { type MainLog, ServiceLog } from "./logs.ts";
import { serveMux } from "./mux.ts";
import { relay } from "./relay.ts";
import { type Listener, type Refusal, RunningService, type Session } from "./running.ts";

export interface DaemonOptions {
  sources: Sources;
  servicesFile: string;
  environment: NodeJS.ProcessEnv;
  pidFile?: string;
  dumpFile: string;
  backlog: number;
  /** -limit: children of all services together. */
  childLimit?: number;
  /** -l: inetd logs each connection. */
  logConnections: boolean;
  /** Whether the daemon goes on when no service is left. */
  stayAlive: boolean;
  /** SIGTERM: how long running sessions may still finish. 0 leaves them to themselves at once. */
  drainSeconds: number;
  /** Ctrl-C ends the daemon. */
  interruptible: boolean;
  jsonLogs: boolean;
}

const BIND_RETRY_SECONDS = 10;

export class Daemon {
  readonly loop = new PollLoop();
  readonly startedMs = Date.now();
  readonly running = new Map<string, RunningService>();
  /** Services that a reload dropped, as long as they have sessions. */
  readonly retired = new Set<RunningService>();
  readonly children = new Map<number, Session>();
  readonly signals = new SignalFlags();
  /** Addresses that a SENSOR caught: until when (ms), Infinity for ever. */
  readonly denied = new Map<string, number>();
  reloads = 0;
  private readonly daemonUmask: number;
  private readonly status = new Int32Array(1);
  private exitStatus: number | undefined;
  private draining = false;
  private acceptPausedUntil = 0;

  constructor(
    readonly options: DaemonOptions,
    readonly log: MainLog,
  ) {
    // xinetd forces 022 into its own mask; the children of inetd have the daemon's as it is.
    const inherited = sys.umask(0o22);
    this.daemonUmask = options.sources.xinetdFiles.length > 0 ? inherited | 0o22 : inherited;
    sys.umask(this.daemonUmask);
  }

  // ------------------------------------------------------------------------------------------------ starting

  private world(): World {
    return realWorld(this.options.servicesFile, this.options.environment);
  }

  private load(): Configuration {
    return loadConfiguration(this.options.sources, this.world());
  }

  private tell(configuration: Configuration): void {
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
    for (const signal of [sys.SIG.PIPE, sys.SIG.TSTP, sys.SIG.TTIN, sys.SIG.TTOU, sys.SIG.ALRM]) ignoreSignal(signal);
    this.loop.add(signals.fd, sys.POLLIN, () => signals.drain());

    const configuration = this.load();
    this.tell(configuration);
    if (configuration.complaints.hasFatal) return "the configuration cannot be used";
    for (const service of configuration.services) {
      const running = this.prepare(service);
      if (running === undefined) continue;
      for (const endpoint of service.endpoints) this.listenOrRetry(running, endpoint);
      this.running.set(serviceKey(service), running);
    }
    if (this.running.size === 0 && !this.options.stayAlive) return "no services. Exiting...";
    if (this.options.pidFile !== undefined) {
      try {
        writeFileSync(this.options.pidFile, `${process.pid}\n`, { mode: 0o644 });
      } catch (error) {
        return `pid file ${this.options.pidFile}: ${error instanceof Error ? error.message : error}`;
      }
    }
    this.log.notice(
      `perqd Version ${VERSION} started with ${this.running.size} available service${this.running.size === 1 ? "" : "s"}.`,
    );
    return undefined;
  }

  private prepare(service: Service): RunningService | undefined {
    const log = new ServiceLog(service.log, service.id, this.log, this.options.jsonLogs);
    const opened = log.open();
    if (opened < 0) {
      this.log.error(
        `creation of ${service.id} log failed: ${errorText(opened)}; service ${service.name} does not start`,
      );
      return undefined;
    }
    return new RunningService(service, log);
  }

  private open(service: Service, endpoint: Endpoint): number {
    if (endpoint.address.family === "unix") {
      try {
        unlinkSync(endpoint.address.path);
      } catch {
        // it was not there
      }
    }
    const types = {
      stream: sys.SOCK_STREAM,
      dgram: sys.SOCK_DGRAM,
      seqpacket: sys.SOCK_SEQPACKET,
      raw: sys.SOCK_RAW,
      rdm: 4,
    };
    const before = endpoint.address.family === "unix" ? sys.umask(0o111) : undefined; // mode 0666, as openbsd-inetd's
    const fd = listenOn(endpoint.address, {
      type: types[service.socketType],
      backlog: service.dialect === "xinetd" ? service.queueLimit : this.options.backlog,
      v6only: endpoint.v6only,
      sendBufferBytes: endpoint.sendBufferBytes,
      receiveBufferBytes: endpoint.receiveBufferBytes,
      prepare: (socket) => {
        // Set on the listener, inherited by what it accepts: no call per connection.
        if (service.noDelay) sys.setSocketOption(socket, sys.IPPROTO_TCP, sys.TCP_NODELAY, 1);
        if (service.keepAlive) sys.setSocketOption(socket, sys.SOL_SOCKET, sys.SO_KEEPALIVE, 1);
      },
    });
    if (before !== undefined) sys.umask(before);
    // A client that has gone before accept must not block the daemon; a waiting child gets a blocking socket.
    if (fd >= 0 && !service.wait) sys.setNonBlocking(fd, true);
    return fd;
  }

  private listenOrRetry(running: RunningService, endpoint: Endpoint, attempt = 0): void {
    const fd = this.open(running.service, endpoint);
    if (fd >= 0) {
      if (attempt > 0) this.log.notice(`service ${running.title} listens at last (${endpoint.label})`);
      running.suspendedWhy = "";
      this.attach(running, { fd, endpoint });
      return;
    }
    // A machine without IPv6 serves what it has.
    if (fd === -EAFNOSUPPORT && running.service.endpoints.length > 1) return;
    const words = `bind failed (${errorText(fd)} (errno = ${-fd})). service = ${running.title}`;
    if (attempt === 0) {
      this.log.error(
        `${words}; ${running.service.place.file}:${running.service.place.line}; tried again every ${BIND_RETRY_SECONDS} s`,
      );
    }
    running.suspendedWhy = errorText(fd);
    this.loop.after(BIND_RETRY_SECONDS * 1000, () => {
      const current = running.service.endpoints.includes(endpoint);
      if (!running.retired && current && this.exitStatus === undefined)
        this.listenOrRetry(running, endpoint, attempt + 1);
    });
  }

  private attach(running: RunningService, listener: Listener): void {
    running.listeners.push(listener);
    this.poll(running, listener);
  }

  private poll(running: RunningService, listener: Listener): void {
    if (this.draining) return;
    this.loop.add(listener.fd, sys.POLLIN, () => this.ready(running, listener));
  }

  private closeListeners(running: RunningService): void {
    for (const { fd, endpoint } of running.listeners) {
      this.loop.remove(fd);
      sys.close(fd);
      if (endpoint.address.family === "unix") this.unlink(endpoint.address.path);
    }
    running.listeners = [];
  }

  private unlink(path: string): void {
    try {
      unlinkSync(path);
    } catch (error) {
      this.log.debug(`unlink ${path}: ${error}`);
    }
  }

  // ------------------------------------------------------------------------------------------------- the loop

  /** Until told to end: the exit status. */
  run(): number {
    while (this.exitStatus === undefined) {
      const ready = this.loop.wait();
      if (ready === -EINTR) this.signals.drain();
      if (this.signals.take(sys.SIG.CHLD)) this.reap();
      if (this.signals.take(sys.SIG.HUP) || this.signals.take(sys.SIG.USR2)) this.reload();
      if (this.signals.take(sys.SIG.TERM)) this.terminate("SIGTERM");
      if (this.signals.take(sys.SIG.INT) && this.options.interruptible) this.terminate("SIGINT");
      if (this.signals.take(sys.SIG.QUIT)) this.finish(0);
      if (this.signals.take(sys.SIG.USR1)) dumpState(this, this.options.dumpFile);
      if (this.signals.take(sys.SIG.ABRT)) this.checkConsistency();
    }
    return this.exitStatus;
  }

  private terminate(signal: string): void {
    this.log.notice(`Exiting... (${signal})`);
    for (const running of this.running.values()) this.closeListeners(running);
    for (const session of this.innerSessions()) session.stop?.();
    const sessions = this.children.size;
    if (this.options.drainSeconds === 0 || sessions === 0) {
      if (sessions > 0) this.log.notice(`${sessions} session${sessions === 1 ? "" : "s"} left running`);
      this.finish(0);
      return;
    }
    if (this.draining) return;
    this.draining = true;
    this.log.notice(`draining: ${sessions} sessions may finish within ${this.options.drainSeconds} s`);
    this.loop.after(this.options.drainSeconds * 1000, () => {
      this.log.notice(`${this.children.size} sessions left running`);
      this.finish(0);
    });
  }

  private finish(status: number): void {
    for (const running of this.running.values()) this.closeListeners(running);
    if (this.options.pidFile !== undefined) this.unlink(this.options.pidFile);
    this.exitStatus = status;
  }

  private *innerSessions(): Generator<Session> {
    for (const running of [...this.running.values(), ...this.retired]) {
      for (const session of [...running.sessions]) if (session.stop !== undefined) yield session;
    }
  }

  private checkConsistency(): void {
    let counted = 0;
    for (const running of [...this.running.values(), ...this.retired]) {
      for (const session of running.sessions) if (session.pid > 0) counted++;
    }
    if (counted === this.children.size) this.log.info("Consistency check passed");
    else this.log.error(`Consistency check failed: ${counted} sessions, ${this.children.size} children`);
  }

  // --------------------------------------------------------------------------------------------- a connection

  private ready(running: RunningService, listener: Listener): void {
    const { service } = running;
    if (service.builtin !== undefined && service.socketType === "dgram") {
      serveDatagram(service.builtin, listener.fd, service.dialect);
      return;
    }
    if (service.wait) {
      this.startWaiter(running, listener);
      return;
    }
    if (service.atLimit === "queue" && running.full) {
      this.pauseFull(running);
      return;
    }
    const accepted = acceptFrom(listener.fd);
    if (typeof accepted === "number") {
      this.acceptFailed(running, accepted);
      return;
    }
    running.accepted++;
    this.admitClient(running, accepted.fd, accepted.peer);
    if (service.atLimit === "queue" && running.full) this.pauseFull(running);
  }

  private acceptFailed(running: RunningService, errno: number): void {
    if (errno === -EAGAIN || errno === -EINTR || errno === -ECONNRESET || errno === -103 /* ECONNABORTED */) return;
    if (errno !== -EMFILE && errno !== -ENFILE) {
      this.log.error(`accept failed (${errorText(errno)} (errno = ${-errno})). service = ${running.title}`);
      return;
    }
    // No descriptor to be had: clients wait in the backlog instead of spinning the loop.
    const now = performance.now();
    if (now > this.acceptPausedUntil)
      this.log.error(`no available descriptors; service ${running.title} waits a second`);
    this.acceptPausedUntil = now + 1000;
    for (const listener of running.listeners) this.loop.remove(listener.fd);
    this.loop.after(1000, () => this.resume(running));
  }

  private pauseFull(running: RunningService): void {
    for (const { fd } of running.listeners) this.loop.remove(fd);
  }

  /** Polls the listeners again, unless something else still keeps them waiting. */
  private resume(running: RunningService): void {
    if (running.retired || running.waiter !== undefined) return;
    if (running.service.atLimit === "queue" && running.full) return;
    for (const listener of running.listeners) if (!this.loop.has(listener.fd)) this.poll(running, listener);
  }

  /** A connected client, from accept or from tcpmux: in, or turned away. */
  admitClient(running: RunningService, fd: number, peer: SocketAddress): void {
    const { service } = running;
    const from = "host" in peer ? peer.host : peer.family === "unix" ? "<no address>" : "<unknown>";
    if (service.dialect === "openbsd" && "port" in peer && peer.port === 20) {
      sys.close(fd); // ftp bounce
      return;
    }
    if (this.options.logConnections && service.dialect !== "xinetd")
      this.log.info(`${running.title}: connection from ${from}`);
    if (service.banner !== undefined) this.sendBanner(running, fd, service.banner);
    const source = from;
    const now = Date.now();
    const verdict = admit(running, source, from, this.children.size, this.options.childLimit, now);
    if (verdict.verdict !== "admit") {
      // The port closes before a word is said, so that whoever reads the word finds it closed.
      if (verdict.verdict === "suspend") this.suspend(running, verdict.seconds);
      const silent = verdict.verdict === "refuse" && verdict.silent;
      if (verdict.text !== undefined) {
        if (verdict.verdict === "suspend") this.log.error(verdict.text, { service: running.title });
        else this.log.notice(verdict.text, { service: running.title });
      }
      this.turnAway(running, fd, from, verdict.reason, silent);
      return;
    }
    if (service.startError !== undefined) {
      this.log.error(service.startError, { service: running.title });
      sys.close(fd);
      return;
    }
    if (!this.addressAdmitted(running, fd, from, source)) return;
    if (service.bannerSuccess !== undefined) this.sendBanner(running, fd, service.bannerSuccess);
    if (peer.family === "ipv6" && service.dialect === "xinetd" && from.startsWith("::ffff:")) {
      // A v4 client of a dual-stack socket becomes a plain IPv4 socket for the child, as under xinetd.
      sys.setSocketOption(fd, sys.IPPROTO_IPV6, sys.IPV6_ADDRFORM, sys.AF_INET);
    }
    if (service.builtin !== undefined) this.startBuiltin(running, fd, peer, from, source);
    else if (service.redirect !== undefined) this.startRelay(running, fd, peer, from, source, service.redirect);
    else this.startChild(running, fd, peer, from, source);
  }

  /** Address lists and sensors. xinetd asks them in the forked child, after START: the same three lines come. */
  private addressAdmitted(running: RunningService, fd: number, from: string, source: string): boolean {
    const { service } = running;
    let reason: Refusal | undefined;
    const until = this.denied.get(source);
    if (until !== undefined) {
      if (Date.now() < until) reason = "address";
      else this.denied.delete(source);
    }
    if (service.sensor !== undefined) {
      reason = "address";
      this.remember(service.sensor.denyMinutes, source);
    }
    if (reason === undefined && (service.onlyFrom !== undefined || service.noAccess !== undefined)) {
      const verdict = admitAddress(running, { host: from, reverseName: () => this.reverseName(fd) });
      if (verdict.verdict !== "admit") {
        reason = verdict.reason;
        if (verdict.text !== undefined) this.log.error(verdict.text, { service: running.title });
      }
    }
    if (reason === undefined) return true;
    const session = this.session(running, undefined, from, source, 0);
    this.logStart(session);
    this.turnAway(running, fd, from, reason);
    this.logExit(session, 0);
    return false;
  }

  private remember(minutes: number | "forever" | "never", source: string): void {
    if (minutes === "never" || minutes === 0) return;
    if (this.denied.size > 100_000) this.denied.clear(); // bounded, however many addresses are tried
    const words = minutes === "forever" ? "forever" : `for ${minutes} minutes`;
    this.log.notice(`Adding ${source} to the global_no_access list ${words}`);
    this.denied.set(source, minutes === "forever" ? Infinity : Date.now() + minutes * 60_000);
  }

  private reverseName(fd: number): string | undefined {
    const bytes = new Uint8Array(128);
    const length = new Int32Array([128]);
    return sys.getPeerName(fd, bytes, length) < 0 ? undefined : sys.nameOf(bytes.subarray(0, length[0]));
  }

  private sendBanner(running: RunningService, fd: number, path: string): void {
    const banner = sys.open(path, sys.O_RDONLY | sys.O_CLOEXEC);
    if (banner < 0) {
      this.log.error(`service ${running.title}: banner ${path}: ${errorText(banner)}`);
      return;
    }
    const bytes = new Uint8Array(new ArrayBuffer(65536));
    const length = sys.readBytes(banner, bytes);
    sys.close(banner);
    if (length > 0) sys.send(fd, bytes, 0, length, sys.MSG_DONTWAIT); // what a socket's buffer cannot hold is lost
  }

  private turnAway(running: RunningService, fd: number, from: string, reason: Refusal, silent = false): void {
    const { service } = running;
    running.refused(reason);
    if (service.bannerFail !== undefined) this.sendBanner(running, fd, service.bannerFail);
    if (!silent && service.logOnFailure.length > 0) {
      const host = service.logOnFailure.includes("HOST");
      running.log.write("FAIL", ` ${reason}${host ? ` from=${from}` : ""}`, { reason, from: host ? from : undefined });
    }
    sys.close(fd);
  }

  private suspend(running: RunningService, seconds: number): void {
    this.closeListeners(running);
    running.suspendedWhy = `too many connections; back within ${seconds} s`;
    running.suspended = this.loop.after(seconds * 1000, () => {
      running.suspended = undefined;
      running.suspendedWhy = "";
      if (running.retired || this.draining) return;
      this.log.error(`Activating service ${running.service.name}`, { service: running.title });
      for (const endpoint of running.service.endpoints) this.listenOrRetry(running, endpoint);
    });
  }

  private session(
    running: RunningService,
    peer: SocketAddress | undefined,
    from: string,
    source: string,
    pid: number,
  ): Session {
    return {
      running,
      pid,
      peer,
      from,
      source,
      startedMs: Date.now(),
      inBytes: 0,
      outBytes: 0,
      timers: [],
      watchedFd: -1,
    };
  }

  private begin(session: Session): void {
    session.running.sessions.add(session);
    session.running.countSource(session.source, 1);
    if (session.pid > 0) this.children.set(session.pid, session);
    this.logStart(session);
  }

  private startChild(running: RunningService, fd: number, peer: SocketAddress, from: string, source: string): void {
    const { service } = running;
    running.plan ??= planFor(service, this.daemonUmask);
    const errorFd = this.errorDescriptor(running);
    const started = running.plan.start([fd, fd, errorFd < 0 ? fd : errorFd], clientVariables(service, from, peer, fd));
    if (typeof started === "number") {
      this.log.error(`fork failed: ${errorText(started)} (errno = ${-started}). service = ${running.title}`);
      this.turnAway(running, fd, from, "fork");
      return;
    }
    const session = this.session(running, peer, from, source, started.pid);
    this.begin(session);
    if (started.failed !== undefined)
      this.log.error(this.failureWords(running, started.failed), { service: running.title });
    if (service.maxSessionSeconds !== undefined) this.limitSession(session, service.maxSessionSeconds);
    if (service.maxIdleSeconds !== undefined) {
      session.watchedFd = fd;
      this.watchIdle(session, service.maxIdleSeconds);
    } else sys.close(fd);
  }

  /** The log that a service's stderr goes to; -1 when it is the client. */
  private errorDescriptor(running: RunningService): number {
    const path = running.service.standardError;
    if (path === undefined) return -1;
    if (running.stderrFd < 0) {
      running.stderrFd = sys.open(path, sys.O_WRONLY | sys.O_APPEND | sys.O_CREAT | sys.O_CLOEXEC, 0o640);
      if (running.stderrFd < 0) {
        this.log.error(`service ${running.title}: stderr ${path}: ${errorText(running.stderrFd)}; its words are lost`);
        running.stderrFd = sys.open("/dev/null", sys.O_WRONLY | sys.O_CLOEXEC);
      }
    }
    return running.stderrFd;
  }

  private failureWords(running: RunningService, failed: { step: string; errno: number }): string {
    const { program, dialect } = running.service;
    const why = errorText(failed.errno);
    if (failed.step !== "execv") return `${running.title}: ${failed.step} failed: ${why}`;
    if (dialect === "openbsd") return `execv ${program}: ${why}`;
    if (dialect === "gnu") return `cannot execute ${program}: ${why}`;
    return `execv( ${program} ) failed: ${why} (errno = ${failed.errno})`;
  }

  private limitSession(session: Session, seconds: number): void {
    session.timers.push(
      this.loop.after(seconds * 1000, () => this.endSession(session, `max_session of ${seconds} s is over`)),
    );
  }

  private watchIdle(session: Session, seconds: number): void {
    const idleMs = idleMilliseconds(session.watchedFd);
    const left = seconds * 1000 - idleMs;
    if (left <= 0) {
      this.endSession(session, `idle for ${seconds} s`);
      return;
    }
    session.timers.push(this.loop.after(Math.max(left, 100), () => this.watchIdle(session, seconds)));
  }

  private endSession(session: Session, why: string): void {
    if (!this.children.has(session.pid)) return;
    this.log.notice(`service ${session.running.title}: session ${session.pid} from ${session.from} ends: ${why}`);
    sys.kill(session.pid, sys.SIG.TERM);
    session.timers.push(
      this.loop.after(5000, () => {
        if (this.children.has(session.pid)) sys.kill(session.pid, sys.SIG.KILL);
      }),
    );
  }

  private startBuiltin(running: RunningService, fd: number, peer: SocketAddress, from: string, source: string): void {
    const { service } = running;
    const session = this.session(running, peer, from, source, 0);
    this.begin(session);
    const done = (inBytes: number, outBytes: number) => {
      session.inBytes = inBytes;
      session.outBytes = outBytes;
      this.innerDone(session, service.builtin !== "daytime" && service.builtin !== "time");
    };
    if (service.builtin === "tcpmux" || service.builtin === "help") {
      const handedOver = (name: string): boolean => this.handToMux(name, fd, peer);
      session.stop = serveMux(this, service, fd, handedOver, () => done(0, 0)).stop;
      return;
    }
    session.stop = serveStream(service.builtin!, fd, service.dialect, this.loop, done).stop;
  }

  /** A service that is reached through tcpmux takes the connection: false when there is none of that name. */
  private handToMux(name: string, fd: number, peer: SocketAddress): boolean {
    const found = this.muxServices().find((one) => one.service.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) return false;
    if (found.service.mux === "plus") sys.send(fd, new TextEncoder().encode("+Go\r\n"), 0, 5, sys.MSG_DONTWAIT);
    sys.setNonBlocking(fd, false);
    found.accepted++;
    this.admitClient(found, fd, peer);
    return true;
  }

  muxServices(): RunningService[] {
    return [...this.running.values()].filter((one) => one.service.mux !== undefined);
  }

  private startRelay(
    running: RunningService,
    fd: number,
    peer: SocketAddress,
    from: string,
    source: string,
    target: SocketAddress,
  ): void {
    const session = this.session(running, peer, from, source, 0);
    this.begin(session);
    const host = "host" in target ? target.host : "";
    session.stop = relay(
      fd,
      target,
      this.loop,
      (errno) =>
        this.log.error(`can't connect to remote host ${host}: ${errorText(errno)} (errno = ${-errno})`, {
          service: running.title,
        }),
      (inBytes, outBytes) => {
        session.inBytes = inBytes;
        session.outBytes = outBytes;
        this.innerDone(session, true);
      },
    ).stop;
  }

  private startWaiter(running: RunningService, listener: Listener): void {
    const { service } = running;
    const now = Date.now();
    const from = service.socketType === "dgram" ? datagramSource(listener.fd) : "<no address>";
    const verdict = admit(running, from, from, this.children.size, this.options.childLimit, now);
    if (verdict.verdict !== "admit") {
      running.refused(verdict.reason);
      if (verdict.text !== undefined) this.log.error(verdict.text, { service: running.title });
      // The client is still in the backlog: without a pause this would spin.
      this.suspend(running, verdict.verdict === "suspend" ? verdict.seconds : 1);
      return;
    }
    if (service.startError !== undefined) {
      this.log.error(service.startError, { service: running.title });
      this.suspend(running, BIND_RETRY_SECONDS);
      return;
    }
    if (service.socketType === "dgram" && from !== "<no address>") {
      const lists = admitAddress(running, { host: from, reverseName: () => undefined });
      if (lists.verdict !== "admit") {
        running.refused("address");
        if (service.logOnFailure.length > 0)
          running.log.write("FAIL", ` address from=${from}`, { reason: "address", from });
        sys.recv(listener.fd, new Uint8Array(new ArrayBuffer(1)), 0, 1, sys.MSG_DONTWAIT); // it is not for the server
        return;
      }
    }
    running.plan ??= planFor(service, this.daemonUmask);
    const errorFd = this.errorDescriptor(running);
    const variables = service.socketType === "dgram" && service.dialect === "xinetd" ? [`REMOTE_HOST=${from}`] : [];
    const started = running.plan.start([listener.fd, listener.fd, errorFd < 0 ? listener.fd : errorFd], variables);
    if (typeof started === "number") {
      this.log.error(`fork failed: ${errorText(started)} (errno = ${-started}). service = ${running.title}`);
      this.suspend(running, 1);
      return;
    }
    running.accepted++;
    const session = this.session(running, undefined, from, from, started.pid);
    this.begin(session);
    if (started.failed !== undefined)
      this.log.error(this.failureWords(running, started.failed), { service: running.title });
    running.waiter = session;
    for (const one of running.listeners) this.loop.remove(one.fd);
  }

  // ------------------------------------------------------------------------------------------------ an end

  private reap(): void {
    for (;;) {
      const pid = sys.wait(-1, this.status, sys.WNOHANG);
      if (pid <= 0) break;
      const session = this.children.get(pid);
      if (session === undefined) continue; // an orphan that we adopted as pid 1
      this.children.delete(pid);
      this.ended(session, this.status[0]);
    }
    if (this.draining && this.children.size === 0) this.finish(0);
  }

  private ended(session: Session, status: number): void {
    const { running } = session;
    this.release(session);
    this.logExit(session, status);
    if (running.waiter === session) {
      running.waiter = undefined;
      if (running.service.dialect !== "xinetd" && status !== 0) {
        const how = exited(status) ? `exit status ${exitCode(status)}` : `exit signal ${endSignal(status)}`;
        this.log.warning(`${running.service.program}: ${how}`);
      }
    }
    this.settle(running);
  }

  private innerDone(session: Session, logged: boolean): void {
    const { running } = session;
    this.release(session);
    running.inBytes += session.inBytes;
    running.outBytes += session.outBytes;
    if (logged) this.logExit(session, 0);
    const words = running.service.logOnSuccess;
    if (words.includes("TRAFFIC")) {
      const { inBytes, outBytes } = session;
      running.log.write("TRAFFIC", ` in=${inBytes}(bytes) out=${outBytes}(bytes)`, { in: inBytes, out: outBytes });
    }
    this.settle(running);
  }

  private release(session: Session): void {
    session.running.sessions.delete(session);
    session.running.countSource(session.source, -1);
    for (const timer of session.timers) this.loop.cancel(timer);
    if (session.watchedFd >= 0) sys.close(session.watchedFd);
  }

  /** After a session: the port may have waited for this, or the service for its last session. */
  private settle(running: RunningService): void {
    if (running.retired) {
      if (running.sessions.size === 0) this.forget(running);
      return;
    }
    this.resume(running);
  }

  private forget(running: RunningService): void {
    this.retired.delete(running);
    running.log.close();
    if (running.stderrFd >= 0) sys.close(running.stderrFd);
    running.stderrFd = -1;
  }

  private logStart(session: Session): void {
    const words = session.running.service.logOnSuccess;
    if (!session.running.log.wanted || words.length === 0) return;
    const pid = words.includes("PID") ? ` pid=${session.pid}` : "";
    const from = words.includes("HOST") ? ` from=${session.from}` : "";
    session.running.log.write("START", pid + from, { pid: session.pid, from: session.from });
  }

  private logExit(session: Session, status: number): void {
    const words = session.running.service.logOnSuccess;
    if (!session.running.log.wanted || !(words.includes("EXIT") || words.includes("DURATION"))) return;
    const seconds = Math.round((Date.now() - session.startedMs) / 1000);
    const how = exited(status) ? ` status=${exitCode(status)}` : ` signal=${endSignal(status)}`;
    const text =
      (words.includes("EXIT") ? how : "") +
      (words.includes("PID") ? ` pid=${session.pid}` : "") +
      (words.includes("DURATION") ? ` duration=${seconds}(sec)` : "");
    session.running.log.write("EXIT", text, {
      pid: session.pid,
      status: exited(status) ? exitCode(status) : undefined,
      signal: exited(status) ? undefined : endSignal(status),
      duration: seconds,
    });
  }

  // ------------------------------------------------------------------------------------------------- reload

  /** All or nothing: whatever is wrong with the new files, the old services stay exactly as they are. */
  reload(): void {
    this.log.notice("Starting reconfiguration");
    this.log.open();
    for (const running of this.running.values()) {
      const opened = running.log.open();
      if (opened < 0) this.log.error(`${running.title} log: ${errorText(opened)}`);
    }
    const configuration = this.load();
    this.tell(configuration);
    const errors = configuration.complaints.list.filter(
      (one) => one.severity === "error" || one.severity === "fatal",
    ).length;
    if (errors > 0) {
      this.log.error(`reconfiguration failed: ${errors} error${errors === 1 ? "" : "s"}; nothing was changed`);
      return;
    }
    this.reloads++;
    this.swap(configuration.services);
  }

  private swap(services: Service[]): undefined {
    const before = new Map(this.running);
    const spare = new Map<string, Listener>(); // sockets of the old configuration, by where they listen
    for (const running of before.values()) {
      for (const listener of running.listeners) spare.set(listenerKey(running.service, listener.endpoint), listener);
    }
    // First everything that can fail, while the old services still serve.
    const opened = new Map<string, Listener>();
    const prepared: {
      key: string;
      service: Service;
      running: RunningService;
      isNew: boolean;
      listeners: Listener[];
    }[] = [];
    const undo = (words: string): undefined => {
      for (const { fd } of opened.values()) sys.close(fd);
      for (const one of prepared) if (one.isNew) one.running.log.close();
      this.log.error(`reconfiguration failed: ${words}; nothing was changed`);
    };
    const wantedPlaces = new Set(
      services.flatMap((one) => one.endpoints.map((endpoint) => listenerKey(one, endpoint))),
    );
    for (const service of services) {
      const key = serviceKey(service);
      const old = before.get(key);
      const running = old ?? this.prepare(service);
      if (running === undefined) return undo(`service ${service.id} has no log`);
      const listeners: Listener[] = [];
      for (const endpoint of service.endpoints) {
        const place = listenerKey(service, endpoint);
        const kept = spare.get(place);
        if (kept !== undefined) {
          listeners.push({ fd: kept.fd, endpoint });
          continue;
        }
        let fd = this.open(service, endpoint);
        if (fd < 0) {
          // An old socket of ours may stand in the way: 0.0.0.0 becoming 127.0.0.1. Both cannot be.
          fd = this.openBeside(service, endpoint, spare, wantedPlaces, fd);
        }
        if (fd === -EAFNOSUPPORT && service.endpoints.length > 1) continue;
        if (fd < 0)
          return undo(
            `bind failed (${errorText(fd)} (errno = ${-fd})). service = ${service.id}; ${service.place.file}:${service.place.line}`,
          );
        const listener = { fd, endpoint };
        opened.set(place, listener);
        listeners.push(listener);
      }
      prepared.push({ key, service, running, isNew: old === undefined, listeners });
    }
    this.commit(before, prepared, wantedPlaces);
  }

  /** Shares the port with the socket that is to go, which both must have agreed to: so it goes first. */
  private openBeside(
    service: Service,
    endpoint: Endpoint,
    spare: Map<string, Listener>,
    wanted: Set<string>,
    failure: number,
  ): number {
    const { address } = endpoint;
    if (!("port" in address)) return failure;
    for (const [place, listener] of spare) {
      const theirs = listener.endpoint.address;
      if (wanted.has(place) || !("port" in theirs) || theirs.port !== address.port) continue;
      this.loop.remove(listener.fd);
      sys.close(listener.fd);
      spare.delete(place);
      for (const running of this.running.values())
        running.listeners = running.listeners.filter((one) => one.fd !== listener.fd);
    }
    return this.open(service, endpoint);
  }

  private commit(
    before: Map<string, RunningService>,
    prepared: { key: string; service: Service; running: RunningService; isNew: boolean; listeners: Listener[] }[],
    wanted: Set<string>,
  ): void {
    const names = { new: [] as string[], changed: [] as string[], same: 0, dropped: [] as string[] };
    const keys = new Set(prepared.map((one) => one.key));
    for (const [key, running] of before) {
      for (const listener of running.listeners) {
        this.loop.remove(listener.fd);
        if (wanted.has(listenerKey(running.service, listener.endpoint))) continue;
        sys.close(listener.fd);
        if (listener.endpoint.address.family === "unix") this.unlink(listener.endpoint.address.path);
      }
      running.listeners = [];
      if (running.suspended !== undefined) this.loop.cancel(running.suspended);
      running.suspended = undefined;
      running.suspendedWhy = "";
      if (keys.has(key)) continue;
      names.dropped.push(running.title);
      this.running.delete(key);
      running.retired = true;
      const sessions = running.sessions.size;
      this.log.notice(`service ${running.title} deactivated${sessions > 0 ? `; its ${sessions} sessions go on` : ""}`);
      if (sessions > 0) this.retired.add(running);
      else this.forget(running);
    }
    this.log.notice("Swapping defaults");
    for (const { key, service, running, isNew, listeners } of prepared) {
      if (isNew) names.new.push(running.title);
      else if (sameSettings(running.service, service)) names.same++;
      else {
        names.changed.push(running.title);
        this.log.notice(`readjusting service ${running.title}`);
        this.readjust(running, service);
      }
      running.service = service;
      running.windowCount = 0;
      this.running.set(key, running);
      for (const listener of listeners) {
        running.listeners.push(listener);
        const busy = running.waiter !== undefined || (service.atLimit === "queue" && running.full);
        if (!busy) this.poll(running, listener);
      }
    }
    const kept = prepared.filter((one) => !one.isNew).length;
    this.log.notice(`Reconfigured: new=${names.new.length} old=${kept} dropped=${names.dropped.length} (services)`);
    const list = (title: string, items: string[]) => (items.length > 0 ? [`${title}: ${items.join(" ")}`] : []);
    const difference = [
      ...list("new", names.new),
      ...list("changed", names.changed),
      ...list("dropped", names.dropped),
    ];
    if (difference.length > 0)
      this.log.notice(`Reconfigured ${difference.join("; ")}; ${this.children.size} sessions kept`);
    if (this.running.size === 0 && !this.options.stayAlive && this.children.size === 0) {
      this.log.error("No available services. Exiting");
      this.finish(1);
    }
  }

  private readjust(running: RunningService, service: Service): void {
    running.plan = undefined;
    if (running.stderrFd >= 0) sys.close(running.stderrFd);
    running.stderrFd = -1;
    if (JSON.stringify(running.service.log) !== JSON.stringify(service.log) || running.service.id !== service.id) {
      const log = new ServiceLog(service.log, service.id, this.log, this.options.jsonLogs);
      const opened = log.open();
      if (opened < 0) {
        this.log.error(`creation of ${service.id} log failed: ${errorText(opened)}; the old one stays`);
        return;
      }
      running.log.close();
      running.log = log;
    }
  }
}

export const VERSION = "0.1.0";

/** Where and how a socket listens: equal keys mean that the very socket can stay. */
function listenerKey(service: Service, endpoint: Endpoint): string {
  const { label: _, ...rest } = endpoint;
  const backlog = service.dialect === "xinetd" ? service.queueLimit : 0;
  return JSON.stringify([service.socketType, service.wait, service.noDelay, service.keepAlive, backlog, rest]);
}

/** Who sent the datagram that waits; it stays for the server. */
function datagramSource(fd: number): string {
  const sockaddr = new Uint8Array(new ArrayBuffer(128));
  const length = new Int32Array([128]);
  const got = sys.recvFrom(fd, new Uint8Array(new ArrayBuffer(1)), sockaddr, length, sys.MSG_PEEK | sys.MSG_DONTWAIT);
  if (got < 0) return "<no address>";
  const peer = decodeAddress(sockaddr, length[0]);
  return "host" in peer ? peer.host : "<no address>";
}

/** The line that a service stands on may move without its settings changing. */
function sameSettings(a: Service, b: Service): boolean {
  return JSON.stringify({ ...a, place: null }) === JSON.stringify({ ...b, place: null });
}

/** Milliseconds since bytes last went either way on a TCP connection, by the kernel's own account. */
function idleMilliseconds(fd: number): number {
  const info = new Uint8Array(new ArrayBuffer(104));
  const length = sys.getSocketOptionBytes(fd, sys.IPPROTO_TCP, 11 /* TCP_INFO */, info);
  if (length < 60) return 0;
  const view = new DataView(info.buffer);
  // tcpi_last_data_sent, tcpi_last_data_recv
  return Math.min(view.getUint32(44, true), view.getUint32(52, true));
}
