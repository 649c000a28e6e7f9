import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { matchesAny, parseAccessWord } from "./access.ts";
import { attributes } from "./attributes.ts";
import { complaintText, nearest } from "./complaint.ts";
import { type InetdOptions, inetdLines } from "./inetd.ts";
import { loadConfiguration } from "./load.ts";
import { parseServices } from "./names.ts";
import { testWorld } from "./testworld.ts";

const inetd: InetdOptions = {
  dialect: "openbsd",
  ratePerMinute: 256,
  keepEnvironment: false,
  peerVariables: "none",
  libwrap: false,
  directory: "/",
};

const xinetd = (text: string, files: Record<string, string> = {}) =>
  loadConfiguration({ xinetdFiles: ["x.conf"], inetdFiles: [], inetd }, testWorld({ "x.conf": text, ...files }));
const lines = (text: string, dialect: "openbsd" | "gnu" = "openbsd") =>
  loadConfiguration(
    { xinetdFiles: [], inetdFiles: ["i.conf"], inetd: { ...inetd, dialect } },
    testWorld({ "i.conf": text }),
  );
const words = (one: { complaints: { list: Parameters<typeof complaintText>[0][] } }) =>
  one.complaints.list.map(complaintText);
const block = (more = "", name = "kdbtaq") =>
  `service ${name}\n{\n socket_type = stream\n wait = no\n user = kdbuser\n server = /bin/cat\n${more}\n}\n`;

describe("xinetd.conf", () => {
  test("a service gets its port from the services file and its ids from the accounts", () => {
    const { services, complaints } = xinetd(block());
    expect(complaints.list).toEqual([]);
    expect(services[0]).toMatchObject({
      id: "kdbtaq",
      port: 20150,
      argv: ["cat"],
      credentials: { uid: 4002, gid: 4001, groups: [] },
    });
    expect(services[0].endpoints).toMatchObject([
      { address: { family: "ipv6", host: "::", port: 20150 }, v6only: false },
    ]);
  });

  test("what xinetd would do is 50 connections a second, and no log", () => {
    const [service] = xinetd(block()).services;
    expect([service.rate, service.log]).toEqual([{ kind: "cps", perSecond: 50, waitSeconds: 10 }, { to: "nowhere" }]);
  });

  test("complaints have file, line, column, and the fix where it is plain", () => {
    expect(words(xinetd(block(" wiat = no\n nice=3")))).toEqual([
      "x.conf:7:2: warning: bad service attribute: wiat (did you mean wait?)",
      "x.conf:8:2: error: Attribute nice needs a space before operator - service dropped (nice = 3)",
    ]);
  });

  test("a lost service is read to its end, and does not come back by disable = no", () => {
    const loaded = xinetd(block(" nice = x\n umask = 9\n disable = no"));
    expect(loaded.services).toEqual([]);
    expect(words(loaded).length).toBe(2);
  });

  test("an include that includes itself ends", () => {
    expect(words(xinetd("include x.conf\n")).at(-1)).toContain("nested more than 16 deep");
  });

  test("the daemon's loader variables are not inherited, what env says is", () => {
    const [service] = xinetd(block(" env = LD_PRELOAD=/mine.so REMOTE_HOST=x")).services;
    expect(service.environment).toEqual(["PATH=/bin", "LD_PRELOAD=/mine.so"]);
  });

  test("without root only the daemon's own user needs no ids", () => {
    const world = testWorld({ "x.conf": block() }, { effectiveUid: 4002, effectiveGid: 4001 });
    const [service] = loadConfiguration({ xinetdFiles: ["x.conf"], inetdFiles: [], inetd }, world).services;
    expect(service.credentials).toEqual({ userName: "kdbuser" });
  });

  test("no text makes the reader throw", () => {
    const names = Object.keys(attributes);
    const word = fc.oneof(
      fc.constantFrom(
        "{",
        "}",
        "=",
        "+=",
        "-=",
        "service",
        "defaults",
        "include",
        "#",
        "yes",
        "UNLIMITED",
        "127.0.0.1",
        ...names,
      ),
      fc.string(),
    );
    const line = fc.array(word, { maxLength: 6 }).map((list) => list.join(" "));
    const text = fc.array(fc.oneof(line, fc.constant("{"), fc.constant("}"), fc.constant("service kdbtaq")), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, (list) => Array.isArray(xinetd(list.join("\n")).services)),
      { numRuns: 500 },
    );
  });
});

describe("inetd.conf", () => {
  test("tcp is two sockets in openbsd, one in gnu", () => {
    const line = "kdbtaq stream tcp nowait kdbuser /bin/cat cat\n";
    expect(lines(line).services.map((one) => one.id)).toEqual(["kdbtaq/tcp4", "kdbtaq/tcp6"]);
    expect(lines(line, "gnu").services.map((one) => [one.id, one.ignoreSigpipe])).toEqual([["kdbtaq/tcp", true]]);
  });

  test("FreeBSD's limits are read", () => {
    const [service] = lines("kdbtaq stream tcp4 nowait/7/30/2 kdbuser:kdb/daemon /bin/cat\n").services;
    expect([service.instances, service.perSourcePerMinute, service.perSource, service.atLimit]).toEqual([
      7,
      30,
      2,
      "queue",
    ]);
    expect(service.credentials).toMatchObject({ uid: 4002, gid: 4001 });
  });

  test("continuation lines belong to the line right before", () => {
    const entries = inetdLines("f", "a b c\n  d\n\te\n\n  f\n", "openbsd").map((line) =>
      line.fields.map((field) => field.text),
    );
    expect(entries).toEqual([["a", "b", "c", "d", "e"], ["f"]]);
  });

  test("gnu's quotes keep blanks, openbsd's are letters", () => {
    const fields = (dialect: "openbsd" | "gnu") =>
      inetdLines("f", `x "a b" 'c'd \\e`, dialect)[0].fields.map((field) => field.text);
    expect(fields("gnu")).toEqual(["x", "a b", "c", "d", "\\e"]);
    expect(fields("openbsd")).toEqual(["x", '"a', 'b"', "'c'd", "\\e"]);
  });

  test("complaints name the line and the field", () => {
    expect(
      words(lines("kdbtaq stream tcp4 nowait kdbuser\nkdbtak stream tcp4 nowait kdbuser /bin/cat\n", "gnu")),
    ).toEqual([
      "i.conf:1:1: error: not enough fields: 5 of at least 6 fields (service type protocol wait user program arguments)",
      "i.conf:2:1: error: kdbtak/tcp4: unknown service (did you mean kdbtaq?)",
    ]);
  });

  test("no text makes the reader throw", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "kdbtaq",
        "stream",
        "dgram",
        "tcp",
        "tcp4",
        "tcp6",
        "tcp46",
        "unix",
        "wait",
        "nowait.5",
        "nowait/1/2",
        "kdbuser",
        "/bin/cat",
        "internal",
        "echo",
        "[::1]:kdbtaq",
        "*:",
        "a,b:x",
      ),
      fc.string(),
    );
    const text = fc.array(
      fc.array(word, { maxLength: 9 }).map((list) => list.join("\t")),
      { maxLength: 10 },
    );
    const dialect = fc.constantFrom("openbsd" as const, "gnu" as const);
    fc.assert(
      fc.property(text, dialect, (list, which) => Array.isArray(lines(list.join("\n"), which).services)),
      { numRuns: 500 },
    );
  });
});

describe("addresses", () => {
  const names = { hostAddresses: () => [], network: () => undefined };
  const fits = (word: string, host: string, reverse?: string) => {
    const parsed = parseAccessWord(word, names);
    return "patterns" in parsed && matchesAny(parsed.patterns, { host, reverseName: () => reverse });
  };

  test("zeros at the end are wild, those in the middle are not", () => {
    expect(fits("10.0.3.0", "10.0.3.77")).toBe(true);
    expect(fits("10.0.3.0", "10.1.3.77")).toBe(false);
    expect(fits("0.0.0.0", "1.2.3.4")).toBe(true);
  });

  test("a v4 pattern fits the v4-mapped client", () => {
    expect(fits("10.1.2.3", "::ffff:10.1.2.3")).toBe(true);
  });

  test("v6 prefixes, braces, domains", () => {
    expect([fits("2001:db8::/33", "2001:db8:7fff::1"), fits("2001:db8::/33", "2001:db8:8000::1")]).toEqual([
      true,
      false,
    ]);
    expect([fits("10.1.{2,3}", "10.1.3.9"), fits("10.1.{2,3}", "10.1.4.9")]).toEqual([true, false]);
    expect([fits(".example.org", "1.2.3.4", "a.example.org"), fits(".example.org", "1.2.3.4", undefined)]).toEqual([
      true,
      false,
    ]);
  });

  test("n.n.n.n/m agrees with arithmetic", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const quad = fc.tuple(octet, octet, octet, octet);
    fc.assert(
      fc.property(quad, quad, fc.integer({ min: 0, max: 32 }), (net, host, bits) => {
        const value = (list: number[]) => list.reduce((sum, one) => sum * 256 + one, 0);
        const same = Math.floor(value(net) / 2 ** (32 - bits)) === Math.floor(value(host) / 2 ** (32 - bits));
        return fits(`${net.join(".")}/${bits}`, host.join(".")) === same;
      }),
    );
  });
});

test("a services file: aliases, comments, protocols", () => {
  expect(parseServices("# c\nkdb 5000/tcp k q # x\nbad\nudp-one 7/udp\n")).toEqual([
    { name: "kdb", port: 5000, protocol: "tcp", aliases: ["k", "q"] },
    { name: "udp-one", port: 7, protocol: "udp", aliases: [] },
  ]);
});

test("a near word is near enough, or none", () => {
  expect([nearest("sokcet_type", ["socket_type", "server"]), nearest("zzz", ["socket_type", "server"])]).toEqual([
    "socket_type",
    undefined,
  ]);
});
