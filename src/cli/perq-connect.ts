// perq connect: the subcommand. What it does is server/remote.ts.

import { remoteConsole } from "#server/remote.ts";

export function perqConnect(words: string[]): number {
  const complain = (text: string): void => void process.stderr.write(`perq: ${text}\n`);
  const [target, ...more] = words;
  if (target === undefined || more.length > 0 || target.startsWith("-")) {
    complain("connect wants host:port[:user:password] or unix://port");
    return 2;
  }
  return remoteConsole(target, { complain, leave: (code) => process.exit(code) });
}
