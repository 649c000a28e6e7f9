// The -u/-U password file: lines of user:password, the password in the clear, as MD5 or as SHA-1. Text in, verdict out.

export type Passwords = ReadonlyMap<string, string>;

export function parsePasswords(text: string): Passwords {
  const passwords = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) passwords.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return passwords;
}

/** Takes as long for a near miss as for a far one. */
function same(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

export function passwordMatches(passwords: Passwords, user: string, password: string): boolean {
  const stored = passwords.get(user);
  if (stored === undefined) return false;
  const algorithm = /^[0-9a-fA-F]{32}$/.test(stored) ? "md5" : /^[0-9a-fA-F]{40}$/.test(stored) ? "sha1" : undefined;
  // What looks like a hash is never compared in the clear: who reads the file must not be able to log in with it.
  if (algorithm === undefined) return same(stored, password);
  const hash = new Bun.CryptoHasher(algorithm).update(Buffer.from(password, "latin1")).digest("hex");
  return same(stored.toLowerCase(), hash);
}
