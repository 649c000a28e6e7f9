/**
 * Two kinds of log. The main log is the daemon's own voice (a file, standard error or syslog). A service log has
 * the START, EXIT and FAIL lines of one service, exactly as xinetd writes them, in a file or syslog. Neither ever
 * stops a service: what cannot be written is said once in the main log, where that still goes.
 */
import { errorText } from "#platform/errno.ts";
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

export class MainLog {
  private fd = 2;
  private lostWords = "";

  constructor(
    private target: MainLogTarget,
    private readonly program: string,
    private readonly json = false,
    private readonly showDebug = false,
    readonly journal?: Journal,
  ) {
    this.open();
  }

  /** 0, or minus errno when the file could not be opened: the words then go to standard error. */
  open(): number {
    if (this.target.to === "syslog")
      sys.openLog(this.program, 1 /* LOG_PID */, facilityNumbers[this.target.facility] << 3);
    if (this.target.to !== "file") return 0;
    const flags = sys.O_WRONLY | sys.O_APPEND | sys.O_CREAT | sys.O_CLOEXEC;
    const fd = sys.open(this.target.path, flags, 0o644);
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
    const line = this.json
      ? JSON.stringify({
          time: new Date().toISOString(),
          program: this.program,
          pid: process.pid,
          level,
          text,
          ...fields,
        })
      : `${stamp(Date.now())} ${this.program}[${process.pid}]: ${level}: ${text}`;
    writeLine(this.fd, line); // there is nobody left to tell when this fails
  }
}

const encoder = new TextEncoder();

function writeLine(fd: number, line: string): number {
  const bytes = encoder.encode(`${line}\n`);
  return sys.writeBytes(fd, bytes);
}

export class ServiceLog {
  private fd = -1;
  private sizeBytes = 0;
  private saidSoft = false;
  private saidLost = false;

  constructor(
    private readonly target: LogTarget,
    private readonly id: string,
    private readonly main: MainLog,
    private readonly json = false,
  ) {}

  get wanted(): boolean {
    return this.target.to !== "nowhere";
  }

  /** 0, or minus errno: then the service does not start, as in xinetd. */
  open(): number {
    if (this.target.to !== "file") return 0;
    const flags = sys.O_WRONLY | sys.O_APPEND | sys.O_CREAT | sys.O_CLOEXEC;
    const fd = sys.open(this.target.path, flags, 0o644);
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
    const written = writeLine(this.fd, line);
    if (written < 0) return this.lost(`${this.id} log: ${errorText(written)}`);
    this.sizeBytes += written;
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
