// One connection of this process: what came in and is not a whole message yet, what waits to go out, and who is at the
// other end. Knows descriptors and frames; what a message means is serve.ts's, when to look is loop.ts's.
//
// Nothing here sets O_NONBLOCK: the flag would belong to the inetd's copy of the socket too. Every call says DONTWAIT.

import { type Message, takeMessages } from "#ipc/frame.ts";
import { EAGAIN, EINTR } from "#platform/errno.ts";
import { type SocketAddress, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { release, retain } from "#values/ownership.ts";
import { QSignal, userSignal } from "#values/signals.ts";
import { allocate, free, U8 } from "#values/storage.ts";
import type { Vector } from "#values/values.ts";
import { errorText } from "#platform/errno.ts";
import type { WebSocketReader } from "./websocket.ts";

/** What a read brings at once when nothing is half there. Shared: whatever is kept is copied out. */
const scratch = new Uint8Array(new ArrayBuffer(65536));
const SMALLEST_BUFFER = 65536;
/** Bytes waiting for a peer that does not read: beyond this it is taken for dead. */
const LONGEST_QUEUE = 2 ** 31;

export type Phase = "greeting" | "open" | "http" | "websocket" | "closed";
/** What a read found: bytes or nothing yet, the end of the stream, or an errno. */
export type Received = "some" | "nothing" | "end" | number;

/** From here on bytes go through the linear memory, whose pages are there already: fresh ones cost more than the copy. */
const LARGE = 1 << 20;

interface Room {
  readonly at: number;
  readonly byteCount: number;
}

/** Bytes that wait to be sent; what lies in the linear memory is held until it is gone. */
interface Outgoing {
  readonly bytes: Uint8Array;
  readonly owner: Vector | undefined;
}

export class Connection {
  private state: Phase = "greeting";
  get phase(): Phase {
    return this.state;
  }
  set phase(phase: Phase) {
    this.state = phase;
    if (phase === "closed") this.discard();
  }
  user = "";
  capability = 0;
  /** What a WebSocket's frames are put together by, once it is one. */
  reader: WebSocketReader | undefined;
  /** Sync messages that were told to be answered later (-30!). */
  deferred = 0;
  /** The other end reads on but sends no more: goes when the queue is empty. */
  ending = false;
  /** Whole messages that wait their turn; their bytes are never overwritten. */
  private arrived: Message[] = [];
  private next = 0;
  /** Part of a message (or of a greeting, or of a request). */
  private partial: Uint8Array = new Uint8Array(0);
  private have = 0;
  private wanted = 0;
  /** Where `partial` lies when it is large, and where the messages lie that came last. */
  private room: Room | undefined;
  private lent: Room | undefined;
  private queue: Outgoing[] = [];
  private sent = 0;
  private queued = 0;
  /** Told when the queue starts or stops to need POLLOUT. */
  onQueue: (waiting: boolean) => void = () => {};

  constructor(
    readonly fd: number,
    readonly peer: SocketAddress,
    /** We opened it (hopen). */
    readonly outgoing: boolean,
  ) {}

  /** The peer is this machine: no compression then. */
  get isLocal(): boolean {
    const { peer } = this;
    if (peer.family === "ipv4") return peer.host.startsWith("127.");
    if (peer.family === "ipv6") return peer.host === "::1" || peer.host.startsWith("::ffff:127.");
    return true;
  }

  // ---- in ----------------------------------------------------------------------------------------------------------
  /** One read. Before the greeting is over the bytes stay raw (`unread`), after it they become messages. */
  receive(): Received {
    if (!this.hasMessage) this.freeLent();
    if (this.phase === "open" && this.have === 0) {
      const count = sys.recv(this.fd, scratch, 0, scratch.length, sys.MSG_DONTWAIT);
      if (count <= 0) return outcome(count);
      this.take(scratch.subarray(0, count), true);
      return "some";
    }
    // Only when it is full, else each of the thousand reads of a large message would move all that came before it.
    if (this.partial.length - this.have < Math.min(4096, Math.max(1, this.wanted - this.have)))
      this.reserve(Math.max(this.have + SMALLEST_BUFFER, Math.min(this.wanted, this.have * 2)));
    const count = sys.recv(this.fd, this.partial, this.have, this.partial.length - this.have, sys.MSG_DONTWAIT);
    if (count <= 0) return outcome(count);
    this.have += count;
    if (this.phase === "open" && this.have >= this.wanted) this.takePartial();
    return "some";
  }

  /** Room for `byteCount` in all. Grows with what has really come, whatever length a header claims. */
  private reserve(byteCount: number): void {
    if (this.partial.length >= byteCount) return;
    const room = byteCount < LARGE ? undefined : roomFor(byteCount);
    const larger =
      room === undefined ? new Uint8Array(new ArrayBuffer(byteCount)) : U8.subarray(room.at, room.at + byteCount);
    larger.set(this.partial.subarray(0, this.have));
    if (this.room !== undefined) free(this.room.at, this.room.byteCount);
    this.room = room;
    this.partial = larger;
  }
  private freeLent(): void {
    if (this.lent !== undefined) free(this.lent.at, this.lent.byteCount);
    this.lent = undefined;
  }
  /** Gives back what is held of the linear memory. */
  private discard(): void {
    this.freeLent();
    if (this.room !== undefined) free(this.room.at, this.room.byteCount);
    this.room = undefined;
    this.partial = new Uint8Array(0);
    this.have = 0;
    this.arrived = [];
    this.next = 0;
    for (const { owner } of this.queue) if (owner !== undefined) release(owner);
    this.queue = [];
    this.queued = 0;
    this.sent = 0;
  }

  /** The raw bytes so far, for greetings and HTTP. */
  get unread(): Uint8Array {
    return this.partial.subarray(0, this.have);
  }
  /** So many raw bytes are needed before anything can be done with them. */
  expect(byteCount: number): void {
    this.wanted = byteCount;
  }
  /** The first `byteCount` raw bytes are dealt with. */
  drop(byteCount: number): void {
    if (byteCount === 0) return;
    if (this.room !== undefined) {
      const { at, byteCount: size } = this.room;
      this.room = undefined;
      this.partial = this.partial.slice(byteCount, this.have);
      this.have -= byteCount;
      free(at, size);
      return;
    }
    this.partial = this.partial.slice(byteCount, this.have);
    this.have -= byteCount;
  }
  /** The greeting is over: what follows it are messages. */
  open(): void {
    this.phase = "open";
    if (this.have > 0) this.takePartial();
  }

  private takePartial(): void {
    const bytes = this.unread;
    this.partial = new Uint8Array(0);
    this.have = 0;
    this.freeLent();
    this.lent = this.room;
    this.room = undefined;
    this.take(bytes, false);
  }

  /** Cuts messages. `borrowed` bytes are valid only until the next read: a single whole message is used in place. */
  private take(bytes: Uint8Array, borrowed: boolean): void {
    let taken = takeMessages(bytes);
    if (borrowed && (taken.messages.length > 1 || (taken.messages.length === 1 && taken.rest.length > 0))) {
      taken = takeMessages(bytes.slice());
    }
    if (this.next === this.arrived.length) {
      this.arrived = taken.messages;
      this.next = 0;
    } else this.arrived.push(...taken.messages);
    this.wanted = taken.wanted;
    if (taken.rest.length === 0) return;
    this.have = taken.rest.length;
    this.partial = new Uint8Array(new ArrayBuffer(Math.max(this.have, Math.min(taken.wanted, SMALLEST_BUFFER))));
    this.partial.set(taken.rest);
  }

  /** The next whole message; its bytes are to be decoded before anything else is read. */
  shift(): Message | undefined {
    if (this.next === this.arrived.length) return undefined;
    const message = this.arrived[this.next++]!;
    if (this.next === this.arrived.length) {
      this.arrived = [];
      this.next = 0;
    }
    return message;
  }
  get hasMessage(): boolean {
    return this.next < this.arrived.length;
  }
  /** Bytes of a message that is not whole. */
  get partialBytes(): number {
    return this.have;
  }

  // ---- out ---------------------------------------------------------------------------------------------------------
  /** Sends what the socket takes now and queues the rest. False when the peer is gone. `owner`: the vector they lie in. */
  send(bytes: Uint8Array, owner?: Vector): boolean {
    if (this.phase === "closed") return false;
    let at = 0;
    if (this.queue.length === 0) {
      const count = this.trySend(bytes, 0);
      if (count < 0) return false;
      if (count === bytes.length) return true;
      at = count;
    }
    if (this.queued + bytes.length - at > LONGEST_QUEUE) return false;
    if (owner !== undefined) retain(owner);
    this.queue.push({ bytes: at === 0 ? bytes : bytes.subarray(at), owner });
    this.queued += bytes.length - at;
    if (this.queue.length === 1) this.onQueue(true);
    return true;
  }

  /** Sends of the queue what the socket takes now. False when the peer is gone. */
  flushSome(): boolean {
    while (this.queue.length > 0) {
      const { bytes: first, owner } = this.queue[0]!;
      const count = this.trySend(first, this.sent);
      if (count < 0) return false;
      this.queued -= count;
      this.sent += count;
      if (this.sent < first.length) return true;
      this.queue.shift();
      this.sent = 0;
      if (owner !== undefined) release(owner);
    }
    this.onQueue(false);
    return true;
  }

  private trySend(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const count = sys.send(this.fd, bytes, at, bytes.length - at, sys.MSG_DONTWAIT);
      if (count === -EINTR) continue;
      if (count === -EAGAIN) break;
      if (count < 0) return count;
      at += count;
    }
    return at - from;
  }

  get queuedBytes(): number {
    return this.queued;
  }
  get queuedMessages(): number {
    return this.queue.length;
  }

  /**
   * Waits until something can be read (or the queue is empty, when only that is asked for), sending meanwhile.
   * Signals when the connection breaks or the wait is interrupted.
   */
  wait(forRead: boolean, interrupted: () => boolean): void {
    for (;;) {
      if (!forRead && this.queue.length === 0) return;
      const events = (forRead ? sys.POLLIN : 0) | (this.queue.length > 0 ? sys.POLLOUT : 0);
      const ready = waitFor(this.fd, events, undefined, interrupted);
      if (ready < 0) throw userSignal(`rcv handle: ${this.fd}. OS reports: ${errorText(ready)}`);
      if ((ready & sys.POLLOUT) !== 0 && !this.flushSome()) throw writeSignal(this.fd, -32);
      if ((ready & ~sys.POLLOUT) !== 0) {
        if (forRead) return;
        throw writeSignal(this.fd, -104);
      }
    }
  }
}

/** Room in the linear memory; undefined when it is full, and then the JS heap has to do. */
function roomFor(byteCount: number): Room | undefined {
  try {
    return { at: allocate(byteCount), byteCount };
  } catch (error) {
    if (error instanceof QSignal && error.text === "wsfull") return undefined;
    throw error;
  }
}

export const writeSignal = (fd: number, errno: number): QSignal =>
  userSignal(`Cannot write to handle ${fd}. OS reports: ${errorText(errno)}`);

function outcome(count: number): Received {
  if (count === 0) return "end";
  return count === -EAGAIN || count === -EINTR ? "nothing" : count;
}
