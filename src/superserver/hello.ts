/**
 * The server name that a TLS client asks for, read from its first bytes before the handshake begins (RFC 8446 §4.1.2,
 * RFC 6066 §3). Only that: whether the hello is a good one is OpenSSL's to say.
 */

export type HelloName =
  | { state: "more" }
  /** name undefined: it asks for none, or this is no hello; OpenSSL will find the words. */
  | { state: "done"; name?: string };

/** A hello has a record or a few; who needs more gets the first certificate. */
export const MOST_HELLO_BYTES = 16_384;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const NOTHING: HelloName = { state: "done" };

export function helloServerName(bytes: Uint8Array): HelloName {
  const more: HelloName = bytes.length < MOST_HELLO_BYTES ? { state: "more" } : NOTHING;
  // The message may be spread over records: their payloads, one behind the other.
  const message = new Uint8Array(Math.min(bytes.length, MOST_HELLO_BYTES));
  let length = 0;
  for (let at = 0; ; ) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE_RECORD) return NOTHING;
    if (at + 5 > bytes.length) return more;
    const end = at + 5 + ((bytes[at + 3] << 8) | bytes[at + 4]);
    if (end === at + 5) return NOTHING;
    const part = bytes.subarray(at + 5, Math.min(end, MOST_HELLO_BYTES));
    message.set(part, length);
    length += part.length;
    if (length > 0 && message[0] !== CLIENT_HELLO) return NOTHING;
    if (length >= 4) {
      const wanted = 4 + ((message[1] << 16) | (message[2] << 8) | message[3]);
      if (wanted > MOST_HELLO_BYTES) return NOTHING;
      if (length >= wanted) return { state: "done", name: nameIn(message.subarray(4, wanted)) };
    }
    if (end > bytes.length) return more;
    at = end;
  }
}

/** The body of a ClientHello: version, random, then fields that each begin with their length. */
function nameIn(body: Uint8Array): string | undefined {
  let at = 2 + 32;
  const number = (width: number): number => {
    let value = 0;
    for (let index = 0; index < width; index++) value = value * 256 + (body[at + index] ?? 0);
    at += width;
    return value;
  };
  const skip = (width: number) => {
    const length = number(width);
    at += length;
  };
  for (const width of [1, 2, 1]) skip(width); // session id, cipher suites, compression methods
  const extensionsEnd = Math.min(body.length, number(2) + at);
  while (at + 4 <= extensionsEnd) {
    const type = number(2);
    const end = number(2) + at;
    if (end > extensionsEnd) return undefined;
    if (type !== SERVER_NAME) {
      at = end;
      continue;
    }
    at += 2; // the list's own length: of its entries only the first can be a host name
    const isHost = number(1) === HOST_NAME;
    const nameLength = number(2);
    if (!isHost || nameLength === 0 || nameLength > 255 || at + nameLength > end) return undefined;
    const name = String.fromCharCode(...body.subarray(at, at + nameLength));
    return /^[A-Za-z0-9._-]+$/.test(name) ? name : undefined;
  }
  return undefined;
}
