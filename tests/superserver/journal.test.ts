/** perqd under systemd's journal, here a socket of ours: lines arrive as fields, and no client can add one. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connectTo, listenOn, localAddress } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";
import { encodeFields } from "#superserver/journal.ts";

const root = `${import.meta.dir}/../..`;
const directory = mkdtempSync("/tmp/perq-journal-");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The native protocol, read as journald reads it. */
function decodeFields(bytes: Uint8Array): Record<string, string> {
  const fields: Record<string, string> = {};
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString();
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf(10, at);
    const equals = bytes.indexOf(61, at);
    if (equals >= 0 && equals < line) {
      fields[text(at, equals)] = text(equals + 1, line);
      at = line + 1;
    } else {
      const length = Number(new DataView(bytes.buffer, bytes.byteOffset + line + 1).getBigUint64(0, true));
      fields[text(at, line)] = text(line + 9, line + 9 + length);
      at = line + 9 + length + 1;
    }
  }
  return fields;
}

test("a value with a newline stays one value", () => {
  const fields = { MESSAGE: "a\nPERQ_SERVICE=forged", N: 3, NONE: undefined, UNICODE: "ü=\n" };
  expect(decodeFields(encodeFields(fields))).toEqual({
    MESSAGE: "a\nPERQ_SERVICE=forged",
    N: "3",
    UNICODE: "ü=\n",
  });
});

test("main and service logs reach the journal with service, event, peer and pid", async () => {
  const socket = `${directory}/socket`;
  const journal = listenOn({ family: "unix", path: socket }, { type: sys.SOCK_DGRAM | sys.SOCK_NONBLOCK });
  const free = listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
  const { port } = localAddress(free) as { port: number };
  sys.close(free);
  writeFileSync(
    `${directory}/conf`,
    `service cat
{
  type = UNLISTED
  port = ${port}
  bind = 127.0.0.1
  socket_type = stream
  wait = no
  user = ${process.getuid?.() ?? 0}
  server = /bin/cat
  log_type = SYSLOG local3 info
  log_on_success = PID HOST EXIT
}
`,
  );
  writeFileSync(`${directory}/stderr`, "");
  const { dev, ino } = statSync(`${directory}/stderr`);
  const start = (stream: string) =>
    Bun.spawn([process.execPath, `${root}/src/cli/perqd.ts`, "-f", `${directory}/conf`, "-dontfork"], {
      stdio: ["ignore", "ignore", Bun.file(`${directory}/stderr`)],
      env: { PATH: "/usr/bin:/bin", JOURNAL_STREAM: stream, PERQ_JOURNAL: socket },
    });
  const heard: Record<string, string>[] = [];
  const listen = async (holds: () => boolean) => {
    const bytes = new Uint8Array(new ArrayBuffer(8192));
    for (const deadline = Date.now() + 8000; !holds() && Date.now() < deadline; await Bun.sleep(10)) {
      for (let got = sys.recv(journal, bytes); got > 0; got = sys.recv(journal, bytes))
        heard.push(decodeFields(bytes.slice(0, got)));
    }
    expect(holds()).toBe(true);
  };
  const event = (name: string) => heard.find((one) => one["PERQ_EVENT"] === name);
  const perqd = start(`${dev}:${ino}`);
  await listen(() => heard.some((one) => one["MESSAGE"]?.startsWith("Started working")));
  expect(heard.at(-1)).toMatchObject({ SYSLOG_IDENTIFIER: "perqd", PRIORITY: "5", SYSLOG_FACILITY: "3" });
  sys.close(connectTo({ family: "ipv4", host: "127.0.0.1", port }, 2000));
  await listen(() => event("EXIT") !== undefined);
  const common = {
    PERQ_SERVICE: "cat",
    PRIORITY: "6",
    SYSLOG_FACILITY: "19",
    OBJECT_PID: event("START")?.["PERQ_PID"],
  };
  expect(event("START")).toMatchObject({ ...common, PERQ_PEER: "127.0.0.1" });
  expect(event("EXIT")).toMatchObject({ ...common, PERQ_STATUS: "0" });
  perqd.kill();
  await perqd.exited;
  expect(await Bun.file(`${directory}/stderr`).text()).toBe("");

  const other = start("1:1"); // somebody else's stream
  await (async () => {
    while (!(await Bun.file(`${directory}/stderr`).text()).includes("Started working")) await Bun.sleep(20);
  })();
  other.kill();
  await other.exited;
  sys.close(journal);
}, 20_000);
