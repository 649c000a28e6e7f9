// The handles of a q process: 0 the console, 1 and 2 its output, sockets and files under the number of their
// descriptor. What a message that arrives means is asked of `serve`, which the server hands in.

import { nodeFs } from "#platform/filesystem.ts";
import { decodeMessage, errorText as errorOf } from "#ipc/decode.ts";
import { encodeError, encodePayload, encodeVector } from "#ipc/encode.ts";
import { ASYNC, type Message, type MessageType, RESPONSE, SYNC } from "#ipc/frame.ts";
import type { DomainOf, Vocabulary } from "#ipc/vocabulary.ts";
import type { Handles } from "#values/host.ts";
import { T } from "#values/datatypes.ts";
import { QSignal, signal, userSignal } from "#values/signals.ts";
import { U8 } from "#values/storage.ts";
import type { Value, Vector } from "#values/values.ts";
import { int, isText, itemsOf, textOf } from "#values/vectors.ts";
import { type Connection, writeSignal } from "./connection.ts";
import { dial, parseTarget } from "./dial.ts";
import { type Guard, osSignal } from "./files.ts";
import { type Listener, listen } from "./listener.ts";
import type { Write } from "./output.ts";
import { frame } from "./websocket.ts";

export interface HandleHooks {
  /** A message that came while something else is waited for. */
  serve(connection: Connection, message: Message): void;
  /** 0 x: as the console would. */
  console(message: Value): Value;
  /** Watch it from now on, or no more. */
  opened(connection: Connection): void;
  /** The descriptor is about to be closed; byPeer: .z.pc is due. */
  closed(connection: Connection, byPeer: boolean): void;
  listening(listener: Listener, on: boolean): void;
  interrupted(): boolean;
  readonly vocabulary: Vocabulary;
  readonly domain: DomainOf;
  readonly write: Write;
  readonly guard: Guard;
  readonly user: string;
  readonly address: () => number;
  readonly socketDirectory: () => string;
  complain(text: string): void;
}

export class HandleTable implements Handles {
  readonly connections = new Map<number, Connection>();
  private readonly files = new Set<number>();
  private listener: Listener | undefined;
  /** The connection whose message is being served. */
  serving: Connection | undefined;
  /** -30!(::) was said for the message being served. */
  wasDeferred = false;

  constructor(private readonly hooks: HandleHooks) {}

  // ---- who ---------------------------------------------------------------------------------------------------------
  get current(): number {
    return this.serving?.fd ?? 0;
  }
  get currentUser(): string {
    return this.serving === undefined ? this.hooks.user : this.serving.user;
  }
  get currentAddress(): number {
    if (this.serving === undefined) return this.hooks.address();
    const { peer } = this.serving;
    if (peer.family === "ipv4") return ipv4Number(peer.host);
    if (peer.family === "ipv6" && peer.host.startsWith("::ffff:")) return ipv4Number(peer.host.slice(7));
    return 0;
  }
  all(): number[] {
    return [...this.connections.keys()].sort((a, b) => a - b);
  }
  pending(handle: number): number[] {
    const connection = this.connections.get(handle);
    return connection === undefined || connection.queuedBytes === 0 ? [] : [connection.queuedBytes];
  }
  describe(handle: number): ReturnType<Handles["describe"]> {
    const connection = this.connections.get(handle);
    if (connection === undefined) return undefined;
    return {
      protocol: connection.reader === undefined ? "q" : "w",
      family: connection.peer.family === "unix" ? "u" : "t",
      compressed: this.compresses(connection),
      messages: connection.queuedMessages,
      bytes: connection.queuedBytes,
    };
  }

  // ---- open and close ----------------------------------------------------------------------------------------------
  open(text: string, timeoutMs: number): number {
    const target = parseTarget(text);
    const { guard } = this.hooks;
    if ("path" in target) {
      if (guard.restricted) throw signal("access", "hopen of a file is disabled (-u)");
      if (guard.readOnly) throw signal("noupdate", "hopen of a file is disabled (-b)");
      return this.openFile(target.path, target.kind === "fifo");
    }
    // Without a user in the handle's text the server learns who runs this process.
    const connection = dial(target.user === "" ? { ...target, user: this.hooks.user } : target, {
      timeoutMs,
      interrupted: () => this.hooks.interrupted(),
      socketDirectory: this.hooks.socketDirectory(),
    });
    this.adopt(connection);
    return connection.fd;
  }

  private openFile(path: string, isFifo: boolean): number {
    try {
      const name = Buffer.from(path, "latin1");
      const slash = path.lastIndexOf("/");
      if (slash > 0 && !isFifo) nodeFs().mkdirSync(Buffer.from(path.slice(0, slash), "latin1"), { recursive: true });
      const fd = nodeFs().openSync(name, isFifo ? "r" : "a", 0o666);
      this.files.add(fd);
      return fd;
    } catch (error) {
      throw osSignal(path, error);
    }
  }

  /** A connection that an inetd handed over, that was accepted, or that hopen made. */
  adopt(connection: Connection): void {
    this.connections.set(connection.fd, connection);
    this.hooks.opened(connection);
  }

  close(handle: number): void {
    if (this.files.delete(handle)) {
      nodeFs().closeSync(handle);
      return;
    }
    const connection = this.connections.get(handle);
    if (connection === undefined) throw userSignal(`: Bad file descriptor`, `handle ${handle} is not open`);
    if (connection.reader !== undefined) connection.send(frame("close", new Uint8Array(0)));
    this.drop(connection, false);
  }

  /** The connection is over, by us or by the peer. */
  drop(connection: Connection, byPeer: boolean): void {
    if (connection.phase === "closed") return;
    this.connections.delete(connection.fd);
    this.hooks.closed(connection, byPeer);
  }

  // ---- messages ----------------------------------------------------------------------------------------------------
  private get(handle: number): Connection {
    const connection = this.connections.get(handle);
    if (connection === undefined) throw writeSignal(handle, -9);
    return connection;
  }
  private compresses(connection: Connection): boolean {
    return !connection.isLocal && connection.capability >= 1;
  }
  /** A message in the linear memory; the pool holds it while it is sent. */
  private encode(connection: Connection, type: MessageType, value: Value): Vector {
    return encodeVector(value, {
      type,
      domain: this.hooks.domain,
      capability: connection.capability,
      compress: this.compresses(connection),
    });
  }

  request(handle: number, message: Value): Value {
    if (handle === 0) return this.hooks.console(message);
    if (handle === 1 || handle === 2) return this.output(handle, message, "");
    if (this.files.has(handle)) return this.appendTo(handle, message, false);
    const connection = this.get(handle);
    if (connection.reader !== undefined) throw signal("nyi", "a WebSocket takes async messages only");
    this.transmit(connection, this.encode(connection, SYNC, message));
    return this.answer(connection, RESPONSE);
  }

  send(handle: number, message: Value): void {
    if (handle === 0) this.hooks.console(message);
    else if (handle === 1 || handle === 2) this.output(handle, message, "\n");
    else if (this.files.has(handle)) this.appendTo(handle, message, true);
    else {
      const connection = this.get(handle);
      this.transmit(
        connection,
        connection.reader === undefined ? this.encode(connection, ASYNC, message) : webSocketFrame(message),
      );
    }
  }

  private transmit(connection: Connection, message: Uint8Array | Vector): void {
    if (sent(connection, message)) return;
    const error = writeSignal(connection.fd, -32);
    this.drop(connection, true);
    throw error;
  }

  receive(handle: number): Value {
    return this.answer(this.get(handle), undefined);
  }

  /** Waits for a response (serving what else comes on this handle), or for any message. */
  private answer(connection: Connection, wanted: MessageType | undefined): Value {
    for (;;) {
      for (let message = connection.shift(); message !== undefined; message = connection.shift()) {
        if (wanted === undefined || message.type === wanted) return this.decode(connection, message);
        this.hooks.serve(connection, message);
        if (connection.phase === "closed") throw userSignal(`close handle: ${connection.fd}`);
      }
      try {
        connection.wait(true, () => this.hooks.interrupted());
        const got = connection.receive();
        if (got === "end") throw signal("close", `handle ${connection.fd} was closed by the remote`);
        if (typeof got === "number") throw writeSignal(connection.fd, got);
      } catch (error) {
        if (error instanceof QSignal) this.drop(connection, true);
        throw error;
      }
    }
  }

  private decode(connection: Connection, message: Message): Value {
    const text = errorOf(message.bytes);
    if (text !== undefined) throw userSignal(text, `from handle ${connection.fd}`);
    return decodeMessage(message.bytes, this.hooks.vocabulary);
  }

  flush(handle: number): void {
    if (handle === 0 || handle === 1 || handle === 2 || this.files.has(handle)) return;
    this.get(handle).wait(false, () => this.hooks.interrupted());
  }

  defer(): void {
    if (this.serving === undefined) throw signal("domain", "no message is being served");
    this.wasDeferred = true;
  }
  respond(handle: number, isError: boolean, value: Value): void {
    const connection = this.connections.get(handle);
    if (connection === undefined) throw signal("domain", `handle ${handle} is not open`);
    if (connection.deferred === 0) throw userSignal(`Handle ${handle} was not expecting a response msg`);
    const bytes = isError ? encodeError(textOf(value)) : this.encode(connection, RESPONSE, value);
    connection.deferred--;
    this.transmit(connection, bytes);
  }
  /** The answer to a sync message. An answer that cannot be sent as a value is sent as its error. */
  reply(connection: Connection, value: Value): void {
    let message: Uint8Array | Vector;
    try {
      message = this.encode(connection, RESPONSE, value);
    } catch (error) {
      if (!(error instanceof QSignal)) throw error;
      message = encodeError(error.text);
    }
    this.replyBytes(connection, message);
  }
  replyBytes(connection: Connection, message: Uint8Array | Vector): void {
    if (!sent(connection, message)) this.drop(connection, true);
  }

  // ---- files and output --------------------------------------------------------------------------------------------
  private output(handle: 1 | 2, message: Value, lineEnd: string): Value {
    const texts = isText(message) ? [message] : itemsOf(message);
    for (const text of texts) {
      if (!isText(text) && !(text.kind === "list" && text.items.length === 0))
        throw signal("type", "a string is wanted");
    }
    this.hooks.write(handle, texts.map((text) => textOf(text) + lineEnd).join(""));
    return int(lineEnd === "" ? handle : -handle);
  }

  /** Strings and bytes are appended as they are; anything else as log entries, serialized item by item. */
  private appendTo(fd: number, message: Value, asLines: boolean): Value {
    const items = isText(message) || message.type === T.byte ? [message] : itemsOf(message);
    for (const item of items) {
      let bytes: Uint8Array;
      if (isText(item) && (asLines || item === message))
        bytes = Buffer.from(textOf(item) + (asLines ? "\n" : ""), "latin1");
      else if (item.kind === "vector" && item.type === T.byte && item === message) {
        bytes = U8.subarray(item.at, item.at + item.count);
      } else bytes = encodePayload(item, { domain: this.hooks.domain, file: true });
      let at = 0;
      try {
        while (at < bytes.length) at += nodeFs().writeSync(fd, bytes, at, bytes.length - at);
      } catch (error) {
        throw osSignal(`${fd}`, error);
      }
    }
    return int(asLines ? -fd : fd);
  }

  /** A line from a fifo or file handle is read0's business; it asks for the descriptor's bytes here. */
  isFile(handle: number): boolean {
    return this.files.has(handle);
  }

  // ---- listening ---------------------------------------------------------------------------------------------------
  get port(): number {
    return this.listener?.port ?? 0;
  }
  listen(specification: number | string): void {
    const text = String(specification);
    const before = this.listener;
    if (before !== undefined) {
      this.hooks.listening(before, false);
      this.listener = undefined;
    }
    if (text === "0") return;
    this.listener = listen(text, this.hooks.socketDirectory());
    if (this.listener.complaint !== "") this.hooks.complain(this.listener.complaint);
    this.hooks.listening(this.listener, true);
  }
}

/** A string goes out as text, bytes as they are. */
function webSocketFrame(message: Value): Uint8Array {
  if (isText(message) && message.type !== -T.symbol) return frame("text", Buffer.from(textOf(message), "latin1"));
  if (message.kind === "vector" && message.type === T.byte)
    return frame("binary", U8.subarray(message.at, message.at + message.count));
  throw signal("type", "a WebSocket takes a string or bytes");
}

/** Big-endian, as .z.a has it. */
function ipv4Number(host: string): number {
  const [a, b, c, d] = host.split(".").map(Number);
  return (a! << 24) | (b! << 16) | (c! << 8) | d!;
}

const sent = (connection: Connection, message: Uint8Array | Vector): boolean =>
  message instanceof Uint8Array
    ? connection.send(message)
    : connection.send(U8.subarray(message.at, message.at + message.count), message);
