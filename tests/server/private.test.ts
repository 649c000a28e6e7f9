// q behind an inetd: one process, one client, and nothing but the protocol on the socket.

import { afterAll, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QError, TestClient } from "./client.ts";
import { bun, endAll, inetd, q, scratch, until } from "./harness.ts";

afterAll(endAll);

test("the first answer comes, then the process ends with its client", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  expect(await client.query("1+1")).toBe(2);
  const pid = (await client.query(".z.i")) as number;
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  await client.close();
  await until("the process is gone", () => !existsSync(`/proc/${pid}`));
});

test("two connections do not see each other's variables", async () => {
  const port = await inetd([...q, "-q"]);
  const [a, b] = await Promise.all([TestClient.connect(port), TestClient.connect(port)]);
  await a.query("x:42");
  expect(await a.query("x")).toBe(42);
  await expect(b.query("x")).rejects.toThrow(new QError("x"));
  expect(await a.query(".z.i")).not.toBe(await b.query(".z.i"));
  await Promise.all([a.close(), b.close()]);
});

test("errors are answered with kdb+'s name and the connection lives", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  await expect(client.query("1+`a")).rejects.toThrow(new QError("type"));
  await expect(client.query("'oops")).rejects.toThrow(new QError("oops"));
  await expect(client.query("nosuchname")).rejects.toThrow(new QError("nosuchname"));
  expect(await client.query("2*3")).toBe(6);
  await client.close();
});

test("async messages are run and not answered", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  client.tell("a:7");
  client.tell("'ignored");
  expect(await client.query("a")).toBe(7);
  await client.close();
});

test("the user and the peer are known", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port, "maria:pw");
  expect(await client.query(".z.u")).toBe("maria");
  expect(await client.query(".z.a")).toBe(0x7f000001);
  expect(await client.query(".z.w")).toBeGreaterThan(2);
  await client.close();
});

test("greetings without password, without colon and with nothing at all are welcome", async () => {
  const port = await inetd([...q, "-q"]);
  for (const credentials of ["", "user", "user:"]) {
    const client = await TestClient.connect(port, credentials);
    expect(await client.query("1+1")).toBe(2);
    await client.close();
  }
});

test("IPC only: HTTP under an inetd is closed without a byte", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.raw(port);
  client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect((await client.readToEnd()).length).toBe(0);
});

test("a unix socket serves as well", async () => {
  const path = join(scratch(), "q.sock");
  await inetd([...q, "-q"], { mode: `unix:${path}` });
  const client = await TestClient.connect({ path });
  expect(await client.query("1+1")).toBe(2);
  expect(await client.query(".z.a")).toBe(0);
  await client.close();
});

test("a wait = yes service serves all comers on one socket and ends with the last", async () => {
  const port = await inetd([...q, "-q"], { mode: "wait" });
  const a = await TestClient.connect(port);
  const b = await TestClient.connect(port);
  const pid = (await a.query(".z.i")) as number;
  expect(await b.query(".z.i")).toBe(pid);
  await a.query("x:1");
  expect(await b.query("x")).toBe(1);
  await a.close();
  expect(await b.query("x")).toBe(1);
  await b.close();
  await until("the process is gone", () => !existsSync(`/proc/${pid}`));
  const c = await TestClient.connect(port);
  expect(await c.query(".z.i")).not.toBe(pid);
  await c.close();
});

test("a hundred connections at once, each its own process", async () => {
  const port = await inetd([...q, "-q"]);
  const clients = await Promise.all(Array.from({ length: 100 }, () => TestClient.connect(port)));
  const answers = await Promise.all(clients.map((client, i) => client.query(`x:${i};x+1`)));
  expect(answers).toEqual(clients.map((_, i) => i + 1));
  const pids = (await Promise.all(clients.map((client) => client.query(".z.i")))) as number[];
  expect(new Set(pids).size).toBe(100);
  await Promise.all(clients.map((client) => client.close()));
  await until("all processes are gone", () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
}, 300_000); // a hundred from source are half a minute of both cores of a small machine, when they are free

// ---- logs: the source document's three ways, and what happens without any -------------------------------------------

test("without a choice of log nothing that is printed reaches the client", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  expect(await client.query('-1"noise";-2"noise";1"noise";0N')).toBeDefined();
  expect(await client.query('system"echo noise";1+1')).toBe(2);
  expect(await client.query('system"echo noise >&2";1+1')).toBe(2);
  await client.close();
});

test("way 1: a script on the command line says \\1 and \\2", async () => {
  const directory = scratch();
  const script = join(directory, "log.q");
  writeFileSync(script, `\\1 ${directory}/out\n\\2 ${directory}/err\n-1"started";\n`);
  const port = await inetd([...q, script, "-q"]);
  const client = await TestClient.connect(port);
  await client.query('-1"hello";-2"trouble";');
  await client.close();
  expect(readFileSync(join(directory, "out"), "latin1")).toBe("started\nhello\n");
  expect(readFileSync(join(directory, "err"), "latin1")).toBe("trouble\n");
});

test("way 2: a script's own logging to standard output and error goes to the log", async () => {
  const directory = scratch();
  const script = join(directory, "log.q");
  writeFileSync(script, '-1"script says hello";\n');
  const log = join(directory, "q.log");
  const port = await inetd([...q, script, "-q"], { environment: { PERQ_LOG: log } });
  const client = await TestClient.connect(port);
  await client.query('-2"and this";1+1');
  await client.close();
  expect(readFileSync(log, "latin1")).toBe("script says hello\nand this\n");
});

test("--log is the same on the command line", async () => {
  const log = join(scratch(), "q.log");
  const port = await inetd([...q, "-q", "--log", log]);
  const client = await TestClient.connect(port);
  await client.query('-1"hello";');
  await client.close();
  expect(readFileSync(log, "latin1")).toBe("hello\n");
});

test("way 3: a shell wrapper redirects and executes q", async () => {
  const directory = scratch();
  const wrapper = join(directory, "wrapper");
  writeFileSync(wrapper, `#!/bin/sh\nexec ${q.join(" ")} "$@" >>${directory}/out 2>>${directory}/err\n`, {
    mode: 0o755,
  });
  const port = await inetd([wrapper, "-q"]);
  const client = await TestClient.connect(port);
  await client.query('-1"hello";-2"trouble";');
  await client.close();
  expect(readFileSync(join(directory, "out"), "latin1")).toBe("hello\n");
  expect(readFileSync(join(directory, "err"), "latin1")).toBe("trouble\n");
});

test("started through taskset", async () => {
  const port = await inetd(["/usr/bin/taskset", "-c", "0", ...q, "-q", "-g", "1"]);
  const client = await TestClient.connect(port);
  expect(await client.query("1+1")).toBe(2);
  expect(readFileSync(`/proc/${await client.query(".z.i")}/status`, "latin1")).toContain("Cpus_allowed_list:\t0\n");
  await client.close();
});

test("QHOME and QLIC in the environment are accepted; QHOME's q.q is run first", async () => {
  const directory = scratch();
  writeFileSync(join(directory, "q.q"), "fromHome:11\n");
  const port = await inetd([...q, "-q"], { environment: { QHOME: directory, QLIC: directory } });
  const client = await TestClient.connect(port);
  expect(await client.query("fromHome")).toBe(11);
  await client.close();
});

test("a nonsensical command line is said in the log, and the client sees a closed connection", async () => {
  const log = join(scratch(), "q.log");
  const port = await inetd([...q, "-P", "99"], { environment: { PERQ_LOG: log } });
  const client = await TestClient.raw(port);
  expect((await client.readToEnd()).length).toBe(0);
  expect(readFileSync(log, "latin1")).toContain("-P (precision): a whole number from 0 to 17 is wanted");
});

// ---- bad input -------------------------------------------------------------------------------------------------------

test.each([
  ["a message of 2 GB", Buffer.from([1, 1, 0, 0, 0xff, 0xff, 0xff, 0x7f])],
  ["noise for a header", Buffer.from("this is no kdb+ message at all")],
  ["a header shorter than itself", Buffer.from([1, 1, 0, 0, 4, 0, 0, 0])],
  ["a vector longer than its message", Buffer.from([1, 1, 0, 0, 14, 0, 0, 0, 7, 0, 0xff, 0xff, 0xff, 0x7f])],
  [
    "a compressed stream that is none",
    Buffer.from([1, 1, 1, 0, 20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 255, 1, 2, 3, 4, 5, 6, 7]),
  ],
])("%s closes the connection (or waits for the rest) and ends the process with the client", async (name, bytes) => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  const pid = (await client.query(".z.i")) as number;
  client.socket.write(bytes);
  // A length of 2 GB may be true: nothing is wrong until the client goes.
  if (name === "a message of 2 GB") await client.close();
  await client.closed;
  await until("the process is gone", () => !existsSync(`/proc/${pid}`));
});

test("half a message is waited for without a word and without the processor", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  const pid = (await client.query(".z.i")) as number;
  client.socket.write(Buffer.from([1, 1, 0, 0, 17, 0, 0, 0, 10, 0, 3]));
  const ticks = (): number =>
    Number(
      readFileSync(`/proc/${pid}/stat`, "latin1")
        .split(" ")
        .slice(13, 15)
        .reduce((a, b) => a + Number(b), 0),
    );
  await Bun.sleep(300);
  const before = ticks();
  await Bun.sleep(300);
  expect(ticks() - before).toBeLessThanOrEqual(1);
  client.socket.write(Buffer.from([0, 0, 0, 0x31, 0x2b, 0x31]));
  expect((await client.receive()).value).toBe(2);
  await client.close();
});

test("a client that disappears in the middle of a query leaves no process behind", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  const pid = (await client.query(".z.i")) as number;
  client.send(1, 'system"sleep 0.5"');
  await client.close();
  await until("the process is gone", () => !existsSync(`/proc/${pid}`));
});

test("messages in one packet are answered in order", async () => {
  const port = await inetd([...q, "-q"]);
  const client = await TestClient.connect(port);
  client.socket.cork();
  for (let i = 0; i < 50; i++) client.send(1, `${i}+1`);
  client.socket.uncork();
  for (let i = 0; i < 50; i++) expect((await client.receive()).value).toBe(i + 1);
  await client.close();
});

test("the bun in the harness is the one of the project", () => {
  expect(bun).toContain("node_modules/.bin/bun");
});
