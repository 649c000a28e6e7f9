/**
 * The internal services: echo, discard, daytime, time, chargen, over stream and dgram, inside perqd's own loop. A
 * client that does not read gets no more than its socket holds; nothing here waits.
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import { decodeAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import type { BuiltinName, Dialect } from "../config/service.ts";

const BUFFER_BYTES = 16384;
const LINE_LENGTH = 72;
const months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const pad = (value: number) => String(value).padStart(2, "0");

/** xinetd: "23 NOV 2026 06:25:52 UTC"; inetd: ctime's "Mon Nov 23 06:30:40 2026". */
export function daytime(now: Date, dialect: Dialect): Uint8Array {
  const clock = `${pad(now.getHours())}:${pad(now.getMinutes())}:${pad(now.getSeconds())}`;
  if (dialect === "xinetd") {
    const zone = /\(([A-Z]{2,5})\)/.exec(now.toString())?.[1] ?? zoneName(now);
    return new TextEncoder().encode(
      `${pad(now.getDate())} ${months[now.getMonth()]} ${now.getFullYear()} ${clock} ${zone}\r\n`,
    );
  }
  const [weekday, month] = now.toString().split(" ");
  return new TextEncoder().encode(
    `${weekday} ${month} ${String(now.getDate()).padStart(2, " ")} ${clock} ${now.getFullYear()}\r\n`,
  );
}

function zoneName(now: Date): string {
  return (
    new Intl.DateTimeFormat("en-US", { timeZoneName: "short" })
      .formatToParts(now)
      .find((part) => part.type === "timeZoneName")?.value ?? "UTC"
  );
}

/** Seconds since 1900 as four bytes, RFC 868. */
export function time(nowMs: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, (Math.floor(nowMs / 1000) + 2_208_988_800) >>> 0);
  return bytes;
}

/** RFC 864's pattern: line n starts n characters further along the 95 printable ones. */
export function chargenLine(index: number): Uint8Array {
  const bytes = new Uint8Array(LINE_LENGTH + 2);
  for (let at = 0; at < LINE_LENGTH; at++) bytes[at] = 32 + ((index + at) % 95);
  bytes[LINE_LENGTH] = 13;
  bytes[LINE_LENGTH + 1] = 10;
  return bytes;
}

export interface StreamSession {
  /** Closes the connection; done is called once. */
  stop(): void;
}

/** Serves a connection (whose descriptor it makes non-blocking and closes). done gets bytes in and out. */
export function serveStream(
  name: BuiltinName,
  fd: number,
  dialect: Dialect,
  loop: PollLoop,
  done: (inBytes: number, outBytes: number) => void,
): StreamSession {
  let inBytes = 0;
  let outBytes = 0;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    loop.remove(fd);
    sys.close(fd);
    done(inBytes, outBytes);
  };
  sys.setNonBlocking(fd, true);
  if (name === "daytime" || name === "time") {
    const answer = name === "time" ? time(Date.now()) : daytime(new Date(), dialect);
    outBytes = Math.max(0, sys.send(fd, answer));
    end();
    return { stop: end };
  }
  const buffer = new Uint8Array(new ArrayBuffer(BUFFER_BYTES));
  let pendingFrom = 0;
  let pendingTo = 0;
  let line = dialect === "xinetd" ? 1 : 0; // its first line begins with "!"
  const soft = (result: number) => result === -EAGAIN || result === -EINTR;
  const flush = (): boolean => {
    while (pendingFrom < pendingTo) {
      const sent = sys.send(fd, buffer, pendingFrom, pendingTo - pendingFrom);
      if (sent < 0) {
        if (!soft(sent)) end();
        return false;
      }
      outBytes += sent;
      pendingFrom += sent;
    }
    return true;
  };
  const scratch = name === "chargen" ? new Uint8Array(new ArrayBuffer(BUFFER_BYTES)) : buffer;
  loop.add(fd, name === "chargen" ? sys.POLLIN | sys.POLLOUT : sys.POLLIN, (revents) => {
    if (name === "chargen" && revents & sys.POLLOUT && flush()) {
      pendingFrom = 0;
      pendingTo = 0;
      while (pendingTo + LINE_LENGTH + 2 <= BUFFER_BYTES) {
        buffer.set(chargenLine(line++), pendingTo);
        pendingTo += LINE_LENGTH + 2;
      }
      flush();
    }
    if (ended) return;
    if (name === "echo" && pendingFrom < pendingTo) {
      if (revents & sys.POLLOUT && flush()) loop.watch(fd, sys.POLLIN);
      else if (revents & (sys.POLLERR | sys.POLLHUP)) end();
      return;
    }
    if ((revents & ~sys.POLLOUT) === 0) return;
    const got = sys.recv(fd, scratch);
    if (got < 0 && soft(got)) return;
    if (got <= 0) return end();
    inBytes += got;
    if (name !== "echo") return;
    pendingFrom = 0;
    pendingTo = got;
    if (!flush() && !ended) loop.watch(fd, sys.POLLOUT);
  });
  return { stop: end };
}

/** Answers one datagram. */
export function serveDatagram(name: BuiltinName, fd: number, dialect: Dialect): void {
  const buffer = new Uint8Array(new ArrayBuffer(65536));
  const sockaddr = new Uint8Array(new ArrayBuffer(128));
  const length = new Int32Array([128]);
  const got = sys.recvFrom(fd, buffer, sockaddr, length, sys.MSG_DONTWAIT);
  if (got < 0) return;
  const from = sockaddr.slice(0, length[0]);
  const peer = decodeAddress(from);
  if (!("port" in peer)) return;
  // Two daemons answering each other would never stop: a reserved source port is not a client's.
  if (peer.port < 1024 || peer.port === 2049) return;
  if (dialect === "openbsd" && (peer.host.startsWith("127.") || peer.host === "::1")) return;
  const answer = datagramAnswer(name, buffer.subarray(0, got), dialect);
  if (answer !== undefined) sys.sendTo(fd, answer, answer.length, from, sys.MSG_DONTWAIT);
}

function datagramAnswer(name: BuiltinName, got: Uint8Array, dialect: Dialect): Uint8Array | undefined {
  switch (name) {
    case "echo":
      return got;
    case "daytime":
      return daytime(new Date(), dialect);
    case "time":
      return time(Date.now());
    case "chargen":
      return chargenLine(Math.floor(Math.random() * 95));
    default:
      return undefined;
  }
}
