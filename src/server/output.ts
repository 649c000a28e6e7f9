// Where console output goes: descriptors 1 and 2, whole, whatever they are. Towards syslog each line gets a priority
// and our name, as syslog(3) would write it.

import { EAGAIN, EINTR } from "#platform/errno.ts";
import { waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

const DAEMON_INFO = 30;
const DAEMON_WARNING = 28;
/** syslogd takes datagrams of a few KiB; longer lines are cut into several. */
const LONGEST_ENTRY = 1800;

export type Write = (descriptor: 1 | 2, text: string) => void;

/** Text is bytes, one a character. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  let at = 0;
  while (at < bytes.length) {
    const count = sys.writeBytes(fd, bytes, at);
    if (count >= 0) at += count;
    else if (count === -EAGAIN) waitFor(fd, sys.POLLOUT);
    // A log or a pipe that is gone has no one left to tell; the server goes on.
    else if (count !== -EINTR) return;
  }
}

export function syslogWriter(): Write {
  const partial = ["", "", ""];
  return (descriptor, text) => {
    const lines = (partial[descriptor] + text).split("\n");
    partial[descriptor] = lines.pop()!;
    const priority = descriptor === 1 ? DAEMON_INFO : DAEMON_WARNING;
    for (const line of lines) {
      for (let at = 0; at === 0 || at < line.length; at += LONGEST_ENTRY) {
        writeAll(descriptor, `<${priority}>q[${process.pid}]: ${line.slice(at, at + LONGEST_ENTRY)}`);
      }
    }
  };
}
