/**
 * Where a server's standard error goes: to the client, as under inetd and xinetd; into perqd's logs line by line
 * (errorlines.ts); to one file of the service, or to a file of each connection. The last are named when the client and
 * the server's pid are known, which for a warm server is long after it has begun to write, and an empty one goes away
 * with its connection.
 */
import { existsSync, renameSync, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { errorText } from "#platform/errno.ts";
import * as sys from "#platform/sys.ts";
import type { Daemon } from "./daemon.ts";
import { ErrorLines } from "./errorlines.ts";
import type { RunningService } from "./running.ts";

export interface ConnectionNames {
  from: string;
  pid: number;
}

/** As part of a file's name. */
const safe = (text: string) => text.replace(/[^A-Za-z0-9:._-]/g, "_");

/** For one server. fd is -1 where the client hears it. */
export class ErrorOutput {
  private path: string;
  private hasName = false;

  constructor(
    readonly fd: number,
    /** Of a file of its own: what it is called once all is known, and until then. */
    private readonly own?: { pattern: string; service: string; connection: number; startingPath: string },
  ) {
    this.path = own?.startingPath ?? "";
  }

  /** The server has its descriptor: ours is not needed any more. */
  given(): void {
    if (this.own !== undefined && this.fd >= 0) sys.close(this.fd);
  }

  /** s: the service's id, h: the client's address, c: the connection's number, p: the pid. Returns why it failed. */
  called({ from, pid }: ConnectionNames): string | undefined {
    if (this.own === undefined) return undefined;
    const { pattern, service, connection } = this.own;
    const values: Record<string, string> = { s: safe(service), h: safe(from), c: `${connection}`, p: `${pid}` };
    let path = pattern.replace(/%(.)/g, (_, letter: string) => values[letter] ?? letter);
    if (existsSync(path)) path += `.${Date.now()}`; // of an earlier perqd, or an earlier process of this pid
    try {
      renameSync(this.path, path);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.path = path;
    this.hasName = true;
    return undefined;
  }

  /** The server is gone. What it said stays; a server without a client leaves it under its first name. */
  ended(): void {
    if (this.own === undefined) return;
    try {
      if (statSync(this.path).size === 0) unlinkSync(this.path);
      else if (!this.hasName) renameSync(this.path, this.path.replace(/\.starting$/, ".noclient"));
    } catch {
      return; // somebody has put it elsewhere, as he may
    }
  }
}

const toClient = new ErrorOutput(-1);

/** For the next server of a service. It is never the client when another place was asked for. */
export function openErrors(running: RunningService, daemon: Daemon): ErrorOutput {
  const { standardError } = running.service;
  if (standardError === undefined) return toClient;
  const flags = sys.O_WRONLY | sys.O_APPEND | sys.O_CREAT | sys.O_CLOEXEC | sys.O_NONBLOCK;
  const nowhere = new ErrorOutput(daemon.nothing);
  const complain = (path: string, failure: number) => {
    if (!running.saidErrorsLost)
      daemon.log.error(`service ${running.title}: stderr ${path}: ${errorText(failure)}; its words are lost`);
    running.saidErrorsLost = true;
  };
  if (standardError === "log") {
    if (running.errorLines === undefined) {
      const opened = ErrorLines.open(running, daemon);
      if (typeof opened === "number") {
        complain("log", opened);
        return nowhere;
      }
      running.errorLines = opened;
    }
    return new ErrorOutput(running.errorLines.fd);
  }
  if (!isPattern(standardError)) {
    if (running.stderrFd < 0) {
      const fd = sys.open(standardError.replaceAll("%%", "%"), flags, 0o640);
      if (fd < 0) {
        complain(standardError, fd);
        return nowhere;
      }
      sys.setNonBlocking(fd, false); // it was for opening a FIFO that nobody reads
      running.stderrFd = fd;
    }
    return new ErrorOutput(running.stderrFd);
  }
  const connection = ++running.errorFiles;
  const startingPath = `${dirname(standardError)}/.perqd-${process.pid}-${safe(running.title)}-${connection}.starting`;
  const fd = sys.open(startingPath, flags | sys.O_EXCL, 0o640);
  if (fd >= 0) {
    sys.setNonBlocking(fd, false);
    return new ErrorOutput(fd, { pattern: standardError, service: running.title, connection, startingPath });
  }
  complain(startingPath, fd);
  return nowhere;
}

/** Whether each connection has a file of its own. */
export function isPattern(path: string): boolean {
  return /%[^%]/.test(path.replaceAll("%%", ""));
}
