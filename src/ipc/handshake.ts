// The greeting that opens a kdb+ connection (formats.md §11): `user:password`, a capability byte, NUL; the answer is one
// byte. Works on bytes that have come so far and says when there are too few; sockets and passwords are others'.

export interface Greeting {
  readonly kind: "q";
  readonly user: string;
  readonly password: string;
  /** What the client can do: 0 nothing new, 1-2 compression and timestamps, 3 guids, 5 big messages, 6 big vectors. */
  readonly capability: number;
  /** Bytes that came behind the greeting: the first messages. */
  readonly rest: Uint8Array;
}
export type Opening =
  | Greeting
  | { readonly kind: "incomplete" }
  | { readonly kind: "http" }
  | { readonly kind: "refused"; readonly why: string };

/** What we serve at most. */
export const CAPABILITY = 6;
/** Passwords may be tokens of some kilobytes; nobody says more than this before the NUL. */
const LONGEST_GREETING = 65536;

const HTTP_METHODS = ["GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH "];

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

export function parseGreeting(bytes: Uint8Array): Opening {
  const end = bytes.subarray(0, LONGEST_GREETING + 1).indexOf(0);
  if (end < 0) {
    const start = text(bytes.subarray(0, 8));
    if (HTTP_METHODS.some((method) => start.startsWith(method))) return { kind: "http" };
    if (bytes.length > LONGEST_GREETING) return { kind: "refused", why: "no end of the greeting within 64 KiB" };
    return { kind: "incomplete" };
  }
  const last = end > 0 ? bytes[end - 1]! : 0;
  // Text straight to the NUL is a client of 2.5 and before; no user name holds a control character.
  const hasCapability = last > 0 && last < 32;
  const credentials = text(bytes.subarray(0, hasCapability ? end - 1 : end));
  if (HTTP_METHODS.some((method) => credentials.startsWith(method))) return { kind: "http" };
  const colon = credentials.indexOf(":");
  return {
    kind: "q",
    user: colon < 0 ? credentials : credentials.slice(0, colon),
    password: colon < 0 ? "" : credentials.slice(colon + 1),
    capability: hasCapability ? last : 0,
    rest: bytes.subarray(end + 1),
  };
}

/** The capability both sides have: what the server answers. */
export const agreedCapability = (client: number): number => Math.min(client, CAPABILITY);

/** What a client sends first. */
export function greeting(user: string, password: string, capability = CAPABILITY): Uint8Array {
  const credentials = password === "" ? user : `${user}:${password}`;
  return Uint8Array.from([...Buffer.from(credentials, "latin1"), capability, 0]);
}
