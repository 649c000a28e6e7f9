import { expect, test } from "bun:test";
import { parseIdentity } from "./ident.ts";
import { parseHostsAccess, wrapAllows } from "./libwrap.ts";
import { printable } from "./logs.ts";

const allows = (allow: string, deny: string, daemon: string, host: string, reverse?: string) =>
  wrapAllows(parseHostsAccess(allow), parseHostsAccess(deny), daemon, { host, reverseName: () => reverse });

test("allow is asked before deny, and who is in neither comes in", () => {
  expect(allows("q: 10.0.0.1", "ALL: ALL", "q", "10.0.0.1")).toBe(true);
  expect(allows("q: 10.0.0.1", "ALL: ALL", "q", "10.0.0.2")).toBe(false);
  expect(allows("", "other: ALL", "q", "10.0.0.2")).toBe(true);
});

test("EXCEPT, prefixes, masks, brackets, domains", () => {
  expect(allows("", "ALL EXCEPT q: ALL", "q", "1.1.1.1")).toBe(true);
  expect(allows("", "q: 10. EXCEPT 10.1.", "q", "10.1.2.3")).toBe(true);
  expect(allows("", "q: 10. EXCEPT 10.1.", "q", "10.2.2.3")).toBe(false);
  expect(allows("", "q: 10.2.0.0/255.255.0.0", "q", "10.2.9.9")).toBe(false);
  expect(allows("", "q: [2001:db8::]/32", "q", "2001:db8::5")).toBe(false);
  expect(allows("", "q: .example.org", "q", "1.2.3.4", "a.example.org")).toBe(false);
  expect(allows("", "q: 127.0.0.1", "q", "::ffff:127.0.0.1")).toBe(false);
});

test("the extended form's last word decides", () => {
  expect(allows("q: 10.0.0.1: deny", "", "q", "10.0.0.1")).toBe(false);
});

test("an ident answer, an error, and noise", () => {
  expect(parseIdentity("6193, 23 : USERID : UNIX : stjohns\r\n")).toEqual({ user: "UNIX : stjohns" });
  expect(parseIdentity("6195, 23 : ERROR : NO-USER\r\n")).toEqual({ none: "bad response" });
  expect(parseIdentity("\u0000")).toEqual({ none: "bad response" });
});

test("nothing from outside breaks a line of a log", () => {
  expect(printable("a\nSTART: forged\u2028\u001b[2J")).toBe("a?START: forged??[2J");
});
