// The -u/-U password file: lines of user:password, the password in the clear, as MD5 or as SHA-1. Text in, verdict out.

import { createHash, timingSafeEqual } from "node:crypto";

export type Passwords = ReadonlyMap<string, string>;

export function parsePasswords(text: string): Passwords {
  const passwords = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) passwords.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return passwords;
}

const same = (a: string, b: string): boolean => {
  const x = Buffer.from(a, "latin1");
  const y = Buffer.from(b, "latin1");
  return x.length === y.length && timingSafeEqual(x, y);
};

export function passwordMatches(passwords: Passwords, user: string, password: string): boolean {
  const stored = passwords.get(user);
  if (stored === undefined) return false;
  const algorithm = /^[0-9a-fA-F]{32}$/.test(stored) ? "md5" : /^[0-9a-fA-F]{40}$/.test(stored) ? "sha1" : undefined;
  // What looks like a hash is never compared in the clear: who reads the file must not be able to log in with it.
  if (algorithm === undefined) return same(stored, password);
  const hash = createHash(algorithm).update(Buffer.from(password, "latin1")).digest("hex");
  return same(stored.toLowerCase(), hash);
}
