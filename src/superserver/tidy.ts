/**
 * Memory that stays level. While the heap is small the runtime collects young objects only, and what outlived a few of
 * those collections by chance stays: some 400 bytes a connection, for tens of thousands of them. A whole collection takes
 * a few milliseconds, so it is made when nobody comes, or after so many clients that it cannot be felt.
 */
import type { PollLoop } from "#platform/poll.ts";

const ENOUGH = 2000;
const MOST = 10_000;
const QUIET_MS = 100;

export class Tidy {
  private count = 0;
  private lastMs = 0;
  private isWaiting = false;

  constructor(private readonly loop: PollLoop) {}

  /** amount: in connections' worth. */
  worked(amount = 1): void {
    this.count += amount;
    this.lastMs = performance.now();
    if (this.count < ENOUGH || this.isWaiting) return;
    this.isWaiting = true;
    this.loop.after(QUIET_MS, () => this.look());
  }

  private look(): void {
    if (this.count < MOST && performance.now() - this.lastMs < QUIET_MS) {
      this.loop.after(QUIET_MS, () => this.look());
      return;
    }
    this.isWaiting = false;
    this.count = 0;
    Bun.gc(true);
  }
}
