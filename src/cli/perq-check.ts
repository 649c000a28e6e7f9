/** perq check FILE…: the subcommand, for perq's main to call with the words after "check". */
import { writeSync } from "node:fs";
import { check } from "#superserver/check.ts";

export function perqCheck(words: string[], environment: NodeJS.ProcessEnv = process.env): number {
  return check(words, environment, (text) => void writeSync(1, text));
}
