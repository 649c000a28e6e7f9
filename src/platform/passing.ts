/**
 * Descriptors over a unix socket (SCM_RIGHTS): bytes together with at most a few descriptors. A message is taken
 * whole or refused; a descriptor that was not asked for is closed.
 */
import * as sys from "./sys.ts";

const MAX_DESCRIPTORS = 8;

function message(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  control: Uint8Array<ArrayBuffer>,
  controlLength: number,
) {
  const iov = new BigUint64Array(new ArrayBuffer(16));
  iov[0] = BigInt(sys.addressOf(bytes));
  iov[1] = BigInt(length);
  const header = new BigUint64Array(new ArrayBuffer(56));
  header[2] = BigInt(sys.addressOf(iov));
  header[3] = 1n;
  header[4] = BigInt(sys.addressOf(control));
  header[5] = BigInt(controlLength);
  return { header, iov };
}

/** Sends bytes (at least one) and descriptors in one message: bytes sent, or minus errno. */
export function sendDescriptors(fd: number, text: Uint8Array, fds: number[], flags = 0): number {
  if (text.length === 0) throw new Error("descriptors travel with at least one byte");
  if (fds.length > MAX_DESCRIPTORS) throw new Error(`at most ${MAX_DESCRIPTORS} descriptors in a message`);
  const bytes = new Uint8Array(new ArrayBuffer(text.length));
  bytes.set(text);
  const control = new Uint8Array(new ArrayBuffer(16 + MAX_DESCRIPTORS * 4));
  const view = new DataView(control.buffer);
  view.setBigUint64(0, BigInt(16 + fds.length * 4), true);
  view.setInt32(8, sys.SOL_SOCKET, true);
  view.setInt32(12, 1 /* SCM_RIGHTS */, true);
  fds.forEach((one, index) => void view.setInt32(16 + index * 4, one, true));
  const { header, iov } = message(
    bytes,
    bytes.length,
    control,
    fds.length === 0 ? 0 : 16 + Math.ceil(fds.length / 2) * 8,
  );
  const result = sys.sendMessage(fd, header, flags | sys.MSG_NOSIGNAL);
  keep(bytes, control, iov);
  return result;
}

export interface Received {
  bytes: Uint8Array;
  /** Closed on exec. The receiver's to close. */
  fds: number[];
  /** More came than the buffers could hold; what did not fit is lost. */
  truncated: boolean;
}

/** Receives one message of at most maxBytes: undefined at the end of the stream, minus errno on failure. */
export function receiveDescriptors(fd: number, maxBytes: number, flags = 0): Received | undefined | number {
  const bytes = new Uint8Array(new ArrayBuffer(maxBytes));
  const control = new Uint8Array(new ArrayBuffer(16 + MAX_DESCRIPTORS * 4));
  const { header, iov } = message(bytes, maxBytes, control, control.length);
  const result = sys.receiveMessage(fd, header, flags | sys.MSG_CMSG_CLOEXEC);
  keep(iov, control);
  if (result < 0) return result;
  const fds: number[] = [];
  const controlLength = Number(header[5]);
  const view = new DataView(control.buffer);
  if (controlLength >= 16 && view.getInt32(8, true) === sys.SOL_SOCKET && view.getInt32(12, true) === 1) {
    const end = Math.min(Number(view.getBigUint64(0, true)), controlLength);
    for (let at = 16; at + 4 <= end; at += 4) fds.push(view.getInt32(at, true));
  }
  if (result === 0 && fds.length === 0) return undefined;
  const truncated = (Number(header[6] & 0xffffffffn) & (0x20 | 0x8)) !== 0; // MSG_TRUNC, MSG_CTRUNC
  return { bytes: bytes.subarray(0, result), fds, truncated };
}

/**
 * One datagram and the process that sent it, as the kernel vouches for it (the socket has SO_PASSCRED): minus errno when
 * there is none.
 */
export function receiveFrom(
  fd: number,
  bytes: Uint8Array<ArrayBuffer>,
  flags = 0,
): { length: number; pid: number } | number {
  const control = new Uint8Array(new ArrayBuffer(64));
  const { header, iov } = message(bytes, bytes.length, control, control.length);
  const length = sys.receiveMessage(fd, header, flags | sys.MSG_CMSG_CLOEXEC);
  keep(iov, control);
  if (length < 0) return length;
  const view = new DataView(control.buffer);
  const hasCredentials =
    Number(header[5]) >= 28 && view.getInt32(8, true) === sys.SOL_SOCKET && view.getInt32(12, true) === 2; // SCM_CREDENTIALS
  return { length, pid: hasCredentials ? view.getInt32(16, true) : 0 };
}

/** The collector must not take a buffer whose address a struct held during the call. */
function keep(...buffers: NodeJS.TypedArray[]): number {
  return buffers.length;
}

/** pid, uid and gid of the process at the other end of a unix socket, as the kernel vouches for them. */
export function peerCredentials(fd: number): { pid: number; uid: number; gid: number } | number {
  const credentials = new Int32Array(3);
  const result = sys.getSocketOptionBytes(fd, sys.SOL_SOCKET, sys.SO_PEERCRED, credentials);
  return result < 0 ? result : { pid: credentials[0], uid: credentials[1] >>> 0, gid: credentials[2] >>> 0 };
}
