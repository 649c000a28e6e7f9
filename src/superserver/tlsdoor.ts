/**
 * tls = yes: perqd speaks TLS with the client and plain bytes with the server, which has one end of a socket pair where
 * it otherwise has the client. Any program serves TLS this way. All of it inside perqd's loop; nothing waits.
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import * as sys from "#platform/sys.ts";
import { TlsConnection, TlsContext } from "#platform/tls.ts";
import type { Service } from "./config/service.ts";
import { helloServerName, MOST_HELLO_BYTES } from "./hello.ts";
import { printable } from "./logs.ts";

const BUFFER_BYTES = 32768;
const PATIENCE_MS = 10_000;
/** A longer name is refused rather than cut: what is cut off could make it another's. */
const MOST_SUBJECT_BYTES = 500;

/** The service's certificates as its files have them now. Throws TlsError. warn: one that is not good today. */
export function openCertificates(
  { certificates, authorities, verify }: NonNullable<Service["tls"]>,
  warn: (text: string) => void,
): TlsContext[] {
  const opened: TlsContext[] = [];
  try {
    for (const one of certificates) {
      const context = new TlsContext({ role: "server", ...one, authorities, verify });
      opened.push(context);
      const validity = context.validity();
      if (validity !== "good")
        warn(`certificate ${one.certificate} ${validity === "expired" ? "has expired" : "is not valid yet"}`);
    }
    return opened;
  } catch (error) {
    for (const one of opened) one.close();
    throw error;
  }
}

/**
 * Shakes hands within ten seconds: then ready, or failed with the reason (and the descriptor closed). Of several
 * certificates the client's server name chooses. It is read before OpenSSL sees a byte, because OpenSSL would ask by
 * calling back, and nobody calls back into this program (the FFI rule: callbacks could come at any time).
 */
export function welcomeTls(
  contexts: readonly TlsContext[],
  fd: number,
  loop: PollLoop,
  ready: (connection: TlsConnection) => void,
  failed: (why: string) => void,
): void {
  sys.setNonBlocking(fd, true);
  let connection: TlsConnection | undefined;
  const leave = (why: string) => {
    loop.cancel(timer);
    loop.remove(fd);
    connection?.close();
    sys.close(fd);
    failed(why);
  };
  const timer = loop.after(PATIENCE_MS, () => leave(`no handshake within ${PATIENCE_MS / 1000} s`));
  const begin = (context: TlsContext) => {
    const shaking = new TlsConnection(context, fd);
    connection = shaking;
    step(shaking);
  };
  const step = (connection: TlsConnection) => {
    const result = connection.handshake();
    if (result === "done") {
      if (Buffer.byteLength(connection.peerSubject ?? "") > MOST_SUBJECT_BYTES)
        return leave("the subject of the client's certificate is too long");
      loop.cancel(timer);
      loop.remove(fd);
      ready(connection);
    } else if (result === "read" || result === "write")
      loop.add(fd, result === "read" ? sys.POLLIN : sys.POLLOUT, () => step(connection));
    else leave(result.failure);
  };
  if (contexts.length === 1) begin(contexts[0]);
  else peekName(fd, loop, (name) => begin(contextFor(contexts, name)));
}

const contextFor = (contexts: readonly TlsContext[], name: string | undefined) =>
  (name === undefined ? undefined : contexts.find((one) => one.isFor(name))) ?? contexts[0];

/** The name in the hello, which stays in the socket. The caller's patience bounds it. */
function peekName(fd: number, loop: PollLoop, done: (name: string | undefined) => void): void {
  const bytes = new Uint8Array(new ArrayBuffer(MOST_HELLO_BYTES));
  let seen = 0;
  // A peeked socket stays readable: poll is to wake when there is more than was seen, or the end.
  const wakeAt = (count: number) => sys.setSocketOption(fd, sys.SOL_SOCKET, sys.SO_RCVLOWAT, count);
  const look = () => {
    const got = sys.recv(fd, bytes, 0, bytes.length, sys.MSG_PEEK | sys.MSG_DONTWAIT);
    if (got === -EAGAIN || got === -EINTR) return;
    const hello = got > seen ? helloServerName(bytes.subarray(0, got)) : { state: "done" as const };
    if (hello.state === "more") {
      seen = got;
      wakeAt(got + 1);
      return;
    }
    if (seen > 0) wakeAt(1);
    loop.remove(fd);
    done("name" in hello ? hello.name : undefined);
  };
  loop.add(fd, sys.POLLIN, look);
}

/** What the server's environment says of the encryption, in the names of Apache's mod_ssl. */
export function tlsVariables(connection: TlsConnection): string[] {
  const variables = [`SSL_PROTOCOL=${connection.version}`, `SSL_CIPHER=${connection.cipher}`];
  const name = connection.serverName;
  if (name !== undefined) variables.push(`SSL_TLS_SNI=${printable(name)}`);
  const subject = connection.peerSubject;
  variables.push(`SSL_CLIENT_VERIFY=${subject === undefined ? "NONE" : "SUCCESS"}`); // a bad one is not let in
  if (subject !== undefined) variables.push(`SSL_CLIENT_S_DN=${printable(subject, MOST_SUBJECT_BYTES)}`);
  return variables;
}

/** Moves bytes between the TLS connection and our end of the pair until both have ended. done: bytes in, bytes out. */
export function relayTls(
  connection: TlsConnection,
  plain: number,
  loop: PollLoop,
  done: (inBytes: number, outBytes: number) => void,
): { stop(): void; idleMs(): number } {
  const { fd } = connection;
  const inward = {
    bytes: new Uint8Array(new ArrayBuffer(BUFFER_BYTES)),
    start: 0,
    end: 0,
    ended: false,
    shut: false,
    total: 0,
  };
  const outward = {
    bytes: new Uint8Array(new ArrayBuffer(BUFFER_BYTES)),
    start: 0,
    end: 0,
    ended: false,
    shut: false,
    total: 0,
  };
  // A TLS read may have to write first, and the other way round.
  let readWants: "read" | "write" = "read";
  let writeWants: "read" | "write" = "write";
  let over = false;
  let movedMs = performance.now();
  sys.setNonBlocking(plain, true);

  const end = () => {
    if (over) return;
    over = true;
    loop.remove(fd);
    loop.remove(plain);
    connection.close();
    sys.close(fd);
    sys.close(plain);
    done(inward.total, outward.total);
  };
  const soft = (result: number) => result === -EAGAIN || result === -EINTR;

  /** Client → server. False when it is broken. */
  const moveIn = (): boolean => {
    for (let rounds = 0; rounds < 8; rounds++) {
      if (inward.start === inward.end) {
        if (inward.ended) break;
        const got = connection.read(inward.bytes);
        if (typeof got === "object") return false;
        if (typeof got === "string") {
          readWants = got;
          break;
        }
        readWants = "read";
        if (got === 0) {
          inward.ended = true;
          break;
        }
        inward.start = 0;
        inward.end = got;
      }
      const sent = sys.send(plain, inward.bytes, inward.start, inward.end - inward.start);
      if (sent < 0) {
        if (!soft(sent)) return false;
        break;
      }
      inward.start += sent;
      inward.total += sent;
    }
    if (inward.ended && inward.start === inward.end && !inward.shut) {
      inward.shut = true;
      sys.shutdown(plain, sys.SHUT_WR);
    }
    return true;
  };

  /** Server → client. False when it is broken. */
  const moveOut = (): boolean => {
    for (let rounds = 0; rounds < 8; rounds++) {
      if (outward.start === outward.end) {
        if (outward.ended) break;
        const got = sys.recv(plain, outward.bytes);
        if (got < 0) {
          if (!soft(got)) return false;
          break;
        }
        if (got === 0) {
          outward.ended = true;
          break;
        }
        outward.start = 0;
        outward.end = got;
      }
      const sent = connection.write(outward.bytes, outward.start, outward.end - outward.start);
      if (typeof sent === "object") return false;
      if (typeof sent === "string") {
        writeWants = sent;
        break;
      }
      writeWants = "write";
      outward.start += sent;
      outward.total += sent;
    }
    if (outward.ended && outward.start === outward.end && !outward.shut) {
      outward.shut = true;
      connection.goodbye();
      sys.shutdown(fd, sys.SHUT_WR);
    }
    return true;
  };

  const watch = (which: number, events: number) => {
    if (events === 0) loop.remove(which);
    else if (loop.has(which)) loop.watch(which, events);
    else loop.add(which, events, pump);
  };

  function pump(): void {
    const before = inward.total + outward.total;
    const works = moveIn() && moveOut();
    if (inward.total + outward.total > before) movedMs = performance.now();
    // Once the server is gone nobody reads what else comes.
    if (!works || (outward.shut && (inward.shut || inward.start === inward.end))) {
      end();
      return;
    }
    const event = (wants: "read" | "write") => (wants === "read" ? sys.POLLIN : sys.POLLOUT);
    const reading = inward.start === inward.end && !inward.ended;
    const writing = outward.start < outward.end;
    watch(fd, (reading ? event(readWants) : 0) | (writing ? event(writeWants) : 0));
    watch(
      plain,
      (outward.start === outward.end && !outward.ended ? sys.POLLIN : 0) |
        (inward.start < inward.end ? sys.POLLOUT : 0),
    );
    // Bytes already decrypted do not make the descriptor readable.
    if (reading && connection.pending > 0) loop.after(0, () => !over && pump());
  }

  pump();
  return { stop: end, idleMs: () => performance.now() - movedMs };
}
