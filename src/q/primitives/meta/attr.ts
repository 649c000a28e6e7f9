/** attr x: the attribute of x as a symbol, the null symbol for none. */

import { attributeOf } from "#values/attributes.ts";
import { unary } from "#values/primitive.ts";
import { attributeLetter, symbol } from "#values/vectors.ts";

export const attr = unary({ name: "attr", category: "meta", run: (_, x) => symbol(attributeLetter(attributeOf(x))) });
