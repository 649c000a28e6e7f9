// q: the private server, the console, the small server with a port. argv in, exit code out.
//
// The order matters (runtime-notes.md §2): first the descriptors, then everything else. The rest of the program is
// loaded only when 0, 1 and 2 cannot reach a client any more.

import { parseOptions, UsageError } from "#server/options.ts";
import { claimStandard } from "#server/standard.ts";

const words = process.argv.slice(2);

function read(): { options: ReturnType<typeof parseOptions> } | { problem: string } {
  try {
    return { options: parseOptions(words) };
  } catch (error) {
    if (error instanceof UsageError) return { problem: error.message };
    throw error;
  }
}

const given = read();
const standard = claimStandard(("options" in given && given.options.log) || (process.env["PERQ_LOG"] ?? ""));
if ("problem" in given) {
  process.stderr.write(`'invalid: ${given.problem}\n`);
  process.exit(2);
}
const { main } = await import("#server/main.ts");
main(given.options, [process.argv0, ...words], standard, (code) => process.exit(code));
