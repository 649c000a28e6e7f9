/**
 * Sessions: a child (or a builtin, or a relay) for each client, from its START line to its EXIT line, and the counts
 * that go up and down with it.
 */
import { errorText } from "#platform/errno.ts";
import { endSignal, exitCode, exited } from "#platform/signals.ts";
import type { SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { TlsConnection } from "#platform/tls.ts";
import { serveStream } from "./builtins/builtins.ts";
import type { Daemon } from "./daemon.ts";
import { clientVariables, launch, type Launched, putAway } from "./launch.ts";
import { relayTls, tlsVariables } from "./tlsdoor.ts";
import { serveMux } from "./mux.ts";
import { relay } from "./relay.ts";
import type { RunningService, Session } from "./running.ts";

export class Sessions {
  private readonly status = new Int32Array(1);

  constructor(private readonly daemon: Daemon) {}

  session(
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
      warm: false,
      watchedFd: -1,
    };
  }

  begin(session: Session): void {
    session.running.sessions.add(session);
    session.running.countSource(session.source, 1);
    if (session.pid > 0) this.daemon.children.set(session.pid, session);
    this.logStart(session);
  }

  /** The server gets one end of a pair; its bytes travel encrypted. */
  startEncrypted(
    running: RunningService,
    connection: TlsConnection,
    peer: SocketAddress,
    from: string,
    source: string,
  ): void {
    const pair = sys.socketPair();
    if (typeof pair === "number") {
      this.daemon.log.error(`service ${running.title}: socketpair: ${errorText(pair)}`);
      connection.close();
      this.daemon.door.turnAway(running, connection.fd, from, "fork");
      return;
    }
    const [ours, theirs] = pair;
    const variables = tlsVariables(connection);
    const entry = { stop: () => {} }; // the relay may be over before it has returned
    this.daemon.encrypted.add(entry);
    const moved = relayTls(connection, ours, this.daemon.loop, (inBytes, outBytes) => {
      running.inBytes += inBytes;
      running.outBytes += outBytes;
      this.daemon.encrypted.delete(entry);
      this.daemon.settled();
    });
    entry.stop = moved.stop;
    const client = { variables, socketFd: connection.fd, idleMs: moved.idleMs };
    const session = this.startChild(running, theirs, peer, from, source, client);
    if (session === undefined) moved.stop();
  }

  /** behind: where the client's own socket is, when fd is only a pair that leads to it. */
  startChild(
    running: RunningService,
    fd: number,
    peer: SocketAddress,
    from: string,
    source: string,
    behind?: { variables: string[]; socketFd: number; idleMs: () => number },
  ): Session | undefined {
    const { service } = running;
    const variables = [...(behind?.variables ?? []), ...clientVariables(service, from, peer, behind?.socketFd ?? fd)];
    const warm = running.pool?.give(fd, variables);
    const launched = warm ?? launch(this.daemon, running, fd, fd, variables);
    if (typeof launched === "string") {
      this.daemon.log.error(`fork failed: ${launched}. service = ${running.title}`);
      this.daemon.door.turnAway(running, fd, from, "fork");
      return undefined;
    }
    const session = this.session(running, peer, from, source, launched.pid);
    session.warm = warm !== undefined;
    this.keep(session, launched);
    this.begin(session);
    const { failed } = launched;
    if (failed !== undefined) this.daemon.log.error(this.failureWords(running, failed), { service: running.title });
    if (service.maxSessionSeconds !== undefined) this.limitSession(session, service.maxSessionSeconds);
    if (service.maxIdleSeconds !== undefined) {
      if (behind === undefined) session.watchedFd = fd;
      session.idleMs = behind?.idleMs ?? (() => idleMilliseconds(fd));
      this.watchIdle(session, service.maxIdleSeconds);
    }
    if (session.watchedFd < 0) sys.close(fd);
    return session;
  }

  /** From now on what was made for the child is the session's, and its errors are under its name. */
  keep(session: Session, launched: Launched): void {
    session.launched = launched;
    const why = launched.errors.called(session);
    if (why !== undefined) this.daemon.log.error(`service ${session.running.title}: stderr: ${why}`);
  }

  failureWords(running: RunningService, failed: { step: string; errno: number }): string {
    const { program, dialect } = running.service;
    const why = errorText(failed.errno);
    // Without root none of the three is allowed; xinetd names the one it tries first.
    if (/^set(groups|gid|uid)$/.test(failed.step))
      return `setuid failed: ${why} (service ${running.title}, ${failed.step})`;
    if (failed.step !== "execv") return `${running.title}: ${failed.step} failed: ${why}`;
    if (dialect === "openbsd") return `execv ${program}: ${why}`;
    if (dialect === "gnu") return `cannot execute ${program}: ${why}`;
    return `execv( ${program} ) failed: ${why} (errno = ${failed.errno})`;
  }

  limitSession(session: Session, seconds: number): void {
    session.timers.push(
      this.daemon.loop.after(seconds * 1000, () => this.endSession(session, `max_session of ${seconds} s is over`)),
    );
  }

  watchIdle(session: Session, seconds: number): void {
    const idleMs = session.idleMs?.() ?? 0;
    const left = seconds * 1000 - idleMs;
    if (left <= 0) {
      this.endSession(session, `idle for ${seconds} s`);
      return;
    }
    session.timers.push(this.daemon.loop.after(Math.max(left, 100), () => this.watchIdle(session, seconds)));
  }

  endSession(session: Session, why: string): void {
    if (!this.daemon.children.has(session.pid)) return;
    this.daemon.log.notice(
      `service ${session.running.title}: session ${session.pid} from ${session.from} ends: ${why}`,
    );
    sys.kill(session.pid, sys.SIG.TERM);
    session.timers.push(
      this.daemon.loop.after(5000, () => {
        if (this.daemon.children.has(session.pid)) sys.kill(session.pid, sys.SIG.KILL);
      }),
    );
  }

  startBuiltin(running: RunningService, fd: number, peer: SocketAddress, from: string, source: string): void {
    const { service } = running;
    const session = this.session(running, peer, from, source, 0);
    this.begin(session);
    const done = (inBytes: number, outBytes: number) => {
      session.inBytes = inBytes;
      session.outBytes = outBytes;
      this.innerDone(session, service.builtin !== "daytime" && service.builtin !== "time");
    };
    if (service.builtin === "tcpmux" || service.builtin === "help") {
      const handedOver = (name: string): boolean => this.daemon.door.handToMux(name, fd, peer);
      session.stop = serveMux(
        { loop: this.daemon.loop, muxServices: () => this.daemon.door.muxServices() },
        service,
        fd,
        handedOver,
        () => done(0, 0),
      ).stop;
      return;
    }
    session.stop = serveStream(service.builtin!, fd, service.dialect, this.daemon.loop, done).stop;
  }

  startRelay(
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
      this.daemon.loop,
      (errno) =>
        this.daemon.log.error(`can't connect to remote host ${host}: ${errorText(errno)} (errno = ${-errno})`, {
          service: running.title,
        }),
      (inBytes, outBytes) => {
        session.inBytes = inBytes;
        session.outBytes = outBytes;
        this.innerDone(session, true);
      },
    ).stop;
  }

  reap(): void {
    for (;;) {
      const pid = sys.wait(-1, this.status, sys.WNOHANG);
      if (pid <= 0) break;
      const session = this.daemon.children.get(pid);
      if (session === undefined) {
        // A warm server that has had no client, or an orphan that we adopted as pid 1.
        const pool = this.daemon.warmServers.get(pid);
        if (pool !== undefined) {
          for (const running of this.daemon.running.values()) running.errorLines?.ended(pid);
          pool.died(pid, this.status[0]);
        }
        continue;
      }
      this.daemon.children.delete(pid);
      this.ended(session, this.status[0]);
    }
  }

  ended(session: Session, status: number): void {
    const { running } = session;
    if (session.launched !== undefined) putAway(this.daemon, session.launched);
    running.errorLines?.ended(session.pid); // its last words before its EXIT line
    this.release(session);
    const step = session.launched?.failed?.step;
    // xinetd's child ends with 0 when it cannot execute, with 1 when it fails before that.
    const failedBefore = running.service.dialect === "xinetd" && step !== undefined && step !== "execv";
    this.logExit(session, failedBefore ? 1 << 8 : status);
    if (running.waiter === session) {
      running.waiter = undefined;
      if (running.service.dialect !== "xinetd" && status !== 0) {
        const how = exited(status) ? `exit status ${exitCode(status)}` : `exit signal ${endSignal(status)}`;
        this.daemon.log.warning(`${running.service.program}: ${how}`);
      }
    }
    this.settle(running);
  }

  innerDone(session: Session, logged: boolean): void {
    const { running } = session;
    this.release(session);
    running.inBytes += session.inBytes;
    running.outBytes += session.outBytes;
    const words = running.service.logOnSuccess;
    if (words.includes("TRAFFIC")) {
      const { inBytes, outBytes } = session;
      running.log.write("TRAFFIC", ` in=${inBytes}(bytes) out=${outBytes}(bytes)`, { in: inBytes, out: outBytes });
    }
    if (logged) this.logExit(session, 0);
    this.settle(running);
  }

  release(session: Session): void {
    session.running.sessions.delete(session);
    session.running.countSource(session.source, -1);
    for (const timer of session.timers) this.daemon.loop.cancel(timer);
    if (session.watchedFd >= 0) sys.close(session.watchedFd);
  }

  /** After a session: the port may have waited for this, or the service for its last session. */
  settle(running: RunningService): void {
    if (!running.retired) this.daemon.listeners.resume(running);
    else if (running.idle) this.forget(running);
    this.daemon.settled();
  }

  forget(running: RunningService): void {
    this.daemon.retired.delete(running);
    running.plan?.close();
    running.plan = undefined;
    running.forgetCertificates();
    running.log.close();
    running.closeErrors();
    running.errorLines?.close();
    running.errorLines = undefined;
  }

  logStart(session: Session): void {
    const words = session.running.service.logOnSuccess;
    if (!session.running.log.wanted || words.length === 0) return;
    const pid = words.includes("PID") ? ` pid=${session.pid}` : "";
    const from = words.includes("HOST") ? ` from=${session.from}` : "";
    session.running.log.write("START", pid + from, { pid: session.pid, from: session.from });
  }

  logExit(session: Session, status: number): void {
    const words = session.running.service.logOnSuccess;
    if (!session.running.log.wanted || !(words.includes("EXIT") || words.includes("DURATION"))) return;
    // The clock's seconds, as xinetd counts them: 0.2 s across a full second is 1.
    const seconds = Math.floor(Date.now() / 1000) - Math.floor(session.startedMs / 1000);
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
