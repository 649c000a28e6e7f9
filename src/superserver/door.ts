/**
 * A client at the door: banners, the checks in the order of the real daemons, the words and lines of a refusal. Who is
 * let in goes to sessions.ts.
 */
import { errorText } from "#platform/errno.ts";
import { addressText, decodeAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { TlsError } from "#platform/tls.ts";
import { admit, admitAddress } from "./admit.ts";
import { serveDatagram } from "./builtins/builtins.ts";
import type { AccessPattern } from "./config/access.ts";
import type { Service } from "./config/service.ts";
import type { Daemon } from "./daemon.ts";
import { identify } from "./ident.ts";
import { launch } from "./launch.ts";
import { BIND_RETRY_SECONDS } from "./listeners.ts";
import { takeProxyHeader } from "./proxy.ts";
import { openCertificates, welcomeTls } from "./tlsdoor.ts";
import type { Listener, Refusal, RunningService } from "./running.ts";

export class Door {
  constructor(private readonly daemon: Daemon) {}

  /** A client fresh from accept: behind a proxy, who it is has yet to be read. */
  arrive(running: RunningService, fd: number, peer: SocketAddress): void {
    this.daemon.tidy.worked();
    if (!running.service.proxyProtocol) {
      this.admitClient(running, fd, peer);
      return;
    }
    running.pending++;
    takeProxyHeader(
      fd,
      this.daemon.loop,
      (client) => {
        running.pending--;
        this.admitClient(running, fd, client ?? peer);
      },
      (why) => {
        running.pending--;
        this.daemon.log.warning(`service ${running.title}: PROXY header from ${addressText(peer)}: ${why}`);
        sys.close(fd);
        this.daemon.sessions.settle(running);
      },
    );
  }

  /** A connected client, from accept or from tcpmux: in, or turned away. */
  admitClient(running: RunningService, fd: number, peer: SocketAddress): void {
    const { service } = running;
    const from = "host" in peer ? peer.host : peer.family === "unix" ? "<no address>" : "<unknown>";
    if (service.dialect === "openbsd" && "port" in peer && peer.port === 20) {
      sys.close(fd); // ftp bounce
      return;
    }
    if (this.daemon.options.logConnections && service.dialect !== "xinetd")
      this.daemon.log.info(`${running.title}: connection from ${from}`);
    if (service.banner !== undefined) this.sendBanner(running, fd, service.banner);
    const source = from;
    const now = Date.now();
    const verdict = admit(running, source, from, this.daemon.children.size, this.daemon.options.childLimit, now);
    if (verdict.verdict !== "admit") {
      // The port closes before a word is said, so that whoever reads the word finds it closed.
      if (verdict.verdict === "suspend") this.daemon.listeners.suspend(running, verdict.seconds);
      const silent = verdict.verdict === "refuse" && verdict.silent;
      if (verdict.text !== undefined) {
        if (verdict.verdict === "suspend") this.daemon.log.error(verdict.text, { service: running.title });
        else this.daemon.log.notice(verdict.text, { service: running.title });
      }
      if (service.logOnFailure.includes("USERID") && !silent) {
        identify(fd, peer, this.daemon.loop, (identity) => {
          if ("user" in identity) running.log.write("USERID", ` ${identity.user}`, { user: identity.user });
        });
      }
      this.turnAway(running, fd, from, verdict.reason, silent);
      return;
    }
    if (service.startError !== undefined) {
      this.daemon.log.error(service.startError, { service: running.title });
      sys.close(fd);
      return;
    }
    if (!this.asksForName(service)) {
      this.enter(running, fd, peer, from, source, undefined);
      return;
    }
    const done = this.hold(running, source);
    this.daemon.names.find(from, (name) => {
      done();
      this.enter(running, fd, peer, from, source, name);
    });
  }

  private asksForName(service: Service): boolean {
    const isDomain = (one: AccessPattern) => one.kind === "domain";
    if (service.onlyFrom?.some(isDomain) || service.noAccess?.some(isDomain)) return true;
    return service.libwrap !== undefined && this.daemon.hosts.needsNames();
  }

  /** A client that is being asked about counts as one that is in. Call what it returns when that is over. */
  private hold(running: RunningService, source: string): () => void {
    running.pending++;
    running.countSource(source, 1);
    return () => {
      running.pending--;
      running.countSource(source, -1);
    };
  }

  /** The checks that xinetd does in the child; name: the client's reverse name, where a rule wants it. */
  private enter(
    running: RunningService,
    fd: number,
    peer: SocketAddress,
    from: string,
    source: string,
    name: string | undefined,
  ): void {
    const { service } = running;
    if (!this.addressAdmitted(running, fd, from, source, name)) return;
    if (service.bannerSuccess !== undefined) this.sendBanner(running, fd, service.bannerSuccess);
    if (peer.family === "ipv6" && service.dialect === "xinetd" && from.startsWith("::ffff:")) {
      // A v4 client of a dual-stack socket becomes a plain IPv4 socket for the child, as under xinetd.
      sys.setSocketOption(fd, sys.IPPROTO_IPV6, sys.IPV6_ADDRFORM, sys.AF_INET);
    }
    if (service.logOnSuccess.includes("USERID")) this.askIdentity(running, fd, peer, from, source);
    else this.begin(running, fd, peer, from, source);
  }

  private begin(running: RunningService, fd: number, peer: SocketAddress, from: string, source: string): void {
    const { service } = running;
    const { sessions } = this.daemon;
    if (service.builtin !== undefined) sessions.startBuiltin(running, fd, peer, from, source);
    else if (service.redirect !== undefined) sessions.startRelay(running, fd, peer, from, source, service.redirect);
    else if (service.tls !== undefined) this.encrypt(running, fd, peer, from, source);
    else sessions.startChild(running, fd, peer, from, source);
  }

  /** The handshake first: who fails it costs no process. */
  private encrypt(running: RunningService, fd: number, peer: SocketAddress, from: string, source: string): void {
    const { log, loop, sessions } = this.daemon;
    try {
      running.tls ??= openCertificates(running.service.tls!, () => {});
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      log.error(`service ${running.title}: tls: ${error.message}`);
      sys.close(fd);
      return;
    }
    const waiting = this.hold(running, source);
    welcomeTls(
      running.tls,
      fd,
      loop,
      (connection) => {
        waiting();
        sessions.startEncrypted(running, connection, peer, from, source);
      },
      (why) => {
        waiting();
        log.notice(`service ${running.title}: TLS with ${from}: ${why}`);
        running.refused("tls");
        if (running.service.logOnFailure.length > 0) {
          const host = running.service.logOnFailure.includes("HOST") ? ` from=${from}` : "";
          running.log.write("FAIL", ` tls${host}`, { reason: "tls", from });
        }
        sessions.settle(running);
      },
    );
  }

  /** USERID: no answer is an error only under IDONLY. Without USERID, IDONLY says nothing, as in xinetd. */
  private askIdentity(running: RunningService, fd: number, peer: SocketAddress, from: string, source: string): void {
    const done = this.hold(running, source);
    identify(fd, peer, this.daemon.loop, (identity) => {
      done();
      const known = "user" in identity;
      if (known) running.log.write("USERID", ` ${identity.user}`, { user: identity.user });
      else if (running.service.identRequired) {
        // xinetd asks in the forked child: its START and EXIT stand around the word.
        const session = this.daemon.sessions.session(running, undefined, from, source, 0);
        this.daemon.sessions.logStart(session);
        running.log.write("NOID", ` ${from} ${identity.none}`, { from, reason: identity.none });
        this.daemon.sessions.logExit(session, 0);
        sys.close(fd);
        this.daemon.sessions.settle(running);
        return;
      }
      this.begin(running, fd, peer, from, source);
    });
  }

  /** Address lists and sensors. xinetd asks them in the forked child, after START: the same three lines come. */
  private addressAdmitted(
    running: RunningService,
    fd: number,
    from: string,
    source: string,
    name: string | undefined,
  ): boolean {
    const { service } = running;
    const reason = this.whyBarred(running, from, source, name);
    if (reason === undefined) return true;
    if (service.builtin === "daytime" || service.builtin === "time" || service.sensor !== undefined) {
      this.turnAway(running, fd, from, reason); // xinetd does not fork for these: no START, no EXIT
      return false;
    }
    const session = this.daemon.sessions.session(running, undefined, from, source, 0);
    this.daemon.sessions.logStart(session);
    this.turnAway(running, fd, from, reason);
    this.daemon.sessions.logExit(session, 0);
    return false;
  }

  private whyBarred(
    running: RunningService,
    from: string,
    source: string,
    name: string | undefined,
  ): Refusal | undefined {
    const { service } = running;
    let reason: Refusal | undefined;
    const until = this.daemon.denied.get(source);
    if (until !== undefined) {
      if (Date.now() < until) reason = "address";
      else this.daemon.denied.delete(source);
    }
    if (service.sensor !== undefined) {
      reason = "address";
      this.remember(service.sensor.denyMinutes, source);
    }
    if (reason === undefined && (service.onlyFrom !== undefined || service.noAccess !== undefined)) {
      const verdict = admitAddress(running, { host: from, reverseName: () => name });
      if (verdict.verdict !== "admit") {
        reason = verdict.reason;
        if (verdict.text !== undefined) this.daemon.log.error(verdict.text, { service: running.title });
      }
    }
    if (reason === undefined && service.libwrap !== undefined) {
      const client = { host: from, reverseName: () => name };
      if (!this.daemon.hosts.allows(service.libwrap, client)) {
        reason = "libwrap";
        const text = `libwrap refused connection to ${running.title} (libwrap=${service.libwrap}) from ${from}`;
        this.daemon.log.error(text, { service: running.title });
      }
    }
    return reason;
  }

  remember(minutes: number | "forever" | "never", source: string): void {
    if (minutes === "never" || minutes === 0) return;
    if (this.daemon.denied.size > 100_000) this.daemon.denied.clear(); // bounded, however many addresses are tried
    const words = minutes === "forever" ? "forever" : `for ${minutes} minutes`;
    const until = minutes === "forever" ? Infinity : Date.now() + minutes * 60_000;
    const before = this.daemon.denied.get(source);
    if (before === undefined) this.daemon.log.notice(`Adding ${source} to the global_no_access list ${words}`);
    this.daemon.denied.set(source, Math.max(until, before ?? 0));
  }

  sendBanner(running: RunningService, fd: number, path: string): void {
    const banner = sys.open(path, sys.O_RDONLY | sys.O_CLOEXEC);
    if (banner < 0) {
      this.daemon.log.error(`service ${running.title}: banner ${path}: ${errorText(banner)}`);
      return;
    }
    const bytes = new Uint8Array(new ArrayBuffer(65536));
    for (;;) {
      const length = sys.readBytes(banner, bytes);
      if (length < 0) this.daemon.log.error(`service ${running.title}: banner ${path}: ${errorText(length)}`);
      if (length <= 0) break;
      if (sys.send(fd, bytes, 0, length, sys.MSG_DONTWAIT) < length) break; // what a socket cannot hold is lost
    }
    sys.close(banner);
  }

  turnAway(running: RunningService, fd: number, from: string, reason: Refusal, silent = false): void {
    const { service } = running;
    if (service.bannerFail !== undefined) this.sendBanner(running, fd, service.bannerFail);
    this.logRefusal(running, from, reason, silent);
    sys.close(fd);
  }

  private logRefusal(running: RunningService, from: string, reason: Refusal, silent = false): void {
    running.refused(reason);
    if (silent || running.service.logOnFailure.length === 0) return;
    const host = running.service.logOnFailure.includes("HOST");
    running.log.write("FAIL", ` ${reason}${host ? ` from=${from}` : ""}`, { reason, from: host ? from : undefined });
  }

  /** A datagram for an internal service: under the same rules as a connection. */
  answerDatagram(running: RunningService, fd: number): void {
    const { service } = running;
    const from = datagramSource(fd);
    const { childLimit } = this.daemon.options;
    const verdict = admit(running, from, from, this.daemon.children.size, childLimit, Date.now());
    if (verdict.verdict === "suspend") this.daemon.listeners.suspend(running, verdict.seconds);
    if (verdict.verdict !== "admit" && verdict.text !== undefined)
      this.daemon.log.error(verdict.text, { service: running.title });
    const reason = verdict.verdict === "admit" ? this.whyBarred(running, from, from, undefined) : verdict.reason;
    if (reason !== undefined) {
      this.logRefusal(running, from, reason);
      if (verdict.verdict !== "suspend") dropDatagram(fd);
      return;
    }
    running.accepted++;
    this.daemon.sessions.logStart(this.daemon.sessions.session(running, undefined, from, from, 0));
    serveDatagram(service.builtin!, fd, service.dialect);
  }

  /** A service that is reached through tcpmux takes the connection: false when there is none of that name. */
  handToMux(name: string, fd: number, peer: SocketAddress): boolean {
    const found = this.muxServices().find((one) => one.service.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) return false;
    if (found.service.mux === "plus") sys.send(fd, new TextEncoder().encode("+Go\r\n"), 0, 5, sys.MSG_DONTWAIT);
    sys.setNonBlocking(fd, false);
    found.accepted++;
    this.admitClient(found, fd, peer);
    return true;
  }

  muxServices(): RunningService[] {
    return [...this.daemon.running.values()].filter((one) => one.service.mux !== undefined);
  }

  startWaiter(running: RunningService, listener: Listener): void {
    const { service } = running;
    const now = Date.now();
    const from = service.socketType === "dgram" ? datagramSource(listener.fd) : "<no address>";
    const verdict = admit(running, from, from, this.daemon.children.size, this.daemon.options.childLimit, now);
    if (verdict.verdict !== "admit") {
      const isSilent = verdict.verdict === "refuse" && verdict.silent;
      if (verdict.text !== undefined) this.daemon.log.error(verdict.text, { service: running.title });
      // A client is still in the backlog: without a pause this would spin.
      if (verdict.verdict === "suspend") this.daemon.listeners.suspend(running, verdict.seconds);
      else if (service.socketType === "dgram") dropDatagram(listener.fd);
      else this.daemon.listeners.suspend(running, 1);
      this.logRefusal(running, from, verdict.reason, isSilent);
      return;
    }
    if (service.startError !== undefined) {
      this.daemon.log.error(service.startError, { service: running.title });
      this.daemon.listeners.suspend(running, BIND_RETRY_SECONDS);
      return;
    }
    // Who will be accepted by the server is not known to us: a list of those who may come in lets nobody in.
    const barred =
      service.socketType === "dgram"
        ? this.whyBarred(running, from, from, undefined)
        : service.onlyFrom !== undefined || service.sensor !== undefined
          ? "address"
          : undefined;
    if (barred !== undefined) {
      const refused = this.daemon.sessions.session(running, undefined, from, from, 0);
      this.daemon.sessions.logStart(refused);
      this.logRefusal(running, from, barred);
      this.daemon.sessions.logExit(refused, 0);
      if (service.socketType === "dgram") dropDatagram(listener.fd);
      else this.daemon.listeners.suspend(running, BIND_RETRY_SECONDS);
      return;
    }
    const variables = service.peerVariables === "remote-host" ? [`REMOTE_HOST=${from}`] : [];
    const started = launch(this.daemon, running, listener.fd, listener.fd, variables);
    if (typeof started === "string") {
      this.daemon.log.error(`fork failed: ${started}. service = ${running.title}`);
      this.daemon.listeners.pause(running); // whoever waits in the backlog may still be served
      return;
    }
    running.accepted++;
    const session = this.daemon.sessions.session(running, undefined, from, from, started.pid);
    this.daemon.sessions.keep(session, started);
    this.daemon.sessions.begin(session);
    if (started.failed !== undefined)
      this.daemon.log.error(this.daemon.sessions.failureWords(running, started.failed), { service: running.title });
    running.waiter = session;
    for (const one of running.listeners) this.daemon.loop.remove(one.fd);
  }
}

/** What was sent is not for the server. */
function dropDatagram(fd: number): void {
  sys.recv(fd, new Uint8Array(new ArrayBuffer(1)), 0, 1, sys.MSG_DONTWAIT);
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
