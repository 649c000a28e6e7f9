// The globals of a session, by namespace. A name is a slot that compiled code keeps, so an assignment is seen at once.
// `.a.b.c` is variable c of namespace .a.b when there is one, else an entry of the dictionary that `.a.b` or `.a` holds.

import { release, retain } from "#values/ownership.ts";
import type { Slot } from "#values/session.ts";
import { T } from "#values/datatypes.ts";
import type { Dict, Value } from "#values/values.ts";
import { columnAt, dict, elementAt, itemAt, list, symbols, symbolTexts } from "#values/vectors.ts";

/** Names perq brings along (.Q .h .j .z): looked up when the user has not set the name. */
export type Builtins = (name: string) => Value | undefined;

export class Workspace {
  private readonly slots = new Map<string, Slot>();
  /** Namespaces that exist, ".q" style, in order of creation. */
  private readonly spaces = new Set<string>();

  constructor(
    private readonly builtins: Builtins,
    /** Names that come along in a namespace. */
    private readonly broughtIn: (context: string) => readonly string[],
    private readonly nil: Value,
  ) {}

  /** The full name of `name` seen from `context`: a leading dot is absolute, two name the root. */
  qualify(name: string, context: string): string {
    if (name.startsWith("..")) return name.slice(2);
    return name.startsWith(".") || context === "" ? name : `${context}.${name}`;
  }

  slot(name: string): Slot {
    let slot = this.slots.get(name);
    if (slot === undefined) {
      slot = { name, value: undefined, view: undefined };
      this.slots.set(name, slot);
    }
    return slot;
  }

  read(name: string): Value | undefined {
    const slot = this.slots.get(name);
    if (slot !== undefined) {
      if (slot.value !== undefined) return slot.value;
      if (slot.view !== undefined) return slot.view();
    }
    const builtin = this.builtins(name);
    if (builtin !== undefined) return builtin;
    if (this.hasSpace(name) || name === ".") return this.asDictionary(name);
    return this.readInside(name);
  }

  /** An entry of a dictionary or a column of a table that a shorter name holds. */
  private readInside(name: string): Value | undefined {
    const dot = name.lastIndexOf(".");
    if (dot <= 0) return undefined;
    // Also for names that do not start with a dot: d.key.
    const slot = this.slots.get(name.slice(0, dot));
    const holder = slot?.value ?? slot?.view?.() ?? this.readInside(name.slice(0, dot));
    return holder === undefined ? undefined : entry(holder, name.slice(dot + 1));
  }

  assign(slot: Slot, value: Value): void {
    const old = slot.value;
    retain(value);
    slot.value = value;
    slot.view = undefined;
    if (old !== undefined) release(old);
    else this.announce(slot.name);
  }

  /** Makes the namespaces of a dotted name known. */
  announce(name: string): void {
    if (!name.startsWith(".")) return;
    const parts = name.split(".");
    for (let n = 2; n < parts.length; n++) this.spaces.add(parts.slice(0, n).join("."));
  }

  /** `.a:dict` replaces a namespace's variables. */
  assignNamespace(name: string, value: Dict): void {
    for (const other of this.slots.values()) {
      if (other.name.startsWith(`${name}.`) && !other.name.slice(name.length + 1).includes(".")) this.erase(other.name);
    }
    this.spaces.add(name);
    const keys = symbolTexts(value.keys);
    keys.forEach((key, i) => {
      if (key !== "") this.assign(this.slot(`${name}.${key}`), itemAt(value.values, i));
    });
  }

  erase(name: string): boolean {
    const slot = this.slots.get(name);
    if (slot === undefined || (slot.value === undefined && slot.view === undefined)) return false;
    if (slot.value !== undefined) release(slot.value);
    slot.value = undefined;
    slot.view = undefined;
    return true;
  }

  enter(context: string): void {
    if (context !== "") this.spaces.add(context);
  }

  hasSpace(name: string): boolean {
    return this.spaces.has(name) || this.broughtIn(name).length > 0;
  }

  /** Variable names in one namespace, sorted. */
  namesIn(context: string): string[] {
    const names: string[] = [];
    const prefix = context === "" ? "" : `${context}.`;
    for (const slot of this.slots.values()) {
      if (slot.value === undefined && slot.view === undefined) continue;
      if (!slot.name.startsWith(prefix)) continue;
      const rest = slot.name.slice(prefix.length);
      if (rest !== "" && !rest.includes(".")) names.push(rest);
    }
    return [...new Set([...names, ...this.broughtIn(context)])].sort();
  }

  /** The name of a global that holds this very value: for traces and \f. */
  nameOf(value: Value): string | undefined {
    for (const slot of this.slots.values()) if (slot.value === value) return slot.name;
    return undefined;
  }

  viewsIn(context: string): string[] {
    return this.namesIn(context).filter(
      (n) => this.slots.get(context === "" ? n : `${context}.${n}`)?.view !== undefined,
    );
  }

  contexts(): string[] {
    const names = new Set(["q", "Q", "h", "j", "o"]);
    for (const space of this.spaces) names.add(space.slice(1).split(".")[0]!);
    return [...names];
  }

  /** A namespace as the dictionary that q shows: its null entry first, then variables, then inner namespaces. */
  asDictionary(name: string): Value {
    const prefix = name === "." ? "" : name;
    const names = this.namesIn(prefix);
    const inner = [...this.spaces].filter((s) => s.startsWith(`${name}.`) && !s.slice(name.length + 1).includes("."));
    const keys = ["", ...names, ...inner.map((s) => s.slice(name.length + 1))];
    const values: Value[] = [
      this.nil,
      ...names.map((n) => this.read(prefix === "" ? n : `${prefix}.${n}`)!),
      ...inner.map((s) => this.asDictionary(s)),
    ];
    if (name === ".") return dict(symbols(names), list(values.slice(1, names.length + 1)));
    return dict(symbols(keys), list(values));
  }
}

/** d.key and t.column */
function entry(holder: Value, key: string): Value | undefined {
  if (holder.kind === "table") {
    const c = holder.names.indexOf(key);
    return c < 0 || holder.partitioned !== undefined ? undefined : columnAt(holder, c);
  }
  if (holder.kind === "dict" && holder.keys.kind === "vector" && holder.keys.type === T.symbol) {
    for (let i = 0; i < holder.keys.count; i++) if (elementAt(holder.keys, i) === key) return itemAt(holder.values, i);
  }
  return undefined;
}
