/**
 * Whether a client may come in: the checks of xinetd in xinetd's order, and inetd's per-minute count. Each looks at
 * the service's settings and counts and moves only its own window; what follows from the answer (a line, a closed
 * port) is the daemon's business.
 */
import { readFileSync } from "node:fs";
import { type Client, matchesAny } from "./config/access.ts";
import type { Refusal, RunningService } from "./running.ts";

export type Verdict =
  | { verdict: "admit" }
  | { verdict: "refuse"; reason: Refusal; text?: string; silent?: boolean }
  /** Refuse this one, and close the port for a while. */
  | { verdict: "suspend"; reason: Refusal; seconds: number; text: string };

const admitted: Verdict = { verdict: "admit" };

const refuse = (reason: Refusal, text?: string): Verdict => ({ verdict: "refuse", reason, text });

/** What xinetd asks before it forks. nowMs: wall clock. */
export function admit(
  running: RunningService,
  source: string,
  from: string,
  childCount: number,
  childLimit: number | undefined,
  nowMs: number,
): Verdict {
  const { service } = running;
  const rate = checkRate(running, source, nowMs);
  if (rate.verdict !== "admit") return rate;
  if (service.maxLoad !== undefined && loadAverage() >= service.maxLoad) {
    return refuse("load", `refused connect from ${from} due to excessive load`);
  }
  if (service.accessTimes !== undefined && !inTimes(service.accessTimes, new Date(nowMs))) return refuse("time");
  if (running.full) return refuse("service_limit");
  if (service.perSource !== undefined && (running.perSource.get(source) ?? 0) >= service.perSource) {
    return refuse("per_source_limit");
  }
  if (childLimit !== undefined && childCount >= childLimit) return refuse("process_limit");
  return admitted;
}

/** What xinetd asks in the forked child: address lists. Both lists matching is a refusal, whichever is narrower. */
export function admitAddress(running: RunningService, client: Client): Verdict {
  const { onlyFrom, noAccess } = running.service;
  const barred = noAccess !== undefined && matchesAny(noAccess, client);
  const invited = onlyFrom === undefined || matchesAny(onlyFrom, client);
  if (barred && onlyFrom !== undefined && invited) {
    const text = `Service=${running.title}: only_from list and no_access list match equally the address ${client.host}`;
    return refuse("address", text);
  }
  return barred || !invited ? refuse("address") : admitted;
}

function inTimes(intervals: [number, number][], now: Date): boolean {
  const minute = now.getHours() * 60 + now.getMinutes();
  return intervals.some(([from, to]) => from <= minute && minute <= to);
}

let lastLoad = 0;

function loadAverage(): number {
  try {
    lastLoad = Number.parseFloat(readFileSync("/proc/loadavg", "latin1"));
  } catch {
    // no descriptor to read it with: what it was serves
  }
  return lastLoad;
}

const SUSPENSION_SECONDS = 600; // both inetds: ten minutes

function checkRate(running: RunningService, source: string, nowMs: number): Verdict {
  const { service } = running;
  const { rate } = service;
  if (service.perSourcePerMinute !== undefined) {
    const window = running.sourceWindows.get(source);
    if (window === undefined || nowMs - window.start >= 60_000) {
      if (running.sourceWindows.size > 10_000) running.sourceWindows.clear(); // bounded: a flood of sources starts afresh
      running.sourceWindows.set(source, { start: nowMs, count: 1 });
    } else if (++window.count > service.perSourcePerMinute) {
      return refuse(
        "rate",
        `${running.title} from ${source} exceeded counts/min (limit ${service.perSourcePerMinute}/min)`,
      );
    }
  }
  switch (rate.kind) {
    case "none":
      return admitted;
    case "bucket": {
      const perMs = rate.perSecond / 1000;
      const filled = running.tokensAt === 0 ? rate.burst : running.tokens + (nowMs - running.tokensAt) * perMs;
      running.tokens = Math.min(rate.burst, filled);
      running.tokensAt = nowMs;
      if (running.tokens < 1) return refuse("rate");
      running.tokens--;
      return admitted;
    }
    case "cps":
      return checkPerSecond(running, rate.perSecond, rate.waitSeconds, nowMs);
    case "minute":
      return rate.dialect === "gnu"
        ? checkGnuMinute(running, rate.max, nowMs)
        : checkOpenbsdMinute(running, rate.max, nowMs);
  }
}

/** Whole seconds and whole quotients, and a window as many seconds long as the limit: xinetd's arithmetic. */
function checkPerSecond(running: RunningService, perSecond: number, waitSeconds: number, nowMs: number): Verdict {
  const now = Math.floor(nowMs / 1000);
  const elapsed = now - running.windowStart;
  if (running.windowCount === 0 || elapsed >= perSecond || elapsed < 0) {
    running.windowStart = now;
    running.windowCount = 1;
  } else {
    running.windowCount++;
  }
  const seconds = Math.max(1, now - running.windowStart);
  if (Math.floor(running.windowCount / seconds) <= perSecond) return admitted;
  running.windowCount = 0;
  const text =
    `Deactivating service ${running.service.name} due to excessive incoming connections.  ` +
    `Restarting in ${waitSeconds} seconds.`;
  return { verdict: "suspend", reason: "connections per second", seconds: waitSeconds, text };
}

/**
 * openbsd-inetd counts "max" itself as too many. On an IPv4 port of 1024 or more it never closes the port (another
 * program could take it) and turns clients away without a word until the minute is over.
 */
function checkOpenbsdMinute(running: RunningService, max: number, nowMs: number): Verdict {
  if (running.windowCount++ === 0) {
    running.windowStart = nowMs;
    return admitted;
  }
  if (running.windowCount < max) return admitted;
  if (nowMs - running.windowStart > 60_000) {
    running.windowStart = nowMs;
    running.windowCount = 1;
    return admitted;
  }
  const address = running.service.endpoints[0]?.address;
  if (address?.family === "ipv4" && address.port >= 1024) return { verdict: "refuse", reason: "rate", silent: true };
  running.windowCount = 0;
  const text = `${running.title} server failing (looping), service terminated for 10 min`;
  return { verdict: "suspend", reason: "rate", seconds: SUSPENSION_SECONDS, text };
}

function checkGnuMinute(running: RunningService, max: number, nowMs: number): Verdict {
  if (running.windowCount === 0 || nowMs - running.windowStart > 60_000) {
    running.windowStart = nowMs;
    running.windowCount = 0;
  }
  if (++running.windowCount <= max) return admitted;
  running.windowCount = 0;
  const text = `${running.title} server failing (looping), service terminated`;
  return { verdict: "suspend", reason: "rate", seconds: SUSPENSION_SECONDS, text };
}
