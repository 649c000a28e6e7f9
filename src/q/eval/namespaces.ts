// Which names perq brings along: .Q .h .j, table by table.

import type { Namespace } from "#namespaces/entry.ts";
import { jNamespace } from "#namespaces/j.ts";
import { qDefinitions, qSystem } from "#namespaces/qsystem.ts";

export const namespaces: Readonly<Record<string, Namespace>> = {
  ".Q": { ...qSystem, ...qDefinitions },
  ".j": jNamespace,
};
