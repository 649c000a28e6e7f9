import { expect, test } from "bun:test";
import { PollLoop } from "./poll.ts";
import { selfTest } from "./selftest.ts";
import { decodeAddress, encodeAddress, formatIpv6, parseIpv6 } from "./sockets.ts";

for (const finding of selfTest()) {
  test(finding.claim, () => expect(finding).toEqual({ claim: finding.claim, holds: true, detail: "" }));
}

test("an address survives its bytes", () => {
  for (const address of [
    { family: "ipv4", host: "10.1.2.3", port: 65535 },
    { family: "ipv6", host: "fe80::1:0:0:2", port: 1, scope: 3 },
    { family: "unix", path: "/run/x" },
  ] as const) {
    expect(decodeAddress(encodeAddress(address))).toEqual(address);
  }
});

test("IPv6 text is what inet_ntop writes", () => {
  for (const [text, canonical] of [
    ["::", "::"],
    ["::1", "::1"],
    ["2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ]) {
    expect(formatIpv6(parseIpv6(text)!)).toBe(canonical);
  }
  for (const wrong of ["", ":", "1::2::3", "12345::", "1:2:3:4:5:6:7", "g::", "::1.2.3", "1:2:3:4:5:6:7:8:9"]) {
    expect(parseIpv6(wrong)).toBeUndefined();
  }
});

test("timers fire in the order they are due, and a cancelled one does not", () => {
  const loop = new PollLoop();
  const fired: number[] = [];
  const delays = [9, 1, 5, 3, 7, 2, 8, 4, 6];
  const timers = delays.map((delay) => loop.after(delay, () => fired.push(delay)));
  loop.cancel(timers[2]);
  for (let rounds = 0; fired.length < 8 && rounds < 100; rounds++) loop.wait(50);
  expect(fired).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
});
