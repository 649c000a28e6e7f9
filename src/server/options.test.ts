import { expect, test } from "bun:test";
import { parseOptions, parsePort, UsageError } from "./options.ts";

const parse = (line: string) => parseOptions(line === "" ? [] : line.split(" "));

test("the document's inetd line: database, four secondaries", () => {
  expect(parse("/home/kdb/taq -s 4")).toMatchObject({ file: "/home/kdb/taq", secondaries: 4, rest: [] });
});

test("the document's xinetd line, and its taskset variant without a file", () => {
  expect(parse("/home/kdb/taq -s 4 -q -g 1")).toMatchObject({
    file: "/home/kdb/taq",
    secondaries: 4,
    quiet: true,
    gcMode: 1,
  });
  expect(parse("-q -g 1")).toMatchObject({ file: "", quiet: true, gcMode: 1 });
});

test("unknown options and words go to the script untouched", () => {
  expect(parse("test.q -P 0 -abc 123")).toMatchObject({ file: "test.q", precision: 0, rest: ["-abc", "123"] });
  expect(parse("tick.q sym . -p 5010")).toMatchObject({ file: "tick.q", port: "5010", rest: ["sym", "."] });
  expect(parse("mserve.q -p 5001 2 startup.q").rest).toEqual(["2", "startup.q"]);
});

test("all of kdb+ 4.1's options are read", () => {
  expect(
    parse("-b -c 30 100 -C 40 200 -e 1 -E 0 -g 1 -l -o -5 -p 0W -P 17 -q -r :h:1 -s -2 -S -314159 -t 100 -T 5 -u 1 -U f -w 500 -W 1 -z 1"),
  ).toMatchObject({
    readOnly: true, console: [30, 100], http: [40, 200], errorTrap: 1, tls: 0, gcMode: 1, logUpdates: "l", offset: -5,
    port: "0W", precision: 17, quiet: true, replicate: ":h:1", secondaries: -2, seed: -314159, timerMs: 100,
    timeoutSeconds: 5, restricted: true, passwordFile: "f", workspaceMb: 500, weekOffset: 1, dateFormat: 1,
  }); // biome-ignore format: a table
});

test("-u file restricts and names the password file", () => {
  expect(parse("-u pw")).toMatchObject({ restricted: true, passwordFile: "pw" });
});

test("console sizes are coerced to 10..2000 as \\c does", () => {
  expect(parse("-c 5 5000").console).toEqual([10, 2000]);
});

test.each([
  ["-P 99", '-P (precision): a whole number from 0 to 17 is wanted, not "99"'],
  ["-P", "-P (precision) wants a value"],
  ["-c 25", "-c (console rows and columns) wants 2 values"],
  ["-e 3", '-e (error trap mode): a whole number from 0 to 2 is wanted, not "3"'],
  ["-s four", '-s (secondaries): a whole number from -1024 to 1024 is wanted, not "four"'],
  ["-p 70000", '-p (port to listen on): [rp,][host:]port is wanted, not "70000"'],
  ["-S 0", "-S (seed): a seed is not 0"],
  ["--log", "--log wants a file, syslog or none"],
])("%s is refused with a reason", (line, message) => {
  expect(() => parse(line)).toThrow(new UsageError(message));
});

test("ports: host, ranges, sharing, services", () => {
  expect(parsePort("5010")).toMatchObject({ host: "", ports: ["5010"], reusePort: false });
  expect(parsePort("localhost:5010")).toMatchObject({ host: "localhost", ports: ["5010"] });
  expect(parsePort("rp,127.0.0.1:5010")).toMatchObject({ host: "127.0.0.1", ports: ["5010"], reusePort: true });
  expect(parsePort("myhost:2000/2010")).toMatchObject({ host: "myhost", ports: ["2000", "2010"] });
  expect(parsePort("-2000/2010")).toMatchObject({ ports: ["2000", "2010"], multithreaded: true });
  expect(parsePort("0W")).toMatchObject({ ports: ["0W"] });
  expect(parsePort("commplex-main")).toMatchObject({ ports: ["commplex-main"] });
  expect(parsePort("[::1]:5000")).toMatchObject({ host: "::1", ports: ["5000"] });
  expect(parsePort("5x")).toBeUndefined();
  expect(parsePort("")).toBeUndefined();
});
