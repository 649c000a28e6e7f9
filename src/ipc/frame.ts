// Message frames: the 8-byte header (formats.md §11) and where each message of a stream of bytes ends. Whatever is not
// a whole message yet is handed back. Payloads are views of the caller's bytes: nothing is copied here.

import { signal } from "#values/signals.ts";

export const HEADER_BYTES = 8;
export type MessageType = 0 | 1 | 2;
export const ASYNC = 0;
export const SYNC = 1;
export const RESPONSE = 2;

export interface Message {
  /** Byte order of every number in it, set by its sender. */
  readonly little: boolean;
  readonly type: MessageType;
  readonly compressed: boolean;
  /** The whole message, header included: what `decodeMessage` takes. */
  readonly bytes: Uint8Array;
}

/** Longest message taken: counts are 32-bit below capability 6, and all vectors share 4 GiB anyway. */
export const LONGEST_MESSAGE = 2 ** 31 - 1;

export interface Taken {
  readonly messages: Message[];
  readonly rest: Uint8Array;
  /** How long `rest` has to become before there is another message: lets a reader allocate once. */
  readonly wanted: number;
}

/** Cuts whole messages off the front of the bytes that came. Signals 'badmsg when what comes is no message at all. */
export function takeMessages(buffer: Uint8Array, longest = LONGEST_MESSAGE): Taken {
  const messages: Message[] = [];
  let at = 0;
  let wanted = HEADER_BYTES;
  while (buffer.length - at >= HEADER_BYTES) {
    const length = messageLength(buffer, at, longest);
    if (buffer.length - at < length) {
      wanted = length;
      break;
    }
    messages.push({
      little: buffer[at] === 1,
      type: buffer[at + 1] as MessageType,
      compressed: buffer[at + 2] !== 0,
      bytes: buffer.subarray(at, at + length),
    });
    at += length;
  }
  return { messages, rest: buffer.subarray(at), wanted };
}

function messageLength(buffer: Uint8Array, at: number, longest: number): number {
  const [endian, type, compressed, high] = buffer.subarray(at, at + 4) as unknown as [number, number, number, number];
  if (endian > 1) throw signal("badmsg", `byte order ${endian}`);
  if (type > 2) throw signal("badmsg", `message type ${type}`);
  if (compressed > 2) throw signal("badmsg", `compression ${compressed}`);
  const view = new DataView(buffer.buffer, buffer.byteOffset + at, HEADER_BYTES);
  const length = high * 2 ** 32 + view.getUint32(4, endian === 1);
  if (length <= HEADER_BYTES) throw signal("badmsg", `a message of ${length} bytes`);
  if (length > longest) throw signal("badmsg", `a message of ${length} bytes, ${longest} at most`);
  return length;
}

/** The header of a little-endian message of `length` bytes in all. */
export function writeHeader(target: Uint8Array, at: number, type: MessageType, length: number, compressed = 0): void {
  target[at] = 1;
  target[at + 1] = type;
  target[at + 2] = compressed;
  target[at + 3] = 0;
  new DataView(target.buffer, target.byteOffset + at, HEADER_BYTES).setUint32(4, length, true);
}
