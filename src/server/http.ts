// HTTP on a q port: bytes → a request, and what a request without a handler of the user's (.z.ph) gets: the names of the
// workspace, the value of `?q text` as a page or as a file of some kind, or a file below .h.HOME. Sockets, log-in and
// callbacks are serve's business in server.ts; markup is .h's.

import { show } from "#eval/console.ts";
import type { QSession } from "#eval/session.ts";
import type { Files } from "#values/host.ts";
import { QSignal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import { dict, isText, itemsOf, list, string, symbol, symbols, textOf } from "#values/vectors.ts";

export interface HttpRequest {
  readonly method: string;
  /** Behind the first slash, as it was sent. */
  readonly target: string;
  /** In order; a name that comes twice keeps both. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Bytes of the whole request. */
  readonly length: number;
}
export type HttpParsed = HttpRequest | "incomplete" | "too long" | "bad";

const LONGEST_HEAD = 65536;
const LONGEST_BODY = 64 << 20;

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

export function parseRequest(bytes: Uint8Array): HttpParsed {
  const start = latin1(bytes.subarray(0, LONGEST_HEAD + 4));
  const end = start.indexOf("\r\n\r\n");
  if (end < 0) return bytes.length > LONGEST_HEAD ? "too long" : "incomplete";
  const [first, ...lines] = start.slice(0, end).split("\r\n");
  const request = /^([A-Z]+) \/?(\S*) HTTP\/1\.[01]$/.exec(first!);
  if (request === null) return "bad";
  const headers: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) return "bad";
    headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  const declared = headerOf(headers, "content-length");
  const bodyLength = declared === undefined ? 0 : /^\d+$/.test(declared) ? Number(declared) : Number.NaN;
  if (Number.isNaN(bodyLength) || headerOf(headers, "transfer-encoding") !== undefined) return "bad";
  if (bodyLength > LONGEST_BODY) return "too long";
  const length = end + 4 + bodyLength;
  if (bytes.length < length) return "incomplete";
  return { method: request[1]!, target: request[2]!, headers, body: latin1(bytes.subarray(end + 4, length)), length };
}

export function headerOf(headers: HttpRequest["headers"], name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** user and password of a Basic Authorization header. */
export function basicCredentials(request: HttpRequest): { user: string; password: string } | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(headerOf(request.headers, "authorization") ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("latin1");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** What .z.ph and .z.pp are given: (text; headers). A POST's text is its target, a space and the body. */
export function requestValue(request: HttpRequest): Value {
  const text = request.method === "POST" ? `${request.target} ${request.body}` : request.target;
  return list([string(text), headersValue(request)]);
}
/** What .z.pm is given: (method; text; headers). */
export const methodValue = (request: HttpRequest): Value =>
  list([
    symbol(request.method),
    string(`${request.target}${request.body === "" ? "" : ` ${request.body}`}`),
    headersValue(request),
  ]);

const headersValue = (request: HttpRequest): Value =>
  dict(symbols(request.headers.map(([name]) => name)), list(request.headers.map(([, value]) => string(value))));

export const response = (status: string, type: string, body: string, extra = ""): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${extra}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

export const UNAUTHORIZED = response("401 Unauthorized", "text/plain", "", 'WWW-Authenticate: Basic realm="q"\r\n');

/** The default of .z.ph. */
export function answer(session: QSession, files: Files, request: HttpRequest): string {
  const mark = request.target.indexOf("?");
  const path = unescaped(session, mark < 0 ? request.target : request.target.slice(0, mark));
  const query = mark < 0 ? "" : unescaped(session, request.target.slice(mark + 1));
  try {
    if (query !== "") return valuePage(session, /\.(\w+)$/.exec(path)?.[1], query);
    if (path === "") return call(session, ".h.hp", list(names(session).map(string)));
    return filePage(session, files, path);
  } catch (error) {
    if (!(error instanceof QSignal)) throw error;
    return call(session, ".h.he", string(error.text));
  }
}

function call(session: QSession, name: string, ...args: Value[]): string {
  const f = session.read(name);
  if (f === undefined) throw new Error(`perq bug: no ${name}`);
  return textOf(session.apply(f, args));
}
const unescaped = (session: QSession, text: string): string =>
  text === "" ? "" : call(session, ".h.uh", string(text));

/** The value of a q text: a page as the console would show it, or csv, txt, json, xml by the path's ending. */
function valuePage(session: QSession, kind: string | undefined, query: string): string {
  const evaluate = session.read(".h.val");
  const value = evaluate === undefined ? session.execute(query) : session.apply1(evaluate, string(query));
  if (kind === undefined) {
    const { settings } = session;
    const console = settings.console;
    settings.console = settings.http;
    try {
      return call(session, ".h.hp", list(show(session, value).map((line) => escaped(session, line))));
    } finally {
      settings.console = console;
    }
  }
  const converted = session.apply1(session.apply1(session.read(".h.tx")!, symbol(kind)), value);
  const lines = isText(converted) ? [converted] : itemsOf(converted);
  return call(session, ".h.hy", symbol(kind), string(lines.map((line) => `${textOf(line)}\n`).join("")));
}
/** A line whose < is no tag. */
const escaped = (session: QSession, line: string): Value => session.apply1(session.read(".h.hc")!, string(line));

const names = (session: QSession): string[] => session.namesIn("");

function filePage(session: QSession, files: Files, path: string): string {
  const home = session.read(".h.HOME");
  const parts = path.split("/");
  const place = `${home === undefined || !isText(home) ? "html" : textOf(home)}/${path}`;
  if (parts.includes("..") || files.kind(place) !== "file") {
    return call(session, ".h.hn", string("404 Not Found"), symbol("txt"), string(path));
  }
  const kind = /\.(\w+)$/.exec(path)?.[1] ?? "bin";
  return call(session, ".h.hy", symbol(kind), string(latin1(files.read(place))));
}
