/**
 * stderr = log: what a service's servers say on standard error, line by line into the service's log (where log_type names
 * one) or the main log, each with the pid that said it. All servers of a service share one datagram socket: it costs no
 * descriptor a connection, the kernel tells who speaks, and a server that outlives perqd is refused a word, not killed.
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import { receiveFrom } from "#platform/passing.ts";
import * as sys from "#platform/sys.ts";
import type { Daemon } from "./daemon.ts";
import { printable } from "./logs.ts";
import type { RunningService } from "./running.ts";

const MOST_DATAGRAM_BYTES = 65536;
const MOST_LINE = 2000;
/** Other services want the loop too. */
const DATAGRAMS_A_ROUND = 32;
/** Unfinished lines are kept of so many processes. */
const MOST_UNFINISHED = 200;
/** A client must not be able to fill a disk through a server's complaints: so many at once, and so many a second. */
const BURST_LINES = 1000;
const LINES_A_SECOND = 100;
/** How long a server waits for a perqd that does not listen; then its words are lost. */
const PATIENCE_SECONDS = 1;

export class ErrorLines {
  private readonly bytes = new Uint8Array(new ArrayBuffer(MOST_DATAGRAM_BYTES));
  private readonly unfinished = new Map<number, string>();
  private readonly decoder = new TextDecoder();
  private budget = BURST_LINES;
  private budgetAt = performance.now();
  private lost = 0;

  private constructor(
    private readonly running: RunningService,
    private readonly daemon: Daemon,
    private readonly ours: number,
    /** The servers' end. */
    readonly fd: number,
  ) {
    daemon.loop.add(ours, sys.POLLIN, () => this.take(DATAGRAMS_A_ROUND));
  }

  /** Minus errno when there is none to be had. */
  static open(running: RunningService, daemon: Daemon): ErrorLines | number {
    const pair = sys.socketPair(sys.AF_UNIX, sys.SOCK_DGRAM);
    if (typeof pair === "number") return pair;
    const [ours, theirs] = pair;
    sys.setSocketOption(ours, sys.SOL_SOCKET, sys.SO_PASSCRED, 1);
    sys.setSocketOptionBytes(theirs, sys.SOL_SOCKET, sys.SO_SNDTIMEO, new Int32Array([PATIENCE_SECONDS, 0, 0, 0]));
    return new ErrorLines(running, daemon, ours, theirs);
  }

  private take(most: number): void {
    for (let round = 0; round < most; round++) {
      const got = receiveFrom(this.ours, this.bytes, sys.MSG_DONTWAIT);
      if (typeof got === "number") {
        if (got !== -EAGAIN && got !== -EINTR) this.daemon.loop.remove(this.ours); // it cannot be read any more
        return;
      }
      this.heard(got.pid, this.decoder.decode(this.bytes.subarray(0, got.length)));
    }
  }

  /** The end of one that spoke: what it had said by then, finished or not. */
  ended(pid: number): void {
    this.take(DATAGRAMS_A_ROUND);
    const rest = this.unfinished.get(pid);
    if (rest === undefined) return;
    this.unfinished.delete(pid);
    this.line(pid, rest);
  }

  close(): void {
    this.take(BURST_LINES);
    for (const pid of [...this.unfinished.keys()]) this.ended(pid);
    this.sayLost();
    this.daemon.loop.remove(this.ours);
    sys.close(this.ours);
    sys.close(this.fd);
  }

  private heard(pid: number, text: string): void {
    const lines = ((this.unfinished.get(pid) ?? "") + text).split("\n");
    const rest = lines.pop()!;
    for (const line of lines) this.line(pid, line);
    this.unfinished.delete(pid);
    if (rest === "") return;
    if (rest.length >= MOST_LINE) {
      this.line(pid, rest);
      return;
    }
    const [oldest] = this.unfinished.keys();
    if (this.unfinished.size >= MOST_UNFINISHED) this.ended(oldest);
    this.unfinished.set(pid, rest);
  }

  private line(pid: number, words: string): void {
    if (words.trim() === "") return;
    const now = performance.now();
    this.budget = Math.min(BURST_LINES, this.budget + ((now - this.budgetAt) / 1000) * LINES_A_SECOND);
    this.budgetAt = now;
    if (this.budget < 1) {
      this.lost++;
      return;
    }
    this.budget--;
    this.sayLost();
    const text = printable(words.replaceAll("\t", " ").trimEnd(), MOST_LINE);
    const { running, daemon } = this;
    if (running.log.wanted) {
      running.log.write("STDERR", ` pid=${pid} ${text}`, { pid, text });
      return;
    }
    daemon.log.notice(`${running.title}[${pid}]: ${text}`, { service: running.title, event: "STDERR", pid });
  }

  private sayLost(): void {
    if (this.lost === 0) return;
    const { lost } = this;
    this.lost = 0;
    this.daemon.log.warning(`service ${this.running.title}: stderr: ${lost} lines were too many and are lost`);
  }
}
