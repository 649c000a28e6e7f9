// The .Q names of the language itself (ref/dotq.md): traps with a backtrace, memory, command line, types, application.
// Text and number formatting are in their own files here, databases in qdatabase.ts. A row is native, or q of our own.

import { traceLines } from "#format/trace.ts";
import { datatypes } from "#values/datatypes.ts";
import { nyi, type QSignal, type TraceEntry } from "#values/signals.ts";
import type { Session } from "#values/session.ts";
import { usage } from "#values/storage.ts";
import { symbolBytes, symbolCount } from "#values/symbols.ts";
import type { Value } from "#values/values.ts";
import { boolean, dict, isListLike, itemsOf, list, long, longs, string, symbols, textOf } from "#values/vectors.ts";
import { type Entry, type Namespace, native } from "./entry.ts";

/** A backtrace as a q value: innermost first, (name; text; offset; file) each. */
function backtrace(trace: readonly TraceEntry[]): Value {
  return list(trace.map((t) => list([string(t.name), string(t.text), long(t.position), string(t.file ?? "")])));
}

function traceText(x: Value): string {
  const entries = itemsOf(x).map((entry) => {
    const [name, text, position] = itemsOf(entry) as [Value, Value, Value];
    return { name: textOf(name), text: textOf(text), position: Number((position as { value: unknown }).value) };
  });
  const n = entries.length;
  return (
    entries
      .map((e, i) => (e.text === "" ? `  [${n - 1 - i}]  (${e.name})\n` : traceLines(e, n - 1 - i).join("\n")))
      .join("\n") + (n > 0 ? "\n" : "")
  );
}

const trapWith = (name: string, run: (session: Session, f: Value, x: Value) => Value): Entry =>
  native(name, 3, (session, f, x, g) =>
    session.trap(
      () => run(session, f!, x!),
      (error: QSignal) =>
        session.apply(g!, [
          string(error.text),
          backtrace([...error.trace, { name, text: "", position: 0 }, ...session.stack()]),
        ]),
    ),
  );

/** .Q.w: bytes used, held, most ever held, limit, mapped, of the machine; symbols and their bytes. */
export function memoryStatistics({ host: { process } }: Session): Value {
  const { used, heap, peak, limit, mapped } = usage();
  return dict(
    symbols(["used", "heap", "peak", "wmax", "mmap", "mphy", "syms", "symw"]),
    longs([
      used,
      heap,
      Math.max(peak, heap),
      process.limited ? limit : 0,
      mapped,
      process.physicalMemory,
      symbolCount(),
      symbolBytes(),
    ]),
  );
}

/** Letters of all types by number, ` ` where there is none: .Q.t */
const letters = (): string => {
  const out = new Array<string>(20).fill(" ");
  for (const d of datatypes) out[d.number] = d.letter;
  return out.join("");
};

/** Names of kdb+ that perq does not have yet: they say so when they are called. */
const missing = (name: string, rank: number): Entry =>
  native(name, rank, () => {
    throw nyi(name);
  });

export const qSystem: Namespace = {
  hg: missing(".Q.hg", 1),
  hp: missing(".Q.hp", 3),
  hmb: missing(".Q.hmb", 3),
  fps: missing(".Q.fps", 2),
  fpn: missing(".Q.fpn", 3),
  Cf: missing(".Q.Cf", 1),
  Xf: missing(".Q.Xf", 2),
  dsftg: missing(".Q.dsftg", 5),
  trp: trapWith(".Q.trp", (session, f, x) => session.apply1(f, x)),
  trpd: trapWith(".Q.trpd", (session, f, x) => session.apply(f, isListLike(x) ? itemsOf(x) : [x])),
  sbt: native(".Q.sbt", 1, (_, x) => string(traceText(x!))),
  /** Prints the q stack. */
  bt: native(".Q.bt", 1, (session) => {
    session.host.write(1, traceText(backtrace(session.stack())));
    return session.primitive("::");
  }),
  gc: native(".Q.gc", 1, (session) => long(session.host.process.collect())),
  /** Memory statistics. */
  w: native(".Q.w", 1, (session) => memoryStatistics(session)),
  /** Time in ms and space in bytes of f . x */
  ts: native(".Q.ts", 2, (session, f, x) => {
    const started = session.host.clock.ticks();
    const before = usage().used;
    session.apply(f!, isListLike(x!) ? itemsOf(x!) : [x!]);
    return longs([Number((session.host.clock.ticks() - started) / 1_000_000n), Math.max(0, usage().peak - before)]);
  }),
  qt: native(".Q.qt", 1, (_, x) =>
    boolean(x!.kind === "table" || (x!.kind === "dict" && x!.keys.kind === "table" && x!.values.kind === "table")),
  ),
  /** 1b partitioned, 0b splayed, 0 neither. */
  qp: native(".Q.qp", 1, (_, x) => {
    if (x!.kind !== "table") return long(0);
    return x!.partitioned !== undefined ? boolean(true) : x!.source !== undefined ? boolean(false) : long(0);
  }),
};

/** Values and definitions in q. */
const definitions: Record<string, string> = {
  t: `"${letters()}"`,
  k: "2024.05.31",
  K: "4.1",
  opt: "{$[count i:where x like\"-*\";(`$1_'x i)!1_'i cut x;()!()]}",
  def: "{[d;o]d,k!{$[10h=type x;first y;0h>t:type x;(upper .Q.t neg t)$first y;(upper .Q.t t)$y]}'[d k;o k:key[d]inter key o]}",
  dd: "{` sv x,`$string y}",
  fc: "{x y}",
  fu: "{$[0h>type y;x y;[u:distinct y;(x u)u?y]]}",
  ft: "{$[99h=type y;[k:count keys y;k!x 0!y];x y]}",
  ty: '{$[0h=t:type x;$[all t=type each x,t:10h;"C";" "];0h>t;.Q.t neg t;t<20h;upper .Q.t t;"s"]}',
  v: "{$[-11h=type x;value x;x]}",
  V: "{$[99h=type x;(flip key x),flip value x;flip x]}",
  nct: "{count each flip 0!x}",
  b6: '"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"',
  nA: '"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"',
  res: "`abs`acos`asin`atan`avg`bin`binr`cor`cos`cov`delete`dev`div`do`enlist`exec`exit`exp`getenv`hopen`if`in`insert`last`like`log`max`min`prd`select`setenv`sin`sqrt`ss`sum`tan`update`var`wavg`while`within`wsum`xexp",
  fs: "{[f;s].Q.fsn[f;s;131000]}",
  fsn: '{[f;s;n]{[f;s;n;i]c:read1(s;i;n&hcount[s]-i);k:$[(i+count c)<hcount s;1+last where c=0x0a;count c];f"\\n"vs"c"$$[0x0a=last k#c;-1_k#c;k#c];i+k}[f;s;n]/[{x>y}[hcount s];0]}',
  x: "()",
};

export const qDefinitions: Namespace = Object.fromEntries(
  Object.entries(definitions).map(([name, q]) => [name, { q }]),
);
