/** A small world for tests: a few services, users and files, and no machine behind it. */
import { ServiceNames } from "./names.ts";
import type { World } from "./world.ts";

export function testWorld(files: Record<string, string> = {}, changes: Partial<World> = {}): World {
  const users = [
    { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/sh" },
    { name: "kdbuser", uid: 4002, gid: 4001, home: "/home/kdb", shell: "/bin/sh" },
  ];
  const groups = [
    { name: "kdb", gid: 4001 },
    { name: "kdbextra", gid: 4003 },
  ];
  return {
    files: {
      read: (path) => (path in files ? { text: files[path] } : { error: "No such file or directory" }),
      list: (path) => {
        const inside = Object.keys(files).filter((one) => one.startsWith(`${path}/`));
        if (inside.length === 0) return { error: path in files ? "Not a directory" : "No such file or directory" };
        return inside.map((one) => ({ name: one.slice(path.length + 1), kind: "file" as const }));
      },
    },
    services: new ServiceNames([
      { name: "kdbtaq", port: 20150, protocol: "tcp", aliases: ["kdbalias"] },
      { name: "kdbudp", port: 20152, protocol: "udp", aliases: [] },
    ]),
    access: {
      hostAddresses: (name) => (name === "localhost" ? ["127.0.0.1"] : []),
      network: (name) => (name === "loopback" ? "127.0.0.0" : undefined),
    },
    user: (name) => users.find((one) => one.name === name),
    userById: (uid) => users.find((one) => one.uid === uid),
    group: (name) => groups.find((one) => one.name === name),
    groupsOf: (_, gid) => [gid, 4003],
    addresses: (host, family) =>
      host.includes(":") && family !== "ipv4"
        ? [{ family: "ipv6", host, port: 0, scope: 0 }]
        : /^[\d.]+$/.test(host) && family !== "ipv6"
          ? [{ family: "ipv4", host, port: 0 }]
          : "Name or service not known",
    whyNotExecutable: (path) => (path.startsWith("/nonexist") ? "No such file or directory" : undefined),
    fileExists: () => true,
    whyNoTls: () => undefined,
    environment: [
      ["PATH", "/bin"],
      ["LD_PRELOAD", "/evil.so"],
    ],
    effectiveUid: 0,
    effectiveGid: 0,
    hasIpv6: true,
    openFilesHard: "4096",
    openFilesSoft: "1024",
    ...changes,
  };
}
