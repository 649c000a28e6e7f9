/** views[]: the names of the views in the root, sorted. */

import { unary } from "#values/primitive.ts";

export const views = unary({ name: "views", category: "meta", run: (session) => session.system("b .") });
