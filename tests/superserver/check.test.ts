// perq check: what an operator reads before a reload.

import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "#superserver/check.ts";

const root = mkdtempSync(join(tmpdir(), "perq-check-"));
afterAll(() => rmSync(root, { recursive: true }));

const services = join(root, "services");
writeFileSync(services, "kdbtaq 2015/tcp # the database\n");

/** The text on a file of this name, checked. */
function checked(name: string, text: string, options: string[] = []): { status: number; out: string; file: string } {
  const file = join(root, name);
  writeFileSync(file, text);
  let out = "";
  const status = check([...options, "--services", services, file], {}, (more) => {
    out += more;
  });
  return { status, out: out.replaceAll(file, name), file };
}

const user = process.getuid?.() === 0 ? "nobody" : (process.env["USER"] ?? "nobody");
const block = (...lines: string[]) =>
  `service kdbtaq\n{\n${["socket_type = stream", "protocol = tcp", "wait = no", `user = ${user}`, ...lines].map((line) => `\t${line}\n`).join("")}}\n`;

test("a file without faults is one line and status 0", () => {
  const { status, out } = checked("good.conf", block("server = /bin/cat"));
  expect({ status, out }).toEqual({ status: 0, out: "1 service, 0 errors, 0 warnings\n" });
});

test("every complaint has file, line and column, the line with a mark, and the fix where it is plain", () => {
  const { status, out } = checked("bad.conf", block("server = /bin/cat", "instnces = 3", "nice = much"));
  expect(status).toBe(1);
  expect(out).toContain("bad.conf:8:2: warning: bad service attribute: instnces (did you mean instances?)\n");
  expect(out).toContain("     instnces = 3\n     ^\n");
  expect(out).toContain("bad.conf:9:2: error: ");
  expect(out).toContain("On HUP perqd would refuse this and keep what runs");
  expect(out).toEndWith("0 services, 1 error, 1 warning\n");
});

test("complaints come in the order of the lines, however late they are found", () => {
  const { out } = checked(
    "inetd.conf",
    "7001 stream tcp nowait root /nonexistent/server server\n7002 steam tcp nowait root /bin/cat cat\nnosuchservice stream tcp nowait root /bin/cat cat\n",
  );
  const places = [...out.matchAll(/^inetd\.conf:(\d+):/gm)].map((found) => Number(found[1]));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(new Set(places)).toEqual(new Set([1, 2, 3]));
});

test("a line for both families is complained of once", () => {
  const { status, out } = checked("inetd.conf", `7001 stream tcp nowait ${user} /nonexistent/server server\n`);
  expect(out.match(/warning:/g)).toHaveLength(1);
  expect(out).toContain(
    "warning: /nonexistent/server: No such file or directory: the clients of 7001 will be turned away",
  );
  expect(status).toBe(0);
});

test("--strict makes a warning an error for scripts", () => {
  const text = `7001 stream tcp nowait ${user} /nonexistent/server server\n`;
  expect(checked("inetd.conf", text, ["--strict"]).status).toBe(1);
});

test.skipIf(process.getuid?.() !== 0)("who may write the database, the program or QHOME is named", () => {
  const database = join(root, "hdb");
  const home = join(root, "qhome");
  const program = join(root, "server");
  mkdirSync(database);
  mkdirSync(home);
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(root, 0o755);
  const text = block(`server = ${program}`, `server_args = ${database} -q`, `env = QHOME=${home}`);
  chmodSync(program, 0o755);
  expect(checked("writable.conf", text).out).toBe("1 service, 0 errors, 0 warnings\n");
  for (const path of [database, home, program]) chmodSync(path, 0o777);
  const { out } = checked("writable.conf", text);
  expect(out).toContain(`nobody can write ${program}, and so change the server of kdbtaq`);
  expect(out).toContain(`nobody can write QHOME ${home}`);
  expect(out).toContain(`nobody can write ${database}, which kdbtaq serves (chmod g-w,o-w`);
});

test("--json holds the complaints and, explained, the services", () => {
  const { out, status, file } = checked("good.conf", block("server = /bin/cat", "instnces = 3"), [
    "--json",
    "--explain",
  ]);
  const answer = JSON.parse(out);
  expect(answer).toMatchObject({ ok: true, errors: 0, warnings: 1 });
  expect(answer.complaints[0]).toMatchObject({ line: 8, column: 2, severity: "warning" });
  expect(answer.services[0]).toMatchObject({ id: "kdbtaq", program: "/bin/cat", port: 2015 });
  expect(answer.services[0].place.file).toBe(file.replace(file, "good.conf"));
  expect(status).toBe(0);
});

test("--explain shows what defaults and names come to", () => {
  const { out } = checked("explained.conf", `defaults\n{\n\tinstances = 7\n}\n${block("server = /bin/cat")}`, [
    "--explain",
  ]);
  expect(out).toMatch(/listens +tcp \S*:2015/);
  expect(out).toMatch(/instances +7\n/);
  expect(out).toMatch(/runs +\/bin\/cat\n/);
});

test("an unreadable file, no file and an unknown option", () => {
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  expect(check([join(root, "absent-xinetd.conf")], {}, write)).toBe(1);
  expect(out).toContain("No such file or directory");
  expect(check([], {}, write)).toBe(2);
  expect(check(["--quick"], {}, write)).toBe(2);
});
