// A host over a real, empty folder that becomes the working directory: for pages that save, load and read files. The rest
// is the testing host's. One at a time, for the working directory is the process's.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { openDatabase } from "#db/database.ts";
import { createFiles } from "#server/files.ts";
import type { Session } from "#values/session.ts";
import { type TestingHost, testingHost } from "./testing-host.ts";

export interface FolderHost {
  readonly host: TestingHost;
  /** The session that runs on the host; the database needs its words and variables. */
  attach(session: Session): void;
  /** Back to where the process was; the folder goes. */
  leave(): void;
}

export function folderHost(): FolderHost {
  const folder = mkdtempSync(`${tmpdir()}/perq-folder-`);
  const before = process.cwd();
  process.chdir(folder);
  let session: Session | undefined;
  const known = (): Session => session!;
  const database = openDatabase({
    vocabulary: {
      unary: (code) => known().wire.unary(code),
      binary: (code) => known().wire.binary(code),
      iterator: (code) => known().wire.iterator(code),
      project: (f, given) => known().wire.project(f, given),
    },
    variable: (name) => known().read(name),
    join: (old, more) => known().apply2(known().primitive("upsert"), old, more),
  });
  const host = Object.assign(testingHost(), { database, files: createFiles({ restricted: false, readOnly: false }) });
  return {
    host,
    attach: (s) => {
      session = s;
    },
    leave: () => {
      database.close();
      process.chdir(before);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
