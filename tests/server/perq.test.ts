// perq: the console to other servers, and the demo that `npm start` runs.

import { afterAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { TestClient } from "./client.ts";
import { bun, endAll, listeningQ, scratch, track, until } from "./harness.ts";

afterAll(endAll);

const root = resolve(import.meta.dir, "../..");
const perq = [bun, "--no-env-file", join(root, "src/cli/perq.ts")];

async function connect(target: string, lines: string): Promise<{ out: string; err: string; code: number }> {
  const child = track(
    Bun.spawn([...perq, "connect", target], { stdin: new Blob([lines]), stdout: "pipe", stderr: "pipe" }),
  );
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, code };
}

test("lines are evaluated over there and shown here as a console shows them", async () => {
  const { port } = await listeningQ([], "t:([]sym:`a`b;price:1.5 2.5)");
  const { out, err, code } = await connect(`localhost:${port}`, "x:1+1\nx\nt\n1+`a\nx*2\n\\P\n\\\\\nnever\n");
  expect(out).toBe("2\nsym price\n---------\na   1.5  \nb   2.5  \n4\n7i\n");
  expect(err).toBe("'type\n");
  expect(code).toBe(0);
});

test("end of input ends it, the server lives on", async () => {
  const { port, child } = await listeningQ();
  expect(await connect(`127.0.0.1:${port}`, "x:5\n")).toMatchObject({ code: 0 });
  expect((await connect(`${port}`, "x\n")).out).toBe("5\n");
  expect((await connect(`unix://${port}`, "x\n")).out).toBe("5\n");
  expect(child.exitCode).toBeNull();
});

test("user and password travel; a refusal is said", async () => {
  const { port } = await listeningQ([], '.z.pw:{[u;p](u=`anna)&p~"secret"}');
  expect((await connect(`localhost:${port}:anna:secret`, ".z.u\n")).out).toBe("`anna\n");
  expect(await connect(`localhost:${port}:anna:wrong`, "1\n")).toMatchObject({
    err: `perq: localhost:${port} refused: wrong user or password, or no kdb+ server\n`,
    code: 1,
  });
});

test("nobody listening is said in so many words", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  expect(await connect(`localhost:${port}`, "1\n")).toEqual({
    out: "",
    err: `perq: nobody listens on localhost:${port} (is the server running?)\n`,
    code: 1,
  });
  expect(await connect("nosuchhost.invalid:5000", "1\n")).toMatchObject({ code: 1 });
});

test("a server that goes away ends the console with a word", async () => {
  const { port } = await listeningQ();
  expect(await connect(`localhost:${port}`, "exit 0\n1+1\n")).toMatchObject({
    err: expect.stringContaining(`perq: localhost:${port} closed the connection\n`),
    code: 1,
  });
});

test("what the server pushes is shown, not run", async () => {
  const { port } = await listeningQ();
  const { out } = await connect(`localhost:${port}`, 'neg[.z.w]"system\\"touch /tmp/perq-was-here\\"";1\n2\n');
  expect(out).toBe('"system\\"touch /tmp/perq-was-here\\""\n1\n2\n');
  expect(existsSync("/tmp/perq-was-here")).toBe(false);
});

test("unknown subcommands and missing arguments get the usage and 2", async () => {
  for (const words of [[], ["nonsense"], ["connect"], ["demo", "--port", "x"]]) {
    const { exitCode, stdout, stderr } = Bun.spawnSync([...perq, ...words]);
    expect(exitCode).toBe(2);
    expect(stdout.toString() + stderr.toString()).toContain("perq");
  }
});

test("the demo makes its database once and serves it", async () => {
  const directory = scratch();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  const start = () =>
    track(
      Bun.spawn([...perq, "demo", "--port", String(port)], {
        stdin: "ignore",
        stdout: Bun.file(join(directory, "out")),
        stderr: "inherit",
        env: { ...process.env, PERQ_DEMO: join(directory, "demo") },
      }),
    );
  const first = start();
  const client = await until("the demo answers", () => TestClient.connect(port).catch(() => undefined), 60000);
  expect(await client.query("asc exec distinct date from trade")).toHaveLength(14);
  expect((await client.query("exec count i from trade")) as number).toBeGreaterThan(400000);
  expect(await client.query("exec count i from quote")).toBe(1000000);
  await client.close();
  const said = readFileSync(join(directory, "out"), "utf8");
  expect(said).toContain(`connect localhost:${port}`);
  expect(said).toContain("quote: 500000 rows");
  first.kill("SIGTERM");
  expect(await first.exited).toBe(0);
  const second = start();
  const again = await until("the demo answers again", () => TestClient.connect(port).catch(() => undefined), 20000);
  await again.close();
  expect(readFileSync(join(directory, "out"), "utf8")).not.toContain("rows");
  second.kill("SIGTERM");
  await second.exited;
}, 120000);
