/**
 * memory_max, pids_max, cpu_max: a cgroup of its own for each server of such a service, made before it starts and
 * removed when it is gone. Where perqd may make them: in the directory of --cgroup, else in its own cgroup (v2) if it
 * is alone there, as a service manager with Delegate=yes or a container leaves it. Elsewhere the limits have no effect,
 * and the log says so once.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { errorText } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import * as sys from "#platform/sys.ts";
import type { Service } from "./config/service.ts";
import type { MainLog } from "./logs.ts";

const CONTROLLERS = ["memory", "pids", "cpu"];
const RETRY_MS = 1000;
/** Where perqd itself goes: a cgroup that gives controllers to others may have no process of its own. */
const DAEMONS_OWN = "perqd";

export interface Cgroup {
  /** cgroup.procs, open for writing: the child writes itself in. */
  readonly fd: number;
  readonly path: string;
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

export class Cgroups {
  /** undefined: not looked for yet; "": there is none. */
  private base: string | undefined;
  private made = 0;
  private readonly said = new Set<string>();
  /** What descendants of a server that is gone still live in. */
  private left: string[] = [];

  constructor(
    private readonly log: MainLog,
    private readonly loop: PollLoop,
    private readonly given: string | undefined,
    /** Whether a process is one of perqd's children. */
    private readonly isOurs: (pid: number) => boolean,
  ) {}

  /** Whether the service's servers each get one. */
  wantedBy(service: Service): boolean {
    if (service.cgroupLimits.length === 0) return false;
    if (this.base === undefined) {
      const found = this.find();
      this.base = "path" in found ? found.path : "";
      if ("path" in found) this.sweep(found.path);
      else this.log.warning(`memory_max, pids_max and cpu_max have no effect: ${found.why}`);
    }
    return this.base !== "";
  }

  /** For the next server. A limit that cannot be set is said once; without a cgroup there is no server: a reason. */
  make(service: Service): Cgroup | string {
    const safe = service.id.replace(/[^A-Za-z0-9_-]/g, "_");
    const path = `${this.base}/${safe}.${process.pid}.${++this.made}`;
    try {
      mkdirSync(path);
    } catch (error) {
      return message(error);
    }
    for (const [file, value] of service.cgroupLimits) {
      const failure = writeTo(`${path}/${file}`, value);
      if (failure === undefined || this.said.has(service.id + file)) continue;
      this.said.add(service.id + file);
      this.log.warning(`service ${service.id}: ${file.replace(".", "_")} has no effect: ${path}/${file}: ${failure}`);
    }
    const fd = sys.open(`${path}/cgroup.procs`, sys.O_WRONLY | sys.O_CLOEXEC);
    if (fd >= 0) return { fd, path };
    this.remove(path);
    return `${path}/cgroup.procs: ${errorText(fd)}`;
  }

  /** The server is gone. Its children may go on, within its limits. */
  ended(cgroup: Cgroup): void {
    this.remove(cgroup.path);
  }

  private remove(path: string): void {
    try {
      rmdirSync(path);
    } catch {
      if (!existsSync(path)) return;
      this.left.push(path); // busy: nobody tells when what lives there ends
      if (this.left.length === 1) this.loop.after(RETRY_MS, () => this.removeLeft());
    }
  }

  private removeLeft(): void {
    const left = this.left;
    this.left = [];
    for (const path of left) this.remove(path);
  }

  private find(): { path: string } | { why: string } {
    const path = this.given ?? ownCgroup();
    if (path === undefined) return { why: "no cgroup v2 is mounted here" };
    if (!existsSync(`${path}/cgroup.procs`)) return { why: `${path} is no cgroup` };
    const control = `${path}/cgroup.subtree_control`;
    if (!existsSync(control)) return { path }; // a v1 hierarchy has its controller everywhere
    const has = readFileSync(`${path}/cgroup.controllers`, "utf8").split(/\s+/);
    const wanted = CONTROLLERS.filter((one) => has.includes(one));
    if (wanted.length === 0) return { why: `${path} has none of the controllers ${CONTROLLERS.join(", ")}` };
    try {
      if (this.given === undefined) {
        const others = pidsIn(path).filter((pid) => pid !== process.pid && !this.isOurs(pid));
        if (others.length > 0)
          return { why: `perqd is not alone in its cgroup ${path}; --cgroup names one that it may use` };
        mkdirSync(`${path}/${DAEMONS_OWN}`, { recursive: true });
        for (const pid of pidsIn(path)) writeFileSync(`${path}/${DAEMONS_OWN}/cgroup.procs`, `${pid}`);
      }
      for (const one of wanted) writeFileSync(control, `+${one}`);
    } catch (error) {
      return { why: `${path} is not delegated to perqd: ${message(error)}` };
    }
    return { path };
  }

  /** What an earlier perqd left, whose sessions outlived it; only an empty one can be removed. */
  private sweep(base: string): void {
    for (const name of readdirSync(base)) {
      if (!/\.\d+\.\d+$/.test(name)) continue;
      try {
        rmdirSync(`${base}/${name}`);
      } catch {
        // somebody lives there
      }
    }
  }
}

function writeTo(path: string, value: string): string | undefined {
  const fd = sys.open(path, sys.O_WRONLY | sys.O_CLOEXEC);
  if (fd < 0) return errorText(fd);
  const written = sys.writeBytes(fd, new TextEncoder().encode(value));
  sys.close(fd);
  return written < 0 ? errorText(written) : undefined;
}

const pidsIn = (path: string) => readFileSync(`${path}/cgroup.procs`, "utf8").split("\n").filter(Boolean).map(Number);

/** The v2 cgroup that this process is in, as a path that can be opened. */
function ownCgroup(): string | undefined {
  const mount = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .find((words) => words[2] === "cgroup2")?.[1];
  const path = /^0::(\/.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  if (mount === undefined || path === undefined) return undefined;
  return path === "/" ? mount : mount + path;
}
