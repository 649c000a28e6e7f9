/**
 * The two things that need machine code of our own, because no JavaScript may run there: a signal handler, and the
 * child of a vfork between clone and exec. Both are a few dozen instructions, assembled once with GNU as and kept
 * here as bytes for x86-64 and arm64, together with the system call numbers that differ between the two.
 *
 * The spawn stub runs a *syscall program*: records of eight words (number, six arguments, "must succeed") that the
 * child executes in order, sharing the parent's memory, until the last, execve, does not come back. So everything a
 * child needs (descriptors, session, limits, groups, ids, Landlock …) is data that JavaScript prepared beforehand.
 * See docs/decisions/spawn.md for what else was tried.
 */
import * as sys from "./sys.ts";

interface Architecture {
  /** clone, then the program at r12/x19 + 64. Word 0: clone flags; 1: -errno; 2: failing record; 3: exit code. */
  spawn: string;
  /** flag[signo] = 1; write(fd, one, 8): flags are 128 bytes, then the fd, then the eight bytes of "one". */
  handler: string;
  /** Where in `handler` the data address (little-endian u64) goes. */
  handlerData: number;
  syscalls: Record<SyscallName, number>;
}

export type SyscallName =
  | "close_range" | "chdir" | "chroot" | "dup3" | "execve" | "landlock_restrict_self" | "landlock_create_ruleset"
  | "landlock_add_rule" | "prctl" | "prlimit64" | "rt_sigaction" | "rt_sigprocmask" | "sched_setaffinity" | "setgroups"
  | "setpriority" | "setresgid" | "setresuid" | "setsid" | "umask" | "unshare" | "mount" | "fcntl"
  | "openat" | "write" | "close" | "capset"; // biome-ignore format: a table

const X86_64: Architecture = {
  //   push r12; push rbx; mov r12,rdi; mov eax,56(clone); mov rdi,[r12]; xor esi..r8d; syscall; test rax,rax; jne parent
  //   lea rbx,[r12+64]
  // next: mov rax,[rbx]; mov rdi,rsi,rdx,r10,r8,r9 from [rbx+8..48]; syscall; test rax,rax; jns done
  //   cmp qword [rbx+56],0; je done; mov [r12+8],rax; mov [r12+16],rbx; mov rdi,[r12+24]
  // dead: mov eax,231(exit_group); syscall; jmp dead
  // done: add rbx,64; jmp next
  // parent: pop rbx; pop r12; ret
  spawn:
    "4154534989fcb838000000498b3c2431f631d24531d24531c00f054885c0754c498d5c2440" +
    "488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f054885c0791f48837b38007418498944240849895c2410498b7c2418" +
    "b8e70000000f05ebf7" +
    "4883c340ebb9" +
    "5b415cc3",
  // movabs rax,data; mov byte [rax+rdi],1; mov edi,[rax+128]; lea rsi,[rax+136]; mov edx,8; mov eax,1(write); syscall; ret
  handler: "48b80000000000000000c60438018bb880000000488db088000000ba08000000b8010000000f05c3",
  handlerData: 2,
  syscalls: {
    close_range: 436, chdir: 80, chroot: 161, dup3: 292, execve: 59, landlock_restrict_self: 446,
    landlock_create_ruleset: 444, landlock_add_rule: 445, prctl: 157, prlimit64: 302, rt_sigaction: 13,
    rt_sigprocmask: 14, sched_setaffinity: 203, setgroups: 116, setpriority: 141, setresgid: 119, setresuid: 117,
    setsid: 112, umask: 95, unshare: 272, mount: 165, fcntl: 72, openat: 257, write: 1, close: 3, capset: 126,
  }, // biome-ignore format: a table
};

const ARM64: Architecture = {
  // The same, in the same order: x19 holds the header, x20 the record; clone is 220, exit_group 94, write 64.
  spawn: words(`
    a9bf53f3 aa0003f3 f9400260 d2800001 d2800002 d2800003 d2800004 d2801b88 d4000001 b5000240 91010274
    f9400288 a9408680 a9418e82 a9429684 d4000001 b6f80120 f9401e89 b40000e9 f9000660 f9000a74 f9400e60
    d2800bc8 d4000001 17fffffe
    91010294 17fffff1
    a8c153f3 d65f03c0`),
  handler: words("58000129 5280002a 3820692a b9408120 91022121 d2800102 d2800808 d4000001 d65f03c0 00000000 00000000"),
  handlerData: 36,
  syscalls: {
    close_range: 436, chdir: 49, chroot: 51, dup3: 24, execve: 221, landlock_restrict_self: 446,
    landlock_create_ruleset: 444, landlock_add_rule: 445, prctl: 167, prlimit64: 261, rt_sigaction: 134,
    rt_sigprocmask: 135, sched_setaffinity: 122, setgroups: 159, setpriority: 140, setresgid: 149, setresuid: 147,
    setsid: 157, umask: 166, unshare: 97, mount: 40, fcntl: 25, openat: 56, write: 64, close: 57, capset: 91,
  }, // biome-ignore format: a table
};

/** 32-bit instruction words, as objdump prints them, to little-endian hex bytes. */
function words(text: string): string {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => word.match(/../g)!.reverse().join(""))
    .join("");
}

const architectures: Partial<Record<string, Architecture>> = { x64: X86_64, arm64: ARM64 };

export function architecture(): Architecture {
  const found = architectures[process.arch];
  if (found === undefined) throw new Error(`perq has no machine code for ${process.arch}: x64 and arm64 only`);
  return found;
}

/** Puts code on a page of its own that can be executed and no longer written. Returns its address. */
export function loadCode(hex: string, patchAt?: number, patch?: number): number {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  if (patchAt !== undefined) new DataView(bytes.buffer).setBigUint64(patchAt, BigInt(patch!), true);
  const length = 4096;
  const page = sys.mmap(0, length, sys.PROT_READ | sys.PROT_WRITE, sys.MAP_PRIVATE | sys.MAP_ANONYMOUS, -1, 0);
  if (page < 0) throw new Error(`no page for machine code: errno ${-page}`);
  new Uint8Array(sys.viewAt(page, length)).set(bytes);
  const sealed = sys.mprotect(page, length, sys.PROT_READ | sys.PROT_EXEC);
  if (sealed < 0) throw new Error(`machine code may not be executed here: errno ${-sealed}`);
  return page;
}

let spawnCode: ((program: number) => number) | undefined; // one page for the process, however many plans

/** The spawn stub: address of a syscall program → pid, or minus errno. */
export function spawnStub(): (program: number) => number {
  if (spawnCode === undefined) spawnCode = sys.codeAt(loadCode(architecture().spawn));
  return spawnCode;
}
