/**
 * A service's settings → the plan of its children, and what each child learns of its client. One plan per service,
 * made on the first connection and thrown away when a reload brings other settings.
 */
import { writeFileSync } from "node:fs";
import { localAddress, type SocketAddress } from "#platform/sockets.ts";
import { ChildPlan, type ChildSpec } from "#platform/spawn.ts";
import { NO_LANDLOCK, writeRuleset } from "#platform/landlock.ts";
import * as sys from "#platform/sys.ts";
import { EMFILE, errorText } from "#platform/errno.ts";
import type { Cgroup } from "./cgroups.ts";
import type { Service } from "./config/service.ts";
import type { Daemon } from "./daemon.ts";
import { type ErrorOutput, openErrors } from "./errors.ts";
import type { RunningService } from "./running.ts";

const EXTRA_ENTRIES = 12;
const EXTRA_BYTES = 600;

/** A child that was started, and what is to be put away when it has ended. */
export interface Launched {
  pid: number;
  /** The step that failed in the child; it is to be reaped all the same. */
  failed?: { step: string; errno: number };
  errors: ErrorOutput;
  cgroup?: Cgroup;
}

/**
 * Starts a server of the service with input as its descriptor 0 and output as 1, and as 2 where no log is wanted for
 * that. A string says why there is none.
 */
export function launch(
  daemon: Daemon,
  running: RunningService,
  input: number,
  output: number,
  variables: readonly string[],
): Launched | string {
  const { service } = running;
  if (input < 3 || output < 3) return errorText(-EMFILE); // the caller's own could not be opened
  if (running.plan === undefined) {
    const plan = planFor(service, daemon.daemonUmask, daemon.cgroups.wantedBy(service), (text) =>
      daemon.log.warning(text),
    );
    if (typeof plan === "string") return plan;
    running.plan = plan;
  }
  const cgroup = running.plan.spec.joinsCgroup ? daemon.cgroups.make(service) : undefined;
  if (typeof cgroup === "string") return cgroup;
  const errors = openErrors(running, daemon);
  const started = running.plan.start([input, output, errors.fd < 0 ? output : errors.fd], variables, cgroup?.fd);
  errors.given();
  if (cgroup !== undefined) sys.close(cgroup.fd);
  if (typeof started !== "number") {
    if (daemon.isSpared) setOomScore(started.pid, 0);
    return { ...started, errors, cgroup };
  }
  putAway(daemon, { errors, cgroup });
  return `${errorText(started)} (errno = ${-started})`;
}

/** A super-server that the kernel is to spare when memory runs out is no reason to spare every client's server. */
function setOomScore(pid: number, score: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, `${score}\n`);
  } catch {
    // it is gone already
  }
}

/** After the end of a child. */
export function putAway(daemon: Daemon, { errors, cgroup }: Pick<Launched, "errors" | "cgroup">): void {
  errors.ended();
  if (cgroup !== undefined) daemon.cgroups.ended(cgroup);
}

/** A string: why there is none now. warn: what the machine cannot give, said once for each plan. */
function planFor(
  service: Service,
  daemonUmask: number,
  joinsCgroup: boolean,
  warn: (text: string) => void,
): ChildPlan | string {
  const { credentials } = service;
  const ruleset =
    service.writable === undefined
      ? undefined
      : writeRuleset(service.writable, (words) => warn(`service ${service.id}: writable ${words}`));
  if (typeof ruleset === "string") {
    // A moment's want of descriptors is no reason to let a server write everywhere.
    if (!ruleset.startsWith(NO_LANDLOCK)) return `writable: ${ruleset}`;
    warn(`service ${service.id}: writable has no effect: ${ruleset}`);
  }
  const spec: ChildSpec = {
    file: service.program,
    argv: service.argv,
    environment: service.environment,
    extraEnvironment: { count: EXTRA_ENTRIES, maxBytes: EXTRA_BYTES },
    joinsCgroup,
    directory: service.directory,
    umask: service.umask ?? daemonUmask,
    nice: service.nice,
    limits: service.limits.map(([resource, text]) => {
      const [soft, hard] = text.split(":");
      return [resource, limitValue(soft), limitValue(hard ?? soft)];
    }),
    groups: credentials.groups,
    gid: credentials.gid,
    uid: credentials.uid,
    noNewPrivileges: service.noNewPrivileges,
    landlockRuleset: typeof ruleset === "number" ? ruleset : undefined,
    privateMounts: service.privateTmp ? ["/tmp", "/var/tmp"] : undefined,
    ignoreSignals: service.ignoreSigpipe ? [sys.SIG.PIPE] : [],
    // xinetd's child ends with 0 when it cannot execute; inetd's with 1.
    failureExitCode: service.dialect === "xinetd" ? 0 : 1,
  };
  try {
    return new ChildPlan(spec);
  } catch (error) {
    if (typeof ruleset === "number") sys.close(ruleset);
    return error instanceof Error ? error.message : String(error); // /proc cannot be read without a descriptor
  }
}

const limitValue = (text: string) => (text === "unlimited" ? sys.RLIM_INFINITY : BigInt(text));

/** What the child is told of its client, in the words of the daemon that the file was written for. */
export function clientVariables(service: Service, from: string, peer: SocketAddress | undefined, fd: number): string[] {
  const variables: string[] = [];
  const remotePort = peer && "port" in peer ? peer.port : undefined;
  if (service.peerVariables === "tcp" || service.peerVariables === "tcp-resolve") {
    const local = localAddress(fd);
    variables.push("PROTO=TCP");
    if (typeof local !== "number" && "host" in local) {
      variables.push(`TCPLOCALIP=${local.host}`, `TCPLOCALPORT=${local.port}`);
      if (service.peerVariables === "tcp-resolve") variables.push(...nameVariable("TCPLOCALHOST", fd, sys.getSockName));
    }
    if (remotePort !== undefined) variables.push(`TCPREMOTEIP=${from}`, `TCPREMOTEPORT=${remotePort}`);
    if (service.peerVariables === "tcp-resolve") variables.push(...nameVariable("TCPREMOTEHOST", fd, sys.getPeerName));
    return variables;
  }
  if (service.peerDetails) {
    if (remotePort !== undefined) variables.push(`REMOTE_PORT=${remotePort}`);
    const local = localAddress(fd);
    if (typeof local !== "number" && "host" in local)
      variables.push(`SERVER_ADDR=${local.host}`, `SERVER_PORT=${local.port}`);
  }
  if (service.peerVariables === "remote-host" && peer !== undefined) variables.push(`REMOTE_HOST=${from}`);
  return variables;
}

function nameVariable(name: string, fd: number, ask: typeof sys.getPeerName): string[] {
  const bytes = new Uint8Array(128);
  const length = new Int32Array([128]);
  if (ask(fd, bytes, length) < 0) return [];
  const host = sys.nameOf(bytes.subarray(0, length[0]));
  return host === undefined ? [] : [`${name}=${host}`];
}
