/** perq status and perq top: the subcommands, for perq's main to call with the words after their name. */
import { writeSync } from "node:fs";
import { status, top } from "#superserver/status.ts";

const out = (text: string) => void writeSync(1, text);

export function perqStatus(words: string[], environment: NodeJS.ProcessEnv = process.env): number {
  return status(words, environment, out);
}

export function perqTop(words: string[], environment: NodeJS.ProcessEnv = process.env): number {
  return top(words, environment, out);
}
