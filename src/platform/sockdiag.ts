/**
 * How many bytes went over TCP connections, as the kernel counts them (sock_diag(7), struct tcp_info): also over those
 * whose descriptor only another process has. Reading it needs no privilege.
 */
import { EINTR } from "./errno.ts";
import { formatIpv6 } from "./sockets.ts";
import * as sys from "./sys.ts";

const AF_NETLINK = 16;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const INET_DIAG_INFO = 2;
const IPPROTO_TCP = 6;
/** Whatever has a peer: established, the closing states, not TIME_WAIT (no process has that one any more). */
const STATES = (1 << 1) | (1 << 4) | (1 << 5) | (1 << 8) | (1 << 9) | (1 << 11);
const HEADER = 16;
const MESSAGE = 72; // struct inet_diag_msg
const BYTES_ACKED = 120; // into struct tcp_info; bytes_received follows

export interface Traffic {
  received: number;
  sent: number;
}

export const trafficKey = (localPort: number, peerHost: string, peerPort: number): string =>
  `${localPort}<${peerHost.replace(/^::ffff:(?=\d+\.)/, "")}:${peerPort}`;

/** Every TCP connection of this network namespace by trafficKey; empty where the kernel does not tell. */
export function tcpTraffic(): Map<string, Traffic> {
  const found = new Map<string, Traffic>();
  const fd = sys.socket(AF_NETLINK, sys.SOCK_RAW, NETLINK_SOCK_DIAG);
  if (fd < 0) return found;
  try {
    for (const family of [sys.AF_INET, sys.AF_INET6]) dump(fd, family, found);
  } finally {
    sys.close(fd);
  }
  return found;
}

function request(family: number): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(HEADER + 56));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
  bytes[HEADER] = family;
  bytes[HEADER + 1] = IPPROTO_TCP;
  bytes[HEADER + 2] = 1 << (INET_DIAG_INFO - 1);
  view.setUint32(HEADER + 4, STATES, true);
  return bytes;
}

function dump(fd: number, family: number, found: Map<string, Traffic>): void {
  if (sys.send(fd, request(family)) < 0) return;
  const buffer = new Uint8Array(new ArrayBuffer(65536));
  const view = new DataView(buffer.buffer);
  for (;;) {
    const got = sys.recv(fd, buffer);
    if (got === -EINTR) continue;
    if (got <= 0) return;
    for (let at = 0; at + HEADER <= got; ) {
      const length = view.getUint32(at, true);
      const type = view.getUint16(at + 4, true);
      if (type === NLMSG_DONE || type === NLMSG_ERROR || length < HEADER) return;
      readOne(buffer, view, at + HEADER, at + length, found);
      at += (length + 3) & ~3;
    }
  }
}

function readOne(buffer: Uint8Array, view: DataView, at: number, end: number, found: Map<string, Traffic>): void {
  const peer = buffer.subarray(at + 24, at + 40);
  const host = buffer[at] === sys.AF_INET ? peer.subarray(0, 4).join(".") : formatIpv6(peer);
  const key = trafficKey(view.getUint16(at + 4), host, view.getUint16(at + 6));
  for (let attribute = at + MESSAGE; attribute + 4 <= end; ) {
    const length = view.getUint16(attribute, true);
    if (length < 4) return;
    if (view.getUint16(attribute + 2, true) === INET_DIAG_INFO && length >= 4 + BYTES_ACKED + 16) {
      const sent = Number(view.getBigUint64(attribute + 4 + BYTES_ACKED, true));
      const received = Number(view.getBigUint64(attribute + 4 + BYTES_ACKED + 8, true));
      found.set(key, { received, sent });
      return;
    }
    attribute += (length + 3) & ~3;
  }
}
