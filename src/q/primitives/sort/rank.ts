/** rank x: for each item its place in the sorted list; iasc of iasc. */

import { unary } from "#values/primitive.ts";
import type { Session } from "#values/session.ts";
import type { Value } from "#values/values.ts";
import { graded } from "./asc.ts";

export const rankOf = (session: Session, x: Value): Value => graded(session, graded(session, x, false), false);
export const rank = unary({ name: "rank", category: "sort", shownType: 105, shown: "<:<:", run: rankOf });
