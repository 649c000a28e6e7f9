// Results gathered one by one, as each and scan make them: atoms of one type go straight into a vector, so that a
// million of them are not kept alive as objects first. What does not fit makes a general list of it all.

import type { Value, Vector } from "./values.ts";
import { gather, itemAt, newVector, setElement } from "./vectors.ts";

export class Collector {
  private vector: Vector | undefined;
  private items: Value[] | undefined;
  private filled = 0;

  /** How many results there will be. */
  constructor(private readonly count: number) {}

  /**
   * The next result. A result that is no atom stays the caller's pool's: it must not be swept before `finish`.
   * The first atom makes a vector, which belongs to the pool from then on: mark before it, sweep after.
   */
  add(v: Value): void {
    if (this.items !== undefined) {
      this.items.push(v);
    } else if (v.kind === "atom" && this.fits(v)) {
      setElement(this.vector!, this.filled, v.value);
    } else {
      this.items = [];
      for (let i = 0; i < this.filled; i++) this.items.push(itemAt(this.vector!, i));
      this.items.push(v);
    }
    this.filled++;
  }

  private fits(v: Value & { kind: "atom" }): boolean {
    const { vector } = this;
    if (vector !== undefined) return vector.type === -v.type && vector.domain === v.domain;
    this.vector = newVector(-v.type, this.count, v.domain);
    return true;
  }

  finish(): Value {
    if (this.items === undefined && this.vector !== undefined && this.filled === this.count) return this.vector;
    if (this.items === undefined) {
      const items: Value[] = [];
      for (let i = 0; i < this.filled; i++) items.push(itemAt(this.vector!, i));
      return gather(items);
    }
    // Atoms of several types, or anything else: all alike only if dictionaries make a table.
    return gather(this.items);
  }
}
