/** perqd as a container has it: process 1 of its namespace, no root, no services file, users by number. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connectTo, listenOn, localAddress, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

const root = `${import.meta.dir}/../..`;
const isRoot = process.getuid?.() === 0;
const nobody = 65534;
/** Where root tests, perqd gives root up before it begins; else it never had it. */
const enter = isRoot
  ? ["unshare", "--pid", "--fork", "setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"]
  : ["unshare", "--user", "--pid", "--fork"];
const possible = Bun.which("unshare") !== null && Bun.spawnSync([...enter, "true"]).exitCode === 0;
if (!possible) console.warn("SKIPPED: perqd as process 1: namespaces are not allowed here");

const directory = mkdtempSync("/tmp/perq-container-");
const program = `${directory}/perqd`;
let started: Bun.Subprocess | undefined;
afterAll(() => {
  // unshare's death leaves its child alone: process 1 itself is ended, and with it all of the namespace
  if (started?.exitCode === null) for (const pid of childrenOf(started.pid)) sys.kill(pid, sys.SIG.KILL);
  rmSync(directory, { recursive: true, force: true });
});

beforeAll(() => {
  if (!possible) return;
  chmodSync(directory, 0o777); // whoever perqd is, it may log here
  const flags = ["--compile", "--minify", "--bytecode", "--format=esm"];
  const bare = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const words = [process.execPath, "build", `${root}/src/cli/perqd.ts`, ...flags, ...bare, "--outfile", program];
  const built = Bun.spawnSync(words, { cwd: root, stdout: "pipe", stderr: "pipe" });
  if (built.exitCode !== 0) throw new Error(`perqd was not built: ${built.stderr}`);
}, 60_000);

function freePort(): number {
  const fd = listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
  const { port } = localAddress(fd) as { port: number };
  sys.close(fd);
  return port;
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);

/** "" for a process that has gone meanwhile. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "latin1").trim();
  } catch {
    return "";
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 8000; !holds(); await Bun.sleep(10))
    if (Date.now() > deadline) throw new Error(`not within 8 s: ${what}\n${logText()}`);
}

const logPath = `${directory}/log`;
const logText = () => (existsSync(logPath) ? readFileSync(logPath, "utf8") : "");

function conversation(port: number, word: string): string {
  const fd = connectTo({ family: "ipv4", host: "127.0.0.1", port }, 3000);
  if (fd < 0) throw new Error(`port ${port}: errno ${-fd}`);
  if (word !== "") sys.send(fd, new TextEncoder().encode(word));
  sys.shutdown(fd, sys.SHUT_WR);
  const bytes = new Uint8Array(new ArrayBuffer(4096));
  let text = "";
  while (waitFor(fd, sys.POLLIN, 3000) >= 0) {
    const got = sys.recv(fd, bytes);
    if (got <= 0) break;
    text += Buffer.from(bytes.subarray(0, got)).toString();
  }
  sys.close(fd);
  return text;
}

test.skipIf(!possible)(
  "as process 1, without root or /etc/services, it serves, reaps orphans and ends with TERM",
  async () => {
    const [shell, echo, foreign] = [freePort(), freePort(), freePort()];
    // an orphan: its parent ends first, and it becomes process 1's
    writeFileSync(`${directory}/script`, "(sleep 60 </dev/null >/dev/null 2>&1 & echo $!)\nid -u\n");
    const service = (name: string, port: number, more: string) =>
      `service ${name}\n{\n  port = ${port}\n  bind = 127.0.0.1\n  socket_type = stream\n  wait = no\n${more}\n}\n`;
    const sh = `server = /bin/sh\n  server_args = ${directory}/script`;
    writeFileSync(
      `${directory}/conf`,
      service("shell", shell, `  type = UNLISTED\n  user = ${nobody}\n  ${sh}`) +
        service("foreign", foreign, `  type = UNLISTED\n  user = 4711\n  ${sh}`) +
        service("echo", echo, "  type = INTERNAL UNLISTED"),
    );
    const files = ["-f", `${directory}/conf`, "-pidfile", `${directory}/pid`, "-filelog", logPath];
    const perqd = Bun.spawn([...enter, program, ...files, "-dontfork", "--services", `${directory}/no-services`], {
      stdio: ["ignore", "ignore", "ignore"],
      env: { PATH: "/usr/bin:/bin", PERQ_CONTROL: "none" },
    });
    started = perqd;
    await until("it serves", () => logText().includes("Started working"));
    expect(logText()).toContain("3 available services");
    expect(readFileSync(`${directory}/pid`, "utf8")).toBe("1\n");
    const [first] = childrenOf(perqd.pid); // perqd, as the outside sees it
    expect(conversation(echo, "hello\n")).toBe("hello\n");
    expect(conversation(shell, "")).toMatch(new RegExp(`^\\d+\\n${nobody}\\n$`));
    const orphans = () => childrenOf(first).filter((pid) => commandOf(pid) === "sleep");
    await until("the orphan is process 1's", () => orphans().length === 1);
    for (const pid of orphans()) sys.kill(pid, sys.SIG.KILL);
    await until("the orphan is reaped", () => childrenOf(first).length === 0);
    expect(conversation(foreign, "")).toBe("");
    expect(logText()).toContain("setuid failed: Operation not permitted");
    expect(conversation(echo, "again\n")).toBe("again\n");
    sys.kill(first, sys.SIG.TERM);
    expect(await perqd.exited).toBe(0);
    expect(logText()).toContain("Exiting... (SIGTERM)");
  },
  30_000,
);
