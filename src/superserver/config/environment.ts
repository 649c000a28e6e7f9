/** Which of the daemon's own variables no child may inherit, and what the two inetds take away. */

/** xinetd gives REMOTE_HOST alone; peer_env = yes adds REMOTE_PORT, SERVER_ADDR and SERVER_PORT. */
export const defaultPeerDetails = false;

type Environment = [name: string, value: string][];

/** They speak of perqd itself, or to a server that it starts: never a child's, even by name. */
const ours =
  /^(LISTEN_(FDS|PID|FDNAMES)|NOTIFY_SOCKET|JOURNAL_STREAM|WATCHDOG_(USEC|PID)|PERQ_WARM|PERQ_JOURNAL|PERQD_DETACHED)$/;

/** BUN_*: they would change what a compiled Bun program does. LD_* and the rest: as sudo drops them. */
const dangerous = /^(BUN_|LD_|_RLD|DYLD_|BASH_FUNC_)/;

/** Whether a variable changes what program runs, rather than what it does: it is passed on only by name. */
export function isDangerous(name: string, value = ""): boolean {
  return dangerous.test(name) || value.startsWith("() "); // an exported shell function
}

/** What may be passed on. named: what the file asks for by name stands. */
export function scrubbed(environment: Environment, named: readonly string[] = []): Environment {
  return environment.filter(([name, value]) => !ours.test(name) && (!isDangerous(name, value) || named.includes(name)));
}

/** openbsd-inetd's laundry (without -E): beginnings of "NAME=value", so TERM also takes TERMCAP away, and TMP TMPDIR. */
const laundered =
  "CVS DISPLAY= EDITOR= GROUP= HOME= IFS= LD_ LOGNAME= MAIL= PATH= PRINTER= PWD= SHELL= SHLVL= SSH TERM TMP USER= VISUAL=".split(
    " ",
  );

export function launder(environment: Environment): Environment {
  return scrubbed(environment).filter(([name]) => !laundered.some((start) => `${name}=`.startsWith(start)));
}

/** What perqd says of the client: of that name nothing else may be in the environment, or a child might read that. */
export const clientNames = {
  host: ["REMOTE_HOST"],
  details: ["REMOTE_PORT", "SERVER_ADDR", "SERVER_PORT"],
  tls: ["SSL_PROTOCOL", "SSL_CIPHER", "SSL_TLS_SNI", "SSL_CLIENT_VERIFY", "SSL_CLIENT_S_DN"],
  tcp: ["PROTO", "TCPLOCALIP", "TCPLOCALPORT", "TCPLOCALHOST", "TCPREMOTEIP", "TCPREMOTEPORT", "TCPREMOTEHOST"],
} as const;
