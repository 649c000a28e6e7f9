// Which names perq brings along: .Q .h .j, table by table.

import type { Namespace } from "#namespaces/entry.ts";
import { hNamespace } from "#namespaces/h.ts";
import { jNamespace } from "#namespaces/j.ts";
import { databaseNamespace } from "#namespaces/q-database.ts";
import { partitionsNamespace } from "#namespaces/q-partitions.ts";
import { toolsNamespace } from "#namespaces/q-tools.ts";
import { qDefinitions, qSystem } from "#namespaces/qsystem.ts";

export const namespaces: Readonly<Record<string, Namespace>> = {
  ".Q": { ...qDefinitions, ...qSystem, ...toolsNamespace, ...databaseNamespace, ...partitionsNamespace },
  ".h": hNamespace,
  ".j": jNamespace,
};
