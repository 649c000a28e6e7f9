/**
 * Starting a child: what it shall have is laid down once, as a plan (a syscall program, see machine.ts), and run any
 * number of times with the descriptors and the few environment entries that differ. The child shares our memory
 * until it executes, so starting costs a few system calls however large this process is; nothing of it is inherited
 * but what the plan says: clean signals, descriptors 0, 1 and 2 only.
 *
 * Which limits, user and words a service wants is left to the super-server.
 */
import { nodeFs } from "./filesystem.ts";
import { architecture, spawnStub, type SyscallName } from "./machine.ts";
import * as sys from "./sys.ts";

export interface ChildSpec {
  file: string;
  /** With argv[0]. */
  argv: string[];
  environment: string[];
  /** How many more environment entries each start will give, and the longest one in bytes. */
  extraEnvironment?: { count: number; maxBytes: number };
  /** Each start is given the descriptor of a cgroup.procs, and the child puts itself there. */
  joinsCgroup?: boolean;
  newSession?: boolean;
  directory?: string;
  root?: string;
  umask?: number;
  nice?: number;
  /** Resource number → [soft, hard]. */
  limits?: [resource: number, soft: bigint, hard: bigint][];
  /** Supplementary groups; undefined leaves them alone. */
  groups?: number[];
  gid?: number;
  uid?: number;
  noNewPrivileges?: boolean;
  /** A Landlock ruleset's descriptor (implies noNewPrivileges). */
  landlockRuleset?: number;
  /** Paths mounted over with an empty private tmpfs, in a mount namespace of its own. */
  privateMounts?: string[];
  /** Signals that the child shall ignore. */
  ignoreSignals?: number[];
  /** What the child exits with when a step fails. */
  failureExitCode?: number;
}

export interface Started {
  /** To be reaped also when a step failed. */
  pid: number;
  /** The step that failed in the child, and its errno (positive). */
  failed?: { step: string; errno: number };
}

const RECORD_WORDS = 8;
const HEADER_WORDS = 8;
const CLONE_VM_VFORK_SIGCHLD = 0x4111n;
const MINUS_ONE = 0xffffffffffffffffn;

/** A set of bits in /proc/self/status. */
function ownMask(name: string): bigint {
  const status = nodeFs().readFileSync("/proc/self/status", "latin1");
  return BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? "0"}`);
}

/**
 * Capabilities that outlive a change of user and execve: inheritable and ambient ones, where this process was given any.
 * Without the first the kernel takes the second away, too. The arguments of capset, or undefined where there are none.
 */
function capabilitiesWithoutHeirs(): [header: Uint32Array, sets: Uint32Array] | undefined {
  if (ownMask("CapInh") === 0n) return undefined; // what is ambient is inheritable
  const words = (bits: bigint) => [Number(bits & 0xffffffffn), Number(bits >> 32n)];
  const [effective, permitted] = [words(ownMask("CapEff")), words(ownMask("CapPrm"))];
  const sets = new Uint32Array(new ArrayBuffer(24));
  sets.set([effective[0], permitted[0], 0, effective[1], permitted[1], 0]);
  const header = new Uint32Array(new ArrayBuffer(8));
  header[0] = 0x20080522; // _LINUX_CAPABILITY_VERSION_3
  return [header, sets];
}

/** Signals whose disposition the child must put back: what this process ignores or catches. */
function touchedSignals(): number[] {
  const touched = ownMask("SigIgn") | ownMask("SigCgt");
  const list: number[] = [];
  for (let signal = 1; signal <= 64; signal++) if ((touched >> BigInt(signal - 1)) & 1n) list.push(signal);
  return list;
}

export class ChildPlan {
  readonly spec: ChildSpec;
  private readonly held: unknown[] = [];
  private readonly program: BigUint64Array;
  private readonly programAddress: number;
  private readonly steps: string[] = [];
  private readonly run: (program: number) => number;
  private readonly extra: { bytes: Uint8Array; words: BigUint64Array; at: number }[] = [];
  private readonly environmentWords: BigUint64Array;
  private readonly fixedEntries: number;
  private readonly dupRecords: number[] = [];
  private cgroupRecord = -1;
  private readonly fullMask = new BigUint64Array(new ArrayBuffer(128)).fill(MINUS_ONE);
  private readonly oldMask = new BigUint64Array(new ArrayBuffer(128));

  constructor(spec: ChildSpec) {
    this.spec = spec;
    const records: bigint[][] = [];
    const { syscalls } = architecture();
    const call = (name: SyscallName, args: (number | bigint)[], step: string, must = true): number => {
      const words = new Array<bigint>(RECORD_WORDS).fill(0n);
      words[0] = BigInt(syscalls[name]);
      args.forEach((argument, index) => {
        words[index + 1] = BigInt.asUintN(64, BigInt(argument));
      });
      words[7] = must ? 1n : 0n;
      this.steps.push(step);
      return records.push(words) - 1;
    };

    const defaults = new Uint8Array(new ArrayBuffer(32)); // the kernel's struct sigaction, SIG_DFL
    const ignored = new BigUint64Array(new ArrayBuffer(32));
    ignored[0] = 1n;
    const keepIgnored = new Set(spec.ignoreSignals ?? []);
    for (const signal of touchedSignals()) {
      if (!keepIgnored.has(signal)) call("rt_sigaction", [signal, this.hold(defaults), 0, 8], "sigaction", false);
    }
    for (const signal of keepIgnored) call("rt_sigaction", [signal, this.hold(ignored), 0, 8], "sigaction", false);
    if (spec.newSession ?? true) call("setsid", [], "setsid", false);
    for (let fd = 0; fd < 3; fd++) this.dupRecords.push(call("dup3", [0, fd, 0], "dup2"));
    if (spec.joinsCgroup) this.cgroupRecord = call("write", [-1, this.hold(sys.cString("0")), 1], "cgroup");
    if (spec.privateMounts && spec.privateMounts.length > 0) {
      call("unshare", [0x20000 /* CLONE_NEWNS */], "unshare");
      const none = this.hold(sys.cString("none"));
      const tmpfs = this.hold(sys.cString("tmpfs"));
      const options = this.hold(sys.cString("mode=1777"));
      call("mount", [none, this.hold(sys.cString("/")), 0, 0x44000 /* MS_REC | MS_PRIVATE */, 0], "mount");
      for (const path of spec.privateMounts) {
        call("mount", [tmpfs, this.hold(sys.cString(path)), tmpfs, 6 /* NOSUID | NODEV */, options], "mount");
      }
    }
    if (spec.root !== undefined) call("chroot", [this.hold(sys.cString(spec.root))], "chroot");
    if (spec.directory !== undefined) call("chdir", [this.hold(sys.cString(spec.directory))], "chdir");
    if (spec.umask !== undefined) call("umask", [spec.umask], "umask", false);
    if (spec.nice !== undefined) call("setpriority", [0, 0, spec.nice], "nice", false);
    for (const [resource, soft, hard] of spec.limits ?? []) {
      call("prlimit64", [0, resource, this.hold(new BigUint64Array([soft, hard])), 0], "rlimit", false);
    }
    const capabilities = capabilitiesWithoutHeirs();
    if (capabilities !== undefined) call("capset", [this.hold(capabilities[0]), this.hold(capabilities[1])], "capset");
    if (spec.groups !== undefined) {
      const ids = new Uint32Array(new ArrayBuffer(Math.max(4, spec.groups.length * 4)));
      ids.set(spec.groups);
      call("setgroups", [spec.groups.length, this.hold(ids)], "setgroups");
    }
    if (spec.gid !== undefined) call("setresgid", [spec.gid, spec.gid, spec.gid], "setgid");
    if (spec.uid !== undefined) call("setresuid", [spec.uid, spec.uid, spec.uid], "setuid");
    if (spec.noNewPrivileges || spec.landlockRuleset !== undefined) {
      call("prctl", [38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0], "no_new_privs");
    }
    if (spec.landlockRuleset !== undefined) call("landlock_restrict_self", [spec.landlockRuleset, 0], "landlock");
    call("close_range", [3, 0xffffffff, 0], "close_range", false); // before Linux 5.9: close-on-exec must do
    call("rt_sigprocmask", [sys.SIG_SETMASK, this.hold(new BigUint64Array(new ArrayBuffer(8))), 0, 8], "sigprocmask");

    const extra = spec.extraEnvironment ?? { count: 0, maxBytes: 0 };
    this.fixedEntries = spec.environment.length;
    this.environmentWords = new BigUint64Array(new ArrayBuffer((this.fixedEntries + extra.count + 1) * 8));
    spec.environment.forEach((entry, index) => {
      this.environmentWords[index] = BigInt(this.hold(sys.cString(entry)));
    });
    for (let index = 0; index < extra.count; index++) {
      const bytes = new Uint8Array(new ArrayBuffer(extra.maxBytes + 1));
      this.extra.push({ bytes, words: this.environmentWords, at: this.hold(bytes) });
    }
    const argv = new BigUint64Array(new ArrayBuffer((spec.argv.length + 1) * 8));
    spec.argv.forEach((word, index) => {
      argv[index] = BigInt(this.hold(sys.cString(word)));
    });
    const file = this.hold(sys.cString(spec.file));
    call("execve", [file, this.hold(argv), this.hold(this.environmentWords)], "execv");

    this.program = new BigUint64Array(new ArrayBuffer((HEADER_WORDS + records.length * RECORD_WORDS) * 8));
    this.program[0] = CLONE_VM_VFORK_SIGCHLD;
    this.program[3] = BigInt(spec.failureExitCode ?? 127);
    records.forEach((words, index) => void this.program.set(words, HEADER_WORDS + index * RECORD_WORDS));
    this.programAddress = sys.addressOf(this.program);
    this.run = spawnStub();
  }

  /** Closes what the plan keeps open (a ruleset). It must not be started again. */
  close(): void {
    if (this.spec.landlockRuleset !== undefined) sys.close(this.spec.landlockRuleset);
  }

  private hold(buffer: NodeJS.TypedArray): number {
    this.held.push(buffer);
    return sys.addressOf(buffer);
  }

  /**
   * Starts a child with these descriptors (each 3 or above) as its 0, 1 and 2. Returns when it has executed or
   * failed to; minus errno when there was no child to be had.
   */
  start(
    stdio: readonly [number, number, number],
    extraEnvironment: readonly string[] = [],
    cgroupProcs = -1,
  ): Started | number {
    if (extraEnvironment.length > this.extra.length)
      throw new Error("more environment entries than the plan has room for");
    for (let index = 0; index < 3; index++) {
      if (stdio[index] < 3) throw new Error("descriptors given to a child are 3 or above");
      this.program[HEADER_WORDS + this.dupRecords[index] * RECORD_WORDS + 1] = BigInt(stdio[index]);
    }
    if (this.cgroupRecord >= 0)
      this.program[HEADER_WORDS + this.cgroupRecord * RECORD_WORDS + 1] = BigInt.asUintN(64, BigInt(cgroupProcs));
    for (let index = 0; index < this.extra.length; index++) {
      const slot = this.extra[index];
      const entry = extraEnvironment[index];
      if (entry === undefined) {
        this.environmentWords[this.fixedEntries + index] = 0n;
        break;
      }
      const { written } = encoder.encodeInto(entry, slot.bytes.subarray(0, slot.bytes.length - 1));
      slot.bytes[written] = 0;
      this.environmentWords[this.fixedEntries + index] = BigInt(slot.at);
    }
    this.program[1] = 0n;
    // A signal in the child would run our handler on our own memory: none may arrive before it has cleaned up.
    sys.sigmask(sys.SIG_SETMASK, this.fullMask, this.oldMask);
    const pid = this.run(this.programAddress);
    sys.sigmask(sys.SIG_SETMASK, this.oldMask, null);
    if (pid < 0) return pid;
    if (this.program[1] === 0n) return { pid };
    const errno = -Number(BigInt.asIntN(64, this.program[1]));
    const record = (Number(this.program[2]) - this.programAddress) / 8 - HEADER_WORDS;
    return { pid, failed: { step: this.steps[record / RECORD_WORDS], errno } };
  }
}

const encoder = new TextEncoder();

/** One child, when nobody keeps the plan. */
export function startChild(spec: ChildSpec, stdio: readonly [number, number, number]): Started | number {
  return new ChildPlan(spec).start(stdio);
}
