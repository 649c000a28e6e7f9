// A q process that serves: the session, its host, and the one loop that waits for clients, listeners, the console, the
// timer and signals. The loop is synchronous to the end (runtime-notes §1); a query that waits for another server waits
// inside the handler that asked, on that handle only.

import { nodeFs } from "#platform/filesystem.ts";
import { decodeMessage } from "#ipc/decode.ts";
import { encodeError, encodeMessage } from "#ipc/encode.ts";
import { type Message, SYNC } from "#ipc/frame.ts";
import { agreedCapability, parseGreeting } from "#ipc/handshake.ts";
import type { Vocabulary } from "#ipc/vocabulary.ts";
import { openDatabase } from "#db/database.ts";
import { consoleLine, errorLines, show } from "#eval/console.ts";
import { createSession, type QSession } from "#eval/session.ts";
import { baseAddress, dropPages } from "#platform/memory.ts";
import { PollLoop, type Timer } from "#platform/poll.ts";
import { SignalFlags } from "#platform/signals.ts";
import { acceptFrom, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { T } from "#values/datatypes.ts";
import type { Host } from "#values/host.ts";
import { mark, sweep } from "#values/ownership.ts";
import { QSignal, signal } from "#values/signals.ts";
import { giveBack, memory, setLimit, U8, usage } from "#values/storage.ts";
import type { Value } from "#values/values.ts";
import { atom, countOf, int, integerOf, itemAt, list, newVector, string, symbol, textOf } from "#values/vectors.ts";
import { Connection } from "./connection.ts";
import { type Guard, pathGuard } from "./files.ts";
import { HandleTable } from "./handles.ts";
import { compileEagerly, createHost } from "./host.ts";
import {
  answer,
  basicCredentials,
  type HttpRequest,
  headerOf,
  methodValue,
  parseRequest,
  requestValue,
  response,
  UNAUTHORIZED,
} from "./http.ts";
import type { Listener } from "./listener.ts";
import type { Options } from "./options.ts";
import type { Write } from "./output.ts";
import { type Passwords, parsePasswords, passwordMatches } from "./passwords.ts";
import { frame, newWebSocketReader, upgrade } from "./websocket.ts";

export interface ServerParts {
  readonly options: Options;
  readonly commandLine: readonly string[];
  readonly write: Write;
  readonly exit: (code: number) => never;
  readonly redirected?: (descriptor: 1 | 2) => void;
  /** A console to another server runs nothing that comes from there: it is shown this instead. */
  readonly pushed?: (value: Value) => void;
  /** Told when the one connection we depend on is gone, before the process ends. */
  readonly lost?: () => void;
}

/** What stands on the console's side; console.ts makes it, a private server has none. */
export interface ConsoleInput {
  /** A descriptor to watch, and what to do when it can be read; false: it has ended. */
  readonly fd: number;
  ready(): boolean;
  readLine(): string | undefined;
  interrupted(): void;
}

/** A query that took longer, or moved more bytes, is followed by a collection once nobody waits. */
const BUSY_MS = 30;
const BUSY_BYTES = 4 << 20;
const IDLE_MS = 150;
const SETTLE_MS = 5;

export class Server {
  readonly loop = new PollLoop();
  readonly handles: HandleTable;
  readonly host: Host;
  readonly session: QSession;
  private readonly options: Options;
  private readonly write: Write;
  private readonly vocabulary: Vocabulary;
  private signals: SignalFlags | undefined;
  private catching = false;
  private console: ConsoleInput | undefined;
  /** The client an inetd started us for: when it goes, we go. */
  private client: Connection | undefined;
  /** A wait = yes service ends with its last client. */
  private endsWithLastClient = false;
  private acceptsHttp = true;
  private passwords: Passwords | undefined;
  private deadline = Number.POSITIVE_INFINITY;
  private timer: Timer | undefined;
  private timerMs = 0;
  private collector: Timer | undefined;
  private exiting = false;
  private settled = false;
  private settling: Timer | undefined;
  /** How many revals are running inside each other. */
  private revals = 0;
  private rehearsing = false;

  constructor(private readonly parts: ServerParts) {
    const { options, write } = parts;
    this.options = options;
    this.write = write;
    const server = this;
    const guard: Guard = {
      get restricted() {
        return server.revals > 0 || (options.restricted && server.handles.serving !== undefined);
      },
      get readOnly() {
        return server.revals > 0 || (options.readOnly && server.handles.serving !== undefined);
      },
    };
    // The session has the words, but needs the host, which needs the handles: so it is asked for them when they come.
    const words = (): Vocabulary => this.session.wire;
    const vocabulary: Vocabulary = {
      unary: (code) => words().unary(code),
      binary: (code) => words().binary(code),
      iterator: (code) => words().iterator(code),
      project: (f, given) => words().project(f, given),
    };
    this.vocabulary = vocabulary;
    const domain = (name: string): Value | undefined => this.session.read(name);
    this.handles = new HandleTable({
      serve: (connection, message) => this.serve(connection, message),
      console: (message) => this.evaluateConsole(message),
      opened: (connection) => this.watch(connection),
      closed: (connection, byPeer) => this.unwatch(connection, byPeer),
      listening: (listener, on) => this.listening(listener, on),
      interrupted: () => this.interrupted() !== undefined,
      vocabulary,
      domain,
      write,
      guard,
      get user() {
        return server.host.process.user;
      },
      address: () => hostAddress(this.host.process.hostName),
      socketDirectory: () => process.env["QUDSPATH"] ?? "/tmp",
      complain: (text) => this.complain(text),
    });
    this.host = createHost({
      options,
      commandLine: parts.commandLine,
      handles: this.handles,
      database: () =>
        openDatabase({
          vocabulary,
          variable: domain,
          join: (old, more) => this.session.apply2(this.session.primitive("upsert"), old, more),
          allow: pathGuard(guard),
        }),
      write,
      guard,
      readLine: () => this.console?.readLine(),
      exit: (code) => this.exit(code),
      setTimer: (milliseconds) => this.setTimer(milliseconds),
      timer: () => this.timerMs,
      collect: () => this.collect(),
      interrupted: () => this.interrupted(),
      reloadPasswords: () => this.loadPasswords(),
      restrict: (act) => {
        this.revals++;
        try {
          return act();
        } finally {
          this.revals--;
        }
      },
      redirected: parts.redirected ?? (() => {}),
    });
    this.session = createSession(this.host);
    this.applyOptions();
  }

  private applyOptions(): void {
    const { settings } = this.session;
    const { options } = this;
    settings.precision = options.precision;
    if (options.console !== undefined) settings.console = options.console;
    if (options.http !== undefined) settings.http = options.http;
    settings.offset = options.offset;
    settings.dateFormat = options.dateFormat;
    settings.weekOffset = options.weekOffset;
    if (options.seed !== undefined) settings.seed = options.seed;
    settings.errorTrap = options.errorTrap;
    settings.gcMode = options.gcMode;
    settings.timeout = options.timeoutSeconds;
    settings.secondaries = options.secondaries;
    if (options.workspaceMb > 0) setLimit(options.workspaceMb * 1048576);
    if (options.passwordFile !== "") this.loadPasswords();
  }

  // ---- who is served -----------------------------------------------------------------------------------------------
  /** The one client of a private server. */
  serveClient(fd: number, peer: SocketAddress): void {
    tune(fd, peer);
    this.client = new Connection(fd, peer, false);
    this.acceptsHttp = false;
    this.handles.adopt(this.client);
  }

  /** The connection of a console to another server: when it goes, we go. */
  dependOn(handle: number): void {
    this.client = this.handles.connections.get(handle);
  }

  /** The listening socket an inetd handed over. */
  serveListening(fd: number): void {
    this.endsWithLastClient = true;
    this.loop.add(fd, sys.POLLIN, () => this.accept(fd));
  }

  attachConsole(input: ConsoleInput): void {
    this.console = input;
    this.loop.add(input.fd, sys.POLLIN, () => {
      if (input.ready()) return;
      this.loop.remove(input.fd);
      this.console = undefined;
      if (this.client !== undefined) this.exit(0);
      this.endIfUnused();
    });
  }

  /** Nobody can reach us any more: no console, no client, no port. The timer alone keeps no process. */
  private endIfUnused(): void {
    if (this.console === undefined && this.handles.connections.size === 0 && this.handles.port === 0) this.exit(0);
  }

  /** Serves until exit. */
  run(): never {
    this.endIfListless();
    for (;;) this.loop.wait();
  }
  private endIfListless(): void {
    if (!this.endsWithLastClient) this.endIfUnused();
  }

  // ---- signals -----------------------------------------------------------------------------------------------------
  /** From now on INT stops a query and TERM ends the process in order. */
  catchSignals(): void {
    if (this.catching) return;
    this.catching = true;
    this.signals ??= new SignalFlags();
    const { signals } = this;
    signals.catch(sys.SIG.INT, false);
    signals.catch(sys.SIG.TERM, false);
    this.loop.add(signals.fd, sys.POLLIN, () => {
      signals.drain();
      if (signals.take(sys.SIG.TERM)) this.exit(0);
      if (signals.take(sys.SIG.INT)) this.console?.interrupted();
    });
  }

  private interrupted(): "stop" | "timeout" | undefined {
    const { signals } = this;
    if (signals !== undefined) {
      if (signals.pending(sys.SIG.TERM)) this.exit(0);
      if (signals.take(sys.SIG.INT)) return "stop";
    }
    if (this.deadline !== Number.POSITIVE_INFINITY && performance.now() > this.deadline) return "stop";
    return undefined;
  }

  // ---- connections -------------------------------------------------------------------------------------------------
  private watch(connection: Connection): void {
    const { fd } = connection;
    this.loop.add(fd, sys.POLLIN, (revents) => this.ready(connection, revents));
    connection.onQueue = (waiting) => {
      if (this.loop.has(fd)) this.loop.watch(fd, this.eventsOf(connection, waiting));
    };
  }
  private eventsOf(connection: Connection, waiting: boolean): number {
    return (connection.ending ? 0 : sys.POLLIN) | (waiting ? sys.POLLOUT : 0);
  }

  private unwatch(connection: Connection, byPeer: boolean): void {
    const wasOpen = connection.phase === "open";
    connection.phase = "closed";
    this.loop.remove(connection.fd);
    sys.close(connection.fd);
    if (this.rehearsing) return;
    if (connection.reader !== undefined) this.callback(".z.wc", [int(connection.fd)], undefined);
    else if (byPeer && wasOpen) this.callback(".z.pc", [int(connection.fd)], undefined);
    if (connection === this.client) {
      if (byPeer) this.parts.lost?.();
      this.exit(0);
    }
    if (this.endsWithLastClient && this.handles.connections.size === 0) this.exit(0);
    if (this.console === undefined && this.client === undefined && !this.endsWithLastClient && !this.exiting) {
      this.endIfUnused();
    }
  }

  private listening(listener: Listener, on: boolean): void {
    for (const fd of listener.fds) {
      if (on) this.loop.add(fd, sys.POLLIN, () => this.accept(fd));
      else {
        this.loop.remove(fd);
        sys.close(fd);
      }
    }
  }

  private accept(listener: number): void {
    const accepted = acceptFrom(listener);
    if (typeof accepted === "number") {
      // Gone before we came, or out of descriptors: the listener stays readable in the latter case, so wait a little.
      if (accepted === -24 || accepted === -23) {
        this.complain("conn");
        this.loop.watch(listener, 0);
        this.loop.after(100, () => {
          if (this.loop.has(listener)) this.loop.watch(listener, sys.POLLIN);
        });
      }
      return;
    }
    tune(accepted.fd, accepted.peer);
    this.handles.adopt(new Connection(accepted.fd, accepted.peer, false));
  }

  private ready(connection: Connection, revents: number): void {
    if ((revents & sys.POLLOUT) !== 0) {
      if (!connection.flushSome()) {
        this.handles.drop(connection, true);
        return;
      }
      if (connection.ending && connection.queuedBytes === 0) {
        this.handles.drop(connection, true);
        return;
      }
    }
    if ((revents & ~sys.POLLOUT) === 0) return;
    if (connection.ending) {
      // It sends no more; an error now means that it does not read either.
      if ((revents & (sys.POLLERR | sys.POLLHUP)) !== 0) this.handles.drop(connection, true);
      return;
    }
    try {
      const got = connection.receive();
      if (typeof got === "number") {
        this.handles.drop(connection, true);
        return;
      }
      if (got === "end") {
        this.end(connection);
        return;
      }
      if (got === "some") this.proceed(connection);
    } catch (error) {
      // What comes is no message: kdb+ reports it and closes.
      if (!(error instanceof QSignal)) throw error;
      this.refuse(connection, error);
    }
  }

  private end(connection: Connection): void {
    if (connection.queuedBytes === 0) {
      this.handles.drop(connection, true);
      return;
    }
    connection.ending = true;
    connection.onQueue(true);
  }

  private refuse(connection: Connection, error: QSignal): void {
    this.complain(`${error.text}${error.why === "" ? "" : ` (${error.why})`}, handle ${connection.fd} closed`);
    this.handles.drop(connection, true);
  }

  private proceed(connection: Connection): void {
    if (connection.phase === "greeting") this.greet(connection);
    if (connection.phase === "http") {
      this.serveHttp(connection);
      return;
    }
    if (connection.phase === "websocket") {
      this.serveWebSocket(connection);
      return;
    }
    for (let message = connection.shift(); message !== undefined; message = connection.shift()) {
      this.serve(connection, message);
      if ((connection.phase as string) === "closed") return;
    }
  }

  private greet(connection: Connection): void {
    const opening = parseGreeting(connection.unread);
    if (opening.kind === "incomplete") return;
    if (opening.kind === "refused") {
      this.refuse(connection, signal("access", opening.why));
      return;
    }
    if (opening.kind === "http") {
      if (!this.acceptsHttp) {
        this.refuse(connection, signal("access", "HTTP is not served under an inetd"));
        return;
      }
      connection.phase = "http";
      return;
    }
    connection.user = opening.user;
    if (!this.admits(connection, opening.user, opening.password)) {
      this.handles.drop(connection, false);
      return;
    }
    connection.capability = agreedCapability(opening.capability);
    connection.drop(connection.unread.length - opening.rest.length);
    if (!connection.send(Uint8Array.of(connection.capability))) {
      this.handles.drop(connection, false);
      return;
    }
    connection.open();
    this.callback(".z.po", [int(connection.fd)], connection);
  }

  private admits(connection: Connection, user: string, password: string): boolean {
    if (this.passwords !== undefined && !passwordMatches(this.passwords, user, password)) return this.rehearsing;
    if (this.handler(".z.pw") === undefined) return true;
    const from = mark();
    const verdict = this.callback(".z.pw", [symbol(user), string(password)], connection);
    const admitted = verdict?.kind === "atom" && verdict.type === -T.boolean && verdict.value === 1;
    sweep(from);
    return admitted;
  }

  private loadPasswords(): void {
    if (this.options.passwordFile === "") return;
    this.passwords = parsePasswords(nodeFs().readFileSync(this.options.passwordFile, "latin1"));
  }

  // ---- messages ----------------------------------------------------------------------------------------------------
  /** Evaluates one message in the root namespace and answers it when it is a sync one. */
  private serve(connection: Connection, message: Message): void {
    const { handles, session } = this;
    if (this.settling !== undefined) this.settle(); // the second message may be a long one
    const started = performance.now();
    const size = message.bytes.length;
    const from = mark();
    const outer = {
      serving: handles.serving,
      deferred: handles.wasDeferred,
      context: session.context,
      deadline: this.deadline,
    };
    handles.serving = connection;
    handles.wasDeferred = false;
    session.context = "";
    if (session.settings.timeout > 0) this.deadline = started + session.settings.timeout * 1000;
    try {
      const value = session.trap(
        () => {
          const x = this.decode(connection, message);
          if (this.parts.pushed !== undefined) {
            if (message.type === SYNC) throw signal("access", "a console answers no requests");
            this.parts.pushed(x);
            return FAILED;
          }
          const handler = this.handler(message.type === SYNC ? ".z.pg" : ".z.ps");
          return handler === undefined ? session.value(x) : session.apply1(handler, x);
        },
        (error) => this.failed(connection, message, error),
      );
      if (message.type === SYNC && value !== FAILED && connection.phase === "open") {
        if (handles.wasDeferred) connection.deferred++;
        else handles.reply(connection, value);
      }
    } finally {
      handles.serving = outer.serving;
      handles.wasDeferred = outer.deferred;
      session.context = outer.context;
      this.deadline = outer.deadline;
      sweep(from);
    }
    if (this.rehearsing) return;
    if (size + connection.queuedBytes > BUSY_BYTES || performance.now() - started > BUSY_MS) this.scheduleCollection();
    if (!this.settled) this.settleSoon();
  }

  /** Not at once: who was just answered is often woken on this very core, and would wait for it. */
  private settleSoon(): void {
    this.settling ??= this.loop.after(SETTLE_MS, () => this.settle());
  }

  /**
   * What can wait until somebody has had an answer: signals, and the compiler, which the executable holds back while it
   * starts (scripts/build.ts).
   */
  settle(): void {
    this.settled = true;
    if (this.settling !== undefined) this.loop.cancel(this.settling);
    this.settling = undefined;
    this.catchSignals();
    compileEagerly();
  }

  /**
   * Serves a client of our own making on this descriptor, whose other end is `far`, from its greeting to its end: what
   * a warm server's client would otherwise wait for is code that has never run. No handler of the user's hears of it.
   */
  rehearse(fd: number, far: number): void {
    this.rehearsing = true;
    this.signals ??= new SignalFlags(); // the costly half of settling; until then signals do what they always do
    const query = encodeMessage(string("1+1"), { type: SYNC });
    this.serveClient(fd, { family: "ipv4", host: "127.0.0.1", port: 0 });
    const client = this.client!;
    sys.send(far, Uint8Array.of(97, 58, 98, 3, 0, ...query)); // a:b, in one packet with the query, and one by itself
    this.loop.wait(0);
    sys.send(far, query);
    this.loop.wait(0);
    this.handles.drop(client, true);
    this.client = undefined;
    this.acceptsHttp = true;
    this.rehearsing = false;
  }

  private decode(connection: Connection, message: Message): Value {
    try {
      return decodeMessage(message.bytes, this.vocabulary);
    } catch (error) {
      if (error instanceof QSignal && error.text === "badmsg") this.badMessage(connection, message);
      throw error;
    }
  }

  /** .z.bm sees the bytes, then the connection goes. */
  private badMessage(connection: Connection, message: Message): void {
    if (this.session.read(".z.bm") !== undefined) {
      const bytes = newVector(T.byte, message.bytes.length);
      U8.set(message.bytes, bytes.at);
      this.callback(".z.bm", [list([int(connection.fd), bytes])], connection);
    }
    this.handles.drop(connection, true);
  }

  /** A sync message gets the error's text, an async one leaves it in the log; \e 2 logs the stack of both. */
  private failed(connection: Connection, message: Message, error: QSignal): Value {
    const isAnswered = message.type === SYNC && connection.phase === "open";
    if (isAnswered) this.handles.replyBytes(connection, encodeError(error.text));
    if (this.session.settings.errorTrap === 2) this.showError(error, true);
    else if (!isAnswered) this.complain(error.text);
    return FAILED;
  }

  private handler(name: string): Value | undefined {
    return this.rehearsing ? undefined : this.session.read(name);
  }

  /** Runs a .z callback, if the user has set one. Its error goes to the log. */
  private callback(name: string, args: Value[], serving: Connection | undefined): Value | undefined {
    const handler = this.handler(name);
    if (handler === undefined) return undefined;
    const { handles, session } = this;
    const outer = { serving: handles.serving, context: session.context };
    handles.serving = serving;
    session.context = "";
    try {
      const value = session.trap(
        () => session.apply(handler, args),
        (error) => {
          this.complain(error.text);
          return FAILED;
        },
      );
      return value === FAILED ? undefined : value;
    } finally {
      handles.serving = outer.serving;
      session.context = outer.context;
    }
  }

  /** `0 x`. */
  private evaluateConsole(message: Value): Value {
    const handler = this.session.read(".z.ps");
    return handler === undefined ? this.session.value(message) : this.session.apply1(handler, message);
  }

  // ---- the console -------------------------------------------------------------------------------------------------
  /** A line from the console: its answer to 1, an error with its place to 2. */
  consoleLine(text: string): void {
    const { output, error } = consoleLine(this.session, text);
    if (output.length > 0) this.write(1, `${output.join("\n")}\n`);
    if (error !== undefined) this.showError(error);
    this.scheduleCollection();
  }
  showValue(value: Value): void {
    const lines = show(this.session, value);
    if (lines.length > 0) this.write(1, `${lines.join("\n")}\n`);
  }
  showError(error: QSignal, allFrames = false): void {
    this.write(2, `${errorLines(error, allFrames).join("\n")}\n`);
  }

  private complain(text: string): void {
    this.write(2, `'${text}\n`);
  }

  // ---- timer -------------------------------------------------------------------------------------------------------
  private setTimer(milliseconds: number): void {
    if (this.timer !== undefined) this.loop.cancel(this.timer);
    this.timer = undefined;
    this.timerMs = milliseconds;
    if (milliseconds > 0) this.scheduleTick(performance.now() + milliseconds);
  }
  private scheduleTick(due: number): void {
    this.timer = this.loop.after(Math.max(0, due - performance.now()), () => {
      const period = this.timerMs;
      this.timer = undefined;
      const from = mark();
      this.callback(".z.ts", [atom(T.timestamp, this.host.clock.now())], undefined);
      sweep(from);
      // The callback may have set another period, which scheduled itself.
      if (this.timer === undefined && this.timerMs === period && period > 0) {
        this.scheduleTick(Math.max(due + period, performance.now()));
      }
    });
  }

  // ---- memory ------------------------------------------------------------------------------------------------------
  private scheduleCollection(): void {
    if (this.collector !== undefined) this.loop.cancel(this.collector);
    this.collector = this.loop.after(IDLE_MS, () => {
      this.collector = undefined;
      this.collect();
    });
  }
  /** Nothing is collected while we wait in poll: so once, after work. */
  collect(): number {
    Bun.gc(true);
    const base = baseAddress(memory);
    const before = usage().heap;
    giveBack((at, byteCount) => void dropPages(base, at, byteCount));
    return Math.max(0, before - usage().heap);
  }

  // ---- the end -----------------------------------------------------------------------------------------------------
  exit(code: number): never {
    if (!this.exiting) {
      this.exiting = true;
      this.callback(".z.exit", [int(code)], undefined);
    }
    return this.parts.exit(code);
  }

  // ---- HTTP --------------------------------------------------------------------------------------------------------
  private serveHttp(connection: Connection): void {
    while (connection.phase === "http") {
      const request = parseRequest(connection.unread);
      if (request === "incomplete") return;
      if (typeof request === "string") {
        this.finishHttp(
          connection,
          response(request === "bad" ? "400 Bad Request" : "413 Content Too Large", "text/plain", ""),
        );
        return;
      }
      connection.drop(request.length);
      if (headerOf(request.headers, "upgrade") !== undefined) {
        this.upgrade(connection, request);
        return;
      }
      const text = this.answerHttp(connection, request);
      const keepsAlive = /^connection *: *keep-alive\r$/im.test(text.slice(0, text.indexOf("\r\n\r\n") + 2));
      if (!keepsAlive) {
        this.finishHttp(connection, text);
        return;
      }
      if (!connection.send(Buffer.from(text, "latin1"))) this.handles.drop(connection, true);
    }
  }

  /** The last answer on a connection, which closes when it is out. */
  private finishHttp(connection: Connection, text: string): void {
    if (!connection.send(Buffer.from(text, "latin1"))) {
      this.handles.drop(connection, true);
      return;
    }
    this.end(connection);
  }

  private answerHttp(connection: Connection, request: HttpRequest): string {
    const { session } = this;
    const refusal = this.authorize(connection, request);
    if (refusal !== undefined) return refusal;
    const name = request.method === "GET" ? ".z.ph" : request.method === "POST" ? ".z.pp" : ".z.pm";
    const from = mark();
    let text = "";
    this.asServing(connection, () =>
      session.trap(
        () => {
          const handler = session.read(name);
          if (handler !== undefined) {
            const value = name === ".z.pm" ? methodValue(request) : requestValue(request);
            text = textOf(session.apply1(handler, value));
          } else if (request.method === "GET") text = answer(session, this.host.files, request);
          else text = response("501 Not Implemented", "text/plain", "");
          return FAILED;
        },
        (error) => {
          text = response("500 Internal Server Error", "text/plain", `'${error.text}\n`);
          return FAILED;
        },
      ),
    );
    sweep(from);
    return text;
  }

  // ---- WebSockets --------------------------------------------------------------------------------------------------
  private upgrade(connection: Connection, request: HttpRequest): void {
    const refusal = this.authorize(connection, request);
    const answer = upgrade(request);
    if (refusal !== undefined || "refused" in answer) {
      this.finishHttp(connection, refusal ?? response((answer as { refused: string }).refused, "text/plain", ""));
      return;
    }
    if (!connection.send(Buffer.from(answer.answer, "latin1"))) {
      this.handles.drop(connection, true);
      return;
    }
    connection.phase = "websocket";
    connection.reader = newWebSocketReader();
    this.callback(".z.wo", [int(connection.fd)], connection);
    this.serveWebSocket(connection);
  }

  private serveWebSocket(connection: Connection): void {
    const found = connection.reader!.take(connection.unread);
    if (found === "bad") {
      this.refuse(connection, signal("badmsg", "no WebSocket frame"));
      return;
    }
    connection.drop(found.taken);
    connection.expect(found.wanted);
    for (const event of found.events) {
      if (connection.phase !== "websocket") return;
      if (event.kind === "close") {
        connection.send(frame("close", new Uint8Array(0)));
        this.end(connection);
        return;
      }
      if (event.kind === "ping") connection.send(frame("pong", event.bytes));
      else this.webSocketMessage(connection, event.kind, event.bytes);
    }
    if (!this.settled) this.settle();
  }

  /** A message to .z.ws; without one it is echoed. An error of it goes to the log. */
  private webSocketMessage(connection: Connection, kind: "text" | "binary", bytes: Uint8Array): void {
    const { session } = this;
    const from = mark();
    this.asServing(connection, () =>
      session.trap(
        () => {
          const message = newVector(kind === "text" ? T.char : T.byte, bytes.length);
          U8.set(bytes, message.at);
          const handler = session.read(".z.ws");
          if (handler === undefined) this.handles.send(connection.fd, message);
          else session.apply1(handler, message);
          return FAILED;
        },
        (error) => {
          this.complain(error.text);
          return FAILED;
        },
      ),
    );
    sweep(from);
    this.scheduleCollection();
  }

  /** .z.ac first, then Basic credentials where there are passwords; what the client gets when it may not. */
  private authorize(connection: Connection, request: HttpRequest): string | undefined {
    const from = mark();
    const verdict = this.callback(".z.ac", [requestValue(request)], connection);
    let code = 4;
    let text = "";
    if (verdict !== undefined && countOf(verdict) === 2) {
      code = integerOf(itemAt(verdict, 0));
      text = textOf(itemAt(verdict, 1));
    } else if (verdict !== undefined || this.session.read(".z.ac") !== undefined) code = 0;
    sweep(from);
    if (code === 1) {
      connection.user = text;
      return undefined;
    }
    if (code === 2) return text;
    if (code !== 4) return UNAUTHORIZED;
    if (this.passwords === undefined && this.session.read(".z.pw") === undefined) return undefined;
    const given = basicCredentials(request);
    if (given === undefined || !this.admits(connection, given.user, given.password)) return UNAUTHORIZED;
    connection.user = given.user;
    return undefined;
  }

  /** Runs what a connection asked for in the root namespace, under its handle. */
  private asServing<R>(connection: Connection, act: () => R): R {
    const { handles, session } = this;
    const outer = { serving: handles.serving, context: session.context, deadline: this.deadline };
    handles.serving = connection;
    session.context = "";
    if (session.settings.timeout > 0) this.deadline = performance.now() + session.settings.timeout * 1000;
    try {
      return act();
    } finally {
      handles.serving = outer.serving;
      session.context = outer.context;
      this.deadline = outer.deadline;
    }
  }
}

/** A value no q code can make: the message was answered by its error already. */
const FAILED: Value = int(-1);

/** Answers leave at once, and a peer whose machine is gone is noticed some day. */
function tune(fd: number, peer: SocketAddress): void {
  if (peer.family === "unix") return;
  sys.setSocketOption(fd, sys.IPPROTO_TCP, sys.TCP_NODELAY, 1);
  sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_KEEPALIVE, 1);
}

function hostAddress(hostName: string): number {
  const found = sys.resolve(hostName, sys.AF_INET);
  if (typeof found === "string" || found.length === 0) return 0;
  const bytes = found[0]!;
  return (bytes[4]! << 24) | (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!;
}
