/**
 * redirect: bytes between a client and another host's port, inside perqd's loop. A half that has been closed stays
 * closed for its direction only (xinetd ends both); neither side is read faster than the other takes.
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import { type SocketAddress, startConnect } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

const BUFFER_BYTES = 65536;

interface Flow {
  from: number;
  to: number;
  buffer: Uint8Array;
  start: number;
  end: number;
  ended: boolean;
  shut: boolean;
  bytes: number;
}

export interface Relay {
  stop(): void;
}

/** failed: the errno (negative) of a connect that did not come about. done: bytes from the client, and to it. */
export function relay(
  client: number,
  target: SocketAddress,
  loop: PollLoop,
  failed: (errno: number) => void,
  done: (inBytes: number, outBytes: number) => void,
): Relay {
  const upstream = startConnect(target);
  let ended = false;
  const flow = (from: number, to: number): Flow => ({
    from,
    to,
    buffer: new Uint8Array(new ArrayBuffer(BUFFER_BYTES)),
    start: 0,
    end: 0,
    ended: false,
    shut: false,
    bytes: 0,
  });
  const inward = flow(client, upstream);
  const outward = flow(upstream, client);

  const end = (reset = false) => {
    if (ended) return;
    ended = true;
    loop.remove(client);
    if (upstream >= 0) {
      loop.remove(upstream);
      sys.close(upstream);
    }
    if (reset) sys.setSocketOptionBytes(client, sys.SOL_SOCKET, sys.SO_LINGER, new Int32Array([1, 0]));
    sys.close(client);
    done(inward.bytes, outward.bytes);
  };
  if (upstream < 0) {
    failed(upstream);
    end(true);
    return { stop: end };
  }
  sys.setNonBlocking(client, true);

  /** Moves what can be moved; false when the pair is finished or broken. */
  const move = (one: Flow): boolean => {
    if (one.start === one.end && !one.ended) {
      const got = sys.recv(one.from, one.buffer);
      if (got > 0) {
        one.start = 0;
        one.end = got;
      } else if (got === 0) one.ended = true;
      else if (got !== -EAGAIN && got !== -EINTR) return false;
    }
    while (one.start < one.end) {
      const sent = sys.send(one.to, one.buffer, one.start, one.end - one.start);
      if (sent === -EAGAIN || sent === -EINTR) break;
      if (sent < 0) return false;
      one.start += sent;
      one.bytes += sent;
    }
    if (one.ended && one.start === one.end && !one.shut) {
      one.shut = true;
      sys.shutdown(one.to, sys.SHUT_WR);
    }
    return !(inward.shut && outward.shut);
  };
  const wanted = (fd: number): number => {
    const reads = fd === client ? inward : outward;
    const writes = fd === client ? outward : inward;
    return (reads.start === reads.end && !reads.ended ? sys.POLLIN : 0) | (writes.start < writes.end ? sys.POLLOUT : 0);
  };
  const pump = () => {
    if (!move(inward) || !move(outward)) return end();
    for (const fd of [client, upstream]) {
      const events = wanted(fd);
      // Without anything to wait for, a hung-up descriptor would wake every poll.
      if (events === 0) loop.remove(fd);
      else if (loop.has(fd)) loop.watch(fd, events);
      else loop.add(fd, events, pump);
    }
  };
  loop.add(upstream, sys.POLLOUT, () => {
    const outcome = -sys.getSocketOption(upstream, sys.SOL_SOCKET, sys.SO_ERROR);
    if (outcome < 0) {
      failed(outcome);
      return end(true);
    }
    for (const fd of [client, upstream]) sys.setSocketOption(fd, sys.IPPROTO_TCP, sys.TCP_NODELAY, 1);
    loop.add(upstream, sys.POLLIN, pump);
    pump();
  });
  return { stop: () => end() };
}
