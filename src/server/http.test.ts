import { expect, test } from "bun:test";
import { basicCredentials, type HttpRequest, parseRequest } from "./http.ts";

const parse = (text: string) => parseRequest(Buffer.from(text, "latin1"));

test("a request in pieces is incomplete until the last byte of its body", () => {
  const text = "POST /a?b HTTP/1.1\r\nContent-Length: 3\r\nX: y\r\n\r\nabc";
  for (let i = 0; i < text.length; i++) expect(parse(text.slice(0, i))).toBe("incomplete");
  expect(parse(`${text}GET`)).toEqual({
    method: "POST", target: "a?b", headers: [["Content-Length", "3"], ["X", "y"]], body: "abc", length: text.length,
  }); // biome-ignore format: short
});

test.each([
  ["nonsense\r\n\r\n", "bad"],
  ["GET / HTTP/1.1\r\nno colon\r\n\r\n", "bad"],
  ["POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "bad"],
  ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "bad"],
  ["POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "too long"],
  [`GET /${"x".repeat(70000)}`, "too long"],
])("%s is refused", (text, verdict) => {
  expect(parse(text)).toBe(verdict as "bad");
});

test("Basic credentials", () => {
  const request = parse(`GET / HTTP/1.1\r\nAuthorization: Basic ${btoa("anna:a:b")}\r\n\r\n`) as HttpRequest;
  expect(basicCredentials(request)).toEqual({ user: "anna", password: "a:b" });
});
