/**
 * The fixture of superserver-cases.md: inside a private mount and network namespace (runner.ts enters it), a
 * services file, users and groups of our own, and one daemon at a time, real or ours, seen only from outside: by its
 * connections, its log files, its signals.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connectTo, encodeAddress, listenOn, waitFor } from "#platform/sockets.ts";
import * as sys from "#platform/sys.ts";

export type Under = "perqd" | "oracle";
export type Kind = "xinetd" | "openbsd" | "gnu";

export interface Places {
  directory: string;
  probe: string;
  /** The words that start perqd. */
  perqd: string[];
  oracles: Partial<Record<Kind, string>>;
}

export class Client {
  private buffer = new Uint8Array(0);

  constructor(readonly fd: number) {}

  static errno(port: number, options: { from?: string; host?: string } = {}): number | Client {
    const host = options.host ?? "127.0.0.1";
    const address = host.includes(":")
      ? ({ family: "ipv6", host, port, scope: 0 } as const)
      : ({ family: "ipv4", host, port } as const);
    if (options.from === undefined) {
      const fd = connectTo(address, 3000);
      return fd < 0 ? fd : new Client(fd);
    }
    const fd = sys.socket(sys.AF_INET, sys.SOCK_STREAM);
    sys.bind(fd, encodeAddress({ family: "ipv4", host: options.from, port: 0 }));
    const result = sys.connect(fd, encodeAddress(address));
    if (result < 0) {
      sys.close(fd);
      return result;
    }
    return new Client(fd);
  }

  /** Waits for more bytes: "" at the end, undefined when none came in time; a reset is "RST". */
  private more(timeoutMs: number): number | undefined {
    const ready = waitFor(this.fd, sys.POLLIN, timeoutMs);
    if (ready < 0) return undefined;
    const chunk = new Uint8Array(65536);
    const got = sys.recv(this.fd, chunk);
    if (got > 0) this.buffer = Buffer.concat([this.buffer, chunk.subarray(0, got)]);
    return got;
  }

  get text(): string {
    return Buffer.from(this.buffer).toString("utf8");
  }

  /** All bytes until the text holds the mark. */
  until(mark: string, timeoutMs = 5000): string {
    const deadline = Date.now() + timeoutMs;
    while (!this.text.includes(mark)) {
      const got = this.more(Math.max(1, deadline - Date.now()));
      if (got === undefined)
        throw new Error(
          `no ${JSON.stringify(mark)} within ${timeoutMs} ms; got ${JSON.stringify(this.text.slice(-300))}`,
        );
      if (got <= 0)
        throw new Error(
          `the connection ended (${got}) before ${JSON.stringify(mark)}; got ${JSON.stringify(this.text.slice(-300))}`,
        );
    }
    const at = this.text.indexOf(mark) + mark.length;
    const taken = this.text.slice(0, at);
    this.buffer = Buffer.from(this.text.slice(at));
    return taken;
  }

  /** "eof", "rst" or what else happened. */
  end(timeoutMs = 3000): string {
    for (;;) {
      const got = this.more(timeoutMs);
      if (got === undefined) return "still open";
      if (got === 0) return this.text === "" ? "eof" : `eof after ${JSON.stringify(this.text.slice(0, 200))}`;
      if (got < 0) return got === -104 ? "rst" : `errno ${-got}`;
    }
  }

  send(text: string): this {
    sys.send(this.fd, new TextEncoder().encode(text));
    return this;
  }

  echoes(word = `ping${Math.random()}\n`): boolean {
    this.send(word);
    return this.until(word) === word;
  }

  shut(): this {
    sys.shutdown(this.fd, sys.SHUT_WR);
    return this;
  }

  close(): void {
    sys.close(this.fd);
  }
}

/** The probe's report: the last value of a key, or all of them. */
export class Report {
  constructor(readonly text: string) {}
  all(key: string): string[] {
    return [...this.text.matchAll(new RegExp(`^${key.replace(/[[\]]/g, "\\$&")}:[ \\t]*(.*)$`, "gm"))].map(
      (match) => match[1],
    );
  }
  one(key: string): string | undefined {
    return this.all(key).at(-1);
  }
  get argv(): string[] {
    return [...this.text.matchAll(/^argv\[\d+\]: (.*)$/gm)].map((match) => match[1]);
  }
  get env(): string[] {
    return this.all("env");
  }
}

const settings: Record<Kind, Record<Under, string>> = {
  xinetd: { perqd: "perqd", oracle: "xinetd" },
  openbsd: { perqd: "perqd", oracle: "openbsd-inetd" },
  gnu: { perqd: "perqd --dialect=gnu", oracle: "inetutils-inetd" },
};

/** Where the socket that stands for /dev/log is. */
export function syslogPath(places: Places, kind: Kind, under: Under): string {
  return `${places.directory}/${kind}-${under}.syslog`;
}

export class Fixture {
  private daemon: Bun.Subprocess | undefined;
  private clients: Client[] = [];
  /** What the real inetds say, they say to /dev/log: ours, bound over it by runner.ts. */
  private readonly syslogFd: number;
  private syslogText = "";
  private readonly here: string;
  readonly svc: string;
  readonly mainLog: string;
  readonly pidFile: string;
  readonly config: string;
  readonly probe: string;

  constructor(
    readonly kind: Kind,
    readonly under: Under,
    private readonly places: Places,
  ) {
    this.here = `${places.directory}/${kind}-${under}`;
    mkdirSync(this.here, { recursive: true, mode: 0o755 });
    this.svc = `${this.here}/svc.log`;
    this.mainLog = `${this.here}/main.log`;
    this.pidFile = `${this.here}/pid`;
    this.config = `${this.here}/conf`;
    this.probe = places.probe;
    const path = syslogPath(places, kind, under);
    rmSync(path, { force: true });
    this.syslogFd = listenOn({ family: "unix", path }, { type: sys.SOCK_DGRAM | sys.SOCK_NONBLOCK });
    if (this.syslogFd < 0) throw new Error(`${path}: errno ${-this.syslogFd}`);
  }

  get title(): string {
    return settings[this.kind][this.under];
  }

  get isPerqd(): boolean {
    return this.under === "perqd";
  }

  path(name: string): string {
    return `${this.here}/${name}`;
  }

  file(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  base(more = "", name = "kdbtaq"): string {
    return this.baseWithout([], more, name);
  }

  /** BASE without these attributes, and with more lines. */
  baseWithout(attributes: string[], more = "", name = "kdbtaq"): string {
    const lines = [
      "socket_type = stream",
      "wait = no",
      "user = kdbuser",
      `server = ${this.probe}`,
      "server_args = hold",
      "bind = 127.0.0.1",
      `log_type = FILE ${this.svc}`,
      "log_on_success = PID HOST EXIT DURATION",
      "log_on_failure = HOST ATTEMPT",
    ].filter((line) => !attributes.includes(line.split(" ")[0]));
    const all = more === "" ? lines : [...lines, ...more.split("\n")];
    return `service ${name}\n{\n${all.map((line) => `  ${line}\n`).join("")}}\n`;
  }

  line(
    overrides: Partial<{
      service: string;
      type: string;
      protocol: string;
      wait: string;
      user: string;
      program: string;
      args: string;
    }> = {},
  ): string {
    const words = {
      service: "kdbtaq",
      type: "stream",
      protocol: "tcp",
      wait: "nowait",
      user: "kdbuser",
      program: this.probe,
      ...overrides,
    };
    const args = overrides.args ?? "probe hold /home/kdb/taq -s 4";
    return `${words.service} ${words.type} ${words.protocol} ${words.wait} ${words.user} ${words.program} ${args}\n`;
  }

  write(config: string): void {
    writeFileSync(this.config, config);
  }

  /** Starts the daemon on this configuration and waits until it has read it. */
  start(
    config: string,
    options: { args?: string[]; environment?: Record<string, string>; listens?: number | null; cwd?: string } = {},
  ): void {
    this.stop();
    for (const path of [this.svc, this.mainLog, this.pidFile]) rmSync(path, { force: true });
    if (this.log !== "") this.syslogText = "";
    this.write(config);
    this.launch(options.args ?? [], options.environment ?? {}, options.cwd);
    if (this.kind === "xinetd" || this.isPerqd) {
      this.until(
        () =>
          /tarted working|started with \d+|no services|No available|xiting|the configuration cannot be used/.test(
            this.log,
          ),
        "the daemon says that it started",
      );
    } else if (options.listens === null) this.sleep(300);
    else this.until(() => this.listening(options.listens ?? 20150), `port ${options.listens ?? 20150} is listened on`);
  }

  /** As a service manager starts it: descriptor 3 listens already, $$ is its pid. Returns our copy of the socket. */
  startWithSocket(config: string, port: number, notifyPath: string): number {
    this.stop();
    for (const path of [this.svc, this.mainLog]) rmSync(path, { force: true });
    this.write(config);
    const fd = listenOn({ family: "ipv4", host: "127.0.0.1", port });
    const words = [...this.places.perqd, "-f", this.config, "-dontfork", "-filelog", this.mainLog]
      .map((word) => `'${word}'`)
      .join(" ");
    this.daemon = Bun.spawn(["/bin/sh", "-c", `LISTEN_PID=$$ exec ${words}`], {
      cwd: this.here,
      env: {
        PATH: "/usr/bin:/bin",
        LISTEN_FDS: "1",
        LISTEN_FDNAMES: "any",
        NOTIFY_SOCKET: notifyPath,
        PERQ_CONTROL: "none",
      },
      stdio: ["ignore", "ignore", Bun.file(this.path("stderr")), fd],
    });
    return fd;
  }

  private launch(more: string[], environment: Record<string, string>, cwd = this.here): void {
    const { perqd, oracles: real } = this.places;
    const own = [...perqd, "--services", "/etc/services"];
    const words = {
      xinetd: ["-f", this.config, "-dontfork", "-filelog", this.mainLog, "-pidfile", this.pidFile],
      openbsd: this.isPerqd ? ["-i"] : ["-d"],
      gnu: this.isPerqd ? ["--dialect=gnu", "--foreground"] : ["-d"],
    }[this.kind];
    const program = this.isPerqd ? own : [real[this.kind]!];
    const files = this.kind === "xinetd" ? [] : [this.config];
    this.daemon = Bun.spawn([...program, ...words, ...more, ...files], {
      cwd,
      env: {
        PATH: "/usr/bin:/bin",
        FOO: "bar",
        HOME: "/root",
        TERM: "dumb",
        LANG: "C",
        ...(this.isPerqd ? { PERQ_CONTROL: "none" } : {}),
        ...environment,
      },
      stdio: [
        "ignore",
        Bun.file(this.path("stdout")),
        this.kind === "xinetd" ? Bun.file(this.path("stderr")) : Bun.file(this.mainLog),
      ],
    });
  }

  get pid(): number {
    return this.daemon!.pid;
  }

  get log(): string {
    const bytes = new Uint8Array(8192);
    for (let got = sys.recv(this.syslogFd, bytes); got > 0; got = sys.recv(this.syslogFd, bytes)) {
      this.syslogText += `${Buffer.from(bytes.subarray(0, got)).toString()}\n`;
    }
    return (existsSync(this.mainLog) ? readFileSync(this.mainLog, "utf8") : "") + this.syslogText;
  }

  get svcLog(): string {
    return existsSync(this.svc) ? readFileSync(this.svc, "utf8") : "";
  }

  listening(port: number): boolean {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    return ["/proc/net/tcp", "/proc/net/tcp6"].some((path) =>
      new RegExp(`^ *\\d+: [0-9A-F]+:${hex} [0-9A-F:]+ 0A`, "m").test(readFileSync(path, "utf8")),
    );
  }

  sleep(ms: number): void {
    sys.poll(new Int32Array(2), 0, ms);
  }

  until(holds: () => boolean, what: string, timeoutMs = 20_000): void {
    const deadline = Date.now() + timeoutMs;
    while (!holds()) {
      if (Date.now() > deadline)
        throw new Error(`not within ${timeoutMs} ms: ${what}\nmain log:\n${this.log}\nservice log:\n${this.svcLog}`);
      this.sleep(10);
    }
  }

  /** A word (or pattern) comes to be in the main log. */
  logs(pattern: RegExp): void {
    this.until(() => pattern.test(this.log), `main log: ${pattern}`);
  }

  /** The same of the service's log. */
  svcLogs(pattern: RegExp): void {
    this.until(() => pattern.test(this.svcLog), `service log: ${pattern}`);
  }

  signal(name: number): void {
    sys.kill(this.pid, name);
  }

  /** HUP, and until the new configuration is in force. */
  reload(config: string): void {
    this.write(config);
    const done = () => (this.log.match(/Reconfigured:|reconfiguration failed/g) ?? []).length;
    const before = done();
    this.signal(sys.SIG.HUP);
    if (this.kind === "xinetd" || this.isPerqd) this.until(() => done() > before, "the reload is over");
    else this.sleep(300);
  }

  connect(port = 20150, options: { from?: string; host?: string } = {}): Client {
    const client = Client.errno(port, options);
    if (typeof client === "number")
      throw new Error(`connect to ${options.host ?? ""}:${port}: errno ${-client}\nmain log:\n${this.log}`);
    this.clients.push(client);
    return client;
  }

  /** The probe's report over a new connection that stays open. */
  served(port = 20150, options: { from?: string; host?: string } = {}): { report: Report; client: Client } {
    const client = this.connect(port, options);
    return { report: new Report(client.until("END\n")), client };
  }

  eof(port = 20150, options: { from?: string; host?: string } = {}): void {
    const client = this.connect(port, options);
    const end = client.end();
    client.close();
    if (end !== "eof") throw new Error(`expected EOF, got ${end}`);
  }

  refused(port = 20150, options: { from?: string; host?: string } = {}): void {
    const client = Client.errno(port, options);
    if (typeof client !== "number") {
      const got = client.end(300);
      client.close();
      throw new Error(`port ${port} should refuse, but accepted (${got})\nmain log:\n${this.log}`);
    }
    if (client !== -111) throw new Error(`port ${port}: errno ${-client}`);
  }

  /** Ends the daemon and returns its status. */
  async exitStatus(timeoutMs = 5000): Promise<number> {
    const status = await Promise.race([this.daemon!.exited, Bun.sleep(timeoutMs).then(() => "late" as const)]);
    if (status === "late") throw new Error("the daemon did not end");
    return status;
  }

  /** Words of a command, its status and output. */
  command(more: string[]): { status: number; text: string } {
    const program = this.isPerqd ? this.places.perqd : [this.places.oracles[this.kind]!];
    const done = Bun.spawnSync([...program, ...more], { stdout: "pipe", stderr: "pipe", timeout: 8000 });
    return { status: done.exitCode ?? -1, text: done.stdout.toString() + done.stderr.toString() };
  }

  stop(): void {
    for (const client of this.clients) client.close();
    this.clients = [];
    if (this.daemon !== undefined && this.daemon.exitCode === null) {
      sys.kill(this.daemon.pid, sys.SIG.KILL);
      // Its children lose their clients and end by themselves; the ports are free as soon as it is gone.
      this.until(() => !this.anyListening(), "the daemon is gone, and whom it gave its listener to");
    }
    this.daemon = undefined;
  }

  private anyListening(): boolean {
    return [20150, 20151, 20160].some((port) => this.listening(port));
  }
}
