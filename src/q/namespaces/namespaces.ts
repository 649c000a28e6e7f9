// All that perq brings along under a dot, by prefix, for the evaluator to look names up in.

import type { Namespace } from "./entry.ts";
import { hNamespace } from "./h.ts";
import { jNamespace } from "./j.ts";
import { databaseNamespace } from "./q-database.ts";
import { toolsNamespace } from "./q-tools.ts";

export { type Entry, type Namespace, namespaceReader, native } from "./entry.ts";

export const namespaces: Readonly<Record<string, Namespace>> = {
  ".Q": { ...toolsNamespace, ...databaseNamespace },
  ".h": hNamespace,
  ".j": jNamespace,
};
