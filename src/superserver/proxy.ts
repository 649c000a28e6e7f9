/**
 * The PROXY protocol, versions 1 and 2, as a service with proxy_protocol = yes expects it before anything else: who the
 * client really is. Bytes → header; what follows the header stays in the socket for the server.
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import { formatIpv6, parseIpv4, parseIpv6, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

export type ProxyHeader =
  | { state: "more" }
  | { state: "bad" }
  /** peer undefined: the proxy speaks for itself (UNKNOWN, LOCAL), and its own address counts. */
  | { state: "done"; length: number; peer?: SocketAddress };

const V2_SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
const MOST_V1_BYTES = 107;
const MOST_V2_BYTES = 4096;

export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return { state: "more" };
  if (bytes[0] === 13) return parseVersion2(bytes);
  const start = "PROXY ";
  for (let at = 0; at < Math.min(start.length, bytes.length); at++)
    if (bytes[at] !== start.charCodeAt(at)) return { state: "bad" };
  const end = bytes.subarray(0, MOST_V1_BYTES).indexOf(10);
  if (end < 0) return { state: bytes.length >= MOST_V1_BYTES ? "bad" : "more" };
  if (bytes[end - 1] !== 13) return { state: "bad" };
  const words = new TextDecoder("latin1").decode(bytes.subarray(0, end - 1)).split(" ");
  const length = end + 1;
  if (words[1] === "UNKNOWN") return { state: "done", length };
  const port = Number(words[4]);
  if (words.length !== 6 || !/^\d{1,5}$/.test(words[4]) || port > 65535) return { state: "bad" };
  if (words[1] === "TCP4" && parseIpv4(words[2]))
    return { state: "done", length, peer: { family: "ipv4", host: words[2], port } };
  const six = words[1] === "TCP6" ? parseIpv6(words[2]) : undefined;
  return six
    ? { state: "done", length, peer: { family: "ipv6", host: formatIpv6(six), port, scope: 0 } }
    : { state: "bad" };
}

function parseVersion2(bytes: Uint8Array): ProxyHeader {
  for (let at = 0; at < Math.min(12, bytes.length); at++) if (bytes[at] !== V2_SIGNATURE[at]) return { state: "bad" };
  if (bytes.length < 16) return { state: "more" };
  const length = 16 + ((bytes[14] << 8) | bytes[15]);
  if (bytes[12] >> 4 !== 2 || length > MOST_V2_BYTES) return { state: "bad" };
  if (bytes.length < length) return { state: "more" };
  if ((bytes[12] & 15) === 0) return { state: "done", length }; // LOCAL
  const family = bytes[13] >> 4;
  if (family === 1 && length >= 28) {
    return {
      state: "done",
      length,
      peer: { family: "ipv4", host: bytes.subarray(16, 20).join("."), port: (bytes[24] << 8) | bytes[25] },
    };
  }
  if (family === 2 && length >= 52) {
    const host = formatIpv6(bytes.subarray(16, 32));
    return { state: "done", length, peer: { family: "ipv6", host, port: (bytes[48] << 8) | bytes[49], scope: 0 } };
  }
  return { state: "done", length };
}

const PATIENCE_MS = 5000;

/** Takes the header off the socket: done with the client's address (or its absence), failed when there is none. */
export function takeProxyHeader(
  fd: number,
  loop: PollLoop,
  done: (peer?: SocketAddress) => void,
  failed: (why: string) => void,
): void {
  const bytes = new Uint8Array(new ArrayBuffer(MOST_V2_BYTES));
  const end = () => {
    loop.cancel(timer);
    loop.remove(fd);
  };
  const fail = (why: string) => {
    end();
    failed(why);
  };
  const timer = loop.after(PATIENCE_MS, () => fail("no header within 5 s"));
  let seen = 0;
  const look = () => {
    const got = sys.recv(fd, bytes, 0, bytes.length, sys.MSG_PEEK | sys.MSG_DONTWAIT);
    if (got === -EAGAIN || got === -EINTR) return;
    if (got <= 0) return fail("the connection ended");
    const header = parseProxyHeader(bytes.subarray(0, got));
    if (header.state === "bad") return fail("not a PROXY header");
    if (header.state === "more") {
      if (got === seen) return fail("the connection ended"); // the mark woke us, and no byte had come
      seen = got;
      // A peeked socket stays readable: poll is to wake when there is more, or the end.
      sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_RCVLOWAT, got + 1);
      return;
    }
    if (seen > 0) sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_RCVLOWAT, 1);
    sys.recv(fd, bytes, 0, header.length, sys.MSG_DONTWAIT);
    end();
    done(header.peer);
  };
  loop.add(fd, sys.POLLIN, look);
}
