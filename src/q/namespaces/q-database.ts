// The .Q namespace, files and databases (ref/dotq.md): streaming text, enumerating, splaying, partitioning. All of it is
// q over the file primitives.

import type { Entry, Namespace } from "./entry.ts";

const q = (source: string): Entry => ({ q: source });

export const databaseNamespace: Namespace = {
  // Lumps of whole lines, one after the other.
  fsn: q(
    "{[f;s;n]z:hcount s;o:0;while[o<z;b:read1(s;o;n);if[z>o+count b;i:last where b=0x0a;if[null i;'`length];b:(1+i)#b];f` vs b;o+:count b];z}",
  ),
  fs: q(".Q.fsn[;;131000]"),

  // Symbol columns, plain or nested, as positions in a sym list, which grows as needed.
  ens: q(
    "{[d;t;s]c:where{$[11h=type x;1b;0h=type x;$[count x;all 11h=type each x;0b];0b]}each flip t;r:$[(::)~d;s;` sv d,s];r?distinct raze raze each flip[t]c;@[t;c;{[r;x]$[11h=type x;r?x;(r?)each x]}r]}",
  ),
  en: q(".Q.ens[;;`sym]"),

  // Where a partition's table is: in the root, or in the segment that par.txt gives the partition.
  par: q('{[d;p;t]r:$[()~key f:` sv d,`par.txt;d;[l:read0 f;hsym`$l("j"$p)mod count l]];` sv r,(`$string p),t}'),
  dpts: q("{[d;p;t;s](` sv .Q.par[d;p;t],`)set .Q.ens[d;get t;s];t}"),
  dpt: q(".Q.dpts[;;;`sym]"),
  dpfts: q(
    "{[d;p;f;t;s]x:.Q.ens[d;get t;s];x:(f,cols[x]except f)xcols x;(` sv .Q.par[d;p;t],`)set @[x iasc x f;f;`p#];t}",
  ),
  dpft: q(".Q.dpfts[;;;;`sym]"),
  hdpf: q(
    '{[h;d;p;f]{[d;p;f;t].Q.dpft[d;p;f;t];@[`.;t;0#]}[d;p;f]each tables`.;if[0<w:@[hopen;h;0];w"\\\\l .";hclose w]}',
  ),
  // Tables that a partition lacks are put there, empty, as the last partition that has them shows them.
  chk: q(
    '{[d]p:{x where not null "D"$string x}key d;t:distinct raze key each` sv\'d,/:p;{[d;p;t]h:where{[d;t;p]not()~key` sv d,p,t,`.d}[d;t]each p;if[count h;e:0#get` sv d,(p last h),t,`;{[d;t;e;p](` sv d,p,t,`)set e}[d;t;e]each p(til count p)except h]}[d;p]each t;p}',
  ),
};
