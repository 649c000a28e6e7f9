/**
 * Socket addresses as values, and the few journeys every server makes with them: listen, accept, connect with a
 * time limit, ask what a descriptor is. Bytes of sockaddr stay in here. Waiting for many descriptors is poll.ts.
 */
import { EINPROGRESS, EINTR, ETIMEDOUT } from "./errno.ts";
import * as sys from "./sys.ts";

export type SocketAddress =
  | { family: "ipv4"; host: string; port: number }
  | { family: "ipv6"; host: string; port: number; scope: number }
  | { family: "unix"; path: string } // "" for an unnamed end, a leading NUL for an abstract name
  | { family: "unknown"; number: number };

const SOCKADDR_BYTES = 128;

/** Bytes of sockaddr → value. */
export function decodeAddress(bytes: Uint8Array, length = bytes.length): SocketAddress {
  if (length < 2) return { family: "unix", path: "" };
  const family = bytes[0] | (bytes[1] << 8);
  if (family === sys.AF_INET) {
    return {
      family: "ipv4",
      host: `${bytes[4]}.${bytes[5]}.${bytes[6]}.${bytes[7]}`,
      port: (bytes[2] << 8) | bytes[3],
    };
  }
  if (family === sys.AF_INET6) {
    const scope = (bytes[24] | (bytes[25] << 8) | (bytes[26] << 16) | (bytes[27] << 24)) >>> 0;
    return { family: "ipv6", host: formatIpv6(bytes.subarray(8, 24)), port: (bytes[2] << 8) | bytes[3], scope };
  }
  if (family === sys.AF_UNIX) {
    let end = length;
    while (end > 2 && bytes[end - 1] === 0) end--;
    return { family: "unix", path: new TextDecoder().decode(bytes.subarray(2, end)) };
  }
  return { family: "unknown", number: family };
}

/** 16 bytes → text as inet_ntop writes it: v4-mapped addresses dotted, the longest run of zeros as "::". */
export function formatIpv6(bytes: Uint8Array): string {
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return `::ffff:${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`;
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((bytes[at] << 8) | bytes[at + 1]);
  let bestStart = -1;
  let bestLength = 1; // a single zero group is written out
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > bestLength) {
      bestStart = start;
      bestLength = end - start;
    }
  }
  const hex = (list: number[]) => list.map((group) => group.toString(16)).join(":");
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}

/** A dotted quad → 4 bytes; undefined when it is not one. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let at = 0; at < 4; at++) {
    if (!/^\d{1,3}$/.test(parts[at])) return undefined;
    const value = Number(parts[at]);
    if (value > 255) return undefined;
    bytes[at] = value;
  }
  return bytes;
}

/** An IPv6 address (with a dotted tail too, without scope) → 16 bytes; undefined when it is not one. */
export function parseIpv6(text: string): Uint8Array | undefined {
  let rest = text;
  const tail: number[] = [];
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const v4 = parseIpv4(dotted[2]);
    if (v4 === undefined) return undefined;
    tail.push((v4[0] << 8) | v4[1], (v4[2] << 8) | v4[3]);
    rest = dotted[1].endsWith("::") ? dotted[1] : dotted[1].slice(0, -1);
  }
  const halves = rest.split("::");
  if (halves.length > 2) return undefined;
  const read = (half: string): number[] | undefined => {
    if (half === "") return [];
    const groups: number[] = [];
    for (const part of half.split(":")) {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
    return groups;
  };
  const head = read(halves[0]);
  const back = halves.length === 2 ? read(halves[1]) : [];
  if (head === undefined || back === undefined) return undefined;
  const known = head.length + back.length + tail.length;
  if (halves.length === 2 ? known > 7 : known !== 8) return undefined;
  const groups = [...head, ...new Array(8 - known).fill(0), ...back, ...tail];
  const bytes = new Uint8Array(16);
  groups.forEach((group, index) => {
    bytes[index * 2] = group >> 8;
    bytes[index * 2 + 1] = group & 255;
  });
  return bytes;
}

/** Value → bytes of sockaddr, exactly as long as the kernel wants them. Throws on text that is no address. */
export function encodeAddress(address: SocketAddress): Uint8Array<ArrayBuffer> {
  if (address.family === "ipv4") {
    const host = parseIpv4(address.host);
    if (host === undefined) throw new Error(`not an IPv4 address: ${address.host}`);
    const bytes = new Uint8Array(new ArrayBuffer(16));
    bytes[0] = sys.AF_INET;
    bytes[2] = address.port >> 8;
    bytes[3] = address.port & 255;
    bytes.set(host, 4);
    return bytes;
  }
  if (address.family === "ipv6") {
    const host = parseIpv6(address.host);
    if (host === undefined) throw new Error(`not an IPv6 address: ${address.host}`);
    const bytes = new Uint8Array(new ArrayBuffer(28));
    bytes[0] = sys.AF_INET6;
    bytes[2] = address.port >> 8;
    bytes[3] = address.port & 255;
    bytes.set(host, 8);
    new DataView(bytes.buffer).setUint32(24, address.scope, true);
    return bytes;
  }
  if (address.family === "unix") {
    const path = new TextEncoder().encode(address.path);
    if (path.length > 107) throw new Error(`a unix socket's path has at most 107 bytes: ${address.path}`);
    const bytes = new Uint8Array(new ArrayBuffer(2 + path.length + (path[0] === 0 ? 0 : 1)));
    bytes[0] = sys.AF_UNIX;
    bytes.set(path, 2);
    return bytes;
  }
  throw new Error(`cannot make an address of family ${address.number}`);
}

function familyNumber(address: SocketAddress): number {
  if (address.family === "ipv4") return sys.AF_INET;
  if (address.family === "ipv6") return sys.AF_INET6;
  if (address.family === "unix") return sys.AF_UNIX;
  return address.number;
}

/** "127.0.0.1:5000", "[::1]:5000", "unix:/path": for logs. */
export function addressText(address: SocketAddress): string {
  if (address.family === "ipv4") return `${address.host}:${address.port}`;
  if (address.family === "ipv6") return `[${address.host}]:${address.port}`;
  if (address.family === "unix") return `unix:${address.path.replaceAll("\0", "@")}`;
  return `family ${address.number}`;
}

type AddressCall = (fd: number, bytes: Uint8Array, length: Int32Array) => number;

function askAddress(call: AddressCall, fd: number): SocketAddress | number {
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  const length = new Int32Array([SOCKADDR_BYTES]);
  const result = call(fd, bytes, length);
  return result < 0 ? result : decodeAddress(bytes, length[0]);
}

/** Who is at the other end; minus errno when nobody is. */
export function peerAddress(fd: number): SocketAddress | number {
  return askAddress(sys.getPeerName, fd);
}

export function localAddress(fd: number): SocketAddress | number {
  return askAddress(sys.getSockName, fd);
}

/** What a descriptor is, as a program started by any inetd must know of its fd 0. */
export type DescriptorKind = "connection" | "listening" | "datagram" | "other";

export function descriptorKind(fd: number): DescriptorKind {
  const type = sys.getSocketOption(fd, sys.SOL_SOCKET, sys.SO_TYPE);
  if (type < 0) return "other";
  if (type === sys.SOCK_DGRAM) return "datagram";
  return sys.getSocketOption(fd, sys.SOL_SOCKET, sys.SO_ACCEPTCONN) === 1 ? "listening" : "connection";
}

export interface ListenOptions {
  backlog?: number;
  /** For IPv6: true accepts IPv6 only, false both, undefined leaves it to the kernel's setting. */
  v6only?: boolean;
  reuseAddress?: boolean;
  type?: number;
  sendBufferBytes?: number;
  receiveBufferBytes?: number;
  /** Called between socket and bind, for what else is to be set. */
  prepare?: (fd: number) => void;
}

/** A bound (and, unless a datagram one, listening) socket, or minus errno. */
export function listenOn(address: SocketAddress, options: ListenOptions = {}): number {
  const type = options.type ?? sys.SOCK_STREAM;
  const fd = sys.socket(familyNumber(address), type);
  if (fd < 0) return fd;
  if (address.family === "ipv6" && options.v6only !== undefined) {
    sys.setSocketOption(fd, sys.IPPROTO_IPV6, sys.IPV6_V6ONLY, options.v6only ? 1 : 0);
  }
  if (options.reuseAddress ?? true) sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, 1);
  if (options.sendBufferBytes) sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_SNDBUF, options.sendBufferBytes);
  if (options.receiveBufferBytes) sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_RCVBUF, options.receiveBufferBytes);
  options.prepare?.(fd);
  let result = sys.bind(fd, encodeAddress(address));
  if (result >= 0 && (type === sys.SOCK_STREAM || type === sys.SOCK_SEQPACKET)) {
    result = sys.listen(fd, options.backlog ?? 128);
  }
  if (result < 0) {
    sys.close(fd);
    return result;
  }
  return fd;
}

/** Accepts one connection: its descriptor and peer, or minus errno. nonBlocking concerns the new descriptor. */
export function acceptFrom(fd: number, nonBlocking = false): { fd: number; peer: SocketAddress } | number {
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  const length = new Int32Array([SOCKADDR_BYTES]);
  const result = sys.accept(fd, bytes, length, sys.SOCK_CLOEXEC | (nonBlocking ? sys.SOCK_NONBLOCK : 0));
  return result < 0 ? result : { fd: result, peer: decodeAddress(bytes, length[0]) };
}

/** Begins to connect: the (non-blocking) descriptor, whose POLLOUT tells that SO_ERROR has the outcome. */
export function startConnect(address: SocketAddress): number {
  const fd = sys.socket(familyNumber(address), sys.SOCK_STREAM | sys.SOCK_NONBLOCK);
  if (fd < 0) return fd;
  const result = sys.connect(fd, encodeAddress(address));
  if (result < 0 && result !== -EINPROGRESS) {
    sys.close(fd);
    return result;
  }
  return fd;
}

/**
 * Connects, waiting no longer than the limit (undefined: as long as the kernel tries). The descriptor is left
 * non-blocking. interrupted is asked after each EINTR and ends the wait with -EINTR when it says so.
 */
export function connectTo(address: SocketAddress, timeoutMs?: number, interrupted?: () => boolean): number {
  const fd = startConnect(address);
  if (fd < 0) return fd;
  const ready = waitFor(fd, sys.POLLOUT, timeoutMs, interrupted);
  const outcome = ready < 0 ? ready : -sys.getSocketOption(fd, sys.SOL_SOCKET, sys.SO_ERROR);
  if (outcome < 0) {
    sys.close(fd);
    return outcome;
  }
  return fd;
}

/** Waits for one descriptor: its revents, -ETIMEDOUT, or -EINTR when interrupted says to stop. */
export function waitFor(fd: number, events: number, timeoutMs?: number, interrupted?: () => boolean): number {
  const pollfds = new Int32Array(2);
  const deadline = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
  for (;;) {
    pollfds[0] = fd;
    pollfds[1] = events;
    const left = deadline === Infinity ? -1 : Math.max(0, Math.ceil(deadline - performance.now()));
    const result = sys.poll(pollfds, 1, left);
    if (result > 0) return pollfds[1] >>> 16;
    if (result === 0) return -ETIMEDOUT;
    if (result !== -EINTR || interrupted?.()) return result;
  }
}

/** Sends all bytes on a descriptor of either mode: 0, or minus errno. */
export function sendAll(fd: number, bytes: Uint8Array, timeoutMs?: number): number {
  let at = 0;
  while (at < bytes.length) {
    const sent = sys.send(fd, bytes, at);
    if (sent >= 0) at += sent;
    else if (sent === -11) {
      const ready = waitFor(fd, sys.POLLOUT, timeoutMs);
      if (ready < 0) return ready;
    } else if (sent !== -EINTR) return sent;
  }
  return 0;
}
