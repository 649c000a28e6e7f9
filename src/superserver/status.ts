/**
 * perq status and perq top: asks a perqd's control socket and shows the answer, once as a table or JSON, or as a view
 * that lives until q is pressed.
 */
import { errorText } from "#platform/errno.ts";
import { peerCredentials } from "#platform/passing.ts";
import { connectTo, sendAll, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { rawMode, terminalSize } from "#platform/terminal.ts";
import { type DaemonStatus, type ServiceStatus, type SessionStatus, usualControl } from "./control.ts";

export const statusUsage = `usage: perq status [--json] [--control PATH]
       perq top [--control PATH] [--interval SECONDS]

Asks the perqd whose control socket is PATH (also PERQ_CONTROL). Otherwise root's is /run/perqd.sock,
another user's $XDG_RUNTIME_DIR/perqd.sock or /tmp/perqd-UID.sock.
`;

/** Sends one line, returns everything that comes back; a text on failure. */
export function askControl(path: string, command: string): { answer: string } | { failure: string } {
  const fd = connectTo({ family: "unix", path }, 2000);
  if (fd < 0) return { failure: `${path}: ${errorText(fd)}` };
  const chunks: Uint8Array[] = [];
  try {
    // In /tmp anybody may have made it first.
    const who = peerCredentials(fd);
    const me = sys.getEffectiveUid();
    if (typeof who === "number" || (me !== 0 && who.uid !== 0 && who.uid !== me))
      return { failure: `${path}: it is not yours, nor root's` };
    const sent = sendAll(fd, new TextEncoder().encode(`${command}\n`), 2000);
    if (sent < 0) return { failure: `${path}: ${errorText(sent)}` };
    for (;;) {
      if (waitFor(fd, sys.POLLIN, 5000) < 0) return { failure: `${path}: no answer` };
      const chunk = new Uint8Array(65536);
      const got = sys.recv(fd, chunk);
      if (got === 0) break;
      if (got < 0) return { failure: `${path}: ${errorText(got)}` };
      chunks.push(chunk.subarray(0, got));
    }
  } finally {
    sys.close(fd);
  }
  const answer = Buffer.concat(chunks).toString("utf8");
  return answer === "" ? { failure: `${path}: it did not answer (another user's perqd?)` } : { answer };
}

interface Words {
  json: boolean;
  control: string;
  intervalMs: number;
}

function parseWords(words: string[], environment: NodeJS.ProcessEnv): Words | string {
  const parsed: Words = {
    json: false,
    control: environment["PERQ_CONTROL"] || usualControl(environment),
    intervalMs: 1000,
  };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    const [option, given] = word.includes("=")
      ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]
      : [word];
    if (option === "--json") parsed.json = true;
    else if (option === "--control" || option === "--interval") {
      const value = given ?? rest.shift();
      if (value === undefined) return `${option} needs a value`;
      if (option === "--control") parsed.control = value;
      else if (!(Number(value) > 0)) return "--interval is a number of seconds";
      else parsed.intervalMs = Number(value) * 1000;
    } else return `unknown option ${word}`;
  }
  return parsed;
}

export function status(words: string[], environment: NodeJS.ProcessEnv, out: (text: string) => void): number {
  const parsed = parseWords(words, environment);
  if (typeof parsed === "string") {
    const asked = words.some((word) => /^--?h(elp)?$/.test(word));
    out(asked ? statusUsage : `perq status: ${parsed}\n${statusUsage}`);
    return asked ? 0 : 2;
  }
  const asked = askControl(parsed.control, "status");
  if ("failure" in asked) {
    out(`perq status: ${asked.failure}\n`);
    return 1;
  }
  if (parsed.json) out(asked.answer);
  else out(`${statusLines(JSON.parse(asked.answer) as DaemonStatus).join("\n")}\n`);
  return 0;
}

/** "3d 4h", "5m 6s": two units are enough for people. */
export function ageText(seconds: number): string {
  const units: [string, number][] = [
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0s";
  const [unit, size] = units[first];
  const rest = seconds % size;
  const next = units[first + 1];
  const tail = next !== undefined && Math.floor(rest / next[1]) > 0 ? ` ${Math.floor(rest / next[1])}${next[0]}` : "";
  return `${Math.floor(seconds / size)}${unit}${tail}`;
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** "512", "1.5K", "44.0M": nothing where it is not known. */
function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  const unit = ["", "K", "M", "G", "T"].findIndex((_, power) => bytes < 1024 ** (power + 1));
  return unit === 0 ? String(bytes) : `${(bytes / 1024 ** unit).toFixed(1)}${"KMGT"[unit - 1]}`;
}

function table(rows: string[][], rightAligned: number[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        rightAligned.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join("  ")
      .trimEnd(),
  );
}

function stateText(one: ServiceStatus): string {
  return one.why === undefined ? one.state : `${one.state}: ${one.why}`;
}

/** The whole answer as lines for people; cpu, when given, is the share of a core by pid since the last look. */
export function statusLines(answer: DaemonStatus, cpu?: Map<number, number>): string[] {
  const lines = [
    `perqd ${answer.version}  pid ${answer.pid}  up ${ageText(answer.uptimeSeconds)}  ${counted(answer.services.length, "service")}  ${counted(answer.sessions, "session")}  ${counted(answer.reloads, "reload")}`,
    "",
  ];
  const services = [["SERVICE", "STATE", "LISTENS", "SERVER", "USER", "RUNNING", "ACCEPTED", "REFUSED", "WARM"]];
  for (const one of answer.services) {
    const refused = Object.values(one.refused).reduce((sum, count) => sum + count, 0);
    const limit = one.instances === undefined ? "" : `/${one.instances}`;
    const warm = one.warm === undefined ? "" : `${one.warm.ready}/${one.warm.wanted}`;
    services.push([
      one.id,
      stateText(one),
      one.listens.join(" "),
      one.server,
      one.user,
      `${one.running}${limit}`,
      String(one.accepted),
      String(refused),
      warm,
    ]);
  }
  lines.push(...table(services, [5, 6, 7, 8]));
  const sessions: [ServiceStatus, SessionStatus][] = answer.services.flatMap((one) =>
    one.sessions.map((session): [ServiceStatus, SessionStatus] => [one, session]),
  );
  if (sessions.length === 0) return lines;
  sessions.sort((a, b) => (cpu?.get(b[1].pid) ?? 0) - (cpu?.get(a[1].pid) ?? 0) || b[1].ageSeconds - a[1].ageSeconds);
  const rows = [["PID", "SERVICE", "FROM", "USER", "AGE", cpu ? "CPU%" : "CPU", "MEMORY", "IN", "OUT"]];
  for (const [one, session] of sessions) {
    const from = session.port === undefined ? session.from : `${session.from}:${session.port}`;
    const used = cpu
      ? `${((cpu.get(session.pid) ?? 0) * 100).toFixed(0)}`
      : session.cpuSeconds === undefined
        ? ""
        : `${session.cpuSeconds.toFixed(2)}s`;
    rows.push([
      session.pid === 0 ? "-" : String(session.pid),
      one.id,
      from,
      session.user,
      ageText(session.ageSeconds),
      used,
      bytesText(session.privateKb === undefined ? undefined : session.privateKb * 1024),
      bytesText(session.inBytes),
      bytesText(session.outBytes),
    ]);
  }
  return [...lines, "", ...table(rows, [0, 4, 5, 6, 7, 8])];
}

/** The view that lives: redraws in place until q, Ctrl-C or the daemon's end. */
export function top(words: string[], environment: NodeJS.ProcessEnv, out: (text: string) => void): number {
  const parsed = parseWords(words, environment);
  if (typeof parsed === "string") {
    out(`perq top: ${parsed}\n${statusUsage}`);
    return 2;
  }
  if (!sys.isTerminal(0) || !sys.isTerminal(1)) {
    out("perq top needs a terminal; perq status --json is for programs\n");
    return 2;
  }
  const raw = rawMode(0, false);
  if (typeof raw === "number") {
    out(`perq top: ${errorText(raw)}\n`);
    return 1;
  }
  out("\x1b[?1049h\x1b[?25l");
  let failure = "";
  try {
    let before = new Map<number, number>();
    let beforeMs = performance.now();
    const keys = new Uint8Array(16);
    for (;;) {
      const asked = askControl(parsed.control, "status");
      if ("failure" in asked) {
        failure = asked.failure;
        return 1;
      }
      const answer = JSON.parse(asked.answer) as DaemonStatus;
      const now = performance.now();
      const seconds = new Map(
        answer.services.flatMap((one) =>
          one.sessions.map((session): [number, number] => [session.pid, session.cpuSeconds ?? 0]),
        ),
      );
      const shares = new Map(
        [...seconds].map(([pid, used]): [number, number] => [
          pid,
          (used - (before.get(pid) ?? used)) / ((now - beforeMs) / 1000),
        ]),
      );
      before = seconds;
      beforeMs = now;
      const size = terminalSize(1) ?? { columns: 80, rows: 24 };
      const lines = statusLines(answer, shares).slice(0, size.rows - 1);
      lines.push("q quits");
      out(`\x1b[H${lines.map((line) => `${line.slice(0, size.columns)}\x1b[K`).join("\r\n")}\x1b[J`);
      if (waitFor(0, sys.POLLIN, parsed.intervalMs) > 0) {
        const got = sys.readBytes(0, keys);
        if (got <= 0 || [0x71, 0x51, 3, 4].includes(keys[0])) return 0;
      }
    }
  } finally {
    raw.restore();
    out("\x1b[?25h\x1b[?1049l");
    if (failure !== "") out(`perq top: ${failure}\n`);
  }
}
