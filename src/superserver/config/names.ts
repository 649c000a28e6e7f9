/**
 * The services file (services(5)): text → ports by (name or alias, protocol). A machine without the file knows the
 * few names that internal services have.
 */
export interface ServiceEntry {
  name: string;
  port: number;
  protocol: string;
  aliases: string[];
}

export class ServiceNames {
  private readonly byName = new Map<string, ServiceEntry>();

  constructor(entries: ServiceEntry[]) {
    for (const entry of entries) {
      for (const name of [entry.name, ...entry.aliases]) {
        const key = `${name}/${entry.protocol}`;
        if (!this.byName.has(key)) this.byName.set(key, entry); // the first line wins, as in getservbyname
      }
    }
  }

  find(name: string, protocol: string): ServiceEntry | undefined {
    return this.byName.get(`${name}/${protocol}`);
  }

  /** The protocols under which a name is listed: for the words of a complaint. */
  protocolsOf(name: string): string[] {
    return [...this.byName.keys()].filter((key) => key.startsWith(`${name}/`)).map((key) => key.slice(name.length + 1));
  }

  names(): string[] {
    return [...new Set([...this.byName.keys()].map((key) => key.slice(0, key.lastIndexOf("/"))))];
  }
}

export function parseServices(text: string): ServiceEntry[] {
  const entries: ServiceEntry[] = [];
  for (const line of text.split("\n")) {
    const words = line.replace(/#.*/, "").trim().split(/\s+/);
    if (words.length < 2) continue;
    const match = /^(\d{1,5})[/,](\w+)$/.exec(words[1]);
    if (match === null) continue;
    entries.push({ name: words[0], port: Number(match[1]), protocol: match[2], aliases: words.slice(2) });
  }
  return entries;
}

const wellKnown: [string, number][] = [
  ["tcpmux", 1],
  ["echo", 7],
  ["discard", 9],
  ["daytime", 13],
  ["chargen", 19],
  ["time", 37],
];

/** For a container without /etc/services. */
export function builtinServices(): ServiceEntry[] {
  return wellKnown.flatMap(([name, port]) =>
    ["tcp", "udp"].map((protocol) => ({ name, port, protocol, aliases: [] as string[] })),
  );
}
