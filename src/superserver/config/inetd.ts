/**
 * inetd.conf text → services, in the two dialects that Debian ships: openbsd-inetd ("openbsd") and GNU inetutils
 * ("gnu"), with FreeBSD's nowait/max fields read in both. One line is one entry; what is wrong with it is said with
 * file and line, and the other lines go on.
 */
import { basename } from "node:path";
import type { SocketAddress } from "#platform/sockets.ts";
import { type Complaints, nearest, type Place } from "./complaint.ts";
import { clientNames, launder, scrubbed } from "./environment.ts";
import { asDaemon } from "./resolve.ts";
import type { BuiltinName, Credentials, Endpoint, Rate, Service, SocketType } from "./service.ts";
import type { World } from "./world.ts";

export interface InetdOptions {
  dialect: "openbsd" | "gnu";
  /** -R: invocations per minute where the entry has no max of its own; 0 is no limit. */
  ratePerMinute: number;
  /** -E, --environment */
  keepEnvironment: boolean;
  /** --environment, --resolve; REMOTE_HOST where xinetd reads the file (-inetd_compat). */
  peerVariables: Service["peerVariables"];
  /** -l: hosts.allow and hosts.deny are asked. */
  libwrap: boolean;
  directory: string;
}

interface Field {
  text: string;
  column: number;
}

interface Line {
  fields: Field[];
  place: Place;
}

const socketTypes: SocketType[] = ["stream", "dgram", "rdm", "seqpacket", "raw"];

/** Text → entries: comments gone, continuation lines joined (openbsd), quotes taken off (gnu). */
export function inetdLines(file: string, text: string, dialect: "openbsd" | "gnu"): Line[] {
  const lines: Line[] = [];
  text.split("\n").forEach((raw, index) => {
    if (raw.startsWith("#") || raw === "") return;
    const line = raw.replace(/\0.*/, ""); // C ends a line there
    const row = dialect === "gnu" ? line.replaceAll("\r", " ") : line;
    const fields = dialect === "gnu" ? quotedFields(row) : plainFields(row);
    if (fields.length === 0) return;
    const last = lines.at(-1);
    if (
      dialect === "openbsd" &&
      /^[ \t]/.test(row) &&
      last !== undefined &&
      last.place.line + continuations(last) === index
    ) {
      last.fields.push(...fields);
      joined.set(last, continuations(last) + 1);
      return;
    }
    lines.push({ fields, place: { file, line: index + 1, column: fields[0].column } });
  });
  return lines;
}

/** How many lines were joined to an entry: only the line right after continues it. */
const joined = new WeakMap<Line, number>();
const continuations = (line: Line) => joined.get(line) ?? 0;

function plainFields(row: string): Field[] {
  return [...row.matchAll(/[^ \t]+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
}

/**
 * GNU: a word that begins with a quote goes to the next such quote, wherever blanks are; without one, to the end of the
 * line, quote and all. A word that begins otherwise ends at a blank or a double quote. A backslash is only a backslash.
 */
function quotedFields(row: string): Field[] {
  return [...row.matchAll(/"([^"]*)"|'([^']*)'|["'].*?(?=[ \t]*$)|[^ \t"][^ \t"]*/g)].map((match) => ({
    text: match[1] ?? match[2] ?? match[0],
    column: match.index + 1,
  }));
}

/** One reader for all files: the later of two entries wins wherever it stands, and a default host lasts. */
export class InetdReader {
  private readonly services: Service[] = [];
  private defaultHosts: string | undefined;
  /** "tcp" where the label says "tcp4". */
  private readonly protocolWords = new WeakMap<Service, string>();

  constructor(
    private readonly options: InetdOptions,
    private readonly world: World,
    private readonly complaints: Complaints,
  ) {}

  file(file: string, text: string): void {
    for (const line of inetdLines(file, text, this.options.dialect)) this.line(line);
  }

  /** After the last file. inetutils listens for tcpmux where it has names for it, line or no line. */
  end(): Service[] {
    const names = this.services.filter((one) => one.mux !== undefined);
    if (this.gnu && names.length > 0 && !this.services.some((one) => one.builtin === "tcpmux")) {
      const fields = ["tcpmux", "stream", "tcp", "nowait", "root", "internal"].map((text) => ({ text, column: 0 }));
      this.line({ fields, place: names[0].place });
    }
    return this.services;
  }

  private get gnu(): boolean {
    return this.options.dialect === "gnu";
  }

  private line({ fields, place }: Line): void {
    const words = fields.map((field) => field.text);
    const at = (index: number): Place => ({ ...place, column: fields[Math.min(index, fields.length - 1)].column });
    // A line of only "addr:" is the default host of the lines that follow.
    if (words.length === 1 && words[0].endsWith(":") && words[0].length > 1) {
      const hosts = words[0].slice(0, -1);
      this.defaultHosts = hosts === "*" ? undefined : hosts;
      return;
    }
    if (words.length < 6 || words[0].startsWith("#")) {
      const text = this.gnu ? "not enough fields" : "syntax error in inetd config file";
      const fix = words[0].startsWith("#")
        ? "a comment starts in column 1"
        : "service type protocol wait user program arguments";
      this.complaints.error(at(0), `${text}: ${words.length} of at least 6 fields`, { fix });
      return;
    }
    const [nameWord, typeWord, protocolWord, waitWord, userWord, program] = words;
    const { hosts, name } = this.splitHost(nameWord);
    const socketType = socketTypes.find((one) => one === typeWord);
    if (socketType === undefined || socketType === "raw" || socketType === "rdm") {
      this.complaints.error(at(1), `${name}: socket type ${typeWord} is not supported: stream or dgram`, {
        service: name,
      });
      return;
    }
    if (protocolWord.startsWith("rpc/")) {
      this.complaints.error(at(2), `${name}: ${protocolWord} is not supported: perqd does not speak to rpcbind`, {
        service: name,
      });
      return;
    }
    const mux = /^tcpmux\/(\+?)(.+)$/.exec(name);
    const [protocol, ...buffers] = protocolWord.split(",");
    const sizes = this.bufferSizes(buffers, at(2), name);
    if (sizes === undefined) return;
    const wait = this.waitField(waitWord, at(3), `${name}/${protocol}`);
    const builtin = program === "internal" ? this.builtin(name, socketType, at(5)) : undefined;
    if (program === "internal" && builtin === undefined) return;
    if (builtin !== undefined && socketType === "stream") wait.wait = false; // whatever the field says: there is no child
    const endpoints =
      mux === null ? this.endpoints(name, hosts, protocol, socketType, sizes, at(0), at(2)) : [muxEndpoint(mux[2])];
    if (endpoints === undefined) return;
    const known = this.user(userWord, at(4), `${name}/${protocol}`, builtin !== undefined);
    if (known === undefined) return;
    const user = builtin ? { credentials: { userName: userWord } } : known;
    if (socketType === "dgram" && !wait.wait && builtin === undefined) {
      this.complaints.error(at(3), `${name}/${protocol}: a dgram service needs wait`, { service: name, fix: "wait" });
      return;
    }
    const argv = words.length > 6 ? words.slice(6) : [basename(program)];
    for (const endpoint of endpoints) {
      const service: Service = {
        dialect: this.options.dialect,
        name: mux ? mux[2] : name,
        id: endpoint.label,
        place,
        socketType,
        protocol: endpoint.label.slice(endpoint.label.lastIndexOf("/") + 1),
        port: "port" in endpoint.address ? endpoint.address.port : 0,
        wait: wait.wait,
        endpoints: mux ? [] : [endpoint],
        unlisted: false,
        builtin,
        mux: mux ? (mux[1] === "+" ? "plus" : "plain") : undefined,
        program,
        argv,
        credentials: user.credentials,
        startError: user.startError,
        environment: this.environment(),
        ownEnvironment: [],
        peerVariables: this.options.peerVariables,
        peerDetails: false,
        directory: this.options.directory,
        limits: [[7 /* NOFILE */, `${this.world.openFilesSoft}:${this.world.openFilesHard}`]],
        ignoreSigpipe: this.gnu,
        noDelay: false,
        keepAlive: false,
        retryFork: false,
        instances: wait.maxChildren,
        perSource: wait.perAddress,
        perSourcePerMinute: wait.perAddressPerMinute,
        rate: builtin !== undefined && !forks(builtin) ? { kind: "none" } : this.rate(wait.perMinute),
        libwrap: this.options.libwrap && builtin === undefined ? basename(argv[0]) : undefined,
        log: { to: "nowhere" },
        logOnSuccess: [],
        logOnFailure: [],
        identRequired: false,
        warm: 0,
        atLimit: "queue", // FreeBSD: over max-child, connections wait
        queueLimit: 0,
        noNewPrivileges: false,
        privateTmp: false,
        cgroupLimits: [],
        proxyProtocol: false,
      };
      const key = (one: Service) =>
        JSON.stringify([one.name, one.protocol, one.mux, one.endpoints.map((end) => end.address)]);
      const words = (index: number) => this.protocolWords.get(this.services[index]);
      const earlier = this.services.findIndex((one) => key(one) === key(service));
      if (earlier >= 0 && words(earlier) === protocol) {
        const where = `${this.services[earlier].place.file}:${this.services[earlier].place.line}`;
        this.complaints.warn(at(0), `${endpoint.label}: this entry replaces the one at ${where}`, { service: name });
        this.services.splice(earlier, 1);
      } else {
        const taken = mux ? undefined : this.services.find((one) => sameSocket(one, service));
        if (taken !== undefined) {
          const where = `${taken.place.file}:${taken.place.line}`;
          const text = `${endpoint.label}: bind: Address already in use, by ${taken.endpoints[0].label} (${where})`;
          this.complaints.error(at(0), text, { service: name });
          continue;
        }
      }
      this.protocolWords.set(service, protocol);
      this.services.push(service);
    }
  }

  private environment(): string[] {
    const { environment } = this.world;
    const kept = this.gnu || this.options.keepEnvironment ? scrubbed(environment) : launder(environment);
    const { peerVariables } = this.options;
    const said: readonly string[] =
      peerVariables === "none" ? [] : peerVariables === "remote-host" ? clientNames.host : clientNames.tcp;
    return kept.filter(([name]) => !said.includes(name)).map(([name, value]) => `${name}=${value}`);
  }

  private rate(perMinute: number | undefined): Rate {
    let max = perMinute ?? this.options.ratePerMinute;
    if (this.gnu && this.options.ratePerMinute > 0) {
      // inetutils counts -R itself as too many, an entry's own max not; both hold.
      max = Math.min(perMinute ?? Infinity, Math.max(1, this.options.ratePerMinute - 1));
    }
    return max === 0 ? { kind: "none" } : { kind: "minute", max, dialect: this.options.dialect };
  }

  private splitHost(word: string): { hosts: string | undefined; name: string } {
    const colon = word.lastIndexOf(":");
    if (colon < 0 || word.startsWith("/") || word.startsWith("tcpmux/"))
      return { hosts: this.defaultHosts, name: word };
    const hosts = word.slice(0, colon);
    const isAny = hosts === "*" || (hosts === "" && !this.gnu);
    return { hosts: isAny ? undefined : hosts, name: word.slice(colon + 1) };
  }

  private bufferSizes(
    words: string[],
    place: Place,
    name: string,
  ): { sendBufferBytes?: number; receiveBufferBytes?: number } | undefined {
    const sizes: { sendBufferBytes?: number; receiveBufferBytes?: number } = {};
    for (const word of words) {
      const match = /^(sndbuf|rcvbuf)=(\d+)([kKmM]?)$/.exec(word);
      if (match === null) {
        const text = `${name}: malformed buffer size option "${word}": neither sndbuf=N[km] nor rcvbuf=N[km]`;
        if (!this.gnu) {
          this.complaints.error(place, text, { service: name });
          return undefined;
        }
        this.complaints.warn(place, text, { service: name });
        continue;
      }
      const bytes = Number(match[2]) * (match[3] === "" ? 1 : /k/i.test(match[3]) ? 1024 : 1048576);
      if (match[1] === "sndbuf") sizes.sendBufferBytes = bytes;
      else sizes.receiveBufferBytes = bytes;
    }
    return sizes;
  }

  /** wait | nowait[.max] (O, G) | nowait/max-child[/per-address-per-minute[/per-address]] (FreeBSD). */
  private waitField(word: string, place: Place, label: string) {
    const result: {
      wait: boolean;
      perMinute?: number;
      maxChildren?: number;
      perAddressPerMinute?: number;
      perAddress?: number;
    } = {
      wait: false,
    };
    const dot = word.indexOf(".");
    const slash = word.indexOf("/");
    const head = word.slice(0, dot >= 0 ? dot : slash >= 0 ? slash : undefined);
    result.wait = head === "wait";
    if (head !== "wait" && head !== "nowait") {
      const fix = nearest(word.toLowerCase(), ["wait", "nowait"]);
      const more = { service: label, fix: fix && `did you mean ${fix}?` };
      if (this.gnu) this.complaints.warn(place, `${label}: bad wait type: ${word}, taken as nowait`, more);
      else this.complaints.add("note", place, `${label}: ${word} is taken as nowait`, more);
    }
    if (dot >= 0) {
      const text = word.slice(dot + 1);
      if (/^[1-9]\d{0,8}$/.test(text)) result.perMinute = Number(text);
      else if (this.gnu) {
        result.perMinute = Number(/^\d{1,9}/.exec(text)?.[0] ?? 0) || undefined; // what of it is a number counts
        this.complaints.warn(place, `${label}: invalid number (${text})`, { service: label });
      } else {
        this.complaints.warn(place, `${label}: illegal max field "${text}", setting to ${this.options.ratePerMinute}`, {
          service: label,
        });
      }
    } else if (slash >= 0) {
      const numbers = word.slice(slash + 1).split("/");
      if (numbers.length <= 3 && numbers.every((one) => /^\d{1,9}$/.test(one))) {
        const [maxChildren, perAddressPerMinute, perAddress] = numbers.map((one) => Number(one) || undefined);
        Object.assign(result, { maxChildren, perAddressPerMinute, perAddress });
      } else
        this.complaints.warn(place, `${label}: ${word} is not nowait/max-child/per-minute/per-address`, {
          service: label,
        });
    }
    return result;
  }

  private builtin(name: string, type: SocketType, place: Place): BuiltinName | undefined {
    const known: BuiltinName[] = ["echo", "discard", "chargen", "daytime", "time"];
    if (type === "stream") known.push("tcpmux", "help");
    const bare = name.replace(/^tcpmux\/\+?/, "") as BuiltinName;
    if (known.includes(bare)) return bare;
    this.complaints.error(place, `internal service ${name} unknown`, {
      service: name,
      fix: `one of ${known.join(", ")}`,
    });
    return undefined;
  }

  /** user, user.group, user:group; of the places where it can be parted the first whose user exists. */
  private splitUser(word: string): [user: string, group: string | undefined] {
    if (this.world.user(word) !== undefined) return [word, undefined];
    const places = [word.indexOf("."), word.indexOf(":")].filter((at) => at >= 0);
    if (this.gnu) places.reverse();
    if (places.length === 0) return [word, undefined];
    const at = places.find((one) => this.world.user(word.slice(0, one)) !== undefined) ?? places[0];
    const group = word.slice(at + 1);
    return [word.slice(0, at), group === "" && this.gnu ? undefined : group];
  }

  private user(
    word: string,
    place: Place,
    label: string,
    isInternal: boolean,
  ): { credentials: Credentials; startError?: string } | undefined {
    const { world } = this;
    const bare = word.replace(/\/[^/]*$/, ""); // FreeBSD's login class
    const [userName, groupName] = this.splitUser(bare);
    const user = world.user(userName);
    if (user === undefined) {
      const more = { service: label };
      if (this.gnu) {
        this.complaints.error(place, `${label}: No such user '${userName}', service ignored`, more);
        return undefined;
      }
      if (isInternal) return { credentials: { userName } }; // openbsd-inetd never looks
      this.complaints.warn(place, `${label}: No such user '${userName}': its clients will be turned away`, more);
      return { credentials: { userName }, startError: `getpwnam: ${userName}: No such user` };
    }
    const group = groupName === undefined ? undefined : world.group(groupName);
    if (groupName !== undefined && group === undefined) {
      if (this.gnu) {
        this.complaints.error(place, `${label}: No such group '${groupName}', service ignored`, { service: label });
        return undefined;
      }
      this.complaints.warn(place, `${label}: No such group '${groupName}': its clients will be turned away`, {
        service: label,
      });
      return { credentials: { userName }, startError: `getgrnam: ${groupName}: No such group` };
    }
    if (user.uid === 0) {
      // Both keep root's own ids whatever the group says.
      if (group !== undefined)
        this.complaints.warn(place, `${label}: the group of root.${groupName} has no effect`, { service: label });
      // openbsd-inetd has thrown away at its start what groups it was given.
      const groups = this.gnu || world.effectiveUid !== 0 ? undefined : [world.effectiveGid];
      return { credentials: asDaemon(world, { userName, groups }) };
    }
    const gid = group?.gid ?? user.gid;
    const groups = [...new Set(world.groupsOf(userName, gid))];
    return { credentials: asDaemon(world, { uid: user.uid, gid, groups, userName, groupName, allGroups: true }) };
  }

  private endpoints(
    name: string,
    hosts: string | undefined,
    protocolWord: string,
    type: SocketType,
    sizes: { sendBufferBytes?: number; receiveBufferBytes?: number },
    place: Place,
    protocolPlace: Place,
  ): Endpoint[] | undefined {
    const { world } = this;
    const more = { service: name };
    if (protocolWord === "unix" && !this.gnu) {
      if (name.startsWith("/")) return [{ address: { family: "unix", path: name }, ...sizes, label: `${name}/unix` }];
      this.complaints.error(place, `${name}: a unix service is named by its path`, more);
      return undefined;
    }
    const match = /^(tcp|udp)(4|6|46|6only)?$/.exec(protocolWord);
    if (match === null || (match[2] === "46" && this.gnu) || (match[2] === "6only" && !this.gnu)) {
      const known = this.gnu ? "tcp, tcp4, tcp6, tcp6only, udp…" : "tcp, tcp4, tcp6, tcp46, udp…, unix";
      this.complaints.error(protocolPlace, `${protocolWord}: Unknown protocol`, { ...more, fix: known });
      return undefined;
    }
    const [, base, version] = match;
    if ((base === "tcp") !== (type === "stream")) {
      this.complaints.error(protocolPlace, `${name}: ${type} does not go with ${protocolWord}`, more);
      return undefined;
    }
    let port: number;
    if (/^\d+$/.test(name)) {
      port = Number(name);
      if (port > 65535) {
        this.complaints.error(place, `${name} is not a port`, more);
        return undefined;
      }
    } else {
      const entry = world.services.find(name, base);
      if (entry === undefined) {
        const listed = world.services.protocolsOf(name);
        const near = nearest(name, world.services.names());
        const fix =
          listed.length > 0 ? `it is listed for ${listed.join(", ")}` : near ? `did you mean ${near}?` : undefined;
        this.complaints.error(place, `${name}/${protocolWord}: unknown service`, { ...more, fix });
        return undefined;
      }
      port = entry.port;
    }
    const families = this.families(base, version);
    const endpoints: Endpoint[] = [];
    const any = { ipv4: "0.0.0.0", ipv6: "::" };
    for (const { family, v6only, label } of families) {
      const titled = `${name}/${label}`;
      if (hosts === undefined || hosts === "*") {
        endpoints.push({ address: ip(family, any[family], port), v6only, ...sizes, label: titled });
        continue;
      }
      for (const host of hosts.split(",")) {
        const bare = host.replace(/^\[(.*)\]$/, "$1");
        const found = bare === "*" ? [ip(family, any[family], port)] : world.addresses(bare, family);
        if (typeof found === "string") {
          // Of a pair of sockets the one of the other family is simply not there.
          if (families.length === 1) this.complaints.error(place, `${titled}: ${bare}: ${found}`, more);
          continue;
        }
        for (const address of found) {
          if (address.family === "ipv4" || address.family === "ipv6") {
            endpoints.push({ address: ip(address.family, address.host, port), v6only, ...sizes, label: titled });
          }
        }
      }
    }
    if (endpoints.length === 0) {
      if (families.length > 1)
        this.complaints.error(place, `${name}/${protocolWord}: ${hosts} is no address here`, more);
      return undefined;
    }
    return endpoints;
  }

  /** What a protocol word listens on. O: tcp is two sockets; G: tcp is v4, tcp6 both in one. */
  private families(
    base: string,
    version: string | undefined,
  ): { family: "ipv4" | "ipv6"; v6only?: boolean; label: string }[] {
    const v4 = { family: "ipv4" as const, label: `${base}4` };
    const v6 = { family: "ipv6" as const, v6only: true, label: `${base}6` };
    if (this.gnu) {
      if (version === "6") return [{ ...v6, v6only: false }];
      if (version === "6only") return [{ ...v6, label: `${base}6only` }];
      return [version === "4" ? v4 : { ...v4, label: base }];
    }
    if (version === "4") return [v4];
    if (version === "6") return [v6];
    if (version === "46") return [{ ...v6, v6only: false, label: `${base}46` }];
    return this.world.hasIpv6 ? [v4, v6] : [v4];
  }
}

const forks = (builtin: BuiltinName) => builtin === "echo" || builtin === "discard" || builtin === "chargen";

const sameSocket = (a: Service, b: Service) =>
  a.mux === undefined &&
  a.socketType === b.socketType &&
  JSON.stringify(a.endpoints.map((one) => one.address)) === JSON.stringify(b.endpoints.map((one) => one.address));

const muxEndpoint = (name: string): Endpoint => ({
  address: { family: "unix", path: "" },
  label: `tcpmux/${name}/tcp`,
});

function ip(family: "ipv4" | "ipv6", host: string, port: number): SocketAddress {
  return family === "ipv4" ? { family, host, port } : { family, host, port, scope: 0 };
}
