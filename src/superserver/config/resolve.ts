/**
 * Drafts of xinetd services → services, by way of the defaults, the services file, the accounts and the disk. Every
 * service that cannot be is named with its reason, and the others go on.
 */
import { basename } from "node:path";
import type { SocketAddress } from "#platform/sockets.ts";
import { RLIM_INFINITY, RLIMIT } from "#platform/sys.ts";
import { type AttributeName, attributes, isOurs, type Row, type Values } from "./attributes.ts";
import { type Complaints, nearest, type Place } from "./complaint.ts";
import { clientNames, defaultPeerDetails, scrubbed } from "./environment.ts";
import type { BuiltinName, Credentials, Endpoint, LogTarget, Service } from "./service.ts";
import type { World } from "./world.ts";
import type { Draft, XinetdText } from "./xinetd.ts";

const builtins: BuiltinName[] = ["echo", "discard", "daytime", "time", "chargen", "tcpmux"];

export function resolveXinetd(text: XinetdText, world: World, complaints: Complaints): Service[] {
  const services: Service[] = [];
  const { enabled, disabled } = text.defaults;
  const ids = new Set(text.drafts.map((draft) => draft.values.id ?? draft.name));
  for (const id of [...(enabled ?? []), ...(disabled ?? [])]) {
    if (!hasId([...ids], id)) {
      const place = text.defaultsPlaces.enabled ?? text.defaultsPlaces.disabled;
      const fix = nearest(id, ids);
      if (place)
        complaints.warn(place, `enabled/disabled: no service has the id ${id}`, { fix: fix && `did you mean ${fix}?` });
    }
  }
  for (const draft of text.drafts) {
    if (draft.values.disable) continue;
    const id = draft.values.id ?? draft.name;
    // disabled removes afterwards, also from the enabled ones.
    if (enabled !== undefined && !hasId(enabled, id)) continue;
    if (disabled !== undefined && hasId(disabled, id)) continue;
    const service = new Resolver(draft, text.defaults, world, complaints).service();
    if (service === undefined || !isUnique(service, services, complaints)) continue;
    // An id may stand for several services, each on a port of its own.
    const same = services.filter((one) => one.id === service.id && one.mux === service.mux).length;
    services.push(same === 0 ? service : { ...service, twin: same });
  }
  return services;
}

/** xinetd's own rule: same id and bind, or same bind and port, is one service too many. */
function isUnique(service: Service, others: Service[], complaints: Complaints): boolean {
  const bindOf = (one: Service) => JSON.stringify(one.endpoints.map((endpoint) => endpoint.address));
  for (const other of others) {
    if (other.mux !== service.mux) continue;
    const more = { service: service.id };
    const where = `${other.place.file}:${other.place.line}`;
    if (service.mux !== undefined) {
      if (other.name.toLowerCase() !== service.name.toLowerCase()) continue;
      complaints.error(
        service.place,
        `service: ${service.name} id: ${service.id} not unique or is a duplicate (of ${where}) - DISABLING`,
        more,
      );
      return false;
    }
    // Debian's own files say daytime over dgram twice, and xinetd binds both: no reason to refuse a reload.
    const anywhere = service.endpoints.every(
      ({ address }) => "host" in address && /^(::|0\.0\.0\.0)$/.test(address.host),
    );
    const severity = service.socketType === "dgram" && anywhere ? "warning" : "error";
    const sameProtocol = other.protocol === service.protocol;
    if (other.id.toLowerCase() === service.id.toLowerCase() && sameProtocol && bindOf(other) === bindOf(service)) {
      const text = `service: ${service.name} id: ${service.id} not unique or is a duplicate (of ${where}) - DISABLING`;
      complaints.add(severity, service.place, text, more);
      return false;
    }
    if (sameProtocol && other.port === service.port && bindOf(other) === bindOf(service)) {
      const text = `service: ${service.name} id: ${service.id} is unique but its identical to service: ${other.id} (${where}) - DISABLING`;
      complaints.add(severity, service.place, text, more);
      return false;
    }
  }
  return true;
}

class Resolver {
  private readonly values: Values;
  private readonly id: string;
  private failed = false;

  constructor(
    private readonly draft: Draft,
    defaults: Values,
    private readonly world: World,
    private readonly complaints: Complaints,
  ) {
    const values = { ...draft.values } as Record<string, unknown>;
    for (const [attribute, value] of Object.entries(defaults)) {
      // only_from and its like were taken when the block began: a later defaults does not count.
      if (values[attribute] === undefined && !early.includes(attribute)) values[attribute] = value;
    }
    this.values = values as Values;
    this.id = this.values.id ?? draft.name;
  }

  private place(attribute?: AttributeName): Place {
    return (attribute && this.draft.places[attribute]) ?? this.draft.place;
  }

  private fail(text: string, attribute?: AttributeName, fix?: string): undefined {
    this.failed = true;
    this.complaints.error(this.place(attribute), text, { service: this.id, fix });
    return undefined;
  }

  private missing(attribute: AttributeName): void {
    this.fail(`Service ${this.draft.name} missing attribute ${attribute} - DISABLING`);
  }

  private warn(text: string, attribute?: AttributeName): void {
    this.complaints.warn(this.place(attribute), text, { service: this.id });
  }

  service(): Service | undefined {
    const { values, world } = this;
    const name = this.draft.name;
    const types = values.type ?? [];
    const flags = values.flags ?? [];
    const internal = types.includes("INTERNAL");
    const mux = types.includes("TCPMUXPLUS") ? "plus" : types.includes("TCPMUX") ? "plain" : undefined;

    if (types.includes("RPC")) {
      return this.fail(
        "type RPC is not supported: perqd does not speak to rpcbind. Run the server by itself - DISABLING",
        "type",
      );
    }
    for (const attribute of ["rpc_version", "rpc_number"] as const) {
      if (values[attribute] !== undefined) this.warn(`${attribute} has no meaning without type RPC`, attribute);
    }
    if (values.mdns !== undefined)
      this.warn("mdns is in xinetd's manual but in no xinetd; perqd does not announce services either", "mdns");
    if (flags.includes("LABELED")) this.warn("flag LABELED (SELinux contexts) has no effect", "flags");
    if (flags.includes("INTERCEPT")) this.warn("flag INTERCEPT has no effect", "flags");

    let socketType = values.socket_type;
    let protocol = values.protocol;
    if (socketType === undefined && protocol === undefined) this.missing("socket_type");
    socketType ??= protocol === "udp" ? "dgram" : "stream";
    protocol ??= socketType === "dgram" ? "udp" : socketType === "stream" ? "tcp" : undefined;
    if (protocol === undefined) this.missing("protocol");
    else if (!["tcp", "udp"].includes(protocol)) {
      return this.fail(
        `Protocol ${protocol} is not supported (or not in /etc/protocols): tcp or udp - DISABLING`,
        "protocol",
      );
    } else if ((protocol === "tcp") !== (socketType === "stream")) {
      return this.fail(`socket_type ${socketType} does not go with protocol ${protocol} - DISABLING`, "socket_type");
    }
    if (values.wait === undefined) this.missing("wait");
    if (!internal && values.user === undefined) this.missing("user");
    if (!internal && values.server === undefined && values.redirect === undefined) this.missing("server");
    if (values.server !== undefined && values.redirect !== undefined)
      this.warn("server has no effect beside redirect", "redirect");
    if (this.failed || protocol === undefined) return undefined;

    let builtin: BuiltinName | undefined;
    if (internal) {
      // Nobody is served by a sensor, whatever its name.
      builtin =
        builtins.find((one) => one === name.toLowerCase()) ?? (flags.includes("SENSOR") ? "discard" : undefined);
      if (builtin === undefined || (builtin === "tcpmux" && protocol !== "tcp")) {
        return this.fail(
          `No such internal service: ${name}/${socketType} - DISABLING`,
          "type",
          `one of ${builtins.join(", ")}`,
        );
      }
    }
    if (protocol === "udp" && values.wait === false && !internal) {
      return this.fail(
        "a dgram service needs wait = yes: the real xinetd spins on this - DISABLING",
        "wait",
        "wait = yes",
      );
    }
    if (values.redirect !== undefined && (protocol !== "tcp" || values.wait)) {
      return this.fail("redirect is for tcp services with wait = no - DISABLING", "redirect");
    }
    if (values.redirect !== undefined && flags.includes("NAMEINARGS"))
      return this.fail(`Redirected service ${name} should not have NAMEINARGS flag set - DISABLING`, "flags");
    if (values.wait && protocol === "tcp" && values.only_from !== undefined && !internal)
      this.warn(
        "only_from and wait = yes: who comes is not known before the server accepts, so nobody may",
        "only_from",
      );
    const success = values.log_on_success ?? [];
    if (success.includes("TRAFFIC") && values.redirect === undefined) {
      return this.fail("log_on_success TRAFFIC counts only what redirect relays - DISABLING", "log_on_success");
    }

    const port = this.port(name, protocol, mux !== undefined);
    const endpoints = port === undefined || mux !== undefined ? [] : this.endpoints(protocol, port);
    const redirect = this.redirect();
    const tls = this.tls(protocol, internal || values.redirect !== undefined);
    const server = values.server ?? "";
    if (values.server !== undefined && values.redirect === undefined) {
      const why = world.whyNotExecutable(server);
      if (why !== undefined) this.fail(`Server ${server} is not executable (${why}) - DISABLING`, "server");
    }
    // The user of an internal service changes nothing, but must be one.
    const account = values.user === undefined ? undefined : this.credentials();
    const credentials = internal ? { userName: "" } : account;
    if (this.failed || port === undefined || endpoints === undefined || credentials === undefined) return undefined;

    const words = values.server_args ?? [];
    const argv = flags.includes("NAMEINARGS") ? words : [basename(server), ...words];
    if (flags.includes("NAMEINARGS") && words.length === 0)
      return this.fail("Must specify server args if using NAMEINARGS flag - DISABLING", "flags");
    for (const attribute of ["banner", "banner_success", "banner_fail"] as const) {
      const path = values[attribute];
      if (path !== undefined && !world.fileExists(path)) this.warn(`${attribute} ${path} cannot be read`, attribute);
    }
    const own = (flag: boolean | undefined) => flag ?? false;
    return {
      dialect: "xinetd",
      name,
      id: this.id,
      place: this.draft.place,
      socketType,
      protocol,
      port,
      wait: !internal && (values.wait ?? false), // what runs inside accepts by itself
      endpoints,
      unlisted: types.includes("UNLISTED"),
      builtin,
      mux,
      redirect,
      program: server,
      argv,
      credentials,
      environment: this.environment(),
      ownEnvironment: values.env ?? [],
      passEnvironment: values.passenv,
      peerVariables: "remote-host",
      peerDetails: values.peer_env ?? defaultPeerDetails,
      nice: values.nice,
      umask: values.umask,
      directory: values.directory ?? "/",
      limits: this.limits(),
      ignoreSigpipe: false,
      noDelay: flags.includes("NODELAY"),
      keepAlive: flags.includes("KEEPALIVE"),
      retryFork: !flags.includes("NORETRY"),
      instances: values.instances === "unlimited" ? undefined : values.instances,
      perSource: values.per_source === "unlimited" ? undefined : values.per_source,
      rate: this.rate(),
      maxLoad: values.max_load,
      accessTimes: values.access_times,
      onlyFrom: values.only_from,
      noAccess: values.no_access,
      sensor: flags.includes("SENSOR") ? { denyMinutes: values.deny_time ?? "never" } : undefined,
      libwrap: flags.includes("NOLIBWRAP")
        ? undefined
        : (values.libwrap ?? (internal || redirect !== undefined ? name : basename(argv[0] ?? server))),
      banner: values.banner,
      bannerSuccess: values.banner_success,
      bannerFail: values.banner_fail,
      log: values.log_type ?? ({ to: "nowhere" } satisfies LogTarget),
      logOnSuccess: success,
      logOnFailure: values.log_on_failure ?? [],
      identRequired: flags.includes("IDONLY"),
      warm: values.warm ?? 0,
      atLimit: values.at_limit ?? "refuse",
      queueLimit: values.queue_limit ?? 64,
      maxIdleSeconds: values.max_idle || undefined,
      maxSessionSeconds: values.max_session || undefined,
      noNewPrivileges: own(values.no_new_privs),
      privateTmp: own(values.private_tmp),
      writable: values.writable,
      standardError: this.standardError(),
      cgroupLimits: this.cgroupLimits(),
      proxyProtocol: own(values.proxy_protocol),
      tls,
    };
  }

  private port(name: string, protocol: string, isMux: boolean): number | undefined {
    const { values, world } = this;
    const unlisted = values.type?.includes("UNLISTED") ?? false;
    const entry = world.services.find(name, protocol);
    if (unlisted) {
      if (values.port !== undefined) return values.port;
      if (isMux) return 0;
      return this.fail(`Unlisted service: ${name} must have a port entry - DISABLING`, "type", "port = N");
    }
    if (entry !== undefined) {
      if (values.port === undefined || values.port === entry.port) return entry.port;
      return this.fail(
        `Service ${name} expects port ${entry.port}, not ${values.port} - DISABLING`,
        "port",
        "type = UNLISTED, or the port of the services file",
      );
    }
    if (isMux) return 0;
    const listed = world.services.protocolsOf(name);
    const hint = listed.length > 0 ? ` (it is listed for ${listed.join(", ")})` : "";
    if (values.port === undefined) {
      const near = nearest(name, world.services.names());
      const fix = near ? `did you mean ${near}?` : "type = UNLISTED and port = N";
      return this.fail(
        `Port not specified and can't find service: ${name} with getservbyname${hint} - DISABLING`,
        undefined,
        fix,
      );
    }
    return this.fail(
      `service/protocol combination not in /etc/services: ${name}/${protocol}${hint} - DISABLING`,
      undefined,
      "type = UNLISTED",
    );
  }

  private endpoints(protocol: string, port: number): Endpoint[] | undefined {
    const { values, world } = this;
    const flags = values.flags ?? [];
    const { bind } = values;
    const wanted = flags.includes("IPv6") ? "ipv6" : flags.includes("IPv4") ? "ipv4" : "any";
    const label = `${this.id}/${protocol}`;
    let address: SocketAddress;
    if (bind !== undefined) {
      const found = world.addresses(bind, wanted);
      if (typeof found === "string") return this.fail(`bind ${bind}: ${found} - DISABLING`, "bind");
      address = found[0];
    } else if (wanted === "ipv4" || !world.hasIpv6) address = { family: "ipv4", host: "0.0.0.0", port };
    else address = { family: "ipv6", host: "::", port, scope: 0 };
    if (address.family !== "ipv4" && address.family !== "ipv6")
      return this.fail(`bind ${bind} is no IP address - DISABLING`, "bind");
    const v6only = address.family === "ipv6" ? (values.v6only ?? false) : undefined;
    return [{ address: { ...address, port }, v6only, label }];
  }

  private redirect(): SocketAddress | undefined {
    const { values, world } = this;
    if (values.redirect === undefined) return undefined;
    const [host, portWord] = values.redirect;
    const port = /^\d+$/.test(portWord) ? Number(portWord) : world.services.find(portWord, "tcp")?.port;
    if (port === undefined || port > 65535 || port === 0)
      return this.fail(`redirect: ${portWord} is neither a port nor a service - DISABLING`, "redirect");
    // A name is an IPv4 name, however many addresses it has.
    const found = world.addresses(host, host.includes(":") ? "ipv6" : "ipv4");
    if (typeof found === "string") return this.fail(`redirect: ${host}: ${found} - DISABLING`, "redirect");
    const first = found[0];
    if (first.family !== "ipv4" && first.family !== "ipv6")
      return this.fail(`redirect: ${host} is no IP address - DISABLING`, "redirect");
    return { ...first, port };
  }

  private tls(protocol: string, inside: boolean): Service["tls"] {
    const { values, world } = this;
    if (!values.tls) return undefined;
    if (protocol !== "tcp" || values.wait || inside)
      return this.fail("tls is for tcp services with a server and wait = no - DISABLING", "tls");
    if (values.tls_certificate === undefined) return this.fail("tls needs tls_certificate - DISABLING", "tls");
    const verify = values.tls_client ?? "no";
    if (verify !== "no" && values.tls_ca === undefined)
      return this.fail(`tls_client = ${verify} needs tls_ca - DISABLING`, "tls_client");
    const keys = values.tls_key;
    if (keys !== undefined && keys.length !== values.tls_certificate.length)
      return this.fail("tls_key names as many files as tls_certificate, in the same order - DISABLING", "tls_key");
    const certificates = values.tls_certificate.map((certificate, index) => ({ certificate, key: keys?.[index] }));
    for (const one of certificates) {
      const why = world.whyNoTls({ role: "server", ...one, authorities: values.tls_ca, verify });
      if (why !== undefined) return this.fail(`tls: ${why} - DISABLING`, "tls_certificate");
    }
    return { certificates, authorities: values.tls_ca, verify };
  }

  private credentials(): Credentials | undefined {
    const { values, world } = this;
    const word = values.user!;
    let uid: number;
    let gid: number;
    let userName = word;
    let primary: number;
    if (/^\d+$/.test(word)) {
      // xinetd: digits are the uid, and the gid is the same number.
      uid = Number(word);
      gid = uid;
      const user = world.userById(uid);
      if (user === undefined && values.groups)
        return this.fail(`groups = yes: nobody has the uid ${word} (getpwuid) - DISABLING`, "groups");
      userName = user?.name ?? word;
      primary = user?.gid ?? gid; // groups = yes asks for the account's own
    } else {
      const user = world.user(word);
      if (user === undefined) return this.fail(`Unknown user: ${word} - DISABLING`, "user");
      uid = user.uid;
      gid = user.gid;
      primary = gid;
    }
    if (values.group !== undefined) {
      if (/^\d+$/.test(values.group)) gid = Number(values.group);
      else {
        const group = world.group(values.group);
        if (group === undefined) return this.fail(`Unknown group: ${values.group} - DISABLING`, "group");
        gid = group.gid;
      }
    }
    const groups = values.groups ? world.groupsOf(userName, primary) : [];
    const byNumber = /^\d+$/.test(word) || undefined;
    return asDaemon(world, { uid, gid, groups, userName, groupName: values.group, byNumber, allGroups: values.groups });
  }

  private environment(): string[] {
    const { values, world } = this;
    let inherited = scrubbed(world.environment, values.passenv);
    if (values.passenv !== undefined) {
      const passed = values.passenv;
      for (const name of passed) {
        if (!world.environment.some(([known]) => known === name))
          this.warn(`passenv: ${name} is not in perqd's environment`, "passenv");
      }
      inherited = inherited.filter(([name]) => passed.includes(name));
    }
    const entries = new Map(inherited);
    for (const entry of values.env ?? []) {
      const at = entry.indexOf("=");
      entries.set(entry.slice(0, at), entry.slice(at + 1)); // in place when it was there
    }
    const said = [
      ...clientNames.host,
      ...((values.peer_env ?? defaultPeerDetails) ? clientNames.details : []),
      ...(values.tls ? clientNames.tls : []),
    ];
    for (const name of said) entries.delete(name); // the daemon's to say
    return [...entries].map(([name, value]) => `${name}=${value}`);
  }

  private limits(): [number, string][] {
    const { values } = this;
    const rows: [keyof typeof RLIMIT, bigint | undefined][] = [
      ["AS", values.rlimit_as],
      ["DATA", values.rlimit_data],
      ["RSS", values.rlimit_rss],
      ["STACK", values.rlimit_stack],
      ["CPU", values.rlimit_cpu],
      ["NOFILE", values.rlimit_files],
      ["NPROC", values.rlimit_nproc],
      ["CORE", values.rlimit_core],
    ];
    // Without rlimit_files the child has xinetd's: soft raised to hard, which is what this process has already.
    return rows.flatMap(([name, value]) =>
      // 0 is no limit: xinetd does not set it then.
      value === undefined || value === 0n ? [] : [[RLIMIT[name], limitText(value)] as [number, string]],
    );
  }

  private cgroupLimits(): Service["cgroupLimits"] {
    const { memory_max: memory, pids_max: pids, cpu_max: processors } = this.values;
    const limits: Service["cgroupLimits"] = [];
    if (memory !== undefined) limits.push(["memory.max", String(memory)]);
    if (pids !== undefined) limits.push(["pids.max", String(pids)]);
    if (processors !== undefined) limits.push(["cpu.max", `${Math.round(processors * 100_000)} 100000`]); // µs of µs
    return limits;
  }

  /**
   * A file that xinetd could read means what xinetd does: descriptor 2 is the client's. Where the service uses what only
   * perqd has, there is no such habit to keep, and the client hears it only when it is asked for.
   */
  private standardError(): string | undefined {
    const { stderr } = this.values;
    if (stderr !== undefined) return stderr === "client" ? undefined : stderr;
    const names = Object.keys(this.values) as AttributeName[];
    return names.some(isOurs) ? "log" : undefined;
  }

  private rate(): Service["rate"] {
    const { values } = this;
    if (values.rate !== undefined) return { kind: "bucket", perSecond: values.rate[0], burst: values.rate[1] };
    const [perSecond, waitSeconds] = values.cps ?? [50, 10];
    return perSecond === 0 ? { kind: "none" } : { kind: "cps", perSecond, waitSeconds };
  }
}

/** Ids are compared without case. */
const hasId = (ids: string[], id: string) => ids.some((one) => one.toLowerCase() === id.toLowerCase());

const early = Object.keys(attributes).filter((name) => (attributes[name as AttributeName] as Row<unknown>).early);

const limitText = (value: bigint) => (value === RLIM_INFINITY ? "unlimited" : String(value));

/** Without root only the daemon's own user can be had, and then nothing needs to be set. */
export function asDaemon(world: World, credentials: Credentials): Credentials {
  if (world.effectiveUid === 0 || credentials.uid !== world.effectiveUid) return credentials;
  return { userName: credentials.userName };
}
