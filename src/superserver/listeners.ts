/**
 * The doors to the street: sockets that listen, when they are watched, when they are shut, and that they come back.
 * Whoever comes through one is handed to the door (door.ts).
 */
import { EAFNOSUPPORT, EAGAIN, EINTR, EMFILE, ENFILE, errorText } from "#platform/errno.ts";
import { acceptFrom, listenOn } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { unlinkSync } from "node:fs";
import type { Endpoint, Service } from "./config/service.ts";
import type { Daemon } from "./daemon.ts";
import type { Listener, RunningService } from "./running.ts";
import { givenFor } from "./systemd.ts";

export const BIND_RETRY_SECONDS = 10;
const PAUSE_MS = 1000;
/** More than a backlog holds. */
const MOST_WAITING = 65536;
/**
 * What accept says of a client that is gone again, or of a network that was: EPERM, EPROTO, ENOPROTOOPT, EOPNOTSUPP,
 * ENETDOWN, ENETUNREACH, ENONET, ECONNABORTED, ECONNRESET, EHOSTDOWN, EHOSTUNREACH (accept(2)). Others may wait behind.
 */
const goneClients = new Set([EAGAIN, EINTR, 1, 71, 92, 95, 100, 101, 64, 103, 104, 112, 113]);

export class Listeners {
  private shortUntil = 0;

  constructor(private readonly daemon: Daemon) {}

  open(service: Service, endpoint: Endpoint): number {
    const given = givenFor(this.daemon.inherited, service, endpoint);
    if (given !== undefined) {
      const fd = sys.duplicate(given.fd);
      if (fd >= 0) sys.setNonBlocking(fd, !service.wait);
      return fd;
    }
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
      backlog: this.backlogOf(service),
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

  listenOrRetry(running: RunningService, endpoint: Endpoint, attempt = 0): void {
    const fd = this.open(running.service, endpoint);
    if (fd >= 0) {
      if (attempt > 0) this.daemon.log.notice(`service ${running.title} listens at last (${endpoint.label})`);
      running.suspendedWhy = "";
      this.attach(running, { fd, endpoint });
      return;
    }
    // A machine without IPv6 serves what it has.
    if (fd === -EAFNOSUPPORT && running.service.endpoints.length > 1) return;
    const words = `bind failed (${errorText(fd)} (errno = ${-fd})). service = ${running.title}`;
    if (attempt === 0) {
      this.daemon.log.error(`${words} (${running.service.place.file}:${running.service.place.line})`);
      this.daemon.log.error(
        `Service ${running.title} failed to start and is deactivated; tried again every ${BIND_RETRY_SECONDS} s`,
      );
    }
    running.suspendedWhy = errorText(fd);
    this.daemon.loop.after(BIND_RETRY_SECONDS * 1000, () => {
      const current = running.service.endpoints.includes(endpoint);
      if (!running.retired && current && this.daemon.exitStatus === undefined)
        this.listenOrRetry(running, endpoint, attempt + 1);
    });
  }

  attach(running: RunningService, listener: Listener): void {
    running.listeners.push(listener);
    this.poll(running, listener);
  }

  poll(running: RunningService, listener: Listener): void {
    if (this.daemon.draining) return;
    this.daemon.loop.add(listener.fd, sys.POLLIN, () => this.ready(running, listener));
  }

  closeListeners(running: RunningService): void {
    for (const { fd, endpoint } of running.listeners) {
      this.daemon.loop.remove(fd);
      sys.close(fd);
      this.removePath(running.service, endpoint);
    }
    running.listeners = [];
  }

  /** Of a unix socket that was ours: one that systemd made is for systemd to remove. */
  removePath(service: Service, endpoint: Endpoint): void {
    const { address } = endpoint;
    const given = givenFor(this.daemon.inherited, service, endpoint) !== undefined;
    if (address.family === "unix" && !given) this.unlink(address.path);
  }

  unlink(path: string): void {
    try {
      unlinkSync(path);
    } catch (error) {
      this.daemon.log.debug(`unlink ${path}: ${error}`);
    }
  }

  ready(running: RunningService, listener: Listener): void {
    const { service } = running;
    if (service.builtin !== undefined && service.socketType === "dgram") {
      this.daemon.door.answerDatagram(running, listener.fd);
      return;
    }
    if (service.wait) {
      this.daemon.door.startWaiter(running, listener);
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
    this.daemon.door.arrive(running, accepted.fd, accepted.peer);
    if (service.atLimit === "queue" && running.full) this.pauseFull(running);
  }

  acceptFailed(running: RunningService, errno: number): void {
    if (goneClients.has(-errno)) return;
    // Nothing to serve him with: clients wait in the backlog instead of spinning the loop. Said once a shortage.
    const now = performance.now();
    if (now > this.shortUntil) {
      const isShort = errno === -EMFILE || errno === -ENFILE;
      this.daemon.log.error(
        isShort
          ? `no available descriptors; service ${running.title} waits a second`
          : `accept failed (${errorText(errno)} (errno = ${-errno})). service = ${running.title}`,
      );
    }
    this.shortUntil = now + 2 * PAUSE_MS;
    this.pause(running);
  }

  /** Its clients wait a second in the backlog. */
  pause(running: RunningService): void {
    for (const listener of running.listeners) this.daemon.loop.remove(listener.fd);
    this.daemon.loop.after(PAUSE_MS, () => this.resume(running));
  }

  /**
   * Before a socket is closed: whoever is in its backlog has connected already and is served (or refused in words), as
   * if he had been a moment earlier.
   */
  takeWaiting(running: RunningService, listener: Listener): void {
    const { service } = running;
    if (service.wait || service.socketType !== "stream") return;
    for (let count = 0; count < MOST_WAITING; count++) {
      if (service.atLimit === "queue" && running.full) return;
      const accepted = acceptFrom(listener.fd);
      if (typeof accepted === "number") {
        if (goneClients.has(-accepted) && accepted !== -EAGAIN) continue;
        return;
      }
      running.accepted++;
      this.daemon.door.arrive(running, accepted.fd, accepted.peer);
    }
  }

  /** Before the end. What a service manager holds open waits for the next perqd. */
  takeAllWaiting(running: RunningService): void {
    for (const listener of running.listeners) {
      const given = givenFor(this.daemon.inherited, running.service, listener.endpoint) !== undefined;
      if (!given) this.takeWaiting(running, listener);
    }
  }

  /** A socket that listens already, for other settings of the same address. */
  adjust(service: Service, { fd, endpoint }: Listener): void {
    if (givenFor(this.daemon.inherited, service, endpoint) !== undefined) return; // its settings are its maker's
    sys.setSocketOption(fd, sys.IPPROTO_TCP, sys.TCP_NODELAY, service.noDelay ? 1 : 0);
    sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_KEEPALIVE, service.keepAlive ? 1 : 0);
    if (service.socketType === "stream") sys.listen(fd, this.backlogOf(service));
    sys.setNonBlocking(fd, !service.wait);
  }

  private backlogOf(service: Service): number {
    return service.dialect === "xinetd" ? service.queueLimit : this.daemon.options.backlog;
  }

  pauseFull(running: RunningService): void {
    for (const { fd } of running.listeners) this.daemon.loop.remove(fd);
  }

  /** Polls the listeners again, unless something else still keeps them waiting. */
  resume(running: RunningService): void {
    if (running.retired || running.waiter !== undefined) return;
    if (running.service.atLimit === "queue" && running.full) return;
    for (const listener of running.listeners) if (!this.daemon.loop.has(listener.fd)) this.poll(running, listener);
  }

  suspend(running: RunningService, seconds: number): void {
    this.closeListeners(running);
    running.suspendedWhy = `too many connections; back within ${seconds} s`;
    running.suspended = this.daemon.loop.after(seconds * 1000, () => {
      running.suspended = undefined;
      running.suspendedWhy = "";
      if (running.retired || this.daemon.draining) return;
      this.daemon.log.error(`Activating service ${running.service.name}`, { service: running.title });
      for (const endpoint of running.service.endpoints) this.listenOrRetry(running, endpoint);
    });
  }
}
