// The first thing q does, at import, and before any other module of it runs: reads the command line and puts 0, 1 and 2
// where they belong. Work at import is against the house rules; here it is the point, because what an import prints
// would otherwise reach a client. (TRIED: `await import()` of the rest afterwards. It loads without its bytecode and
// costs a private q half of its start.)

import { type Options, parseOptions, UsageError } from "#server/options.ts";
import { claimStandard, type Standard } from "#server/standard.ts";

export const words: readonly string[] = process.argv.slice(2);

function read(): Options | UsageError {
  try {
    return parseOptions(words);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

/** What the command line says, or what is wrong with it. */
export const options: Options | UsageError = read();

const log = options instanceof UsageError ? "" : options.log;
export const standard: Standard = claimStandard(log !== "" ? log : (process.env["PERQ_LOG"] ?? ""));
