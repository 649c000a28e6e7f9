/**
 * tcpmux (RFC 1078): a client's first line names the service it wants. The names are the services of type TCPMUX and
 * TCPMUXPLUS (xinetd) or tcpmux/name (inetd).
 */
import { EAGAIN, EINTR } from "#platform/errno.ts";
import type { PollLoop } from "#platform/poll.ts";
import * as sys from "#platform/sys.ts";
import type { Service } from "./config/service.ts";

const MOST_NAME_BYTES = 1024;
const PATIENCE_MS = 30_000;

interface MuxHost {
  loop: PollLoop;
  muxServices(): { service: Service }[];
}

/** handOver gives the connection to a service, false when none has that name. done: the mux has finished with it. */
export function serveMux(
  host: MuxHost,
  service: Service,
  fd: number,
  handOver: (name: string) => boolean,
  done: () => void,
): { stop(): void } {
  const { loop } = host;
  const bytes: number[] = [];
  const one = new Uint8Array(new ArrayBuffer(1));
  let ended = false;
  const leave = (close: boolean) => {
    if (ended) return;
    ended = true;
    loop.remove(fd);
    loop.cancel(timer);
    if (close) sys.close(fd);
    done();
  };
  const timer = loop.after(PATIENCE_MS, () => leave(true));
  const answer = (text: string) => {
    sys.send(fd, new TextEncoder().encode(text), 0, text.length, sys.MSG_DONTWAIT);
    leave(true);
  };
  sys.setNonBlocking(fd, true);
  // Byte by byte, because what follows the line belongs to the service.
  const readName = () => {
    while (!ended) {
      const got = sys.recv(fd, one);
      if (got === -EAGAIN || got === -EINTR) return;
      if (got <= 0) return leave(true);
      if (one[0] !== 10) {
        bytes.push(one[0]);
        if (bytes.length > MOST_NAME_BYTES) return leave(true);
        continue;
      }
      const line = new TextDecoder().decode(new Uint8Array(bytes));
      if (service.dialect === "xinetd" && !line.endsWith("\r")) return leave(true); // RFC 1078 ends it with CR LF
      const name = line.replace(/\r$/, "");
      if (name.toLowerCase() === "help" && service.dialect === "gnu") {
        const names = host.muxServices().map((found) => found.service.name);
        names.reverse(); // inetutils lists the last first
        return answer(names.map((found) => `${found}\r\n`).join(""));
      }
      loop.remove(fd);
      if (name === "" && service.dialect === "xinetd") return leave(true);
      if (handOver(name)) return leave(false);
      return answer(service.dialect === "gnu" ? "-Service not available\r\n" : "-Service name not found\r\n");
    }
  };
  loop.add(fd, sys.POLLIN, readName);
  return { stop: () => leave(true) };
}
