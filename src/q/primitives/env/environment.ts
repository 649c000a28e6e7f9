// getenv, setenv, system and exit (ref/getenv.md, ref/system.md, ref/exit.md).

import { binary, unary } from "#values/primitive.ts";
import { signal } from "#values/signals.ts";
import type { PrimitiveRow } from "#values/values.ts";
import { integerOf, isText, string, textOf } from "#values/vectors.ts";

/** getenv `NAME: its text, empty when there is none. */
export const getenv: PrimitiveRow = unary({
  name: "getenv",
  category: "env",
  wire: [101, 30],
  run: (session, x) => {
    if (x.type !== -11) throw signal("type", "a variable's name is a symbol");
    return string(session.host.process.environment(textOf(x)));
  },
});

/** `NAME setenv "text" */
export const setenv: PrimitiveRow = binary({
  name: "setenv",
  category: "env",
  infix: true,
  wire: [102, 33],
  run: (session, x, y) => {
    if (x.type !== -11 || !isText(y)) throw signal("type", '`NAME setenv "text"');
    session.host.process.setEnvironment(textOf(x), textOf(y));
    return session.primitive("::");
  },
});

/** system "l file", system "ls": what the console does behind a backslash. */
export const system: PrimitiveRow = unary({
  name: "system",
  category: "env",
  shownType: 100,
  run: (session, x) => {
    if (!isText(x)) throw signal("type", "a command is text");
    return session.system(textOf(x));
  },
});

/** exit code: ends the process. */
export const exit: PrimitiveRow = unary({
  name: "exit",
  category: "env",
  wire: [101, 29],
  run: (session, x) => session.host.process.exit(integerOf(x) & 255),
});
