/**
 * Proves the FFI layer on the machine it runs on, in a few milliseconds: each line is one thing that the rest of
 * perq takes for granted. Called by the tests and by `q --selftest`; needs no root, leaves nothing behind.
 */
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { EAGAIN, EPIPE, errorText } from "./errno.ts";
import { baseAddress, mapAt, unmapAt } from "./memory.ts";
import { receiveDescriptors, sendDescriptors } from "./passing.ts";
import { PollLoop } from "./poll.ts";
import { exitCode, exited, SignalFlags } from "./signals.ts";
import * as sockets from "./sockets.ts";
import { ChildPlan } from "./spawn.ts";
import * as sys from "./sys.ts";

export interface Finding {
  claim: string;
  holds: boolean;
  detail: string;
}

function expectEqual(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const bytesOf = (words: string) => new TextEncoder().encode(words);

const claims: [string, () => void][] = [
  [
    "errno is the failing call's",
    () => {
      expectEqual(sys.close(987654), -9);
      expectEqual(sys.open("/nonexistent/perq", sys.O_RDONLY), -2);
      expectEqual(errorText(-2), "No such file or directory");
    },
  ],
  [
    "a socket pair carries bytes from and to offsets",
    () => {
      const [a, b] = sys.socketPair() as [number, number];
      const buffer = new Uint8Array(16);
      expectEqual(sys.send(a, bytesOf("..hello"), 2), 5);
      expectEqual(sys.recv(b, buffer, 3), 5);
      expectEqual(text(buffer.subarray(3, 8)), "hello");
      expectEqual(sys.recv(b, buffer, 0, 16, sys.MSG_DONTWAIT), -EAGAIN);
      sys.close(b);
      expectEqual(sys.send(a, bytesOf("x")), -EPIPE);
      sys.close(a);
    },
  ],
  [
    "a listener, a connection and their addresses",
    () => {
      const listener = sockets.listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
      const where = sockets.localAddress(listener) as sockets.SocketAddress & { port: number };
      const client = sockets.connectTo(where, 1000);
      const accepted = sockets.acceptFrom(listener) as { fd: number; peer: sockets.SocketAddress };
      expectEqual(JSON.stringify(accepted.peer), JSON.stringify(sockets.localAddress(client)));
      expectEqual(sockets.descriptorKind(listener), "listening");
      expectEqual(sockets.descriptorKind(accepted.fd), "connection");
      for (const fd of [client, accepted.fd, listener]) sys.close(fd);
      expectEqual(sockets.connectTo(where, 1000), -111);
    },
  ],
  [
    "the poll loop serves descriptors and timers",
    () => {
      const loop = new PollLoop();
      const [a, b] = sys.pipe() as [number, number];
      const seen: string[] = [];
      loop.add(a, sys.POLLIN, () => {
        seen.push("ready");
        loop.remove(a);
      });
      loop.after(1, () => seen.push("timer"));
      sys.writeBytes(b, bytesOf("x"));
      for (let rounds = 0; seen.length < 2 && rounds < 1000; rounds++) loop.wait(100);
      expectEqual(seen.join(), "ready,timer");
      sys.close(a);
      sys.close(b);
    },
  ],
  [
    "a signal raises its flag and wakes the eventfd",
    () => {
      const flags = new SignalFlags();
      flags.catch(sys.SIG.USR2);
      sys.kill(process.pid, sys.SIG.USR2);
      const pollfds = new Int32Array([flags.fd, sys.POLLIN]);
      let ready = sys.poll(pollfds, 1, 1000);
      if (ready < 0) ready = sys.poll(pollfds, 1, 1000);
      expectEqual(ready, 1);
      flags.drain();
      expectEqual(flags.take(sys.SIG.USR2), true);
      expectEqual(flags.take(sys.SIG.USR2), false);
      sys.close(flags.fd);
    },
  ],
  [
    "a child gets its words, its descriptors and nothing else",
    () => {
      const [a, b] = sys.socketPair() as [number, number];
      const plan = new ChildPlan({
        file: "/bin/sh",
        argv: ["perq-child", "-c", "umask; echo $0 $1 $A $B; ls /proc/$$/fd | wc -l; exit 7", "zero", "one"],
        environment: ["A=a", "PATH=/usr/bin:/bin"],
        extraEnvironment: { count: 1, maxBytes: 20 },
        umask: 0o27,
        directory: "/",
      });
      const started = plan.start([b, b, b], ["B=b"]);
      if (typeof started === "number") throw new Error(errorText(started));
      expectEqual(started.failed, undefined);
      sys.close(b);
      const status = new Int32Array(1);
      expectEqual(sys.wait(started.pid, status, 0), started.pid);
      expectEqual(exited(status[0]), true);
      expectEqual(exitCode(status[0]), 7);
      const buffer = new Uint8Array(200);
      const length = sys.recv(a, buffer, 0, 200, 0x100 /* MSG_WAITALL */);
      expectEqual(text(buffer.subarray(0, length)), "0027\nzero one a b\n3\n");
      sys.close(a);
    },
  ],
  [
    "a child that cannot execute says why",
    () => {
      const [a, b] = sys.socketPair() as [number, number];
      const plan = new ChildPlan({ file: "/nonexistent/perq", argv: ["x"], environment: [], failureExitCode: 3 });
      const started = plan.start([b, b, b]);
      if (typeof started === "number") throw new Error(errorText(started));
      expectEqual(started.failed?.step, "execv");
      expectEqual(started.failed?.errno, 2);
      const status = new Int32Array(1);
      expectEqual(sys.wait(started.pid, status, 0), started.pid);
      expectEqual(exitCode(status[0]), 3);
      sys.close(a);
      sys.close(b);
    },
  ],
  [
    "descriptors travel over a unix socket",
    () => {
      const [a, b] = sys.socketPair() as [number, number];
      const [readEnd, writeEnd] = sys.pipe() as [number, number];
      expectEqual(sendDescriptors(a, bytesOf("take"), [writeEnd]), 4);
      sys.close(writeEnd);
      const received = receiveDescriptors(b, 100);
      if (received === undefined || typeof received === "number") throw new Error("nothing was received");
      expectEqual(received.fds.length, 1);
      sys.writeBytes(received.fds[0], bytesOf("through"));
      const buffer = new Uint8Array(16);
      expectEqual(sys.readBytes(readEnd, buffer), 7);
      for (const fd of [a, b, readEnd, received.fds[0]]) sys.close(fd);
    },
  ],
  [
    "a file's pages appear inside a WASM memory and leave it as zeros",
    () => {
      const path = `/tmp/perq-selftest-${process.pid}`;
      const out = openSync(path, "w");
      writeSync(out, "mapped");
      closeSync(out);
      const memory = new WebAssembly.Memory({ initial: 16, maximum: 16 });
      const base = baseAddress(memory);
      const fd = sys.open(path, sys.O_RDONLY | sys.O_CLOEXEC);
      expectEqual(mapAt(base, 65536, 4096, fd), 0);
      expectEqual(text(new Uint8Array(memory.buffer, 65536, 6)), "mapped");
      expectEqual(unmapAt(base, 65536, 4096), 0);
      expectEqual(new Uint8Array(memory.buffer, 65536, 1)[0], 0);
      new Uint8Array(memory.buffer, 65536, 1)[0] = 1;
      sys.close(fd);
      unlinkSync(path);
    },
  ],
  [
    "users and groups are known by name and number",
    () => {
      expectEqual(sys.userById(0)?.name, "root");
      expectEqual(sys.userByName("root")?.uid, 0);
      expectEqual(sys.groupByName("root")?.gid, 0);
      expectEqual(sys.userByName("no such user"), undefined);
      expectEqual(sys.groupsOf("root", 0).includes(0), true);
    },
  ],
  [
    "localhost resolves",
    () => {
      const found = sys.resolve("127.0.0.1", sys.AF_INET);
      if (typeof found === "string") throw new Error(found);
      expectEqual(JSON.stringify(sockets.decodeAddress(found[0])), '{"family":"ipv4","host":"127.0.0.1","port":0}');
    },
  ],
];

/** Every claim, tried. */
export function selfTest(): Finding[] {
  return claims.map(([claim, prove]) => {
    try {
      prove();
      return { claim, holds: true, detail: "" };
    } catch (error) {
      return { claim, holds: false, detail: error instanceof Error ? error.message : String(error) };
    }
  });
}
