/**
 * systemd's socket and service units → xinetd.conf text: one reader for everything else. What xinetd (and perqd) has no
 * word for is said. Pure: texts in, text and notes out.
 */
import { limitNames, MOST_CONNECTIONS } from "./convert.ts";

export type Unit = Map<string, string[]>;

/** An ini text of systemd → "Section.Key" → values, in order; an empty value clears the earlier ones. */
export function parseUnit(text: string): Unit {
  const unit: Unit = new Map();
  let section = "";
  for (const raw of text.replace(/\\\n\s*/g, " ").split("\n")) {
    const line = raw.trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    const head = /^\[(.+)\]$/.exec(line);
    if (head) {
      section = head[1];
      continue;
    }
    const at = line.indexOf("=");
    if (at < 1) continue;
    const key = `${section}.${line.slice(0, at).trim()}`;
    const value = line.slice(at + 1).trim();
    unit.set(key, value === "" ? [] : [...(unit.get(key) ?? []), value]);
  }
  return unit;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", s: " ", a: "\u0007", b: "\b", f: "\f", v: "\v" };

/** Words of ExecStart and Environment (systemd.syntax(7)): quotes off, C's escapes read, %% single. */
function unitWords(text: string): string[] {
  const read = (word: string) =>
    word.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)/g, (_, code: string) => {
      if (code.length === 1) return escapes[code] ?? code;
      return String.fromCharCode(code[0] === "x" ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8));
    });
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)+)/gs)].map(
    ([, double, single, bare]) => read(double ?? single ?? bare).replaceAll("%%", "%"),
  );
}

const understood = new Set(
  `Socket.ListenStream Socket.ListenDatagram Socket.Accept Socket.MaxConnections Socket.MaxConnectionsPerSource
   Socket.NoDelay Socket.KeepAlive Socket.PollLimitBurst Socket.PollLimitIntervalSec Socket.TriggerLimitIntervalSec
   Socket.IPAddressAllow Socket.IPAddressDeny Socket.BindIPv6Only Socket.FileDescriptorName
   Service.ExecStart Service.User Service.Group Service.Environment Service.Nice Service.UMask Service.StandardInput
   Service.StandardOutput Service.StandardError Service.WorkingDirectory Service.NoNewPrivileges Service.PrivateTmp
   Service.MemoryMax Service.TasksMax Service.CPUQuota Service.RuntimeMaxSec Service.PassEnvironment
   Service.Type Service.CollectMode Unit.Description Unit.Documentation Unit.CollectMode Install.WantedBy
   ${limitNames.map(([, , directive]) => `Service.${directive}`).join(" ")}`.split(/\s+/),
);

const unitsOfTime: Record<string, number> = { s: 1, sec: 1, second: 1, m: 60, min: 60, minute: 60, h: 3600, hr: 3600, hour: 3600, d: 86400, day: 86400, w: 604800, week: 604800 }; // biome-ignore format: a table

/** "1h 30min" → seconds; undefined for what is none, or no limit. */
export function unitSeconds(text: string): number | undefined {
  if (!/^(\s*\d+(\.\d+)?\s*[a-z]*)+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, number, word] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)) {
    const unit = word === "" ? 1 : (unitsOfTime[word] ?? unitsOfTime[word.replace(/s$/, "")]);
    if (unit === undefined) return undefined;
    seconds += Number(number) * unit;
  }
  return Math.ceil(seconds);
}

const isYes = (value: string | undefined) => value !== undefined && /^(yes|true|1|on|y|t)$/i.test(value);

/** A .socket and its service unit → an xinetd block. */
export function fromUnits(name: string, socketText: string, serviceText: string): { text: string; notes: string[] } {
  return new UnitReader(name, parseUnit(socketText), parseUnit(serviceText)).block();
}

class UnitReader {
  private readonly notes: string[] = [];

  constructor(
    private readonly name: string,
    private readonly socket: Unit,
    private readonly service: Unit,
  ) {}

  private note(text: string): void {
    this.notes.push(`${this.name}: ${text}`);
  }

  /** The last word on it. */
  private of(key: string): string | undefined {
    return (this.service.get(`Service.${key}`) ?? this.socket.get(`Socket.${key}`))?.at(-1);
  }

  block(): { text: string; notes: string[] } {
    for (const key of [...this.socket.keys(), ...this.service.keys()])
      if (!understood.has(key)) this.note(`[${key.replace(".", "]/")} has no counterpart`);
    const rows: [string, string | number | undefined][] = [...this.listening(), ...this.program(), ...this.limits()];
    const lines = rows
      .filter((row) => row[1] !== undefined)
      .map(([key, value]) => `\t${key.padEnd(15)} = ${value}\n`.replace(/ +\n$/, "\n"));
    const block = this.name.replace(/\s/g, "_");
    return { text: `service ${block}\n{\n${lines.join("")}}\n`, notes: this.notes };
  }

  private listening(): [string, string | number | undefined][] {
    const { socket } = this;
    const accept = isYes(this.of("Accept"));
    const datagram = socket.get("Socket.ListenDatagram");
    const listens = socket.get("Socket.ListenStream") ?? datagram ?? [];
    if (listens.length > 1) this.note(`only the first of ${listens.length} addresses is taken`);
    const listen = /^(?:\[?([0-9A-Fa-f:.]+?)\]?:)?(\d+)$/.exec(listens[0] ?? "");
    if (listen === null) this.note(`${listens[0] ?? "no address"} is no port; xinetd has nothing else`);
    const host = listen?.[1];
    const most = this.of("MaxConnections") ?? "64"; // systemd's own
    const perSource = this.of("MaxConnectionsPerSource");
    const count = (text: string | undefined) => (Number(text) >= MOST_CONNECTIONS ? undefined : text);
    const flags = [
      host === "0.0.0.0" && "IPv4",
      this.isNamed && "NAMEINARGS",
      isYes(this.of("NoDelay")) && "NODELAY",
      isYes(this.of("KeepAlive")) && "KEEPALIVE",
      "NOLIBWRAP",
    ];
    return [
      ["type", "UNLISTED"],
      ["socket_type", datagram ? "dgram" : "stream"],
      ["protocol", datagram ? "udp" : "tcp"],
      ["port", listen?.[2]],
      ["bind", host === "0.0.0.0" || host === "::" ? undefined : host],
      ["v6only", this.of("BindIPv6Only") === "ipv6-only" ? "yes" : undefined],
      ["wait", accept ? "no" : "yes"],
      ["flags", flags.filter(Boolean).join(" ")],
      ["instances", accept ? count(most) : undefined],
      ["per_source", accept ? count(perSource) : undefined],
      ["cps", this.cps()],
      ...this.addresses(),
    ];
  }

  /** Beyond it clients wait; xinetd shuts the port. */
  private cps(): string {
    const burst = this.of("PollLimitBurst");
    const every = unitSeconds(this.of("PollLimitIntervalSec") ?? "2s") ?? 2;
    if (burst === undefined || Number(burst) === 0 || every === 0) return "0 0";
    return `${Math.max(1, Math.ceil(Number(burst) / every))} 10`;
  }

  /** What is allowed is not denied, whatever else says so. */
  private addresses(): [string, string | undefined][] {
    const words = (key: string) => (this.socket.get(`Socket.${key}`) ?? []).flatMap((one) => one.split(/\s+/));
    const special: Record<string, string> = { localhost: "127.0.0.0/8 ::1", "link-local": "169.254.0.0/16 fe80::/64", multicast: "224.0.0.0/4 ff00::/8" }; // biome-ignore format: a table
    const known = (list: string[]) => list.map((one) => special[one] ?? one).join(" ");
    const [allow, deny] = [words("IPAddressAllow"), words("IPAddressDeny")];
    if (deny.includes("any")) return [["only_from", allow.includes("any") ? undefined : known(allow)]];
    if (deny.length > 0 && allow.length > 0)
      this.note("IPAddressAllow within IPAddressDeny: xinetd refuses what both name");
    return [["no_access", deny.length > 0 ? known(deny) : undefined]];
  }

  private get command(): string {
    return this.of("ExecStart") ?? "";
  }

  /** "@": the second word is argv[0]. */
  private get isNamed(): boolean {
    return /^[-:+!|]*@/.test(this.command);
  }

  private program(): [string, string | undefined][] {
    if ((this.service.get("Service.ExecStart")?.length ?? 0) > 1) this.note("only the last ExecStart is taken");
    const [program = "", ...rest] = unitWords(this.command.replace(/^[-:+!|@]*/, "")).map((word) => {
      if (/\$(?!\$)/.test(word.replaceAll("$$", ""))) this.note(`ExecStart: ${word}: a variable is not filled in`);
      return word.replaceAll("$$", "$");
    });
    if (program === "") this.note("no ExecStart");
    if (!isYes(this.of("Accept")) && this.of("StandardInput") !== "socket")
      this.note("the server finds its socket on descriptor 3, under xinetd on 0");
    if (rest.some((word) => /\s/.test(word) || word === ""))
      this.note(`xinetd cannot write an argument with blanks: ${JSON.stringify(rest)}; disabled`);
    const environment = (this.service.get("Service.Environment") ?? []).flatMap(unitWords);
    const blank = environment.filter((one) => /\s/.test(one));
    if (blank.length > 0)
      this.note(`xinetd cannot write blanks in env: ${blank.map((one) => JSON.stringify(one)).join(", ")}`);
    const directory = this.of("WorkingDirectory");
    if (directory !== undefined && !directory.startsWith("/")) this.note(`WorkingDirectory=${directory} is no path`);
    const disabled = rest.some((word) => /\s/.test(word) || word === "") || program === "";
    return [
      ["user", this.of("User") ?? "root"],
      ["group", this.of("Group")],
      ["groups", "yes"],
      ["disable", disabled ? "yes" : undefined],
      ["server", program || "/bin/false"],
      ["server_args", rest.join(" ") || undefined],
      ["env", environment.filter((one) => !blank.includes(one)).join(" ") || undefined],
      ["passenv", this.service.get("Service.PassEnvironment")?.join(" ")],
      ["directory", directory?.startsWith("/") && directory !== "/" ? directory : undefined],
      ["stderr", this.errors()],
    ];
  }

  private errors(): string | undefined {
    const word = this.of("StandardError") ?? (isYes(this.of("Accept")) ? "inherit" : "journal");
    if (word === "socket" || word === "inherit") return "client";
    if (/^(journal|syslog|kmsg)/.test(word)) return "log";
    const path = /^(?:append|file|truncate):(.+)/.exec(word)?.[1];
    if (path === undefined) {
      this.note(`StandardError=${word} has no counterpart`);
      return undefined;
    }
    return path.replaceAll("%i", "%c-%h").replaceAll("%p", this.name);
  }

  private limits(): [string, string | number | undefined][] {
    const number = (key: string, form: RegExp) => {
      const word = this.of(key);
      if (word === undefined || word === "infinity") return undefined;
      if (!form.test(word)) this.note(`${key}=${word} has no counterpart`);
      return form.test(word) ? word : undefined;
    };
    const runtime = this.of("RuntimeMaxSec");
    const seconds = runtime === undefined || runtime === "infinity" ? undefined : unitSeconds(runtime);
    if (runtime !== undefined && runtime !== "infinity" && seconds === undefined)
      this.note(`RuntimeMaxSec=${runtime} is no time`);
    const quota = number("CPUQuota", /^\d+(\.\d+)?%$/);
    return [
      ["nice", this.of("Nice")],
      ["umask", this.of("UMask")],
      ["no_new_privs", isYes(this.of("NoNewPrivileges")) ? "yes" : undefined],
      ["private_tmp", isYes(this.of("PrivateTmp")) ? "yes" : undefined],
      ["memory_max", number("MemoryMax", /^\d+[KMG]?$/)],
      ["pids_max", number("TasksMax", /^\d+$/)],
      ["cpu_max", quota === undefined ? undefined : Number.parseFloat(quota) / 100],
      ["max_session", seconds],
      ...limitNames.map(([, attribute, directive]): [string, string | undefined] => [attribute, this.limit(directive)]),
    ];
  }

  /** "soft:hard", K M G T, infinity; xinetd has one number for both. */
  private limit(directive: string): string | undefined {
    const word = this.of(directive);
    if (word === undefined) return undefined;
    const [soft, hard = soft] = word.split(":");
    if (soft !== hard) this.note(`${directive}=${word}: only the hard limit is taken`);
    if (hard === "infinity") return "UNLIMITED";
    const match = /^(\d+)([KMGT]?)$/.exec(hard);
    if (match === null) {
      this.note(`${directive}=${word} is not a number`);
      return undefined;
    }
    return String(BigInt(match[1]) * 1024n ** BigInt(["", "K", "M", "G", "T"].indexOf(match[2])));
  }
}
