// The .h namespace: HTML and XML markup, HTTP responses, data as text for the web (ref/doth.md). What q says shortly is
// written in q; a user who sets .h.d, .h.sa or .h.ty changes what the functions do.

import { formatLines } from "#format/format.ts";
import { T } from "#values/datatypes.ts";
import type { Session } from "#values/session.ts";
import { signal, userSignal } from "#values/signals.ts";
import type { Value } from "#values/values.ts";
import {
  char,
  countOf,
  dict,
  integerOf,
  isList,
  itemsOf,
  list,
  long,
  longs,
  string,
  symbol,
  symbols,
  textOf,
} from "#values/vectors.ts";
import { type Entry, type Namespace, native } from "./entry.ts";

const text = (constant: string): Entry => ({ value: () => string(constant) });
const name = (constant: string): Entry => ({ value: () => symbol(constant) });
const q = (source: string): Entry => ({ q: source });

const ANCHORS = "a{text-decoration:none}a:link{color:024C7E}a:visited{color:024C7E}a:active{color:958600}";
const MEDIA_TYPES: Record<string, string> = {
  htm: "text/html",
  html: "text/html",
  csv: "text/comma-separated-values",
  txt: "text/plain",
  xml: "text/plain",
  xls: "application/msexcel",
  gif: "image/gif",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  svg: "image/svg+xml",
  ico: "image/x-icon",
  js: "application/javascript",
  css: "text/css",
  json: "application/json",
  pdf: "application/pdf",
  swf: "application/x-shockwave-flash",
  wasm: "application/wasm",
};

export const hNamespace: Namespace = {
  // ---- constants -----------------------------------------------------------------------------------------------------
  HOME: text("html"),
  br: text("<br>"),
  c0: name("024C7E"),
  c1: name("958600"),
  d: { value: () => char(32) },
  logo: text('<a href="https://kx.com">kx</a>'),
  sa: text(ANCHORS),
  sb: text("body{font:10pt verdana;text-align:justify}"),
  sc: text("$-.+!*'(),abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"),
  ty: { value: () => dict(symbols(Object.keys(MEDIA_TYPES)), list(Object.values(MEDIA_TYPES).map(string))) },
  tx: q("`raw`json`csv`txt`xml`xls!(enlist;{.j.j each$[.Q.qt x;0!x;x]};.h.cd;.h.td;.h.xd;.h.ed)"),
  val: q("value"),

  // ---- markup --------------------------------------------------------------------------------------------------------
  htc: native(".h.htc", 2, (_, x, y) => string(`<${textOf(x!)}>${textOf(y!)}</${textOf(x!)}>`)),
  hta: q('{"<",string[x],raze[{" ",string[x],"=\\"",$[10h=abs type y;y;string y],"\\""}\'[key y;value y]],">"}'),
  htac: q('{.h.hta[x;y],z,"</",string[x],">"}'),
  ha: q('{"<a href=",$[10h=type x;"\\"",x,"\\"";string x],">",y,"</a>"}'),
  hb: q('{"<a target=v href=",$[10h=type x;"\\"",x,"\\"";string x],">",y,"</a>"}'),
  hc: native(".h.hc", 1, (_, x) => string(textOf(x!).replaceAll("<", "&lt;"))),
  xs: native(".h.xs", 1, (_, x) =>
    string(textOf(x!).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")),
  ),
  hr: q('{count[x]#"-"}'),
  nbr: q(".h.htc[`nobr]"),
  code: q('{p:"\\t"vs x;" "sv@[p;1+2*til count[p]div 2;{.h.htc[`code].h.nbr x}]}'),
  pre: q('{.h.htc[`pre]raze x,\\:"\\n"}'),
  xmp: q('{.h.htc[`xmp]raze x,\\:"\\n"}'),
  text: q('{raze(.h.htc[`p]each x),\\:"\\n"}'),
  http: q('{" "sv{$[x like"http://*";.h.ha[x;x];x]}each" "vs x}'),
  html: q("{.h.htc[`html].h.htc[`head;.h.htc[`style].h.sa,.h.sb],.h.htc[`body]x}"),
  fram: q(
    '{[t;s;u]"<html><head><title>",t,"</title><frameset cols=\\"",string[26+10*max count each s],",*\\"><frame src=\\"",u[0],"\\"><frame name=v src=\\"",u[1],"\\"></frameset></head></html>"}',
  ),

  // ---- HTTP ----------------------------------------------------------------------------------------------------------
  hn: q(
    '{"HTTP/1.1 ",x,"\\r\\nContent-Type: ",$[y in key .h.ty;.h.ty y;"application/octet-stream"],"\\r\\nConnection: close\\r\\nContent-Length: ",string[count z],"\\r\\n\\r\\n",$[4h=type z;"c"$z;z]}',
  ),
  hy: q('.h.hn["200 OK"]'),
  he: q('{.h.hn["400 Bad Request";`txt;"\'",.h.hc x]}'),
  hp: q("{.h.hy[`html].h.htc[`html].h.htc[`head;.h.htc[`style].h.sb],.h.htc[`body].h.pre x}"),
  ka: q('{$[0=x;"close";"keep-alive"]}'),

  // ---- URIs ----------------------------------------------------------------------------------------------------------
  hug: q('{c!{$[y in x;enlist y;"%",string"x"$y]}[x]each c:"c"$til 256}'),
  hu: q("{raze .h.hug[.h.sc]x}"),
  uh: native(".h.uh", 1, (_, x) =>
    string(
      textOf(x!).replace(/%([0-9a-fA-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    ),
  ),

  // ---- data ----------------------------------------------------------------------------------------------------------
  cd: q(
    '{","0:$[.Q.qt x;flip{$[0h<>type x;x;all 0h<t:type each x;$[all 10h=t;x;.h.d sv/:string x];x]}each flip 0!x;x]}',
  ),
  td: q('{"\\t"0:$[.Q.qt x;0!x;x]}'),
  xd: native(".h.xd", 1, (session, x) => xmlRows(session, x!)),
  xt: q("{$[x=`json;.j.k each y;'`type]}"),
  iso8601: q('{"T"sv@["D"vs string"p"$x;0;ssr[;".";"-"]]}'),
  ed: native(".h.ed", 1, (session, x) =>
    workbook(session, 'xmlns:o="urn:schemas-microsoft-com:office:office" ', [["Sheet1", x!]]),
  ),
  edsn: native(".h.edsn", 1, (session, x) => {
    if (x!.kind !== "dict") throw signal("type", "sheets by name");
    const tables = itemsOf(x!.values);
    return workbook(
      session,
      "",
      itemsOf(x!.keys).map((key, i) => [textOf(key), tables[i]!] as const),
    );
  }),
  jx: native(".h.jx", 2, tablePage),
};

/** Each column of a table as texts. */
function textColumns(session: Session, t: Value): { names: string[]; columns: string[][] } {
  const plain = session.apply2(session.primitive("!"), long(0), t);
  if (plain.kind !== "table") throw signal("type", "a table is wanted here");
  const texts = session.apply1(session.primitive("string"), plain);
  if (texts.kind !== "table") throw signal("type", "a table is wanted here");
  const columns = texts.names.map((column, c) => {
    const source = session.apply1(plain, symbol(column));
    const isStrings = source.kind === "list" && source.items.every((item) => item.type === T.char);
    const cells = isStrings ? source : texts.columns[c]!;
    return itemsOf(cells).map((cell) => flatText(cell));
  });
  return { names: texts.names, columns };
}
/** A nested cell's parts with spaces between. */
const flatText = (v: Value): string =>
  isList(v) && v.type === T.list ? itemsOf(v).map(flatText).join(" ") : textOf(v);

const escapeXml = (s: string): string => s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function xmlRows(session: Session, t: Value): Value {
  const { names, columns } = textColumns(session, t);
  const rows = columns[0]?.length ?? 0;
  const lines = ["<R>"];
  for (let row = 0; row < rows; row++) {
    lines.push(`<r>${names.map((n, c) => `<${n}>${escapeXml(columns[c]![row]!)}</${n}>`).join("")}</r>`);
  }
  return list([...lines, "</R>"].map(string));
}

/** SpreadsheetML: numbers as numbers, everything else as text. */
function workbook(session: Session, office: string, sheets: readonly (readonly [string, Value])[]): Value {
  const lines = [
    `<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" ${office}xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">`,
  ];
  const cell = (type: string, content: string): string =>
    `<Cell><Data ss:Type="${type}">${escapeXml(content)}</Data></Cell>`;
  for (const [title, t] of sheets) {
    const { names, columns } = textColumns(session, t);
    lines.push(
      `<Worksheet ss:Name="${escapeXml(title)}"><Table>`,
      `<Row>${names.map((n) => cell("String", n)).join("")}</Row>`,
    );
    for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
      lines.push(`<Row>${columns.map((c) => cell(isNumber(c[row]!) ? "Number" : "String", c[row]!)).join("")}</Row>`);
    }
    lines.push("</Table></Worksheet>");
  }
  const head = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>';
  return list([head, `${lines.join("")}</Workbook>`].map(string));
}
const isNumber = (cell: string): boolean => /^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(cell);

/** Rows of the web console's page, and the links above them. */
const PAGE = 32;
function tablePage(session: Session, x?: Value, y?: Value): Value {
  const from = integerOf(x!);
  const named = session.read(textOf(y!));
  if (named === undefined) throw userSignal(textOf(y!), "no such table");
  const count = countOf(named);
  const link = (row: number, label: string): string => `<a href="?[${row}">${label}</a> `;
  const links =
    link(0, "home") +
    link(Math.max(0, from - PAGE), "up") +
    link(from + PAGE, "down") +
    link(Math.max(0, count - PAGE), "end");
  const rows = session.apply2(session.primitive("sublist"), longs([from, PAGE]), named);
  const size: [number, number] = [PAGE + 5, session.settings.http[1]];
  return list([`${links}${count}[${from}]`, "", ...formatLines(session, rows, size)].map(string));
}
