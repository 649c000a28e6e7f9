/**
 * RFC 1413: asks the client's machine who opened a connection. The answer is only what that machine says; it goes to
 * the log. Never waits: the loop calls back with the user, or with why there is none.
 */
import { EAGAIN, EINTR, errorText } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import { localAddress, type SocketAddress, startConnect } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { printable } from "./logs.ts";

const IDENT_PORT = 113;
const PATIENCE_MS = 30_000;
const MOST_ANSWER_BYTES = 1000;

export type Identity = { user: string } | { none: string };

/** Text of an answer → who: "6193, 23 : USERID : UNIX : stjohns". */
export function parseIdentity(answer: string): Identity {
  const fields = answer.replace(/\r?\n[\s\S]*/, "").split(":");
  const kind = fields[1]?.trim().toUpperCase();
  // As xinetd logs it: all but the ports and the word USERID.
  if (kind === "USERID" && fields.length >= 4) return { user: printable(fields.slice(2).join(":").trim()) };
  return { none: "bad response" };
}

export function identify(fd: number, peer: SocketAddress, loop: PollLoop, done: (identity: Identity) => void): void {
  const local = localAddress(fd);
  if (typeof local === "number" || !("port" in local) || !("port" in peer)) {
    done({ none: "no address" });
    return;
  }
  const plain = peer.family === "ipv6" && peer.host.startsWith("::ffff:") && peer.host.includes(".");
  const target: SocketAddress = plain
    ? { family: "ipv4", host: peer.host.slice(7), port: IDENT_PORT }
    : { ...peer, port: IDENT_PORT };
  const question = startConnect(target);
  if (question < 0) {
    done({ none: question === -111 ? "no server" : errorText(question) });
    return;
  }
  let answer = "";
  const end = (identity: Identity) => {
    loop.cancel(timer);
    loop.remove(question);
    sys.close(question);
    done(identity);
  };
  const timer = loop.after(PATIENCE_MS, () => end({ none: "timeout" }));
  const bytes = new Uint8Array(new ArrayBuffer(MOST_ANSWER_BYTES));
  loop.add(question, sys.POLLOUT, () => {
    const outcome = -sys.getSocketOption(question, sys.SOL_SOCKET, sys.SO_ERROR);
    if (outcome < 0) return end({ none: outcome === -111 ? "no server" : errorText(outcome) });
    const words = new TextEncoder().encode(`${peer.port},${local.port}\r\n`);
    if (sys.send(question, words) !== words.length) return end({ none: "no server" });
    loop.add(question, sys.POLLIN, () => {
      const got = sys.recv(question, bytes);
      if (got === -EAGAIN || got === -EINTR) return;
      if (got > 0) answer += new TextDecoder("latin1").decode(bytes.subarray(0, got));
      if (got <= 0 || answer.includes("\n") || answer.length >= MOST_ANSWER_BYTES) end(parseIdentity(answer));
    });
  });
}
