// A kdb+ client for tests that shares no code with ours: greeting, framing, and the few types the tests ask for.

import { connect, type NetConnectOpts, type Socket } from "node:net";

export class QError extends Error {}

export class TestClient {
  private chunks: Buffer[] = [];
  private have = 0;
  private waiting: { need: number; resolve: (bytes: Buffer) => void; reject: (error: Error) => void }[] = [];
  private failure: Error | undefined;
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.have += chunk.length;
      this.serve();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.failure ??= new Error("connection closed");
        for (const { reject } of this.waiting.splice(0)) reject(this.failure);
        resolve();
      });
    });
    socket.on("error", (error) => {
      this.failure = error;
    });
  }

  /** An open socket without a greeting. */
  static async raw(where: NetConnectOpts | number): Promise<TestClient> {
    const options = typeof where === "number" ? { port: where, host: "127.0.0.1" } : where;
    const socket = connect(options);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new TestClient(socket);
  }
  static async connect(
    where: NetConnectOpts | number,
    credentials = "tester:secret",
    capability = 3,
  ): Promise<TestClient> {
    const client = await TestClient.raw(where);
    client.socket.write(Buffer.concat([Buffer.from(credentials), Buffer.from([capability, 0])]));
    const [answer] = await client.read(1);
    if (answer !== Math.min(capability, 6)) throw new Error(`greeting answered by ${answer}`);
    return client;
  }

  private serve(): void {
    while (this.waiting.length > 0 && this.have >= this.waiting[0]!.need) {
      const { need, resolve } = this.waiting.shift()!;
      const all = Buffer.concat(this.chunks);
      this.chunks = [all.subarray(need)];
      this.have -= need;
      resolve(all.subarray(0, need));
    }
  }
  read(need: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined && this.have < need) return reject(this.failure);
      this.waiting.push({ need, resolve, reject });
      this.serve();
    });
  }
  /** Everything until the other side closes. */
  async readToEnd(): Promise<Buffer> {
    await this.closed;
    return Buffer.concat(this.chunks);
  }

  send(type: 0 | 1 | 2, text: string): void {
    const message = Buffer.alloc(14 + text.length);
    message[0] = 1;
    message[1] = type;
    message.writeUInt32LE(message.length, 4);
    message[8] = 10;
    message.writeInt32LE(text.length, 10);
    message.write(text, 14, "latin1");
    this.socket.write(message);
  }
  async receive(): Promise<{ type: number; value: unknown }> {
    const header = await this.read(8);
    const payload = await this.read(header.readUInt32LE(4) - 8);
    return { type: header[1]!, value: decode(payload) };
  }
  /** h "text" */
  async query(text: string): Promise<unknown> {
    this.send(1, text);
    const { type, value } = await this.receive();
    if (type !== 2) throw new Error(`message type ${type} for an answer`);
    return value;
  }
  /** neg[h] "text" */
  tell(text: string): void {
    this.send(0, text);
  }
  close(): Promise<void> {
    this.socket.destroy();
    return this.closed;
  }
}

function decode(b: Buffer): unknown {
  const type = b.readInt8(0);
  switch (type) {
    case -128:
      throw new QError(b.subarray(1, b.indexOf(0, 1)).toString("latin1"));
    case -1:
      return b[1] === 1;
    case -6:
      return b.readInt32LE(1);
    case -7:
      return Number(b.readBigInt64LE(1));
    case -9:
      return b.readDoubleLE(1);
    case -11:
      return b.subarray(1, b.length - 1).toString("latin1");
    case 6:
      return Array.from({ length: b.readInt32LE(2) }, (_, i) => b.readInt32LE(6 + 4 * i));
    case 7:
      return Array.from({ length: b.readInt32LE(2) }, (_, i) => Number(b.readBigInt64LE(6 + 8 * i)));
    case 10:
      return b.subarray(6).toString("latin1");
    case 101:
      return null;
    default:
      return b;
  }
}
