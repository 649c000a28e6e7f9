// q -p: one process, many clients; hopen from q; node-q as a client that others wrote.

import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QError, TestClient } from "./client.ts";
import { endAll, listeningQ, piped, q, scratch, track, until } from "./harness.ts";

afterAll(endAll);

test("several clients share one q", async () => {
  const { port } = await listeningQ();
  const [a, b] = await Promise.all([TestClient.connect(port), TestClient.connect(port)]);
  await a.query("x:42");
  expect(await b.query("x")).toBe(42);
  await a.close();
  expect(await b.query("x")).toBe(42);
  await b.close();
});

test("a client that sends noise, half a message or nothing disturbs no other", async () => {
  const { port } = await listeningQ();
  const good = await TestClient.connect(port);
  const noisy = await TestClient.connect(port);
  noisy.socket.write("noise noise noise noise");
  const half = await TestClient.connect(port);
  half.socket.write(Buffer.from([1, 1, 0, 0, 100, 0, 0, 0, 10]));
  const silent = await TestClient.raw(port);
  const huge = await TestClient.connect(port);
  huge.socket.write(Buffer.from([1, 1, 0, 0, 0xff, 0xff, 0xff, 0x7f]));
  await noisy.closed;
  expect(await good.query("1+1")).toBe(2);
  await Promise.all([half.close(), silent.close(), huge.close()]);
  expect(await good.query("2+2")).toBe(4);
  await good.close();
});

test("descriptors of clients that went are given back", async () => {
  const { port, child } = await listeningQ();
  const fds = async (): Promise<number> => readdirSync(`/proc/${child.pid}/fd`).length;
  const first = await TestClient.connect(port);
  const before = await fds();
  for (let i = 0; i < 20; i++) {
    const client = await TestClient.connect(port);
    await client.query("1+1");
    await client.close();
  }
  await until("all are closed", async () => ((await fds()) === before ? true : undefined));
  await first.close();
});

test("a large answer to a client that reads late holds up nobody", async () => {
  const { port } = await listeningQ();
  const slow = await TestClient.connect(port);
  slow.socket.pause();
  slow.send(1, "64000000#0x01");
  const quick = await TestClient.connect(port);
  expect(await quick.query("1+1")).toBe(2);
  slow.socket.resume();
  const { value } = await slow.receive();
  expect((value as Buffer).length).toBe(64000006);
  await Promise.all([slow.close(), quick.close()]);
}, 30000);

test(".z.po, .z.pc, .z.pg, .z.ps and .z.pw are called", async () => {
  const { port } = await listeningQ(
    [],
    '.z.pw:{[u;p]p~"right"}\n.z.po:{opened::x}\n.z.pc:{closed::x}\n.z.pg:{asked::x;value x}\n.z.ps:{told::x}',
  );
  await expect(TestClient.connect(port, "u:wrong")).rejects.toThrow();
  const a = await TestClient.connect(port, "u:right");
  const handle = await a.query(".z.w");
  expect(await a.query("opened")).toBe(handle);
  expect(await a.query("asked")).toBe("asked");
  a.tell("hello");
  expect(await a.query("told")).toBe("hello");
  await a.close();
  const b = await TestClient.connect(port, "u:right");
  expect(await until("closed", () => b.query("closed").catch(() => undefined))).toBe(handle);
  await b.close();
});

test("a password file admits whom it names", async () => {
  const file = join(scratch(), "passwords");
  writeFileSync(file, "anna:secret\nhashed:91dfd9ddb4198affc5c194cd8ce6d338fde470e2\n");
  const { port } = await listeningQ(["-U", file]);
  await expect(TestClient.connect(port, "anna:wrong")).rejects.toThrow();
  await expect(TestClient.connect(port, "nobody:secret")).rejects.toThrow();
  for (const credentials of ["anna:secret", "hashed:mypassword"]) {
    const client = await TestClient.connect(port, credentials);
    expect(await client.query("1+1")).toBe(2);
    await client.close();
  }
});

test("-u 1 keeps clients from commands and from files outside", async () => {
  const { port } = await listeningQ(["-u", "1"]);
  const client = await TestClient.connect(port);
  await expect(client.query('system"ls"')).rejects.toThrow(new QError("access"));
  await expect(client.query("\\ls")).rejects.toThrow(new QError("access"));
  await expect(client.query("read0`:/etc/passwd")).rejects.toThrow(new QError("access"));
  await expect(client.query("exit 0")).rejects.toThrow(new QError("access"));
  await client.close();
});

test("-b keeps clients from changing anything; the console may", async () => {
  const { port, child } = await listeningQ(["-b"], "a:1");
  const client = await TestClient.connect(port);
  await expect(client.query("a:2")).rejects.toThrow(new QError("noupdate: `. `a"));
  await expect(client.query("a,:2")).rejects.toThrow(new QError("noupdate: `. `a"));
  await expect(client.query("hopen`:/tmp/perqb")).rejects.toThrow(new QError("noupdate"));
  expect(await client.query('system"_"')).toBe(true);
  expect(await client.query(".z.r")).toBe(true);
  child.stdin.write("a:5\n");
  child.stdin.flush();
  await until("the console's value", async () => (await client.query("a")) === 5 || undefined);
  await client.close();
});

test("-T stops a query that takes too long, and the server lives on", async () => {
  const { port } = await listeningQ(["-T", "1"]);
  const client = await TestClient.connect(port);
  await expect(client.query("while[1b;1]")).rejects.toThrow(new QError("stop"));
  expect(await client.query("1+1")).toBe(2);
  await client.close();
}, 20000);

test("SIGINT stops a running query; SIGTERM ends the process", async () => {
  const { port, child } = await listeningQ();
  const client = await TestClient.connect(port);
  const answer = client.query("while[1b;1]");
  await Bun.sleep(200);
  process.kill(child.pid, "SIGINT");
  await expect(answer).rejects.toThrow(new QError("stop"));
  expect(await client.query("1+1")).toBe(2);
  process.kill(child.pid, "SIGTERM");
  expect(await child.exited).toBe(0);
}, 20000);

test("q opens a handle to q: sync, async, errors, flush, close", async () => {
  const { port } = await listeningQ([], "f:{x+y}");
  const { out, err } = await piped(
    `h:hopen ${port}
h"2+2"
h(\`f;3;4)
h({x*y};3;4)
neg[h]"a:10"
neg[h][]
h"a"
@[h;"1+\`a";{"error ",x}]
hclose h
@[h;"a";{x}]
@[hopen;\`:localhost:1;{x}]
\`:localhost:${port} "6*7"
`,
  );
  expect(err).toBe("");
  expect(out.split("\n").slice(0, 6)).toEqual([
    "4",
    "7",
    "12",
    "10",
    '"error type"',
    expect.stringMatching(/^"Cannot write to handle \d+\. OS reports: Bad file descriptor"$/),
  ]);
  expect(out.split("\n").slice(6)).toEqual(['"hop. OS reports: Connection refused"', "42", ""]);
});

test("a server calls its client back while it waits", async () => {
  const { port } = await listeningQ();
  const { out } = await piped(`h:hopen ${port}\ng:{x*100}\nh"neg[.z.w]\\"seen:1\\";.z.w\\"g 3\\""\nseen\nhclose h\n`);
  expect(out).toBe("300\n1\n");
});

test("deferred responses: -30!", async () => {
  const { port } = await listeningQ([], ".z.pg:{w::.z.w;-30!(::)}\n.z.ps:{-30!(w;0b;value x)}");
  const a = await TestClient.connect(port);
  const b = await TestClient.connect(port);
  const answer = a.query("anything");
  await Bun.sleep(50);
  b.tell("6*7");
  expect(await answer).toBe(42);
  await Promise.all([a.close(), b.close()]);
});

test("the timer ticks", async () => {
  const { port } = await listeningQ([], "n:0\n.z.ts:{n+:1}\n\\t 10");
  const client = await TestClient.connect(port);
  await until("three ticks", async () => ((await client.query("n")) as number) >= 3 || undefined);
  expect(await client.query('system"t"')).toBe(10);
  await client.query('system"t 0"');
  await client.close();
});

test("a unix socket stands beside the port", async () => {
  const { port } = await listeningQ();
  const { out } = await piped(`h:hopen\`:unix://${port}\nh"3+3"\nhclose h\n`);
  expect(out).toBe("6\n");
});

test("a port that is taken is an error, and q ends with 1", async () => {
  const { port } = await listeningQ();
  const { err, code } = await piped("", ["-q", "-p", `127.0.0.1:${port}`]);
  expect(err).toContain("Address already in use");
  expect(code).toBe(1);
});

test("\\p 0 closes the port and \\p another opens one", async () => {
  const { port, child } = await listeningQ();
  child.stdin.write(`\\p 0\n-1 string system"p";\n`);
  child.stdin.flush();
  await until("refused", async () => {
    try {
      await (await TestClient.raw(port)).close();
      return undefined;
    } catch {
      return true;
    }
  });
});

test("node-q: values both ways, errors, async", async () => {
  const { port } = await listeningQ([], "t:([]sym:`a`b;price:1.5 2.5;size:10 20)");
  const client = track(
    Bun.spawn(["node", join(import.meta.dir, "node-q-client.cjs"), String(port)], {
      stdout: "pipe",
      stderr: "inherit",
    }),
  );
  expect(JSON.parse(await new Response(client.stdout).text())).toEqual({
    sum: 5,
    table: [
      { sym: "a", price: 1.5, size: 10 },
      { sym: "b", price: 2.5, size: 20 },
    ],
    applied: 7,
    dict: { a: 1, b: 2 },
    date: 2,
    error: "type",
    async: 99,
  });
});

test("without a port and a console there is nobody to serve: q ends", async () => {
  const { code } = await piped("", ["-q", "-t", "100"]);
  expect(code).toBe(0);
});

test("nohup q -p < /dev/null goes on serving", async () => {
  const path = join(scratch(), "port");
  const script = join(scratch(), "s.q");
  writeFileSync(script, `\\p 127.0.0.1:0W\n(hsym\`$"${path}")0:enlist string system"p"\n`);
  const child = track(Bun.spawn([...q, script, "-q"], { stdin: "ignore", stdout: "ignore", stderr: "inherit" }));
  await until("the port", () => existsSync(path) || undefined);
  const port = await until("a whole line", async () => Number((await Bun.file(path).text()).trim()) || undefined);
  const client = await TestClient.connect(port);
  expect(await client.query(".z.i")).toBe(child.pid);
  await client.close();
  expect(child.exitCode).toBeNull();
});

test("-b keeps a client from changing anything, in place, through a namespace or by a view", async () => {
  const { port } = await listeningQ(["-b"], "a:1;t:([]x:1 2);l:1 2 3;sym:`a`b;.ns.x:1;snap:{-8!(a;t;l;sym;.ns;key`.)}");
  const client = await TestClient.connect(port);
  const before = await client.query("snap[]");
  const attempts = [
    "a:2",
    "a::2",
    "v::a",
    "l[0]:9",
    "@[`l;0;:;9]",
    "@[`.;`a;:;9]",
    ".[`.;enlist`a;:;9]",
    "@[`.ns;`x;:;9]",
    ".[`t;(0;`x);:;9]",
    "`t insert 9",
    "`t upsert enlist 9",
    "update x:9 from `t where x=1",
    "delete from `t",
    "delete a from `.",
    "delete x from `.ns",
    "`sym?`new",
    "`b set 1",
  ];
  for (const attempt of attempts) await expect(client.query(attempt).then(() => attempt)).rejects.toThrow(/^noupdate/);
  expect(await client.query("snap[]")).toEqual(before);
  await client.close();
});
