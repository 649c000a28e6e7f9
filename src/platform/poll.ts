/**
 * One synchronous loop over descriptors and timers: what a program of perq does instead of awaiting. A descriptor
 * has one handler, called with its revents; a timer fires once. Bun's own event loop, when a program needs it
 * (Workers, signals by process.on), is one more descriptor in the set: attachRuntime().
 *
 * Handlers run inside wait() and may add and remove what they like, themselves included.
 */
import { EINTR } from "./errno.ts";
import * as sys from "./sys.ts";
import { nodeFs } from "./filesystem.ts";

export type ReadyHandler = (revents: number, fd: number) => void;

export interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class PollLoop {
  /** fd, events | revents << 16; packed, so that its first `count` pairs are what poll gets. */
  private pollfds = new Int32Array(new ArrayBuffer(64 * 8));
  private handlers: ReadyHandler[] = [];
  private slotOf = new Map<number, number>();
  private count = 0;
  private timers: Timer[] = []; // a binary heap by dueMs
  private runtimeFd = -1;
  private runtimeWaiting = false;
  private wakesSinceTurn = 0;

  get descriptorCount(): number {
    return this.count;
  }

  /** Watches a descriptor. One handler each: adding it again replaces events and handler. */
  add(fd: number, events: number, handler: ReadyHandler): void {
    if (fd < 0) throw new Error("only an open descriptor can be watched");
    let slot = this.slotOf.get(fd);
    if (slot === undefined) {
      slot = this.count++;
      if (slot * 2 >= this.pollfds.length) {
        const grown = new Int32Array(new ArrayBuffer(this.pollfds.byteLength * 2));
        grown.set(this.pollfds);
        this.pollfds = grown;
      }
      this.slotOf.set(fd, slot);
    }
    this.pollfds[slot * 2] = fd;
    this.pollfds[slot * 2 + 1] = events;
    this.handlers[slot] = handler;
  }

  has(fd: number): boolean {
    return this.slotOf.has(fd);
  }

  /** Changes which events of a watched descriptor matter. 0 still reports errors and hang-ups, as poll does. */
  watch(fd: number, events: number): void {
    const slot = this.slotOf.get(fd);
    if (slot === undefined) throw new Error(`descriptor ${fd} is not watched`);
    this.pollfds[slot * 2 + 1] = events;
  }

  /** Forgets a descriptor; to be called before it is closed. */
  remove(fd: number): void {
    const slot = this.slotOf.get(fd);
    if (slot === undefined) return;
    const last = --this.count;
    this.slotOf.delete(fd);
    if (slot !== last) {
      const moved = this.pollfds[last * 2];
      this.pollfds[slot * 2] = moved;
      this.pollfds[slot * 2 + 1] = this.pollfds[last * 2 + 1];
      this.handlers[slot] = this.handlers[last];
      this.slotOf.set(moved, slot);
    }
    this.handlers.length = last;
  }

  /** Runs once after the delay. performance.now() is monotonic, so a clock set back changes nothing. */
  after(delayMs: number, run: () => void): Timer {
    const timer: Timer = { dueMs: performance.now() + delayMs, run, cancelled: false };
    const heap = this.timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent].dueMs <= timer.dueMs) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = timer;
    return timer;
  }

  cancel(timer: Timer): void {
    timer.cancelled = true;
    if (this.timers.length > 64 && this.timers.filter((one) => one.cancelled).length * 2 > this.timers.length) {
      const kept = this.timers.filter((one) => !one.cancelled).sort((a, b) => a.dueMs - b.dueMs);
      this.timers = kept; // a sorted list is a heap
    }
  }

  private takeDue(nowMs: number): Timer | undefined {
    const heap = this.timers;
    while (heap.length > 0 && (heap[0].cancelled || heap[0].dueMs <= nowMs)) {
      const first = heap[0];
      const last = heap.pop()!;
      if (heap.length > 0) {
        let at = 0;
        for (;;) {
          let child = at * 2 + 1;
          if (child >= heap.length) break;
          if (child + 1 < heap.length && heap[child + 1].dueMs < heap[child].dueMs) child++;
          if (heap[child].dueMs >= last.dueMs) break;
          heap[at] = heap[child];
          at = child;
        }
        heap[at] = last;
      }
      if (!first.cancelled) return first;
    }
    return undefined;
  }

  /** Milliseconds until the next timer; -1 when there is none. */
  private untilNextTimer(): number {
    while (this.timers.length > 0 && this.timers[0].cancelled) {
      if (this.takeDue(-Infinity) !== undefined) throw new Error("a cancelled timer is not due");
    }
    if (this.timers.length === 0) return -1;
    return Math.max(0, Math.ceil(this.timers[0].dueMs - performance.now()));
  }

  /**
   * One round: waits until something is ready, a timer is due, a signal came or the limit passed; runs the
   * handlers. Returns the number of descriptors that were ready, or -EINTR.
   */
  wait(limitMs = -1): number {
    const timerMs = this.untilNextTimer();
    const timeoutMs = timerMs < 0 ? limitMs : limitMs < 0 ? timerMs : Math.min(timerMs, limitMs);
    const ready = sys.poll(this.pollfds, this.count, timeoutMs);
    if (ready > 0) this.dispatch(ready);
    else if (ready === -EINTR) this.runtimeWaiting = this.runtimeFd >= 0;
    else if (ready < 0) throw new Error(`poll: errno ${-ready}`);
    for (let timer = this.takeDue(performance.now()); timer !== undefined; timer = this.takeDue(performance.now())) {
      timer.run();
    }
    return ready;
  }

  private dispatch(ready: number): void {
    // A handler may move slots, so what is ready is collected first and looked up again by descriptor.
    const fds: number[] = [];
    const revents: number[] = [];
    for (let slot = 0; slot < this.count && fds.length < ready; slot++) {
      const happened = this.pollfds[slot * 2 + 1] >>> 16;
      if (happened === 0) continue;
      fds.push(this.pollfds[slot * 2]);
      revents.push(happened);
    }
    const handlers = fds.map((fd) => this.handlers[this.slotOf.get(fd)!]);
    for (let index = 0; index < fds.length; index++) {
      const slot = this.slotOf.get(fds[index]);
      if (slot === undefined || this.handlers[slot] !== handlers[index]) continue; // removed by an earlier handler
      handlers[index](revents[index], fds[index]);
    }
  }

  /** Puts Bun's event loop into the set; turn() must then be awaited between rounds when needsTurn() says so. */
  attachRuntime(): void {
    this.runtimeFd = runtimeLoopFd();
    if (this.runtimeFd < 0) throw new Error("Bun's event loop descriptor was not found");
    this.add(this.runtimeFd, sys.POLLIN, () => {
      this.runtimeWaiting = true;
    });
  }

  /** Whether the runtime has something to do; a busy loop also gives it a turn every 64 rounds. */
  needsTurn(): boolean {
    if (this.runtimeFd < 0) return false;
    return this.runtimeWaiting || ++this.wakesSinceTurn >= 64;
  }

  /** One turn of Bun's event loop: Worker messages, process.on handlers. */
  async turn(): Promise<void> {
    this.runtimeWaiting = false;
    this.wakesSinceTurn = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** The descriptor of Bun's main epoll: the first of its kind, as measured in runtime-notes §1. */
export function runtimeLoopFd(): number {
  const { readdirSync, readlinkSync } = nodeFs();
  const fds = readdirSync("/proc/self/fd")
    .map(Number)
    .sort((a, b) => a - b);
  for (const fd of fds) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) === "anon_inode:[eventpoll]") return fd;
    } catch {
      // the descriptor that listed the directory is gone again
    }
  }
  return -1;
}
