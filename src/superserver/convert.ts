/**
 * Services → the other formats: xinetd.conf, inetd.conf, systemd socket and service units; and units → xinetd.conf
 * text. What a format has no word for is said, never dropped in silence. Pure: texts in, texts and notes out.
 */
import { addressText } from "#platform/sockets.ts";
import { RLIMIT } from "#platform/sys.ts";
import type { Service } from "./config/service.ts";

export interface Converted {
  /** File name → text. */
  files: Record<string, string>;
  /** What has no counterpart. */
  notes: string[];
}

const limitNames: [keyof typeof RLIMIT, xinetd: string, systemd: string][] = [
  ["AS", "rlimit_as", "LimitAS"],
  ["DATA", "rlimit_data", "LimitDATA"],
  ["RSS", "rlimit_rss", "LimitRSS"],
  ["STACK", "rlimit_stack", "LimitSTACK"],
  ["CPU", "rlimit_cpu", "LimitCPU"],
  ["NOFILE", "rlimit_files", "LimitNOFILE"],
  ["NPROC", "rlimit_nproc", "LimitNPROC"],
  ["CORE", "rlimit_core", "LimitCORE"],
];

const hostOf = (service: Service): string | undefined => {
  const address = service.endpoints[0]?.address;
  return address !== undefined && "host" in address && !["0.0.0.0", "::"].includes(address.host)
    ? address.host
    : undefined;
};

const baseProtocol = (service: Service) => (service.protocol.startsWith("udp") ? "udp" : "tcp");

/** Entries of inetd come one per address family; here one stands for all of a name. */
function oncePerName(services: Service[]): Service[] {
  const seen = new Set<string>();
  return services.filter((one) => {
    const key = one.dialect === "xinetd" ? `x${one.id}` : `${one.name}/${baseProtocol(one)}/${hostOf(one) ?? ""}`;
    return !seen.has(key) && seen.add(key);
  });
}

export function toXinetd(services: Service[]): Converted {
  const notes: string[] = [];
  const blocks = oncePerName(services).flatMap((service) => {
    if (service.protocol === "unix") {
      notes.push(`${service.name}: xinetd has no unix sockets; left out`);
      return [];
    }
    return [xinetdBlock(service, notes)];
  });
  return { files: { "xinetd.conf": blocks.join("\n") }, notes };
}

function xinetdBlock(service: Service, notes: string[]): string {
  const rows: [string, string | number | undefined][] = [];
  const numeric = /^\d+$/.test(service.name);
  const name = numeric ? `port${service.name}` : service.name;
  const types = [
    service.builtin && "INTERNAL",
    (service.unlisted || numeric) && "UNLISTED",
    service.mux === "plus" ? "TCPMUXPLUS" : service.mux && "TCPMUX",
  ].filter(Boolean);
  const { credentials } = service;
  const inetd = service.dialect !== "xinetd";
  rows.push(["type", types.join(" ") || undefined]);
  if (service.id !== service.name && !inetd) rows.push(["id", service.id]);
  rows.push(
    ["socket_type", service.socketType],
    ["protocol", baseProtocol(service)],
    ["wait", service.wait ? "yes" : "no"],
  );
  if (types.includes("UNLISTED") && service.port > 0) rows.push(["port", service.port]);
  rows.push(["bind", hostOf(service)]);
  if (service.builtin === undefined) {
    rows.push(["user", credentials.userName], ["group", credentials.groupName]);
    if (credentials.allGroups) rows.push(["groups", "yes"]);
  }
  const flags: string[] = [];
  if (service.redirect !== undefined) {
    const target = service.redirect;
    if ("host" in target) rows.push(["redirect", `${target.host} ${target.port}`]);
  } else if (service.builtin === undefined) {
    const own = service.argv[0] !== service.program.slice(service.program.lastIndexOf("/") + 1);
    if (own) flags.push("NAMEINARGS");
    const words = own ? service.argv : service.argv.slice(1);
    if (words.some((word) => /\s/.test(word) || word === ""))
      notes.push(`${service.name}: xinetd cannot write an argument with blanks: ${JSON.stringify(words)}`);
    rows.push(
      ["flags", flags.join(" ") || undefined],
      ["server", service.program],
      ["server_args", words.join(" ") || undefined],
    );
  }
  rows.push(["env", service.ownEnvironment.join(" ") || undefined], ["passenv", service.passEnvironment?.join(" ")]);
  rows.push(["nice", service.nice], ["umask", service.umask?.toString(8).padStart(3, "0")]);
  for (const [key, attribute] of limitNames) {
    const found = service.limits.find(([resource]) => resource === RLIMIT[key]);
    if (found !== undefined && !inetd) rows.push([attribute, found[1] === "unlimited" ? "UNLIMITED" : found[1]]);
  }
  rows.push(["instances", service.instances], ["per_source", service.perSource]);
  if (service.rate.kind === "cps") rows.push(["cps", `${service.rate.perSecond} ${service.rate.waitSeconds}`]);
  if (service.rate.kind === "none" && !inetd) rows.push(["cps", "0 0"]);
  if (service.rate.kind === "minute" && service.rate.max !== 256) {
    notes.push(
      `${service.name}: ${service.rate.max} connections a minute has no counterpart; cps counts by the second, 10 s shut`,
    );
    rows.push(["cps", `${Math.max(1, Math.ceil(service.rate.max / 60))} 10`]);
  }
  rows.push(["max_load", service.maxLoad]);
  rows.push(
    ["only_from", service.onlyFrom?.map((one) => one.text).join(" ")],
    ["no_access", service.noAccess?.map((one) => one.text).join(" ") || undefined],
  );
  rows.push(["access_times", service.accessTimes?.map(([from, to]) => `${clock(from)}-${clock(to)}`).join(" ")]);
  rows.push(["banner", service.banner], ["banner_success", service.bannerSuccess], ["banner_fail", service.bannerFail]);
  const { log } = service;
  if (log.to === "file")
    rows.push(["log_type", `FILE ${log.path}${log.softBytes ? ` ${log.softBytes} ${log.hardBytes}` : ""}`]);
  if (log.to === "syslog") rows.push(["log_type", `SYSLOG ${log.facility} ${log.level}`]);
  rows.push(
    ["log_on_success", service.logOnSuccess.join(" ") || undefined],
    ["log_on_failure", service.logOnFailure.join(" ") || undefined],
  );
  rows.push(...ownRows(service));
  const lines = rows
    .filter((row) => row[1] !== undefined)
    .map(([key, value]) => `\t${key.padEnd(15)} = ${value}\n`.replace(/ +\n$/, "\n"));
  return `service ${name}\n{\n${lines.join("")}}\n`;
}

/** What only perqd has; xinetd warns about these and goes on. */
function ownRows(service: Service): [string, string | number | undefined][] {
  const yes = (holds: boolean) => (holds ? "yes" : undefined);
  const { tls, rate } = service;
  const limit = (file: string) => service.cgroupLimits.find(([one]) => one === file)?.[1];
  const quota = limit("cpu.max");
  const queued = service.atLimit === "queue" && service.dialect === "xinetd";
  const rows: [string, string | number | undefined][] = [
    ["warm", service.warm || undefined],
    ["at_limit", queued ? "queue" : undefined],
    ["queue_limit", service.queueLimit === 64 || service.dialect !== "xinetd" ? undefined : service.queueLimit],
    ["rate", rate.kind === "bucket" ? `${rate.perSecond} ${rate.burst}` : undefined],
    ["max_session", service.maxSessionSeconds],
    ["max_idle", service.maxIdleSeconds],
    ["peer_env", yes(service.peerDetails)],
    ["directory", service.directory === "/" || service.dialect !== "xinetd" ? undefined : service.directory],
    ["no_new_privs", yes(service.noNewPrivileges)],
    ["private_tmp", yes(service.privateTmp)],
    ["writable", service.writable?.join(" ")],
    ["proxy_protocol", yes(service.proxyProtocol)],
    ["memory_max", limit("memory.max")],
    ["pids_max", limit("pids.max")],
    ["cpu_max", quota === undefined ? undefined : Number.parseInt(quota, 10) / 100_000],
    ["tls", yes(tls !== undefined)],
    ["tls_certificate", tls?.certificates.map((one) => one.certificate).join(" ")],
    ["tls_key", tls?.certificates.map((one) => one.key ?? one.certificate).join(" ")],
    ["tls_ca", tls?.authorities],
    ["tls_client", tls === undefined || tls.verify === "no" ? undefined : tls.verify],
  ];
  // Beside such attributes nothing would mean the log.
  const hasOwn = rows.some(([, value]) => value !== undefined);
  return [...rows, ["stderr", service.standardError ?? (hasOwn ? "client" : undefined)]];
}

const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;

export function toInetd(services: Service[]): Converted {
  const notes: string[] = [];
  const lines = oncePerName(services).flatMap((service) => {
    const lost = lostInInetd(service);
    if (lost.length > 0) notes.push(`${service.id}: inetd.conf has no word for ${lost.join(", ")}`);
    if (service.redirect !== undefined || service.mux !== undefined) {
      notes.push(`${service.id}: left out`);
      return [];
    }
    const address = service.endpoints[0]?.address;
    const host = hostOf(service);
    const named = service.unlisted ? String(service.port) : service.name;
    const place =
      host === undefined || service.protocol === "unix" ? named : `${host.includes(":") ? `[${host}]` : host}:${named}`;
    const family =
      service.dialect !== "xinetd" ? "" : address?.family === "ipv4" ? "4" : service.endpoints[0]?.v6only ? "6" : "";
    const protocol = service.dialect === "xinetd" ? baseProtocol(service) + family : service.protocol;
    const max = service.rate.kind === "minute" && service.rate.max !== 256 ? `.${service.rate.max}` : "";
    const { userName, groupName } = service.credentials;
    const user = service.builtin !== undefined ? userName || "root" : groupName ? `${userName}:${groupName}` : userName;
    const program = service.builtin !== undefined ? ["internal"] : [service.program, ...service.argv];
    if (program.some((word) => /\s/.test(word)))
      notes.push(`${service.id}: an argument has blanks, which openbsd-inetd cannot read`);
    return [
      [place, service.socketType, protocol, (service.wait ? "wait" : "nowait") + max, user, ...program].join("\t"),
    ];
  });
  return { files: { "inetd.conf": lines.map((line) => `${line}\n`).join("") }, notes };
}

function lostInInetd(service: Service): string[] {
  if (service.dialect !== "xinetd") return [];
  const lost: [unknown, string][] = [
    [service.redirect, "redirect"],
    [service.mux, "type TCPMUX (inetutils: tcpmux/name)"],
    [service.ownEnvironment.length, "env"],
    [service.passEnvironment, "passenv"],
    [service.nice, "nice"],
    [service.umask, "umask"],
    [service.limits.length, "rlimit_*"],
    [service.instances, "instances"],
    [service.perSource, "per_source"],
    [service.maxLoad, "max_load"],
    [service.onlyFrom ?? service.noAccess, "only_from, no_access (tcpd, or -l with hosts.deny)"],
    [service.accessTimes, "access_times"],
    [service.banner ?? service.bannerFail ?? service.bannerSuccess, "banner"],
    [service.log.to !== "nowhere", "log_type"],
    ...ownRows(service).map(([word, value]): [unknown, string] => [value !== "client" && value, word]),
    [
      service.credentials.allGroups !== true && service.builtin === undefined,
      "groups = no (inetd gives all of the user's groups)",
    ],
  ];
  return lost.flatMap(([has, word]) => (has ? [word] : []));
}

/** systemd's own quoting: enough for what a configuration file can hold. */
const quoted = (word: string) =>
  (/^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`)
    .replaceAll("%", "%%")
    .replaceAll("$", "$$$$");

export function toSystemd(services: Service[]): Converted {
  const files: Record<string, string> = {};
  const notes: string[] = [];
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    const key = service.dialect === "xinetd" ? service.id : `${service.name}-${baseProtocol(service)}`;
    groups.set(key, [...(groups.get(key) ?? []), service]);
  }
  for (const [key, list] of groups) {
    const [service] = list;
    const unit = key.replace(/[^A-Za-z0-9:_.-]/g, "_").replace(/^_+/, "");
    if (service.mux !== undefined || (service.builtin !== undefined && service.redirect === undefined)) {
      notes.push(
        `${service.id}: systemd has no ${service.builtin ? `internal ${service.builtin}` : "tcpmux"}; left out`,
      );
      continue;
    }
    const lost = lostInSystemd(service);
    if (lost.length > 0) notes.push(`${service.id}: systemd has no counterpart for ${lost.join(", ")}`);
    files[`${unit}.socket`] = socketUnit(service, list);
    files[service.wait ? `${unit}.service` : `${unit}@.service`] = serviceUnit(service);
  }
  return { files, notes };
}

function socketUnit(service: Service, list: Service[]): string {
  const lines = [
    `# from ${service.place.file}:${service.place.line}`,
    "[Unit]",
    `Description=${service.name}`,
    "",
    "[Socket]",
  ];
  const kind = {
    dgram: "ListenDatagram",
    seqpacket: "ListenSequentialPacket",
    stream: "ListenStream",
    raw: "ListenStream",
    rdm: "ListenStream",
  }[service.socketType];
  const both = new Set(list.flatMap((one) => one.endpoints.map((endpoint) => endpoint.address.family))).size > 1;
  if (both) lines.push(`${kind}=${service.port}`);
  else {
    for (const { address, v6only } of list.flatMap((one) => one.endpoints)) {
      const any = address.family === "ipv6" && address.host === "::";
      lines.push(`${kind}=${any && v6only === false ? address.port : addressText(address).replace(/^unix:/, "")}`);
      if (v6only === true) lines.push("BindIPv6Only=ipv6-only");
    }
  }
  lines.push(`Accept=${service.wait ? "no" : "yes"}`);
  if (!service.wait) lines.push(`MaxConnections=${service.instances ?? 4096}`);
  if (service.perSource !== undefined) lines.push(`MaxConnectionsPerSource=${service.perSource}`);
  if (service.rate.kind === "cps") lines.push(`PollLimitIntervalSec=1s`, `PollLimitBurst=${service.rate.perSecond}`);
  if (service.rate.kind === "minute") lines.push(`PollLimitIntervalSec=60s`, `PollLimitBurst=${service.rate.max}`);
  if (service.noDelay) lines.push("NoDelay=yes");
  if (service.keepAlive) lines.push("KeepAlive=yes");
  const allow = service.onlyFrom?.flatMap((one) => patternText(one) ?? []);
  if (allow !== undefined)
    lines.push("IPAddressDeny=any", ...(allow.length > 0 ? [`IPAddressAllow=${allow.join(" ")}`] : []));
  const deny = service.noAccess?.flatMap((one) => patternText(one) ?? []);
  if (deny !== undefined && deny.length > 0) lines.push(`IPAddressDeny=${deny.join(" ")}`);
  return `${[...lines, "", "[Install]", "WantedBy=sockets.target"].join("\n")}\n`;
}

function patternText(pattern: NonNullable<Service["onlyFrom"]>[number]): string[] | undefined {
  if (pattern.kind === "ipv4") {
    let prefix = 0;
    for (let mask = pattern.mask; mask !== 0; mask = (mask << 1) >>> 0) prefix++;
    return [`${[24, 16, 8, 0].map((shift) => (pattern.value >>> shift) & 255).join(".")}/${prefix}`];
  }
  return pattern.kind === "ipv6"
    ? [pattern.text.includes("/") ? pattern.text : `${pattern.text}/${pattern.bits}`]
    : pattern.kind === "host"
      ? pattern.addresses
      : undefined;
}

function serviceUnit(service: Service): string {
  const { credentials } = service;
  const lines = ["[Unit]", `Description=${service.name} for one client`, "", "[Service]"];
  if (service.redirect !== undefined)
    lines.push(`ExecStart=/lib/systemd/systemd-socket-proxyd ${addressText(service.redirect)}`);
  else {
    const name = service.program.slice(service.program.lastIndexOf("/") + 1);
    const argv =
      service.argv[0] === name ? [service.program, ...service.argv.slice(1)] : [`@${service.program}`, ...service.argv];
    lines.push(`ExecStart=-${argv.map(quoted).join(" ")}`);
  }
  lines.push("StandardInput=socket", `StandardError=${errorsOfUnit(service)}`);
  if (credentials.userName !== "" && credentials.userName !== "root") lines.push(`User=${credentials.userName}`);
  if (credentials.groupName !== undefined) lines.push(`Group=${credentials.groupName}`);
  lines.push(`WorkingDirectory=${service.directory}`);
  for (const entry of service.ownEnvironment) lines.push(`Environment=${quoted(entry)}`);
  if (service.passEnvironment !== undefined && service.passEnvironment.length > 0)
    lines.push(`PassEnvironment=${service.passEnvironment.join(" ")}`);
  if (service.nice !== undefined) lines.push(`Nice=${service.nice}`);
  if (service.umask !== undefined) lines.push(`UMask=0${service.umask.toString(8)}`);
  for (const [key, , directive] of limitNames) {
    const found = service.limits.find(([resource]) => resource === RLIMIT[key]);
    if (found !== undefined && service.dialect === "xinetd")
      lines.push(`${directive}=${found[1] === "unlimited" ? "infinity" : found[1]}`);
  }
  if (service.noNewPrivileges) lines.push("NoNewPrivileges=yes");
  if (service.privateTmp) lines.push("PrivateTmp=yes");
  for (const [file, value] of service.cgroupLimits) {
    if (file === "cpu.max") lines.push(`CPUQuota=${Number.parseInt(value, 10) / 1000}%`);
    else lines.push(`${file === "memory.max" ? "MemoryMax" : "TasksMax"}=${value}`);
  }
  if (service.maxSessionSeconds !== undefined) lines.push(`RuntimeMaxSec=${service.maxSessionSeconds}`);
  return `${lines.join("\n")}\n`;
}

/** systemd names one connection by its instance. */
function errorsOfUnit({ standardError, id }: Service): string {
  if (standardError === undefined) return "socket";
  return standardError === "log"
    ? "journal"
    : `append:${standardError.replace(/%s/g, id).replace(/(%[hcp]-?)+/g, "%i")}`;
}

function lostInSystemd(service: Service): string[] {
  const names = [...(service.onlyFrom ?? []), ...(service.noAccess ?? [])].filter((one) => one.kind === "domain");
  const lost: [unknown, string][] = [
    [names.length, "domain names in only_from or no_access"],
    [service.accessTimes, "access_times"],
    [service.maxLoad, "max_load"],
    [service.banner ?? service.bannerFail ?? service.bannerSuccess, "banner"],
    [service.log.to !== "nowhere", "log_type, log_on_* (the journal has its own lines)"],
    [service.identRequired, "IDONLY"],
    [service.sensor, "SENSOR"],
    [service.warm, "warm"],
    [service.tls, "tls"],
    [service.writable, "writable"],
    [service.maxIdleSeconds, "max_idle"],
    [service.proxyProtocol, "proxy_protocol"],
    [
      service.credentials.groups?.length === 0 && service.builtin === undefined,
      "groups = no (systemd gives all of the user's groups)",
    ],
    [service.rate.kind === "bucket", "rate"],
  ];
  return lost.flatMap(([has, word]) => (has ? [word] : []));
}

// ------------------------------------------------------------------------------------------ units → xinetd.conf

type Unit = Map<string, string[]>;

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

/** Words of ExecStart: quotes off, %% and $$ single. */
function execWords(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) =>
    (double !== undefined ? double.replace(/\\(.)/g, "$1") : (single ?? bare))
      .replaceAll("%%", "%")
      .replaceAll("$$", "$"),
  );
}

const understood = new Set(
  `Socket.ListenStream Socket.ListenDatagram Socket.Accept Socket.MaxConnections Socket.MaxConnectionsPerSource
   Socket.NoDelay Socket.KeepAlive Socket.PollLimitBurst Socket.PollLimitIntervalSec Socket.IPAddressAllow Socket.IPAddressDeny
   Socket.BindIPv6Only Service.ExecStart Service.User Service.Group Service.Environment Service.Nice Service.UMask
   Service.StandardInput Service.StandardOutput Service.StandardError Service.WorkingDirectory Service.NoNewPrivileges
   Service.PrivateTmp Service.MemoryMax Service.TasksMax Service.CPUQuota Service.RuntimeMaxSec Service.PassEnvironment Unit.Description Unit.Documentation Install.WantedBy
   ${limitNames.map(([, , directive]) => `Service.${directive}`).join(" ")}`.split(/\s+/),
);

const processorsOf = (quota: string | undefined) =>
  quota !== undefined && /^\d+%$/.test(quota) ? String(Number.parseInt(quota, 10) / 100) : undefined;

const errorsOfBlock = (word: string): string | undefined =>
  word === "socket"
    ? "client"
    : word.startsWith("journal")
      ? "log"
      : /^append:(.+)/.exec(word)?.[1]?.replace("%i", "%c-%h");

/** A .socket and its service unit → an xinetd block. */
export function fromUnits(name: string, socketText: string, serviceText: string): { text: string; notes: string[] } {
  const notes: string[] = [];
  const socket = parseUnit(socketText);
  const service = parseUnit(serviceText);
  for (const key of [...socket.keys(), ...service.keys()]) {
    if (!understood.has(key))
      notes.push(`${name}: ${key.replace(".", "]/")} has no counterpart`.replace(`${name}: `, `${name}: [`));
  }
  const one = (unit: Unit, key: string) => unit.get(key)?.at(-1);
  const yes = (value: string | undefined) => value !== undefined && /^(yes|true|1|on)$/i.test(value);
  const accept = yes(one(socket, "Socket.Accept"));
  const datagram = socket.get("Socket.ListenDatagram");
  const listens = socket.get("Socket.ListenStream") ?? datagram ?? [];
  if (listens.length > 1) notes.push(`${name}: only the first of ${listens.length} addresses is taken`);
  const listen = /^(?:\[?([0-9A-Fa-f:.]+?)\]?:)?(\d+)$/.exec(listens[0] ?? "");
  if (listen === null) notes.push(`${name}: ${listens[0] ?? "no address"} is no port; xinetd has nothing else`);
  const exec = (one(service, "Service.ExecStart") ?? "").replace(/^[-:+!|]*/, "");
  const named = exec.startsWith("@");
  const [program = "", ...rest] = execWords(exec.replace(/^@/, ""));
  if (!accept && one(service, "Service.StandardInput") !== "socket")
    notes.push(`${name}: the server finds its socket on descriptor 3, under xinetd on 0`);
  const rows: [string, string | undefined][] = [
    ["type", "UNLISTED"],
    ["socket_type", datagram ? "dgram" : "stream"],
    ["protocol", datagram ? "udp" : "tcp"],
    ["port", listen?.[2]],
    ["bind", listen?.[1]],
    ["wait", accept ? "no" : "yes"],
    ["user", one(service, "Service.User") ?? "root"],
    ["group", one(service, "Service.Group")],
    ["groups", "yes"],
    [
      "flags",
      [
        named && "NAMEINARGS",
        yes(one(socket, "Socket.NoDelay")) && "NODELAY",
        yes(one(socket, "Socket.KeepAlive")) && "KEEPALIVE",
      ]
        .filter(Boolean)
        .join(" ") || undefined,
    ],
    ["server", program],
    ["server_args", rest.join(" ") || undefined],
    ["env", service.get("Service.Environment")?.flatMap(execWords).join(" ")],
    ["nice", one(service, "Service.Nice")],
    ["umask", one(service, "Service.UMask")],
    ["instances", accept ? one(socket, "Socket.MaxConnections") : undefined],
    ["per_source", one(socket, "Socket.MaxConnectionsPerSource")],
    ["only_from", socket.get("Socket.IPAddressAllow")?.join(" ")],
    ["directory", one(service, "Service.WorkingDirectory")],
    ["no_new_privs", yes(one(service, "Service.NoNewPrivileges")) ? "yes" : undefined],
    ["private_tmp", yes(one(service, "Service.PrivateTmp")) ? "yes" : undefined],
    ["memory_max", /^\d+[KMG]?$/.exec(one(service, "Service.MemoryMax") ?? "")?.[0]],
    ["pids_max", /^\d+$/.exec(one(service, "Service.TasksMax") ?? "")?.[0]],
    ["cpu_max", processorsOf(one(service, "Service.CPUQuota"))],
    ["max_session", one(service, "Service.RuntimeMaxSec")],
    ["stderr", errorsOfBlock(one(service, "Service.StandardError") ?? "")],
  ];
  for (const [, attribute, directive] of limitNames)
    rows.push([attribute, one(service, `Service.${directive}`)?.replace("infinity", "UNLIMITED")]);
  const lines = rows
    .filter((row) => row[1] !== undefined && row[1] !== "")
    .map(([key, value]) => `\t${key.padEnd(15)} = ${value}\n`);
  return { text: `service ${name}\n{\n${lines.join("")}}\n`, notes };
}
