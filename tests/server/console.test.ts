// The console: lines from a pipe, keys from a terminal.

import { afterAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endAll, piped, q, scratch, track } from "./harness.ts";

afterAll(endAll);

test("piped lines are evaluated and shown, without prompt or banner", async () => {
  expect(await piped("1+1\na:5\na*2;\na*2\n")).toEqual({ out: "2\n10\n", err: "", code: 0 });
});

test("the same without -q", async () => {
  expect(await piped("1+1\n", [])).toEqual({ out: "2\n", err: "", code: 0 });
});

test("a last line without an end counts", async () => {
  expect((await piped("1+1\n2+2")).out).toBe("2\n4\n");
});

test("an error goes to standard error, with the place, and the next line is run", async () => {
  const { out, err, code } = await piped("1+`a\n2\n");
  expect(err).toBe("'type\n  [0]  1+`a\n        ^\n");
  expect(out).toBe("2\n");
  expect(code).toBe(0);
});

test("an error in a function shows the innermost frame", async () => {
  const { err } = await piped('f:{g[x;2#y]}\ng:{a:x*2;a+y}\nf[3;"hello"]\n');
  expect(err).toBe("'type\n  [2]  g:{a:x*2;a+y}\n                 ^\n");
});

test("an anonymous lambda is named after the one around it", async () => {
  const { err } = await piped("f:{{x+`a}each x}\nf 1 2\n");
  expect(err).toBe("'type\n  [2]  f@:{x+`a}\n            ^\n");
});

test("a global of a lambda cannot become its local", async () => {
  const { err, out } = await piped("{a::1;a:1}\n{.b.a::1;.b.a:2}[]\n{a:1;a::2;a}[]\n");
  expect(err).toBe("'a\n  [0]  {a::1;a:1}\n             ^\n");
  expect(out).toBe("2\n2\n");
});

test("\\v and \\f list what comes along in a namespace", async () => {
  const { out } = await piped('\\v .j\n\\f .j\n`xbar in system"f .q"\n');
  expect(out).toBe("`symbol$()\n`j`jd`k\n1b\n");
});

test("\\\\ and exit end the process with their code", async () => {
  expect((await piped("\\\\\n1+1\n")).out).toBe("");
  expect((await piped("exit 42\n")).code).toBe(42);
  expect(await piped(".z.exit:{-1 string x}\nexit 7\n")).toMatchObject({ out: "7\n", code: 7 });
});

test("the script of the command line runs first, then the lines; .z.f and .z.x", async () => {
  const script = join(scratch(), "s.q");
  writeFileSync(script, "a:10\nf:{\n  x+a\n  }\n");
  const { out } = await piped("f 5\n.z.x\n.z.f\n", [script, "-q", "-abc", "123"]);
  expect(out).toBe(`15\n"-abc"\n"123"\n\`${script}\n`);
});

test("an error in a script is shown and the console goes on", async () => {
  const script = join(scratch(), "s.q");
  writeFileSync(script, "a:1\na+`b\nb:2\n");
  const { out, err } = await piped("a\n", [script, "-q"]);
  expect(err).toStartWith("'type\n");
  expect(out).toBe("1\n");
});

test("without a terminal a script's error shows the whole stack", async () => {
  const script = join(scratch(), "s.q");
  writeFileSync(script, "f:{x+`a}\ng:{f x}\n\ng 1\n");
  const { err } = await piped("", [script, "-q"]);
  expect(err.split("\n").map((line) => line.replace(/^( *)\^$/, (_, s) => `^${s.length}`))).toEqual([
    "'type",
    `  [2]  ${script}: f:{x+\`a}`,
    `^${`  [2]  ${script}: f:{x`.length}`,
    `  [1]  ${script}: g:{f x}`,
    `^${`  [1]  ${script}: g:{`.length}`,
    `  [0]  ${script}:4: g 1`,
    `^${`  [0]  ${script}:4: `.length}`,
    "",
  ]);
});

test("a script that is not there", async () => {
  const { err } = await piped("", ["nosuch.q", "-q"]);
  expect(err).toContain("nosuch.q. OS reports: No such file or directory");
});

test("nonsense on the command line ends with 2 and says what", async () => {
  expect(await piped("", ["-P", "99"])).toEqual({
    out: "",
    err: '\'invalid: -P (precision): a whole number from 0 to 17 is wanted, not "99"\n',
    code: 2,
  });
});

test("options reach the session", async () => {
  const { out } = await piped("\\P\n\\c\n\\W\n\\z\n\\g\n\\e\n\\T\n\\S\n", [
    "-q",
    "-P",
    "3",
    "-c",
    "30",
    "100",
    "-W",
    "1",
    "-z",
    "1",
    "-g",
    "1",
    "-e",
    "2",
    "-T",
    "9",
    "-S",
    "42",
  ]);
  expect(out).toBe("3i\n30 100i\n1i\n1i\n1i\n2i\n9i\n42i\n");
});

test("read0 0 reads the next line of the input", async () => {
  expect((await piped("x:read0 0\nthis is the line\nx\n")).out).toBe('"this is the line"\n');
});

test("a system command may have a comment behind it", async () => {
  expect((await piped("\\P 3   /digits\n1%3\n\\c /size\n")).out).toBe("0.333\n25 80i\n");
});

test("\\d changes the namespace of what follows", async () => {
  const { out } = await piped("\\d .foo\na:1\n\\d\n\\d .\n.foo.a\n");
  expect(out).toBe("`.foo\n1\n");
});

test("system commands: variables, functions, tables, working directory, shell", async () => {
  const directory = scratch();
  const { out } = await piped(
    `a:1\nf:{x}\nt:([]a:1 2)\n\\v\n\\f\n\\a\n\\cd ${directory}\n\\cd\n\\echo hello\n\\t\n\\p\n\\_\n`,
  );
  expect(out).toBe(`\`a\`t\n,\`f\n,\`t\n"${directory}"\n"hello"\n0i\n0i\n0b\n`);
});

test("a failing shell command is 'os", async () => {
  expect((await piped("\\ls /nonexistent/x\n")).err).toContain("'os\n");
});

test("\\1 and \\2 redirect, creating directories and appending", async () => {
  const directory = scratch();
  await piped(`\\1 ${directory}/sub/out\n\\2 ${directory}/err\n1+1\n1+\`a\n`);
  await piped(`\\1 ${directory}/sub/out\n3\n`);
  expect(readFileSync(join(directory, "sub/out"), "latin1")).toBe("2\n3\n");
  expect(readFileSync(join(directory, "err"), "latin1")).toStartWith("'type\n");
});

test("\\l of a file and of a splayed table", async () => {
  const directory = scratch();
  mkdirSync(join(directory, "db"));
  const { out } = await piped(
    `\\cd ${directory}\n\`:x set 1 2 3\n\`:db/t/ set ([]a:1 2;b:3 4)\n\\l x\nx\n\\l db/t\nt\n`,
  );
  expect(out).toBe("`:x\n`:db/t/\n`x\n1 2 3\n`t\na b\n---\n1 3\n2 4\n");
});

/** A q on a pseudo-terminal that this test holds itself: what it shows, and how it ended. */
function terminal(): {
  type(keys: string): void;
  /** Waits for a text after what earlier waits have taken; says all that was seen when it does not come. */
  shows(text: string): Promise<void>;
  /** Waits for the end; the screen without its cursor movements. */
  ends(): Promise<{ screen: string; code: number | null; signal: number | string | null }>;
} {
  let seen = "";
  let taken = 0;
  let closed = false;
  const child = track(
    Bun.spawn(q, {
      env: { ...process.env, PERQ_HISTORY: join(scratch(), "history"), TERM: "dumb" },
      terminal: {
        cols: 80,
        rows: 25,
        data: (_, bytes) => {
          seen += Buffer.from(bytes).toString("latin1");
        },
        exit: () => {
          closed = true;
        },
      },
    }),
  );
  const state = (): string =>
    `exit code ${child.exitCode}, signal ${child.signalCode}, terminal ${closed ? "closed" : "open"}, seen ${JSON.stringify(seen)}`;
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    type: (keys) => void child.terminal!.write(keys),
    async shows(text) {
      const end = performance.now() + LIMIT_MS;
      for (;;) {
        const over = (gone() && closed) || performance.now() > end;
        const at = seen.indexOf(text, taken);
        if (at >= 0) {
          taken = at + text.length;
          return;
        }
        if (over) throw new Error(`the terminal never showed ${JSON.stringify(text)}: ${state()}`);
        await Bun.sleep(5);
      }
    },
    async ends() {
      const end = performance.now() + LIMIT_MS;
      while (!gone() || !closed) {
        if (performance.now() > end) throw new Error(`q never ended: ${state()}`);
        await Bun.sleep(5);
      }
      const screen = seen.replace(/\x1b\[\d*[CKJHm]/g, "").replace(/\r+\n/g, "\n");
      return { screen, code: child.exitCode, signal: child.signalCode };
    },
  };
}

const LIMIT_MS = 40000;

test("a terminal has banner, prompt, editing and the namespace in the prompt", async () => {
  const { type, shows, ends } = terminal();
  await shows("q)");
  type("1+11\x7f\r\\d .foo\r\x1b[A\x1b[A\r\\\\\r");
  const { screen, ...end } = await ends();
  expect(screen).toContain("perq");
  expect(screen).toContain("q)1+1\n2\n");
  expect(screen).toContain("q.foo)1+1\n2\n");
  expect({ ...end, screen }).toMatchObject({ code: 0, signal: null });
}, 60000);

test("Ctrl-D ends the console, and with it the process", async () => {
  const { type, shows, ends } = terminal();
  await shows("q)");
  type("2*3\r");
  await shows("6\r\n");
  await shows("q)");
  type("\x04");
  expect(await ends()).toMatchObject({ code: 0, signal: null });
}, 60000);

test("Ctrl-C stops a query and gives the prompt back", async () => {
  const { type, shows, ends } = terminal();
  await shows("q)");
  type('-1"begun";while[1b;1]\r');
  await shows("begun\r\n");
  // Once: an interrupt character throws away what the terminal has not shown yet.
  type("\x03");
  await shows("'stop");
  await shows("q)");
  type("\\\\\r");
  expect(await ends()).toMatchObject({ code: 0, signal: null });
}, 60000);
