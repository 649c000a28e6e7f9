// Descriptors 0, 1 and 2 as a super-server or a shell hands them over. Must run before anything can print: under inetd
// all three are the client's socket, and one stray byte on it is a 'badmsg. So the socket moves away, /dev/null becomes
// standard input, and what was the socket on 1 and 2 becomes the log. What a wrapper has redirected already stays.
//
// The log is what --log or PERQ_LOG says: a file to append to, "syslog", or "none". Without either: fd 2 if it is not
// the socket (tcpserver and systemd keep it apart), else syslog when there is one, else nowhere.

import { statDescriptor, statPath } from "#platform/filesystem.ts";
import { peerAddress, descriptorKind, encodeAddress, localAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { isStartedAhead } from "#platform/warm.ts";

export type LogDestination = "inherited" | "file" | "syslog" | "none";

export interface Standard {
  /** The client that an inetd started us for. */
  readonly client?: { readonly fd: number; readonly peer: SocketAddress };
  /** The listening socket of a `wait = yes` service. */
  readonly listening?: number;
  /** perqd's pair, over which a server started ahead gets its one client (docs/warm-protocol.md). */
  readonly ahead?: number;
  readonly log: LogDestination;
  /** Why the log is not where it was asked for; for the log. */
  readonly complaint: string;
}

export function claimStandard(choice: string): Standard {
  for (const fd of [0, 1, 2]) openIfClosed(fd);
  if (isStartedAhead(process.env)) {
    const ahead = sys.duplicate(0, 3);
    if (ahead < 0) throw new Error(`perqd's socket cannot be moved: errno ${-ahead}`);
    replace(0, sys.open("/dev/null", sys.O_RDONLY | sys.O_CLOEXEC));
    // A service without a log of its own gives /dev/null, which is where a cold q would look further.
    const nothing = statPath("/dev/null");
    const silent = [1, 2].filter((fd) => {
      const stat = statDescriptor(fd);
      return typeof stat !== "number" && typeof nothing !== "number" && stat.device === nothing.device;
    });
    return { ahead, ...redirectLog(silent, choice) };
  }
  const kind = descriptorKind(0);
  if ((kind !== "connection" && kind !== "listening") || !isInetdSocket()) return { log: "inherited", complaint: "" };
  const socketFile = inodeOf(0);
  const fd = sys.duplicate(0, 3);
  if (fd < 0) throw new Error(`the client's socket cannot be moved: errno ${-fd}`);
  const mine = [1, 2].filter((number) => isSame(number, socketFile));
  replace(0, sys.open("/dev/null", sys.O_RDONLY | sys.O_CLOEXEC));
  const { log, complaint } = redirectLog(mine, choice);
  if (kind === "listening") return { listening: fd, log, complaint };
  const peer = peerAddress(fd);
  // A client that is gone already has no name; serving it finds that out in the ordinary way.
  return { client: { fd, peer: typeof peer === "number" ? { family: "unix", path: "" } : peer }, log, complaint };
}

function openIfClosed(fd: number): void {
  if (sys.fcntl(fd, 1 /* F_GETFD */) >= 0) return;
  replace(fd, sys.open("/dev/null", sys.O_RDWR | sys.O_CLOEXEC));
}

function replace(fd: number, by: number): void {
  if (by < 0) throw new Error(`/dev/null cannot be opened: errno ${-by}`);
  if (by === fd) {
    sys.setCloseOnExec(fd, false);
    return;
  }
  sys.dup2(by, fd);
  sys.close(by);
}

/**
 * Node and Bun give a child unix socket pairs where a shell gives pipes. Those are three different pairs without a
 * name, an inetd's unix socket has its path or stands on 1 too.
 */
function isInetdSocket(): boolean {
  if (sys.getSocketOption(0, sys.SOL_SOCKET, sys.SO_DOMAIN) !== sys.AF_UNIX) return true;
  const local = localAddress(0);
  if (typeof local !== "number" && local.family === "unix" && local.path !== "") return true;
  return isSame(1, inodeOf(0));
}

function isSame(fd: number, inode: number): boolean {
  const stat = statDescriptor(fd);
  return typeof stat !== "number" && stat.kind === "socket" && stat.inode === inode;
}
function inodeOf(fd: number): number {
  const stat = statDescriptor(fd);
  if (typeof stat === "number") throw new Error(`descriptor ${fd} has no inode: errno ${-stat}`);
  return stat.inode;
}

function redirectLog(fds: number[], choice: string): { log: LogDestination; complaint: string } {
  if (fds.length === 0 && choice === "") return { log: "inherited", complaint: "" };
  let complaint = "";
  const targets = choice === "" ? fds : [1, 2];
  if (choice === "" && !fds.includes(2)) {
    for (const fd of fds) sys.dup2(2, fd);
    return { log: "inherited", complaint };
  }
  if (choice !== "" && choice !== "syslog" && choice !== "none") {
    const file = sys.open(choice, sys.O_WRONLY | sys.O_APPEND | sys.O_CREAT | sys.O_CLOEXEC, 0o640);
    if (file >= 0) {
      for (const fd of targets) sys.dup2(file, fd);
      sys.close(file);
      return { log: "file", complaint };
    }
    complaint = `log ${choice} cannot be opened (errno ${-file})`;
  }
  if (choice !== "none") {
    const syslog = connectSyslog();
    if (syslog >= 0) {
      for (const fd of targets) sys.dup2(syslog, fd);
      sys.close(syslog);
      return { log: "syslog", complaint };
    }
    if (choice === "syslog") complaint = `syslog cannot be reached (errno ${-syslog})`;
  }
  const nothing = sys.open("/dev/null", sys.O_WRONLY | sys.O_CLOEXEC);
  if (nothing < 0) throw new Error(`/dev/null cannot be opened: errno ${-nothing}`);
  for (const fd of targets) sys.dup2(nothing, fd);
  sys.close(nothing);
  return { log: "none", complaint };
}

/** Every write to such a descriptor is one entry: a child of ours that prints is logged too, without our tag. */
function connectSyslog(): number {
  const fd = sys.socket(sys.AF_UNIX, sys.SOCK_DGRAM);
  if (fd < 0) return fd;
  const result = sys.connect(fd, encodeAddress({ family: "unix", path: "/dev/log" }));
  if (result >= 0) return fd;
  sys.close(fd);
  return result;
}
