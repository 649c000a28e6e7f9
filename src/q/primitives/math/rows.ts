// The math primitives, in the reference card's order.

import type { PrimitiveRow } from "#values/values.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { avg, avgs, mavg, wavg } from "./avg.ts";
import { ceiling } from "./ceiling.ts";
import { cor } from "./cor.ts";
import { acos, cos } from "./cos.ts";
import { cov, scov } from "./cov.ts";
import { deltas } from "./deltas.ts";
import { dev, mdev, sdev } from "./dev.ts";
import { div } from "./div.ts";
import { divide } from "./divide.ts";
import { ema } from "./ema.ts";
import { exp, xexp } from "./exp.ts";
import { floor } from "./floor.ts";
import { inv } from "./inv.ts";
import { log, xlog } from "./log.ts";
import { lsq } from "./lsq.ts";
import { max, maxs, mmax } from "./max.ts";
import { mcount } from "./mcount.ts";
import { med } from "./med.ts";
import { min, mins, mmin } from "./min.ts";
import { mmu } from "./mmu.ts";
import { mod } from "./mod.ts";
import { multiply } from "./multiply.ts";
import { neg } from "./neg.ts";
import { prd, prds } from "./prd.ts";
import { rand } from "./rand.ts";
import { ratios } from "./ratios.ts";
import { reciprocal } from "./reciprocal.ts";
import { signum } from "./signum.ts";
import { asin, sin } from "./sin.ts";
import { sqrt } from "./sqrt.ts";
import { subtract } from "./subtract.ts";
import { msum, sum, sums, wsum } from "./sum.ts";
import { atan, tan } from "./tan.ts";
import { svar, var as var_ } from "./var.ts";
import { xbar } from "./xbar.ts";

export const mathRows: PrimitiveRow[] = [
  add,
  subtract,
  multiply,
  divide,
  abs,
  acos,
  asin,
  atan,
  avg,
  avgs,
  ceiling,
  cor,
  cos,
  cov,
  deltas,
  dev,
  div,
  ema,
  exp,
  floor,
  inv,
  log,
  lsq,
  mavg,
  max,
  maxs,
  mcount,
  mdev,
  med,
  min,
  mins,
  mmax,
  mmin,
  mmu,
  mod,
  msum,
  neg,
  prd,
  prds,
  rand,
  ratios,
  reciprocal,
  scov,
  sdev,
  signum,
  sin,
  sqrt,
  sum,
  sums,
  svar,
  tan,
  var_,
  wavg,
  wsum,
  xbar,
  xexp,
  xlog,
];
