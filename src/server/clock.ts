// Time as q counts it: nanoseconds since 2000.01.01.

import { realTime } from "#platform/sys.ts";
import type { Clock } from "#values/host.ts";

/** 1970.01.01 to 2000.01.01 in nanoseconds. */
const EPOCH = 946684800n * 1000000000n;

export const clock: Clock = {
  now: () => realTime() - EPOCH,
  localOffset: (utc) => BigInt(-new Date(Number((utc + EPOCH) / 1000000n)).getTimezoneOffset()) * 60000000000n,
  ticks: () => BigInt(Bun.nanoseconds()),
};
