/**
 * libc, by bun:ffi: the only file of perq that knows there is such a thing. Integers and pointers go in, an integer
 * comes out: the call's result when it is not negative, or minus errno. Nothing is thrown for what the world does
 * (a refused connection is a number); what is thrown is a bug or a runtime without FFI.
 *
 * Symbols are bound in groups on first use, because binding costs about 11 µs each and every private q pays for
 * what it binds. Struct layouts are Linux LP64 (x86-64 and arm64, glibc); signal numbers and socket constants too.
 * What these calls are for (addresses, loops, children, maps) is left to the neighbours of this file.
 */
import { CFunction, dlopen, type FFIFunction, FFIType, type Pointer, ptr, read, toArrayBuffer } from "bun:ffi";

const LIBC = "libc.so.6";

type Specs = Record<string, FFIFunction>;
type Calls<S extends Specs> = { [K in keyof S]: (...args: (number | bigint | NodeJS.TypedArray | null)[]) => number };

/** Binds a group of functions when the first of them is called; of several libraries, the first that is there. */
function group<const S extends Specs>(specs: S, libraries: string[] = [LIBC]): () => Calls<S> {
  let calls: Calls<S> | undefined;
  return () => {
    if (calls !== undefined) return calls;
    let failure: unknown;
    for (const library of libraries) {
      try {
        calls = dlopen(library, specs).symbols as unknown as Calls<S>;
        return calls;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

const i32 = "i32";
const u64 = "u64";
const i64 = FFIType.i64_fast; // a number, where the strings "i64" and "int64_t" would make a bigint
const p = "ptr";

/** Every process that serves a descriptor needs these. */
const io = group({
  __errno_location: { args: [], returns: p },
  poll: { args: [p, u64, i32], returns: i32 },
  read: { args: [i32, p, u64], returns: i64 },
  write: { args: [i32, p, u64], returns: i64 },
  send: { args: [i32, p, u64, i32], returns: i64 },
  recv: { args: [i32, p, u64, i32], returns: i64 },
  close: { args: [i32], returns: i32 },
  dup2: { args: [i32, i32], returns: i32 },
  fcntl: { args: [i32, i32, i64], returns: i32 },
  getsockopt: { args: [i32, i32, i32, p, p], returns: i32 },
  setsockopt: { args: [i32, i32, i32, p, i32], returns: i32 },
  getpeername: { args: [i32, p, p], returns: i32 },
});

const sockets = group({
  socket: { args: [i32, i32, i32], returns: i32 },
  socketpair: { args: [i32, i32, i32, p], returns: i32 },
  connect: { args: [i32, p, i32], returns: i32 },
  bind: { args: [i32, p, i32], returns: i32 },
  listen: { args: [i32, i32], returns: i32 },
  accept4: { args: [i32, p, p, i32], returns: i32 },
  getsockname: { args: [i32, p, p], returns: i32 },
  shutdown: { args: [i32, i32], returns: i32 },
  sendto: { args: [i32, p, u64, i32, p, i32], returns: i64 },
  recvfrom: { args: [i32, p, u64, i32, p, p], returns: i64 },
  sendmsg: { args: [i32, p, i32], returns: i64 },
  recvmsg: { args: [i32, p, i32], returns: i64 },
});

const files = group({
  open: { args: [p, i32, i32], returns: i32 },
  pipe2: { args: [p, i32], returns: i32 },
  eventfd: { args: [u64, i32], returns: i32 },
  flock: { args: [i32, i32], returns: i32 },
  umask: { args: [i32], returns: i32 },
  access: { args: [p, i32], returns: i32 },
});

const inodes = group({
  statx: { args: [i32, p, i32, "u32", p], returns: i32 },
  getdents64: { args: [i32, p, u64], returns: i64 },
  pread: { args: [i32, p, u64, i64], returns: i64 },
});

const memory = group({
  mmap: { args: [i64, u64, i32, i32, i32, i64], returns: i64 },
  munmap: { args: [i64, u64], returns: i32 },
  mprotect: { args: [i64, u64, i32], returns: i32 },
  madvise: { args: [i64, u64, i32], returns: i32 },
});

const processes = group({
  kill: { args: [i32, i32], returns: i32 },
  wait4: { args: [i32, p, i32, p], returns: i32 },
  sigaction: { args: [i32, p, p], returns: i32 },
  syscall: { args: [i64, i64, i64, i64, i64, i64, i64], returns: i64 },
  pthread_sigmask: { args: [i32, p, p], returns: i32 },
  prlimit: { args: [i32, i32, p, p], returns: i32 },
  setpriority: { args: [i32, u64, i32], returns: i32 },
  getpriority: { args: [i32, u64], returns: i32 },
  prctl: { args: [i32, i64, i64, i64, i64], returns: i32 },
  setsid: { args: [], returns: i32 },
  _exit: { args: [i32], returns: "void" },
});

const identities = group({
  getuid: { args: [], returns: "u32" },
  geteuid: { args: [], returns: "u32" },
  getgid: { args: [], returns: "u32" },
  getegid: { args: [], returns: "u32" },
  getgroups: { args: [i32, p], returns: i32 },
  setgroups: { args: [u64, p], returns: i32 },
  setresgid: { args: ["u32", "u32", "u32"], returns: i32 },
  setresuid: { args: ["u32", "u32", "u32"], returns: i32 },
  getpwnam_r: { args: [p, p, p, u64, p], returns: i32 },
  getpwuid_r: { args: ["u32", p, p, u64, p], returns: i32 },
  getgrnam_r: { args: [p, p, p, u64, p], returns: i32 },
  getgrgid_r: { args: ["u32", p, p, u64, p], returns: i32 },
  getgrouplist: { args: [p, "u32", p, p], returns: i32 },
});

const terminals = group({
  isatty: { args: [i32], returns: i32 },
  tcgetattr: { args: [i32, p], returns: i32 },
  tcsetattr: { args: [i32, i32, p], returns: i32 },
  ioctl: { args: [i32, u64, p], returns: i32 },
});

const logging = group({
  openlog: { args: [p, i32, i32], returns: "void" },
  syslog: { args: [i32, p, p], returns: "void" },
  closelog: { args: [], returns: "void" },
});

const resolving = group({
  getaddrinfo: { args: [p, p, p, p], returns: i32 },
  freeaddrinfo: { args: [p], returns: "void" },
  getnameinfo: { args: [p, i32, p, i32, p, i32, i32], returns: i32 },
  gai_strerror: { args: [i32], returns: p },
});

const clocks = group({
  clock_gettime: { args: [i32, p], returns: i32 },
});

// ---------------------------------------------------------------------------------------------------- errno

let errnoAddress: Pointer | undefined; // the calling thread's; each Worker evaluates this module for itself

/** errno of this thread's last failed call. The functions below return it negated already. */
export function errno(): number {
  if (errnoAddress === undefined) errnoAddress = io().__errno_location() as Pointer;
  return read.i32(errnoAddress, 0);
}

function checked(result: number): number {
  return result < 0 ? -errno() : result;
}

// ------------------------------------------------------------------------------------------- bytes and addresses

/** A NUL-ended UTF-8 copy of the text, in a buffer whose address stays where it is. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new Error("a C string cannot hold a NUL");
  const bytes = new TextEncoder().encode(text);
  const copy = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  copy.set(bytes);
  return copy;
}

/**
 * The address of a view. To be kept only for views over an ArrayBuffer of their own (new Uint8Array(new
 * ArrayBuffer(n))) or over WASM memory: a small plain typed array moves once its .buffer is touched.
 */
export function addressOf(view: NodeJS.TypedArray | DataView, offset = 0): number {
  return ptr(view as NodeJS.TypedArray, offset) as number;
}

/** A view of memory that is not ours to collect: a mapping, a struct that libc returned. */
export function viewAt(address: number, length: number): ArrayBuffer {
  return toArrayBuffer(address as Pointer, 0, length);
}

export function readU64(address: number, offset = 0): number {
  return Number(read.u64(address as Pointer, offset));
}

export function readI32(address: number, offset = 0): number {
  return read.i32(address as Pointer, offset);
}

export function readU32(address: number, offset = 0): number {
  return read.u32(address as Pointer, offset);
}

/** The text at an address up to its NUL. */
export function readCString(address: number): string {
  if (address === 0) return "";
  const bytes: number[] = [];
  for (let at = 0; ; at++) {
    const byte = read.u8(address as Pointer, at);
    if (byte === 0) break;
    bytes.push(byte);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** A function of machine code: one 64-bit argument, a 64-bit result. */
export function codeAt(address: number): (argument: number) => number {
  const bind = CFunction as unknown as (code: FFIFunction & { ptr: Pointer }) => (argument: number) => number;
  return bind({ ptr: address as Pointer, args: [i64], returns: i64 });
}

// ------------------------------------------------------------------------------------------------- descriptors

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;

/** pollfds: pairs of int32, the descriptor and then events | revents << 16. Returns ready count, 0 or -EINTR. */
export function poll(pollfds: Int32Array, count: number, timeoutMs: number): number {
  return checked(io().poll(pollfds, count, timeoutMs));
}

export function readBytes(fd: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset): number {
  return checked(io().read(fd, addressOf(bytes, offset), length));
}

export function writeBytes(fd: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset): number {
  return checked(io().write(fd, addressOf(bytes, offset), length));
}

export function readAt(fd: number, address: number, length: number): number {
  return checked(io().read(fd, address, length));
}

export function writeAt(fd: number, address: number, length: number): number {
  return checked(io().write(fd, address, length));
}

export function open(path: string, flags: number, mode = 0o666): number {
  return checked(files().open(cString(path), flags, mode));
}

/** The same of a path that is bytes already, with a NUL behind. */
export function openBytes(path: Uint8Array, flags: number, mode = 0o666): number {
  return checked(files().open(path, flags, mode));
}

/** struct statx, 256 bytes, whose layout is the same on every machine. The path is bytes with a NUL behind. */
export function statx(directory: number, path: Uint8Array, flags: number, into: Uint8Array): number {
  return checked(inodes().statx(directory, path, flags, 0x7ff /* STATX_BASIC_STATS */, into));
}

/** Records of linux_dirent64; 0 at the directory's end. */
export function readEntries(fd: number, into: Uint8Array): number {
  return checked(inodes().getdents64(fd, into, into.length));
}

/** Reads at a place of the file; the descriptor's own place stays. */
export function readFrom(fd: number, bytes: Uint8Array, offset: number, length: number, place: number): number {
  return checked(inodes().pread(fd, addressOf(bytes, offset), length, place));
}

export function close(fd: number): number {
  return checked(io().close(fd));
}

/** A copy of the descriptor at or above `atLeast`, closed on exec. */
export function duplicate(fd: number, atLeast = 3): number {
  return checked(io().fcntl(fd, 1030 /* F_DUPFD_CLOEXEC */, atLeast));
}

/** Makes `to` another name of `from`; the new name survives exec. */
export function dup2(from: number, to: number): number {
  return checked(io().dup2(from, to));
}

export function fcntl(fd: number, command: number, argument = 0): number {
  return checked(io().fcntl(fd, command, argument));
}

export function setNonBlocking(fd: number, on: boolean): number {
  const flags = fcntl(fd, 3 /* F_GETFL */);
  if (flags < 0) return flags;
  return fcntl(fd, 4 /* F_SETFL */, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

export function setCloseOnExec(fd: number, on: boolean): number {
  return fcntl(fd, 2 /* F_SETFD */, on ? 1 : 0);
}

/** [read end, write end], closed on exec, or minus errno. */
export function pipe(flags = O_CLOEXEC): [number, number] | number {
  const ends = new Int32Array(2);
  const result = checked(files().pipe2(ends, flags));
  return result < 0 ? result : [ends[0], ends[1]];
}

export function eventFd(): number {
  return checked(files().eventfd(0, O_CLOEXEC | O_NONBLOCK));
}

export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

export function flock(fd: number, operation: number): number {
  return checked(files().flock(fd, operation));
}

/** Sets the file mode mask and returns the old one. */
export function umask(mask: number): number {
  return files().umask(mask);
}

export const X_OK = 1;
export const W_OK = 2;
export const R_OK = 4;

export function access(path: string, mode: number): number {
  return checked(files().access(cString(path), mode));
}

// ----------------------------------------------------------------------------------------------------- sockets

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = O_NONBLOCK;
export const SOCK_CLOEXEC = O_CLOEXEC;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_PASSCRED = 16;
export const SO_PEERCRED = 17;
export const SO_RCVLOWAT = 18;
export const SO_SNDTIMEO = 21;
export const SO_ACCEPTCONN = 30;
export const SO_DOMAIN = 39;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const IPPROTO_IPV6 = 41;
export const IPV6_ADDRFORM = 1;
export const IPV6_V6ONLY = 26;
export const MSG_PEEK = 2;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x40000000;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** Always closed on exec: what a child shall have is given to it by name. */
export function socket(family: number, type: number, protocol = 0): number {
  return checked(sockets().socket(family, type | SOCK_CLOEXEC, protocol));
}

export function socketPair(family = AF_UNIX, type = SOCK_STREAM): [number, number] | number {
  const ends = new Int32Array(2);
  const result = checked(sockets().socketpair(family, type | SOCK_CLOEXEC, 0, ends));
  return result < 0 ? result : [ends[0], ends[1]];
}

export function connect(fd: number, sockaddr: Uint8Array): number {
  return checked(sockets().connect(fd, sockaddr, sockaddr.length));
}

export function bind(fd: number, sockaddr: Uint8Array): number {
  return checked(sockets().bind(fd, sockaddr, sockaddr.length));
}

export function listen(fd: number, backlog: number): number {
  return checked(sockets().listen(fd, backlog));
}

/** sockaddr, when given, receives the peer's; length[0] must hold its size and receives the peer's. */
export function accept(
  fd: number,
  sockaddr: Uint8Array | null,
  length: Int32Array | null,
  flags = SOCK_CLOEXEC,
): number {
  return checked(sockets().accept4(fd, sockaddr, length, flags));
}

export function getSockName(fd: number, sockaddr: Uint8Array, length: Int32Array): number {
  return checked(sockets().getsockname(fd, sockaddr, length));
}

export function getPeerName(fd: number, sockaddr: Uint8Array, length: Int32Array): number {
  return checked(io().getpeername(fd, sockaddr, length));
}

/** An option that is an int. Its value, or minus errno (no such option is negative). */
export function getSocketOption(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  const length = new Int32Array([4]);
  const result = checked(io().getsockopt(fd, level, option, value, length));
  return result < 0 ? result : value[0];
}

export function getSocketOptionBytes(
  fd: number,
  level: number,
  option: number,
  bytes: Uint8Array | Int32Array,
): number {
  const length = new Int32Array([bytes.byteLength]);
  const result = checked(io().getsockopt(fd, level, option, bytes, length));
  return result < 0 ? result : length[0];
}

export function setSocketOption(fd: number, level: number, option: number, value: number): number {
  return checked(io().setsockopt(fd, level, option, new Int32Array([value]), 4));
}

export function setSocketOptionBytes(fd: number, level: number, option: number, bytes: Int32Array): number {
  return checked(io().setsockopt(fd, level, option, bytes, bytes.byteLength));
}

/** Never raises SIGPIPE: a peer that is gone is -EPIPE. */
export function send(fd: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset, flags = 0): number {
  return checked(io().send(fd, addressOf(bytes, offset), length, flags | MSG_NOSIGNAL));
}

export function recv(fd: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset, flags = 0): number {
  return checked(io().recv(fd, addressOf(bytes, offset), length, flags));
}

export function sendAt(fd: number, address: number, length: number, flags = 0): number {
  return checked(io().send(fd, address, length, flags | MSG_NOSIGNAL));
}

export function recvAt(fd: number, address: number, length: number, flags = 0): number {
  return checked(io().recv(fd, address, length, flags));
}

export function sendTo(fd: number, bytes: Uint8Array, length: number, sockaddr: Uint8Array, flags = 0): number {
  return checked(sockets().sendto(fd, bytes, length, flags | MSG_NOSIGNAL, sockaddr, sockaddr.length));
}

export function recvFrom(fd: number, bytes: Uint8Array, sockaddr: Uint8Array, length: Int32Array, flags = 0): number {
  return checked(sockets().recvfrom(fd, bytes, bytes.length, flags, sockaddr, length));
}

export function shutdown(fd: number, how: number): number {
  return checked(sockets().shutdown(fd, how));
}

/** message: a struct msghdr (7 × u64), all of whose addresses are of buffers that stay put. */
export function sendMessage(fd: number, message: BigUint64Array, flags: number): number {
  return checked(sockets().sendmsg(fd, message, flags));
}

export function receiveMessage(fd: number, message: BigUint64Array, flags: number): number {
  return checked(sockets().recvmsg(fd, message, flags));
}

// ------------------------------------------------------------------------------------------------------ memory

export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;
export const MADV_NORMAL = 0;
export const MADV_RANDOM = 1;
export const MADV_SEQUENTIAL = 2;
export const MADV_WILLNEED = 3;
export const MADV_DONTNEED = 4;
export const MADV_HUGEPAGE = 14;

/** The address mapped, or minus errno. */
export function mmap(
  address: number,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  return checked(memory().mmap(address, length, protection, flags, fd, offset));
}

export function munmap(address: number, length: number): number {
  return checked(memory().munmap(address, length));
}

export function mprotect(address: number, length: number, protection: number): number {
  return checked(memory().mprotect(address, length, protection));
}

export function madvise(address: number, length: number, advice: number): number {
  return checked(memory().madvise(address, length, advice));
}

// --------------------------------------------------------------------------------------------------- processes

export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;
export const WNOHANG = 1;

export const SIG = {
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13,
  ALRM: 14, TERM: 15, CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, XCPU: 24, XFSZ: 25, VTALRM: 26, PROF: 27, WINCH: 28,
  IO: 29, PWR: 30,
} as const; // biome-ignore format: a table

export function kill(pid: number, signal: number): number {
  return checked(processes().kill(pid, signal));
}

/**
 * Reaps one child. status[0] receives its wait status, usage (18 × int64, a struct rusage) what it used.
 * Returns its pid, 0 when none has ended (under WNOHANG), or minus errno.
 */
export function wait(pid: number, status: Int32Array, options: number, usage: BigInt64Array | null = null): number {
  return checked(processes().wait4(pid, status, options, usage));
}

/** act and old are struct sigaction of glibc: handler, 128 bytes of mask, flags, restorer; 152 bytes. */
export function sigaction(signal: number, act: BigUint64Array | null, old: BigUint64Array | null): number {
  return checked(processes().sigaction(signal, act, old));
}

/** For this thread. mask and old are 16 × u64 (sigset_t); pthread_sigmask returns its errno. */
export function sigmask(how: number, mask: BigUint64Array | null, old: BigUint64Array | null): number {
  return -processes().pthread_sigmask(how, mask, old);
}

/** A raw system call. The number differs by architecture: see SYSCALLS in machine.ts. */
export function syscall(number: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): number {
  return checked(processes().syscall(number, a, b, c, d, e, f));
}

/**
 * Ends the process here and now. process.exit runs the engine's own end first, which costs time and can only go
 * wrong; what a program of perq has written is with the kernel already.
 */
export function exitNow(code: number): never {
  processes()._exit(code);
  throw new Error("_exit came back");
}

export const RLIMIT = {
  CPU: 0, FSIZE: 1, DATA: 2, STACK: 3, CORE: 4, RSS: 5, NPROC: 6, NOFILE: 7, MEMLOCK: 8, AS: 9,
} as const; // biome-ignore format: a table

export const RLIM_INFINITY = 0xffffffffffffffffn;

/** limits are [soft, hard]; pid 0 is this process. */
export function prlimit(pid: number, resource: number, set: BigUint64Array | null, old: BigUint64Array | null): number {
  return checked(processes().prlimit(pid, resource, set, old));
}

/** nice value of a process (or, on Linux, of one thread). */
export function setPriority(pid: number, nice: number): number {
  return checked(processes().setpriority(0, pid, nice));
}

/** -20…19, so errno cannot be told from a result: a process that is not there gives 0. */
export function getPriority(pid: number): number {
  return processes().getpriority(0, pid);
}

export function prctl(option: number, a = 0, b = 0, c = 0, d = 0): number {
  return checked(processes().prctl(option, a, b, c, d));
}

export function setSession(): number {
  return checked(processes().setsid());
}

// -------------------------------------------------------------------------------------------------- identities

export function getUid(): number {
  return identities().getuid();
}

export function getEffectiveUid(): number {
  return identities().geteuid();
}

export function getGid(): number {
  return identities().getgid();
}

export function getEffectiveGid(): number {
  return identities().getegid();
}

export function getGroups(): number[] {
  const ids = new Uint32Array(65536);
  const count = checked(identities().getgroups(ids.length, ids));
  return count < 0 ? [] : Array.from(ids.subarray(0, count));
}

/** glibc's, so that every thread changes. */
export function setGroups(gids: number[]): number {
  const ids = new Uint32Array(Math.max(1, gids.length));
  ids.set(gids);
  return checked(identities().setgroups(gids.length, ids));
}

export function setResGid(real: number, effective: number, saved: number): number {
  return checked(identities().setresgid(real, effective, saved));
}

export function setResUid(real: number, effective: number, saved: number): number {
  return checked(identities().setresuid(real, effective, saved));
}

const ACCOUNT_BYTES = 65536;

/** Fills struct passwd/group through one of the four reentrant look-ups; undefined when there is no such entry. */
function lookUp(
  call: (entry: Uint8Array, strings: Uint8Array, found: BigUint64Array) => number,
): Uint8Array | undefined {
  const entry = new Uint8Array(new ArrayBuffer(64));
  const strings = new Uint8Array(new ArrayBuffer(ACCOUNT_BYTES));
  const found = new BigUint64Array(new ArrayBuffer(8));
  call(entry, strings, found);
  return found[0] === 0n ? undefined : entry;
}

export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

function userFrom(entry: Uint8Array): User {
  const at = addressOf(entry);
  return {
    name: readCString(readU64(at, 0)),
    uid: readU32(at, 16),
    gid: readU32(at, 20),
    home: readCString(readU64(at, 32)),
    shell: readCString(readU64(at, 40)),
  };
}

export function userByName(name: string): User | undefined {
  const key = cString(name);
  let user: User | undefined;
  lookUp((entry, strings, found) => {
    const result = identities().getpwnam_r(key, entry, strings, strings.length, found);
    if (found[0] !== 0n) user = userFrom(entry);
    return result;
  });
  return user;
}

export function userById(uid: number): User | undefined {
  let user: User | undefined;
  lookUp((entry, strings, found) => {
    const result = identities().getpwuid_r(uid, entry, strings, strings.length, found);
    if (found[0] !== 0n) user = userFrom(entry);
    return result;
  });
  return user;
}

export interface Group {
  name: string;
  gid: number;
}

export function groupByName(name: string): Group | undefined {
  const key = cString(name);
  let group: Group | undefined;
  lookUp((entry, strings, found) => {
    const result = identities().getgrnam_r(key, entry, strings, strings.length, found);
    if (found[0] !== 0n)
      group = { name: readCString(readU64(addressOf(entry), 0)), gid: readU32(addressOf(entry), 16) };
    return result;
  });
  return group;
}

export function groupById(gid: number): Group | undefined {
  let group: Group | undefined;
  lookUp((entry, strings, found) => {
    const result = identities().getgrgid_r(gid, entry, strings, strings.length, found);
    if (found[0] !== 0n)
      group = { name: readCString(readU64(addressOf(entry), 0)), gid: readU32(addressOf(entry), 16) };
    return result;
  });
  return group;
}

/** What initgroups(3) would give: the user's groups and this one. */
export function groupsOf(user: string, gid: number): number[] {
  const count = new Int32Array([4096]);
  const gids = new Uint32Array(4096);
  const result = identities().getgrouplist(cString(user), gid, gids, count);
  return result < 0 ? [gid] : Array.from(gids.subarray(0, count[0]));
}

// --------------------------------------------------------------------------------------------------- terminals

export function isTerminal(fd: number): boolean {
  return terminals().isatty(fd) === 1;
}

/** A struct termios: 60 bytes in glibc. */
export function getTerminal(fd: number, termios: Uint8Array): number {
  return checked(terminals().tcgetattr(fd, termios));
}

/** when: 0 now, 1 after output drained, 2 also dropping unread input. */
export function setTerminal(fd: number, termios: Uint8Array, when = 0): number {
  return checked(terminals().tcsetattr(fd, when, termios));
}

export function ioctl(fd: number, request: number, argument: Uint8Array | Uint16Array | Int32Array | null): number {
  return checked(terminals().ioctl(fd, request, argument));
}

// ------------------------------------------------------------------------------------------------------- clock

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const timespec = new BigInt64Array(new ArrayBuffer(16));

/** CLOCK_MONOTONIC in nanoseconds, the same in every process. (Bun's process.hrtime begins with its process.) */
export function monotonicTime(): bigint {
  clocks().clock_gettime(CLOCK_MONOTONIC, timespec);
  return timespec[0] * 1000000000n + timespec[1];
}

/** Nanoseconds since 1970 UTC, as the kernel counts them. */
export function realTime(): bigint {
  clocks().clock_gettime(CLOCK_REALTIME, timespec);
  return timespec[0] * 1000000000n + timespec[1];
}

// ------------------------------------------------------------------------------------------------------ syslog

let logIdentity: Uint8Array | undefined; // openlog keeps the pointer
let logFormat: Uint8Array | undefined;

export function openLog(identity: string, option: number, facility: number): void {
  logIdentity = cString(identity);
  logging().openlog(logIdentity, option, facility);
}

/** The text goes through "%s": a client's % is only a %. */
export function syslog(priority: number, text: string): void {
  if (logFormat === undefined) logFormat = cString("%s");
  logging().syslog(priority, logFormat, cString(text.replaceAll("\0", "?")));
}

export function closeLog(): void {
  logging().closelog();
}

// ------------------------------------------------------------------------------------------------------- names

/** All stream socket addresses (struct sockaddr bytes) of a host name or number, or the resolver's words. */
export function resolve(host: string | null, family = AF_UNSPEC, flags = 0): Uint8Array[] | string {
  const hints = new Uint8Array(new ArrayBuffer(48));
  const words = new Int32Array(hints.buffer);
  words[0] = flags;
  words[1] = family;
  words[2] = SOCK_STREAM;
  const list = new BigUint64Array(new ArrayBuffer(8));
  const result = resolving().getaddrinfo(
    host === null ? null : cString(host),
    host === null ? cString("0") : null,
    hints,
    list,
  );
  if (result !== 0) return readCString(resolving().gai_strerror(result));
  const found: Uint8Array[] = [];
  for (let at = Number(list[0]); at !== 0; at = readU64(at, 40)) {
    const length = readU32(at, 16);
    found.push(new Uint8Array(viewAt(readU64(at, 24), length)).slice());
  }
  resolving().freeaddrinfo(Number(list[0]));
  return found;
}

/** The reverse name of a socket address; undefined when it has none. May wait for a name server. */
export function nameOf(sockaddr: Uint8Array): string | undefined {
  const host = new Uint8Array(new ArrayBuffer(1025));
  const result = resolving().getnameinfo(sockaddr, sockaddr.length, host, host.length, null, 0, 8 /* NI_NAMEREQD */);
  return result === 0 ? readCString(addressOf(host)) : undefined;
}

// --------------------------------------------------------------------------------------------------------- TLS

/** OpenSSL 3, as tls.ts uses it. Binding throws where the library is not installed. */
export const libssl = group(
  {
    TLS_server_method: { args: [], returns: p },
    TLS_client_method: { args: [], returns: p },
    SSL_CTX_new: { args: [p], returns: p },
    SSL_CTX_free: { args: [p], returns: "void" },
    SSL_CTX_get0_certificate: { args: [p], returns: p },
    SSL_CTX_ctrl: { args: [p, i32, i64, p], returns: i64 },
    SSL_CTX_use_certificate_chain_file: { args: [p, p], returns: i32 },
    SSL_CTX_use_PrivateKey_file: { args: [p, p, i32], returns: i32 },
    SSL_CTX_check_private_key: { args: [p], returns: i32 },
    SSL_CTX_load_verify_locations: { args: [p, p, p], returns: i32 },
    SSL_CTX_set_default_verify_paths: { args: [p], returns: i32 },
    SSL_CTX_set_verify: { args: [p, i32, p], returns: "void" },
    SSL_CTX_set_options: { args: [p, u64], returns: u64 },
    SSL_CTX_set_cipher_list: { args: [p, p], returns: i32 },
    SSL_CTX_set_default_passwd_cb_userdata: { args: [p, p], returns: "void" },
    SSL_CTX_set_session_id_context: { args: [p, p, i32], returns: i32 },
    SSL_CTX_set_client_CA_list: { args: [p, p], returns: "void" },
    SSL_load_client_CA_file: { args: [p], returns: p },
    SSL_new: { args: [p], returns: p },
    SSL_free: { args: [p], returns: "void" },
    SSL_set_fd: { args: [p, i32], returns: i32 },
    SSL_ctrl: { args: [p, i32, i64, p], returns: i64 },
    SSL_set1_host: { args: [p, p], returns: i32 },
    SSL_accept: { args: [p], returns: i32 },
    SSL_connect: { args: [p], returns: i32 },
    SSL_read: { args: [p, p, i32], returns: i32 },
    SSL_write: { args: [p, p, i32], returns: i32 },
    SSL_pending: { args: [p], returns: i32 },
    SSL_shutdown: { args: [p], returns: i32 },
    SSL_get_error: { args: [p, i32], returns: i32 },
    SSL_get_version: { args: [p], returns: p },
    SSL_get_current_cipher: { args: [p], returns: p },
    SSL_CIPHER_get_name: { args: [p], returns: p },
    SSL_get_verify_result: { args: [p], returns: i64 },
    SSL_get1_peer_certificate: { args: [p], returns: p },
    SSL_get_servername: { args: [p, i32], returns: p },
  },
  ["libssl.so.3"],
);

export const libcrypto = group(
  {
    ERR_get_error: { args: [], returns: i64 },
    ERR_error_string_n: { args: [i64, p, u64], returns: "void" },
    ERR_clear_error: { args: [], returns: "void" },
    X509_get_subject_name: { args: [p], returns: p },
    X509_NAME_print_ex: { args: [p, p, i32, u64], returns: i32 },
    X509_get0_notBefore: { args: [p], returns: p },
    X509_get0_notAfter: { args: [p], returns: p },
    X509_cmp_time: { args: [p, p], returns: i32 },
    BIO_s_mem: { args: [], returns: p },
    BIO_new: { args: [p], returns: p },
    BIO_read: { args: [p, p, i32], returns: i32 },
    BIO_free: { args: [p], returns: i32 },
    X509_free: { args: [p], returns: "void" },
    X509_check_host: { args: [p, p, u64, i32, p], returns: i32 },
    X509_verify_cert_error_string: { args: [i64], returns: p },
  },
  ["libcrypto.so.3"],
);
