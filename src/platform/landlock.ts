/**
 * Landlock rulesets that take away writing: whatever is not below one of some paths can no longer be written, made,
 * removed or renamed by who restricts himself with it. Reading and executing stay as the file modes have them.
 */
import { EMFILE, ENFILE, errorText } from "./errno.ts";
import { architecture } from "./machine.ts";
import * as sys from "./sys.ts";

const WRITE_FILE = 1n << 1n;
const TRUNCATE = 1n << 14n;
/** REMOVE_DIR … MAKE_SYM are bits 4 to 12, REFER is 13 (ABI 2). */
const CHANGE_DIRECTORY = 0x1ff0n;
const REFER = 1n << 13n;
const RULE_PATH_BENEATH = 1;
const O_PATH = 0o10000000;

/** Devices that every program may write to. Not all of /dev: shared memory is below it. */
const devices = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"].map((name) => `/dev/${name}`);

/** What a kernel without Landlock is answered with: the only reason that no later try can change. */
export const NO_LANDLOCK = "this kernel has no Landlock";

/** A ruleset's descriptor (closed on exec), or why there is none. missing: a path that is not there to be opened. */
export function writeRuleset(writable: string[], missing: (words: string) => void = () => {}): number | string {
  const { syscalls } = architecture();
  const abi = sys.syscall(syscalls.landlock_create_ruleset, 0, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
  if (abi < 1) return `${NO_LANDLOCK} (${errorText(abi)})`;
  const handled = WRITE_FILE | CHANGE_DIRECTORY | (abi >= 2 ? REFER : 0n) | (abi >= 3 ? TRUNCATE : 0n);
  const attribute = new BigUint64Array(new ArrayBuffer(8));
  attribute[0] = handled;
  const ruleset = sys.syscall(syscalls.landlock_create_ruleset, sys.addressOf(attribute), 8, 0);
  if (ruleset < 0) return `landlock_create_ruleset: ${errorText(ruleset)}`;
  for (const [path, bits] of [
    ...writable.map((one): [string, bigint] => [one, handled]),
    ...devices.map((one): [string, bigint] => [one, WRITE_FILE | (abi >= 3 ? TRUNCATE : 0n)]),
  ]) {
    const fd = sys.open(path, O_PATH | sys.O_CLOEXEC);
    if (fd === -EMFILE || fd === -ENFILE) {
      sys.close(ruleset);
      return `${path}: ${errorText(fd)}`; // it may well be there
    }
    if (fd < 0) {
      // What is not there cannot be written: the other rules stand all the more.
      if (writable.includes(path)) missing(`${path}: ${errorText(fd)}`);
      continue;
    }
    const rule = new Uint8Array(new ArrayBuffer(12)); // packed: u64 access, s32 descriptor
    const view = new DataView(rule.buffer);
    view.setBigUint64(0, bits, true);
    view.setInt32(8, fd, true);
    let added = sys.syscall(syscalls.landlock_add_rule, ruleset, RULE_PATH_BENEATH, sys.addressOf(rule), 0);
    if (added === -22) {
      // a file, not a directory: only what files have
      view.setBigUint64(0, bits & (WRITE_FILE | TRUNCATE), true);
      added = sys.syscall(syscalls.landlock_add_rule, ruleset, RULE_PATH_BENEATH, sys.addressOf(rule), 0);
    }
    sys.close(fd);
    if (added < 0) {
      sys.close(ruleset);
      return `${path}: landlock_add_rule: ${errorText(added)}`;
    }
  }
  return ruleset;
}
