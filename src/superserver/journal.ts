/**
 * Log lines for journald with their fields (the native protocol, systemd.journal-fields(7)), where systemd has connected
 * the standard output or error of this process to the journal. A line that it does not take goes where it would have
 * gone without it.
 */
import { fstatSync } from "node:fs";
import { encodeAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

export type Fields = Record<string, string | number | boolean | undefined>;

const SOCKET = "/run/systemd/journal/socket";
/** syslog(3)'s LOG_DAEMON. */
const DAEMON = 3;
const encoder = new TextEncoder();

/** A value with a newline has its length before it: nothing that a client says can begin a field of its own. */
export function encodeFields(fields: Fields): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const bytes = encoder.encode(String(value));
    if (!bytes.includes(10)) {
      parts.push(encoder.encode(`${name}=`), bytes);
    } else {
      const length = new Uint8Array(8);
      new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
      parts.push(encoder.encode(`${name}\n`), length, bytes);
    }
    parts.push(Uint8Array.of(10));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Our own names of fields → the journal's: from becomes PERQ_PEER, pid also OBJECT_PID, of which journald tells more. */
function journalNames(fields: Fields): Fields {
  const named: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === "pid" && value !== 0) named["OBJECT_PID"] = value;
    named[`PERQ_${name === "from" ? "PEER" : name.toUpperCase()}`] = value;
  }
  return named;
}

export class Journal {
  private constructor(
    private readonly fd: number,
    private readonly target: Uint8Array,
    private readonly program: string,
    /** Whether descriptor 2 leads there, so that a line on it would come twice. */
    readonly hasStandardError: boolean,
  ) {}

  /** undefined where JOURNAL_STREAM does not name one of our descriptors: it is another program's then. */
  static find(environment: NodeJS.ProcessEnv, program: string): Journal | undefined {
    const stream = environment["JOURNAL_STREAM"];
    if (stream === undefined) return undefined;
    const leads = (fd: number): boolean => {
      try {
        const { dev, ino } = fstatSync(fd);
        return stream === `${dev}:${ino}`;
      } catch {
        return false; // closed
      }
    };
    const onError = leads(2);
    if (!onError && !leads(1)) return undefined;
    const fd = sys.socket(sys.AF_UNIX, sys.SOCK_DGRAM);
    if (fd < 0) return undefined;
    const path = environment["PERQ_JOURNAL"] || SOCKET;
    return new Journal(fd, encodeAddress({ family: "unix", path }), program, onError);
  }

  /** Whether the journal took it. priority: syslog's 0 to 7. */
  send(text: string, priority: number, fields: Fields = {}, facility = DAEMON): boolean {
    const bytes = encodeFields({
      MESSAGE: text,
      PRIORITY: priority,
      SYSLOG_FACILITY: facility,
      SYSLOG_IDENTIFIER: this.program,
      ...journalNames(fields),
    });
    return sys.sendTo(this.fd, bytes, bytes.length, this.target, sys.MSG_DONTWAIT) === bytes.length;
  }
}
