/** Which of the daemon's own variables no child may inherit, and what the two inetds take away. */

/** xinetd gives REMOTE_HOST alone; peer_env = yes adds REMOTE_PORT, SERVER_ADDR and SERVER_PORT. */
export const defaultPeerDetails = false;

/** BUN_*: they would change what a compiled Bun program does. LD_*: as sudo drops them. LISTEN_* and the like: ours. */
const dangerous =
  /^(BUN_OPTIONS|BUN_BE_BUN|BUN_JSC_.*|BUN_INSPECT.*|LD_.*|_RLD.*|LISTEN_(FDS|PID|FDNAMES)|NOTIFY_SOCKET|JOURNAL_STREAM|WATCHDOG_(USEC|PID))$/;

export function scrubbed(environment: [string, string][]): [string, string][] {
  return environment.filter(([name]) => !dangerous.test(name));
}

/** openbsd-inetd's laundry (without -E). */
const laundered = new Set(
  "PATH HOME SHELL USER LOGNAME MAIL TERM IFS TMPDIR PWD SHLVL DISPLAY EDITOR TERMINFO TERMCAP SSH_CLIENT".split(" "),
);

export function launder(environment: [string, string][]): [string, string][] {
  return scrubbed(environment).filter(([name]) => !laundered.has(name));
}
