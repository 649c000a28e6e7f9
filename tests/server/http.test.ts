// HTTP on a q port.

import { afterAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endAll, listeningQ, scratch } from "./harness.ts";

afterAll(endAll);

test("a q text is answered as a page, as csv and as json; errors are 400", async () => {
  const { port } = await listeningQ([], "t:([]sym:`a`b;price:1.5 2.5)");
  const at = `http://127.0.0.1:${port}`;
  expect(await (await fetch(`${at}/?1+1`)).text()).toContain("<pre>2\n</pre>");
  expect(await (await fetch(`${at}/?${encodeURIComponent('"<b>"')}`)).text()).toContain("&lt;b>");
  expect(await (await fetch(`${at}/`)).text()).toContain("<pre>t\n</pre>");
  const csv = await fetch(`${at}/t.csv?t`);
  expect(csv.headers.get("content-type")).toBe("text/comma-separated-values");
  expect(await csv.text()).toBe("sym,price\na,1.5\nb,2.5\n");
  expect(await (await fetch(`${at}/t.json?t`)).text()).toBe('{"sym":"a","price":1.5}\n{"sym":"b","price":2.5}\n');
  const wrong = await fetch(`${at}/?1+\`a`);
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain("'type");
});

test("files below .h.HOME, and nothing above it", async () => {
  const directory = scratch();
  mkdirSync(join(directory, "web"));
  writeFileSync(join(directory, "web/index.html"), "<p>hello</p>");
  writeFileSync(join(directory, "secret"), "no");
  const { port } = await listeningQ([], `.h.HOME:"${directory}/web"`);
  const page = await fetch(`http://127.0.0.1:${port}/index.html`);
  expect(page.headers.get("content-type")).toBe("text/html");
  expect(await page.text()).toBe("<p>hello</p>");
  expect((await fetch(`http://127.0.0.1:${port}/..%2Fsecret`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/nosuch`)).status).toBe(404);
});

test(".z.ph, .z.pp and .z.pm are given text and headers", async () => {
  const { port } = await listeningQ(
    [],
    '.z.ph:{.h.hy[`txt]"got ",x[0]," ",x[1]`$"X-Test"}\n.z.pp:{.h.hy[`txt]"posted ",x 0}\n.z.pm:{.h.hy[`txt]string[x 0]," ",x 1}',
  );
  const at = `http://127.0.0.1:${port}`;
  expect(await (await fetch(`${at}/a?b`, { headers: { "X-Test": "yes" } })).text()).toBe("got a?b yes");
  expect(await (await fetch(`${at}/form`, { method: "POST", body: "x=1" })).text()).toBe("posted form x=1");
  expect(await (await fetch(`${at}/thing`, { method: "DELETE" })).text()).toBe("DELETE thing");
});

test("where there are passwords HTTP wants them, and .z.ac may decide instead", async () => {
  const { port } = await listeningQ([], '.z.pw:{[u;p](u=`anna)&p~"secret"}');
  const at = `http://127.0.0.1:${port}/?.z.u`;
  expect((await fetch(at)).status).toBe(401);
  expect((await fetch(at, { headers: { Authorization: `Basic ${btoa("anna:wrong")}` } })).status).toBe(401);
  const admitted = await fetch(at, { headers: { Authorization: `Basic ${btoa("anna:secret")}` } });
  expect(await admitted.text()).toContain("`anna");
  const other = await listeningQ([], '.z.ac:{$["?no"~x 0;(0;"");(1;"maria")]}');
  expect(await (await fetch(`http://127.0.0.1:${other.port}/?.z.u`)).text()).toContain("`maria");
  expect((await fetch(`http://127.0.0.1:${other.port}/?no`)).status).toBe(401);
});
