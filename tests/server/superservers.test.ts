// q under the real super-servers of Debian and under perqd, over the databases that real kdb+ wrote: the main job, end to
// end, from the source document's own configuration.

import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import * as sys from "#platform/sys.ts";
import { oracles } from "../superserver/oracles.ts";
import { QError, TestClient } from "./client.ts";
import { bun, endAll, q, scratch, track, until } from "./harness.ts";

afterAll(endAll);

const root = resolve(import.meta.dir, "../..");
const data = resolve(root, "../shared/data");
const hasData = existsSync(join(data, "expected.json"));
const user = sys.userById(sys.getEffectiveUid())!.name;
/** A program at an absolute path: inetd searches no PATH. */
const program = join(scratch(), "q");
writeFileSync(program, `#!/bin/sh\nexec ${q.join(" ")} "$@"\n`, { mode: 0o755 });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

/** The document's service on a free port; `attributes` are added to it. */
const xinetdService = (port: number, server: string, args: string, attributes = ""): string => `
service kdbtaq
{
    flags       = REUSE
    type        = UNLISTED
    protocol    = tcp
    port        = ${port}
    socket_type = stream
    wait        = no
    user        = ${user}
    bind        = 127.0.0.1
    instances   = UNLIMITED
    cps         = 1000 1
    env         = QHOME=/home/kdb/q QLIC=/home/kdb/q
    server      = ${server}
    server_args = ${args}
${attributes}
}
`;

type Start = (server: string, args: string) => Promise<number>;
const found = oracles();

async function listening(port: number): Promise<number> {
  await until("the service listens", () =>
    readFileSync("/proc/net/tcp", "latin1").includes(
      `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`,
    ),
  );
  return port;
}

function daemon(argv: string[]): void {
  track(Bun.spawn(argv, { stdin: "ignore", stdout: "ignore", stderr: "inherit", cwd: "/" }));
}

const superServers: Record<string, Start | undefined> = {
  xinetd:
    found.xinetd === undefined
      ? undefined
      : async (server, args) => {
          const port = await freePort();
          const file = join(scratch(), "xinetd.conf");
          writeFileSync(file, xinetdService(port, server, args));
          daemon([found.xinetd!, "-dontfork", "-f", file, "-pidfile", `${file}.pid`]);
          return listening(port);
        },
  "openbsd-inetd":
    found.openbsd === undefined
      ? undefined
      : async (server, args) => {
          const port = await freePort();
          const file = join(scratch(), "inetd.conf");
          writeFileSync(file, `127.0.0.1:${port} stream tcp nowait.1000 ${user} ${server} q ${args}\n`);
          daemon([found.openbsd!, "-i", file]);
          return listening(port);
        },
  perqd: async (server, args) => {
    const port = await freePort();
    const file = join(scratch(), "xinetd.conf");
    writeFileSync(file, xinetdService(port, server, args));
    daemon([bun, "--no-env-file", join(root, "src/cli/perqd.ts"), "-dontfork", "-f", file]);
    return listening(port);
  },
};

for (const [name, start] of Object.entries(superServers)) {
  describe.skipIf(start === undefined)(`under ${name}`, () => {
    test("each connection has a q of its own, which goes with it", async () => {
      const port = await start!(program, "-s 4 -q -g 1");
      const [a, b] = await Promise.all([TestClient.connect(port), TestClient.connect(port)]);
      await a.query("x:42");
      await expect(b.query("x")).rejects.toThrow(new QError("x"));
      expect(await a.query('system"s"')).toBe(4);
      expect(await a.query('system"g"')).toBe(1);
      await a.query('-1"noise";-2"noise";system"echo noise";');
      const pids = [await a.query(".z.i"), await b.query(".z.i")] as [number, number];
      expect(pids[0]).not.toBe(pids[1]);
      await Promise.all([a.close(), b.close()]);
      await until("both are gone", () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
    });

    test("a client that sends noise does not disturb another", async () => {
      const port = await start!(program, "-q");
      const good = await TestClient.connect(port);
      const noisy = await TestClient.connect(port);
      noisy.socket.write("no message at all, but long enough for a header");
      await noisy.closed;
      expect(await good.query("1+1")).toBe(2);
      await good.close();
    });

    test.skipIf(!hasData)(
      "the TAQ database answers with the figures of expected.json",
      async () => {
        const { derived } = JSON.parse(readFileSync(join(data, "expected.json"), "utf8"));
        const port = await start!(program, `${data}/taq/hdb -s 4 -q -g 1`);
        const client = await TestClient.connect(port);
        expect(await client.query("exec count i from trade")).toBe(derived["taq/hdb trade total"].count);
        for (const date of ["2015.01.07", "2015.01.08"]) {
          const bySym = derived[`taq/hdb/${date}/trade by_sym`] as Record<string, Record<string, unknown>>;
          for (const [sym, figures] of Object.entries(bySym)) {
            const where = `from trade where date=${date},sym=\`${sym}`;
            expect(await client.query(`exec count i ${where}`)).toBe(figures["count"]);
            expect(String(await client.query(`exec sum size ${where}`))).toBe(String(figures["sum_size"]));
            expect(await client.query(`exec size wavg price ${where}`)).toBeCloseTo(figures["vwap"] as number, 9);
          }
        }
        await client.close();
      },
      60000,
    );

    test.skipIf(!hasData)(
      "the as-of figures, over both databases",
      async () => {
        const { derived } = JSON.parse(readFileSync(join(data, "expected.json"), "utf8"));
        const port = await start!(program, `${data}/taq/hdb -q`);
        const client = await TestClient.connect(port);
        const figures = derived["aj 2015.01.07"];
        await client.query("t:select sym,time,price,size from trade where date=2015.01.07");
        await client.query(`system"l ${data}/taq/quotehdb"`);
        await client.query("r:aj[`sym`time;t;select sym,time,bid,ask from quote where date=2015.01.07]");
        expect(await client.query("count r")).toBe(figures.rows);
        expect(await client.query("`long$sum null r`bid")).toBe(figures.null_bid);
        expect(await client.query("sum r`bid")).toBeCloseTo(figures.sum_bid, 4);
        expect(await client.query("sum r`ask")).toBeCloseTo(figures.sum_ask, 4);
        await client.close();
      },
      60000,
    );
  });
}

afterAll(() => {
  for (const [name, start] of Object.entries(superServers)) {
    if (start === undefined) console.log(`*** SKIPPED: q under ${name}, which is not installed here`);
  }
  if (!hasData) console.log("*** SKIPPED: the databases of ../shared/data are not here");
  expect(readdirSync("/proc/self/fd").length).toBeLessThan(500);
});
