/** ej[c;t1;t2]: every pair of rows that agree in the columns c; other columns of both are t2's. */

import { pickRows, positions } from "#values/picking.ts";
import { primitive } from "#values/primitive.ts";
import { columnsGroups, columnsPositions, groupMembers } from "#values/search.ts";
import { I32 } from "#values/storage.ts";
import { symbolTexts } from "#values/vectors.ts";
import { beside, columnsOf, required, simple } from "./combine.ts";

export const ej = primitive({
  name: "ej",
  category: "join",
  rank: 3,
  shownType: 100,
  run: (session, c, x, y) => {
    const [left, right] = [simple(x!), simple(y!)];
    const names = symbolTexts(c!);
    const rightKeys = names.map((name) => required(right, name));
    const groups = columnsGroups(session, rightKeys);
    const { members, starts } = groupMembers(groups);
    const first = columnsPositions(
      session,
      rightKeys,
      names.map((name) => required(left, name)),
    );
    const leftRows: number[] = [];
    const rightRows: number[] = [];
    for (let i = 0; i < first.count; i++) {
      const q = I32[first.at / 4 + i]!;
      if (q < 0) continue;
      const g = I32[groups.numbers.at / 4 + q]!;
      for (let k = starts[g]!; k < starts[g + 1]!; k++) {
        leftRows.push(i);
        rightRows.push(I32[members.at / 4 + 2 * k]!);
      }
    }
    return beside(session, pickRows(left, positions(leftRows)), columnsOf(right), positions(rightRows));
  },
});
