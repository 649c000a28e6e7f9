// The io category of the reference card, page by page.

import type { PrimitiveRow } from "#values/values.ts";
import { dsave } from "./dsave.ts";
import { fileBinary } from "./file-binary.ts";
import { fileText } from "./file-text.ts";
import { get, set } from "./get.ts";
import { hcount } from "./hcount.ts";
import { hdel } from "./hdel.ts";
import { hclose, hopen } from "./hopen.ts";
import { hsym } from "./hsym.ts";
import { load, rload } from "./load.ts";
import { read0 } from "./read0.ts";
import { read1 } from "./read1.ts";
import { rsave, save } from "./save.ts";

export const ioRows: PrimitiveRow[] = [
  dsave,
  fileBinary,
  fileText,
  get,
  hclose,
  hcount,
  hdel,
  hopen,
  hsym,
  load,
  read0,
  read1,
  rload,
  rsave,
  save,
  set,
];
