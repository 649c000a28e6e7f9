/**
 * The server's side of PERQ/1 (docs/warm-protocol.md): a program that was started ahead says that it is ready and
 * waits for its one connection. The super-server's side is superserver/warm.ts.
 */
import { EINTR } from "./errno.ts";
import { receiveDescriptors, sendDescriptors } from "./passing.ts";
import * as sys from "./sys.ts";

const MOST_MESSAGE_BYTES = 16384;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Whether descriptor 0 is the super-server's pair and not a client. */
export function isStartedAhead(environment: NodeJS.ProcessEnv): boolean {
  return environment["PERQ_WARM"] === "1";
}

export interface GivenConnection {
  fd: number;
  /** What a cold server would have had in its environment besides. */
  variables: [name: string, value: string][];
}

/** Says ready on the pair and waits. undefined: no connection will come, and this process shall end. */
export function awaitConnection(pair: number): GivenConnection | undefined {
  const ready = encoder.encode("PERQ/1 ready\n");
  if (sys.send(pair, ready) !== ready.length) return undefined;
  const given = takeConnection(pair);
  sys.close(pair);
  return given;
}

function takeConnection(pair: number): GivenConnection | undefined {
  let received = receiveDescriptors(pair, MOST_MESSAGE_BYTES);
  while (received === -EINTR) received = receiveDescriptors(pair, MOST_MESSAGE_BYTES);
  if (received === undefined || typeof received === "number") return undefined;
  const [head, ...lines] = decoder.decode(received.bytes).split("\n");
  if (head !== "PERQ/1 connection" || received.truncated || received.fds.length !== 1) {
    for (const fd of received.fds) sys.close(fd);
    return undefined;
  }
  const entries = lines.filter((line) => line.indexOf("=") > 0);
  const variables = entries.map((line): [string, string] => [
    line.slice(0, line.indexOf("=")),
    line.slice(line.indexOf("=") + 1),
  ]);
  return { fd: received.fds[0], variables };
}

/**
 * Hands this process a connection of its own making, so that the code on that way is in memory before a client waits
 * for it. Returns what was given, whose descriptor is the caller's to close; undefined when there are no descriptors.
 */
export function rehearseHandover(fd: number): GivenConnection | undefined {
  const pair = sys.socketPair(sys.AF_UNIX, sys.SOCK_SEQPACKET);
  if (typeof pair === "number") return undefined;
  const [near, far] = pair;
  const sent = sendDescriptors(far, encoder.encode("PERQ/1 connection\nPERQ_REHEARSAL=1\n"), [fd]);
  const given = sent < 0 ? undefined : takeConnection(near);
  sys.close(near);
  sys.close(far);
  return given;
}
