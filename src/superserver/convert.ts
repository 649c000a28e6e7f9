/**
 * Services → the other formats: xinetd.conf, inetd.conf, systemd socket and service units (units.ts reads those). What a
 * format has no word for is said, never dropped in silence. Pure: services in, texts and notes out.
 */
import { isAttribute, isOurs } from "./config/attributes.ts";
import { addressText } from "#platform/sockets.ts";
import { RLIMIT } from "#platform/sys.ts";
import type { Endpoint, Service } from "./config/service.ts";

export interface Converted {
  /** File name → text. */
  files: Record<string, string>;
  /** What has no counterpart. */
  notes: string[];
}

export const limitNames: [keyof typeof RLIMIT, xinetd: string, systemd: string][] = [
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

const isAny = ({ address }: Endpoint) => "host" in address && ["0.0.0.0", "::"].includes(address.host);

/** What stands in one place of a file for one host: an entry of inetd.conf makes a service of each address family. */
interface Group {
  service: Service;
  endpoints: Endpoint[];
  /** Both families, on every address. */
  dual: boolean;
}

function groupsOf(services: Service[], perHost: boolean): Group[] {
  const groups = new Map<string, Group>();
  for (const [index, service] of services.entries()) {
    const { file, line } = service.place;
    const host = perHost ? (hostOf(service) ?? "") : "";
    const key = service.dialect === "xinetd" ? `x${index}` : `${file}:${line} ${service.name} ${host}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { service, endpoints: [...service.endpoints], dual: false });
    else group.endpoints.push(...service.endpoints);
  }
  for (const group of groups.values()) {
    const any = group.endpoints.filter(isAny);
    const families = new Set(any.map((one) => one.address.family));
    group.dual = families.size > 1 || any.some((one) => one.address.family === "ipv6" && one.v6only === false);
  }
  return [...groups.values()];
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const hasBlanks = (words: string[]) => words.some((word) => /\s/.test(word) || word === "");

export function toXinetd(services: Service[]): Converted {
  const notes: string[] = [];
  const names = new Map<string, number>();
  const blocks = groupsOf(services, true).flatMap((group) => {
    const { service } = group;
    if (service.protocol === "unix") {
      notes.push(`${service.name}: xinetd has no unix sockets; left out`);
      return [];
    }
    // Two lines of inetd.conf may have one name; an id is one service's.
    const count = (names.get(service.name) ?? 0) + 1;
    names.set(service.name, count);
    const id = service.dialect === "xinetd" ? service.id : count > 1 ? `${blockName(service)}-${count}` : undefined;
    return [xinetdBlock(group, id, notes)];
  });
  if (services.some((one) => one.dialect === "openbsd"))
    notes.push(
      "openbsd-inetd takes PATH, HOME and their like from its children's environment; xinetd gives all: passenv",
    );
  return { files: { "xinetd.conf": blocks.join("\n") }, notes };
}

const blockName = ({ name }: Service) => (/^\d+$/.test(name) ? `port${name}` : name);

const userWord = ({ credentials: { byNumber, uid, userName } }: Service) => (byNumber ? String(uid) : userName);

/** A number without an exponent. */
const plain = (value: number | undefined) =>
  value === undefined ? undefined : value.toFixed(12).replace(/\.?0+$/, "");

function xinetdBlock({ service, endpoints, dual }: Group, id: string | undefined, notes: string[]): string {
  const rows: [string, string | number | undefined][] = [];
  const name = blockName(service);
  const types = [
    service.builtin && "INTERNAL",
    (service.unlisted || name !== service.name) && "UNLISTED",
    service.mux === "plus" ? "TCPMUXPLUS" : service.mux && "TCPMUX",
  ].filter(Boolean);
  const { credentials } = service;
  const inetd = service.dialect !== "xinetd";
  rows.push(["type", types.join(" ") || undefined]);
  if (id !== undefined && id !== name) rows.push(["id", id]);
  rows.push(
    ["socket_type", service.socketType],
    ["protocol", baseProtocol(service)],
    ["wait", service.wait ? "yes" : "no"],
  );
  if (types.includes("UNLISTED") && service.port > 0) rows.push(["port", service.port]);
  rows.push(["bind", hostOf(service)]);
  if (!dual && endpoints.some((one) => one.v6only)) rows.push(["v6only", "yes"]);
  if (service.builtin === undefined) {
    rows.push(["user", userWord(service)], ["group", credentials.groupName]);
    if (credentials.allGroups !== undefined) rows.push(["groups", credentials.allGroups ? "yes" : "no"]);
  }
  const own = service.builtin === undefined && service.redirect === undefined;
  const named = own && service.argv[0] !== baseName(service.program);
  const flag = (holds: unknown, word: string) => (holds ? [word] : []);
  const flags = [
    ...flag(!dual && endpoints.some((one) => isAny(one) && one.address.family === "ipv4"), "IPv4"),
    ...flag(named, "NAMEINARGS"),
    ...flag(service.noDelay, "NODELAY"),
    ...flag(service.keepAlive, "KEEPALIVE"),
    ...flag(!service.retryFork && !inetd, "NORETRY"),
    ...flag(service.identRequired, "IDONLY"),
    ...flag(service.sensor, "SENSOR"),
    ...flag(service.libwrap === undefined, "NOLIBWRAP"),
  ];
  rows.push(["flags", flags.join(" ") || undefined]);
  if (service.sensor !== undefined) rows.push(["deny_time", String(service.sensor.denyMinutes).toUpperCase()]);
  const usual = own ? baseName(service.argv[0]) : service.name;
  if (service.libwrap !== usual) rows.push(["libwrap", service.libwrap]);
  if (service.redirect !== undefined) {
    const target = service.redirect;
    if ("host" in target) rows.push(["redirect", `${target.host} ${target.port}`]);
  } else if (own) {
    const words = named ? service.argv : service.argv.slice(1);
    if (hasBlanks(words)) {
      notes.push(`${service.name}: xinetd cannot write an argument with blanks: ${JSON.stringify(words)}; disabled`);
      rows.push(["disable", "yes"]);
    }
    rows.push(["server", service.program], ["server_args", words.join(" ") || undefined]);
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
      `${service.name}: ${service.rate.max} connections a minute have no counterpart; cps counts by the second, 10 s shut`,
    );
    rows.push(["cps", `${Math.max(1, Math.ceil(service.rate.max / 60))} 10`]);
  }
  if (service.perSourcePerMinute !== undefined)
    notes.push(
      `${service.name}: ${service.perSourcePerMinute} connections a minute from one address have no counterpart`,
    );
  rows.push(["max_load", plain(service.maxLoad)]);
  rows.push(
    ["only_from", service.onlyFrom && wordsOf(service.onlyFrom)],
    ["no_access", (service.noAccess && wordsOf(service.noAccess)) || undefined],
  );
  rows.push(["access_times", service.accessTimes?.map(([from, to]) => `${clock(from)}-${clock(to)}`).join(" ")]);
  rows.push(["banner", service.banner], ["banner_success", service.bannerSuccess], ["banner_fail", service.bannerFail]);
  const { log } = service;
  if (log.to === "file")
    rows.push([
      "log_type",
      `FILE ${log.path}${log.softBytes === undefined ? "" : ` ${log.softBytes} ${log.hardBytes}`}`,
    ]);
  if (log.to === "syslog") rows.push(["log_type", `SYSLOG ${log.facility} ${log.level}`]);
  rows.push(
    ["log_on_success", service.logOnSuccess.join(" ") || undefined],
    ["log_on_failure", service.logOnFailure.join(" ") || undefined],
  );
  rows.push(...ownRows(service));
  // Beside an attribute that only perqd has, none for stderr would mean the log.
  const hasOurs = rows.some(([key, value]) => value !== undefined && isAttribute(key) && isOurs(key));
  rows.push(["stderr", service.standardError ?? (hasOurs ? "client" : undefined)]);
  const lines = rows
    .filter((row) => row[1] !== undefined)
    .map(([key, value]) => `\t${key.padEnd(15)} = ${value}\n`.replace(/ +\n$/, "\n"));
  return `service ${name}\n{\n${lines.join("")}}\n`;
}

/** One word of a list may have been several patterns. */
const wordsOf = (patterns: NonNullable<Service["onlyFrom"]>) => [...new Set(patterns.map((one) => one.text))].join(" ");

/** What only perqd has; xinetd warns about these and goes on. */
function ownRows(service: Service): [string, string | number | undefined][] {
  const yes = (holds: boolean) => (holds ? "yes" : undefined);
  const { tls, rate } = service;
  const limit = (file: string) => service.cgroupLimits.find(([one]) => one === file)?.[1];
  const quota = limit("cpu.max");
  const queued = service.atLimit === "queue" && (service.dialect === "xinetd" || service.instances !== undefined);
  return [
    ["warm", service.warm || undefined],
    ["at_limit", queued ? "queue" : undefined],
    ["queue_limit", service.queueLimit === 64 || service.dialect !== "xinetd" ? undefined : service.queueLimit],
    ["rate", rate.kind === "bucket" ? `${plain(rate.perSecond)} ${rate.burst}` : undefined],
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
}

const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;

export function toInetd(services: Service[], dialect: "openbsd" | "gnu" = "openbsd"): Converted {
  const notes: string[] = [];
  const gnu = dialect === "gnu";
  const lines = groupsOf(services, true).flatMap(({ service, dual, endpoints }) => {
    const lost = lostInInetd(service);
    if (lost.length > 0) notes.push(`${service.id}: inetd.conf has no word for ${lost.join(", ")}`);
    const leaveOut = (why: string) => {
      notes.push(`${service.id}: ${why}; left out`);
      return [];
    };
    if (service.redirect !== undefined) return leaveOut("inetd has no relay");
    if (service.mux !== undefined && !gnu) return leaveOut("openbsd-inetd has no tcpmux");
    if (service.protocol === "unix" && gnu) return leaveOut("inetutils-inetd has no unix sockets");
    const host = hostOf(service);
    if (host?.includes(":") && gnu) return leaveOut(`inetutils-inetd cannot listen on ${host} alone`);
    const mux = service.mux && `tcpmux/${service.mux === "plus" ? "+" : ""}${service.name}`;
    const named = mux ?? (service.unlisted ? String(service.port) : service.name);
    const bare = host === undefined || service.protocol === "unix" || service.mux !== undefined;
    const place = bare ? named : `${host.includes(":") ? `[${host}]` : host}:${named}`;
    const { userName, groupName } = service.credentials;
    const user = service.builtin !== undefined ? userName || "root" : groupName ? `${userName}:${groupName}` : userName;
    const program = service.builtin !== undefined ? ["internal"] : [service.program, ...service.argv];
    if (!gnu && (hasBlanks(program) || program.length > 21)) {
      const why = hasBlanks(program) ? "an argument with blanks" : "more than 20 arguments";
      return leaveOut(`openbsd-inetd cannot read ${why}`);
    }
    if (gnu && program.some((word) => /\s/.test(word) && word.includes("'") && word.includes('"')))
      return leaveOut("inetutils-inetd cannot read an argument with blanks and both quotes");
    const max = service.rate.kind === "minute" && service.rate.max !== 256 ? `.${service.rate.max}` : "";
    const freebsd = service.instances !== undefined && service.dialect !== "xinetd" ? `/${service.instances}` : "";
    return [
      [
        place,
        service.socketType,
        service.protocol === "unix" || service.mux !== undefined
          ? service.protocol
          : baseProtocol(service) + familyWord(endpoints, dual, gnu) + bufferWords(endpoints[0]),
        (service.wait ? "wait" : "nowait") + (max || freebsd),
        user,
        ...program.map((word) => (gnu ? gnuWord(word) : word)),
      ].join("\t"),
    ];
  });
  return { files: { "inetd.conf": lines.map((line) => `${line}\n`).join("") }, notes };
}

/** openbsd: tcp is both; gnu: tcp is IPv4, tcp6 is both. */
function familyWord(endpoints: Endpoint[], dual: boolean, gnu: boolean): string {
  if (dual) return gnu ? "6" : endpoints.length === 1 && endpoints[0].v6only === false ? "46" : "";
  const six = endpoints.find((one) => one.address.family === "ipv6");
  if (six !== undefined) return gnu ? "6only" : six.v6only ? "6" : "46";
  return gnu && endpoints[0]?.label.endsWith("4") === false ? "" : "4";
}

function bufferWords(endpoint: Endpoint | undefined): string {
  const { sendBufferBytes: send, receiveBufferBytes: receive } = endpoint ?? {};
  return (send === undefined ? "" : `,sndbuf=${send}`) + (receive === undefined ? "" : `,rcvbuf=${receive}`);
}

const gnuWord = (word: string) =>
  word === "" || /[\s"]|^'/.test(word) ? (word.includes('"') ? `'${word}'` : `"${word}"`) : word;

function lostInInetd(service: Service): string[] {
  if (service.dialect !== "xinetd") return [];
  const lost: [unknown, string][] = [
    [service.ownEnvironment.length, "env (a program can be started as /usr/bin/env env NAME=value program)"],
    [service.passEnvironment, "passenv"],
    [service.nice !== undefined, "nice"],
    [service.umask !== undefined, "umask"],
    [service.limits.length, "rlimit_*"],
    [service.noDelay, "NODELAY"],
    [service.keepAlive, "KEEPALIVE"],
    [service.identRequired, "IDONLY"],
    [service.sensor, "SENSOR"],
    [service.rate.kind === "cps" && (service.rate.perSecond !== 50 || service.rate.waitSeconds !== 10), "cps"],
    [service.libwrap, "libwrap (openbsd-inetd -l, or tcpd as program)"],
    [service.instances !== undefined, "instances"],
    [service.perSource !== undefined, "per_source"],
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
  (/^[\w@%+=:,./$-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`).replaceAll("%", "%%");

/** In ExecStart a $ would begin a variable; in Environment it is a letter. */
const commandWord = (word: string) => quoted(word).replaceAll("$", "$$$$");

export function toSystemd(services: Service[]): Converted {
  const files: Record<string, string> = {};
  const notes: string[] = [];
  for (const group of groupsOf(services, false)) {
    const { service } = group;
    if (service.mux !== undefined || (service.builtin !== undefined && service.redirect === undefined)) {
      notes.push(
        `${service.id}: systemd has no ${service.builtin ? `internal ${service.builtin}` : "tcpmux"}; left out`,
      );
      continue;
    }
    const key = service.dialect === "xinetd" ? service.id : `${service.name}-${baseProtocol(service)}`;
    const bare = key.replace(/[^A-Za-z0-9:_.-]/g, "_").replace(/^_+/, "") || "service";
    let unit = bare;
    for (let count = 2; `${unit}.socket` in files; count++) unit = `${bare}-${count}`;
    const lost = lostInSystemd(group);
    if (lost.length > 0) notes.push(`${service.id}: systemd has no counterpart for ${lost.join(", ")}`);
    files[`${unit}.socket`] = socketUnit(group);
    files[acceptsItself(service) ? `${unit}@.service` : `${unit}.service`] = serviceUnit(service);
  }
  return { files, notes };
}

/** A server for each connection; a relay is one process for all. */
const acceptsItself = (service: Service) => !service.wait && service.redirect === undefined;

/** systemd has no word for "no limit"; this is the most it can count. */
export const MOST_CONNECTIONS = 4294967295;

function socketUnit({ service, endpoints, dual }: Group): string {
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
  const places = endpoints.flatMap((one) =>
    dual && isAny(one) ? [] : [addressText(one.address).replace(/^unix:/, "")],
  );
  if (dual) places.unshift(String(service.port));
  lines.push(...places.map((place) => `${kind}=${place}`));
  if (!dual && endpoints.some((one) => one.v6only)) lines.push("BindIPv6Only=ipv6-only");
  const accept = acceptsItself(service);
  lines.push(`Accept=${accept ? "yes" : "no"}`);
  if (accept) {
    lines.push(`MaxConnections=${service.instances ?? MOST_CONNECTIONS}`);
    lines.push(`MaxConnectionsPerSource=${service.perSource ?? MOST_CONNECTIONS}`);
  }
  // Without a word systemd would shut the socket for good after 200 connections in two seconds.
  lines.push("TriggerLimitIntervalSec=0");
  if (service.rate.kind === "cps") lines.push(`PollLimitIntervalSec=1s`, `PollLimitBurst=${service.rate.perSecond}`);
  if (service.rate.kind === "minute") lines.push(`PollLimitIntervalSec=60s`, `PollLimitBurst=${service.rate.max}`);
  if (service.noDelay) lines.push("NoDelay=yes");
  if (service.keepAlive) lines.push("KeepAlive=yes");
  const allow = service.onlyFrom?.flatMap((one) => patternText(one) ?? []);
  if (allow !== undefined)
    lines.push("IPAddressDeny=any", ...(allow.length > 0 ? [`IPAddressAllow=${allow.join(" ")}`] : []));
  const deny = service.noAccess?.flatMap((one) => patternText(one) ?? []);
  if (deny !== undefined && deny.length > 0) lines.push(`IPAddressDeny=${deny.join(" ")}`);
  const [send, receive] = [endpoints[0]?.sendBufferBytes, endpoints[0]?.receiveBufferBytes];
  if (send !== undefined) lines.push(`SendBuffer=${send}`);
  if (receive !== undefined) lines.push(`ReceiveBuffer=${receive}`);
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
  if (service.redirect !== undefined) {
    const most = service.instances === undefined ? "" : `--connections-max=${service.instances} `;
    lines.push(`ExecStart=/lib/systemd/systemd-socket-proxyd ${most}${addressText(service.redirect)}`);
  } else {
    const words =
      service.argv[0] === baseName(service.program)
        ? [service.program, ...service.argv.slice(1)]
        : [`@${service.program}`, ...service.argv];
    lines.push(
      `ExecStart=-${words.map(commandWord).join(" ")}`,
      "StandardInput=socket",
      `StandardError=${errorsOfUnit(service)}`,
    );
  }
  if (credentials.userName !== "" && credentials.userName !== "root") lines.push(`User=${userWord(service)}`);
  const group = credentials.groupName ?? (credentials.byNumber ? userWord(service) : undefined);
  if (group !== undefined) lines.push(`Group=${group}`);
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

function lostInSystemd({ service, endpoints, dual }: Group): string[] {
  const isDefaultRate = service.rate.kind === "cps" && service.rate.perSecond === 50 && service.rate.waitSeconds === 10;
  const xinetd = service.dialect === "xinetd";
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
    [service.rate.kind === "cps" && !isDefaultRate, "the pause of cps (a connection waits instead)"],
    [service.onlyFrom && service.noAccess, "no_access within only_from (what is allowed is not denied)"],
    [service.perSourcePerMinute !== undefined, "a limit per minute and address"],
    [
      service.passEnvironment === undefined && xinetd,
      "the daemon's whole environment (PassEnvironment= names what is wanted)",
    ],
    [xinetd && service.libwrap, "libwrap"],
    [service.logOnSuccess.includes("USERID") || service.logOnFailure.includes("USERID"), "USERID"],
    [service.atLimit === "queue" && xinetd, "at_limit = queue"],
    [service.queueLimit !== 64 && xinetd, "queue_limit"],
    [service.peerDetails, "peer_env (REMOTE_ADDR and REMOTE_PORT are always there)"],
    [!service.retryFork && xinetd, "NORETRY"],
    [service.wait && service.perSource !== undefined, "per_source with wait = yes"],
    [service.wait && service.instances !== undefined, "instances with wait = yes"],
    [
      service.wait && (dual ? 1 : 0) + endpoints.filter((one) => !(dual && isAny(one))).length > 1,
      "more than one address of a service that waits (StandardInput=socket takes one)",
    ],
    [service.redirect !== undefined && service.perSource !== undefined, "per_source of a redirect"],
  ];
  return lost.flatMap(([has, word]) => (has ? [word] : []));
}
