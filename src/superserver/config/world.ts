/**
 * What resolving a configuration asks of the machine: names to numbers, and what is on disk. The real one asks libc;
 * tests bring a small one of their own.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { decodeAddress, type SocketAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { TlsContext, TlsError, type TlsSettings } from "#platform/tls.ts";
import type { AccessNames } from "./access.ts";
import { builtinServices, parseServices, ServiceNames } from "./names.ts";
import type { ConfigFiles } from "./xinetd.ts";

export interface World {
  files: ConfigFiles;
  services: ServiceNames;
  access: AccessNames;
  user(name: string): sys.User | undefined;
  userById(uid: number): sys.User | undefined;
  group(name: string): sys.Group | undefined;
  groupsOf(user: string, gid: number): number[];
  /** The addresses (port 0) of a host name or number, or the resolver's words. */
  addresses(host: string, family: "any" | "ipv4" | "ipv6"): SocketAddress[] | string;
  /** undefined when it is a file that may be executed. */
  whyNotExecutable(path: string): string | undefined;
  fileExists(path: string): boolean;
  /** Why certificate, key and authorities do not make a TLS server. */
  whyNoTls(settings: TlsSettings): string | undefined;
  /** The daemon's own environment, in its order. */
  environment: [name: string, value: string][];
  effectiveUid: number;
  effectiveGid: number;
  hasIpv6: boolean;
  /** The hard limit of open files, as decimal text. */
  openFilesHard: string;
  /** The soft limit this process was started with, as far as can be told. */
  openFilesSoft: string;
}

export const realFiles: ConfigFiles = {
  read(path) {
    try {
      return { text: readFileSync(path, "utf8") };
    } catch (error) {
      return { error: systemWords(error) };
    }
  },
  list(path) {
    try {
      return readdirSync(path).map((name) => {
        try {
          return { name, kind: statSync(`${path}/${name}`).isFile() ? ("file" as const) : ("other" as const) };
        } catch {
          return { name, kind: "missing" as const }; // a link that leads nowhere
        }
      });
    } catch (error) {
      return { error: systemWords(error) };
    }
  },
};

/** "No such file or directory" out of Node's "ENOENT: no such file or directory, open '…'". */
export function systemWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const words = /^E[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function realWorld(servicesFile: string, environment: NodeJS.ProcessEnv): World {
  const text = realFiles.read(servicesFile);
  const services = new ServiceNames("text" in text ? parseServices(text.text) : builtinServices());
  const networks = new Map<string, string>();
  const networksText = realFiles.read("/etc/networks");
  if ("text" in networksText) {
    for (const line of networksText.text.split("\n")) {
      const words = line.replace(/#.*/, "").trim().split(/\s+/);
      if (words.length >= 2) networks.set(words[0], words[1]);
    }
  }
  const addresses = (host: string, family: "any" | "ipv4" | "ipv6"): SocketAddress[] | string => {
    const number = family === "ipv4" ? sys.AF_INET : family === "ipv6" ? sys.AF_INET6 : sys.AF_UNSPEC;
    const found = sys.resolve(host, number);
    return typeof found === "string" ? found : found.map((bytes) => decodeAddress(bytes));
  };
  const probe = sys.socket(sys.AF_INET6, sys.SOCK_STREAM);
  if (probe >= 0) sys.close(probe);
  const hard = new BigUint64Array(2);
  sys.prlimit(0, sys.RLIMIT.NOFILE, null, hard);
  return {
    files: realFiles,
    services,
    access: {
      hostAddresses: (name) => {
        const found = addresses(name, "any");
        return typeof found === "string" ? [] : found.flatMap((one) => ("host" in one ? [one.host] : []));
      },
      network: (name) => networks.get(name),
    },
    user: sys.userByName,
    userById: sys.userById,
    group: sys.groupByName,
    groupsOf: sys.groupsOf,
    addresses,
    whyNotExecutable(path) {
      try {
        if (!statSync(path).isFile()) return "it is not a file";
      } catch (error) {
        return systemWords(error);
      }
      return sys.access(path, sys.X_OK) < 0 ? "it may not be executed" : undefined;
    },
    whyNoTls(settings) {
      try {
        new TlsContext(settings).close();
        return undefined;
      } catch (error) {
        if (error instanceof TlsError) return error.message;
        throw error;
      }
    },
    fileExists: (path) => sys.access(path, sys.R_OK) >= 0,
    environment: Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ) as [string, string][],
    effectiveUid: sys.getEffectiveUid(),
    effectiveGid: sys.getEffectiveGid(),
    hasIpv6: probe >= 0,
    openFilesHard: String(hard[1]),
    openFilesSoft: String(softLimitAtStart(hard[1])),
  };
}

/**
 * Bun raises the soft limit of open files to the hard one before we run. The parent's soft limit is what we had,
 * where its hard limit is ours too; else 1024, the kernel's own default.
 */
function softLimitAtStart(hard: bigint): bigint {
  const usual = hard < 1024n ? hard : 1024n;
  const limits = realFiles.read(`/proc/${process.ppid}/limits`);
  if (!("text" in limits)) return usual;
  const match = /^Max open files\s+(\d+)\s+(\d+)/m.exec(limits.text);
  return match !== null && BigInt(match[2]) === hard ? BigInt(match[1]) : usual;
}
