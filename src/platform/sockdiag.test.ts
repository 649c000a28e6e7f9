import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { tcpTraffic, trafficKey } from "./sockdiag.ts";

const interfaces = existsSync("/proc/net/if_inet6") ? readFileSync("/proc/net/if_inet6", "utf8") : "";
const hasIpv6 = /\blo$/m.test(interfaces);

for (const hostname of ["127.0.0.1", "::1", "::"]) {
  test.skipIf(hostname.includes(":") && !hasIpv6)(
    `the bytes of a connection to ${hostname} are counted both ways`,
    async () => {
      const echoed = Promise.withResolvers<void>();
      const server = Bun.listen({
        hostname,
        port: 0,
        socket: { data: (socket, data) => void socket.write(Buffer.concat([data, data])) },
      });
      let got = 0;
      const client = await Bun.connect({
        hostname: hostname === "::" ? "127.0.0.1" : hostname,
        port: server.port,
        socket: {
          data: (_, data) => {
            got += data.length;
            if (got === 2000) echoed.resolve();
          },
        },
      });
      client.write(new Uint8Array(1000));
      await echoed.promise;
      const host = hostname === "::" ? "127.0.0.1" : hostname;
      const key = trafficKey(server.port, host, client.localPort);
      // The acknowledgement of the last segment may still be on its way.
      let seen = tcpTraffic().get(key);
      for (const end = Date.now() + 20000; seen?.sent !== 2000 && Date.now() < end; ) {
        await Bun.sleep(5);
        seen = tcpTraffic().get(key);
      }
      expect(seen).toEqual({ received: 1000, sent: 2000 });
      client.end();
      server.stop(true);
    },
  );
}
