/**
 * Two kinds of log. The main log is the daemon's own voice (a file, standard error or syslog). A service log has
 * the START, EXIT and FAIL lines of one service, exactly as xinetd writes them, in a file or syslog. Neither ever
 * stops a service: what cannot be written is said once in the main log, where that still goes.
 */
import { EAGAIN, ENOSPC, errorText } from "#platform/errno.ts";
import * as sys from "#platform/sys.ts";
import type { LogTarget } from "./config/service.ts";
import type { Journal } from "./journal.ts";

export type Level = "CRITICAL" | "ERROR" | "WARNING" | "NOTICE" | "INFO" | "DEBUG";

const syslogLevels: Record<Level, number> = { CRITICAL: 2, ERROR: 3, WARNING: 4, NOTICE: 5, INFO: 6, DEBUG: 7 };
const levelNumbers: Record<string, number> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};
const facilityNumbers: Record<string, number> = {
  kern: 0, user: 1, mail: 2, daemon: 3, auth: 4, syslog: 5, lpr: 6, news: 7, uucp: 8, cron: 9, authpriv: 10, ftp: 11,
  local0: 16, local1: 17, local2: 18, local3: 19, local4: 20, local5: 21, local6: 22, local7: 23,
}; // biome-ignore format: a table

const pad = (value: number) => String(value).padStart(2, "0");

let stampSecond = -1; // the clock's text changes once a second, log lines come by the thousand
let stampText = "";

/** xinetd's own time stamp: yy/m/d@HH:MM:SS, month and day unpadded, local time. */
export function stamp(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== stampSecond) {
    const date = new Date(second * 1000);
    const day = `${pad(date.getFullYear() % 100)}/${date.getMonth() + 1}/${date.getDate()}`;
    stampText = `${day}@${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
    stampSecond = second;
  }
  return stampText;
}

/**
 * Text from outside, harmless in a line of a log: what ends a line, speaks to a terminal or turns the direction of
 * writing becomes "?".
 */
export function printable(text: string, most = 200): string {
  return text.slice(0, most).replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "?");
}

export type MainLogTarget = { to: "stderr" } | { to: "file"; path: string } | { to: "syslog"; facility: string };

export interface LogRecord {
  level: Level;
  text: string;
  fields?: Record<string, string | number | boolean | undefined>;
}

const MOST_LINE = 8000;
/** Not blocking: a FIFO that nobody reads must not stop the daemon. */
const LOG_FLAGS = sys.O_WRONLY | sys.O_APPEND | sys.O_CREAT | sys.O_CLOEXEC | sys.O_NONBLOCK;

export class MainLog {
  private fd = 2;
  private lostWords = "";
  private readonly lines: Lines;

  constructor(
    private target: MainLogTarget,
    private readonly program: string,
    private readonly json = false,
    private readonly showDebug = false,
    readonly journal?: Journal,
  ) {
    this.lines = new Lines(json);
    this.open();
  }

  /** 0, or minus errno when the file could not be opened: the words then go to standard error. */
  open(): number {
    if (this.target.to === "syslog") this.openSyslog();
    if (this.target.to !== "file") return 0;
    const fd = sys.open(this.target.path, LOG_FLAGS, 0o644);
    if (fd < 0) {
      this.lostWords = `${this.target.path}: ${errorText(fd)}`;
      return fd;
    }
    const kept = fd < 3 ? sys.duplicate(fd, 3) : fd;
    if (kept !== fd) sys.close(fd);
    if (this.fd > 2) sys.close(this.fd);
    this.fd = kept;
    return 0;
  }

  /** Services may log there whatever the main log does: under perqd's name and pid. */
  openSyslog(): void {
    const facility = this.target.to === "syslog" ? this.target.facility : "daemon";
    sys.openLog(this.program, 1 /* LOG_PID */, facilityNumbers[facility] << 3);
  }

  get failure(): string {
    return this.lostWords;
  }

  debug(text: string): void {
    if (this.showDebug) this.write("DEBUG", text);
  }

  info(text: string, fields?: LogRecord["fields"]): void {
    this.write("INFO", text, fields);
  }

  notice(text: string, fields?: LogRecord["fields"]): void {
    this.write("NOTICE", text, fields);
  }

  warning(text: string, fields?: LogRecord["fields"]): void {
    this.write("WARNING", text, fields);
  }

  error(text: string, fields?: LogRecord["fields"]): void {
    this.write("ERROR", text, fields);
  }

  private write(level: Level, words: string, fields?: LogRecord["fields"]): void {
    const text = printable(words, MOST_LINE); // whoever wrote it: one line each
    const { journal } = this;
    const mayJournal = this.target.to === "syslog" || (this.target.to === "stderr" && journal?.hasStandardError);
    if (mayJournal && journal?.send(text, syslogLevels[level], fields)) return;
    if (this.target.to === "syslog") {
      sys.syslog(syslogLevels[level], text);
      return;
    }
    const { pid: serverPid, ...others } = fields ?? {}; // pid is perqd's own here
    const line = this.json
      ? JSON.stringify({
          time: new Date().toISOString(),
          program: this.program,
          pid: process.pid,
          level,
          text,
          ...others,
          serverPid,
        })
      : `${stamp(Date.now())} ${this.program}[${process.pid}]: ${level}: ${text}`;
    const failure = this.lines.write(this.fd, line);
    if (failure !== undefined) this.complain(failure);
  }

  /** Of the log itself, once until it works again: to whoever else may listen. */
  private complain(failure: string): void {
    const where = this.target.to === "file" ? this.target.path : "standard error";
    const text = `log ${where}: ${failure}; its lines are lost until that changes`;
    if (this.fd !== 2 && mayWrite(2)) sys.writeBytes(2, encoder.encode(`${this.program}: ${text}\n`));
    sys.openLog(this.program, 1, facilityNumbers["daemon"] << 3);
    sys.syslog(syslogLevels.ERROR, text);
  }
}

const encoder = new TextEncoder();

/** Whether a write would not wait: standard error may be a pipe that is full, and its flags are not ours alone. */
function mayWrite(fd: number): boolean {
  const pollfd = new Int32Array([fd, sys.POLLOUT]);
  return sys.poll(pollfd, 1, 0) > 0;
}

/** Lines into a descriptor. What it does not take is counted, and the count is said when it takes lines again. */
class Lines {
  private lost = 0;
  /** The last write ended within a line: the disk is full. */
  private isCut = false;
  /** Bytes of the last one. */
  written = 0;

  constructor(private readonly json: boolean) {}

  /** Why it failed, if it is the first to fail since a line was written. */
  write(fd: number, line: string): string | undefined {
    const bytes = encoder.encode(`${this.isCut ? "\n" : ""}${this.lost > 0 ? this.countLine() : ""}${line}\n`);
    const result = fd === 2 && !mayWrite(2) ? -EAGAIN : sys.writeBytes(fd, bytes);
    this.written = Math.max(0, result);
    if (this.written > 0) this.isCut = this.written < bytes.length && !(this.isCut && this.written === 1);
    if (this.written === bytes.length) {
      this.lost = 0;
      return undefined;
    }
    const isFirst = this.lost++ === 0;
    return isFirst ? errorText(result < 0 ? result : -ENOSPC) : undefined;
  }

  private countLine(): string {
    const { lost } = this;
    if (this.json) return `${JSON.stringify({ time: new Date().toISOString(), lostLines: lost })}\n`;
    return `${stamp(Date.now())}: ${lost} line${lost === 1 ? " was" : "s were"} lost here\n`;
  }
}

export class ServiceLog {
  private fd = -1;
  private sizeBytes = 0;
  private saidSoft = false;
  private saidLost = false;
  private readonly lines: Lines;

  constructor(
    private readonly target: LogTarget,
    private readonly id: string,
    private readonly main: MainLog,
    private readonly json = false,
  ) {
    this.lines = new Lines(json);
  }

  get wanted(): boolean {
    return this.target.to !== "nowhere";
  }

  /** 0, or minus errno: then the service does not start, as in xinetd. */
  open(): number {
    if (this.target.to === "syslog") this.main.openSyslog();
    if (this.target.to !== "file") return 0;
    const fd = sys.open(this.target.path, LOG_FLAGS, 0o644);
    if (fd < 0) return fd;
    this.close();
    this.fd = fd;
    this.sizeBytes = Number(Bun.file(this.target.path).size);
    this.saidSoft = false;
    this.saidLost = false;
    return 0;
  }

  close(): void {
    if (this.fd >= 0) sys.close(this.fd);
    this.fd = -1;
  }

  /** Puts "START: kdbtaq …" down; fields are the same for the JSON form. */
  write(event: string, words: string, fields: Record<string, string | number | undefined>): undefined {
    const { target } = this;
    if (target.to === "nowhere") return;
    const text = `${event}: ${this.id}${words}`;
    if (target.to === "syslog") {
      const facility = facilityNumbers[target.facility];
      const all = { event, service: this.id, ...fields };
      if (this.main.journal?.send(text, levelNumbers[target.level], all, facility)) return;
      sys.syslog((facility << 3) | levelNumbers[target.level], text);
      return;
    }
    if (this.fd < 0) return;
    if (target.hardBytes !== undefined && this.sizeBytes > target.hardBytes)
      return this.lost(`Size of ${this.id} log exceeded hard limit`);
    const now = Date.now();
    const line = this.json
      ? JSON.stringify({ time: new Date(now).toISOString(), event, service: this.id, ...fields })
      : `${stamp(now)}: ${text}`;
    const failure = this.lines.write(this.fd, line);
    this.sizeBytes += this.lines.written;
    if (failure !== undefined) this.main.error(`${this.id} log: ${failure}; its lines are lost until that changes`);
    this.saidLost = false;
    if (target.softBytes !== undefined && this.sizeBytes > target.softBytes && !this.saidSoft) {
      this.saidSoft = true;
      this.main.warning(`Size of ${this.id} log exceeded soft limit (${target.softBytes} bytes)`);
    }
  }

  private lost(text: string): undefined {
    if (this.saidLost) return;
    this.saidLost = true;
    this.main.error(`${text}; its lines are lost until that changes`);
  }
}
