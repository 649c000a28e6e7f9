/**
 * hosts_access(5): /etc/hosts.allow and /etc/hosts.deny, as tcpd and xinetd ask them. Rules are parsed text; the files
 * are looked at again when they change. Shell commands (spawn, twist) are not run: such a rule still allows or denies.
 */
import { readFileSync, statSync } from "node:fs";
import { parseIpv4, parseIpv6 } from "#platform/sockets.ts";

interface Rule {
  daemons: Pattern[];
  clients: Pattern[];
  /** From the extended form: "… : allow" or "… : deny". */
  verdict?: "allow" | "deny";
}

/** A list with its EXCEPT part. */
interface Pattern {
  words: string[];
  except?: Pattern;
}

export interface WrapClient {
  host: string;
  reverseName: () => string | undefined;
}

/** Text → rules: comments gone, backslash-newline joined. */
export function parseHostsAccess(text: string): Rule[] {
  const rules: Rule[] = [];
  for (const raw of text.replace(/\\\r?\n/g, "").split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const fields = splitFields(line);
    if (fields.length < 2) continue;
    const option = fields
      .slice(2)
      .map((field) => field.trim().toLowerCase())
      .find((field) => field === "allow" || field === "deny");
    rules.push({ daemons: [pattern(fields[0])], clients: [pattern(fields[1])], verdict: option as Rule["verdict"] });
  }
  return rules;
}

/** At colons, but not those of a bracketed IPv6 address. */
function splitFields(line: string): string[] {
  const fields: string[] = [""];
  let depth = 0;
  for (const character of line) {
    if (character === "[") depth++;
    if (character === "]") depth--;
    if (character === ":" && depth === 0) fields.push("");
    else fields[fields.length - 1] += character;
  }
  return fields;
}

function pattern(text: string): Pattern {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const at = words.findIndex((word) => word.toUpperCase() === "EXCEPT");
  return at < 0 ? { words } : { words: words.slice(0, at), except: pattern(words.slice(at + 1).join(" ")) };
}

function fits(list: Pattern, matches: (word: string) => boolean): boolean {
  return list.words.some(matches) && !(list.except !== undefined && fits(list.except, matches));
}

const number = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

function clientFits(word: string, client: WrapClient): boolean {
  const upper = word.toUpperCase();
  const host = client.host.replace(/^::ffff:(?=\d+\.)/, "");
  switch (upper) {
    case "ALL":
      return true;
    case "KNOWN":
      return client.reverseName() !== undefined;
    case "UNKNOWN":
      return client.reverseName() === undefined;
    case "LOCAL": {
      const name = client.reverseName();
      return name !== undefined && !name.includes(".");
    }
    case "PARANOID":
      return false;
  }
  const bare = word.includes("@") ? word.slice(word.indexOf("@") + 1) : word;
  if (bare.startsWith(".")) return client.reverseName()?.toLowerCase().endsWith(bare.toLowerCase()) ?? false;
  if (bare.endsWith(".")) return host.startsWith(bare);
  const six = /^\[([^\]]+)\](?:\/(\d+))?$/.exec(bare);
  if (six) {
    const [net, mine] = [parseIpv6(six[1]), parseIpv6(host)];
    if (net === undefined || mine === undefined) return false;
    const bits = Number(six[2] ?? 128);
    return net.every((byte, index) => {
      const left = Math.max(0, Math.min(8, bits - index * 8));
      const mask = (0xff << (8 - left)) & 0xff;
      return (byte & mask) === (mine[index] & mask);
    });
  }
  const slash = /^([\d.]+)\/([\d.]+)$/.exec(bare);
  if (slash) {
    const [net, mine] = [parseIpv4(slash[1]), parseIpv4(host)];
    if (net === undefined || mine === undefined) return false;
    const mask = slash[2].includes(".") ? parseIpv4(slash[2]) : undefined;
    const bits = Number(slash[2]);
    const maskValue = mask ? number(mask) : bits === 0 ? 0 : (0xffffffff << (32 - Math.min(32, bits))) >>> 0;
    return (number(net) & maskValue) >>> 0 === (number(mine) & maskValue) >>> 0;
  }
  if (parseIpv4(bare) !== undefined) return host === bare;
  return client.reverseName()?.toLowerCase() === bare.toLowerCase();
}

/** Words that are about a name and not about an address. */
function isName(word: string): boolean {
  const upper = word.toUpperCase();
  if (upper === "ALL" || upper === "PARANOID") return false;
  if (["KNOWN", "UNKNOWN", "LOCAL"].includes(upper)) return true;
  return !/^[\d./]+$|^\[/.test(word.slice(word.indexOf("@") + 1));
}

/** allow first, then deny, then yes: the first file that has a fitting rule decides. */
export function wrapAllows(allow: Rule[], deny: Rule[], daemon: string, client: WrapClient): boolean {
  const first = (rules: Rule[]) =>
    rules.find(
      (rule) =>
        rule.daemons.some((list) =>
          fits(list, (word) => word.toUpperCase() === "ALL" || word.replace(/@.*/, "") === daemon),
        ) && rule.clients.some((list) => fits(list, (word) => clientFits(word, client))),
    );
  const allowed = first(allow);
  if (allowed !== undefined) return allowed.verdict !== "deny";
  const denied = first(deny);
  return denied === undefined || denied.verdict === "allow";
}

const LOOK_AGAIN_MS = 1000;

/** The two files, read again within a second of a change. */
export class HostsAccess {
  private rules: { allow: Rule[]; deny: Rule[] } = { allow: [], deny: [] };
  private stamp = "";
  private lookedMs = -Infinity;

  constructor(
    private readonly allowFile = "/etc/hosts.allow",
    private readonly denyFile = "/etc/hosts.deny",
  ) {}

  /** Whether some rule asks for the client's name. */
  needsNames(): boolean {
    this.look();
    const needs = (list: Pattern): boolean =>
      list.words.some(isName) || (list.except !== undefined && needs(list.except));
    return [...this.rules.allow, ...this.rules.deny].some((rule) => rule.clients.some(needs));
  }

  allows(daemon: string, client: WrapClient): boolean {
    this.look();
    const { allow, deny } = this.rules;
    return (allow.length === 0 && deny.length === 0) || wrapAllows(allow, deny, daemon, client);
  }

  private look(): void {
    const now = performance.now();
    if (now - this.lookedMs >= LOOK_AGAIN_MS) {
      this.lookedMs = now;
      const stamp = `${stampOf(this.allowFile)} ${stampOf(this.denyFile)}`;
      if (stamp !== this.stamp) {
        this.stamp = stamp;
        this.rules = { allow: rulesOf(this.allowFile), deny: rulesOf(this.denyFile) };
      }
    }
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.ino}.${stat.mtimeMs}.${stat.size}`;
}

function rulesOf(path: string): Rule[] {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : parseHostsAccess(readFileSync(path, "utf8"));
}
