/**
 * Reverse names, for the few rules that ask for them (.domain in only_from, names in hosts.allow). A name server may
 * take seconds, and perqd has one loop: so getent(1) asks, in a child, and the answer is kept for a minute.
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import { encodeAddress, parseIpv4, type SocketAddress } from "#platform/sockets.ts";
import { startChild } from "#platform/spawn.ts";
import * as sys from "#platform/sys.ts";

const GETENT = "/usr/bin/getent";
const PATIENCE_MS = 10_000;
const KEPT_MS = 60_000;
const MOST_KEPT = 1000;
const MOST_ASKING = 16;

type Done = (name: string | undefined) => void;

export class ReverseNames {
  private readonly known = new Map<string, { name: string | undefined; untilMs: number }>();
  private readonly asking = new Map<string, Done[]>();

  constructor(private readonly loop: PollLoop) {}

  /** done is called at once when the answer is known. A name that does not come in time is none. */
  find(host: string, done: Done): void {
    const plain = host.replace(/^::ffff:(?=\d+\.)/, "");
    const kept = this.known.get(plain);
    if (kept !== undefined && performance.now() < kept.untilMs) {
      done(kept.name);
      return;
    }
    const others = this.asking.get(plain);
    if (others !== undefined) {
      others.push(done);
      return;
    }
    if (this.asking.size >= MOST_ASKING) {
      done(undefined); // rules that ask for a name then say no, as for a client without one
      return;
    }
    this.asking.set(plain, [done]);
    this.ask(plain);
  }

  private answer(host: string, name: string | undefined): void {
    if (this.known.size >= MOST_KEPT) this.known.clear();
    this.known.set(host, { name, untilMs: performance.now() + KEPT_MS });
    const waiting = this.asking.get(host) ?? [];
    this.asking.delete(host);
    for (const done of waiting) done(name);
  }

  private ask(host: string): void {
    const pipe = sys.access(GETENT, sys.X_OK) < 0 ? undefined : sys.pipe();
    if (typeof pipe === "number") {
      this.answer(host, undefined); // no descriptor, no name
      return;
    }
    if (pipe === undefined) {
      // Without getent the resolver is asked here, and the loop waits for it.
      const address: SocketAddress = parseIpv4(host)
        ? { family: "ipv4", host, port: 0 }
        : { family: "ipv6", host, port: 0, scope: 0 };
      this.answer(host, sys.nameOf(encodeAddress(address)));
      return;
    }
    const [readEnd, writeEnd] = pipe;
    const nothing = sys.open("/dev/null", sys.O_RDWR | sys.O_CLOEXEC);
    if (nothing < 0) {
      sys.close(readEnd);
      sys.close(writeEnd);
      this.answer(host, undefined);
      return;
    }
    const started = startChild({ file: GETENT, argv: ["getent", "hosts", host], environment: ["LC_ALL=C"] }, [
      nothing,
      writeEnd,
      nothing,
    ]);
    sys.close(writeEnd);
    sys.close(nothing);
    const bytes = new Uint8Array(new ArrayBuffer(4096));
    let text = "";
    const end = (name: string | undefined) => {
      this.loop.cancel(timer);
      this.loop.remove(readEnd);
      sys.close(readEnd);
      this.answer(host, name);
    };
    const timer = this.loop.after(PATIENCE_MS, () => {
      if (typeof started !== "number") sys.kill(started.pid, sys.SIG.KILL);
      end(undefined);
    });
    this.loop.add(readEnd, sys.POLLIN, () => {
      const got = sys.readBytes(readEnd, bytes);
      if (got === -EAGAIN || got === -EINTR) return;
      if (got > 0) text += new TextDecoder("latin1").decode(bytes.subarray(0, got));
      if (got <= 0 || text.length > 4096) end(/^\S+\s+(\S+)/.exec(text)?.[1]);
    });
  }
}
