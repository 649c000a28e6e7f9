// A tiny inetd for tests: listens on a free port of 127.0.0.1 (or a unix socket), prints it, and starts a program for
// each connection with the socket on 0, 1 and 2. `wait` hands over the listening socket instead.
//   bun tests/server/inetd.ts nowait|wait|unix:PATH program arguments…

import { acceptFrom, listenOn, localAddress } from "../../src/platform/sockets.ts";
import * as sys from "../../src/platform/sys.ts";

const [mode, ...argv] = process.argv.slice(2);
const fd = mode!.startsWith("unix:")
  ? listenOn({ family: "unix", path: mode!.slice(5) })
  : listenOn({ family: "ipv4", host: "127.0.0.1", port: 0 });
if (fd < 0) throw new Error(`cannot listen: errno ${-fd}`);
const address = localAddress(fd);
console.log(typeof address !== "number" && "port" in address ? address.port : mode);

const pollfds = new Int32Array([fd, sys.POLLIN]);
for (;;) {
  pollfds[1] = sys.POLLIN;
  // Short waits and turns of the event loop in between: that is when Bun reaps children.
  const ready = sys.poll(pollfds, 1, 20);
  await Bun.sleep(0);
  if (ready <= 0) continue;
  if (mode === "wait") {
    const child = Bun.spawn(argv, { stdio: [fd, fd, fd] });
    await child.exited;
    continue;
  }
  const accepted = acceptFrom(fd);
  if (typeof accepted === "number") continue;
  Bun.spawn(argv, { stdio: [accepted.fd, accepted.fd, accepted.fd] });
  sys.close(accepted.fd);
}
