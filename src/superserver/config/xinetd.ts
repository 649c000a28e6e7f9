/**
 * xinetd.conf text → drafts of services and the defaults. Only grammar: blocks, operators, includes, counts of
 * values and how lines combine. What a draft lacks or contradicts is resolve.ts's business, what an attribute's
 * words mean is attributes.ts's.
 */
import type { AccessNames } from "./access.ts";
import { type AttributeName, attributeCalled, attributes, BadValue, type Row, type Values } from "./attributes.ts";
import { type Complaints, nearest, type Place } from "./complaint.ts";

export interface ConfigFiles {
  /** The text, or what the system said. */
  read(path: string): { text: string } | { error: string };
  /** What a directory holds, any order; kind tells what a symbolic link leads to. */
  list(path: string): { name: string; kind: "file" | "other" | "missing" }[] | { error: string };
}

export interface Draft {
  name: string;
  place: Place;
  values: Values;
  places: Partial<Record<AttributeName, Place>>;
}

export interface XinetdText {
  drafts: Draft[];
  defaults: Values;
  defaultsPlaces: Partial<Record<AttributeName, Place>>;
  files: string[];
}

interface Word {
  text: string;
  column: number;
}

const MAX_NESTING = 16;
const MAX_LINES = 1_000_000;

/** What C calls white space; only two of them separate words. */
const blank = /^[ \t\r\v\f]*(#.*)?$/s;

/** None for an empty line and a comment. */
function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  if (blank.test(line)) return words;
  for (const match of line.matchAll(/[^ \t]+/g)) words.push({ text: match[0], column: match.index + 1 });
  return words;
}

const sameItem = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** base with the operator's items applied. */
function combine(base: unknown[], operator: string, items: unknown[]): unknown[] {
  if (operator === "=") return items;
  if (operator === "-=") return base.filter((one) => !items.some((item) => sameWithoutText(one, item)));
  return [...base, ...items.filter((item) => !base.some((one) => sameItem(one, item)))];
}

/** Two patterns are the same when they fit the same addresses, however they were written. */
function sameWithoutText(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return sameItem(a, b);
  return sameItem({ ...a, text: "" }, { ...b, text: "" });
}

export function readXinetd(path: string, files: ConfigFiles, names: AccessNames, complaints: Complaints): XinetdText {
  const reader = new Reader(files, names, complaints);
  reader.file(path, undefined, 0);
  return {
    drafts: reader.drafts,
    defaults: reader.defaults,
    defaultsPlaces: reader.defaultsPlaces,
    files: reader.files,
  };
}

class Reader {
  readonly drafts: Draft[] = [];
  readonly defaults: Values = {};
  readonly defaultsPlaces: Partial<Record<AttributeName, Place>> = {};
  readonly files: string[] = [];
  private lineCount = 0;

  constructor(
    private readonly source: ConfigFiles,
    private readonly names: AccessNames,
    private readonly complaints: Complaints,
  ) {}

  file(path: string, from: Place | undefined, depth: number): void {
    const read = this.source.read(path);
    if ("error" in read) {
      const included = from === undefined ? "" : "included configuration file: ";
      const words = `Unable to open ${included}${path}: ${read.error}`;
      if (from === undefined) this.complaints.add("fatal", { file: path, line: 0, column: 0 }, words);
      else this.complaints.error(from, words);
      return;
    }
    this.files.push(path);
    const lines = read.text.split("\n");
    this.lineCount += lines.length;
    if (this.lineCount > MAX_LINES) throw new Error(`more than ${MAX_LINES} lines of configuration`);
    this.blocks(path, lines, depth);
  }

  private blocks(path: string, lines: string[], depth: number): void {
    let hasDefaults = false;
    for (let at = 0; at < lines.length; at++) {
      const words = wordsOf(lines[at]);
      if (words.length === 0) continue;
      const place: Place = { file: path, line: at + 1, column: words[0].column };
      const keyword = words[0].text.toLowerCase();
      if (keyword === "include" || keyword === "includedir") {
        if (words[1] === undefined) {
          this.complaints.error(place, `${keyword}: the path is missing (service name missing)`, { others: lostBlock });
          at = skipBlock(lines, at + 1);
          continue;
        }
        this.extraWords(path, at, words, 2);
        if (depth >= MAX_NESTING) this.complaints.error(place, `includes are nested more than ${MAX_NESTING} deep`);
        else if (keyword === "include") this.file(words[1].text, { ...place, column: words[1].column }, depth + 1);
        else this.directory(words[1].text, { ...place, column: words[1].column }, depth + 1);
        continue;
      }
      if (keyword === "service" || keyword === "defaults") {
        const isService = keyword === "service";
        const name = isService ? words[1]?.text : "defaults";
        const expected = isService ? 2 : 1;
        if (name === undefined) {
          this.complaints.error(place, "service name missing", { fix: "service NAME, and { on a line of its own" });
          at = skipBlock(lines, at + 1);
          continue;
        }
        let open = at + 1;
        while (open < lines.length && blank.test(lines[open])) open++;
        if (!holdsOnly(lines[open] ?? "", "{")) {
          const extra = words[expected];
          const where = extra?.text.startsWith("{")
            ? { ...place, column: extra.column }
            : { file: path, line: Math.min(open + 1, lines.length), column: 0 };
          const fix = extra?.text.startsWith("{") ? "put { alone on the next line" : undefined;
          const title = isService ? `Service ${name}` : "defaults";
          this.complaints.error(where, `${title}: missing '{'`, { service: name, fix });
          at = skipBlock(lines, open + 1); // the line that is not { is gone with it, be it }
          continue;
        }
        this.extraWords(path, at, words, expected);
        if (isService) {
          at = this.block(path, lines, open, name, place);
        } else {
          const duplicate = hasDefaults;
          hasDefaults = true;
          if (duplicate) {
            this.complaints.error(place, "only 1 defaults entry is allowed. This entry will be ignored");
            at = skipBlock(lines, open + 1);
          } else at = this.block(path, lines, open, undefined, place);
        }
        continue;
      }
      const similar = nearest(keyword, ["service", "defaults", "include", "includedir"]);
      this.complaints.error(place, `missing service keyword before ${words[0].text}`, {
        fix: similar ? `did you mean ${similar}?` : undefined,
        others: lostBlock,
      });
      at = skipBlock(lines, at + 1); // a } too many takes the next service with it
    }
  }

  /** Behind "service NAME" and the like, often a comment. */
  private extraWords(file: string, at: number, words: Word[], expected: number): void {
    const extra = words[expected];
    if (extra === undefined || extra.text.startsWith("#")) return;
    this.complaints.warn({ file, line: at + 1, column: extra.column }, `${extra.text}: nothing is read here; ignored`);
  }

  private directory(path: string, place: Place, depth: number): void {
    const listed = this.source.list(path);
    if ("error" in listed) {
      this.complaints.error(place, `Unable to read included directory: ${path}: ${listed.error}`);
      return;
    }
    // strcmp order: by bytes, capitals first.
    const byBytes = (a: { name: string }, b: { name: string }) =>
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
    for (const entry of [...listed].sort(byBytes)) {
      if (entry.name.includes(".") || entry.name.endsWith("~")) continue;
      const full = `${path.replace(/\/+$/, "")}/${entry.name}`;
      if (entry.kind === "missing") this.complaints.error(place, `Unable to stat includedir file: ${full}`);
      else if (entry.kind === "other")
        this.complaints.warn(place, `${full} is not a regular file. It is being skipped.`);
      else this.file(full, place, depth);
    }
  }

  /** One { … }; name undefined for defaults. Returns the index of its last line. */
  private block(path: string, lines: string[], open: number, name: string | undefined, head: Place): number {
    const draft: Draft = { name: name ?? "defaults", place: head, values: {}, places: {} };
    if (name !== undefined) {
      for (const [attribute, row] of Object.entries(attributes) as [AttributeName, Row<unknown>][]) {
        if (row.early && this.defaults[attribute] !== undefined) {
          (draft.values as Record<string, unknown>)[attribute] = this.defaults[attribute];
        }
      }
    }
    let dropped = false;
    let at = open + 1;
    for (; at < lines.length; at++) {
      const words = wordsOf(lines[at]);
      if (words.length === 0) continue;
      if (closesBlock(lines[at])) break;
      const place: Place = { file: path, line: at + 1, column: words[0].column };
      // A lost service is read to its end all the same: one look at the file shall show every mistake.
      if (!this.attribute(words, place, draft, name)) dropped = true;
      if (name !== undefined && draft.values.disable === true) {
        // The rest of a disabled block is not even looked at.
        return skipBlock(lines, at);
      }
    }
    if (at >= lines.length) {
      this.complaints.error(head, `Service ${draft.name}: incomplete entry`, {
        service: name,
        fix: "close it with } on a line of its own",
      });
      return at;
    }
    if (dropped) return at;
    if (name !== undefined) this.drafts.push(draft);
    return at;
  }

  /** One line of a block. False when the whole service is lost. */
  private attribute(words: Word[], place: Place, draft: Draft, name: string | undefined): boolean {
    const service = name;
    const word = words[0].text;
    const title = name === undefined ? "defaults" : `Service ${name}`;
    const operator = words[1]?.text;
    // xinetd wants a blank before the operator and none after: "nice =3" is fine.
    const split = operator === undefined ? null : /^(\+=|-=|=)(.*)$/.exec(operator);
    if (split === null) {
      const glued = /^(\w+)([+-]?=)(.*)$/.exec(word);
      const text = glued
        ? `Attribute ${glued[1]} needs a space before operator`
        : `${title}: ${operator === undefined ? "Nothing after" : "Bad operator for"} attribute: ${word}`;
      const fix = glued ? `${glued[1]} ${glued[2]} ${glued[3]}`.trim() : undefined;
      this.complaints.error(place, `${text} - service dropped`, { service, fix });
      if (name === undefined) this.fatalDefaults(place);
      return false;
    }
    const values = words.slice(2);
    if (split[2] !== "") values.unshift({ text: split[2], column: words[1].column + split[1].length });
    const attribute = attributeCalled(word.toLowerCase());
    if (attribute === undefined) {
      const similar = nearest(word.toLowerCase(), Object.keys(attributes));
      const text =
        name === undefined ? `attribute: ${word} should not be in default section` : `bad service attribute: ${word}`;
      this.complaints.warn(place, text, { service, fix: similar ? `did you mean ${similar}?` : undefined });
      return true;
    }
    const row = attributes[attribute] as Row<unknown>;
    if (name === undefined && row.defaults === undefined) {
      this.complaints.warn(place, `attribute: ${attribute} should not be in default section`);
      return true;
    }
    if (name !== undefined && row.defaults === "only") {
      const text = `bad service attribute: ${word}: it belongs in the defaults section`;
      this.complaints.warn(place, text, { service });
      return true;
    }
    const op = split[1];
    if (attribute === "env" && op === "-=") {
      // The one list that cannot be taken from, and the one mistake of an operator that costs the service.
      const text = "operator '-=' not supported for env attribute - DISABLING SERVICE";
      this.complaints.error(place, text, { service });
      return false;
    }
    if (op !== "=" && !(row.operators === "=+-" || (row.operators === "=+" && op === "+="))) {
      this.complaints.warn(place, `operator '${op}' cannot be used for attribute '${attribute}'`, { service });
      return true;
    }
    // What came from defaults may be said once more by the service.
    if (row.operators === "=" && (name === undefined ? draft.values : draft.places)[attribute] !== undefined) {
      this.complaints.warn(place, `attribute already set: ${attribute}`, { service });
      return true;
    }
    const [least, most] = row.values;
    if (least === most && values.length !== least) {
      const text = `attribute ${attribute} expects ${least} values and ${values.length} values were specified`;
      const comment = values.findIndex((value) => value.text.startsWith("#"));
      const fix = comment >= 0 ? "a comment needs a line of its own" : undefined;
      this.complaints.warn(place, text, { service, fix, others: "as in xinetd, the attribute is ignored" });
      return true;
    }
    const failed = (reason: string): boolean => {
      const disabling = name === undefined ? "" : " - DISABLING SERVICE";
      const others = "xinetd lets a later disable = no in the block bring the service back";
      this.complaints.error(place, `Error parsing attribute ${attribute}${disabling}: ${reason}`, { service, others });
      if (name === undefined) this.fatalDefaults(place);
      return false;
    };
    if (values.length < least || values.length > most) {
      return failed(values.length < least ? "it needs a value" : `at most ${most} values`);
    }
    let value: unknown;
    try {
      value = row.read(
        values.map((one) => one.text),
        {
          names: this.names,
          complain: (severity, text) => this.complaints.add(severity, place, text, { service }),
        },
      );
    } catch (error) {
      if (error instanceof BadValue) return failed(error.message);
      throw error;
    }
    this.set(attribute, row, op, value, place, draft, name);
    return true;
  }

  private set(
    attribute: AttributeName,
    row: Row<unknown>,
    op: string,
    value: unknown,
    place: Place,
    draft: Draft,
    name: string | undefined,
  ): void {
    if (name === undefined) {
      const values = this.defaults as Record<string, unknown>;
      const operator = op === "=" ? "+=" : op; // in defaults, = adds to a list
      if (row.operators !== "=")
        values[attribute] = combine((values[attribute] as unknown[]) ?? [], operator, value as unknown[]);
      else if (values[attribute] === undefined) values[attribute] = value; // the first file that says it
      draft.values = { ...draft.values, [attribute]: value };
      this.defaultsPlaces[attribute] ??= place;
      return;
    }
    draft.places[attribute] ??= place;
    const values = draft.values as Record<string, unknown>;
    if (row.operators === "=") values[attribute] = value;
    else {
      // Of the defaults as they are now: those that come later count only for what the service does not say at all.
      const base = values[attribute] ?? this.defaults[attribute] ?? [];
      values[attribute] = combine(base as unknown[], op, value as unknown[]);
    }
  }

  private fatalDefaults(place: Place): void {
    this.complaints.add("fatal", place, "A fatal error was encountered while parsing the default section.");
  }
}

const lostBlock = "xinetd skips everything up to the next }, so the service after this line is lost";

const holdsOnly = (line: string, mark: string) => line.replace(/[ \t\r\v\f]+/g, "") === mark;
const closesBlock = (line: string) => holdsOnly(line, "}");

/** The index of the first line from there on that closes a block; behind the last line when none does. */
function skipBlock(lines: string[], from: number): number {
  for (let at = from; at < lines.length; at++) if (closesBlock(lines[at])) return at;
  return lines.length;
}
