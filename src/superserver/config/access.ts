/**
 * only_from and no_access: words of xinetd.conf(5) → patterns, and whether an address fits one. Trailing zero octets
 * are wild, `a.b.{c,d}` lists octets, `/n` counts bits, `.domain` asks for the client's reverse name. Host names are
 * resolved when the file is read; a v4 pattern also fits the v4-mapped clients of a dual-stack socket.
 */
import { parseIpv4, parseIpv6 } from "#platform/sockets.ts";

export type AccessPattern =
  | { kind: "ipv4"; text: string; value: number; mask: number }
  | { kind: "ipv6"; text: string; bytes: number[]; bits: number }
  | { kind: "host"; text: string; addresses: string[] }
  | { kind: "domain"; text: string };

export interface AccessNames {
  /** Addresses of a host name; none when it does not resolve. */
  hostAddresses(name: string): string[];
  /** A network of /etc/networks, as dotted quad. */
  network(name: string): string | undefined;
}

export type AccessWord = { patterns: AccessPattern[] } | { unparsed: string } | { fatal: string };

const quad = (bytes: Uint8Array) => ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0;
const maskOf = (bits: number) => (bits <= 0 ? 0 : (0xffffffff << (32 - Math.min(32, bits))) >>> 0);

/** One word of a list. A comma outside braces, or something odd inside, is fatal to the service, as in xinetd. */
export function parseAccessWord(word: string, names: AccessNames): AccessWord {
  const braced = /^((?:\d{1,3}\.)*)\{([^{}]*)\}$/.exec(word);
  if (braced) return factorised(word, braced[1], braced[2]);
  if (/[{}]/.test(word)) return { fatal: `Bad address: ${word}: braces stand at the end, around numbers and commas` };
  if (word.includes(",")) return { fatal: `${word}: the words of a list are separated by blanks, not by a comma` };
  const slash = /^([^/]+)\/(\d+)$/.exec(word);
  if (slash) {
    const v4 = parseIpv4(slash[1]);
    const bits = Number(slash[2]);
    if (v4) return { patterns: [v4Pattern(word, quad(v4), maskOf(bits))] };
    const v6 = parseIpv6(slash[1]);
    if (v6 && bits <= 128) return { patterns: [{ kind: "ipv6", text: word, bytes: [...v6], bits }] };
    return { unparsed: word };
  }
  if (/^\.[\d.]*$/.test(word)) return { fatal: `Bad address: ${word}. Consecutive dots` };
  if (/^[\dxXa-fA-F.]+$/.test(word) && /^\d/.test(word)) {
    const v4 = classicIpv4(word);
    if (v4) return { patterns: [v4Pattern(word, quad(v4), zeroTailMask(v4))] };
    if (/^[\d.]+$/.test(word)) return { unparsed: word };
  }
  if (word.includes(":")) {
    const v6 = parseIpv6(word);
    if (v6 === undefined) return { unparsed: word };
    return { patterns: [{ kind: "ipv6", text: word, bytes: [...v6], bits: 128 }] };
  }
  if (/^\.[A-Za-z0-9_.-]+$/.test(word)) return { patterns: [{ kind: "domain", text: word.toLowerCase() }] };
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(word)) return { unparsed: word };
  const network = names.network(word);
  if (network !== undefined) {
    const v4 = parseIpv4([...network.split("."), "0", "0", "0"].slice(0, 4).join(".")); // "10.1" is 10.1.0.0 there
    if (v4) return { patterns: [v4Pattern(word, quad(v4), zeroTailMask(v4))] };
  }
  const addresses = names.hostAddresses(word);
  return addresses.length > 0 ? { patterns: [{ kind: "host", text: word, addresses }] } : { unparsed: word };
}

/** inet_aton's: one to four numbers, decimal, 0octal or 0xhex, the last of which fills what is left: "127.1". */
function classicIpv4(word: string): Uint8Array | undefined {
  const parts = word.split(".");
  if (parts.length > 4) return undefined;
  const numbers: number[] = [];
  for (const part of parts) {
    if (/^0[xX][0-9a-fA-F]+$/.test(part)) numbers.push(Number.parseInt(part, 16));
    else if (/^0[0-7]*$/.test(part)) numbers.push(Number.parseInt(part, 8));
    else if (/^[1-9]\d*$/.test(part)) numbers.push(Number(part));
    else return undefined;
  }
  const last = numbers.pop()!;
  if (numbers.some((one) => one > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  const tail = [24, 16, 8, 0].slice(numbers.length).map((shift) => (last >>> shift) & 255);
  return Uint8Array.from([...numbers, ...tail]);
}

function v4Pattern(text: string, value: number, mask: number): AccessPattern {
  return { kind: "ipv4", text, value: (value & mask) >>> 0, mask };
}

function zeroTailMask(bytes: Uint8Array): number {
  let octets = 4;
  while (octets > 0 && bytes[octets - 1] === 0) octets--;
  return maskOf(octets * 8);
}

/** `a.b.{c,d}`: the octets after the braces are wild. */
function factorised(word: string, head: string, list: string): AccessWord {
  const octets = head === "" ? [] : head.slice(0, -1).split(".").map(Number);
  if (octets.length > 3 || octets.some((octet) => octet > 255)) return { fatal: `Bad address: ${word}` };
  const patterns: AccessPattern[] = [];
  for (const item of list.split(",")) {
    if (item === "") return { fatal: `Bad address: ${word}. Consecutive commas` };
    if (!/^\d{1,3}$/.test(item) || Number(item) > 255) return { fatal: `Bad address: ${word}` };
    const all = [...octets, Number(item)];
    const padded = Uint8Array.from([...all, 0, 0, 0, 0].slice(0, 4));
    patterns.push(v4Pattern(word, quad(padded), maskOf(all.length * 8)));
  }
  return { patterns };
}

export interface Client {
  /** As getpeername tells it; v4-mapped clients keep their ::ffff: form. */
  host: string;
  /** Asked only when a .domain is in a list. */
  reverseName: () => string | undefined;
}

export function matchesAny(patterns: AccessPattern[], client: Client): boolean {
  const host = client.host.startsWith("::ffff:") && client.host.includes(".") ? client.host.slice(7) : client.host;
  const v4 = parseIpv4(host);
  const v6 = parseIpv6(client.host); // of a dual-stack socket, a v4 client has both forms
  const value = v4 ? quad(v4) : 0;
  return patterns.some((pattern) => fits(pattern));

  function fits(pattern: AccessPattern): boolean {
    switch (pattern.kind) {
      case "ipv4":
        return v4 !== undefined && (value & pattern.mask) >>> 0 === pattern.value;
      case "ipv6":
        return v6 !== undefined && sameBits(v6, pattern.bytes, pattern.bits);
      case "host":
        return pattern.addresses.includes(host);
      case "domain":
        return client.reverseName()?.toLowerCase().endsWith(pattern.text) ?? false;
    }
  }
}

function sameBits(a: ArrayLike<number>, b: ArrayLike<number>, bits: number): boolean {
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) if (a[at] !== b[at]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return (a[whole] & mask) === (b[whole] & mask);
}
