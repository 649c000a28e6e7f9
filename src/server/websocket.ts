// WebSockets (RFC 6455), the server's half: a request to upgrade → its answer, bytes → messages, a message → a frame. No
// extension is agreed to, so frames are as they are. Sockets are connection.ts's, and what a message means is .z.ws's.

import type { HttpRequest } from "./http.ts";
import { headerOf } from "./http.ts";

/** What the accepted key is made with (RFC 6455, 1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A longer message is taken for an attack on our memory. */
const LONGEST_MESSAGE = 1 << 28;

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export type WebSocketEvent =
  | { readonly kind: "text" | "binary"; readonly bytes: Uint8Array }
  | { readonly kind: "ping"; readonly bytes: Uint8Array }
  | { readonly kind: "close" };

/** The answer to a request to upgrade, or why there is none. */
export function upgrade(request: HttpRequest): { answer: string } | { refused: string } {
  const words = (name: string): string[] =>
    (headerOf(request.headers, name) ?? "").split(",").map((word) => word.trim().toLowerCase());
  const key = headerOf(request.headers, "sec-websocket-key") ?? "";
  if (request.method !== "GET" || !words("upgrade").includes("websocket") || !words("connection").includes("upgrade"))
    return { refused: "400 Bad Request" };
  if (headerOf(request.headers, "sec-websocket-version") !== "13") return { refused: "426 Upgrade Required" };
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return { refused: "400 Bad Request" };
  const accepted = new Bun.CryptoHasher("sha1").update(key + GUID).digest("base64");
  return {
    answer: `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\n`,
  };
}

export type { WebSocketReader };
export const newWebSocketReader = (): WebSocketReader => new WebSocketReader();

/** One peer's frames, put together to messages. */
class WebSocketReader {
  private opcode = 0;
  private parts: Uint8Array[] = [];
  private byteCount = 0;

  /**
   * Takes the whole frames at the front: what they say, how many bytes they are, and how many must be there before the
   * next is whole. "bad": the peer does not keep to the protocol, and is to be left.
   */
  take(bytes: Uint8Array): { events: WebSocketEvent[]; taken: number; wanted: number } | "bad" {
    const events: WebSocketEvent[] = [];
    let at = 0;
    for (;;) {
      const rest = bytes.subarray(at);
      if (rest.length < 2) return { events, taken: at, wanted: 2 };
      const opcode = rest[0]! & 15;
      const isFinal = (rest[0]! & 0x80) !== 0;
      // No extension uses the reserved bits, and a client masks.
      if ((rest[0]! & 0x70) !== 0 || (rest[1]! & 0x80) === 0) return "bad";
      const short = rest[1]! & 0x7f;
      const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
      const head = 2 + lengthBytes + 4;
      if (rest.length < head) return { events, taken: at, wanted: head };
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      const length = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
      if (length + this.byteCount > LONGEST_MESSAGE) return "bad";
      if (rest.length < head + length) return { events, taken: at, wanted: head + length };
      const payload = rest.slice(head, head + length);
      for (let i = 0; i < length; i++) payload[i]! ^= rest[head - 4 + (i & 3)]!;
      at += head + length;
      if (opcode >= CLOSE) {
        if (!isFinal || length > 125) return "bad";
        if (opcode === CLOSE) return { events: [...events, { kind: "close" }], taken: at, wanted: 2 };
        if (opcode === PING) events.push({ kind: "ping", bytes: payload });
        else if (opcode !== PONG) return "bad";
        continue;
      }
      // A continuation belongs to a message that has begun, a first frame to none.
      if (opcode > BINARY || (opcode === 0) !== (this.opcode !== 0)) return "bad";
      if (opcode !== 0) this.opcode = opcode;
      this.parts.push(payload);
      this.byteCount += length;
      if (!isFinal) continue;
      const whole = this.parts.length === 1 ? payload : Buffer.concat(this.parts);
      events.push({ kind: this.opcode === TEXT ? "text" : "binary", bytes: whole });
      this.opcode = 0;
      this.parts = [];
      this.byteCount = 0;
    }
  }
}

const OPCODES = { text: TEXT, binary: BINARY, close: CLOSE, pong: PONG } as const;

/** One frame; a server does not mask. */
export function frame(kind: keyof typeof OPCODES, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65536 ? 4 : 10;
  const bytes = new Uint8Array(new ArrayBuffer(head + length));
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | OPCODES[kind];
  if (head === 2) bytes[1] = length;
  else if (head === 4) {
    bytes[1] = 126;
    view.setUint16(2, length);
  } else {
    bytes[1] = 127;
    view.setBigUint64(2, BigInt(length));
  }
  bytes.set(payload, head);
  return bytes;
}
