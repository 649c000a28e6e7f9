/**
 * A service as the super-server runs it: plain data, the same whichever file format it was written in. Everything
 * that can be known beforehand (ports, ids, addresses) is known here; the readers and resolve.ts make it.
 * Two services are the same when their JSON is.
 */
import type { SocketAddress } from "#platform/sockets.ts";
import type { AccessPattern } from "./access.ts";
import type { Place } from "./complaint.ts";

export type Dialect = "xinetd" | "openbsd" | "gnu";
export type SocketType = "stream" | "dgram" | "raw" | "seqpacket" | "rdm";
export type BuiltinName = "echo" | "discard" | "daytime" | "time" | "chargen" | "tcpmux" | "help";

export interface Endpoint {
  address: SocketAddress;
  /** IPv6 only: whether v4 clients are kept out. */
  v6only?: boolean;
  sendBufferBytes?: number;
  receiveBufferBytes?: number;
  /** As inetd names it in its log: "kdbtaq/tcp4". */
  label: string;
}

export type SuccessWord = "PID" | "HOST" | "USERID" | "EXIT" | "DURATION" | "TRAFFIC";
export type FailureWord = "HOST" | "USERID" | "ATTEMPT";

export type LogTarget =
  | { to: "nowhere" }
  | { to: "file"; path: string; softBytes?: number; hardBytes?: number }
  | { to: "syslog"; facility: string; level: string };

export type Rate =
  | { kind: "none" }
  /** xinetd: more than `perSecond` shuts the port for `waitSeconds`. */
  | { kind: "cps"; perSecond: number; waitSeconds: number }
  /** inetd: invocations in 60 s; what happens beyond differs by dialect. */
  | { kind: "minute"; max: number; dialect: "openbsd" | "gnu" }
  /** Ours: `perSecond` on average, `burst` at once; what is beyond is refused and recovers by itself. */
  | { kind: "bucket"; perSecond: number; burst: number };

export interface Credentials {
  /** undefined: leave as the daemon's. */
  uid?: number;
  gid?: number;
  groups?: number[];
  userName: string;
  /** Where the file names a group beside the user, and whether it wants all of the user's. */
  groupName?: string;
  /** xinetd: the file names the user by his number, which then is his group's, too. */
  byNumber?: boolean;
  allGroups?: boolean;
}

export interface Service {
  dialect: Dialect;
  name: string;
  id: string;
  place: Place;
  /** How many services before it have its id. */
  twin?: number;
  socketType: SocketType;
  protocol: string;
  port: number;
  wait: boolean;
  endpoints: Endpoint[];
  unlisted: boolean;
  builtin?: BuiltinName;
  /** Served through the tcpmux service rather than on a port of its own. */
  mux?: "plain" | "plus";
  redirect?: SocketAddress;

  program: string;
  argv: string[];
  credentials: Credentials;
  /** inetd finds out at connection time: the client gets EOF and the log this text. */
  startError?: string;
  /** Complete but for what depends on the client. */
  environment: string[];
  /** Of these, what the file itself says: env, and the names of passenv. */
  ownEnvironment: string[];
  passEnvironment?: string[];
  /** Which variables describe the client to the child. */
  peerVariables: "none" | "remote-host" | "tcp" | "tcp-resolve";
  /** Ours, beside REMOTE_HOST: REMOTE_PORT, SERVER_ADDR, SERVER_PORT. */
  peerDetails: boolean;
  nice?: number;
  umask?: number;
  directory: string;
  limits: [resource: number, softAndHard: string][];
  ignoreSigpipe: boolean;
  noDelay: boolean;
  keepAlive: boolean;
  retryFork: boolean;

  instances?: number;
  perSource?: number;
  perSourcePerMinute?: number;
  rate: Rate;
  maxLoad?: number;
  accessTimes?: [fromMinute: number, toMinute: number][];
  onlyFrom?: AccessPattern[];
  noAccess?: AccessPattern[];
  /** A hit is refused and remembered: minutes, or forever. */
  sensor?: { denyMinutes: number | "forever" | "never" };
  libwrap?: string;
  banner?: string;
  bannerSuccess?: string;
  bannerFail?: string;

  log: LogTarget;
  logOnSuccess: SuccessWord[];
  logOnFailure: FailureWord[];
  identRequired: boolean;

  // What only perqd has.
  warm: number;
  atLimit: "refuse" | "queue";
  queueLimit: number;
  maxIdleSeconds?: number;
  maxSessionSeconds?: number;
  noNewPrivileges: boolean;
  privateTmp: boolean;
  /** Landlock: the session may write below these paths and nowhere else. undefined: wherever its user may. */
  writable?: string[];
  /** undefined: the client hears it. "log": perqd's logs. Else a file, or a pattern of files. */
  standardError?: string;
  /** Each server in a cgroup of its own: file → what is written there. */
  cgroupLimits: [file: "memory.max" | "pids.max" | "cpu.max", text: string][];
  proxyProtocol: boolean;
  /** perqd speaks TLS with the client; the server sees plain bytes. */
  tls?: {
    /** The client's SNI chooses; the first is for whom none of them is. */
    certificates: { certificate: string; key?: string }[];
    authorities?: string;
    verify: "no" | "optional" | "required";
  };
}

/** What names a service to a person: "kdbtaq" or, for another id, that. */
export function serviceTitle(service: Service): string {
  return service.dialect === "xinetd" ? service.id : (service.endpoints[0]?.label ?? service.name);
}

/** The key under which a reload finds it again. */
export function serviceKey(service: Service): string {
  if (service.dialect === "xinetd") return `x ${service.id} ${service.mux ?? ""} ${service.twin ?? ""}`;
  return `i ${service.name} ${service.protocol} ${service.endpoints.map((one) => JSON.stringify(one.address)).join()}`;
}
