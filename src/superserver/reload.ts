/**
 * SIGHUP, all or nothing: the new files are read whole, every new socket is opened, and only then does anything change.
 * Whatever fails before that leaves the old services exactly as they are. Sessions are never touched.
 */
import { EADDRINUSE, EAFNOSUPPORT, errorText } from "#platform/errno.ts";
import * as sys from "#platform/sys.ts";
import { type TlsContext, TlsError } from "#platform/tls.ts";
import { type Endpoint, type Service, serviceKey } from "./config/service.ts";
import type { Daemon } from "./daemon.ts";
import { ServiceLog } from "./logs.ts";
import type { Listener, RunningService } from "./running.ts";
import { openCertificates } from "./tlsdoor.ts";

interface Prepared {
  key: string;
  service: Service;
  running: RunningService;
  isNew: boolean;
  listeners: Listener[];
  /** Its certificates, as the files have them now. */
  tls: TlsContext[] | undefined;
}

/** What a reload leaves to be collected. */
const WORTH_CONNECTIONS = 50;

export class Reloader {
  constructor(private readonly daemon: Daemon) {}

  /** All or nothing: whatever is wrong with the new files, the old services stay exactly as they are. */
  /** Whether the new configuration is in force. */
  reload(): boolean {
    this.daemon.log.notice("Starting reconfiguration");
    this.daemon.notifier.reloading();
    this.daemon.tidy.worked(WORTH_CONNECTIONS);
    const done = this.readAndSwap();
    this.daemon.notifier.ready(`${this.daemon.running.size} services${done ? "" : "; the last reload failed"}`);
    return done;
  }

  private readAndSwap(): boolean {
    this.daemon.log.open();
    for (const running of this.daemon.running.values()) {
      const opened = running.log.open();
      running.closeErrors(); // opened again by the next server
      if (opened < 0) this.daemon.log.error(`${running.title} log: ${errorText(opened)}`);
    }
    const configuration = this.daemon.load();
    this.daemon.tell(configuration);
    const errors = configuration.complaints.list.filter(
      (one) => one.severity === "error" || one.severity === "fatal",
    ).length;
    if (errors > 0) {
      this.daemon.log.error(`reconfiguration failed: ${errors} error${errors === 1 ? "" : "s"}; nothing was changed`);
      return false;
    }
    if (!this.swap(configuration.services)) return false;
    this.daemon.reloads++;
    return true;
  }

  private swap(services: Service[]): boolean {
    const before = new Map(this.daemon.running);
    const spare = new Map<string, Listener>(); // sockets of the old configuration, by where they listen
    for (const running of before.values()) {
      for (const listener of running.listeners) spare.set(listenerKey(running.service, listener.endpoint), listener);
    }
    // First everything that can fail, while the old services still serve.
    const opened = new Map<string, Listener>();
    const prepared: Prepared[] = [];
    const displaced: { running: RunningService; endpoint: Endpoint }[] = [];
    const undo = (words: string): false => {
      for (const { fd } of opened.values()) sys.close(fd);
      for (const { running, endpoint } of displaced) this.daemon.listeners.listenOrRetry(running, endpoint);
      for (const one of prepared) {
        if (one.isNew) this.daemon.sessions.forget(one.running);
        for (const context of one.tls ?? []) context.close();
      }
      this.daemon.log.error(`reconfiguration failed: ${words}; nothing was changed`);
      return false;
    };
    const wantedPlaces = new Set(
      services.flatMap((one) => one.endpoints.map((endpoint) => listenerKey(one, endpoint))),
    );
    for (const service of services) {
      const key = serviceKey(service);
      const old = before.get(key);
      const running = old ?? this.daemon.prepare(service);
      if (running === undefined) return undo(`service ${service.id} has no log`);
      const listeners: Listener[] = [];
      const one: Prepared = { key, service, running, isNew: old === undefined, listeners, tls: undefined };
      prepared.push(one);
      try {
        if (service.tls !== undefined)
          one.tls = openCertificates(service.tls, (text) => this.daemon.log.warning(`service ${service.id}: ${text}`));
      } catch (error) {
        if (!(error instanceof TlsError)) throw error;
        return undo(`service ${service.id}: tls: ${error.message}`);
      }
      // A certificate that has run out does not take the place of one that has not.
      const isExpired = (context: TlsContext) => context.validity() === "expired";
      if (one.tls?.some(isExpired) && old?.tls !== undefined && !old.tls.some(isExpired))
        return undo(`service ${service.id}: tls: the new certificate has expired, the old one has not`);
    }
    for (const { service, listeners } of prepared) {
      for (const endpoint of service.endpoints) {
        const place = listenerKey(service, endpoint);
        const kept = spare.get(place);
        if (kept !== undefined) {
          listeners.push({ fd: kept.fd, endpoint });
          continue;
        }
        let fd = this.daemon.listeners.open(service, endpoint);
        // An old socket of ours may stand in the way: 0.0.0.0 becoming 127.0.0.1. Both cannot be.
        if (fd === -EADDRINUSE && this.makeWay(endpoint, spare, wantedPlaces, displaced))
          fd = this.daemon.listeners.open(service, endpoint);
        if (fd === -EAFNOSUPPORT && service.endpoints.length > 1) continue;
        if (fd < 0)
          return undo(
            `bind failed (${errorText(fd)} (errno = ${-fd})). service = ${service.id}; ${service.place.file}:${service.place.line}`,
          );
        const listener = { fd, endpoint };
        opened.set(place, listener);
        listeners.push(listener);
      }
    }
    this.commit(before, prepared, wantedPlaces);
    return true;
  }

  /** Closes what shares the port and is to go: whether there was something. It comes back if the reload fails. */
  private makeWay(
    endpoint: Endpoint,
    spare: Map<string, Listener>,
    wanted: Set<string>,
    displaced: { running: RunningService; endpoint: Endpoint }[],
  ): boolean {
    const { address } = endpoint;
    if (!("port" in address)) return false;
    const before = displaced.length;
    for (const [place, listener] of spare) {
      const theirs = listener.endpoint.address;
      if (wanted.has(place) || !("port" in theirs) || theirs.port !== address.port) continue;
      this.daemon.loop.remove(listener.fd);
      for (const running of this.daemon.running.values()) {
        if (!running.listeners.includes(listener)) continue;
        this.daemon.listeners.takeWaiting(running, listener);
        running.listeners = running.listeners.filter((one) => one !== listener);
        displaced.push({ running, endpoint: listener.endpoint });
      }
      sys.close(listener.fd);
      spare.delete(place);
    }
    return displaced.length > before;
  }

  commit(before: Map<string, RunningService>, prepared: Prepared[], wanted: Set<string>): void {
    const names = { new: [] as string[], changed: [] as string[], same: 0, dropped: [] as string[] };
    const keys = new Set(prepared.map((one) => one.key));
    for (const [key, running] of before) {
      for (const listener of running.listeners) {
        this.daemon.loop.remove(listener.fd);
        if (wanted.has(listenerKey(running.service, listener.endpoint))) continue;
        this.daemon.listeners.takeWaiting(running, listener);
        sys.close(listener.fd);
        this.daemon.listeners.removePath(running.service, listener.endpoint);
      }
      running.listeners = [];
      if (running.suspended !== undefined) this.daemon.loop.cancel(running.suspended);
      running.suspended = undefined;
      running.suspendedWhy = "";
      if (keys.has(key)) continue;
      running.pool?.close();
      running.pool = undefined;
      names.dropped.push(running.title);
      this.daemon.running.delete(key);
      running.retired = true;
      const sessions = running.sessions.size;
      this.daemon.log.notice(
        `service ${running.title} deactivated${sessions > 0 ? `; its ${sessions} sessions go on` : ""}`,
      );
      if (!running.idle) this.daemon.retired.add(running);
      else this.daemon.sessions.forget(running);
    }
    this.daemon.log.notice("Swapping defaults");
    for (const { key, service, running, isNew, listeners, tls } of prepared) {
      const changed = isNew || !sameSettings(running.service, service);
      if (isNew) names.new.push(running.title);
      else if (sameSettings(running.service, service)) names.same++;
      else {
        names.changed.push(running.title);
        this.daemon.log.notice(`readjusting service ${running.title}`);
        this.readjust(running, service);
      }
      running.service = service;
      running.forgetCertificates();
      running.tls = tls;
      if (changed) this.daemon.adjustPool(running);
      if (service.rate.kind !== "minute") running.windowCount = 0; // inetd goes on counting
      this.daemon.running.set(key, running);
      for (const listener of listeners) {
        if (changed) this.daemon.listeners.adjust(service, listener);
        running.listeners.push(listener);
        const busy = running.waiter !== undefined || (service.atLimit === "queue" && running.full);
        if (!busy) this.daemon.listeners.poll(running, listener);
      }
    }
    const kept = prepared.filter((one) => !one.isNew).length;
    this.daemon.log.notice(
      `Reconfigured: new=${names.new.length} old=${kept} dropped=${names.dropped.length} (services)`,
    );
    const list = (title: string, items: string[]) => (items.length > 0 ? [`${title}: ${items.join(" ")}`] : []);
    const difference = [
      ...list("new", names.new),
      ...list("changed", names.changed),
      ...list("dropped", names.dropped),
    ];
    if (difference.length > 0)
      this.daemon.log.notice(`Reconfigured ${difference.join("; ")}; ${this.daemon.children.size} sessions kept`);
    if (this.daemon.running.size === 0 && !this.daemon.options.stayAlive && this.daemon.children.size === 0) {
      this.daemon.log.error("No available services. Exiting");
      this.daemon.finish(1);
    }
  }

  readjust(running: RunningService, service: Service): void {
    running.plan?.close();
    running.plan = undefined;
    if (JSON.stringify(running.service.log) !== JSON.stringify(service.log) || running.service.id !== service.id) {
      const log = new ServiceLog(service.log, service.id, this.daemon.log, this.daemon.options.jsonLogs);
      const opened = log.open();
      if (opened < 0) {
        this.daemon.log.error(`creation of ${service.id} log failed: ${errorText(opened)}; the old one stays`);
        return;
      }
      running.log.close();
      running.log = log;
    }
  }
}

/** Where a socket listens: equal keys mean that the very socket can stay, with whoever waits in its backlog. */
function listenerKey(service: Service, endpoint: Endpoint): string {
  const { label: _, ...rest } = endpoint;
  return JSON.stringify([service.socketType, rest]);
}

/** The line that a service stands on may move without its settings changing. */
function sameSettings(a: Service, b: Service): boolean {
  return JSON.stringify({ ...a, place: null }) === JSON.stringify({ ...b, place: null });
}
