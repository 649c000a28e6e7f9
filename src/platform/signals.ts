/**
 * Signals as flags. The handler is machine code: it sets flag[signo] and writes to an eventfd, so a poll wakes and a
 * long evaluation can look at the flag without leaving JavaScript. No JavaScript ever runs in a signal.
 */
import { architecture, loadCode } from "./machine.ts";
import * as sys from "./sys.ts";

const SA_RESTART = 0x10000000n;
const SIG_DFL = 0n;
const SIG_IGN = 1n;

export class SignalFlags {
  /** Readable when a caught signal came; to be put into a poll set and emptied by take(). */
  readonly fd: number;
  private readonly flags: Uint8Array;
  private readonly handler: number;
  private readonly scratch = new Uint8Array(new ArrayBuffer(8));

  constructor() {
    this.fd = sys.eventFd();
    if (this.fd < 0) throw new Error(`eventfd: errno ${-this.fd}`);
    // Outside the collector's reach: the handler may write here for as long as the process lives.
    const data = sys.mmap(0, 4096, sys.PROT_READ | sys.PROT_WRITE, sys.MAP_PRIVATE | sys.MAP_ANONYMOUS, -1, 0);
    if (data < 0) throw new Error(`no page for signal flags: errno ${-data}`);
    const page = sys.viewAt(data, 4096);
    this.flags = new Uint8Array(page, 0, 128);
    const view = new DataView(page);
    view.setInt32(128, this.fd, true);
    view.setBigUint64(136, 1n, true);
    const { handler, handlerData } = architecture();
    this.handler = loadCode(handler, handlerData, data);
  }

  /** Catches a signal from now on. restart: interrupted system calls resume (poll never does). */
  catch(signal: number, restart = true): void {
    setAction(signal, BigInt(this.handler), restart ? SA_RESTART : 0n);
  }

  /** Whether the signal came since the last look: true once for any number of arrivals. */
  take(signal: number): boolean {
    if (this.flags[signal] === 0) return false;
    this.flags[signal] = 0;
    return true;
  }

  /** As take, without forgetting: what a hot loop asks. */
  pending(signal: number): boolean {
    return this.flags[signal] !== 0;
  }

  /** Empties the eventfd. To be called before take(), so that an arrival between the two wakes the next poll. */
  drain(): void {
    sys.readBytes(this.fd, this.scratch);
  }

  /** The flag's own address, for a kernel that wants to look. */
  flagView(): Uint8Array {
    return this.flags;
  }
}

function setAction(signal: number, handler: bigint, flags: bigint): void {
  const action = new BigUint64Array(new ArrayBuffer(152));
  action[0] = handler;
  action[17] = flags; // after handler (8) and mask (128) bytes
  const result = sys.sigaction(signal, action, null);
  if (result < 0) throw new Error(`sigaction ${signal}: errno ${-result}`);
}

export function ignoreSignal(signal: number): void {
  setAction(signal, SIG_IGN, 0n);
}

export function defaultSignal(signal: number): void {
  setAction(signal, SIG_DFL, 0n);
}

const names = Object.entries(sys.SIG).map(([name, number]) => [number, `SIG${name}`] as const);

/** "SIGTERM" for 15. */
export function signalName(signal: number): string {
  return names.find((row) => row[0] === signal)?.[1] ?? `signal ${signal}`;
}

export const exited = (status: number): boolean => (status & 0x7f) === 0;
export const exitCode = (status: number): number => (status >> 8) & 0xff;
export const endSignal = (status: number): number => status & 0x7f;
